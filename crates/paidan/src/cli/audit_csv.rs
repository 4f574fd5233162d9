//! Findings of audits as CSV, safe to open in a spreadsheet.

use std::io::{self, Write};

use audit::{Class, Finding, Handover, NeverArrived, Stray};
use domain::Timestamp;
use words::Language;

use super::audit_text::{Said, tickets, word};

const COLUMNS: [&str; 12] = [
    "class",
    "hash",
    "path",
    "bytes",
    "media_type",
    "tickets",
    "position",
    "recorded_at",
    "by",
    "to",
    "via",
    "detail",
];

/// Writes rows one by one.
pub(super) struct Sheet {
    said: Said,
}

impl Sheet {
    pub(super) const fn new(language: Language) -> Self {
        Self { said: Said::new(language) }
    }

    /// The names of the columns are the same in both languages, for programs.
    pub(super) fn head(&self, out: &mut dyn Write) -> io::Result<()> {
        row(out, COLUMNS.map(str::to_owned))
    }

    pub(super) fn finding(&mut self, out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
        let named = &finding.named;
        let first = named.links.first();
        let at = |at: Timestamp| at.to_string();
        row(
            out,
            [
                finding.state.class().as_str().to_owned(),
                named.hash.to_string(),
                String::new(),
                named.bytes.to_string(),
                named.media_type.clone(),
                tickets(finding),
                first.map(|link| link.position.to_string()).unwrap_or_default(),
                first.map(|link| at(link.recorded_at)).unwrap_or_default(),
                first.map(|link| self.said.party(link.by)).unwrap_or_default(),
                String::new(),
                first.map(|link| word(&link.via)).unwrap_or_default(),
                self.said.state(&finding.state),
            ],
        )
    }

    pub(super) fn never_arrived(
        &mut self,
        out: &mut dyn Write,
        file: &NeverArrived,
    ) -> io::Result<()> {
        let mut cells = COLUMNS.map(|_| String::new());
        Class::NeverArrived.as_str().clone_into(&mut cells[0]);
        cells[2] = file.name.clone().unwrap_or_default();
        cells[5] = file.ticket.to_string();
        cells[6] = file.position.to_string();
        cells[7] = file.occurred_at.to_string();
        row(out, cells)
    }

    pub(super) fn stray(&mut self, out: &mut dyn Write, stray: &Stray) -> io::Result<()> {
        let mut cells = COLUMNS.map(|_| String::new());
        stray.class().as_str().clone_into(&mut cells[0]);
        cells[3] = stray.bytes().to_string();
        match stray {
            Stray::Orphan { hash, touched_at, .. } => {
                cells[1] = hash.to_string();
                cells[7] = touched_at.to_string();
            }
            Stray::Stranger { path, .. } => cells[2].clone_from(path),
        }
        row(out, cells)
    }

    pub(super) fn handover(&mut self, out: &mut dyn Write, handover: &Handover) -> io::Result<()> {
        let mut cells = COLUMNS.map(|_| String::new());
        let complete = handover.is_complete();
        cells[0] = if complete { "handover_complete" } else { "handover_incomplete" }.to_owned();
        cells[5] = handover.ticket.to_string();
        cells[6] = handover.position.to_string();
        cells[7] = handover.at.to_string();
        cells[8] = handover.from.to_string();
        cells[9] = handover.to.to_string();
        cells[10] = word(&handover.how);
        cells[11] = self.said.lacked(&handover.lacked);
        row(out, cells)
    }
}

fn row(out: &mut dyn Write, cells: [String; COLUMNS.len()]) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(cells.map(tame))?;
    writer.flush()
}

/// A spreadsheet computes what begins like this, whoever wrote it.
pub(super) fn tame(cell: String) -> String {
    let computes = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if computes { format!("\'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_compute_is_a_text() {
        let mut out = Vec::new();
        let path = "=HYPERLINK(\"http://evil\",\"photo\")".to_owned();
        let mut sheet = Sheet::new(Language::English);
        sheet.stray(&mut out, &Stray::Stranger { path, bytes: 7 }).expect("written");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(
            text,
            "stranger,,\"\'=HYPERLINK(\"\"http://evil\"\",\"\"photo\"\")\",7,,,,,,,,\n"
        );
    }
}
