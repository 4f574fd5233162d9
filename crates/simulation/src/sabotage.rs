//! Parts of the system taken out. No part of the product leads here.

use dispatcher::FeedEvent;
use domain::engineer::{EngineerEvent, OfflineReason, PlaceTaken, WentOffline};
use domain::ticket::{Assign, TicketCommand, TicketEvent, Via, event::Assigned};
use domain::{Command, DispatchReason, Event, EventId, Rule, RuleSetVersion};
use engine::Submission;
use eventlog::{Append, AppendHeader, EventLog as _, Expected, Fingerprint, NewEvent};

use crate::firm::Firm;

/// Records a dispatcher's assignment as if nobody had the ticket. Says whether it did.
pub(crate) fn record_unasked(firm: &mut Firm, submission: &Submission) -> bool {
    let Command::Ticket(id, TicketCommand::Assign(assign)) = &submission.command else {
        return false;
    };
    let (Assign { engineer: Some(engineer), reason, .. }, Some(ticket)) = (assign, firm.see(*id))
    else {
        return false;
    };
    if firm.is_held() {
        return false;
    }
    let (now, number) = (firm.now(), ticket.assignments + 1);
    let plain = || DispatchReason::plain(Rule::LeastLoaded, RuleSetVersion::SHIPPED);
    let assigned = Assigned {
        number,
        engineer: *engineer,
        via: Via::Choice,
        due: now.plus(std::time::Duration::from_secs(1_800)),
        reason: reason.clone().unwrap_or_else(plain),
    };
    let taken = PlaceTaken { ticket: *id, assignment: number };
    let events = [
        ((*id).into(), Event::Ticket(assigned.into())),
        ((*engineer).into(), Event::Engineer(taken.into())),
    ];
    let expects = events.each_ref().map(|(stream, _)| Expected {
        stream: *stream,
        version: firm.log.stream_version(*stream).expect("memory can be read"),
    });
    let new = |(place, (stream, event)): (u128, (domain::StreamId, Event))| NewEvent {
        stream,
        id: EventId::from_u128(u128::from(firm.head().get()) << 8 | place),
        occurred_at: now,
        subject: stream,
        event,
    };
    let header = AppendHeader {
        command: submission.id.clone(),
        fingerprint: Fingerprint([0; 16]),
        actor: submission.actor,
        caused_by: submission.caused_by,
        origin: submission.origin,
        basis: submission.basis,
    };
    let events = (0..).zip(events).map(new).collect();
    let append = Append { header, expects: expects.into(), events, now };
    let is_recorded = firm.log.submit(append).is_ok();
    // It reads what was written behind its back.
    firm.restart();
    is_recorded
}

/// The same command under another name, and on whatever the ticket has come to.
pub(crate) fn rename(submission: &mut Submission, by_chance: usize) {
    submission.id.key = format!("{}/{by_chance}", submission.id.key);
    if let Command::Ticket(_, TicketCommand::Assign(assign)) = &mut submission.command {
        assign.after = None;
    }
}

/// What somebody hears who does not hear that others go off duty.
pub(crate) fn misheard(event: &FeedEvent) -> Option<FeedEvent> {
    let Event::Engineer(EngineerEvent::DutyEnded(_)) = &event.event else { return None };
    let heard = WentOffline { why: OfflineReason::LeaseEnded };
    Some(FeedEvent { event: Event::Engineer(heard.into()), ..event.clone() })
}

/// What somebody sees who sees no pictures.
pub(crate) fn unseen(event: &FeedEvent) -> Option<FeedEvent> {
    let Event::Ticket(seen) = &event.event else { return None };
    let mut seen = seen.clone();
    match &mut seen {
        TicketEvent::Created(created) => created.attachments.clear(),
        TicketEvent::DetailsAdded(added) => added.attachments.clear(),
        TicketEvent::Noted(noted) => noted.attachments.clear(),
        _ => return None,
    }
    Some(FeedEvent { event: Event::Ticket(seen), ..event.clone() })
}
