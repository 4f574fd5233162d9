//! Snapshots shorten a start, and one that does not fit is set aside.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use domain::ticket::{Cancel, Create};
use domain::{Epoch, GlobalPosition};
use eventlog::{EventLog, MemoryOptions, RecordedEvent};
use projector::open_tickets::OpenTickets;
use projector::{
    BodyError, Changes, Lane, Live, ModelName, Past, Projection, ProjectionError, Projector,
    ProjectorOptions, Rebuilt, Recount, Runner, RunnerOptions, SnapshotOptions, SnapshotStore,
    TakeLine,
};

use crate::equality::{PATIENCE, block_on, settle};
use crate::firm::{Firm, WatchedLog, ticket_id};

fn start(log: Arc<dyn EventLog>, directory: &Path) -> Projector {
    let snapshots = Some(SnapshotOptions::new(directory));
    let options = ProjectorOptions { snapshots, ..ProjectorOptions::default() };
    Projector::start(log, options).expect("it starts")
}

/// Lets a projector fold everything and leave its snapshots behind.
fn leave_snapshots(firm: &Firm, directory: &Path) {
    let projector = start(firm.shared(), directory);
    settle(&projector, firm.head());
    projector.stop().expect("a clean end");
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("it is there");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn set_aside(directory: &Path) -> usize {
    names(directory).iter().filter(|name| name.ends_with(".set-aside")).count()
}

/// From where the log is read after a start with one more event, and that the models are right.
fn folded_after(firm: &mut Firm, directory: &Path) -> GlobalPosition {
    let fresh = u8::try_from(firm.state.tickets.len()).expect("few tickets");
    firm.step(ticket_id(fresh), Create::default());
    let log = WatchedLog::new(&firm.log);
    let projector = start(Arc::clone(&log) as _, directory);
    settle(&projector, firm.head());
    let open = firm.state.tickets.values().filter(|ticket| ticket.is_open()).count();
    assert_eq!(projector.models().ticket_counts(firm.now()).value.open, open as u64);
    projector.stop().expect("a clean end");
    log.earliest().expect("one event at least was read")
}

#[test]
fn a_start_folds_only_what_came_after_the_snapshot() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut firm = Firm::new();
    firm.step(ticket_id(0), Create::default());
    let before = firm.head();
    leave_snapshots(&firm, directory.path());
    assert_eq!(
        names(directory.path()),
        [
            "attachments.snapshot",
            "directory.snapshot",
            "engineer_load.snapshot",
            "lifecycle.snapshot",
            "open_tickets.snapshot",
            "satisfaction.snapshot"
        ]
    );
    assert_eq!(folded_after(&mut firm, directory.path()), before);
    assert_eq!(set_aside(directory.path()), 0);
}

#[test]
fn a_damaged_or_cut_snapshot_is_set_aside_and_the_fold_starts_earlier() {
    let mut firm = Firm::new();
    firm.step(ticket_id(0), Create::default());
    let sound = tempfile::tempdir().expect("a directory");
    leave_snapshots(&firm, sound.path());
    let bytes = fs::read(sound.path().join("open_tickets.snapshot")).expect("it was written");
    let mut flipped = bytes.clone();
    let middle = bytes.len() - 20;
    flipped[middle] ^= 1;
    for damaged in [flipped, bytes[..bytes.len() - 1].to_vec(), Vec::new(), b"else".to_vec()] {
        let directory = tempfile::tempdir().expect("a directory");
        fs::write(directory.path().join("open_tickets.snapshot"), damaged).expect("it is written");
        assert_eq!(folded_after(&mut firm, directory.path()), GlobalPosition::ZERO);
        assert_eq!(set_aside(directory.path()), 1);
        // A sound one is in its place again.
        let before = firm.head();
        assert_eq!(folded_after(&mut firm, directory.path()), before);
    }
}

#[test]
fn a_snapshot_of_another_log_epoch_or_longer_log_is_set_aside() {
    let named = |epoch: u64| MemoryOptions {
        log_id: Some(7),
        epoch: Epoch::new(epoch),
        ..MemoryOptions::default()
    };
    let directory = tempfile::tempdir().expect("a directory");
    let mut long = Firm::with(&named(1));
    for ticket in 0..20 {
        long.step(ticket_id(ticket), Create::default());
    }
    leave_snapshots(&long, directory.path());
    let mut foreign = [
        // The same identity, but shorter: a log that lost its end.
        Firm::with(&named(1)),
        // Restored since.
        Firm::with(&named(2)),
        // Another log altogether.
        Firm::new(),
    ];
    for firm in &mut foreign {
        let copy = tempfile::tempdir().expect("a directory");
        for name in names(directory.path()) {
            fs::copy(directory.path().join(&name), copy.path().join(&name)).expect("copied");
        }
        assert_eq!(folded_after(firm, copy.path()), GlobalPosition::ZERO);
        assert_eq!(set_aside(copy.path()), ModelName::ALL.len());
    }
}

#[test]
fn a_snapshot_of_before_a_restore_is_set_aside_though_the_events_are_the_same() {
    let directory = tempfile::tempdir().expect("a directory");
    let firm = Firm::new();
    leave_snapshots(&firm, directory.path());
    let log = WatchedLog::restored(&firm.log);
    let projector = start(Arc::clone(&log) as _, directory.path());
    settle(&projector, firm.head());
    assert_eq!(log.earliest(), Some(GlobalPosition::ZERO));
    assert_eq!(set_aside(directory.path()), ModelName::ALL.len());
    projector.stop().expect("a clean end");
}

#[test]
fn a_snapshot_whose_chain_value_the_log_does_not_have_is_set_aside() {
    let named = MemoryOptions { log_id: Some(7), ..MemoryOptions::default() };
    let directory = tempfile::tempdir().expect("a directory");
    let mut one = Firm::with(&named);
    one.step(ticket_id(0), Create::default());
    leave_snapshots(&one, directory.path());
    // As long and with the same identity, but with another history.
    let mut other = Firm::with(&named);
    other.step(ticket_id(1), Create::default());
    assert_eq!(one.head(), other.head());
    let log = WatchedLog::new(&other.log);
    let projector = start(Arc::clone(&log) as _, directory.path());
    settle(&projector, other.head());
    assert_eq!(log.earliest(), Some(GlobalPosition::ZERO));
    assert!(projector.models().open_ticket(ticket_id(0), other.now()).value.is_none());
    assert_eq!(set_aside(directory.path()), ModelName::ALL.len());
    projector.stop().expect("a clean end");
}

/// The first release of a projection, and the second, whose rows are others.
struct Counter<const RELEASE: u32>(u64);

impl<const RELEASE: u32> Projection for Counter<RELEASE> {
    const NAME: &'static str = "counter";
    const VERSION: u32 = RELEASE;
    const INPUTS: &'static [&'static str] = &[];

    fn empty() -> Self {
        Self(0)
    }
    fn apply(
        &mut self,
        _event: &RecordedEvent,
        _past: Past<'_>,
        _changes: &mut Changes<'_>,
    ) -> Result<(), ProjectionError> {
        self.0 += 1;
        Ok(())
    }
    fn rows(&self) -> usize {
        1
    }
    fn lines(&self, _take: &mut TakeLine<'_>) -> std::io::Result<()> {
        Ok(())
    }
    fn encode(&self) -> Result<Vec<u8>, BodyError> {
        Ok(self.0.to_le_bytes().to_vec())
    }
    fn decode(body: &[u8], _past: Past<'_>) -> Result<Self, BodyError> {
        let bytes = body.try_into().map_err(|_| BodyError::Shape("not eight bytes"))?;
        Ok(Self(u64::from_le_bytes(bytes)))
    }
}

fn store(directory: &Path) -> SnapshotStore {
    SnapshotStore::open(SnapshotOptions::new(directory)).expect("a directory")
}

fn restored<P: Projection>(directory: &Path, log: &dyn EventLog) -> Rebuilt<P> {
    store(directory).restore(log, Recount::AsRecorded).expect("readable")
}

#[test]
fn a_snapshot_of_another_release_is_set_aside_and_a_few_of_those_are_kept() {
    let directory = tempfile::tempdir().expect("a directory");
    let firm = Firm::new();
    let log = firm.log.as_ref();
    let old = Arc::new(Live::<Counter<1>>::default());
    let lanes: Vec<Arc<dyn Lane>> = vec![Arc::clone(&old) as _];
    let runner = Runner::start(firm.shared(), lanes, RunnerOptions::default()).expect("a thread");
    block_on(old.wait_for(firm.head(), PATIENCE)).expect("it follows");
    runner.stop().expect("a clean end");
    for round in 1..=5 {
        store(directory.path()).save(&old, log).expect("it is written");
        let same: Rebuilt<Counter<1>> = restored(directory.path(), log);
        assert_eq!(same.position(), firm.head());
        let newer: Rebuilt<Counter<2>> = restored(directory.path(), log);
        assert_eq!(newer.position(), GlobalPosition::ZERO);
        assert_eq!(set_aside(directory.path()), round.min(3));
    }
    assert_eq!(names(directory.path()).len(), 3, "nothing else is left");
}

#[test]
fn snapshots_are_written_in_regular_intervals_of_events() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut firm = Firm::new();
    let options = SnapshotOptions { every_events: 5, ..SnapshotOptions::new(directory.path()) };
    let live = Arc::new(Live::<OpenTickets>::default());
    let lanes: Vec<Arc<dyn Lane>> = vec![Arc::clone(&live) as _];
    let options = RunnerOptions {
        snapshots: Some(SnapshotStore::open(options).expect("a directory")),
        ..RunnerOptions::default()
    };
    let runner = Runner::start(firm.shared(), lanes, options).expect("a thread");
    let mut saved = Vec::new();
    for ticket in 0..20 {
        firm.step(ticket_id(ticket), Create::default());
        firm.step(ticket_id(ticket), Cancel { words: "好了".into() });
        block_on(live.wait_for(firm.head(), PATIENCE)).expect("it follows");
        // The snapshot follows the batch that it is due after; the next batch follows it.
        let found: Rebuilt<OpenTickets> = restored(directory.path(), firm.log.as_ref());
        saved.push(found.position());
    }
    saved.dedup();
    assert!(saved.len() > 1, "{saved:?}");
    assert!(saved.windows(2).all(|pair| pair[1].get() - pair[0].get() >= 5), "{saved:?}");
    runner.stop().expect("a clean end");
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("file");
    fs::write(&file, b"in the way").expect("written");
    let error = SnapshotStore::open(SnapshotOptions::new(file.join("snapshots")));
    let text = error.expect_err("a file is no directory").to_string();
    assert!(text.contains("file"), "{text}");
}
