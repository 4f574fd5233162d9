//! Opening a log: taking the directory, checking its end, cutting off what was never
//! acknowledged, bringing the index up to date.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::{Epoch, Event, GlobalPosition, LogEvent, StreamId, StreamVersion};

use super::directory::{DataDirectory, DirectoryError};
use super::frames::{Frames, damaged, decode, missing, store_failed};
use super::store::{FrameStore, StoreError, SyncData, SyncPolicy};
use super::tail::{self, Cut, TailError};
use crate::clock_guard::rested_too_long;
use crate::codec::{self, RecordView, Wanted};
use crate::frame::FrameBuilder;
use crate::index::{Additions, Checkpoint, Index, IndexError};
use crate::keys::{FileKeyRing, KeyNumber, KeyRing, KeyRingError, MasterKey, RandomPool};
use crate::witness::{Seen, Witness, WitnessError};
use crate::{
    Append, ChainHash, Clock, Head, LogIdentity, ReadError, RecordedEvent, SubmitError, log_events,
};

/// This many events are added to the index at once while it catches up.
const CATCH_UP_EVENTS: usize = 16_384;

/// A clock that is behind the last event by no more is nothing to speak of.
const BEHIND_MAX: Duration = Duration::from_secs(5);

/// What to do when the witness file is missing or damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LostWitness {
    /// Refuse: nobody can tell whether the log is whole.
    #[default]
    Refuse,
    /// Verify the whole log and start a new witness at its end; after a restore or salvage.
    Replace,
}

/// How a log is opened.
#[derive(Clone)]
pub struct OpenOptions {
    /// The data directory.
    pub dir: PathBuf,
    /// Wraps the keys of subjects.
    pub master_key: MasterKey,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Unconfirmed appends beyond this many are refused; at about 100,000 a second, 8,192 are
    /// less than a tenth of a second.
    pub queue_appends_max: usize,
    /// Unconfirmed appends beyond this many bytes are refused.
    pub queue_bytes_max: usize,
    /// sled's cache, in 256 parts, of which each should hold a page of frames (up to 256 KiB). A
    /// part frees nothing before it was read 64 times, so whoever reads everything uses about
    /// 256 MiB more for a while.
    pub cache_bytes: u64,
    /// Whether a lost witness is replaced.
    pub lost_witness: LostWitness,
    /// Opens a new epoch; after a restore or salvage.
    pub raise_epoch: bool,
    /// For tests only; no setting of the product leads here.
    #[doc(hidden)]
    pub sync: Arc<dyn SyncPolicy>,
}

impl OpenOptions {
    /// The usual options.
    pub fn new(dir: impl Into<PathBuf>, master_key: MasterKey, clock: Arc<dyn Clock>) -> Self {
        Self {
            dir: dir.into(),
            master_key,
            clock,
            queue_appends_max: 8_192,
            queue_bytes_max: 64 * 1024 * 1024,
            cache_bytes: 64 * 1024 * 1024,
            lost_witness: LostWitness::Refuse,
            raise_epoch: false,
            sync: Arc::new(SyncData),
        }
    }
}

impl std::fmt::Debug for OpenOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenOptions").field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// What became of the index at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexState {
    /// It was up to date.
    Current,
    /// This many events were added to it.
    CaughtUp(u64),
    /// It was made anew.
    Rebuilt {
        /// Why.
        why: String,
        /// How many events it has.
        events: u64,
    },
}

/// What opening found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReport {
    /// Which log.
    pub identity: LogIdentity,
    /// Its last event.
    pub head: Head,
    /// It was made just now.
    pub created: bool,
    /// Events at the end that were checked.
    pub verified_events: u64,
    /// A tail that was never acknowledged and was cut off.
    pub cut: Option<Cut>,
    /// Positions that were on their way to the disk when the log went down and did not arrive;
    /// nobody was told that they did.
    pub never_acknowledged: Option<(GlobalPosition, GlobalPosition)>,
    /// The witness was lost and is a new one.
    pub witness_replaced: bool,
    /// What became of the index.
    pub index: IndexState,
    /// The clock shows an earlier time than the last event by this much; recorded times stand
    /// still until it is past.
    pub clock_behind: Duration,
    /// The clock shows a time more than a month after the last event: nothing is recorded until
    /// [`crate::EventLog::confirm_clock`] says that this is true.
    pub clock_unconfirmed: bool,
}

/// Why a log could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory.
    #[error("the data directory cannot be used")]
    Directory(#[from] DirectoryError),
    /// The store.
    #[error("the log's store could not be opened; verify it, restore a backup, or salvage it")]
    Store(#[from] StoreError),
    /// There is no room to open it: the store begins a new segment each time.
    #[error(
        "there is no room left on the disk that holds {path}; nothing is damaged: free at least \
         64 MiB on it and start again"
    )]
    NoRoom {
        /// The directory.
        path: PathBuf,
        /// What needed room.
        #[source]
        source: Box<OpenError>,
    },
    /// The end of the log.
    #[error("the log is not what it was when it was written last")]
    Tail(#[from] TailError),
    /// The key ring.
    #[error("the key ring could not be opened")]
    Keys(#[from] KeyRingError),
    /// Keys are missing at the ring's end.
    #[error(
        "the key ring ends at key {}, but key {} was durable: it is older than the log or was \
         cut short; restore the latest copy of it",
        found.0, durable.0
    )]
    KeysMissing {
        /// The last key that is there.
        found: KeyNumber,
        /// The last that was durable.
        durable: KeyNumber,
    },
    /// The witness.
    #[error("the witness could not be used")]
    Witness(#[from] WitnessError),
    /// The witness is missing.
    #[error(
        "the witness file {path} is missing, so nobody can tell whether the log is whole; put it \
         back, or verify the log and replace the witness"
    )]
    WitnessMissing {
        /// The file.
        path: PathBuf,
    },
    /// The witness saw another log.
    #[error("the witness file {path} belongs to another log; restore log and witness together")]
    WitnessOfAnotherLog {
        /// The file.
        path: PathBuf,
    },
    /// The index, even a new one.
    #[error("the index could not be made")]
    Index(#[from] IndexError),
    /// The log could not be read.
    #[error("the log could not be read")]
    Read(#[from] ReadError),
    /// The log's first event is something else.
    #[error("the log does not begin with its own creation; restore a backup")]
    NoIdentity,
    /// The log's own events could not be written.
    #[error("the log's own event could not be written")]
    OwnEvent(#[source] SubmitError),
    /// A thread could not be started.
    #[error("the log's writer could not be started")]
    Thread(#[source] std::io::Error),
}

impl OpenError {
    /// Tells a full disk, which needs room, from a log that needs a repair.
    pub(super) fn on_disk_of(self, path: &std::path::Path) -> Self {
        let full = |error: &std::io::Error| error.kind() == std::io::ErrorKind::StorageFull;
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&self);
        while let Some(error) = cause {
            let is_full = match error.downcast_ref::<sled::Error>() {
                Some(sled::Error::Io(error)) => full(error),
                _ => error.downcast_ref().is_some_and(full),
            };
            if is_full {
                return Self::NoRoom { path: path.to_path_buf(), source: Box::new(self) };
            }
            cause = error.source();
        }
        self
    }
}

/// Everything that a log needs to run.
pub(super) struct Opened {
    pub(super) directory: DataDirectory,
    pub(super) store: Arc<FrameStore>,
    pub(super) frames: Frames,
    pub(super) keys: Arc<dyn KeyRing>,
    pub(super) random: RandomPool,
    pub(super) index: Index,
    pub(super) witness: Witness,
    pub(super) report: OpenReport,
}

pub(super) fn open(options: &OpenOptions) -> Result<Opened, OpenError> {
    let directory = DataDirectory::take(&options.dir)?;
    let format = directory.format()?;
    let witness_path = directory.witness();
    let (seen, witness_replaced) = match Witness::read(&witness_path) {
        Ok(Some(seen)) => (Some(seen), false),
        Ok(None) if format.is_none() => (None, false),
        Ok(None) if options.lost_witness == LostWitness::Refuse => {
            return Err(OpenError::WitnessMissing { path: witness_path });
        }
        Err(WitnessError::Damaged { .. }) if options.lost_witness == LostWitness::Replace => {
            (None, true)
        }
        Ok(None) => (None, true),
        Err(error) => return Err(error.into()),
    };
    let random = RandomPool::new();
    let keys: Arc<dyn KeyRing> =
        Arc::new(FileKeyRing::open(&directory.keys(), &options.master_key)?);
    let last_key = keys.last_number();
    if let Some(seen) = seen.filter(|seen| seen.keys > last_key) {
        return Err(OpenError::KeysMissing { found: last_key, durable: seen.keys });
    }
    let store = Arc::new(FrameStore::open(
        &directory.log(),
        options.cache_bytes,
        Arc::clone(&options.sync),
    )?);
    directory.sync()?;

    let mut created = false;
    let tail = match tail::check(&store, seen.as_ref())? {
        Some(tail) => tail,
        None => {
            created = true;
            create(options, &store, keys.as_ref(), &random)?;
            tail::check(&store, None)?.ok_or(OpenError::NoIdentity)?
        }
    };
    // A directory without a format was never finished, so nobody was ever told anything.
    if format.is_none() && tail.head.position > GlobalPosition::FIRST {
        return Err(DirectoryError::UnknownFormat { path: options.dir.clone() }.into());
    }
    let mut head = tail.head;
    let cut = match tail.spoiled {
        None => None,
        Some((keys, why)) => {
            let cut = tail::cut_off(&store, &head, &keys, why, &directory.cut())?;
            tracing::warn!(
                log.position = cut.from.get(),
                frames = cut.frames,
                why = cut.why,
                "cut off a tail of the log that was never acknowledged"
            );
            Some(cut)
        }
    };
    // What a killed process left in the page cache is about to be served.
    store.make_durable()?;
    let never_acknowledged = seen
        .filter(|seen| seen.attempted > head.position)
        .map(|seen| (head.position.next(), seen.attempted));
    if let Some((from, until)) = never_acknowledged {
        tracing::warn!(
            log.position = from.get(),
            until = until.get(),
            "events that were on their way to the disk did not arrive; nobody was told they had"
        );
    }

    let frames = Frames::new(Arc::clone(&store));
    let log_id = log_id(&frames, keys.as_ref())?;
    if seen.is_some_and(|seen| seen.identity.log_id != log_id) {
        return Err(OpenError::WitnessOfAnotherLog { path: witness_path });
    }
    let (index, index_state) = open_index(&directory, &store, &frames, log_id, &head)?;
    let (mut epoch, log_version) = last_epoch(&frames, &index, keys.as_ref())?;
    if options.raise_epoch {
        epoch = epoch.next();
        head = raise_epoch(options, &store, &random, keys.as_ref(), epoch, log_version, &head)?;
        catch_up(&store, &index, log_id, GlobalPosition::new(head.position.get() - 1), &head)?;
    }
    let identity = LogIdentity { log_id, epoch };
    let witness = Witness::open(
        &witness_path,
        Seen {
            identity,
            durable: head.position,
            chain: head.chain,
            attempted: head.position,
            keys: keys.last_number(),
        },
    )?;
    directory.sync()?;
    if format.is_none() {
        directory.finish()?;
    }
    let report = OpenReport {
        identity,
        head,
        created,
        verified_events: tail.verified,
        cut,
        never_acknowledged,
        witness_replaced,
        index: index_state,
        clock_behind: head.recorded_at.since(options.clock.now()),
        clock_unconfirmed: rested_too_long(options.clock.as_ref(), head.recorded_at),
    };
    warn_of_clock(options, &report);
    Ok(Opened { directory, store, frames, keys, random, index, witness, report })
}

/// Said by whoever opens it, because a time that is recorded cannot be undone.
fn warn_of_clock(options: &OpenOptions, report: &OpenReport) {
    let (now, last) = (options.clock.now(), report.head.recorded_at);
    if report.clock_unconfirmed {
        tracing::error!(
            %now,
            last_recorded_at = %last,
            "the clock shows a time more than a month after the last event: nothing is recorded \
             until it is set right or confirmed"
        );
    } else if report.clock_behind > BEHIND_MAX {
        tracing::error!(
            %now,
            last_recorded_at = %last,
            "the clock shows a time before the last event: nothing becomes due until it is set right"
        );
    }
}

fn create(
    options: &OpenOptions,
    store: &FrameStore,
    keys: &dyn KeyRing,
    random: &RandomPool,
) -> Result<(), OpenError> {
    let identity = LogIdentity { log_id: log_events::fresh_log_id(random)?, epoch: Epoch::FIRST };
    let append = log_events::created(identity, options.clock.now(), random)?;
    let before =
        Head { position: GlobalPosition::ZERO, chain: ChainHash::start(), recorded_at: append.now };
    write_own(store, keys, random, &append, &before)?;
    Ok(())
}

fn raise_epoch(
    options: &OpenOptions,
    store: &FrameStore,
    random: &RandomPool,
    keys: &dyn KeyRing,
    epoch: Epoch,
    version: StreamVersion,
    head: &Head,
) -> Result<Head, OpenError> {
    let now = options.clock.now().max(head.recorded_at);
    let append = log_events::epoch_raised(epoch, head.position, version, now, random)?;
    write_own(store, keys, random, &append, head)
}

/// Writes one of the log's own appends after `before`; the new head.
pub(crate) fn write_own(
    store: &FrameStore,
    keys: &dyn KeyRing,
    random: &RandomPool,
    append: &Append,
    before: &Head,
) -> Result<Head, OpenError> {
    let encoded = codec::encode(append, keys, random).map_err(OpenError::OwnEvent)?;
    let first = before.position.next();
    let settled = encoded.settle(first, append.now);
    let mut frame = FrameBuilder::new(first, before.chain, settled.bytes.len());
    frame.push(&settled);
    let frame = frame.finish();
    let head = Head { position: frame.last, chain: frame.chain, recorded_at: append.now };
    store.commit(vec![frame])?;
    Ok(head)
}

fn log_id(frames: &Frames, keys: &dyn KeyRing) -> Result<u128, OpenError> {
    match event_at(frames, keys, GlobalPosition::FIRST)?.event {
        Event::Log(LogEvent::LogCreated(created)) => Ok(created.log_id),
        _ => Err(OpenError::NoIdentity),
    }
}

/// The epoch that holds, and the version of the log's own stream.
fn last_epoch(
    frames: &Frames,
    index: &Index,
    keys: &dyn KeyRing,
) -> Result<(Epoch, StreamVersion), OpenError> {
    let version = index.version(StreamId::LOG)?;
    let before = StreamVersion::new(version.get().saturating_sub(1));
    let positions = index.positions(StreamId::LOG, before, 1)?;
    let Some((_, position)) = positions.first() else { return Err(OpenError::NoIdentity) };
    match event_at(frames, keys, *position)?.event {
        Event::Log(LogEvent::LogCreated(created)) => Ok((created.epoch, version)),
        Event::Log(LogEvent::EpochRaised(raised)) => Ok((raised.epoch, version)),
        _ => Err(OpenError::NoIdentity),
    }
}

/// The event at a durable position.
pub(super) fn event_at(
    frames: &Frames,
    keys: &dyn KeyRing,
    position: GlobalPosition,
) -> Result<RecordedEvent, ReadError> {
    let frame = frames.holding(position)?;
    let append = frame
        .appends_from(position)
        .next()
        .ok_or_else(|| missing(position))?
        .map_err(|fault| damaged(position, frame.first.get(), fault))?;
    let at = |record: &&RecordView<'_>| record.position == position;
    let record = append.records.iter().find(at).ok_or_else(|| missing(position))?;
    append.event(record, keys, Wanted::Everything)
}

fn open_index(
    directory: &DataDirectory,
    store: &FrameStore,
    frames: &Frames,
    log_id: u128,
    head: &Head,
) -> Result<(Index, IndexState), OpenError> {
    let path = directory.index();
    let (index, found) = Index::open(&path)?;
    let why = match found.until {
        None => found.thrown_away.unwrap_or_else(|| "there was none".to_owned()),
        Some(at) => match unusable(&at, frames, log_id, head) {
            None => {
                if let Some(why) = found.thrown_away {
                    tracing::warn!(why, "a part of the log's index cannot be used");
                }
                let added = catch_up(store, &index, log_id, at.position, head)?;
                let state =
                    if added == 0 { IndexState::Current } else { IndexState::CaughtUp(added) };
                return Ok((index, state));
            }
            Some(why) => why.to_owned(),
        },
    };
    tracing::info!(why, "the log's index is made anew");
    drop(index);
    Index::discard(&path)?;
    let (index, _) = Index::open(&path)?;
    let events = catch_up(store, &index, log_id, GlobalPosition::ZERO, head)?;
    Ok((index, IndexState::Rebuilt { why, events }))
}

fn unusable(
    checkpoint: &Checkpoint,
    frames: &Frames,
    log_id: u128,
    head: &Head,
) -> Option<&'static str> {
    if checkpoint.log_id != log_id {
        return Some("it belongs to another log");
    }
    if checkpoint.position > head.position {
        return Some("it is ahead of the log");
    }
    let chain = frames
        .holding(checkpoint.position)
        .ok()
        .and_then(|frame| frame.chain_at(checkpoint.position).ok());
    (chain != Some(checkpoint.chain)).then_some("the log's chain is another one there")
}

/// Adds to the index what the log has after a position.
fn catch_up(
    store: &FrameStore,
    index: &Index,
    log_id: u128,
    after: GlobalPosition,
    head: &Head,
) -> Result<u64, OpenError> {
    let read = |error| store_failed("bringing the index up to date", error);
    let mut added = 0;
    let mut additions = Additions::default();
    let mut next = after.next();
    while next <= head.position {
        let (key, bytes) = store.at_or_before(next).map_err(read)?.ok_or_else(|| missing(next))?;
        let frame = decode(key, bytes)?;
        if frame.last < next {
            return Err(missing(next).into());
        }
        for append in frame.appends_from(next) {
            let append = append.map_err(|fault| damaged(next, key, fault))?;
            if append.last() >= next {
                additions.append(&append);
            }
        }
        next = frame.last.next();
        if additions.events() >= CATCH_UP_EVENTS || next > head.position {
            added += additions.events() as u64;
            let checkpoint = Checkpoint { log_id, position: frame.last, chain: frame.chain };
            index.extend(&additions, checkpoint)?;
            additions.clear();
        }
    }
    Ok(added)
}
