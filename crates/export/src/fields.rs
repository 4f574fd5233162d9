//! The fields of one line, taken strictly: one that is missing or left over is an error.

use serde_json::{Map, Value};

use crate::column::{Cell, Column};

/// A line that is not of the shape that the columns are declared for. This is a fault of the
/// program and not of the data: the model was changed, and its columns were not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// Not JSON, or not an object.
    #[error("it is no JSON object")]
    NoObject,
    /// No table has rows like this.
    #[error("it is of no kind that is known")]
    UnknownKind,
    /// A column has nothing to be filled from.
    #[error("it has no `{0}`")]
    Missing(String),
    /// A field that no column is declared for.
    #[error("no column is declared for its `{0}`")]
    Unknown(String),
    /// A value that does not fit its column.
    #[error("its `{0}` is not what the column is declared for")]
    Unfit(String),
    /// Something stands where personal data would; an export must not carry any.
    #[error("its `{0}` may be personal, and must not be exported")]
    Personal(String),
}

/// What is left of a line.
#[derive(Debug, Default)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn parse(line: &str) -> Result<Self, RowError> {
        serde_json::from_str(line).map(Self).map_err(|_| RowError::NoObject)
    }

    pub(crate) fn of(name: &str, value: Value) -> Result<Self, RowError> {
        match value {
            Value::Object(map) => Ok(Self(map)),
            _ => Err(RowError::Unfit(name.into())),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    pub(crate) fn take(&mut self, name: &str) -> Result<Value, RowError> {
        self.0.remove(name).ok_or_else(|| RowError::Missing(name.into()))
    }

    pub(crate) fn take_list(&mut self, name: &str) -> Result<Vec<Value>, RowError> {
        match self.take(name)? {
            Value::Array(list) => Ok(list),
            _ => Err(RowError::Unfit(name.into())),
        }
    }

    pub(crate) fn take_object(&mut self, name: &str) -> Result<Self, RowError> {
        Self::of(name, self.take(name)?)
    }

    /// Nothing where it is null.
    pub(crate) fn take_maybe(&mut self, name: &str) -> Result<Option<Self>, RowError> {
        match self.take(name)? {
            Value::Null => Ok(None),
            value => Self::of(name, value).map(Some),
        }
    }

    /// A pair, whose halves become two fields; two empty ones where it is null.
    pub(crate) fn split(&mut self, name: &str, halves: [&str; 2]) -> Result<(), RowError> {
        let [first, second] = match self.take(name)? {
            Value::Null => [Value::Null, Value::Null],
            Value::Array(pair) => {
                <[Value; 2]>::try_from(pair).map_err(|_| RowError::Unfit(name.into()))?
            }
            _ => return Err(RowError::Unfit(name.into())),
        };
        self.put(halves[0], first);
        self.put(halves[1], second);
        Ok(())
    }

    /// One of several variants: its name, and what it has.
    pub(crate) fn take_variant(&mut self, name: &str) -> Result<(String, Value), RowError> {
        let Self(map) = self.take_object(name)?;
        let mut variants = map.into_iter();
        match (variants.next(), variants.next()) {
            (Some(variant), None) => Ok(variant),
            _ => Err(RowError::Unfit(name.into())),
        }
    }

    pub(crate) fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Takes all fields of another over, under the names that columns have; nothing may be left
    /// there.
    pub(crate) fn adopt(
        &mut self,
        mut other: Self,
        renamed: &[(&str, &str)],
    ) -> Result<(), RowError> {
        for (from, to) in renamed {
            let value = other.take(from)?;
            self.put(to, value);
        }
        other.end()
    }

    /// Like [`Fields::adopt`], of an object within this one that may be null.
    pub(crate) fn lift(&mut self, name: &str, renamed: &[(&str, &str)]) -> Result<(), RowError> {
        match self.take_maybe(name)? {
            Some(inner) => self.adopt(inner, renamed),
            None => {
                self.fill(renamed.iter().map(|(_, to)| *to));
                Ok(())
            }
        }
    }

    /// Takes over what columns are named like already.
    pub(crate) fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Empty cells where there is nothing yet.
    pub(crate) fn fill<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        for name in names {
            self.0.entry(name).or_insert(Value::Null);
        }
    }

    /// A place for personal data, which a dump leaves empty.
    pub(crate) fn erased(&mut self, name: &str) -> Result<(), RowError> {
        match self.take(name)? {
            Value::Null => Ok(()),
            _ => Err(RowError::Personal(name.into())),
        }
    }

    /// The fields are nothing but these, which are left out on purpose.
    pub(crate) fn leave_out(&mut self, names: &[&str]) -> Result<(), RowError> {
        names.iter().try_for_each(|name| self.take(name).map(drop))?;
        std::mem::take(self).end()
    }

    pub(crate) fn into_value(self) -> Value {
        Value::Object(self.0)
    }

    pub(crate) fn end(self) -> Result<(), RowError> {
        match self.0.into_iter().next() {
            Some((name, _)) => Err(RowError::Unknown(name)),
            None => Ok(()),
        }
    }

    /// The row; each column has its field, and each field its column.
    pub(crate) fn row(mut self, columns: &[Column]) -> Result<Vec<Cell>, RowError> {
        let mut row = Vec::with_capacity(columns.len());
        for column in columns {
            let value = self.take(column.name)?;
            let cell = column.kind.cell(&value);
            match cell.filter(|cell| column.nullable || *cell != Cell::Null) {
                Some(cell) => row.push(cell),
                None => return Err(RowError::Unfit(column.name.into())),
            }
        }
        self.end().map(|()| row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 2] =
        [Column::text("a", "first", "甲"), Column::int("b", "second", "乙").maybe()];

    fn row(line: &str) -> Result<Vec<Cell>, RowError> {
        Fields::parse(line)?.row(&COLUMNS)
    }

    #[test]
    fn a_field_without_a_column_and_a_column_without_a_field_are_errors() {
        assert_eq!(row(r#"{"b":null,"a":"x"}"#), Ok(vec![Cell::Text("x".into()), Cell::Null]));
        assert_eq!(row(r#"{"a":"x"}"#), Err(RowError::Missing("b".into())));
        assert_eq!(row(r#"{"a":"x","b":1,"c":1}"#), Err(RowError::Unknown("c".into())));
        assert_eq!(row(r#"{"a":null,"b":1}"#), Err(RowError::Unfit("a".into())));
        assert_eq!(row("[]"), Err(RowError::NoObject));
    }

    #[test]
    fn what_may_be_personal_is_refused() {
        let mut fields = Fields::parse(r#"{"card":{"name":"张三"}}"#).expect("fields");
        assert_eq!(fields.erased("card"), Err(RowError::Personal("card".into())));
    }

    #[test]
    fn what_lies_within_is_lifted_whole_or_not_at_all() {
        let lift = |line| {
            let mut fields = Fields::parse(line)?;
            fields.lift("in", &[("x", "a"), ("y", "b")])?;
            fields.row(&COLUMNS)
        };
        assert!(lift(r#"{"in":{"x":"1","y":2}}"#).is_ok());
        assert_eq!(lift(r#"{"in":{"x":"1"}}"#), Err(RowError::Missing("y".into())));
        assert_eq!(lift(r#"{"in":{"x":"1","y":2,"z":3}}"#), Err(RowError::Unknown("z".into())));
        assert_eq!(lift(r#"{"in":null}"#), Err(RowError::Unfit("a".into())));
    }
}
