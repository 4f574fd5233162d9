//! Which address is whose.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};

use crate::problem::{Kind, Problem};
use crate::{Gateway, api, observe, pages};

/// The API, its document and the pages; a new route of the API goes into `api`. It knows nothing of
/// the transport: TCP and sockets are served alike.
pub fn router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .merge(pages::router(Arc::clone(&gateway)))
        .merge(api::router())
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        // One layer: each clones and boxes all that is below it, for every request.
        .layer(from_fn_with_state(Arc::clone(&gateway), observe::measure))
        .with_state(gateway)
}

async fn no_route(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    if pages::are_wanted(&request) {
        return pages::nothing_here(&gateway, request).await;
    }
    let path: String = request.uri().path().chars().take(200).collect();
    Problem::new(
        Kind::NoRoute,
        format!(
            "there is nothing at {path}; addresses begin with /api/v1 and have no slash at the end"
        ),
    )
    .into_response()
}

async fn no_method(request: Request) -> Problem {
    Problem::new(
        Kind::MethodNotAllowed,
        format!("{} does not go here; the header `allow` has what does", request.method()),
    )
}
