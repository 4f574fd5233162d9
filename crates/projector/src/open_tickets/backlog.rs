//! The backlog's top, and how much of it there is.

use domain::rules::BoardRules;
use domain::{TicketNumber, Timestamp};

use super::index::BacklogSlot;
use super::time_index::Slot;
use super::{
    AreaCount, OpenTickets, OutletCount, PhaseCount, PriorityCount, TicketCounts, TicketRow,
};

/// Up to so many overdue tickets are sorted; of more, the backlog's own order is walked, in which
/// some are found soon.
const OVERDUE_SORTED_MAX: usize = 1_024;

impl OpenTickets {
    /// The first of the backlog: overdue first, then by priority with urgent first, then the
    /// oldest. A ticket that waits for the customer's answer is not in it.
    pub fn top_backlog(&self, count: usize, now: Timestamp) -> Vec<TicketRow> {
        let backlog = &self.index.backlog;
        let overdue: Vec<Slot> =
            self.index.due_undone.before(now).take(OVERDUE_SORTED_MAX + 1).collect();
        let mut top: Vec<TicketNumber> = if overdue.len() > OVERDUE_SORTED_MAX {
            let late = backlog.iter().filter(|(_, due)| **due < now);
            late.take(count).map(|((_, _, number), _)| *number).collect()
        } else {
            let mut late: Vec<BacklogSlot> = overdue
                .iter()
                .filter_map(|(_, number)| self.rows.get(number))
                .map(|row| row.keys().backlog_slot(row.number))
                .collect();
            late.sort_unstable();
            late.into_iter().take(count).map(|(_, _, number)| number).collect()
        };
        let missing = count.saturating_sub(top.len());
        let in_time = backlog.iter().filter(|(_, due)| **due >= now);
        top.extend(in_time.take(missing).map(|((_, _, number), _)| *number));
        top.into_iter().filter_map(|number| self.view(number, now)).collect()
    }

    /// How many open tickets there are.
    pub fn counts(&self, now: Timestamp) -> TicketCounts {
        let index = &self.index;
        let BoardRules { red_after, flash_after, .. } = self.board;
        let mut counts = TicketCounts {
            open: index.created.len() as u64,
            backlog: index.undone.len() as u64,
            overdue: index.due_undone.count_before(now),
            red: index.unaccepted.count_before(older_than(now, red_after)),
            flashing: index.undone.count_before(older_than(now, flash_after)),
            phases: (index.phases.iter())
                .map(|(phase, of)| PhaseCount { phase: *phase, tickets: of.len() as u64 })
                .collect(),
            priorities: (index.priorities.iter())
                .map(|(priority, of)| PriorityCount {
                    priority: *priority,
                    tickets: of.len() as u64,
                })
                .collect(),
            outlets: (index.outlets.iter())
                .map(|(outlet, of)| OutletCount { outlet: *outlet, tickets: of.len() as u64 })
                .collect(),
            areas: (index.areas.iter())
                .map(|(area, of)| AreaCount { area: *area, tickets: of.len() as u64 })
                .collect(),
        };
        counts.phases.sort_unstable_by_key(|count| count.phase);
        counts.priorities.sort_unstable_by_key(|count| std::cmp::Reverse(count.priority));
        counts.outlets.sort_unstable_by_key(|count| count.outlet);
        counts.areas.sort_unstable_by_key(|count| count.area);
        counts
    }
}

/// The first moment of creation that is not yet so long ago.
pub(super) fn older_than(now: Timestamp, span: domain::Span) -> Timestamp {
    let limit = now.minus(span.duration());
    Timestamp::from_micros(limit.as_micros().saturating_add(1))
}
