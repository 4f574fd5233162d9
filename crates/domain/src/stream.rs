//! Streams and places in the log.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{AreaId, AttachmentId, CustomerId, DeviceId, EngineerId, OutletId, TicketId};
use crate::schema::{counter_schema, text_schema};

/// What a stream is about. The numbers stand in stored bytes and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum StreamKind {
    /// The log itself: its identity, and what happened to it.
    Log = 0,
    /// One ticket.
    Ticket = 1,
    /// One engineer.
    Engineer = 2,
    /// One customer.
    Customer = 3,
    /// One device.
    Device = 4,
    /// One outlet.
    Outlet = 5,
    /// One area.
    Area = 6,
    /// The firm's rule set.
    Rules = 7,
    /// One attachment.
    Attachment = 8,
    /// What audits found.
    Audit = 9,
}

impl StreamKind {
    /// The kind with this stored number.
    pub const fn from_u8(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Log,
            1 => Self::Ticket,
            2 => Self::Engineer,
            3 => Self::Customer,
            4 => Self::Device,
            5 => Self::Outlet,
            6 => Self::Area,
            7 => Self::Rules,
            8 => Self::Attachment,
            9 => Self::Audit,
            _ => return None,
        })
    }

    /// Its name, as it stands in answers and subjects.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Ticket => "ticket",
            Self::Engineer => "engineer",
            Self::Customer => "customer",
            Self::Device => "device",
            Self::Outlet => "outlet",
            Self::Area => "area",
            Self::Rules => "rules",
            Self::Attachment => "attachment",
            Self::Audit => "audit",
        }
    }
}

/// The ordered events of one aggregate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    kind: StreamKind,
    id: u128,
}

impl StreamId {
    /// The stream of the log's own events.
    pub const LOG: Self = Self { kind: StreamKind::Log, id: 0 };
    /// The stream of the rule set.
    pub const RULES: Self = Self { kind: StreamKind::Rules, id: 0 };
    /// The stream of audits.
    pub const AUDIT: Self = Self { kind: StreamKind::Audit, id: 0 };

    /// The stream of this kind and id.
    pub const fn new(kind: StreamKind, id: u128) -> Self {
        Self { kind, id }
    }

    /// What the stream is about.
    pub const fn kind(self) -> StreamKind {
        self.kind
    }

    /// The 128 bits of the aggregate's id.
    pub const fn id(self) -> u128 {
        self.id
    }

    /// The ticket whose stream this is.
    pub fn ticket(self) -> Option<TicketId> {
        (self.kind == StreamKind::Ticket).then(|| TicketId::from_u128(self.id))
    }

    /// The engineer whose stream this is.
    pub fn engineer(self) -> Option<EngineerId> {
        (self.kind == StreamKind::Engineer).then(|| EngineerId::from_u128(self.id))
    }
}

macro_rules! streams_of {
    ($($id:ty => $kind:ident),* $(,)?) => {
        $(impl From<$id> for StreamId {
            fn from(id: $id) -> Self {
                Self { kind: StreamKind::$kind, id: id.as_u128() }
            }
        })*

        impl fmt::Display for StreamId {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.kind {
                    StreamKind::Log => f.write_str("log"),
                    StreamKind::Rules => f.write_str("rules"),
                    StreamKind::Audit => f.write_str("audit"),
                    $(StreamKind::$kind => fmt::Display::fmt(&<$id>::from_u128(self.id), f),)*
                }
            }
        }

        impl FromStr for StreamId {
            type Err = ParseStreamIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    "log" => return Ok(Self::LOG),
                    "rules" => return Ok(Self::RULES),
                    "audit" => return Ok(Self::AUDIT),
                    _ => {}
                }
                $(if let Ok(id) = text.parse::<$id>() {
                    return Ok(id.into());
                })*
                Err(ParseStreamIdError(text.chars().take(64).collect()))
            }
        }
    };
}

streams_of! {
    TicketId => Ticket,
    EngineerId => Engineer,
    CustomerId => Customer,
    DeviceId => Device,
    OutletId => Outlet,
    AreaId => Area,
    AttachmentId => Attachment,
}

/// A text that names no stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no stream; give an id such as tk_…, en_…, cu_…, dv_…, ou_…, ar_…, at_…, \
     `rules` or `audit`"
)]
pub struct ParseStreamIdError(String);

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for StreamId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.kind as u8, self.id).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for StreamId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if deserializer.is_human_readable() {
            std::borrow::Cow::<'de, str>::deserialize(deserializer)?
                .parse()
                .map_err(D::Error::custom)
        } else {
            let (kind, id) = <(u8, u128)>::deserialize(deserializer)?;
            let kind = StreamKind::from_u8(kind)
                .ok_or_else(|| D::Error::custom(format_args!("no stream kind {kind}")))?;
            Ok(Self { kind, id })
        }
    }
}

text_schema!(
    StreamId,
    "The id of what an event or a receipt is about, or `log`, `rules` or `audit`.",
    pattern "^((tk|en|cu|dv|ou|ar|at)_[0-7][0-9a-hjkmnp-tv-z]{25}|log|rules|audit)$",
    "tk_01jd3nqz5e8y6b000000000000"
);

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident, $about:literal;)*) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// Before the first.
            pub const ZERO: Self = Self(0);
            /// The first.
            pub const FIRST: Self = Self(1);

            /// The counter with this number.
            pub const fn new(number: u64) -> Self {
                Self(number)
            }

            /// The number; zero means that there is none yet.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The one after this.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }

            /// The one so many places after this.
            #[must_use]
            pub const fn plus(self, places: u64) -> Self {
                Self(self.0 + places)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        counter_schema!($name, $about);
    )*};
}

counters! {
    /// How many events a stream has: from 1, without gaps. Zero: the stream does not exist.
    StreamVersion, "How many events a stream has: from 1, without gaps. 0: it does not exist.";
    /// A place in the whole log: from 1, without gaps. Zero: before the first event.
    GlobalPosition, "A place in the whole log: from 1, without gaps. 0: before the first event.";
    /// How often the log was restored or salvaged; cursors of another epoch are void.
    Epoch, "How often the log was restored or salvaged; cursors of another epoch are void.";
}
