//! The part of a ticket's history that a page shows.

use std::collections::{HashMap, HashSet, VecDeque};

use ::pages::ticket::{Happening, History};
use domain::ticket::{Phase, Ticket, TicketEvent};
use domain::{Event, StreamVersion, TicketId, TicketNumber};
use eventlog::{EventLog, ReadError, RecordedEvent};
use words::Category;

/// Events on one page.
pub(super) const PAGE: usize = 200;
/// Other tickets whose numbers are looked up for one page; the rest is told by id.
const NUMBERS_MAX: usize = 100;

/// Which part is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Part {
    /// Only events about this.
    pub(super) about: Option<Category>,
    /// Only those before this version.
    pub(super) before: Option<StreamVersion>,
}

/// Gathers the events of a part while a ticket is folded. Whole events are kept for one page only.
#[derive(Debug)]
pub(super) struct Gathered {
    part: Part,
    events: VecDeque<RecordedEvent>,
    counts: [u64; Category::ALL.len()],
    older: bool,
    /// Versions that match and are not before the part, oldest first: ends of newer pages.
    newer: Vec<StreamVersion>,
}

impl Gathered {
    pub(super) fn new(part: Part) -> Self {
        let events = VecDeque::with_capacity(PAGE);
        Self { part, events, counts: Default::default(), older: false, newer: Vec::new() }
    }

    pub(super) fn take(&mut self, event: RecordedEvent) {
        let category = Category::of(&event.event);
        if let Some(count) = self.counts.get_mut(category as usize) {
            *count += 1;
        }
        if self.part.about.is_some_and(|about| about != category) {
            return;
        }
        if self.part.before.is_some_and(|before| event.version >= before) {
            self.newer.push(event.version);
            return;
        }
        if self.events.len() == PAGE {
            self.events.pop_front();
            self.older = true;
        }
        self.events.push_back(event);
    }

    pub(super) fn history(&self) -> History<'_> {
        History {
            happenings: self.events.iter().map(told).collect(),
            about: self.part.about,
            counts: self.counts,
            older_before: self.events.front().filter(|_| self.older).map(|first| first.version),
            // The page above ends where the one after it begins; the last one has no end.
            newer_before: (!self.newer.is_empty()).then(|| self.newer.get(PAGE).copied()),
        }
    }

    /// The numbers of the tickets that the page names.
    pub(super) fn numbers(
        &self,
        log: &dyn EventLog,
        ticket: &Ticket,
    ) -> Result<HashMap<TicketId, TicketNumber>, ReadError> {
        numbers(log, ticket, &self.events)
    }
}

/// The numbers of the tickets that a ticket and these events of it name.
pub(crate) fn numbers<'e>(
    log: &dyn EventLog,
    ticket: &Ticket,
    events: impl IntoIterator<Item = &'e RecordedEvent>,
) -> Result<HashMap<TicketId, TicketNumber>, ReadError> {
    let mut ids: HashSet<TicketId> = ticket.links.iter().map(|(id, _)| *id).collect();
    ids.extend(&ticket.merged_from);
    match ticket.phase {
        Phase::Merged { into, .. } => ids.extend([into]),
        Phase::Duplicate { of, .. } => ids.extend([of]),
        _ => {}
    }
    ids.extend(events.into_iter().filter_map(|event| named(&event.event)));
    let mut numbers = HashMap::new();
    for id in ids.into_iter().take(NUMBERS_MAX) {
        if let Some(first) = log.read_stream(id.into(), StreamVersion::ZERO, 1)?.first() {
            numbers.insert(id, TicketNumber::from_position(first.position));
        }
    }
    Ok(numbers)
}

fn told(event: &RecordedEvent) -> Happening<'_> {
    Happening {
        position: event.position,
        version: event.version,
        occurred_at: event.occurred_at,
        recorded_at: event.recorded_at,
        actor: event.header.actor,
        caused_by: event.header.caused_by,
        event: &event.event,
    }
}

/// The other ticket that an event names.
fn named(event: &Event) -> Option<TicketId> {
    let Event::Ticket(event) = event else { return None };
    match event {
        TicketEvent::Merged(merged) => Some(merged.into),
        TicketEvent::MergedFrom(merged) => Some(merged.ticket),
        TicketEvent::Linked(linked) => Some(linked.to),
        TicketEvent::Unlinked(unlinked) => Some(unlinked.from),
        _ => None,
    }
}
