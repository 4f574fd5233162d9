//! What a decision on one ticket has to hand: the ticket, its neighbours, due times, and the
//! events that it has led to so far.

use std::sync::Arc;

use crate::Party;
use crate::attachment::{Brought, NewAttachment, Words};
use crate::calendar::ServiceHours;
use crate::decision::{Aggregates, Change, Context};
use crate::engineer::{Engineer, EngineerEvent, PlaceFreed, PlaceFreedReason, PlaceTaken};
use crate::id::{EngineerId, OutletId, TicketId};
use crate::limits;
use crate::personal::Personal;
use crate::rejection::Rejection;
use crate::rules::{DispatchBy, Facts, RuleSet, Rules};
use crate::span::Span;
use crate::stream::StreamId;
use crate::ticket::event::{Noted, OfferWithdrawn, Told, Withdrawn};
use crate::ticket::{
    Assignment, Entry, Notice, Phase, QueueEntry, QueueReason, QueueRole, Recipient, Ticket,
    TicketEvent, Verdict, WithdrawReason,
};
use crate::time::Timestamp;

pub(super) struct Ledger<'a> {
    aggregates: &'a dyn Aggregates,
    pub(super) ticket: &'a Ticket,
    pub(super) context: &'a Context,
    pub(super) rules: Arc<RuleSet>,
    changes: Vec<Change>,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(
        aggregates: &'a dyn Aggregates,
        ticket: &'a Ticket,
        context: &'a Context,
    ) -> Self {
        Self { aggregates, ticket, context, rules: aggregates.rules(), changes: Vec::new() }
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    pub(super) const fn aggregates(&self) -> &'a dyn Aggregates {
        self.aggregates
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.rules.rules
    }

    pub(super) const fn now(&self) -> Timestamp {
        self.context.now
    }

    /// Records an event of this ticket.
    pub(super) fn record(&mut self, event: impl Into<TicketEvent>) {
        let subject = subject_of(self.ticket);
        self.record_for(subject, event);
    }

    /// Records an event of this ticket that a given key seals.
    pub(super) fn record_for(&mut self, subject: StreamId, event: impl Into<TicketEvent>) {
        let event = event.into().into();
        self.changes.push(Change { stream: self.ticket.id.into(), subject, event });
    }

    /// Attachments that come with words of this ticket.
    pub(super) fn brought<'b>(&self, given: &'b [NewAttachment]) -> Result<Brought<'b>, Rejection> {
        Brought::check(self.aggregates, given, &self.ticket.attachments)
    }

    /// Records an event of this ticket, and that it brings these attachments along.
    pub(super) fn record_with(&mut self, brought: &Brought<'_>, event: impl Into<TicketEvent>) {
        self.record_with_for(subject_of(self.ticket), brought, event);
    }

    /// The same under a given key.
    pub(super) fn record_with_for(
        &mut self,
        subject: StreamId,
        brought: &Brought<'_>,
        event: impl Into<TicketEvent>,
    ) {
        self.record_for(subject, event);
        self.changes.extend(brought.links(self.aggregates, self.ticket.id, subject));
    }

    /// Keeps what came with an answer that does not count.
    pub(super) fn keep(&mut self, brought: &Brought<'_>) {
        if brought.hashes().any(|hash| self.ticket.attachment(hash).is_none()) {
            let words = brought.named_in(Words::default());
            self.record_with(brought, Noted { attachments: brought.references(), words });
        }
    }

    /// Records an event of another ticket.
    pub(super) fn record_of(&mut self, other: &Ticket, event: impl Into<TicketEvent>) {
        let event = event.into().into();
        self.changes.push(Change { stream: other.id.into(), subject: subject_of(other), event });
    }

    fn record_engineer(&mut self, engineer: EngineerId, event: impl Into<EngineerEvent>) {
        self.changes.push(Change::own(engineer, event.into()));
    }

    pub(super) fn take_place(&mut self, engineer: EngineerId, assignment: u32) {
        let taken = PlaceTaken { ticket: self.ticket.id, assignment };
        self.record_engineer(engineer, taken);
    }

    pub(super) fn free_place(&mut self, assignment: &Assignment, why: PlaceFreedReason) {
        let number = assignment.number;
        let freed = PlaceFreed { ticket: self.ticket.id, assignment: number, why };
        self.record_engineer(assignment.engineer, freed);
    }

    pub(super) fn tell(&mut self, whom: Recipient, notice: Notice) {
        self.record(Told { whom, notice });
    }

    pub(super) fn tell_supervisor(&mut self, notice: Notice) {
        let (_, person) = self.person(QueueRole::Supervisor);
        self.tell(Recipient::Supervisor(person), notice);
    }

    /// Takes back whatever assignment or offer there is, and leaves the ticket nobody's.
    pub(super) fn release(&mut self, why: WithdrawReason, due: Timestamp) {
        if let Some(engineer) = self.take_back(why, due) {
            self.tell(Recipient::Engineer(engineer), Notice::NoLongerYours);
        }
    }

    /// The same without a word to whoever had it, who is returned: what follows tells them.
    pub(super) fn take_back(&mut self, why: WithdrawReason, due: Timestamp) -> Option<EngineerId> {
        if let Phase::Offered { offer } = &self.ticket.phase {
            self.record(OfferWithdrawn { number: offer.number, why, due });
            return None;
        }
        let assignment = self.ticket.assignment().copied()?;
        let Assignment { number, engineer, .. } = assignment;
        self.record(Withdrawn { number, engineer, why, due });
        let freed = match why {
            WithdrawReason::TicketEnded => PlaceFreedReason::TicketEnded,
            _ => PlaceFreedReason::Withdrawn,
        };
        self.free_place(&assignment, freed);
        Some(engineer)
    }

    /// The engineer, who must exist.
    pub(super) fn engineer(
        &self,
        field: &'static str,
        id: EngineerId,
    ) -> Result<Arc<Engineer>, Rejection> {
        self.aggregates.engineer(id).ok_or(Rejection::UnknownReference { field, stream: id.into() })
    }

    /// The engineer that a request names, or who sends it, or on whose behalf it is sent.
    pub(super) const fn speaker(&self, named: Option<EngineerId>) -> Option<EngineerId> {
        match (named, self.context.actor.party, self.context.actor.on_behalf_of) {
            (Some(id), ..)
            | (None, Party::Engineer(id), _)
            | (None, _, Some(Party::Engineer(id))) => Some(id),
            _ => None,
        }
    }

    /// The engineer that a request is about, who must be told by it.
    pub(super) fn acting_engineer(
        &self,
        named: Option<EngineerId>,
    ) -> Result<EngineerId, Rejection> {
        self.speaker(named)
            .ok_or_else(|| Rejection::invalid("engineer", "name the engineer, as `en_…`"))
    }

    /// Refuses an engineer who cannot be given this ticket now. Somebody who takes an offer of
    /// their own will need not be on duty.
    pub(super) fn must_be_free(
        &self,
        engineer: &Engineer,
        duty_matters: bool,
    ) -> Result<(), Rejection> {
        let id = engineer.id;
        if self.ticket.left_out.contains(&id) {
            return Err(Rejection::LeftOut { engineer: id });
        }
        if engineer.profile.retired {
            return Err(Rejection::Retired { engineer: id });
        }
        if let Some(freeze) = engineer.freeze_at(self.now()) {
            return Err(Rejection::Frozen { engineer: id, until: freeze.until });
        }
        if engineer.free_places() == 0 {
            return Err(Rejection::NoFreePlace {
                engineer: id,
                taken: u32::try_from(engineer.places.len()).unwrap_or(u32::MAX),
                capacity: u32::from(engineer.profile.capacity),
            });
        }
        if duty_matters && engineer.is_away(self.now()) {
            return Err(Rejection::NotOnDuty { engineer: id });
        }
        Ok(())
    }

    /// A moment that somebody names for something to happen: to come, and not so far away that the
    /// ticket is forgotten by then.
    pub(super) fn sensible(
        &self,
        field: &'static str,
        moment: Timestamp,
    ) -> Result<Timestamp, Rejection> {
        let latest = self.now().plus(self.rules().work.hold_max.duration());
        if moment <= self.now() || moment > latest {
            let problem = format!("must be in the future and not after {latest}");
            return Err(Rejection::invalid(field, problem));
        }
        Ok(moment)
    }

    /// When a span of service time from now is over. Urgent tickets have no closing time.
    pub(super) fn service_due(&self, span: Span, urgent: bool) -> Timestamp {
        service_due(self.aggregates, self.ticket.outlet, span, urgent, self.now())
    }

    /// When a time-out of this ticket is over, by the rules and their exceptions.
    pub(super) fn due(&self, within: impl Fn(&Rules, &Facts<'_>) -> Span) -> Timestamp {
        let ticket = self.ticket;
        let span = self.with_facts(|facts| within(self.rules(), facts));
        self.service_due(span, ticket.urgent)
    }

    fn with_facts<T>(&self, look: impl FnOnce(&Facts<'_>) -> T) -> T {
        let device = self.ticket.device.and_then(|device| self.aggregates.device(device));
        let model = device.as_ref().and_then(|device| device.entry.model.as_deref());
        look(&Facts::of(self.ticket, model, self.now()))
    }

    /// How the rules have the ticket dispatched now.
    pub(super) fn dispatch_by(&self) -> DispatchBy {
        self.with_facts(|facts| self.rules().dispatch_by(facts))
    }

    /// Whose queue comes after this one.
    pub(super) fn next_queue(&self, after: Option<QueueRole>) -> Option<QueueRole> {
        self.with_facts(|facts| self.rules().next_queue(facts, after))
    }

    /// By when somebody must have a ticket that is nobody's.
    pub(super) fn unassigned_due(&self) -> Timestamp {
        self.due(Rules::unassigned_within)
    }

    /// When the owner is asked, if nothing is heard.
    pub(super) fn silent_due(&self) -> Timestamp {
        let span = self.with_facts(|facts| self.rules().silent_after(facts));
        let due = self.service_due(span, false);
        match self.ticket.appointment {
            // The clock starts with the visit that was agreed.
            Some(visit) if !visit.missed && visit.from > self.now() => {
                visit.from.plus(span.duration())
            }
            _ => due,
        }
    }

    /// The person of this role in the ticket's area. Somebody else steps in for a post that is
    /// not filled; the role stays as it was asked for.
    pub(super) fn person(&self, role: QueueRole) -> (QueueRole, Option<crate::StaffId>) {
        let area = self.ticket.area.and_then(|area| self.aggregates.area(area));
        let person = area.and_then(|area| {
            let entry = &area.entry;
            match role {
                QueueRole::CallBack => None,
                QueueRole::Supervisor => entry.supervisor.or(entry.deputy).or(entry.director),
                QueueRole::Deputy => entry.deputy.or(entry.director).or(entry.supervisor),
                QueueRole::Director => entry.director.or(entry.deputy).or(entry.supervisor),
            }
        });
        (role, person)
    }

    /// A place in the queue of this role.
    pub(super) fn queue_entry(&self, role: QueueRole, reason: QueueReason) -> QueueEntry {
        let (role, person) = self.person(role);
        QueueEntry { role, person, reason, due: self.due(Rules::queue_within) }
    }

    /// Where the ticket goes when nobody has it in hand any more.
    pub(super) fn entry(&self) -> Entry {
        let verdict = self.ticket.answer.map(|answer| answer.verdict);
        let why = match verdict {
            Some(Verdict::Partial) => QueueReason::PartlySolved,
            // It was solved, and somebody else said otherwise.
            Some(Verdict::Satisfied) => QueueReason::ContradictingAnswers,
            Some(Verdict::Unresolved) | None if self.ticket.is_dispatchable() => {
                return Entry::Dispatch { due: self.unassigned_due() };
            }
            Some(Verdict::Unresolved) | None => QueueReason::EmptyReport,
        };
        Entry::CallBack(self.queue_entry(QueueRole::CallBack, why))
    }

    /// Another ticket, which must exist and not be this one.
    pub(super) fn other_ticket(
        &self,
        field: &'static str,
        id: Option<TicketId>,
    ) -> Result<Arc<Ticket>, Rejection> {
        let id = id.ok_or_else(|| Rejection::invalid(field, "name the other ticket, as `tk_…`"))?;
        if id == self.ticket.id {
            return Err(Rejection::invalid(field, "names the ticket itself; name another"));
        }
        self.aggregates.ticket(id).ok_or(Rejection::UnknownReference { field, stream: id.into() })
    }
}

/// Whose key seals what is said about a ticket: the customer's, or the ticket's own while the
/// customer is unknown.
pub(super) fn subject_of(ticket: &Ticket) -> StreamId {
    ticket.customer.map_or_else(|| ticket.id.into(), Into::into)
}

pub(super) fn service_due(
    aggregates: &dyn Aggregates,
    outlet: Option<OutletId>,
    span: Span,
    urgent: bool,
    now: Timestamp,
) -> Timestamp {
    let rules = aggregates.rules();
    if urgent || !rules.rules.accept.pause_outside_hours {
        return now.plus(span.duration());
    }
    let within = |hours: &ServiceHours| hours.due_after(now, span.duration());
    match outlet.and_then(|outlet| aggregates.outlet(outlet)) {
        Some(outlet) => within(&outlet.entry.hours),
        None => within(&rules.rules.hours),
    }
}

/// Words of a request, sealed with its event.
pub(super) fn words(field: &'static str, text: &str) -> Result<Personal<Words>, Rejection> {
    words_with(field, text, &Brought::default())
}

/// Words of a request, with the names of what came with them.
pub(super) fn words_with(
    field: &'static str,
    text: &str,
    brought: &Brought<'_>,
) -> Result<Personal<Words>, Rejection> {
    limits::text(field, text)?;
    Ok(brought.named_in(text.trim().to_owned().into()))
}

/// Words that a request must have.
pub(super) fn required_words(
    field: &'static str,
    text: &str,
) -> Result<Personal<Words>, Rejection> {
    if text.trim().is_empty() {
        return Err(Rejection::invalid(field, "say why, in a few words"));
    }
    words(field, text)
}
