//! Offer, assign, accept, decline, time out: the guard against dispatching twice is here.

use super::ledger::{self, Ledger};
use crate::engineer::PlaceFreedReason;
use crate::id::EngineerId;
use crate::limits;
use crate::reason::{DispatchReason, Rule};
use crate::rejection::Rejection;
use crate::rules::{DispatchBy, Rules};
use crate::ticket::event::{
    Accepted, Assigned, Declined, DispatchDeferred, OfferDeclined, OfferExpired, Offered, TimedOut,
};
use crate::ticket::{
    Accept, Assign, Assignment, Decline, Defer, ExpireOffer, Notice, Offer, Phase, Recipient,
    TimeOut, Via, WithdrawReason, Work,
};

/// The most engineers that one offer goes to: their ids must fit in one record.
const OFFER_MAX: usize = 500;

/// The reason that came with a request, by hand where none did.
fn reason(
    ledger: &Ledger<'_>,
    given: &Option<DispatchReason>,
) -> Result<DispatchReason, Rejection> {
    let Some(reason) = given else {
        return Ok(DispatchReason::plain(Rule::ByHand, ledger.rules.version));
    };
    if reason.candidates.len() > DispatchReason::CANDIDATES_MAX {
        let problem = format!("name the best {} at most", DispatchReason::CANDIDATES_MAX);
        return Err(Rejection::invalid("reason.candidates", problem));
    }
    limits::list("reason.filtered", reason.filtered.len())?;
    Ok(reason.clone())
}

pub(super) fn offer(ledger: &mut Ledger<'_>, offer: &Offer) -> Result<(), Rejection> {
    if !(1..=OFFER_MAX).contains(&offer.engineers.len()) {
        let problem = format!("name 1 to {OFFER_MAX} engineers");
        return Err(Rejection::invalid("engineers", problem));
    }
    if let Some(after) = offer.after
        && !may_offer(ledger, &offer.engineers, after)
    {
        return Ok(());
    }
    let mut engineers: Vec<EngineerId> = Vec::with_capacity(offer.engineers.len());
    for id in &offer.engineers {
        let engineer = ledger.engineer("engineers", *id)?;
        if ledger.ticket.left_out.contains(id) {
            return Err(Rejection::LeftOut { engineer: *id });
        }
        if engineer.profile.retired {
            return Err(Rejection::Retired { engineer: *id });
        }
        if let Some(freeze) = engineer.freeze_at(ledger.now()) {
            return Err(Rejection::Frozen { engineer: *id, until: freeze.until });
        }
        // A person may ask whom they like; the dispatcher's clock may be behind this one.
        if offer.after.is_some() && engineer.is_away(ledger.now()) {
            return Err(Rejection::NotOnDuty { engineer: *id });
        }
        if !engineers.contains(id) {
            engineers.push(*id);
        }
    }
    let due = match offer.until {
        Some(until) => ledger.sensible("until", until)?,
        None => ledger.due(Rules::offer_within),
    };
    // A retry: asking the same people again would only ring their phones again, unless they have
    // less time now, as with a ticket that has become urgent.
    if let Phase::Offered { offer: open } = &ledger.ticket.phase
        && open.engineers.len() == engineers.len()
        && engineers.iter().all(|id| open.engineers.contains(id))
        && (due == open.due || (offer.until.is_none() && due > open.due))
    {
        return Ok(());
    }
    let reason = reason(ledger, &offer.reason)?;
    // Whoever had it and is asked again hears of the offer alone.
    let had = ledger.take_back(WithdrawReason::OfferedInstead, due);
    let lost = had.filter(|had| !engineers.contains(had));
    let few = ledger.ticket.urgent
        && offer.after.is_some()
        && engineers.len() < usize::from(ledger.rules().urgent.ask);
    ledger.record(Offered { number: ledger.ticket.offers + 1, engineers, due, reason });
    if let Some(engineer) = lost {
        ledger.tell(Recipient::Engineer(engineer), Notice::NoLongerYours);
    }
    if few {
        ledger.tell_supervisor(Notice::FewToAsk);
    }
    Ok(())
}

/// Whether the dispatcher may offer the ticket: it decided on what it had seen, and nobody has
/// accepted or taken in hand the ticket meanwhile. Only an urgent one is taken back for it.
fn may_offer(ledger: &Ledger<'_>, engineers: &[EngineerId], after: u32) -> bool {
    let ticket = ledger.ticket;
    let passed = engineers.iter().any(|engineer| ticket.passed.contains(engineer));
    let asked = matches!(ticket.phase, Phase::Assigned { .. } | Phase::Offered { .. });
    let open = match ticket.urgent {
        true => ticket.awaits_dispatch() || asked,
        false => ticket.awaits_dispatch() && ledger.dispatch_by() == DispatchBy::Offer,
    };
    open && !passed
        && after == ticket.offers + ticket.assignments
        && !ticket.rounds_over(ledger.rules().rounds())
}

pub(super) fn expire_offer(ledger: &mut Ledger<'_>, expire: &ExpireOffer) -> Result<(), Rejection> {
    if let Phase::Offered { offer } = &ledger.ticket.phase
        && offer.number == expire.offer
    {
        if ledger.now() < offer.due {
            return Err(Rejection::NotDue { due: offer.due });
        }
        let due = ledger.unassigned_due();
        ledger.record(OfferExpired { number: expire.offer, due });
    }
    Ok(())
}

pub(super) fn assign(ledger: &mut Ledger<'_>, assign: &Assign) -> Result<(), Rejection> {
    let id = assign
        .engineer
        .ok_or_else(|| Rejection::invalid("engineer", "name the engineer, as `en_…`"))?;
    // The dispatcher decided on an earlier state; somebody has gone on meanwhile.
    if let Some(after) = assign.after
        && (after != ledger.ticket.assignments
            || !ledger.ticket.awaits_dispatch()
            || ledger.ticket.rounds_over(ledger.rules().rounds())
            || ledger.ticket.passed.contains(&id)
            || ledger.ticket.left_out.contains(&id))
    {
        return Ok(());
    }
    if ledger.ticket.assignment().is_some_and(|live| live.engineer == id) {
        return Ok(());
    }
    let engineer = ledger.engineer("engineer", id)?;
    ledger.must_be_free(&engineer, true)?;
    let reason = reason(ledger, &assign.reason)?;
    let due = accept_due(ledger);
    ledger.release(WithdrawReason::Reassigned, due);
    let number = ledger.ticket.assignments + 1;
    ledger.record(Assigned { number, engineer: id, via: Via::Choice, due, reason });
    ledger.take_place(id, number);
    Ok(())
}

fn accept_due(ledger: &Ledger<'_>) -> crate::Timestamp {
    ledger.due(Rules::accept_within)
}

pub(super) fn accept(ledger: &mut Ledger<'_>, accept: &Accept) -> Result<(), Rejection> {
    let id = ledger.acting_engineer(accept.engineer)?;
    let due = ledger.silent_due();
    match &ledger.ticket.phase {
        Phase::Assigned { assignment, .. } if assignment.engineer == id => {
            ledger.record(Accepted { number: assignment.number, engineer: id, due });
            Ok(())
        }
        // A retry after a lost reply: true already.
        Phase::Working(Work { assignment, .. }) if assignment.engineer == id => Ok(()),
        Phase::Assigned { assignment, .. } => {
            Err(Rejection::TakenBy { winner: assignment.engineer, since: assignment.since })
        }
        Phase::Working(Work { assignment, accepted_at, .. }) => {
            Err(Rejection::TakenBy { winner: assignment.engineer, since: *accepted_at })
        }
        Phase::Offered { offer } => {
            if !offer.engineers.contains(&id) {
                return Err(Rejection::NotOffered { engineer: id });
            }
            let engineer = ledger.engineer("engineer", id)?;
            ledger.must_be_free(&engineer, false)?;
            let number = ledger.ticket.assignments + 1;
            let reason = DispatchReason::plain(Rule::FirstToAccept, ledger.rules.version);
            let via = Via::Offer(offer.number);
            ledger.record(Assigned { number, engineer: id, via, due: offer.due, reason });
            ledger.record(Accepted { number, engineer: id, due });
            ledger.take_place(id, number);
            Ok(())
        }
        phase => {
            Err(Rejection::NotAllowed { verb: crate::ticket::Verb::Accept, phase: phase.name() })
        }
    }
}

pub(super) fn decline(ledger: &mut Ledger<'_>, decline: &Decline) -> Result<(), Rejection> {
    let id = ledger.acting_engineer(decline.engineer)?;
    let words = ledger::words("words", &decline.words)?;
    match &ledger.ticket.phase {
        Phase::Assigned { assignment, .. } if assignment.engineer == id => {
            let (assignment, due) = (*assignment, ledger.unassigned_due());
            ledger.record(Declined { number: assignment.number, engineer: id, due, words });
            ledger.free_place(&assignment, PlaceFreedReason::Declined);
            Ok(())
        }
        Phase::Offered { offer } if offer.engineers.contains(&id) => {
            let (number, last) = (offer.number, offer.engineers.len() == 1);
            ledger.record(OfferDeclined { number, engineer: id, words });
            if last {
                let due = ledger.unassigned_due();
                ledger.record(OfferExpired { number, due });
            }
            Ok(())
        }
        Phase::Working(Work { assignment, .. }) if assignment.engineer == id => {
            Err(Rejection::invalid("engineer", "accepted it already; use `return` to give it back"))
        }
        _ => Err(Rejection::NotOffered { engineer: id }),
    }
}

pub(super) fn time_out(ledger: &mut Ledger<'_>, time_out: &TimeOut) -> Result<(), Rejection> {
    if let Phase::Assigned { assignment, due } = ledger.ticket.phase
        && assignment.number == time_out.assignment
    {
        if ledger.now() < due {
            return Err(Rejection::NotDue { due });
        }
        let Assignment { number, engineer, .. } = assignment;
        let next = ledger.unassigned_due();
        ledger.record(TimedOut { number, engineer, due: next });
        ledger.free_place(&assignment, PlaceFreedReason::TimedOut);
        ledger.tell_supervisor(Notice::NotAcceptedInTime);
    }
    Ok(())
}

pub(super) fn withdraw(ledger: &mut Ledger<'_>) -> Result<(), Rejection> {
    let due = ledger.unassigned_due();
    ledger.release(WithdrawReason::ByHand, due);
    Ok(())
}

pub(super) fn defer(ledger: &mut Ledger<'_>, defer: &Defer) -> Result<(), Rejection> {
    if let Phase::Waiting { deferred: false, due } = ledger.ticket.phase {
        let reason = reason(ledger, &defer.reason)?;
        ledger.record(DispatchDeferred { reason, due });
    }
    Ok(())
}
