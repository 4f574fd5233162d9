//! Entries, with what is needed to change them and to find them again.

use domain::engineer::{LastPosition, ProfileSet};
use domain::{EngineerId, Personal, StreamVersion};
use serde::Serialize;

/// An entry and the version of its stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry<T> {
    /// The version that the entry was set with.
    pub version: StreamVersion,
    /// The entry.
    #[serde(flatten)]
    pub entry: T,
}

/// An engineer's entry, with name, telephone and last position while those are not erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineerEntry {
    /// Who.
    pub id: EngineerId,
    /// The version of the engineer's stream.
    pub version: StreamVersion,
    /// The entry.
    #[serde(flatten)]
    pub profile: ProfileSet,
    /// Where last.
    pub position: Option<LastPosition>,
    /// The version that the entry was set with.
    #[serde(skip)]
    pub(super) set_at: StreamVersion,
    /// The version of the last move.
    #[serde(skip)]
    pub(super) moved_at: Option<StreamVersion>,
}

impl EngineerEntry {
    /// Drops what is personal.
    pub(super) fn forget(&mut self) {
        self.profile.card = Personal::Erased;
        if let Some(position) = &mut self.position {
            position.coordinates = None;
        }
    }
}
