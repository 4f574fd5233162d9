//! Queues of named people, and going up.

use super::ledger::Ledger;
use crate::Party;
use crate::rejection::Rejection;
use crate::ticket::event::{Escalated, Queued};
use crate::ticket::{
    Escalate, Notice, Phase, QueueEntry, QueueReason, QueueRole, Recipient, ToSupervisor,
    WithdrawReason,
};

pub(super) fn escalate(ledger: &mut Ledger<'_>, escalate: &Escalate) -> Result<(), Rejection> {
    if let Some(engineer) = escalate.without {
        ledger.engineer("without", engineer)?;
    }
    let due = ledger.unassigned_due();
    ledger.release(WithdrawReason::Escalated, due);
    let level = ledger.ticket.level.saturating_add(1);
    ledger.record(Escalated { level, without: escalate.without, due });
    ledger.tell_supervisor(Notice::InYourQueue);
    Ok(())
}

pub(super) fn to_supervisor(ledger: &mut Ledger<'_>, to: &ToSupervisor) -> Result<(), Rejection> {
    // The dispatcher sends up what is nobody's. What somebody got or took in hand meanwhile stays
    // with them: a late decision must not take it away.
    let nobodys = matches!(
        ledger.ticket.phase,
        Phase::Waiting { .. } | Phase::Duplicate { .. } | Phase::Imported { .. }
    );
    if ledger.context.actor.party == Party::Dispatcher && !nobodys {
        return Ok(());
    }
    let reason = to.reason.unwrap_or(QueueReason::Escalated);
    // Nor does one that was decided on an earlier wait end the wait that is on now.
    let waits_until = match ledger.ticket.phase {
        Phase::Waiting { due, .. } if reason == QueueReason::NobodyAvailable => Some(due),
        Phase::Duplicate { due, .. } => Some(due),
        _ => None,
    };
    if ledger.context.actor.party == Party::Dispatcher
        && let Some(due) = waits_until.filter(|due| ledger.now() < *due)
    {
        return Err(Rejection::NotDue { due });
    }
    let role = ledger.next_queue(None).unwrap_or(QueueRole::Supervisor);
    let entry = ledger.queue_entry(role, reason);
    ledger.release(WithdrawReason::Escalated, entry.due);
    ledger.record(Queued { entry });
    ledger.tell(whose(&entry), Notice::InYourQueue);
    Ok(())
}

/// The path: agents, then as the rules say; supervisor, deputy, director where they say nothing. It
/// ends there: the director's queue stays overdue on the board until somebody acts.
pub(super) fn escalate_queue(ledger: &mut Ledger<'_>) -> Result<(), Rejection> {
    let Some(queue) = ledger.ticket.queue() else { return Ok(()) };
    if ledger.now() < queue.due {
        return Err(Rejection::NotDue { due: queue.due });
    }
    let Some(role) = ledger.next_queue(Some(queue.role)) else { return Ok(()) };
    let entry = ledger.queue_entry(role, queue.reason);
    ledger.record(Queued { entry });
    ledger.tell(whose(&entry), Notice::InYourQueue);
    Ok(())
}

const fn whose(entry: &QueueEntry) -> Recipient {
    match entry.role {
        QueueRole::CallBack => Recipient::Agents,
        QueueRole::Supervisor => Recipient::Supervisor(entry.person),
        QueueRole::Deputy => Recipient::Deputy(entry.person),
        QueueRole::Director => Recipient::Director(entry.person),
    }
}
