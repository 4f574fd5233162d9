//! Counts of one day, area, outlet and engineer. Cells of any set can be added up.

use domain::ticket::Verdict;
use domain::{AreaId, CivilDate, EngineerId, OutletId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::cases::{About, Count, Direction, Rating, Tally};

/// What a cell is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct CellKey {
    pub(super) day: CivilDate,
    pub(super) area: Option<AreaId>,
    pub(super) outlet: Option<OutletId>,
    pub(super) engineer: Option<EngineerId>,
}

impl CellKey {
    /// What a dump names it by.
    pub(super) const fn fields(
        &self,
    ) -> (CivilDate, Option<AreaId>, Option<OutletId>, Option<EngineerId>) {
        (self.day, self.area, self.outlet, self.engineer)
    }

    pub(super) const fn of(tally: &Tally<CivilDate>) -> Self {
        let About { area, outlet, engineer } = tally.about;
        Self { day: tally.when, area, outlet, engineer }
    }
}

/// The counts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Cell {
    pub(super) resolved: u32,
    pub(super) satisfied: u32,
    pub(super) partial: u32,
    pub(super) unresolved: u32,
    /// Answers with so few stars that the director is told.
    pub(super) low: u32,
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
    /// Of all these, what came after the day was over; also where it was taken back.
    pub(super) late: u32,
    /// When the last of that was recorded.
    pub(super) corrected_at: Option<Timestamp>,
}

impl Cell {
    pub(super) fn count(&mut self, count: Count) {
        use Direction::Forth;
        match count {
            // No figure of satisfaction.
            Count::Created => {}
            Count::Resolved => Forth.turn(&mut self.resolved),
            Count::Answer(Rating { verdict, stars, low }, direction) => {
                if low {
                    direction.turn(&mut self.low);
                }
                direction.turn(match verdict {
                    Verdict::Satisfied => &mut self.satisfied,
                    Verdict::Partial => &mut self.partial,
                    Verdict::Unresolved => &mut self.unresolved,
                });
                let place = stars.and_then(|stars| usize::from(stars).checked_sub(1));
                if let Some(counter) = place.and_then(|place| self.stars.get_mut(place)) {
                    direction.turn(counter);
                }
            }
            Count::Silence(direction) => direction.turn(&mut self.closed_by_silence),
            Count::ByAgent => Forth.turn(&mut self.closed_by_agent),
            Count::Reopened => Forth.turn(&mut self.reopened),
            Count::FirstResponse(seconds) => {
                let place = self.first_responses.partition_point(|earlier| *earlier <= seconds);
                self.first_responses.insert(place, seconds);
            }
            Count::ImportedResolved => Forth.turn(&mut self.imported_resolved),
            Count::ImportedClosed => Forth.turn(&mut self.imported_closed),
            Count::ImportedReopened => Forth.turn(&mut self.imported_reopened),
        }
    }

    /// One of the counts was recorded after the day was over.
    pub(super) fn correct(&mut self, recorded_at: Timestamp) {
        self.late = self.late.saturating_add(1);
        self.corrected_at = self.corrected_at.max(Some(recorded_at));
    }

    /// Everything in it was taken back, and nobody had been told of it.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How long customers waited for somebody to accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
        let rating = Rating { verdict: Verdict::Unresolved, stars: Some(1), low: true };
        cell.count(Count::Answer(rating, Direction::Forth));
        assert!(!cell.is_empty());
        cell.count(Count::Answer(rating, Direction::Back));
        assert!(cell.is_empty());
        // Unless that corrects what was told of the day.
        cell.correct(Timestamp::from_seconds(7));
        assert!(!cell.is_empty());
    }
}
