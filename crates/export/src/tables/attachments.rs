//! Attachments: a row each, and one for each time that a ticket names one.

use serde_json::Value;

use crate::column::Column;
use crate::fields::{Fields, RowError};
use crate::model::{Model, Row, Rows, Table, one};

pub(super) const MODEL: Model =
    Model { name: "attachments", tables: &TABLES, rows: || Box::new(Attachments) };

const FILES: usize = 0;
const LINKS: usize = 1;

static TABLES: [Table; 2] = [
    Table {
        name: "attachments",
        english: "An attachment that events name, also one that was erased.",
        chinese: "一个附件（含已删除的）。",
        columns: &COLUMNS,
        key: "hash",
        by_day: false,
    },
    Table {
        name: "attachment_links",
        english: "A ticket names an attachment.",
        chinese: "工单对附件的一次引用。",
        columns: &LINK_COLUMNS,
        key: "hash",
        by_day: false,
    },
];

#[rustfmt::skip]
static COLUMNS: [Column; 11] = [
    Column::text("hash", "BLAKE3 of its bytes, which names it.", "内容的 BLAKE3，即附件标识。"),
    Column::int("bytes", "How large it is.", "大小。").unit("bytes"),
    Column::text("media_type", "What it is.", "媒体类型。"),
    Column::int("width", "Pixels across, of a picture or film.", "宽度。").unit("pixels").maybe(),
    Column::int("height", "Pixels down.", "高度。").unit("pixels").maybe(),
    Column::int("duration_ms", "How long it plays.", "时长。").unit("ms").maybe(),
    Column::int("links", "How often tickets name it.", "被工单引用次数。").unit("times"),
    Column::text("quarantined", "Why it is in quarantine.", "隔离原因。").maybe(),
    Column::text("removed_in", "The tickets that it was taken out of view in, as a JSON list.", "已将其移除的工单（JSON 列表）。"),
    Column::timestamp("erased_at", "When its bytes were erased on purpose.", "内容删除时间。").maybe(),
    Column::int("opened", "How often it was opened.", "被打开次数。").unit("times"),
];

#[rustfmt::skip]
static LINK_COLUMNS: [Column; 8] = [
    Column::text("hash", "Which attachment.", "附件标识。"),
    Column::text("ticket", "Which ticket.", "工单标识。"),
    Column::int("position", "Where in the log.", "日志位置。"),
    Column::timestamp("recorded_at", "Since when.", "引用时间。"),
    Column::text("by", "Who sent the bytes: a kind of party and an id.", "上传者：类别与标识。"),
    Column::text("via", "Over what: tus, form, put or text.", "上传方式：tus、form、put、text。"),
    Column::timestamp("begun_at", "When the upload began.", "上传开始时间。"),
    Column::timestamp("finished_at", "When its last byte was durable.", "上传完成时间。"),
];

struct Attachments;

impl Rows for Attachments {
    fn rows(&mut self, mut fields: Fields) -> Result<Vec<Row>, RowError> {
        if fields.has("named") {
            // The totals of the rows.
            let counts = ["named", "removed", "quarantined", "erased"];
            return fields.leave_out(&counts).map(|()| Vec::new());
        }
        if fields.has("ticket") {
            // The links say it too.
            return fields.leave_out(&["ticket", "attachments"]).map(|()| Vec::new());
        }
        let hash = fields.text("hash").map(str::to_owned);
        let media = ["width", "height", "duration_ms"].map(|name| (name, name));
        let found = fields.take_object("media")?;
        fields.adopt(found, &media)?;
        let links = fields.take_list("links")?;
        fields.put("links", links.len());
        let mut rows = one(&TABLES, FILES, fields)?;
        for link in links {
            let mut link = Fields::of("links", link)?;
            link.put("hash", hash.clone().map_or(Value::Null, Value::from));
            rows.append(&mut one(&TABLES, LINKS, link)?);
        }
        Ok(rows)
    }
}
