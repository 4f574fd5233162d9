//! The page of a ticket.

use std::sync::Arc;

use ::pages::ticket::TicketPage;
use axum::extract::State;

use super::answer::{failed, not_found, page};
use super::{PageAnswer, Reader};
use crate::Gateway;
use crate::params::Segments;
use crate::tickets::fold;

/// `GET /tickets/{id or number}`.
pub(super) async fn ticket(
    State(gateway): State<Arc<Gateway>>,
    Reader(frame): Reader,
    Segments(named): Segments<String>,
) -> PageAnswer {
    let on_failure = |problem| failed(frame.clone(), &problem);
    let named = named.parse().map_err(on_failure)?;
    let id = gateway.ticket_id(named).await.map_err(on_failure)?;
    let folded = gateway.read_log(move |log| fold(log, id)).await.map_err(on_failure)?;
    let Ok(Some((_, ticket, _))) = folded else { return Err(not_found(frame)) };
    Ok(page(&TicketPage { frame, number: ticket.number, state: ticket.phase.name() }))
}
