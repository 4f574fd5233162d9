//! What another system's history does to a ticket: it moves stages and nothing else.

use crate::ticket::event::ImportedStep;
use crate::ticket::{ImportedStage, Outcome, Phase, Resolution, ResolutionMethod, Ticket};
use crate::time::Timestamp;

impl Ticket {
    pub(super) fn import(&mut self, step: &ImportedStep, due: Timestamp, at: Timestamp) {
        let (mut stage, mut engineer) = match self.phase {
            Phase::Imported { stage, engineer, .. } => (stage, engineer),
            _ => (ImportedStage::Active, None),
        };
        match step {
            // A case is opened once; a second opening of a foreign file changes nothing. Names of
            // files are for the audit.
            ImportedStep::Opened { .. } | ImportedStep::AttachmentsNamed { .. } => return,
            ImportedStep::Assigned { engineer: who, outlet }
            | ImportedStep::Reassigned { engineer: who, outlet } => {
                engineer = who.or(engineer);
                self.outlet = outlet.or(self.outlet);
            }
            ImportedStep::Started => stage = ImportedStage::Active,
            ImportedStep::Held(_) => stage = ImportedStage::Held,
            ImportedStep::Resolved => {
                stage = ImportedStage::Resolved;
                self.last_resolution = Some(Resolution {
                    engineer,
                    method: ResolutionMethod::OnSite,
                    at,
                    closes_at: due,
                });
            }
            ImportedStep::Closed => {
                self.phase = Phase::Closed { outcome: Outcome::Imported, at };
                return;
            }
            ImportedStep::Reopened => {
                self.reopened += 1;
                stage = ImportedStage::Active;
            }
        }
        // Words about a closed case do not open it; only being opened again does.
        let opens = matches!(step, ImportedStep::Reopened);
        if opens || matches!(self.phase, Phase::Imported { .. }) {
            self.phase = Phase::Imported { stage, engineer, due };
        }
    }
}
