//! Single tickets, folded from the log, so that ended ones are there too.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::ticket::Ticket;
use domain::{
    CorruptHistory, Event, GlobalPosition, Rejection, Stamp, StreamId, StreamVersion, TicketId,
    Timestamp,
};
use eventlog::{EventLog, ReadError, RecordedEvent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Gateway;
use crate::answer::{Answer, versioned};
use crate::look_back::{AsOfAsked, AsOfBy, PastAsked, PastTold, Then};
use crate::params::{Asked, Segments, limit};
use crate::problem::{Kind, Problem, describe};
use crate::views::{EventView, ReportView, TicketView};

/// Events that are read at once.
const PAGE: usize = 256;
pub(crate) const HISTORY_DEFAULT: usize = 100;
pub(crate) const HISTORY_MAX: usize = 500;

/// The query of a read that waits.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Waiting {
    pub(crate) min_position: Option<GlobalPosition>,
}

/// The query of a ticket.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TicketAsked {
    min_position: Option<GlobalPosition>,
    /// As of this position or moment.
    #[schema(inline)]
    as_of: Option<AsOfAsked>,
    /// Whether what was known by then counts, or what had happened by then.
    #[schema(inline)]
    as_of_by: Option<AsOfBy>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TicketAnswer {
    /// All events up to there are in it.
    position: GlobalPosition,
    /// The moment that was looked back to, where one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    /// What counted of what is past.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    as_of_by: Option<AsOfBy>,
    #[serde(flatten)]
    ticket: TicketView,
}

/// `GET /tickets/{id or number}`.
pub(crate) async fn one(
    State(gateway): State<Arc<Gateway>>,
    Segments(named): Segments<String>,
    Asked(query): Asked<TicketAsked>,
) -> Answer {
    let TicketAsked { min_position, as_of, as_of_by: by } = query;
    let then = gateway.then(PastAsked { min_position, as_of, by }).await?;
    let position = match then {
        Some(then) => then.position,
        None => gateway.log_at(min_position).await?,
    };
    let id = gateway.ticket_id(named.parse()?).await?;
    // What came after the position above belongs to the next answer only where one looks back.
    let folded = gateway.read_log(move |log| fold_as_of(log, id, then, |_| {})).await?;
    let Some((version, ticket, report)) = folded.map_err(damaged)? else {
        return Err(unknown(id.into()));
    };
    let ticket = TicketView::new(&ticket, version).with_report(report);
    let PastTold { as_of, as_of_by } = then.map(Then::told).unwrap_or_default();
    Ok(versioned(version, TicketAnswer { position, as_of, as_of_by, ticket }))
}

/// A history that cannot be folded.
pub(crate) fn damaged(corrupt: CorruptHistory) -> Problem {
    Problem::failure(
        Kind::HistoryDamaged,
        "the stored history makes no sense; run `paidan log verify`",
        &corrupt,
    )
}

/// What was named does not exist.
pub(crate) fn unknown(stream: StreamId) -> Problem {
    let rejection = Rejection::NotFound { stream };
    Problem::new(describe(&rejection).0, rejection.to_string()).with("stream", stream)
}

pub(crate) type Folded = Option<(StreamVersion, Ticket, ReportView)>;

pub(crate) fn fold(
    log: &dyn EventLog,
    id: TicketId,
) -> Result<Result<Folded, CorruptHistory>, ReadError> {
    fold_and(log, id, |_| {})
}

/// Folds a ticket and hands on every event of it, oldest first.
pub(crate) fn fold_and(
    log: &dyn EventLog,
    id: TicketId,
    hand_on: impl FnMut(RecordedEvent),
) -> Result<Result<Folded, CorruptHistory>, ReadError> {
    fold_as_of(log, id, None, hand_on)
}

/// The same, without what comes after a place that is looked back to.
pub(crate) fn fold_as_of(
    log: &dyn EventLog,
    id: TicketId,
    then: Option<Then>,
    mut hand_on: impl FnMut(RecordedEvent),
) -> Result<Result<Folded, CorruptHistory>, ReadError> {
    let is_later = |event: &RecordedEvent| then.is_some_and(|then| then.is_before(event));
    let mut ticket: Option<Ticket> = None;
    let mut report = ReportView::default();
    let mut version = StreamVersion::ZERO;
    loop {
        let events = log.read_stream(id.into(), version, PAGE)?;
        let full = events.len() == PAGE && !events.iter().any(is_later);
        for recorded in events {
            // What follows on it does not count either, whenever it says that it happened.
            if is_later(&recorded) {
                break;
            }
            version = recorded.version;
            let Event::Ticket(event) = &recorded.event else { continue };
            let stamp = Stamp {
                position: recorded.position,
                version: recorded.version,
                occurred_at: recorded.occurred_at,
                recorded_at: recorded.recorded_at,
            };
            let folded = match &mut ticket {
                Some(ticket) => ticket.evolve(event, &stamp),
                None => Ticket::begin(id, event, &stamp).map(|begun| ticket = Some(begun)),
            };
            if let Err(corrupt) = folded {
                return Ok(Err(corrupt));
            }
            report.apply(event);
            hand_on(recorded);
        }
        if !full {
            return Ok(Ok(ticket.map(|ticket| (version, ticket, report))));
        }
    }
}

/// The query of a ticket's history.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryQuery {
    /// Only events after this version.
    pub(crate) after: Option<StreamVersion>,
    #[schema(minimum = 1, maximum = 500)]
    pub(crate) limit: Option<usize>,
    pub(crate) min_position: Option<GlobalPosition>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryAnswer {
    position: GlobalPosition,
    id: TicketId,
    events: Vec<EventView>,
    /// For `after` of the next page; nothing at the end.
    next: Option<StreamVersion>,
}

/// `GET /tickets/{id or number}/events`.
pub(crate) async fn history(
    State(gateway): State<Arc<Gateway>>,
    Segments(named): Segments<String>,
    Asked(query): Asked<HistoryQuery>,
) -> Answer {
    let limit = limit(query.limit, HISTORY_DEFAULT, HISTORY_MAX)?;
    let position = gateway.log_at(query.min_position).await?;
    let id = gateway.ticket_id(named.parse()?).await?;
    let after = query.after.unwrap_or_default();
    let events = gateway.read_log(move |log| log.read_stream(id.into(), after, limit + 1)).await?;
    if events.is_empty() && after == StreamVersion::ZERO {
        return Err(unknown(id.into()));
    }
    let next = events.get(limit).and_then(|_| events.get(limit - 1)).map(|last| last.version);
    let events = events.iter().take(limit).map(EventView::new).collect::<Result<_, _>>();
    let events = events.map_err(unwritable)?;
    Ok(Json(HistoryAnswer { position, id, events, next }).into_response())
}

/// An event that cannot be written as JSON.
pub(crate) fn unwritable(error: serde_json::Error) -> Problem {
    Problem::failure(Kind::Internal, "an event could not be written as JSON", &error)
}
