//! Time-outs of some tickets: the usual ones, unless an exception says otherwise.

use super::condition::Facts;
use super::event::{RuleException, Rules};
use crate::span::Span;

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
}

impl Rules {
    /// What the first exception says that names this time-out and holds for the ticket; otherwise
    /// the usual.
    fn or_usual(
        &self,
        facts: &Facts<'_>,
        of: impl Fn(&RuleException) -> Option<Span>,
        usual: Span,
    ) -> Span {
        let first = self.exceptions.iter().find_map(|exception| {
            of(exception).filter(|_| exception.when.holds(facts, &self.zone))
        });
        first.unwrap_or(usual)
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
