//! What the driver tells of itself, for metrics and readiness.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};

use domain::{GlobalPosition, Timestamp};

use crate::action::Answer;
use crate::core::Dispatcher;

/// How the dispatcher is doing. Shared by reference; each number is right on its own.
#[derive(Debug, Default)]
pub struct Status {
    caught_up: AtomicBool,
    position: AtomicU64,
    open_tickets: AtomicUsize,
    timers: AtomicUsize,
    next_due: AtomicI64,
    in_flight: AtomicUsize,
    actions: AtomicU64,
    rejections: AtomicU64,
    not_taken: AtomicU64,
}

/// The numbers of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

const NOTHING_DUE: i64 = i64::MAX;

impl Status {
    /// The numbers now.
    pub fn snapshot(&self) -> Snapshot {
        let next_due = self.next_due.load(Ordering::Relaxed);
        let caught_up = self.caught_up.load(Ordering::Acquire);
        Snapshot {
            caught_up,
            position: GlobalPosition::new(self.position.load(Ordering::Relaxed)),
            open_tickets: self.open_tickets.load(Ordering::Relaxed),
            timers: self.timers.load(Ordering::Relaxed),
            next_due: (caught_up && next_due != NOTHING_DUE)
                .then(|| Timestamp::from_micros(next_due)),
            in_flight: self.in_flight.load(Ordering::Relaxed),
            actions: self.actions.load(Ordering::Relaxed),
            rejections: self.rejections.load(Ordering::Relaxed),
            not_taken: self.not_taken.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn set_caught_up(&self) {
        self.caught_up.store(true, Ordering::Release);
    }

    pub(crate) fn set(&self, core: &Dispatcher, in_flight: usize) {
        self.position.store(core.position().get(), Ordering::Relaxed);
        self.open_tickets.store(core.open_tickets(), Ordering::Relaxed);
        self.timers.store(core.timers(), Ordering::Relaxed);
        let due = core.next_due().map_or(NOTHING_DUE, Timestamp::as_micros);
        self.next_due.store(due, Ordering::Relaxed);
        self.in_flight.store(in_flight, Ordering::Relaxed);
    }

    pub(crate) fn count(&self, answer: &Answer) {
        self.actions.fetch_add(1, Ordering::Relaxed);
        match answer {
            Answer::Rejected(_) => self.rejections.fetch_add(1, Ordering::Relaxed),
            Answer::NotTaken => self.not_taken.fetch_add(1, Ordering::Relaxed),
            Answer::Done { .. } | Answer::Nothing | Answer::DecidedAlready => 0,
        };
    }
}
