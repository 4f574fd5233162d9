//! The API as it is documented: which addresses there are, and what is said of them.
//!
//! `routes` makes the router and the list of operations in one go; `operation` is what is said of
//! one, `document` writes it all down as OpenAPI 3.1, `problems` has the refusals, `page` serves
//! the document to people.
//!
//! **A new route of the API** goes into [`routes`] below with an [`Operation`]: class (which
//! headers it takes and how it can refuse), tag, a stable snake_case id and a summary, then
//! `.query::<T>()`, `.body::<T>(example)` and `.answers::<T>()`; these types derive
//! `utoipa::ToSchema`. Pages and other addresses that are not the API go into `router`.

mod attachments;
mod document;
mod example;
mod operation;
mod page;
mod problems;
mod routes;
mod verbs;

use std::sync::Arc;

use axum::Router;
use domain::directory::{AreaEntry, CustomerEntry, DeviceEntry, OutletEntry};
use domain::engineer::Profile;
use domain::rules::Rules;
use serde_json::json;

use crate::audits::AuditAsked;
use crate::board::{
    EngineerRow, EngineersQuery, LoadAnswer, QueuesAnswer, QueuesQuery, SatisfactionAnswer,
    SatisfactionAsked, TicketsAnswer, TicketsQuery, TopAnswer, TopQuery,
};
use crate::directory::EntryAnswer;
use crate::engineers::EngineerAnswer;
use crate::feed::{FeedAnswer, FeedQuery};
use crate::lifecycle::{LifecycleAnswer, LifecycleAsked};
use crate::loading::Loading;
use crate::ports::TicketAudit;
use crate::rebuilds::{
    CompareAsked, ComparisonAnswer, ProjectionsAnswer, RebuildAsked, RebuildCancelled, SwapAsked,
};
use crate::rules::{RulesAnswer, RulesAsked, RulesCheck};
use crate::status::{Health, Readiness};
use crate::stream::StreamQuery;
use crate::tickets::{HistoryAnswer, HistoryQuery, TicketAnswer, Waiting};
use crate::trials::RulesTry;
use crate::views::ReceiptView;
use crate::why::WhyAnswer;
use crate::{
    Gateway, audits, board, bulk, commands, directory, engineers, feed, lifecycle, loading,
    metrics, rebuilds, rules, status, stream, tickets, trials, why,
};
pub(crate) use operation::{Class, Operation, Tag};
use projector::engineer_load::EngineerLoadRow;
use projector::{RebuildView, SwapRecord};
use routes::Routes;
use sheets::Sheet;

/// The API, and its document for programs and for people.
pub(crate) fn router() -> Router<Arc<Gateway>> {
    let Routes { router, operations } = routes();
    router.merge(page::router(&document::of(operations)))
}

fn routes() -> Routes {
    use Class::{
        Audit, Bulk, CheckRules, Feed, Health as Up, List, Load, Metrics, PutRules, ReadCustody,
        ReadHistory, ReadRebuild, ReadRules, ReadTicket, Readiness as Ready, Rebuild, Report,
        Stream, Sum, TryRules,
    };
    let op = Operation::new;
    let routes = Routes::default()
        .post(
            "/api/v1/tickets",
            commands::create,
            op(
                Report,
                Tag::Customer,
                "create_ticket",
                "Reports something; nothing is required 报修",
            )
            .about(
                "A report that is repeated with the same `Idempotency-Key` is the same \
                     ticket, also after a crash. Without a sentence it goes to the call-back \
                     queue.",
            )
            .body_named(verbs::create(), json!({"sentence": "冲床咔哒两声就停了"}))
            .makes::<ReceiptView>(),
        )
        .get(
            "/api/v1/tickets",
            board::tickets,
            op(List, Tag::Lists, "list_tickets", "Open tickets, page by page")
                .query::<TicketsQuery>()
                .answers::<TicketsAnswer>(),
        )
        .get(
            "/api/v1/tickets/{id}",
            tickets::one,
            op(ReadTicket, Tag::Customer, "get_ticket", "One ticket as it is; ended ones too")
                .query::<Waiting>()
                .answers::<TicketAnswer>(),
        )
        .get(
            "/api/v1/tickets/{id}/events",
            tickets::history,
            op(ReadHistory, Tag::Feed, "get_ticket_history", "What happened to a ticket, in order")
                .query::<HistoryQuery>()
                .answers::<HistoryAnswer>(),
        )
        .get(
            "/api/v1/tickets/{id}/why",
            why::why,
            op(
                ReadHistory,
                Tag::Feed,
                "get_ticket_why",
                "Why a ticket is where it is, and what is next",
            )
            .query::<HistoryQuery>()
            .answers::<WhyAnswer>(),
        )
        .verbs("/api/v1/tickets/{id}", commands::act, verbs::of_tickets())
        .get(
            "/api/v1/backlog/top",
            board::backlog,
            op(Sum, Tag::Lists, "get_backlog", "The most pressing open tickets 积压 TOP10")
                .query::<TopQuery>()
                .answers::<TopAnswer>(),
        )
        .get(
            "/api/v1/queues",
            board::queues,
            op(Sum, Tag::Lists, "get_queues", "Whose queues have tickets, and which go on next")
                .query::<QueuesQuery>()
                .answers::<QueuesAnswer>(),
        )
        .get(
            "/api/v1/satisfaction",
            board::satisfaction,
            op(
                Sum,
                Tag::Lists,
                "get_satisfaction",
                "What customers answered; silence stands apart",
            )
            .query::<SatisfactionAsked>()
            .answers::<SatisfactionAnswer>(),
        )
        .get(
            "/api/v1/lifecycle",
            lifecycle::lifecycle,
            op(Sum, Tag::Lists, "get_lifecycle", "What happened in each hour, for a heat map")
                .about("Without days it is today, with one of them that day; 31 days at most.")
                .query::<LifecycleAsked>()
                .answers::<LifecycleAnswer>(),
        )
        .get(
            "/api/v1/engineers",
            board::engineers,
            op(Sum, Tag::Lists, "list_engineers", "Engineers with names and load")
                .query::<EngineersQuery>()
                .answers_as::<LoadAnswer<EngineerRow>, EngineerRow>("EngineersAnswer"),
        )
        .get(
            "/api/v1/engineers/load",
            board::load,
            op(Sum, Tag::Lists, "get_engineers_load", "Who has how much, and who is frozen")
                .query::<EngineersQuery>()
                .answers_as::<LoadAnswer<EngineerLoadRow>, EngineerLoadRow>("EngineersLoadAnswer"),
        )
        .verbs("/api/v1/engineers/{id}", engineers::act, verbs::of_engineers());
    entries(routes)
        .and(attachments::routes())
        .post(
            "/api/v1/directory/{sheet}",
            loading::load,
            op(Load, Tag::Directory, "load_sheet", "Loads a sheet of the directory as CSV")
                .about("Safe to run again; with errors nothing is recorded. docs/guide has more.")
                .query::<Loading>()
                .takes_text("text/csv", "code,name,supervisor\nHD,华东,K1\n")
                .named_also::<Sheet>()
                .answers::<sheets::Report>(),
        )
        .post(
            "/api/v1/commands",
            bulk::take,
            op(Bulk, Tag::Agent, "send_commands", "Many commands in one request 批量命令")
                .about(
                    "One command on each line, as `BulkLine` has it; an answer to each on a line \
                     of its own, as `BulkAnswer` has it, in the same order. Each line is a command \
                     by itself: those that are refused keep no other from being carried out. \
                     Answers are written while lines still come, so send and read at the same time, \
                     or at most 1,000 lines in a request; without that there is no limit. A line has \
                     at most 2 MiB. Where the connection breaks, send the lines without an answer \
                     again, with the same keys.",
                )
                .takes_text(bulk::NDJSON, bulk::EXAMPLE)
                .named_also::<bulk::BulkLine<'_>>()
                .named_also::<bulk::BulkAnswer>()
                .text_like(bulk::NDJSON, "An answer for each line.", bulk::EXAMPLE_ANSWERS),
        )
        .put(
            "/api/v1/rules",
            rules::put,
            op(PutRules, Tag::Directory, "put_rules", "Publishes a whole set of rules")
                .about("What is left out is as shipped.")
                .body::<Rules>(json!({"zone": "Asia/Shanghai", "accept": {"within": "30m"}}))
                .receipt::<ReceiptView>(),
        )
        .get(
            "/api/v1/rules",
            rules::get,
            op(ReadRules, Tag::Directory, "get_rules", "The rules that hold, or held")
                .query::<RulesAsked>()
                .answers::<RulesAnswer>(),
        )
        .post(
            "/api/v1/rules/check",
            rules::check,
            op(CheckRules, Tag::Directory, "check_rules", "What a set of rules would change")
                .about(
                    "Records nothing. `problems` has everything that keeps the set from taking \
                     effect, `changes` each field that differs from the rules that hold.",
                )
                .body::<Rules>(json!({"zone": "Asia/Shanghai", "accept": {"within": "20m"}}))
                .answers::<RulesCheck>(),
        )
        .post(
            "/api/v1/rules/try",
            trials::try_on,
            op(TryRules, Tag::Directory, "try_rules", "What rules would have led to 试用规则")
                .about(
                    "Records nothing. The log's reports and people meet the dispatcher again in a \
                     sandbox, under the rules that held and under these; docs/trying-rules.md says \
                     what is assumed of people. One trial at a time, for half a minute at most.",
                )
                .body::<RulesTry>(json!({
                    "rules": {"zone": "Asia/Shanghai", "accept": {"within": "15m"}},
                    "from": "2026-03-01T00:00:00+08:00",
                }))
                .answers::<trial::Report>(),
        )
        .get(
            "/api/v1/events",
            feed::page,
            op(Feed, Tag::Feed, "list_events", "All events in order, page by page")
                .query::<FeedQuery>()
                .answers::<FeedAnswer>(),
        )
        .get(
            "/api/v1/projections",
            rebuilds::list,
            op(ReadRebuild, Tag::Status, "list_projections", "Read models, and how far they are 读模型")
                .answers::<ProjectionsAnswer>(),
        )
        .get(
            "/api/v1/projections/rebuild",
            rebuilds::view,
            op(ReadRebuild, Tag::Status, "get_rebuild", "How far the rebuild is 重建进度")
                .answers::<RebuildView>(),
        )
        .post(
            "/api/v1/projections/rebuild",
            rebuilds::begin,
            op(Rebuild, Tag::Status, "begin_rebuild", "Folds read models anew beside the live ones 重建")
                .about(
                    "One rebuild at a time. It is compared when it is at the log's end, and nothing \
                     becomes live before it is swapped in. docs/rebuilding.md tells of it.",
                )
                .body::<RebuildAsked>(json!({"models": ["satisfaction", "lifecycle"], "share": 50}))
                .answers::<RebuildView>(),
        )
        .post(
            "/api/v1/projections/rebuild/pause",
            rebuilds::pause,
            op(Rebuild, Tag::Status, "pause_rebuild", "Lets the rebuild rest 暂停重建")
                .answers::<RebuildView>(),
        )
        .post(
            "/api/v1/projections/rebuild/resume",
            rebuilds::resume,
            op(Rebuild, Tag::Status, "resume_rebuild", "Lets a paused rebuild go on 继续重建")
                .answers::<RebuildView>(),
        )
        .post(
            "/api/v1/projections/rebuild/cancel",
            rebuilds::cancel,
            op(Rebuild, Tag::Status, "cancel_rebuild", "Drops the rebuild 取消重建")
                .answers::<RebuildCancelled>(),
        )
        .get(
            "/api/v1/projections/rebuild/comparison",
            rebuilds::compare,
            op(
                ReadRebuild,
                Tag::Status,
                "compare_rebuild",
                "What rebuilt and live models differ in, and why 比对",
            )
            .about(
                "Totals of each table, then the rows that differ most, each with its fields and the \
                 positions of the events that explain it.",
            )
            .query::<CompareAsked>()
            .answers::<ComparisonAnswer>(),
        )
        .post(
            "/api/v1/projections/rebuild/swap",
            rebuilds::swap,
            op(Rebuild, Tag::Status, "swap_rebuild", "Puts the rebuilt models in place of the live ones 切换")
                .about("All in one step: each answer is of the old ones or of the new ones.")
                .body::<SwapAsked>(json!({"at_most": 100}))
                .answers::<SwapRecord>(),
        )
        .post(
            "/api/v1/projections/rebuild/swap-back",
            rebuilds::swap_back,
            op(Rebuild, Tag::Status, "swap_rebuild_back", "Puts those back that were live before 切回")
                .answers::<SwapRecord>(),
        )
        .get(
            "/api/v1/audit/attachments",
            audits::attachments,
            op(
                Audit,
                Tag::Status,
                "audit_attachments",
                "Whether every attachment is where it belongs 附件审计",
            )
            .about(
                "Folds the log up to `as_of` and looks for every attachment that it names. Totals \
                 count all; at most 100 findings of each sort are listed, the worst first. One \
                 audit at a time, 30 s at most; `paidan audit attachments` has no such limits.",
            )
            .query::<AuditAsked>()
            .answers_as::<audit::Report, audit::Report>("AttachmentsAudit"),
        )
        .get(
            "/api/v1/audit/tickets",
            audits::tickets,
            op(
                Audit,
                Tag::Status,
                "audit_tickets",
                "Whether every open ticket has a next step that somebody takes 工单巡检",
            )
            .about(
                "What was seen last, at most a minute ago while the server has time. Counts are of \
                 all open tickets; at most 100 are listed.",
            )
            .answers::<TicketAudit>(),
        )
        .get(
            "/api/v1/audit/attachments/{hash}/custody",
            audits::custody,
            op(
                ReadCustody,
                Tag::Status,
                "get_attachment_custody",
                "Who sent an attachment, who had it, who opened it",
            )
            .query::<Waiting>()
            .answers_as::<audit::Custody, audit::Custody>("AttachmentCustody"),
        )
        .get(
            "/api/v1/stream",
            stream::follow,
            op(Stream, Tag::Feed, "follow_events", "Every event as it becomes durable")
                .about(
                    "Server-sent events. The first message is `begin`; the `data` of each other \
                     is an `Event`, and its `id` a cursor: whoever comes back with it in \
                     `Last-Event-ID` misses nothing and gets nothing twice. A message `problem` \
                     ends the stream. It does not end by itself.",
                )
                .query::<StreamQuery>()
                .text("text/event-stream", "Messages, for as long as the client listens."),
        )
        .get(
            "/healthz",
            status::health,
            op(Up, Tag::Status, "get_health", "The process answers").answers::<Health>(),
        )
        .get(
            "/readyz",
            status::ready,
            op(Ready, Tag::Status, "get_readiness", "It takes commands, reads and dispatches")
                .answers::<Readiness>()
                .unready::<Readiness>(),
        )
        .get(
            "/metrics",
            metrics::text,
            op(Metrics, Tag::Status, "get_metrics", "Numbers for Prometheus")
                .text("text/plain", "Prometheus' text format."),
        )
}

/// What is put whole and read in the same shape.
fn entries(routes: Routes) -> Routes {
    use Class::{PutEntry, ReadEntry};
    let put = |id, what: &str| {
        let about = format!("Enters {what} into the directory, or changes the whole entry");
        Operation::new(PutEntry, Tag::Directory, id, about)
            .about("Whatever does not look like an id in the address is the firm's own code.")
            .receipt::<ReceiptView>()
    };
    let get = |id, what: &str| {
        Operation::new(ReadEntry, Tag::Directory, id, format!("{what} as it was put"))
            .query::<Waiting>()
    };
    let area = "ar_01jd3nqz5e8y6b000000000000";
    routes
        .put(
            "/api/v1/areas/{id}",
            directory::put::<AreaEntry>,
            put("put_area", "an area 片区").body::<AreaEntry>(json!({
                "name": "华东",
                "supervisor": "st_00000000000000000000000001",
                "engineers_min": 1,
            })),
        )
        .get(
            "/api/v1/areas/{id}",
            directory::get::<AreaEntry>,
            get("get_area", "An area")
                .answers_as::<EntryAnswer<AreaEntry>, AreaEntry>("AreaAnswer"),
        )
        .put(
            "/api/v1/outlets/{id}",
            directory::put::<OutletEntry>,
            put("put_outlet", "an outlet 服务网点").body::<OutletEntry>(json!({
                "name": "浦东",
                "area": area,
                "hours": {"zone": "Asia/Shanghai", "weekly": "Mon-Fri 08:00-18:00"},
            })),
        )
        .get(
            "/api/v1/outlets/{id}",
            directory::get::<OutletEntry>,
            get("get_outlet", "An outlet")
                .answers_as::<EntryAnswer<OutletEntry>, OutletEntry>("OutletAnswer"),
        )
        .put(
            "/api/v1/customers/{id}",
            directory::put::<CustomerEntry>,
            put("put_customer", "a customer 客户").body::<CustomerEntry>(json!({
                "name": "沪东机械",
                "contacts": [{"name": "老李", "phone": "13800000000", "roles": ["reports"]}],
            })),
        )
        .get(
            "/api/v1/customers/{id}",
            directory::get::<CustomerEntry>,
            get("get_customer", "A customer")
                .answers_as::<EntryAnswer<CustomerEntry>, CustomerEntry>("CustomerAnswer"),
        )
        .put(
            "/api/v1/devices/{id}",
            directory::put::<DeviceEntry>,
            put("put_device", "an installed device 设备").body::<DeviceEntry>(json!({
                "model": "GK-800",
                "serial": "1",
                "customer": "cu_01jd3nqz5e8y6b000000000000",
                "skills": ["立加"],
            })),
        )
        .get(
            "/api/v1/devices/{id}",
            directory::get::<DeviceEntry>,
            get("get_device", "A device")
                .answers_as::<EntryAnswer<DeviceEntry>, DeviceEntry>("DeviceAnswer"),
        )
        .put(
            "/api/v1/engineers/{id}",
            directory::put::<Profile>,
            put("put_engineer", "an engineer 工程师").body::<Profile>(json!({
                "name": "王工",
                "outlet": "ou_01jd3nqz5e8y6b000000000000",
                "skills": ["立加"],
                "capacity": 5,
                "roster": "Mon-Fri 08:00-18:00",
            })),
        )
        .get(
            "/api/v1/engineers/{id}",
            engineers::one,
            get("get_engineer", "An engineer: the entry, and how things stand")
                .answers::<EngineerAnswer>(),
        )
}
