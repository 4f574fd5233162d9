//! Engineers: who can be assigned, and how much they have to do.

mod command;
mod decide;
mod event;
mod state;

pub use command::{EngineerCommand, Profile};
pub(crate) use decide::decide;
pub use event::{
    DutyEnded, DutySource, DutyStarted, EngineerEvent, FreezeReason, Frozen, LeaveSet, Moved,
    OfflineReason, OnCallSet, PersonCard, PlaceFreed, PlaceFreedReason, PlaceTaken, ProfileSet,
    UnfreezeReason, Unfrozen, WentOffline, WentOnline,
};
pub use state::{Engineer, Freeze, LastPosition, Leave, Place};
