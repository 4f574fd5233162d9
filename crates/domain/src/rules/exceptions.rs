//! The way of a ticket: the usual one, unless an exception says otherwise.

use super::condition::Facts;
use super::event::{DispatchBy, RuleException, Rules};
use crate::span::Span;
use crate::ticket::QueueRole;

/// Whose queues a ticket goes through where no exception says otherwise.
const QUEUE_PATH: [QueueRole; 3] = [QueueRole::Supervisor, QueueRole::Deputy, QueueRole::Director];

impl RuleException {
    /// The time-outs that it names, with the keys that people write.
    pub fn spans(&self) -> impl Iterator<Item = (&'static str, Span)> {
        [
            ("accept_within", self.accept_within),
            ("offer_within", self.offer_within),
            ("unassigned_within", self.unassigned_within),
            ("queue_within", self.queue_within),
            ("silent_after", self.silent_after),
        ]
        .into_iter()
        .filter_map(|(name, span)| Some((name, span?)))
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.spans().next().is_none() && self.dispatch_by.is_none() && self.queue_path.is_none()
    }

    /// Whether its path can be gone: upwards, each once, and to the director at last, with whom a
    /// ticket stays until somebody acts.
    pub(super) fn has_good_path(&self) -> bool {
        let Some(path) = &self.queue_path else { return true };
        path.iter().all(|role| QUEUE_PATH.contains(role))
            && path.is_sorted_by(|before, after| before < after)
            && path.last() == Some(&QueueRole::Director)
    }
}

impl Rules {
    /// What the first exception says that names this and holds for the ticket.
    fn first<'r, T>(
        &'r self,
        facts: &Facts<'_>,
        of: impl Fn(&'r RuleException) -> Option<T>,
    ) -> Option<T> {
        self.exceptions
            .iter()
            .find_map(|exception| of(exception).filter(|_| exception.when.holds(facts, &self.zone)))
    }

    fn or_usual(
        &self,
        facts: &Facts<'_>,
        of: impl Fn(&RuleException) -> Option<Span>,
        usual: Span,
    ) -> Span {
        self.first(facts, of).unwrap_or(usual)
    }

    /// How the ticket gets its engineer. An urgent one is offered in any case: nobody who has an
    /// urgent fault waits for an approval.
    pub fn dispatch_by(&self, facts: &Facts<'_>) -> DispatchBy {
        if facts.urgent {
            return DispatchBy::Offer;
        }
        self.first(facts, |exception| exception.dispatch_by).unwrap_or(DispatchBy::Assign)
    }

    /// Whose queue the ticket goes into after this one; the first of its path after the agents'
    /// and where it is in nobody's. Nothing after the director's.
    pub fn next_queue(&self, facts: &Facts<'_>, after: Option<QueueRole>) -> Option<QueueRole> {
        let path = self.first(facts, |exception| exception.queue_path.as_deref());
        let mut path = path.unwrap_or(&QUEUE_PATH).iter().copied();
        // By the ladder, not by place: the path may be another one by now.
        path.find(|role| after.is_none_or(|after| *role > after))
    }

    /// An assignment must be accepted within this time.
    pub fn accept_within(&self, facts: &Facts<'_>) -> Span {
        let accept = &self.accept;
        let usual = if facts.urgent { accept.urgent_within } else { accept.within };
        self.or_usual(facts, |exception| exception.accept_within, usual)
    }

    /// An offer must be accepted within this time.
    pub fn offer_within(&self, facts: &Facts<'_>) -> Span {
        let accept = &self.accept;
        let usual = if facts.urgent { accept.urgent_offer_within } else { accept.offer_within };
        self.or_usual(facts, |exception| exception.offer_within, usual)
    }

    /// Somebody must have a ticket that is nobody's within this time.
    pub fn unassigned_within(&self, facts: &Facts<'_>) -> Span {
        let queue = &self.queue;
        let usual = if facts.urgent { queue.urgent_within } else { queue.unassigned_within };
        self.or_usual(facts, |exception| exception.unassigned_within, usual)
    }

    /// A ticket stays in one person's queue for this time.
    pub fn queue_within(&self, facts: &Facts<'_>) -> Span {
        let queue = &self.queue;
        let usual = if facts.urgent { queue.urgent_within } else { queue.within };
        self.or_usual(facts, |exception| exception.queue_within, usual)
    }

    /// An owner who is silent for so long is asked.
    pub fn silent_after(&self, facts: &Facts<'_>) -> Span {
        self.or_usual(facts, |exception| exception.silent_after, self.work.silent_after)
    }
}
