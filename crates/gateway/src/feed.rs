//! The feed: every event, in order, page by page.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::GlobalPosition;
use eventlog::{EventLog, ReadError, RecordedEvent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Gateway;
use crate::answer::Answer;
use crate::cursor::Cursor;
use crate::params::{Asked, limit};
use crate::tickets::unwritable;
use crate::views::{EventView, LogView};

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1_000;
/// Events that are read from the log at once.
const PIECE: usize = 64;
/// A page ends once it is this large, so that a thousand long texts do not become one answer.
const PAGE_BYTES: usize = 1 << 20;

/// The query of the feed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedQuery {
    /// A position, or a cursor as it was given; from the beginning where absent.
    #[schema(pattern = "^([0-9a-f]{32}:[0-9]{1,19}:)?[0-9]{1,19}$", example = "0")]
    after: Option<String>,
    #[schema(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    min_position: Option<GlobalPosition>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct FeedAnswer {
    log: LogView,
    /// The end of the log when this was read.
    position: GlobalPosition,
    events: Vec<EventView>,
    /// For `after` of the next page, whether there is more already or not.
    next: String,
    /// There was more.
    more: bool,
}

/// `GET /events`.
pub(crate) async fn page(
    State(gateway): State<Arc<Gateway>>,
    Asked(query): Asked<FeedQuery>,
) -> Answer {
    let limit = limit(query.limit, LIMIT_DEFAULT, LIMIT_MAX)?;
    let head = gateway.log_at(query.min_position).await?;
    let log = gateway.ports().log.identity();
    let after = match &query.after {
        Some(text) => Cursor::after(text, log, head)?,
        None => GlobalPosition::ZERO,
    };
    let events = gateway.read_log(move |log| read(log, after, head, limit)).await?;
    let events: Vec<_> =
        events.iter().map(EventView::new).collect::<Result<_, _>>().map_err(unwritable)?;
    let position = events.last().map_or(after, |last| last.position);
    let answer = FeedAnswer {
        log: log.into(),
        position: head,
        events,
        next: Cursor { log, position }.to_string(),
        more: position < head,
    };
    Ok(Json(answer).into_response())
}

/// Up to `limit` events that are not after `head`, fewer where they are large.
fn read(
    log: &dyn EventLog,
    mut after: GlobalPosition,
    head: GlobalPosition,
    limit: usize,
) -> Result<Vec<RecordedEvent>, ReadError> {
    let mut events = Vec::new();
    let mut bytes = 0;
    while events.len() < limit && bytes < PAGE_BYTES && after < head {
        let piece = log.read(after, PIECE.min(limit - events.len()))?;
        let Some(last) = piece.last() else { break };
        after = last.position;
        // What takes room is what people wrote; the rest is much the same for each.
        bytes += piece.iter().map(weight).sum::<usize>();
        events.extend(piece.into_iter().filter(|event| event.position <= head));
    }
    Ok(events)
}

fn weight(event: &RecordedEvent) -> usize {
    const AROUND: usize = 512;
    AROUND + serde_json::to_vec(&event.event).map_or(0, |json| json.len())
}
