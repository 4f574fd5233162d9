//! From a plan to the log: entries go to the engine one after the other, many on their way to the
//! disk at once.

use std::sync::Arc;

use domain::attachment::Attachment;
use domain::directory::{Area, Customer, Device, Outlet};
use domain::engineer::Engineer;
use domain::rules::RuleSet;
use domain::ticket::Ticket;
use domain::{
    Actor, Aggregates, AreaId, AttachmentId, CommandId, CustomerId, DeviceId, EngineerId, OutletId,
    StreamId, TicketId,
};
use engine::{Batch, Engine, Error, Settled, Submission};

use crate::plan::{Plan, Planned, Telling};
use crate::report::{EntryChange, Fault, Outcome, Report};
use crate::text::SheetText;
use crate::wrong::{Place, Wrong};

/// How sheets are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct How {
    /// Say what would change, record nothing.
    pub dry_run: bool,
    /// Record what has no errors; otherwise one error is enough that nothing is.
    pub skip_bad_lines: bool,
}

impl How {
    const fn telling(self) -> Telling {
        if self.skip_bad_lines { Telling::All } else { Telling::Causes }
    }
}

/// Whose commands they are.
#[derive(Clone, Copy)]
pub struct Sender<'a> {
    /// Who acts.
    pub actor: Actor,
    /// Names the command that puts an entry. An entry whose name was used before was put by the
    /// same sender with the same sheet, and is left as it is; a later run needs other names.
    pub command_id: &'a dyn Fn(StreamId) -> CommandId,
}

impl std::fmt::Debug for Sender<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sender").field("actor", &self.actor).finish_non_exhaustive()
    }
}

/// Why loading did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The directory could not be read. Nothing was recorded.
    #[error("the directory could not be read; nothing was recorded")]
    Directory(#[source] Error),
    /// Nothing more could be recorded.
    #[error(
        "loading ended early, after {} entries; what was recorded stays, and loading the same \
         again does the rest", .report.recorded
    )]
    Stopped {
        /// What was recorded until then.
        report: Box<Report>,
        /// Why.
        #[source]
        source: Error,
    },
}

/// Loads sheets into the directory. Waits for the disk, so it needs a thread that may wait.
/// `progress` is told how many entries are done, of how many.
///
/// # Errors
/// When the directory cannot be read, or nothing more can be recorded. Errors in the sheets are
/// in the report.
pub fn load(
    engine: &Arc<Engine>,
    texts: &[SheetText],
    how: How,
    sender: Sender<'_>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, LoadError> {
    let plan = engine.look(|now| Plan::make(texts, now, how.telling()));
    let Plan { entries, mut report } = plan.map_err(LoadError::Directory)?;
    report.dry_run = how.dry_run;
    report.position = engine.log().head().position;
    if how.dry_run || (report.errors_total > 0 && !how.skip_bad_lines) {
        entries.into_iter().for_each(|Planned { change, .. }| add(&mut report, change));
        return Ok(report);
    }
    let total = entries.len() as u64;
    let mut loading = Loading { report, stopped: None, done: 0, total, progress };
    let mut batch = Batch::new(Arc::clone(engine));
    for Planned { change, command } in entries {
        let id = (sender.command_id)(change.id);
        let submission = Submission::live(id, command, sender.actor);
        loading.settle(batch.take(change, submission));
        if loading.stopped.is_some() {
            break;
        }
    }
    loading.settle(batch.settle());
    match loading.stopped {
        None => Ok(loading.report),
        Some(source) => Err(LoadError::Stopped { report: Box::new(loading.report), source }),
    }
}

/// What [`load`] would do on an empty directory, where there is none yet.
pub fn preview(texts: &[SheetText], how: How) -> Report {
    let Plan { entries, mut report } = Plan::make(texts, &Nothing, how.telling());
    report.dry_run = how.dry_run;
    entries.into_iter().for_each(|Planned { change, .. }| add(&mut report, change));
    report
}

struct Loading<'p> {
    report: Report,
    stopped: Option<Error>,
    done: u64,
    total: u64,
    progress: &'p mut dyn FnMut(u64, u64),
}

impl Loading<'_> {
    fn settle(&mut self, settled: Vec<Settled<EntryChange>>) {
        if settled.is_empty() {
            return;
        }
        self.done += settled.len() as u64;
        for (mut change, result) in settled {
            match result {
                Ok(receipt) => {
                    let position = receipt.position;
                    self.report.position = self.report.position.max(position);
                    if receipt.recorded_at.is_some() && !receipt.repeated {
                        self.report.recorded += 1;
                    } else {
                        // Somebody put the same meanwhile, or the same command came before.
                        change.outcome = Outcome::Unchanged;
                    }
                    add(&mut self.report, change);
                }
                // Put before; the content differs by what others changed since in fields that the
                // sheet does not have.
                Err(Error::IdReused { .. }) => {
                    change.outcome = Outcome::Unchanged;
                    add(&mut self.report, change);
                }
                Err(error) if error.concerns_one_command() => {
                    let place = Place { file: change.file, line: change.line };
                    let wrong = Wrong::NotRecorded(chain(&error));
                    self.report.add_fault(Fault::at(&place, None, &wrong));
                    self.report.count(change.sheet).left_out += 1;
                }
                Err(error) => {
                    self.stopped.get_or_insert(error);
                }
            }
        }
        (self.progress)(self.done, self.total);
    }
}

/// Counts an entry, and lists it where it changes.
fn add(report: &mut Report, change: EntryChange) {
    let counts = report.count(change.sheet);
    match change.outcome {
        Outcome::Added => counts.added += 1,
        Outcome::Changed => counts.changed += 1,
        Outcome::Unchanged => {
            counts.unchanged += 1;
            return;
        }
    }
    report.changes.push(change);
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

/// A directory without entries, under the rules as shipped.
struct Nothing;

impl Aggregates for Nothing {
    fn ticket(&self, _: TicketId) -> Option<Arc<Ticket>> {
        None
    }
    fn engineer(&self, _: EngineerId) -> Option<Arc<Engineer>> {
        None
    }
    fn customer(&self, _: CustomerId) -> Option<Arc<Customer>> {
        None
    }
    fn device(&self, _: DeviceId) -> Option<Arc<Device>> {
        None
    }
    fn outlet(&self, _: OutletId) -> Option<Arc<Outlet>> {
        None
    }
    fn area(&self, _: AreaId) -> Option<Arc<Area>> {
        None
    }
    fn attachment(&self, _: AttachmentId) -> Option<Arc<Attachment>> {
        None
    }
    fn rules(&self) -> Arc<RuleSet> {
        Arc::default()
    }
}
