//! Satisfaction: what customers answered, by engineer, outlet, area, day and week.
//!
//! - An answer counts on the day that it was given, for the engineer whose work it is about; a day
//!   is one of the firm's zone, as the rules had it when the event was recorded. Something that
//!   is recorded late counts on the day that it happened.
//! - Silence is counted apart and never as satisfaction. An answer that comes after it takes its
//!   place: the silence is taken back on its day.
//! - 未解决 that the customer takes back is taken back here. Answers from an engineer's login, and
//!   those that contradict the first, do not count.
//! - Closings by an agent are counted as what they are, also after 部分解决, which stays counted.
//! - Cases of another system are counted apart; they have neither answers nor acceptances.
//! - First response is the time from the report to the first acceptance, on the day of the
//!   acceptance, for the engineer who accepted. Percentiles are exact, by nearest rank.

mod case;
mod cell;
mod query;

use std::collections::{BTreeMap, HashMap};
use std::io;

use domain::rules::{RuleSetEvent, Rules};
use domain::ticket::TicketEvent;
use domain::{
    CivilDate, CorruptHistory, Event, GlobalPosition, IsoWeek, StreamVersion, TicketId, Zone,
};
use eventlog::RecordedEvent;
use serde::Serialize;

pub use cell::FirstResponse;
pub use query::{SatisfactionBy, SatisfactionOf, SatisfactionQuery, SatisfactionRow};

use crate::body::{BodyError, BodyReader, BodyWriter};
use crate::contract::{Past, Projection, ProjectionError, corrupt};
use case::{Case, Tally};
use cell::{Cell, CellKey};

/// The model.
#[derive(Debug)]
pub struct Satisfaction {
    cells: BTreeMap<CellKey, Cell>,
    /// The week that each day with a cell belongs to.
    weeks: BTreeMap<CivilDate, IsoWeek>,
    /// What has to be remembered of tickets that are open.
    cases: HashMap<TicketId, Case>,
    /// The firm's zones, each with the position from which on it holds.
    zones: Vec<(GlobalPosition, String)>,
    zone: Zone,
}

impl Satisfaction {
    fn zone_at(&self, position: GlobalPosition) -> Zone {
        let held = self.zones.iter().rev().find(|(from, _)| *from <= position);
        held.map_or(Zone::UTC, |(_, name)| Zone::or_utc(name))
    }

    /// The ticket as it was before an event of its stream.
    fn recall(&self, event: &RecordedEvent, past: Past<'_>) -> Result<Case, ProjectionError> {
        let mut case: Option<Case> = None;
        // What was counted then is in the cells already.
        let mut counted = Vec::new();
        past.before(event.stream, event.version, |earlier| {
            let what = ticket_event(earlier)?;
            match &mut case {
                None => case = Some(Case::begin(earlier, what)?),
                Some(case) => {
                    let day = self.zone_at(earlier.position).civil_date(earlier.occurred_at);
                    case.step(what, earlier.occurred_at, day, &mut counted);
                }
            }
            Ok(())
        })?;
        Ok(case.ok_or_else(|| corrupt(event, "the ticket was not created"))?)
    }

    fn follow(
        &mut self,
        id: TicketId,
        event: &RecordedEvent,
        what: &TicketEvent,
        past: Past<'_>,
    ) -> Result<(), ProjectionError> {
        let mut case = match self.cases.get(&id) {
            Some(case) => case.clone(),
            None if event.version == StreamVersion::FIRST => {
                self.cases.insert(id, Case::begin(event, what)?);
                return Ok(());
            }
            None if !case::concerns_ended(what) => return Ok(()),
            None => self.recall(event, past)?,
        };
        let day = self.zone.civil_date(event.occurred_at);
        let mut tallies = Vec::new();
        case.step(what, event.occurred_at, day, &mut tallies);
        if !tallies.is_empty() {
            self.weeks.entry(day).or_insert_with(|| self.zone.iso_week(event.occurred_at));
        }
        for Tally { key, count } in tallies {
            let cell = self.cells.entry(key).or_default();
            cell.count(count);
            if cell.is_empty() {
                self.cells.remove(&key);
            }
        }
        if case.is_open() {
            self.cases.insert(id, case);
        } else {
            self.cases.remove(&id);
        }
        Ok(())
    }

    fn cases_in_order(&self) -> Vec<(TicketId, &Case)> {
        let mut cases: Vec<_> = self.cases.iter().map(|(id, case)| (*id, case)).collect();
        cases.sort_unstable_by_key(|(id, _)| *id);
        cases
    }
}

const fn ticket_event(event: &RecordedEvent) -> Result<&TicketEvent, CorruptHistory> {
    match &event.event {
        Event::Ticket(what) => Ok(what),
        _ => Err(corrupt(event, "another kind of event is in a ticket's stream")),
    }
}

impl Projection for Satisfaction {
    const NAME: &'static str = "satisfaction";
    const VERSION: u32 = 1;

    fn empty() -> Self {
        let zone = Rules::default().zone;
        Self {
            cells: BTreeMap::new(),
            weeks: BTreeMap::new(),
            cases: HashMap::new(),
            zone: Zone::or_utc(&zone),
            zones: vec![(GlobalPosition::ZERO, zone)],
        }
    }

    fn apply(&mut self, event: &RecordedEvent, past: Past<'_>) -> Result<(), ProjectionError> {
        match &event.event {
            Event::Ticket(what) => match event.stream.ticket() {
                Some(id) => self.follow(id, event, what, past)?,
                None => Err(corrupt(event, "a ticket's event is in another kind of stream"))?,
            },
            Event::Rules(RuleSetEvent::RuleSetPublished(published)) => {
                let name = &published.rules.zone;
                if self.zones.last().is_none_or(|(_, last)| last != name) {
                    self.zones.push((event.position, name.clone()));
                    self.zone = Zone::or_utc(name);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn rows(&self) -> usize {
        self.cells.len()
    }

    fn dump(&self, out: &mut dyn io::Write) -> io::Result<()> {
        #[derive(Serialize)]
        struct ZoneLine<'a> {
            zone: &'a str,
            from: GlobalPosition,
        }
        #[derive(Serialize)]
        struct CellLine<'a> {
            #[serde(flatten)]
            key: &'a CellKey,
            week: Option<&'a IsoWeek>,
            #[serde(flatten)]
            cell: &'a Cell,
        }
        #[derive(Serialize)]
        struct CaseLine<'a> {
            ticket: TicketId,
            #[serde(flatten)]
            case: &'a Case,
        }
        let mut line = |json: serde_json::Result<Vec<u8>>| {
            out.write_all(&json?)?;
            out.write_all(b"\n")
        };
        for (from, zone) in &self.zones {
            line(serde_json::to_vec(&ZoneLine { zone, from: *from }))?;
        }
        for (key, cell) in &self.cells {
            let week = self.weeks.get(&key.day);
            line(serde_json::to_vec(&CellLine { key, week, cell }))?;
        }
        for (ticket, case) in self.cases_in_order() {
            line(serde_json::to_vec(&CaseLine { ticket, case }))?;
        }
        Ok(())
    }

    fn encode(&self) -> Result<Vec<u8>, BodyError> {
        let mut body = BodyWriter::default();
        body.rows(self.zones.iter())?;
        body.rows(self.weeks.iter())?;
        body.rows(self.cells.iter())?;
        body.rows(self.cases_in_order().into_iter())?;
        Ok(body.finish())
    }

    fn decode(body: &[u8], _past: Past<'_>) -> Result<Self, BodyError> {
        let mut body = BodyReader::new(body);
        let mut model = Self { zones: Vec::new(), ..Self::empty() };
        body.rows(|zone| {
            model.zones.push(zone);
            Ok(())
        })?;
        let (_, zone) = model.zones.last().ok_or(BodyError::Shape("the firm's zone is missing"))?;
        model.zone = Zone::or_utc(zone);
        body.rows(|(day, week)| {
            model.weeks.insert(day, week);
            Ok(())
        })?;
        body.rows(|(key, cell)| {
            model.cells.insert(key, cell);
            Ok(())
        })?;
        body.rows(|(id, case)| {
            model.cases.insert(id, case);
            Ok(())
        })?;
        body.finish()?;
        Ok(model)
    }
}
