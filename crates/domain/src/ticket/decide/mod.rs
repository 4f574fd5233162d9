//! Answers to what is asked of a ticket: first the table of states and commands, then the rules.

mod answer;
mod desk;
mod dispatch;
mod intake;
mod ledger;
mod queue;
mod urgent;
mod work;

use std::sync::Arc;

use super::command::TicketCommand;
use super::permit::Permit;
use super::state::{Phase, Ticket};
use crate::Party;
use crate::decision::{Aggregates, Change, Context};
use crate::id::TicketId;
use crate::rejection::Rejection;
use ledger::Ledger;

pub(crate) fn decide(
    aggregates: &dyn Aggregates,
    id: TicketId,
    command: &TicketCommand,
    context: &Context,
) -> Result<Vec<Change>, Rejection> {
    match (aggregates.ticket(id), command) {
        (None, TicketCommand::Create(create)) => intake::create(aggregates, id, create, context),
        (None, TicketCommand::Import(import)) => intake::open(aggregates, id, import, context),
        (None, _) => Err(Rejection::NotFound { stream: id.into() }),
        (Some(_), TicketCommand::Create(_)) => Err(Rejection::AlreadyExists { stream: id.into() }),
        (Some(ticket), command) => follow(aggregates, &ticket, command, context),
    }
}

fn follow(
    aggregates: &dyn Aggregates,
    ticket: &Arc<Ticket>,
    command: &TicketCommand,
    context: &Context,
) -> Result<Vec<Change>, Rejection> {
    match ticket.phase.name().permits(command.verb()) {
        Permit::Yes => {}
        Permit::Late => return Ok(Vec::new()),
        // The dispatcher decides on what it has seen; somebody has gone on meanwhile.
        Permit::No if context.actor.party == Party::Dispatcher => return Ok(Vec::new()),
        Permit::No => {
            if let Phase::Merged { into, .. } = ticket.phase {
                return Err(Rejection::MergedInto { into });
            }
            return Err(Rejection::NotAllowed { verb: command.verb(), phase: ticket.phase.name() });
        }
    }
    let mut ledger = Ledger::new(aggregates, ticket, context);
    match command {
        TicketCommand::Create(_) => {
            return Err(Rejection::AlreadyExists { stream: ticket.id.into() });
        }
        TicketCommand::Details(details) => intake::details(&mut ledger, details)?,
        TicketCommand::Import(import) => intake::import(&mut ledger, import)?,
        TicketCommand::Claim(claim) => desk::claim(&mut ledger, claim)?,
        TicketCommand::EndClaim(_) => desk::end_claim(&mut ledger)?,
        TicketCommand::Appoint(appoint) => desk::appoint(&mut ledger, appoint)?,
        TicketCommand::MissAppointment(_) => desk::miss_appointment(&mut ledger)?,
        TicketCommand::Note(note) => desk::note(&mut ledger, note)?,
        TicketCommand::RemoveAttachment(remove) => desk::remove_attachment(&mut ledger, remove)?,
        TicketCommand::Urge(urge) => desk::urge(&mut ledger, urge)?,
        TicketCommand::Merge(merge) => desk::merge(&mut ledger, merge)?,
        TicketCommand::Link(link) => desk::link(&mut ledger, link)?,
        TicketCommand::Unlink(unlink) => desk::unlink(&mut ledger, unlink)?,
        TicketCommand::Cancel(cancel) => desk::cancel(&mut ledger, cancel)?,
        TicketCommand::Offer(offer) => dispatch::offer(&mut ledger, offer)?,
        TicketCommand::ExpireOffer(expire) => dispatch::expire_offer(&mut ledger, expire)?,
        TicketCommand::Assign(assign) => dispatch::assign(&mut ledger, assign)?,
        TicketCommand::Accept(accept) => dispatch::accept(&mut ledger, accept)?,
        TicketCommand::Decline(decline) => dispatch::decline(&mut ledger, decline)?,
        TicketCommand::TimeOut(time_out) => dispatch::time_out(&mut ledger, time_out)?,
        TicketCommand::Withdraw(_) => dispatch::withdraw(&mut ledger)?,
        TicketCommand::Defer(defer) => dispatch::defer(&mut ledger, defer)?,
        TicketCommand::Return(give_back) => work::give_back(&mut ledger, give_back)?,
        TicketCommand::Transfer(transfer) => work::transfer(&mut ledger, transfer)?,
        TicketCommand::AcceptTransfer(accept) => work::accept_transfer(&mut ledger, accept)?,
        TicketCommand::EndTransfer(end) => work::end_transfer(&mut ledger, end)?,
        TicketCommand::Depart(depart) => work::depart(&mut ledger, depart)?,
        TicketCommand::Arrive(arrive) => work::arrive(&mut ledger, arrive)?,
        TicketCommand::Hold(hold) => work::hold(&mut ledger, hold)?,
        TicketCommand::Resume(_) => work::resume(&mut ledger)?,
        TicketCommand::AddHelper(add) => work::add_helper(&mut ledger, add)?,
        TicketCommand::RemoveHelper(remove) => work::remove_helper(&mut ledger, remove)?,
        TicketCommand::AskOwner(ask) => work::ask_owner(&mut ledger, ask)?,
        TicketCommand::ReportSilence(report) => work::report_silence(&mut ledger, report)?,
        TicketCommand::Resolve(resolve) => work::resolve(&mut ledger, resolve)?,
        TicketCommand::Remind(remind) => answer::remind(&mut ledger, remind)?,
        TicketCommand::Confirm(confirm) => answer::confirm(&mut ledger, confirm)?,
        TicketCommand::Reject(reject) => answer::reject(&mut ledger, reject)?,
        TicketCommand::RetractAnswer(_) => answer::retract(&mut ledger)?,
        TicketCommand::CloseBySilence(_) => answer::close_by_silence(&mut ledger)?,
        TicketCommand::Close(close) => answer::close(&mut ledger, close)?,
        TicketCommand::Reopen(reopen) => answer::reopen(&mut ledger, reopen)?,
        TicketCommand::Escalate(escalate) => queue::escalate(&mut ledger, escalate)?,
        TicketCommand::ToSupervisor(to) => queue::to_supervisor(&mut ledger, to)?,
        TicketCommand::EscalateQueue(_) => queue::escalate_queue(&mut ledger)?,
        TicketCommand::MarkUrgent(mark) => urgent::mark(&mut ledger, mark)?,
    }
    Ok(ledger.into_changes())
}
