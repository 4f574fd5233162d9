//! What became of actions: done and to be seen soon, refused, or not taken.

use std::time::Duration;

use domain::ticket::Phase;
use domain::{CommandId, EngineerId, TicketId, Timestamp};

use crate::action::{Answer, Because, Refusal};
use crate::core::Dispatcher;
use crate::engineers::Errand;
use crate::in_flight::Subject;
use crate::tickets::TicketEntry;

/// When an action about an engineer that could not be taken is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(30);

impl Dispatcher {
    /// Notes what became of an action. What that leads to comes with the next tick, for which
    /// [`Dispatcher::next_due`] asks at once. Answers that nobody waits for change nothing.
    pub fn on_answer(&mut self, id: &CommandId, answer: &Answer, now: Timestamp) {
        self.latest = now;
        match self.in_flight.get(&id.key).copied() {
            Some(Subject::Ticket(ticket)) => self.ticket_answered(ticket, answer, now),
            Some(Subject::Engineer(engineer)) => self.engineer_answered(engineer, answer, now),
            None => {}
        }
    }

    fn ticket_answered(&mut self, id: TicketId, answer: &Answer, now: Timestamp) {
        if let Answer::Done { position } = answer
            && *position > self.position
        {
            self.tickets.change(id, |entry| {
                if let Some(flight) = &mut entry.in_flight {
                    flight.settled = Some(*position);
                }
            });
            self.settling.insert((*position, Subject::Ticket(id)));
            return;
        }
        let taken = self.tickets.change(id, |entry| {
            entry.lost_since = None;
            entry.in_flight.take()
        });
        let taken = taken.flatten();
        let Some(flight) = taken else { return };
        self.forget(id, &flight);
        let because = match answer {
            Answer::Rejected(Refusal { because, .. }) => *because,
            _ => Because::Other,
        };
        match (because, flight.reserved) {
            (Because::Engineer { engineer, filter }, Some((chosen, _))) if engineer == chosen => {
                // The log knows of something that is still on its way here. Somebody else is asked
                // at once; this engineer not before something is heard of them.
                if let Some(entry) = self.engineers.get_mut(engineer) {
                    entry.doubt(filter, now);
                }
                self.engineers.set_wake(engineer, now);
                self.mark(id);
            }
            (Because::Engineer { engineer, filter }, _) if flight.asks.contains(&engineer) => {
                if let Some(entry) = self.engineers.get_mut(engineer) {
                    entry.doubt(filter, now);
                }
                self.engineers.set_wake(engineer, now);
                self.mark(id);
            }
            _ if let Some(link) = flight.link
                && *answer != Answer::NotTaken =>
            {
                // A link must not keep anybody from going.
                self.tickets.change(id, |entry| entry.refused_links.push(link));
                self.mark(id);
            }
            // Those who are to be asked are asked already, and have no more time than they would
            // get: the offer that is open goes its way.
            _ if *answer == Answer::Nothing && self.are_asked(id, &flight.asks) => {
                self.tickets.change(id, |entry| entry.overtaken = false);
                self.mark(id);
            }
            (Because::NotDue { due }, _) => {
                self.tickets.change(id, |entry| entry.hold_back(now, Some(due)));
            }
            // Something happened that is still on its way here, or never comes: at most one attempt
            // for each thing that is seen to happen, and a late one for what is never seen.
            _ => {
                self.tickets.change(id, |entry| entry.hold_back(now, None));
            }
        }
    }

    /// Whether the ticket is offered to these engineers and no others.
    fn are_asked(&self, id: TicketId, engineers: &[EngineerId]) -> bool {
        let phase = self.tickets.get(id).map(|entry| &entry.ticket.phase);
        let Some(Phase::Offered { offer }) = phase else { return false };
        offer.engineers.len() == engineers.len()
            && engineers.iter().all(|engineer| offer.engineers.contains(engineer))
    }

    fn engineer_answered(&mut self, id: EngineerId, answer: &Answer, now: Timestamp) {
        let Some(entry) = self.engineers.get_mut(id) else { return };
        if let Answer::Done { position } = answer
            && *position > self.position
        {
            if let Some((flight, _)) = &mut entry.in_flight {
                flight.settled = Some(*position);
            }
            self.settling.insert((*position, Subject::Engineer(id)));
            return;
        }
        let Some((flight, errand)) = entry.in_flight.take() else { return };
        self.in_flight.remove(&flight.id.key);
        match (errand, answer) {
            (_, Answer::NotTaken) | (Errand::Freeze(_), Answer::Nothing) => {
                entry.retry_at = Some(now.plus(RETRY_AFTER));
            }
            (Errand::Freeze(ticket) | Errand::Unfreeze(ticket), _) => {
                for ground in entry.grounds.iter_mut().filter(|one| one.ticket == ticket) {
                    ground.refused = true;
                }
            }
            (Errand::Duty(edge), _) => entry.roster.settle(edge),
        }
        self.engineers_ready.insert(id);
        self.openings.insert(id);
        self.engineers.set_wake(id, now);
    }

    /// Ends what was answered and whose events are all known by now, without having changed what
    /// they were to change.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        while let Some((position, subject)) = self.settling.first().copied()
            && position <= self.position
        {
            self.settling.pop_first();
            let answer = Answer::Done { position };
            match subject {
                Subject::Ticket(id) => {
                    // The next one may be on its way by now: its own events are yet to come.
                    let settled = |entry: &TicketEntry| {
                        let flight = entry.in_flight.as_ref();
                        flight.is_some_and(|flight| flight.settled == Some(position))
                    };
                    if self.tickets.get(id).is_some_and(settled) {
                        self.ticket_answered(id, &answer, now);
                    }
                }
                Subject::Engineer(id) => {
                    let entry = self.engineers.get(id);
                    let flight = entry.and_then(|entry| entry.in_flight.as_ref());
                    if flight.is_some_and(|(flight, _)| flight.settled == Some(position)) {
                        self.engineer_answered(id, &answer, now);
                    }
                }
            }
        }
    }
}
