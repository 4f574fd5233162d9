//! Reads a log once: the firm and the dispatcher as they stood at the beginning, then what people did,
//! and what the log itself came to.

use std::time::Duration;

use dispatcher::{Dispatcher, FeedEvent};
use domain::ticket::{PhaseName, TicketEvent, Verb};
use domain::{EngineerId, Event, GlobalPosition, Issuer, TicketId, Timestamp};
use eventlog::{EventLog, RecordedEvent};

use crate::act::{Act, acts_of};
use crate::clocks::Clocks;
use crate::error::Error;
use crate::firm::Firm;
use crate::lag::Lag;
use crate::outcome::Outcomes;
use crate::recheck::{Between, GoOn, feed_event};
use crate::script::{Course, Fixed, Reply, Says, Script, Step, TicketScript};

/// So many events are read at once.
const PAGE: usize = 4_096;
/// Beyond so many events after the beginning a trial is refused: all that people did is kept in memory.
pub(crate) const EVENTS_MAX: u64 = 2_000_000;

/// Where everything stood when the trial begins.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) firm: Firm,
    pub(crate) core: Dispatcher,
    pub(crate) clocks: Clocks,
}

/// What a log holds, for trials.
#[derive(Debug)]
pub(crate) struct History {
    pub(crate) between: Between,
    pub(crate) head: GlobalPosition,
    /// When the last event was recorded.
    pub(crate) ends_at: Timestamp,
    pub(crate) start: Start,
    pub(crate) script: Script,
    /// What the log itself came to.
    pub(crate) recorded: Outcomes,
    /// How long the dispatcher needs to hear of something.
    pub(crate) lag: Duration,
}

impl History {
    /// Reads the log to its end: what people did later may come earlier under other rules.
    pub(crate) fn read(
        log: &dyn EventLog,
        between: Between,
        go_on: &mut GoOn<'_>,
    ) -> Result<Self, Error> {
        let mut reader = Reader {
            between,
            firm: Firm::default(),
            core: Some(Dispatcher::new()),
            clocks: Clocks::default(),
            started: None,
            script: Script::default(),
            recorded: None,
            lag: Lag::default(),
            events: 0,
        };
        let (mut position, mut ends_at) = (GlobalPosition::ZERO, Timestamp::MIN);
        let mut append = Vec::<RecordedEvent>::new();
        loop {
            let events = log.read(position, PAGE)?;
            let Some(last) = events.last() else { break };
            (position, ends_at) = (last.position, last.recorded_at);
            if !go_on(position.get()) {
                return Err(Error::Stopped);
            }
            for recorded in events {
                let same = append.last().is_some_and(|last: &RecordedEvent| {
                    last.header.command == recorded.header.command
                });
                if !same {
                    reader.append(&std::mem::take(&mut append))?;
                }
                append.push(recorded);
            }
        }
        reader.append(&append)?;
        reader.end(position, ends_at)
    }
}

struct Reader {
    between: Between,
    firm: Firm,
    /// Until the trial begins.
    core: Option<Dispatcher>,
    clocks: Clocks,
    started: Option<Start>,
    script: Script,
    recorded: Option<Outcomes>,
    lag: Lag,
    events: u64,
}

impl Reader {
    fn append(&mut self, append: &[RecordedEvent]) -> Result<(), Error> {
        let Some(first) = append.first() else { return Ok(()) };
        let at = first.recorded_at;
        if first.position == GlobalPosition::FIRST {
            self.between.from = self.between.from.max(at);
        }
        if self.started.is_none() && at >= self.between.from {
            self.start();
        }
        if self.started.is_some() {
            self.events += u64::try_from(append.len()).unwrap_or(u64::MAX);
            if self.events > EVENTS_MAX {
                return Err(Error::TooLong { events_max: EVENTS_MAX });
            }
            let header = &first.header;
            if header.basis.is_none() && header.command.issuer != Issuer::Dispatcher {
                for act in acts_of(append) {
                    self.act(first, act);
                }
            }
        }
        for recorded in append {
            if self.started.is_some() {
                self.lag.event(recorded);
            }
            self.event(&feed_event(recorded.clone()))?;
        }
        Ok(())
    }

    fn start(&mut self) {
        let Some(core) = self.core.take() else { return };
        let board = &self.firm.rules().rules.board;
        self.recorded = Some(Outcomes::new(self.between, self.firm.tickets(), board));
        for (ticket, at) in &self.clocks.work {
            let script = self.script.tickets.entry(*ticket).or_default();
            script.going_on = Some((*at, Course::new()));
        }
        for ticket in self.clocks.queued.keys() {
            self.script.tickets.entry(*ticket).or_default().handled.push_back(None);
        }
        let (firm, clocks) = (self.firm.clone(), self.clocks.clone());
        self.started = Some(Start { firm, core, clocks });
    }

    fn end(mut self, head: GlobalPosition, ends_at: Timestamp) -> Result<History, Error> {
        for (ticket, asked) in std::mem::take(&mut self.clocks.asked) {
            for engineer in asked.engineers.iter().copied() {
                let after = ends_at.since(asked.at);
                let reply = Reply { after, at: ends_at, says: Says::NotYet };
                self.script.reply(ticket, engineer, reply, false);
            }
        }
        let (Some(start), Some(mut recorded)) = (self.started, self.recorded) else {
            return Err(Error::NothingThen { from: self.between.from });
        };
        recorded.end(self.between.to.min(ends_at));
        Ok(History {
            between: self.between,
            head,
            ends_at,
            start,
            script: self.script,
            recorded,
            lag: self.lag.median(),
        })
    }

    fn event(&mut self, event: &FeedEvent) -> Result<(), Error> {
        let id = event.stream.ticket();
        self.firm.fold(event)?;
        if let Some(core) = &mut self.core {
            core.replay(event)?;
        }
        let at = event.stamp.recorded_at;
        if let (Some(id), Event::Ticket(what)) = (id, &event.event) {
            self.reply(id, what, at);
            let was_queued = self.clocks.queued.contains_key(&id);
            self.clocks.follow(id, what, at, self.firm.ticket(id).map(AsRef::as_ref));
            let is_queued = self.clocks.queued.contains_key(&id);
            if self.started.is_some() && is_queued && !was_queued {
                self.script.tickets.entry(id).or_default().handled.push_back(None);
            }
            if self.started.is_some() && matches!(what, TicketEvent::Accepted(_)) {
                let script = self.script.tickets.entry(id).or_default();
                script.courses.push_back(Course::new());
            }
        }
        if let Some(recorded) = self.recorded.as_mut().filter(|_| self.between.contains(at)) {
            recorded.event(event, &self.firm);
        }
        Ok(())
    }

    /// How those answered who were asked.
    fn reply(&mut self, id: TicketId, event: &TicketEvent, at: Timestamp) {
        let Some(asked) = self.clocks.asked.get(&id) else { return };
        let after = at.since(asked.at);
        let of = |engineer: EngineerId, says| (engineer, Reply { after, at, says });
        let others = |but: Option<EngineerId>, says| {
            let others = asked.engineers.iter().filter(|one| Some(**one) != but);
            others.map(|one| of(*one, says)).collect::<Vec<_>>()
        };
        let replies = match event {
            TicketEvent::Accepted(it) => {
                let mut all = others(Some(it.engineer), Says::NotYet);
                all.push(of(it.engineer, Says::Accept));
                all
            }
            TicketEvent::Declined(it) => vec![of(it.engineer, Says::Decline)],
            TicketEvent::OfferDeclined(it) => vec![of(it.engineer, Says::Decline)],
            TicketEvent::TimedOut(_) | TicketEvent::OfferExpired(_) => others(None, Says::Nothing),
            TicketEvent::Withdrawn(_) | TicketEvent::OfferWithdrawn(_) => {
                others(None, Says::NotYet)
            }
            _ => return,
        };
        if self.started.is_some() {
            let usual = self.between.contains(at);
            for (engineer, reply) in replies {
                self.script.reply(id, engineer, reply, usual);
            }
            if let TicketEvent::Accepted(it) = event {
                let script = self.script.tickets.entry(id).or_default();
                script.accepted_by.get_or_insert(it.engineer);
            }
        }
    }

    fn act(&mut self, first: &RecordedEvent, act: Act) {
        let (at, late) = (first.recorded_at, first.recorded_at.since(first.occurred_at));
        let fixed = |act, only_in| Fixed { at, late, act, only_in };
        let (Act::Ask(id, _) | Act::Said(id, ..)) = &act else {
            self.script.fixed.push(fixed(act, None));
            return;
        };
        let (id, Some(verb)) = (*id, act.verb()) else { return };
        let ticket = self.firm.ticket(id).cloned();
        let phase = ticket.as_ref().map(|ticket| ticket.phase.name());
        let was_asked = self.clocks.asked.contains_key(&id);
        if matches!(verb, Verb::Accept | Verb::Decline) && was_asked {
            return;
        }
        let step = |since: Timestamp, act| Step { after: at.since(since), at, act };
        if let Some(since) = self.clocks.work.get(&id).copied()
            && continues(verb, phase)
        {
            let script = self.script.tickets.entry(id).or_default();
            if let Some(course) = script.course() {
                course.push(step(since, act));
                if verb == Verb::Resolve && self.between.contains(at) {
                    let usual = plain(course);
                    self.script.habits.courses.push(usual);
                }
                self.clocks.work.insert(id, at);
                return;
            }
        }
        if let Some(since) = self.clocks.queued.get(&id).copied()
            && phase == Some(PhaseName::Queued)
            && ends_queue(verb)
        {
            let visit = self.script.tickets.entry(id).or_default().handled.back_mut();
            if let Some(handled @ None) = visit {
                *handled = Some(step(since, act));
                if verb == Verb::Assign && self.between.contains(at) {
                    self.script.habits.handled_after.push(at.since(since));
                }
                return;
            }
        }
        self.script.fixed.push(fixed(act, phase.filter(|_| depends_on_phase(verb))));
    }
}

impl Script {
    fn reply(&mut self, ticket: TicketId, engineer: EngineerId, reply: Reply, is_usual: bool) {
        let script = self.tickets.entry(ticket).or_default();
        script.replies.entry(engineer).or_default().push_back(reply);
        if is_usual && reply.says != Says::NotYet {
            self.habits.replies.entry(engineer).or_default().push(reply);
            self.habits.replies_of_all.push(reply);
        }
    }
}

impl TicketScript {
    /// The work that is going on.
    fn course(&mut self) -> Option<&mut Course> {
        match self.courses.back_mut() {
            Some(course) => Some(course),
            None => self.going_on.as_mut().map(|(_, course)| course),
        }
    }
}

/// The same way to 完工 without what was about somebody in particular, in the same time.
fn plain(course: &Course) -> Course {
    let mut plain = Course::new();
    let mut skipped = Duration::ZERO;
    for step in course {
        if matches!(step.act.verb(), Some(Verb::Depart | Verb::Arrive | Verb::Resolve)) {
            let after = step.after + skipped;
            plain.push(Step { after, at: Timestamp::MIN, act: step.act.clone() });
            skipped = Duration::ZERO;
        } else {
            skipped += step.after;
        }
    }
    plain
}

/// Whether it follows on accepted work, or on its end.
fn continues(verb: Verb, phase: Option<PhaseName>) -> bool {
    use PhaseName::{Closed, OnHold, Resolved, Working};
    match verb {
        Verb::Depart
        | Verb::Arrive
        | Verb::Hold
        | Verb::Resume
        | Verb::Return
        | Verb::Transfer
        | Verb::EndTransfer
        | Verb::AcceptTransfer
        | Verb::AddHelper
        | Verb::RemoveHelper
        | Verb::Resolve
        | Verb::Appoint => matches!(phase, Some(Working | OnHold)),
        Verb::Confirm | Verb::Reject => matches!(phase, Some(Resolved | Closed)),
        Verb::RetractAnswer => true,
        Verb::Reopen => phase == Some(Closed),
        _ => false,
    }
}

/// Whether it is what a supervisor does about a ticket in the queue.
const fn ends_queue(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::Assign | Verb::Offer | Verb::Claim | Verb::Escalate | Verb::Close | Verb::Resolve
    )
}

/// Whether it makes sense only where the ticket stands as it stood.
const fn depends_on_phase(verb: Verb) -> bool {
    !matches!(
        verb,
        Verb::Create
            | Verb::Details
            | Verb::Note
            | Verb::Urge
            | Verb::Cancel
            | Verb::Merge
            | Verb::RemoveAttachment
            | Verb::Unlink
    )
}
