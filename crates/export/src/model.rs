//! A read model as tables.

use crate::column::{Cell, Column};
use crate::fields::{Fields, RowError};

/// A table that rows of a model go into.
#[derive(Debug)]
pub struct Table {
    /// Names the file, and the directory where there is a file for each day.
    pub name: &'static str,
    /// What a row is, in English.
    pub english: &'static str,
    /// What a row is, in Chinese.
    pub chinese: &'static str,
    /// The columns, in their order.
    pub columns: &'static [Column],
    /// The column that says which rows belong together: they are replaced together.
    pub key: &'static str,
    /// The first column is a day, and each day is a file of its own.
    pub by_day: bool,
}

impl Table {
    /// Which column the key is.
    pub(crate) fn key_place(&self) -> usize {
        let place = self.columns.iter().position(|column| column.name == self.key);
        place.expect("each key is a column, which a test looks at")
    }
}

/// A row: the number of its table, and the cells.
pub(crate) type Row = (usize, Vec<Cell>);

/// Turns the lines of one dump into rows, in their order. Some lines need what an earlier one said.
pub(crate) trait Rows {
    /// The rows of a line; none where the line is left out on purpose.
    fn rows(&mut self, fields: Fields) -> Result<Vec<Row>, RowError>;
}

/// A read model that can be exported.
pub struct Model {
    /// As `projection list` names it.
    pub name: &'static str,
    /// Its tables.
    pub tables: &'static [Table],
    pub(crate) rows: fn() -> Box<dyn Rows>,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Model {
    /// The model of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        crate::MODELS.iter().find(|model| model.name == name)
    }
}

/// One row of one table.
pub(crate) fn one(tables: &[Table], table: usize, fields: Fields) -> Result<Vec<Row>, RowError> {
    Ok(vec![(table, fields.row(tables[table].columns)?)])
}
