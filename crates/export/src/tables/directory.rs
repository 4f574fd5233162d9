//! The directory: areas, outlets, customers, devices and engineers, without anything personal.

use crate::column::Column;
use crate::fields::{Fields, RowError};
use crate::model::{Model, Row, Rows, Table, one};

pub(super) const MODEL: Model =
    Model { name: "directory", tables: &TABLES, rows: || Box::new(Directory) };

static TABLES: [Table; 6] = [
    Table {
        name: "areas",
        english: "An area.",
        chinese: "一个片区。",
        columns: &AREAS,
        key: "id",
        by_day: false,
    },
    Table {
        name: "outlets",
        english: "An outlet.",
        chinese: "一个网点。",
        columns: &OUTLETS,
        key: "id",
        by_day: false,
    },
    Table {
        name: "customers",
        english: "A customer, without name, telephone and address.",
        chinese: "一个客户（不含姓名、电话、地址）。",
        columns: &CUSTOMERS,
        key: "id",
        by_day: false,
    },
    Table {
        name: "devices",
        english: "A device, without its place.",
        chinese: "一台设备（不含安装地点）。",
        columns: &DEVICES,
        key: "id",
        by_day: false,
    },
    Table {
        name: "engineers",
        english: "An engineer's entry, without name, telephone and position.",
        chinese: "一名工程师的档案（不含姓名、电话、位置）。",
        columns: &ENGINEERS,
        key: "id",
        by_day: false,
    },
    Table {
        name: "rules",
        english: "The rules that hold: one row.",
        chinese: "现行规则：仅一行。",
        columns: &RULES,
        key: "version",
        by_day: false,
    },
];

#[rustfmt::skip]
static AREAS: [Column; 8] = [
    Column::text("id", "Which.", "片区标识。"),
    Column::int("version", "The version of its stream that set it.", "档案所在的事件流版本。").unit("events"),
    Column::text("code", "The firm's own code.", "编码。").maybe(),
    Column::text("name", "Its name.", "名称。"),
    Column::text("supervisor", "Who supervises it.", "主管标识。").maybe(),
    Column::text("deputy", "Who stands in.", "副主管标识。").maybe(),
    Column::text("director", "Who directs.", "总监标识。").maybe(),
    Column::int("engineers_min", "So many engineers are to be left when one is frozen.", "停派时须保留的工程师人数。").unit("engineers"),
];

#[rustfmt::skip]
static OUTLETS: [Column; 11] = [
    Column::text("id", "Which.", "网点标识。"),
    Column::int("version", "The version of its stream that set it.", "档案所在的事件流版本。").unit("events"),
    Column::text("code", "The firm's own code.", "编码。").maybe(),
    Column::text("name", "Its name.", "名称。"),
    Column::text("area", "Of which area.", "片区标识。").maybe(),
    Column::float("latitude", "Where it is.", "纬度。").unit("°").maybe(),
    Column::float("longitude", "Where it is.", "经度。").unit("°").maybe(),
    Column::text("datum", "What those are given in: WGS-84 or GCJ-02.", "坐标系：WGS-84 或 GCJ-02。").maybe(),
    Column::text("hours_zone", "The time zone of its hours.", "营业时间所用时区。"),
    Column::text("hours_weekly", "Its hours of a week.", "每周营业时间。"),
    Column::text("hours_exceptions", "Days with other hours, as a JSON list.", "例外日期（JSON 列表）。"),
];

#[rustfmt::skip]
static CUSTOMERS: [Column; 4] = [
    Column::text("id", "Which.", "客户标识。"),
    Column::int("version", "The version of its stream that set it.", "档案所在的事件流版本。").unit("events"),
    Column::text("code", "The firm's own code.", "编码。").maybe(),
    Column::text("outlet", "Which outlet serves it.", "服务网点标识。").maybe(),
];

#[rustfmt::skip]
static DEVICES: [Column; 9] = [
    Column::text("id", "Which.", "设备标识。"),
    Column::int("version", "The version of its stream that set it.", "档案所在的事件流版本。").unit("events"),
    Column::text("code", "The firm's own code.", "编码。").maybe(),
    Column::text("customer", "Whose.", "客户标识。").maybe(),
    Column::text("outlet", "Which outlet serves it.", "服务网点标识。").maybe(),
    Column::text("model", "Its model.", "型号。").maybe(),
    Column::text("serial", "Its serial number.", "序列号。").maybe(),
    Column::text("skills", "What working on it needs, as a JSON list.", "所需技能（JSON 列表）。"),
    Column::timestamp("warranty_until", "Until when it is under warranty.", "保修至。").maybe(),
];

#[rustfmt::skip]
static ENGINEERS: [Column; 11] = [
    Column::text("id", "Who.", "工程师标识。"),
    Column::int("version", "How many events the stream has.", "事件流的版本（事件数）。").unit("events"),
    Column::text("code", "The firm's own code.", "工号。").maybe(),
    Column::text("outlet", "Of which outlet.", "网点标识。").maybe(),
    Column::text("area", "Of which area.", "片区标识。").maybe(),
    Column::text("skills", "What the engineer can do, as a JSON list.", "技能（JSON 列表）。"),
    Column::int("capacity", "How many tickets at once.", "同时可接的工单数。").unit("tickets"),
    Column::text("roster", "When the engineer works.", "排班。").maybe(),
    Column::text("zone", "The roster's time zone.", "排班所用时区。").maybe(),
    Column::bool("retired", "No longer with the firm.", "是否离职。"),
    Column::timestamp("position_at", "When the phone last said where it is; where is personal.", "最近一次上报位置的时间（位置属个人信息，不导出）。").maybe(),
];

#[rustfmt::skip]
static RULES: [Column; 2] = [
    Column::int("version", "The version of the rule set; 0 while none was published.", "规则集版本；未发布时为 0。"),
    Column::text("rules", "The rules, as JSON.", "规则内容（JSON）。"),
];

struct Directory;

impl Rows for Directory {
    fn rows(&mut self, mut fields: Fields) -> Result<Vec<Row>, RowError> {
        let kind = fields.take("kind")?;
        let table = match kind.as_str() {
            Some("area") => {
                fields.erased("staff")?;
                0
            }
            Some("outlet") => {
                let place = ["latitude", "longitude", "datum"].map(|name| (name, name));
                fields.lift("position", &place)?;
                let hours = [
                    ("zone", "hours_zone"),
                    ("weekly", "hours_weekly"),
                    ("exceptions", "hours_exceptions"),
                ];
                fields.lift("hours", &hours)?;
                1
            }
            Some("customer") => {
                fields.erased("card")?;
                2
            }
            Some("device") => {
                fields.erased("place")?;
                3
            }
            Some("engineer") => {
                fields.erased("card")?;
                match fields.take_maybe("position")? {
                    Some(mut position) => {
                        position.erased("coordinates")?;
                        fields.adopt(position, &[("at", "position_at")])?;
                    }
                    None => fields.fill(["position_at"]),
                }
                4
            }
            Some("rules") => {
                let version = fields.take("version")?;
                let rules = fields.into_value();
                fields = Fields::default();
                fields.put("version", version);
                fields.put("rules", rules);
                5
            }
            _ => return Err(RowError::UnknownKind),
        };
        one(&TABLES, table, fields)
    }
}
