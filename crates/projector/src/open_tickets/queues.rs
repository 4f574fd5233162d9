//! Queues: who has to look at what, and by when.

use domain::ticket::{QueueReason, QueueRole};
use domain::{StaffId, TicketId, TicketNumber, Timestamp};
use serde::{Deserialize, Serialize};

use super::phase::StoredPhase;
use super::{OpenTickets, TicketRow};

/// A queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum QueueName {
    /// The agents' call-back queue 回呼.
    CallBack,
    /// In an agent's hand 受理.
    Claimed,
    /// The area's supervisor's.
    Supervisor,
    /// The deputy's.
    Deputy,
    /// The director's.
    Director,
    /// Open cases of another system that wait to be taken over.
    Imported,
}

impl From<QueueRole> for QueueName {
    fn from(role: QueueRole) -> Self {
        match role {
            QueueRole::CallBack => Self::CallBack,
            QueueRole::Supervisor => Self::Supervisor,
            QueueRole::Deputy => Self::Deputy,
            QueueRole::Director => Self::Director,
        }
    }
}

/// A queue and the person whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct QueueKey {
    pub(super) queue: QueueName,
    pub(super) person: Option<StaffId>,
}

/// A queue that has tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueueView {
    /// Which.
    pub queue: QueueName,
    /// Whose, where a person is named.
    pub person: Option<StaffId>,
    /// How many tickets there are.
    pub total: u64,
    /// How many of them should have gone on already.
    pub overdue: u64,
    /// Those that go on next, first first; not more than were asked for.
    pub tickets: Vec<QueuedTicket>,
}

/// Tickets that somebody has to take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaitingView {
    /// How many there are.
    pub total: u64,
    /// Those that go on next, first first; not more than were asked for.
    pub tickets: Vec<TicketRow>,
}

/// A ticket in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueuedTicket {
    /// Which.
    pub id: TicketId,
    /// Its number for people.
    pub number: TicketNumber,
    /// When it goes on to the next person.
    pub due: Timestamp,
    /// Why it is there; a claimed or imported ticket has no reason.
    pub reason: Option<QueueReason>,
    /// Whether it is urgent.
    pub urgent: bool,
    /// When it was reported.
    pub created_at: Timestamp,
}

impl OpenTickets {
    /// All queues that have tickets, with at most `limit` tickets of each.
    pub fn queues(&self, limit: usize, now: Timestamp) -> Vec<QueueView> {
        let view = |(key, queue): (&QueueKey, &super::time_index::TimeIndex)| QueueView {
            queue: key.queue,
            person: key.person,
            total: queue.len() as u64,
            overdue: queue.count_before(now),
            tickets: queue
                .slots()
                .iter()
                .take(limit)
                .filter_map(|(_, number)| self.queued(*number))
                .collect(),
        };
        self.index.queues.iter().map(view).collect()
    }

    /// Tickets that somebody has to take: those that nobody has accepted, and those in queues. What
    /// goes on next comes first.
    pub fn waiting(&self, limit: usize, now: Timestamp) -> WaitingView {
        let waiting = &self.index.waiting;
        let numbers = waiting.slots().iter().take(limit);
        WaitingView {
            total: waiting.len() as u64,
            tickets: numbers.filter_map(|(_, number)| self.view(*number, now)).collect(),
        }
    }

    fn queued(&self, number: TicketNumber) -> Option<QueuedTicket> {
        let row = self.rows.get(&number)?;
        let keys = row.keys();
        Some(QueuedTicket {
            id: row.id,
            number,
            due: keys.due,
            reason: match row.phase() {
                StoredPhase::CallBack(entry) | StoredPhase::Queued(entry) => Some(entry.reason),
                _ => None,
            },
            urgent: row.urgent,
            created_at: keys.created_at,
        })
    }
}
