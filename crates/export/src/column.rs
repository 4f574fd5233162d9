//! What a column is, and what stands in a cell.

use domain::Timestamp;
use jiff::civil::{Date, date};
use serde_json::Value;

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text. Lists and the like are their JSON.
    Text,
    /// A whole number of 64 bits.
    Int,
    /// A number with a fraction.
    Float,
    /// True or false.
    Bool,
    /// A moment: microseconds since 1970, UTC.
    Timestamp,
    /// A day of the firm's calendar.
    Date,
}

impl Kind {
    /// As the dictionary names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "int64",
            Self::Float => "float64",
            Self::Bool => "bool",
            Self::Timestamp => "timestamp, µs, UTC",
            Self::Date => "date",
        }
    }

    /// The cell for a value of a dump; nothing where it is of another kind.
    pub(crate) fn cell(self, value: &Value) -> Option<Cell> {
        Some(match (self, value) {
            (_, Value::Null) => Cell::Null,
            (Self::Text, Value::String(text)) => Cell::Text(text.clone()),
            (Self::Text, Value::Array(_) | Value::Object(_)) => Cell::Text(value.to_string()),
            (Self::Int, Value::Number(number)) => Cell::Int(number.as_i64()?),
            (Self::Float, Value::Number(number)) => Cell::Float(number.as_f64()?),
            (Self::Bool, Value::Bool(is)) => Cell::Bool(*is),
            (Self::Timestamp, Value::String(text)) => {
                Cell::Timestamp(Timestamp::from_jiff(text.parse().ok()?))
            }
            (Self::Date, Value::String(text)) => Cell::Date(text.parse().ok()?),
            _ => return None,
        })
    }
}

/// What stands in one row of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// [`Kind::Text`].
    Text(String),
    /// [`Kind::Int`].
    Int(i64),
    /// [`Kind::Float`].
    Float(f64),
    /// [`Kind::Bool`].
    Bool(bool),
    /// [`Kind::Timestamp`].
    Timestamp(Timestamp),
    /// [`Kind::Date`].
    Date(Date),
}

/// Days since 1970-01-01.
pub(crate) fn days_since_1970(day: Date) -> i32 {
    const EPOCH: Date = date(1970, 1, 1);
    // Days between any two dates of jiff are far fewer than 2^31.
    EPOCH.until(day).map_or(0, |span| span.get_days())
}

/// A text that a spreadsheet would compute, whoever wrote it, with a quote before it.
pub(crate) fn tame(text: &str) -> std::borrow::Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name, the same in all formats and languages.
    pub name: &'static str,
    /// What its cells are.
    pub kind: Kind,
    /// Whether a cell may be empty.
    pub nullable: bool,
    /// What it is counted in; nothing where there is none.
    pub unit: &'static str,
    /// What it means, in English.
    pub english: &'static str,
    /// What it means, in Chinese.
    pub chinese: &'static str,
}

impl Column {
    const fn new(
        name: &'static str,
        kind: Kind,
        english: &'static str,
        chinese: &'static str,
    ) -> Self {
        Self { name, kind, nullable: false, unit: "", english, chinese }
    }

    /// A text.
    pub(crate) const fn text(
        name: &'static str,
        english: &'static str,
        chinese: &'static str,
    ) -> Self {
        Self::new(name, Kind::Text, english, chinese)
    }

    /// A whole number.
    pub(crate) const fn int(
        name: &'static str,
        english: &'static str,
        chinese: &'static str,
    ) -> Self {
        Self::new(name, Kind::Int, english, chinese)
    }

    /// A number with a fraction.
    pub(crate) const fn float(
        name: &'static str,
        english: &'static str,
        chinese: &'static str,
    ) -> Self {
        Self::new(name, Kind::Float, english, chinese)
    }

    /// True or false.
    pub(crate) const fn bool(
        name: &'static str,
        english: &'static str,
        chinese: &'static str,
    ) -> Self {
        Self::new(name, Kind::Bool, english, chinese)
    }

    /// A moment.
    pub(crate) const fn timestamp(
        name: &'static str,
        english: &'static str,
        chinese: &'static str,
    ) -> Self {
        Self::new(name, Kind::Timestamp, english, chinese)
    }

    /// A day.
    pub(crate) const fn date(
        name: &'static str,
        english: &'static str,
        chinese: &'static str,
    ) -> Self {
        Self::new(name, Kind::Date, english, chinese)
    }

    /// The same, and a cell may be empty.
    pub(crate) const fn maybe(self) -> Self {
        Self { nullable: true, ..self }
    }

    /// The same, counted in a unit.
    pub(crate) const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_of_another_kind_is_no_cell() {
        for (kind, value) in [
            (Kind::Int, json!("7")),
            (Kind::Int, json!(7.5)),
            (Kind::Int, json!(u64::MAX)),
            (Kind::Text, json!(7)),
            (Kind::Bool, json!(0)),
            (Kind::Date, json!("2026-02-30")),
            (Kind::Timestamp, json!("2026-03-01 08:00")),
        ] {
            assert_eq!(kind.cell(&value), None, "{kind:?} of {value}");
        }
        let moment = json!("2026-03-01T00:00:00.000001Z");
        let micros = 1_772_323_200_000_001;
        assert_eq!(
            Kind::Timestamp.cell(&moment),
            Some(Cell::Timestamp(Timestamp::from_micros(micros)))
        );
        assert_eq!(Kind::Text.cell(&json!(["制冷"])), Some(Cell::Text("[\"制冷\"]".into())));
    }

    #[test]
    fn days_count_from_1970_on_and_before() {
        assert_eq!(days_since_1970(date(1970, 1, 1)), 0);
        assert_eq!(days_since_1970(date(1969, 12, 31)), -1);
        assert_eq!(days_since_1970(date(2026, 3, 1)), 20_513);
    }

    #[test]
    fn what_a_spreadsheet_would_compute_gets_a_quote_and_the_rest_none() {
        for text in ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"] {
            assert_eq!(tame(text), format!("'{text}"));
        }
        for text in ["", "1=1", "冲床停了", "'quoted'"] {
            assert_eq!(tame(text), text);
        }
    }
}
