//! One file with rows of one table, in one of the formats.

use std::fmt;
use std::io;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::column::{Cell, Column};
use crate::csv_file::CsvFile;
use crate::directory::StagedFile;
use crate::parquet_file::ParquetFile;
use crate::xlsx_file::XlsxFile;

/// What files look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Columns with their types, compressed; for programs.
    Parquet,
    /// Text with commas.
    Csv,
    /// A workbook of Excel.
    Xlsx,
}

/// A text that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no format; there are {formats}", formats = Format::ALL.map(Format::as_str).join(", "))]
pub struct UnknownFormat(String);

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Parquet, Self::Csv, Self::Xlsx];

    /// As people write it; files end like this too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// Whether a table that has days has a file for each. Nobody opens a hundred workbooks.
    pub(crate) const fn splits_days(self) -> bool {
        match self {
            Self::Parquet | Self::Csv => true,
            Self::Xlsx => false,
        }
    }

    /// Whether a file of one day says itself which. Readers of Parquet take it from the path, and
    /// trip over a column that says it too; CSV files are opened one by one.
    pub(crate) const fn repeats_day(self) -> bool {
        match self {
            Self::Csv => true,
            Self::Parquet | Self::Xlsx => false,
        }
    }

    pub(crate) fn begin(
        self,
        columns: &[Column],
        file: StagedFile,
    ) -> Result<Box<dyn TableFile>, WriteError> {
        Ok(match self {
            Self::Parquet => Box::new(ParquetFile::begin(columns, file)?),
            Self::Csv => Box::new(CsvFile::begin(columns, file)?),
            Self::Xlsx => Box::new(XlsxFile::begin(columns, file)?),
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|format| format.as_str() == text);
        named.ok_or_else(|| UnknownFormat(text.chars().take(64).collect()))
    }
}

/// A row could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The system refused.
    #[error("the file could not be written")]
    Io(#[from] io::Error),
    /// The rows do not make a CSV file.
    #[error("the rows could not be written as CSV")]
    Csv(#[from] csv::Error),
    /// The rows do not make a Parquet file.
    #[error("the rows could not be written as Parquet")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// The rows do not make a workbook: a sheet has at most 1,048,576 rows, a cell 32,767 characters.
    #[error("the rows could not be written as XLSX; Parquet and CSV have no bounds")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
}

/// Where rows go.
pub(crate) trait TableFile {
    /// One more row, with a cell for each column.
    fn row(&mut self, row: Vec<Cell>) -> Result<(), WriteError>;

    /// The end; all is in the file, and not synced yet.
    fn finish(self: Box<Self>) -> Result<StagedFile, WriteError>;
}
