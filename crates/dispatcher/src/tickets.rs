//! The book of tickets: what the domain says of each, what the core has asked for, and the ordered
//! indexes that keep the cost of an event independent of how many tickets are open.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use domain::rules::{Rounds, Rules};
use domain::ticket::{LinkKind, Phase, Priority, Skill, Ticket};
use domain::{Coordinates, EngineerId, OutletId, StreamVersion, TicketId, Timestamp};

use crate::engineers::Engineers;
use crate::in_flight::{InFlight, LOST_AFTER};
use crate::territory::Territory;
use crate::timers;
use crate::urgency::{Description, Urgency};

/// How long a ticket is left alone after a refusal that nothing explains; doubles each time.
const HELD_BACK: Duration = Duration::from_secs(30);
const HELD_BACK_DOUBLINGS_MAX: u32 = 5;

/// Waiting tickets of one kind that are passed over for one engineer before it is given up.
const PASSED_OVER_MAX: usize = 256;

/// A ticket that is open, or could be opened again.
#[derive(Debug, Clone)]
pub(crate) struct TicketEntry {
    pub(crate) ticket: Ticket,
    /// Of the last event that changed where the ticket stands: what is decided on it is named by
    /// this version where no counter of the ticket's own does.
    pub(crate) turn: StreamVersion,
    /// The last event never stands alone: another of the same append follows.
    pub(crate) midway: bool,
    /// It stands where an import put it.
    pub(crate) asleep: bool,
    /// Somebody was there since the last visit was agreed.
    pub(crate) visited: bool,
    /// The ticket whose duplicate it is was cancelled.
    pub(crate) released: bool,
    pub(crate) description: Description,
    /// The urgent rule holds and nobody has recorded it yet.
    pub(crate) urgency: Option<Urgency>,
    /// It became urgent after it was assigned or offered, and nobody has accepted it.
    pub(crate) overtaken: bool,
    pub(crate) in_flight: Option<InFlight>,
    /// Since when answers have been lost, one after the other.
    pub(crate) lost_since: Option<Timestamp>,
    pub(crate) held_back: Option<Timestamp>,
    pub(crate) refusals: u32,
    /// Links that the log would not have; each is tried once.
    pub(crate) refused_links: Vec<(TicketId, LinkKind)>,
    /// Since when it has ended.
    ended: Option<Timestamp>,
    wake: Option<Timestamp>,
    waits: bool,
}

/// The order in which tickets are dispatched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    calm: bool,
    priority: Reverse<Priority>,
    created_at: Timestamp,
    pub(crate) id: TicketId,
}

/// Tickets that the same engineers can take, apart from who let one pass.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    outlet: Option<OutletId>,
    skills: Vec<Skill>,
}

impl TicketEntry {
    pub(crate) fn new(ticket: Ticket, turn: StreamVersion) -> Self {
        Self {
            ticket,
            turn,
            midway: false,
            asleep: false,
            visited: false,
            released: false,
            description: Description::default(),
            urgency: None,
            overtaken: false,
            in_flight: None,
            lost_since: None,
            held_back: None,
            refusals: 0,
            refused_links: Vec::new(),
            ended: None,
            wake: None,
            waits: false,
        }
    }

    /// Whether the core has to care for it.
    pub(crate) const fn is_live(&self) -> bool {
        self.ticket.is_open() && !self.midway && !self.asleep
    }

    pub(crate) const fn rank(&self) -> Rank {
        Rank {
            calm: !self.ticket.urgent,
            priority: Reverse(self.ticket.priority),
            created_at: self.ticket.created_at,
            id: self.ticket.id,
        }
    }

    /// Leaves the ticket alone for a while, longer each time.
    pub(crate) fn hold_back(&mut self, now: Timestamp, at_least: Option<Timestamp>) {
        let pause = HELD_BACK * 2_u32.pow(self.refusals.min(HELD_BACK_DOUBLINGS_MAX));
        self.refusals = self.refusals.saturating_add(1);
        let until = now.plus(pause);
        self.held_back = Some(at_least.map_or(until, |moment| moment.max(until)));
    }

    /// Something happened to the ticket: what was refused before may be tried again.
    pub(crate) const fn let_go(&mut self) {
        self.held_back = None;
        self.lost_since = None;
        self.refusals = 0;
    }

    fn wakes_at(&self) -> Option<Timestamp> {
        if !self.is_live() {
            return None;
        }
        match (&self.in_flight, self.held_back) {
            (Some(flight), _) => Some(flight.since.plus(LOST_AFTER)),
            (None, Some(until)) => Some(until),
            (None, None) => timers::next(self).map(|(at, _)| at),
        }
    }

    /// Where it is: as it was said, else at its outlet.
    pub(crate) fn place(&self, territory: &Territory) -> Option<Coordinates> {
        let outlet = || territory.position_of(self.ticket.outlet?);
        self.description.spot.or_else(outlet)
    }

    /// Whether somebody is to be looked for. Once the rounds are over a person has it, whatever the
    /// reason that stands in the queue: a late command may have named another.
    pub(crate) fn awaits_dispatch(&self, rounds: Rounds) -> bool {
        self.ticket.awaits_dispatch() && !self.ticket.rounds_over(rounds)
    }

    fn is_waiting(&self, rounds: Rounds) -> bool {
        self.is_live()
            && self.in_flight.is_none()
            && self.held_back.is_none()
            && self.awaits_dispatch(rounds)
    }

    fn group(&self) -> Group {
        Group { outlet: self.ticket.outlet, skills: self.ticket.skills.clone() }
    }

    /// Whether this engineer may be asked, as far as the ticket is concerned.
    pub(crate) fn may_ask(&self, engineer: EngineerId) -> bool {
        !self.ticket.passed.contains(&engineer) && !self.ticket.left_out.contains(&engineer)
    }
}

/// All of them.
#[derive(Debug, Clone)]
pub(crate) struct Tickets {
    entries: HashMap<TicketId, Box<TicketEntry>>,
    wakes: BTreeSet<(Timestamp, TicketId)>,
    waiting: BTreeMap<Group, BTreeSet<Rank>>,
    /// A ticket and one that is its duplicate.
    duplicates: BTreeSet<(TicketId, TicketId)>,
    ended: BTreeSet<(Timestamp, TicketId)>,
    /// By the rules that hold; a ticket is indexed by those of its last change.
    rounds: Rounds,
}

impl Default for Tickets {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            wakes: BTreeSet::new(),
            waiting: BTreeMap::new(),
            duplicates: BTreeSet::new(),
            ended: BTreeSet::new(),
            rounds: Rules::default().rounds(),
        }
    }
}

impl Tickets {
    pub(crate) const fn set_rounds(&mut self, rounds: Rounds) {
        self.rounds = rounds;
    }

    /// Whether it stands in the index of those that wait.
    pub(crate) fn waits(&self, id: TicketId) -> bool {
        self.get(id).is_some_and(|entry| entry.waits)
    }

    pub(crate) fn get(&self, id: TicketId) -> Option<&TicketEntry> {
        self.entries.get(&id).map(AsRef::as_ref)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &TicketEntry> {
        self.entries.values().map(AsRef::as_ref)
    }

    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        self.entries.len() - self.ended.len()
    }

    /// The timers that are due at this time.
    pub(crate) fn due(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> {
        self.wakes.iter().map(|(at, _)| *at).take_while(move |at| *at <= now)
    }

    /// How many timers run, and the first of them.
    pub(crate) fn timers(&self) -> (usize, Option<Timestamp>) {
        (self.wakes.len(), self.wakes.first().map(|(at, _)| *at))
    }

    pub(crate) fn insert(&mut self, entry: TicketEntry) {
        let id = entry.ticket.id;
        self.entries.insert(id, Box::new(entry));
        self.index(id);
    }

    /// What was asked for and when it is looked at again, for a ticket that is indexed anew soon:
    /// its time has come, and it is being planned.
    pub(crate) fn wake_up(&mut self, id: TicketId) -> Option<InFlight> {
        let entry = self.entries.get_mut(&id)?;
        entry.held_back = None;
        let lost = entry.in_flight.take()?;
        // It is sent again; that must not look as if it were sent for the first time.
        entry.lost_since.get_or_insert(lost.since);
        Some(lost)
    }

    /// Changes an entry and keeps the indexes true. Nothing for a ticket that is not there.
    pub(crate) fn change<T>(
        &mut self,
        id: TicketId,
        change: impl FnOnce(&mut TicketEntry) -> T,
    ) -> Option<T> {
        self.unindex(id);
        let changed = self.entries.get_mut(&id).map(|entry| change(entry));
        self.index(id);
        changed
    }

    fn unindex(&mut self, id: TicketId) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if let Some(at) = entry.wake.take() {
            self.wakes.remove(&(at, id));
        }
        if std::mem::take(&mut entry.waits) {
            let group = entry.group();
            if let Some(ranks) = self.waiting.get_mut(&group) {
                ranks.remove(&entry.rank());
                if ranks.is_empty() {
                    self.waiting.remove(&group);
                }
            }
        }
        if let Phase::Duplicate { of, .. } = entry.ticket.phase {
            self.duplicates.remove(&(of, id));
        }
    }

    fn index(&mut self, id: TicketId) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        entry.wake = entry.wakes_at();
        if let Some(at) = entry.wake {
            self.wakes.insert((at, id));
        }
        entry.waits = entry.is_waiting(self.rounds);
        if entry.waits {
            self.waiting.entry(entry.group()).or_default().insert(entry.rank());
        }
        if let Phase::Duplicate { of, .. } = entry.ticket.phase {
            self.duplicates.insert((of, id));
        }
    }

    /// Takes the tickets whose time has come out of the index; each is indexed again by its next
    /// change.
    pub(crate) fn pop_wakes(&mut self, now: Timestamp) -> Vec<TicketId> {
        let mut due = Vec::new();
        while let Some((at, id)) = self.wakes.first().copied()
            && at <= now
        {
            self.wakes.pop_first();
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.wake = None;
                due.push(id);
            }
        }
        due
    }

    pub(crate) fn duplicates_of(&self, id: TicketId) -> Vec<TicketId> {
        let from = (id, TicketId::from_u128(0));
        let to = (id, TicketId::from_u128(u128::MAX));
        self.duplicates.range(from..=to).map(|(_, duplicate)| *duplicate).collect()
    }

    /// The first ticket in the order of dispatch that this engineer can take.
    pub(crate) fn first_for(
        &self,
        engineers: &Engineers,
        engineer: EngineerId,
        outlets: impl Iterator<Item = Option<OutletId>>,
    ) -> Option<TicketId> {
        let engineer = &engineers.get(engineer)?.engineer;
        let fits = |rank: &Rank| self.get(rank.id).is_some_and(|entry| entry.may_ask(engineer.id));
        let mut first: Option<Rank> = None;
        for outlet in outlets {
            let from = Group { outlet, skills: Vec::new() };
            for (group, ranks) in self.waiting.range(from..) {
                if group.outlet != outlet {
                    break;
                }
                if !engineer.has_skills(&group.skills) {
                    continue;
                }
                let best = ranks.iter().take(PASSED_OVER_MAX).find(|rank| fits(rank));
                first = match (first, best) {
                    (Some(known), Some(found)) => Some(known.min(*found)),
                    (known, found) => known.or(found.copied()),
                };
            }
        }
        first.map(|rank| rank.id)
    }

    /// Notes that a ticket has ended, or is open again. One that was merged cannot be opened
    /// again, and is forgotten at once.
    pub(crate) fn note_end(&mut self, id: TicketId, at: Timestamp) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if let Some(before) = entry.ended.take() {
            self.ended.remove(&(before, id));
        }
        if matches!(entry.ticket.phase, Phase::Merged { .. }) {
            self.entries.remove(&id);
        } else if !entry.ticket.is_open() {
            entry.ended = Some(at);
            self.ended.insert((at, id));
        }
    }

    /// Forgets tickets that ended before this.
    pub(crate) fn forget_ended(&mut self, before: Timestamp) {
        while let Some((at, id)) = self.ended.first().copied()
            && at < before
        {
            self.ended.pop_first();
            self.entries.remove(&id);
        }
    }
}
