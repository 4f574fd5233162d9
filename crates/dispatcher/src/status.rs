//! What the driver tells of itself, for metrics, readiness, and whoever waits until it has nothing
//! left to do.

use std::collections::BTreeMap;

use domain::{CommandId, GlobalPosition, Timestamp};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::action::Answer;
use crate::audit::Audited;
use crate::core::Dispatcher;
use crate::ports::Role;

/// Due timers are counted up to so many, because the numbers are made at every turn.
pub const DUE_COUNTED_MAX: usize = 1_000;

/// How the dispatcher is doing. Shared by reference; the numbers of a snapshot belong together.
#[derive(Debug)]
pub struct Status {
    numbers: watch::Sender<Snapshot>,
    /// How many actions of a kind were answered in a way. Kinds are the core's own, so few.
    answered: Mutex<BTreeMap<(String, Outcome), u64>>,
    audited: Mutex<Option<Audited>>,
}

/// What became of an action, without the particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It is recorded.
    Done,
    /// There was nothing to record.
    Nothing,
    /// It was decided already.
    DecidedAlready,
    /// It was refused.
    Rejected,
    /// It was not taken after all attempts.
    NotTaken,
}

impl Outcome {
    /// Its name in numbers and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Nothing => "nothing",
            Self::DecidedAlready => "decided_already",
            Self::Rejected => "rejected",
            Self::NotTaken => "not_taken",
        }
    }

    const fn of(answer: &Answer) -> Self {
        match answer {
            Answer::Done { .. } => Self::Done,
            Answer::Nothing => Self::Nothing,
            Answer::DecidedAlready => Self::DecidedAlready,
            Answer::Rejected(_) => Self::Rejected,
            Answer::NotTaken => Self::NotTaken,
        }
    }
}

/// Actions of a kind that ended in a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What was asked for, as the command's id begins: `assign`, `timeout`, ….
    pub action: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How often since the start.
    pub count: u64,
}

/// The numbers of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// It has read everything that there was when it started.
    pub caught_up: bool,
    /// Whether it acts.
    pub role: Role,
    /// The last event that it knows.
    pub position: GlobalPosition,
    /// Open tickets.
    pub open_tickets: usize,
    /// Timers that run.
    pub timers: usize,
    /// Of these: already due, counted up to [`DUE_COUNTED_MAX`]. Rarely more than none, because
    /// whatever is due is done at once.
    pub timers_due: usize,
    /// The first of them; one that is long past means that the driver does not keep up.
    pub next_due: Option<Timestamp>,
    /// Actions without an answer.
    pub in_flight: usize,
    /// Actions that were answered since the start.
    pub actions: u64,
    /// Assignments of a ticket after its first that were recorded: further rounds.
    pub redispatches: u64,
    /// Of these: refused.
    pub rejections: u64,
    /// Of these: not taken after all attempts.
    pub not_taken: u64,
}

impl Default for Status {
    fn default() -> Self {
        Self {
            numbers: watch::Sender::new(Snapshot::default()),
            answered: Mutex::default(),
            audited: Mutex::default(),
        }
    }
}

impl Status {
    /// The numbers now.
    pub fn snapshot(&self) -> Snapshot {
        let now = *self.numbers.borrow();
        // Timers of a history that is still being read say nothing yet.
        Snapshot { next_due: now.next_due.filter(|_| now.caught_up), ..now }
    }

    /// Says when the numbers change.
    pub fn watch(&self) -> watch::Receiver<Snapshot> {
        self.numbers.subscribe()
    }

    /// Reading begins with nothing, or is about to; what was counted stays.
    pub fn begin(&self) {
        self.numbers.send_modify(|now| {
            (now.caught_up, now.role) = (false, Role::Standby);
        });
    }

    /// A history is still being read.
    pub(crate) fn catching_up(&self, core: &Dispatcher) {
        // Timers of a history that is still being read say nothing yet.
        self.numbers.send_if_modified(|now| changed(now, core, 0, 0));
    }

    /// It has caught up.
    pub(crate) fn set(&self, core: &Dispatcher, role: Role, in_flight: usize, time: Timestamp) {
        let timers_due = core.timers_due(time, DUE_COUNTED_MAX);
        self.numbers.send_if_modified(|now| {
            let before = (now.caught_up, now.role);
            (now.caught_up, now.role) = (true, role);
            changed(now, core, in_flight, timers_due) || before != (true, role)
        });
    }

    /// What the auditor saw last; nothing before it has caught up for the first time.
    pub fn audited(&self) -> Option<Audited> {
        self.audited.lock().clone()
    }

    pub(crate) fn set_audited(&self, audited: Audited) {
        *self.audited.lock() = Some(audited);
    }

    /// How actions ended, by kind and outcome.
    pub fn answered(&self) -> Vec<Answered> {
        let answered = self.answered.lock();
        let row = |((action, outcome), count): (&(String, Outcome), &u64)| Answered {
            action: action.clone(),
            outcome: *outcome,
            count: *count,
        };
        answered.iter().map(row).collect()
    }

    pub(crate) fn count(&self, id: &CommandId, answer: &Answer) {
        let mut parts = id.key.split('/');
        let action = parts.next().unwrap_or_default();
        let outcome = Outcome::of(answer);
        let is_first = parts.next_back() == Some("1");
        let is_redispatch = action == "assign" && outcome == Outcome::Done && !is_first;
        *self.answered.lock().entry((action.to_owned(), outcome)).or_default() += 1;
        self.numbers.send_modify(|now| {
            now.redispatches += u64::from(is_redispatch);
            now.actions += 1;
            match answer {
                Answer::Rejected(_) => now.rejections += 1,
                Answer::NotTaken => now.not_taken += 1,
                Answer::Done { .. } | Answer::Nothing | Answer::DecidedAlready => {}
            }
        });
    }
}

fn changed(now: &mut Snapshot, core: &Dispatcher, in_flight: usize, timers_due: usize) -> bool {
    let before = *now;
    now.position = core.position();
    now.open_tickets = core.open_tickets();
    now.timers = core.timers();
    now.timers_due = timers_due;
    now.next_due = core.next_due();
    now.in_flight = in_flight;
    *now != before
}
