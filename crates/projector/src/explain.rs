//! Which events make two folds of one log differ: both are folded again side by side, and where the
//! difference of a row becomes another one, there is a reason.

use std::collections::HashMap;
use std::ops::ControlFlow;

use domain::GlobalPosition;
use eventlog::EventLog;
use serde_json::Value;

use crate::changes::{Changes, Onlooker, RowKey};
use crate::compare::{Explanation, FieldDifference, RowDifference, differing_fields};
use crate::contract::{Past, Projection};
use crate::live::Gated;
use crate::rebuild::{RebuildError, read_ahead};
use crate::recount::Recount;

/// Positions that are told of a row; the rest is counted.
const POSITIONS_MAX: usize = 20;

/// A row as both folds have it.
#[derive(Default)]
struct Watched {
    rows: [Option<Value>; 2],
    difference: Vec<Parted>,
    explanation: Explanation,
}

/// How a field differs. Of counts only by how much: both may grow alike.
#[derive(PartialEq)]
enum Parted {
    By(String, i64),
    Other(String, Option<Value>, Option<Value>),
}

impl Watched {
    fn now(&self) -> Vec<Parted> {
        let [live, rebuilt] = &self.rows;
        let parted = |found: FieldDifference| {
            let number = |value: &Option<Value>| match value {
                None => Some(0),
                Some(value) => value.as_i64(),
            };
            match (number(&found.live), number(&found.rebuilt)) {
                (Some(live), Some(rebuilt)) => Parted::By(found.field, rebuilt - live),
                _ => Parted::Other(found.field, found.live, found.rebuilt),
            }
        };
        let fields = differing_fields(live.as_ref(), rebuilt.as_ref());
        fields.into_iter().map(parted).collect()
    }

    /// After an event that concerns the row.
    fn settle(&mut self, position: GlobalPosition) {
        let now = self.now();
        if now == self.difference {
            return;
        }
        self.difference = now;
        self.explanation.events += 1;
        if self.explanation.positions.len() < POSITIONS_MAX {
            self.explanation.positions.push(position);
        }
    }
}

/// Sees what one of the folds does.
struct Eye<'a> {
    watched: &'a mut HashMap<RowKey, Watched>,
    side: usize,
    touched: &'a mut Vec<RowKey>,
}

impl Onlooker for Eye<'_> {
    fn watches(&self, row: &RowKey) -> bool {
        self.watched.contains_key(row)
    }

    fn changed(&mut self, row: RowKey, now: Option<Value>) {
        if let Some(watched) = self.watched.get_mut(&row)
            && let Some(side) = watched.rows.get_mut(self.side)
        {
            *side = now;
            if !self.touched.contains(&row) {
                self.touched.push(row);
            }
        }
    }
}

/// Finds the events that explain these rows.
pub(crate) fn explain<P: Projection>(
    log: &dyn EventLog,
    recounts: [Recount; 2],
    until: GlobalPosition,
    rows: &mut [RowDifference],
) -> Result<(), RebuildError> {
    let mut watched: HashMap<RowKey, Watched> =
        rows.iter().map(|row| (row.id.clone(), Watched::default())).collect();
    let mut folds = recounts.map(Gated::<P>::begin);
    for (side, fold) in folds.iter().enumerate() {
        // A model has a few rows before the first event: rules.
        let taken = fold.model.lines(&mut |table, line| {
            let row: Value = serde_json::from_slice(line)?;
            let mut eye = Eye { watched: &mut watched, side, touched: &mut Vec::new() };
            eye.changed(RowKey::of_line(table, &row), Some(row));
            Ok(())
        });
        taken.map_err(RebuildError::Dump)?;
    }
    for row in watched.values_mut() {
        row.difference = row.now();
        row.explanation.from_the_start = !row.difference.is_empty();
    }
    let mut touched = Vec::new();
    read_ahead(log, GlobalPosition::ZERO, until, |events| {
        for event in &events {
            for (side, fold) in folds.iter_mut().enumerate() {
                let mut eye = Eye { watched: &mut watched, side, touched: &mut touched };
                fold.apply(event, Past::new(log), &mut Changes::shown_to(&mut eye))
                    .map_err(|source| RebuildError::Apply { position: event.position, source })?;
            }
            for key in touched.drain(..) {
                if let Some(row) = watched.get_mut(&key) {
                    row.settle(event.position);
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    for row in rows {
        row.explained = watched.get(&row.id).map(|found| found.explanation.clone());
    }
    Ok(())
}
