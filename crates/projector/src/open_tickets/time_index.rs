//! Tickets in the order of a moment, and how many come before one.

use std::collections::{BTreeMap, BTreeSet};

use domain::{GlobalPosition, TicketNumber, Timestamp};

/// A place in an order by time; the number settles ties.
pub(super) type Slot = (Timestamp, TicketNumber);

/// Comes before every ticket's number.
const BEFORE_ALL: TicketNumber = TicketNumber::from_position(GlobalPosition::ZERO);

/// The width of a bucket.
const HOUR_MICROS: i64 = 3_600_000_000;

/// Tickets by a moment. Counting looks at whole hours, so that a board over a million open
/// tickets does not walk through them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TimeIndex {
    slots: BTreeSet<Slot>,
    hours: BTreeMap<i64, u32>,
}

const fn hour(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(HOUR_MICROS)
}

impl TimeIndex {
    pub(super) fn insert(&mut self, at: Timestamp, number: TicketNumber) {
        if self.slots.insert((at, number)) {
            *self.hours.entry(hour(at)).or_default() += 1;
        }
    }

    pub(super) fn remove(&mut self, at: Timestamp, number: TicketNumber) {
        if self.slots.remove(&(at, number))
            && let Some(count) = self.hours.get_mut(&hour(at))
        {
            *count -= 1;
            if *count == 0 {
                self.hours.remove(&hour(at));
            }
        }
    }

    pub(super) const fn slots(&self) -> &BTreeSet<Slot> {
        &self.slots
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Those before a moment.
    pub(super) fn before(&self, end: Timestamp) -> impl Iterator<Item = Slot> + '_ {
        self.slots.range(..(end, BEFORE_ALL)).copied()
    }

    /// How many are before a moment.
    pub(super) fn count_before(&self, end: Timestamp) -> u64 {
        let whole: u64 = self.hours.range(..hour(end)).map(|(_, count)| u64::from(*count)).sum();
        let begin = Timestamp::from_micros(hour(end).saturating_mul(HOUR_MICROS));
        let rest = self.slots.range((begin, BEFORE_ALL)..(end, BEFORE_ALL)).count();
        whole + rest as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counting_by_hours_agrees_with_counting_one_by_one(
            times in prop::collection::vec(-20_000_i64..20_000, 0..60),
            removed in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
            end in -20_000_i64..20_000,
        ) {
            let mut index = TimeIndex::default();
            let slots: Vec<Slot> = times
                .iter()
                .zip(1..)
                .map(|(at, n)| {
                    let number = TicketNumber::from_position(GlobalPosition::new(n));
                    (Timestamp::from_seconds(*at), number)
                })
                .collect();
            for (at, number) in &slots {
                index.insert(*at, *number);
            }
            if !slots.is_empty() {
                for place in removed {
                    let (at, number) = slots[place.index(slots.len())];
                    index.remove(at, number);
                }
            }
            let end = Timestamp::from_seconds(end);
            prop_assert_eq!(index.count_before(end), index.before(end).count() as u64);
        }
    }

    #[test]
    fn the_ends_of_time_are_counted_without_a_panic() {
        let index = TimeIndex::default();
        assert_eq!(index.count_before(Timestamp::MAX), 0);
        assert_eq!(index.count_before(Timestamp::MIN), 0);
    }
}
