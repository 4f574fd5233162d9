//! Reading a file of rules: all that is wrong with it, or the rules that it says.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use domain::rules::{RuleField, RuleForm, RuleProblem, Rules};
use serde::Deserialize;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use toml::{Spanned, Table, Value};

use super::place::Place;
use super::problem::{Problem, Wrong};

/// What stands in a file is quoted up to so many letters.
const QUOTED_CHARS_MAX: usize = 40;
/// What is less alike is not taken for a slip.
const ALIKE_MIN: f64 = 0.6;

/// Reads a file; what it leaves out is as shipped.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn read(text: &str) -> Result<Rules, Vec<Problem>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reading = Reading {
        text,
        rules: shipped(),
        places: BTreeMap::new(),
        parts: BTreeMap::new(),
        unread: BTreeSet::new(),
        problems: Vec::new(),
    };
    reading.table("", document.get_ref());
    reading.end(&errors)
}

/// The shipped rules as TOML has them.
fn shipped() -> Table {
    Table::try_from(Rules::default()).expect("rules are tables of texts, numbers, flags and lists")
}

pub(super) struct Reading<'t> {
    text: &'t str,
    /// The shipped rules with what was read so far.
    rules: Table,
    /// Where fields stand that the file has.
    places: BTreeMap<&'static str, Range<usize>>,
    /// Where parts of conditions and exceptions stand, by field and path within it.
    pub(super) parts: BTreeMap<(&'static str, String), Range<usize>>,
    /// Fields whose values cannot be read; what depends on them is not judged.
    unread: BTreeSet<&'static str>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = key.get_ref();
            let path =
                if prefix.is_empty() { name.to_string() } else { format!("{prefix}.{name}") };
            if let Some(field) = Rules::fields().iter().find(|field| field.path == path) {
                self.field(field, value);
            } else if !is_table(&path) {
                let nearest = nearest(&path);
                self.report(&key.span(), Wrong::Key { field: path, nearest });
            } else if let Some(table) = value.get_ref().as_table() {
                self.table(&path, table);
            } else {
                let found = self.quoted(&value.span());
                self.report(&value.span(), Wrong::Table { field: path, found });
            }
        }
    }

    fn field(&mut self, field: &'static RuleField, value: &Spanned<DeValue<'_>>) {
        self.places.insert(field.path, value.span());
        // Entries of a list are looked at one by one, so that each is told where it stands.
        let entries = value.get_ref().as_array().into_iter().flatten();
        let before = self.problems.len();
        if matches!(field.form, RuleForm::Spans { .. } | RuleForm::Days(_)) {
            for entry in entries {
                let alone = owned(entry).map(|entry| Value::Array(vec![entry]));
                self.take(field, alone, &entry.span());
            }
        }
        match field.form {
            RuleForm::Condition(_) => self.condition(field, "", value),
            RuleForm::Exceptions { .. } => self.exceptions(field, value),
            _ => {}
        }
        if self.problems.len() == before {
            self.take(field, owned(value), &value.span());
        }
        if self.problems.len() > before {
            self.unread.insert(field.path);
        }
    }

    /// Puts a value into the rules, or tells why it cannot stand there.
    fn take(
        &mut self,
        field: &'static RuleField,
        value: Result<Value, toml::de::Error>,
        span: &Range<usize>,
    ) {
        let mut alone = shipped();
        let read = value.and_then(|value| {
            set(&mut alone, field.path, value.clone());
            Rules::deserialize(alone).map(|_| value)
        });
        match read {
            Ok(value) => set(&mut self.rules, field.path, value),
            Err(error) => {
                let found = self.quoted(span);
                let wrong = match (field.form, self.string(span)) {
                    (RuleForm::Zone(_), Some(found)) => {
                        Wrong::Rule(RuleProblem::Zone { field: field.path, found })
                    }
                    (form, _) => Wrong::Form {
                        field: field.path,
                        found,
                        form,
                        why: error.message().to_owned(),
                    },
                };
                self.report(span, wrong);
            }
        }
    }

    /// The text between quotation marks.
    fn string(&self, span: &Range<usize>) -> Option<String> {
        let quoted = self.text.get(span.clone())?;
        let text = quoted.strip_prefix(['"', '\''])?.strip_suffix(['"', '\''])?;
        Some(text.chars().take(QUOTED_CHARS_MAX).collect())
    }

    /// What stands there, on one line and not too long.
    pub(super) fn quoted(&self, span: &Range<usize>) -> String {
        let whole = self.text.get(span.clone()).unwrap_or_default();
        let mut line: String = whole.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((end, _)) = line.char_indices().nth(QUOTED_CHARS_MAX) {
            line.truncate(end);
            line.push('…');
        }
        line
    }

    fn place(&self, span: &Range<usize>) -> Place {
        Place::of(self.text, span.start)
    }

    pub(super) fn report(&mut self, span: &Range<usize>, wrong: Wrong) {
        let place = self.place(span);
        self.problems.push(Problem { place, wrong });
    }

    fn end(mut self, errors: &[toml::de::Error]) -> Result<Rules, Vec<Problem>> {
        let rules = Rules::deserialize(std::mem::take(&mut self.rules))
            .expect("each field was read by itself, and none depends on another to be read");
        for problem in rules.check().err().unwrap_or_default() {
            let fields = [Some(problem.field()), problem.other()];
            let mut fields = fields.into_iter().flatten();
            if fields.clone().any(|field| self.unread.contains(field)) {
                continue;
            }
            let part = (problem.field(), problem.within().to_owned());
            if let Some(span) = self.parts.get(&part).cloned() {
                self.report(&span, Wrong::Rule(problem));
                continue;
            }
            // What is wrong with a field that is left out is wrong with the other one.
            let place = fields.find_map(|field| self.places.get(field)).cloned();
            self.report(&place.unwrap_or_default(), Wrong::Rule(problem));
        }
        self.syntax(errors);
        if self.problems.is_empty() {
            return Ok(rules);
        }
        self.problems.sort_by_key(|problem| problem.place);
        Err(self.problems)
    }

    fn syntax(&mut self, errors: &[toml::de::Error]) {
        let span = |error: &toml::de::Error| error.span().unwrap_or_default();
        let broken: BTreeSet<_> =
            errors.iter().map(|error| self.place(&span(error)).line).collect();
        // What is guessed behind a place that cannot be read is not what somebody wrote there.
        self.problems.retain(|problem| !broken.contains(&problem.place.line));
        for error in errors {
            let what = error.message().lines().collect::<Vec<_>>().join(", ");
            self.report(&span(error), Wrong::Syntax(what));
        }
    }
}

pub(super) fn owned(value: &Spanned<DeValue<'_>>) -> Result<Value, toml::de::Error> {
    Value::deserialize(ValueDeserializer::from(value.clone()))
}

fn is_table(path: &str) -> bool {
    let within =
        |field: &RuleField| field.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    Rules::fields().iter().any(within)
}

/// The known path that is most like one; a table where that is most like it.
fn nearest(path: &str) -> Option<&'static str> {
    let tables = Rules::fields().iter().filter_map(|field| Some(field.path.rsplit_once('.')?.0));
    let known = Rules::fields().iter().map(|field| field.path).chain(tables);
    let alike = |known: &str| {
        // The right name in the wrong table is a slip as well.
        let name = |path: &'_ str| path.rsplit('.').next().unwrap_or_default().to_owned();
        let same = if name(known) == name(path) { ALIKE_MIN } else { 0.0 };
        strsim::normalized_damerau_levenshtein(known, path).max(same)
    };
    let best = known.max_by(|a, b| alike(a).total_cmp(&alike(b)))?;
    (alike(best) >= ALIKE_MIN).then_some(best)
}

fn set(rules: &mut Table, path: &str, value: Value) {
    match path.split_once('.') {
        None => drop(rules.insert(path.to_owned(), value)),
        Some((table, rest)) => {
            let inner = rules.get_mut(table).and_then(Value::as_table_mut);
            set(inner.expect("the shipped rules have every table"), rest, value);
        }
    }
}
