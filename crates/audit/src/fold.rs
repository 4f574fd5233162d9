//! What the log says up to a position: a fold of its own, from the first event on.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

use domain::ticket::event::Imported;
use domain::ticket::{ImportedStep, TicketEvent};
use domain::{CustomerId, Event, GlobalPosition, TicketId, Timestamp};
use eventlog::{EventLog, RecordedEvent};
use projector::attachments::Attachments;
use projector::{Changes, Past, Projection, RebuildError, read_ahead};

use crate::elsewhere::Elsewhere;
use crate::handover::Timelines;
use crate::{Error, Scope};

/// What an audit needs to know.
pub(crate) struct Folded {
    pub(crate) position: GlobalPosition,
    pub(crate) recorded_at: Option<Timestamp>,
    pub(crate) attachments: Attachments,
    pub(crate) elsewhere: Elsewhere,
    pub(crate) tickets: Tickets,
    pub(crate) timelines: Option<Timelines>,
}

/// Whose tickets are whose, and which go on elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Tickets {
    customers: HashMap<TicketId, CustomerId>,
    merged_from: HashMap<TicketId, Vec<TicketId>>,
}

impl Tickets {
    fn apply(&mut self, id: TicketId, event: &TicketEvent) {
        match event {
            TicketEvent::Created(created) => self.customer(id, created.customer),
            TicketEvent::DetailsAdded(details) => self.customer(id, details.customer),
            TicketEvent::Imported(Imported {
                step: ImportedStep::Opened { customer, .. }, ..
            }) => self.customer(id, *customer),
            TicketEvent::Merged(merged) => {
                self.merged_from.entry(merged.into).or_default().push(id);
            }
            _ => {}
        }
    }

    fn customer(&mut self, id: TicketId, customer: Option<CustomerId>) {
        if let Some(customer) = customer {
            self.customers.insert(id, customer);
        }
    }

    /// The tickets of a scope, with those merged into them; nothing: all tickets.
    pub(crate) fn within(&self, scope: &Scope) -> Option<BTreeSet<TicketId>> {
        if scope.ticket.is_none() && scope.customer.is_none() {
            return None;
        }
        let of_customer = |id: &TicketId| match scope.customer {
            None => true,
            Some(customer) => self.customers.get(id) == Some(&customer),
        };
        let mut open: Vec<TicketId> = match scope.ticket {
            Some(ticket) => vec![ticket],
            None => self.customers.keys().copied().collect(),
        };
        open.retain(of_customer);
        let mut within = BTreeSet::new();
        while let Some(ticket) = open.pop() {
            if within.insert(ticket) {
                open.extend(self.merged_from.get(&ticket).into_iter().flatten());
            }
        }
        Some(within)
    }
}

/// What is folded beside the attachments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) tickets: bool,
    pub(crate) timelines: bool,
}

impl Wanted {
    /// Which attachments there are, and nothing else.
    pub(crate) const NAMES: Self = Self { tickets: false, timelines: false };
}

impl Folded {
    fn empty(wanted: Wanted) -> Self {
        Self {
            position: GlobalPosition::ZERO,
            recorded_at: None,
            attachments: Attachments::empty(),
            elsewhere: Elsewhere::default(),
            tickets: Tickets::default(),
            timelines: wanted.timelines.then(Timelines::default),
        }
    }

    fn apply(
        &mut self,
        event: &RecordedEvent,
        wanted: Wanted,
        log: &dyn EventLog,
    ) -> Result<(), RebuildError> {
        let position = event.position;
        let stopped = |source| RebuildError::Apply { position, source };
        self.attachments.apply(event, Past::new(log), &mut Changes::unseen()).map_err(stopped)?;
        self.elsewhere.apply(event, log)?;
        if wanted.tickets
            && let (Event::Ticket(what), Some(ticket)) = (&event.event, event.stream.ticket())
        {
            self.tickets.apply(ticket, what);
        }
        if let Some(timelines) = &mut self.timelines {
            timelines.apply(event);
        }
        self.position = position;
        self.recorded_at = Some(event.recorded_at);
        Ok(())
    }
}

/// Folds the log up to a position.
pub(crate) fn fold(
    log: &dyn EventLog,
    until: GlobalPosition,
    wanted: Wanted,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<Folded, Error> {
    let mut folded = Folded::empty(wanted);
    let mut broken_off = false;
    read_ahead(log, GlobalPosition::ZERO, until, |events| {
        for event in &events {
            folded.apply(event, wanted, log)?;
        }
        let flow = progress(folded.position.get(), until.get());
        broken_off = flow.is_break();
        Ok(flow)
    })?;
    if broken_off { Err(Error::BrokenOff) } else { Ok(folded) }
}
