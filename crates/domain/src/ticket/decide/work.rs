//! What the owner does, from acceptance to 完工.

use super::ledger::{self, Ledger};
use crate::engineer::PlaceFreedReason;
use crate::id::EngineerId;
use crate::limits;
use crate::rejection::Rejection;
use crate::ticket::event::{
    Arrived, Departed, Held, HelperAdded, HelperRemoved, OwnerAsked, Resolved, Resumed, Returned,
    SilenceReported, TransferEnded, TransferRequested, Transferred,
};
use crate::ticket::{
    AcceptTransfer, AddHelper, Arrive, AskOwner, Assignment, Depart, EndTransfer, Hold, Notice,
    OpenHold, Phase, Recipient, RemoveHelper, ReportSilence, ResolutionMethod, Resolve, Return,
    Stage, Transfer, Verb, WithdrawReason, Work,
};
use crate::{Party, Timestamp};

/// The work on the ticket; the table of states lets nothing else through.
fn live(ledger: &Ledger<'_>, verb: Verb) -> Result<Work, Rejection> {
    match &ledger.ticket.phase {
        Phase::Working(work) => Ok(*work),
        phase => Err(Rejection::NotAllowed { verb, phase: phase.name() }),
    }
}

/// The work, if it is this engineer's, or of whoever sends the request.
fn own(ledger: &Ledger<'_>, verb: Verb, named: Option<EngineerId>) -> Result<Work, Rejection> {
    let work = live(ledger, verb)?;
    let owner = work.assignment.engineer;
    // An agent may say it for the owner.
    let acting = ledger.speaker(named).unwrap_or(owner);
    if acting == owner { Ok(work) } else { Err(Rejection::NotYours { engineer: acting, owner }) }
}

pub(super) fn give_back(ledger: &mut Ledger<'_>, give_back: &Return) -> Result<(), Rejection> {
    let work = own(ledger, Verb::Return, give_back.engineer)?;
    let words = ledger::required_words("words", &give_back.words)?;
    let Assignment { number, engineer, .. } = work.assignment;
    let due = ledger.unassigned_due();
    ledger.record(Returned { number, engineer, due, words });
    ledger.free_place(&work.assignment, PlaceFreedReason::Returned);
    Ok(())
}

pub(super) fn transfer(ledger: &mut Ledger<'_>, transfer: &Transfer) -> Result<(), Rejection> {
    let work = own(ledger, Verb::Transfer, None)?;
    let to =
        transfer.to.ok_or_else(|| Rejection::invalid("to", "name the colleague, as `en_…`"))?;
    if to == work.assignment.engineer {
        return Err(Rejection::invalid("to", "names the owner; name a colleague"));
    }
    if work.transfer.is_some_and(|asked| asked.to == to) {
        return Ok(());
    }
    let colleague = ledger.engineer("to", to)?;
    ledger.must_be_free(&colleague, true)?;
    let due = ledger.service_due(ledger.rules().accept.transfer_within, ledger.ticket.urgent);
    ledger.record(TransferRequested { number: work.assignment.number, to, due });
    Ok(())
}

pub(super) fn accept_transfer(
    ledger: &mut Ledger<'_>,
    accept: &AcceptTransfer,
) -> Result<(), Rejection> {
    let work = live(ledger, Verb::AcceptTransfer)?;
    let id = ledger.acting_engineer(accept.engineer)?;
    if work.assignment.engineer == id {
        return Ok(());
    }
    if work.transfer.is_none_or(|asked| asked.to != id) {
        return Err(Rejection::NotOffered { engineer: id });
    }
    let colleague = ledger.engineer("engineer", id)?;
    ledger.must_be_free(&colleague, false)?;
    let number = ledger.ticket.assignments + 1;
    let due = ledger.silent_due();
    ledger.record(Transferred { number, from: work.assignment.engineer, to: id, due });
    ledger.free_place(&work.assignment, PlaceFreedReason::Transferred);
    ledger.take_place(id, number);
    Ok(())
}

pub(super) fn end_transfer(ledger: &mut Ledger<'_>, end: &EndTransfer) -> Result<(), Rejection> {
    let work = live(ledger, Verb::EndTransfer)?;
    let number = work.assignment.number;
    let Some(asked) = work.transfer.filter(|_| end.assignment.is_none_or(|n| n == number)) else {
        return Ok(());
    };
    if ledger.context.actor.party == Party::Dispatcher && ledger.now() < asked.due {
        return Err(Rejection::NotDue { due: asked.due });
    }
    let due = ledger.silent_due();
    ledger.record(TransferEnded { number, to: asked.to, due });
    Ok(())
}

pub(super) fn depart(ledger: &mut Ledger<'_>, depart: &Depart) -> Result<(), Rejection> {
    let work = own(ledger, Verb::Depart, depart.engineer)?;
    if work.stage == Stage::Accepted {
        let due = ledger.silent_due();
        ledger.record(Departed { number: work.assignment.number, due });
    }
    Ok(())
}

pub(super) fn arrive(ledger: &mut Ledger<'_>, arrive: &Arrive) -> Result<(), Rejection> {
    let work = own(ledger, Verb::Arrive, arrive.engineer)?;
    if work.stage != Stage::Arrived {
        let due = ledger.silent_due();
        ledger.record(Arrived { number: work.assignment.number, due });
    }
    Ok(())
}

pub(super) fn hold(ledger: &mut Ledger<'_>, hold: &Hold) -> Result<(), Rejection> {
    let work = own(ledger, Verb::Hold, None)?;
    let reason = hold.reason.ok_or_else(|| {
        let choices =
            "waiting_for_parts, waiting_for_customer, customer_absent or waiting_for_approval";
        Rejection::invalid("reason", format!("say why: {choices}"))
    })?;
    let until = match hold.until {
        Some(until) => ledger.sensible("until", until)?,
        None => ledger.now().plus(ledger.rules().work.hold_default.duration()),
    };
    // Without a date of its own the same hold again asks for nothing new.
    let holds = |held: OpenHold| {
        held.reason == reason && hold.until.is_none_or(|until| until == held.until)
    };
    if work.hold.is_some_and(holds) {
        return Ok(());
    }
    let words = ledger::words("words", &hold.words)?;
    ledger.record(Held { number: work.assignment.number, reason, until, words });
    Ok(())
}

pub(super) fn resume(ledger: &mut Ledger<'_>) -> Result<(), Rejection> {
    let work = live(ledger, Verb::Resume)?;
    if let Some(held) = work.hold {
        if ledger.context.actor.party == Party::Dispatcher && ledger.now() < held.until {
            return Err(Rejection::NotDue { due: held.until });
        }
        let due = ledger.silent_due();
        ledger.record(Resumed { number: work.assignment.number, due });
    }
    Ok(())
}

pub(super) fn add_helper(ledger: &mut Ledger<'_>, add: &AddHelper) -> Result<(), Rejection> {
    let id = ledger.acting_engineer(add.engineer)?;
    if ledger.engineer("engineer", id)?.profile.retired {
        return Err(Rejection::Retired { engineer: id });
    }
    if ledger.ticket.assignment().is_some_and(|live| live.engineer == id) {
        return Err(Rejection::invalid("engineer", "owns the ticket; name a colleague"));
    }
    if !ledger.ticket.helpers.contains(&id) {
        limits::list("helpers", ledger.ticket.helpers.len() + 1)?;
        ledger.record(HelperAdded { engineer: id });
    }
    Ok(())
}

pub(super) fn remove_helper(
    ledger: &mut Ledger<'_>,
    remove: &RemoveHelper,
) -> Result<(), Rejection> {
    let id = ledger.acting_engineer(remove.engineer)?;
    if ledger.ticket.helpers.contains(&id) {
        ledger.record(HelperRemoved { engineer: id });
    }
    Ok(())
}

fn due_silence(
    ledger: &Ledger<'_>,
    verb: Verb,
    assignment: u32,
    asked: bool,
) -> Result<Option<Work>, Rejection> {
    let work = live(ledger, verb)?;
    if work.assignment.number != assignment || work.asked != asked || work.transfer.is_some() {
        return Ok(None);
    }
    if ledger.now() < work.due {
        return Err(Rejection::NotDue { due: work.due });
    }
    Ok(Some(work))
}

pub(super) fn ask_owner(ledger: &mut Ledger<'_>, ask: &AskOwner) -> Result<(), Rejection> {
    if let Some(work) = due_silence(ledger, Verb::AskOwner, ask.assignment, false)? {
        let due = ledger.service_due(ledger.rules().work.report_after, false);
        ledger.record(OwnerAsked { number: work.assignment.number, due });
        ledger.tell(Recipient::Engineer(work.assignment.engineer), Notice::WhatIsTheState);
    }
    Ok(())
}

pub(super) fn report_silence(
    ledger: &mut Ledger<'_>,
    report: &ReportSilence,
) -> Result<(), Rejection> {
    if let Some(work) = due_silence(ledger, Verb::ReportSilence, report.assignment, true)? {
        let due = ledger.silent_due();
        ledger.record(SilenceReported { number: work.assignment.number, due });
        ledger.tell_supervisor(Notice::OwnerSilent);
    }
    Ok(())
}

pub(super) fn resolve(ledger: &mut Ledger<'_>, resolve: &Resolve) -> Result<(), Rejection> {
    let brought = ledger.brought(&resolve.attachments)?;
    for (field, value) in [("fault_type", &resolve.fault_type), ("cause", &resolve.cause)] {
        value.as_deref().map_or(Ok(()), |value| limits::name(field, value))?;
    }
    limits::list("parts", resolve.parts.len())?;
    limits::names("parts.code", resolve.parts.iter().map(|part| &part.code))?;
    let words = ledger::words_with("words", &resolve.words, &brought)?;
    let live = ledger.ticket.assignment().copied();
    let acting = ledger.speaker(resolve.engineer);
    if let (Some(engineer), Some(assignment)) = (acting, live)
        && engineer != assignment.engineer
    {
        return Err(Rejection::NotYours { engineer, owner: assignment.engineer });
    }
    if let (Some(engineer), None) = (acting, live) {
        ledger.engineer("engineer", engineer)?;
    }
    let default_method =
        if live.is_some() { ResolutionMethod::OnSite } else { ResolutionMethod::ByPhone };
    let now = ledger.now();
    let closes_at = now.plus(ledger.rules().close.silence_after.duration());
    let due = reminder_due(ledger, now, 0, closes_at);
    if matches!(ledger.ticket.phase, Phase::Offered { .. }) {
        ledger.release(WithdrawReason::TicketEnded, due);
    }
    let resolved = Resolved {
        number: live.map(|assignment| assignment.number),
        engineer: live.map(|assignment| assignment.engineer).or(acting),
        method: resolve.method.unwrap_or(default_method),
        fault_type: limits::said(&resolve.fault_type),
        cause: limits::said(&resolve.cause),
        parts: resolve.parts.clone(),
        due,
        closes_at,
        attachments: brought.references(),
        words,
    };
    ledger.record_with(&brought, resolved);
    if let Some(assignment) = live {
        ledger.free_place(&assignment, PlaceFreedReason::Resolved);
    }
    Ok(())
}

/// The next reminder after so many, or the close by silence where that comes first.
pub(super) fn reminder_due(
    ledger: &Ledger<'_>,
    resolved_at: Timestamp,
    reminders: u32,
    closes_at: Timestamp,
) -> Timestamp {
    let planned = &ledger.rules().close.remind_after;
    let next = usize::try_from(reminders).ok().and_then(|sent| planned.get(sent));
    next.map_or(closes_at, |span| resolved_at.plus(span.duration()).min(closes_at))
}
