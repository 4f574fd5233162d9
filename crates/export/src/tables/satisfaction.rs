//! Satisfaction: a row for each day, area, outlet and engineer.

use serde_json::Value;

use super::leave_out_cases;
use crate::column::Column;
use crate::fields::{Fields, RowError};
use crate::model::{Model, Row, Rows, Table, one};

pub(super) const MODEL: Model =
    Model { name: "satisfaction", tables: &TABLES, rows: || Box::new(Satisfaction) };

static TABLES: [Table; 1] = [Table {
    name: "satisfaction",
    english: "What customers answered on a day, by area, outlet and engineer.",
    chinese: "某日按片区、网点、工程师统计的客户评价。",
    columns: &COLUMNS,
    key: "day",
    by_day: true,
}];

#[rustfmt::skip]
static COLUMNS: [Column; 26] = [
    Column::date("day", "The day of the firm's zone on which it happened.", "发生日期（公司时区）。"),
    Column::text("week", "The ISO week of that day.", "所在 ISO 周。").maybe(),
    Column::text("area", "Which area.", "片区标识。").maybe(),
    Column::text("outlet", "Which outlet.", "网点标识。").maybe(),
    Column::text("engineer", "Whose work it is about.", "工程师标识。").maybe(),
    Column::int("resolved", "Work that was done.", "完工数。").unit("times"),
    Column::int("satisfied", "Answers: solved.", "评价“解决满意”数。").unit("answers"),
    Column::int("partial", "Answers: partly solved.", "评价“部分解决”数。").unit("answers"),
    Column::int("unresolved", "Answers: not solved.", "评价“未解决”数。").unit("answers"),
    Column::int("low", "Answers with few stars, of any verdict.", "低星评价数（不论结论）。").unit("answers"),
    Column::int("closed_by_silence", "Closed because the customer did not answer.", "客户未回应而关闭数。").unit("tickets"),
    Column::int("closed_by_agent", "Closed by an agent.", "客服关闭数。").unit("tickets"),
    Column::int("reopened", "Opened again.", "重新打开数。").unit("times"),
    Column::int("imported_resolved", "Done, of another system's cases.", "导入工单的完工数。").unit("times"),
    Column::int("imported_closed", "Closed, of another system's cases.", "导入工单的关闭数。").unit("times"),
    Column::int("imported_reopened", "Opened again, of another system's cases.", "导入工单的重新打开数。").unit("times"),
    Column::int("stars_1", "Answers with 1 star.", "1 星评价数。").unit("answers"),
    Column::int("stars_2", "Answers with 2 stars.", "2 星评价数。").unit("answers"),
    Column::int("stars_3", "Answers with 3 stars.", "3 星评价数。").unit("answers"),
    Column::int("stars_4", "Answers with 4 stars.", "4 星评价数。").unit("answers"),
    Column::int("stars_5", "Answers with 5 stars.", "5 星评价数。").unit("answers"),
    Column::int("first_response_count", "Tickets that were accepted for the first time.", "首次接单的工单数。").unit("tickets"),
    Column::int("first_response_total_s", "From report to first acceptance, all of them together.", "报修至首次接单的时长合计。").unit("s"),
    Column::text("first_responses_s", "Each of them, ascending, as a JSON list of seconds: percentiles are taken of all that are joined.", "各次时长（秒，升序，JSON 列表），合并后可求分位数。").unit("s"),
    Column::int("late", "Of all these, counts that came or were taken back after the day was over.", "当日结束之后才计入或撤销的次数。").unit("times"),
    Column::timestamp("corrected_at", "When the last of those was recorded.", "其中最后一次的记录时间。").maybe(),
];

struct Satisfaction;

impl Rows for Satisfaction {
    fn rows(&mut self, mut fields: Fields) -> Result<Vec<Row>, RowError> {
        if !fields.has("day") {
            return leave_out_cases(fields).map(|()| Vec::new());
        }
        let stars: [Value; 5] =
            (fields.take_list("stars")?.try_into()).map_err(|_| RowError::Unfit("stars".into()))?;
        for (name, count) in
            ["stars_1", "stars_2", "stars_3", "stars_4", "stars_5"].into_iter().zip(stars)
        {
            fields.put(name, count);
        }
        let waits = fields.take_list("first_responses")?;
        let seconds: Option<i64> =
            waits.iter().try_fold(0, |sum: i64, wait| sum.checked_add(wait.as_i64()?));
        fields.put("first_response_count", waits.len());
        fields.put("first_response_total_s", seconds);
        fields.put("first_responses_s", waits);
        one(&TABLES, 0, fields)
    }
}
