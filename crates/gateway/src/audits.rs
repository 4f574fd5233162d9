//! Audits of attachments: whether they are where they belong, and who had them.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use audit::{Custody, Error, Options, Report, Scope, Sink, Sources};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::{AttachmentsAudited, ContentHash, CustomerId, TicketId, Timestamp};
use eventlog::{Clock, EventLog};
use serde::Deserialize;
use tokio::runtime::Handle;
use utoipa::ToSchema;

use crate::Gateway;
use crate::answer::Answer;
use crate::board::bad;
use crate::look_back::AsOfAsked;
use crate::params::{Asked, Segments};
use crate::problem::{Kind, Problem};
use crate::tickets::Waiting;

/// A request waits so long for an audit; whoever needs more asks on the command line.
const WITHIN: Duration = Duration::from_secs(30);

/// The query of an audit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditAsked {
    /// A position, or a moment in RFC 3339; the log's head where it is left out.
    #[schema(inline)]
    as_of: Option<AsOfAsked>,
    /// Those of this ticket and of what was merged into it.
    ticket: Option<TicketId>,
    /// Those of this customer's tickets.
    customer: Option<CustomerId>,
    /// Those that a ticket named at this moment or later.
    since: Option<Timestamp>,
    /// Every byte is hashed again; else sizes are compared.
    deep: Option<bool>,
    /// Each handover between engineers is looked at.
    handovers: Option<bool>,
}

impl AuditAsked {
    fn options(self) -> Options {
        let Self { as_of, ticket, customer, since, deep, handovers } = self;
        Options {
            as_of: as_of.map(|AsOfAsked(as_of)| as_of).unwrap_or_default(),
            scope: Scope { ticket, customer, since },
            deep: deep.unwrap_or_default(),
            handovers: handovers.unwrap_or_default(),
        }
    }
}

/// Breaks an audit off when its time is over.
struct Until<'a> {
    clock: &'a dyn Clock,
    end: Duration,
}

impl Sink for Until<'_> {
    fn progress(&mut self, _done: u64, _total: u64) -> ControlFlow<()> {
        if self.clock.monotonic() < self.end {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Read(error) => error.into(),
            Error::NotNamed { .. } => Self::new(Kind::NotFound, error.to_string()),
            Error::AfterHead { .. } => bad(format_args!("as_of: {error}")),
            Error::BrokenOff => Self::new(
                Kind::Busy,
                format!(
                    "the audit takes longer than {} s; ask for one ticket, leave `deep` out, or \
                     run `paidan audit attachments`",
                    WITHIN.as_secs()
                ),
            ),
            Error::Fold(_) | Error::Store(_) | Error::Uploads(_) | Error::Write { .. } => {
                Self::failure(
                    Kind::StoreFailed,
                    "the log or the store of attachments could not be read; try again, and tell \
                 whoever runs the server",
                    &error,
                )
            }
        }
    }
}

/// `GET /audit/attachments`.
pub(crate) async fn attachments(
    State(gateway): State<Arc<Gateway>>,
    Asked(asked): Asked<AuditAsked>,
) -> Answer {
    let options = asked.options();
    let Ok(permit) = Arc::clone(&gateway.audits).try_acquire_owned() else {
        let detail = "another audit is at work; ask again when it is done";
        return Err(Problem::new(Kind::Busy, detail));
    };
    let Some(store) = gateway.ports().attachments.as_ref().map(|ports| ports.store.clone()) else {
        let detail = "no server has the bytes of this directory; run `paidan audit attachments`";
        return Err(Problem::new(Kind::StoreFailed, detail));
    };
    let (asked, runtime) = (Arc::clone(&gateway), Handle::current());
    let audited = gateway.on_own_thread(move || {
        let _permit = permit;
        let clock = asked.ports().clock.as_ref();
        let log = asked.ports().log.as_ref();
        let sources = Sources { log, store: &store, runtime: &runtime, clock };
        let end = clock.monotonic() + WITHIN;
        audit::audit(sources, &options, &mut Until { clock, end })
    });
    let report: Report = audited.await??;
    Ok(Json(report).into_response())
}

/// `GET /audit/tickets`.
pub(crate) async fn tickets(State(gateway): State<Arc<Gateway>>) -> Answer {
    let parts = Arc::clone(&gateway.ports().parts);
    let audited = gateway.on_own_thread(move || parts.ticket_audit()).await?;
    match audited {
        Some(audited) => Ok(Json(audited).into_response()),
        None => Err(Problem::new(
            Kind::Busy,
            "the auditor of tickets still reads the log; ask again in a moment",
        )),
    }
}

/// `GET /audit/attachments/{hash}/custody`.
pub(crate) async fn custody(
    State(gateway): State<Arc<Gateway>>,
    Segments(hash): Segments<String>,
    Asked(waiting): Asked<Waiting>,
) -> Answer {
    let hash: ContentHash =
        hash.parse().map_err(|error| Problem::new(Kind::BadPath, format!("{error}")))?;
    gateway.log_at(waiting.min_position).await?;
    let log = Arc::clone(&gateway.ports().log);
    let followed = gateway.on_own_thread(move || audit::custody(log.as_ref(), hash));
    let custody: Custody = followed.await??;
    Ok(Json(custody).into_response())
}

/// The last audit that a log records, and when that was; nothing where there is none, or where it
/// cannot be read. Two look-ups in the log's index; the thread may have to wait.
pub(crate) fn last(log: &dyn EventLog) -> Option<(Timestamp, AttachmentsAudited)> {
    audit::last(log).unwrap_or_else(|error| {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "the last audit of attachments could not be read"
        );
        None
    })
}

/// How many attachments the last audit did not find as they were.
pub(crate) fn lost(log: &dyn EventLog) -> u64 {
    last(log).map_or(0, |(_, audited)| audited.missing + audited.damaged)
}
