//! What must not come of new rules, as a pipeline asks: `time_outs>+10%`.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::outcome::Totals;
use crate::report::Report;

/// The names of the figures that a threshold can be set on, in the order in which they are told.
pub const METRICS: [&str; 17] = [
    "tickets",
    "duplicates",
    "suspected",
    "repeat_visits",
    "offers",
    "assignments",
    "time_outs",
    "declined",
    "queued",
    "queued_peak",
    "freeze_days",
    "red",
    "flashing",
    "accepted",
    "accept_median_s",
    "accept_p90_s",
    "done",
];

/// A figure of the new rules and what it must not be: above or below a number, or changed by more than
/// so much from the old rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Threshold {
    metric: &'static str,
    above: bool,
    bound: Bound,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// The figure itself.
    Number(u64),
    /// Its change.
    Change(i64),
    /// Its change in percent of the old figure.
    Percent(i64),
}

/// A text that is no threshold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseThresholdError {
    /// It does not compare.
    #[error(
        "`{0}` compares nothing; write METRIC>NUMBER, as `red>20`, `time_outs>+10%`, `done<-5`"
    )]
    NoComparison(String),
    /// The figure does not exist.
    #[error("there is no figure `{0}`; there are {list}", list = METRICS.join(", "))]
    UnknownMetric(String),
    /// The bound is no number.
    #[error(
        "`{0}` is no bound; write a number, a change as `+5` or `-5`, or one in percent as `+10%`"
    )]
    Bound(String),
}

impl Threshold {
    /// Whether the new rules cross it.
    pub fn is_crossed(&self, report: &Report) -> bool {
        let of = |totals: &Totals| {
            let figure = totals.figures().into_iter().find(|(name, _)| *name == self.metric);
            i128::from(figure.map_or(0, |(_, value)| value))
        };
        let (old, new) = (of(&report.old), of(&report.new));
        // Both sides are multiplied, so that nothing is rounded; of nothing any rise is infinite.
        let (value, bound) = match self.bound {
            Bound::Number(number) => (new, i128::from(number)),
            Bound::Change(change) => (new - old, i128::from(change)),
            Bound::Percent(percent) => ((new - old) * 100, old * i128::from(percent)),
        };
        if self.above { value > bound } else { value < bound }
    }
}

impl FromStr for Threshold {
    type Err = ParseThresholdError;

    fn from_str(text: &str) -> Result<Self, ParseThresholdError> {
        let short = |text: &str| text.chars().take(64).collect::<String>();
        let found = text.find(['<', '>']).and_then(|place| text.split_at_checked(place));
        let no_comparison = || ParseThresholdError::NoComparison(short(text));
        let (metric, bound) = found.ok_or_else(no_comparison)?;
        let (above, bound) = match bound.strip_prefix('>') {
            Some(bound) => (true, bound),
            None => (false, bound.strip_prefix('<').ok_or_else(no_comparison)?),
        };
        let metric = metric.trim();
        let metric = METRICS
            .into_iter()
            .find(|known| *known == metric)
            .ok_or_else(|| ParseThresholdError::UnknownMetric(short(metric)))?;
        let bound = bound.trim();
        let wrong = || ParseThresholdError::Bound(short(bound));
        let is_signed = bound.starts_with(['+', '-']);
        let bound = match bound.strip_suffix('%') {
            Some(percent) if is_signed => Bound::Percent(percent.parse().map_err(|_| wrong())?),
            Some(_) => return Err(wrong()),
            None if is_signed => Bound::Change(bound.parse().map_err(|_| wrong())?),
            None => Bound::Number(bound.parse().map_err(|_| wrong())?),
        };
        Ok(Self { metric, above, bound })
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.metric, if self.above { '>' } else { '<' })?;
        match self.bound {
            Bound::Number(number) => write!(f, "{number}"),
            Bound::Change(change) => write!(f, "{change:+}"),
            Bound::Percent(percent) => write!(f, "{percent:+}%"),
        }
    }
}

impl From<Threshold> for String {
    fn from(threshold: Threshold) -> Self {
        threshold.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossed(text: &str, old: u64, new: u64) -> bool {
        let threshold: Threshold = text.parse().expect("a threshold");
        assert_eq!(threshold.to_string(), text);
        let totals = |time_outs| Totals { time_outs, ..Totals::default() };
        threshold.is_crossed(&Report { old: totals(old), new: totals(new), ..Report::default() })
    }

    #[test]
    fn a_number_bounds_the_new_figure_whatever_the_old_one_was() {
        assert!(crossed("time_outs>20", 100, 21) && !crossed("time_outs>20", 0, 20));
        assert!(crossed("time_outs<20", 0, 19) && !crossed("time_outs<20", 100, 20));
    }

    #[test]
    fn a_sign_bounds_the_change() {
        assert!(crossed("time_outs>+5", 10, 16) && !crossed("time_outs>+5", 10, 15));
        assert!(crossed("time_outs<-5", 10, 4) && !crossed("time_outs<-5", 10, 5));
    }

    #[test]
    fn percent_are_of_the_old_figure_and_of_nothing_any_rise_is_too_much() {
        assert!(crossed("time_outs>+10%", 100, 111) && !crossed("time_outs>+10%", 100, 110));
        assert!(crossed("time_outs>+10%", 0, 1) && !crossed("time_outs>+10%", 0, 0));
        assert!(crossed("time_outs<-50%", 10, 4) && !crossed("time_outs<-50%", 10, 5));
    }

    #[test]
    fn what_is_no_threshold_says_what_one_is() {
        for wrong in ["", "time_outs", "time_outs=3", "timeouts>3", "red>", "red>10%", "red>+x%"] {
            let told = wrong.parse::<Threshold>().expect_err(wrong).to_string();
            assert!(told.contains("red") || told.contains("+10%"), "{told}");
        }
    }

    #[test]
    fn every_figure_can_be_bounded() {
        assert_eq!(METRICS, Totals::default().figures().map(|(name, _)| name));
    }
}
