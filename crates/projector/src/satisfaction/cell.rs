//! Counts of one day, area, outlet and engineer. Cells of any set can be added up.

use domain::ticket::Verdict;
use domain::{AreaId, CivilDate, EngineerId, OutletId};
use serde::{Deserialize, Serialize};

/// What a cell is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct CellKey {
    pub(super) day: CivilDate,
    pub(super) area: Option<AreaId>,
    pub(super) outlet: Option<OutletId>,
    pub(super) engineer: Option<EngineerId>,
}

/// Whether something is counted or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Forth,
    Back,
}

/// What an event adds to a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Resolved,
    Answer(Verdict, Option<u8>, Direction),
    Silence(Direction),
    ByAgent,
    Reopened,
    FirstResponse(u32),
    ImportedResolved,
    ImportedClosed,
    ImportedReopened,
}

/// The counts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Cell {
    pub(super) resolved: u32,
    pub(super) satisfied: u32,
    pub(super) partial: u32,
    pub(super) unresolved: u32,
    pub(super) closed_by_silence: u32,
    pub(super) closed_by_agent: u32,
    pub(super) reopened: u32,
    pub(super) imported_resolved: u32,
    pub(super) imported_closed: u32,
    pub(super) imported_reopened: u32,
    /// How often 1 to 5 stars were given.
    pub(super) stars: [u32; 5],
    /// In seconds, ascending. All of them: a cell has few, and percentiles stay exact.
    pub(super) first_responses: Vec<u32>,
}

const fn turn(counter: &mut u32, direction: Direction) {
    *counter = match direction {
        Direction::Forth => counter.saturating_add(1),
        Direction::Back => counter.saturating_sub(1),
    };
}

impl Cell {
    pub(super) fn count(&mut self, count: Count) {
        use Direction::Forth;
        match count {
            Count::Resolved => turn(&mut self.resolved, Forth),
            Count::Answer(verdict, stars, direction) => {
                turn(
                    match verdict {
                        Verdict::Satisfied => &mut self.satisfied,
                        Verdict::Partial => &mut self.partial,
                        Verdict::Unresolved => &mut self.unresolved,
                    },
                    direction,
                );
                let place = stars.and_then(|stars| usize::from(stars).checked_sub(1));
                if let Some(counter) = place.and_then(|place| self.stars.get_mut(place)) {
                    turn(counter, direction);
                }
            }
            Count::Silence(direction) => turn(&mut self.closed_by_silence, direction),
            Count::ByAgent => turn(&mut self.closed_by_agent, Forth),
            Count::Reopened => turn(&mut self.reopened, Forth),
            Count::FirstResponse(seconds) => {
                let place = self.first_responses.partition_point(|earlier| *earlier <= seconds);
                self.first_responses.insert(place, seconds);
            }
            Count::ImportedResolved => turn(&mut self.imported_resolved, Forth),
            Count::ImportedClosed => turn(&mut self.imported_closed, Forth),
            Count::ImportedReopened => turn(&mut self.imported_reopened, Forth),
        }
    }

    /// Everything in it was taken back.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How long customers waited for somebody to accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FirstResponse {
    /// How many tickets were accepted for the first time.
    pub count: u64,
    /// Half of them took no longer, in seconds.
    pub median_s: u32,
    /// Nine of ten took no longer, in seconds.
    pub p90_s: u32,
}

impl FirstResponse {
    /// By nearest rank: the smallest value that so many percent of all do not exceed.
    pub(super) fn of(mut seconds: Vec<u32>) -> Option<Self> {
        let mut percentile = |percent: usize| {
            let rank = (seconds.len() * percent).div_ceil(100);
            let place = rank.checked_sub(1)?;
            Some(*seconds.select_nth_unstable(place).1)
        };
        let (median_s, p90_s) = (percentile(50)?, percentile(90)?);
        Some(Self { count: seconds.len() as u64, median_s, p90_s })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Counts instead of ranking: the smallest value that enough of all do not exceed.
    fn naive(seconds: &[u32], percent: usize) -> u32 {
        let enough = |value: u32| {
            let within = seconds.iter().filter(|other| **other <= value).count();
            within * 100 >= seconds.len() * percent
        };
        seconds.iter().copied().filter(|value| enough(*value)).min().expect("not empty")
    }

    proptest! {
        #[test]
        fn percentiles_agree_with_a_naive_computation(
            seconds in prop::collection::vec(0_u32..50, 1..80),
        ) {
            let mut cell = Cell::default();
            for wait in &seconds {
                cell.count(Count::FirstResponse(*wait));
            }
            prop_assert!(cell.first_responses.is_sorted());
            let response = FirstResponse::of(cell.first_responses).expect("not empty");
            prop_assert_eq!(response.count, seconds.len() as u64);
            prop_assert_eq!(response.median_s, naive(&seconds, 50));
            prop_assert_eq!(response.p90_s, naive(&seconds, 90));
        }
    }

    #[test]
    fn nobody_accepted_means_no_percentile() {
        assert_eq!(FirstResponse::of(Vec::new()), None);
    }

    #[test]
    fn a_median_and_p90_by_hand() {
        let response = FirstResponse::of((1..=10).rev().collect()).expect("not empty");
        assert_eq!((response.median_s, response.p90_s), (5, 9));
    }

    #[test]
    fn what_is_taken_back_leaves_nothing_behind() {
        let mut cell = Cell::default();
        cell.count(Count::Answer(Verdict::Unresolved, Some(1), Direction::Forth));
        assert!(!cell.is_empty());
        cell.count(Count::Answer(Verdict::Unresolved, Some(1), Direction::Back));
        assert!(cell.is_empty());
    }
}
