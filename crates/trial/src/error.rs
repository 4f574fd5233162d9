//! Why rules could not be tried.

use dispatcher::Fault;
use domain::{CorruptHistory, Timestamp};
use eventlog::ReadError;

/// Why rules could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log could not be read.
    #[error("the log could not be read")]
    Read(#[from] ReadError),
    /// The dispatcher cannot follow the log, or the sandbox.
    #[error("the dispatcher cannot follow what happened")]
    Fault(#[from] Fault),
    /// The events cannot follow each other.
    #[error("the states cannot follow what happened")]
    Corrupt(#[source] CorruptHistory),
    /// The rules are no rules.
    #[error("the rules cannot be published: {0}")]
    Rules(domain::Rejection),
    /// Nothing can be tried on it.
    #[error("the log has nothing at or after {from}; try an earlier `--from`")]
    NothingThen {
        /// The beginning that was asked for.
        from: Timestamp,
    },
    /// It would not fit into memory.
    #[error("more than {events_max} events follow on the beginning; try a later `--from`")]
    TooLong {
        /// The bound.
        events_max: u64,
    },
    /// It took too long.
    #[error("the trial was stopped; try a shorter time")]
    Stopped,
    /// The dispatcher does not come to rest, which is a mistake of this program.
    #[error("at {at} the dispatcher does not come to rest; please report this")]
    Restless {
        /// When, by the sandbox's clock.
        at: Timestamp,
    },
}
