//! An event as the core reads it.

use domain::{CorruptHistory, Event, GlobalPosition, Origin, Stamp, StreamId};

/// One event of the log, in global order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEvent {
    /// The stream that it belongs to.
    pub stream: StreamId,
    /// When and where it was recorded.
    pub stamp: Stamp,
    /// Live, or taken over from another system.
    pub origin: Origin,
    /// What happened.
    pub event: Event,
}

/// Why the core cannot go on. It is rebuilt from the log once the reason is gone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Events are missing: read again from the position that was expected.
    #[error("the feed went on at position {found}, expected {expected}")]
    Gap {
        /// The position that comes next.
        expected: GlobalPosition,
        /// The position that came.
        found: GlobalPosition,
    },
    /// The log is damaged.
    #[error("the log cannot be followed")]
    Corrupt(#[from] CorruptHistory),
    /// An event in a stream of another kind.
    #[error("event {event} at position {position} stands in the stream {stream}")]
    WrongStream {
        /// The event's name.
        event: &'static str,
        /// Where.
        position: GlobalPosition,
        /// The stream.
        stream: StreamId,
    },
}
