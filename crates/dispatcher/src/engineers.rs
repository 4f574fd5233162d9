//! The book of engineers: what the domain says of each, which places the core has asked for, and
//! whom to look at again when.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::engineer::Engineer;
use domain::{Coordinates, EngineerId, Filter, OutletId, TicketId, Timestamp};

use crate::duty::{self, Roster};
use crate::freeze::Ground;
use crate::in_flight::{InFlight, LOST_AFTER};
use crate::territory::Territory;

/// How long an engineer is left out whom the log refused although the book says that they can be
/// assigned; less when something is heard of them.
const DOUBTED: Duration = Duration::from_secs(60);

/// The log knows better than the book.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Doubt {
    pub(crate) until: Timestamp,
    pub(crate) filter: Filter,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    Freeze(TicketId),
    Unfreeze(TicketId),
    /// The edge of the roster.
    Duty(Timestamp),
}

/// An engineer.
#[derive(Debug, Clone)]
pub(crate) struct EngineerEntry {
    pub(crate) engineer: Engineer,
    /// Places that were asked for, by ticket and assignment.
    pub(crate) reserved: BTreeSet<(TicketId, u32)>,
    /// When something was given to them last.
    pub(crate) last_given: Option<Timestamp>,
    /// Why the engineer is to be frozen.
    pub(crate) grounds: Vec<Ground>,
    pub(crate) doubt: Option<Doubt>,
    pub(crate) roster: Roster,
    pub(crate) in_flight: Option<(InFlight, Errand)>,
    /// An action could not be taken; it is tried again then.
    pub(crate) retry_at: Option<Timestamp>,
    wake: Option<Timestamp>,
}

impl EngineerEntry {
    pub(crate) fn new(engineer: Engineer, recorded_at: Timestamp) -> Self {
        Self {
            roster: Roster::entered(&engineer, recorded_at),
            engineer,
            reserved: BTreeSet::new(),
            last_given: None,
            grounds: Vec::new(),
            doubt: None,
            in_flight: None,
            retry_at: None,
            wake: None,
        }
    }

    /// Where they were last, unless that is older than this.
    pub(crate) fn fresh_position(&self, within: Duration, now: Timestamp) -> Option<Coordinates> {
        let last = self.engineer.position?;
        (now.since(last.at) <= within).then_some(last.coordinates).flatten()
    }

    /// Places that are taken or asked for.
    pub(crate) fn taken(&self) -> usize {
        let held = |&&(ticket, assignment): &&(TicketId, u32)| {
            !self
                .engineer
                .places
                .iter()
                .any(|place| place.ticket == ticket && place.assignment == assignment)
        };
        self.engineer.places.len() + self.reserved.iter().filter(held).count()
    }

    /// Places that are neither.
    pub(crate) fn free(&self) -> usize {
        usize::from(self.engineer.profile.capacity).saturating_sub(self.taken())
    }

    /// Whether the engineer gets nothing new, also when that is only on its way to the log.
    pub(crate) fn is_frozen(&self, now: Timestamp) -> bool {
        self.engineer.freeze_at(now).is_some()
            || self.grounds.iter().any(|ground| ground.holds(now) && !ground.refused)
    }

    /// Why nothing can be assigned to the engineer now; nothing: it can.
    pub(crate) fn unavailable(&self, now: Timestamp) -> Option<Filter> {
        self.engineer.unavailable(now).or_else(|| {
            if self.is_frozen(now) {
                Some(Filter::Frozen)
            } else if self.free() == 0 {
                Some(Filter::NoFreePlace)
            } else {
                self.doubt.filter(|doubt| now < doubt.until).map(|doubt| doubt.filter)
            }
        })
    }

    /// Leaves the engineer out until something is heard of them.
    pub(crate) fn doubt(&mut self, filter: Filter, now: Timestamp) {
        self.doubt = Some(Doubt { until: now.plus(DOUBTED), filter });
    }

    /// When time alone may change what can be done with the engineer.
    fn wakes_at(&self, now: Timestamp) -> Option<Timestamp> {
        let engineer = &self.engineer;
        let by_itself = [
            engineer.frozen.map(|freeze| freeze.until),
            engineer.leave.map(|leave| leave.until),
            self.doubt.map(|doubt| doubt.until),
            duty::next_edge(engineer, now),
        ];
        // What the core owes is owed also when its time is past.
        let owed = [
            self.retry_at,
            self.in_flight.as_ref().map(|(flight, _)| flight.since.plus(LOST_AFTER)),
        ];
        let to_come = by_itself.into_iter().flatten().filter(|at| *at > now);
        to_come.chain(owed.into_iter().flatten()).min()
    }
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Engineers {
    entries: BTreeMap<EngineerId, EngineerEntry>,
    /// Those who are with the firm, by the outlet that they go out from.
    by_outlet: BTreeMap<Option<OutletId>, BTreeSet<EngineerId>>,
    active: usize,
    wakes: BTreeSet<(Timestamp, EngineerId)>,
}

impl Engineers {
    pub(crate) fn get(&self, id: EngineerId) -> Option<&EngineerEntry> {
        self.entries.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: EngineerId) -> Option<&mut EngineerEntry> {
        self.entries.get_mut(&id)
    }

    pub(crate) fn ids(&self) -> Vec<EngineerId> {
        self.entries.keys().copied().collect()
    }

    /// How many are with the firm.
    pub(crate) const fn active(&self) -> usize {
        self.active
    }

    /// The timers that are due at this time.
    pub(crate) fn due(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> {
        self.wakes.iter().map(|(at, _)| *at).take_while(move |at| *at <= now)
    }

    /// How many timers run, and the first of them.
    pub(crate) fn timers(&self) -> (usize, Option<Timestamp>) {
        (self.wakes.len(), self.wakes.first().map(|(at, _)| *at))
    }

    pub(crate) fn insert(&mut self, entry: EngineerEntry) {
        let (id, profile) = (entry.engineer.id, &entry.engineer.profile);
        if !profile.retired {
            self.active += 1;
            self.by_outlet.entry(profile.outlet).or_default().insert(id);
        }
        self.entries.insert(id, entry);
    }

    /// Moves an engineer to where the entry says, after it changed.
    pub(crate) fn moved(&mut self, id: EngineerId, was: Option<OutletId>, was_retired: bool) {
        let Some(entry) = self.entries.get(&id) else { return };
        let (is, is_retired) = (entry.engineer.profile.outlet, entry.engineer.profile.retired);
        if (was, was_retired) == (is, is_retired) {
            return;
        }
        if !was_retired {
            self.active -= 1;
            if let Some(ids) = self.by_outlet.get_mut(&was) {
                ids.remove(&id);
            }
        }
        if !is_retired {
            self.active += 1;
            self.by_outlet.entry(is).or_default().insert(id);
        }
    }

    /// Sets the next time at which to look at an engineer again.
    pub(crate) fn set_wake(&mut self, id: EngineerId, now: Timestamp) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let wake = entry.wakes_at(now);
        if wake != entry.wake {
            if let Some(at) = entry.wake {
                self.wakes.remove(&(at, id));
            }
            if let Some(at) = wake {
                self.wakes.insert((at, id));
            }
            entry.wake = wake;
        }
    }

    /// Takes the engineers whose time has come out of the index.
    pub(crate) fn pop_wakes(&mut self, now: Timestamp) -> Vec<EngineerId> {
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

    /// Those who may be asked for a ticket of this outlet: of the outlet and its area; everybody
    /// where no outlet is known.
    pub(crate) fn around<'a>(
        &'a self,
        territory: &'a Territory,
        outlet: Option<OutletId>,
    ) -> Box<dyn Iterator<Item = &'a EngineerEntry> + 'a> {
        let ids: Box<dyn Iterator<Item = &EngineerId>> = match outlet {
            None => Box::new(self.by_outlet.values().flatten()),
            Some(outlet) => Box::new(
                territory
                    .around(outlet)
                    .filter_map(|outlet| self.by_outlet.get(&Some(outlet)))
                    .flatten(),
            ),
        };
        Box::new(ids.filter_map(|id| self.entries.get(id)))
    }
}
