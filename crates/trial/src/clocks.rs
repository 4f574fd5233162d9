//! Since when tickets stand as they do, followed from event to event.

use std::collections::HashMap;

use domain::ticket::{Phase, Ticket, TicketEvent, Via};
use domain::{EngineerId, TicketId, Timestamp};

/// Who was asked to take a ticket, and when.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) at: Timestamp,
    pub(crate) engineers: Vec<EngineerId>,
}

/// Since when tickets stand as they do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clocks {
    pub(crate) asked: HashMap<TicketId, Asked>,
    /// The last thing that was done about accepted work.
    pub(crate) work: HashMap<TicketId, Timestamp>,
    pub(crate) queued: HashMap<TicketId, Timestamp>,
}

impl Clocks {
    /// What an event says of who was asked when, and since when a ticket is worked on or queued.
    pub(crate) fn follow(
        &mut self,
        id: TicketId,
        event: &TicketEvent,
        at: Timestamp,
        ticket: Option<&Ticket>,
    ) {
        match event {
            TicketEvent::Assigned(it) if it.via == Via::Choice => {
                self.asked.insert(id, Asked { at, engineers: vec![it.engineer] });
            }
            TicketEvent::Offered(it) => {
                self.asked.insert(id, Asked { at, engineers: it.engineers.clone() });
            }
            TicketEvent::OfferDeclined(it) => {
                if let Some(asked) = self.asked.get_mut(&id) {
                    asked.engineers.retain(|one| *one != it.engineer);
                }
            }
            TicketEvent::Accepted(_) => {
                self.work.insert(id, at);
            }
            _ => {}
        }
        let Some(ticket) = ticket else { return };
        if !matches!(ticket.phase, Phase::Assigned { .. } | Phase::Offered { .. }) {
            self.asked.remove(&id);
        }
        match &ticket.phase {
            Phase::Queued { .. } => {
                self.queued.entry(id).or_insert(at);
            }
            _ => {
                self.queued.remove(&id);
            }
        }
        if matches!(ticket.phase, Phase::Merged { .. } | Phase::Cancelled { .. }) {
            self.work.remove(&id);
        }
    }
}
