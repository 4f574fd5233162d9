//! What a page's handler answers.

use ::pages::{Frame, Notice};
use askama::Template;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{Html, IntoResponse, Response};

use crate::problem::Problem;

/// A page, or a page that says why not.
pub(super) type PageAnswer = Result<Response, Response>;

/// A page as it is now; never kept, because it is out of date a moment later.
pub(super) fn page(template: &impl Template) -> Response {
    with_status(StatusCode::OK, template)
}

/// There is nothing at the address.
pub(super) fn not_found(frame: Frame) -> Response {
    with_status(StatusCode::NOT_FOUND, &Notice::not_found(frame))
}

/// The problem of an API's answer, as a page says it.
pub(super) fn failed(frame: Frame, problem: &Problem) -> Response {
    match problem.kind().status() {
        StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST => not_found(frame),
        status => with_status(status, &Notice::failed(frame)),
    }
}

/// A page with a status of its own.
pub(super) fn with_status(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, [(CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a page cannot be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
