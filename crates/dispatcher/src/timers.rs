//! What must happen to a ticket next, and when.
//!
//! The times stand in the ticket: the domain has reckoned service hours and pauses when it recorded
//! them. A duplicate whose time is over goes to the supervisor, never back to dispatch: only a
//! person may say that the fault of the other ticket was another one. What was only suspected to be
//! one is dispatched.

use domain::rules::Rules;
use domain::ticket::{
    AskOwner, CloseBySilence, EndClaim, EndTransfer, EscalateQueue, ExpireOffer, MissAppointment,
    Phase, QueueEntry, QueueReason, QueueRole, Remind, ReportSilence, Resume, Stage, TicketCommand,
    TimeOut, ToSupervisor, Unlink, Work,
};
use domain::{TicketId, Timestamp};

use crate::tickets::TicketEntry;

/// One step that time leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    ToSupervisor(QueueReason),
    Unlink(TicketId),
    EscalateQueue,
    EndClaim,
    ExpireOffer(u32),
    TimeOut(u32),
    EndTransfer(u32),
    Resume,
    AskOwner(u32),
    ReportSilence(u32),
    MissAppointment(Timestamp),
    AwaitAnswer { reminders: u32 },
}

/// The earliest step of a ticket. Nothing for one at the end of the ladder: it stays in the
/// director's queue until somebody acts.
pub(crate) fn next(entry: &TicketEntry) -> Option<(Timestamp, Step)> {
    let [first, second] = by_phase(entry);
    let steps = [first, second, missed_visit(entry)];
    steps.into_iter().flatten().min_by_key(|(at, _)| *at)
}

fn by_phase(entry: &TicketEntry) -> [Option<(Timestamp, Step)>; 2] {
    let one = |at: Timestamp, step: Step| [Some((at, step)), None];
    match &entry.ticket.phase {
        Phase::CallBack { queue } | Phase::Queued { queue } => match queue.role {
            QueueRole::Director => [None, None],
            _ => one(queue.due, Step::EscalateQueue),
        },
        Phase::Claimed { due, .. } => one(*due, Step::EndClaim),
        Phase::Waiting { due, .. } => one(*due, Step::ToSupervisor(why_waiting(entry))),
        Phase::Offered { offer } => one(offer.due, Step::ExpireOffer(offer.number)),
        Phase::Assigned { assignment, due } => one(*due, Step::TimeOut(assignment.number)),
        Phase::Working(work) => by_work(work),
        Phase::Duplicate { of, due } => match entry.ticket.suspected_of() {
            Some(_) => one(*due, Step::Unlink(*of)),
            None => one(*due, Step::ToSupervisor(QueueReason::Escalated)),
        },
        Phase::Resolved { reminders, due, .. } => {
            one(*due, Step::AwaitAnswer { reminders: *reminders })
        }
        Phase::Imported { .. }
        | Phase::Closed { .. }
        | Phase::Merged { .. }
        | Phase::Cancelled { .. } => [None, None],
    }
}

/// A report that says nothing is nobody's either, and is not dispatched.
fn why_waiting(entry: &TicketEntry) -> QueueReason {
    if entry.ticket.is_dispatchable() {
        QueueReason::NobodyAvailable
    } else {
        QueueReason::EmptyReport
    }
}

fn by_work(work: &Work) -> [Option<(Timestamp, Step)>; 2] {
    let number = work.assignment.number;
    let hold = work.hold.map(|hold| (hold.until, Step::Resume));
    let transfer = work.transfer.map(|asked| (asked.due, Step::EndTransfer(number)));
    if hold.is_some() || transfer.is_some() {
        // A hold stops the owner's clock, and while a colleague is asked nobody else is.
        return [hold, transfer];
    }
    let silent = if work.asked { Step::ReportSilence(number) } else { Step::AskOwner(number) };
    [Some((work.due, silent)), None]
}

fn missed_visit(entry: &TicketEntry) -> Option<(Timestamp, Step)> {
    let ticket = &entry.ticket;
    let there = matches!(ticket.phase, Phase::Working(Work { stage: Stage::Arrived, .. }));
    let over = matches!(ticket.phase, Phase::Resolved { .. }) || !ticket.is_open();
    let visit = ticket.appointment.filter(|visit| !visit.missed)?;
    // Who was there once did not miss the visit, even if the ticket is somebody else's now.
    (!there && !over && !entry.visited).then_some((visit.until, Step::MissAppointment(visit.until)))
}

/// What has to be done at once, whatever the time.
pub(crate) fn at_once(entry: &TicketEntry, rules: &Rules) -> Option<Step> {
    match &entry.ticket.phase {
        Phase::Duplicate { of, .. } if entry.released => Some(Step::Unlink(*of)),
        // Nobody who has an urgent fault waits for an answer.
        Phase::Duplicate { of, .. } if entry.ticket.urgent => {
            entry.ticket.suspected_of().map(|_| Step::Unlink(*of))
        }
        Phase::Waiting { .. } if entry.ticket.rounds_over(rules.rounds()) => {
            let urgent = entry.ticket.urgent;
            Some(Step::ToSupervisor(match urgent {
                true => QueueReason::NobodyAccepted,
                false => QueueReason::RoundsExhausted,
            }))
        }
        _ => None,
    }
}

/// The command of a step, under the name that only this step of this ticket has.
pub(crate) fn command(entry: &TicketEntry, step: Step, rules: &Rules) -> (String, TicketCommand) {
    let (id, turn) = (entry.ticket.id, entry.turn);
    match step {
        // Counted by the ticket: names of its own.
        Step::ExpireOffer(offer) => {
            (format!("expire-offer/{id}/{offer}"), ExpireOffer { offer }.into())
        }
        Step::TimeOut(assignment) => {
            (format!("timeout/{id}/{assignment}"), TimeOut { assignment }.into())
        }
        // A window that was missed cannot be agreed again: it is over.
        Step::MissAppointment(until) => {
            (format!("miss/{id}/{}", until.as_micros()), MissAppointment {}.into())
        }
        // All others can come again: named by the event that led to them.
        Step::ToSupervisor(reason) => {
            (format!("to-supervisor/{id}/{turn}"), ToSupervisor { reason: Some(reason) }.into())
        }
        Step::Unlink(from) => (format!("unlink/{id}/{turn}"), Unlink { from: Some(from) }.into()),
        Step::EscalateQueue => (format!("escalate-queue/{id}/{turn}"), EscalateQueue {}.into()),
        Step::EndClaim => (format!("end-claim/{id}/{turn}"), EndClaim {}.into()),
        Step::EndTransfer(assignment) => {
            let assignment = Some(assignment);
            (format!("end-transfer/{id}/{turn}"), EndTransfer { assignment }.into())
        }
        Step::Resume => (format!("resume/{id}/{turn}"), Resume {}.into()),
        Step::AskOwner(assignment) => {
            (format!("ask-owner/{id}/{turn}"), AskOwner { assignment }.into())
        }
        Step::ReportSilence(assignment) => {
            (format!("report-silence/{id}/{turn}"), ReportSilence { assignment }.into())
        }
        Step::AwaitAnswer { reminders } => {
            let planned = u32::try_from(rules.close.remind_after.len()).unwrap_or(u32::MAX);
            if reminders < planned {
                let number = reminders + 1;
                (format!("remind/{id}/{turn}"), Remind { number }.into())
            } else {
                (format!("close-by-silence/{id}/{turn}"), CloseBySilence {}.into())
            }
        }
    }
}

/// Whether a queue is the end of the ladder.
pub(crate) const fn is_last(queue: &QueueEntry) -> bool {
    matches!(queue.role, QueueRole::Director)
}
