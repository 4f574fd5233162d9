//! What is seen of each request from outside: a span, a number, and no panic that takes the
//! connection down.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tracing::Instrument;
use tracing::field::Empty;

use crate::Gateway;
use crate::headers::key_of_command;
use crate::problem::{Kind, Problem};

/// Requests to no route share one name, or strangers could make as many as they like.
const NO_ROUTE: &str = "none";

/// Measures a request. Its fields hold no text and no contact data.
pub(crate) async fn measure(
    State(gateway): State<Arc<Gateway>>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let method = named(request.method());
    let span = tracing::info_span!(
        "request",
        http.method = method,
        http.route = route,
        http.status = Empty,
        ticket.id = Empty,
        log.position = Empty,
    );
    // Counted down also where the client gives up before there is an answer.
    let _in_flight = gateway.requests.begin();
    let clock = Arc::clone(&gateway.ports().clock);
    let begun = clock.monotonic();
    let handled = without_panic(key_of_command(request, next));
    let response = handled.instrument(span.clone()).await;
    let took = clock.monotonic().saturating_sub(begun);
    let status = response.status().as_u16();
    span.record("http.status", status);
    gateway.requests.answered(method, route, status, took);
    span.in_scope(|| tracing::debug!(took_us = took.as_micros(), "answered"));
    response
}

/// Methods that nobody knows share one name, as addresses do.
fn named(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

async fn without_panic(handled: impl Future<Output = Response>) -> Response {
    // What a request shares with others is behind locks that a panic does not leave half done.
    match AssertUnwindSafe(handled).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => panicked(panic.as_ref()),
    }
}

/// A handler panicked: the client learns that it was not its fault, and nothing more.
fn panicked(panic: &(dyn Any + Send)) -> Response {
    let what = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(panic = what, "a handler panicked");
    Problem::new(
        Kind::Internal,
        "a mistake of ours; a command may or may not be recorded: repeat it with the same \
         Idempotency-Key",
    )
    .into_response()
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_without_its_innards() {
        let response = without_panic(async { panic!("the secret is 42") }).await;
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&body);
        assert!(text.contains("urn:paidan:problem:internal") && !text.contains("42"), "{text}");
    }
}
