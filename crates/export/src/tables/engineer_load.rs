//! Engineers' load: a row for each engineer, and one for each place that is taken.

use serde_json::Value;

use crate::column::Column;
use crate::fields::{Fields, RowError};
use crate::model::{Model, Row, Rows, Table, one};

pub(super) const MODEL: Model =
    Model { name: "engineer_load", tables: &TABLES, rows: || Box::new(EngineerLoad) };

const ENGINEERS: usize = 0;
const PLACES: usize = 1;
const WORK: usize = 2;

static TABLES: [Table; 3] = [
    Table {
        name: "engineer_load",
        english: "An engineer, also one who has left.",
        chinese: "一名工程师（含已离职）。",
        columns: &COLUMNS,
        key: "id",
        by_day: false,
    },
    Table {
        name: "engineer_places",
        english: "A place of an engineer that a ticket takes.",
        chinese: "工程师被工单占用的一个名额。",
        columns: &PLACE_COLUMNS,
        key: "engineer",
        by_day: false,
    },
    Table {
        name: "engineer_work",
        english: "Work that was accepted and has not ended.",
        chinese: "已接单且尚未结束的工作。",
        columns: &WORK_COLUMNS,
        key: "ticket",
        by_day: false,
    },
];

#[rustfmt::skip]
static COLUMNS: [Column; 18] = [
    Column::text("id", "Who.", "工程师标识。"),
    Column::int("version", "How many events the stream has.", "事件流的版本（事件数）。").unit("events"),
    Column::text("code", "The firm's own code.", "工号。").maybe(),
    Column::text("outlet", "Of which outlet.", "网点标识。").maybe(),
    Column::text("area", "Of which area.", "片区标识。").maybe(),
    Column::text("skills", "What the engineer can do, as a JSON list.", "技能（JSON 列表）。"),
    Column::int("capacity", "How many tickets at once.", "同时可接的工单数。").unit("tickets"),
    Column::int("places_taken", "How many places are taken.", "已占用名额。").unit("tickets"),
    Column::text("roster", "When the engineer works.", "排班。").maybe(),
    Column::text("zone", "The roster's time zone.", "排班所用时区。").maybe(),
    Column::bool("retired", "No longer with the firm.", "是否离职。"),
    Column::bool("on_duty", "On duty.", "是否上班。"),
    Column::timestamp("leave_from", "From when the leave is.", "休假开始。").maybe(),
    Column::timestamp("leave_until", "Until when the leave is.", "休假结束。").maybe(),
    Column::timestamp("on_call_until", "On the on-call list until then.", "值班至。").maybe(),
    Column::bool("online", "The phone is heard of.", "手机是否在线。"),
    Column::timestamp("frozen_until", "Nothing new until then; it may be past.", "停止派单至（可能已过）。").maybe(),
    Column::text("frozen_reason", "Why: by_hand, or the ticket that was not solved, as JSON.", "停派原因：by_hand，或未解决的工单（JSON）。").maybe(),
];

#[rustfmt::skip]
static PLACE_COLUMNS: [Column; 3] = [
    Column::text("engineer", "Whose.", "工程师标识。"),
    Column::text("ticket", "By which ticket.", "工单标识。"),
    Column::int("assignment", "Which assignment of the ticket.", "工单的第几次指派。"),
];

#[rustfmt::skip]
static WORK_COLUMNS: [Column; 3] = [
    Column::text("ticket", "Which ticket.", "工单标识。"),
    Column::int("assignment", "Which assignment of the ticket.", "工单的第几次指派。"),
    Column::bool("on_hold", "The work stands still.", "是否挂起。"),
];

struct EngineerLoad;

impl Rows for EngineerLoad {
    fn rows(&mut self, mut fields: Fields) -> Result<Vec<Row>, RowError> {
        if fields.has("ticket") {
            return one(&TABLES, WORK, fields);
        }
        let engineer = fields.text("id").map(str::to_owned);
        let places = fields.take_list("places")?;
        fields.put("places_taken", places.len());
        fields.erased("card")?;
        fields.erased("position")?;
        fields.lift("leave", &[("from", "leave_from"), ("until", "leave_until")])?;
        fields.lift("frozen", &[("until", "frozen_until"), ("reason", "frozen_reason")])?;
        let mut rows = one(&TABLES, ENGINEERS, fields)?;
        for place in places {
            let mut place = Fields::of("places", place)?;
            place.put("engineer", engineer.clone().map_or(Value::Null, Value::from));
            rows.append(&mut one(&TABLES, PLACES, place)?);
        }
        Ok(rows)
    }
}
