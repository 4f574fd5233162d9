//! Everything that can happen.

use serde::{Deserialize, Serialize};

use crate::attachment::AttachmentEvent;
use crate::audit::AuditEvent;
use crate::directory::{AreaEvent, CustomerEvent, DeviceEvent, OutletEvent};
use crate::engineer::EngineerEvent;
use crate::rules::RuleSetEvent;
use crate::stream::{Epoch, GlobalPosition, StreamKind, StreamVersion};
use crate::ticket::TicketEvent;
use crate::time::Timestamp;

/// The log was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogCreated {
    /// A UUID of its own; people see it as 32 hexadecimal digits, which every JSON reader can hold.
    #[serde(with = "log_id")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{32}$"))]
    pub log_id: u128,
    /// The first.
    pub epoch: Epoch,
}

mod log_id {
    use std::borrow::Cow;

    use serde::{Deserialize, Serialize};

    pub(super) fn serialize<S: serde::Serializer>(id: &u128, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            to.collect_str(&format_args!("{id:032x}"))
        } else {
            id.serialize(to)
        }
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
        if from.is_human_readable() {
            let text = Cow::<'de, str>::deserialize(from)?;
            u128::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
        } else {
            u128::deserialize(from)
        }
    }
}

/// The log was restored or salvaged; cursors of earlier epochs are void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EpochRaised {
    /// The epoch from here on.
    pub epoch: Epoch,
    /// The last position that it kept.
    pub kept: GlobalPosition,
}

/// What can happen to the log itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LogEvent {
    /// The log was made; always at position 1.
    LogCreated(LogCreated),
    /// The log was restored or salvaged.
    EpochRaised(EpochRaised),
}

impl LogEvent {
    /// The event's name; the API gives it as the event's `type`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::LogCreated(_) => "LogCreated",
            Self::EpochRaised(_) => "EpochRaised",
        }
    }

    /// Reads an event of this name from its own fields; nothing where the name is none of these.
    ///
    /// # Errors
    /// Whatever the format says of wrong fields.
    pub fn read<'de, D: serde::Deserializer<'de>>(
        name: &str,
        fields: D,
    ) -> Option<Result<Self, D::Error>> {
        match name {
            "LogCreated" => Some(LogCreated::deserialize(fields).map(Self::LogCreated)),
            "EpochRaised" => Some(EpochRaised::deserialize(fields).map(Self::EpochRaised)),
            _ => None,
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// To the log.
    Log(LogEvent),
    /// To a ticket.
    Ticket(TicketEvent),
    /// To an engineer.
    Engineer(EngineerEvent),
    /// To a customer.
    Customer(CustomerEvent),
    /// To a device.
    Device(DeviceEvent),
    /// To an outlet.
    Outlet(OutletEvent),
    /// To an area.
    Area(AreaEvent),
    /// To the rule set.
    Rules(RuleSetEvent),
    /// To an attachment.
    Attachment(AttachmentEvent),
    /// What an audit found.
    Audit(AuditEvent),
}

impl Event {
    /// The schemas of all payloads, each under the name of its event, and of what they refer to.
    /// Answers with the names.
    #[cfg(feature = "openapi")]
    pub fn schemas(named: &mut Vec<crate::Named>) -> Vec<&'static str> {
        use crate::rules::RuleSetPublished;
        use crate::schema::add;

        add::<LogCreated>(named);
        add::<EpochRaised>(named);
        let mut names = vec!["LogCreated", "EpochRaised"];
        names.extend(TicketEvent::schemas(named));
        names.extend(EngineerEvent::schemas(named));
        names.extend(CustomerEvent::schemas(named));
        names.extend(DeviceEvent::schemas(named));
        names.extend(OutletEvent::schemas(named));
        names.extend(AreaEvent::schemas(named));
        add::<RuleSetPublished>(named);
        names.push("RuleSetPublished");
        names.extend(AttachmentEvent::schemas(named));
        names.extend(AuditEvent::schemas(named));
        names
    }

    /// The event's name; the API gives it as the event's `type`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Log(event) => event.name(),
            Self::Ticket(event) => event.name(),
            Self::Engineer(event) => event.name(),
            Self::Customer(event) => event.name(),
            Self::Device(event) => event.name(),
            Self::Outlet(event) => event.name(),
            Self::Area(event) => event.name(),
            Self::Rules(event) => event.name(),
            Self::Attachment(event) => event.name(),
            Self::Audit(event) => event.name(),
        }
    }

    /// Reads an event from what the API gives of it: its `type` and its own fields. Nothing where
    /// today's domain has no event of the name.
    ///
    /// # Errors
    /// Whatever the format says of wrong fields.
    pub fn read<'de, D: serde::Deserializer<'de> + Clone>(
        name: &str,
        fields: D,
    ) -> Option<Result<Self, D::Error>> {
        // Names of different kinds never meet: a test of the registry's samples says so.
        None.or_else(|| Some(TicketEvent::read(name, fields.clone())?.map(Self::Ticket)))
            .or_else(|| Some(EngineerEvent::read(name, fields.clone())?.map(Self::Engineer)))
            .or_else(|| Some(CustomerEvent::read(name, fields.clone())?.map(Self::Customer)))
            .or_else(|| Some(DeviceEvent::read(name, fields.clone())?.map(Self::Device)))
            .or_else(|| Some(OutletEvent::read(name, fields.clone())?.map(Self::Outlet)))
            .or_else(|| Some(AreaEvent::read(name, fields.clone())?.map(Self::Area)))
            .or_else(|| Some(RuleSetEvent::read(name, fields.clone())?.map(Self::Rules)))
            .or_else(|| Some(AttachmentEvent::read(name, fields.clone())?.map(Self::Attachment)))
            .or_else(|| Some(AuditEvent::read(name, fields.clone())?.map(Self::Audit)))
            .or_else(|| Some(LogEvent::read(name, fields)?.map(Self::Log)))
    }

    /// The kind of stream that it belongs to.
    pub const fn kind(&self) -> StreamKind {
        match self {
            Self::Log(_) => StreamKind::Log,
            Self::Ticket(_) => StreamKind::Ticket,
            Self::Engineer(_) => StreamKind::Engineer,
            Self::Customer(_) => StreamKind::Customer,
            Self::Device(_) => StreamKind::Device,
            Self::Outlet(_) => StreamKind::Outlet,
            Self::Area(_) => StreamKind::Area,
            Self::Rules(_) => StreamKind::Rules,
            Self::Attachment(_) => StreamKind::Attachment,
            Self::Audit(_) => StreamKind::Audit,
        }
    }
}

macro_rules! from_events {
    ($($type:ident => $variant:ident),* $(,)?) => {
        $(impl From<$type> for Event {
            fn from(event: $type) -> Self { Self::$variant(event) }
        })*
    };
}

from_events! {
    LogEvent => Log,
    TicketEvent => Ticket,
    EngineerEvent => Engineer,
    CustomerEvent => Customer,
    DeviceEvent => Device,
    OutletEvent => Outlet,
    AreaEvent => Area,
    RuleSetEvent => Rules,
    AttachmentEvent => Attachment,
    AuditEvent => Audit,
}

/// When and where an event was recorded, as folds may depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Its place in the log.
    pub position: GlobalPosition,
    /// Its place in its stream.
    pub version: StreamVersion,
    /// When it really happened.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// A stored event that cannot follow what came before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {event} at position {position} cannot follow: {why}")]
pub struct CorruptHistory {
    /// The event's name.
    pub event: &'static str,
    /// Where.
    pub position: GlobalPosition,
    /// What is wrong.
    pub why: &'static str,
}
