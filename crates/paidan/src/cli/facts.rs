//! What is known of one thing, field by field in the order of the answer, for people.

use std::fmt;

use domain::Timestamp;
use domain::ticket::{PhaseName, Priority, Stage};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use words::Language;

use super::names::{Names, is_id};
use super::page::Page;
use super::table::{Align, Table};

/// JSON whose fields stay in their order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Facts {
    /// Nothing.
    Null,
    /// Yes or no.
    Flag(bool),
    /// A number, or a text.
    Text(String),
    /// Several.
    Items(Vec<Facts>),
    /// Fields with their names.
    Fields(Vec<(String, Facts)>),
}

struct FactsVisitor;

impl<'de> Visitor<'de> for FactsVisitor {
    type Value = Facts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Facts, E> {
        Ok(Facts::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Facts, E> {
        Ok(Facts::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Facts, E> {
        Ok(Facts::Text(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Facts, E> {
        Ok(Facts::Text(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Facts, E> {
        Ok(Facts::Text(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Facts, E> {
        Ok(Facts::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Facts, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(Facts::Items(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Facts, A::Error> {
        let mut all = Vec::new();
        while let Some(field) = fields.next_entry()? {
            all.push(field);
        }
        Ok(Facts::Fields(all))
    }
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(FactsVisitor)
    }
}

impl Facts {
    /// Every id in it that the directory may have a name for.
    pub(super) fn ids(&self) -> Vec<String> {
        match self {
            Self::Text(text) if is_id(text) => {
                vec![text.clone()]
            }
            Self::Items(items) => items.iter().flat_map(Self::ids).collect(),
            Self::Fields(fields) => fields.iter().flat_map(|(_, value)| value.ids()).collect(),
            _ => Vec::new(),
        }
    }

    /// A line for each field; what is nothing is left out.
    pub(super) fn table(&self, page: &Page<'_>, names: &Names) -> Table<2> {
        let columns = ["command-field", "command-value"].map(|name| (page.say(name), Align::Left));
        let mut table = Table::new(columns).within(page.width);
        let mut lines = Vec::new();
        self.lines("", page.language, names, &mut lines);
        lines.into_iter().for_each(|line| table.row(line));
        table
    }

    fn lines(&self, label: &str, language: Language, names: &Names, lines: &mut Vec<[String; 2]>) {
        match self {
            Self::Fields(fields) => {
                for (name, value) in fields {
                    let name = field(name, language);
                    let label = if label.is_empty() { name } else { format!("{label} · {name}") };
                    value.lines(&label, language, names, lines);
                }
            }
            Self::Items(items) if items.iter().any(|item| matches!(item, Self::Fields(_))) => {
                for (item, number) in items.iter().zip(1..) {
                    item.lines(&format!("{label} {number}"), language, names, lines);
                }
            }
            value => {
                let said = value.said(label, language, names);
                if !said.is_empty() {
                    lines.push([label.to_owned(), said]);
                }
            }
        }
    }

    fn said(&self, label: &str, language: Language, names: &Names) -> String {
        match self {
            Self::Null | Self::Fields(_) => String::new(),
            Self::Flag(flag) => language.say(if *flag { "command-yes" } else { "command-no" }),
            Self::Text(text) => value(text, label, language, names),
            Self::Items(items) => {
                let items: Vec<_> =
                    items.iter().map(|item| item.said(label, language, names)).collect();
                items.join(", ")
            }
        }
    }
}

/// What a field is called; its own name where there is no word for it.
fn field(name: &str, language: Language) -> String {
    let message = format!("command-{}", name.replace('_', "-"));
    if language.knows(&message) { language.say(&message) } else { name.replace('_', " ") }
}

fn value(text: &str, label: &str, language: Language, names: &Names) -> String {
    // Terms are told by the field that they stand in: a name may be `low`, and a place `waiting`.
    let quoted = serde_json::Value::from(text);
    let of = |name: &str| label == field(name, language);
    if of("state")
        && let Ok(state) = serde_json::from_value::<PhaseName>(quoted.clone())
    {
        return language.state(state);
    }
    if of("priority")
        && let Ok(priority) = serde_json::from_value::<Priority>(quoted.clone())
    {
        return language.priority(priority);
    }
    if of("stage")
        && let Ok(stage) = serde_json::from_value::<Stage>(quoted)
    {
        return language.stage(stage);
    }
    match text.parse::<Timestamp>() {
        Ok(at) => names.time.to_second(at),
        Err(_) => names.of(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stay_in_the_order_of_the_answer() {
        let facts: Facts =
            serde_json::from_str(r#"{"z": 1, "a": [null, {"b": true}]}"#).expect("JSON");
        let a =
            Facts::Items(vec![Facts::Null, Facts::Fields(vec![("b".into(), Facts::Flag(true))])]);
        assert_eq!(
            facts,
            Facts::Fields(vec![("z".into(), Facts::Text("1".into())), ("a".into(), a)])
        );
    }
}
