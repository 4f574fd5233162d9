//! Another system's history, read row by row and told again as the steps of tickets.
//!
//! The file is a CSV, plain or gzip, with one row per update of a case. What its columns and
//! values mean stands in a mapping file, never in this code. One pass, in the order of the file;
//! kept in memory is what each case was last seen with (some 80 bytes) and the distinct names of
//! states, groups and people. Rows of different cases may be mixed; rows of one case must stand in
//! the order in which they happened there.
//!
//! A row that cannot be understood is reported with its line and left out; a value that cannot be
//! understood is reported and the rest of its row is used. Only a file that can no longer be read,
//! or a sink that takes nothing more, ends an import early. What was sent before stays, and a
//! repetition sends the same ids, so that nothing is recorded twice.

mod case;
mod columns;
mod findings;
mod history;
mod mapping;
mod moment;
mod report;
mod row;
mod sink;
mod source;
mod states;
mod symbols;

pub use columns::ColumnsError;
pub use findings::{Finding, Findings};
pub use history::{History, ImportError, Options, StopCause, import_history};
pub use mapping::{ColumnNames, FileShape, Mapping, MappingError, TimeShape};
pub use report::{CommandCounts, Report, StepCounts};
pub use sink::{DrySink, ImportCommand, Outcome, Settled, Sink, SinkError};
pub use source::{Source, SourceError};
pub use states::{Meaning, StateRule, StateTable};
