//! What two threads do beside the log: one turns what is in memory into runs, one merges runs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::fresh::Fresh;
use super::run::Run;
use super::{RUN_EVENTS, merge};

/// A failed write is tried again after this time.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(1);
/// After so many failures the index gives up, and the log takes no more writes.
const ATTEMPTS_MAX: u32 = 30;

pub(super) struct State {
    pub(super) fresh: Fresh,
    /// Becoming a run.
    pub(super) leaving: Option<Arc<Fresh>>,
    /// Oldest first; each begins where the one before ends.
    pub(super) runs: Arc<Vec<Arc<Run>>>,
    pub(super) closing: bool,
    /// The index cannot be written. What is in memory stays there, and no more is taken.
    pub(super) gave_up: bool,
}

pub(super) struct Shared {
    pub(super) directory: PathBuf,
    pub(super) state: Mutex<State>,
    /// There is something to do for a background thread.
    pub(super) work: Condvar,
    /// There is room in memory again.
    pub(super) room: Condvar,
}

impl State {
    pub(super) fn leave(&mut self) -> Arc<Fresh> {
        let next = Fresh::like(&self.fresh);
        let leaving = Arc::new(std::mem::replace(&mut self.fresh, next));
        self.leaving = Some(Arc::clone(&leaving));
        leaving
    }
}

impl Shared {
    /// Until the index is closed or gives up.
    pub(super) fn write_runs(&self) {
        loop {
            let leaving = {
                let mut state = self.state.lock();
                loop {
                    if state.gave_up {
                        return;
                    }
                    if state.leaving.is_none() && state.fresh.events() >= RUN_EVENTS {
                        let leaving = state.leave();
                        self.room.notify_all();
                        break leaving;
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
    pub(super) fn write_until_done(&self, leaving: &Fresh) {
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
    pub(super) fn merge_runs(&self) {
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
