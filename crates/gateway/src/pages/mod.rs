//! Pages: what a browser gets. A page asks the read models and the log as the API does, and hands
//! what they say to the crate `pages`, which makes HTML of it.

mod answer;
mod assets;
mod board;
mod history;
mod names;
mod policy;
mod reader;
mod ticket;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;
use tower_http::compression::CompressionLayer;

use crate::Gateway;
use answer::PageAnswer;
use reader::Reader;

pub(crate) use board::Boards;

/// The pages, with what goes for each of them: compressed, nothing from elsewhere, and the
/// reader's language and theme.
pub(crate) fn router(gateway: Arc<Gateway>) -> Router<Arc<Gateway>> {
    Router::new()
        .route("/", get(board::board))
        .route("/tickets/{id}", get(ticket::ticket))
        .route("/assets/{name}", get(assets::asset))
        .layer(from_fn(reader::remember_choice))
        .layer(from_fn(policy::headers))
        .layer(CompressionLayer::new())
        // Neither a page nor a file: what it sends is sent at once, and nothing is chosen by it.
        .route("/board/stream", get(board::stream))
        .with_state(gateway)
}
