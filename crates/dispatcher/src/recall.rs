//! What the core decides about one ticket or engineer, asked instead of handed out: for whoever holds a
//! recorded decision against the events that it was based on, and acts on nothing.
//!
//! A core that only [replays](Dispatcher::replay) knows everything that was recorded. What a live one
//! knew beside that are places that it had asked for, which the log has later and the asker
//! [notes](Dispatcher::note_on_its_way), and refusals, which no log has: [`Recalled::after_refusals`]
//! is what would have been decided next, and a [`Supposition`] says whom they were about.

use domain::ticket::{Assign, Link, LinkKind, QueueReason, TicketCommand, ToSupervisor};
use domain::{Command, CommandId, EngineerId, Filter, StreamId, TicketId, Timestamp};

use crate::action::command_id;
use crate::core::Dispatcher;
use crate::{duty, freeze};

/// One after the other; a ticket has not more links that can be refused than candidates.
const REFUSALS_MAX: usize = 16;

/// A command with its name, as it would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recalled {
    /// Its name.
    pub id: CommandId,
    /// What it asks for.
    pub command: Command,
    /// How many decisions before it would have to have come to nothing.
    pub after_refusals: usize,
}

/// Something that a live core may have known of an engineer and that no log holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supposition {
    /// So many places had been asked for, by commands that were lost or refused.
    PlacesAsked(u8),
    /// The log had just refused the engineer.
    Refused(Filter),
}

impl Supposition {
    /// Those that are tried, likelier ones first.
    pub const ALL: [Self; 5] = [
        Self::PlacesAsked(1),
        Self::PlacesAsked(2),
        Self::Refused(Filter::NoFreePlace),
        Self::Refused(Filter::Frozen),
        Self::Refused(Filter::OffDuty),
    ];
}

impl Dispatcher {
    /// What it decides about this ticket or engineer at this time, whether or not something about it
    /// is on its way; then what it would decide if that came to nothing. Nothing is changed.
    pub fn recall(&mut self, stream: StreamId, now: Timestamp) -> Vec<Recalled> {
        if let Some(id) = stream.ticket() {
            return self.recall_ticket(id, now);
        }
        let decided = stream.engineer().and_then(|id| {
            let entry = self.engineers.get(id)?;
            let roster = || duty::decide(&entry.engineer, &entry.roster, now);
            let (key, command, _) = freeze::decide(entry, now).or_else(roster)?;
            Some((key, Command::Engineer(id, command)))
        });
        decided.map(|(key, command)| recalled(key, command, 0)).into_iter().collect()
    }

    /// Notes an assignment that was decided and that the log has later: its place is taken from here
    /// on, until the log says so itself.
    pub fn note_on_its_way(&mut self, ticket: TicketId, command: &TicketCommand) {
        if let Some((engineer, number)) = asks_for(command)
            && let Some(entry) = self.engineers.get_mut(engineer)
        {
            entry.reserved.insert((ticket, number));
        }
    }

    /// Takes back what was noted: it was not this core's, or came to nothing.
    pub fn forget_on_its_way(&mut self, ticket: TicketId, command: &TicketCommand) {
        if let Some((engineer, number)) = asks_for(command)
            && let Some(entry) = self.engineers.get_mut(engineer)
        {
            entry.reserved.remove(&(ticket, number));
        }
    }

    /// [`Dispatcher::recall`], supposing this of an engineer.
    pub fn recall_supposing(
        &mut self,
        stream: StreamId,
        now: Timestamp,
        engineer: EngineerId,
        supposed: Supposition,
    ) -> Vec<Recalled> {
        // No ticket has this number: those of the log begin at one.
        let place = |nth: u8| (TicketId::from_u128(0), u32::from(nth));
        let Some(entry) = self.engineers.get_mut(engineer) else { return Vec::new() };
        let before = entry.doubt;
        match supposed {
            Supposition::PlacesAsked(places) => entry.reserved.extend((0..places).map(place)),
            Supposition::Refused(filter) => entry.doubt(filter, now),
        }
        let found = self.recall(stream, now);
        if let Some(entry) = self.engineers.get_mut(engineer) {
            entry.doubt = before;
            if let Supposition::PlacesAsked(places) = supposed {
                (0..places).for_each(|nth| {
                    entry.reserved.remove(&place(nth));
                });
            }
        }
        found
    }

    /// Everybody whom it knows.
    pub fn engineers(&self) -> Vec<EngineerId> {
        self.engineers.ids()
    }

    fn recall_ticket(&mut self, id: TicketId, now: Timestamp) -> Vec<Recalled> {
        if let Some(version) = self.strays.get(&id) {
            let command = ToSupervisor { reason: Some(QueueReason::Escalated) };
            let key = format!("to-supervisor/{id}/{version}");
            return vec![recalled(key, Command::Ticket(id, command.into()), 0)];
        }
        let Some(entry) = self.tickets.get(id) else { return Vec::new() };
        let (was_overtaken, links) = (entry.overtaken, entry.refused_links.len());
        let mut found = Vec::new();
        while found.len() < REFUSALS_MAX {
            let Some(entry) = self.tickets.get(id).filter(|entry| entry.is_live()) else { break };
            let Some((key, command)) = self.decide_ticket(entry, now) else { break };
            let refused = refusal(&command);
            found.push(recalled(key, Command::Ticket(id, command), found.len()));
            match refused {
                Some(Refusable::Link(link)) => {
                    self.tickets.change(id, |entry| entry.refused_links.push(link));
                }
                Some(Refusable::Offer) if self.tickets.get(id).is_some_and(|it| it.overtaken) => {
                    self.tickets.change(id, |entry| entry.overtaken = false);
                }
                _ => break,
            }
        }
        self.tickets.change(id, |entry| {
            entry.overtaken = was_overtaken;
            entry.refused_links.truncate(links);
        });
        found
    }
}

/// What can come to nothing without anything else having changed.
enum Refusable {
    Link((TicketId, LinkKind)),
    Offer,
}

fn refusal(command: &TicketCommand) -> Option<Refusable> {
    match command {
        TicketCommand::Link(Link { to: Some(to), kind: Some(kind), .. }) => {
            Some(Refusable::Link((*to, *kind)))
        }
        TicketCommand::Offer(_) => Some(Refusable::Offer),
        _ => None,
    }
}

fn asks_for(command: &TicketCommand) -> Option<(EngineerId, u32)> {
    match command {
        TicketCommand::Assign(Assign { engineer: Some(engineer), after: Some(after), .. }) => {
            Some((*engineer, after + 1))
        }
        _ => None,
    }
}

fn recalled(key: String, command: Command, after_refusals: usize) -> Recalled {
    Recalled { id: command_id(key), command, after_refusals }
}
