//! Everything that can be asked, and the one function that answers.

use std::sync::Arc;

use serde::Serialize;

use crate::actor::{Actor, Origin};
use crate::directory::{
    self, Area, AreaEntry, Customer, CustomerEntry, Device, DeviceEntry, Outlet, OutletEntry,
};
use crate::engineer::{self, Engineer, EngineerCommand};
use crate::event::Event;
use crate::id::{AreaId, CustomerId, DeviceId, EngineerId, OutletId, TicketId};
use crate::rejection::Rejection;
use crate::rules::{self, RuleSet, Rules};
use crate::stream::StreamId;
use crate::ticket::{self, Ticket, TicketCommand};
use crate::time::Timestamp;

/// A request to change something. Its JSON is what a command id is bound to: the same id with
/// another content is a mistake of the sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Of a ticket.
    Ticket(TicketId, TicketCommand),
    /// Of an engineer.
    Engineer(EngineerId, EngineerCommand),
    /// Puts a customer into the directory.
    Customer(CustomerId, CustomerEntry),
    /// Puts a device into the directory.
    Device(DeviceId, DeviceEntry),
    /// Puts an outlet into the directory.
    Outlet(OutletId, OutletEntry),
    /// Puts an area into the directory.
    Area(AreaId, AreaEntry),
    /// Publishes rules.
    PublishRules(Rules),
}

impl Command {
    /// The aggregate that it is about.
    pub fn stream(&self) -> StreamId {
        match self {
            Self::Ticket(id, _) => (*id).into(),
            Self::Engineer(id, _) => (*id).into(),
            Self::Customer(id, _) => (*id).into(),
            Self::Device(id, _) => (*id).into(),
            Self::Outlet(id, _) => (*id).into(),
            Self::Area(id, _) => (*id).into(),
            Self::PublishRules(_) => StreamId::RULES,
        }
    }
}

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

/// Answers a command: the events that it leads to, together or not at all. None at all means that
/// it is true already, as with a repeated request or a timer that comes late.
///
/// # Errors
/// A [`Rejection`] that tells its reader what to do.
pub fn decide(
    aggregates: &dyn Aggregates,
    command: &Command,
    context: &Context,
) -> Result<Vec<Change>, Rejection> {
    match command {
        Command::Ticket(id, command) => ticket::decide(aggregates, *id, command, context),
        Command::Engineer(id, command) => engineer::decide(aggregates, *id, command, context),
        Command::Customer(id, entry) => directory::put_customer(aggregates, *id, entry),
        Command::Device(id, entry) => directory::put_device(aggregates, *id, entry),
        Command::Outlet(id, entry) => directory::put_outlet(aggregates, *id, entry),
        Command::Area(id, entry) => directory::put_area(aggregates, *id, entry),
        Command::PublishRules(rules) => rules::publish(aggregates, rules),
    }
}
