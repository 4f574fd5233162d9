//! Lifecycle: how many tickets were created, accepted, completed and rated in each hour of the
//! firm's day, by area and outlet.
//!
//! - Hours are those of the firm's zone. Something counts in the hour in which it happened, also
//!   when it was recorded later, and where the ticket belonged then. The rule is that of
//!   `satisfaction`, so a day's hours add up to its day there.
//! - What comes after a day was over, or is taken back then, corrects that day: it is counted as late
//!   there by place, with the moment of the last.
//! - Created is a report, or a case that was opened in another system. Accepted is the first
//!   acceptance of a ticket; later ones do not count.
//! - Completed is every 完工, here or in another system. One that the customer does not confirm
//!   stays counted: the work ended in that hour. That it was not good enough shows in the answers.
//! - Rated is an answer of the customer. One with fewer stars than `board.low_stars` of the rules, as
//!   they were then, is low too. What the customer takes back is taken back in its hour. Silence is
//!   counted apart, and an answer that comes after it takes its place.
//! - Hours in which nothing happened take no room and are in no answer.

mod counts;
mod late;
mod places;
mod query;

use std::collections::BTreeMap;
use std::io;

use domain::rules::Rules;
use domain::{CivilDate, CivilHour, Timestamp};
use eventlog::RecordedEvent;
use serde::Serialize;

pub use counts::LifecycleCounts;
pub use query::{
    LifecycleCorrection, LifecycleDay, LifecycleHour, LifecycleOutlet, LifecycleQuery,
};

use crate::body::{BodyError, BodyReader, BodyWriter};
use crate::cases::{self, Cases};
use crate::changes::Changes;
use crate::contract::{Past, Projection, ProjectionError};
use crate::dump::{Table, TakeLine, line};
use counts::Cell;
use late::Late;
use places::{Place, Places};

static PLACES: Table = Table::keyed("places", &["place"]);
static HOURS: Table = Table {
    name: "hours",
    key: &["day", "hour", "begins", "area", "outlet"],
    counts: &["created", "accepted", "completed", "rated", "low", "silent"],
};

static LATE: Table = Table { name: "late", key: &["day", "area", "outlet"], counts: &["late"] };

/// A day that was corrected at a place, in a dump.
#[derive(Serialize)]
struct LateLine<'a> {
    day: CivilDate,
    #[serde(flatten)]
    of: Option<&'a Place>,
    #[serde(flatten)]
    late: &'a Late,
}

/// A place, in a dump.
#[derive(Serialize)]
struct PlaceLine<'a> {
    place: u32,
    #[serde(flatten)]
    of: &'a Place,
}

/// A cell, in a dump.
#[derive(Serialize)]
struct CellLine<'a> {
    #[serde(flatten)]
    hour: CivilHour,
    #[serde(flatten)]
    of: Option<&'a Place>,
    #[serde(flatten)]
    cell: &'a Cell,
}

/// The model.
#[derive(Debug)]
pub struct Lifecycle {
    /// What happened in each hour, by the number of the place, ascending. No cell is empty.
    hours: BTreeMap<CivilHour, Vec<(u32, Cell)>>,
    places: Places,
    /// How many cells there are.
    cells: usize,
    /// Days that were corrected after they were over, by the number of the place.
    late: BTreeMap<(CivilDate, u32), Late>,
    cases: Cases<CivilHour>,
}

/// Comes before all hours of a day.
const fn first_hour(day: CivilDate) -> CivilHour {
    CivilHour { day, hour: 0, begins: Timestamp::MIN }
}

impl Lifecycle {
    fn cell_line(&self, hour: CivilHour, place: u32) -> Option<CellLine<'_>> {
        let cells = self.hours.get(&hour)?;
        let found = cells.binary_search_by_key(&place, |(place, _)| *place).ok()?;
        let (_, cell) = cells.get(found)?;
        Some(CellLine { hour, of: self.places.get(place), cell })
    }

    fn late_line(&self, day: CivilDate, place: u32) -> Option<LateLine<'_>> {
        let late = self.late.get(&(day, place))?;
        Some(LateLine { day, of: self.places.get(place), late })
    }

    fn place_line(&self, place: u32) -> Option<PlaceLine<'_>> {
        self.places.get(place).map(|of| PlaceLine { place, of })
    }
}

impl Projection for Lifecycle {
    const NAME: &'static str = "lifecycle";
    const VERSION: u32 = 2;
    const INPUTS: &'static [&'static str] = cases::INPUTS;

    fn empty() -> Self {
        Self {
            hours: BTreeMap::new(),
            places: Places::default(),
            cells: 0,
            late: BTreeMap::new(),
            cases: Cases::default(),
        }
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
        let tallies = self.cases.follow(event, past)?;
        self.cases.tell(event, changes);
        for tally in tallies {
            let mut cell = Cell::default();
            cell.count(tally.count);
            let place = Place { area: tally.about.area, outlet: tally.about.outlet };
            let place = self.places.number(place);
            let cells = self.hours.entry(tally.when).or_default();
            match cells.binary_search_by_key(&place, |(place, _)| *place) {
                Ok(found) => {
                    if let Some((_, cell)) = cells.get_mut(found) {
                        cell.count(tally.count);
                        if cell.is_empty() {
                            cells.remove(found);
                            self.cells -= 1;
                        }
                    }
                }
                Err(gap) if !cell.is_empty() => {
                    cells.insert(gap, (place, cell));
                    self.cells += 1;
                }
                Err(_) => {}
            }
            if cells.is_empty() {
                self.hours.remove(&tally.when);
            }
            let CivilHour { day, hour, begins } = tally.when;
            if let Some(recorded_at) = self.cases.late(event, tally.when) {
                self.late.entry((day, place)).or_default().count(recorded_at);
                let key = (day, tally.about.area, tally.about.outlet);
                changes.row(&LATE, &key, || self.late_line(day, place));
            }
            let key = (day, hour, begins, tally.about.area, tally.about.outlet);
            changes.row(&HOURS, &key, || self.cell_line(tally.when, place));
            changes.row(&PLACES, &[place], || self.place_line(place));
        }
        Ok(())
    }

    fn rows(&self) -> usize {
        self.cells
    }

    fn lines(&self, take: &mut TakeLine<'_>) -> io::Result<()> {
        for (place, of) in (0..).zip(self.places.iter()) {
            line(take, &PLACES, &PlaceLine { place, of })?;
        }
        for (hour, cells) in &self.hours {
            for (place, cell) in cells {
                line(take, &HOURS, &CellLine { hour: *hour, of: self.places.get(*place), cell })?;
            }
        }
        for (day, place) in self.late.keys() {
            line(take, &LATE, &self.late_line(*day, *place))?;
        }
        self.cases.lines(take)
    }

    fn encode(&self) -> Result<Vec<u8>, BodyError> {
        let mut body = BodyWriter::default();
        body.rows(self.places.iter())?;
        body.rows(self.hours.iter())?;
        body.rows(self.late.iter())?;
        self.cases.encode(&mut body)?;
        Ok(body.finish())
    }

    fn decode(body: &[u8], _past: Past<'_>) -> Result<Self, BodyError> {
        let mut body = BodyReader::new(body);
        let mut model = Self::empty();
        body.rows(|place| {
            model.places.number(place);
            Ok(())
        })?;
        body.rows(|(hour, cells): (CivilHour, Vec<(u32, Cell)>)| {
            if cells.iter().any(|(place, _)| model.places.get(*place).is_none()) {
                return Err(BodyError::Shape("an hour names a place that is not there"));
            }
            model.cells += cells.len();
            model.hours.insert(hour, cells);
            Ok(())
        })?;
        body.rows(|((day, place), late)| {
            if model.places.get(place).is_none() {
                return Err(BodyError::Shape("a corrected day names a place that is not there"));
            }
            model.late.insert((day, place), late);
            Ok(())
        })?;
        model.cases = Cases::decode(&mut body)?;
        body.finish()?;
        Ok(model)
    }
}
