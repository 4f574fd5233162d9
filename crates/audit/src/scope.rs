//! What an audit is asked for: up to when, of what, how thoroughly.

use std::fmt;
use std::str::FromStr;

use domain::{CustomerId, GlobalPosition, TicketId, Timestamp};
use eventlog::EventLog;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Up to where the log is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AsOf {
    /// Up to its last durable event.
    #[default]
    Head,
    /// Up to this position.
    Position(GlobalPosition),
    /// Up to the last event that was recorded by then.
    Time(Timestamp),
}

/// A text that is neither a position nor a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is neither a position nor a moment; write a number such as 1500, or a moment such as \
     2026-03-01T08:30:00+08:00"
)]
pub struct ParseAsOfError(String);

impl FromStr for AsOf {
    type Err = ParseAsOfError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(position) = text.parse() {
            return Ok(Self::Position(GlobalPosition::new(position)));
        }
        let wrong = |_| ParseAsOfError(text.chars().take(64).collect());
        text.parse().map(Self::Time).map_err(wrong)
    }
}

impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => f.write_str("head"),
            Self::Position(position) => fmt::Display::fmt(position, f),
            Self::Time(moment) => fmt::Display::fmt(moment, f),
        }
    }
}

impl AsOf {
    /// The last position that counts: for a moment that of the last event recorded by then, zero
    /// where there is none.
    ///
    /// # Errors
    /// When the log ends before that position, or cannot be read.
    pub fn position(self, log: &dyn EventLog) -> Result<GlobalPosition, Error> {
        let head = log.head().position;
        match self {
            Self::Head => Ok(head),
            Self::Position(asked) if asked > head => Err(Error::AfterHead { asked, head }),
            Self::Position(asked) => Ok(asked),
            Self::Time(moment) => last_recorded_by(log, moment),
        }
    }
}

/// Recorded times never go back, so that half of what is left falls away with each look.
fn last_recorded_by(log: &dyn EventLog, moment: Timestamp) -> Result<GlobalPosition, Error> {
    let (mut known, mut beyond) = (0, log.head().position.get() + 1);
    while known + 1 < beyond {
        let middle = known + (beyond - known) / 2;
        let event = log.read_facts(GlobalPosition::new(middle - 1), 1)?.pop();
        if event.is_some_and(|event| event.recorded_at <= moment) {
            known = middle;
        } else {
            beyond = middle;
        }
    }
    Ok(GlobalPosition::new(known))
}

/// Which attachments are looked at. All that is said has to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Scope {
    /// Those of this ticket and of what was merged into it.
    pub ticket: Option<TicketId>,
    /// Those of this customer's tickets and of what was merged into them.
    pub customer: Option<CustomerId>,
    /// Those that a ticket named at this moment or later; handovers since then.
    pub since: Option<Timestamp>,
}

impl Scope {
    /// Everything: only then bytes that nobody names can be told, and the result be recorded.
    pub const fn is_whole(&self) -> bool {
        self.ticket.is_none() && self.customer.is_none() && self.since.is_none()
    }
}

/// How an audit is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Options {
    /// Up to where the log is believed.
    pub as_of: AsOf,
    /// Of what.
    pub scope: Scope,
    /// Every byte is hashed again; else sizes are compared.
    pub deep: bool,
    /// Each handover of a ticket between engineers is looked at.
    pub handovers: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_a_position_and_anything_else_has_to_be_a_moment() {
        assert_eq!("17".parse(), Ok(AsOf::Position(GlobalPosition::new(17))));
        assert!(matches!("2026-03-01T08:30:00+08:00".parse(), Ok(AsOf::Time(_))));
        let error = "yesterday".parse::<AsOf>().expect_err("refused").to_string();
        assert!(error.contains("such as 1500"), "{error}");
    }
}
