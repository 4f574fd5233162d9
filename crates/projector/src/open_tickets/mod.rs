//! Open tickets: one row each, found by state, outlet, area, engineer, priority, queue, age and
//! due time. A ticket leaves the model when it ends, and comes back when it is opened again.
//!
//! What a ticket is, the domain's own fold decides: each event is applied to a [`Ticket`] that is
//! made from the row, and the row is made from the result. No personal text is in a row.

mod backlog;
mod cursor;
mod index;
mod page;
mod phase;
mod queues;
mod row;
mod time_index;
mod view;

use std::collections::HashMap;
use std::io;

use dashmap::DashMap;
use domain::rules::{BoardRules, RuleSetEvent, Rules};
use domain::ticket::{Ticket, TicketEvent};
use domain::{Event, StreamVersion, TicketId, TicketNumber, Timestamp};
use eventlog::RecordedEvent;
use serde::Serialize;

pub use cursor::CursorError;
pub(crate) use cursor::PageOf;
pub use page::{Attention, PageRequest, Sort, TICKETS_PAGE_MAX, TicketFilter, TicketPage};
pub use queues::{QueueName, QueueView, QueuedTicket, WaitingView};
pub use view::{
    AreaCount, HoldView, OutletCount, PhaseCount, PriorityCount, QueuePlace, TicketCounts,
    TicketRow,
};

use crate::body::{BodyError, BodyReader, BodyWriter};
use crate::changes::Changes;
use crate::contract::{Past, Projection, ProjectionError, corrupt, stamp};
use crate::dump::{Table, TakeLine, line};
use index::{Index, Keys};
use row::Row;

static RULES: Table = Table::keyed("rules", &[]);
static TICKETS: Table = Table {
    name: "tickets",
    key: &["number"],
    counts: &["assignments", "offers", "urges", "reopened"],
};

/// The thresholds, in a dump.
#[derive(Serialize)]
struct RulesLine<'a> {
    board: &'a BoardRules,
}

/// The model.
#[derive(Debug, Default)]
pub struct OpenTickets {
    rows: DashMap<TicketNumber, Box<Row>>,
    numbers: HashMap<TicketId, TicketNumber>,
    index: Index,
    board: BoardRules,
}

/// A ticket, and what its own fold does not keep.
struct Case {
    ticket: Ticket,
    /// When it was accepted for the first time.
    accepted_at: Option<Timestamp>,
}

impl Case {
    fn begin(
        id: TicketId,
        event: &RecordedEvent,
        what: &TicketEvent,
    ) -> Result<Self, domain::CorruptHistory> {
        Ok(Self { ticket: Ticket::begin(id, what, &stamp(event))?, accepted_at: None })
    }

    fn evolve(
        &mut self,
        event: &RecordedEvent,
        what: &TicketEvent,
    ) -> Result<(), domain::CorruptHistory> {
        self.ticket.evolve(what, &stamp(event))?;
        if let TicketEvent::Accepted(_) = what {
            self.accepted_at = self.accepted_at.or(Some(event.occurred_at));
        }
        Ok(())
    }

    /// The ticket as it was before a version of its stream.
    fn recall(
        id: TicketId,
        event: &RecordedEvent,
        past: Past<'_>,
    ) -> Result<Self, ProjectionError> {
        let mut recalled: Option<Self> = None;
        past.before(event.stream, event.version, |earlier| {
            let Event::Ticket(what) = &earlier.event else {
                return Err(corrupt(earlier, "another kind of event is in a ticket's stream"));
            };
            match &mut recalled {
                None => recalled = Some(Self::begin(id, earlier, what)?),
                Some(case) => case.evolve(earlier, what)?,
            }
            Ok(())
        })?;
        Ok(recalled.ok_or_else(|| corrupt(event, "the ticket was not created"))?)
    }
}

/// What is said of a ticket that has ended, and leaves it ended.
const fn leaves_ended(event: &TicketEvent) -> bool {
    matches!(
        event,
        TicketEvent::Noted(_)
            | TicketEvent::Told(_)
            | TicketEvent::Urged(_)
            | TicketEvent::AnswerFlagged(_)
            | TicketEvent::AnswerContradicted(_)
            | TicketEvent::MergedFrom(_)
    )
}

impl OpenTickets {
    fn follow(
        &mut self,
        id: TicketId,
        event: &RecordedEvent,
        what: &TicketEvent,
        past: Past<'_>,
        changes: &mut Changes<'_>,
    ) -> Result<(), ProjectionError> {
        let open = self.numbers.get(&id).and_then(|number| self.rows.get(number)).map(|row| {
            let case = Case { ticket: row.ticket(), accepted_at: row.accepted_at };
            (case, row.keys())
        });
        let (case, before) = match open {
            Some((mut case, before)) => {
                case.evolve(event, what)?;
                (case, Some(before))
            }
            None if event.version == StreamVersion::FIRST => (Case::begin(id, event, what)?, None),
            None if leaves_ended(what) => return Ok(()),
            None => {
                let mut case = Case::recall(id, event, past)?;
                case.evolve(event, what)?;
                (case, None)
            }
        };
        self.put(id, &case, event.version, before.as_ref());
        let number = case.ticket.number;
        changes.row(&TICKETS, &[number], || self.rows.get(&number).map(|row| row.clone()));
        Ok(())
    }

    fn put(&mut self, id: TicketId, case: &Case, version: StreamVersion, before: Option<&Keys>) {
        let number = case.ticket.number;
        let row = Row::of(&case.ticket, case.accepted_at, version);
        self.index.replace(number, before, row.as_ref().map(Row::keys).as_ref());
        match row {
            Some(row) => {
                self.rows.insert(number, Box::new(row));
                self.numbers.insert(id, number);
            }
            None => {
                self.rows.remove(&number);
                self.numbers.remove(&id);
            }
        }
    }

    /// The row of an open ticket.
    pub fn ticket(&self, id: TicketId, now: Timestamp) -> Option<TicketRow> {
        self.numbers.get(&id).and_then(|number| self.view(*number, now))
    }

    /// The id of the open ticket with this number.
    pub fn find_number(&self, number: TicketNumber) -> Option<TicketId> {
        self.rows.get(&number).map(|row| row.id)
    }

    /// The thresholds that hold.
    pub const fn board(&self) -> &BoardRules {
        &self.board
    }

    fn view(&self, number: TicketNumber, now: Timestamp) -> Option<TicketRow> {
        self.rows.get(&number).map(|row| row.view(now, &self.board))
    }

    fn numbers_in_order(&self) -> Vec<TicketNumber> {
        let mut numbers: Vec<_> = self.numbers.values().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    /// Whether the indexes are those that the rows would give; anything else is a mistake here.
    pub fn indexes_agree(&self) -> bool {
        let mut index = Index::default();
        for row in &self.rows {
            index.replace(*row.key(), None, Some(&row.keys()));
        }
        let named = self.rows.iter().all(|row| self.numbers.get(&row.id) == Some(row.key()));
        named && self.numbers.len() == self.rows.len() && index == self.index
    }
}

impl Projection for OpenTickets {
    const NAME: &'static str = "open_tickets";
    const VERSION: u32 = 1;
    const INPUTS: &'static [&'static str] = &["board"];

    fn empty() -> Self {
        Self::default()
    }

    fn begin(rules: &Rules) -> Self {
        Self { board: rules.board.clone(), ..Self::default() }
    }

    fn apply(
        &mut self,
        event: &RecordedEvent,
        past: Past<'_>,
        changes: &mut Changes<'_>,
    ) -> Result<(), ProjectionError> {
        match &event.event {
            Event::Ticket(what) => match event.stream.ticket() {
                Some(id) => self.follow(id, event, what, past, changes)?,
                None => Err(corrupt(event, "a ticket's event is in another kind of stream"))?,
            },
            Event::Rules(RuleSetEvent::RuleSetPublished(published)) => {
                self.board.clone_from(&published.rules.board);
                changes.row(&RULES, &[(); 0], || Some(RulesLine { board: &self.board }));
            }
            _ => {}
        }
        Ok(())
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn lines(&self, take: &mut TakeLine<'_>) -> io::Result<()> {
        line(take, &RULES, &RulesLine { board: &self.board })?;
        for number in self.numbers_in_order() {
            if let Some(row) = self.rows.get(&number) {
                line(take, &TICKETS, row.value())?;
            }
        }
        Ok(())
    }

    fn encode(&self) -> Result<Vec<u8>, BodyError> {
        let mut body = BodyWriter::default();
        body.row(&self.board)?;
        let numbers = self.numbers_in_order();
        body.row(&(numbers.len() as u64))?;
        for number in numbers {
            if let Some(row) = self.rows.get(&number) {
                body.row(row.value())?;
            }
        }
        Ok(body.finish())
    }

    fn decode(body: &[u8], _past: Past<'_>) -> Result<Self, BodyError> {
        let mut body = BodyReader::new(body);
        let mut model = Self { board: body.row()?, ..Self::default() };
        body.rows(|row: Row| {
            let (id, number) = (row.id, row.number);
            model.index.replace(number, None, Some(&row.keys()));
            model.rows.insert(number, Box::new(row));
            let twice = model.numbers.insert(id, number).is_some();
            if twice { Err(BodyError::Shape("a ticket is in it twice")) } else { Ok(()) }
        })?;
        body.finish()?;
        Ok(model)
    }
}
