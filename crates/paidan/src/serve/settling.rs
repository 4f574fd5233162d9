//! Waiting until everything that was said has had its consequences: what a simulation needs before
//! it lets time go on.

use std::sync::Arc;
use std::time::Duration;

use domain::{GlobalPosition, Timestamp};
use eventlog::{Clock, EventLog, SledLog};
use gateway::{DispatcherState, PartsStatus};
use projector::{ModelName, ReadModels, WaitError};

use super::status::Parts;

/// Tells when nothing is under way.
pub struct Settling {
    pub(super) log: Arc<SledLog>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) parts: Arc<Parts>,
    pub(super) models: Arc<ReadModels>,
}

/// It did not come to rest.
#[derive(Debug, thiserror::Error)]
pub enum Unsettled {
    /// The dispatcher does not run any more.
    #[error("the dispatcher stopped: {0}")]
    Stopped(String),
    /// The dispatcher is still at work.
    #[error(
        "the dispatcher is at position {seen} of {head} with {in_flight} commands on their way"
    )]
    Dispatcher {
        /// Where it is.
        seen: GlobalPosition,
        /// Where the log is.
        head: GlobalPosition,
        /// Commands without an answer.
        in_flight: usize,
    },
    /// A read model does not get there.
    #[error("a read model did not catch up")]
    ReadModel(#[from] WaitError),
}

impl Settling {
    /// Waits until the dispatcher knows all that is durable, has nothing on its way and nothing
    /// due, and the read models hold it too; says when something is due next. As long as nobody
    /// else commands and the clock stands still, it stays so.
    ///
    /// # Errors
    /// When that takes longer than `within`, in real time.
    pub async fn settled(&self, within: Duration) -> Result<Option<Timestamp>, Unsettled> {
        let mut watched = self.parts.dispatcher.watch();
        let head_and_due = async {
            loop {
                let seen = *watched.borrow_and_update();
                // Read after what the dispatcher knows: were it the other way round, an event
                // between the two could be missed.
                let head = self.log.head().position;
                let rests = seen.caught_up
                    && seen.position == head
                    && seen.in_flight == 0
                    && seen.next_due.is_none_or(|due| due > self.clock.now());
                if rests || watched.changed().await.is_err() {
                    return (head, seen.next_due);
                }
            }
        };
        let Ok((head, due)) = tokio::time::timeout(within, head_and_due).await else {
            let now = self.parts.dispatcher.snapshot();
            return Err(match self.parts.dispatcher().state {
                DispatcherState::Stopped(why) => Unsettled::Stopped(why),
                _ => Unsettled::Dispatcher {
                    seen: now.position,
                    head: self.log.head().position,
                    in_flight: now.in_flight,
                },
            });
        };
        for model in ModelName::ALL {
            self.models.wait_for(model, head, within).await?;
        }
        Ok(due)
    }
}
