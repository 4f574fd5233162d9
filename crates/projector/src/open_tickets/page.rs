//! Lists of open tickets: filtered, in a stable order, page by page.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use domain::ticket::{PhaseName, Priority};
use domain::{AreaId, EngineerId, GlobalPosition, OutletId, StaffId, TicketNumber, Timestamp};
use serde::{Deserialize, Serialize};

use super::backlog::older_than;
use super::cursor::{Cursor, CursorError, PageOf};
use super::queues::QueueName;
use super::row::Row;
use super::time_index::Slot;
use super::{OpenTickets, TicketRow};

/// The most tickets of one page.
pub const TICKETS_PAGE_MAX: usize = 500;

/// Up to so many candidates are sorted by due time; of more, all tickets are walked in that order.
const SORTED_MAX: usize = 10_000;

/// Which tickets. What is not said does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TicketFilter {
    /// In one of these states.
    pub phases: Vec<PhaseName>,
    /// Of this outlet.
    pub outlet: Option<OutletId>,
    /// Of this area.
    pub area: Option<AreaId>,
    /// Of this engineer.
    pub engineer: Option<EngineerId>,
    /// Of this priority.
    pub priority: Option<Priority>,
    /// Urgent, or not.
    pub urgent: Option<bool>,
    /// In this queue.
    pub queue: Option<QueueName>,
    /// In the queue of this person, or in the hand of this agent.
    pub person: Option<StaffId>,
    /// From another system, or not.
    pub imported: Option<bool>,
    /// Those that stand out.
    pub attention: Option<Attention>,
}

/// How a ticket stands out at the moment of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// Not accepted for too long.
    Red,
    /// Not 完工 for too long.
    Flashing,
    /// Not 完工, and its due time has passed.
    Overdue,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The oldest report first.
    #[default]
    Oldest,
    /// The newest report first.
    Newest,
    /// What must happen next first. A ticket whose due time changes between two pages may be in
    /// both or in none.
    Due,
}

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageRequest {
    /// Which tickets.
    pub filter: TicketFilter,
    /// In which order.
    pub sort: Sort,
    /// The cursor of the page before.
    pub after: Option<String>,
    /// At most so many, 1 to [`TICKETS_PAGE_MAX`].
    pub limit: usize,
    /// The moment of asking.
    pub now: Timestamp,
}

/// A page. In the orders by age, a ticket that matches all the while is in exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TicketPage {
    /// The tickets.
    pub tickets: Vec<TicketRow>,
    /// The cursor of the next page, if there is one.
    pub next: Option<String>,
}

/// Tickets that are looked through: a union of disjoint sets in one order.
struct Candidates<'a> {
    sets: Vec<&'a BTreeSet<Slot>>,
    by_due: bool,
    count: usize,
}

impl<'a> Candidates<'a> {
    fn new(sets: Vec<&'a BTreeSet<Slot>>, by_due: bool) -> Self {
        let count = sets.iter().map(|set| set.len()).sum();
        Self { sets, by_due, count }
    }

    fn group<K: Hash + Eq>(groups: &'a HashMap<K, BTreeSet<Slot>>, keys: &[K]) -> Self {
        Self::new(keys.iter().filter_map(|key| groups.get(key)).collect(), false)
    }

    /// The first slots after a cursor that `keep` keeps, in order. What follows is found by
    /// merging, because each set is in order already.
    fn walk(
        &self,
        descending: bool,
        after: Option<Slot>,
        limit: usize,
        keep: impl Fn(TicketNumber) -> bool,
    ) -> Vec<Slot> {
        use std::ops::Bound::{Excluded, Unbounded};
        let keep = |slot: &Slot| keep(slot.1);
        let mut found = Vec::new();
        for set in &self.sets {
            if descending {
                let slots = set.range((Unbounded, after.map_or(Unbounded, Excluded)));
                found.extend(slots.rev().copied().filter(keep).take(limit));
            } else {
                let slots = set.range((after.map_or(Unbounded, Excluded), Unbounded));
                found.extend(slots.copied().filter(keep).take(limit));
            }
        }
        found.sort_unstable();
        if descending {
            found.reverse();
        }
        found.truncate(limit);
        found
    }
}

impl OpenTickets {
    /// A page of open tickets.
    ///
    /// # Errors
    /// When the cursor is of another log, epoch, question or position to stay at.
    pub(crate) fn page(
        &self,
        request: &PageRequest,
        of: PageOf,
        position: GlobalPosition,
    ) -> Result<TicketPage, CursorError> {
        let PageRequest { filter, sort, after, limit, now } = request;
        let read = |text: &String| Cursor::read(text, of, filter, *sort);
        let after = after.as_ref().map(read).transpose()?.map(|cursor| cursor.slot);
        let limit = (*limit).clamp(1, TICKETS_PAGE_MAX);
        let mut slots = self.slots(filter, *sort, after, limit + 1, *now);
        let more = slots.len() > limit;
        slots.truncate(limit);
        let next = slots
            .last()
            .filter(|_| more)
            .map(|slot| Cursor::new(of, filter, *sort, position, *slot).to_string());
        let tickets = slots.iter().filter_map(|(_, number)| self.view(*number, *now)).collect();
        Ok(TicketPage { tickets, next })
    }

    fn slots(
        &self,
        filter: &TicketFilter,
        sort: Sort,
        after: Option<Slot>,
        limit: usize,
        now: Timestamp,
    ) -> Vec<Slot> {
        let keep = |number: TicketNumber| {
            self.rows.get(&number).is_some_and(|row| self.matches(filter, &row, now))
        };
        let by_due = sort == Sort::Due;
        let few = self.narrowest(filter);
        if few.by_due == by_due {
            return few.walk(sort == Sort::Newest, after, limit, keep);
        }
        if few.count > SORTED_MAX {
            return self.all(by_due).walk(sort == Sort::Newest, after, limit, keep);
        }
        let order = |number: TicketNumber| {
            let keys = self.rows.get(&number)?.keys();
            Some((if by_due { keys.due } else { keys.created_at }, number))
        };
        let numbers = few.sets.iter().flat_map(|set| set.iter().map(|(_, number)| *number));
        let sorted: BTreeSet<Slot> = numbers.filter(|n| keep(*n)).filter_map(order).collect();
        Candidates::new(vec![&sorted], by_due).walk(sort == Sort::Newest, after, limit, |_| true)
    }

    fn all(&self, by_due: bool) -> Candidates<'_> {
        let index = &self.index;
        if by_due {
            Candidates::new(vec![index.due_undone.slots(), &index.due_done], true)
        } else {
            Candidates::new(vec![&index.created], false)
        }
    }

    /// The smallest group that holds all that the filter asks for.
    fn narrowest(&self, filter: &TicketFilter) -> Candidates<'_> {
        let index = &self.index;
        let mut groups = vec![self.all(false)];
        if !filter.phases.is_empty() {
            let mut phases = filter.phases.clone();
            phases.sort_unstable();
            phases.dedup();
            groups.push(Candidates::group(&index.phases, &phases));
        }
        if let Some(outlet) = filter.outlet {
            groups.push(Candidates::group(&index.outlets, &[Some(outlet)]));
        }
        if let Some(area) = filter.area {
            groups.push(Candidates::group(&index.areas, &[Some(area)]));
        }
        if let Some(engineer) = filter.engineer {
            groups.push(Candidates::group(&index.engineers, &[engineer]));
        }
        if let Some(priority) = filter.priority {
            groups.push(Candidates::group(&index.priorities, &[priority]));
        }
        if filter.urgent == Some(true) {
            groups.push(Candidates::new(vec![&index.urgent], false));
        }
        match filter.attention {
            Some(Attention::Red) => {
                groups.push(Candidates::new(vec![index.unaccepted.slots()], false));
            }
            Some(Attention::Flashing) => {
                groups.push(Candidates::new(vec![index.undone.slots()], false));
            }
            Some(Attention::Overdue) => {
                groups.push(Candidates::new(vec![index.due_undone.slots()], true));
            }
            None => {}
        }
        if filter.queue.is_some() || filter.person.is_some() {
            let wanted = index.queues.iter().filter(|(key, _)| {
                filter.queue.is_none_or(|queue| key.queue == queue)
                    && filter.person.is_none_or(|person| key.person == Some(person))
            });
            let sets = wanted.map(|(_, queue)| queue.slots()).collect();
            groups.push(Candidates::new(sets, true));
        }
        let smallest = groups.into_iter().min_by_key(|group| group.count);
        smallest.unwrap_or_else(|| self.all(false))
    }

    fn matches(&self, filter: &TicketFilter, row: &Row, now: Timestamp) -> bool {
        let keys = row.keys();
        let same = |wanted: Option<_>, has| wanted.is_none_or(|wanted| Some(wanted) == has);
        (filter.phases.is_empty() || filter.phases.contains(&keys.phase))
            && filter.outlet.is_none_or(|outlet| row.outlet == Some(outlet))
            && filter.area.is_none_or(|area| row.area == Some(area))
            && same(filter.engineer, keys.engineer)
            && filter.priority.is_none_or(|priority| row.priority == priority)
            && filter.urgent.is_none_or(|urgent| row.urgent == urgent)
            && filter.imported.is_none_or(|imported| row.imported == imported)
            && filter.queue.is_none_or(|queue| keys.queue.is_some_and(|key| key.queue == queue))
            && filter
                .person
                .is_none_or(|person| keys.queue.is_some_and(|key| key.person == Some(person)))
            && filter.attention.is_none_or(|attention| match attention {
                Attention::Red => {
                    keys.unaccepted && keys.created_at < older_than(now, self.board.red_after)
                }
                Attention::Flashing => {
                    keys.undone && keys.created_at < older_than(now, self.board.flash_after)
                }
                Attention::Overdue => keys.undone && keys.due < now,
            })
    }
}
