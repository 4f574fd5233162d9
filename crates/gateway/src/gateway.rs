//! What the handlers share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use domain::{GlobalPosition, Timestamp};
use engine::{Error, Receipt, Submission};
use eventlog::{EventLog, ReadError, SubmitError};
use tokio::sync::{Semaphore, watch};

use crate::attachment::Reads;
use crate::config::Config;
use crate::look_back::LookBack;
use crate::pages::Boards;
use crate::ports::Ports;
use crate::presence::Presence;
use crate::problem::{Kind, Problem};
use crate::requests::Requests;
use crate::uploads::Uploaded;

/// What the log last said to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum LogCondition {
    /// It takes commands.
    Takes = 0,
    /// It takes none until it is opened again.
    Refuses = 1,
    /// It takes none until the time is confirmed.
    ClockJumped = 2,
}

/// The gateway: everything that requests share.
pub struct Gateway {
    ports: Ports,
    config: Config,
    condition: AtomicU8,
    pub(crate) presence: Presence,
    pub(crate) requests: Requests,
    pub(crate) started_at: Timestamp,
    pub(crate) streams: Arc<Semaphore>,
    /// Sheets that are loaded at once.
    pub(crate) loads: Arc<Semaphore>,
    /// Requests with many commands at once.
    pub(crate) bulks: Arc<Semaphore>,
    /// Bodies at once that are larger than others.
    pub(crate) large_bodies: Semaphore,
    /// Uploads whose bytes arrive.
    pub(crate) arriving: Arc<Semaphore>,
    pub(crate) reads: Reads,
    pub(crate) uploaded: Uploaded,
    /// Audits at once: each reads the whole log.
    pub(crate) audits: Arc<Semaphore>,
    /// Trials of rules at once: each reads the whole log.
    pub(crate) trials: Arc<Semaphore>,
    pub(crate) look_back: Arc<LookBack>,
    pub(crate) boards: Boards,
    closing: watch::Sender<bool>,
}

impl Gateway {
    /// A gateway over these parts. `keep_presence` has to run beside it.
    pub fn new(ports: Ports, config: Config) -> Arc<Self> {
        Arc::new(Self {
            presence: Presence::new(config.leases_max),
            requests: Requests::default(),
            reads: Reads::new(config.attachments.reads_max),
            uploaded: Uploaded::default(),
            boards: Boards::new(),
            look_back: LookBack::new(),
            started_at: ports.clock.now(),
            streams: Arc::new(Semaphore::new(config.streams_max)),
            audits: Arc::new(Semaphore::new(1)),
            trials: Arc::new(Semaphore::new(1)),
            loads: Arc::new(Semaphore::new(config.loads_max)),
            bulks: Arc::new(Semaphore::new(config.bulks_max)),
            large_bodies: Semaphore::new(config.attachments.large_bodies_max),
            arriving: Arc::new(Semaphore::new(config.attachments.arriving_max)),
            closing: watch::Sender::new(false),
            condition: AtomicU8::new(LogCondition::Takes as u8),
            ports,
            config,
        })
    }

    /// Ends streams and housekeeping, so that a server can shut down.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// What [`Gateway::close`] sets.
    pub(crate) fn closing(&self) -> watch::Sender<bool> {
        self.closing.clone()
    }

    /// Answers once [`Gateway::close`] was called.
    pub(crate) fn closed(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut closing = self.closing.subscribe();
        async move {
            // Ends without the word only with the gateway, which is the same.
            drop(closing.wait_for(|closing| *closing).await);
        }
    }

    pub(crate) const fn ports(&self) -> &Ports {
        &self.ports
    }

    pub(crate) const fn config(&self) -> &Config {
        &self.config
    }

    /// Carries a command out.
    pub(crate) async fn submit(&self, submission: Submission) -> Result<Receipt, Error> {
        let result = self.ports.engine.submit(submission).await;
        self.remember(result.as_ref());
        result
    }

    /// Keeps what an answer of the engine tells of the log, here and in the request's span.
    pub(crate) fn remember(&self, result: Result<&Receipt, &Error>) {
        if let Ok(receipt) = result {
            tracing::Span::current().record("log.position", receipt.position.get());
        }
        let condition = match result {
            Ok(receipt) if receipt.recorded_at.is_some() && !receipt.repeated => {
                LogCondition::Takes
            }
            Err(
                Error::OutcomeUnknown | Error::Log(SubmitError::Poisoned | SubmitError::Closed),
            ) => LogCondition::Refuses,
            Err(Error::Log(SubmitError::ClockJumped { .. })) => LogCondition::ClockJumped,
            // These say nothing of the log.
            Ok(_) | Err(_) => return,
        };
        self.condition.store(condition as u8, Ordering::Relaxed);
    }

    /// What the log last said to a command.
    pub(crate) fn log_condition(&self) -> LogCondition {
        match self.condition.load(Ordering::Relaxed) {
            1 => LogCondition::Refuses,
            2 => LogCondition::ClockJumped,
            _ => LogCondition::Takes,
        }
    }

    /// Waits until the log has a position durably; answers with where it is then.
    pub(crate) async fn log_at(
        &self,
        wanted: Option<GlobalPosition>,
    ) -> Result<GlobalPosition, Problem> {
        let log = &self.ports.log;
        if let Some(wanted) = wanted {
            let mut durable = log.watch();
            let there = durable.wait_for(|position| *position >= wanted);
            // In time or not: what counts is where it is.
            drop(tokio::time::timeout(self.config.wait_max, there).await);
            let position = log.head().position;
            if position < wanted {
                return Err(Problem::new(
                    Kind::ReadModelLags,
                    format!(
                        "the log is at position {position} and was asked for {wanted}; ask again \
                         after a moment, or without min_position"
                    ),
                )
                .with("read_model", "log")
                .with("position", position)
                .with("min_position", wanted));
            }
        }
        Ok(log.head().position)
    }

    /// Reads the log on a thread that may wait for a disk.
    pub(crate) async fn read_log<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn EventLog) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, Problem> {
        let log = Arc::clone(&self.ports.log);
        self.on_own_thread(move || read(log.as_ref())).await?.map_err(Into::into)
    }

    /// Does what takes time on a thread that may take it.
    pub(crate) async fn on_own_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        tokio::task::spawn_blocking(work).await.map_err(|error| match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(cancelled) => Problem::failure(
                Kind::Internal,
                "the server is shutting down; try again after its start",
                &cancelled,
            ),
        })
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("config", &self.config).finish_non_exhaustive()
    }
}
