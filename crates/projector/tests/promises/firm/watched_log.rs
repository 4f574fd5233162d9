//! A log that remembers from where it was read, that can be damaged at a position, and that can
//! look restored.

use std::sync::Arc;

use domain::{CommandId, GlobalPosition, StreamId, StreamVersion, Timestamp};
use eventlog::keys::KeyRingError;
use eventlog::{
    Append, ChainHash, EventLog, Fingerprint, Head, KnownCommand, LogIdentity, MemoryLog,
    PendingAppend, ReadError, RecordedEvent, SubmitError,
};
use parking_lot::Mutex;
use tokio::sync::watch;

pub(crate) struct WatchedLog {
    log: Arc<MemoryLog>,
    identity: LogIdentity,
    earliest: Mutex<Option<GlobalPosition>>,
    damaged: Mutex<Option<GlobalPosition>>,
}

impl WatchedLog {
    pub(crate) fn new(log: &Arc<MemoryLog>) -> Arc<Self> {
        Self::of(log, log.identity())
    }

    /// The same events, in the epoch after.
    pub(crate) fn restored(log: &Arc<MemoryLog>) -> Arc<Self> {
        let LogIdentity { log_id, epoch } = log.identity();
        Self::of(log, LogIdentity { log_id, epoch: epoch.next() })
    }

    fn of(log: &Arc<MemoryLog>, identity: LogIdentity) -> Arc<Self> {
        let (log, earliest, damaged) = (Arc::clone(log), Mutex::new(None), Mutex::new(None));
        Arc::new(Self { log, identity, earliest, damaged })
    }

    /// The earliest position after which events were read.
    pub(crate) fn earliest(&self) -> Option<GlobalPosition> {
        *self.earliest.lock()
    }

    /// Damages an event, or mends it.
    pub(crate) fn damage(&self, position: Option<GlobalPosition>) {
        *self.damaged.lock() = position;
    }
}

impl WatchedLog {
    fn watched(
        &self,
        after: GlobalPosition,
        events: Vec<RecordedEvent>,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        {
            let mut earliest = self.earliest.lock();
            *earliest = Some(earliest.map_or(after, |before| before.min(after)));
        }
        match *self.damaged.lock() {
            Some(position) if events.iter().any(|event| event.position == position) => {
                let (place, what) = ("here".into(), "it was damaged".into());
                Err(ReadError::Damaged { position, place, what })
            }
            _ => Ok(events),
        }
    }
}

impl EventLog for WatchedLog {
    fn identity(&self) -> LogIdentity {
        self.identity
    }
    fn head(&self) -> Head {
        self.log.head()
    }
    fn watch(&self) -> watch::Receiver<GlobalPosition> {
        self.log.watch()
    }
    fn fingerprint(&self, content: &[u8]) -> Fingerprint {
        self.log.fingerprint(content)
    }
    fn submit(&self, append: Append) -> Result<PendingAppend, SubmitError> {
        self.log.submit(append)
    }
    fn has_room(&self) -> bool {
        self.log.has_room()
    }

    fn find_command(&self, id: &CommandId) -> Result<Option<KnownCommand>, ReadError> {
        self.log.find_command(id)
    }
    fn stream_version(&self, stream: StreamId) -> Result<StreamVersion, ReadError> {
        self.log.stream_version(stream)
    }
    fn read(&self, after: GlobalPosition, limit: usize) -> Result<Vec<RecordedEvent>, ReadError> {
        self.watched(after, self.log.read(after, limit)?)
    }

    fn read_facts(
        &self,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.watched(after, self.log.read_facts(after, limit)?)
    }

    fn read_stream(
        &self,
        stream: StreamId,
        after: StreamVersion,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.log.read_stream(stream, after, limit)
    }
    fn chain_at(&self, position: GlobalPosition) -> Result<ChainHash, ReadError> {
        self.log.chain_at(position)
    }
    fn confirm_clock(&self) -> Timestamp {
        self.log.confirm_clock()
    }
    fn destroy_keys(&self, subject: StreamId) -> Result<u64, KeyRingError> {
        self.log.destroy_keys(subject)
    }
}
