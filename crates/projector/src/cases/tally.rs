//! What an event adds to counts, or takes back from them.

use domain::ticket::Verdict;
use domain::{AreaId, EngineerId, OutletId};
use serde::{Deserialize, Serialize};

/// Whose count it is; nothing where the ticket names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) area: Option<AreaId>,
    pub(crate) outlet: Option<OutletId>,
    pub(crate) engineer: Option<EngineerId>,
}

/// Whether something is counted or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Forth,
    Back,
}

impl Direction {
    /// Turns a counter. It never gets below zero.
    pub(crate) const fn turn(self, counter: &mut u32) {
        *counter = match self {
            Self::Forth => counter.saturating_add(1),
            Self::Back => counter.saturating_sub(1),
        };
    }
}

/// What the customer said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rating {
    pub(crate) verdict: Verdict,
    pub(crate) stars: Option<u8>,
    /// The stars are so few that the director is told.
    pub(crate) low: bool,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// Reported here, or opened in another system.
    Created,
    /// Accepted for the first time, so many seconds after the report.
    FirstResponse(u32),
    Resolved,
    Answer(Rating, Direction),
    Silence(Direction),
    ByAgent,
    Reopened,
    ImportedResolved,
    ImportedClosed,
    ImportedReopened,
}

/// A count, and where it goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tally<W> {
    /// The day or the hour.
    pub(crate) when: W,
    pub(crate) about: About,
    pub(crate) count: Count,
}
