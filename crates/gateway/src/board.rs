//! Lists and sums, as the read models have them or had them. What depends on now is computed with
//! the server's clock when it is asked, or with the moment that is looked back to.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::engineer::PersonCard;
use domain::ticket::{PhaseName, Priority};
use domain::{AreaId, CivilDate, EngineerId, GlobalPosition, OutletId, StaffId, Timestamp};
use projector::engineer_load::{EngineerFilter, EngineerLoadRow};
use projector::open_tickets::{
    Attention, PageRequest, QueueName, QueueView, Sort, TicketFilter, TicketPage,
};
use projector::satisfaction::{SatisfactionBy, SatisfactionQuery, SatisfactionRow};
use projector::{At, ModelName};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};

use crate::Gateway;
use crate::answer::Answer;
use crate::look_back::{AsOfAsked, AsOfBy, PastAsked, PastTold};
use crate::params::{Asked, Named, limit};
use crate::problem::{Kind, Problem};
use crate::views::RowView;

const TICKETS_DEFAULT: usize = 50;
const TICKETS_MAX: usize = 200;
const TOP_DEFAULT: usize = 10;
const TOP_MAX: usize = 100;
const QUEUED_DEFAULT: usize = 20;
const QUEUED_MAX: usize = 100;
const ENGINEERS_DEFAULT: usize = 200;
const ENGINEERS_MAX: usize = 1_000;

pub(crate) fn bad(what: impl std::fmt::Display) -> Problem {
    Problem::new(Kind::BadQuery, format!("the query: {what}"))
}

/// The query of the list of open tickets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TicketsQuery {
    /// One or several, with commas between.
    #[schema(schema_with = open_states)]
    state: Option<String>,
    #[schema(inline)]
    outlet: Option<Named<OutletId>>,
    #[schema(inline)]
    area: Option<Named<AreaId>>,
    #[schema(inline)]
    engineer: Option<Named<EngineerId>>,
    priority: Option<Priority>,
    queue: Option<QueueName>,
    person: Option<StaffId>,
    urgent: Option<bool>,
    imported: Option<bool>,
    #[serde(default)]
    red: bool,
    #[serde(default)]
    flashing: bool,
    #[serde(default)]
    overdue: bool,
    #[serde(default)]
    sort: Sort,
    /// What `next` of the page before was.
    #[schema(format = "cursor")]
    after: Option<String>,
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    min_position: Option<GlobalPosition>,
    /// As of this position or moment.
    #[schema(inline)]
    as_of: Option<AsOfAsked>,
    /// Whether what was known by then counts, or what had happened by then.
    #[schema(inline)]
    as_of_by: Option<AsOfBy>,
}

impl TicketsQuery {
    const fn past(&self) -> PastAsked {
        PastAsked { min_position: self.min_position, as_of: self.as_of, by: self.as_of_by }
    }
}

fn states(text: &str) -> Result<Vec<PhaseName>, Problem> {
    let state = |name: &str| {
        let found = PhaseName::ALL.into_iter().find(|state| state.as_str() == name);
        match found {
            Some(state) if state.is_open() => Ok(state),
            Some(_) => Err(bad(format_args!(
                "state: tickets that are `{name}` have ended; this list has open ones"
            ))),
            None => {
                let open = PhaseName::ALL.into_iter().filter(|state| state.is_open());
                let known: Vec<_> = open.map(PhaseName::as_str).collect();
                let shown: String = name.chars().take(64).collect();
                Err(bad(format_args!("state: `{shown}` is none of {}", known.join(", "))))
            }
        }
    };
    text.split(',').map(state).collect()
}

fn open_states() -> Schema {
    let open = PhaseName::ALL.into_iter().filter(|state| state.is_open());
    let names = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(open.map(PhaseName::as_str)));
    ArrayBuilder::new()
        .items(names)
        .min_items(Some(1))
        .description(Some("One state or several, with commas between."))
        .into()
}

impl TicketsQuery {
    fn filter(&self) -> Result<TicketFilter, Problem> {
        let attention = match (self.red, self.flashing, self.overdue) {
            (false, false, false) => None,
            (true, false, false) => Some(Attention::Red),
            (false, true, false) => Some(Attention::Flashing),
            (false, false, true) => Some(Attention::Overdue),
            _ => return Err(bad("choose one of red, flashing and overdue")),
        };
        Ok(TicketFilter {
            phases: self.state.as_deref().map(states).transpose()?.unwrap_or_default(),
            outlet: self.outlet.as_ref().map(|named| named.0),
            area: self.area.as_ref().map(|named| named.0),
            engineer: self.engineer.as_ref().map(|named| named.0),
            priority: self.priority,
            urgent: self.urgent,
            queue: self.queue,
            person: self.person,
            imported: self.imported,
            attention,
        })
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TicketsAnswer {
    /// All events up to there are in it, and none after.
    position: GlobalPosition,
    /// The moment that was looked back to, where one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    /// What counted of what is past.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    as_of_by: Option<AsOfBy>,
    tickets: Vec<RowView>,
    /// For `after` of the next page; nothing at the end.
    next: Option<String>,
}

/// `GET /tickets`.
pub(crate) async fn tickets(
    State(gateway): State<Arc<Gateway>>,
    Asked(query): Asked<TicketsQuery>,
) -> Answer {
    let past = query.past();
    let request = PageRequest {
        filter: query.filter()?,
        sort: query.sort,
        after: query.after,
        limit: limit(query.limit, TICKETS_DEFAULT, TICKETS_MAX)?,
        ..PageRequest::default()
    };
    let (PastTold { as_of, as_of_by }, page) = gateway
        .ask_as_of(ModelName::OpenTickets, past, move |models, now| {
            models.tickets(&PageRequest { now, ..request })
        })
        .await?;
    let At { position, value: TicketPage { tickets, next } } = page?;
    let tickets = tickets.into_iter().map(Into::into).collect();
    Ok(Json(TicketsAnswer { position, as_of, as_of_by, tickets, next }).into_response())
}

/// The query of the backlog.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TopQuery {
    #[schema(minimum = 1, maximum = 100)]
    n: Option<usize>,
    min_position: Option<GlobalPosition>,
    /// As of this position or moment.
    #[schema(inline)]
    as_of: Option<AsOfAsked>,
    /// Whether what was known by then counts, or what had happened by then.
    #[schema(inline)]
    as_of_by: Option<AsOfBy>,
}

impl TopQuery {
    const fn past(&self) -> PastAsked {
        PastAsked { min_position: self.min_position, as_of: self.as_of, by: self.as_of_by }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TopAnswer {
    position: GlobalPosition,
    /// The moment that was looked back to, where one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    /// What counted of what is past.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    as_of_by: Option<AsOfBy>,
    /// Overdue first, then by priority, then by age.
    tickets: Vec<RowView>,
}

/// `GET /backlog/top`.
pub(crate) async fn backlog(
    State(gateway): State<Arc<Gateway>>,
    Asked(query): Asked<TopQuery>,
) -> Answer {
    let past = query.past();
    let count = query.n.unwrap_or(TOP_DEFAULT);
    if !(1..=TOP_MAX).contains(&count) {
        return Err(bad(format_args!("n: {count} cannot be; write 1 to {TOP_MAX}")));
    }
    let (PastTold { as_of, as_of_by }, At { position, value }) = gateway
        .ask_as_of(ModelName::OpenTickets, past, move |models, now| models.top_backlog(count, now))
        .await?;
    let tickets = value.into_iter().map(Into::into).collect();
    Ok(Json(TopAnswer { position, as_of, as_of_by, tickets }).into_response())
}

/// The query of the queues.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueuesQuery {
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<usize>,
    min_position: Option<GlobalPosition>,
    /// As of this position or moment.
    #[schema(inline)]
    as_of: Option<AsOfAsked>,
    /// Whether what was known by then counts, or what had happened by then.
    #[schema(inline)]
    as_of_by: Option<AsOfBy>,
}

impl QueuesQuery {
    const fn past(&self) -> PastAsked {
        PastAsked { min_position: self.min_position, as_of: self.as_of, by: self.as_of_by }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct QueuesAnswer {
    position: GlobalPosition,
    /// The moment that was looked back to, where one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    /// What counted of what is past.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    as_of_by: Option<AsOfBy>,
    queues: Vec<QueueView>,
}

/// `GET /queues`.
pub(crate) async fn queues(
    State(gateway): State<Arc<Gateway>>,
    Asked(query): Asked<QueuesQuery>,
) -> Answer {
    let past = query.past();
    let limit = limit(query.limit, QUEUED_DEFAULT, QUEUED_MAX)?;
    let (PastTold { as_of, as_of_by }, At { position, value: queues }) = gateway
        .ask_as_of(ModelName::OpenTickets, past, move |models, now| models.queues(limit, now))
        .await?;
    Ok(Json(QueuesAnswer { position, as_of, as_of_by, queues }).into_response())
}

/// The query of engineers' lists.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EngineersQuery {
    #[schema(inline)]
    outlet: Option<Named<OutletId>>,
    #[schema(inline)]
    area: Option<Named<AreaId>>,
    available: Option<bool>,
    on_duty: Option<bool>,
    online: Option<bool>,
    #[serde(default)]
    retired: bool,
    /// Only those after this one.
    after: Option<EngineerId>,
    #[schema(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    min_position: Option<GlobalPosition>,
    /// As of this position or moment.
    #[schema(inline)]
    as_of: Option<AsOfAsked>,
    /// Whether what was known by then counts, or what had happened by then.
    #[schema(inline)]
    as_of_by: Option<AsOfBy>,
}

impl EngineersQuery {
    const fn past(&self) -> PastAsked {
        PastAsked { min_position: self.min_position, as_of: self.as_of, by: self.as_of_by }
    }
}

struct LoadPage {
    position: GlobalPosition,
    past: PastTold,
    rows: Vec<EngineerLoadRow>,
    next: Option<EngineerId>,
}

impl Gateway {
    async fn load_page(&self, query: &EngineersQuery) -> Result<LoadPage, Problem> {
        let limit = limit(query.limit, ENGINEERS_DEFAULT, ENGINEERS_MAX)?;
        let filter = EngineerFilter {
            outlet: query.outlet.as_ref().map(|named| named.0),
            area: query.area.as_ref().map(|named| named.0),
            available: query.available,
            on_duty: query.on_duty,
            online: query.online,
            retired: query.retired,
        };
        let (past, At { position, value: mut rows }) = self
            .ask_as_of(ModelName::EngineerLoad, query.past(), move |models, now| {
                models.engineers_load(&filter, now)
            })
            .await?;
        if let Some(after) = query.after {
            rows.retain(|row| row.id > after);
        }
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| last.id);
        Ok(LoadPage { position, past, rows, next })
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LoadAnswer<R> {
    position: GlobalPosition,
    /// The moment that was looked back to, where one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    /// What counted of what is past.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    as_of_by: Option<AsOfBy>,
    /// Where the names hold, which stand in another read model.
    #[serde(skip_serializing_if = "Option::is_none")]
    names_position: Option<GlobalPosition>,
    engineers: Vec<R>,
    /// For `after` of the next page; nothing at the end.
    next: Option<EngineerId>,
}

/// `GET /engineers/load`.
pub(crate) async fn load(
    State(gateway): State<Arc<Gateway>>,
    Asked(query): Asked<EngineersQuery>,
) -> Answer {
    let LoadPage { position, past, rows: engineers, next } = gateway.load_page(&query).await?;
    let PastTold { as_of, as_of_by } = past;
    let names_position = None;
    Ok(Json(LoadAnswer { position, as_of, as_of_by, names_position, engineers, next })
        .into_response())
}

#[derive(Serialize, ToSchema)]
pub(crate) struct EngineerRow {
    name: Option<String>,
    phone: Option<String>,
    #[serde(flatten)]
    row: EngineerLoadRow,
}

/// `GET /engineers`.
pub(crate) async fn engineers(
    State(gateway): State<Arc<Gateway>>,
    Asked(query): Asked<EngineersQuery>,
) -> Answer {
    let LoadPage { position, past, rows, next } = gateway.load_page(&query).await?;
    let PastTold { as_of, as_of_by } = past;
    // Looking back too: names are those of today, so that who was erased stays so.
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let At { position: names_position, value: mut cards } = gateway
        .ask(ModelName::Directory, query.min_position, move |models| {
            models.directory().read(|directory| {
                let card = |id| Some((id, directory.engineer(id)?.profile.card.known()?.clone()));
                ids.into_iter().filter_map(card).collect::<HashMap<EngineerId, PersonCard>>()
            })
        })
        .await?;
    let engineers = rows
        .into_iter()
        .map(|row| {
            let PersonCard { name, phone } = cards.remove(&row.id).unwrap_or_default();
            EngineerRow { name, phone, row }
        })
        .collect();
    let names_position = Some(names_position);
    Ok(Json(LoadAnswer { position, as_of, as_of_by, names_position, engineers, next })
        .into_response())
}

/// The query of satisfaction.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SatisfactionAsked {
    #[serde(default)]
    by: SatisfactionBy,
    /// Days of the firm's zone, both included.
    from: Option<CivilDate>,
    until: Option<CivilDate>,
    #[schema(inline)]
    area: Option<Named<AreaId>>,
    #[schema(inline)]
    outlet: Option<Named<OutletId>>,
    #[schema(inline)]
    engineer: Option<Named<EngineerId>>,
    min_position: Option<GlobalPosition>,
    /// As of this position or moment.
    #[schema(inline)]
    as_of: Option<AsOfAsked>,
    /// Whether what was known by then counts, or what had happened by then.
    #[schema(inline)]
    as_of_by: Option<AsOfBy>,
}

impl SatisfactionAsked {
    const fn past(&self) -> PastAsked {
        PastAsked { min_position: self.min_position, as_of: self.as_of, by: self.as_of_by }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SatisfactionAnswer {
    position: GlobalPosition,
    /// The moment that was looked back to, where one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    /// What counted of what is past.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    as_of_by: Option<AsOfBy>,
    by: SatisfactionBy,
    rows: Vec<SatisfactionRow>,
}

/// `GET /satisfaction`.
pub(crate) async fn satisfaction(
    State(gateway): State<Arc<Gateway>>,
    Asked(query): Asked<SatisfactionAsked>,
) -> Answer {
    let past = query.past();
    let by = query.by;
    let asked = SatisfactionQuery {
        by,
        from: query.from,
        until: query.until,
        area: query.area.map(|named| named.0),
        outlet: query.outlet.map(|named| named.0),
        engineer: query.engineer.map(|named| named.0),
    };
    let (PastTold { as_of, as_of_by }, At { position, value: rows }) = gateway
        .ask_as_of(ModelName::Satisfaction, past, move |models, _| models.satisfaction_by(&asked))
        .await?;
    Ok(Json(SatisfactionAnswer { position, as_of, as_of_by, by, rows }).into_response())
}
