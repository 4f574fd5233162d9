//! What the API answers, over the socket and from a directory at rest: the gateway gives it in
//! both cases, so that there is one shape of each answer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::GlobalPosition;
use engine::Engine;
use eventlog::{Clock, EventLog, SledLog};
use gateway::{
    Answered, DispatcherState, DispatcherStatus, Gateway, PartsStatus, Ports, TicketAudit,
};
use parking_lot::Mutex;
use projector::ReadModels;
use tokio::runtime::{Handle, Runtime};

use super::failure::{Failure, FailureKind};
use super::handler::{Ended, Parts, Replies};
use super::projections::with_progress;
use super::protocol::Reply;
use crate::serve::{audited, told_audit};

/// Questions of one request. A table asks for the names of what it shows.
pub(super) const TARGETS_MAX: usize = 1_000;

/// So much of an answer goes onto one line; as JSON it can be six times as long.
const PART_BYTES: usize = 32 * 1024;

/// Who answers.
#[derive(Debug, Clone)]
pub enum Desk {
    /// The gateway of a running server.
    Served(Arc<Gateway>),
    /// One that is made of the directory with the first question.
    AtRest(Arc<AtRest>),
}

/// A directory at rest, and what was made of it.
pub struct AtRest {
    snapshots: PathBuf,
    clock: Arc<dyn Clock>,
    made: Mutex<Option<Made>>,
}

/// The runtime is for the gateway's handlers; nothing runs on it between two questions.
struct Made {
    gateway: Arc<Gateway>,
    runtime: Runtime,
}

impl std::fmt::Debug for AtRest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AtRest").field("snapshots", &self.snapshots).finish_non_exhaustive()
    }
}

impl Desk {
    /// Of a directory that no server uses.
    pub(super) fn at_rest(data: &Path, clock: Arc<dyn Clock>) -> Self {
        let snapshots = data.join("snapshots");
        Self::AtRest(Arc::new(AtRest { snapshots, clock, made: Mutex::new(None) }))
    }
}

/// Answers each target with the parts of its body and its status, in order.
pub(super) fn answer(
    parts: &Parts,
    targets: &[String],
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    if targets.len() > TARGETS_MAX {
        let message = format!("{} questions at once; {TARGETS_MAX} are answered", targets.len());
        return Err(Failure::new(FailureKind::BadRequest, message).into());
    }
    match &parts.desk {
        Desk::Served(gateway) => {
            // This thread waits; the server's runtime answers.
            let runtime =
                Handle::try_current().map_err(|error| Failure::of(FailureKind::Failed, &error))?;
            let ask = |target: &str| runtime.block_on(gateway.answer(target));
            targets.iter().try_for_each(|target| send(&ask(target), replies))
        }
        Desk::AtRest(rest) => {
            let mut made = rest.made.lock();
            let Made { gateway, runtime } = match &mut *made {
                Some(made) => made,
                none => none.insert(make(rest, &parts.log, &parts.engine, replies)?),
            };
            let ask = |target: &str| runtime.block_on(gateway.answer(target));
            targets.iter().try_for_each(|target| send(&ask(target), replies))
        }
    }
}

fn send(answered: &Answered, replies: &mut dyn Replies) -> Result<(), Ended> {
    let body = String::from_utf8_lossy(&answered.body);
    let mut rest = &*body;
    while !rest.is_empty() {
        let (part, after) = rest.split_at(rest.floor_char_boundary(PART_BYTES));
        replies.send(Reply::Part(part.to_owned()))?;
        rest = after;
    }
    Ok(replies.send(Reply::Answered { status: answered.status, now: answered.now })?)
}

fn make(
    rest: &AtRest,
    log: &Arc<SledLog>,
    engine: &Arc<Engine>,
    replies: &mut dyn Replies,
) -> Result<Made, Ended> {
    let folded = with_progress(log.head().position, replies, |progress| {
        ReadModels::at_rest(log.as_ref(), &rest.snapshots, progress)
    })?;
    let models = folded.map_err(|error| Failure::of(FailureKind::Failed, &error))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|error| Failure::of(FailureKind::Failed, &error))?;
    let ports = Ports {
        engine: Arc::clone(engine),
        log: Arc::clone(log) as Arc<dyn EventLog>,
        read_models: Arc::new(models),
        snapshots: Some(rest.snapshots.clone()),
        rebuilds: None,
        clock: Arc::clone(&rest.clock),
        parts: Arc::new(NoServer { log: Arc::clone(log), clock: Arc::clone(&rest.clock) }),
        // Opening them would change the directory.
        attachments: None,
    };
    let gateway = Gateway::new(ports, gateway::Config::default());
    Ok(Made { gateway, runtime })
}

/// The other parts, where no server runs.
struct NoServer {
    log: Arc<SledLog>,
    clock: Arc<dyn Clock>,
}

impl PartsStatus for NoServer {
    fn dispatcher(&self) -> DispatcherStatus {
        DispatcherStatus {
            state: DispatcherState::Stopped("no server runs on this directory".to_owned()),
            position: GlobalPosition::ZERO,
            numbers: gateway::DispatcherNumbers::default(),
        }
    }

    fn ticket_audit(&self) -> Option<TicketAudit> {
        match audited(self.log.as_ref(), self.clock.now()) {
            Ok(audited) => Some(told_audit(&audited)),
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "tickets cannot be looked through"
                );
                None
            }
        }
    }

    fn log_refuses(&self) -> Option<String> {
        Some("no server runs on this directory; it is looked at only".to_owned())
    }
}
