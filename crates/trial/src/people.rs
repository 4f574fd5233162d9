//! The people of the sandbox: what they do about what happens, and when.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use domain::ticket::{
    Accept, Assign, Decline, Phase, PhaseName, Ticket, TicketCommand, TicketEvent, Via,
};
use domain::{EngineerId, TicketId, Timestamp};

use crate::act::Act;
use crate::assumption::Assumption;
use crate::error::Error;
use crate::sandbox::Sandbox;
use crate::script::{Course, Reply, Says, Step, TicketScript, as_then};

/// A supervisor whose choice cannot be had tries again so often.
const HANDLED_AGAIN_MAX: u32 = 5;

/// The question that an answer is about: the assignment or offer with this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    Assignment(u32),
    Offer(u32),
}

/// Something that comes at its time.
#[derive(Debug)]
pub(crate) enum Due {
    Reply { ticket: TicketId, engineer: EngineerId, says: Says, question: Question },
    Work { ticket: TicketId, run: u32, course: Arc<Course>, place: usize },
    Handle { ticket: TicketId, visit: u32, step: Box<Step>, tries: u32 },
}

/// What has to be remembered of a ticket's people.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    script: TicketScript,
    asked: BTreeMap<EngineerId, u32>,
    /// Counts the acceptances: what follows on an earlier one is over.
    run: u32,
    /// Counts the visits to queues.
    visit: u32,
    is_queued: bool,
}

impl Sandbox<'_> {
    /// What was going on when it began goes on.
    pub(crate) fn take_up(&mut self) {
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

    /// What people do about what happened.
    pub(crate) fn react(&mut self, id: TicketId, event: &TicketEvent) {
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

    pub(crate) fn due(&mut self, due: Due) -> Result<(), Error> {
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
