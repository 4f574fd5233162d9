//! The read models as they stood at a position of the log: what was known by then.

use std::ops::ControlFlow;
use std::path::Path;

use domain::GlobalPosition;
use eventlog::EventLog;

use crate::at_rest::AtRestError;
use crate::read_models::ReadModels;
use crate::snapshot::SnapshotStore;

/// Why the models could not be folded up to a position.
#[derive(Debug, thiserror::Error)]
pub enum AsOfError {
    /// Snapshots or the log could not be read.
    #[error(transparent)]
    AtRest(#[from] AtRestError),
    /// Whoever asked does not wait any longer.
    #[error("the fold up to position {until} was broken off at {position}")]
    BrokenOff {
        /// Where the fold was.
        position: GlobalPosition,
        /// Where it was to end.
        until: GlobalPosition,
    },
}

impl ReadModels {
    /// Folds an instance of its own up to a position, or to the log's head where that comes
    /// before. A model begins at its snapshot in `snapshots` where that is not of a later
    /// position, else at the start of the log. Nothing is written. `progress` is told after each
    /// batch where the fold is, and may break it off. A model that stops at an event answers as of
    /// before it, as a running one does.
    ///
    /// The instance stays where it is, and its pages belong to its position alone. It knows no
    /// person: names are those of today, which the live models have, so that nothing has to be
    /// erased here.
    ///
    /// # Errors
    /// When snapshots or the log cannot be read, or `progress` broke the fold off.
    pub fn as_of(
        log: &dyn EventLog,
        snapshots: Option<&Path>,
        until: GlobalPosition,
        progress: &mut dyn FnMut(GlobalPosition) -> ControlFlow<()>,
    ) -> Result<Self, AsOfError> {
        let mut broken_off = None;
        let store = snapshots.map(|path| SnapshotStore::read_only(path).until(until));
        let mut models = Self::folded(log, store.as_ref(), until, &mut |position| {
            let flow = progress(position);
            broken_off = flow.is_break().then_some(position);
            flow
        })?;
        match broken_off {
            Some(position) if position < until => Err(AsOfError::BrokenOff { position, until }),
            _ => {
                models.directory.amend(crate::directory::Directory::forget_everybody);
                models.as_of = Some(until);
                Ok(models)
            }
        }
    }
}
