//! What a decision may look at, and what it leads to.

use std::sync::Arc;

use crate::actor::{Actor, Origin};
use crate::attachment::Attachment;
use crate::directory::{Area, Customer, Device, Outlet};
use crate::engineer::Engineer;
use crate::event::Event;
use crate::id::{AreaId, AttachmentId, CustomerId, DeviceId, EngineerId, OutletId, TicketId};
use crate::rules::RuleSet;
use crate::stream::StreamId;
use crate::ticket::Ticket;
use crate::time::Timestamp;

/// What a decision may know beside the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// The time of the decision.
    pub now: Timestamp,
    /// Who asks.
    pub actor: Actor,
    /// Live, or an import.
    pub origin: Origin,
}

/// The aggregates as they are when a command is decided, what is queued before it included.
pub trait Aggregates {
    /// A ticket.
    fn ticket(&self, id: TicketId) -> Option<Arc<Ticket>>;
    /// An engineer.
    fn engineer(&self, id: EngineerId) -> Option<Arc<Engineer>>;
    /// A customer.
    fn customer(&self, id: CustomerId) -> Option<Arc<Customer>>;
    /// A device.
    fn device(&self, id: DeviceId) -> Option<Arc<Device>>;
    /// An outlet.
    fn outlet(&self, id: OutletId) -> Option<Arc<Outlet>>;
    /// An area.
    fn area(&self, id: AreaId) -> Option<Arc<Area>>;
    /// An attachment.
    fn attachment(&self, id: AttachmentId) -> Option<Arc<Attachment>>;
    /// The rules that hold.
    fn rules(&self) -> Arc<RuleSet>;
}

/// An event that a command leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The stream that it goes to.
    pub stream: StreamId,
    /// Whose key seals its personal part.
    pub subject: StreamId,
    /// What happens.
    pub event: Event,
}

impl Change {
    /// An event whose personal part, if any, belongs to the stream's own subject.
    pub(crate) fn own(stream: impl Into<StreamId>, event: impl Into<Event>) -> Self {
        let stream = stream.into();
        Self { stream, subject: stream, event: event.into() }
    }
}
