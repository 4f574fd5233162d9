//! Everything that can be asked, and the one function that answers.

use serde::{Deserialize, Serialize};

use crate::attachment::{self, AttachmentCommand, ContentHash};
use crate::audit::{self, AttachmentsAudited};
use crate::decision::{Aggregates, Change, Context};
use crate::directory::{self, AreaEntry, CustomerEntry, DeviceEntry, OutletEntry};
use crate::engineer::{self, EngineerCommand};
use crate::id::{AreaId, AttachmentId, CustomerId, DeviceId, EngineerId, OutletId, TicketId};
use crate::rejection::Rejection;
use crate::rules::{self, Rules};
use crate::stream::StreamId;
use crate::ticket::{self, TicketCommand};

/// A request to change something. Its JSON is what a command id is bound to: the same id with
/// another content is a mistake of the sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Of an attachment.
    Attachment(ContentHash, AttachmentCommand),
    /// Records what an audit found.
    RecordAudit(AttachmentsAudited),
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
            Self::Attachment(hash, _) => AttachmentId::from(*hash).into(),
            Self::RecordAudit(_) => StreamId::AUDIT,
        }
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
        Command::Attachment(hash, command) => attachment::decide(aggregates, *hash, command),
        Command::RecordAudit(audit) => audit::record(audit, context),
    }
}
