//! The core: what is known, what was asked for, and what to do next.
//!
//! It works through three sets: engineers with something missing (a freeze comes before any
//! assignment), tickets to which something happened or whose time has come, and engineers who may
//! have become available. Each step takes something out of a set or hands an action out, so that
//! every call ends.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::rules::RuleSet;
use domain::ticket::Phase;
use domain::{DeviceId, EngineerId, GlobalPosition, StreamVersion, TicketId, Timestamp};

use crate::action::Action;
use crate::engineers::{Engineers, Errand};
use crate::feed_event::{Fault, FeedEvent};
use crate::in_flight::{InFlight, LOST_AFTER, Settling, Subject};
use crate::reports::Reports;
use crate::territory::Territory;
use crate::tickets::{Rank, TicketEntry, Tickets};
use crate::{timers, urgency};

/// The most actions that one call hands out; what is left comes with the next tick, for which
/// [`Dispatcher::next_due`] asks at once.
pub const ACTIONS_MAX: usize = 256;

/// The dispatcher's core. See the crate's documentation for what it promises.
#[derive(Debug, Clone)]
pub struct Dispatcher {
    pub(crate) position: GlobalPosition,
    /// The latest time that it was told.
    pub(crate) latest: Timestamp,
    pub(crate) rules: RuleSet,
    pub(crate) tickets: Tickets,
    pub(crate) reports: Reports,
    pub(crate) engineers: Engineers,
    pub(crate) territory: Territory,
    /// Of devices, where entered.
    pub(crate) models: HashMap<DeviceId, String>,
    /// Who to look at, and in which order.
    pub(crate) engineers_ready: BTreeSet<EngineerId>,
    pub(crate) ready: BTreeSet<Rank>,
    pub(crate) openings: BTreeSet<EngineerId>,
    /// Tickets that were opened again after they had been forgotten.
    pub(crate) strays: BTreeMap<TicketId, StreamVersion>,
    pub(crate) in_flight: HashMap<String, Subject>,
    pub(crate) settling: Settling,
}

impl Default for Dispatcher {
    fn default() -> Self {
        Self::new()
    }
}

impl Dispatcher {
    /// A core that knows nothing yet; the first event is the log's first.
    pub fn new() -> Self {
        let rules = RuleSet::default();
        let mut tickets = Tickets::default();
        tickets.set_rounds(rules.rules.rounds());
        Self {
            position: GlobalPosition::ZERO,
            latest: Timestamp::default(),
            rules,
            tickets,
            reports: Reports::default(),
            engineers: Engineers::default(),
            territory: Territory::default(),
            models: HashMap::new(),
            engineers_ready: BTreeSet::new(),
            ready: BTreeSet::new(),
            openings: BTreeSet::new(),
            strays: BTreeMap::new(),
            in_flight: HashMap::new(),
            settling: Settling::new(),
        }
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

    /// How many of them are due at this time, counted up to a number.
    pub fn timers_due(&self, now: Timestamp, max: usize) -> usize {
        let tickets = self.tickets.due(now).take(max).count();
        tickets + self.engineers.due(now).take(max - tickets).count()
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
            let becomes_urgent = entry.overtaken || urgency::decide(entry).is_some();
            entry.is_live() && (undecided || becomes_urgent || is_due() || at_once())
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
            let is_lost = |flight: &InFlight| flight.since.plus(LOST_AFTER) <= now;
            if let Some((flight, _)) = entry.in_flight.take_if(|(flight, _)| is_lost(flight)) {
                self.in_flight.remove(&flight.id.key);
            }
        }
        self.engineers_ready.insert(id);
        self.openings.insert(id);
        self.engineers.set_wake(id, now);
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
}
