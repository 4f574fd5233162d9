//! Where the events of a stream are, and which commands were applied: derived from the log, and
//! kept in a redb file so that a start need not read the whole log.
//!
//! What is new goes to memory at once and to the file in the background, in batches with a
//! checkpoint (log id, position, chain value there). Memory is bounded: a log that runs ahead of
//! the file too far waits for it. Whoever opens the log compares the checkpoint with the log and
//! reads what came after it; a file that is missing, damaged or of another log is made anew. The
//! file is no truth: a position that it names is checked against the record found there.

mod file;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use domain::{GlobalPosition, StreamId, StreamVersion};
use parking_lot::{Condvar, Mutex};
use redb::{Database, ReadableTable, ReadableTableMetadata};

pub(crate) use self::file::Checkpoint;
pub use self::file::IndexError;
use self::file::{StreamKey, Tables, guarded, hash_of, store, stream_key, stream_of, version_of};
use crate::Fingerprint;
use crate::codec::{AppendView, command_hash};
use crate::filter::{Filter, stream_hash};

/// This many new events are written to the file together.
const BATCH_EVENTS: usize = 32_768;
/// Fewer are written after this time.
const BATCH_EVERY: Duration = Duration::from_secs(10);
/// With this many in memory, the log waits: about 30 MiB.
const MEMORY_EVENTS_MAX: usize = 131_072;
/// The filter's filling looks this often whether the log is being closed.
const FILL_STEP: usize = 65_536;
/// A failed write is tried again after this time.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// After so many failures the index gives up, and the log takes no more writes.
const ATTEMPTS_MAX: u32 = 30;

/// What one or more appends add.
#[derive(Debug, Default)]
pub(crate) struct Additions {
    streams: Vec<(StreamId, StreamVersion, GlobalPosition)>,
    commands: Vec<([u8; 16], Fingerprint, GlobalPosition)>,
}

impl Additions {
    pub(crate) fn event(&mut self, stream: StreamId, version: StreamVersion, at: GlobalPosition) {
        self.streams.push((stream, version, at));
    }

    pub(crate) fn command(&mut self, hash: [u8; 16], fingerprint: Fingerprint, at: GlobalPosition) {
        self.commands.push((hash, fingerprint, at));
    }

    /// What a stored append adds.
    pub(crate) fn append(&mut self, append: &AppendView<'_>) {
        let header = &append.header;
        self.command(command_hash(&header.command), header.fingerprint, append.first);
        for record in &append.records {
            self.event(record.stream, record.version, record.position);
        }
    }

    pub(crate) fn events(&self) -> usize {
        self.streams.len()
    }
}

/// What is not in the file yet.
#[derive(Default)]
struct Fresh {
    streams: BTreeMap<StreamKey, u64>,
    commands: HashMap<[u8; 16], (Fingerprint, GlobalPosition)>,
    checkpoint: Option<Checkpoint>,
}

struct State {
    fresh: Fresh,
    /// Being written to the file.
    leaving: Option<Arc<Fresh>>,
    tables: Arc<Tables>,
    closing: bool,
    /// The file cannot be written. What is in memory stays there, and no more is taken.
    gave_up: bool,
}

struct Shared {
    path: PathBuf,
    database: Database,
    filter: Filter,
    state: Mutex<State>,
    /// There is something to do for the background thread.
    work: Condvar,
    /// There is room in memory again.
    room: Condvar,
}

/// The index, with a thread that writes it to its file.
pub(crate) struct Index {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Index {
    /// Opens the file; says how far it is, where it can be used at all.
    pub(crate) fn open(
        path: &Path,
        cache_bytes: usize,
    ) -> Result<(Self, Option<Checkpoint>), IndexError> {
        let (database, checkpoint, tables) = file::open(path, cache_bytes)?;
        let state = State {
            fresh: Fresh::default(),
            leaving: None,
            tables: Arc::new(tables),
            closing: false,
            gave_up: false,
        };
        let shared = Arc::new(Shared {
            path: path.to_path_buf(),
            database,
            filter: Filter::new(checkpoint.is_none()),
            state: Mutex::new(state),
            work: Condvar::new(),
            room: Condvar::new(),
        });
        let worker = Arc::clone(&shared);
        let filler = Arc::clone(&shared);
        let spawned = |source| IndexError::Io { path: path.to_path_buf(), source };
        let filling = match checkpoint {
            None => None,
            Some(_) => Some(
                std::thread::Builder::new()
                    .name("log-filter".into())
                    .spawn(move || filler.fill())
                    .map_err(spawned)?,
            ),
        };
        let thread = std::thread::Builder::new()
            .name("log-index".into())
            .spawn(move || worker.run())
            .map_err(spawned)?;
        let threads = std::iter::once(thread).chain(filling).collect();
        Ok((Self { shared, threads }, checkpoint))
    }

    /// Removes a file that cannot be used.
    pub(crate) fn discard(path: &Path) -> Result<(), IndexError> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(IndexError::Io { path: path.to_path_buf(), source: error })
            }
            _ => Ok(()),
        }
    }

    /// Adds what became durable. Waits while too much is in memory; the index thread either
    /// makes room or gives up.
    pub(crate) fn extend(
        &self,
        additions: Additions,
        checkpoint: Checkpoint,
    ) -> Result<(), IndexError> {
        let mut state = self.shared.state.lock();
        while state.fresh.streams.len() >= MEMORY_EVENTS_MAX && !state.gave_up {
            self.shared.work.notify_one();
            self.shared.room.wait(&mut state);
        }
        if state.gave_up {
            return Err(IndexError::GaveUp { path: self.shared.path.clone() });
        }
        for (stream, version, position) in additions.streams {
            if version == StreamVersion::FIRST {
                self.shared.filter.insert(&stream_hash(stream));
            }
            state.fresh.streams.insert(stream_key(stream, version), position.get());
        }
        for (hash, fingerprint, position) in additions.commands {
            self.shared.filter.insert(&hash);
            state.fresh.commands.insert(hash, (fingerprint, position));
        }
        state.fresh.checkpoint = Some(checkpoint);
        if state.fresh.streams.len() >= BATCH_EVENTS && state.leaving.is_none() {
            self.shared.work.notify_one();
        }
        Ok(())
    }

    /// The last version of a stream; zero where it has none.
    pub(crate) fn version(&self, stream: StreamId) -> Result<StreamVersion, IndexError> {
        if self.shared.filter.is_new(&stream_hash(stream)) {
            return Ok(StreamVersion::ZERO);
        }
        let from = stream_key(stream, StreamVersion::ZERO);
        let until = stream_key(stream, StreamVersion::new(u64::MAX));
        let tables = {
            let state = self.shared.state.lock();
            for fresh in std::iter::once(&state.fresh).chain(state.leaving.as_deref()) {
                if let Some((key, _)) = fresh.streams.range(from..=until).next_back() {
                    return Ok(version_of(key));
                }
            }
            Arc::clone(&state.tables)
        };
        guarded(&self.shared.path, || {
            let mut range = tables
                .streams
                .range::<&[u8; 25]>(&from..=&until)
                .map_err(|e| self.read_error(e))?;
            match range.next_back() {
                None => Ok(StreamVersion::ZERO),
                Some(entry) => {
                    let (key, _) = entry.map_err(|e| self.read_error(e))?;
                    Ok(version_of(key.value()))
                }
            }
        })
    }

    /// Where the events of a stream after a version are, in order; at most `limit`.
    pub(crate) fn positions(
        &self,
        stream: StreamId,
        after: StreamVersion,
        limit: usize,
    ) -> Result<Vec<(StreamVersion, GlobalPosition)>, IndexError> {
        if after.get() == u64::MAX {
            return Ok(Vec::new());
        }
        let from = stream_key(stream, after.next());
        let until = stream_key(stream, StreamVersion::new(u64::MAX));
        let (mut fresh, tables) = {
            let state = self.shared.state.lock();
            // What is leaving is older than what is fresh, and the file older still.
            let fresh: Vec<(StreamVersion, GlobalPosition)> = state
                .leaving
                .as_deref()
                .into_iter()
                .chain(std::iter::once(&state.fresh))
                .flat_map(|fresh| fresh.streams.range(from..=until))
                .take(limit)
                .map(|(key, position)| (version_of(key), GlobalPosition::new(*position)))
                .collect();
            (fresh, Arc::clone(&state.tables))
        };
        if fresh.first().is_some_and(|(version, _)| *version == after.next()) {
            return Ok(fresh);
        }
        guarded(&self.shared.path, || {
            let mut found = Vec::new();
            let range = tables
                .streams
                .range::<&[u8; 25]>(&from..=&until)
                .map_err(|e| self.read_error(e))?;
            for entry in range.take(limit) {
                let (key, position) = entry.map_err(|e| self.read_error(e))?;
                found.push((version_of(key.value()), GlobalPosition::new(position.value())));
            }
            fresh.truncate(limit - found.len());
            found.append(&mut fresh);
            Ok(found)
        })
    }

    /// What is known of a command, by the hash of its id.
    pub(crate) fn command(
        &self,
        hash: &[u8; 16],
    ) -> Result<Option<(Fingerprint, GlobalPosition)>, IndexError> {
        if self.shared.filter.is_new(hash) {
            return Ok(None);
        }
        let tables = {
            let state = self.shared.state.lock();
            for fresh in std::iter::once(&state.fresh).chain(state.leaving.as_deref()) {
                if let Some(known) = fresh.commands.get(hash) {
                    return Ok(Some(*known));
                }
            }
            Arc::clone(&state.tables)
        };
        guarded(&self.shared.path, || tables.command(hash).map_err(|e| self.read_error(e)))
    }

    /// How many events and commands there are.
    pub(crate) fn counts(&self) -> Result<(u64, u64), IndexError> {
        self.settle();
        let tables = Arc::clone(&self.shared.state.lock().tables);
        guarded(&self.shared.path, || {
            let events = tables.streams.len().map_err(|e| self.read_error(e))?;
            let commands = tables.commands.len().map_err(|e| self.read_error(e))?;
            Ok((events, commands))
        })
    }

    /// Waits until the file has everything that memory has now, or the index gives up.
    pub(crate) fn settle(&self) {
        let mut state = self.shared.state.lock();
        let target = state.fresh.checkpoint.map(|checkpoint| checkpoint.position);
        while !state.gave_up
            && (state.leaving.is_some()
                || state.fresh.checkpoint.is_some_and(|fresh| Some(fresh.position) <= target))
        {
            if state.leaving.is_none() {
                // A batch before its time, on this thread.
                let leaving = state.leave();
                drop(state);
                self.shared.write_until_done(&leaving);
                state = self.shared.state.lock();
            } else {
                self.shared.room.wait_for(&mut state, RETRY_AFTER);
            }
        }
    }

    fn read_error(&self, source: impl Into<redb::Error>) -> IndexError {
        store(&self.shared.path, "read", source)
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        self.shared.state.lock().closing = true;
        self.shared.work.notify_all();
        self.shared.room.notify_all();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("an index thread panicked; the index is read again at the start");
            }
        }
    }
}

impl State {
    fn leave(&mut self) -> Arc<Fresh> {
        let leaving = Arc::new(std::mem::take(&mut self.fresh));
        self.leaving = Some(Arc::clone(&leaving));
        leaving
    }
}

impl Shared {
    /// Notes in the filter what was in the file at the start. What comes later is noted when it
    /// comes.
    fn fill(&self) {
        let tables = Arc::clone(&self.state.lock().tables);
        let filled = guarded(&self.path, || {
            let failed = |error| store(&self.path, "read", error);
            for (place, row) in tables.commands.iter().map_err(failed)?.enumerate() {
                self.filter.insert(&hash_of(row.map_err(failed)?.0.value()));
                if place % FILL_STEP == 0 && self.state.lock().closing {
                    return Ok(false);
                }
            }
            for (place, row) in tables.streams.iter().map_err(failed)?.enumerate() {
                let (key, _) = row.map_err(failed)?;
                if version_of(key.value()) == StreamVersion::FIRST
                    && let Some(stream) = stream_of(key.value())
                {
                    self.filter.insert(&stream_hash(stream));
                }
                if place % FILL_STEP == 0 && self.state.lock().closing {
                    return Ok(false);
                }
            }
            Ok(true)
        });
        match filled {
            Ok(true) => self.filter.complete(),
            Ok(false) => {}
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the index's filter could not be filled; lookups go to the file"
            ),
        }
    }

    fn run(&self) {
        let mut written_at = Instant::now();
        loop {
            let leaving = {
                let mut state = self.state.lock();
                loop {
                    if state.gave_up {
                        return;
                    }
                    let due = written_at.elapsed() >= BATCH_EVERY || state.closing;
                    let events = state.fresh.streams.len();
                    if state.leaving.is_none() && (events >= BATCH_EVENTS || due && events > 0) {
                        break state.leave();
                    }
                    if state.closing && state.leaving.is_none() {
                        return;
                    }
                    let wait = BATCH_EVERY.saturating_sub(written_at.elapsed()).max(RETRY_AFTER);
                    self.work.wait_for(&mut state, wait);
                }
            };
            self.write_until_done(&leaving);
            written_at = Instant::now();
        }
    }

    /// Writes a batch to the file. A failure is tried again a few times, and once at the end: then
    /// the batch is read from the log at the next start.
    fn write_until_done(&self, leaving: &Fresh) {
        for attempt in 1.. {
            let written = file::write(&self.path, &self.database, leaving);
            let mut state = self.state.lock();
            match written {
                Ok(tables) => {
                    // Together, so that nobody sees the batch in neither place.
                    state.tables = Arc::new(tables);
                    state.leaving = None;
                    self.room.notify_all();
                    return;
                }
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        attempt,
                        "the log's index could not be written"
                    );
                    if state.closing || attempt >= ATTEMPTS_MAX {
                        // The batch stays in memory, so that what is durable can still be found.
                        state.gave_up = true;
                        self.room.notify_all();
                        return;
                    }
                    self.work.wait_for(&mut state, RETRY_AFTER);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::StreamKind;

    #[test]
    fn commands_of_every_generation_are_found_after_reopening() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("index.redb");
        let places = [1, 1 << 20, (1 << 20) + 5, 9 << 20].map(GlobalPosition::new);
        let hash = |place: usize| stream_hash(StreamId::new(StreamKind::Ticket, place as u128));
        let fingerprint = |place: usize| Fingerprint([place as u8; 16]);
        let checkpoint =
            Checkpoint { log_id: 7, position: places[3], chain: crate::ChainHash::start() };
        {
            let (index, none) = Index::open(&path, 1 << 20).expect("opens");
            assert_eq!(none, None);
            let mut additions = Additions::default();
            for (place, position) in places.iter().enumerate() {
                additions.command(hash(place), fingerprint(place), *position);
                additions.event(StreamId::RULES, StreamVersion::new(place as u64 + 1), *position);
            }
            index.extend(additions, checkpoint).expect("takes it");
            index.settle();
        }
        let (index, found) = Index::open(&path, 1 << 20).expect("opens again");
        assert_eq!(found, Some(checkpoint));
        for (place, position) in places.iter().enumerate() {
            let known = index.command(&hash(place)).expect("reads");
            assert_eq!(known, Some((fingerprint(place), *position)));
        }
        assert_eq!(index.command(&hash(4)).expect("reads"), None);
        assert_eq!(index.version(StreamId::RULES).expect("reads"), StreamVersion::new(4));
    }

    #[test]
    fn what_is_in_memory_and_what_is_in_the_file_are_read_as_one() {
        let dir = tempfile::tempdir().expect("a directory");
        let (index, _) = Index::open(&dir.path().join("index.redb"), 1 << 20).expect("opens");
        for number in 1..=6 {
            let position = GlobalPosition::new(number);
            let mut additions = Additions::default();
            additions.event(StreamId::RULES, StreamVersion::new(number), position);
            let chain = crate::ChainHash::start();
            index.extend(additions, Checkpoint { log_id: 7, position, chain }).expect("takes it");
            if number == 3 {
                index.settle();
            }
        }
        for (after, limit) in [(0, 10), (0, 2), (2, 3), (3, 2), (4, 10), (6, 10)] {
            let found = index.positions(StreamId::RULES, StreamVersion::new(after), limit);
            let found: Vec<u64> =
                found.expect("reads").iter().map(|(version, _)| version.get()).collect();
            let wanted: Vec<u64> = (after + 1..=6).take(limit).collect();
            assert_eq!(found, wanted, "after {after}, at most {limit}");
        }
    }
}
