//! A data directory of a backup.

use std::path::{Path, PathBuf};

use domain::Epoch;

use super::backup::{BackupError, lock};
use super::import::{ImportError, follow, take_part};
use super::manifest::{Manifest, ManifestError, write_whole};
use super::part::PartError;
use super::reading::PartReader;
use super::rebuild::{Rebuild, RebuildError, RebuildOptions, Rebuilt, Ring};
use crate::VerifyProgress;
use crate::keys::{KeyNumber, KeyRingError, MasterKey, RingFile, RingSlots, SLOT_BYTES};

/// The highest epoch that was opened from a backup, so that two restores never open the same.
const EPOCH_FILE: &str = "EPOCH";

/// A log that was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// What it is now.
    pub rebuilt: Rebuilt,
    /// When the backup was made.
    pub taken_at: domain::Timestamp,
    /// Keys of the backup that stayed destroyed because the newer ring says so.
    pub erased_since: u64,
    /// Whether the backup could take note of the epoch. Otherwise another restore of it would open
    /// the same one.
    pub epoch_noted: bool,
}

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is no backup.
    #[error("{path} is no backup, or its first run did not end")]
    NotABackup {
        /// The directory.
        path: PathBuf,
    },
    /// A run of the backup is at work.
    #[error("a run of the backup writes to {path}; wait for it")]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// Its manifest.
    #[error("the backup does not say what it has")]
    Manifest(#[from] ManifestError),
    /// Its segments, or the new directory.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The note of the last epoch.
    #[error("{path} does not say an epoch; write the last one there, as `epoch N`")]
    EpochFile {
        /// The file.
        path: PathBuf,
    },
}

impl From<RebuildError> for RestoreError {
    fn from(error: RebuildError) -> Self {
        Self::Import(error.into())
    }
}

impl From<PartError> for RestoreError {
    fn from(error: PartError) -> Self {
        Self::Import(error.into())
    }
}

impl From<KeyRingError> for RestoreError {
    fn from(error: KeyRingError) -> Self {
        RebuildError::from(error).into()
    }
}

/// Makes a data directory of a backup, and opens an epoch in it that was never opened from this
/// backup before. Keys that `newer_ring`, a later key ring of the same log, has destroyed stay
/// destroyed.
///
/// # Errors
/// When the backup is damaged, the directory holds a log, or the master key is not that of the
/// keys. Nothing is left behind then.
pub fn restore(
    backup: &Path,
    directory: &Path,
    master_key: &MasterKey,
    newer_ring: Option<&Path>,
    options: &RebuildOptions,
    progress: &mut dyn FnMut(VerifyProgress),
) -> Result<Restored, RestoreError> {
    // A run at the same time would exchange the key ring. What cannot be written cannot be run.
    let _lock = match lock(backup) {
        Err(BackupError::InUse { path }) => return Err(RestoreError::InUse { path }),
        other => other.ok(),
    };
    let manifest = Manifest::read(backup)?
        .filter(|manifest| !manifest.segments.is_empty())
        .ok_or_else(|| RestoreError::NotABackup { path: backup.to_path_buf() })?;
    let given_out = read_epoch(backup)?;
    let files: Vec<_> = manifest.segments.iter().map(|segment| segment.path(backup)).collect();
    let mut headers = Vec::with_capacity(files.len());
    for (file, segment) in files.iter().zip(&manifest.segments) {
        let part = PartReader::open(file)?;
        let header = *part.header();
        let said = (segment.first, segment.last, segment.chain, manifest.identity.log_id);
        if (header.first, header.last, header.chain, header.identity.log_id) != said {
            return Err(part.damaged(0, "it is not the one that the manifest names").into());
        }
        headers.push(header);
    }
    follow(&files, &headers)?;
    let mut rebuild = Rebuild::begin(directory)?;
    let (ring, erased_since) =
        copy_ring(&manifest, backup, master_key, newer_ring, &rebuild.ring_path())?;
    for file in &files {
        take_part(PartReader::open(file)?, &mut rebuild, None, manifest.end().0, progress)?;
    }
    let asked =
        options.epoch.or_else(|| given_out.map(|given| given.next().max(rebuild.epoch().next())));
    let epoch = asked.unwrap_or(rebuild.epoch().next());
    // Before the directory counts: an epoch that was perhaps opened is never opened again.
    let highest = given_out.map_or(epoch, |given| given.max(epoch));
    let epoch_noted = match write_whole(&backup.join(EPOCH_FILE), &format!("epoch {highest}\n")) {
        Ok(()) => true,
        Err((doing, path, error)) => {
            tracing::warn!(path = %path.display(), %error, doing, "the epoch was not noted");
            false
        }
    };
    let options = RebuildOptions { epoch: Some(epoch), ..options.clone() };
    let rebuilt = rebuild.finish(Ring::Copied(ring), &options, progress)?;
    Ok(Restored { rebuilt, taken_at: manifest.taken_at, erased_since, epoch_noted })
}

fn copy_ring(
    manifest: &Manifest,
    backup: &Path,
    master_key: &MasterKey,
    newer: Option<&Path>,
    to: &Path,
) -> Result<(RingFile, u64), RestoreError> {
    let path = manifest.ring_path(backup);
    let from = RingSlots::open(&path)?;
    let newer = newer.map(RingSlots::open).transpose()?;
    let mut ring = RingFile::create(to, &from.header()?, Some(master_key))?;
    let mut erased = 0;
    let at_once = 1024;
    let mut next = 1;
    while next <= manifest.keys.0 {
        let count = (manifest.keys.0 + 1 - next).min(at_once);
        let mut lost = Vec::new();
        let slots = from.slots(next, count as usize, &mut lost)?;
        if let Some(KeyNumber(number)) = lost.first() {
            let (number, what) = (*number, "it does not read");
            return Err(KeyRingError::Damaged { path, number, what }.into());
        }
        debug_assert_eq!(slots.len(), count as usize * SLOT_BYTES);
        match &newer {
            Some(newer) => erased += ring.push_unless_erased(&slots, newer)?,
            None => ring.push(&slots)?,
        }
        next += count;
    }
    Ok((ring, erased))
}

fn read_epoch(backup: &Path) -> Result<Option<Epoch>, RestoreError> {
    let path = backup.join(EPOCH_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let number = text.trim_end().strip_prefix("epoch ").and_then(|n| n.parse().ok());
            let epoch = number.map(Epoch::new).ok_or(RestoreError::EpochFile { path })?;
            Ok(Some(epoch))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ManifestError::Io { doing: "read", path, source }.into()),
    }
}
