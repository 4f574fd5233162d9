//! Whether the urgent rule holds for a ticket. It is looked at when something becomes known, by the
//! rules of that moment, so that every core that reads the log finds the same.

use std::collections::HashMap;
use std::fmt;

use domain::rules::{Facts, Met, RuleSet, RuleSetVersion};
use domain::ticket::event::Report;
use domain::ticket::{MarkUrgent, Ticket};
use domain::{CommandId, Coordinates, DeviceId, Personal, Said, StreamVersion, Timestamp};

use crate::tickets::TicketEntry;

/// What is kept of a description, in bytes: its end, where that is longer.
const WORDS_BYTES_MAX: usize = 16 * 1024;
const VERB: &str = "mark-urgent";

/// What was said of a ticket, and where it is.
#[derive(Clone, Default)]
pub(crate) struct Description {
    words: String,
    /// Something that was said is not known here: sealed, or erased.
    sealed: bool,
    pub(crate) spot: Option<Coordinates>,
}

// What people said stands in no log.
impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Description").finish_non_exhaustive()
    }
}

impl Description {
    pub(crate) fn learn(&mut self, report: &Personal<Report>, has_sentence: bool) {
        let Some(report) = report.known() else {
            self.sealed |= has_sentence;
            return;
        };
        self.spot = report.position.or(self.spot);
        if let Some(sentence) = &report.sentence {
            if !self.words.is_empty() {
                self.words.push('。');
            }
            self.words.push_str(sentence);
            let over = self.words.len().saturating_sub(WORDS_BYTES_MAX);
            self.words.drain(..self.words.ceil_char_boundary(over));
        }
    }

    /// Somebody is there, or it is over: what was said does not matter any more.
    pub(crate) fn forget_words(&mut self) {
        self.words = String::new();
    }
}

/// The rule holds, since this event of the ticket.
#[derive(Debug, Clone)]
pub(crate) struct Urgency {
    since: StreamVersion,
    rule_set: RuleSetVersion,
    met: Vec<Met>,
}

/// What a condition may ask of a ticket, its words apart.
pub(crate) fn facts<'a>(
    ticket: &Ticket,
    models: &'a HashMap<DeviceId, String>,
    now: Timestamp,
) -> Facts<'a> {
    let model = ticket.device.and_then(|device| models.get(&device));
    Facts::of(ticket, model.map(String::as_str), now)
}

/// Looks at a ticket to which something was added.
pub(crate) fn look(
    entry: &TicketEntry,
    rule_set: &RuleSet,
    models: &HashMap<DeviceId, String>,
    (since, now): (StreamVersion, Timestamp),
) -> Option<Urgency> {
    let (ticket, rules) = (&entry.ticket, &rule_set.rules);
    if !rules.urgent.enabled || !ticket.may_become_urgent() {
        return None;
    }
    let said = Said::of(&entry.description.words);
    let facts = Facts {
        said: Some(&said),
        said_all: !entry.description.sealed,
        ..facts(ticket, models, now)
    };
    let met = rules.urgent.when.met(&facts, &rules.zone)?;
    Some(Urgency { since, rule_set: rule_set.version, met })
}

/// The mark that is missing, under the name that only this finding has.
pub(crate) fn decide(entry: &TicketEntry) -> Option<(String, MarkUrgent)> {
    let Urgency { since, rule_set, met } = entry.urgency.as_ref()?;
    let mark = MarkUrgent { rule_set: *rule_set, met: met.clone() };
    entry.ticket.may_become_urgent().then(|| (format!("{VERB}/{}/{since}", entry.ticket.id), mark))
}

/// Whether a command is such a mark.
pub(crate) fn is_mark(id: &CommandId) -> bool {
    id.key.split('/').next() == Some(VERB)
}
