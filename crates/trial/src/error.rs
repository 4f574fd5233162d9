//! Why rules could not be tried.

use dispatcher::Fault;
use eventlog::ReadError;

/// Why rules could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log could not be read.
    #[error("the log could not be read")]
    Read(#[from] ReadError),
    /// The log's events cannot be followed.
    #[error("the log cannot be followed")]
    Fault(#[from] Fault),
}
