//! Says that a ticket has gone on, or an attachment of it stands differently, since a page of it
//! was made. The page says so to its reader and
//! changes nothing by itself: what somebody reads must not move under their eyes.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::{GlobalPosition, StreamVersion, TicketId};
use futures_util::stream;
use projector::ModelName;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::Gateway;
use crate::params::{Asked, Segments};
use crate::problem::{Kind, Problem};

/// A ticket is looked at so often at most, however much is recorded meanwhile.
const PAUSE: Duration = Duration::from_millis(500);

/// What the page shows.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Seen {
    after: StreamVersion,
    attachments: u64,
}

/// `GET /tickets/{id or number}/news?after=&attachments=`: one message once the ticket is past that
/// version, or its attachments have another mark.
pub(super) async fn news(
    State(gateway): State<Arc<Gateway>>,
    Segments(named): Segments<String>,
    Asked(seen): Asked<Seen>,
) -> Result<Response, Problem> {
    let ticket = gateway.ticket_id(named.parse()?).await?;
    let permit = Arc::clone(&gateway.streams).try_acquire_owned().map_err(|_| {
        Problem::new(
            Kind::TooManyStreams,
            "as many streams as allowed are open; load the page anew",
        )
    })?;
    let watcher = Watcher {
        durable: gateway.ports().log.watch(),
        closed: Box::pin(gateway.closed()),
        gateway: Arc::clone(&gateway),
        ticket,
        seen,
        _permit: permit,
    };
    let heartbeat = KeepAlive::new().interval(gateway.config().heartbeat);
    let messages = stream::unfold(Some(watcher), |watcher| async {
        let version = watcher?.passed().await?;
        let message = Message::default().event("version").data(version.to_string());
        Some((Ok::<_, Infallible>(message), None))
    });
    Ok(Sse::new(messages).keep_alive(heartbeat).into_response())
}

struct Watcher {
    gateway: Arc<Gateway>,
    ticket: TicketId,
    seen: Seen,
    durable: watch::Receiver<GlobalPosition>,
    closed: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Gives the place back when the reader is gone.
    _permit: OwnedSemaphorePermit,
}

impl Watcher {
    /// The first version past the one that was seen, or that one where only an attachment stands
    /// differently; nothing when the server shuts down.
    async fn passed(mut self) -> Option<StreamVersion> {
        loop {
            // Marked as seen before the look, so that what comes after the look is not missed.
            let head = *self.durable.borrow_and_update();
            let (ticket, Seen { after, attachments }) = (self.ticket, self.seen);
            let read = self.gateway.read_log(move |log| log.read_stream(ticket.into(), after, 1));
            if let Some(event) = read.await.ok()?.first() {
                return Some(event.version);
            }
            let mark = attachments_mark(&self.gateway, ticket, Some(head)).await;
            if mark.ok()? != attachments {
                return Some(after);
            }
            let (durable, closed) = (&mut self.durable, &mut self.closed);
            let changed = async {
                tokio::time::sleep(PAUSE).await;
                durable.changed().await
            };
            tokio::select! {
                () = closed => return None,
                changed = changed => changed.ok()?,
            }
        }
    }
}

/// Another number once any attachment that a ticket names itself stands differently.
pub(super) async fn attachments_mark(
    gateway: &Gateway,
    ticket: TicketId,
    min_position: Option<GlobalPosition>,
) -> Result<u64, Problem> {
    let asked = gateway.ask(ModelName::Attachments, min_position, move |models| {
        let rows = models.attachments().read(|rows| rows.of_ticket(ticket)).value;
        let mut mark = DefaultHasher::new();
        for row in rows {
            (row.attachment.hash, &row.quarantined, row.erased_at).hash(&mut mark);
        }
        mark.finish()
    });
    asked.await
}
