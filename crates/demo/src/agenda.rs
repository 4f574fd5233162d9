//! What is to be done when: one thing at a time.
//!
//! Each entry has a fraction of a second that no other entry has. Timers that begin with one act
//! and last a whole number of seconds keep its fraction, so two timers that were begun by
//! different acts are never due at the same moment, and their order never depends on which thread
//! was faster.

use std::collections::BTreeMap;

use domain::Timestamp;

use crate::act::{Act, Planned};

/// A prime: all fractions up to it come once before one comes again.
const FRACTIONS: i64 = 999_983;
/// Far from its neighbours, so that entries of one second are in no particular order.
const STRIDE: i64 = 382_119;
const SECOND: i64 = 1_000_000;

/// The agenda.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    entries: BTreeMap<Timestamp, Act>,
    entered: i64,
}

impl Agenda {
    /// Enters something for its second, or for the next one that is to come.
    pub(crate) fn enter(&mut self, planned: Planned, now: Timestamp) {
        self.entered = (self.entered + 1) % FRACTIONS;
        // Zero is left to rosters and service hours, which begin and end with whole minutes.
        let fraction = self.entered * STRIDE % FRACTIONS + 1;
        let second = planned.at.as_micros().div_euclid(SECOND) * SECOND;
        let mut at = Timestamp::from_micros(second + fraction);
        if at <= now {
            let second = now.as_micros().div_euclid(SECOND) * SECOND;
            at = Timestamp::from_micros(second + SECOND + fraction);
        }
        // After a million entries a fraction comes again; its second may still be taken.
        while self.entries.contains_key(&at) {
            at = Timestamp::from_micros(at.as_micros() + SECOND);
        }
        self.entries.insert(at, planned.act);
    }

    /// When the next one is to be done.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.entries.first_key_value().map(|(at, _)| *at)
    }

    /// The next one, if its time has come.
    pub(crate) fn take(&mut self, now: Timestamp) -> Option<Act> {
        let entry = self.entries.first_entry()?;
        (*entry.key() <= now).then(|| entry.remove())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_entries_have_the_same_fraction_of_a_second() {
        let mut agenda = Agenda::default();
        let now = Timestamp::from_seconds(100);
        for second in 0..20_000 {
            let at = Timestamp::from_seconds(90 + second % 50);
            agenda.enter(Planned { at, act: Act::NewDay }, now);
        }
        let fractions: BTreeSet<i64> =
            agenda.entries.keys().map(|at| at.as_micros() % SECOND).collect();
        assert_eq!(fractions.len(), 20_000);
        assert!(!fractions.contains(&0));
        assert!(agenda.next_at().is_some_and(|at| at > now));
    }

    #[test]
    fn nothing_is_done_before_its_time() {
        let mut agenda = Agenda::default();
        let at = Timestamp::from_seconds(200);
        agenda.enter(Planned { at, act: Act::NewDay }, Timestamp::from_seconds(100));
        assert_eq!(agenda.take(at), None);
        assert_eq!(agenda.take(Timestamp::from_seconds(201)), Some(Act::NewDay));
        assert_eq!(agenda.len(), 0);
    }
}
