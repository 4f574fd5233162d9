//! Frames in sled, and what makes them survive a power cut.
//!
//! sled's `flush` hands bytes to the disk without waiting for it to keep them, so a sync on an own
//! handle of its file follows. Its panics become errors; after one the store is not to be used
//! again. No frame is ever large enough for a file under `blobs/`, which sled never syncs.

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::GlobalPosition;
use sled::IVec;

use crate::frame::EncodedFrame;

/// A tree page above a quarter of this goes to a file that is never synced.
const SEGMENT_BYTES: usize = 8 * 1024 * 1024;

/// How the log's file is made to survive a power cut. A port for tests: one makes it fail, and
/// the power-cut harness leaves it out to prove that it would notice.
pub trait SyncPolicy: Send + Sync + 'static {
    /// Returns once the file's bytes survive a power cut.
    ///
    /// # Errors
    /// When they may not; the log refuses writes from then on.
    fn sync(&self, file: &File) -> io::Result<()>;
}

/// What everything but tests uses.
#[derive(Debug, Clone, Copy, Default)]
pub struct SyncData;

impl SyncPolicy for SyncData {
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }
}

/// Why the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// sled refused.
    #[error("sled could not {doing}")]
    Sled {
        /// What was attempted.
        doing: &'static str,
        /// What sled said.
        #[source]
        source: sled::Error,
    },
    /// sled panicked, as it does on damaged bytes.
    #[error("sled panicked while it was to {doing}: {message}")]
    Panicked {
        /// What was attempted.
        doing: &'static str,
        /// What it said.
        message: String,
    },
    /// The file system refused.
    #[error("could not {doing} {path}")]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// sled put something into files of its own, which it never syncs.
    #[error("{path} holds blob files, which sled does not sync; restore a backup")]
    Blobs {
        /// The directory.
        path: PathBuf,
    },
}

/// sled, holding frames by their first position.
pub(crate) struct FrameStore {
    db: sled::Db,
    file: File,
    sync: Arc<dyn SyncPolicy>,
    blobs: PathBuf,
}

impl FrameStore {
    /// Opens the store in this directory, or makes an empty one.
    pub(crate) fn open(
        directory: &Path,
        cache_bytes: u64,
        sync: Arc<dyn SyncPolicy>,
    ) -> Result<Self, StoreError> {
        let blobs = directory.join("blobs");
        refuse_blobs(&blobs)?;
        clear_half_made(directory)?;
        let db = guarded("open its directory", || {
            sled::Config::new()
                .path(directory)
                .segment_size(SEGMENT_BYTES)
                .cache_capacity(cache_bytes)
                .flush_every_ms(None)
                .mode(sled::Mode::HighThroughput)
                .open()
        })?;
        let path = directory.join("db");
        let io = |doing| {
            let path = path.clone();
            move |source| StoreError::Io { doing, path, source }
        };
        let file = File::open(&path).map_err(io("open"))?;
        File::open(directory)
            .and_then(|dir| dir.sync_all())
            .map_err(io("sync the directory of"))?;
        Ok(Self { db, file, sync, blobs })
    }

    /// Makes these frames durable, all or none.
    pub(crate) fn commit(&self, frames: Vec<EncodedFrame>) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for frame in frames {
            batch.insert(&frame.first.get().to_be_bytes(), frame.bytes);
        }
        guarded("write", || self.db.apply_batch(batch))?;
        self.make_durable()
    }

    /// Makes everything that was written durable.
    pub(crate) fn make_durable(&self) -> Result<(), StoreError> {
        guarded("flush", || self.db.flush())?;
        self.sync.sync(&self.file).map_err(|source| StoreError::Io {
            doing: "sync",
            path: "log/db".into(),
            source,
        })
    }

    /// The last frame that starts at or before this position.
    pub(crate) fn at_or_before(
        &self,
        position: GlobalPosition,
    ) -> Result<Option<(u64, IVec)>, StoreError> {
        let key = position.get().to_be_bytes();
        // Who reads on asks for a frame's first position, and sled answers that much faster.
        if let Some(bytes) = guarded("read", || self.db.get(key))? {
            return Ok(Some((position.get(), bytes)));
        }
        guarded("read", || self.db.range(..key).next_back().transpose()).map(|e| e.map(keyed))
    }

    /// The first frame that starts after this position.
    pub(crate) fn after(&self, position: u64) -> Result<Option<(u64, IVec)>, StoreError> {
        guarded("read", || self.db.get_gt(position.to_be_bytes())).map(|entry| entry.map(keyed))
    }

    /// Removes frames; durable only after [`FrameStore::make_durable`].
    pub(crate) fn remove(&self, firsts: &[u64]) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for first in firsts {
            batch.remove(&first.to_be_bytes());
        }
        guarded("remove", || self.db.apply_batch(batch))
    }

    /// Finds blob files, which must never be there.
    pub(crate) fn refuse_blobs(&self) -> Result<(), StoreError> {
        refuse_blobs(&self.blobs)
    }
}

/// A key of another length is no frame's; it sorts first and is found when it is decoded.
fn keyed((key, value): (IVec, IVec)) -> (u64, IVec) {
    (key.as_ref().try_into().map_or(0, u64::from_be_bytes), value)
}

/// Removes what a process left that was killed while sled opened the directory, and what sled takes
/// for damage the next time (spacejam/sled issues 1527 and 1533):
///
/// - `snap.*.generating`, a snapshot that was never renamed to its name. Until it is, the one
///   before it is kept, and sled reads the log on from there.
/// - `conf` without `db`, which is made after it: nothing was ever stored here.
fn clear_half_made(directory: &Path) -> Result<(), StoreError> {
    let io = |doing, path: &Path| {
        let path = path.to_path_buf();
        move |source| StoreError::Io { doing, path, source }
    };
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(io("list", directory))?,
    };
    for entry in entries {
        let path = entry.map_err(io("list", directory))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let snapshot = name.starts_with("snap.") && name.ends_with(".generating");
        let settings = name == "conf" && !directory.join("db").exists();
        if snapshot || settings {
            std::fs::remove_file(&path).map_err(io("remove", &path))?;
            tracing::info!(path = %path.display(), "removed what a killed process left half made");
        }
    }
    Ok(())
}

fn refuse_blobs(blobs: &Path) -> Result<(), StoreError> {
    match std::fs::read_dir(blobs) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(StoreError::Blobs { path: blobs.to_path_buf() }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(StoreError::Io { doing: "list", path: blobs.to_path_buf(), source }),
    }
}

fn guarded<T>(
    doing: &'static str,
    call: impl FnOnce() -> Result<T, sled::Error>,
) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|source| StoreError::Sled { doing, source }),
        Err(panic) => {
            let message = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                .unwrap_or_default();
            Err(StoreError::Panicked { doing, message })
        }
    }
}
