//! What is seen of each request from outside: a span, a number, and no panic that takes the
//! connection down.

use std::any::Any;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;
use tracing::field::Empty;

use crate::Gateway;
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
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "PATCH" | "OPTIONS") => known,
        _ => "other",
    }
    .to_owned();
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
    let response = next.run(request).instrument(span.clone()).await;
    let took = clock.monotonic().saturating_sub(begun);
    let status = response.status().as_u16();
    span.record("http.status", status);
    gateway.requests.answered(&method, route, status, took);
    span.in_scope(|| tracing::debug!(took_us = took.as_micros(), "answered"));
    response
}

/// A handler panicked: the client learns that it was not its fault, and nothing more.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Response {
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
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use http_body_util::BodyExt;
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_without_its_innards() {
        async fn fails() -> Response {
            panic!("the secret is 42")
        }
        let app: Router =
            Router::new().route("/", get(fails)).layer(CatchPanicLayer::custom(panicked));
        let response = app.oneshot(Request::new(Body::empty())).await.expect("never fails");
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&body);
        assert!(text.contains("urn:paidan:problem:internal") && !text.contains("42"), "{text}");
    }
}
