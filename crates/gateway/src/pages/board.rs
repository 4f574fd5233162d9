//! The live board.

use std::sync::Arc;

use ::pages::board::BoardPage;
use axum::extract::State;
use projector::ModelName;

use super::answer::{failed, page};
use super::{PageAnswer, Reader};
use crate::Gateway;

/// `GET /`.
pub(super) async fn board(
    State(gateway): State<Arc<Gateway>>,
    Reader(frame): Reader,
) -> PageAnswer {
    let now = gateway.ports().clock.now();
    let counts = gateway
        .ask(ModelName::OpenTickets, None, move |models| models.ticket_counts(now))
        .await
        .map_err(|problem| failed(frame.clone(), &problem))?;
    Ok(page(&BoardPage { frame, open: counts.value.open }))
}
