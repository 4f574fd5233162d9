//! Satisfaction: what customers answered, by engineer, outlet, area, day and week.
//!
//! - An answer counts on the day that it was given, for the engineer whose work it is about; a day
//!   is one of the firm's zone, as the rules had it when the event was recorded. Something that
//!   is recorded late counts on the day that it happened; what comes after that day was over, or is
//!   taken back then, is counted as late, too, with the moment of the last.
//! - A rating of fewer stars than `board.low_stars` of the rules, as they were when the answer was recorded, is
//!   counted as low, too.
//! - Silence is counted apart and never as satisfaction. An answer that comes after it takes its
//!   place: the silence is taken back on its day.
//! - 未解决 that the customer takes back is taken back here. Answers from an engineer's login, and
//!   those that contradict the first, do not count.
//! - Closings by an agent are counted as what they are, also after 部分解决, which stays counted.
//! - Cases of another system are counted apart; they have neither answers nor acceptances.
//! - First response is the time from the report to the first acceptance, on the day of the
//!   acceptance, for the engineer who accepted. Percentiles are exact, by nearest rank.

mod cell;
mod query;

use std::collections::BTreeMap;
use std::io;

use domain::rules::Rules;
use domain::{CivilDate, IsoWeek};
use eventlog::RecordedEvent;
use serde::Serialize;

pub use cell::FirstResponse;
pub use query::{SatisfactionBy, SatisfactionOf, SatisfactionQuery, SatisfactionRow};

use crate::body::{BodyError, BodyReader, BodyWriter};
use crate::cases::{self, Cases, Count};
use crate::changes::Changes;
use crate::contract::{Past, Projection, ProjectionError};
use crate::dump::{Table, TakeLine, line};
use cell::{Cell, CellKey};

static CELLS: Table = Table {
    name: "cells",
    key: &["day", "area", "outlet", "engineer"],
    counts: &[
        "resolved",
        "satisfied",
        "partial",
        "unresolved",
        "low",
        "closed_by_silence",
        "closed_by_agent",
        "reopened",
        "imported_resolved",
        "imported_closed",
        "imported_reopened",
        "late",
    ],
};

/// A cell, in a dump.
#[derive(Serialize)]
struct CellLine<'a> {
    #[serde(flatten)]
    key: &'a CellKey,
    week: Option<&'a IsoWeek>,
    #[serde(flatten)]
    cell: &'a Cell,
}

/// The model.
#[derive(Debug)]
pub struct Satisfaction {
    cells: BTreeMap<CellKey, Cell>,
    /// The week that each day with a cell belongs to.
    weeks: BTreeMap<CivilDate, IsoWeek>,
    cases: Cases<CivilDate>,
}

impl Satisfaction {
    fn cell_line<'a>(&'a self, key: &'a CellKey) -> Option<CellLine<'a>> {
        let cell = self.cells.get(key)?;
        Some(CellLine { key, week: self.weeks.get(&key.day), cell })
    }
}

impl Projection for Satisfaction {
    const NAME: &'static str = "satisfaction";
    const VERSION: u32 = 4;
    const INPUTS: &'static [&'static str] = cases::INPUTS;

    fn empty() -> Self {
        Self { cells: BTreeMap::new(), weeks: BTreeMap::new(), cases: Cases::default() }
    }

    fn begin(rules: &Rules) -> Self {
        Self { cases: Cases::begin(rules), ..Self::empty() }
    }

    fn apply(
        &mut self,
        event: &RecordedEvent,
        past: Past<'_>,
        changes: &mut Changes<'_>,
    ) -> Result<(), ProjectionError> {
        let mut tallies = self.cases.follow(event, past)?;
        self.cases.tell(event, changes);
        tallies.retain(|tally| tally.count != Count::Created);
        if tallies.is_empty() {
            return Ok(());
        }
        let zone = self.cases.zone();
        let day = zone.civil_date(event.occurred_at);
        self.weeks.entry(day).or_insert_with(|| zone.iso_week(event.occurred_at));
        for tally in tallies {
            let key = CellKey::of(&tally);
            let late = self.cases.late(event, tally.when);
            let cell = self.cells.entry(key).or_default();
            cell.count(tally.count);
            if let Some(recorded_at) = late {
                cell.correct(recorded_at);
            }
            if cell.is_empty() {
                self.cells.remove(&key);
            }
            changes.row(&CELLS, &key.fields(), || self.cell_line(&key));
        }
        Ok(())
    }

    fn rows(&self) -> usize {
        self.cells.len()
    }

    fn lines(&self, take: &mut TakeLine<'_>) -> io::Result<()> {
        for key in self.cells.keys() {
            line(take, &CELLS, &self.cell_line(key))?;
        }
        self.cases.lines(take)
    }

    fn encode(&self) -> Result<Vec<u8>, BodyError> {
        let mut body = BodyWriter::default();
        body.rows(self.weeks.iter())?;
        body.rows(self.cells.iter())?;
        self.cases.encode(&mut body)?;
        Ok(body.finish())
    }

    fn decode(body: &[u8], _past: Past<'_>) -> Result<Self, BodyError> {
        let mut body = BodyReader::new(body);
        let mut model = Self::empty();
        body.rows(|(day, week)| {
            model.weeks.insert(day, week);
            Ok(())
        })?;
        body.rows(|(key, cell)| {
            model.cells.insert(key, cell);
            Ok(())
        })?;
        model.cases = Cases::decode(&mut body)?;
        body.finish()?;
        Ok(model)
    }
}
