//! What agents do at the counter: claim, appoint, note, link, merge, cancel.

use super::ledger::{self, Ledger};
use crate::Party;
use crate::limits;
use crate::reason::LinkReason;
use crate::rejection::Rejection;
use crate::ticket::event::{
    Appointed, AppointmentMissed, AttachmentRemoved, Cancelled, ClaimEnded, Claimed, Linked,
    Merged, MergedFrom, Noted, Unlinked, Urged,
};
use crate::ticket::{
    Appoint, Appointment, Cancel, Claim, Link, LinkKind, Merge, Note, Notice, Phase, Recipient,
    RemoveAttachment, Stage, Unlink, Urge, WithdrawReason, Work,
};

pub(super) fn claim(ledger: &mut Ledger<'_>, claim: &Claim) -> Result<(), Rejection> {
    let named = match (claim.agent, ledger.context.actor.party) {
        (Some(agent), _)
        | (None, Party::Agent(agent) | Party::Supervisor(agent) | Party::Director(agent)) => agent,
        _ => return Err(Rejection::invalid("agent", "name the agent, as `st_…`")),
    };
    if let Phase::Claimed { agent, due } = ledger.ticket.phase {
        if agent == named {
            return Ok(());
        }
        return Err(Rejection::ClaimedBy { agent, until: due });
    }
    let span = ledger.rules().queue.claim_within;
    let due = ledger.service_due(span, ledger.ticket.urgent);
    ledger.record(Claimed { agent: named, due });
    Ok(())
}

pub(super) fn end_claim(ledger: &mut Ledger<'_>) -> Result<(), Rejection> {
    if let Phase::Claimed { due, .. } = ledger.ticket.phase {
        // The agent may put it down early; a timer may not take it away early.
        if ledger.context.actor.party == Party::Dispatcher && ledger.now() < due {
            return Err(Rejection::NotDue { due });
        }
        let entry = ledger.entry();
        ledger.record(ClaimEnded { entry });
    }
    Ok(())
}

pub(super) fn appoint(ledger: &mut Ledger<'_>, appoint: &Appoint) -> Result<(), Rejection> {
    let window = "a visit needs `from` and `until`, in this order, as RFC 3339";
    let (Some(from), Some(until)) = (appoint.from, appoint.until) else {
        return Err(Rejection::invalid("from", window));
    };
    if from >= until {
        return Err(Rejection::invalid("until", window));
    }
    ledger.sensible("until", until)?;
    let agreed =
        |visit: Appointment| (visit.from, visit.until, visit.missed) == (from, until, false);
    if ledger.ticket.appointment.is_some_and(agreed) && appoint.words.trim().is_empty() {
        return Ok(());
    }
    let words = ledger::words("words", &appoint.words)?;
    let silent_after = ledger.rules().work.silent_after.duration();
    let due = matches!(ledger.ticket.phase, Phase::Working(_)).then(|| from.plus(silent_after));
    ledger.record(Appointed { from, until, due, words });
    Ok(())
}

pub(super) fn miss_appointment(ledger: &mut Ledger<'_>) -> Result<(), Rejection> {
    let there = matches!(ledger.ticket.phase, Phase::Working(Work { stage: Stage::Arrived, .. }));
    if let Some(visit) = ledger.ticket.appointment.filter(|visit| !visit.missed && !there) {
        if ledger.now() < visit.until {
            return Err(Rejection::NotDue { due: visit.until });
        }
        ledger.record(AppointmentMissed { until: visit.until });
        ledger.tell(Recipient::Agents, Notice::OwnerSilent);
    }
    Ok(())
}

pub(super) fn note(ledger: &mut Ledger<'_>, note: &Note) -> Result<(), Rejection> {
    let brought = ledger.brought(&note.attachments)?;
    if brought.is_empty() && note.words.trim().is_empty() {
        return Err(Rejection::invalid("words", "write something, or send an attachment"));
    }
    let words = ledger::words_with("words", &note.words, &brought)?;
    ledger.record_with(&brought, Noted { attachments: brought.references(), words });
    Ok(())
}

pub(super) fn remove_attachment(
    ledger: &mut Ledger<'_>,
    remove: &RemoveAttachment,
) -> Result<(), Rejection> {
    let hash = remove.hash.ok_or_else(|| {
        Rejection::invalid("hash", "name the attachment by the hash that the ticket's history has")
    })?;
    let words = ledger::words("words", &remove.words)?;
    let named = ledger.ticket.attachment(hash).ok_or_else(|| {
        let problem = "this ticket names no such attachment; that of another is removed there";
        Rejection::invalid("hash", problem)
    })?;
    if !named.removed {
        ledger.record(AttachmentRemoved { hash, words });
    }
    Ok(())
}

pub(super) fn urge(ledger: &mut Ledger<'_>, urge: &Urge) -> Result<(), Rejection> {
    let words = ledger::words("words", &urge.words)?;
    ledger.record(Urged { count: ledger.ticket.urges + 1, words });
    let whom = match ledger.ticket.assignment() {
        Some(assignment) => Recipient::Engineer(assignment.engineer),
        None => Recipient::Agents,
    };
    ledger.tell(whom, Notice::Urged);
    Ok(())
}

pub(super) fn merge(ledger: &mut Ledger<'_>, merge: &Merge) -> Result<(), Rejection> {
    let target = ledger.other_ticket("into", merge.into)?;
    // A merged ticket is never a target, so merges cannot go in a circle, and of two opposite
    // merges the first leaves the second nothing to merge into.
    if let Phase::Merged { into, .. } = target.phase {
        return Err(Rejection::MergedInto { into });
    }
    if !target.is_open() {
        return Err(Rejection::invalid("into", "names a ticket that has ended; name an open one"));
    }
    if let Phase::Duplicate { of, .. } = target.phase {
        return Err(Rejection::LinkChain { ticket: target.id, of });
    }
    let due = ledger.unassigned_due();
    ledger.release(WithdrawReason::TicketEnded, due);
    ledger.record(Merged { into: target.id });
    ledger.record_of(&target, MergedFrom { ticket: ledger.ticket.id });
    Ok(())
}

pub(super) fn link(ledger: &mut Ledger<'_>, link: &Link) -> Result<(), Rejection> {
    let other = ledger.other_ticket("to", link.to)?;
    let kind = link.kind.unwrap_or(LinkKind::Related);
    let waits = matches!(ledger.ticket.phase, Phase::Duplicate { of, .. } if of == other.id);
    let within = match kind {
        LinkKind::Duplicate => Some(ledger.rules().queue.duplicate_within),
        LinkKind::Suspected => Some(ledger.rules().duplicates.ask_within),
        LinkKind::RepeatVisit | LinkKind::Split | LinkKind::Related => None,
    };
    // A duplicate that was sent on its own way can be held back again.
    let holds = within.is_none() || waits;
    if ledger.ticket.links.contains(&(other.id, kind)) && holds {
        return Ok(());
    }
    // The dispatcher links new reports, and nothing that a person told apart. What somebody got or took
    // in hand meanwhile stays with them.
    if ledger.context.actor.party == Party::Dispatcher
        && (!ledger.ticket.awaits_first_dispatch() || ledger.ticket.told_apart.contains(&other.id))
    {
        return Ok(());
    }
    limits::list("links", ledger.ticket.links.len() + 1)?;
    let reason = reason(link.reason.as_ref())?;
    let mut due = None;
    if let Some(within) = within {
        if let Phase::Duplicate { of, .. } = other.phase {
            return Err(Rejection::LinkChain { ticket: other.id, of });
        }
        if !other.is_open() || matches!(other.phase, Phase::Resolved { .. }) {
            let problem = "names a ticket that is done; link as `repeat_visit` instead";
            return Err(Rejection::invalid("to", problem));
        }
        // Somebody who works on it already knows better than a rule. A suspicion can be confirmed.
        let suspected = ledger.ticket.suspected_of().is_some() && kind == LinkKind::Duplicate;
        let stoppable = matches!(
            ledger.ticket.phase,
            Phase::CallBack { .. }
                | Phase::Claimed { .. }
                | Phase::Waiting { .. }
                | Phase::Offered { .. }
                | Phase::Assigned { .. }
                | Phase::Queued { .. }
        );
        if !stoppable && !suspected {
            let problem = "a ticket that is being worked on or has ended cannot become a duplicate";
            return Err(Rejection::invalid("kind", problem));
        }
        let then = ledger.now().plus(within.duration());
        ledger.release(WithdrawReason::TicketEnded, then);
        due = Some(then);
    }
    ledger.record(Linked { to: other.id, kind, due, reason });
    if kind == LinkKind::Suspected {
        ledger.tell(Recipient::Agents, Notice::InYourQueue);
    }
    Ok(())
}

fn reason(given: Option<&LinkReason>) -> Result<Option<LinkReason>, Rejection> {
    if given.is_some_and(|reason| reason.candidates.len() > LinkReason::CANDIDATES_MAX) {
        let problem = format!("name the best {} at most", LinkReason::CANDIDATES_MAX);
        return Err(Rejection::invalid("reason.candidates", problem));
    }
    Ok(given.cloned())
}

pub(super) fn unlink(ledger: &mut Ledger<'_>, unlink: &Unlink) -> Result<(), Rejection> {
    let target = ledger.other_ticket("from", unlink.from)?;
    let other = target.id;
    if !ledger.ticket.links.iter().any(|(ticket, _)| *ticket == other) {
        return Ok(());
    }
    // The dispatcher ends a question that nobody answered, and releases what waits for a ticket that
    // has ended. What an agent has confirmed meanwhile stays as it is.
    if ledger.context.actor.party == Party::Dispatcher && target.is_open() {
        match ledger.ticket.phase {
            Phase::Duplicate { due, .. } if ledger.ticket.suspected_of() == Some(other) => {
                // Nobody who has an urgent fault waits for an answer.
                if ledger.now() < due && !ledger.ticket.urgent {
                    return Err(Rejection::NotDue { due });
                }
            }
            _ => return Ok(()),
        }
    }
    let waited = matches!(ledger.ticket.phase, Phase::Duplicate { of, .. } if of == other);
    let entry = waited.then(|| ledger.entry());
    ledger.record(Unlinked { from: other, entry });
    Ok(())
}

pub(super) fn cancel(ledger: &mut Ledger<'_>, cancel: &Cancel) -> Result<(), Rejection> {
    let words = ledger::words("words", &cancel.words)?;
    let due = ledger.unassigned_due();
    ledger.release(WithdrawReason::TicketEnded, due);
    ledger.record(Cancelled { words });
    Ok(())
}
