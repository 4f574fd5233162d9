//! What an earlier position had, so that only what is different since has to be written.
//!
//! Each table has a column that is its key: the day where a table has days, else whatever the row
//! is of. All rows of one key are replaced together, so a later export is applied by deleting the
//! rows of every key that it has or names as removed, and adding its rows.

use std::collections::BTreeMap;

use crate::column::Cell;
use crate::model::Table;
use crate::proof::Source;
use crate::reading::Reading;
use crate::write::ExportError;

/// A model at an earlier position, folded again: the hash of the rows of each key.
pub struct Base {
    reading: Reading,
    groups: Groups,
    tables: Vec<Keys>,
}

/// The keys of one table, in the order of their bytes.
pub(crate) type Keys = BTreeMap<Vec<u8>, (blake3::Hash, Cell)>;

impl std::fmt::Debug for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Base").field("source", &self.reading.source).finish_non_exhaustive()
    }
}

impl Base {
    /// The lines of this dump come next.
    ///
    /// # Errors
    /// When no columns are declared for the model.
    pub fn begin(source: Source) -> Result<Self, ExportError> {
        let reading = Reading::begin(source)?;
        let tables = reading.model.tables;
        Ok(Self {
            groups: Groups::new(tables),
            tables: tables.iter().map(|_| Keys::new()).collect(),
            reading,
        })
    }

    /// One line of the dump, without its end.
    ///
    /// # Errors
    /// When it does not fit the columns.
    pub fn line(&mut self, line: &str) -> Result<(), ExportError> {
        for (table, row) in self.reading.line(line)? {
            if let Some(group) = self.groups.row(self.reading.model.tables, table, row) {
                self.keep(table, group)?;
            }
        }
        Ok(())
    }

    fn keep(&mut self, table: usize, group: Group) -> Result<(), ExportError> {
        let kept = self.tables[table].insert(bytes(&group.key), (group.hash(), group.key));
        kept.map_or(Ok(()), |_| Err(scattered(self.reading.model.name, table)))
    }

    /// The dump has ended.
    pub(crate) fn end(mut self) -> Result<(Source, Vec<Keys>), ExportError> {
        for (table, group) in std::mem::take(&mut self.groups).rest() {
            self.keep(table, group)?;
        }
        Ok((self.reading.end()?, self.tables))
    }
}

/// Rows that belong together come one after another; else parts of them would be lost.
pub(crate) fn scattered(model: &str, table: usize) -> ExportError {
    ExportError::Scattered { projection: model.into(), table }
}

/// Rows of one key.
pub(crate) struct Group {
    pub(crate) key: Cell,
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Group {
    pub(crate) fn hash(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for cell in self.rows.iter().flatten() {
            hasher.update(&bytes(cell));
        }
        hasher.finalize()
    }
}

/// The rows of each table that came last and have one key.
#[derive(Default)]
pub(crate) struct Groups(Vec<Option<Group>>);

impl Groups {
    pub(crate) fn new(tables: &[Table]) -> Self {
        Self(tables.iter().map(|_| None).collect())
    }

    /// Takes one more row; gives the rows before it, where it begins another key.
    pub(crate) fn row(&mut self, tables: &[Table], table: usize, row: Vec<Cell>) -> Option<Group> {
        let key = row[tables[table].key_place()].clone();
        let place = &mut self.0[table];
        match place {
            Some(group) if group.key == key => {
                group.rows.push(row);
                None
            }
            _ => place.replace(Group { key, rows: vec![row] }),
        }
    }

    /// What came last of each table.
    pub(crate) fn rest(self) -> impl Iterator<Item = (usize, Group)> {
        let all = self.0.into_iter().enumerate();
        all.filter_map(|(table, group)| Some((table, group?)))
    }
}

/// A cell so that no two cells, and no two rows of as many cells, have the same bytes.
pub(crate) fn bytes(cell: &Cell) -> Vec<u8> {
    let (kind, content) = match cell {
        Cell::Null => (0, Vec::new()),
        Cell::Text(text) => (1, text.clone().into_bytes()),
        Cell::Int(number) => (2, number.to_be_bytes().to_vec()),
        Cell::Float(number) => (3, number.to_bits().to_be_bytes().to_vec()),
        Cell::Bool(is) => (4, vec![u8::from(*is)]),
        Cell::Timestamp(at) => (5, at.as_micros().to_be_bytes().to_vec()),
        Cell::Date(day) => (6, day.to_string().into_bytes()),
    };
    let mut bytes = vec![kind];
    bytes.extend((content.len() as u64).to_be_bytes());
    bytes.extend(content);
    bytes
}
