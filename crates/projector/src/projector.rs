//! The projector of one process: the models, from their snapshots on, and their runner.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use eventlog::{Clock, EventLog, SystemClock};

use crate::read_models::ReadModels;
use crate::runner::{Runner, RunnerOptions, RunnerStatus, StopError};
use crate::snapshot::{SnapshotError, SnapshotOptions, SnapshotStore};
use crate::workbench::Workbench;

/// How the projector works.
#[derive(Clone)]
pub struct ProjectorOptions {
    /// Where snapshots lie; absent: each start folds the whole log.
    pub snapshots: Option<SnapshotOptions>,
    /// As in [`RunnerOptions`].
    pub batch_events_max: usize,
    /// As in [`RunnerOptions`].
    pub retry_after: Duration,
    /// Tells how fast a rebuild is, and when a swap was.
    pub clock: Arc<dyn Clock>,
}

impl Default for ProjectorOptions {
    fn default() -> Self {
        let RunnerOptions { batch_events_max, retry_after, .. } = RunnerOptions::default();
        let clock = Arc::new(SystemClock);
        Self { snapshots: None, batch_events_max, retry_after, clock }
    }
}

impl fmt::Debug for ProjectorOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { snapshots, batch_events_max, retry_after, clock: _ } = self;
        f.debug_struct("ProjectorOptions")
            .field("snapshots", snapshots)
            .field("batch_events_max", batch_events_max)
            .field("retry_after", retry_after)
            .finish_non_exhaustive()
    }
}

/// Why the projector could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Snapshots could not be looked at; without them it would start slower.
    #[error("the snapshots could not be loaded; delete their directory to start without them")]
    Snapshots(#[from] SnapshotError),
    /// The system gives no thread.
    #[error("the projector's thread could not be started")]
    Thread(#[source] io::Error),
}

/// The live models and the thread that keeps them so.
#[derive(Debug)]
pub struct Projector {
    models: Arc<ReadModels>,
    workbench: Arc<Workbench>,
    runner: Runner,
}

impl Projector {
    /// Loads the snapshots and follows the log from there. Blocks while it loads; the models
    /// catch up afterwards.
    ///
    /// # Errors
    /// When snapshots or the log cannot be read, or the system gives no thread. A snapshot that
    /// does not fit is no error.
    pub fn start(log: Arc<dyn EventLog>, options: ProjectorOptions) -> Result<Self, StartError> {
        let store = options.snapshots.clone().map(SnapshotStore::open).transpose()?;
        let models = Arc::new(ReadModels::restore(log.as_ref(), store.as_ref())?);
        let lanes = models.lanes();
        for lane in &lanes {
            let (name, position) = (lane.name(), lane.progress().position);
            tracing::info!(
                projection = name,
                log.position = position.get(),
                "projection {name} starts from position {position}",
            );
        }
        let runner_options = RunnerOptions {
            batch_events_max: options.batch_events_max,
            retry_after: options.retry_after,
            snapshots: store,
        };
        let runner =
            Runner::start(Arc::clone(&log), lanes, runner_options).map_err(StartError::Thread)?;
        let ProjectorOptions { snapshots, clock, .. } = options;
        let workbench = Arc::new(Workbench::open(log, Arc::clone(&models), snapshots, clock));
        Ok(Self { models, workbench, runner })
    }

    /// The live models.
    pub const fn models(&self) -> &Arc<ReadModels> {
        &self.models
    }

    /// Where models are rebuilt.
    pub const fn workbench(&self) -> &Arc<Workbench> {
        &self.workbench
    }

    /// How the projections are.
    pub fn status(&self) -> RunnerStatus {
        self.runner.status()
    }

    /// Writes snapshots and ends. Blocks until that is done.
    ///
    /// # Errors
    /// When the thread panicked.
    pub fn stop(self) -> Result<(), StopError> {
        self.workbench.close();
        self.runner.stop()
    }
}
