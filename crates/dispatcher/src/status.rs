//! What the driver tells of itself, for metrics, readiness, and whoever waits until it has nothing
//! left to do.

use domain::{GlobalPosition, Timestamp};
use tokio::sync::watch;

use crate::action::Answer;
use crate::core::Dispatcher;

/// How the dispatcher is doing. Shared by reference; the numbers of a snapshot belong together.
#[derive(Debug)]
pub struct Status(watch::Sender<Snapshot>);

/// The numbers of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// It has read everything that there was when it started, and dispatches.
    pub caught_up: bool,
    /// The last event that it knows.
    pub position: GlobalPosition,
    /// Open tickets.
    pub open_tickets: usize,
    /// Timers that run.
    pub timers: usize,
    /// The first of them; one that is long past means that the driver does not keep up.
    pub next_due: Option<Timestamp>,
    /// Actions without an answer.
    pub in_flight: usize,
    /// Actions that were answered since the start.
    pub actions: u64,
    /// Of these: refused.
    pub rejections: u64,
    /// Of these: not taken after all attempts.
    pub not_taken: u64,
}

impl Default for Status {
    fn default() -> Self {
        Self(watch::Sender::new(Snapshot::default()))
    }
}

impl Status {
    /// The numbers now.
    pub fn snapshot(&self) -> Snapshot {
        let now = *self.0.borrow();
        // Timers of a history that is still being read say nothing yet.
        Snapshot { next_due: now.next_due.filter(|_| now.caught_up), ..now }
    }

    /// Says when the numbers change.
    pub fn watch(&self) -> watch::Receiver<Snapshot> {
        self.0.subscribe()
    }

    pub(crate) fn set_caught_up(&self) {
        self.0.send_modify(|now| now.caught_up = true);
    }

    pub(crate) fn set(&self, core: &Dispatcher, in_flight: usize) {
        self.0.send_if_modified(|now| {
            let before = *now;
            now.position = core.position();
            now.open_tickets = core.open_tickets();
            now.timers = core.timers();
            now.next_due = core.next_due();
            now.in_flight = in_flight;
            *now != before
        });
    }

    pub(crate) fn count(&self, answer: &Answer) {
        self.0.send_modify(|now| {
            now.actions += 1;
            match answer {
                Answer::Rejected(_) => now.rejections += 1,
                Answer::NotTaken => now.not_taken += 1,
                Answer::Done { .. } | Answer::Nothing | Answer::DecidedAlready => {}
            }
        });
    }
}
