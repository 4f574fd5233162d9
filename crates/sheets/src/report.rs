//! What a run found and did.

use std::collections::BTreeMap;

use domain::{GlobalPosition, StreamId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::sheet::Sheet;
use crate::wrong::{Place, Wrong};

/// Errors that are listed; all are counted.
const ERRORS_MAX: usize = 1_000;

/// Something that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = SheetFault))]
pub struct Fault {
    /// The file.
    pub file: String,
    /// The line at which its row begins; the first line is 1. Nothing where it is the whole file.
    pub line: Option<u64>,
    /// The column, by its name in the file or the name that it should have.
    pub column: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
    /// The same in Chinese.
    pub message_zh: String,
}

impl Fault {
    pub(crate) fn of_file(file: &str, wrong: &Wrong) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            column: None,
            message: wrong.to_string(),
            message_zh: wrong.zh(),
        }
    }

    pub(crate) fn at(place: &Place, column: Option<&str>, wrong: &Wrong) -> Self {
        let Place { file, line } = place;
        let column = column.map(str::to_owned);
        Self { line: Some(*line), column, ..Self::of_file(file, wrong) }
    }

    /// A file that could not be read at all.
    pub fn unreadable(file: &str, why: impl std::fmt::Display) -> Self {
        Self::of_file(file, &Wrong::Unreadable(why.to_string()))
    }
}

/// A file and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = SheetFile))]
pub struct FileView {
    /// Its name.
    pub file: String,
    /// Which sheet it is; nothing where that is not clear.
    pub sheet: Option<Sheet>,
    /// Rows under its first, empty ones left out.
    pub rows: u64,
}

/// What became of an entry, or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = SheetOutcome))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was not there.
    Added,
    /// It was there and differed.
    Changed,
    /// It is there and the same.
    Unchanged,
}

/// A field that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldChange {
    /// Its name in the entry's shape of the API.
    pub field: String,
    /// What it was; references by code where there is one.
    pub before: Value,
    /// What it is.
    pub after: Value,
}

/// An entry that is added or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryChange {
    /// The file.
    pub file: String,
    /// The line at which its first row begins.
    pub line: u64,
    /// Of which sheet.
    pub sheet: Sheet,
    /// Its code.
    pub code: String,
    /// Its id.
    pub id: StreamId,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Which fields change; those of an added entry are in the file.
    pub fields: Vec<FieldChange>,
}

/// How many entries of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = SheetCounts))]
pub struct Counts {
    /// New in the directory.
    pub added: u64,
    /// Changed in it.
    pub changed: u64,
    /// As they were.
    pub unchanged: u64,
    /// Left out, because they have errors.
    pub left_out: u64,
}

/// What a run found and did. Entries that are in no file stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = SheetReport))]
pub struct Report {
    /// Nothing was to be recorded.
    pub dry_run: bool,
    /// How many entries were recorded; the counts below say what of them, or what would be.
    pub recorded: u64,
    /// Reads that wait for this position see what was recorded.
    pub position: GlobalPosition,
    /// The files.
    pub files: Vec<FileView>,
    /// By sheet.
    pub sheets: BTreeMap<Sheet, Counts>,
    /// What is added and changed, in the order in which it is recorded.
    pub changes: Vec<EntryChange>,
    /// How many errors there are.
    pub errors_total: u64,
    /// The first of them.
    pub errors: Vec<Fault>,
}

impl Report {
    /// Of files that cannot be read.
    pub fn of_faults(dry_run: bool, faults: Vec<Fault>) -> Self {
        let mut report = Self { dry_run, ..Self::default() };
        faults.into_iter().for_each(|fault| report.add_fault(fault));
        report
    }

    pub(crate) fn add_fault(&mut self, fault: Fault) {
        self.errors_total += 1;
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(fault);
        }
    }

    pub(crate) fn count(&mut self, sheet: Sheet) -> &mut Counts {
        self.sheets.entry(sheet).or_default()
    }

    /// All sheets together.
    pub fn totals(&self) -> Counts {
        self.sheets.values().fold(Counts::default(), |sum, counts| Counts {
            added: sum.added + counts.added,
            changed: sum.changed + counts.changed,
            unchanged: sum.unchanged + counts.unchanged,
            left_out: sum.left_out + counts.left_out,
        })
    }
}
