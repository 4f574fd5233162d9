//! The auditor: every open ticket has a next step, and somebody is taking it.

use std::time::Duration;

use domain::ticket::Phase;
use domain::{GlobalPosition, TicketId, Timestamp};

use crate::core::Dispatcher;
use crate::in_flight::LOST_AFTER;
use crate::tickets::TicketEntry;
use crate::timers;

/// How late whoever acts may be before the driver's own auditor finds a ticket; longer than another
/// dispatcher takes to lead.
pub const TOLERANCE: Duration = Duration::from_secs(60);

/// What an audit names at most; it counts all.
pub const FINDINGS_MAX: usize = 100;

/// After so many refusals in a row a ticket counts as overdue although it is tried again later.
const REFUSALS_MAX: u32 = 3;

/// What is wrong with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// It is open and nothing is due.
    NoDueTime,
    /// Its time has come and nothing was sent.
    Overdue {
        /// When it was due.
        due: Timestamp,
    },
    /// An action was sent and never answered.
    Unanswered {
        /// Since when.
        since: Timestamp,
    },
}

/// A ticket that nobody takes care of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub ticket: TicketId,
    /// What is wrong.
    pub problem: Problem,
}

/// What the auditor saw at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// When.
    pub at: Timestamp,
    /// The last event that was known then.
    pub position: GlobalPosition,
    /// Open tickets.
    pub open_tickets: usize,
    /// How many of them nobody takes care of.
    pub found: Found,
    /// The first of them by id, at most [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
}

/// Findings by what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Found {
    /// [`Problem::NoDueTime`].
    pub no_due_time: usize,
    /// [`Problem::Overdue`].
    pub overdue: usize,
    /// [`Problem::Unanswered`].
    pub unanswered: usize,
}

impl Found {
    /// All of them.
    pub const fn total(self) -> usize {
        self.no_due_time + self.overdue + self.unanswered
    }
}

impl Dispatcher {
    /// [`Self::audit`] with [`TOLERANCE`], as it is told to whoever asks.
    pub fn audited(&self, now: Timestamp) -> Audited {
        let mut findings = self.audit(now, TOLERANCE);
        let mut found = Found::default();
        for finding in &findings {
            match finding.problem {
                Problem::NoDueTime => found.no_due_time += 1,
                Problem::Overdue { .. } => found.overdue += 1,
                Problem::Unanswered { .. } => found.unanswered += 1,
            }
        }
        findings.truncate(FINDINGS_MAX);
        let (position, open_tickets) = (self.position(), self.open_tickets());
        Audited { at: now, position, open_tickets, found, findings }
    }

    /// Looks through all open tickets. `tolerance` is how late the driver may be. The director's
    /// queue and imported cases wait for a person and are never overdue here.
    pub fn audit(&self, now: Timestamp, tolerance: Duration) -> Vec<Finding> {
        let check = |entry: &TicketEntry| {
            let problem = problem(entry, now, tolerance)?;
            Some(Finding { ticket: entry.ticket.id, problem })
        };
        let mut findings: Vec<Finding> = self.tickets.iter().filter_map(check).collect();
        findings.sort_unstable_by_key(|finding| finding.ticket);
        findings
    }
}

fn problem(entry: &TicketEntry, now: Timestamp, tolerance: Duration) -> Option<Problem> {
    // Between two events of one append nothing says yet what comes next.
    if !entry.ticket.is_open() || entry.midway {
        return None;
    }
    if entry.ticket.due().is_none() {
        return Some(Problem::NoDueTime);
    }
    if let Some(flight) = &entry.in_flight {
        let since = entry.lost_since.unwrap_or(flight.since);
        let late = since.plus(LOST_AFTER).plus(tolerance) < now;
        return late.then_some(Problem::Unanswered { since });
    }
    if entry.asleep {
        return None;
    }
    let Some((due, _)) = timers::next(entry) else {
        let waits_for_a_person = matches!(entry.ticket.phase, Phase::Imported { .. })
            || entry.ticket.queue().is_some_and(timers::is_last);
        return (!waits_for_a_person).then_some(Problem::NoDueTime);
    };
    let tried_again = entry.held_back.is_some() && entry.refusals <= REFUSALS_MAX;
    (due.plus(tolerance) < now && !tried_again).then_some(Problem::Overdue { due })
}
