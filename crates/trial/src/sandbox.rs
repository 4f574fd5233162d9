//! The sandbox: the firm in memory, the dispatcher's core and the people of the log, on a virtual clock.
//!
//! Whatever is due first happens first; at the same moment what somebody did at a time of their own
//! comes before what answers, that before what the dispatcher hears, and that before what its clock leads
//! to. It hears of everything a little later, as in the log; what it wants then is done at once.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use dispatcher::{Action, Answer, Dispatcher, FeedEvent, Refusal};
use domain::rules::{BoardRules, Rules};
use domain::ticket::{Phase, PhaseName, TicketEvent, Verb};
use domain::{Actor, Command, Event, Party, TicketId, Timestamp};

use crate::act::Act;
use crate::assumption::{Assumption, Assumptions};
use crate::error::Error;
use crate::firm::{Firm, Refused};
use crate::history::History;
use crate::outcome::Outcomes;
use crate::people::{Due, Memory};
use crate::recheck::GoOn;
use crate::script::Fixed;

/// Steps without any time passing; beyond it, something runs in a circle.
const STEPS_AT_ONCE_MAX: usize = 100_000;
/// Somebody looks whether to go on after so many steps.
const STEPS_UNASKED: u64 = 256;

/// What a run came to, and what had to be assumed.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) outcomes: Outcomes,
    pub(crate) assumptions: Assumptions,
}

/// A firm, a dispatcher and people, between two moments.
pub(crate) struct Sandbox<'a> {
    pub(crate) history: &'a History,
    pub(crate) firm: Firm,
    core: Dispatcher,
    is_trial: bool,
    pub(crate) now: Timestamp,
    fixed: std::slice::Iter<'a, Fixed>,
    agenda: BTreeMap<(Timestamp, u64), Due>,
    entered: u64,
    pub(crate) memory: HashMap<TicketId, Memory>,
    planned: VecDeque<Action>,
    inbox: VecDeque<FeedEvent>,
    outcomes: Outcomes,
    /// So much later the dispatcher hears of everything.
    lag: Duration,
    pub(crate) assumptions: Assumptions,
}

impl<'a> Sandbox<'a> {
    /// A sandbox where everything stands as it stood; `board` says when tickets are red.
    pub(crate) fn new(history: &'a History, board: &BoardRules) -> Self {
        let start = &history.start;
        let outcomes = Outcomes::new(history.between, start.firm.tickets(), board);
        Self {
            history,
            firm: start.firm.clone(),
            core: start.core.clone(),
            is_trial: false,
            now: history.between.from,
            fixed: history.script.fixed.iter(),
            agenda: BTreeMap::new(),
            entered: 0,
            memory: HashMap::new(),
            planned: VecDeque::new(),
            inbox: VecDeque::new(),
            outcomes,
            lag: history.lag,
            assumptions: Assumptions::default(),
        }
    }

    /// The same with a dispatcher that is slower by so much.
    pub(crate) fn slower(mut self, by: Duration) -> Self {
        self.lag += by;
        self
    }

    /// Runs from the beginning to the end, under other rules from the beginning on where there are any.
    pub(crate) fn run(mut self, rules: Option<&Rules>, go_on: &mut GoOn<'_>) -> Result<Ran, Error> {
        let end = self.history.between.to.min(self.history.ends_at);
        self.is_trial = rules.is_some();
        if let Some(rules) = rules {
            let command = Command::PublishRules(rules.clone());
            match self.firm.ask(&command, Actor::system(Party::Gateway), self.now) {
                Ok(events) => {
                    for event in &events {
                        self.core.replay(event)?;
                    }
                }
                Err(Refused::Rejected(rejection)) => return Err(Error::Rules(rejection)),
                Err(Refused::Broken(error)) => return Err(error),
            }
        }
        self.take_up();
        self.planned.extend(self.core.resume(self.now));
        self.settle()?;
        let (mut steps, mut at_once) = (0_u64, 0_usize);
        while let Some(at) = self.next().filter(|at| *at <= end) {
            steps += 1;
            at_once = if at > self.now { 0 } else { at_once + 1 };
            if at_once > STEPS_AT_ONCE_MAX {
                return Err(Error::Restless { at: self.now });
            }
            if steps.is_multiple_of(STEPS_UNASKED) && !go_on(self.done(end)) {
                return Err(Error::Stopped);
            }
            self.now = self.now.max(at);
            self.step()?;
            self.settle()?;
        }
        self.outcomes.end(end);
        Ok(Ran { outcomes: self.outcomes, assumptions: self.assumptions })
    }

    /// How far it is, of as many events as the log has.
    fn done(&self, end: Timestamp) -> u64 {
        let from = self.history.between.from;
        let (done, all) = (self.now.since(from).as_secs(), end.since(from).as_secs());
        let head = u128::from(self.history.head.get());
        u64::try_from(head * u128::from(done) / u128::from(all.max(1))).unwrap_or(u64::MAX)
    }

    fn next(&self) -> Option<Timestamp> {
        let fixed = self.fixed.as_slice().first().map(|fixed| fixed.at);
        let agenda = self.agenda.first_key_value().map(|((at, _), _)| *at);
        let heard = self.inbox.front().map(|event| self.heard_at(event));
        let first = [fixed, agenda, heard, self.core.next_due()].into_iter().flatten().min()?;
        Some(first.max(self.now))
    }

    fn heard_at(&self, event: &FeedEvent) -> Timestamp {
        event.stamp.recorded_at.plus(self.lag)
    }

    fn step(&mut self) -> Result<(), Error> {
        if let Some(fixed) = self.fixed.as_slice().first().filter(|fixed| fixed.at <= self.now) {
            self.fixed.next();
            return self.fixed(fixed);
        }
        if let Some(entry) = self.agenda.first_entry()
            && entry.key().0 <= self.now
        {
            let due = entry.remove();
            return self.due(due);
        }
        if self.inbox.front().is_some_and(|event| self.heard_at(event) <= self.now)
            && let Some(event) = self.inbox.pop_front()
        {
            self.planned.extend(self.core.on_event(&event, self.now)?);
            return Ok(());
        }
        self.planned.extend(self.core.on_tick(self.now));
        Ok(())
    }

    pub(crate) fn enter(&mut self, at: Timestamp, due: Due) {
        self.entered += 1;
        self.agenda.insert((at.max(self.now), self.entered), due);
    }

    /// Carries out what the dispatcher wants.
    fn settle(&mut self) -> Result<(), Error> {
        while let Some(action) = self.planned.pop_front() {
            let answer = self.carry_out(&action)?;
            self.core.on_answer(&action.id, &answer, self.now);
        }
        Ok(())
    }

    fn carry_out(&mut self, action: &Action) -> Result<Answer, Error> {
        let actor = Actor::system(Party::Dispatcher);
        match self.firm.ask(&action.command, actor, self.now) {
            Ok(events) => {
                let last = events.last().map(|event| event.stamp.position);
                self.happened(events);
                Ok(last.map_or(Answer::Nothing, |position| Answer::Done { position }))
            }
            Err(Refused::Rejected(rejection)) => Ok(Answer::Rejected(Refusal::from(&rejection))),
            Err(Refused::Broken(error)) => Err(error),
        }
    }

    /// Tells everybody.
    fn happened(&mut self, events: Vec<FeedEvent>) {
        for event in events {
            self.outcomes.event(&event, &self.firm);
            if let (Some(id), Event::Ticket(what)) = (event.stream.ticket(), &event.event) {
                self.react(id, what);
            }
            self.inbox.push_back(event);
        }
    }

    fn fixed(&mut self, fixed: &Fixed) -> Result<(), Error> {
        if let Act::Fact(_, Event::Rules(_), _) = &fixed.act
            && self.is_trial
        {
            self.assumptions.note(Assumption::OtherRulesLeftOut);
            return Ok(());
        }
        if let (Act::Ask(id, _) | Act::Said(id, ..), Some(phase)) = (&fixed.act, fixed.only_in) {
            let stands = self.firm.ticket(*id).map(|ticket| ticket.phase.name());
            if stands.map(on_hold_or_not) != Some(on_hold_or_not(phase)) {
                self.assumptions.note(Assumption::NotNeeded);
                return Ok(());
            }
        }
        self.perform(fixed.act.clone(), fixed.late).map(|_| ())
    }

    /// Does it, unless the domain refuses; says whether it was done.
    pub(crate) fn perform(&mut self, act: Act, late: Duration) -> Result<bool, Error> {
        let verb = act.verb();
        let actor = Actor::system(Party::Anonymous);
        let times = (self.now.minus(late), self.now);
        let done = match act {
            Act::Ask(id, command) => self.firm.ask(&Command::Ticket(id, command), actor, self.now),
            Act::Said(id, said) => {
                let (command, event) = *said;
                let said = self.firm.decide(&Command::Ticket(id, command), actor, self.now);
                said.and_then(|changes| {
                    let mut events: Vec<_> =
                        changes.into_iter().map(|change| (change.stream, change.event)).collect();
                    match events.first_mut() {
                        Some((_, Event::Ticket(decided))) => *decided = as_said(decided, event),
                        _ => events.push((id.into(), without_entry(event).into())),
                    }
                    let origin = domain::Origin::Live;
                    self.firm.record(events, origin, times).map_err(Refused::Broken)
                })
            }
            Act::Fact(stream, event, origin) => {
                let fits = match (&event, stream.ticket().and_then(|id| self.firm.ticket(id))) {
                    (Event::Ticket(TicketEvent::Imported(_)), _) => true,
                    (Event::Ticket(_), known) => {
                        known.is_some_and(|ticket| !matches!(ticket.phase, Phase::Merged { .. }))
                    }
                    _ => true,
                };
                if !fits {
                    self.assumptions.note(Assumption::NotNeeded);
                    return Ok(false);
                }
                self.firm.record(vec![(stream, event)], origin, times).map_err(Refused::Broken)
            }
        };
        match done {
            Ok(events) => {
                self.happened(events);
                Ok(true)
            }
            Err(Refused::Rejected(_)) => {
                self.assumptions.refused(verb.unwrap_or(Verb::Note));
                Ok(false)
            }
            Err(Refused::Broken(error)) => Err(error),
        }
    }
}

const fn on_hold_or_not(phase: PhaseName) -> PhaseName {
    match phase {
        PhaseName::OnHold => PhaseName::Working,
        phase => phase,
    }
}

/// What was decided now about what was said then.
fn as_said(decided: &TicketEvent, said: TicketEvent) -> TicketEvent {
    match (decided, said) {
        (TicketEvent::Created(now), TicketEvent::Created(then)) => {
            domain::ticket::event::Created { entry: now.entry, ..then }.into()
        }
        (TicketEvent::DetailsAdded(now), TicketEvent::DetailsAdded(then)) => {
            domain::ticket::event::DetailsAdded {
                has_sentence: then.has_sentence,
                has_place: then.has_place,
                attachments: then.attachments,
                report: then.report,
                ..now.clone()
            }
            .into()
        }
        (_, said) => said,
    }
}

/// Nothing but the words and what came with them is new.
fn without_entry(said: TicketEvent) -> TicketEvent {
    match said {
        TicketEvent::DetailsAdded(then) => {
            domain::ticket::event::DetailsAdded { entry: None, ..then }.into()
        }
        said => said,
    }
}
