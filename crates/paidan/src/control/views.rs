//! What the answers tell, as programs read it.

use std::collections::BTreeMap;
use std::path::Path;

use audit::Carried;
use domain::{Epoch, GlobalPosition, RuleSetVersion, Timestamp};
use eventlog::keys::RingTally;
use eventlog::{BackedUp, Exported, LogIdentity, LogStat, VerifyReport};
use serde::{Deserialize, Serialize};

/// Which log it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogView {
    /// A UUID in 32 hexadecimal digits.
    pub id: String,
    /// Raised by every restore and salvage.
    pub epoch: Epoch,
}

impl From<LogIdentity> for LogView {
    fn from(identity: LogIdentity) -> Self {
        Self { id: format!("{:032x}", identity.log_id), epoch: identity.epoch }
    }
}

/// The log's size, identity and head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogStatView {
    /// Which log.
    pub log: LogView,
    /// The last event, and so how many there are.
    pub position: GlobalPosition,
    /// The chain's value there.
    pub chain: String,
    /// In how many appends.
    pub appends: u64,
    /// When the first event was recorded.
    pub first_recorded_at: Timestamp,
    /// When the last event was recorded.
    pub last_recorded_at: Timestamp,
    /// Bytes on the disk, of the log alone.
    pub disk_bytes: u64,
    /// Bytes that are free on that disk.
    pub free_bytes: u64,
}

impl LogStatView {
    pub(super) fn new(identity: LogIdentity, stat: &LogStat) -> Self {
        Self {
            log: identity.into(),
            position: stat.head.position,
            chain: stat.head.chain.to_string(),
            appends: stat.appends,
            first_recorded_at: stat.first_recorded_at,
            last_recorded_at: stat.head.recorded_at,
            disk_bytes: stat.disk_bytes,
            free_bytes: stat.free_bytes,
        }
    }
}

/// The keys of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysView {
    /// Those that are there.
    pub live: u64,
    /// Those that are gone.
    pub destroyed: u64,
}

impl From<RingTally> for KeysView {
    fn from(RingTally { live, destroyed }: RingTally) -> Self {
        Self { live, destroyed }
    }
}

/// A log in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportView {
    /// Which log.
    pub log: LogView,
    /// The first event in it.
    pub first: GlobalPosition,
    /// The last event in it.
    pub position: GlobalPosition,
    /// The chain's value there.
    pub chain: String,
    /// How many keys are in it; nothing where they were left out.
    pub keys: Option<u64>,
    /// The file.
    pub file: String,
    /// Its bytes.
    pub bytes: u64,
}

impl ExportView {
    pub(super) fn new(exported: &Exported, file: &Path) -> Self {
        Self {
            log: exported.identity.into(),
            first: exported.first,
            position: exported.head.position,
            chain: exported.head.chain.to_string(),
            keys: exported.keys.map(|number| number.0),
            file: file.display().to_string(),
            bytes: exported.bytes,
        }
    }
}

/// A backup after a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupView {
    /// Of which log.
    pub log: LogView,
    /// The last event that was in it before; zero: it is a new one.
    pub before: GlobalPosition,
    /// The last event that is in it.
    pub position: GlobalPosition,
    /// The chain's value there.
    pub chain: String,
    /// How many segments it has.
    pub segments: usize,
    /// Bytes that were added.
    pub added_bytes: u64,
    /// Bytes of all segments.
    pub bytes: u64,
    /// The keys in it.
    pub keys: KeysView,
    /// The directory.
    pub directory: String,
    /// The attachments in it; nothing where the log alone was asked for.
    pub attachments: Option<Carried>,
}

impl BackupView {
    pub(super) fn new(done: &BackedUp, directory: &Path, attachments: Option<Carried>) -> Self {
        Self {
            log: done.identity.into(),
            before: done.before,
            position: done.head.position,
            chain: done.head.chain.to_string(),
            segments: done.segments,
            added_bytes: done.added_bytes,
            bytes: done.bytes,
            keys: done.keys.into(),
            directory: directory.display().to_string(),
            attachments,
        }
    }
}

/// Streams of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindView {
    /// How many streams.
    pub streams: u64,
    /// How many events they have together.
    pub events: u64,
}

/// A log that is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyView {
    /// How many events were verified.
    pub events: u64,
    /// In how many appends.
    pub appends: u64,
    /// In how many frames.
    pub frames: u64,
    /// Of how many bytes.
    pub frame_bytes: u64,
    /// The chain's value at the last of them.
    pub chain: String,
    /// When the first event was recorded.
    pub first_recorded_at: Timestamp,
    /// When the last event was recorded.
    pub last_recorded_at: Timestamp,
    /// By kind of stream.
    pub kinds: BTreeMap<String, KindView>,
    /// Whether the index was compared with it, as a running server does.
    pub index: bool,
}

impl VerifyView {
    pub(super) fn new(report: VerifyReport, index: bool) -> Self {
        let kinds = report.kinds.iter().map(|count| {
            let view = KindView { streams: count.streams, events: count.events };
            (count.kind.as_str().to_owned(), view)
        });
        Self {
            events: report.events,
            appends: report.appends,
            frames: report.frames,
            frame_bytes: report.frame_bytes,
            chain: report.head.chain.to_string(),
            first_recorded_at: report.first_recorded_at,
            last_recorded_at: report.head.recorded_at,
            kinds: kinds.collect(),
            index,
        }
    }
}

/// The first thing that is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyFault {
    /// The first position concerned, where known.
    pub position: Option<GlobalPosition>,
    /// File or key, where known.
    pub place: Option<String>,
    /// What is wrong, and what to do.
    pub fault: String,
}

/// The time after it was confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockView {
    /// What the clock shows and the log now believes.
    pub now: Timestamp,
    /// When the last event was recorded.
    pub last_recorded_at: Timestamp,
}

/// One read model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectionView {
    /// Its name.
    pub name: String,
    /// The version of its fold.
    pub version: u32,
    /// The rules that it depends on.
    pub inputs: Vec<String>,
    /// By which rules it counts the past; unknown where no server runs.
    pub recount: Option<String>,
    /// How many rows it has; unknown where no server runs.
    pub rows: Option<u64>,
    /// The last event that it holds; unknown where no server runs.
    pub position: Option<GlobalPosition>,
    /// How many events it is behind the log; unknown where no server runs.
    pub lag: Option<u64>,
    /// Why it stopped, if it did.
    pub fault: Option<String>,
}

/// What stands above the rows of a dump, and tells which bytes they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpHeader {
    /// Of which log.
    pub log: LogView,
    /// Of which read model.
    pub projection: String,
    /// The version of its fold.
    pub version: u32,
    /// The last event that it holds.
    pub position: GlobalPosition,
    /// The chain's value there.
    pub chain: String,
    /// The version of the rule set there; 0 while none was published.
    pub rules_version: RuleSetVersion,
    /// The rules that it counts the past by; 0: as recorded.
    #[serde(default)]
    pub recount: RuleSetVersion,
    /// How many lines follow.
    pub lines: u64,
    /// BLAKE3 of the lines that follow, their ends included.
    pub blake3: String,
}

/// A position of the log, for whoever holds a claim against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceView {
    /// Of which log.
    pub log: LogView,
    /// The log's last event.
    pub head: GlobalPosition,
    /// Which position.
    pub position: GlobalPosition,
    /// The chain's value there; nothing where the log ends before.
    pub chain: Option<String>,
}

/// What a comparison of a live model with its fold from zero found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// The read model.
    pub name: String,
    /// Where both are.
    pub position: GlobalPosition,
    /// Whether all bytes are equal.
    pub equal: bool,
    /// The first difference, where there is one.
    pub difference: Option<String>,
}

/// What became of all steps of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportTotals {
    /// Taken.
    pub taken: u64,
    /// Settled.
    pub settled: u64,
    /// The log's last event afterwards.
    pub position: GlobalPosition,
}
