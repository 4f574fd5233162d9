//! What the tests of the log on disk share: a directory, a key, a clock, and a sync that a test
//! can hold back or fail.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod after;
pub mod faulty;
pub mod writer;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use domain::Timestamp;
use eventlog::keys::MasterKey;
use eventlog::{
    DirectoryError, ManualClock, OpenError, OpenOptions, OpenReport, SledLog, SyncPolicy,
};

/// Opens a log whose directory a child of some thread here may still hold: a child has copies of
/// all files that are open here until shortly after its exec, also of a lock that was let go since.
pub fn open_when_free(options: &OpenOptions) -> Result<(SledLog, OpenReport), OpenError> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match SledLog::open(options) {
            Err(OpenError::Directory(DirectoryError::InUse { .. }))
                if Instant::now() < deadline =>
            {
                std::thread::park_timeout(Duration::from_millis(2));
            }
            opened => return opened,
        }
    }
}

pub const START: Timestamp = Timestamp::from_seconds(1_790_000_000);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Open,
    Held,
    Failing,
}

/// A sync that waits or fails when it is told to.
pub struct GatedSync {
    gate: Mutex<Gate>,
    changed: Condvar,
}

impl GatedSync {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { gate: Mutex::new(Gate::Open), changed: Condvar::new() })
    }

    fn set(&self, gate: Gate) {
        *self.gate.lock().expect("no test panics with it") = gate;
        self.changed.notify_all();
    }

    pub fn hold(&self) {
        self.set(Gate::Held);
    }

    pub fn release(&self) {
        self.set(Gate::Open);
    }

    pub fn fail(&self) {
        self.set(Gate::Failing);
    }
}

impl SyncPolicy for GatedSync {
    fn sync(&self, file: &File) -> io::Result<()> {
        let mut gate = self.gate.lock().expect("no test panics with it");
        while *gate == Gate::Held {
            gate = self.changed.wait(gate).expect("no test panics with it");
        }
        match *gate {
            Gate::Failing => Err(io::Error::other("the disk is gone")),
            Gate::Open | Gate::Held => file.sync_data(),
        }
    }
}

pub fn master_key() -> MasterKey {
    MasterKey::from_bytes([7; 32])
}

/// Options with small caches, so that tests are light.
pub fn options(dir: &Path) -> OpenOptions {
    let clock = Arc::new(ManualClock::new(START));
    let mut options = OpenOptions::new(dir, master_key(), clock);
    options.cache_bytes = 16 * 1024 * 1024;
    options
}

pub fn open(dir: &Path) -> SledLog {
    SledLog::open(&options(dir)).expect("the log opens").0
}

/// Copies a directory with everything in it.
pub fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("reads") {
        let entry = entry.expect("reads");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("has a type").is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// Writes so many appends of one note each, to a hundred tickets in turn.
pub fn fill(log: &SledLog, appends: u64) {
    use eventlog::EventLog;
    use eventlog::conformance::{append, ticket};
    let mut pending = Vec::new();
    let start = log.head().position.get();
    for number in start..start + appends {
        let stream = ticket(u128::from(number % 100));
        let version = log.stream_version(stream).expect("reads").get();
        let wanted = append(log, &format!("fill {number}"), START, &[(stream, version)]);
        pending.push(log.submit(wanted).expect("taken"));
        if pending.len() == 500 {
            pending.drain(..).for_each(|append| drop(append.wait().expect("durable")));
        }
    }
    pending.drain(..).for_each(|append| drop(append.wait().expect("durable")));
}

/// The files below a directory, by path, in order.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).expect("reads") {
        let path = entry.expect("reads").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// How tests bring a log back.
pub fn rebuild() -> eventlog::RebuildOptions {
    eventlog::RebuildOptions { clock: Arc::new(ManualClock::new(START)), epoch: None }
}

/// Makes an epoch's opening the only thing by which two logs differ.
#[track_caller]
pub fn assert_brought_back(log: &SledLog, truth: &[eventlog::RecordedEvent]) {
    use domain::{Event, LogEvent};
    use eventlog::{EventLog, verify};
    let events = eventlog::conformance::read_all(log);
    let (last, kept) = events.split_last().expect("events");
    assert_eq!(kept, truth);
    let Event::Log(LogEvent::EpochRaised(raised)) = &last.event else { panic!("{last:?}") };
    assert_eq!(raised.epoch, log.identity().epoch);
    assert_eq!(raised.kept.get(), truth.len() as u64);
    verify(log, &mut |_| {}).expect("it is whole");
}
