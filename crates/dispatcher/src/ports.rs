//! What the driver needs of the world.

use std::future::Future;

use domain::{GlobalPosition, Timestamp};
use tokio::sync::watch;

use crate::action::{Action, Answer};
use crate::feed_event::FeedEvent;

/// The log, as the dispatcher reads it.
pub trait Feed: Send {
    /// The last durable position: everything up to it is history when the dispatcher starts.
    fn head(&mut self) -> impl Future<Output = Result<GlobalPosition, FeedError>> + Send;

    /// The durable events after a position, in global order and without gaps; at least one, and as
    /// few as memory allows (a page of some hundred). Waits until there is one.
    fn next(
        &mut self,
        after: GlobalPosition,
    ) -> impl Future<Output = Result<Vec<FeedEvent>, FeedError>> + Send;
}

/// Why events could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The log is closed or its reader is gone; there will be no more events.
    #[error("the log is closed")]
    Closed,
    /// The log could not be read.
    #[error("the log could not be read")]
    Read(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Whether a dispatcher acts. That two act at once is harmless, because ids make a decision that
/// comes twice the same one; that only one does spares work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// It acts.
    Leader,
    /// It knows what the leader knows, and waits until it is to act.
    #[default]
    Standby,
}

/// Carries actions out, as `Party::Dispatcher` and with `Origin::Live`.
pub trait Commands: Sync {
    /// Whether anything is to be carried out from here, now and whenever that changes. Where nobody
    /// else could, always.
    fn role(&self) -> watch::Receiver<Role> {
        watch::Sender::new(Role::Leader).subscribe()
    }

    /// Carries an action out and answers once it is durable. The same id may come again, with the
    /// same content or another.
    fn submit(&self, action: &Action) -> impl Future<Output = Result<Answer, SubmitError>> + Send;
}

/// Why an action was not answered.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Busy: it was not taken, and may be sent again after a moment.
    #[error("too much is waiting; try again after a moment")]
    Busy,
    /// The outcome is unknown: whether it is recorded shows when the log is read again.
    #[error("the outcome is unknown until the log is opened again")]
    OutcomeUnknown(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Nothing more is taken.
    #[error("no more commands are taken")]
    Closed,
}

/// The clock.
pub trait Wait: Sync {
    /// What time it is.
    fn now(&self) -> Timestamp;

    /// Returns once that time has come; at once when it is past.
    fn until(&self, moment: Timestamp) -> impl Future<Output = ()> + Send;
}
