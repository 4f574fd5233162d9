//! What is known of one attachment, and of those of a ticket.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::{AttachmentId, GlobalPosition, StreamVersion, TicketId};
use serde::Serialize;
use utoipa::ToSchema;

use super::access::nobody_names;
use super::hash_of;
use super::view::AttachmentView;
use crate::Gateway;
use crate::answer::Answer;
use crate::params::{Asked, Segments};
use crate::tickets::{Waiting, damaged, fold, unknown, unwritable};
use crate::views::EventView;

/// Events of the chain of custody in one answer; the feed has all of them.
const CUSTODY_MAX: usize = 200;

/// An attachment with its chain of custody.
#[derive(Serialize, ToSchema)]
#[schema(as = AttachmentAnswer)]
pub(crate) struct OneAnswer {
    position: GlobalPosition,
    #[serde(flatten)]
    attachment: AttachmentView,
    /// What happened to it, oldest first: linked, opened, quarantined, released, erased.
    custody: Vec<EventView>,
    /// There is more; it stands in the feed.
    custody_more: bool,
}

/// `GET /attachments/{hash}`.
pub(crate) async fn one(
    State(gateway): State<Arc<Gateway>>,
    Segments(hash): Segments<String>,
    Asked(query): Asked<Waiting>,
) -> Answer {
    let hash = hash_of(&hash)?;
    let position = gateway.log_at(query.min_position).await?;
    let known = gateway.attachment(hash, query.min_position).await?;
    let known = known.ok_or_else(|| nobody_names(hash))?;
    let stream = AttachmentId::from(hash).into();
    let events = gateway
        .read_log(move |log| log.read_stream(stream, StreamVersion::ZERO, CUSTODY_MAX + 1))
        .await?;
    let custody_more = events.len() > CUSTODY_MAX;
    let custody = events.iter().take(CUSTODY_MAX).map(EventView::new).collect::<Result<_, _>>();
    let custody = custody.map_err(unwritable)?;
    let attachment = AttachmentView::from(known);
    Ok(Json(OneAnswer { position, attachment, custody, custody_more }).into_response())
}

/// The attachments of a ticket.
#[derive(Serialize, ToSchema)]
#[schema(as = TicketAttachmentsAnswer)]
pub(crate) struct TicketAttachments {
    position: GlobalPosition,
    id: TicketId,
    /// In the order in which they came; those of tickets that were merged into it last.
    attachments: Vec<AttachmentView>,
}

/// `GET /tickets/{id or number}/attachments`.
pub(crate) async fn of_ticket(
    State(gateway): State<Arc<Gateway>>,
    Segments(named): Segments<String>,
    Asked(query): Asked<Waiting>,
) -> Answer {
    let position = gateway.log_at(query.min_position).await?;
    let id = gateway.ticket_id(named.parse()?).await?;
    let folded = gateway.read_log(move |log| fold(log, id)).await?;
    let Some((_, ticket, _)) = folded.map_err(damaged)? else { return Err(unknown(id.into())) };
    let known = gateway.attachments_of(id, ticket.merged_from.clone(), query.min_position).await?;
    let attachments = known.into_iter().map(Into::into).collect();
    Ok(Json(TicketAttachments { position, id, attachments }).into_response())
}
