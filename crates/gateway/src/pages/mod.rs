//! Pages: what a browser gets. A page asks the read models and the log as the API does, and hands
//! what they say to the crate `pages`, which makes HTML of it.

mod answer;
mod assets;
mod board;
mod find;
mod history;
mod names;
mod news;
mod past;
mod policy;
mod projections;
mod questions;
mod reader;
mod ticket;
mod trial;
mod trial_words;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Request};
use axum::http::header::ACCEPT;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;

use crate::Gateway;
use answer::PageAnswer;
use reader::Reader;

pub(crate) use board::Boards;
pub(crate) use history::numbers;
pub(crate) use names::DirectoryNames;

/// The pages, with what goes for each of them: compressed, nothing from elsewhere, and the
/// reader's language and theme.
pub(crate) fn router(gateway: Arc<Gateway>) -> Router<Arc<Gateway>> {
    // A form writes each byte as three at most.
    let trial_bytes = DefaultBodyLimit::max(gateway.config().body_bytes_max.saturating_mul(3));
    Router::new()
        .route("/", get(board::board))
        .route("/tickets", get(find::find))
        .route("/tickets/{id}", get(ticket::ticket))
        .route("/projections", get(projections::projections))
        .route("/projections/{verb}", post(projections::manage))
        .route("/rules/try", get(trial::form).post(trial::try_on).layer(trial_bytes))
        .route("/questions", get(questions::all))
        .route("/questions/{name}", get(questions::one))
        .route("/assets/{name}", get(assets::asset))
        .layer(from_fn(reader::remember_choice))
        .layer(from_fn(policy::headers))
        .layer(CompressionLayer::new())
        // Neither pages nor files: what they send is sent at once, and nothing is chosen by them.
        .route("/board/stream", get(board::stream))
        .route("/tickets/{id}/news", get(news::news))
        .with_state(gateway)
}

/// Whether a person with a browser asks, so that a page is the answer to an unknown address.
pub(crate) fn are_wanted(request: &Request) -> bool {
    let accepted = request.headers().get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut accepted = accepted.flat_map(|value| value.split(','));
    let is_html = |range: &str| range.trim().to_ascii_lowercase().starts_with("text/html");
    !request.uri().path().starts_with("/api/") && accepted.any(is_html)
}

/// The page that says that there is nothing at an address.
pub(crate) async fn nothing_here(gateway: &Arc<Gateway>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let Ok(Reader(frame)) = Reader::from_request_parts(&mut parts, gateway).await;
    let mut response = answer::not_found(frame);
    policy::write(response.headers_mut());
    response
}
