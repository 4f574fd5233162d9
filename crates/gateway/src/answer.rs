//! Answers that are yes.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{ETAG, HeaderMap, HeaderValue, LOCATION};
use axum::response::{IntoResponse, Response};
use domain::StreamVersion;
use serde::Serialize;

use crate::problem::{Problem, etag};

/// What a handler answers.
pub(crate) type Answer = Result<Response, Problem>;

/// A body with the version that it is about.
pub(crate) fn versioned(version: StreamVersion, body: impl Serialize) -> Response {
    (tag(version), Json(body)).into_response()
}

/// Something was made; where it is.
pub(crate) fn created(location: &str, version: StreamVersion, body: impl Serialize) -> Response {
    let mut headers = tag(version);
    if let Ok(location) = HeaderValue::try_from(location) {
        headers.insert(LOCATION, location);
    }
    (StatusCode::CREATED, headers, Json(body)).into_response()
}

fn tag(version: StreamVersion) -> HeaderMap {
    etag(version).map(|tag| (ETAG, tag)).into_iter().collect()
}
