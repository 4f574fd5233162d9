//! A backup: parts of the log in a row, each written once, a copy of the key ring, and a manifest
//! that counts only once all of that is durable.
//!
//! A run adds what is new. One that ends in the middle, however it does, leaves the backup as its
//! last manifest says; what it left beside that is taken away by the next run. The ring is copied
//! anew each time, and the copy before is overwritten, so that an erasure reaches the backup with
//! the next run.

use std::collections::HashSet;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::ops::ControlFlow;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use domain::{GlobalPosition, Timestamp};
use rustix::fs::{FlockOperation, flock};

use super::export::{ExportError, copy_frame, copy_keys};
use super::manifest::{self, Manifest, ManifestError, Segment};
use super::part::{PartError, PartHeader};
use super::writing::{PartWriter, sync_parent};
use crate::keys::{KeyNumber, KeyRingError, RingFile, RingTally};
use crate::{ChainHash, EventLog, Head, LogIdentity, SledLog, VerifyProgress};

/// How a backup is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupOptions {
    /// When it is made.
    pub now: Timestamp,
    /// Events of one segment, give or take a frame. After each the backup is good up to there.
    pub segment_events_max: u64,
}

impl BackupOptions {
    /// The usual options: some hundred megabytes for a segment.
    pub const fn new(now: Timestamp) -> Self {
        Self { now, segment_events_max: 1_000_000 }
    }
}

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackedUp {
    /// Of which log.
    pub identity: LogIdentity,
    /// The last event that was in the backup before; zero: it is a new one.
    pub before: GlobalPosition,
    /// The last event that is in it now.
    pub head: Head,
    /// How many segments there are.
    pub segments: usize,
    /// Bytes of the segments that were added.
    pub added_bytes: u64,
    /// Bytes of all segments.
    pub bytes: u64,
    /// The keys that are in it.
    pub keys: RingTally,
}

/// Why a run did not come to its end. What was in the backup before still is.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something else.
    #[error(
        "{path} is not empty and is no backup; name an empty directory, or one that is not there"
    )]
    NotABackup {
        /// The directory.
        path: PathBuf,
    },
    /// Another run is at work.
    #[error("another run writes to {path}; wait for it")]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// It is a backup of something else.
    #[error(
        "{path} is a backup of log {found:032x}, not of this one; begin a backup in another \
         directory"
    )]
    OtherLog {
        /// The directory.
        path: PathBuf,
        /// The log that it is of.
        found: u128,
    },
    /// The log went another way since.
    #[error(
        "{path} has other events than the log up to position {position}, because the log was \
         brought back from an older state since; keep it, and begin a backup in another directory"
    )]
    OtherHistory {
        /// The directory.
        path: PathBuf,
        /// Where the backup ends.
        position: GlobalPosition,
    },
    /// A file of it is gone or was cut.
    #[error("{path} is not as the run before left it; begin a backup in another directory")]
    SegmentLost {
        /// The file.
        path: PathBuf,
    },
    /// The manifest.
    #[error("the backup does not say what it has")]
    Manifest(#[from] ManifestError),
    /// What is copied.
    #[error("the log could not be copied")]
    Copy(#[from] ExportError),
    /// The keys.
    #[error("the keys could not be copied")]
    Keys(#[from] KeyRingError),
    /// The file system refused.
    #[error("could not {doing} {path}")]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl From<PartError> for BackupError {
    fn from(error: PartError) -> Self {
        Self::Copy(error.into())
    }
}

/// Brings a backup up to what is durable now, or begins one. Appends go on meanwhile.
///
/// # Errors
/// When the directory is something else, a backup of another log or history, or cannot be written;
/// or when the log cannot be read. The backup is good up to its manifest in any case.
pub fn backup(
    log: &SledLog,
    directory: &Path,
    options: BackupOptions,
    progress: &mut dyn FnMut(VerifyProgress) -> ControlFlow<()>,
) -> Result<BackedUp, BackupError> {
    make_directory(directory)?;
    let _lock = lock(directory)?;
    let before = Manifest::read(directory)?;
    let identity = log.identity();
    match &before {
        Some(before) => check_continues(log, directory, before)?,
        None => refuse_others(directory)?,
    }
    for name in ["segments", "keys"] {
        make_directory(&directory.join(name))?;
    }
    remove_strays(directory, before.as_ref())?;
    let head = log.head();
    // Asked after the head, so that every key of its events is there.
    let last_key = log.keys().last_number();
    let old_ring = before.as_ref().map(|manifest| manifest.ring);
    let begun = before.as_ref().map_or(GlobalPosition::ZERO, |manifest| manifest.end().0);
    let segments = before.map(|manifest| manifest.segments).unwrap_or_default();
    let ring = old_ring.map_or(1, |number| number + 1);
    let mut manifest = Manifest { identity, taken_at: options.now, ring, keys: last_key, segments };
    let keys = copy_ring(log, last_key, &manifest.ring_path(directory))?;
    let mut added_bytes = 0;
    while manifest.end().0 < head.position {
        let segment =
            write_segment(log, directory, &manifest, head, options.segment_events_max, progress)?;
        added_bytes += segment.bytes;
        manifest.segments.push(segment);
        manifest.write(directory)?;
    }
    // Also without anything new: the ring may have lost keys since.
    if added_bytes == 0 {
        manifest.write(directory)?;
    }
    if let Some(number) = old_ring {
        overwrite_and_remove(&manifest::ring_path(directory, number))?;
    }
    Ok(BackedUp {
        identity,
        before: begun,
        head,
        segments: manifest.segments.len(),
        added_bytes,
        bytes: manifest.segments.iter().map(|segment| segment.bytes).sum(),
        keys,
    })
}

fn check_continues(log: &SledLog, directory: &Path, before: &Manifest) -> Result<(), BackupError> {
    let found = before.identity.log_id;
    if found != log.identity().log_id {
        return Err(BackupError::OtherLog { path: directory.to_path_buf(), found });
    }
    let (position, chain) = before.end();
    let same = position <= log.head().position
        && before.identity.epoch <= log.identity().epoch
        && log.chain_at(position).map_err(ExportError::from)? == chain;
    if !same {
        return Err(BackupError::OtherHistory { path: directory.to_path_buf(), position });
    }
    for segment in &before.segments {
        let path = segment.path(directory);
        let there = std::fs::metadata(&path).map(|metadata| metadata.len());
        if !there.is_ok_and(|bytes| bytes == segment.bytes) {
            return Err(BackupError::SegmentLost { path });
        }
    }
    Ok(())
}

/// Only what a first run can have left may be there.
fn refuse_others(directory: &Path) -> Result<(), BackupError> {
    for name in names(directory)? {
        let ours = ["lock", "segments", "keys", "MANIFEST.new"].iter().any(|own| name == *own);
        if !ours {
            return Err(BackupError::NotABackup { path: directory.to_path_buf() });
        }
    }
    Ok(())
}

/// Takes away what no manifest knows, which a run that did not end has left.
fn remove_strays(directory: &Path, before: Option<&Manifest>) -> Result<(), BackupError> {
    let mut known = HashSet::new();
    if let Some(manifest) = before {
        known.insert(manifest.ring_path(directory));
        known.extend(manifest.segments.iter().map(|segment| segment.path(directory)));
    }
    for (name, ending) in [("segments", &[".part", ".unfinished"][..]), ("keys", &[".ring"][..])] {
        for file in names(&directory.join(name))? {
            let path = directory.join(name).join(&file);
            let ours = ending.iter().any(|ending| file.to_string_lossy().ends_with(ending));
            if ours && !known.contains(&path) {
                overwrite_keys_and_remove(&path, name == "keys")?;
            }
        }
    }
    Ok(())
}

fn overwrite_keys_and_remove(path: &Path, keys: bool) -> Result<(), BackupError> {
    if keys {
        return overwrite_and_remove(path);
    }
    std::fs::remove_file(path).map_err(io("remove", path))
}

fn write_segment(
    log: &SledLog,
    directory: &Path,
    manifest: &Manifest,
    head: Head,
    events_max: u64,
    progress: &mut dyn FnMut(VerifyProgress) -> ControlFlow<()>,
) -> Result<Segment, BackupError> {
    let (end, chain_before) = manifest.end();
    let first = end.next();
    let wanted = first.plus(events_max.max(1) - 1).min(head.position);
    // A segment ends where a frame does.
    let closing = log.frame_holding(wanted).map_err(ExportError::from)?;
    let (last, chain) = (closing.last, closing.chain);
    drop(closing);
    let header = PartHeader {
        identity: manifest.identity,
        first,
        last,
        chain_before,
        chain,
        keys: manifest.keys,
        with_keys: false,
    };
    let segment = Segment { first, last, chain, bytes: 0 };
    let mut part = PartWriter::create(&segment.path(directory), header)?;
    let mut at: (GlobalPosition, ChainHash) = (first, chain_before);
    while at.0 <= last {
        at = copy_frame(log, at, &mut part)?;
        let position = GlobalPosition::new(at.0.get() - 1);
        if progress(VerifyProgress { position, total: head.position }).is_break() {
            return Err(ExportError::BrokenOff.into());
        }
    }
    Ok(Segment { bytes: part.finish()?, ..segment })
}

fn copy_ring(log: &SledLog, last: KeyNumber, to: &Path) -> Result<RingTally, BackupError> {
    let mut ring = None;
    copy_keys(log, last, &mut |first, slots, _| {
        match &mut ring {
            Some(ring) => RingFile::push(ring, slots)?,
            none if first == 0 => *none = Some(RingFile::create(to, slots, None)?),
            _ => {}
        }
        Ok(())
    })?;
    let tally = ring.map(RingFile::finish).transpose()?.unwrap_or_default();
    sync_parent(to).map_err(io("sync the directory of", to))?;
    Ok(tally)
}

/// Removes a copy of the keys, and before that what it says: keys that were destroyed since are
/// still in it.
fn overwrite_and_remove(path: &Path) -> Result<(), BackupError> {
    let overwrite = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        let mut left = file.metadata()?.len();
        let zeros = [0; 16 * 1024];
        while left > 0 {
            let now = left.min(zeros.len() as u64);
            file.write_all(&zeros[..now as usize])?;
            left -= now;
        }
        file.sync_all()?;
        std::fs::remove_file(path)?;
        sync_parent(path)
    };
    match overwrite() {
        // A run that ended here has removed it already.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        done => done.map_err(io("overwrite", path)),
    }
}

fn make_directory(path: &Path) -> Result<(), BackupError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io("create", path))
}

/// Held while a run or a restore is at work.
pub(super) fn lock(directory: &Path) -> Result<File, BackupError> {
    let path = directory.join("lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(io("open", &path))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => {
            Err(BackupError::InUse { path: directory.to_path_buf() })
        }
        Err(errno) => Err(io("lock", &path)(errno.into())),
    }
}

fn names(directory: &Path) -> Result<Vec<std::ffi::OsString>, BackupError> {
    let entries = std::fs::read_dir(directory).map_err(io("list", directory))?;
    let names: Result<_, _> = entries.map(|entry| Ok(entry?.file_name())).collect();
    names.map_err(io("list", directory))
}

fn io<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> BackupError + 'a {
    move |source| BackupError::Io { doing, path: path.to_path_buf(), source }
}
