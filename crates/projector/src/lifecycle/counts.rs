//! What is counted in an hour.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::cases::{Count, Direction};

/// The counts of one hour, area and outlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Cell {
    created: u32,
    accepted: u32,
    completed: u32,
    rated: u32,
    low: u32,
    silent: u32,
}

impl Cell {
    pub(super) fn count(&mut self, count: Count) {
        let forth = Direction::Forth;
        match count {
            Count::Created => forth.turn(&mut self.created),
            Count::FirstResponse(_) => forth.turn(&mut self.accepted),
            Count::Resolved | Count::ImportedResolved => forth.turn(&mut self.completed),
            Count::Answer(rating, direction) => {
                direction.turn(&mut self.rated);
                if rating.low {
                    direction.turn(&mut self.low);
                }
            }
            Count::Silence(direction) => direction.turn(&mut self.silent),
            Count::ByAgent | Count::Reopened | Count::ImportedClosed | Count::ImportedReopened => {}
        }
    }

    /// Nothing was counted, or all of it was taken back.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How many tickets went through each part of their life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LifecycleCounts {
    /// Reported here, or opened in another system.
    pub created: u64,
    /// Accepted by an engineer for the first time.
    pub accepted: u64,
    /// 完工, each time that a ticket was done.
    pub completed: u64,
    /// Answered by the customer: 解决满意, 部分解决 or 未解决.
    pub rated: u64,
    /// Answers with so few stars that the director is told; they are in `rated` too.
    pub low: u64,
    /// Closed because the customer did not answer; no rating.
    pub silent: u64,
}

impl AddAssign<&Cell> for LifecycleCounts {
    fn add_assign(&mut self, cell: &Cell) {
        self.created += u64::from(cell.created);
        self.accepted += u64::from(cell.accepted);
        self.completed += u64::from(cell.completed);
        self.rated += u64::from(cell.rated);
        self.low += u64::from(cell.low);
        self.silent += u64::from(cell.silent);
    }
}
