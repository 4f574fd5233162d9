//! Conditions and exceptions in a file of rules: read part by part, so that each mistake is told
//! where it stands.

use domain::Span;
use domain::rules::{Condition, DispatchBy, RuleField};
use domain::ticket::QueueRole;
use serde::Deserialize;
use toml::de::DeValue;
use toml::{Spanned, Table, Value};

use super::problem::Wrong;
use super::read::{Reading, owned};

const GROUPS: [&str; 3] = ["all", "any", "not"];
const EXCEPTION_KEYS: [&str; 8] = [
    "when",
    "accept_within",
    "offer_within",
    "unassigned_within",
    "queue_within",
    "silent_after",
    "dispatch_by",
    "queue_path",
];

impl Reading<'_> {
    pub(super) fn exceptions(&mut self, field: &'static RuleField, value: &Spanned<DeValue<'_>>) {
        let Some(list) = value.get_ref().as_array() else {
            return self.wrong(field, value, "write a list of exceptions");
        };
        for (index, entry) in list.iter().enumerate() {
            let at = format!("[{index}]");
            self.parts.insert((field.path, at.clone()), entry.span());
            let Some(table) = entry.get_ref().as_table() else {
                self.wrong(field, entry, "write `when`, and what holds then");
                continue;
            };
            if !table.iter().any(|(key, _)| key.get_ref() == "when") {
                self.wrong(field, entry, "write `when`, the condition of the exception");
            }
            for (key, value) in table {
                let name = key.get_ref().as_ref();
                self.parts.insert((field.path, format!("{at}.{name}")), value.span());
                if name == "when" {
                    self.condition(field, &format!("{at}.when"), value);
                    continue;
                }
                if !EXCEPTION_KEYS.contains(&name) {
                    let (found, nearest) = (name.to_owned(), nearest(name, &EXCEPTION_KEYS));
                    let path = field.path;
                    self.report(&key.span(), Wrong::Part { field: path, found, nearest });
                    continue;
                }
                let read = owned(value).and_then(|value| match name {
                    "dispatch_by" => DispatchBy::deserialize(value).map(drop),
                    "queue_path" => Vec::<QueueRole>::deserialize(value).map(drop),
                    _ => Span::deserialize(value).map(drop),
                });
                if let Err(error) = read {
                    self.wrong(field, value, error.message());
                }
            }
        }
    }

    pub(super) fn condition(
        &mut self,
        field: &'static RuleField,
        at: &str,
        value: &Spanned<DeValue<'_>>,
    ) {
        self.parts.insert((field.path, at.to_owned()), value.span());
        let one_key = "a condition has one key; write several within `all` or `any`";
        let Some(table) = value.get_ref().as_table() else {
            return self.wrong(field, value, "write a condition, such as { images_at_least = 2 }");
        };
        let mut entries = table.iter();
        let (Some((key, inner)), None) = (entries.next(), entries.next()) else {
            return self.wrong(field, value, one_key);
        };
        let name = key.get_ref().as_ref();
        let dot = if at.is_empty() { "" } else { "." };
        let at = format!("{at}{dot}{name}");
        self.parts.insert((field.path, at.clone()), inner.span());
        if !Condition::KEYS.contains(&name) {
            let (found, nearest) = (name.to_owned(), nearest(name, Condition::KEYS));
            self.report(&key.span(), Wrong::Part { field: field.path, found, nearest });
        } else if !GROUPS.contains(&name) {
            let alone = owned(inner)
                .map(|value| Value::Table(Table::from_iter([(name.to_owned(), value)])))
                .and_then(Condition::deserialize);
            if let Err(error) = alone {
                self.wrong(field, inner, error.message());
            }
        } else if let Some(parts) = inner.get_ref().as_array() {
            for (index, part) in parts.iter().enumerate() {
                self.condition(field, &format!("{at}[{index}]"), part);
            }
        } else {
            self.wrong(field, inner, "write a list of conditions");
        }
    }

    fn wrong(&mut self, field: &'static RuleField, value: &Spanned<DeValue<'_>>, why: &str) {
        let found = self.quoted(&value.span());
        let (path, form) = (field.path, field.form);
        let why = why.lines().collect::<Vec<_>>().join(", ");
        self.report(&value.span(), Wrong::Form { field: path, found, form, why });
    }
}

fn nearest(name: &str, known: &[&'static str]) -> &'static str {
    let alike = |known: &&&str| strsim::normalized_damerau_levenshtein(known, name);
    let best = known.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)));
    best.copied().unwrap_or_default()
}
