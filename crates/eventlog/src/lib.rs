//! The append-only log: contract, codec, chain, sled backend and one conformance suite.
//!
//! `contract` is what every backend promises. `codec`, `frame` and `chain` turn events into
//! bytes; `keys` seals what is personal; `admission` decides what is taken and where it goes,
//! for every backend. `memory` keeps a log in memory, for tests.

mod hex;

mod chain;
mod clock;
mod contract;

mod codec;
mod frame;
pub mod keys;

mod admission;
mod clock_guard;
mod log_events;
mod memory;
mod witness;

pub use chain::{ChainHash, ParseChainHashError};
pub use clock::{Clock, ManualClock, SystemClock};
pub use codec::{
    EncodedPayload, PayloadError, RECORD_BYTES_MAX, SHAPES, Shape, decode_payload, encode_payload,
};
pub use contract::{
    Append, AppendError, AppendHeader, Appended, DecisionBasis, EventLog, Expected, Fingerprint,
    Head, KnownCommand, LogIdentity, NewEvent, PendingAppend, ReadError, RecordedEvent,
    SubmitError,
};
pub use frame::{APPEND_BYTES_MAX, FRAME_BYTES_MAX};
pub use memory::{MemoryLog, MemoryOptions};
