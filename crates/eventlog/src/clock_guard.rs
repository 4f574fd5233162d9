//! Keeps recorded times in order: they never go back, and a wall clock that jumped forward stops
//! appends until somebody confirms it, because a time once recorded can never be undone.

use std::time::Duration;

use domain::Timestamp;

use crate::Clock;

/// Wall time may run ahead of the time that passed by this much.
const JUMP_MAX: Duration = Duration::from_secs(5 * 60);

/// A log that rested for longer than this is not believed to have: a server that was off for a month
/// is rarer than a clock that is wrong after a start.
pub(crate) const REST_MAX: Duration = Duration::from_secs(31 * 24 * 60 * 60);

/// Compares wall time with the time that really passed.
#[derive(Debug)]
pub(crate) struct ClockGuard {
    /// The latest wall time that was believed, and when that was.
    wall: Timestamp,
    monotonic: Duration,
    last_recorded: Timestamp,
}

/// The clock shows a time that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Jumped {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl ClockGuard {
    /// Believes the clock as it is now, as nothing tells how long the process was away; but for a
    /// time that is long after the last event, which has to be confirmed first. A log without an
    /// event has [`Timestamp::MIN`].
    pub(crate) fn new(clock: &dyn Clock, last_recorded: Timestamp) -> Self {
        let rested = last_recorded > Timestamp::MIN && rested_too_long(clock, last_recorded);
        let wall = if rested { last_recorded } else { clock.now() };
        Self { wall, monotonic: clock.monotonic(), last_recorded }
    }

    /// The time to record for an append that says it is `now`.
    pub(crate) fn admit(&mut self, clock: &dyn Clock, now: Timestamp) -> Result<Timestamp, Jumped> {
        let (wall, monotonic) = (clock.now().max(now), clock.monotonic());
        let expected = self.wall.plus(monotonic.saturating_sub(self.monotonic));
        // A time that was recorded already does no further harm.
        if wall.since(expected.max(self.last_recorded)) > JUMP_MAX {
            return Err(Jumped { from: expected, to: wall });
        }
        // A clock that was set back keeps its old expectation: when it is set right again, that
        // is no jump.
        if wall > expected {
            self.wall = wall;
            self.monotonic = monotonic;
        }
        self.last_recorded = self.last_recorded.max(now);
        Ok(self.last_recorded)
    }

    /// Believes the clock as it is now.
    pub(crate) fn confirm(&mut self, clock: &dyn Clock) -> Timestamp {
        self.wall = clock.now();
        self.monotonic = clock.monotonic();
        self.wall
    }
}

/// Whether the clock shows a time so long after the last event that it has to be confirmed.
pub(crate) fn rested_too_long(clock: &dyn Clock, last_recorded: Timestamp) -> bool {
    clock.now().since(last_recorded) > REST_MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManualClock;

    const START: Timestamp = Timestamp::from_seconds(1_000_000);

    fn guard() -> (ManualClock, ClockGuard) {
        let clock = ManualClock::new(START);
        let guard = ClockGuard::new(&clock, START);
        (clock, guard)
    }

    #[test]
    fn hours_that_really_passed_are_no_jump() {
        let (clock, mut guard) = guard();
        clock.advance(Duration::from_secs(50_000));
        assert_eq!(guard.admit(&clock, clock.now()), Ok(clock.now()));
    }

    #[test]
    fn a_jump_is_refused_until_it_is_confirmed() {
        let (clock, mut guard) = guard();
        clock.jump(START.plus(Duration::from_secs(301)));
        let refused = guard.admit(&clock, clock.now());
        assert_eq!(refused, Err(Jumped { from: START, to: clock.now() }));
        assert_eq!(guard.confirm(&clock), clock.now());
        assert_eq!(guard.admit(&clock, clock.now()), Ok(clock.now()));
    }

    #[test]
    fn a_caller_who_is_ahead_of_the_clock_is_refused_as_well() {
        let (clock, mut guard) = guard();
        assert!(guard.admit(&clock, START.plus(Duration::from_secs(301))).is_err());
    }

    #[test]
    fn a_clock_that_goes_back_and_returns_is_no_jump() {
        let (clock, mut guard) = guard();
        clock.jump(START.minus(Duration::from_secs(3_600)));
        assert_eq!(guard.admit(&clock, clock.now()), Ok(START));
        clock.jump(START.plus(Duration::from_secs(1)));
        assert_eq!(guard.admit(&clock, clock.now()), Ok(clock.now()));
    }
}
