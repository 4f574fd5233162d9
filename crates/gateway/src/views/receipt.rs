//! The answer to a command.

use domain::ticket::{PhaseName, Verb};
use domain::{GlobalPosition, StreamId, StreamVersion, TicketNumber, Timestamp};
use engine::Receipt;
use serde::Serialize;
use utoipa::ToSchema;

/// A receipt. What it tells is durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ReceiptView {
    pub(crate) id: StreamId,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<TicketNumber>,
    pub(crate) version: StreamVersion,
    /// A read with this `min_position` sees the command.
    position: GlobalPosition,
    recorded_at: Option<Timestamp>,
    repeated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<PhaseName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<Vec<Verb>>,
}

impl From<Receipt> for ReceiptView {
    fn from(receipt: Receipt) -> Self {
        let Receipt { stream, version, position, recorded_at, repeated, ticket } = receipt;
        let (number, state, allowed) = match ticket {
            Some(ticket) => (Some(ticket.number), Some(ticket.phase), Some(ticket.allowed)),
            None => (None, None, None),
        };
        Self { id: stream, number, version, position, recorded_at, repeated, state, allowed }
    }
}

impl ReceiptView {
    /// Nothing had to be recorded, and the write side was not asked.
    pub(crate) const fn unchanged(
        id: StreamId,
        version: StreamVersion,
        position: GlobalPosition,
    ) -> Self {
        Self {
            id,
            number: None,
            version,
            position,
            recorded_at: None,
            repeated: false,
            state: None,
            allowed: None,
        }
    }
}
