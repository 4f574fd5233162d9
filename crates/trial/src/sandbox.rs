//! The sandbox: the firm in memory, the dispatcher's core and the people of the log, on a virtual clock.
//!
//! Whatever is due first happens first; at the same moment what somebody did at a time of their own
//! comes before what answers, that before what the dispatcher hears, and that before what its clock leads
//! to. It hears of everything a little later, as in the log; what it wants then is done at once.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use dispatcher::{Action, Answer, Dispatcher, FeedEvent, Refusal};
use domain::rules::{BoardRules, Rules};
use domain::ticket::{
    Accept, Assign, Decline, Phase, PhaseName, Ticket, TicketCommand, TicketEvent, Verb, Via,
};
use domain::{Actor, Command, EngineerId, Event, Party, TicketId, Timestamp};

use crate::act::Act;
use crate::assumption::{Assumption, Assumptions};
use crate::error::Error;
use crate::firm::{Firm, Refused};
use crate::history::History;
use crate::outcome::Outcomes;
use crate::recheck::GoOn;
use crate::script::{Course, Fixed, Reply, Says, Step, TicketScript, as_then};

/// Steps without any time passing; beyond it, something runs in a circle.
const STEPS_AT_ONCE_MAX: usize = 100_000;
/// Somebody looks whether to go on after so many steps.
const STEPS_UNASKED: u64 = 256;
/// A supervisor whose choice cannot be had tries again so often.
const HANDLED_AGAIN_MAX: u32 = 5;

/// What a run came to, and what had to be assumed.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) outcomes: Outcomes,
    pub(crate) assumptions: Assumptions,
}

/// The question that an answer is about: the assignment or offer with this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Assignment(u32),
    Offer(u32),
}

/// Something that comes at its time.
#[derive(Debug)]
enum Due {
    Reply { ticket: TicketId, engineer: EngineerId, says: Says, question: Question },
    Work { ticket: TicketId, run: u32, course: Arc<Course>, place: usize },
    Handle { ticket: TicketId, visit: u32, step: Box<Step>, tries: u32 },
}

/// What has to be remembered of a ticket's people.
#[derive(Debug, Default)]
struct Memory {
    script: TicketScript,
    asked: BTreeMap<EngineerId, u32>,
    /// Counts the acceptances: what follows on an earlier one is over.
    run: u32,
    /// Counts the visits to queues.
    visit: u32,
    is_queued: bool,
}

pub(crate) struct Sandbox<'a> {
    history: &'a History,
    firm: Firm,
    core: Dispatcher,
    is_trial: bool,
    now: Timestamp,
    fixed: std::slice::Iter<'a, Fixed>,
    agenda: BTreeMap<(Timestamp, u64), Due>,
    entered: u64,
    memory: HashMap<TicketId, Memory>,
    planned: VecDeque<Action>,
    inbox: VecDeque<FeedEvent>,
    outcomes: Outcomes,
    assumptions: Assumptions,
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
            assumptions: Assumptions::default(),
        }
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
        event.stamp.recorded_at.plus(self.history.lag)
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

    /// What was going on when it began goes on.
    fn take_up(&mut self) {
        let history = self.history;
        let mut asked: Vec<_> = history.start.clocks.asked.iter().collect();
        asked.sort_unstable_by_key(|(ticket, _)| **ticket);
        for (ticket, asked) in asked {
            let Some(known) = self.firm.ticket(*ticket).cloned() else { continue };
            for engineer in &asked.engineers {
                if let Some(question) = question(&known, *engineer) {
                    self.ask(*ticket, *engineer, question, asked.at);
                }
            }
        }
        let mut tickets: Vec<_> = history.script.tickets.iter().collect();
        tickets.sort_unstable_by_key(|(ticket, _)| **ticket);
        for (ticket, script) in tickets {
            if let Some((since, course)) = &script.going_on {
                let run = self.remember(*ticket).run;
                self.work_at(*ticket, run, &Arc::new(course.clone()), 0, *since);
            }
        }
        let mut queued: Vec<_> = history.start.clocks.queued.iter().collect();
        queued.sort_unstable();
        for (ticket, since) in queued {
            self.queued(*ticket, *since);
        }
    }

    fn remember(&mut self, ticket: TicketId) -> &mut Memory {
        let scripts = &self.history.script.tickets;
        self.memory.entry(ticket).or_insert_with(|| Memory {
            script: scripts.get(&ticket).cloned().unwrap_or_default(),
            ..Memory::default()
        })
    }

    fn enter(&mut self, at: Timestamp, due: Due) {
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

    /// What people do about what happened.
    fn react(&mut self, id: TicketId, event: &TicketEvent) {
        match event {
            TicketEvent::Assigned(it) if it.via == Via::Choice => {
                self.ask(id, it.engineer, Question::Assignment(it.number), self.now);
            }
            TicketEvent::Offered(it) => {
                for engineer in &it.engineers {
                    self.ask(id, *engineer, Question::Offer(it.number), self.now);
                }
            }
            TicketEvent::Accepted(_) => self.accepted(id),
            _ => {}
        }
        let is_queued = self.firm.ticket(id).is_some_and(|it| it.phase.name() == PhaseName::Queued);
        let was_queued = std::mem::replace(&mut self.remember(id).is_queued, is_queued);
        if is_queued && !was_queued {
            self.queued(id, self.now);
        }
    }

    fn ask(&mut self, ticket: TicketId, engineer: EngineerId, question: Question, at: Timestamp) {
        let memory = self.remember(ticket);
        let times = memory.asked.entry(engineer).or_default();
        let nth = *times;
        *times += 1;
        let then = memory.script.replies.get_mut(&engineer).and_then(VecDeque::pop_front);
        let (answered_at, says) = match then {
            Some(Reply { after, at: then, says: says @ (Says::Accept | Says::Decline) }) => {
                self.assumptions.note(Assumption::AnsweredAsThen);
                (as_then(at.plus(after), then), says)
            }
            Some(Reply { says: Says::Nothing, .. }) => {
                self.assumptions.note(Assumption::LetPassAsThen);
                return;
            }
            not_yet => {
                let usual = self.history.script.habits.reply(engineer, ticket, nth);
                let Some((reply, own)) = usual else {
                    self.assumptions.note(Assumption::NoAnswerKnown);
                    return;
                };
                self.assumptions.note(match own {
                    true => Assumption::AnsweredAsUsual,
                    false => Assumption::AnsweredLikeOthers,
                });
                let not_before = not_yet.map_or(Duration::ZERO, |reply| reply.after);
                (at.plus(reply.after.max(not_before)), reply.says)
            }
        };
        if matches!(says, Says::Accept | Says::Decline) {
            self.enter(answered_at, Due::Reply { ticket, engineer, says, question });
        }
    }

    fn accepted(&mut self, ticket: TicketId) {
        let memory = self.remember(ticket);
        memory.run += 1;
        let run = memory.run;
        let course = match memory.script.courses.pop_front() {
            Some(course) => {
                self.assumptions.note(Assumption::WorkedAsThen);
                course
            }
            None => {
                let Some(course) = self.history.script.habits.course(ticket, run) else {
                    self.assumptions.note(Assumption::NoWorkKnown);
                    return;
                };
                self.assumptions.note(Assumption::WorkedLikeOthers);
                course.clone()
            }
        };
        self.work_at(ticket, run, &Arc::new(course), 0, self.now);
    }

    fn work_at(
        &mut self,
        ticket: TicketId,
        run: u32,
        course: &Arc<Course>,
        place: usize,
        since: Timestamp,
    ) {
        if let Some(step) = course.get(place) {
            let at = as_then(since.plus(step.after), step.at);
            let course = Arc::clone(course);
            self.enter(at, Due::Work { ticket, run, course, place });
        }
    }

    fn queued(&mut self, ticket: TicketId, since: Timestamp) {
        let memory = self.remember(ticket);
        memory.is_queued = true;
        memory.visit += 1;
        let visit = memory.visit;
        let step = match memory.script.handled.pop_front() {
            Some(Some(step)) => {
                self.assumptions.note(Assumption::HandledAsThen);
                step
            }
            Some(None) => {
                self.assumptions.note(Assumption::LeftAsThen);
                return;
            }
            None => {
                let engineer = memory.script.accepted_by;
                let after = self.history.script.habits.handled_after(ticket, visit);
                let (Some(after), Some(engineer)) = (after, engineer) else {
                    self.assumptions.note(Assumption::NotHandled);
                    return;
                };
                self.assumptions.note(Assumption::HandledLikeOthers);
                let assign = Assign { engineer: Some(engineer), ..Assign::default() };
                Step { after, at: Timestamp::MIN, act: Act::Ask(ticket, assign.into()) }
            }
        };
        let at = as_then(since.plus(step.after), step.at);
        self.enter(at, Due::Handle { ticket, visit, step: Box::new(step), tries: 0 });
    }

    fn due(&mut self, due: Due) -> Result<(), Error> {
        match due {
            Due::Reply { ticket, engineer, says, question: about } => {
                let now = self.firm.ticket(ticket).and_then(|it| question(it, engineer));
                if now != Some(about) {
                    if says == Says::Accept {
                        self.assumptions.note(Assumption::AnsweredTooLate);
                    }
                    return Ok(());
                }
                let engineer = Some(engineer);
                let command: TicketCommand = match says {
                    Says::Accept => Accept { engineer }.into(),
                    _ => Decline { engineer, words: "·".into() }.into(),
                };
                self.perform(Act::Ask(ticket, command), Duration::ZERO).map(|_| ())
            }
            Due::Work { ticket, run, course, place } => {
                if self.remember(ticket).run != run {
                    return Ok(());
                }
                if let Some(step) = course.get(place) {
                    let act = self.again(step, ticket);
                    self.perform(act, Duration::ZERO)?;
                    self.work_at(ticket, run, &course, place + 1, self.now);
                }
                Ok(())
            }
            Due::Handle { ticket, visit, step, tries } => {
                let memory = self.remember(ticket);
                if !memory.is_queued || memory.visit != visit {
                    self.assumptions.note(Assumption::NotNeeded);
                    return Ok(());
                }
                let act = self.again(&step, ticket);
                if !self.perform(act, Duration::ZERO)? && tries < HANDLED_AGAIN_MAX {
                    let at = self.now.plus(step.after);
                    self.enter(at, Due::Handle { ticket, visit, step, tries: tries + 1 });
                }
                Ok(())
            }
        }
    }

    /// A step as it is done now, and about this ticket.
    fn again(&self, step: &Step, ticket: TicketId) -> Act {
        let mut act = match &step.act {
            Act::Ask(_, command) => Act::Ask(ticket, command.clone()),
            other => other.clone(),
        };
        act.later(self.now.as_micros().saturating_sub(step.at.as_micros()));
        act
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
    fn perform(&mut self, act: Act, late: Duration) -> Result<bool, Error> {
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

/// The question that is open for this engineer.
fn question(ticket: &Ticket, engineer: EngineerId) -> Option<Question> {
    match &ticket.phase {
        Phase::Assigned { assignment, .. } if assignment.engineer == engineer => {
            Some(Question::Assignment(assignment.number))
        }
        Phase::Offered { offer } if offer.engineers.contains(&engineer) => {
            Some(Question::Offer(offer.number))
        }
        _ => None,
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
