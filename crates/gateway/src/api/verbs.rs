//! What can be asked of tickets and engineers: one operation for each verb.
//!
//! A verb that is added to the domain or to `engineers` does not compile until it stands here.

use domain::Named;
use domain::ticket::{TicketCommand, Verb};
use serde_json::{Value, json};

use super::operation::to_value;
use super::{Class, Operation, Tag};
use crate::engineers::{self, FreezeBody, LeaveBody, Nothing, OnCallBody};
use crate::presence::PresenceAnswer;
use crate::views::ReceiptView;

const ENGINEER: &str = "en_01jd3nqz5e8y6b000000000000";
const TICKET: &str = "tk_01jd3nqz5e8y6b000000000000";
const HASH: &str = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
const AGENT: &str = "st_01jd3nqz5e8y6b000000000000";

/// The body of a report.
pub(super) fn create() -> Vec<Named> {
    schemas(Verb::Create)
}

fn schemas(verb: Verb) -> Vec<Named> {
    let mut named = Vec::new();
    TicketCommand::schemas(verb, &mut named);
    named
}

pub(super) fn of_tickets() -> impl Iterator<Item = (&'static str, Operation)> {
    Verb::ALL.iter().copied().filter(|verb| *verb != Verb::Create).map(|verb| {
        let (id, tag, example) = of_ticket(verb);
        let schemas = schemas(verb);
        // What the command says of itself.
        let about = schemas.first().map(|(_, schema)| to_value(schema)).unwrap_or_default();
        let about = about["description"].as_str().unwrap_or_default();
        let summary = about.trim_end_matches('.').replace('\n', " ");
        let operation = Operation::new(Class::TicketCommand, tag, id, summary)
            .body_named(schemas, example)
            .receipt::<ReceiptView>();
        (verb.as_str(), operation)
    })
}

fn of_ticket(verb: Verb) -> (&'static str, Tag, Value) {
    use Tag::{Agent, Customer, Dispatcher, Engineer, Supervisor};
    let engineer = || json!({"engineer": ENGINEER});
    let nothing = || json!({});
    match verb {
        Verb::Create => ("create_ticket", Customer, nothing()),
        Verb::Details => (
            "add_ticket_details",
            Customer,
            json!({"place": "浦东南路 1 号 2 楼", "contact_name": "老李", "contact_phone": "13800000000"}),
        ),
        Verb::Claim => ("claim_ticket", Agent, json!({"agent": AGENT})),
        Verb::EndClaim => ("end_ticket_claim", Dispatcher, nothing()),
        Verb::Offer => ("offer_ticket", Supervisor, json!({"engineers": [ENGINEER]})),
        Verb::ExpireOffer => ("expire_ticket_offer", Dispatcher, json!({"offer": 1})),
        Verb::Assign => ("assign_ticket", Supervisor, engineer()),
        Verb::Accept => ("accept_ticket", Engineer, engineer()),
        Verb::Decline => {
            ("decline_ticket", Engineer, json!({"engineer": ENGINEER, "words": "正在另一台设备上"}))
        }
        Verb::Return => {
            ("return_ticket", Engineer, json!({"engineer": ENGINEER, "words": "需要电工证"}))
        }
        Verb::Transfer => ("transfer_ticket", Engineer, json!({"to": ENGINEER})),
        Verb::AcceptTransfer => ("accept_ticket_transfer", Engineer, engineer()),
        Verb::EndTransfer => ("end_ticket_transfer", Engineer, json!({"assignment": 1})),
        Verb::TimeOut => ("time_out_ticket", Dispatcher, json!({"assignment": 1})),
        Verb::Withdraw => ("withdraw_ticket", Supervisor, nothing()),
        Verb::Depart => ("depart_for_ticket", Engineer, engineer()),
        Verb::Arrive => ("arrive_at_ticket", Engineer, engineer()),
        Verb::Hold => (
            "hold_ticket",
            Engineer,
            json!({"reason": "waiting_for_parts", "words": "轴承周三到货"}),
        ),
        Verb::Resume => ("resume_ticket", Engineer, nothing()),
        Verb::Appoint => (
            "appoint_visit",
            Agent,
            json!({
                "from": "2026-12-02T09:00:00+08:00",
                "until": "2026-12-02T11:00:00+08:00",
                "words": "和老李约好",
            }),
        ),
        Verb::MissAppointment => ("miss_appointment", Dispatcher, nothing()),
        Verb::AddHelper => ("add_ticket_helper", Engineer, engineer()),
        Verb::RemoveHelper => ("remove_ticket_helper", Engineer, engineer()),
        Verb::Note => ("note_ticket", Agent, json!({"words": "客户下午在"})),
        Verb::RemoveAttachment => {
            ("remove_ticket_attachment", Agent, json!({"hash": HASH, "words": "拍到了人脸"}))
        }
        Verb::Urge => ("urge_ticket", Customer, json!({"words": "产线停了，请快一点"})),
        Verb::Resolve => (
            "resolve_ticket",
            Engineer,
            json!({
                "method": "on_site",
                "fault_type": "液压",
                "cause": "油管老化",
                "parts": [{"code": "P-17", "quantity": 1}],
                "words": "更换油管，试机正常",
            }),
        ),
        Verb::Remind => ("remind_customer", Dispatcher, json!({"number": 1})),
        Verb::Confirm => (
            "confirm_ticket",
            Customer,
            json!({"verdict": "satisfied", "stars": 5, "words": "谢谢"}),
        ),
        Verb::Reject => ("reject_ticket", Customer, json!({"stars": 2, "words": "又停了"})),
        Verb::RetractAnswer => ("retract_answer", Customer, nothing()),
        Verb::CloseBySilence => ("close_ticket_by_silence", Dispatcher, nothing()),
        Verb::Close => ("close_ticket", Agent, json!({"words": "回访确认已恢复"})),
        Verb::Reopen => ("reopen_ticket", Customer, json!({"words": "又坏了"})),
        Verb::Escalate => ("escalate_ticket", Supervisor, json!({"without": ENGINEER})),
        Verb::ToSupervisor => ("move_ticket_to_supervisor", Agent, json!({"reason": "escalated"})),
        Verb::EscalateQueue => ("escalate_ticket_queue", Dispatcher, nothing()),
        Verb::MarkUrgent => ("mark_ticket_urgent", Dispatcher, json!({"rule_set": 0})),
        Verb::Defer => ("defer_ticket", Dispatcher, nothing()),
        Verb::AskOwner => ("ask_ticket_owner", Dispatcher, json!({"assignment": 1})),
        Verb::ReportSilence => ("report_ticket_silence", Dispatcher, json!({"assignment": 1})),
        Verb::Merge => ("merge_ticket", Agent, json!({"into": TICKET})),
        Verb::Link => ("link_ticket", Agent, json!({"to": TICKET, "kind": "related"})),
        Verb::Unlink => ("unlink_ticket", Agent, json!({"from": TICKET})),
        Verb::Cancel => ("cancel_ticket", Customer, json!({"words": "已恢复"})),
        Verb::Import => (
            "import_ticket_step",
            Dispatcher,
            json!({"step": {"assigned": {"engineer": ENGINEER}}, "words": "from the old system"}),
        ),
    }
}

pub(super) fn of_engineers() -> impl Iterator<Item = (&'static str, Operation)> {
    engineers::VERBS.iter().map(|(text, verb)| (*text, of_engineer(*verb)))
}

fn of_engineer(verb: engineers::Verb) -> Operation {
    use Tag::{Engineer, Supervisor};
    use engineers::Verb;
    let op = |tag, id, summary| Operation::new(Class::EngineerCommand, tag, id, summary);
    let plain = |tag, id, summary| op(tag, id, summary).body::<Nothing>(json!({}));
    match verb {
        Verb::OnDuty => {
            plain(Engineer, "start_duty", "Begins the duty 上班").receipt::<ReceiptView>()
        }
        Verb::OffDuty => plain(Engineer, "end_duty", "Ends the duty 下班").receipt::<ReceiptView>(),
        Verb::Online => plain(Engineer, "go_online", "Begins or renews the lease of the phone")
            .about("The lease ends by itself; only its beginning and its end are recorded.")
            .receipt::<PresenceAnswer>(),
        Verb::Offline => {
            plain(Engineer, "go_offline", "Signs the phone out").receipt::<PresenceAnswer>()
        }
        Verb::Position => op(Engineer, "move_engineer", "Says where the engineer is")
            .about("Renews the lease too; recorded at most once a minute after 300 m.")
            .body::<domain::Coordinates>(json!({"latitude": 31.2304, "longitude": 121.4737}))
            .receipt::<PresenceAnswer>(),
        Verb::Freeze => op(Supervisor, "freeze_engineer", "Nothing new until then 冻结派单")
            .about("Until the end of the firm's day where `until` is absent. Work goes on.")
            .body::<FreezeBody>(json!({"words": "培训"}))
            .receipt::<ReceiptView>(),
        Verb::Unfreeze => {
            plain(Supervisor, "unfreeze_engineer", "Lifts a freeze").receipt::<ReceiptView>()
        }
        Verb::Leave => op(Supervisor, "set_leave", "Sets a leave; an empty span cancels it")
            .body::<LeaveBody>(json!({
                "from": "2099-02-01T00:00:00+08:00",
                "until": "2099-02-08T00:00:00+08:00",
            }))
            .receipt::<ReceiptView>(),
        Verb::OnCall => op(Supervisor, "set_on_call", "Puts on the on-call list, or takes off it")
            .body::<OnCallBody>(json!({"until": "2099-01-01T00:00:00Z"}))
            .receipt::<ReceiptView>(),
    }
}
