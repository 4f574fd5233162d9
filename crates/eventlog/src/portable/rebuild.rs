//! Making a data directory of frames: checked like a verification on the way in, read back before
//! it counts, with a new epoch at its end.
//!
//! Until it is finished the directory says so, and a second try starts over; one that fails takes
//! everything away again. Index and snapshots are not made: the first start makes them.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{Epoch, Event, GlobalPosition, LogEvent, StreamId, StreamVersion};
use sled::IVec;

use crate::codec::{AppendView, RecordView, Wanted};
use crate::frame::{EncodedFrame, Frame};
use crate::keys::{
    FileKeyRing, KeyNumber, KeyRingError, MasterKey, MemoryKeyRing, RandomPool, RingFile, RingTally,
};
use crate::sled_log::{
    DataDirectory, DirectoryError, FrameStore, OpenError, StoreError, SyncData, UNFINISHED,
    damaged, write_own,
};
use crate::verify::{Checks, verify_frames};
use crate::witness::{Seen, Witness, WitnessError};
use crate::{ChainHash, Clock, Head, LogIdentity, VerifyError, VerifyProgress, log_events};

/// Frames are made durable this many bytes at a time.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// sled's cache while a log is brought back.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// How a log is brought back.
#[derive(Clone)]
pub struct RebuildOptions {
    /// Tells when.
    pub clock: Arc<dyn Clock>,
    /// The new epoch, where it is to be a higher one than the next.
    pub epoch: Option<Epoch>,
}

impl std::fmt::Debug for RebuildOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RebuildOptions").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// A log that was brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// Which log, in its new epoch.
    pub identity: LogIdentity,
    /// The last position that it had before.
    pub kept: GlobalPosition,
    /// The chain's value there.
    pub kept_chain: ChainHash,
    /// Its last event, which opens the epoch.
    pub head: Head,
    /// The keys of its ring.
    pub keys: RingTally,
}

/// Why a log was not brought back.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// There is something already.
    #[error("{path} holds a log already; name a data directory that is empty or not there")]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// What comes is not a whole log.
    #[error("what is to be brought back is not whole")]
    Log(#[source] VerifyError),
    /// What was written does not read back.
    #[error("what was written does not read back; is the disk sound?")]
    ReadBack(#[source] VerifyError),
    /// There was no event at all.
    #[error("it begins without the log's own creation")]
    NoIdentity,
    /// An epoch never comes again.
    #[error("epoch {asked} does not come after {last}, the log's last; name a higher one")]
    Epoch {
        /// What was asked for.
        asked: Epoch,
        /// The log's last.
        last: Epoch,
    },
    /// The directory cannot be used.
    #[error("the new data directory cannot be used")]
    Directory(#[from] DirectoryError),
    /// The frames could not be stored.
    #[error("the log could not be stored")]
    Store(#[from] StoreError),
    /// The keys could not be brought back.
    #[error("the keys could not be brought back")]
    Keys(#[from] KeyRingError),
    /// The epoch could not be recorded.
    #[error("the new epoch could not be recorded")]
    OwnEvent(#[source] Box<OpenError>),
    /// The witness could not be written.
    #[error("the witness could not be written")]
    Witness(#[from] WitnessError),
}

/// What the new directory has for a key ring.
pub(crate) enum Ring {
    /// One that was copied.
    Copied(RingFile),
    /// None was given: all keys up to this number are gone.
    Without(KeyNumber, MasterKey),
}

/// A data directory that is being made.
pub(crate) struct Rebuild {
    directory: DataDirectory,
    /// Taken only while it is dropped.
    store: Option<FrameStore>,
    checks: Checks,
    /// The last frame's end that was whole.
    kept: Head,
    own: Own,
    /// For the log's own events, in which nothing is sealed.
    none: MemoryKeyRing,
    batch: Vec<EncodedFrame>,
    batch_bytes: usize,
    finished: bool,
}

/// What is known from the log's own stream, and of keys.
#[derive(Clone, Copy)]
struct Own {
    log_id: Option<u128>,
    epoch: Epoch,
    version: StreamVersion,
    /// The highest number that anything was sealed with.
    keys: KeyNumber,
}

impl Rebuild {
    /// Begins a directory, which holds no log yet.
    pub(crate) fn begin(path: &Path) -> Result<Self, RebuildError> {
        let directory = DataDirectory::take(path)?;
        let unfinished = path.join(UNFINISHED);
        if path.join("FORMAT").exists() {
            return Err(RebuildError::NotEmpty { path: path.to_path_buf() });
        }
        if unfinished.exists() {
            clear(&directory)?;
        } else if made(&directory).iter().any(|path| path.exists()) {
            return Err(RebuildError::NotEmpty { path: path.to_path_buf() });
        }
        let io = |doing| {
            let path = unfinished.clone();
            move |source| DirectoryError::Io { doing, path, source }
        };
        std::fs::write(&unfinished, "a log is being brought back here\n").map_err(io("write"))?;
        directory.sync()?;
        let keys = directory.keys();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&keys)
            .map_err(|source| DirectoryError::Io { doing: "create", path: keys, source })?;
        let store = FrameStore::open(&directory.log(), CACHE_BYTES, Arc::new(SyncData))?;
        let checks = Checks::new();
        let kept = Head {
            position: GlobalPosition::ZERO,
            chain: checks.chain,
            recorded_at: checks.recorded_at,
        };
        let own = Own {
            log_id: None,
            epoch: Epoch::FIRST,
            version: StreamVersion::ZERO,
            keys: KeyNumber(0),
        };
        Ok(Self {
            directory,
            store: Some(store),
            checks,
            kept,
            own,
            none: MemoryKeyRing::new(&MasterKey::from_bytes([0; 32])),
            batch: Vec::new(),
            batch_bytes: 0,
            finished: false,
        })
    }

    /// Where the key ring belongs.
    pub(crate) fn ring_path(&self) -> PathBuf {
        self.directory.ring()
    }

    /// Where frames are set aside.
    pub(crate) fn aside(&self) -> PathBuf {
        self.directory.cut()
    }

    /// The last position that was whole.
    pub(crate) const fn kept(&self) -> &Head {
        &self.kept
    }

    /// The highest key number that anything was sealed with.
    pub(crate) const fn keys(&self) -> KeyNumber {
        self.own.keys
    }

    /// The last epoch that was opened so far.
    pub(crate) const fn epoch(&self) -> Epoch {
        self.own.epoch
    }

    /// Takes the frame that comes next. After a fault nothing more can be taken; what was taken
    /// before can be kept.
    pub(crate) fn frame(&mut self, bytes: &[u8]) -> Result<(), RebuildError> {
        let next = self.kept.position.next();
        let fault = |error| RebuildError::Log(VerifyError::Log(error));
        let frame = Frame::decode(IVec::from(bytes))
            .map_err(|what| fault(damaged(next, next.get(), what)))?;
        let (mut own, none) = (self.own, &self.none);
        self.checks
            .frame(&frame, |append, record| {
                own.see(append, record, none)?;
                Ok(None)
            })
            .map_err(RebuildError::Log)?;
        self.own = own;
        self.kept =
            Head { position: frame.last, chain: frame.chain, recorded_at: self.checks.recorded_at };
        let (first, last, chain) = (frame.first, frame.last, frame.chain);
        self.batch_bytes += bytes.len();
        self.batch.push(EncodedFrame { bytes: bytes.to_vec(), first, last, chain });
        if self.batch_bytes >= BATCH_BYTES { self.store_batch() } else { Ok(()) }
    }

    fn store_batch(&mut self) -> Result<(), RebuildError> {
        self.batch_bytes = 0;
        let frames = std::mem::take(&mut self.batch);
        match &self.store {
            Some(store) if !frames.is_empty() => Ok(store.commit(frames)?),
            _ => Ok(()),
        }
    }

    /// Opens the new epoch and makes the directory one that can be served.
    pub(crate) fn finish(
        mut self,
        ring: Ring,
        options: &RebuildOptions,
        progress: &mut dyn FnMut(VerifyProgress),
    ) -> Result<Rebuilt, RebuildError> {
        let log_id = self.own.log_id.ok_or(RebuildError::NoIdentity)?;
        let last = self.own.epoch;
        let epoch = options.epoch.unwrap_or(last.next());
        if epoch <= last {
            return Err(RebuildError::Epoch { asked: epoch, last });
        }
        let identity = LogIdentity { log_id, epoch };
        let keys = self.finish_ring(ring)?;
        self.store_batch()?;
        let kept = self.kept;
        let head = {
            let random = RandomPool::new();
            let now = options.clock.now().max(kept.recorded_at);
            let append =
                log_events::epoch_raised(epoch, kept.position, self.own.version, now, &random)?;
            let store = self.store.take().ok_or(RebuildError::NoIdentity)?;
            let head = write_own(&store, &self.none, &random, &append, &kept)
                .map_err(|error| RebuildError::OwnEvent(Box::new(error)))?;
            let seen = Seen {
                identity,
                durable: head.position,
                chain: head.chain,
                attempted: head.position,
                keys: keys.last(),
            };
            verify_frames(&store, Some(seen), progress).map_err(RebuildError::ReadBack)?;
            store.refuse_blobs()?;
            drop(Witness::open(&self.directory.witness(), seen)?);
            head
        };
        self.directory.sync()?;
        self.directory.finish()?;
        self.finished = true;
        let unfinished = self.directory.path().join(UNFINISHED);
        let io = |source| DirectoryError::Io { doing: "remove", path: unfinished.clone(), source };
        std::fs::remove_file(&unfinished).map_err(io)?;
        Ok(Rebuilt { identity, kept: kept.position, kept_chain: kept.chain, head, keys })
    }

    fn finish_ring(&self, ring: Ring) -> Result<RingTally, RebuildError> {
        let path = self.ring_path();
        let tally = match ring {
            Ring::Copied(mut copy) => {
                copy.destroyed_until(self.own.keys)?;
                copy.finish()?
            }
            Ring::Without(last, master_key) => {
                FileKeyRing::open(&self.directory.keys(), &master_key)?;
                let mut ring = RingFile::fill(&path)?;
                ring.destroyed_until(last.max(self.own.keys))?;
                ring.finish()?
            }
        };
        File::open(self.directory.keys())
            .and_then(|keys| keys.sync_all())
            .map_err(|source| DirectoryError::Io { doing: "sync", path, source })?;
        Ok(tally)
    }
}

impl Drop for Rebuild {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        drop(self.store.take());
        let unfinished = self.directory.path().join(UNFINISHED);
        let cleared = clear(&self.directory);
        if let Err(error) = cleared.map(|()| std::fs::remove_file(&unfinished)) {
            let path = self.directory.path().display();
            tracing::warn!(%path, %error, "an unfinished data directory stays");
        }
    }
}

impl Own {
    fn see(
        &mut self,
        append: &AppendView<'_>,
        record: &RecordView<'_>,
        keys: &MemoryKeyRing,
    ) -> Result<(), VerifyError> {
        if let Some(sealed) = &record.sealed {
            self.keys = self.keys.max(sealed.key);
        }
        if record.stream != StreamId::LOG {
            return Ok(());
        }
        self.version = record.version;
        match append.event(record, keys, Wanted::Everything)?.event {
            Event::Log(LogEvent::LogCreated(created)) => {
                self.log_id = Some(created.log_id);
                self.epoch = created.epoch;
            }
            Event::Log(LogEvent::EpochRaised(raised)) => self.epoch = raised.epoch,
            _ => {}
        }
        Ok(())
    }
}

/// What a directory has once anything was brought back into it.
fn made(directory: &DataDirectory) -> [PathBuf; 4] {
    [directory.log(), directory.ring(), directory.witness(), directory.cut()]
}

/// Takes away what an unfinished try has left.
fn clear(directory: &DataDirectory) -> Result<(), DirectoryError> {
    for path in made(directory) {
        let removed = if path.is_dir() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(DirectoryError::Io { doing: "remove", path, source: error });
            }
            _ => {}
        }
    }
    Ok(())
}
