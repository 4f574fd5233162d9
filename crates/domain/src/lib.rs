//! Tickets, engineers, directory and rules: pure decisions, without clock, randomness or I/O.

mod actor;
mod id;
mod personal;
mod stream;
mod time;

pub use actor::{Actor, Assurance, CommandId, Issuer, Origin, Party};
pub use id::{
    AreaId, CustomerId, DeviceId, EngineerId, EventId, ImportBatchId, OutletId, ParseIdError,
    StaffId, TicketId,
};
pub use personal::Personal;
pub use stream::{Epoch, GlobalPosition, ParseStreamIdError, StreamId, StreamKind, StreamVersion};
pub use time::{ParseTimestampError, Timestamp};
