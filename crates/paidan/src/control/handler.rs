//! Answers requests, for a running server and for a directory at rest alike.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use domain::{CommandId, ImportBatchId, Issuer};
use engine::Engine;
use eventlog::{Clock, EventLog, SledLog};
use projector::Projector;

use super::answers::{self, Desk};
use super::attachments::{self, Bytes};
use super::failure::{Failure, FailureKind};
use super::lines::LineError;
use super::protocol::{ImportLine, Reply, Request};
use super::recorder::{RecordError, Recorder};
use super::views::{ClockView, ImportTotals, LogStatView};
use super::{projections, proof, rebuilds, rules, taking_out, trials, verification};
use crate::import::{ImportCommand, Settled};

/// How often progress is told.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// What the handler works with.
#[derive(Clone)]
pub struct Parts {
    /// The log, which holds the lock of its directory.
    pub log: Arc<SledLog>,
    /// Its write side.
    pub engine: Arc<Engine>,
    /// The live read models; none where no server runs.
    pub live: Option<Arc<Projector>>,
    /// Where the snapshots of the read models lie.
    pub snapshots: PathBuf,
    /// Who answers what the API answers.
    pub desk: Desk,
    /// Who has the bytes of attachments.
    pub bytes: Bytes,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("log", &self.log).finish_non_exhaustive()
    }
}

/// Where the lines of an answer go.
pub trait Replies {
    /// Takes a line.
    ///
    /// # Errors
    /// When nobody listens any more.
    fn send(&mut self, reply: Reply) -> io::Result<()>;

    /// Brings what was taken to the one who asked.
    ///
    /// # Errors
    /// When nobody listens any more.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where the steps of an import come from, after whoever reads and understands them.
pub(super) type Steps = Receiver<Result<ImportLine, LineError>>;

/// Why an answer ended before its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    /// There is none, and this is why.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// Nobody listens any more.
    #[error("whoever asked went away")]
    Gone(#[from] io::Error),
}

/// Answers one request, the end of the answer included. An import needs its steps, which come
/// over a connection only; a directory at rest is imported into by a [`Recorder`].
///
/// # Errors
/// When nobody listens any more.
pub fn answer(parts: &Parts, request: Request, replies: &mut dyn Replies) -> io::Result<()> {
    let ended = answer_one(parts, request, replies);
    end(ended, replies)
}

/// Says how an answer ended.
pub(super) fn end(ended: Result<(), Ended>, replies: &mut dyn Replies) -> io::Result<()> {
    match ended {
        Ok(()) => replies.send(Reply::End)?,
        Err(Ended::Failed(failure)) => replies.send(Reply::Failed(failure))?,
        Err(Ended::Gone(error)) => return Err(error),
    }
    replies.flush()
}

fn answer_one(parts: &Parts, request: Request, replies: &mut dyn Replies) -> Result<(), Ended> {
    let log = parts.log.as_ref();
    match request {
        Request::LogStat => {
            let stat = eventlog::stat(log).map_err(|e| Failure::of(FailureKind::Failed, &e))?;
            Ok(replies.send(Reply::LogStat(LogStatView::new(log.identity(), &stat)))?)
        }
        Request::LogVerify => verification::verify_open(log, replies),
        Request::LogExport { file, from, with_keys } => {
            taking_out::export_log(log, &file, from, with_keys, replies)
        }
        Request::LogBackup { directory, without_attachments } => {
            taking_out::back_up(parts, &directory, without_attachments, replies)
        }
        Request::AuditAttachments { options, everything, record } => {
            attachments::audit_all(parts, &options, everything, record, replies)
        }
        Request::CollectAttachments { older_than_s, dry_run } => {
            let older_than = Duration::from_secs(older_than_s);
            attachments::collect(parts, older_than, dry_run, replies)
        }
        Request::ConfirmClock => {
            let now = log.confirm_clock();
            tracing::warn!(%now, "the clock was confirmed over the control socket");
            let last_recorded_at = log.head().recorded_at;
            Ok(replies.send(Reply::ClockConfirmed(ClockView { now, last_recorded_at }))?)
        }
        Request::Ask { targets } => answers::answer(parts, &targets, replies),
        Request::PublishRules { rules, batch } => {
            let published = rules::publish(parts, *rules, batch)?;
            Ok(replies.send(Reply::RulesPublished(Box::new(published)))?)
        }
        Request::TryRules { rules, from, to, tickets } => {
            trials::try_on(parts, &rules, trials::between(from, to), tickets, replies)
        }
        Request::ProjectionList => projections::list(parts, replies),
        Request::ProjectionDump { name } => projections::dump(parts, &name, replies),
        Request::ProjectionFold { name, position, recount } => {
            proof::fold(parts, &name, position, recount, replies)
        }
        Request::LogPlace { as_of } => proof::place(parts, as_of, replies),
        Request::ProjectionCheck { names } => projections::check(parts, &names, replies),
        Request::ProjectionRebuild(request) => rebuilds::answer(parts, request, replies),
        Request::ImportHistory { .. } | Request::ImportDirectory { .. } => {
            let message = "what is imported comes over a connection";
            Err(Failure::new(FailureKind::BadRequest, message).into())
        }
    }
}

/// Records the steps that come, and answers what became of them as they settle.
///
/// Everything on its way is settled before this waits for a step that is not here yet, so a
/// client that waits for its answers before it sends more gets them, however few it sent. What
/// comes meanwhile waits in `steps`, so the next sync makes all of it durable at once.
pub(super) fn import(
    parts: &Parts,
    source: String,
    batch: ImportBatchId,
    steps: &Steps,
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    let mut recorder = Recorder::new(Arc::clone(&parts.engine), batch);
    let mut totals = ImportTotals::default();
    let stopped = |error: RecordError| Failure::of(FailureKind::Failed, &error);
    let issuer = Issuer::Import(source);
    loop {
        let next = match steps.try_recv() {
            Ok(next) => next,
            Err(TryRecvError::Empty) => {
                tell(recorder.settle().map_err(stopped)?, &mut totals, replies)?;
                replies.flush()?;
                steps.recv().unwrap_or(Err(LineError::Ended))
            }
            Err(TryRecvError::Disconnected) => Err(LineError::Ended),
        };
        let (key, ticket, occurred_at, command, line) = match next {
            Ok(ImportLine::Command { key, ticket, occurred_at, command, line }) => {
                (key, ticket, occurred_at, command, line)
            }
            Ok(ImportLine::End) => break,
            Err(error) => {
                // What was taken before is recorded all the same, and told if anybody listens.
                tell(recorder.settle().map_err(stopped)?, &mut totals, replies)?;
                return Err(Failure::of(FailureKind::BadRequest, &error).into());
            }
        };
        totals.taken += 1;
        let id = CommandId { issuer: issuer.clone(), key };
        let command = ImportCommand { id, ticket, occurred_at, command, line };
        tell(recorder.take(command).map_err(stopped)?, &mut totals, replies)?;
    }
    tell(recorder.settle().map_err(stopped)?, &mut totals, replies)?;
    totals.position = parts.log.head().position;
    Ok(replies.send(Reply::Imported(totals))?)
}

fn tell(
    settled: Vec<Settled>,
    totals: &mut ImportTotals,
    replies: &mut dyn Replies,
) -> io::Result<()> {
    totals.settled += settled.len() as u64;
    settled.into_iter().try_for_each(|settled| replies.send(Reply::Settled(settled)))
}

/// Tells when progress is worth a line.
pub(super) struct Pace {
    last: Instant,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { last: Instant::now() }
    }

    pub(super) fn is_due(&mut self, at_the_end: bool) -> bool {
        let due = at_the_end || self.last.elapsed() >= PROGRESS_EVERY;
        if due {
            self.last = Instant::now();
        }
        due
    }
}
