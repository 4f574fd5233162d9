//! Open tickets: a row each.

use crate::column::Column;
use crate::fields::{Fields, RowError};
use crate::model::{Model, Row, Rows, Table, one};

pub(super) const MODEL: Model =
    Model { name: "open_tickets", tables: &TABLES, rows: || Box::new(OpenTickets) };

static TABLES: [Table; 1] = [Table {
    name: "open_tickets",
    english: "A ticket that is open.",
    chinese: "一张未结束的工单。",
    columns: &COLUMNS,
    key: "id",
    by_day: false,
}];

#[rustfmt::skip]
static COLUMNS: [Column; 58] = [
    Column::text("number", "Its number for people.", "工单编号。"),
    Column::text("id", "Its id.", "工单标识。"),
    Column::int("version", "How many events its stream has.", "事件流的版本（事件数）。").unit("events"),
    Column::timestamp("created_at", "When it was reported.", "报修时间。"),
    Column::timestamp("accepted_at", "When an engineer accepted it for the first time.", "首次接单时间。").maybe(),
    Column::text("customer", "Of which customer.", "客户标识。").maybe(),
    Column::text("outlet", "Of which outlet.", "网点标识。").maybe(),
    Column::text("area", "Of which area.", "片区标识。").maybe(),
    Column::text("device", "Which device.", "设备标识。").maybe(),
    Column::text("priority", "low, normal, high or critical.", "优先级：low、normal、high、critical。"),
    Column::bool("urgent", "It is urgent.", "是否紧急。"),
    Column::bool("has_sentence", "It says what is wrong.", "是否写明故障。"),
    Column::bool("has_place", "It says where.", "是否写明地点。"),
    Column::bool("imported", "It is a case of another system.", "是否从其他系统导入。"),
    Column::int("level", "How often it was escalated.", "升级次数。"),
    Column::int("assignments", "How many assignments there were.", "指派次数。"),
    Column::int("offers", "How many offers there were.", "抢单邀请次数。"),
    Column::int("urges", "How often the customer urged.", "客户催单次数。"),
    Column::int("reopened", "How often it was opened again.", "重新打开次数。"),
    Column::timestamp("due", "When its next step is due.", "下一步到期时间。"),
    Column::text("phase", "Where it stands: call_back, claimed, waiting, offered, assigned, working, queued, duplicate, resolved or imported.", "所处阶段：call_back、claimed、waiting、offered、assigned、working、queued、duplicate、resolved、imported。"),
    Column::timestamp("phase_due", "When its phase ends by itself.", "当前阶段的到期时间。"),
    Column::text("engineer", "Whose it is, or who did the work.", "负责的工程师；完工后为完成者。").maybe(),
    Column::text("queue_role", "In whose queue: call_back, supervisor, deputy or director.", "所在队列：call_back、supervisor、deputy、director。").maybe(),
    Column::text("queue_person", "In which person's queue.", "队列负责人标识。").maybe(),
    Column::text("queue_reason", "Why it is in a queue.", "进入队列的原因。").maybe(),
    Column::text("agent", "Which agent has claimed it.", "领取的客服标识。").maybe(),
    Column::bool("deferred", "While waiting: it was put off.", "等待中：是否被推迟。").maybe(),
    Column::int("offer_number", "Which offer holds.", "当前抢单邀请的序号。").maybe(),
    Column::text("offered_to", "The engineers whom it is offered to, as a JSON list.", "收到抢单邀请的工程师（JSON 列表）。").maybe(),
    Column::int("assignment_number", "Which assignment holds.", "当前指派的序号。").maybe(),
    Column::text("assigned_via", "How the assignment came about: choice, transfer, or an offer as JSON.", "指派方式：choice、transfer，或邀请（JSON）。").maybe(),
    Column::timestamp("assigned_since", "Since when the assignment holds.", "指派时间。").maybe(),
    Column::timestamp("work_accepted_at", "When this assignment was accepted.", "本次指派的接单时间。").maybe(),
    Column::text("stage", "How far the work is: accepted, departed or arrived; of an imported case open, active, held or resolved.", "进度：accepted、departed、arrived；导入的工单为 open、active、held、resolved。").maybe(),
    Column::text("hold_reason", "Why the work stands still.", "挂起原因。").maybe(),
    Column::timestamp("hold_until", "Until when the work stands still.", "挂起至。").maybe(),
    Column::text("transfer_to", "Which engineer was asked to take over.", "被请求接手的工程师。").maybe(),
    Column::timestamp("transfer_due", "Until when that can be answered.", "接手请求的到期时间。").maybe(),
    Column::bool("asked", "The engineer was asked, and has been silent since.", "已询问工程师且尚无回音。").maybe(),
    Column::text("duplicate_of", "Which ticket it seems to repeat.", "疑似重复的工单标识。").maybe(),
    Column::text("resolution_method", "How the work was done that waits for an answer.", "待确认的完工方式。").maybe(),
    Column::timestamp("resolved_at", "When the work was done that waits for an answer.", "待确认的完工时间。").maybe(),
    Column::timestamp("closes_at", "When silence closes it.", "客户不回应时的关闭时间。").maybe(),
    Column::int("reminders", "How often the customer was reminded.", "提醒客户的次数。").maybe(),
    Column::text("helpers", "The engineers who help, as a JSON list.", "协助的工程师（JSON 列表）。").maybe(),
    Column::timestamp("appointment_from", "From when a visit is agreed.", "预约上门的开始时间。").maybe(),
    Column::timestamp("appointment_until", "Until when a visit is agreed.", "预约上门的结束时间。").maybe(),
    Column::bool("appointment_missed", "Nobody came then.", "是否爽约。").maybe(),
    Column::text("answer_verdict", "What the customer answered last: satisfied, partial or unresolved.", "客户最近的评价：satisfied、partial、unresolved。").maybe(),
    Column::int("answer_stars", "Stars, 1 to 5.", "星级，1 至 5。").maybe(),
    Column::timestamp("answer_at", "When the customer answered.", "评价时间。").maybe(),
    Column::timestamp("answer_undo_until", "Until when the customer can take it back.", "评价可撤回至。").maybe(),
    Column::text("answer_undo_resolution", "The work that taking it back restores, as JSON.", "撤回后恢复的完工记录（JSON）。").maybe(),
    Column::text("last_resolution_engineer", "Who did the work last.", "最近一次完工的工程师。").maybe(),
    Column::text("last_resolution_method", "How the work was done last: by_phone, remotely, on_site or by_itself.", "最近一次完工方式：by_phone、remotely、on_site、by_itself。").maybe(),
    Column::timestamp("last_resolution_at", "When the work was done last.", "最近一次完工时间。").maybe(),
    Column::timestamp("last_resolution_closes_at", "When silence after it would close the ticket.", "其后无回应时的关闭时间。").maybe(),
];

struct OpenTickets;

impl Rows for OpenTickets {
    fn rows(&mut self, mut fields: Fields) -> Result<Vec<Row>, RowError> {
        if fields.has("board") {
            // Thresholds of the rules.
            return fields.leave_out(&["board"]).map(|()| Vec::new());
        }
        phase(&mut fields)?;
        rare(&mut fields)?;
        one(&TABLES, 0, fields)
    }
}

/// What some phases have and others do not.
const OF_PHASES: [&str; 23] = [
    "engineer",
    "queue_role",
    "queue_person",
    "queue_reason",
    "agent",
    "deferred",
    "offer_number",
    "offered_to",
    "assignment_number",
    "assigned_via",
    "assigned_since",
    "work_accepted_at",
    "stage",
    "hold_reason",
    "hold_until",
    "transfer_to",
    "transfer_due",
    "asked",
    "duplicate_of",
    "resolution_method",
    "resolved_at",
    "closes_at",
    "reminders",
];

const ASSIGNMENT: [(&str, &str); 4] = [
    ("number", "assignment_number"),
    ("engineer", "engineer"),
    ("via", "assigned_via"),
    ("since", "assigned_since"),
];

fn phase(row: &mut Fields) -> Result<(), RowError> {
    let (name, content) = row.take_variant("phase")?;
    let mut phase = Fields::default();
    phase.put("content", content);
    // One variant is a pair, all others have names in them.
    if name == "assigned" {
        phase.split("content", ["assignment", "due"])?;
    } else {
        phase = phase.take_object("content")?;
    }
    match name.as_str() {
        "call_back" | "queued" => row.adopt(
            phase,
            &[
                ("role", "queue_role"),
                ("person", "queue_person"),
                ("reason", "queue_reason"),
                ("due", "phase_due"),
            ],
        )?,
        "claimed" => row.adopt(phase, &[("agent", "agent"), ("due", "phase_due")])?,
        "waiting" => row.adopt(phase, &[("deferred", "deferred"), ("due", "phase_due")])?,
        "offered" => row.adopt(
            phase,
            &[("number", "offer_number"), ("engineers", "offered_to"), ("due", "phase_due")],
        )?,
        "assigned" => {
            row.adopt(phase.take_object("assignment")?, &ASSIGNMENT)?;
            row.adopt(phase, &[("due", "phase_due")])?;
        }
        "working" => {
            row.adopt(phase.take_object("assignment")?, &ASSIGNMENT)?;
            phase.split("hold", ["hold_reason", "hold_until"])?;
            phase.split("transfer", ["transfer_to", "transfer_due"])?;
            row.adopt(
                phase,
                &[
                    ("accepted_at", "work_accepted_at"),
                    ("stage", "stage"),
                    ("hold_reason", "hold_reason"),
                    ("hold_until", "hold_until"),
                    ("transfer_to", "transfer_to"),
                    ("transfer_due", "transfer_due"),
                    ("asked", "asked"),
                    ("due", "phase_due"),
                ],
            )?;
        }
        "duplicate" => row.adopt(phase, &[("of", "duplicate_of"), ("due", "phase_due")])?,
        "resolved" => {
            row.adopt(
                phase.take_object("resolution")?,
                &[
                    ("engineer", "engineer"),
                    ("method", "resolution_method"),
                    ("at", "resolved_at"),
                    ("closes_at", "closes_at"),
                ],
            )?;
            row.adopt(phase, &[("reminders", "reminders"), ("due", "phase_due")])?;
        }
        "imported" => {
            row.adopt(phase, &[("stage", "stage"), ("engineer", "engineer"), ("due", "phase_due")])?
        }
        _ => return Err(RowError::Unknown(format!("phase.{name}"))),
    }
    row.put("phase", name);
    row.fill(OF_PHASES);
    Ok(())
}

/// What most tickets do not have.
fn rare(row: &mut Fields) -> Result<(), RowError> {
    let mut rare = match row.take_maybe("rare")? {
        Some(rare) => rare,
        None => {
            let mut none = Fields::default();
            none.fill(["helpers", "appointment", "answer", "last_resolution"]);
            none
        }
    };
    rare.lift(
        "appointment",
        &[
            ("from", "appointment_from"),
            ("until", "appointment_until"),
            ("missed", "appointment_missed"),
        ],
    )?;
    rare.lift(
        "answer",
        &[
            ("verdict", "answer_verdict"),
            ("stars", "answer_stars"),
            ("at", "answer_at"),
            ("undo", "undo"),
        ],
    )?;
    rare.split("undo", ["answer_undo_until", "answer_undo_resolution"])?;
    rare.lift(
        "last_resolution",
        &[
            ("engineer", "last_resolution_engineer"),
            ("method", "last_resolution_method"),
            ("at", "last_resolution_at"),
            ("closes_at", "last_resolution_closes_at"),
        ],
    )?;
    row.merge(rare);
    Ok(())
}
