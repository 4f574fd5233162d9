//! Lifecycle: a row for each hour, area and outlet, and one for each day that was corrected there.

use super::leave_out_cases;
use crate::column::Column;
use crate::fields::{Fields, RowError};
use crate::model::{Model, Row, Rows, Table, one};

pub(super) const MODEL: Model =
    Model { name: "lifecycle", tables: &TABLES, rows: || Box::new(Lifecycle) };

const HOURS: usize = 0;
const LATE: usize = 1;

static TABLES: [Table; 2] = [
    Table {
        name: "lifecycle",
        english: "What happened to tickets in an hour, by area and outlet.",
        chinese: "某小时内按片区、网点统计的工单动态。",
        columns: &COLUMNS,
        key: "day",
        by_day: true,
    },
    Table {
        name: "lifecycle_late",
        english: "A day that was corrected after it was over, by area and outlet.",
        chinese: "结束之后又被更正的日期（按片区、网点）。",
        columns: &LATE_COLUMNS,
        key: "day",
        by_day: false,
    },
];

#[rustfmt::skip]
static COLUMNS: [Column; 11] = [
    Column::date("day", "The day of the firm's zone on which it happened.", "发生日期（公司时区）。"),
    Column::int("hour", "The hour of that day's clock, 0 to 23.", "当日钟点，0 至 23。").unit("h"),
    Column::timestamp("begins", "The first moment of that hour.", "该小时的起始时刻。"),
    Column::text("area", "Which area.", "片区标识。").maybe(),
    Column::text("outlet", "Which outlet.", "网点标识。").maybe(),
    Column::int("created", "Reported, or opened in another system.", "报修数（含其他系统）。").unit("tickets"),
    Column::int("accepted", "Accepted for the first time.", "首次接单数。").unit("tickets"),
    Column::int("completed", "Work that was done.", "完工数。").unit("times"),
    Column::int("rated", "Answers of customers.", "客户评价数。").unit("answers"),
    Column::int("low", "Answers with few stars; they are in `rated` too.", "低星评价数（已含于 rated）。").unit("answers"),
    Column::int("silent", "Closed because the customer did not answer.", "客户未回应而关闭数。").unit("tickets"),
];

#[rustfmt::skip]
static LATE_COLUMNS: [Column; 5] = [
    Column::date("day", "The day of the firm's zone that was corrected.", "被更正的日期（公司时区）。"),
    Column::text("area", "Which area.", "片区标识。").maybe(),
    Column::text("outlet", "Which outlet.", "网点标识。").maybe(),
    Column::int("late", "Counts that came or were taken back after the day was over.", "当日结束之后才计入或撤销的次数。").unit("times"),
    Column::timestamp("corrected_at", "When the last of those was recorded.", "其中最后一次的记录时间。").maybe(),
];

struct Lifecycle;

impl Rows for Lifecycle {
    fn rows(&mut self, mut fields: Fields) -> Result<Vec<Row>, RowError> {
        if fields.has("late") {
            return one(&TABLES, LATE, fields);
        }
        if fields.has("day") {
            return one(&TABLES, HOURS, fields);
        }
        if fields.has("place") {
            // The model numbers places; hours name them.
            for name in ["place", "area", "outlet"] {
                fields.take(name)?;
            }
            return fields.end().map(|()| Vec::new());
        }
        leave_out_cases(fields).map(|()| Vec::new())
    }
}
