//! Where the steps of an import go.

use domain::ticket::Import;
use domain::{CommandId, TicketId, Timestamp};
use serde::{Deserialize, Serialize};

/// One step of a case, with the id under which it is applied at most once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportCommand {
    /// Of source, case, row and what the row changes; the same at each import of the same row.
    pub id: CommandId,
    /// The ticket of the case.
    pub ticket: TicketId,
    /// When it happened in the other system.
    pub occurred_at: Timestamp,
    /// The step.
    pub command: Import,
    /// The line of the file at which its row begins, for reports.
    pub line: u64,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was recorded.
    New,
    /// It had been recorded by an earlier import.
    AlreadyThere,
    /// Its id had been recorded with another content, as after a change of the mapping.
    Conflict,
    /// It was refused, with the reason.
    Refused(String),
}

/// What became of the command of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The command's line.
    pub line: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// Nothing more can be taken: the log is poisoned, the server is gone.
#[derive(Debug, thiserror::Error)]
#[error("the steps could not be recorded")]
pub struct SinkError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Takes the steps of an import.
///
/// - Commands of one ticket take effect in the order of `submit`.
/// - `submit` may wait for room and need not wait for the outcome; it returns what has been
///   settled since the last call, of this or earlier commands, in any order.
/// - `finish` returns when each command taken is settled, and returns the rest of the outcomes.
/// - Each command taken is settled once; after an error some may never be.
/// - A command that is refused is an outcome, not an error: the import goes on.
pub trait Sink {
    /// Takes a command.
    ///
    /// # Errors
    /// When nothing more can be taken.
    fn submit(&mut self, command: ImportCommand) -> Result<Vec<Settled>, SinkError>;

    /// Waits for all outcomes.
    ///
    /// # Errors
    /// When they will never be known.
    fn finish(&mut self) -> Result<Vec<Settled>, SinkError>;
}

/// Takes everything and records nothing, for a dry run.
#[derive(Debug, Clone, Copy, Default)]
pub struct DrySink;

impl Sink for DrySink {
    fn submit(&mut self, _: ImportCommand) -> Result<Vec<Settled>, SinkError> {
        Ok(Vec::new())
    }

    fn finish(&mut self) -> Result<Vec<Settled>, SinkError> {
        Ok(Vec::new())
    }
}
