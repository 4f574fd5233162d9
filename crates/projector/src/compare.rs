//! What two instances of a model at one position differ in: totals first, then rows.

use std::collections::{BTreeMap, HashMap};
use std::io;

use domain::GlobalPosition;
use eventlog::EventLog;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::changes::RowKey;
use crate::contract::Projection;
use crate::dump::Table;
use crate::explain::explain;
use crate::live::Live;
use crate::rebuild::{RebuildError, Rebuilt, catch_up};
use crate::recount::RecountName;

/// How much of a comparison is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// Rows that are told, the worst first; 100 unless told.
    pub rows_max: usize,
    /// Whether the log is folded twice more to find the events that explain these rows.
    pub explain: bool,
}

impl Default for Detail {
    fn default() -> Self {
        Self { rows_max: 100, explain: true }
    }
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comparison {
    /// The model.
    pub model: String,
    /// Where both were.
    pub position: GlobalPosition,
    /// By which rules the live one counts the past.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "as recorded"))]
    pub live: RecountName,
    /// By which rules the rebuilt one does.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "rules 3 from the beginning"))]
    pub rebuilt: RecountName,
    /// Whether their dumps are equal, byte for byte.
    pub equal: bool,
    /// Rows and totals of each table.
    pub tables: Vec<TableComparison>,
    /// Rows that differ, those that differ most first.
    pub rows: Vec<RowDifference>,
    /// Rows that differ and are not among them.
    pub rows_left_out: u64,
}

/// Rows and totals of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TableComparison {
    /// Its name.
    pub table: String,
    /// Rows of the live model.
    pub live_rows: u64,
    /// Rows of the rebuilt one.
    pub rebuilt_rows: u64,
    /// Rows that only the rebuilt one has.
    pub added: u64,
    /// Rows that only the live one has.
    pub removed: u64,
    /// Rows that both have, with other content.
    pub changed: u64,
    /// Its counts, over all rows.
    pub totals: Vec<Total>,
}

/// A count over all rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Total {
    /// Of what.
    pub field: String,
    /// In the live model.
    pub live: u64,
    /// In the rebuilt one.
    pub rebuilt: u64,
}

/// How a row differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RowChange {
    /// Only the rebuilt model has it.
    Added,
    /// Only the live one has it.
    Removed,
    /// Both have it.
    Changed,
}

/// A row that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RowDifference {
    #[serde(skip)]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub(crate) id: RowKey,
    /// The table.
    pub table: String,
    /// What it is about: the fields of its key.
    pub key: BTreeMap<String, Value>,
    /// How it differs.
    pub change: RowChange,
    /// The fields that differ.
    pub fields: Vec<FieldDifference>,
    /// By how much: the counts that differ, added up, and one for each other field.
    pub weight: u64,
    /// Why; nothing where nobody asked.
    pub explained: Option<Explanation>,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldDifference {
    /// Its name.
    pub field: String,
    /// In the live model; nothing where it has no such row.
    pub live: Option<Value>,
    /// In the rebuilt one.
    pub rebuilt: Option<Value>,
}

/// Why a row differs: where the two instances parted, or came together again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// The row differs before the first event: the rules themselves say something else.
    pub from_the_start: bool,
    /// The first events at which the difference became another one.
    pub positions: Vec<GlobalPosition>,
    /// How many events did that in all.
    pub events: u64,
}

impl Comparison {
    /// How many rows differ.
    pub fn rows_changed(&self) -> u64 {
        self.tables.iter().map(|table| table.added + table.removed + table.changed).sum()
    }
}

/// Brings a rebuilt instance to the live one's position and compares them. Batches wait while the
/// live one is dumped; nothing waits for the rest.
///
/// # Errors
/// When the instances cannot be brought to one position, a dump fails, or the log cannot be read.
pub fn compare<P: Projection>(
    live: &Live<P>,
    rebuilt: &mut Rebuilt<P>,
    log: &dyn EventLog,
    detail: Detail,
) -> Result<Comparison, RebuildError> {
    // Most of the way without anybody waiting.
    catch_up(rebuilt, log, live.progress().position, &mut |_| {})?;
    let gated = live.gate();
    let (position, recount) = (gated.position, gated.recount.clone());
    catch_up(rebuilt, log, position, &mut |_| {})?;
    if rebuilt.position() > position {
        return Err(RebuildError::Ahead { live: position, rebuilt: rebuilt.position() });
    }
    let dump = Dump::of(&gated.model)?;
    drop(gated);
    let mut comparison = dump.against(rebuilt.model(), detail.rows_max)?;
    comparison.position = position;
    comparison.live = recount.name();
    comparison.rebuilt = rebuilt.recount().name();
    if detail.explain && !comparison.rows.is_empty() {
        let recounts = [recount, rebuilt.recount().clone()];
        explain::<P>(log, recounts, position, &mut comparison.rows)?;
    }
    Ok(comparison)
}

/// Compares two folds of a log that no runner follows.
///
/// # Errors
/// As [`compare`].
pub fn compare_folds<P: Projection>(
    live: &Rebuilt<P>,
    rebuilt: &Rebuilt<P>,
    log: &dyn EventLog,
    detail: Detail,
) -> Result<Comparison, RebuildError> {
    let (live_at, rebuilt_at) = (live.position(), rebuilt.position());
    if live_at != rebuilt_at {
        return Err(RebuildError::Ahead { live: live_at, rebuilt: rebuilt_at });
    }
    let mut comparison = Dump::of(live.model())?.against(rebuilt.model(), detail.rows_max)?;
    comparison.position = live_at;
    comparison.live = live.recount().name();
    comparison.rebuilt = rebuilt.recount().name();
    if detail.explain && !comparison.rows.is_empty() {
        let recounts = [live.recount().clone(), rebuilt.recount().clone()];
        explain::<P>(log, recounts, live_at, &mut comparison.rows)?;
    }
    Ok(comparison)
}

/// All lines of a model at one moment.
#[derive(Default)]
struct Dump {
    bytes: Vec<u8>,
    lines: Vec<(&'static Table, std::ops::Range<usize>)>,
    tables: Tables,
}

/// Rows and totals of both, by the name of the table.
#[derive(Default)]
struct Tables(Vec<TableComparison>);

/// Whose row it is.
#[derive(Clone, Copy)]
enum Side {
    Live,
    Rebuilt,
}

impl Tables {
    fn table(&mut self, name: &'static str) -> Option<&mut TableComparison> {
        // A model has a handful.
        let found = self.0.iter().position(|table| table.table == name);
        let place = found.unwrap_or_else(|| {
            self.0.push(TableComparison { table: name.to_owned(), ..TableComparison::default() });
            self.0.len() - 1
        });
        self.0.get_mut(place)
    }

    fn count(&mut self, table: &'static Table, line: &[u8], side: Side) -> io::Result<()> {
        let row: Value =
            if table.counts.is_empty() { Value::Null } else { serde_json::from_slice(line)? };
        let Some(counted) = self.table(table.name) else { return Ok(()) };
        match side {
            Side::Live => counted.live_rows += 1,
            Side::Rebuilt => counted.rebuilt_rows += 1,
        }
        for (place, field) in table.counts.iter().enumerate() {
            if counted.totals.len() <= place {
                counted.totals.push(Total { field: (*field).to_owned(), live: 0, rebuilt: 0 });
            }
            let number = row.get(field).and_then(Value::as_u64).unwrap_or(0);
            let Some(total) = counted.totals.get_mut(place) else { continue };
            match side {
                Side::Live => total.live += number,
                Side::Rebuilt => total.rebuilt += number,
            }
        }
        Ok(())
    }
}

impl Dump {
    fn of<P: Projection>(model: &P) -> Result<Self, RebuildError> {
        let mut dump = Self::default();
        let taken = model.lines(&mut |table, line| {
            let from = dump.bytes.len();
            dump.bytes.extend_from_slice(line);
            dump.lines.push((table, from..dump.bytes.len()));
            Ok(())
        });
        taken.map_err(RebuildError::Dump)?;
        Ok(dump)
    }

    fn against<P: Projection>(
        mut self,
        rebuilt: &P,
        rows_max: usize,
    ) -> Result<Comparison, RebuildError> {
        let failed = RebuildError::Dump;
        let mut only_live: HashMap<&[u8], &'static Table> = HashMap::new();
        let mut in_order = self.lines.iter().map(|(_, place)| self.bytes.get(place.clone()));
        for (table, place) in &self.lines {
            let Some(line) = self.bytes.get(place.clone()) else { continue };
            self.tables.count(table, line, Side::Live).map_err(failed)?;
            only_live.insert(line, table);
        }
        let mut tables = std::mem::take(&mut self.tables);
        let mut only_rebuilt: Vec<(&'static Table, Vec<u8>)> = Vec::new();
        let mut equal = true;
        let taken = rebuilt.lines(&mut |table, line| {
            equal &= in_order.next().flatten() == Some(line);
            if only_live.remove(line).is_none() {
                only_rebuilt.push((table, line.to_vec()));
            }
            tables.count(table, line, Side::Rebuilt)
        });
        taken.map_err(failed)?;
        equal &= in_order.next().is_none();

        let mut differing: BTreeMap<RowKey, Pair> = BTreeMap::new();
        for (line, table) in only_live {
            let (key, row) = key(table, line)?;
            differing.entry(key).or_insert_with(|| Pair::of(table)).live = Some(row);
        }
        for (table, line) in only_rebuilt {
            let (key, row) = key(table, &line)?;
            differing.entry(key).or_insert_with(|| Pair::of(table)).rebuilt = Some(row);
        }
        let mut rows: Vec<RowDifference> = Vec::with_capacity(differing.len());
        for (id, pair) in differing {
            let row = pair.difference(id);
            if let Some(counted) = tables.table(pair.table.name) {
                match row.change {
                    RowChange::Added => counted.added += 1,
                    RowChange::Removed => counted.removed += 1,
                    RowChange::Changed => counted.changed += 1,
                }
            }
            rows.push(row);
        }
        // Stable, so rows of one weight stay in the order of their keys.
        rows.sort_by_key(|row| std::cmp::Reverse(row.weight));
        let rows_left_out = rows.len().saturating_sub(rows_max) as u64;
        rows.truncate(rows_max);
        Ok(Comparison {
            model: P::NAME.to_owned(),
            position: GlobalPosition::ZERO,
            live: RecountName::AsRecorded,
            rebuilt: RecountName::AsRecorded,
            equal,
            tables: tables.0,
            rows,
            rows_left_out,
        })
    }
}

fn key(table: &'static Table, line: &[u8]) -> Result<(RowKey, Value), RebuildError> {
    let row = serde_json::from_slice(line).map_err(|error| RebuildError::Dump(error.into()))?;
    Ok((RowKey::of_line(table, &row), row))
}

/// A row of both.
struct Pair {
    table: &'static Table,
    live: Option<Value>,
    rebuilt: Option<Value>,
}

impl Pair {
    const fn of(table: &'static Table) -> Self {
        Self { table, live: None, rebuilt: None }
    }

    fn difference(&self, id: RowKey) -> RowDifference {
        let change = match (&self.live, &self.rebuilt) {
            (None, _) => RowChange::Added,
            (_, None) => RowChange::Removed,
            _ => RowChange::Changed,
        };
        let either = self.rebuilt.as_ref().or(self.live.as_ref());
        let field = |name: &&str| {
            let value = either.and_then(|row| row.get(name)).cloned().unwrap_or_default();
            ((*name).to_owned(), value)
        };
        let key: BTreeMap<String, Value> = self.table.key.iter().map(field).collect();
        let fields = differing_fields(self.live.as_ref(), self.rebuilt.as_ref());
        let fields: Vec<_> =
            fields.into_iter().filter(|found| !key.contains_key(&found.field)).collect();
        let weight = fields.iter().map(|found| self.weight(found)).sum::<u64>().max(1);
        let table = self.table.name.to_owned();
        RowDifference { id, table, key, change, fields, weight, explained: None }
    }

    fn weight(&self, found: &FieldDifference) -> u64 {
        if !self.table.counts.contains(&found.field.as_str()) {
            return 1;
        }
        let number = |value: &Option<Value>| value.as_ref().and_then(Value::as_u64).unwrap_or(0);
        number(&found.live).abs_diff(number(&found.rebuilt))
    }
}

/// The fields in which two rows differ.
pub(crate) fn differing_fields(
    live: Option<&Value>,
    rebuilt: Option<&Value>,
) -> Vec<FieldDifference> {
    let names = [live, rebuilt].into_iter().flatten().filter_map(Value::as_object);
    let names: std::collections::BTreeSet<&String> = names.flat_map(|row| row.keys()).collect();
    let field = |name: &String| {
        let of = |row: Option<&Value>| row.and_then(|row| row.get(name)).cloned();
        let (live, rebuilt) = (of(live), of(rebuilt));
        (live != rebuilt).then(|| FieldDifference { field: name.clone(), live, rebuilt })
    };
    names.into_iter().filter_map(field).collect()
}
