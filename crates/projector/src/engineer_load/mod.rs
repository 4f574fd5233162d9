//! Engineers' load: places taken and free, what is accepted or stands still, duty, freeze.
//!
//! What an engineer is, the domain's own fold decides. Names, telephones and positions are left
//! out; the directory has them.

mod stored;
mod view;

use std::collections::HashMap;
use std::io;

use dashmap::DashMap;
use domain::engineer::{Engineer, EngineerEvent};
use domain::ticket::TicketEvent;
use domain::{EngineerId, Event, Personal, StreamVersion, TicketId, Timestamp};
use eventlog::RecordedEvent;
use serde::{Deserialize, Serialize};

pub use view::{Busiest, EngineerFilter, EngineerLoadRow, LoadCounts, PlaceState, PlaceView};

use crate::body::{BodyError, BodyReader, BodyWriter};
use crate::changes::Changes;
use crate::contract::{Past, Projection, ProjectionError, corrupt, stamp};
use crate::dump::{Table, TakeLine, line};
use stored::StoredEngineer;

/// The model.
#[derive(Debug, Default)]
pub struct EngineerLoad {
    rows: DashMap<EngineerId, Row>,
    /// Accepted work, by ticket. It ends when its place becomes free.
    works: HashMap<TicketId, Work>,
}

#[derive(Debug, Clone, Serialize)]
struct Row {
    #[serde(flatten)]
    engineer: Engineer,
    version: StreamVersion,
}

static ENGINEERS: Table = Table::keyed("engineers", &["id"]);
static WORKS: Table = Table::keyed("works", &["ticket"]);

/// Accepted work, in a dump.
#[derive(Serialize)]
struct WorkLine {
    ticket: TicketId,
    #[serde(flatten)]
    work: Work,
}

/// Work that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Work {
    assignment: u32,
    on_hold: bool,
}

impl EngineerLoad {
    fn engineer_event(
        &mut self,
        id: EngineerId,
        event: &RecordedEvent,
        what: &EngineerEvent,
    ) -> Result<(), ProjectionError> {
        match self.rows.get_mut(&id) {
            Some(mut row) => {
                row.engineer.evolve(what, &stamp(event))?;
                row.version = event.version;
                strip(&mut row.engineer);
            }
            None => {
                let mut engineer = Engineer::begin(id, what, &stamp(event))?;
                strip(&mut engineer);
                self.rows.insert(id, Row { engineer, version: event.version });
            }
        }
        if let EngineerEvent::PlaceFreed(freed) = what {
            // A transfer names the new assignment before the old place becomes free.
            let ended = |work: &Work| work.assignment == freed.assignment;
            if self.works.get(&freed.ticket).is_some_and(ended) {
                self.works.remove(&freed.ticket);
            }
        }
        Ok(())
    }

    fn ticket_event(&mut self, id: TicketId, what: &TicketEvent) {
        match what {
            TicketEvent::Accepted(accepted) => {
                let work = Work { assignment: accepted.number, on_hold: false };
                self.works.insert(id, work);
            }
            TicketEvent::Transferred(transferred) => {
                if let Some(work) = self.works.get_mut(&id) {
                    work.assignment = transferred.number;
                }
            }
            TicketEvent::Held(_) => self.hold(id, true),
            TicketEvent::Resumed(_) => self.hold(id, false),
            _ => {}
        }
    }

    fn hold(&mut self, id: TicketId, on_hold: bool) {
        if let Some(work) = self.works.get_mut(&id) {
            work.on_hold = on_hold;
        }
    }

    /// One engineer.
    pub fn engineer(&self, id: EngineerId, now: Timestamp) -> Option<EngineerLoadRow> {
        self.rows.get(&id).map(|row| self.view(&row, now))
    }

    /// The engineers that a filter lets through, by id.
    pub fn engineers(&self, filter: &EngineerFilter, now: Timestamp) -> Vec<EngineerLoadRow> {
        let mut rows: Vec<_> = (self.rows.iter())
            .map(|row| self.view(&row, now))
            .filter(|row| filter.lets_through(row))
            .collect();
        rows.sort_unstable_by_key(|row| row.id);
        rows
    }

    /// The engineers whom a board shows first: frozen ones, then those with the least room, then
    /// the others; those on duty before those at home. Looks at each engineer once and makes rows
    /// of those shown only.
    pub fn busiest(&self, limit: usize, now: Timestamp) -> Busiest {
        let mut ranks: Vec<(Rank, EngineerId)> = (self.rows.iter())
            .filter(|row| !row.engineer.profile.retired)
            .map(|row| (Rank::of(&row.engineer, now), *row.key()))
            .collect();
        let total = ranks.len() as u64;
        if ranks.len() > limit {
            ranks.select_nth_unstable(limit);
            ranks.truncate(limit);
        }
        ranks.sort_unstable();
        let shown = ranks.into_iter().filter_map(|(_, id)| self.engineer(id, now));
        Busiest { total, engineers: shown.collect() }
    }

    fn work_line(&self, ticket: TicketId) -> Option<WorkLine> {
        self.works.get(&ticket).map(|work| WorkLine { ticket, work: *work })
    }

    fn ids_in_order(&self) -> Vec<EngineerId> {
        let mut ids: Vec<_> = self.rows.iter().map(|row| *row.key()).collect();
        ids.sort_unstable();
        ids
    }

    fn works_in_order(&self) -> Vec<(TicketId, Work)> {
        let mut works: Vec<_> = self.works.iter().map(|(id, work)| (*id, *work)).collect();
        works.sort_unstable_by_key(|(id, _)| *id);
        works
    }
}

/// The order of [`EngineerLoad::busiest`]; the first comes first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    is_free_to_work: bool,
    is_off_duty: bool,
    places_free: usize,
    places_taken: std::cmp::Reverse<usize>,
}

impl Rank {
    fn of(engineer: &Engineer, now: Timestamp) -> Self {
        Self {
            is_free_to_work: engineer.freeze_at(now).is_none(),
            is_off_duty: !engineer.on_duty,
            places_free: engineer.free_places(),
            places_taken: std::cmp::Reverse(engineer.places.len()),
        }
    }
}

/// What is personal stays in the directory.
fn strip(engineer: &mut Engineer) {
    engineer.profile.card = Personal::Erased;
    engineer.position = None;
}

impl Projection for EngineerLoad {
    const NAME: &'static str = "engineer_load";
    const VERSION: u32 = 1;
    const INPUTS: &'static [&'static str] = &[];

    fn empty() -> Self {
        Self::default()
    }

    fn apply(
        &mut self,
        event: &RecordedEvent,
        _past: Past<'_>,
        changes: &mut Changes<'_>,
    ) -> Result<(), ProjectionError> {
        match &event.event {
            Event::Engineer(what) => match event.stream.engineer() {
                Some(id) => {
                    self.engineer_event(id, event, what)?;
                    let row = || self.rows.get(&id).map(|row| row.clone());
                    changes.row(&ENGINEERS, &[id], row);
                    if let EngineerEvent::PlaceFreed(freed) = what {
                        changes.row(&WORKS, &[freed.ticket], || self.work_line(freed.ticket));
                    }
                }
                None => Err(corrupt(event, "an engineer's event is in another kind of stream"))?,
            },
            Event::Ticket(what) => match event.stream.ticket() {
                Some(id) => {
                    self.ticket_event(id, what);
                    changes.row(&WORKS, &[id], || self.work_line(id));
                }
                None => Err(corrupt(event, "a ticket's event is in another kind of stream"))?,
            },
            _ => {}
        }
        Ok(())
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn lines(&self, take: &mut TakeLine<'_>) -> io::Result<()> {
        for id in self.ids_in_order() {
            if let Some(row) = self.rows.get(&id) {
                line(take, &ENGINEERS, row.value())?;
            }
        }
        for (ticket, work) in self.works_in_order() {
            line(take, &WORKS, &WorkLine { ticket, work })?;
        }
        Ok(())
    }

    fn encode(&self) -> Result<Vec<u8>, BodyError> {
        let mut body = BodyWriter::default();
        let ids = self.ids_in_order();
        body.row(&(ids.len() as u64))?;
        for id in ids {
            if let Some(row) = self.rows.get(&id) {
                body.row(&StoredEngineer::of(&row.engineer, row.version))?;
            }
        }
        body.rows(self.works_in_order().into_iter())?;
        Ok(body.finish())
    }

    fn decode(body: &[u8], _past: Past<'_>) -> Result<Self, BodyError> {
        let mut body = BodyReader::new(body);
        let mut model = Self::default();
        body.rows(|stored: StoredEngineer| {
            let (engineer, version) = stored.engineer();
            model.rows.insert(engineer.id, Row { engineer, version });
            Ok(())
        })?;
        body.rows(|(id, work): (TicketId, Work)| {
            model.works.insert(id, work);
            Ok(())
        })?;
        body.finish()?;
        Ok(model)
    }
}
