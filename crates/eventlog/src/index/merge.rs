//! Merging: many small runs become one, so that a look-up asks few and each row is written few
//! times.
//!
//! A run's level is the power of eight of its rows. Eight neighbours of one level or below are
//! merged, so with n events there are at most seven runs of each level, and a row is written once
//! per level: three times in ten million events.

use std::path::Path;
use std::sync::Arc;

use super::IndexError;
use super::format::Extent;
use super::run::Run;
use super::run_writer::RunWriter;
use super::table::{Rows, TableFault};

/// So many neighbours become one.
const FAN_IN: usize = 8;

fn level(run: &Run) -> u32 {
    run.extent.stream_rows.max(1).ilog2() / FAN_IN.ilog2()
}

/// Which neighbours should be merged next: those of the lowest level that has enough of them.
pub(super) fn due(runs: &[Arc<Run>]) -> Option<std::ops::Range<usize>> {
    let mut levels: Vec<u32> = runs.iter().map(|run| level(run)).collect();
    levels.sort_unstable();
    levels.dedup();
    levels.into_iter().find_map(|highest| {
        let mut from = 0;
        for (place, run) in runs.iter().enumerate() {
            if level(run) > highest {
                if place - from >= FAN_IN {
                    return Some(from..place);
                }
                from = place + 1;
            }
        }
        (runs.len() - from >= FAN_IN).then_some(from..runs.len())
    })
}

/// One run of all that these hold; they follow each other.
pub(super) fn merge(directory: &Path, runs: &[Arc<Run>]) -> Result<Option<Run>, IndexError> {
    let runs: Vec<&Run> = runs.iter().map(|run| &**run).collect();
    let extents: Vec<Extent> = runs.iter().map(|run| run.extent).collect();
    let Some(extent) = Extent::of_all(&extents) else { return Ok(None) };
    let mut merged = RunWriter::create(directory, extent)?;
    let streams = runs.iter().map(|run| (*run, run.all_streams())).collect();
    each_in_order(streams, |row| merged.stream(row))?;
    merged.end_streams()?;
    let commands = runs.iter().map(|run| (*run, run.all_commands())).collect();
    each_in_order(commands, |row| merged.command(row))?;
    merged.finish().map(Some)
}

/// A row at the head of its table.
struct Head<'a> {
    run: &'a Run,
    rows: Rows<'a>,
    row: Vec<u8>,
}

impl Head<'_> {
    /// Whether there is another row.
    fn advance(&mut self) -> Result<bool, IndexError> {
        let next: Result<_, TableFault> = self.rows.next();
        match next.map_err(|fault| self.run.fault(fault))? {
            None => Ok(false),
            Some(row) => {
                self.row.clear();
                self.row.extend_from_slice(row);
                Ok(true)
            }
        }
    }
}

fn each_in_order(
    tables: Vec<(&Run, Rows<'_>)>,
    mut then: impl FnMut(&[u8]) -> Result<(), IndexError>,
) -> Result<(), IndexError> {
    let mut heads = Vec::with_capacity(tables.len());
    for (run, rows) in tables {
        let mut head = Head { run, rows, row: Vec::new() };
        if head.advance()? {
            heads.push(head);
        }
    }
    // There are few; looking at all of them is as fast as a heap.
    while let Some(least) =
        (0..heads.len()).min_by(|one, other| heads[*one].row.cmp(&heads[*other].row))
    {
        then(&heads[least].row)?;
        if !heads[least].advance()? {
            heads.swap_remove(least);
        }
    }
    Ok(())
}
