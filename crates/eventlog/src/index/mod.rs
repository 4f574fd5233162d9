//! Where the events of a stream are, and which commands were applied: derived from the log, and
//! kept in files so that a start need not read the whole log.
//!
//! What is new goes to memory (`fresh`); when that is full it becomes a file that never changes
//! (`run`, of sorted `table`s behind a `filter`), and when there are many of those they are merged
//! (`merge`), both in the background. Memory is bounded: a log that runs ahead too far waits. A
//! run knows its log, its positions and the chain value at the last of them. Whoever opens the log
//! compares that with the log and reads what came after; a run that is damaged or of another log
//! is removed with those after it. The index is no truth: a position that it names is checked
//! against the record found there.

mod filter;
mod fresh;
mod merge;
mod run;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use domain::{GlobalPosition, StreamId, StreamVersion};
use parking_lot::{Condvar, Mutex};

use self::fresh::Fresh;
use self::run::Run;
use crate::ChainHash;
use crate::codec::{AppendView, command_hash};

/// So many new events become a run. After a crash they are read from the log again, in about a
/// fifth of a second.
const RUN_EVENTS: usize = 131_072;
/// With this many in memory beside a run that is being written, the log waits: about 40 MiB.
const MEMORY_EVENTS_MAX: usize = RUN_EVENTS;
/// A failed write is tried again after this time.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// After so many failures the index gives up, and the log takes no more writes.
const ATTEMPTS_MAX: u32 = 30;

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

struct State {
    fresh: Fresh,
    /// Becoming a run.
    leaving: Option<Arc<Fresh>>,
    /// Oldest first; each begins where the one before ends.
    runs: Arc<Vec<Arc<Run>>>,
    closing: bool,
    /// The index cannot be written. What is in memory stays there, and no more is taken.
    gave_up: bool,
}

struct Shared {
    directory: PathBuf,
    state: Mutex<State>,
    /// There is something to do for a background thread.
    work: Condvar,
    /// There is room in memory again.
    room: Condvar,
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
        let (runs, thrown_away) = open_runs(directory)?;
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

impl State {
    fn leave(&mut self) -> Arc<Fresh> {
        let next = Fresh::like(&self.fresh);
        let leaving = Arc::new(std::mem::replace(&mut self.fresh, next));
        self.leaving = Some(Arc::clone(&leaving));
        leaving
    }
}

impl Shared {
    fn write_runs(&self) {
        loop {
            let leaving = {
                let mut state = self.state.lock();
                loop {
                    if state.gave_up {
                        return;
                    }
                    if state.leaving.is_none() && state.fresh.events() >= RUN_EVENTS {
                        break state.leave();
                    }
                    if state.closing {
                        return;
                    }
                    self.work.wait(&mut state);
                }
            };
            self.write_until_done(&leaving);
        }
    }

    /// Writes a run. A failure is tried again a few times; when the log is being closed, not
    /// again: the events are read from the log at the next start.
    fn write_until_done(&self, leaving: &Fresh) {
        for attempt in 1.. {
            let written = leaving.write(&self.directory);
            let mut state = self.state.lock();
            match written {
                Ok(run) => {
                    // Together, so that nobody sees the events in neither place.
                    Arc::make_mut(&mut state.runs).extend(run.map(Arc::new));
                    state.leaving = None;
                    self.room.notify_all();
                    self.work.notify_all();
                    return;
                }
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        attempt,
                        "the log's index could not be written"
                    );
                    if state.closing || attempt >= ATTEMPTS_MAX {
                        // The events stay in memory, so that what is durable can still be found.
                        state.gave_up = true;
                        self.room.notify_all();
                        self.work.notify_all();
                        return;
                    }
                    self.work.wait_for(&mut state, RETRY_AFTER);
                }
            }
        }
    }

    /// Merges runs when there are enough. A merge that fails is left until there is another run:
    /// look-ups are slower meanwhile, and right.
    fn merge_runs(&self) {
        let mut failed_at = None;
        loop {
            let runs = {
                let mut state = self.state.lock();
                loop {
                    if state.closing || state.gave_up {
                        return;
                    }
                    let last = state.runs.last().map(|run| run.extent.until.position);
                    if last != failed_at
                        && let Some(due) = merge::due(&state.runs)
                    {
                        break state.runs[due].to_vec();
                    }
                    self.work.wait(&mut state);
                }
            };
            match merge::merge(&self.directory, &runs) {
                Ok(merged) => self.replace(&runs, merged),
                Err(error) => {
                    failed_at = self.state.lock().runs.last().map(|run| run.extent.until.position);
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "runs of the log's index could not be merged"
                    );
                }
            }
        }
    }

    /// Puts one run in the place of those that it was merged of. Whoever reads those still can.
    fn replace(&self, merged_of: &[Arc<Run>], merged: Option<Run>) {
        let mut state = self.state.lock();
        let place = state.runs.iter().position(|run| Arc::ptr_eq(run, &merged_of[0]));
        if let Some(place) = place {
            let range = place..place + merged_of.len();
            Arc::make_mut(&mut state.runs).splice(range, merged.map(Arc::new));
        }
        drop(state);
        for run in merged_of {
            // One that is left over is found within the merged one at the next start.
            drop(std::fs::remove_file(run.path()));
        }
    }
}

/// The runs that follow each other from the first position on; all other files are removed.
fn open_runs(directory: &Path) -> Result<(Vec<Arc<Run>>, Option<String>), IndexError> {
    let io = |doing| move |source| run::failed(doing, directory, source);
    std::fs::create_dir_all(directory).map_err(io("create"))?;
    let mut runs = Vec::new();
    let mut thrown_away = None;
    for entry in std::fs::read_dir(directory).map_err(io("list"))? {
        let path = entry.map_err(io("list"))?.path();
        match path.extension().and_then(|ending| ending.to_str()) {
            Some(run::FINISHED) => {}
            Some(run::UNFINISHED) => {
                remove(&path)?;
                continue;
            }
            _ => continue,
        }
        match Run::open(&path) {
            Ok(run) => runs.push(run),
            Err(error @ IndexError::Damaged { .. }) => {
                remove(&path)?;
                thrown_away = Some(error.to_string());
            }
            Err(error) => return Err(error),
        }
    }
    // The widest first of those that begin together.
    runs.sort_by_key(|run| (run.extent.first, std::cmp::Reverse(run.extent.until.position)));
    let mut kept: Vec<Arc<Run>> = Vec::new();
    for run in runs {
        let until = kept.last().map_or(GlobalPosition::ZERO, |run| run.extent.until.position);
        let of_the_same =
            kept.first().is_none_or(|first| first.extent.until.log_id == run.extent.until.log_id);
        if run.extent.first == until.next() && of_the_same {
            kept.push(Arc::new(run));
            continue;
        }
        if run.extent.until.position > until {
            thrown_away
                .get_or_insert_with(|| format!("nothing leads up to {}", run.path().display()));
        }
        remove(run.path())?;
    }
    Ok((kept, thrown_away))
}

fn remove(path: &Path) -> Result<(), IndexError> {
    std::fs::remove_file(path).map_err(|source| run::failed("remove", path, source))
}

#[cfg(test)]
mod tests;
