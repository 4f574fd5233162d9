//! Which rows an event changes, for whoever explains why two folds of one log differ.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::dump::Table;

/// Names a row of a model: its table, and the values of its key as a JSON list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct RowKey {
    pub(crate) table: &'static str,
    pub(crate) key: String,
}

impl RowKey {
    /// The key of a line of a dump.
    pub(crate) fn of_line(table: &'static Table, row: &Value) -> Self {
        let fields = table.key.iter().map(|field| row.get(field).unwrap_or(&Value::Null));
        let key = Value::from_iter(fields.cloned()).to_string();
        Self { table: table.name, key }
    }
}

/// Is shown changed rows.
pub(crate) trait Onlooker {
    /// Whether it wants to see this row.
    fn watches(&self, row: &RowKey) -> bool;
    /// The row as it is now; nothing: it is gone.
    fn changed(&mut self, row: RowKey, now: Option<Value>);
}

/// Where a fold says which rows an event changed. Most folds are watched by nobody; then it costs
/// a comparison.
pub struct Changes<'a>(Option<&'a mut dyn Onlooker>);

impl Changes<'_> {
    /// Nobody wants to know.
    pub const fn unseen() -> Changes<'static> {
        Changes(None)
    }

    /// Says that a row may have changed. `key` is a tuple of the fields that the table names as
    /// its key, `row` makes the line that a dump would have, or nothing where the row is gone.
    pub(crate) fn row<R: Serialize>(
        &mut self,
        table: &'static Table,
        key: &impl Serialize,
        row: impl FnOnce() -> Option<R>,
    ) {
        let Some(onlooker) = self.0.as_deref_mut() else { return };
        let Ok(Value::Array(key)) = serde_json::to_value(key) else { return };
        let key = RowKey { table: table.name, key: Value::Array(key).to_string() };
        if onlooker.watches(&key) {
            let now = row().and_then(|row| serde_json::to_value(row).ok());
            onlooker.changed(key, now);
        }
    }
}

impl<'a> Changes<'a> {
    pub(crate) const fn shown_to(onlooker: &'a mut dyn Onlooker) -> Self {
        Changes(Some(onlooker))
    }
}

impl fmt::Debug for Changes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Changes").field(&self.0.is_some()).finish()
    }
}
