//! The old decisions come out again: each recorded decision of the dispatcher, held against what the
//! core decides when it knows the events up to the decision's basis, at the time of the basis.
//!
//! Same means the same name and the same content to the byte: the fingerprint that the log keeps of
//! the command. A log does not hold what was refused or lost on the way, so a decision that followed
//! such a thing may not come out; it is counted by itself, never as the same.

use std::collections::VecDeque;

use dispatcher::{CORE_VERSION, Dispatcher, FeedEvent, Recalled, Supposition};
use domain::{Command, CommandId, GlobalPosition, Stamp, StreamId, TicketId, Timestamp};
use eventlog::{DecisionBasis, EventLog, Fingerprint, RecordedEvent};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// So many events are read at once.
const PAGE: usize = 4_096;
/// Of so many engineers something is supposed where a decision does not come out.
const ENGINEERS_MAX: usize = 256;

/// Is told how far long work is, of as many events as the log has; says whether to go on.
pub type GoOn<'g> = dyn FnMut(u64) -> bool + 'g;

/// Which decisions are looked at, by when they were recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between {
    /// From this moment on.
    pub from: Timestamp,
    /// Before this moment.
    pub to: Timestamp,
}

impl Between {
    /// All of them.
    pub const ALWAYS: Self = Self { from: Timestamp::MIN, to: Timestamp::MAX };

    /// Whether it is in between.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// How many recorded decisions come out again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TrialDecisions))]
pub struct Rechecked {
    /// The decisions that were looked at.
    pub decisions: u64,
    /// The same command came out, to the byte.
    pub exact: u64,
    /// The same command, if what the core would have tried before it came to nothing, which no log
    /// holds.
    pub after_refusal: u64,
    /// The same command, if assignments that were on their way are left out: of another dispatcher,
    /// or lost and sent again.
    pub others_on_their_way: u64,
    /// The same command, if something that no log holds is supposed of one engineer: that a place had
    /// been asked for by a command that was lost or refused, or that the log had just refused them.
    pub supposing: u64,
    /// Decided by another version of the core.
    pub other_core: u64,
    /// Another command came out, or none.
    pub differing: u64,
    /// The first of those that differ.
    pub differences: Vec<Difference>,
}

/// A decision that does not come out again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TrialDecision))]
pub struct Difference {
    /// Where it is recorded.
    pub position: GlobalPosition,
    /// What it was based on.
    pub based_on: GlobalPosition,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// The command that was recorded.
    pub recorded: String,
    /// Its first event, as JSON.
    pub event: String,
    /// The command that came out; nothing: none did.
    pub recomputed: Option<String>,
    /// Its content, as JSON.
    pub content: Option<String>,
}

/// A recorded decision.
#[derive(Debug)]
struct Decision {
    position: GlobalPosition,
    stream: StreamId,
    id: CommandId,
    fingerprint: Fingerprint,
    basis: DecisionBasis,
    recorded_at: Timestamp,
    event: String,
}

/// Looks at every decision of a log that was recorded in between; names so many that differ.
///
/// # Errors
/// When the log cannot be read or followed, and when it is stopped.
pub fn recheck(
    log: &dyn EventLog,
    between: Between,
    differences_max: usize,
    go_on: &mut GoOn<'_>,
) -> Result<Rechecked, Error> {
    let mut decisions = decisions(log, between.to, go_on)?;
    decisions.sort_by_key(|decision| (decision.basis.position, decision.position));
    let mut decisions = VecDeque::from(decisions);
    let mut check = Check {
        log,
        core: Dispatcher::new(),
        on_their_way: Vec::new(),
        found: Rechecked::default(),
        differences_max,
    };
    let mut position = GlobalPosition::ZERO;
    while !decisions.is_empty() {
        let events = log.read(position, PAGE)?;
        let Some(last) = events.last() else { break };
        position = last.position;
        if !go_on(position.get()) {
            return Err(Error::Stopped);
        }
        for recorded in events {
            let at = recorded.position;
            check.core.replay(&feed_event(recorded))?;
            check.on_their_way.retain(|(due, ..)| *due > at);
            while decisions.front().is_some_and(|next| next.basis.position <= at) {
                let Some(decision) = decisions.pop_front() else { break };
                check.one(&decision, between.contains(decision.recorded_at));
            }
        }
    }
    Ok(check.found)
}

fn decisions(
    log: &dyn EventLog,
    to: Timestamp,
    go_on: &mut GoOn<'_>,
) -> Result<Vec<Decision>, Error> {
    let (mut found, mut position) = (Vec::<Decision>::new(), GlobalPosition::ZERO);
    loop {
        let events = log.read_facts(position, PAGE)?;
        let Some(last) = events.last() else { return Ok(found) };
        position = last.position;
        // The second pass tells how far it is.
        if !go_on(0) {
            return Err(Error::Stopped);
        }
        for recorded in events {
            let Some(basis) = recorded.header.basis else { continue };
            if recorded.recorded_at >= to {
                return Ok(found);
            }
            let header = &recorded.header;
            if found.last().is_some_and(|last| last.id == header.command) {
                continue;
            }
            found.push(Decision {
                position: recorded.position,
                stream: recorded.stream,
                id: header.command.clone(),
                fingerprint: header.fingerprint,
                basis,
                recorded_at: recorded.recorded_at,
                event: serde_json::to_string(&recorded.event).unwrap_or_default(),
            });
        }
    }
}

/// What was taken for granted when the command came out.
#[derive(Debug, Clone, Copy)]
enum How {
    Known,
    WithoutOthers,
    Supposing,
}

struct Check<'a> {
    log: &'a dyn EventLog,
    core: Dispatcher,
    /// Assignments that the log has later, and where.
    on_their_way: Vec<(GlobalPosition, TicketId, Command)>,
    found: Rechecked,
    differences_max: usize,
}

impl Check<'_> {
    fn one(&mut self, decision: &Decision, counts: bool) {
        let other_core = decision.basis.core_version != CORE_VERSION;
        let recalled = self.core.recall(decision.stream, decision.basis.decided_at);
        let same = recalled.iter().find(|one| self.is_same(one, decision)).cloned();
        let mut how = How::Known;
        let same = same
            .or_else(|| {
                how = How::WithoutOthers;
                self.without_others(decision)
            })
            .or_else(|| {
                how = How::Supposing;
                self.supposing(decision)
            });
        if let Some(Recalled { command: command @ Command::Ticket(id, asked), .. }) = &same
            && decision.position > self.core.position()
        {
            self.core.note_on_its_way(*id, asked);
            self.on_their_way.push((decision.position, *id, command.clone()));
        }
        if !counts {
            return;
        }
        self.found.decisions += 1;
        match &same {
            _ if other_core => self.found.other_core += 1,
            Some(one) => match (how, one.after_refusals) {
                (How::Known, 0) => self.found.exact += 1,
                (How::Known, _) => self.found.after_refusal += 1,
                (How::WithoutOthers, _) => self.found.others_on_their_way += 1,
                (How::Supposing, _) => self.found.supposing += 1,
            },
            None => {
                self.found.differing += 1;
                if self.found.differences.len() < self.differences_max {
                    self.found.differences.push(difference(decision, recalled.first()));
                }
            }
        }
    }

    fn is_same(&self, recalled: &Recalled, decision: &Decision) -> bool {
        recalled.id == decision.id
            && self.log.fingerprint(&engine::canonical(&recalled.command)) == decision.fingerprint
    }

    /// Asks again, supposing something of one engineer after the other.
    fn supposing(&mut self, decision: &Decision) -> Option<Recalled> {
        let now = decision.basis.decided_at;
        for engineer in self.core.engineers().into_iter().take(ENGINEERS_MAX) {
            for supposed in Supposition::ALL {
                let recalled = self.core.recall_supposing(decision.stream, now, engineer, supposed);
                let same = recalled.into_iter().find(|one| self.is_same(one, decision));
                if same.is_some() {
                    return same;
                }
            }
        }
        None
    }

    /// Asks again as if nothing were on its way; then with each of what is.
    fn without_others(&mut self, decision: &Decision) -> Option<Recalled> {
        let others = std::mem::take(&mut self.on_their_way);
        if others.is_empty() {
            return None;
        }
        for (_, ticket, command) in &others {
            note(&mut self.core, *ticket, command, false);
        }
        let mut same = None;
        for kept in std::iter::once(None).chain(others.iter().map(Some)) {
            if let Some((_, ticket, command)) = kept {
                note(&mut self.core, *ticket, command, true);
            }
            let recalled = self.core.recall(decision.stream, decision.basis.decided_at);
            same = recalled.into_iter().find(|one| self.is_same(one, decision));
            if same.is_some() {
                break;
            }
            if let Some((_, ticket, command)) = kept {
                note(&mut self.core, *ticket, command, false);
            }
        }
        for (_, ticket, command) in &others {
            note(&mut self.core, *ticket, command, true);
        }
        self.on_their_way = others;
        same
    }
}

fn note(core: &mut Dispatcher, ticket: TicketId, command: &Command, is_on_its_way: bool) {
    let Command::Ticket(_, command) = command else { return };
    if is_on_its_way {
        core.note_on_its_way(ticket, command);
    } else {
        core.forget_on_its_way(ticket, command);
    }
}

fn difference(decision: &Decision, recalled: Option<&Recalled>) -> Difference {
    let content = |command| String::from_utf8(engine::canonical(command)).unwrap_or_default();
    Difference {
        position: decision.position,
        based_on: decision.basis.position,
        decided_at: decision.basis.decided_at,
        recorded: decision.id.to_string(),
        event: decision.event.clone(),
        recomputed: recalled.map(|one| one.id.to_string()),
        content: recalled.map(|one| content(&one.command)),
    }
}

/// An event of the log as a dispatcher reads it.
pub fn feed_event(recorded: RecordedEvent) -> FeedEvent {
    FeedEvent {
        stream: recorded.stream,
        stamp: Stamp {
            position: recorded.position,
            version: recorded.version,
            occurred_at: recorded.occurred_at,
            recorded_at: recorded.recorded_at,
        },
        origin: recorded.header.origin,
        event: recorded.event,
    }
}
