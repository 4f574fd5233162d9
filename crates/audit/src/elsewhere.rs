//! What another system's history names: files of which only the names came along. One counts as
//! arrived when something with its name is attached to its ticket.

use std::collections::HashMap;

use domain::attachment::AttachmentEvent;
use domain::ticket::{ImportedStep, TicketEvent};
use domain::{Event, GlobalPosition, TicketId, Timestamp};
use eventlog::{EventLog, ReadError, RecordedEvent};

use crate::NeverArrived;

/// Files that were named and did not come yet.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    /// In the order of the log; nothing where the file came.
    files: Vec<Option<(Timestamp, NeverArrived)>>,
    /// Places of each ticket's files. Live tickets have none, and are most.
    of_ticket: HashMap<TicketId, Vec<usize>>,
}

impl Elsewhere {
    /// Takes one event in, whose personal part may be sealed: names are opened here, and only where
    /// there are any.
    pub(crate) fn apply(
        &mut self,
        event: &RecordedEvent,
        log: &dyn EventLog,
    ) -> Result<(), ReadError> {
        match &event.event {
            Event::Ticket(TicketEvent::Imported(imported)) => {
                if let ImportedStep::AttachmentsNamed { count } = imported.step
                    && let Some(ticket) = event.stream.ticket()
                {
                    self.name(ticket, count, &opened(log, event)?);
                }
            }
            Event::Attachment(AttachmentEvent::AttachmentLinked(linked))
                if self.of_ticket.get(&linked.ticket).is_some_and(|places| !places.is_empty()) =>
            {
                self.arrive(linked.ticket, &opened(log, event)?);
            }
            _ => {}
        }
        Ok(())
    }

    fn name(&mut self, ticket: TicketId, count: u32, event: &RecordedEvent) {
        let words = match &event.event {
            Event::Ticket(TicketEvent::Imported(imported)) => imported.words.known(),
            _ => None,
        };
        let places = self.of_ticket.entry(ticket).or_default();
        for number in 0..count as usize {
            let name = words.and_then(|words| words.attachment_names.get(number)).cloned();
            let RecordedEvent { position, occurred_at, recorded_at, .. } = *event;
            places.push(self.files.len());
            let file = NeverArrived { ticket, position, occurred_at, name };
            self.files.push(Some((recorded_at, file)));
        }
    }

    /// One file stands for one name: of two that are called the same, the second may still be lost.
    fn arrive(&mut self, ticket: TicketId, event: &RecordedEvent) {
        let Event::Attachment(AttachmentEvent::AttachmentLinked(linked)) = &event.event else {
            return;
        };
        let Some(came) = linked.claims.known().map(|claims| file_name(&claims.name)) else {
            return;
        };
        let is_it = |place: &usize| {
            let file = self.files.get(*place).and_then(Option::as_ref);
            let name = file.and_then(|(_, file)| file.name.as_deref());
            name.is_some_and(|name| file_name(name).eq_ignore_ascii_case(came))
        };
        let Some(places) = self.of_ticket.get_mut(&ticket) else { return };
        let Some(at) = places.iter().position(is_it) else { return };
        if let Some(file) = self.files.get_mut(places.remove(at)) {
            *file = None;
        }
    }

    /// What did not come, and when its name was recorded.
    pub(crate) fn never_arrived(&self) -> impl Iterator<Item = (Timestamp, &NeverArrived)> {
        self.files.iter().flatten().map(|(recorded_at, file)| (*recorded_at, file))
    }
}

/// The same event with what is personal in it.
fn opened(log: &dyn EventLog, event: &RecordedEvent) -> Result<RecordedEvent, ReadError> {
    let before = GlobalPosition::new(event.position.get().saturating_sub(1));
    Ok(log.read(before, 1)?.pop().unwrap_or_else(|| event.clone()))
}

/// The last part of a path as any system writes it.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path).trim()
}
