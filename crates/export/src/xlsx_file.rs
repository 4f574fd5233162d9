//! XLSX: one sheet with a line of names. Moments are cells with a date format, to the millisecond,
//! which is what Excel has; a sheet has 1,048,575 rows below its names, and a cell 32,767
//! characters.

use jiff::civil::{Date, date};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::column::{Cell, Column, Kind, days_since_1970, tame};
use crate::directory::StagedFile;
use crate::table_file::{TableFile, WriteError};

/// Larger whole numbers are not exact in Excel.
const EXACT_MAX: u64 = 1 << 53;
/// Excel counts days from here on; right from March 1900 on.
const EPOCH: Date = date(1899, 12, 30);
const MICROS_PER_DAY: f64 = 86_400_000_000.0;

pub(crate) struct XlsxFile {
    workbook: Workbook,
    file: StagedFile,
    day: Format,
    moment: Format,
    row: u32,
}

impl XlsxFile {
    pub(crate) fn begin(columns: &[Column], file: StagedFile) -> Result<Self, WriteError> {
        let mut workbook = Workbook::new();
        // A date of its own would make other bytes each time.
        let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
        let sheet = workbook.add_worksheet_with_low_memory()?;
        sheet.set_freeze_panes(1, 0)?;
        let bold = Format::new().set_bold();
        for (place, column) in (0..).zip(columns) {
            let width = match column.kind {
                Kind::Timestamp => 23.0,
                Kind::Text => 16.0,
                Kind::Int | Kind::Float | Kind::Bool | Kind::Date => 11.0,
            };
            sheet.set_column_width(place, width)?;
        }
        for (place, column) in (0..).zip(columns) {
            sheet.write_string_with_format(0, place, column.name, &bold)?;
        }
        Ok(Self {
            workbook,
            file,
            day: Format::new().set_num_format("yyyy-mm-dd"),
            moment: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss.000"),
            row: 0,
        })
    }
}

impl TableFile for XlsxFile {
    fn row(&mut self, row: Vec<Cell>) -> Result<(), WriteError> {
        self.row += 1;
        let (at, day, moment) = (self.row, &self.day, &self.moment);
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (place, cell) in (0..).zip(row) {
            write(sheet, at, place, &cell, day, moment)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<StagedFile, WriteError> {
        self.workbook.save_to_writer(&mut self.file)?;
        Ok(self.file)
    }
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    place: u16,
    cell: &Cell,
    day: &Format,
    moment: &Format,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Null => return Ok(()),
        Cell::Text(text) => sheet.write_string(row, place, tame(text))?,
        Cell::Int(number) if number.unsigned_abs() > EXACT_MAX => {
            sheet.write_string(row, place, number.to_string())?
        }
        #[expect(clippy::cast_precision_loss, reason = "it is small enough to be exact")]
        Cell::Int(number) => sheet.write_number(row, place, *number as f64)?,
        Cell::Float(number) => sheet.write_number(row, place, *number)?,
        Cell::Bool(is) => sheet.write_boolean(row, place, *is)?,
        Cell::Date(date) => {
            let days = days_since_1970(*date) - days_since_1970(EPOCH);
            sheet.write_number_with_format(row, place, days, day)?
        }
        Cell::Timestamp(at) => {
            let micros = at.as_micros();
            let days = f64::from(-days_since_1970(EPOCH));
            #[expect(clippy::cast_precision_loss, reason = "Excel has no more precision")]
            let days = days + micros as f64 / MICROS_PER_DAY;
            sheet.write_number_with_format(row, place, days, moment)?
        }
    };
    Ok(())
}
