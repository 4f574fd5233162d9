//! Records the steps of an import: many on their way to the disk at once, settled in order.

use std::sync::Arc;

use domain::ticket::TicketCommand;
use domain::{Actor, Command, ImportBatchId, Origin, Party};
use engine::{Batch, Engine, Error, Receipt, Submission};

use crate::import::{ImportCommand, Outcome, Settled, Sink, SinkError};

/// Why no step can be recorded any more.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The engine takes nothing more, or does not know what became of a step.
    #[error("the engine stopped taking steps")]
    Engine(#[source] Error),
    /// Others keep the log's queue full.
    #[error("the log's queue was full for ten seconds; import it again when there is less to do")]
    Busy,
}

/// Takes the steps of one import and hands them to the engine.
pub struct Recorder {
    commands: Batch<u64>,
    batch: ImportBatchId,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("batch", &self.batch).finish_non_exhaustive()
    }
}

impl Recorder {
    /// Records under this batch. Waits for the disk, so it needs a thread that may wait.
    pub fn new(engine: Arc<Engine>, batch: ImportBatchId) -> Self {
        Self { commands: Batch::new(engine), batch }
    }

    /// Decides a step and returns what was settled since the last call.
    ///
    /// # Errors
    /// When nothing more can be recorded.
    pub fn take(&mut self, command: ImportCommand) -> Result<Vec<Settled>, RecordError> {
        let ImportCommand { id, ticket, occurred_at, command, line } = command;
        let submission = Submission {
            id,
            command: Command::Ticket(ticket, TicketCommand::Import(command)),
            actor: Actor::system(Party::Import),
            origin: Origin::Import(self.batch),
            occurred_at: Some(occurred_at),
            if_version: None,
            caused_by: None,
            basis: None,
        };
        outcomes(self.commands.take(line, submission))
    }

    /// Waits until each step that was taken is settled.
    ///
    /// # Errors
    /// When that will never be known.
    pub fn settle(&mut self) -> Result<Vec<Settled>, RecordError> {
        outcomes(self.commands.settle())
    }
}

fn outcomes(settled: Vec<engine::Settled<u64>>) -> Result<Vec<Settled>, RecordError> {
    let outcome = |(line, result)| {
        let outcome = match result {
            // A step that changed nothing was recorded in another way.
            Ok(Receipt { repeated, recorded_at, .. }) if repeated || recorded_at.is_none() => {
                Outcome::AlreadyThere
            }
            Ok(_) => Outcome::New,
            Err(error) => refusal(error)?,
        };
        Ok(Settled { line, outcome })
    };
    settled.into_iter().map(outcome).collect()
}

/// Tells what concerns one step from what ends the import.
fn refusal(error: Error) -> Result<Outcome, RecordError> {
    match error {
        Error::IdReused { .. } => Ok(Outcome::Conflict),
        Error::Busy => Err(RecordError::Busy),
        error if error.concerns_one_command() => Ok(Outcome::Refused(match &error {
            // Says more than that it was not recorded.
            Error::Log(refused) => refused.to_string(),
            error => error.to_string(),
        })),
        error => Err(RecordError::Engine(error)),
    }
}

impl Sink for Recorder {
    fn submit(&mut self, command: ImportCommand) -> Result<Vec<Settled>, SinkError> {
        self.take(command).map_err(|error| SinkError(error.into()))
    }

    fn finish(&mut self) -> Result<Vec<Settled>, SinkError> {
        self.settle().map_err(|error| SinkError(error.into()))
    }
}
