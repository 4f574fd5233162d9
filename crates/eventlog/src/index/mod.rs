//! Where the events of a stream are, and which commands were applied: derived from the log, and
//! kept in files so that a start need not read the whole log.
//!
//! What is new goes to memory (`fresh`); when that is full it becomes a file that never changes
//! (`run`, of sorted `table`s behind a `filter`; `format` has its bytes), and when there are many of those they are merged
//! (`merge`), both in the background. Memory is bounded: a log that runs ahead too far waits. A
//! run knows its log, its positions and the chain value at the last of them. Whoever opens the log
//! compares that with the log and reads what came after; a run that is damaged or of another log
//! is removed with those after it. The index is no truth: a position that it names is checked
//! against the record found there.

mod background;
mod filter;
mod format;
mod fresh;
mod merge;
mod run;
mod run_writer;
mod runs;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use domain::{GlobalPosition, StreamId, StreamVersion};
use parking_lot::{Condvar, Mutex};

use self::background::{RETRY_AFTER, Shared, State};
use self::fresh::Fresh;
use crate::ChainHash;
use crate::codec::{AppendView, command_hash};

/// So many new events become a run. After a crash they are read from the log again, in about a
/// fifth of a second.
const RUN_EVENTS: usize = 131_072;
/// With this many in memory beside a run that is being written, the log waits: about 50 MiB.
const MEMORY_EVENTS_MAX: usize = 2 * RUN_EVENTS;

/// Why the index failed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The system refused.
    #[error("could not {doing} {path} of the log's index")]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Bytes are not what was written.
    #[error(
        "the index file {path} is damaged at byte {offset}: {what}; stop the server, delete the \
         file and start again: it is made anew from the log"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in the file.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// It could not be written again and again.
    #[error("the index in {path} cannot be written; make room on the disk and start again")]
    GaveUp {
        /// The directory.
        path: PathBuf,
    },
}

/// How far a part of the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) log_id: u128,
    pub(crate) position: GlobalPosition,
    pub(crate) chain: ChainHash,
}

/// What one or more appends add.
#[derive(Debug, Default)]
pub(crate) struct Additions {
    streams: Vec<(StreamId, StreamVersion, GlobalPosition)>,
    commands: Vec<([u8; 16], GlobalPosition)>,
}

impl Additions {
    /// With room for so many appends of one event.
    pub(crate) fn for_appends(appends: usize) -> Self {
        Self { streams: Vec::with_capacity(appends), commands: Vec::with_capacity(appends) }
    }

    pub(crate) fn event(&mut self, stream: StreamId, version: StreamVersion, at: GlobalPosition) {
        self.streams.push((stream, version, at));
    }

    pub(crate) fn command(&mut self, hash: [u8; 16], first: GlobalPosition) {
        self.commands.push((hash, first));
    }

    /// What a stored append adds.
    pub(crate) fn append(&mut self, append: &AppendView<'_>) {
        self.command(command_hash(&append.header.command), append.first);
        for record in &append.records {
            self.event(record.stream, record.version, record.position);
        }
    }

    pub(crate) fn events(&self) -> usize {
        self.streams.len()
    }

    /// Forgets all, and keeps the room for more.
    pub(crate) fn clear(&mut self) {
        self.streams.clear();
        self.commands.clear();
    }
}

/// What opening the index found.
pub(crate) struct Found {
    /// How far it is, where there is anything.
    pub(crate) until: Option<Checkpoint>,
    /// Why a part of it was thrown away.
    pub(crate) thrown_away: Option<String>,
}

/// The index, with a thread that writes runs and one that merges them.
pub(crate) struct Index {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Index {
    /// Opens the index in its directory, or makes it.
    pub(crate) fn open(directory: &Path) -> Result<(Self, Found), IndexError> {
        let (runs, thrown_away) = runs::open_all(directory)?;
        let until = runs.last().map(|run| run.extent.until);
        let state = State {
            fresh: Fresh::default(),
            leaving: None,
            runs: Arc::new(runs),
            closing: false,
            gave_up: false,
        };
        let shared = Arc::new(Shared {
            directory: directory.to_path_buf(),
            state: Mutex::new(state),
            work: Condvar::new(),
            room: Condvar::new(),
        });
        let (writer, merger) = (Arc::clone(&shared), Arc::clone(&shared));
        let spawned = |source| run::failed("start a thread for", directory, source);
        let threads = vec![
            std::thread::Builder::new()
                .name("log-index".into())
                .spawn(move || writer.write_runs())
                .map_err(spawned)?,
            std::thread::Builder::new()
                .name("log-index-merge".into())
                .spawn(move || merger.merge_runs())
                .map_err(spawned)?,
        ];
        Ok((Self { shared, threads }, Found { until, thrown_away }))
    }

    /// Removes an index that cannot be used.
    pub(crate) fn discard(directory: &Path) -> Result<(), IndexError> {
        match std::fs::remove_dir_all(directory) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(run::failed("remove", directory, error))
            }
            _ => Ok(()),
        }
    }

    /// Adds what became durable. Waits while too much is in memory; the index thread either
    /// makes room or gives up.
    pub(crate) fn extend(
        &self,
        additions: &Additions,
        until: Checkpoint,
    ) -> Result<(), IndexError> {
        let mut state = self.shared.state.lock();
        while state.fresh.events() >= MEMORY_EVENTS_MAX && !state.gave_up {
            self.shared.work.notify_all();
            self.shared.room.wait(&mut state);
        }
        if state.gave_up {
            return Err(IndexError::GaveUp { path: self.shared.directory.clone() });
        }
        state.fresh.extend(additions, until);
        if state.fresh.events() >= RUN_EVENTS {
            self.shared.work.notify_all();
        }
        Ok(())
    }

    /// The last version of a stream; zero where it has none.
    pub(crate) fn version(&self, stream: StreamId) -> Result<StreamVersion, IndexError> {
        let runs = {
            let state = self.shared.state.lock();
            let leaving = || state.leaving.as_ref()?.version(stream);
            if let Some(version) = state.fresh.version(stream).or_else(leaving) {
                return Ok(version);
            }
            Arc::clone(&state.runs)
        };
        for run in runs.iter().rev() {
            if let Some(version) = run.version(stream)? {
                return Ok(version);
            }
        }
        Ok(StreamVersion::ZERO)
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
        let mut newest = Vec::new();
        let runs = {
            let state = self.shared.state.lock();
            if let Some(leaving) = &state.leaving {
                leaving.positions(stream, after, limit, &mut newest);
            }
            state.fresh.positions(stream, after, limit, &mut newest);
            Arc::clone(&state.runs)
        };
        if newest.first().is_some_and(|(version, _)| *version == after.next()) {
            return Ok(newest);
        }
        let mut found = Vec::new();
        for run in runs.iter() {
            run.positions(stream, after, limit, &mut found)?;
        }
        newest.truncate(limit - found.len());
        found.append(&mut newest);
        Ok(found)
    }

    /// Where the append of a command begins, by the hash of its id.
    pub(crate) fn command(&self, hash: &[u8; 16]) -> Result<Option<GlobalPosition>, IndexError> {
        let runs = {
            let state = self.shared.state.lock();
            let leaving = || state.leaving.as_ref()?.command(hash);
            if let Some(first) = state.fresh.command(hash).or_else(leaving) {
                return Ok(Some(first));
            }
            Arc::clone(&state.runs)
        };
        for run in runs.iter().rev() {
            if let Some(first) = run.command(hash)? {
                return Ok(Some(first));
            }
        }
        Ok(None)
    }

    /// How many events and commands there are.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let state = self.shared.state.lock();
        let fresh = std::iter::once(&state.fresh).chain(state.leaving.as_deref());
        let fresh = fresh.map(|fresh| (fresh.events() as u64, fresh.commands() as u64));
        let runs = state.runs.iter().map(|run| (run.extent.stream_rows, run.extent.command_rows));
        fresh.chain(runs).fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
    }

    /// Waits until everything that is in memory now is in a run, or the index gives up.
    pub(crate) fn settle(&self) {
        let mut state = self.shared.state.lock();
        let target = state.fresh.until();
        while !state.gave_up
            && (state.leaving.is_some()
                || state.fresh.until().is_some_and(|until| Some(until) <= target))
        {
            if state.leaving.is_none() {
                // A run before its time, on this thread.
                let leaving = state.leave();
                drop(state);
                self.shared.write_until_done(&leaving);
                state = self.shared.state.lock();
            } else {
                self.shared.room.wait_for(&mut state, RETRY_AFTER);
            }
        }
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

/// For fuzzing: the header of a run, from any bytes.
#[cfg(feature = "conformance")]
pub(crate) fn read_run_header(bytes: &[u8]) {
    if let Ok((extent, filter_bytes)) = format::Extent::read(bytes) {
        format::lengths(&extent, filter_bytes);
        extent.file_name();
    }
}

/// For fuzzing: a whole header.
#[cfg(feature = "conformance")]
pub(crate) fn sample_run_header() -> Vec<u8> {
    let first = GlobalPosition::FIRST;
    let until = Checkpoint { log_id: 7, position: first.plus(9), chain: ChainHash::start() };
    let extent = format::Extent { first, until, stream_rows: 10, streams: 3, command_rows: 4 };
    extent.header(64)[..112].to_vec()
}

#[cfg(test)]
mod tests;
