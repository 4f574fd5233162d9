//! A power cut loses nothing that was acknowledged: not of the log, the witness, the index or the
//! keys. `docs/reliability.md` has the model and what was seen; it needs root and loop devices, and
//! says so where it has none.

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use eventlog::{EventLog, IndexState, SledLog, SystemClock, verify};
use mishaps::Disk;
use support::after;
use support::writer::{self, Acked};

/// Cuts, where somebody wants more than the suite has time for.
const CUTS: &str = "PAIDAN_TEST_CUTS";
const CUTS_DEFAULT: usize = 12;
/// After so many the writer is killed, and the next one goes on with the same directory.
const CUTS_PER_WRITER: usize = 4;
/// After so many writers the next one begins a new directory, so that beginnings are cut as well.
const WRITERS_PER_DIRECTORY: usize = 3;

// What the other tests freeze; on its own, without a directory to write, it does nothing.
#[test]
fn writer_process() {
    writer::write_until_killed();
}

/// What became of the acknowledged appends at one cut.
#[derive(Debug)]
enum AfterCut {
    AllThere { acked: usize, there: usize, index: &'static str },
    Lost(String),
}

fn after_cut(data: &Path, acked: &[Acked]) -> AfterCut {
    let mut options = support::options(data);
    options.clock = Arc::new(SystemClock);
    let (log, report) = match SledLog::open(&options) {
        Ok(opened) => opened,
        // Nobody was told anything yet, so the disk may hold a directory that was never finished.
        Err(error) => return AfterCut::Lost(format!("of {}, all: {error:?}", acked.len())),
    };
    let missing = writer::missing(&log, acked);
    if !missing.is_empty() {
        verify(&log, &mut |_| {}).expect("what is there is whole");
        return AfterCut::Lost(format!("{} of {} appends", missing.len(), acked.len()));
    }
    let there = after::check(&log, acked);
    // What was opened takes more, and has it after another opening.
    let next = writer::wanted(&log, 99, "9999-99-0").expect("reads");
    let next = log.submit(next).expect("taken").wait().expect("durable");
    drop(log);
    let (log, _) = SledLog::open(&options).expect("opens again");
    assert_eq!(log.head().position, next.last);
    after::check(&log, acked);
    let index = match report.index {
        IndexState::Current => "current",
        IndexState::CaughtUp(_) => "caught up",
        IndexState::Rebuilt { .. } => "made anew",
    };
    AfterCut::AllThere { acked: acked.len(), there, index }
}

fn cuts(count: usize, with_sync: bool) -> Option<Vec<AfterCut>> {
    let disk = Disk::fresh()?;
    let mut found: Vec<AfterCut> = Vec::new();
    let mut before: Vec<Acked> = Vec::new();
    for run in 0.. {
        let data = disk.path().join(format!("data{}", run / WRITERS_PER_DIRECTORY));
        if run % WRITERS_PER_DIRECTORY == 0 {
            before.clear();
        }
        let process = writer::start(&data, run as u64, with_sync);
        let mut wait_for = 0;
        for round in 0..CUTS_PER_WRITER {
            if found.len() == count {
                return Some(found);
            }
            // Somewhere in the commit that the last acknowledgement raced with, or after it; the
            // first of a writer somewhere in its opening.
            process.wait_for(wait_for);
            let pause = if wait_for == 0 { 40_000 } else { 3_000 };
            std::thread::park_timeout(Duration::from_micros(pause * (found.len() as u64 % 7) / 7));
            let cut = disk.cut(&process);
            let all = [&before[..], &writer::acked(cut.said())].concat();
            found.push(after_cut(&cut.path().join(data.file_name().expect("has a name")), &all));
            wait_for = cut.said().len() + 41 + 67 * round;
        }
        before.extend(writer::acked(&process.kill()));
        if run % WRITERS_PER_DIRECTORY == WRITERS_PER_DIRECTORY - 1 {
            std::fs::remove_dir_all(&data).expect("removed");
        }
    }
    Some(found)
}

#[test]
fn every_acknowledged_event_survives_a_power_cut_with_keys_index_and_witness() {
    let asked = std::env::var(CUTS).ok().map(|text| text.parse().expect("a number"));
    let Some(found) = cuts(asked.unwrap_or(CUTS_DEFAULT), true) else { return };
    let mut lost = Vec::new();
    let (mut appends, mut more) = (0, 0);
    let mut indexes = std::collections::BTreeMap::new();
    for after in &found {
        match after {
            AfterCut::AllThere { acked, there, index } => {
                appends += acked;
                more += there - acked;
                *indexes.entry(*index).or_insert(0) += 1;
            }
            AfterCut::Lost(what) => lost.push(what),
        }
    }
    eprintln!(
        "{} cuts, acknowledged events lost in {}; {appends} times an acknowledged append was \
         looked for, {more} more were stored without an answer; index after the cut: {indexes:?}",
        found.len(),
        lost.len()
    );
    assert!(lost.is_empty(), "lost: {lost:?}");
    assert!(appends > 0);
}

#[test]
fn the_harness_notices_when_the_sync_is_left_out() {
    let Some(found) = cuts(CUTS_PER_WRITER, false) else { return };
    let mut lost = 0;
    for after in &found {
        if let AfterCut::Lost(what) = after {
            eprintln!("without the sync, lost: {what}");
            lost += 1;
        }
    }
    eprintln!("{} cuts without the sync, acknowledged events lost in {lost}", found.len());
    assert!(lost > 0, "without the sync nothing was lost, so the harness proves nothing");
}
