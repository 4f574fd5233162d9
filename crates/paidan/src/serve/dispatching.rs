//! The dispatcher's ports in one process: it reads the log directly and submits to the engine.

use std::sync::Arc;

use dispatcher::{
    Action, Answer, Audited, Commands, Dispatcher, DriveError, Feed, FeedError, FeedEvent, Role,
    SubmitError, Wait,
};
use domain::{Actor, GlobalPosition, Origin, Party, Stamp, Timestamp};
use engine::{Engine, Error, Submission};
use eventlog::{Clock, DecisionBasis, EventLog, RecordedEvent};
use tokio::sync::watch;

/// So many events are read at once.
const PAGE: usize = 512;

/// What was written last is still in the log's memory: reading it takes less than handing it to a
/// thread that may wait for the disk.
const IN_MEMORY: u64 = 256;

/// The log, as the dispatcher reads it.
pub(super) struct LogFeed {
    log: Arc<dyn EventLog>,
    durable: watch::Receiver<GlobalPosition>,
}

impl LogFeed {
    pub(super) fn new(log: Arc<dyn EventLog>) -> Self {
        let durable = log.watch();
        Self { log, durable }
    }
}

fn feed_event(recorded: RecordedEvent) -> FeedEvent {
    FeedEvent {
        stream: recorded.stream,
        stamp: Stamp {
            position: recorded.position,
            version: recorded.version,
            occurred_at: recorded.occurred_at,
            recorded_at: recorded.recorded_at,
        },
        origin: recorded.header.origin,
        event: recorded.event,
    }
}

impl Feed for LogFeed {
    async fn head(&mut self) -> Result<GlobalPosition, FeedError> {
        Ok(self.log.head().position)
    }

    async fn next(&mut self, after: GlobalPosition) -> Result<Vec<FeedEvent>, FeedError> {
        let durable = self.durable.wait_for(|durable| *durable > after).await;
        let durable = *durable.map_err(|_| FeedError::Closed)?;
        let events = if durable.get() - after.get() <= IN_MEMORY {
            self.log.read(after, PAGE)
        } else {
            let log = Arc::clone(&self.log);
            let read = tokio::task::spawn_blocking(move || log.read(after, PAGE));
            read.await.map_err(|error| FeedError::Read(error.into()))?
        };
        let events = events.map_err(|error| FeedError::Read(error.into()))?;
        Ok(events.into_iter().map(feed_event).collect())
    }
}

/// The engine, as the dispatcher commands it.
pub(super) struct EngineCommands(pub(super) Arc<Engine>);

impl Commands for EngineCommands {
    async fn submit(&self, action: &Action) -> Result<Answer, SubmitError> {
        let basis = DecisionBasis {
            position: action.basis.position,
            decided_at: action.basis.decided_at,
            rule_set: action.basis.rule_set,
            core_version: action.basis.core_version,
        };
        let submission = Submission {
            id: action.id.clone(),
            command: action.command.clone(),
            actor: Actor::system(Party::Dispatcher),
            origin: Origin::Live,
            occurred_at: None,
            if_version: None,
            caused_by: action.caused_by,
            basis: Some(basis),
        };
        match self.0.submit(submission).await {
            Ok(receipt) => Ok(match receipt.recorded_at {
                Some(_) => Answer::Done { position: receipt.position },
                None => Answer::Nothing,
            }),
            Err(Error::Rejected(rejected)) => Ok(Answer::Rejected((&rejected.rejection).into())),
            Err(Error::IdReused { .. }) => Ok(Answer::DecidedAlready),
            // Until somebody confirms the time, or makes room on the disk, nothing is taken; it is
            // tried again.
            Err(
                Error::Busy
                | Error::DiskReserve { .. }
                | Error::DiskFull { .. }
                | Error::Log(eventlog::SubmitError::ClockJumped { .. }),
            ) => Err(SubmitError::Busy),
            Err(Error::Log(eventlog::SubmitError::Poisoned)) => Err(SubmitError::Closed),
            Err(error @ Error::OutcomeUnknown) => Err(SubmitError::OutcomeUnknown(error.into())),
            Err(
                error @ (Error::Log(_)
                | Error::Read { .. }
                | Error::Corrupt { .. }
                | Error::VersionMismatch { .. }
                | Error::ImplausibleTime { .. }),
            ) => {
                tracing::error!(
                    command.id = %action.id,
                    error = &error as &dyn std::error::Error,
                    "the dispatcher's command {} was not taken",
                    action.id,
                );
                Ok(Answer::NotTaken)
            }
        }
    }
}

/// Takes no commands: a dispatcher with it never leads, and its auditor sees what others leave
/// undone.
pub(super) struct OnlyWatches;

impl Commands for OnlyWatches {
    fn role(&self) -> watch::Receiver<Role> {
        watch::Sender::new(Role::Standby).subscribe()
    }

    async fn submit(&self, _: &Action) -> Result<Answer, SubmitError> {
        Err(SubmitError::Closed)
    }
}

/// What an auditor sees in a log that nobody dispatches from.
///
/// # Errors
/// When the log cannot be read or followed.
pub(crate) fn audited(log: &dyn EventLog, now: Timestamp) -> Result<Audited, DriveError> {
    let mut core = Dispatcher::new();
    let head = log.head().position;
    while core.position() < head {
        let read = log.read(core.position(), PAGE);
        for recorded in read.map_err(|error| FeedError::Read(error.into()))? {
            core.replay(&feed_event(recorded))?;
        }
    }
    Ok(core.audited(now))
}

/// The clock, as the dispatcher waits by it.
pub(crate) struct ClockWait(pub(crate) Arc<dyn Clock>);

impl Wait for ClockWait {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn until(&self, moment: Timestamp) {
        self.0.wait_until(moment).await;
    }
}
