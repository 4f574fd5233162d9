//! Which address is whose.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post, put};
use domain::directory::{AreaEntry, CustomerEntry, DeviceEntry, OutletEntry};
use domain::engineer::Profile;
use tower_http::catch_panic::CatchPanicLayer;

use crate::problem::{Kind, Problem};
use crate::{
    Gateway, board, commands, directory, engineers, feed, headers, lifecycle, metrics, observe,
};
use crate::{loading, pages, status, stream, tickets};

/// The whole API. It knows nothing of the transport: TCP and sockets are served alike.
pub fn router(gateway: Arc<Gateway>) -> Router {
    let api = Router::new()
        .route("/tickets", get(board::tickets).post(commands::create))
        .route("/tickets/{id}", get(tickets::one))
        .route("/tickets/{id}/events", get(tickets::history))
        .route("/tickets/{id}/{verb}", post(commands::act))
        .route("/backlog/top", get(board::backlog))
        .route("/queues", get(board::queues))
        .route("/satisfaction", get(board::satisfaction))
        .route("/lifecycle", get(lifecycle::lifecycle))
        .route("/engineers", get(board::engineers))
        .route("/engineers/load", get(board::load))
        .route("/engineers/{id}", put(directory::put::<Profile>).get(engineers::one))
        .route("/engineers/{id}/{verb}", post(engineers::act))
        .route(
            "/outlets/{id}",
            put(directory::put::<OutletEntry>).get(directory::get::<OutletEntry>),
        )
        .route("/areas/{id}", put(directory::put::<AreaEntry>).get(directory::get::<AreaEntry>))
        .route(
            "/customers/{id}",
            put(directory::put::<CustomerEntry>).get(directory::get::<CustomerEntry>),
        )
        .route(
            "/devices/{id}",
            put(directory::put::<DeviceEntry>).get(directory::get::<DeviceEntry>),
        )
        .route("/directory/{sheet}", post(loading::load))
        .route("/rules", put(directory::put_rules).get(directory::get_rules))
        .route("/events", get(feed::page))
        .route("/stream", get(stream::follow));
    Router::new()
        .merge(pages::router(Arc::clone(&gateway)))
        .nest("/api/v1", api)
        .route("/healthz", get(status::health))
        .route("/readyz", get(status::ready))
        .route("/metrics", get(metrics::text))
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .layer(from_fn(headers::key_of_command))
        .layer(CatchPanicLayer::custom(observe::panicked))
        .layer(from_fn_with_state(Arc::clone(&gateway), observe::measure))
        .with_state(gateway)
}

async fn no_route(request: Request) -> Problem {
    let path: String = request.uri().path().chars().take(200).collect();
    Problem::new(
        Kind::NoRoute,
        format!(
            "there is nothing at {path}; addresses begin with /api/v1 and have no slash at the end"
        ),
    )
}

async fn no_method(request: Request) -> Problem {
    Problem::new(
        Kind::MethodNotAllowed,
        format!("{} does not go here; the header `allow` has what does", request.method()),
    )
}
