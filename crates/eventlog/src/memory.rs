//! The log in memory: the same checks, bytes and chain as on disk, and nothing survives it.
//!
//! For the tests of everything that writes to or reads from a log. A test can hold durability
//! back, so that what is queued can be told from what is confirmed, and can make a sync fail.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{CommandId, Epoch, GlobalPosition, StreamId, StreamVersion, Timestamp};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::admission::{
    self, Admission, Lookup, QueueLimits, Queued, answer_all, refuse_log_stream,
};
use crate::codec::{self, AppendView, Cursor, Wanted};
use crate::keys::{KeyRing, KeyRingError, MasterKey, MemoryKeyRing, RandomPool};
use crate::{
    Append, AppendError, Appended, ChainHash, Clock, EventLog, Fingerprint, Head, KnownCommand,
    LogIdentity, PendingAppend, ReadError, RecordedEvent, SubmitError, log_events,
};

/// Everything durable, as far as memory can be.
#[derive(Default)]
struct Durable {
    /// The appends' bytes, with the position of the first event.
    appends: Vec<(GlobalPosition, Vec<u8>)>,
    /// The chain's values, from position zero.
    chain: Vec<ChainHash>,
    streams: HashMap<StreamId, Vec<GlobalPosition>>,
    commands: HashMap<[u8; 16], (Fingerprint, GlobalPosition)>,
    recorded_at: Timestamp,
}

struct State {
    admission: Admission,
    durable: Durable,
    held: bool,
    sync_fails: bool,
}

/// How a log in memory is made.
#[derive(Debug, Clone)]
pub struct MemoryOptions {
    /// Unconfirmed appends beyond this many are refused.
    pub queue_appends_max: usize,
    /// What names the log; `None`: a random id.
    pub log_id: Option<u128>,
    /// Its epoch.
    pub epoch: Epoch,
}

impl Default for MemoryOptions {
    fn default() -> Self {
        Self { queue_appends_max: usize::MAX, log_id: None, epoch: Epoch::FIRST }
    }
}

/// A log that lives as long as the value does.
pub struct MemoryLog {
    identity: LogIdentity,
    clock: Arc<dyn Clock>,
    keys: Arc<dyn KeyRing>,
    random: RandomPool,
    state: Mutex<State>,
    durable: watch::Sender<GlobalPosition>,
}

impl MemoryLog {
    /// A new log, with its first event recorded.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn new(clock: Arc<dyn Clock>) -> Result<Self, SubmitError> {
        Self::with(clock, &MemoryOptions::default())
    }

    /// A new log with these options.
    ///
    /// # Errors
    /// As [`MemoryLog::new`].
    pub fn with(clock: Arc<dyn Clock>, options: &MemoryOptions) -> Result<Self, SubmitError> {
        let random = RandomPool::new();
        let master = MasterKey::from_bytes(random.take().map_err(SubmitError::Keys)?);
        let log_id = match options.log_id {
            Some(log_id) => log_id,
            None => log_events::fresh_log_id(&random).map_err(SubmitError::Keys)?,
        };
        let limits = QueueLimits { appends_max: options.queue_appends_max, bytes_max: usize::MAX };
        let admission =
            Admission::new(clock.as_ref(), limits, GlobalPosition::ZERO, Timestamp::MIN);
        let durable = Durable { chain: vec![ChainHash::start()], ..Durable::default() };
        let log = Self {
            identity: LogIdentity { log_id, epoch: options.epoch },
            keys: Arc::new(MemoryKeyRing::new(&master)),
            state: Mutex::new(State { admission, durable, held: false, sync_fails: false }),
            durable: watch::Sender::new(GlobalPosition::ZERO),
            random,
            clock,
        };
        let created = log_events::created(log.identity, log.clock.now(), &log.random)
            .map_err(SubmitError::Keys)?;
        log.submit_any(&created)?;
        Ok(log)
    }

    /// Appends wait for [`MemoryLog::release`] from here on.
    pub fn hold(&self) {
        self.state.lock().held = true;
    }

    /// What was held back becomes durable, and nothing is held any more.
    pub fn release(&self) {
        self.state.lock().held = false;
        self.store();
    }

    /// The next sync fails, which poisons the log; it is the sync of what was held back, if
    /// anything was.
    pub fn fail_sync(&self) {
        let state = &mut *self.state.lock();
        state.sync_fails = true;
        state.held = false;
        self.store_locked(state);
    }

    /// The key ring.
    pub fn keys(&self) -> &Arc<dyn KeyRing> {
        &self.keys
    }

    fn submit_any(&self, append: &Append) -> Result<PendingAppend, SubmitError> {
        let encoded = codec::encode(append, self.keys.as_ref(), &self.random)?;
        let pending = {
            let state = &mut *self.state.lock();
            state.admission.admit(append, encoded, self.clock.as_ref(), &state.durable)?
        };
        self.store();
        Ok(pending)
    }

    fn read_with(
        &self,
        after: GlobalPosition,
        limit: usize,
        wanted: Wanted,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let state = self.state.lock();
        let durable = &state.durable;
        let mut events = Vec::new();
        let mut next = GlobalPosition::new(after.get().saturating_add(1));
        while next <= durable.head() && events.len() < limit {
            let append = durable.append_at(next)?;
            for record in append.records.iter().filter(|record| record.position >= next) {
                if events.len() < limit {
                    events.push(append.event(record, self.keys.as_ref(), wanted)?);
                }
            }
            next = append.last().next();
        }
        Ok(events)
    }

    /// Makes durable what is queued, unless it is held.
    fn store(&self) {
        self.store_locked(&mut self.state.lock());
    }

    fn store_locked(&self, state: &mut State) {
        if state.held || !state.admission.has_queued() {
            return;
        }
        if state.sync_fails {
            answer_all(state.admission.poison(), &Err(AppendError::OutcomeUnknown));
            return;
        }
        let group = state.admission.take_group(usize::MAX);
        for queued in &group {
            state.durable.store(queued);
        }
        let head = state.durable.head();
        // Sent under the lock, so that the value never goes back.
        self.durable.send_replace(head);
        answer_all(state.admission.confirm(&group), &Ok(()));
    }
}

impl std::fmt::Debug for MemoryLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryLog").field("identity", &self.identity).finish_non_exhaustive()
    }
}

impl Durable {
    fn head(&self) -> GlobalPosition {
        GlobalPosition::new(self.chain.len() as u64 - 1)
    }

    fn store(&mut self, queued: &Queued) {
        let mut chain = self.chain.last().copied().unwrap_or_else(ChainHash::start);
        for (record, (stream, _)) in queued.settled.records().zip(&queued.settled.places) {
            chain = chain.then(record);
            self.chain.push(chain);
            let position = self.head();
            self.streams.entry(*stream).or_default().push(position);
        }
        self.commands.insert(queued.command, (queued.fingerprint, queued.first));
        self.appends.push((queued.first, queued.settled.bytes.clone()));
        self.recorded_at = queued.recorded_at;
    }

    fn append_at(&self, position: GlobalPosition) -> Result<AppendView<'_>, ReadError> {
        let place = self.appends.partition_point(|(first, _)| *first <= position);
        let damaged =
            |what: &str| ReadError::Damaged { position, place: "memory".into(), what: what.into() };
        let (_, bytes) =
            self.appends.get(place.wrapping_sub(1)).ok_or_else(|| damaged("it is missing"))?;
        AppendView::read(&mut Cursor::new(bytes)).map_err(damaged)
    }
}

impl Lookup for Durable {
    fn version(&self, stream: StreamId) -> Result<StreamVersion, ReadError> {
        let events = self.streams.get(&stream).map_or(0, Vec::len);
        Ok(StreamVersion::new(events as u64))
    }

    fn command(&self, hash: &[u8; 16]) -> Result<Option<(Fingerprint, Appended)>, ReadError> {
        let Some((fingerprint, position)) = self.commands.get(hash) else {
            return Ok(None);
        };
        Ok(Some((*fingerprint, admission::appended(&self.append_at(*position)?))))
    }
}

impl EventLog for MemoryLog {
    fn identity(&self) -> LogIdentity {
        self.identity
    }

    fn head(&self) -> Head {
        let durable = &self.state.lock().durable;
        Head {
            position: durable.head(),
            chain: durable.chain.last().copied().unwrap_or_else(ChainHash::start),
            recorded_at: durable.recorded_at,
        }
    }

    fn watch(&self) -> watch::Receiver<GlobalPosition> {
        self.durable.subscribe()
    }

    fn fingerprint(&self, content: &[u8]) -> Fingerprint {
        admission::fingerprint(self.keys.fingerprint_key(), content)
    }

    fn submit(&self, append: Append) -> Result<PendingAppend, SubmitError> {
        refuse_log_stream(&append)?;
        self.submit_any(&append)
    }

    fn has_room(&self) -> bool {
        self.state.lock().admission.has_room()
    }

    fn find_command(&self, id: &CommandId) -> Result<Option<KnownCommand>, ReadError> {
        let state = &mut *self.state.lock();
        state.admission.find_command(id, &state.durable)
    }

    fn stream_version(&self, stream: StreamId) -> Result<StreamVersion, ReadError> {
        let state = &*self.state.lock();
        state.admission.version(stream, &state.durable)
    }

    fn read(&self, after: GlobalPosition, limit: usize) -> Result<Vec<RecordedEvent>, ReadError> {
        self.read_with(after, limit, Wanted::Everything)
    }

    fn read_facts(
        &self,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.read_with(after, limit, Wanted::Facts)
    }

    fn read_stream(
        &self,
        stream: StreamId,
        after: StreamVersion,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let state = self.state.lock();
        let Some(positions) = state.durable.streams.get(&stream) else {
            return Ok(Vec::new());
        };
        let from = usize::try_from(after.get()).unwrap_or(usize::MAX).min(positions.len());
        let mut events = Vec::new();
        for position in positions[from..].iter().take(limit) {
            let append = state.durable.append_at(*position)?;
            for record in append.records.iter().filter(|record| record.position == *position) {
                events.push(append.event(record, self.keys.as_ref(), Wanted::Everything)?);
            }
        }
        Ok(events)
    }

    fn chain_at(&self, position: GlobalPosition) -> Result<ChainHash, ReadError> {
        let state = self.state.lock();
        usize::try_from(position.get())
            .ok()
            .and_then(|place| state.durable.chain.get(place).copied())
            .ok_or_else(|| ReadError::Damaged {
                position,
                place: "chain".into(),
                what: "it is after the last durable event".into(),
            })
    }

    fn confirm_clock(&self) -> Timestamp {
        self.state.lock().admission.confirm_clock(self.clock.as_ref())
    }

    fn destroy_keys(&self, subject: StreamId) -> Result<u64, KeyRingError> {
        self.keys.destroy(subject)
    }
}
