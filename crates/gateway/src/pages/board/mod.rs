//! The live board: a page, and a stream of what changes on it.

mod edition;
mod live;
mod look;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use ::pages::LookBack;
use ::pages::board::{BoardPage, render};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::IntoResponse;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use words::Language;

use super::answer::{failed, page};
use super::past::{PastQuery, refused};
use super::{PageAnswer, Reader};
use crate::Gateway;
use crate::answer::Answer;
use crate::look_back::Then;
use crate::params::Asked;
use crate::problem::{Kind, Problem};
use edition::{EditionId, Rendered};
use live::Viewer;
use look::look;

pub(crate) use live::Boards;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// `GET /`.
pub(super) async fn board(
    State(gateway): State<Arc<Gateway>>,
    Reader(mut frame): Reader,
    query: Result<Asked<PastQuery>, Problem>,
) -> PageAnswer {
    let refuse = |problem| refused(frame.clone(), &problem);
    let Asked(query) = query.map_err(refuse)?;
    let language = frame.language;
    if let Some(then) = gateway.page_then(&query).await.map_err(refuse)? {
        let rendered = gateway.board_then(language, then).await.map_err(refuse)?;
        let look_back = gateway.look_back_of(&mut frame, Some(then));
        let sections = rendered.each_ref().map(String::as_str);
        return Ok(page(&BoardPage { frame, stream: None, look_back, sections }));
    }
    let edition = gateway.board(language).await.map_err(|it| failed(frame.clone(), &it))?;
    let release = ::pages::release();
    let stream = format!("/board/stream?lang={language}&seen={}&release={release}", edition.id);
    let (stream, look_back) = (Some(&*stream), LookBack::now());
    Ok(page(&BoardPage { frame, stream, look_back, sections: edition.sections() }))
}

impl Gateway {
    /// The board as it stood. Names are those of today, and lost attachments are of now alone.
    async fn board_then(&self, language: Language, then: Then) -> Result<Rendered, Problem> {
        let models = self.models_as_of(then).await?;
        let named = Arc::clone(&self.ports().read_models);
        let work = move || render(&look(&models, &named, 0, then.moment), language);
        let rendered = self.on_own_thread(work).await?;
        rendered.map_err(|error| {
            Problem::failure(Kind::Internal, "the board could not be written as HTML", &error)
        })
    }
}

/// The query of a board's stream.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StreamQuery {
    lang: Named,
    /// The edition that the page shows.
    seen: Option<String>,
    /// The release that the page is of.
    release: Option<String>,
}

/// A language by its name.
#[derive(Debug)]
struct Named(Language);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// `GET /board/stream`: sections as they change, as server-sent events for the page's script.
pub(super) async fn stream(
    State(gateway): State<Arc<Gateway>>,
    Asked(query): Asked<StreamQuery>,
    headers: HeaderMap,
) -> Answer {
    let permit = gateway.stream_permit("load the board again after a while")?;
    let last_seen = headers.get(&LAST_EVENT_ID).and_then(|value| value.to_str().ok());
    let seen = last_seen.or(query.seen.as_deref()).and_then(|id| id.parse::<EditionId>().ok());
    let is_old = query.release.is_some_and(|release| release != ::pages::release());
    let viewer = Showing {
        viewer: Viewer::new(Arc::clone(&gateway), query.lang.0, seen),
        closed: Box::pin(gateway.closed()),
        heartbeat: gateway.config().heartbeat,
        begin: Some(if is_old { Begin::Old } else { Begin::Fits }),
        _permit: permit,
    };
    let messages = futures_util::stream::unfold(viewer, Showing::next);
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(messages)).into_response())
}

/// A comment: no message to the page, and a sign of life to the browser.
const NOTHING: Bytes = Bytes::from_static(b":\n\n");
const RELOAD: Bytes = Bytes::from_static(b"event: board:reload\ndata: {}\n\n");

/// How a page stands to this server.
#[derive(Debug, Clone, Copy)]
enum Begin {
    Fits,
    /// It is of another release: its style and script do not fit what it would be sent.
    Old,
}

/// A board that is being shown.
struct Showing {
    viewer: Viewer,
    closed: Pin<Box<dyn Future<Output = ()> + Send>>,
    heartbeat: std::time::Duration,
    /// What is sent at once, so that a page knows that it is live before anything happens.
    begin: Option<Begin>,
    /// Gives the place back when the board is gone.
    _permit: OwnedSemaphorePermit,
}

impl Showing {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        match self.begin.take() {
            Some(Begin::Old) => return Some((Ok(RELOAD), self)),
            Some(Begin::Fits) => return Some((Ok(NOTHING), self)),
            None => {}
        }
        let message = tokio::select! {
            () = &mut self.closed => return None,
            message = self.viewer.next() => message,
            // A line that is dead shows by the absence of these, on both sides.
            () = tokio::time::sleep(self.heartbeat) => {
                self.viewer.sign_of_life().unwrap_or(NOTHING)
            }
        };
        Some((Ok(message), self))
    }
}
