//! Engineers: who can be assigned, and how much they have to do.

mod command;
mod event;

pub use command::{EngineerCommand, Profile};
pub use event::{
    DutyEnded, DutySource, DutyStarted, EngineerEvent, FreezeReason, Frozen, LeaveSet, Moved,
    OfflineReason, OnCallSet, PersonCard, PlaceFreed, PlaceFreedReason, PlaceTaken, ProfileSet,
    UnfreezeReason, Unfrozen, WentOffline, WentOnline,
};
