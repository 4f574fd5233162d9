//! The thread that follows the log: it reads batches by position, wakes when more is durable, and
//! applies each batch to every model under its gate.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use domain::GlobalPosition;
use eventlog::{EventLog, RecordedEvent};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::watch;

use crate::contract::{Past, Projection};
use crate::live::{Fault, Live, Progress, chain_of};
use crate::rebuild::{RebuildError, read_ahead};
use crate::snapshot::{SnapshotError, SnapshotStore};

/// From so many events behind on, the next batch is read while one is applied.
const FAR_BEHIND: u64 = 4_096;
/// While a model catches up, snapshots are this many times rarer: the next one would replace them.
const CATCHING_UP: u64 = 10;

/// How the runner works.
#[derive(Debug)]
pub struct RunnerOptions {
    /// Events that are applied before readers get their turn; 512, some milliseconds.
    pub batch_events_max: usize,
    /// After the log could not be read, it is tried again after this time; 1 s.
    pub retry_after: Duration,
    /// Where snapshots go; absent: none are written.
    pub snapshots: Option<SnapshotStore>,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        Self { batch_events_max: 512, retry_after: Duration::from_secs(1), snapshots: None }
    }
}

/// A model as the runner sees it.
pub trait Lane: Send + Sync + 'static {
    /// Its name.
    fn name(&self) -> &'static str;
    /// Its version.
    fn version(&self) -> u32;
    /// How many rows there are.
    fn rows(&self) -> usize;
    /// How far it is.
    fn progress(&self) -> Progress;
    /// Applies what it does not have yet.
    fn apply(&self, events: &[RecordedEvent], past: Past<'_>);
    /// Writes a snapshot, and says of which position.
    ///
    /// # Errors
    /// When it could not be written.
    fn save(
        &self,
        store: &SnapshotStore,
        log: &dyn EventLog,
    ) -> Result<GlobalPosition, SnapshotError>;
}

impl<P: Projection> Lane for Live<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn version(&self) -> u32 {
        P::VERSION
    }

    fn rows(&self) -> usize {
        self.read(P::rows).value
    }

    fn progress(&self) -> Progress {
        Self::progress(self)
    }

    fn apply(&self, events: &[RecordedEvent], past: Past<'_>) {
        self.apply_batch(events, past);
    }

    fn save(
        &self,
        store: &SnapshotStore,
        log: &dyn EventLog,
    ) -> Result<GlobalPosition, SnapshotError> {
        let position = store.save(self, log)?;
        self.set_saved(position);
        Ok(position)
    }
}

/// How a projection is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProjectionStatus {
    /// Its name.
    pub name: &'static str,
    /// The version of its fold.
    pub version: u32,
    /// The last event that it holds.
    pub position: GlobalPosition,
    /// How many events it is behind.
    pub lag: u64,
    /// How many rows there are.
    pub rows: usize,
    /// The event that it stopped at.
    pub fault: Option<Fault>,
}

/// How the runner is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunnerStatus {
    /// The log's last durable event.
    pub head: GlobalPosition,
    /// Whether its thread runs.
    pub running: bool,
    /// Why the log cannot be read just now.
    pub log_error: Option<String>,
    /// The projections.
    pub projections: Vec<ProjectionStatus>,
}

/// The runner did not end as it should.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// A bug; the log is not concerned, and the models are folded again at the next start.
    #[error("the projector's thread panicked; its last snapshots may be missing")]
    Panicked,
}

/// The thread that follows the log. Dropping it tells the thread to end, without waiting for it.
#[derive(Debug)]
pub struct Runner {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
    newcomers: Option<JoinHandle<()>>,
}

struct Shared {
    log: Arc<dyn EventLog>,
    lanes: Vec<Arc<dyn Lane>>,
    /// Which lanes are near enough to the others to be kept up together with them.
    joined: Vec<AtomicBool>,
    /// Changes when newcomers have joined: what came meanwhile is theirs, too.
    rejoined: watch::Sender<()>,
    log_error: Mutex<Option<String>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("log", &self.log.identity()).finish_non_exhaustive()
    }
}

impl Runner {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        log: Arc<dyn EventLog>,
        lanes: Vec<Arc<dyn Lane>>,
        options: RunnerOptions,
    ) -> io::Result<Self> {
        let joined = newcomers(&lanes).into_iter().map(|new| AtomicBool::new(!new)).collect();
        let shared = Arc::new(Shared {
            log,
            lanes,
            joined,
            rejoined: watch::Sender::new(()),
            log_error: Mutex::new(None),
        });
        let (stop, stopped) = watch::channel(false);
        let waiter = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let newcomers = shared.newcomers(stopped.clone(), options.batch_events_max)?;
        let worker = Worker::new(Arc::clone(&shared), options, stopped, waiter);
        let thread = thread::Builder::new().name("projector".into()).spawn(|| worker.run())?;
        Ok(Self { shared, stop, thread: Some(thread), newcomers })
    }

    /// How it is.
    pub fn status(&self) -> RunnerStatus {
        let head = self.shared.log.head().position;
        let status = |lane: &Arc<dyn Lane>| {
            let Progress { position, fault } = lane.progress();
            ProjectionStatus {
                name: lane.name(),
                version: lane.version(),
                position,
                lag: head.get().saturating_sub(position.get()),
                rows: lane.rows(),
                fault: fault.map(|fault| (*fault).clone()),
            }
        };
        RunnerStatus {
            head,
            running: self.thread.as_ref().is_some_and(|thread| !thread.is_finished()),
            log_error: self.shared.log_error.lock().clone(),
            projections: self.shared.lanes.iter().map(status).collect(),
        }
    }

    /// Ends the thread after the batch it is at, writes snapshots and waits for that. Blocks.
    ///
    /// # Errors
    /// When the thread panicked.
    pub fn stop(mut self) -> Result<(), StopError> {
        self.stop.send_replace(true);
        let threads = [self.newcomers.take(), self.thread.take()];
        // Each is waited for, also after another one panicked.
        let ended = threads.map(|thread| thread.map_or(Ok(()), JoinHandle::join));
        ended.into_iter().collect::<Result<(), _>>().map_err(|_panic| StopError::Panicked)
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// Which lanes are far behind the one that is farthest: a new model, or one whose snapshot did not
/// fit. Kept up together with the others, it would hold them back until it has caught up.
fn newcomers(lanes: &[Arc<dyn Lane>]) -> Vec<bool> {
    let positions: Vec<_> = lanes.iter().map(|lane| lane.progress().position.get()).collect();
    let farthest = positions.iter().copied().max().unwrap_or_default();
    positions.into_iter().map(|position| farthest - position >= FAR_BEHIND).collect()
}

impl Shared {
    /// The lanes that are kept up together.
    fn joined(&self) -> impl Iterator<Item = &Arc<dyn Lane>> {
        let lanes = self.lanes.iter().zip(&self.joined);
        lanes.filter(|(_, joined)| joined.load(Ordering::Acquire)).map(|(lane, _)| lane)
    }

    /// Starts a thread that brings the newcomers near to the others and then ends.
    fn newcomers(
        self: &Arc<Self>,
        stopped: watch::Receiver<bool>,
        batch_events_max: usize,
    ) -> io::Result<Option<JoinHandle<()>>> {
        if self.joined().count() == self.lanes.len() {
            return Ok(None);
        }
        let shared = Arc::clone(self);
        let bring = move || shared.bring_newcomers(&stopped, batch_events_max.max(1));
        thread::Builder::new().name("projector-new".into()).spawn(bring).map(Some)
    }

    fn bring_newcomers(&self, stopped: &watch::Receiver<bool>, batch_events_max: usize) {
        let newcomers = self.lanes.iter().zip(&self.joined);
        let newcomers: Vec<_> =
            newcomers.filter(|(_, joined)| !joined.load(Ordering::Acquire)).collect();
        let least = || {
            let running = newcomers.iter().map(|(lane, _)| lane.progress());
            running.filter(|lane| lane.fault.is_none()).map(|lane| lane.position).min()
        };
        while let Some(after) = least() {
            let head = self.log.head().position;
            if head.get() - after.get() < FAR_BEHIND || *stopped.borrow() {
                break;
            }
            let folded = read_ahead(self.log.as_ref(), after, head, |events| {
                for chunk in events.chunks(batch_events_max) {
                    for (lane, _) in &newcomers {
                        lane.apply(chunk, Past::new(self.log.as_ref()));
                    }
                }
                let stop = *stopped.borrow();
                Ok(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            });
            if folded.is_err() {
                // The others meet the same damage, tell it, and try again.
                break;
            }
        }
        for (_, joined) in newcomers {
            joined.store(true, Ordering::Release);
        }
        self.rejoined.send_replace(());
    }
}

struct Worker {
    shared: Arc<Shared>,
    /// Those that are kept up together in this step.
    lanes: Vec<Arc<dyn Lane>>,
    options: RunnerOptions,
    stopped: watch::Receiver<bool>,
    head: watch::Receiver<GlobalPosition>,
    rejoined: watch::Receiver<()>,
    waiter: tokio::runtime::Runtime,
    /// The position of each lane's last snapshot, in the order of the lanes.
    saved: Vec<GlobalPosition>,
}

/// Whether there is a reason to wait.
enum Step {
    Applied,
    UpToDate,
    LogFailed,
}

impl Worker {
    fn new(
        shared: Arc<Shared>,
        options: RunnerOptions,
        stopped: watch::Receiver<bool>,
        waiter: tokio::runtime::Runtime,
    ) -> Self {
        let saved = shared.lanes.iter().map(|lane| lane.progress().position).collect();
        let head = shared.log.watch();
        let rejoined = shared.rejoined.subscribe();
        Self { shared, lanes: Vec::new(), options, stopped, head, rejoined, waiter, saved }
    }

    fn run(mut self) {
        while !*self.stopped.borrow() {
            match self.step() {
                Step::Applied => {}
                Step::UpToDate => self.wait(None),
                Step::LogFailed => self.wait(Some(self.options.retry_after)),
            }
        }
        self.save(|position, saved| position > saved);
    }

    /// Where the next batch begins; nothing when every projection has stopped.
    fn next(&self) -> Option<GlobalPosition> {
        let running = self.lanes.iter().map(|lane| lane.progress());
        running.filter(|lane| lane.fault.is_none()).map(|lane| lane.position).min()
    }

    fn step(&mut self) -> Step {
        self.rejoined.mark_unchanged();
        // Not in the middle of a batch: a lane that joins there would miss what came before.
        self.lanes = self.shared.joined().map(Arc::clone).collect();
        let head = *self.head.borrow_and_update();
        let Some(after) = self.next().filter(|after| *after < head) else {
            return Step::UpToDate;
        };
        let outcome = if head.get() - after.get() >= FAR_BEHIND {
            self.catch_up(after, head)
        } else {
            self.batch(after)
        };
        let why = outcome.err().map(|error| chain_of(&error));
        let before = std::mem::replace(&mut *self.shared.log_error.lock(), why.clone());
        match why {
            None => Step::Applied,
            Some(why) => {
                // Said once, not at each attempt.
                if before.as_ref() != Some(&why) {
                    tracing::error!(
                        log.position = after.get(),
                        why,
                        "the log cannot be read: {why}"
                    );
                }
                Step::LogFailed
            }
        }
    }

    fn apply(&mut self, events: &[RecordedEvent]) {
        let past = Past::new(self.shared.log.as_ref());
        for chunk in events.chunks(self.options.batch_events_max.max(1)) {
            for lane in &self.lanes {
                lane.apply(chunk, past);
            }
        }
        let Some(every) = self.options.snapshots.as_ref().map(|store| store.options().every_events)
        else {
            return;
        };
        let head = *self.head.borrow();
        self.save(|position, saved| {
            let since = position.get().saturating_sub(saved.get());
            let due = if position < head { every.saturating_mul(CATCHING_UP) } else { every };
            since >= due.max(1)
        });
    }

    fn batch(&mut self, after: GlobalPosition) -> Result<(), RebuildError> {
        let mut limit = self.options.batch_events_max.max(1);
        loop {
            match self.shared.log.read_facts(after, limit) {
                Ok(events) => {
                    self.apply(&events);
                    return Ok(());
                }
                // What lies before the damage is still served.
                Err(_) if limit > 1 => limit /= 2,
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn catch_up(
        &mut self,
        after: GlobalPosition,
        head: GlobalPosition,
    ) -> Result<(), RebuildError> {
        let log = Arc::clone(&self.shared.log);
        let outcome = read_ahead(log.as_ref(), after, head, |events| {
            if *self.stopped.borrow() {
                return Ok(ControlFlow::Break(()));
            }
            self.apply(&events);
            Ok(ControlFlow::Continue(()))
        });
        match outcome {
            // Batch by batch, as far as the log can be read.
            Err(RebuildError::Read(_)) => match self.next() {
                Some(after) if after < head => self.batch(after),
                _ => Ok(()),
            },
            outcome => outcome,
        }
    }

    fn save(&mut self, due: impl Fn(GlobalPosition, GlobalPosition) -> bool) {
        let Some(store) = &self.options.snapshots else { return };
        for (lane, saved) in self.shared.lanes.iter().zip(&mut self.saved) {
            let Progress { position, fault } = lane.progress();
            if fault.is_some() || !due(position, *saved) {
                continue;
            }
            // After a failure it is due again in as many events, not at once.
            *saved = position;
            if let Err(error) = lane.save(store, self.shared.log.as_ref()) {
                let why = chain_of(&error);
                tracing::warn!(
                    projection = lane.name(),
                    why,
                    "no snapshot of {} was written: {why}",
                    lane.name(),
                );
            }
        }
    }

    fn wait(&mut self, at_most: Option<Duration>) {
        let Self { waiter, stopped, head, rejoined, .. } = self;
        waiter.block_on(async {
            let retry = async {
                match at_most {
                    Some(span) => tokio::time::sleep(span).await,
                    // The log lives as long as this thread, so its watch never ends.
                    None => match head.changed().await {
                        Ok(()) => {}
                        Err(_closed) => std::future::pending().await,
                    },
                }
            };
            tokio::select! {
                // Both a request to stop and a runner that was dropped end the wait.
                _stop = stopped.wait_for(|stop| *stop) => {}
                () = retry => {}
                // Its sender lives as long as this thread.
                _joined = rejoined.changed() => {}
            }
        });
    }
}
