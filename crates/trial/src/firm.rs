//! The firm in memory: every aggregate as it is, decided on by the domain itself.

use std::collections::HashMap;
use std::sync::Arc;

use dispatcher::FeedEvent;
use domain::ticket::Ticket;
use domain::{
    Actor, Change, Command, Context, Event, GlobalPosition, Origin, Rejection, Stamp, StreamId,
    StreamKind, StreamVersion, TicketId, Timestamp,
};
use engine::{State, View};

use crate::error::Error;

/// Why something did not happen.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The domain refused it.
    Rejected(Rejection),
    /// The states cannot be followed.
    Broken(Error),
}

/// Aggregates and their versions. A clone is a firm of its own, and shares what neither changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Firm {
    states: HashMap<StreamId, (StreamVersion, State)>,
    position: GlobalPosition,
}

impl Firm {
    /// Takes in an event that is recorded, whose stamp tells where.
    pub(crate) fn fold(&mut self, event: &FeedEvent) -> Result<(), Error> {
        let FeedEvent { stream, stamp, event, .. } = event;
        self.position = stamp.position;
        // Nothing is decided here on logs, audits, and the custody of attachments.
        if matches!(stream.kind(), StreamKind::Log | StreamKind::Attachment | StreamKind::Audit) {
            return Ok(());
        }
        let before = self.states.remove(stream).map(|(_, state)| state);
        let after = State::after(before, *stream, event, stamp).map_err(Error::Corrupt)?;
        self.states.insert(*stream, (stamp.version, after));
        Ok(())
    }

    /// Records what happens, as the next events.
    pub(crate) fn record(
        &mut self,
        changes: Vec<(StreamId, Event)>,
        origin: Origin,
        (occurred_at, now): (Timestamp, Timestamp),
    ) -> Result<Vec<FeedEvent>, Error> {
        let mut events = Vec::with_capacity(changes.len());
        for (stream, event) in changes {
            let version = self.states.get(&stream).map_or(StreamVersion::ZERO, |state| state.0);
            let stamp = Stamp {
                position: self.position.next(),
                version: version.next(),
                occurred_at,
                recorded_at: now,
            };
            let event = FeedEvent { stream, stamp, origin, event };
            self.fold(&event)?;
            events.push(event);
        }
        Ok(events)
    }

    /// What a command leads to, unless it is refused. Nothing is recorded.
    pub(crate) fn decide(
        &self,
        command: &Command,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Vec<Change>, Refused> {
        let get = |stream: StreamId| Ok(self.states.get(&stream).map(|(_, state)| state.clone()));
        let context = Context { now, actor, origin: Origin::Live };
        domain::decide(&View::new(get), command, &context).map_err(Refused::Rejected)
    }

    /// Carries a command out.
    pub(crate) fn ask(
        &mut self,
        command: &Command,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Vec<FeedEvent>, Refused> {
        let changes = self.decide(command, actor, now)?;
        let changes = changes.into_iter().map(|change| (change.stream, change.event)).collect();
        self.record(changes, Origin::Live, (now, now)).map_err(Refused::Broken)
    }

    pub(crate) fn ticket(&self, id: TicketId) -> Option<&Arc<Ticket>> {
        match self.states.get(&id.into())? {
            (_, State::Ticket(ticket)) => Some(ticket),
            _ => None,
        }
    }

    pub(crate) fn rules(&self) -> Arc<domain::rules::RuleSet> {
        match self.states.get(&StreamId::RULES) {
            Some((_, State::Rules(rules))) => Arc::clone(rules),
            _ => Arc::default(),
        }
    }

    pub(crate) fn tickets(&self) -> impl Iterator<Item = &Arc<Ticket>> {
        self.states.values().filter_map(|(_, state)| match state {
            State::Ticket(ticket) => Some(ticket),
            _ => None,
        })
    }
}
