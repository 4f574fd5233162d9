//! The core: what is known, what was asked for, and what to do next.
//!
//! It works through three sets: engineers with something missing (a freeze comes before any
//! assignment), tickets to which something happened or whose time has come, and engineers who may
//! have become available. Each step takes something out of a set or hands an action out, so that
//! every call ends.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use domain::rules::RuleSet;
use domain::ticket::{Assign, Defer, Phase, QueueReason, TicketCommand, ToSupervisor};
use domain::{
    Command, CommandId, EngineerId, Filter, GlobalPosition, OutletId, Rejection, StreamVersion,
    TicketId, Timestamp,
};

use crate::action::{Action, Answer, Basis, CORE_VERSION, command_id};
use crate::engineers::{Engineers, Errand};
use crate::feed_event::{Fault, FeedEvent};
use crate::territory::Territory;
use crate::tickets::{InFlight, Rank, Settling, Subject, TicketEntry, Tickets};
use crate::{assign, duty, freeze, timers};

/// The most actions that one call hands out; what is left comes with the next tick, for which
/// [`Dispatcher::next_due`] asks at once.
pub const ACTIONS_MAX: usize = 256;

/// When an action about an engineer that could not be taken is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// The dispatcher's core. See the crate's documentation for what it promises.
#[derive(Debug, Default)]
pub struct Dispatcher {
    pub(crate) position: GlobalPosition,
    /// The latest time that it was told.
    latest: Timestamp,
    pub(crate) rules: RuleSet,
    pub(crate) tickets: Tickets,
    pub(crate) engineers: Engineers,
    pub(crate) territory: Territory,
    /// Who to look at, and in which order.
    pub(crate) engineers_ready: BTreeSet<EngineerId>,
    pub(crate) ready: BTreeSet<Rank>,
    pub(crate) openings: BTreeSet<EngineerId>,
    /// Tickets that were opened again after they had been forgotten.
    pub(crate) strays: BTreeMap<TicketId, StreamVersion>,
    in_flight: HashMap<String, Subject>,
    settling: Settling,
}

impl Dispatcher {
    /// A core that knows nothing yet; the first event is the log's first.
    pub fn new() -> Self {
        Self::default()
    }

    /// The last event that it knows.
    pub const fn position(&self) -> GlobalPosition {
        self.position
    }

    /// How many tickets are open.
    pub fn open_tickets(&self) -> usize {
        self.tickets.open()
    }

    /// How many actions wait for an answer.
    pub fn unanswered(&self) -> usize {
        self.in_flight.len()
    }

    /// How many timers run.
    pub fn timers(&self) -> usize {
        self.tickets.timers().0 + self.engineers.timers().0
    }

    /// When [`Dispatcher::on_tick`] is to be called, if nothing happens before. A time that is past
    /// means at once.
    pub fn next_due(&self) -> Option<Timestamp> {
        if !self.is_idle() {
            return Some(self.latest);
        }
        [self.tickets.timers().1, self.engineers.timers().1].into_iter().flatten().min()
    }

    fn is_idle(&self) -> bool {
        self.ready.is_empty()
            && self.engineers_ready.is_empty()
            && self.openings.is_empty()
            && self.strays.is_empty()
    }

    /// Folds one event of the past, without any action. [`Dispatcher::resume`] follows.
    ///
    /// # Errors
    /// When the event cannot follow what is known.
    pub fn replay(&mut self, event: &FeedEvent) -> Result<(), Fault> {
        self.take_in(event, None)
    }

    /// Reads the state, works out all that is missing and hands it out. Takes no hint about what
    /// changed, and is safe to run twice.
    pub fn resume(&mut self, now: Timestamp) -> Vec<Action> {
        self.latest = now;
        for id in self.engineers.ids() {
            self.engineers_ready.insert(id);
            self.openings.insert(id);
            self.engineers.set_wake(id, now);
        }
        let rules = &self.rules.rules;
        let missing = |entry: &&TicketEntry| {
            let undecided = matches!(entry.ticket.phase, Phase::Waiting { deferred: false, .. });
            let is_due = || timers::next(entry).is_some_and(|(at, _)| at <= now);
            let at_once = || timers::at_once(entry, rules).is_some();
            entry.is_live() && (undecided || is_due() || at_once())
        };
        self.ready.extend(self.tickets.iter().filter(missing).map(TicketEntry::rank));
        self.hand_out(now, None)
    }

    /// Takes one event in and says what it leads to. An event that is known already changes
    /// nothing.
    ///
    /// # Errors
    /// When the event cannot follow what is known.
    pub fn on_event(&mut self, event: &FeedEvent, now: Timestamp) -> Result<Vec<Action>, Fault> {
        self.latest = now;
        // What was left from earlier is not this event's doing.
        let cause = self.is_idle().then_some(event.stamp.position);
        self.take_in(event, Some(now))?;
        Ok(self.hand_out(now, cause))
    }

    fn take_in(&mut self, event: &FeedEvent, now: Option<Timestamp>) -> Result<(), Fault> {
        let found = event.stamp.position;
        let expected = self.position.next();
        if found < expected {
            return Ok(());
        }
        if found > expected {
            return Err(Fault::Gap { expected, found });
        }
        self.fold(event, now)?;
        self.position = found;
        self.settle(now.unwrap_or(event.stamp.recorded_at));
        Ok(())
    }

    /// Does what time leads to.
    pub fn on_tick(&mut self, now: Timestamp) -> Vec<Action> {
        self.latest = now;
        for id in self.engineers.pop_wakes(now) {
            self.wake_engineer(id, now);
        }
        for id in self.tickets.pop_wakes(now) {
            if let Some(flight) = self.tickets.wake_up(id) {
                self.forget(id, &flight);
            }
            self.mark(id);
        }
        self.hand_out(now, None)
    }

    fn wake_engineer(&mut self, id: EngineerId, now: Timestamp) {
        if let Some(entry) = self.engineers.get_mut(id) {
            if entry.retry_at.is_some_and(|at| at <= now) {
                entry.retry_at = None;
            }
            let is_lost = |flight: &InFlight| flight.since.plus(crate::tickets::LOST_AFTER) <= now;
            if let Some((flight, _)) = entry.in_flight.take_if(|(flight, _)| is_lost(flight)) {
                self.in_flight.remove(&flight.id.key);
            }
        }
        self.engineers_ready.insert(id);
        self.openings.insert(id);
        self.engineers.set_wake(id, now);
    }

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
                    flight.settled = true;
                }
            });
            self.settling.insert((*position, Subject::Ticket(id)));
            return;
        }
        let taken = self.tickets.change(id, |entry| entry.in_flight.take()).flatten();
        let Some(flight) = taken else { return };
        self.forget(id, &flight);
        match (answer, flight.reserved) {
            (Answer::Rejected(rejection), Some((engineer, _)))
                if let Some(filter) = about_engineer(rejection, engineer) =>
            {
                // The log knows of something that is still on its way here. Somebody else is asked
                // at once; this engineer not before something is heard of them.
                if let Some(entry) = self.engineers.get_mut(engineer) {
                    entry.doubt(filter, now);
                }
                self.engineers.set_wake(engineer, now);
                self.mark(id);
            }
            (Answer::Rejected(Rejection::NotDue { due }), _) => {
                self.tickets.change(id, |entry| entry.hold_back(now, Some(*due)));
            }
            // Something happened that is still on its way here, or never comes: at most one attempt
            // for each thing that is seen to happen, and a late one for what is never seen.
            _ => {
                self.tickets.change(id, |entry| entry.hold_back(now, None));
            }
        }
    }

    fn engineer_answered(&mut self, id: EngineerId, answer: &Answer, now: Timestamp) {
        let Some(entry) = self.engineers.get_mut(id) else { return };
        if let Answer::Done { position } = answer
            && *position > self.position
        {
            if let Some((flight, _)) = &mut entry.in_flight {
                flight.settled = true;
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
    fn settle(&mut self, now: Timestamp) {
        while let Some((position, subject)) = self.settling.first().copied()
            && position <= self.position
        {
            self.settling.pop_first();
            let answer = Answer::Done { position };
            match subject {
                Subject::Ticket(id) => {
                    let settled =
                        |entry: &TicketEntry| entry.in_flight.as_ref().is_some_and(|f| f.settled);
                    if self.tickets.get(id).is_some_and(settled) {
                        self.ticket_answered(id, &answer, now);
                    }
                }
                Subject::Engineer(id) => {
                    let entry = self.engineers.get(id);
                    let flight = entry.and_then(|entry| entry.in_flight.as_ref());
                    if flight.is_some_and(|(flight, _)| flight.settled) {
                        self.engineer_answered(id, &answer, now);
                    }
                }
            }
        }
    }

    /// Puts a ticket among those that are looked at next.
    pub(crate) fn mark(&mut self, id: TicketId) {
        if let Some(entry) = self.tickets.get(id) {
            self.ready.insert(entry.rank());
        }
    }

    /// Nobody waits for this action any more; its place is free, unless the ticket really went to
    /// that engineer: then the place goes with the engineer's own event.
    pub(crate) fn forget(&mut self, id: TicketId, flight: &InFlight) {
        self.in_flight.remove(&flight.id.key);
        let Some((engineer, number)) = flight.reserved else { return };
        let live = self.tickets.get(id).and_then(|entry| entry.ticket.assignment());
        if live.is_some_and(|live| (live.engineer, live.number) == (engineer, number)) {
            return;
        }
        if let Some(entry) = self.engineers.get_mut(engineer) {
            entry.reserved.remove(&(id, number));
            self.openings.insert(engineer);
        }
    }

    /// Nobody waits for an action about this engineer any more, if it was this one.
    pub(crate) fn forget_errand(&mut self, id: EngineerId, is_this: impl Fn(Errand) -> bool) {
        let Some(entry) = self.engineers.get_mut(id) else { return };
        if let Some((flight, _)) = entry.in_flight.take_if(|(_, errand)| is_this(*errand)) {
            self.in_flight.remove(&flight.id.key);
        }
    }

    fn hand_out(&mut self, now: Timestamp, cause: Option<GlobalPosition>) -> Vec<Action> {
        let mut actions = Vec::new();
        while actions.len() < ACTIONS_MAX {
            let action = if let Some(id) = self.engineers_ready.pop_first() {
                self.plan_engineer(id, now, cause)
            } else if let Some((id, version)) = self.strays.pop_first() {
                Some(self.plan_stray(id, version, now, cause))
            } else if let Some(rank) = self.ready.pop_first() {
                self.plan_ticket(rank.id, now, cause)
            } else if let Some(id) = self.openings.first().copied() {
                let ticket = self.first_waiting(id, now);
                let action = ticket.and_then(|ticket| self.plan_ticket(ticket, now, cause));
                if action.is_none() {
                    self.openings.remove(&id);
                }
                action
            } else {
                break;
            };
            actions.extend(action);
        }
        actions
    }

    /// The first ticket that this engineer could be given now.
    fn first_waiting(&self, id: EngineerId, now: Timestamp) -> Option<TicketId> {
        let entry = self.engineers.get(id)?;
        if entry.unavailable(now).is_some() {
            return None;
        }
        let outlet = entry.engineer.profile.outlet;
        let around = outlet.into_iter().flat_map(|outlet| self.territory.around(outlet));
        let outlets = std::iter::once(None).chain(around.map(Some::<OutletId>));
        self.tickets.first_for(&self.engineers, id, outlets)
    }

    fn plan_ticket(
        &mut self,
        id: TicketId,
        now: Timestamp,
        cause: Option<GlobalPosition>,
    ) -> Option<Action> {
        let entry = self.tickets.get(id)?;
        let can = entry.is_live()
            && entry.in_flight.is_none()
            && entry.held_back.is_none_or(|until| until <= now);
        let decision = if can { self.decide_ticket(entry, now) } else { None };
        let Some((key, command)) = decision else {
            self.tickets.change(id, |entry| {
                // Never again at once: a time that is past and leads to nothing would come forever.
                if can && timers::next(entry).is_some_and(|(at, _)| at <= now) {
                    entry.hold_back(now, None);
                }
            });
            return None;
        };
        let reserved = match &command {
            TicketCommand::Assign(Assign { engineer: Some(engineer), after, .. }) => {
                Some((*engineer, after.unwrap_or_default() + 1))
            }
            _ => None,
        };
        let action = self.action(key, Command::Ticket(id, command), now, cause);
        let flight = InFlight { id: action.id.clone(), since: now, settled: false, reserved };
        self.in_flight.insert(action.id.key.clone(), Subject::Ticket(id));
        if let Some((engineer, number)) = reserved
            && let Some(entry) = self.engineers.get_mut(engineer)
        {
            entry.reserved.insert((id, number));
        }
        self.tickets.change(id, |entry| {
            entry.held_back = None;
            entry.in_flight = Some(flight);
        });
        Some(action)
    }

    fn decide_ticket(
        &self,
        entry: &TicketEntry,
        now: Timestamp,
    ) -> Option<(String, TicketCommand)> {
        let (id, rules) = (entry.ticket.id, &self.rules.rules);
        let step = |step| timers::command(entry, step, rules);
        if let Some(at_once) = timers::at_once(entry, rules) {
            return Some(step(at_once));
        }
        let due = timers::next(entry).filter(|(at, _)| *at <= now).map(|(_, due)| due);
        if !entry.ticket.awaits_dispatch() {
            return due.map(step);
        }
        let (engineers, territory) = (&self.engineers, &self.territory);
        match assign::choose(entry, engineers, territory, self.rules.version, now) {
            (Some(engineer), reason) => {
                let after = entry.ticket.assignments;
                let key = format!("assign/{id}/{}", after + 1);
                let assign =
                    Assign { engineer: Some(engineer), reason: Some(reason), after: Some(after) };
                Some((key, assign.into()))
            }
            (None, reason) => due.map(step).or_else(|| {
                let undecided =
                    matches!(entry.ticket.phase, Phase::Waiting { deferred: false, .. });
                let key = format!("defer/{id}/{}", entry.turn);
                undecided.then(|| (key, Defer { reason: Some(reason) }.into()))
            }),
        }
    }

    fn plan_engineer(
        &mut self,
        id: EngineerId,
        now: Timestamp,
        cause: Option<GlobalPosition>,
    ) -> Option<Action> {
        let entry = self.engineers.get(id)?;
        if entry.in_flight.is_some() || entry.retry_at.is_some() {
            return None;
        }
        let (key, command, errand) = freeze::decide(entry, now)
            .or_else(|| duty::decide(&entry.engineer, &entry.roster, now))?;
        let action = self.action(key, Command::Engineer(id, command), now, cause);
        let flight = InFlight { id: action.id.clone(), since: now, settled: false, reserved: None };
        self.in_flight.insert(action.id.key.clone(), Subject::Engineer(id));
        if let Some(entry) = self.engineers.get_mut(id) {
            entry.in_flight = Some((flight, errand));
        }
        self.engineers.set_wake(id, now);
        Some(action)
    }

    /// A ticket that was opened again after the core had forgotten it, which takes rules that were
    /// changed meanwhile: a person decides.
    fn plan_stray(
        &self,
        id: TicketId,
        version: StreamVersion,
        now: Timestamp,
        cause: Option<GlobalPosition>,
    ) -> Action {
        let command = ToSupervisor { reason: Some(QueueReason::Escalated) };
        let key = format!("to-supervisor/{id}/{version}");
        self.action(key, Command::Ticket(id, command.into()), now, cause)
    }

    fn action(
        &self,
        key: String,
        command: Command,
        now: Timestamp,
        caused_by: Option<GlobalPosition>,
    ) -> Action {
        let basis = Basis {
            position: self.position,
            decided_at: now,
            rule_set: self.rules.version,
            core_version: CORE_VERSION,
        };
        Action { id: command_id(key), command, basis, caused_by }
    }
}

/// What a refusal says about the engineer who was chosen, whatever the ticket.
fn about_engineer(rejection: &Rejection, chosen: EngineerId) -> Option<Filter> {
    let (engineer, filter) = match rejection {
        Rejection::NoFreePlace { engineer, .. } => (*engineer, Filter::NoFreePlace),
        Rejection::Frozen { engineer, .. } => (*engineer, Filter::Frozen),
        Rejection::NotOnDuty { engineer } | Rejection::Retired { engineer } => {
            (*engineer, Filter::OffDuty)
        }
        _ => return None,
    };
    (engineer == chosen).then_some(filter)
}
