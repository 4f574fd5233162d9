//! What was counted on a day after that day was over.

use domain::Timestamp;
use serde::{Deserialize, Serialize};

/// Corrections of what had been told of a day already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Late {
    /// How many counts came, or were taken back, after the day was over.
    pub(super) late: u32,
    /// When the last of them was recorded.
    pub(super) corrected_at: Option<Timestamp>,
}

impl Late {
    /// One more, recorded then.
    pub(super) fn count(&mut self, recorded_at: Timestamp) {
        self.late = self.late.saturating_add(1);
        self.corrected_at = self.corrected_at.max(Some(recorded_at));
    }
}
