//! The bytes of attachments: audited, collected, and taken along with a backup.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use attachments::{Store, Uploads, uploads};
use audit::{Class, Collect, Finding, Handover, NeverArrived, Options, Sink, Sources, Stray};
use domain::{Actor, Command, CommandId, GlobalPosition, Issuer, Party};
use engine::Submission;
use gateway::AttachmentPorts;
use jiff::tz::TimeZone;
use parking_lot::Mutex;
use tokio::runtime::{Handle, Runtime};

use super::failure::{Failure, FailureKind};
use super::handler::{Ended, Pace, Parts, Replies};
use super::protocol::Reply;
use crate::config::Config;
use crate::serve::store_of;

/// Threads of a directory at rest; bytes are hashed on threads of their own.
const THREADS: usize = 2;

/// Who has the bytes.
#[derive(Clone)]
pub enum Bytes {
    /// A running server.
    Served(AttachmentPorts),
    /// The directory itself, opened with the first question.
    AtRest(Arc<AtRest>),
}

/// The bytes of a directory that no server uses.
pub struct AtRest {
    config: Config,
    opened: Mutex<Option<Opened>>,
}

struct Opened {
    store: Store,
    uploads: Uploads,
    runtime: Runtime,
}

/// What bytes are looked at with.
pub(super) struct At<'a> {
    pub(super) store: &'a Store,
    pub(super) uploads: &'a Uploads,
    pub(super) runtime: &'a Handle,
}

impl Bytes {
    pub(super) fn at_rest(config: &Config) -> Self {
        let config = config.clone();
        Self::AtRest(Arc::new(AtRest { config, opened: Mutex::new(None) }))
    }

    /// Does something with them. The thread may wait.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(At<'_>) -> Result<T, Ended>,
    ) -> Result<T, Ended> {
        match self {
            Self::Served(AttachmentPorts { store, uploads, .. }) => {
                let runtime = Handle::try_current().map_err(|error| failed(&error))?;
                work(At { store, uploads, runtime: &runtime })
            }
            Self::AtRest(rest) => {
                let mut opened = rest.opened.lock();
                let Opened { store, uploads, runtime } = match &mut *opened {
                    Some(opened) => opened,
                    none => none.insert(open(&rest.config)?),
                };
                work(At { store, uploads, runtime: runtime.handle() })
            }
        }
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::of(FailureKind::Failed, error)
}

fn open(config: &Config) -> Result<Opened, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .map_err(|error| failed(&error))?;
    let store = runtime.block_on(store_of(config)).map_err(|error| failed(&error))?;
    let (dir, limits) = (config.data.join("uploads"), uploads::Limits::default());
    // No camera is asked for the time here.
    let uploads = runtime.block_on(Uploads::open(dir, store.clone(), limits, TimeZone::UTC));
    let uploads = uploads.map_err(|error| failed(&error))?;
    Ok(Opened { store, uploads, runtime })
}

/// Hands everything on as it is found.
struct Teller<'a> {
    replies: &'a mut dyn Replies,
    everything: bool,
    pace: Pace,
    gone: std::io::Result<()>,
}

impl Teller<'_> {
    fn tell(&mut self, reply: Reply) -> ControlFlow<()> {
        self.gone = self.replies.send(reply);
        if self.gone.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

impl Sink for Teller<'_> {
    fn finding(&mut self, finding: &Finding) -> ControlFlow<()> {
        if finding.state.class() == Class::Intact && !self.everything {
            return ControlFlow::Continue(());
        }
        self.tell(Reply::AttachmentFound(Box::new(finding.clone())))
    }

    fn stray(&mut self, stray: &Stray) -> ControlFlow<()> {
        self.tell(Reply::StrayFound(stray.clone()))
    }

    fn never_arrived(&mut self, file: &NeverArrived) -> ControlFlow<()> {
        self.tell(Reply::NeverArrived(file.clone()))
    }

    fn handover(&mut self, handover: &Handover) -> ControlFlow<()> {
        if handover.is_complete() && !self.everything {
            return ControlFlow::Continue(());
        }
        self.tell(Reply::HandedOver(Box::new(handover.clone())))
    }

    fn progress(&mut self, done: u64, total: u64) -> ControlFlow<()> {
        if !self.pace.is_due(done >= total) {
            return ControlFlow::Continue(());
        }
        self.gone =
            self.replies.send(Reply::Progress { done, total }).and_then(|()| self.replies.flush());
        if self.gone.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

/// Audits, tells what is found and then all in all; records that where it was asked for.
pub(super) fn audit_all(
    parts: &Parts,
    options: &Options,
    everything: bool,
    record: bool,
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    if record && !options.scope.is_whole() {
        let message = "only an audit of everything is recorded; leave --ticket, --customer and \
                       --since out, or --record";
        return Err(Failure::new(FailureKind::BadRequest, message).into());
    }
    let clock = parts.clock.as_ref();
    let mut report = parts.bytes.with(|At { store, runtime, .. }| {
        let sources = Sources { log: parts.log.as_ref(), store, runtime, clock };
        let mut teller = Teller { replies, everything, pace: Pace::new(), gone: Ok(()) };
        let audited = audit::audit(sources, options, &mut teller);
        teller.gone?;
        Ok(audited.map_err(|error| failed(&error))?)
    })?;
    let recorded = if record { Some(record_audit(parts, &report)?) } else { None };
    // They were told one by one; a line has its bound.
    report.findings.clear();
    report.never_arrived.clear();
    report.strays.clear();
    report.incomplete.clear();
    Ok(replies.send(Reply::AttachmentsAudited { report: Box::new(report), recorded })?)
}

fn record_audit(parts: &Parts, report: &audit::Report) -> Result<GlobalPosition, Failure> {
    let audited = report.recorded().expect("everything was looked at");
    let key = format!("audit/attachments/by-hand/{}", parts.clock.now());
    let id = CommandId { issuer: Issuer::Gateway, key };
    let command = Command::RecordAudit(audited);
    let submission = Submission::live(id, command, Actor::system(Party::Gateway));
    let receipt = parts.engine.begin(submission).and_then(engine::Pending::wait);
    Ok(receipt.map_err(|error| failed(&error))?.position)
}

/// Removes what nobody names and nobody touched for so long.
pub(super) fn collect(
    parts: &Parts,
    older_than: Duration,
    dry_run: bool,
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    let clock = parts.clock.as_ref();
    let collected = parts.bytes.with(|At { store, uploads, runtime }| {
        let sources = Sources { log: parts.log.as_ref(), store, runtime, clock };
        let how = Collect { touched_before: clock.now().minus(older_than), dry_run };
        let mut teller = Teller { replies, everything: true, pace: Pace::new(), gone: Ok(()) };
        let collected = audit::collect(sources, uploads, how, &mut teller);
        teller.gone?;
        Ok(collected.map_err(|error| failed(&error))?)
    })?;
    tracing::info!(
        dry_run,
        orphans = collected.orphans,
        bytes = collected.bytes,
        "attachments that nobody names were collected"
    );
    Ok(replies.send(Reply::AttachmentsCollected(collected))?)
}

/// Copies what the log names up to a position into a backup.
pub(super) fn carry_into(
    parts: &Parts,
    backup: &Path,
    until: GlobalPosition,
    replies: &mut dyn Replies,
) -> Result<audit::Carried, Ended> {
    parts.bytes.with(|At { store, runtime, .. }| {
        let to = runtime.block_on(Store::local(backup.join("attachments")));
        let to = to.map_err(|error| failed(&error))?;
        let staging = tempfile::Builder::new().prefix("incoming-").tempdir_in(backup);
        let staging = staging.map_err(|error| failed(&error))?;
        let (mut pace, mut gone) = (Pace::new(), Ok(()));
        let mut progress = |done, total| {
            if pace.is_due(done >= total) {
                gone = replies.send(Reply::Progress { done, total }).and_then(|()| replies.flush());
            }
            if gone.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let log = parts.log.as_ref();
        let carried = audit::carry(log, until, store, &to, staging.path(), runtime, &mut progress);
        gone?;
        Ok(carried.map_err(|error| failed(&error))?)
    })
}
