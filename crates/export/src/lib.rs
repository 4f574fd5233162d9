//! Read models as tables for analysts.
//!
//! - The lines of a model's canonical dump become rows of typed tables. Which columns a table has is
//!   declared here, with their meaning in Chinese and English; a line with a field that no column
//!   is declared for, or without one that is, is an error, so that no column is lost silently.
//! - Nothing personal is in a dump, and so nothing is here: a place where it would stand has to be
//!   empty.
//! - Files are made under other names, and come into their places when all are whole, each
//!   atomically. Beside them lie `data-dictionary.md` and the proof, `export.json`.
//! - No clock is read: the same dumps give the same bytes.

mod check;
mod column;
mod csv_file;
mod dictionary;
mod directory;
mod fields;
mod model;
mod parquet_file;
mod proof;
mod reading;
mod since;
mod table_file;
mod tables;
mod write;
mod xlsx_file;

pub use check::{FileFault, check_files, differing};
pub use column::{Cell, Column, Kind};
pub use directory::DirectoryError;
pub use fields::RowError;
pub use model::{Model, Table};
pub use proof::{FileProof, ModelProof, Proof, ProofError, Since, Source};
pub use since::Base;
pub use table_file::{Format, UnknownFormat, WriteError};
pub use tables::MODELS;
pub use write::{Export, ExportError};
