//! The fields of the rules in their order: what each holds, and what that may be. Whatever goes
//! through a set field by field goes by this table: checks, differences, files, forms.

use serde::Serialize;

use super::condition::Condition;
use super::event::{RuleException, Rules};
use crate::calendar::{DayException, WeeklyHours};
use crate::span::Span;

/// One field.
#[derive(Debug, Clone, Copy)]
pub struct RuleField {
    /// Its path, such as `accept.within`.
    pub path: &'static str,
    /// What it holds.
    pub form: RuleForm,
}

/// What a field holds: where that stands in a set, and its bounds.
#[derive(Debug, Clone, Copy)]
pub enum RuleForm {
    /// A span of time.
    Span {
        /// Where it stands.
        of: fn(&Rules) -> Span,
        /// The shortest.
        least: Span,
        /// The longest.
        most: Span,
    },
    /// Spans of time in ascending order.
    Spans {
        /// Where they stand.
        of: fn(&Rules) -> &[Span],
        /// The shortest.
        least: Span,
        /// The longest.
        most: Span,
        /// How many there can be.
        entries_max: usize,
    },
    /// A whole number.
    Number {
        /// Where it stands.
        of: fn(&Rules) -> u32,
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// Yes or no.
    Flag(fn(&Rules) -> bool),
    /// The name of a time zone.
    Zone(fn(&Rules) -> &str),
    /// The hours of a week.
    Weekly(fn(&Rules) -> &WeeklyHours),
    /// Dates with hours of their own.
    Days(fn(&Rules) -> &[DayException]),
    /// When a rule holds.
    Condition(fn(&Rules) -> &Condition),
    /// Other ways for some tickets.
    Exceptions {
        /// Where they stand.
        of: fn(&Rules) -> &[RuleException],
        /// The shortest span.
        least: Span,
        /// The longest.
        most: Span,
        /// How many there can be.
        entries_max: usize,
    },
}

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum RuleValue<'r> {
    /// A span of time.
    Span(Span),
    /// Several.
    Spans(&'r [Span]),
    /// A whole number.
    Number(u32),
    /// Yes or no.
    Flag(bool),
    /// A text.
    Text(&'r str),
    /// The hours of a week.
    Weekly(&'r WeeklyHours),
    /// Dates with hours of their own.
    Days(&'r [DayException]),
    /// When a rule holds.
    Condition(&'r Condition),
    /// Other ways for some tickets.
    Exceptions(&'r [RuleException]),
}

/// A field that two sets differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RuleChange<'r> {
    /// Its path.
    pub field: &'static str,
    /// What stands in the first set.
    pub from: RuleValue<'r>,
    /// What stands in the second.
    pub to: RuleValue<'r>,
}

impl RuleField {
    /// What stands there in a set.
    pub fn value<'r>(&self, rules: &'r Rules) -> RuleValue<'r> {
        match self.form {
            RuleForm::Span { of, .. } => RuleValue::Span(of(rules)),
            RuleForm::Spans { of, .. } => RuleValue::Spans(of(rules)),
            RuleForm::Number { of, .. } => RuleValue::Number(of(rules)),
            RuleForm::Flag(of) => RuleValue::Flag(of(rules)),
            RuleForm::Zone(of) => RuleValue::Text(of(rules)),
            RuleForm::Weekly(of) => RuleValue::Weekly(of(rules)),
            RuleForm::Days(of) => RuleValue::Days(of(rules)),
            RuleForm::Condition(of) => RuleValue::Condition(of(rules)),
            RuleForm::Exceptions { of, .. } => RuleValue::Exceptions(of(rules)),
        }
    }
}

/// A second is enough for a trial on a test machine. Nothing may be zero: a timer that ends as it
/// starts would take a ticket from everybody it is given to.
const LEAST: Span = Span::seconds(1);
/// Longer than a report may stay nobody's because of a question.
const DAY: Span = Span::days(1);
/// Longer than anybody is waited for.
const MONTH: Span = Span::days(31);
/// Longer than a ticket lives.
const YEAR: Span = Span::days(366);

/// Points of a candidate.
const POINTS: (u32, u32) = (0, 100_000_000);

const fn field(path: &'static str, form: RuleForm) -> RuleField {
    RuleField { path, form }
}

const fn span(path: &'static str, most: Span, of: fn(&Rules) -> Span) -> RuleField {
    field(path, RuleForm::Span { of, least: LEAST, most })
}

const fn number(path: &'static str, (least, most): (u32, u32), of: fn(&Rules) -> u32) -> RuleField {
    field(path, RuleForm::Number { of, least, most })
}

const FIELDS: &[RuleField] = &[
    field("zone", RuleForm::Zone(|rules| &rules.zone)),
    field(
        "exceptions",
        RuleForm::Exceptions {
            of: |rules| &rules.exceptions,
            least: LEAST,
            most: MONTH,
            entries_max: 20,
        },
    ),
    field("hours.zone", RuleForm::Zone(|rules| rules.hours.zone())),
    field("hours.weekly", RuleForm::Weekly(|rules| rules.hours.weekly())),
    field("hours.exceptions", RuleForm::Days(|rules| rules.hours.exceptions())),
    number("candidates.same_outlet", POINTS, |rules| rules.candidates.same_outlet),
    number("candidates.free_place", POINTS, |rules| rules.candidates.free_place),
    number("candidates.taken_place", POINTS, |rules| rules.candidates.taken_place),
    number("candidates.kilometre", POINTS, |rules| rules.candidates.kilometre),
    span("accept.within", MONTH, |rules| rules.accept.within),
    span("accept.urgent_within", MONTH, |rules| rules.accept.urgent_within),
    span("accept.offer_within", MONTH, |rules| rules.accept.offer_within),
    span("accept.urgent_offer_within", MONTH, |rules| rules.accept.urgent_offer_within),
    span("accept.transfer_within", MONTH, |rules| rules.accept.transfer_within),
    number("accept.redispatches_max", (0, 10), |rules| rules.accept.redispatches_max),
    field("accept.pause_outside_hours", RuleForm::Flag(|rules| rules.accept.pause_outside_hours)),
    span("queue.within", MONTH, |rules| rules.queue.within),
    span("queue.urgent_within", MONTH, |rules| rules.queue.urgent_within),
    span("queue.claim_within", MONTH, |rules| rules.queue.claim_within),
    span("queue.unassigned_within", MONTH, |rules| rules.queue.unassigned_within),
    span("queue.duplicate_within", MONTH, |rules| rules.queue.duplicate_within),
    span("queue.imported_within", YEAR, |rules| rules.queue.imported_within),
    span("work.silent_after", MONTH, |rules| rules.work.silent_after),
    span("work.report_after", MONTH, |rules| rules.work.report_after),
    span("work.hold_default", YEAR, |rules| rules.work.hold_default),
    span("work.hold_max", YEAR, |rules| rules.work.hold_max),
    // An engineer without a place could never be assigned; retiring says that.
    number("work.capacity_default", (1, 1_000), |rules| rules.work.capacity_default.into()),
    field(
        "close.remind_after",
        RuleForm::Spans {
            of: |rules| &rules.close.remind_after,
            least: LEAST,
            most: YEAR,
            entries_max: 5,
        },
    ),
    span("close.silence_after", YEAR, |rules| rules.close.silence_after),
    span("close.call_back_within", MONTH, |rules| rules.close.call_back_within),
    span("close.undo_within", MONTH, |rules| rules.close.undo_within),
    span("close.reopen_within", YEAR, |rules| rules.close.reopen_within),
    field("freeze.enabled", RuleForm::Flag(|rules| rules.freeze.enabled)),
    number("freeze.engineers_min", (0, 1_000), |rules| rules.freeze.engineers_min.into()),
    field("duplicates.enabled", RuleForm::Flag(|rules| rules.duplicates.enabled)),
    span("duplicates.within", MONTH, |rules| rules.duplicates.within),
    span("duplicates.repeat_within", MONTH, |rules| rules.duplicates.repeat_within),
    number("duplicates.sure_percent", (1, 100), |rules| rules.duplicates.sure_percent.into()),
    number("duplicates.ask_percent", (1, 100), |rules| rules.duplicates.ask_percent.into()),
    span("duplicates.ask_within", DAY, |rules| rules.duplicates.ask_within),
    field("urgent.enabled", RuleForm::Flag(|rules| rules.urgent.enabled)),
    field("urgent.when", RuleForm::Condition(|rules| &rules.urgent.when)),
    number("urgent.ask", (1, 10), |rules| rules.urgent.ask.into()),
    number("urgent.rounds_max", (1, 10), |rules| rules.urgent.rounds_max),
    span("urgent.position_within", DAY, |rules| rules.urgent.position_within),
    span("board.red_after", YEAR, |rules| rules.board.red_after),
    span("board.flash_after", YEAR, |rules| rules.board.flash_after),
    number("board.low_stars", (1, 5), |rules| rules.board.low_stars.into()),
];

impl Rules {
    /// Every field, in the order of the set.
    pub const fn fields() -> &'static [RuleField] {
        FIELDS
    }

    /// Where these rules and others differ, in the order of the fields.
    pub fn changes_to<'r>(&'r self, other: &'r Self) -> Vec<RuleChange<'r>> {
        let change = |field: &RuleField| {
            let (from, to) = (field.value(self), field.value(other));
            (from != to).then_some(RuleChange { field: field.path, from, to })
        };
        FIELDS.iter().filter_map(change).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// The values of a set as the API writes them, by path.
    fn leaves(prefix: &str, value: &Value, found: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(fields) if prefix != "urgent.when" => {
                for (name, value) in fields {
                    let dot = if prefix.is_empty() { "" } else { "." };
                    leaves(&format!("{prefix}{dot}{name}"), value, found);
                }
            }
            value => found.push((prefix.to_owned(), value.clone())),
        }
    }

    #[test]
    fn the_table_has_every_field_of_the_set_with_the_value_that_is_written() {
        let rules = Rules::default();
        let mut written = Vec::new();
        leaves("", &serde_json::to_value(&rules).expect("JSON"), &mut written);
        written.sort_by(|(a, _), (b, _)| a.cmp(b));
        let told = |field: &RuleField| {
            (field.path.to_owned(), serde_json::to_value(field.value(&rules)).expect("JSON"))
        };
        let mut told: Vec<_> = Rules::fields().iter().map(told).collect();
        told.sort_by(|(a, _), (b, _)| a.cmp(b));
        assert_eq!(told, written);
    }

    #[test]
    fn sets_differ_in_the_fields_that_were_changed_and_in_no_other() {
        let (before, mut after) = (Rules::default(), Rules::default());
        assert_eq!(before.changes_to(&after), []);
        after.board.low_stars = 2;
        after.accept.within = Span::minutes(20);
        let change = |field, from, to| RuleChange { field, from, to };
        let (half, less) = (Span::minutes(30), Span::minutes(20));
        assert_eq!(
            before.changes_to(&after),
            [
                change("accept.within", RuleValue::Span(half), RuleValue::Span(less)),
                change("board.low_stars", RuleValue::Number(3), RuleValue::Number(2)),
            ]
        );
    }
}
