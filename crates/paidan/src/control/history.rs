//! All that happened to a ticket.

use domain::{GlobalPosition, StreamVersion, TicketId, TicketNumber};
use eventlog::{EventLog, SledLog};

use super::handler::{Ended, Replies};
use super::protocol::{Failure, FailureKind, Reply, TicketRef};
use super::views::{EventView, TicketView};

/// So many events are read at once.
const PAGE: usize = 256;

pub(super) fn answer(
    log: &SledLog,
    named: TicketRef,
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    let ticket = find(log, named)?;
    let mut page = log.read_stream(ticket.into(), StreamVersion::ZERO, PAGE).map_err(unread)?;
    let Some(first) = page.first() else { return Err(not_found(named)) };
    replies.send(Reply::Ticket(TicketView {
        ticket,
        number: TicketNumber::from_position(first.position),
        version: log.stream_version(ticket.into()).map_err(unread)?,
    }))?;
    while let Some(last) = page.last() {
        let after = last.version;
        for event in &page {
            let view =
                EventView::new(event).map_err(|error| Failure::of(FailureKind::Failed, &error))?;
            replies.send(Reply::Event(Box::new(view)))?;
        }
        page = log.read_stream(ticket.into(), after, PAGE).map_err(unread)?;
    }
    Ok(())
}

fn find(log: &SledLog, named: TicketRef) -> Result<TicketId, Ended> {
    let number = match named {
        TicketRef::Id(id) => return Ok(id),
        TicketRef::Number(number) => number,
    };
    let before = number.position().get().checked_sub(1).ok_or_else(|| not_found(named))?;
    let events = log.read(GlobalPosition::new(before), 1).map_err(unread)?;
    // A number stands for the position of a ticket's first event and no other.
    let first = events.first().filter(|event| event.version == StreamVersion::FIRST);
    first.and_then(|event| event.stream.ticket()).ok_or_else(|| not_found(named))
}

fn not_found(named: TicketRef) -> Ended {
    let message = format!("there is no ticket {named}; check the id or number");
    Failure::new(FailureKind::NotFound, message).into()
}

fn unread(error: eventlog::ReadError) -> Ended {
    let mut failure = Failure::new(FailureKind::Failed, "the ticket's history could not be read");
    failure.because = Some(Box::new(Failure::of(FailureKind::Failed, &error)));
    failure.into()
}
