//! Which rules can take effect. Whoever publishes rules checks them first; rules that are stored
//! are believed.

use super::condition::{Condition, ConditionProblem};
use super::event::{CloseRules, DuplicateRules, Rules, WorkRules};
use super::field::{RuleField, RuleForm};
use crate::calendar::Zone;
use crate::span::Span;

/// Something in a rule set that cannot take effect, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleProblem {
    /// A span too short or too long.
    #[error("`{field}` is {found}; write a span from {least} to {most}")]
    Span {
        /// Where.
        field: &'static str,
        /// What stands there.
        found: Span,
        /// The shortest that can be.
        least: Span,
        /// The longest that can be.
        most: Span,
    },
    /// A number too small or too great.
    #[error("`{field}` is {found}; write a number from {least} to {most}")]
    Number {
        /// Where.
        field: &'static str,
        /// What stands there.
        found: u32,
        /// The least that can be.
        least: u32,
        /// The most that can be.
        most: u32,
    },
    /// A time zone that the database does not have.
    #[error("`{field}` is `{found}`, which is not a time zone; write it like `Asia/Shanghai`")]
    Zone {
        /// Where.
        field: &'static str,
        /// What stands there.
        found: String,
    },
    /// More entries than can be.
    #[error("`{field}` has {found} entries; write at most {most}")]
    TooMany {
        /// Where.
        field: &'static str,
        /// How many stand there.
        found: usize,
        /// How many can.
        most: usize,
    },
    /// An entry that is not later than the one before it.
    #[error("`{field}` has {found} after {before}; write each once, the shortest first")]
    NotAscending {
        /// Where.
        field: &'static str,
        /// The entry.
        found: Span,
        /// The one before it.
        before: Span,
    },
    /// A span that must end earlier than another.
    #[error("`{field}` has {found}; write less than `{other}`, which is {limit}")]
    NotBelow {
        /// Where.
        field: &'static str,
        /// What stands there.
        found: Span,
        /// The field that it must be below.
        other: &'static str,
        /// What stands in that.
        limit: Span,
    },
    /// A span that must not be longer than another.
    #[error("`{field}` is {found}; write at most `{other}`, which is {limit}")]
    Above {
        /// Where.
        field: &'static str,
        /// What stands there.
        found: Span,
        /// The field that it must not exceed.
        other: &'static str,
        /// What stands in that.
        limit: Span,
    },
    /// A condition that cannot be.
    #[error("`{field}` at `{at}` {problem}")]
    Condition {
        /// Where.
        field: &'static str,
        /// Where within that, such as `all[0].says`.
        at: String,
        /// What is wrong with it.
        problem: ConditionProblem,
    },
    /// A time-out within an exception that is too short or too long.
    #[error("`{field}` at `{at}` is {found}; write a span from {least} to {most}")]
    ExceptionSpan {
        /// Where.
        field: &'static str,
        /// Which exception, and what of it, such as `[0].accept_within`.
        at: String,
        /// What stands there.
        found: Span,
        /// The shortest that can be.
        least: Span,
        /// The longest that can be.
        most: Span,
    },
    /// An exception that changes nothing.
    #[error("`{field}` at `{at}` changes nothing; write what, such as accept_within = \"15m\"")]
    NoException {
        /// Where.
        field: &'static str,
        /// Which exception.
        at: String,
    },
    /// A path of queues that cannot be gone.
    #[error(
        "`{field}` at `{at}` cannot be gone; write some of supervisor, deputy and director, in \
         this order, with director at the end"
    )]
    QueuePath {
        /// Where.
        field: &'static str,
        /// Which exception.
        at: String,
    },
    /// Conditions and exceptions that do not fit in one record.
    #[error("`{field}` takes {found} bytes with all conditions; write fewer, up to {most} bytes")]
    TooLong {
        /// Where.
        field: &'static str,
        /// How many.
        found: usize,
        /// How many can be.
        most: usize,
    },
}

/// What all conditions of a set take at most, in bytes: a record holds 16 KiB, and the hours of the
/// firm stand in it too.
const CONDITIONS_BYTES_MAX: usize = 6 * 1024;

/// What an exception takes beside its condition: five spans, how it is dispatched, a path.
const EXCEPTION_BYTES: usize = 48;

impl RuleProblem {
    /// The path of the field to change, such as `accept.within`.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Span { field, .. }
            | Self::Number { field, .. }
            | Self::Zone { field, .. }
            | Self::TooMany { field, .. }
            | Self::NotAscending { field, .. }
            | Self::NotBelow { field, .. }
            | Self::Above { field, .. }
            | Self::Condition { field, .. }
            | Self::ExceptionSpan { field, .. }
            | Self::NoException { field, .. }
            | Self::QueuePath { field, .. }
            | Self::TooLong { field, .. } => field,
        }
    }

    /// The path of another field that it depends on: changing that one helps as well.
    pub const fn other(&self) -> Option<&'static str> {
        match self {
            Self::NotBelow { other, .. } | Self::Above { other, .. } => Some(other),
            Self::Span { .. }
            | Self::Number { .. }
            | Self::Zone { .. }
            | Self::TooMany { .. }
            | Self::NotAscending { .. }
            | Self::Condition { .. }
            | Self::ExceptionSpan { .. }
            | Self::NoException { .. }
            | Self::QueuePath { .. }
            | Self::TooLong { .. } => None,
        }
    }

    /// Where within the field, such as `all[0].says`; empty: the field as a whole.
    pub fn within(&self) -> &str {
        match self {
            Self::Condition { at, .. }
            | Self::ExceptionSpan { at, .. }
            | Self::NoException { at, .. }
            | Self::QueuePath { at, .. } => at,
            _ => "",
        }
    }
}

impl Rules {
    /// Whether these rules can take effect; if not, everything that is wrong with them, in the
    /// order of the fields. Hours were checked when they were read, except for their zone.
    pub fn check(&self) -> Result<(), Vec<RuleProblem>> {
        let mut found = Problems(Vec::new());
        for field in Self::fields() {
            found.field(field, self);
        }
        found.hold(&self.work);
        found.reminders(&self.close);
        found.question(&self.duplicates);
        found.length(self);
        let place = |problem: &RuleProblem| {
            Self::fields().iter().position(|field| field.path == problem.field())
        };
        found.0.sort_by_key(place);
        if found.0.is_empty() { Ok(()) } else { Err(found.0) }
    }
}

struct Problems(Vec<RuleProblem>);

impl Problems {
    /// What is wrong with a field by itself.
    fn field(&mut self, &RuleField { path: field, form }: &RuleField, rules: &Rules) {
        match form {
            RuleForm::Span { of, least, most } => self.span(field, of(rules), least, most),
            RuleForm::Spans { of, least, most, entries_max } => {
                let spans = of(rules);
                if spans.len() > entries_max {
                    let found = spans.len();
                    self.0.push(RuleProblem::TooMany { field, found, most: entries_max });
                    // What stands in a list this long is not worth a problem for each entry.
                    return;
                }
                for &span in spans {
                    self.span(field, span, least, most);
                }
                for pair in spans.windows(2) {
                    if let [before, found] = *pair
                        && found <= before
                    {
                        self.0.push(RuleProblem::NotAscending { field, found, before });
                    }
                }
            }
            RuleForm::Number { of, least, most } => {
                let found = of(rules);
                if !(least..=most).contains(&found) {
                    self.0.push(RuleProblem::Number { field, found, least, most });
                }
            }
            RuleForm::Zone(of) => {
                let name = of(rules);
                if Zone::new(name).is_err() {
                    let found = name.chars().take(64).collect();
                    self.0.push(RuleProblem::Zone { field, found });
                }
            }
            RuleForm::Condition(of) => self.condition(field, "", of(rules), true),
            RuleForm::Exceptions { of, least, most, entries_max } => {
                let exceptions = of(rules);
                if exceptions.len() > entries_max {
                    let found = exceptions.len();
                    self.0.push(RuleProblem::TooMany { field, found, most: entries_max });
                    return;
                }
                for (index, exception) in exceptions.iter().enumerate() {
                    let at = format!("[{index}]");
                    // Time-outs are reckoned where a description is not to hand.
                    self.condition(field, &format!("{at}.when"), &exception.when, false);
                    for (name, found) in exception.spans() {
                        if !(least..=most).contains(&found) {
                            let at = format!("{at}.{name}");
                            self.0.push(RuleProblem::ExceptionSpan {
                                field,
                                at,
                                found,
                                least,
                                most,
                            });
                        }
                    }
                    if !exception.has_good_path() {
                        let at = format!("{at}.queue_path");
                        self.0.push(RuleProblem::QueuePath { field, at });
                    }
                    if exception.is_empty() {
                        self.0.push(RuleProblem::NoException { field, at });
                    }
                }
            }
            RuleForm::Flag(_) | RuleForm::Weekly(_) | RuleForm::Days(_) => {}
        }
    }

    fn condition(&mut self, field: &'static str, at: &str, condition: &Condition, words: bool) {
        let dot = |path: &str| if at.is_empty() || path.is_empty() { "" } else { "." };
        self.0.extend(condition.problems(words).into_iter().map(|(path, problem)| {
            RuleProblem::Condition { field, at: format!("{at}{}{path}", dot(&path)), problem }
        }));
    }

    fn length(&mut self, rules: &Rules) {
        let exceptions =
            rules.exceptions.iter().map(|exception| exception.when.bytes() + EXCEPTION_BYTES);
        let (other, most) = (exceptions.sum::<usize>(), CONDITIONS_BYTES_MAX);
        let found = rules.urgent.when.bytes() + other;
        if found > most {
            let field = if other > most / 2 { "exceptions" } else { "urgent.when" };
            self.0.push(RuleProblem::TooLong { field, found, most });
        }
    }

    fn span(&mut self, field: &'static str, found: Span, least: Span, most: Span) {
        if !(least..=most).contains(&found) {
            self.0.push(RuleProblem::Span { field, found, least, most });
        }
    }

    fn hold(&mut self, work: &WorkRules) {
        if work.hold_default > work.hold_max {
            self.0.push(RuleProblem::Above {
                field: "work.hold_default",
                found: work.hold_default,
                other: "work.hold_max",
                limit: work.hold_max,
            });
        }
    }

    /// What is the same fault for sure is not asked about.
    fn question(&mut self, duplicates: &DuplicateRules) {
        let (field, found) = ("duplicates.ask_percent", duplicates.ask_percent.into());
        let most = duplicates.sure_percent.into();
        if found > most && !self.0.iter().any(|problem| problem.field() == field) {
            self.0.push(RuleProblem::Number { field, found, least: 1, most });
        }
    }

    /// Nobody is reminded of a ticket that has closed.
    fn reminders(&mut self, close: &CloseRules) {
        let (field, other) = ("close.remind_after", "close.silence_after");
        let too_many = |problem: &RuleProblem| matches!(problem, RuleProblem::TooMany { .. });
        if self.0.iter().any(|problem| problem.field() == field && too_many(problem)) {
            return;
        }
        let limit = close.silence_after;
        let late = close.remind_after.iter().filter(|found| **found >= limit);
        self.0.extend(late.map(|&found| RuleProblem::NotBelow { field, found, other, limit }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::ServiceHours;
    use proptest::prelude::*;

    fn problems(change: impl FnOnce(&mut Rules)) -> Vec<RuleProblem> {
        let mut rules = Rules::default();
        change(&mut rules);
        rules.check().err().unwrap_or_default()
    }

    #[test]
    fn the_shipped_rules_can_take_effect() {
        assert_eq!(Rules::default().check(), Ok(()));
    }

    #[test]
    fn spans_may_be_as_short_as_a_second() {
        assert_eq!(problems(|rules| rules.accept.within = Span::seconds(1)), []);
    }

    #[test]
    fn no_span_may_be_zero() {
        type Change = fn(&mut Rules);
        let changes: [(&str, Change); 23] = [
            ("accept.within", |rules| rules.accept.within = Span::default()),
            ("accept.urgent_within", |rules| rules.accept.urgent_within = Span::default()),
            ("accept.offer_within", |rules| rules.accept.offer_within = Span::default()),
            ("accept.urgent_offer_within", |rules| {
                rules.accept.urgent_offer_within = Span::default();
            }),
            ("accept.transfer_within", |rules| rules.accept.transfer_within = Span::default()),
            ("queue.within", |rules| rules.queue.within = Span::default()),
            ("queue.urgent_within", |rules| rules.queue.urgent_within = Span::default()),
            ("queue.claim_within", |rules| rules.queue.claim_within = Span::default()),
            ("queue.unassigned_within", |rules| rules.queue.unassigned_within = Span::default()),
            ("queue.duplicate_within", |rules| rules.queue.duplicate_within = Span::default()),
            ("queue.imported_within", |rules| rules.queue.imported_within = Span::default()),
            ("work.silent_after", |rules| rules.work.silent_after = Span::default()),
            ("work.report_after", |rules| rules.work.report_after = Span::default()),
            ("work.hold_default", |rules| rules.work.hold_default = Span::default()),
            ("close.call_back_within", |rules| rules.close.call_back_within = Span::default()),
            ("close.undo_within", |rules| rules.close.undo_within = Span::default()),
            ("close.reopen_within", |rules| rules.close.reopen_within = Span::default()),
            ("duplicates.within", |rules| rules.duplicates.within = Span::default()),
            ("duplicates.repeat_within", |rules| {
                rules.duplicates.repeat_within = Span::default();
            }),
            ("duplicates.ask_within", |rules| rules.duplicates.ask_within = Span::default()),
            ("urgent.position_within", |rules| rules.urgent.position_within = Span::default()),
            ("board.red_after", |rules| rules.board.red_after = Span::default()),
            ("board.flash_after", |rules| rules.board.flash_after = Span::default()),
        ];
        for (field, change) in changes {
            let fields: Vec<_> = problems(change).iter().map(RuleProblem::field).collect();
            assert_eq!(fields, [field]);
        }
    }

    #[test]
    fn a_problem_names_the_field_and_what_to_write() {
        let found = problems(|rules| rules.accept.within = Span::days(40));
        assert_eq!(
            found.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["`accept.within` is 40d; write a span from 1s to 31d"]
        );
    }

    #[test]
    fn numbers_keep_their_ranges() {
        for (most, fits) in [(0, true), (10, true), (11, false)] {
            assert_eq!(problems(|rules| rules.accept.redispatches_max = most).is_empty(), fits);
        }
        for (stars, fits) in [(0, false), (1, true), (5, true), (6, false)] {
            assert_eq!(problems(|rules| rules.board.low_stars = stars).is_empty(), fits);
        }
        for (places, fits) in [(0, false), (1, true), (1_001, false)] {
            assert_eq!(problems(|rules| rules.work.capacity_default = places).is_empty(), fits);
        }
        for (sure, ask, fits) in
            [(1, 1, true), (100, 100, true), (101, 50, false), (60, 0, false), (60, 61, false)]
        {
            let found = problems(|rules| {
                (rules.duplicates.sure_percent, rules.duplicates.ask_percent) = (sure, ask);
            });
            assert_eq!(found.is_empty(), fits, "{found:?}");
        }
        for (engineers, fits) in [(0, true), (1_001, false)] {
            assert_eq!(problems(|rules| rules.freeze.engineers_min = engineers).is_empty(), fits);
        }
    }

    #[test]
    fn an_unknown_zone_is_found_in_both_places() {
        let found = problems(|rules| {
            rules.zone = "Beijing".into();
            rules.hours = ServiceHours::always("Shanghai");
        });
        let fields: Vec<_> = found.iter().map(RuleProblem::field).collect();
        assert_eq!(fields, ["zone", "hours.zone"]);
        assert!(found[0].to_string().contains("`Beijing`"), "{}", found[0]);
    }

    #[test]
    fn a_hold_is_not_longer_by_default_than_it_may_be() {
        let found = problems(|rules| rules.work.hold_max = Span::hours(23));
        assert!(
            matches!(found[..], [RuleProblem::Above { field: "work.hold_default", .. }]),
            "{found:?}"
        );
    }

    #[test]
    fn reminders_ascend_and_end_before_the_silence_does() {
        let remind = |hours: &[u32]| {
            problems(|rules| {
                rules.close.remind_after = hours.iter().copied().map(Span::hours).collect();
            })
        };
        assert_eq!(remind(&[]), []);
        assert_eq!(remind(&[1, 2, 3, 4, 71]), []);
        let only = |hours: &[u32]| {
            let mut found = remind(hours);
            assert_eq!(found.len(), 1, "{found:?}");
            found.remove(0)
        };
        assert!(matches!(only(&[1, 2, 3, 4, 5, 6]), RuleProblem::TooMany { found: 6, .. }));
        assert!(matches!(only(&[48, 24]), RuleProblem::NotAscending { .. }));
        assert!(matches!(only(&[24, 24]), RuleProblem::NotAscending { .. }));
        assert!(matches!(only(&[24, 72]), RuleProblem::NotBelow { .. }));
        assert!(matches!(only(&[0, 24]), RuleProblem::Span { .. }));
    }

    #[test]
    fn every_problem_is_told_at_once_in_the_order_of_the_fields() {
        let found = problems(|rules| {
            rules.zone = String::new();
            rules.queue.within = Span::default();
            rules.work.hold_max = Span::hours(1);
            rules.close.silence_after = Span::hours(30);
            rules.board.low_stars = 9;
        });
        let fields: Vec<_> = found.iter().map(RuleProblem::field).collect();
        assert_eq!(
            fields,
            ["zone", "queue.within", "work.hold_default", "close.remind_after", "board.low_stars"]
        );
    }

    proptest! {
        #[test]
        fn what_passes_has_reminders_in_order_before_the_silence(
            remind in prop::collection::vec(0_u32..100, 0..7), silence in 0_u32..100,
        ) {
            let mut rules = Rules::default();
            rules.close.remind_after = remind.iter().copied().map(Span::seconds).collect();
            rules.close.silence_after = Span::seconds(silence);
            let ascending = remind.is_sorted_by(|a, b| a < b);
            let inside = remind.iter().all(|at| (1..silence).contains(at));
            let sound = silence > 0 && remind.len() <= 5 && ascending && inside;
            prop_assert_eq!(rules.check().is_ok(), sound);
        }
    }
}
