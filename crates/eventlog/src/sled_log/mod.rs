//! The log on disk: frames in sled, made durable by one writer thread.
//!
//! `directory` is what lies where; `store` is sled and the sync that it lacks; `frames` reads;
//! `tail` checks the end at open and `opening` puts it all together; `writer` commits. Left out
//! on purpose: nothing else lives in sled, because its batches take a lock of the whole process,
//! and its subscriptions block writers.

mod directory;
mod frames;
mod measures;
mod opening;
mod store;
mod tail;
mod writer;

use std::sync::Arc;
use std::thread::JoinHandle;

use domain::{CommandId, GlobalPosition, StreamId, StreamVersion, Timestamp};
use parking_lot::{Condvar, Mutex};
use tokio::sync::watch;

use crate::admission::{self, Admission, Lookup, QueueLimits, refuse_log_stream};
use crate::codec::{self, Wanted, command_hash};
use crate::index::{Index, IndexError};
use crate::keys::{KeyRing, KeyRingError, RandomPool};
use crate::{
    Append, Appended, ChainHash, Clock, EventLog, Fingerprint, Head, KnownCommand, LogIdentity,
    PendingAppend, ReadError, RecordedEvent, SubmitError,
};

pub use self::measures::{DiskBytes, LogNumbers};
pub use directory::{DIRECTORY_FORMAT, DirectoryError};
pub(crate) use directory::{DataDirectory, UNFINISHED};
pub(crate) use frames::{StoredFrame, damaged, decode, missing, store_failed};
pub(crate) use opening::write_own;
pub use opening::{IndexState, LostWitness, OpenError, OpenOptions, OpenReport};
pub(crate) use store::FrameStore;
pub use store::{StoreError, SyncData, SyncPolicy};
pub use tail::{Cut, TailError};

/// What the log shares with its writer thread.
struct Shared {
    identity: LogIdentity,
    clock: Arc<dyn Clock>,
    keys: Arc<dyn KeyRing>,
    random: RandomPool,
    admission: Mutex<Admission>,
    /// Something was queued, or the log was closed.
    queued: Condvar,
    frames: frames::Frames,
    index: Index,
    head: Mutex<Head>,
    durable: watch::Sender<GlobalPosition>,
    counters: measures::Counters,
}

/// The log on disk. Dropping it closes it.
pub struct SledLog {
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// Dropped last, so that nobody else opens the directory before all of it is closed.
    directory: DataDirectory,
}

impl SledLog {
    /// Opens the log in a data directory, or makes a new one.
    ///
    /// # Errors
    /// When anything in the directory is not as it should be; the error says what to do.
    pub fn open(options: &OpenOptions) -> Result<(Self, OpenReport), OpenError> {
        let opened = opening::open(options).map_err(|error| error.on_disk_of(&options.dir))?;
        let report = opened.report;
        let limits = QueueLimits {
            appends_max: options.queue_appends_max,
            bytes_max: options.queue_bytes_max,
        };
        let head = report.head;
        let admission =
            Admission::new(options.clock.as_ref(), limits, head.position, head.recorded_at);
        let shared = Arc::new(Shared {
            identity: report.identity,
            clock: Arc::clone(&options.clock),
            keys: opened.keys,
            random: opened.random,
            admission: Mutex::new(admission),
            queued: Condvar::new(),
            frames: opened.frames,
            index: opened.index,
            head: Mutex::new(head),
            durable: watch::Sender::new(head.position),
            counters: measures::Counters::default(),
        });
        let writer = writer::Writer {
            shared: Arc::clone(&shared),
            store: opened.store,
            witness: opened.witness,
            chain: head.chain,
        };
        let thread = std::thread::Builder::new()
            .name("log-writer".into())
            .spawn(move || writer.run())
            .map_err(OpenError::Thread)?;
        let log = Self { shared, writer: Mutex::new(Some(thread)), directory: opened.directory };
        Ok((log, report))
    }

    /// Takes nothing more, stores what is queued, and syncs witness and index. Reading goes on
    /// until the value is dropped.
    pub fn close(&self) {
        self.shared.admission.lock().close();
        self.shared.queued.notify_all();
        let writer = self.writer.lock().take();
        if let Some(writer) = writer {
            if writer.join().is_err() {
                tracing::error!("the log's writer panicked while the log was closed");
            }
            self.shared.index.settle();
        }
    }

    /// How many appends wait to become durable.
    pub fn queued(&self) -> usize {
        self.shared.admission.lock().queued()
    }

    /// Whether a sync failed, so that nothing more is taken until the log is opened again.
    pub fn is_poisoned(&self) -> bool {
        self.shared.admission.lock().is_poisoned()
    }

    /// The key ring.
    pub fn keys(&self) -> &Arc<dyn KeyRing> {
        &self.shared.keys
    }

    /// Bytes that are free on the disk that holds the log.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn free_bytes(&self) -> std::io::Result<u64> {
        let stat = rustix::fs::statvfs(self.directory.log())?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    pub(crate) fn index(&self) -> &Index {
        &self.shared.index
    }

    pub(crate) fn frame_holding(
        &self,
        position: GlobalPosition,
    ) -> Result<Arc<StoredFrame>, ReadError> {
        self.shared.frames.holding(position)
    }

    pub(crate) fn ring_path(&self) -> std::path::PathBuf {
        self.directory.ring()
    }

    pub(crate) fn log_directory(&self) -> std::path::PathBuf {
        self.directory.log()
    }
}

impl Drop for SledLog {
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for SledLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SledLog").field("identity", &self.shared.identity).finish_non_exhaustive()
    }
}

/// Room is made for so many events at once, however many are asked for.
const PAGE_EVENTS: usize = 4_096;

impl Shared {
    fn read(
        &self,
        after: GlobalPosition,
        limit: usize,
        wanted: Wanted,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let head = self.head.lock().position;
        let mut next = GlobalPosition::new(after.get().saturating_add(1));
        let left = usize::try_from(head.get().saturating_sub(after.get())).unwrap_or(usize::MAX);
        // An event is some hundred bytes, so growing would copy more than it saves.
        let mut events = Vec::with_capacity(left.min(limit).min(PAGE_EVENTS));
        while next <= head && events.len() < limit {
            let frame = self.frames.holding(next)?;
            for append in frame.appends_from(next) {
                let append = append.map_err(|fault| damaged(next, frame.first.get(), fault))?;
                for record in append.records.iter().filter(|record| record.position >= next) {
                    if events.len() == limit {
                        return Ok(events);
                    }
                    events.push(append.event(record, self.keys.as_ref(), wanted)?);
                }
            }
            next = frame.last.next();
        }
        Ok(events)
    }

    /// The event that the index says is there; a record of another place is damage of the index.
    fn indexed_event(
        &self,
        stream: StreamId,
        version: StreamVersion,
        position: GlobalPosition,
    ) -> Result<RecordedEvent, ReadError> {
        let event = opening::event_at(&self.frames, self.keys.as_ref(), position)?;
        if (event.stream, event.version) == (stream, version) {
            return Ok(event);
        }
        Err(ReadError::Damaged {
            position,
            place: "index".into(),
            what: format!(
                "it names this position for {stream} version {version}; stop the server, delete \
                 the index and start again"
            ),
        })
    }
}

impl Lookup for Shared {
    fn version(&self, stream: StreamId) -> Result<StreamVersion, ReadError> {
        self.index.version(stream).map_err(index_failed)
    }

    fn command(&self, hash: &[u8; 16]) -> Result<Option<(Fingerprint, Appended)>, ReadError> {
        let Some(position) = self.index.command(hash).map_err(index_failed)? else {
            return Ok(None);
        };
        let frame = self.frames.holding(position)?;
        let append = frame
            .appends_from(position)
            .next()
            .ok_or_else(|| missing(position))?
            .map_err(|fault| damaged(position, frame.first.get(), fault))?;
        if command_hash(&append.header.command) != *hash {
            return Err(ReadError::Damaged {
                position,
                place: "index".into(),
                what: "it names this position for another command; stop the server, delete the \
                       index and start again"
                    .into(),
            });
        }
        Ok(Some((append.header.fingerprint, admission::appended(&append))))
    }
}

fn index_failed(error: IndexError) -> ReadError {
    ReadError::Store { doing: "reading its index", source: Box::new(error) }
}

impl EventLog for SledLog {
    fn identity(&self) -> LogIdentity {
        self.shared.identity
    }

    fn head(&self) -> Head {
        *self.shared.head.lock()
    }

    fn watch(&self) -> watch::Receiver<GlobalPosition> {
        self.shared.durable.subscribe()
    }

    fn fingerprint(&self, content: &[u8]) -> Fingerprint {
        admission::fingerprint(self.shared.keys.fingerprint_key(), content)
    }

    fn submit(&self, append: Append) -> Result<PendingAppend, SubmitError> {
        refuse_log_stream(&append)?;
        let shared = &*self.shared;
        let encoded = codec::encode(&append, shared.keys.as_ref(), &shared.random)?;
        let pending =
            shared.admission.lock().admit(&append, encoded, shared.clock.as_ref(), shared)?;
        shared.queued.notify_one();
        Ok(pending)
    }

    fn has_room(&self) -> bool {
        self.shared.admission.lock().has_room()
    }

    fn find_command(&self, id: &CommandId) -> Result<Option<KnownCommand>, ReadError> {
        self.shared.admission.lock().find_command(id, &*self.shared)
    }

    fn stream_version(&self, stream: StreamId) -> Result<StreamVersion, ReadError> {
        self.shared.admission.lock().version(stream, &*self.shared)
    }

    fn read(&self, after: GlobalPosition, limit: usize) -> Result<Vec<RecordedEvent>, ReadError> {
        self.shared.read(after, limit, Wanted::Everything)
    }

    fn read_facts(
        &self,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.shared.read(after, limit, Wanted::Facts)
    }

    fn read_stream(
        &self,
        stream: StreamId,
        after: StreamVersion,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let head = self.head().position;
        let positions = self.shared.index.positions(stream, after, limit).map_err(index_failed)?;
        let mut expected = after;
        let mut events = Vec::with_capacity(positions.len());
        for (version, position) in positions {
            // The index knows a little before readers may.
            if position > head {
                break;
            }
            expected = expected.next();
            if version != expected {
                return Err(ReadError::Damaged {
                    position,
                    place: "index".into(),
                    what: format!("version {expected} of {stream} is missing; delete the index"),
                });
            }
            events.push(self.shared.indexed_event(stream, version, position)?);
        }
        Ok(events)
    }

    fn chain_at(&self, position: GlobalPosition) -> Result<ChainHash, ReadError> {
        if position == GlobalPosition::ZERO {
            return Ok(ChainHash::start());
        }
        let head = self.head();
        if position == head.position {
            return Ok(head.chain);
        }
        if position > head.position {
            return Err(ReadError::Damaged {
                position,
                place: "chain".into(),
                what: "it is after the last durable event".into(),
            });
        }
        let frame = self.shared.frames.holding(position)?;
        frame.chain_at(position).map_err(|fault| damaged(position, frame.first.get(), fault))
    }

    fn confirm_clock(&self) -> Timestamp {
        self.shared.admission.lock().confirm_clock(self.shared.clock.as_ref())
    }

    fn destroy_keys(&self, subject: StreamId) -> Result<u64, KeyRingError> {
        self.shared.keys.destroy(subject)
    }
}
