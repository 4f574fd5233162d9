//! What an import did.

use domain::ticket::ImportedStep;
use serde::Serialize;

use super::findings::Findings;

/// How many steps of each kind the file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "each is named after its step")]
pub struct StepCounts {
    pub opened: u64,
    pub assigned: u64,
    pub reassigned: u64,
    pub started: u64,
    pub held: u64,
    pub resolved: u64,
    pub closed: u64,
    pub reopened: u64,
    pub attachments_named: u64,
}

impl StepCounts {
    pub(super) fn count(&mut self, step: &ImportedStep) {
        *match step {
            ImportedStep::Opened { .. } => &mut self.opened,
            ImportedStep::Assigned { .. } => &mut self.assigned,
            ImportedStep::Reassigned { .. } => &mut self.reassigned,
            ImportedStep::Started => &mut self.started,
            ImportedStep::Held(_) => &mut self.held,
            ImportedStep::Resolved => &mut self.resolved,
            ImportedStep::Closed => &mut self.closed,
            ImportedStep::Reopened => &mut self.reopened,
            ImportedStep::AttachmentsNamed { .. } => &mut self.attachments_named,
        } += 1;
    }

    /// With their names, in the order of a case's life.
    pub const fn named(&self) -> [(&'static str, u64); 9] {
        [
            ("opened", self.opened),
            ("assigned", self.assigned),
            ("reassigned", self.reassigned),
            ("started", self.started),
            ("held", self.held),
            ("resolved", self.resolved),
            ("closed", self.closed),
            ("reopened", self.reopened),
            ("attachments named", self.attachments_named),
        ]
    }

    /// All of them together.
    pub fn total(&self) -> u64 {
        self.named().iter().map(|(_, count)| count).sum()
    }
}

/// What became of the commands that were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CommandCounts {
    /// Handed to the sink; in a dry run, all that would be recorded.
    pub sent: u64,
    /// Recorded by this import.
    pub new: u64,
    /// Recorded by an earlier one.
    pub already_there: u64,
    /// Recorded by an earlier one with another content.
    pub conflicting: u64,
    /// Refused.
    pub refused: u64,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The other system.
    pub source: String,
    /// Nothing was recorded.
    pub dry_run: bool,
    /// Rows after the first, which has the names.
    pub rows: u64,
    /// Cases of which a row was used.
    pub cases: u64,
    /// Cases whose last state is closed.
    pub cases_closed: u64,
    /// Steps, by kind.
    pub steps: StepCounts,
    /// What became of them.
    pub commands: CommandCounts,
    /// Rows that were left out.
    pub skipped: Findings,
    /// Rows that were used although something about them is odd.
    pub noticed: Findings,
    /// Commands that conflicted or were refused.
    pub refused: Findings,
    /// How long it took.
    pub elapsed_ms: u64,
    /// How fast it was.
    pub rows_per_s: u64,
}

impl Report {
    pub(super) fn new(source: &str, dry_run: bool, listed_max: usize) -> Self {
        Self {
            source: source.to_owned(),
            dry_run,
            rows: 0,
            cases: 0,
            cases_closed: 0,
            steps: StepCounts::default(),
            commands: CommandCounts::default(),
            skipped: Findings::new(listed_max),
            noticed: Findings::new(listed_max),
            refused: Findings::new(listed_max),
            elapsed_ms: 0,
            rows_per_s: 0,
        }
    }
}
