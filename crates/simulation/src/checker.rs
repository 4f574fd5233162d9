//! What must hold of a log, whoever wrote it: read from the events alone, and written apart from
//! the states that decisions are made on, so that a mistake there is not repeated here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::engineer::EngineerEvent;
use domain::rules::RuleSetEvent;
use domain::ticket::event::Report;
use domain::ticket::{LinkKind, TicketEvent, WithdrawReason};
use domain::{
    CommandId, EngineerId, Event, GlobalPosition, Issuer, Personal, Rule, StreamVersion, TicketId,
    Timestamp,
};
use eventlog::RecordedEvent;

use crate::people::ALARM;

/// The log says something that must never be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at position {position}: {what}")]
pub struct Violation {
    /// Where it shows.
    pub position: GlobalPosition,
    /// What is wrong.
    pub what: String,
}

#[derive(Debug, Default)]
struct TicketFacts {
    first: GlobalPosition,
    created_at: Timestamp,
    versions: StreamVersion,
    /// Who has it, and which assignment that is.
    live: Option<(u32, EngineerId)>,
    assignments: u32,
    /// Since when somebody took it, or a person decided.
    round: Round,
    left_out: BTreeSet<EngineerId>,
    /// Whose work the customer called 未解决.
    unresolved_by: Option<EngineerId>,
    ended: bool,
    resolved: bool,
    duplicate_of: Option<TicketId>,
    told_apart: BTreeSet<TicketId>,
    offered: Vec<EngineerId>,
    urgent: bool,
    alarm: Alarm,
}

/// What the urgent rule asks for, as far as it was brought.
#[derive(Debug, Default)]
struct Alarm {
    said: bool,
    pictures: usize,
    /// Both were there while nobody had come yet.
    is_due: bool,
    arrived: bool,
}

#[derive(Debug, Default)]
struct Round {
    /// Those whom the dispatcher gave it to.
    asked: BTreeSet<EngineerId>,
    /// Those who did not want it, or said nothing.
    passed: BTreeSet<EngineerId>,
    time_outs: u32,
}

#[derive(Debug, Default)]
struct EngineerFacts {
    capacity: usize,
    places: BTreeSet<(TicketId, u32)>,
    frozen_until: Option<Timestamp>,
    on_duty: bool,
    on_call_until: Option<Timestamp>,
    /// Since which positions, and until the next, they were heard of.
    online: Vec<(GlobalPosition, bool)>,
    leave: Option<(Timestamp, Timestamp)>,
    retired: bool,
}

/// Reads a log from its first event on and says what is wrong with it.
#[derive(Debug)]
pub struct Checker {
    position: GlobalPosition,
    recorded_at: Timestamp,
    tickets: BTreeMap<TicketId, TicketFacts>,
    engineers: BTreeMap<EngineerId, EngineerFacts>,
    commands: HashMap<CommandId, GlobalPosition>,
    redispatches_max: u32,
    urgent_rounds_max: u32,
    link_within: std::time::Duration,
    /// The append that is being read, and of whom it speaks.
    append: Option<CommandId>,
    touched: BTreeSet<TicketId>,
}

impl Default for Checker {
    fn default() -> Self {
        let rules = domain::rules::Rules::default();
        Self {
            position: GlobalPosition::ZERO,
            recorded_at: Timestamp::MIN,
            tickets: BTreeMap::new(),
            engineers: BTreeMap::new(),
            commands: HashMap::new(),
            redispatches_max: rules.accept.redispatches_max,
            urgent_rounds_max: rules.urgent.rounds_max,
            link_within: rules.duplicates.within.duration(),
            append: None,
            touched: BTreeSet::new(),
        }
    }
}

impl Checker {
    /// Reads on. The events are whole appends, as a log shows them.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn read(&mut self, events: &[RecordedEvent]) -> Result<(), Violation> {
        for event in events {
            self.take(event).map_err(|what| Violation { position: event.position, what })?;
        }
        self.end_append().map_err(|what| Violation { position: self.position, what })
    }

    /// Whom the ticket belongs to.
    pub fn owner(&self, id: TicketId) -> Option<EngineerId> {
        self.tickets.get(&id)?.live.map(|(_, engineer)| engineer)
    }

    /// Whether the rule by words and pictures was to mark the ticket as urgent, and nobody did.
    pub fn is_overlooked(&self, id: TicketId) -> bool {
        self.tickets.get(&id).is_some_and(|facts| facts.alarm.is_due && !facts.urgent)
    }

    fn take(&mut self, recorded: &RecordedEvent) -> Result<(), String> {
        let command = &recorded.header.command;
        if self.append.as_ref() != Some(command) {
            self.end_append()?;
            if let Some(before) = self.commands.insert(command.clone(), recorded.position) {
                return Err(format!("{command} was carried out at {before} already"));
            }
            self.append = Some(command.clone());
        }
        if recorded.position != self.position.next() {
            return Err(format!("position {} comes after {}", recorded.position, self.position));
        }
        if recorded.recorded_at < self.recorded_at {
            return Err("the time of recording goes back".into());
        }
        (self.position, self.recorded_at) = (recorded.position, recorded.recorded_at);
        let by_dispatcher = command.issuer == Issuer::Dispatcher;
        match &recorded.event {
            Event::Ticket(event) => {
                let id = recorded.stream.ticket().ok_or("no ticket's stream")?;
                self.touched.insert(id);
                self.ticket(id, event, recorded, by_dispatcher)
            }
            Event::Engineer(event) => {
                let id = recorded.stream.engineer().ok_or("no engineer's stream")?;
                self.engineer(id, event)
            }
            Event::Rules(RuleSetEvent::RuleSetPublished(published)) => {
                self.redispatches_max = published.rules.accept.redispatches_max;
                self.urgent_rounds_max = published.rules.urgent.rounds_max;
                self.link_within = published.rules.duplicates.within.duration();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Between appends every assignment has its place, and every place its assignment.
    fn end_append(&mut self) -> Result<(), String> {
        for id in std::mem::take(&mut self.touched) {
            let live = self.tickets.get(&id).and_then(|ticket| ticket.live);
            let of_ticket = |(who, facts): (&EngineerId, &EngineerFacts)| {
                let places = facts.places.iter().filter(|(ticket, _)| *ticket == id);
                places.map(|(_, number)| (*number, *who)).collect::<Vec<_>>()
            };
            let places: Vec<_> = self.engineers.iter().flat_map(of_ticket).collect();
            if places != live.into_iter().collect::<Vec<_>>() {
                return Err(format!("{id} is with {live:?}, and takes the places {places:?}"));
            }
        }
        Ok(())
    }

    fn ticket(
        &mut self,
        id: TicketId,
        event: &TicketEvent,
        recorded: &RecordedEvent,
        by_dispatcher: bool,
    ) -> Result<(), String> {
        if recorded.version == StreamVersion::FIRST {
            let facts = TicketFacts {
                first: recorded.position,
                created_at: recorded.occurred_at,
                versions: recorded.version,
                urgent: matches!(event, TicketEvent::Created(created) if created.urgent),
                ..TicketFacts::default()
            };
            let facts = self.tickets.entry(id).or_insert(facts);
            if let TicketEvent::Created(created) = event {
                facts.brought(Some(&created.report), created.attachments.len());
            }
            return Ok(());
        }
        if by_dispatcher {
            match event {
                TicketEvent::Assigned(assigned) if assigned.reason.rule != Rule::ByHand => {
                    self.may_ask(id, assigned.engineer)?;
                }
                TicketEvent::Offered(offered) if offered.reason.rule != Rule::ByHand => {
                    let basis = recorded.header.basis.ok_or("an offer says what it knew")?;
                    for engineer in &offered.engineers {
                        self.may_offer(id, *engineer, basis.position)?;
                    }
                }
                TicketEvent::Linked(linked) => self.may_link(id, linked.to, linked.kind)?,
                TicketEvent::Withdrawn(gone) if gone.why == WithdrawReason::Reassigned => {
                    return Err(format!("the dispatcher took {id} from {}", gone.engineer));
                }
                _ => {}
            }
        }
        let facts = self.tickets.get_mut(&id).ok_or_else(|| format!("{id} was never reported"))?;
        if recorded.version != facts.versions.next() {
            return Err(format!("{id} goes from {} to {}", facts.versions, recorded.version));
        }
        facts.versions = recorded.version;
        facts.take(id, event, by_dispatcher)
    }

    /// The dispatcher gives the ticket to this engineer.
    fn may_ask(&self, id: TicketId, who: EngineerId) -> Result<(), String> {
        let facts = self.tickets.get(&id).ok_or_else(|| format!("{id} was never reported"))?;
        let round = &facts.round;
        if round.asked.contains(&who) || round.passed.contains(&who) {
            return Err(format!("{who} was asked for {id} twice in a round"));
        }
        if facts.left_out.contains(&who) {
            return Err(format!("{who} was asked for {id}, and is left out of it"));
        }
        let rounds_max =
            if facts.urgent { self.urgent_rounds_max } else { self.redispatches_max + 1 };
        if round.time_outs >= rounds_max {
            let times = round.time_outs;
            return Err(format!("{id} was not accepted {times} times and is dispatched again"));
        }
        if facts.duplicate_of.is_some() {
            return Err(format!("{id} waits as a duplicate and is dispatched"));
        }
        let engineer = self.engineers.get(&who).ok_or_else(|| format!("{who} is nobody"))?;
        let now = self.recorded_at;
        let on_call = engineer.on_call_until.is_some_and(|until| now < until);
        let on_leave = engineer.leave.is_some_and(|(from, until)| from <= now && now < until);
        if engineer.retired || on_leave || !(engineer.on_duty || on_call) {
            return Err(format!("{who} is not at work and was asked for {id}"));
        }
        Ok(())
    }

    /// The dispatcher offers the ticket to this engineer, among others.
    fn may_offer(
        &self,
        id: TicketId,
        who: EngineerId,
        known: GlobalPosition,
    ) -> Result<(), String> {
        self.may_ask(id, who)?;
        let now = self.recorded_at;
        let engineer = self.engineers.get(&who).ok_or_else(|| format!("{who} is nobody"))?;
        if engineer.frozen_until.is_some_and(|until| now < until) {
            return Err(format!("{who} is frozen and was offered {id}"));
        }
        let heard = engineer.online.iter().rev().find(|(since, _)| *since <= known);
        if engineer.on_call_until.is_none() && !heard.is_some_and(|(_, online)| *online) {
            return Err(format!("{who} is neither online nor on call and was offered {id}"));
        }
        Ok(())
    }

    /// The dispatcher says that the ticket has to do with another.
    fn may_link(&self, id: TicketId, to: TicketId, kind: LinkKind) -> Result<(), String> {
        let [ticket, other] = [id, to].map(|id| self.tickets.get(&id));
        let (Some(ticket), Some(other)) = (ticket, other) else {
            return Err(format!("{id} was linked to {to}, which is none"));
        };
        if ticket.told_apart.contains(&to) {
            return Err(format!("{id} was linked to {to}, and a person told them apart"));
        }
        if ticket.assignments > 0 {
            return Err(format!("{id} was linked to {to} after somebody was asked for it"));
        }
        if other.first > ticket.first {
            return Err(format!("{id} is older than {to} and was linked to it"));
        }
        if matches!(kind, LinkKind::Duplicate | LinkKind::Suspected) {
            if other.ended || other.resolved {
                return Err(format!("{id} waits for {to}, which is done"));
            }
            if ticket.created_at.since(other.created_at) > self.link_within {
                return Err(format!("{id} was linked to {to}, which came too long before it"));
            }
        }
        Ok(())
    }

    fn engineer(&mut self, id: EngineerId, event: &EngineerEvent) -> Result<(), String> {
        let (now, position) = (self.recorded_at, self.position);
        let facts = self.engineers.entry(id).or_default();
        match event {
            EngineerEvent::ProfileSet(set) => {
                (facts.capacity, facts.retired) = (usize::from(set.capacity), set.retired);
            }
            EngineerEvent::DutyStarted(_) => facts.on_duty = true,
            EngineerEvent::DutyEnded(_) => facts.on_duty = false,
            EngineerEvent::LeaveSet(set) => facts.leave = Some((set.from, set.until)),
            EngineerEvent::OnCallSet(set) => facts.on_call_until = set.until,
            EngineerEvent::PlaceTaken(taken) => {
                if facts.places.len() >= facts.capacity {
                    return Err(format!("{id} has no free place for {}", taken.ticket));
                }
                if facts.frozen_until.is_some_and(|until| now < until) {
                    return Err(format!("{id} is frozen and was given {}", taken.ticket));
                }
                if !facts.places.insert((taken.ticket, taken.assignment)) {
                    return Err(format!("{id} has a place for {} already", taken.ticket));
                }
            }
            EngineerEvent::PlaceFreed(freed) => {
                if !facts.places.remove(&(freed.ticket, freed.assignment)) {
                    return Err(format!("{id} had no place for {}", freed.ticket));
                }
            }
            EngineerEvent::Frozen(frozen) => facts.frozen_until = Some(frozen.until),
            EngineerEvent::Unfrozen(_) => facts.frozen_until = None,
            EngineerEvent::WentOnline(_) => facts.online.push((position, true)),
            EngineerEvent::WentOffline(_) => facts.online.push((position, false)),
            EngineerEvent::Moved(_) => {}
        }
        Ok(())
    }
}

impl TicketFacts {
    fn take(
        &mut self,
        id: TicketId,
        event: &TicketEvent,
        by_dispatcher: bool,
    ) -> Result<(), String> {
        match event {
            TicketEvent::Assigned(assigned) => {
                let by_hand = assigned.reason.rule == Rule::ByHand;
                if by_hand {
                    self.round = Round::default();
                } else if by_dispatcher {
                    self.round.asked.insert(assigned.engineer);
                }
                self.begin(id, assigned.number, assigned.engineer)?;
            }
            TicketEvent::Accepted(accepted) => {
                self.is_live(id, accepted.number, Some(accepted.engineer))?;
                self.round = Round::default();
            }
            TicketEvent::Transferred(transferred) => {
                self.end(id, transferred.number - 1, Some(transferred.from))?;
                self.begin(id, transferred.number, transferred.to)?;
            }
            TicketEvent::Declined(declined) => {
                self.end(id, declined.number, Some(declined.engineer))?;
                self.round.passed.insert(declined.engineer);
            }
            TicketEvent::Returned(returned) => {
                self.end(id, returned.number, Some(returned.engineer))?;
                self.round.passed.insert(returned.engineer);
            }
            TicketEvent::TimedOut(late) => {
                self.end(id, late.number, Some(late.engineer))?;
                self.round.passed.insert(late.engineer);
                self.round.time_outs += 1;
            }
            TicketEvent::Withdrawn(gone) => {
                self.end(id, gone.number, Some(gone.engineer))?;
                if gone.why == WithdrawReason::ByHand {
                    self.round.passed.insert(gone.engineer);
                } else {
                    // Nobody let it pass: the ticket went another way.
                    self.round.asked.remove(&gone.engineer);
                }
            }
            TicketEvent::Resolved(resolved) => {
                if let Some(number) = resolved.number {
                    self.end(id, number, None)?;
                }
                (self.resolved, self.duplicate_of) = (true, None);
            }
            TicketEvent::Offered(offered) => {
                if offered.reason.rule == Rule::ByHand {
                    self.round = Round::default();
                }
                self.offered.clone_from(&offered.engineers);
                self.duplicate_of = None;
            }
            TicketEvent::DetailsAdded(added) => {
                self.set_urgent(added.urgent.unwrap_or(self.urgent));
                self.brought(Some(&added.report), added.attachments.len());
            }
            TicketEvent::Noted(noted) => self.brought(None, noted.attachments.len()),
            TicketEvent::Arrived(_) => self.alarm.arrived = true,
            TicketEvent::MarkedUrgent(_) => self.set_urgent(true),
            TicketEvent::OfferDeclined(declined) => {
                self.offered.retain(|who| *who != declined.engineer);
                self.round.passed.insert(declined.engineer);
            }
            TicketEvent::OfferExpired(_) => {
                self.round.passed.extend(self.offered.drain(..));
                self.round.time_outs += 1;
            }
            TicketEvent::Escalated(escalated) => {
                self.round = Round::default();
                self.left_out.extend(escalated.without);
                self.duplicate_of = None;
            }
            TicketEvent::Rejected(rejected) => {
                (self.ended, self.resolved) = (false, false);
                self.unresolved_by = rejected.engineer;
            }
            TicketEvent::AnswerRetracted(_) => {
                self.resolved = true;
                let who = self.unresolved_by.take();
                self.left_out.retain(|left_out| Some(*left_out) != who);
            }
            TicketEvent::Reopened(_) => {
                self.round = Round::default();
                (self.ended, self.resolved) = (false, false);
            }
            TicketEvent::Confirmed(confirmed) => {
                (self.resolved, self.ended) = (false, confirmed.call_back.is_none());
            }
            TicketEvent::Linked(linked) => {
                self.told_apart.remove(&linked.to);
                if linked.due.is_some() {
                    self.duplicate_of = Some(linked.to);
                }
            }
            TicketEvent::Unlinked(unlinked) => {
                // The dispatcher parts only what it linked itself, and may see it anew.
                if !by_dispatcher {
                    self.told_apart.insert(unlinked.from);
                }
                if unlinked.entry.is_some() {
                    self.duplicate_of = None;
                }
            }
            // Also one that had ended, when a later answer contradicts the first.
            TicketEvent::Queued(_) => {
                (self.ended, self.resolved, self.duplicate_of) = (false, false, None);
            }
            TicketEvent::Merged(_)
            | TicketEvent::Cancelled(_)
            | TicketEvent::Closed(_)
            | TicketEvent::ClosedBySilence(_) => {
                (self.ended, self.duplicate_of) = (true, None);
            }
            _ => {}
        }
        if self.ended && self.live.is_some() {
            return Err(format!("{id} has ended and is still with {:?}", self.live));
        }
        Ok(())
    }

    /// Words and pictures came with an event.
    fn brought(&mut self, report: Option<&Personal<Report>>, pictures: usize) {
        let sentence = report.and_then(Personal::known).and_then(|report| report.sentence.as_ref());
        self.alarm.said |= sentence.is_some_and(|sentence| sentence == ALARM);
        self.alarm.pictures += pictures;
        let adds = report.is_some() || pictures > 0;
        let waits = !self.ended && !self.resolved && !self.alarm.arrived;
        if adds && waits && self.alarm.said && self.alarm.pictures >= 2 {
            self.alarm.is_due = true;
        }
    }

    /// Whoever let it pass did not know that it is urgent.
    fn set_urgent(&mut self, urgent: bool) {
        if urgent && !self.urgent {
            self.round = Round::default();
        }
        self.urgent = urgent;
    }

    fn begin(&mut self, id: TicketId, number: u32, who: EngineerId) -> Result<(), String> {
        if let Some((other, owner)) = self.live {
            return Err(format!(
                "{id} has two live assignments: {other} of {owner}, and {number} of {who}"
            ));
        }
        if number != self.assignments + 1 {
            return Err(format!("assignment {number} of {id} follows {}", self.assignments));
        }
        (self.live, self.assignments, self.duplicate_of) = (Some((number, who)), number, None);
        Ok(())
    }

    fn end(&mut self, id: TicketId, number: u32, who: Option<EngineerId>) -> Result<(), String> {
        self.is_live(id, number, who)?;
        self.live = None;
        Ok(())
    }

    fn is_live(&self, id: TicketId, number: u32, who: Option<EngineerId>) -> Result<(), String> {
        match self.live {
            Some((live, owner)) if live == number && who.is_none_or(|who| who == owner) => Ok(()),
            live => Err(format!("assignment {number} of {id} is not live; {live:?} is")),
        }
    }
}
