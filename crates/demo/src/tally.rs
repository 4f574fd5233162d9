//! What the people of the demo did, counted from the answers that they got.

use std::collections::BTreeMap;
use std::fmt;

use domain::ticket::{TicketCommand, Verdict};

/// Counts of answers. Everything here is known from HTTP alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Buttons on tickets that were taken and recorded, by verb.
    pub done: BTreeMap<&'static str, u64>,
    /// What was taken and recorded about engineers, by verb.
    pub engineers: BTreeMap<&'static str, u64>,
    /// Answers of customers that were recorded, by verdict: `satisfied`, `partial`, `unresolved`.
    pub verdicts: BTreeMap<&'static str, u64>,
    /// Stars that came with them, by number; without stars is not in it.
    pub stars: BTreeMap<u8, u64>,
    /// Taken, and true already.
    pub unchanged: u64,
    /// The button was not there any more when somebody came to press it.
    pub moved_on: u64,
    /// Refused with 409, by the reason: the world moved on while somebody pressed.
    pub refused: BTreeMap<String, u64>,
    /// Somebody was to be sent and nobody was free.
    pub nobody_free: u64,
}

impl Tally {
    /// How often a verb was recorded.
    pub fn of(&self, verb: &str) -> u64 {
        self.done.get(verb).copied().unwrap_or(0)
    }

    pub(crate) fn count(&mut self, command: &TicketCommand) {
        *self.done.entry(command.verb().as_str()).or_default() += 1;
        let (verdict, stars) = match command {
            TicketCommand::Confirm(confirm) => match confirm.verdict {
                Some(Verdict::Partial) => ("partial", confirm.stars),
                _ => ("satisfied", confirm.stars),
            },
            TicketCommand::Reject(reject) => ("unresolved", reject.stars),
            _ => return,
        };
        *self.verdicts.entry(verdict).or_default() += 1;
        if let Some(stars) = stars {
            *self.stars.entry(stars).or_default() += 1;
        }
    }

    pub(crate) fn refuse(&mut self, why: &str) {
        *self.refused.entry(why.to_owned()).or_default() += 1;
    }
}

impl fmt::Display for Tally {
    /// One line for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} reports, {} accepted, {} declined, {} done, {} satisfied, {} partly, {} unresolved",
            self.of("create"),
            self.of("accept"),
            self.of("decline"),
            self.of("resolve"),
            self.verdicts.get("satisfied").unwrap_or(&0),
            self.verdicts.get("partial").unwrap_or(&0),
            self.verdicts.get("unresolved").unwrap_or(&0),
        )
    }
}
