//! Reading the whole log and believing nothing: every frame's checksum, every record, the chain,
//! gapless positions and versions, recorded times in order, payloads of known shapes, and the
//! index where there is one.
//!
//! A directory at rest is verified on a copy, because sled rewrites a directory by opening it;
//! the copy costs as much room as the log. Personal parts are checked by their checksums only:
//! a verification needs no keys. Memory grows with the number of streams, about 50 bytes each.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use domain::{GlobalPosition, StreamId, StreamKind, StreamVersion, Timestamp};

use crate::codec::{AppendView, RecordView, command_hash};
use crate::sled_log::{
    DataDirectory, DirectoryError, FrameStore, SledLog, StoreError, StoredFrame, SyncData, damaged,
    decode, missing, store_failed,
};
use crate::witness::{Seen, Witness, WitnessError};
use crate::{ChainHash, EventLog, Head, ReadError};

/// sled's cache while a copy is verified.
const COPY_CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// What a verification found: all of it good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// How many events.
    pub events: u64,
    /// In how many appends.
    pub appends: u64,
    /// In how many frames.
    pub frames: u64,
    /// Of how many bytes.
    pub frame_bytes: u64,
    /// The last event.
    pub head: Head,
    /// When the first event was recorded.
    pub first_recorded_at: Timestamp,
    /// How many streams there are of each kind that occurs, and how many events they have.
    pub kinds: Vec<KindCount>,
}

/// The streams of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindCount {
    /// Which.
    pub kind: StreamKind,
    /// How many streams.
    pub streams: u64,
    /// How many events they have together.
    pub events: u64,
}

/// The first thing that is wrong.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// In the log's bytes.
    #[error("the log is not whole")]
    Log(#[from] ReadError),
    /// The log ends before what was durable, or has other events there.
    #[error("the log does not agree with its witness at position {position}")]
    Witness {
        /// Where.
        position: GlobalPosition,
    },
    /// The witness cannot be read.
    #[error("the witness could not be read")]
    WitnessUnreadable(#[from] WitnessError),
    /// The index says something else.
    #[error(
        "the index does not agree with the log at position {position}: {what}; delete the index, \
         it is made anew at the next start"
    )]
    Index {
        /// Where.
        position: GlobalPosition,
        /// What it says.
        what: String,
    },
    /// The directory cannot be used.
    #[error("the data directory cannot be verified")]
    Directory(#[from] DirectoryError),
    /// The copy could not be opened.
    #[error("a copy of the log could not be opened; the log is damaged")]
    Store(#[from] StoreError),
    /// The copy could not be made.
    #[error("the log could not be copied to {path}; give a directory with enough room")]
    Copy {
        /// Where to.
        path: std::path::PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// How far a verification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyProgress {
    /// Events that were verified.
    pub position: GlobalPosition,
    /// Events that there are, as far as is known.
    pub total: GlobalPosition,
}

/// Verifies an open log up to its head of now, index included.
///
/// # Errors
/// The first fault.
pub fn verify(
    log: &SledLog,
    progress: &mut dyn FnMut(VerifyProgress),
) -> Result<VerifyReport, VerifyError> {
    let head = log.head();
    let mut checks = Checks::new();
    while checks.next <= head.position {
        let frame = log.frame_holding(checks.next)?;
        checks.frame(&frame, |append, record| agrees(log, append, record))?;
        progress(VerifyProgress { position: checks.last(), total: head.position });
    }
    let report = checks.report()?;
    // Nothing may be in the index that is not in the log. More may have been appended meanwhile.
    let (events, commands) = log.index().counts();
    let now = log.head().position.get();
    if events < report.events || commands < report.appends || events > now.max(report.events) {
        let what = format!("it has {events} events and {commands} commands");
        return Err(VerifyError::Index { position: report.head.position, what });
    }
    Ok(report)
}

/// Verifies a directory that no server uses, on a copy of its log below `scratch`.
///
/// # Errors
/// The first fault, or why the copy could not be made.
pub fn verify_directory(
    directory: &Path,
    scratch: &Path,
    progress: &mut dyn FnMut(VerifyProgress),
) -> Result<VerifyReport, VerifyError> {
    // Taken, so that no server writes while it is copied.
    let directory = DataDirectory::take_existing(directory)?;
    directory.format()?;
    let seen = Witness::read(&directory.witness())?;
    let copy = scratch.join(format!("verify-{}", std::process::id()));
    let result = copy_files(&directory.log(), &copy)
        .map_err(|source| VerifyError::Copy { path: copy.clone(), source })
        .and_then(|()| verify_store(&copy, seen, progress));
    if let Err(error) = std::fs::remove_dir_all(&copy) {
        tracing::warn!(path = %copy.display(), %error, "the copy could not be removed");
    }
    result
}

fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_files(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn verify_store(
    copy: &Path,
    seen: Option<Seen>,
    progress: &mut dyn FnMut(VerifyProgress),
) -> Result<VerifyReport, VerifyError> {
    let store = FrameStore::open(copy, COPY_CACHE_BYTES, Arc::new(SyncData))?;
    verify_frames(&store, seen, progress)
}

/// Verifies all frames of a store, and that what a witness saw is among them.
pub(crate) fn verify_frames(
    store: &FrameStore,
    seen: Option<Seen>,
    progress: &mut dyn FnMut(VerifyProgress),
) -> Result<VerifyReport, VerifyError> {
    let read = |error| store_failed("reading the frames of a log", error);
    let mut total = seen.map_or(GlobalPosition::FIRST, |seen| seen.durable);
    let mut checks = Checks::new();
    let mut at = 0;
    while let Some((key, bytes)) = store.after(at).map_err(read)? {
        if key != checks.next.get() {
            return Err(missing(checks.next).into());
        }
        let frame = decode(key, bytes)?;
        checks.frame(&frame, |_, record| {
            let chain = seen.filter(|seen| seen.durable == record.position);
            Ok(chain.map(|seen| seen.chain))
        })?;
        at = key;
        total = total.max(checks.last());
        progress(VerifyProgress { position: checks.last(), total });
    }
    let report = checks.report()?;
    match seen {
        Some(seen) if seen.durable > report.head.position => {
            Err(VerifyError::Witness { position: report.head.position })
        }
        _ => Ok(report),
    }
}

/// What the index says of a record and its append.
fn agrees(
    log: &SledLog,
    append: &AppendView<'_>,
    record: &RecordView<'_>,
) -> Result<Option<ChainHash>, VerifyError> {
    let before = StreamVersion::new(record.version.get() - 1);
    let found = log.index().positions(record.stream, before, 1).map_err(index_fault)?;
    if found.first() != Some(&(record.version, record.position)) {
        let what = format!("{} version {} is elsewhere", record.stream, record.version);
        return Err(VerifyError::Index { position: record.position, what });
    }
    if record.position == append.first {
        let hash = command_hash(&append.header.command);
        let found = log.index().command(&hash).map_err(index_fault)?;
        if found != Some(append.first) {
            let what = format!("command {} is elsewhere", append.header.command);
            return Err(VerifyError::Index { position: record.position, what });
        }
    }
    Ok(None)
}

fn index_fault(error: crate::IndexError) -> VerifyError {
    VerifyError::Index { position: GlobalPosition::ZERO, what: error.to_string() }
}

/// What a whole log is checked for, frame by frame in order.
pub(crate) struct Checks {
    pub(crate) next: GlobalPosition,
    pub(crate) chain: ChainHash,
    pub(crate) recorded_at: Timestamp,
    first_recorded_at: Option<Timestamp>,
    versions: HashMap<StreamId, StreamVersion>,
    appends: u64,
    frames: u64,
    frame_bytes: u64,
}

impl Checks {
    /// Before the first frame.
    pub(crate) fn new() -> Self {
        Self {
            next: GlobalPosition::FIRST,
            chain: ChainHash::start(),
            recorded_at: Timestamp::MIN,
            first_recorded_at: None,
            versions: HashMap::new(),
            appends: 0,
            frames: 0,
            frame_bytes: 0,
        }
    }

    fn last(&self) -> GlobalPosition {
        GlobalPosition::new(self.next.get() - 1)
    }

    /// Checks a frame; `each` may say which chain value a record must lead to.
    pub(crate) fn frame(
        &mut self,
        frame: &StoredFrame,
        mut each: impl FnMut(&AppendView<'_>, &RecordView<'_>) -> Result<Option<ChainHash>, VerifyError>,
    ) -> Result<(), VerifyError> {
        let key = frame.first.get();
        if frame.first != self.next {
            return Err(missing(self.next).into());
        }
        if frame.chain_before != self.chain {
            return Err(damaged(frame.first, key, "its chain does not continue".into()).into());
        }
        for append in frame.checked_appends() {
            let append = append.map_err(|fault| damaged(self.next, key, fault))?;
            let fault = |what: &'static str| damaged(append.first, key, what.into());
            if append.recorded_at < self.recorded_at {
                return Err(fault("a recorded time goes back").into());
            }
            self.recorded_at = append.recorded_at;
            self.first_recorded_at.get_or_insert(append.recorded_at);
            for record in &append.records {
                let version = self.versions.entry(record.stream).or_default();
                *version = version.next();
                if record.version != *version {
                    return Err(damaged(record.position, key, "a version has a gap".into()).into());
                }
                append.check_shape(record)?;
                self.chain = self.chain.then(record.bytes);
                if each(&append, record)?.is_some_and(|chain| chain != self.chain) {
                    return Err(VerifyError::Witness { position: record.position });
                }
            }
            self.appends += 1;
        }
        if frame.chain != self.chain {
            return Err(damaged(frame.first, key, "its chain is broken".into()).into());
        }
        self.frames += 1;
        self.frame_bytes += frame.len() as u64;
        self.next = frame.last.next();
        Ok(())
    }

    fn report(self) -> Result<VerifyReport, VerifyError> {
        let first_recorded_at =
            self.first_recorded_at.ok_or_else(|| missing(GlobalPosition::FIRST))?;
        let mut kinds: Vec<KindCount> = Vec::new();
        for (stream, version) in &self.versions {
            let events = version.get();
            match kinds.iter_mut().find(|count| count.kind == stream.kind()) {
                Some(count) => {
                    count.streams += 1;
                    count.events += events;
                }
                None => kinds.push(KindCount { kind: stream.kind(), streams: 1, events }),
            }
        }
        kinds.sort_by_key(|count| count.kind);
        Ok(VerifyReport {
            events: self.last().get(),
            appends: self.appends,
            frames: self.frames,
            frame_bytes: self.frame_bytes,
            head: Head { position: self.last(), chain: self.chain, recorded_at: self.recorded_at },
            first_recorded_at,
            kinds,
        })
    }
}

/// What a log has, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogStat {
    /// The last event.
    pub head: Head,
    /// When the first event was recorded.
    pub first_recorded_at: Timestamp,
    /// How many appends there are.
    pub appends: u64,
    /// Bytes on the disk, of the log alone.
    pub disk_bytes: u64,
    /// Bytes that are free on that disk.
    pub free_bytes: u64,
}

/// Counts what a log has, without reading it.
///
/// # Errors
/// When the index or the disk cannot be asked.
pub fn stat(log: &SledLog) -> Result<LogStat, ReadError> {
    let asked =
        |source: std::io::Error| ReadError::Store { doing: "measuring it", source: source.into() };
    let head = log.head();
    let first = log.read(GlobalPosition::ZERO, 1)?;
    let (_, appends) = log.index().counts();
    Ok(LogStat {
        head,
        first_recorded_at: first.first().map_or(head.recorded_at, |event| event.recorded_at),
        appends,
        disk_bytes: disk_bytes(&log.log_directory()).map_err(asked)?,
        free_bytes: log.free_bytes().map_err(asked)?,
    })
}

fn disk_bytes(directory: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(directory)? {
        let metadata = entry?.metadata()?;
        if metadata.is_file() {
            use std::os::unix::fs::MetadataExt;
            bytes += metadata.blocks() * 512;
        }
    }
    Ok(bytes)
}
