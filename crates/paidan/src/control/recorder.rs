//! Records the steps of an import: many on their way to the disk at once, settled in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use domain::ticket::TicketCommand;
use domain::{Actor, Command, ImportBatchId, Origin, Party};
use engine::{Engine, Error, Pending, Submission};
use eventlog::SubmitError;

use crate::import::{ImportCommand, Outcome, Settled, Sink, SinkError};

/// Steps that are decided and not yet durable. A sync takes some milliseconds, however many
/// appends it makes durable; this is an eighth of the log's queue, so that others get in too.
const IN_FLIGHT_MAX: usize = 1_024;

/// How long a full queue is waited for when none of ours is in it.
const FULL_QUEUE_WAIT: Duration = Duration::from_millis(5);

/// So often that is waited; ten seconds together.
const FULL_QUEUE_WAITS_MAX: u32 = 2_000;

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

/// A step that was decided.
struct InFlight {
    line: u64,
    pending: Pending,
}

/// Takes the steps of one import and hands them to the engine.
pub struct Recorder {
    engine: Arc<Engine>,
    batch: ImportBatchId,
    in_flight: VecDeque<InFlight>,
    settled: Vec<Settled>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("batch", &self.batch).finish_non_exhaustive()
    }
}

impl Recorder {
    /// Records under this batch. Waits for the disk, so it needs a thread that may wait.
    pub fn new(engine: Arc<Engine>, batch: ImportBatchId) -> Self {
        let in_flight = VecDeque::with_capacity(IN_FLIGHT_MAX);
        Self { engine, batch, in_flight, settled: Vec::new() }
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
        if self.in_flight.len() >= IN_FLIGHT_MAX {
            self.settle_oldest()?;
        }
        let mut waits = 0;
        let begun = loop {
            match self.engine.begin(submission.clone()) {
                // What is queued is in the way: the queue is full, or the ticket cannot be read
                // before its last step is durable.
                Err(Error::Busy) => {
                    if !self.settle_oldest()? {
                        waits += 1;
                        if waits > FULL_QUEUE_WAITS_MAX {
                            return Err(RecordError::Busy);
                        }
                        std::thread::sleep(FULL_QUEUE_WAIT);
                    }
                }
                begun => break begun,
            }
        };
        match begun {
            Ok(pending) => self.in_flight.push_back(InFlight { line, pending }),
            Err(error) => {
                let outcome = refusal(error)?;
                self.settled.push(Settled { line, outcome });
            }
        }
        Ok(std::mem::take(&mut self.settled))
    }

    /// Waits until each step that was taken is settled.
    ///
    /// # Errors
    /// When that will never be known.
    pub fn settle(&mut self) -> Result<Vec<Settled>, RecordError> {
        while self.settle_oldest()? {}
        Ok(std::mem::take(&mut self.settled))
    }

    /// Says whether there was one.
    fn settle_oldest(&mut self) -> Result<bool, RecordError> {
        let Some(InFlight { line, pending }) = self.in_flight.pop_front() else {
            return Ok(false);
        };
        let outcome = match pending.wait() {
            // A step that changed nothing was recorded in another way.
            Ok(receipt) if receipt.repeated || receipt.recorded_at.is_none() => {
                Outcome::AlreadyThere
            }
            Ok(_) => Outcome::New,
            Err(error) => refusal(error)?,
        };
        self.settled.push(Settled { line, outcome });
        Ok(true)
    }
}

/// Tells what concerns one step from what ends the import.
fn refusal(error: Error) -> Result<Outcome, RecordError> {
    match error {
        Error::IdReused { .. } => Ok(Outcome::Conflict),
        Error::Rejected(_) | Error::ImplausibleTime { .. } | Error::VersionMismatch { .. } => {
            Ok(Outcome::Refused(error.to_string()))
        }
        Error::Log(
            refused @ (SubmitError::RecordTooLarge { .. }
            | SubmitError::AppendTooLarge { .. }
            | SubmitError::Malformed(_)),
        ) => Ok(Outcome::Refused(refused.to_string())),
        Error::Busy
        | Error::Log(_)
        | Error::Read { .. }
        | Error::Corrupt { .. }
        | Error::OutcomeUnknown => Err(RecordError::Engine(error)),
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
