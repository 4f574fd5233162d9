//! Tickets, engineers, directory and rules: pure decisions, without clock, randomness or I/O.

mod actor;
pub mod attachment;
mod audit;
mod calendar;
mod code;
mod command;
mod decision;
pub mod directory;
pub mod engineer;
mod event;
mod event_enum;
mod gcj02;
mod id;
mod likeness;
pub mod limits;
mod number;
mod party;
mod personal;
mod place;
mod reason;
mod rejection;
pub mod rules;
mod schema;
mod span;
mod stream;
mod text;
pub mod ticket;
mod time;

pub use actor::{Actor, Assurance, CommandId, Issuer, Origin};
pub use attachment::{AttachmentRef, ContentHash, NewAttachment, Words};
pub use audit::{AttachmentsAudited, AuditEvent};
pub use calendar::{
    CivilDate, CivilHour, DayException, HoursError, IsoWeek, ParseCivilDateError,
    ParseIsoWeekError, ServiceHours, ServiceHoursError, UnknownZone, WeeklyHours, Window, Zone,
};
pub use code::{Addressed, CODE_CHARS_MAX, CodeError, Coded};
pub use command::{Command, decide};
pub use decision::{Aggregates, Change, Context};
pub use event::{CorruptHistory, EpochRaised, Event, LogCreated, LogEvent, Stamp};
pub use id::{
    AreaId, AttachmentId, CustomerId, DeviceId, EngineerId, EventId, ImportBatchId, OutletId,
    ParseIdError, StaffId, TicketId,
};
pub use likeness::{Gist, Said};
pub use number::{ParseNumberError, TicketNumber};
pub use party::{ParsePartyError, Party};
pub use personal::Personal;
pub use place::{Coordinates, CoordinatesError, Datum};
pub use reason::{
    Candidate, CommonGround, DispatchReason, Filter, FilterCount, LinkCandidate, LinkReason, Rule,
};
pub use rejection::Rejection;
pub use rules::RuleSetVersion;
#[cfg(feature = "openapi")]
pub use schema::{Named, add_schemas};
pub use span::{ParseSpanError, Span};
pub use stream::{Epoch, GlobalPosition, ParseStreamIdError, StreamId, StreamKind, StreamVersion};
pub use time::{ParseTimestampError, Timestamp};
