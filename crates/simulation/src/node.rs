//! A dispatcher process: the real core, its own clock, and the run that it is in.

use dispatcher::{Action, Dispatcher, Fault, FeedEvent};
use domain::Timestamp;

/// A dispatcher.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) core: Dispatcher,
    /// Counts its starts; what is addressed to an earlier one is lost.
    pub(crate) run: u32,
    pub(crate) is_up: bool,
    /// How far its clock is ahead of the true time, in microseconds.
    ahead: i64,
    /// Its clock was set back: what it put off by the wrong clock comes late by as much.
    pub(crate) confused_until: Timestamp,
    /// It does not look at the clock before this.
    pub(crate) asleep_until: Timestamp,
}

impl Node {
    pub(crate) fn new() -> Self {
        Self {
            core: Dispatcher::new(),
            run: 0,
            is_up: false,
            ahead: 0,
            confused_until: Timestamp::MIN,
            asleep_until: Timestamp::MIN,
        }
    }

    /// What its clock shows at this time.
    pub(crate) fn now(&self, truth: Timestamp) -> Timestamp {
        shifted(truth, self.ahead)
    }

    /// Its clock is set, ahead of the true time by so many microseconds.
    pub(crate) fn set_clock(&mut self, truth: Timestamp, ahead: i64) {
        let (before, after) = (self.now(truth), shifted(truth, ahead));
        self.confused_until = self.confused_until.max(truth).plus(before.since(after));
        self.ahead = ahead;
    }

    /// When it looks at its clock next.
    pub(crate) fn wakes(&self) -> Option<Timestamp> {
        let due = self.core.next_due().filter(|_| self.is_up)?;
        Some(shifted(due, -self.ahead).max(self.asleep_until))
    }

    /// A fresh core reads this much history.
    pub(crate) fn start(
        &mut self,
        history: &[FeedEvent],
        truth: Timestamp,
    ) -> Result<Vec<Action>, Fault> {
        self.core = rebuilt(history)?;
        (self.run, self.is_up) = (self.run + 1, true);
        Ok(self.core.resume(self.now(truth)))
    }

    pub(crate) const fn crash(&mut self) {
        self.is_up = false;
    }
}

/// A core that knows these events and has done nothing yet.
fn rebuilt(history: &[FeedEvent]) -> Result<Dispatcher, Fault> {
    let mut core = Dispatcher::new();
    for event in history {
        core.replay(event)?;
    }
    Ok(core)
}

fn shifted(moment: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(moment.as_micros().saturating_add(micros))
}
