//! The bytes of an attachment, so that nothing in them can run.

use std::sync::Arc;

use ::attachments::describe::may_be_shown as type_may_be_shown;
use ::attachments::name::{Show, content_disposition};
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, IF_RANGE, RANGE,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::GlobalPosition;
use serde::Deserialize;
use utoipa::ToSchema;

use super::access::{may_be_shown, nobody_names};
use super::hash_of;
use super::known::Known;
use super::range::{Part, part};
use crate::Gateway;
use crate::answer::Answer;
use crate::headers::actor_of;
use crate::params::{Asked, Segments};
use crate::problem::{Kind, Problem};

/// Nothing of an attachment runs, loads or is framed, also where it is opened by itself.
const POLICY: HeaderValue = HeaderValue::from_static(
    "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; frame-ancestors 'none'; \
     base-uri 'none'; form-action 'none'",
);
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// The same hash is always the same bytes; they are not for shared caches.
const FOR_EVER: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

/// What can be asked beside the hash.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ContentAsked {
    /// Also what was taken out of view.
    removed: bool,
    /// To be saved, whatever it is.
    download: bool,
    min_position: Option<GlobalPosition>,
}

/// `GET` and `HEAD /attachments/{hash}/content`.
pub(crate) async fn content(
    State(gateway): State<Arc<Gateway>>,
    method: Method,
    Segments(hash): Segments<String>,
    Asked(asked): Asked<ContentAsked>,
    headers: HeaderMap,
) -> Answer {
    let hash = hash_of(&hash)?;
    let reader = actor_of(&headers)?;
    let known = gateway.attachment(hash, asked.min_position).await?;
    let known = known.ok_or_else(|| nobody_names(hash))?;
    may_be_shown(&known, asked.removed)?;
    let store = &gateway.attachments()?.store;
    let tag = format!("\"{hash}\"");
    let mut said = safe_headers();
    put(&mut said, ETAG, &tag);
    if headers.get(IF_NONE_MATCH).is_some_and(|tags| names(tags, &tag)) {
        return Ok((StatusCode::NOT_MODIFIED, said).into_response());
    }
    describe(&mut said, &known, asked.download);
    let bytes = known.row.attachment.bytes;
    let (status, range) = match part(range_asked(&headers, &tag), bytes) {
        Part::Whole => (StatusCode::OK, 0..bytes),
        Part::Some(range) => (StatusCode::PARTIAL_CONTENT, range),
        Part::Nothing => return Err(not_within(bytes)),
    };
    if status == StatusCode::PARTIAL_CONTENT {
        let within = format!("bytes {}-{}/{bytes}", range.start, range.end - 1);
        put(&mut said, CONTENT_RANGE, &within);
    }
    said.insert(CONTENT_LENGTH, (range.end - range.start).into());
    if method == Method::HEAD {
        return Ok((status, said).into_response());
    }
    if range.start == 0 {
        // A player that goes on within a video does not open it once more.
        gateway.reads.note(hash, reader, gateway.ports().clock.now());
    }
    let chunks = store.read(hash, Some(range)).await?;
    Ok((status, said, Body::from_stream(chunks)).into_response())
}

/// What goes for bytes of attachments and of their thumbnails alike.
pub(super) fn safe_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CACHE_CONTROL, FOR_EVER);
    headers
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

/// Type, name, and whether it is shown or saved.
fn describe(headers: &mut HeaderMap, known: &Known, download: bool) {
    let media_type = known.row.attachment.media_type.as_str();
    let show =
        if type_may_be_shown(media_type) && !download { Show::Inline } else { Show::Download };
    put(headers, CONTENT_TYPE, harmless_type(media_type));
    let name = known.name().unwrap_or_default();
    put(headers, CONTENT_DISPOSITION, &content_disposition(show, name));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
}

/// The type as it is sent: whatever a browser could run goes as plain text.
fn harmless_type(media_type: &str) -> &str {
    let runs = ["html", "xml", "svg", "javascript", "ecmascript", "css"];
    if media_type == "text/plain" || runs.iter().any(|mark| media_type.contains(mark)) {
        "text/plain; charset=utf-8"
    } else {
        media_type
    }
}

/// The range, unless it was asked for of other bytes than there are.
fn range_asked<'h>(headers: &'h HeaderMap, tag: &str) -> Option<&'h str> {
    let of_others = headers.get(IF_RANGE).is_some_and(|wanted| wanted != tag);
    headers.get(RANGE).filter(|_| !of_others)?.to_str().ok()
}

fn names(tags: &HeaderValue, tag: &str) -> bool {
    let tags = tags.to_str().unwrap_or_default();
    let weak = |one: &str| one.trim().trim_start_matches("W/") == tag || one.trim() == "*";
    tags.split(',').any(weak)
}

fn not_within(bytes: u64) -> Problem {
    let detail = format!("there are {bytes} bytes; ask for some of these");
    let problem = Problem::new(Kind::RangeNotSatisfiable, detail).with("bytes", bytes);
    match HeaderValue::try_from(format!("bytes */{bytes}")) {
        Ok(range) => problem.header(CONTENT_RANGE, range),
        Err(_) => problem,
    }
}

/// A small image, under the same rules.
pub(super) fn small(media_type: &'static str, tag: &str, bytes: axum::body::Bytes) -> Response {
    let mut headers = safe_headers();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    put(&mut headers, ETAG, tag);
    (headers, bytes).into_response()
}
