//! What is counted of tickets and when, for the models that count: by day or by hour.
//!
//! - Something counts in the span in which it happened, also when it was recorded later. Days and
//!   hours are those of the firm's zone, and a rating is low, as the rules had it when the event was
//!   recorded: new rules move nothing that was counted before.
//! - What is recorded after a day was over corrects that day, and is counted as late there.
//! - An answer that the customer takes back is taken back where it was counted. So is silence that
//!   an answer follows.
//! - What has to be remembered for that is kept of open tickets only. When one that has ended is
//!   answered or opened again, its own stream tells what was forgotten.

mod case;
mod firm_rules;
mod tally;

use std::collections::HashMap;
use std::io;

use domain::rules::{RuleSetEvent, Rules};
use domain::ticket::TicketEvent;
use domain::{CorruptHistory, Event, StreamVersion, TicketId, Timestamp, Zone};
use eventlog::RecordedEvent;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::body::{BodyError, BodyReader, BodyWriter};
use crate::changes::Changes;
use crate::contract::{Past, ProjectionError, corrupt};
use crate::dump::{Table, TakeLine, line};
use case::Case;
use firm_rules::FirmRules;
pub(crate) use firm_rules::Span;
pub(crate) use tally::{About, Count, Direction, Rating, Tally};

static RULES: Table = Table::keyed("rules", &["from"]);
static CASES: Table = Table::keyed("cases", &["ticket"]);

/// A case, in a dump.
#[derive(Serialize)]
struct CaseLine<'a, W> {
    ticket: TicketId,
    #[serde(flatten)]
    case: &'a Case<W>,
}

/// The rules that [`Cases`] count by.
pub(crate) const INPUTS: &[&str] = &["zone", "board.low_stars"];

/// The cases that are open, and the rules to count by.
#[derive(Debug)]
pub(crate) struct Cases<W> {
    open: HashMap<TicketId, Case<W>>,
    rules: FirmRules,
}

impl<W> Default for Cases<W> {
    fn default() -> Self {
        Self { open: HashMap::new(), rules: FirmRules::default() }
    }
}

impl<W: Span> Cases<W> {
    /// No cases yet, where these rules hold.
    pub(crate) fn begin(rules: &Rules) -> Self {
        Self { open: HashMap::new(), rules: FirmRules::begin(rules) }
    }

    /// The firm's zone.
    pub(crate) const fn zone(&self) -> &Zone {
        self.rules.zone()
    }

    /// When an event was recorded, where that was after the day of what it counts was over.
    pub(crate) fn late(&self, event: &RecordedEvent, when: W) -> Option<Timestamp> {
        let is_over = self.zone().civil_date(event.recorded_at) > when.day();
        is_over.then_some(event.recorded_at)
    }

    /// Follows an event, and says what it adds to the counts. After an error nothing has changed.
    pub(crate) fn follow(
        &mut self,
        event: &RecordedEvent,
        past: Past<'_>,
    ) -> Result<Vec<Tally<W>>, ProjectionError> {
        match &event.event {
            Event::Ticket(what) => match event.stream.ticket() {
                Some(id) => self.follow_ticket(id, event, what, past),
                None => Err(corrupt(event, "a ticket's event is in another kind of stream"))?,
            },
            Event::Rules(RuleSetEvent::RuleSetPublished(published)) => {
                self.rules.publish(event.position, &published.rules);
                Ok(Vec::new())
            }
            _ => Ok(Vec::new()),
        }
    }

    fn follow_ticket(
        &mut self,
        id: TicketId,
        event: &RecordedEvent,
        what: &TicketEvent,
        past: Past<'_>,
    ) -> Result<Vec<Tally<W>>, ProjectionError> {
        let when = W::of(self.zone(), event.occurred_at);
        let mut case = match self.open.get(&id) {
            Some(case) => case.clone(),
            None if event.version == StreamVersion::FIRST => {
                let case = Case::begin(event, what)?;
                let created = case.created(when);
                self.open.insert(id, case);
                return Ok(vec![created]);
            }
            None if !case::concerns_ended(what) => return Ok(Vec::new()),
            None => self.recall(event, past)?,
        };
        let mut tallies = Vec::new();
        case.step(what, event.occurred_at, when, self.rules.now(), &mut tallies);
        if case.is_open() {
            self.open.insert(id, case);
        } else {
            self.open.remove(&id);
        }
        Ok(tallies)
    }

    /// The ticket as it was before an event of its stream.
    fn recall(&self, event: &RecordedEvent, past: Past<'_>) -> Result<Case<W>, ProjectionError> {
        let mut case: Option<Case<W>> = None;
        // What was counted then is in the counts already.
        let mut counted = Vec::new();
        past.before(event.stream, event.version, |earlier| {
            let what = ticket_event(earlier)?;
            match &mut case {
                None => case = Some(Case::begin(earlier, what)?),
                Some(case) => {
                    let (rules, at) = (self.rules.at(earlier.position), earlier.occurred_at);
                    case.step(what, at, W::of(&rules.zone(), at), rules, &mut counted);
                    counted.clear();
                }
            }
            Ok(())
        })?;
        Ok(case.ok_or_else(|| corrupt(event, "the ticket was not created"))?)
    }

    fn in_order(&self) -> Vec<(TicketId, &Case<W>)> {
        let mut cases: Vec<_> = self.open.iter().map(|(id, case)| (*id, case)).collect();
        cases.sort_unstable_by_key(|(id, _)| *id);
        cases
    }
}

impl<W: Span + Serialize + DeserializeOwned> Cases<W> {
    /// Gives rules and cases as lines of a dump, in a fixed order.
    pub(crate) fn lines(&self, take: &mut TakeLine<'_>) -> io::Result<()> {
        for held in self.rules.held() {
            line(take, &RULES, held)?;
        }
        for (ticket, case) in self.in_order() {
            line(take, &CASES, &CaseLine { ticket, case })?;
        }
        Ok(())
    }

    /// Says which lines of a dump an event that was followed may have changed.
    pub(crate) fn tell(&self, event: &RecordedEvent, changes: &mut Changes<'_>) {
        if let Event::Rules(_) = &event.event {
            for held in self.rules.held() {
                changes.row(&RULES, &[held.from()], || Some(held));
            }
        }
        if let Some(ticket) = event.stream.ticket() {
            let line = || self.open.get(&ticket).map(|case| CaseLine { ticket, case });
            changes.row(&CASES, &[ticket], line);
        }
    }

    pub(crate) fn encode(&self, body: &mut BodyWriter) -> Result<(), BodyError> {
        self.rules.encode(body)?;
        body.rows(self.in_order().into_iter())
    }

    pub(crate) fn decode(body: &mut BodyReader<'_>) -> Result<Self, BodyError> {
        let rules = FirmRules::decode(body)?;
        let mut open = HashMap::new();
        body.rows(|(id, case)| {
            open.insert(id, case);
            Ok(())
        })?;
        Ok(Self { open, rules })
    }
}

const fn ticket_event(event: &RecordedEvent) -> Result<&TicketEvent, CorruptHistory> {
    match &event.event {
        Event::Ticket(what) => Ok(what),
        _ => Err(corrupt(event, "another kind of event is in a ticket's stream")),
    }
}
