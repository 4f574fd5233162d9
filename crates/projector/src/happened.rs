//! The read models by what had happened by a moment, whenever it was recorded.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use domain::{GlobalPosition, StreamId, Timestamp};
use eventlog::{EventLog, RecordedEvent};

use crate::as_of::AsOfError;
use crate::at_rest::AtRestError;
use crate::contract::Past;
use crate::read_models::ReadModels;
use crate::rebuild::read_ahead;
use crate::runner::Lane;
use crate::snapshot::SnapshotStore;

/// Cuts each stream before its first event that happened later, so that what is left of it is a
/// beginning of it, and with it a legal history.
///
/// The moment of an event is that of the latest of its stream up to it: nothing counts that follows
/// on something that had not happened yet, whatever time it says itself.
#[derive(Debug)]
pub struct HappenedBy {
    moment: Timestamp,
    cut: HashSet<StreamId>,
}

impl HappenedBy {
    /// Nothing has been looked at yet.
    pub fn new(moment: Timestamp) -> Self {
        Self { moment, cut: HashSet::new() }
    }

    /// Whether an event counts. Events come in the order of their streams.
    pub fn counts(&mut self, event: &RecordedEvent) -> bool {
        if event.occurred_at > self.moment {
            self.cut.insert(event.stream);
        }
        !self.cut.contains(&event.stream)
    }
}

impl ReadModels {
    /// Folds an instance of its own of what had happened by a moment, as the log knows it at a
    /// position, or at its head where that comes before. It begins at the start of the log: a
    /// snapshot holds what was recorded by then, not what had happened. Otherwise it is as
    /// [`ReadModels::as_of`], but for attachments, which no question about the past is about: they
    /// are left out, because events of tickets and of attachments are cut at different places.
    ///
    /// # Errors
    /// When the log cannot be read, or `progress` broke the fold off.
    pub fn happened_by(
        log: &dyn EventLog,
        snapshots: Option<&Path>,
        moment: Timestamp,
        until: GlobalPosition,
        progress: &mut dyn FnMut(GlobalPosition) -> ControlFlow<()>,
    ) -> Result<Self, AsOfError> {
        let until = until.min(log.head().position);
        // Which rules the past is counted by stands beside the snapshots.
        let store =
            snapshots.map(|path| SnapshotStore::read_only(path).until(GlobalPosition::ZERO));
        let mut models = Self::restore(log, store.as_ref()).map_err(AtRestError::from)?;
        let lanes: [Arc<dyn Lane>; 5] = [
            Arc::clone(&models.open_tickets) as _,
            Arc::clone(&models.engineer_load) as _,
            Arc::clone(&models.directory) as _,
            Arc::clone(&models.satisfaction) as _,
            Arc::clone(&models.lifecycle) as _,
        ];
        let mut happened = HappenedBy::new(moment);
        let mut broken_off = None;
        let read = read_ahead(log, GlobalPosition::ZERO, until, |mut events| {
            let last = events.last().map(|event| event.position);
            events.retain(|event| happened.counts(event));
            for lane in &lanes {
                lane.apply(&events, Past::new(log));
            }
            let flow = last.map_or(ControlFlow::Continue(()), &mut *progress);
            broken_off = last.filter(|_| flow.is_break());
            Ok(flow)
        });
        read.map_err(AtRestError::from)?;
        if let Some(position) = broken_off.filter(|position| *position < until) {
            return Err(AsOfError::BrokenOff { position, until });
        }
        models.directory.amend(crate::directory::Directory::forget_everybody);
        models.open_tickets.pass(until);
        models.engineer_load.pass(until);
        models.directory.pass(until);
        models.satisfaction.pass(until);
        models.lifecycle.pass(until);
        models.as_of = Some(until);
        Ok(models)
    }
}
