//! What an event changes in the core's books, and whom it makes worth looking at.

use std::time::Duration;

use domain::directory::{AreaEvent, DeviceEvent, OutletEvent};
use domain::engineer::{Engineer, EngineerEvent, UnfreezeReason};
use domain::rules::{DuplicateRules, RuleSet, RuleSetEvent, RuleSetPublished};
use domain::ticket::{Phase, Ticket, TicketEvent, WithdrawReason};
use domain::{
    AreaId, DeviceId, EngineerId, Event, Origin, OutletId, Stamp, StreamVersion, TicketId,
    Timestamp,
};

use crate::core::Dispatcher;
use crate::duty;
use crate::engineers::{EngineerEntry, Errand};
use crate::feed_event::{Fault, FeedEvent};
use crate::freeze;
use crate::in_flight::InFlight;
use crate::reports::Known;
use crate::tickets::TicketEntry;
use crate::urgency;

/// Tickets are kept for this long after they could last be opened again: the domain compares with
/// its own clock.
const KEPT_LONGER: Duration = Duration::from_secs(86_400);

impl Dispatcher {
    /// Folds an event; with a time, it also notes what is worth looking at.
    pub(crate) fn fold(&mut self, event: &FeedEvent, now: Option<Timestamp>) -> Result<(), Fault> {
        let FeedEvent { stream, stamp, origin, event } = event;
        let wrong = || Fault::WrongStream {
            event: event.name(),
            position: stamp.position,
            stream: *stream,
        };
        if stream.kind() != event.kind() {
            return Err(wrong());
        }
        match event {
            Event::Ticket(event) => {
                let id = stream.ticket().ok_or_else(wrong)?;
                // Imported history moves states and leads to nothing.
                let live = now.is_some() && *origin == Origin::Live;
                self.fold_ticket(id, event, stamp, *origin, live)?;
            }
            Event::Engineer(event) => {
                let id = stream.engineer().ok_or_else(wrong)?;
                self.fold_engineer(id, event, stamp, now)?;
            }
            Event::Outlet(OutletEvent::OutletSet(entry)) => {
                let id = OutletId::from_u128(stream.id());
                if self.territory.set_outlet(id, entry) && now.is_some() {
                    let around = self.engineers.around(&self.territory, Some(id));
                    self.openings.extend(around.map(|entry| entry.engineer.id));
                }
            }
            Event::Area(AreaEvent::AreaSet(entry)) => {
                self.territory.set_area(AreaId::from_u128(stream.id()), entry);
            }
            Event::Rules(RuleSetEvent::RuleSetPublished(published)) => {
                let RuleSetPublished { version, rules } = published.clone();
                self.tickets.set_rounds(rules.rounds());
                self.rules = RuleSet { version, rules };
            }
            Event::Device(DeviceEvent::DeviceSet(entry)) => {
                let id = DeviceId::from_u128(stream.id());
                match entry.model.clone() {
                    Some(model) => self.models.insert(id, model),
                    None => self.models.remove(&id),
                };
            }
            Event::Log(_) | Event::Customer(_) | Event::Attachment(_) | Event::Audit(_) => {}
        }
        let kept = self.rules.rules.close.reopen_within.duration() + KEPT_LONGER;
        self.tickets.forget_ended(stamp.recorded_at.minus(kept));
        let DuplicateRules { within, repeat_within, .. } = self.rules.rules.duplicates;
        let longest = within.max(repeat_within).duration();
        self.reports.forget(stamp.recorded_at.minus(longest));
        Ok(())
    }

    fn fold_ticket(
        &mut self,
        id: TicketId,
        event: &TicketEvent,
        stamp: &Stamp,
        origin: Origin,
        live: bool,
    ) -> Result<(), Fault> {
        if stamp.version == StreamVersion::FIRST {
            let ticket = Ticket::begin(id, event, stamp)?;
            let mut entry = TicketEntry::new(ticket, stamp.version);
            entry.asleep = origin != Origin::Live;
            self.tickets.insert(entry);
            if let TicketEvent::Created(created) = event {
                self.look_whether_urgent(id, event, stamp, origin);
                self.reports.insert(id, Known::of(created, stamp));
            }
            if live {
                self.mark(id);
            }
            return Ok(());
        }
        let Some(before) = self.tickets.get(id) else {
            self.fold_forgotten(id, event, stamp.version, origin);
            return Ok(());
        };
        let answered = before.ticket.answer;
        let folded = self.tickets.change(id, |entry| fold_entry(entry, event, stamp, origin));
        let observed = folded.transpose()?.unwrap_or_default();
        if let Some(flight) = observed.ended_flight {
            self.forget(id, &flight);
        }
        self.look_whether_urgent(id, event, stamp, origin);
        match event {
            TicketEvent::Rejected(rejected) if origin == Origin::Live => {
                if let Some(engineer) = rejected.engineer {
                    let rules = &self.rules.rules;
                    let (engineers, territory) = (&mut self.engineers, &self.territory);
                    let (answer, at) = ((id, stamp.version), stamp.recorded_at);
                    freeze::note_unresolved(engineers, territory, rules, engineer, answer, at);
                    self.look_at(engineer, live);
                }
            }
            TicketEvent::AnswerRetracted(_) => {
                let undo = answered.and_then(|answer| answer.undo);
                if let Some(engineer) = undo.and_then(|undo| undo.resolution.engineer) {
                    freeze::note_retracted(&mut self.engineers, engineer, (id, stamp.version));
                    self.look_at(engineer, live);
                }
            }
            TicketEvent::DetailsAdded(added) => self.reports.add(id, added),
            TicketEvent::Cancelled(_) => {
                for duplicate in self.tickets.duplicates_of(id) {
                    self.tickets.change(duplicate, |entry| {
                        entry.released = true;
                        entry.let_go();
                    });
                    if live {
                        self.mark(duplicate);
                    }
                }
            }
            TicketEvent::Reopened(_) => {
                for duplicate in self.tickets.duplicates_of(id) {
                    self.tickets.change(duplicate, |entry| entry.released = false);
                }
            }
            _ => {}
        }
        self.tickets.note_end(id, stamp.recorded_at.max(stamp.occurred_at));
        if live && observed.worth_a_look {
            self.mark(id);
        }
        Ok(())
    }

    /// The urgent rule is looked at with everything that is added, until somebody is there.
    fn look_whether_urgent(
        &mut self,
        id: TicketId,
        event: &TicketEvent,
        stamp: &Stamp,
        origin: Origin,
    ) {
        let (rules, models) = (&self.rules, &self.models);
        self.tickets.change(id, |entry| {
            let adds = match event {
                TicketEvent::Created(it) => {
                    entry.description.learn(&it.report, it.has_sentence);
                    true
                }
                TicketEvent::DetailsAdded(it) => {
                    entry.description.learn(&it.report, it.has_sentence);
                    true
                }
                TicketEvent::Noted(noted) => !noted.attachments.is_empty(),
                TicketEvent::Arrived(_) => {
                    entry.description.forget_words();
                    false
                }
                _ => false,
            };
            if adds && origin == Origin::Live {
                let at = (stamp.version, stamp.recorded_at);
                entry.urgency = urgency::look(entry, rules, models, at).or(entry.urgency.take());
            }
            if !entry.ticket.may_become_urgent() {
                entry.urgency = None;
            }
        });
    }

    /// An event of a ticket that ended long ago: nothing, unless it is open again.
    fn fold_forgotten(
        &mut self,
        id: TicketId,
        event: &TicketEvent,
        version: StreamVersion,
        origin: Origin,
    ) {
        match event {
            TicketEvent::Reopened(_) | TicketEvent::Escalated(_) if origin == Origin::Live => {
                self.strays.insert(id, version);
            }
            TicketEvent::Told(_) | TicketEvent::Noted(_) => {}
            _ => {
                self.strays.remove(&id);
            }
        }
    }

    fn look_at(&mut self, engineer: EngineerId, live: bool) {
        if live {
            self.engineers_ready.insert(engineer);
        }
    }

    fn fold_engineer(
        &mut self,
        id: EngineerId,
        event: &EngineerEvent,
        stamp: &Stamp,
        now: Option<Timestamp>,
    ) -> Result<(), Fault> {
        let at = stamp.recorded_at;
        match self.engineers.get_mut(id) {
            None => {
                let engineer = Engineer::begin(id, event, stamp)?;
                self.engineers.insert(EngineerEntry::new(engineer, at));
            }
            Some(entry) => {
                let profile = &entry.engineer.profile;
                let (outlet, retired) = (profile.outlet, profile.retired);
                let kept = duty::is_kept(&entry.engineer);
                let hours = (profile.roster.clone(), profile.zone.clone());
                entry.engineer.evolve(event, stamp)?;
                let profile = &entry.engineer.profile;
                if (&hours.0, &hours.1) != (&profile.roster, &profile.zone)
                    || kept != duty::is_kept(&entry.engineer)
                {
                    entry.roster.changed(kept, &entry.engineer, at);
                }
                note_engineer(entry, event, at);
                self.engineers.moved(id, outlet, retired);
            }
        }
        match event {
            EngineerEvent::DutyStarted(_) | EngineerEvent::DutyEnded(_) => {
                self.forget_errand(id, |errand| matches!(errand, Errand::Duty(_)));
            }
            EngineerEvent::Frozen(_) | EngineerEvent::Unfrozen(_) => {
                self.forget_errand(id, |errand| !matches!(errand, Errand::Duty(_)));
            }
            EngineerEvent::WentOnline(_)
            | EngineerEvent::WentOffline(_)
            | EngineerEvent::Moved(_) => return Ok(()),
            _ => {}
        }
        if let Some(now) = now {
            if !matches!(event, EngineerEvent::PlaceTaken(_) | EngineerEvent::PlaceFreed(_)) {
                self.engineers_ready.insert(id);
                self.engineers.set_wake(id, now);
            }
            self.openings.insert(id);
        }
        Ok(())
    }
}

fn note_engineer(entry: &mut EngineerEntry, event: &EngineerEvent, at: Timestamp) {
    match event {
        EngineerEvent::DutyStarted(_) | EngineerEvent::DutyEnded(_) => entry.roster.said(at),
        EngineerEvent::PlaceTaken(taken) => {
            entry.reserved.remove(&(taken.ticket, taken.assignment));
            entry.last_given = Some(at);
        }
        EngineerEvent::Unfrozen(unfrozen) => match unfrozen.why {
            // A supervisor's word ends what was said before it.
            UnfreezeReason::Lifted => entry.grounds.clear(),
            UnfreezeReason::AnswerRetracted(ticket) => {
                entry.grounds.retain(|ground| ground.ticket != ticket);
            }
        },
        EngineerEvent::WentOnline(_) | EngineerEvent::WentOffline(_) | EngineerEvent::Moved(_) => {
            return;
        }
        EngineerEvent::ProfileSet(_)
        | EngineerEvent::LeaveSet(_)
        | EngineerEvent::OnCallSet(_)
        | EngineerEvent::PlaceFreed(_)
        | EngineerEvent::Frozen(_) => {}
    }
    entry.doubt = None;
}

/// What an event did to a ticket's entry.
#[derive(Default)]
struct Observed {
    ended_flight: Option<InFlight>,
    worth_a_look: bool,
}

fn fold_entry(
    entry: &mut TicketEntry,
    event: &TicketEvent,
    stamp: &Stamp,
    origin: Origin,
) -> Result<Observed, Fault> {
    let (phase, visit) = (entry.ticket.phase.clone(), entry.ticket.appointment);
    let was_urgent = entry.ticket.urgent;
    entry.ticket.evolve(event, stamp)?;
    let was_midway = entry.midway;
    if !matches!(event, TicketEvent::Told(_)) {
        entry.midway = is_midway(event);
    }
    match event {
        TicketEvent::Arrived(_) | TicketEvent::Resolved(_) => entry.visited = true,
        TicketEvent::Appointed(_) => entry.visited = false,
        _ => {}
    }
    let mut observed = Observed::default();
    if entry.ticket.phase != phase && !matches!(event, TicketEvent::OfferDeclined(_)) {
        entry.overtaken = false;
    }
    if entry.ticket.urgent && !was_urgent {
        let asked = matches!(entry.ticket.phase, Phase::Assigned { .. } | Phase::Offered { .. });
        entry.overtaken = asked;
        observed.worth_a_look = true;
    } else if was_urgent && !entry.ticket.urgent {
        entry.overtaken = false;
    }
    if entry.ticket.phase != phase || entry.ticket.appointment != visit {
        entry.turn = stamp.version;
        entry.asleep = origin != Origin::Live;
        observed.ended_flight = entry.in_flight.take();
        observed.worth_a_look = true;
    }
    // A repeat visit changes nothing but the link, and can be dispatched now.
    if let TicketEvent::Linked(linked) = event
        && let link = Some((linked.to, linked.kind))
        && let Some(flight) = entry.in_flight.take_if(|flight| flight.link == link)
    {
        observed.ended_flight = Some(flight);
        observed.worth_a_look = true;
    }
    if let TicketEvent::MarkedUrgent(_) = event
        && let Some(flight) = entry.in_flight.take_if(|flight| urgency::is_mark(&flight.id))
    {
        observed.ended_flight = Some(flight);
    }
    if !matches!(entry.ticket.phase, Phase::Duplicate { .. }) {
        entry.released = false;
    }
    // Details change whom the ticket can go to, and how much it matters.
    observed.worth_a_look |=
        was_midway || matches!(event, TicketEvent::DetailsAdded(_) | TicketEvent::Noted(_));
    if observed.worth_a_look {
        entry.let_go();
    }
    Ok(observed)
}

/// Whether another event of the same append always follows, so that nothing may be decided yet.
/// Who is told of it stands in between.
const fn is_midway(event: &TicketEvent) -> bool {
    let why = match event {
        TicketEvent::Rejected(_) => return true,
        TicketEvent::Withdrawn(withdrawn) => withdrawn.why,
        TicketEvent::OfferWithdrawn(withdrawn) => withdrawn.why,
        _ => return false,
    };
    !matches!(why, WithdrawReason::ByHand)
}
