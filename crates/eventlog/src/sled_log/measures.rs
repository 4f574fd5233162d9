//! What the log on disk tells of itself in numbers.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use measures::{Histogram, Reading};

use super::SledLog;
use crate::admission::Queued;

/// From what a fast disk needs to what makes people wait, in microseconds.
const SPANS_US: [u64; 13] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    5_000_000,
];
const GROUPS: [u64; 8] = [1, 2, 4, 16, 64, 256, 1_024, 4_096];

/// What the writer counts.
#[derive(Debug)]
pub(super) struct Counters {
    appends: AtomicU64,
    events: AtomicU64,
    syncs: Histogram,
    groups: Histogram,
    waits: Histogram,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            appends: AtomicU64::new(0),
            events: AtomicU64::new(0),
            syncs: Histogram::of_spans(&SPANS_US),
            groups: Histogram::of_numbers(&GROUPS),
            waits: Histogram::of_spans(&SPANS_US),
        }
    }
}

impl Counters {
    /// A group became durable in so long; the clock shows `now`.
    pub(super) fn durable(&self, group: &[Queued], took: Duration, now: Duration) {
        let events: usize = group.iter().map(|queued| queued.settled.places.len()).sum();
        self.appends.fetch_add(group.len() as u64, Ordering::Relaxed);
        self.events.fetch_add(events as u64, Ordering::Relaxed);
        self.syncs.count_span(took);
        self.groups.count(group.len() as u64);
        for queued in group {
            self.waits.count_span(now.saturating_sub(queued.since));
        }
    }
}

/// The log in numbers. Those that count begin at zero when it is opened.
#[derive(Debug, Clone, PartialEq)]
pub struct LogNumbers {
    /// Appends that became durable.
    pub appends: u64,
    /// Their events.
    pub events: u64,
    /// How long it took to make a group of appends durable: keys, witness and store.
    pub syncs: Reading,
    /// How many appends were made durable together.
    pub groups: Reading,
    /// How long appends waited from being taken to being durable.
    pub waits: Reading,
    /// Appends that wait now.
    pub queued: usize,
    /// So many may wait; then appends are refused.
    pub queued_max: usize,
    /// A sync failed, and nothing more is taken until the log is opened again.
    pub poisoned: bool,
}

/// Bytes on the disk that holds the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskBytes {
    /// Free for use.
    pub free: u64,
    /// Of the whole file system.
    pub size: u64,
    /// Of the log's own files, keys, index and snapshots not included.
    pub log: u64,
}

impl SledLog {
    /// The log in numbers.
    pub fn numbers(&self) -> LogNumbers {
        let counters = &self.shared.counters;
        let (queued, queued_max, poisoned) = {
            let admission = self.shared.admission.lock();
            (admission.queued(), admission.limits().appends_max, admission.is_poisoned())
        };
        LogNumbers {
            appends: counters.appends.load(Ordering::Relaxed),
            events: counters.events.load(Ordering::Relaxed),
            syncs: counters.syncs.read(),
            groups: counters.groups.read(),
            waits: counters.waits.read(),
            queued,
            queued_max,
            poisoned,
        }
    }

    /// Bytes on the disk that holds the log.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn disk_bytes(&self) -> io::Result<DiskBytes> {
        let directory = self.directory.log();
        let stat = rustix::fs::statvfs(&directory)?;
        let mut log = 0;
        for entry in std::fs::read_dir(&directory)? {
            match entry?.metadata() {
                Ok(file) if file.is_file() => log += file.len(),
                Ok(_) => {}
                // The store replaced it meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
        Ok(DiskBytes { free: bytes(stat.f_bavail), size: bytes(stat.f_blocks), log })
    }
}
