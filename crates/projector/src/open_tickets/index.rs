//! The orders in which open tickets are found.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use domain::ticket::{PhaseName, Priority};
use domain::{AreaId, EngineerId, OutletId, TicketNumber, Timestamp};

use super::queues::QueueKey;
use super::time_index::{Slot, TimeIndex};

/// By what a row is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) created_at: Timestamp,
    pub(super) due: Timestamp,
    pub(super) phase: PhaseName,
    pub(super) outlet: Option<OutletId>,
    pub(super) area: Option<AreaId>,
    pub(super) engineer: Option<EngineerId>,
    pub(super) priority: Priority,
    pub(super) urgent: bool,
    pub(super) queue: Option<QueueKey>,
    pub(super) undone: bool,
    pub(super) unaccepted: bool,
}

/// The place in the backlog among those that are not overdue: urgent first, then priority, then
/// age.
pub(super) type BacklogSlot = (u8, Timestamp, TicketNumber);

impl Keys {
    /// Somebody has to take it: nobody has accepted it, or it is in a queue.
    const fn waits(&self) -> bool {
        self.unaccepted || self.queue.is_some()
    }

    pub(super) fn backlog_slot(&self, number: TicketNumber) -> BacklogSlot {
        let rank = match self.priority {
            Priority::Critical => 0,
            Priority::High => 1,
            Priority::Normal => 2,
            Priority::Low => 3,
        };
        (if self.urgent { rank } else { rank + 4 }, self.created_at, number)
    }
}

/// Tickets by one of their properties, each group in the order of age.
pub(super) type Groups<K> = HashMap<K, BTreeSet<Slot>>;

/// All orders.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) created: BTreeSet<Slot>,
    pub(super) phases: Groups<PhaseName>,
    pub(super) outlets: Groups<Option<OutletId>>,
    pub(super) areas: Groups<Option<AreaId>>,
    pub(super) engineers: Groups<EngineerId>,
    pub(super) priorities: Groups<Priority>,
    pub(super) urgent: BTreeSet<Slot>,
    /// By due time, so that the first is the next to go on.
    pub(super) queues: BTreeMap<QueueKey, TimeIndex>,
    /// By age: not 完工.
    pub(super) undone: TimeIndex,
    /// By age: not accepted.
    pub(super) unaccepted: TimeIndex,
    /// By due time: nobody has accepted it, or it is in somebody's queue.
    pub(super) waiting: TimeIndex,
    /// By due time: not 完工.
    pub(super) due_undone: TimeIndex,
    /// By due time: the others.
    pub(super) due_done: BTreeSet<Slot>,
    /// Not 完工, with the due time.
    pub(super) backlog: BTreeMap<BacklogSlot, Timestamp>,
}

fn regroup<K: Hash + Eq>(groups: &mut Groups<K>, old: Option<(K, Slot)>, new: Option<(K, Slot)>) {
    if old == new {
        return;
    }
    if let Some((key, slot)) = old
        && let Some(group) = groups.get_mut(&key)
    {
        group.remove(&slot);
        if group.is_empty() {
            groups.remove(&key);
        }
    }
    if let Some((key, slot)) = new {
        groups.entry(key).or_default().insert(slot);
    }
}

fn reorder(slots: &mut BTreeSet<Slot>, old: Option<Slot>, new: Option<Slot>) {
    if old != new {
        old.map(|slot| slots.remove(&slot));
        new.map(|slot| slots.insert(slot));
    }
}

fn retime(index: &mut TimeIndex, old: Option<Slot>, new: Option<Slot>) {
    if old != new {
        if let Some((at, number)) = old {
            index.remove(at, number);
        }
        if let Some((at, number)) = new {
            index.insert(at, number);
        }
    }
}

impl Index {
    /// Moves a ticket from where it was to where it is.
    pub(super) fn replace(&mut self, number: TicketNumber, old: Option<&Keys>, new: Option<&Keys>) {
        if old == new {
            return;
        }
        let age = |keys: &Keys| (keys.created_at, number);
        let due = |keys: &Keys| (keys.due, number);
        macro_rules! both {
            ($keys:ident => $value:expr) => {{
                let of = |$keys: &Keys| $value;
                (old.and_then(of), new.and_then(of))
            }};
        }
        let (from, to) = both!(keys => Some(age(keys)));
        reorder(&mut self.created, from, to);
        let (from, to) = both!(keys => keys.urgent.then(|| age(keys)));
        reorder(&mut self.urgent, from, to);
        let (from, to) = both!(keys => (!keys.undone).then(|| due(keys)));
        reorder(&mut self.due_done, from, to);
        let (from, to) = both!(keys => Some((keys.phase, age(keys))));
        regroup(&mut self.phases, from, to);
        let (from, to) = both!(keys => Some((keys.outlet, age(keys))));
        regroup(&mut self.outlets, from, to);
        let (from, to) = both!(keys => Some((keys.area, age(keys))));
        regroup(&mut self.areas, from, to);
        let (from, to) = both!(keys => keys.engineer.map(|engineer| (engineer, age(keys))));
        regroup(&mut self.engineers, from, to);
        let (from, to) = both!(keys => Some((keys.priority, age(keys))));
        regroup(&mut self.priorities, from, to);
        let (from, to) = both!(keys => keys.undone.then(|| age(keys)));
        retime(&mut self.undone, from, to);
        let (from, to) = both!(keys => keys.unaccepted.then(|| age(keys)));
        retime(&mut self.unaccepted, from, to);
        let (from, to) = both!(keys => keys.undone.then(|| due(keys)));
        retime(&mut self.due_undone, from, to);
        let (from, to) = both!(keys => keys.waits().then(|| due(keys)));
        retime(&mut self.waiting, from, to);
        let (from, to) = both!(keys => keys.queue.map(|queue| (queue, due(keys))));
        self.requeue(from, to);
        let (from, to) = both!(keys => keys.undone.then(|| (keys.backlog_slot(number), keys.due)));
        if from != to {
            from.map(|(slot, _)| self.backlog.remove(&slot));
            to.map(|(slot, due)| self.backlog.insert(slot, due));
        }
    }

    fn requeue(&mut self, old: Option<(QueueKey, Slot)>, new: Option<(QueueKey, Slot)>) {
        if old == new {
            return;
        }
        if let Some((key, (at, number))) = old
            && let Some(queue) = self.queues.get_mut(&key)
        {
            queue.remove(at, number);
            if queue.is_empty() {
                self.queues.remove(&key);
            }
        }
        if let Some((key, (at, number))) = new {
            self.queues.entry(key).or_default().insert(at, number);
        }
    }
}
