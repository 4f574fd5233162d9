//! The read models of a log that nobody follows: folded once, up to its head or a position before
//! it, for whoever asks.

use std::ops::ControlFlow;
use std::path::Path;

use domain::GlobalPosition;
use eventlog::EventLog;

use crate::contract::Past;
use crate::read_models::{ModelName, ReadModels};
use crate::rebuild::{RebuildError, read_ahead};
use crate::recount::Recount;
use crate::snapshot::{SnapshotError, SnapshotStore};

/// Why the models could not be folded.
#[derive(Debug, thiserror::Error)]
pub enum AtRestError {
    /// A snapshot could not be looked at.
    #[error("the snapshots could not be loaded; delete their directory to fold the whole log")]
    Snapshots(#[from] SnapshotError),
    /// The log could not be read.
    #[error("the log could not be folded")]
    Fold(#[from] RebuildError),
}

/// By which rules a model counts the past on a log that nobody follows.
///
/// # Errors
/// When what is kept beside the snapshots, or the log, cannot be read.
pub fn recount_at_rest(
    log: &dyn EventLog,
    snapshots: &Path,
    model: ModelName,
) -> Result<Recount, SnapshotError> {
    SnapshotStore::read_only(snapshots).recounts()?.on(log, model.as_str())
}

impl ReadModels {
    /// Folds all models up to the log's head, in one pass from where the oldest snapshot in
    /// `snapshots` ends. Nothing is written: neither a snapshot nor the place of one that does not
    /// fit. `progress` is told after each batch where the fold is. A model that stops at an event
    /// answers as of before it, as a running one does.
    ///
    /// # Errors
    /// When snapshots or the log cannot be read.
    pub fn at_rest(
        log: &dyn EventLog,
        snapshots: &Path,
        progress: &mut dyn FnMut(GlobalPosition),
    ) -> Result<Self, AtRestError> {
        let store = SnapshotStore::read_only(snapshots);
        Self::folded(log, Some(&store), log.head().position, &mut |position| {
            progress(position);
            ControlFlow::Continue(())
        })
    }

    /// The models from their snapshots on, folded up to a position, or until `progress` breaks off.
    pub(crate) fn folded(
        log: &dyn EventLog,
        store: Option<&SnapshotStore>,
        until: GlobalPosition,
        progress: &mut dyn FnMut(GlobalPosition) -> ControlFlow<()>,
    ) -> Result<Self, AtRestError> {
        let models = Self::restore(log, store)?;
        let lanes = models.lanes();
        let after = lanes.iter().map(|lane| lane.progress().position).min();
        read_ahead(log, after.unwrap_or_default(), until, |events| {
            for lane in &lanes {
                lane.apply(&events, Past::new(log));
            }
            Ok(events.last().map_or(ControlFlow::Continue(()), |last| progress(last.position)))
        })?;
        Ok(models)
    }
}
