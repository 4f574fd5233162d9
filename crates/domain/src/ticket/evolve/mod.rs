//! A ticket after one more event. Rules are not checked again: history already happened.

mod imported;

use super::event::{
    Channel, Created, Entry, ImportedStep, TicketEvent, Verdict, Via, WithdrawReason,
};
use super::state::{
    Answer, Appointment, Assignment, ImportedStage, NamedAttachment, OpenHold, OpenOffer,
    OpenTransfer, Outcome, Phase, Resolution, Stage, Ticket, Undo, Work,
};
use crate::attachment::AttachmentRef;
use crate::event::{CorruptHistory, Stamp};
use crate::id::{EngineerId, TicketId};
use crate::number::TicketNumber;
use crate::reason::Rule;
use crate::ticket::{LinkKind, Priority};
use crate::time::Timestamp;

fn corrupt(event: &TicketEvent, stamp: &Stamp, why: &'static str) -> CorruptHistory {
    CorruptHistory { event: event.name(), position: stamp.position, why }
}

const fn entered(entry: &Entry) -> Phase {
    match entry {
        Entry::Dispatch { due } => Phase::Waiting { deferred: false, due: *due },
        Entry::CallBack(queue) => Phase::CallBack { queue: *queue },
    }
}

const fn waiting(due: Timestamp) -> Phase {
    Phase::Waiting { deferred: false, due }
}

impl Ticket {
    fn blank(id: TicketId, stamp: &Stamp, phase: Phase) -> Self {
        Self {
            id,
            number: TicketNumber::from_position(stamp.position),
            channel: Channel::Import,
            created_at: stamp.occurred_at,
            customer: None,
            outlet: None,
            area: None,
            device: None,
            skills: Vec::new(),
            priority: Priority::default(),
            urgent: false,
            urgent_said: false,
            has_sentence: false,
            has_place: false,
            level: 0,
            phase,
            assignments: 0,
            offers: 0,
            time_outs: 0,
            passed: Vec::new(),
            left_out: Vec::new(),
            helpers: Vec::new(),
            urges: 0,
            appointment: None,
            links: Vec::new(),
            told_apart: Vec::new(),
            merged_from: Vec::new(),
            attachments: Vec::new(),
            answer: None,
            last_resolution: None,
            reopened: 0,
            imported: false,
        }
    }

    /// The ticket after its first event.
    ///
    /// # Errors
    /// When that is neither a report nor the opening of an imported case.
    pub fn begin(id: TicketId, event: &TicketEvent, stamp: &Stamp) -> Result<Self, CorruptHistory> {
        match event {
            TicketEvent::Created(created) => Ok(Self::created(id, created, stamp)),
            TicketEvent::Imported(imported) => {
                let ImportedStep::Opened { customer, outlet, device, priority } = imported.step
                else {
                    return Err(corrupt(event, stamp, "an imported case begins by being opened"));
                };
                let phase = Phase::Imported {
                    stage: ImportedStage::Open,
                    engineer: None,
                    due: imported.due,
                };
                let blank = Self::blank(id, stamp, phase);
                Ok(Self { customer, outlet, device, priority, imported: true, ..blank })
            }
            _ => Err(corrupt(event, stamp, "the ticket was not created")),
        }
    }

    fn created(id: TicketId, created: &Created, stamp: &Stamp) -> Self {
        let mut ticket = Self {
            channel: created.channel,
            customer: created.customer,
            outlet: created.outlet,
            area: created.area,
            device: created.device,
            skills: created.skills.clone(),
            priority: created.priority,
            urgent: created.urgent,
            urgent_said: created.urgent,
            has_sentence: created.has_sentence,
            has_place: created.has_place,
            ..Self::blank(id, stamp, entered(&created.entry))
        };
        ticket.name(&created.attachments);
        ticket
    }

    /// The same bytes named again are the same attachment, and in view again.
    fn name(&mut self, attachments: &[AttachmentRef]) {
        for attachment in attachments {
            let AttachmentRef { hash, bytes, .. } = *attachment;
            let image = attachment.is_image();
            match self.attachments.iter_mut().find(|named| named.hash == hash) {
                Some(named) => named.removed = false,
                None => {
                    self.attachments.push(NamedAttachment { hash, bytes, image, removed: false });
                }
            }
        }
    }

    /// The ticket after one more event.
    ///
    /// # Errors
    /// When the event cannot follow the state; that is damaged history, never skipped.
    #[expect(clippy::too_many_lines, reason = "one arm per event, none of them worth a detour")]
    pub fn evolve(&mut self, event: &TicketEvent, stamp: &Stamp) -> Result<(), CorruptHistory> {
        let at = stamp.occurred_at;
        let wrong = |why| Err(corrupt(event, stamp, why));
        if self.assignment().is_some() && leaves_nobody_with_it(event) {
            // Its place would stay taken for ever.
            return wrong("the assignment was not ended first");
        }
        match event {
            TicketEvent::Created(_) => return wrong("the ticket exists already"),
            TicketEvent::DetailsAdded(added) => {
                self.customer = added.customer.or(self.customer);
                // The area is the outlet's; one without an area has no supervisor to be told.
                self.area = added.area.or(if added.outlet.is_some() { None } else { self.area });
                self.outlet = added.outlet.or(self.outlet);
                self.device = added.device.or(self.device);
                if let Some(skills) = &added.skills {
                    self.skills.clone_from(skills);
                }
                self.priority = added.priority.unwrap_or(self.priority);
                if let Some(urgent) = added.urgent {
                    self.urgent_said = true;
                    self.set_urgent(urgent);
                }
                self.has_sentence |= added.has_sentence;
                self.has_place |= added.has_place;
                self.name(&added.attachments);
                if let Some(entry) = &added.entry {
                    self.phase = entered(entry);
                }
            }
            TicketEvent::Claimed(claimed) => {
                self.phase = Phase::Claimed { agent: claimed.agent, due: claimed.due };
            }
            TicketEvent::ClaimEnded(ended) => self.phase = entered(&ended.entry),
            TicketEvent::Offered(offered) => {
                if offered.number != self.offers + 1 {
                    return wrong("offers are counted without gaps");
                }
                self.offers = offered.number;
                if offered.reason.rule == Rule::ByHand {
                    self.begin_round();
                }
                self.phase = Phase::Offered {
                    offer: OpenOffer {
                        number: offered.number,
                        engineers: offered.engineers.clone(),
                        due: offered.due,
                    },
                };
            }
            TicketEvent::OfferDeclined(declined) => {
                let Phase::Offered { offer } = &mut self.phase else {
                    return wrong("nothing is offered");
                };
                offer.engineers.retain(|engineer| *engineer != declined.engineer);
                self.pass(declined.engineer);
            }
            TicketEvent::OfferExpired(expired) => {
                let Phase::Offered { offer } = &self.phase else {
                    return wrong("nothing is offered");
                };
                for engineer in offer.engineers.clone() {
                    self.pass(engineer);
                }
                self.time_outs += 1;
                self.phase = waiting(expired.due);
            }
            TicketEvent::OfferWithdrawn(withdrawn) => {
                if !matches!(self.phase, Phase::Offered { .. }) {
                    return wrong("nothing is offered");
                }
                self.phase = waiting(withdrawn.due);
            }
            TicketEvent::Assigned(assigned) => {
                if self.assignment().is_some() {
                    return wrong("the ticket is assigned already");
                }
                if assigned.number != self.assignments + 1 {
                    return wrong("assignments are counted without gaps");
                }
                self.assignments = assigned.number;
                if assigned.reason.rule == Rule::ByHand {
                    self.begin_round();
                }
                let assignment = Assignment {
                    number: assigned.number,
                    engineer: assigned.engineer,
                    via: assigned.via,
                    since: at,
                };
                self.helpers.retain(|helper| *helper != assigned.engineer);
                self.phase = Phase::Assigned { assignment, due: assigned.due };
            }
            TicketEvent::Accepted(accepted) => {
                let Phase::Assigned { assignment, .. } = self.phase else {
                    return wrong("the ticket is not assigned");
                };
                if assignment.number != accepted.number {
                    return wrong("another assignment is live");
                }
                self.begin_round();
                self.phase = Phase::Working(Work {
                    assignment,
                    accepted_at: at,
                    stage: Stage::Accepted,
                    hold: None,
                    transfer: None,
                    asked: false,
                    due: accepted.due,
                });
            }
            TicketEvent::Declined(declined) => {
                self.is_live(declined.number, event, stamp)?;
                self.pass(declined.engineer);
                self.phase = waiting(declined.due);
            }
            TicketEvent::Returned(returned) => {
                self.is_live(returned.number, event, stamp)?;
                self.pass(returned.engineer);
                self.phase = waiting(returned.due);
            }
            TicketEvent::TimedOut(timed_out) => {
                self.is_live(timed_out.number, event, stamp)?;
                self.pass(timed_out.engineer);
                self.time_outs += 1;
                self.phase = waiting(timed_out.due);
            }
            TicketEvent::Withdrawn(withdrawn) => {
                self.is_live(withdrawn.number, event, stamp)?;
                // A person took it away: the dispatcher looks for somebody else.
                if withdrawn.why == WithdrawReason::ByHand {
                    self.pass(withdrawn.engineer);
                }
                self.phase = waiting(withdrawn.due);
            }
            TicketEvent::TransferRequested(requested) => {
                self.is_live(requested.number, event, stamp)?;
                let Some(work) = self.work() else { return wrong("nobody works on the ticket") };
                work.transfer = Some(OpenTransfer { to: requested.to, due: requested.due });
                work.asked = false;
            }
            TicketEvent::TransferEnded(ended) => {
                self.is_live(ended.number, event, stamp)?;
                let Some(work) = self.work() else { return wrong("nobody works on the ticket") };
                work.transfer = None;
                work.due = ended.due;
            }
            TicketEvent::Transferred(transferred) => {
                if transferred.number != self.assignments + 1 {
                    return wrong("assignments are counted without gaps");
                }
                let Some(work) = self.work() else { return wrong("nobody works on the ticket") };
                *work = Work {
                    assignment: Assignment {
                        number: transferred.number,
                        engineer: transferred.to,
                        via: Via::Transfer,
                        since: at,
                    },
                    accepted_at: at,
                    stage: Stage::Accepted,
                    hold: work.hold,
                    transfer: None,
                    asked: false,
                    due: transferred.due,
                };
                self.assignments = transferred.number;
                self.helpers.retain(|helper| *helper != transferred.to);
            }
            TicketEvent::Departed(departed) => {
                self.is_live(departed.number, event, stamp)?;
                let Some(work) = self.work() else { return wrong("nobody works on the ticket") };
                work.stage = Stage::Departed;
                work.heard_of(departed.due);
            }
            TicketEvent::Arrived(arrived) => {
                self.is_live(arrived.number, event, stamp)?;
                let Some(work) = self.work() else { return wrong("nobody works on the ticket") };
                work.stage = Stage::Arrived;
                work.heard_of(arrived.due);
            }
            TicketEvent::Held(held) => {
                self.is_live(held.number, event, stamp)?;
                let Some(work) = self.work() else { return wrong("nobody works on the ticket") };
                work.hold = Some(OpenHold { reason: held.reason, until: held.until });
                work.asked = false;
            }
            TicketEvent::Resumed(resumed) => {
                self.is_live(resumed.number, event, stamp)?;
                let Some(work) = self.work() else { return wrong("nobody works on the ticket") };
                work.hold = None;
                work.heard_of(resumed.due);
            }
            TicketEvent::Appointed(appointed) => {
                self.appointment = Some(Appointment {
                    from: appointed.from,
                    until: appointed.until,
                    missed: false,
                });
                if let (Some(work), Some(due)) = (self.work(), appointed.due) {
                    work.heard_of(due);
                }
            }
            TicketEvent::AppointmentMissed(_) => {
                let Some(appointment) = &mut self.appointment else {
                    return wrong("nothing was agreed");
                };
                appointment.missed = true;
            }
            TicketEvent::HelperAdded(added) => self.helpers.push(added.engineer),
            TicketEvent::HelperRemoved(removed) => {
                self.helpers.retain(|helper| *helper != removed.engineer);
            }
            TicketEvent::Noted(noted) => self.name(&noted.attachments),
            // A fold that leaves attachments out goes on, as with helpers and links.
            TicketEvent::AttachmentRemoved(removed) => {
                let hash = removed.hash;
                let named = self.attachments.iter_mut().find(|named| named.hash == hash);
                named.into_iter().for_each(|named| named.removed = true);
            }
            TicketEvent::MarkedUrgent(marked) => {
                self.priority = marked.priority.unwrap_or(self.priority);
                self.set_urgent(true);
            }
            TicketEvent::AnswerFlagged(_)
            | TicketEvent::AnswerContradicted(_)
            | TicketEvent::Told(_) => {}
            TicketEvent::Urged(urged) => self.urges = urged.count,
            TicketEvent::Resolved(resolved) => {
                let resolution = Resolution {
                    engineer: resolved.engineer,
                    method: resolved.method,
                    at,
                    closes_at: resolved.closes_at,
                };
                self.name(&resolved.attachments);
                self.last_resolution = Some(resolution);
                self.answer = None;
                self.appointment = None;
                self.phase = Phase::Resolved { resolution, reminders: 0, due: resolved.due };
            }
            TicketEvent::Reminded(reminded) => {
                let Phase::Resolved { reminders, due, .. } = &mut self.phase else {
                    return wrong("the ticket does not wait for an answer");
                };
                (*reminders, *due) = (reminded.number, reminded.due);
            }
            TicketEvent::Confirmed(confirmed) => {
                self.name(&confirmed.attachments);
                self.answer = Some(Answer {
                    verdict: confirmed.verdict,
                    stars: confirmed.stars,
                    at,
                    undo: None,
                });
                self.phase = match confirmed.call_back {
                    Some(queue) => Phase::CallBack { queue },
                    None => Phase::Closed { outcome: Outcome::Satisfied, at },
                };
            }
            TicketEvent::Rejected(rejected) => {
                let Some(resolution) = self.last_resolution else {
                    return wrong("nothing was done that could be rejected");
                };
                self.name(&rejected.attachments);
                self.answer = Some(Answer {
                    verdict: Verdict::Unresolved,
                    stars: rejected.stars,
                    at,
                    undo: Some(Undo { until: rejected.undo_until, resolution }),
                });
                // `Escalated` follows in the same append; until then nobody has it.
                self.phase = waiting(rejected.undo_until);
            }
            TicketEvent::AnswerRetracted(retracted) => {
                let Some(undo) = self.answer.and_then(|answer| answer.undo) else {
                    return wrong("there is no answer to take back");
                };
                self.answer = None;
                self.level = self.level.saturating_sub(1);
                self.left_out.retain(|engineer| Some(*engineer) != undo.resolution.engineer);
                self.phase = Phase::Resolved {
                    resolution: undo.resolution,
                    reminders: 0,
                    due: retracted.due,
                };
            }
            TicketEvent::Escalated(escalated) => {
                self.level = escalated.level;
                self.begin_round();
                if let Some(engineer) = escalated.without
                    && !self.left_out.contains(&engineer)
                {
                    self.left_out.push(engineer);
                }
                self.phase = waiting(escalated.due);
            }
            TicketEvent::DispatchDeferred(deferred) => {
                self.phase = Phase::Waiting { deferred: true, due: deferred.due };
            }
            TicketEvent::Queued(queued) => self.phase = Phase::Queued { queue: queued.entry },
            TicketEvent::OwnerAsked(asked) => {
                self.is_live(asked.number, event, stamp)?;
                let Some(work) = self.work() else { return wrong("nobody works on the ticket") };
                (work.asked, work.due) = (true, asked.due);
            }
            TicketEvent::SilenceReported(reported) => {
                self.is_live(reported.number, event, stamp)?;
                let Some(work) = self.work() else { return wrong("nobody works on the ticket") };
                work.heard_of(reported.due);
            }
            TicketEvent::Merged(merged) => self.phase = Phase::Merged { into: merged.into, at },
            TicketEvent::MergedFrom(merged) => self.merged_from.push(merged.ticket),
            TicketEvent::Linked(linked) => {
                let (to, kind) = (linked.to, linked.kind);
                if kind == LinkKind::Duplicate {
                    self.links.retain(|link| *link != (to, LinkKind::Suspected));
                }
                if !self.links.contains(&(to, kind)) {
                    self.links.push((to, kind));
                }
                self.told_apart.retain(|ticket| *ticket != to);
                if let Some(due) = linked.due {
                    self.phase = Phase::Duplicate { of: to, due };
                }
            }
            TicketEvent::Unlinked(unlinked) => {
                self.links.retain(|(ticket, _)| *ticket != unlinked.from);
                if !self.told_apart.contains(&unlinked.from) {
                    self.told_apart.push(unlinked.from);
                }
                if let Some(entry) = &unlinked.entry {
                    self.phase = entered(entry);
                }
            }
            TicketEvent::Cancelled(_) => self.phase = Phase::Cancelled { at },
            TicketEvent::Closed(_) => {
                self.phase = Phase::Closed { outcome: Outcome::ByAgent, at };
            }
            TicketEvent::ClosedBySilence(_) => {
                self.phase = Phase::Closed { outcome: Outcome::BySilence, at };
            }
            TicketEvent::Reopened(reopened) => {
                self.reopened += 1;
                self.answer = None;
                self.begin_round();
                self.phase = waiting(reopened.due);
            }
            TicketEvent::Imported(imported) => self.import(&imported.step, imported.due, at),
        }
        Ok(())
    }

    const fn work(&mut self) -> Option<&mut Work> {
        match &mut self.phase {
            Phase::Working(work) => Some(work),
            _ => None,
        }
    }

    fn is_live(
        &self,
        number: u32,
        event: &TicketEvent,
        stamp: &Stamp,
    ) -> Result<(), CorruptHistory> {
        match self.assignment() {
            Some(assignment) if assignment.number == number => Ok(()),
            _ => Err(corrupt(event, stamp, "that assignment is not live")),
        }
    }

    fn pass(&mut self, engineer: EngineerId) {
        if !self.passed.contains(&engineer) {
            self.passed.push(engineer);
        }
    }

    /// Whoever let it pass did not know that it is urgent, so they are asked again.
    fn set_urgent(&mut self, urgent: bool) {
        if urgent && !self.urgent {
            self.begin_round();
        }
        self.urgent = urgent;
    }

    /// A round ends when somebody takes the ticket, when it becomes urgent, or when a person decides
    /// anew.
    fn begin_round(&mut self) {
        self.time_outs = 0;
        self.passed.clear();
    }
}

/// Whether nobody can have the ticket once this has happened, unless it says itself whose place
/// becomes free.
const fn leaves_nobody_with_it(event: &TicketEvent) -> bool {
    match event {
        TicketEvent::Claimed(_)
        | TicketEvent::ClaimEnded(_)
        | TicketEvent::Offered(_)
        | TicketEvent::Reminded(_)
        | TicketEvent::Confirmed(_)
        | TicketEvent::Rejected(_)
        | TicketEvent::AnswerRetracted(_)
        | TicketEvent::Escalated(_)
        | TicketEvent::DispatchDeferred(_)
        | TicketEvent::Queued(_)
        | TicketEvent::Merged(_)
        | TicketEvent::Cancelled(_)
        | TicketEvent::Closed(_)
        | TicketEvent::ClosedBySilence(_)
        | TicketEvent::Reopened(_)
        | TicketEvent::Imported(_) => true,
        TicketEvent::Linked(linked) => linked.due.is_some(),
        TicketEvent::Unlinked(unlinked) => unlinked.entry.is_some(),
        TicketEvent::DetailsAdded(added) => added.entry.is_some(),
        TicketEvent::Created(_)
        | TicketEvent::OfferDeclined(_)
        | TicketEvent::OfferExpired(_)
        | TicketEvent::OfferWithdrawn(_)
        | TicketEvent::Assigned(_)
        | TicketEvent::Accepted(_)
        | TicketEvent::Declined(_)
        | TicketEvent::Returned(_)
        | TicketEvent::TimedOut(_)
        | TicketEvent::Withdrawn(_)
        | TicketEvent::TransferRequested(_)
        | TicketEvent::TransferEnded(_)
        | TicketEvent::Transferred(_)
        | TicketEvent::Departed(_)
        | TicketEvent::Arrived(_)
        | TicketEvent::Held(_)
        | TicketEvent::Resumed(_)
        | TicketEvent::Appointed(_)
        | TicketEvent::AppointmentMissed(_)
        | TicketEvent::HelperAdded(_)
        | TicketEvent::HelperRemoved(_)
        | TicketEvent::Noted(_)
        | TicketEvent::Urged(_)
        | TicketEvent::Resolved(_)
        | TicketEvent::AnswerFlagged(_)
        | TicketEvent::AnswerContradicted(_)
        | TicketEvent::OwnerAsked(_)
        | TicketEvent::SilenceReported(_)
        | TicketEvent::Told(_)
        | TicketEvent::MergedFrom(_)
        | TicketEvent::AttachmentRemoved(_)
        | TicketEvent::MarkedUrgent(_) => false,
    }
}

impl Work {
    const fn heard_of(&mut self, due: Timestamp) {
        self.asked = false;
        self.due = due;
    }
}
