//! A model's canonical dump: its rows as lines of JSON, each of a table with a key.

use std::io;

use serde::Serialize;

/// A kind of row that a model has.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The fields that tell its rows apart; none: it has one row.
    pub key: &'static [&'static str],
    /// The fields that are counts: of all rows together they mean something.
    pub counts: &'static [&'static str],
}

impl Table {
    /// A table without counts.
    pub(crate) const fn keyed(name: &'static str, key: &'static [&'static str]) -> Self {
        Self { name, key, counts: &[] }
    }
}

/// Takes lines, each without its end.
pub type TakeLine<'a> = dyn FnMut(&'static Table, &[u8]) -> io::Result<()> + 'a;

/// Gives a row as a line.
pub(crate) fn line(
    take: &mut TakeLine<'_>,
    table: &'static Table,
    row: &impl Serialize,
) -> io::Result<()> {
    take(table, &serde_json::to_vec(row)?)
}
