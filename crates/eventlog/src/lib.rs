//! The append-only log: contract, codec, chain, sled backend and one conformance suite.
//!
//! `contract` is what every backend promises. `codec`, `frame` and `chain` turn events into
//! bytes; `keys` seals what is personal; `admission` decides what is taken and where it goes,
//! for every backend. `memory` keeps a log in memory, for tests; `sled_log` keeps it on disk, with
//! a `witness` of its length and an `index` derived from it. `portable` takes it out of its
//! directory and back, as exports and backups; `salvage` brings back what is left of a damaged one.

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

mod index;
mod sled_log;
mod verify;
mod witness;

mod portable;
mod salvage;

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "conformance")]
pub mod fuzz;
#[cfg(feature = "conformance")]
pub mod samples;

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
pub use index::IndexError;
pub use memory::{MemoryLog, MemoryOptions};
pub use portable::{
    BackedUp, BackupError, BackupOptions, ExportError, ExportOptions, Exported, ImportError,
    ManifestError, PART_FORMAT, PartError, RebuildError, RebuildOptions, Rebuilt, RestoreError,
    Restored, backup, export, holds_keys, import, restore,
};
pub use salvage::{
    PositionRange, SalvageError, SalvageOptions, SalvageProgress, Salvaged, WitnessFound, salvage,
};
pub use sled_log::{
    Cut, DIRECTORY_FORMAT, DirectoryError, DiskBytes, IndexState, LogNumbers, LostWitness,
    OpenError, OpenOptions, OpenReport, SledLog, StoreError, SyncData, SyncPolicy, TailError,
};
pub use verify::{
    KindCount, LogStat, VerifyError, VerifyProgress, VerifyReport, stat, verify, verify_directory,
};
pub use witness::{Seen, WitnessError};
