//! Rows of text: separators, the first row, and which sheet it belongs to.

use std::collections::HashSet;

use csv::StringRecord;

use crate::report::Fault;
use crate::report::{FileView, Report};
use crate::sheet::{ColumnInfo, Sheet};
use crate::text::SheetText;
use crate::wrong::{Place, Wrong};

/// The most rows of a sheet.
pub const ROWS_MAX: usize = 50_000;

/// Unknown columns that are told of; a file of something else may have any number.
const UNKNOWN_MAX: usize = 20;

/// How alike a name must be to be meant, from 0 to 1.
const ALIKE_MIN: f64 = 0.5;

/// The rows of a sheet, whose columns are all known.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) file: String,
    pub(crate) sheet: Sheet,
    pub(crate) columns: Vec<TableColumn>,
    pub(crate) rows: Vec<Row>,
}

/// A column of a file.
#[derive(Debug)]
pub(crate) struct TableColumn {
    /// Its name there.
    pub(crate) given: String,
    /// What it is.
    pub(crate) info: ColumnInfo,
}

/// A row of a file; as many cells as there are columns.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) line: u64,
    cells: StringRecord,
}

impl Row {
    /// A cell without blanks at its ends.
    pub(crate) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).unwrap_or_default().trim()
    }
}

impl Table {
    /// Reads a sheet. What is wrong goes to the report; a sheet whose columns are not understood
    /// has no table.
    pub(crate) fn read(text: &SheetText, report: &mut Report) -> Option<Self> {
        let seen = report.files.len();
        report.files.push(FileView { file: text.name.clone(), sheet: text.sheet, rows: 0 });
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter(&text.text))
            .from_reader(text.text.as_bytes());
        let mut records = reader.records();
        let header = match records.next() {
            Some(Ok(header)) if !is_blank(&header) => header,
            Some(Err(error)) => {
                report.add_fault(Fault::unreadable(&text.name, error));
                return None;
            }
            Some(Ok(_)) | None => {
                report.add_fault(Fault::of_file(&text.name, &Wrong::NoHeader));
                return None;
            }
        };
        let (sheet, columns) = match understand(text, &header) {
            Ok(understood) => understood,
            Err(faults) => {
                faults.into_iter().for_each(|fault| report.add_fault(fault));
                return None;
            }
        };
        let mut table = Self { file: text.name.clone(), sheet, columns, rows: Vec::new() };
        let mut lines = Lines::of(&text.text);
        for record in records {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    report.add_fault(Fault::unreadable(&text.name, error));
                    break;
                }
            };
            if is_blank(&record) {
                continue;
            }
            if table.rows.len() == ROWS_MAX {
                report.add_fault(Fault::of_file(&text.name, &Wrong::TooManyRows));
                break;
            }
            let line = lines.of_record(&record);
            table.take(line, record, report);
        }
        report.files[seen].sheet = Some(sheet);
        report.files[seen].rows = table.rows.len() as u64;
        Some(table)
    }

    fn take(&mut self, line: u64, mut cells: StringRecord, report: &mut Report) {
        let expected = self.columns.len();
        let found = cells.len();
        let extra = (expected..found).any(|place| !is_empty(cells.get(place)));
        if found < expected || extra {
            let place = Place { file: self.file.clone(), line };
            let fault = Fault::at(&place, None, &Wrong::RowLength { found, expected });
            report.add_fault(fault);
            report.count(self.sheet).left_out += 1;
            return;
        }
        cells.truncate(expected);
        self.rows.push(Row { line, cells });
    }

    /// Where a column stands.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.info.name == name)
    }

    /// A column by its name in this file.
    pub(crate) fn given<'n>(&'n self, name: &'n str) -> &'n str {
        self.column(name).map_or(name, |place| &self.columns[place].given)
    }
}

/// Counts lines as people do: the reader has those of a record from before the empty lines and the
/// half line end that it skips.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    const fn of(text: &'t str) -> Self {
        Self { text: text.as_bytes(), at: 0, line: 1 }
    }

    /// The line at which a record begins; records come in their order.
    fn of_record(&mut self, record: &StringRecord) -> u64 {
        let begin = record.position().map_or(0, csv::Position::byte);
        let begin = usize::try_from(begin).unwrap_or(usize::MAX);
        while let Some(byte) = self.text.get(self.at)
            && (self.at < begin || matches!(byte, b'\r' | b'\n'))
        {
            self.line += u64::from(*byte == b'\n');
            self.at += 1;
        }
        self.line
    }
}

fn is_empty(cell: Option<&str>) -> bool {
    cell.is_none_or(|cell| cell.trim().is_empty())
}

fn is_blank(record: &StringRecord) -> bool {
    record.iter().all(|cell| is_empty(Some(cell)))
}

/// The separator that the first line has most of.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
    // Of equal counts the last is taken, and a comma is usual.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

type Understood = (Sheet, Vec<TableColumn>);

/// Which sheet it is, and which columns it has: all of them known, none of them twice.
fn understand(text: &SheetText, header: &StringRecord) -> Result<Understood, Vec<Fault>> {
    let file = |wrong: &Wrong| Fault::of_file(&text.name, wrong);
    let mut given: Vec<&str> = header.iter().map(str::trim).collect();
    // Spreadsheets save columns that were once used as empty ones.
    while given.last().is_some_and(|name| name.is_empty()) {
        given.pop();
    }
    let sheet = match text.sheet.or_else(|| Sheet::of_file(&text.name)) {
        Some(sheet) => sheet,
        None => match fitting(&given).as_slice() {
            [sheet] => *sheet,
            several => return Err(vec![file(&Wrong::WhichSheet(several.to_vec()))]),
        },
    };
    let known = sheet.columns();
    let line = Lines::of(&text.text).of_record(header);
    let place = Place { file: text.name.clone(), line };
    let at = |column: &str, wrong: &Wrong| Fault::at(&place, Some(column), wrong);
    let mut faults = Vec::new();
    let mut columns = Vec::new();
    let mut seen = HashSet::new();
    for name in given {
        let shown = Wrong::quoted(name);
        match known.iter().find(|column| is_named(column, name)) {
            Some(column) if seen.insert(column.name) => {
                columns.push(TableColumn { given: shown, info: *column });
            }
            Some(_) => faults.push(at(&shown, &Wrong::ColumnTwice(shown.clone()))),
            None => {
                let nearest = nearest(&known, &shown);
                let wrong = Wrong::UnknownColumn { given: shown.clone(), nearest, sheet };
                faults.push(at(&shown, &wrong));
            }
        }
        if faults.len() == UNKNOWN_MAX {
            break;
        }
    }
    for column in known.iter().filter(|column| column.name == "code") {
        if !seen.contains(column.name) {
            faults.push(at(column.name, &Wrong::NoColumn(*column)));
        }
    }
    if faults.is_empty() { Ok((sheet, columns)) } else { Err(faults) }
}

/// The sheets that have all these columns, where all that they need is among them.
fn fitting(given: &[&str]) -> Vec<Sheet> {
    let fits = |sheet: &Sheet| {
        let known = sheet.columns();
        given.iter().all(|name| known.iter().any(|column| is_named(column, name)))
            && known
                .iter()
                .filter(|column| column.required)
                .all(|column| given.iter().any(|name| is_named(column, name)))
    };
    Sheet::ALL.into_iter().filter(fits).collect()
}

fn is_named(column: &ColumnInfo, given: &str) -> bool {
    column.name_zh == given || column.name.eq_ignore_ascii_case(given)
}

fn nearest(known: &[ColumnInfo], given: &str) -> Option<ColumnInfo> {
    let given = given.to_lowercase();
    let alike = |column: &ColumnInfo| {
        let to = |name| strsim::normalized_damerau_levenshtein(name, &given);
        to(column.name).max(to(column.name_zh))
    };
    let best = known.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)))?;
    (alike(best) >= ALIKE_MIN).then_some(*best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> (Option<Table>, Vec<String>) {
        let mut report = Report::default();
        let text = SheetText { name: name.into(), sheet: None, text: text.into() };
        let table = Table::read(&text, &mut report);
        let errors = report.errors.into_iter().map(|fault| {
            format!("{:?} {:?} {}", fault.line, fault.column.unwrap_or_default(), fault.message)
        });
        (table, errors.collect())
    }

    #[test]
    fn separators_are_found_out_and_columns_known_in_both_languages() {
        for text in [
            "code,name,area\nPD,浦东,HD\n",
            "编号;名称;片区\r\nPD;浦东;HD\r\n",
            "Code\t名称\tarea\t\t\nPD\t浦东\tHD\t\t\n\t\t\t\t\n",
        ] {
            let (table, errors) = read("网点.csv", text);
            let table = table.unwrap_or_else(|| panic!("{errors:?}"));
            assert!(errors.is_empty(), "{errors:?}");
            let names: Vec<_> = table.columns.iter().map(|column| column.info.name).collect();
            assert_eq!((table.sheet, names), (Sheet::Outlets, vec!["code", "name", "area"]));
            assert_eq!(table.rows.len(), 1);
            assert_eq!((table.rows[0].cell(1), table.rows[0].line), ("浦东", 2));
        }
    }

    #[test]
    fn columns_tell_the_sheet_where_the_name_does_not() {
        let (table, _) = read("export.csv", "编号,姓名,排班\nE1,王工,\n");
        assert_eq!(table.expect("a table").sheet, Sheet::Engineers);
        let (table, errors) = read("export.csv", "code,name\nPD,浦东\n");
        assert!(table.is_none());
        assert!(errors[0].contains("areas or outlets or engineers or customers"), "{errors:?}");
    }

    #[test]
    fn an_unknown_column_is_told_with_the_nearest_known_one() {
        let (table, errors) = read("engineers.csv", "code,name,phnoe,名\nE1,王工,1,\n");
        assert!(table.is_none());
        assert!(
            errors[0]
                .starts_with("Some(1) \"phnoe\" the column `phnoe` is unknown; is it `phone`?"),
            "{errors:?}"
        );
        assert_eq!(errors.len(), 2);
    }

    #[test]
    fn a_row_that_is_too_short_or_too_long_is_told_with_its_line() {
        let (table, errors) =
            read("areas.csv", "code,name\nHD\nHB,华北,\nHN,\"华\n南\"\nXB,西北,x\n");
        let rows = table.expect("a table").rows;
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 4]);
        assert!(errors[0].starts_with("Some(2)"), "{errors:?}");
        assert!(errors[1].starts_with("Some(6)"), "{errors:?}");
    }
}
