//! CSV: UTF-8 with a line of names. An empty cell and an empty text look the same.

use crate::column::{Cell, Column, tame};
use crate::directory::StagedFile;
use crate::table_file::{TableFile, WriteError};

pub(crate) struct CsvFile(csv::Writer<StagedFile>);

impl CsvFile {
    pub(crate) fn begin(columns: &[Column], file: StagedFile) -> Result<Self, WriteError> {
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(columns.iter().map(|column| column.name))?;
        Ok(Self(writer))
    }
}

impl TableFile for CsvFile {
    fn row(&mut self, row: Vec<Cell>) -> Result<(), WriteError> {
        for cell in row {
            match cell {
                Cell::Null => self.0.write_field("")?,
                Cell::Text(text) => self.0.write_field(tame(&text).as_bytes())?,
                Cell::Int(number) => self.0.write_field(number.to_string())?,
                Cell::Float(number) => self.0.write_field(number.to_string())?,
                Cell::Bool(is) => self.0.write_field(is.to_string())?,
                Cell::Timestamp(moment) => self.0.write_field(moment.to_string())?,
                Cell::Date(day) => self.0.write_field(day.to_string())?,
            }
        }
        Ok(self.0.write_record(None::<&[u8]>)?)
    }

    fn finish(self: Box<Self>) -> Result<StagedFile, WriteError> {
        self.0.into_inner().map_err(|failed| WriteError::Io(failed.into_error()))
    }
}
