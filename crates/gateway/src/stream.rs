//! The stream: every event as it becomes durable, as server-sent events.
//!
//! Each client reads the log by position at its own pace and has one page of it in memory, so a
//! slow client costs the server nothing more. The id of each message is a cursor; whoever comes
//! back with it misses nothing and gets nothing twice.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use axum::response::IntoResponse;
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use domain::GlobalPosition;
use eventlog::RecordedEvent;
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use utoipa::ToSchema;

use crate::Gateway;
use crate::answer::Answer;
use crate::cursor::Cursor;
use crate::params::Asked;
use crate::problem::{Kind, Problem};
use crate::tickets::unwritable;
use crate::views::EventView;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Events in memory for one client.
const PAGE: usize = 32;
/// How long a browser waits before it comes back.
const RETRY: std::time::Duration = std::time::Duration::from_secs(2);

/// The query of the stream.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StreamQuery {
    /// A position, or a cursor as it was given; from now on where absent.
    #[schema(pattern = "^([0-9a-f]{32}:[0-9]{1,19}:)?[0-9]{1,19}$", example = "0")]
    after: Option<String>,
}

/// `GET /stream`.
pub(crate) async fn follow(
    State(gateway): State<Arc<Gateway>>,
    Asked(query): Asked<StreamQuery>,
    headers: HeaderMap,
) -> Answer {
    let log = &gateway.ports().log;
    let (identity, head) = (log.identity(), log.head().position);
    // A browser that comes back repeats the address it began with; what it saw last counts.
    let last_seen =
        headers.get(&LAST_EVENT_ID).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let after = match last_seen.as_deref().filter(|id| !id.is_empty()).or(query.after.as_deref()) {
        Some(text) => Cursor::after(text, identity, head)?,
        None => head,
    };
    let permit = gateway.stream_permit("read /api/v1/events instead")?;
    let reader = Reader {
        durable: log.watch(),
        closed: Box::pin(gateway.closed()),
        page: VecDeque::new(),
        begun: false,
        ended: false,
        _permit: permit,
        gateway: Arc::clone(&gateway),
        after,
    };
    let heartbeat = KeepAlive::new().interval(gateway.config().heartbeat);
    let messages = stream::unfold(reader, Reader::next);
    Ok(Sse::new(messages).keep_alive(heartbeat).into_response())
}

impl Gateway {
    /// A place among the streams; `instead` is what to do when there is none.
    pub(crate) fn stream_permit(&self, instead: &str) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.streams).try_acquire_owned().map_err(|_| {
            Problem::new(
                Kind::TooManyStreams,
                format!("as many streams as allowed are open; close one, or {instead}"),
            )
        })
    }
}

struct Reader {
    gateway: Arc<Gateway>,
    after: GlobalPosition,
    page: VecDeque<RecordedEvent>,
    durable: watch::Receiver<GlobalPosition>,
    closed: Pin<Box<dyn Future<Output = ()> + Send>>,
    begun: bool,
    ended: bool,
    /// Gives the place back when the client is gone.
    _permit: OwnedSemaphorePermit,
}

impl Reader {
    async fn next(mut self) -> Option<(Result<Message, Infallible>, Self)> {
        if self.ended {
            return None;
        }
        if !self.begun {
            self.begun = true;
            // Sent at once, so that the client knows where it stands before anything happens.
            let begin = Message::default().id(self.cursor().to_string()).retry(RETRY);
            return Some((Ok(begin.event("begin").data("{}")), self));
        }
        let message = match self.read().await {
            Ok(event) => event.and_then(|event| self.message(&event).transpose()).transpose(),
            Err(problem) => Err(problem),
        };
        match message {
            Ok(Some(message)) => Some((Ok(message), self)),
            // The server shuts down; the client comes back to another.
            Ok(None) => None,
            Err(problem) => {
                self.ended = true;
                let message = Message::default().event("problem").data(problem.body().to_string());
                Some((Ok(message), self))
            }
        }
    }

    fn cursor(&self) -> Cursor {
        Cursor { log: self.gateway.ports().log.identity(), position: self.after }
    }

    fn message(&mut self, event: &RecordedEvent) -> Result<Option<Message>, Problem> {
        self.after = event.position;
        let view = EventView::new(event).map_err(unwritable)?;
        let data = serde_json::to_string(&view).map_err(unwritable)?;
        Ok(Some(Message::default().id(self.cursor().to_string()).data(data)))
    }

    /// The next event, as soon as there is one; nothing when the server shuts down.
    async fn read(&mut self) -> Result<Option<RecordedEvent>, Problem> {
        loop {
            if let Some(event) = self.page.pop_front() {
                return Ok(Some(event));
            }
            let after = self.after;
            tokio::select! {
                () = &mut self.closed => return Ok(None),
                // Ends with its sender only: the log, which lives as long as the server.
                _ = self.durable.wait_for(|durable| *durable > after) => {}
            }
            self.page = self.gateway.read_log(move |log| log.read(after, PAGE)).await?.into();
        }
    }
}
