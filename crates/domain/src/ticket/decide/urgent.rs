//! A ticket becomes urgent (P8): by the rule, or because somebody says so.

use super::ledger::Ledger;
use crate::limits;
use crate::rejection::Rejection;
use crate::rules::Condition;
use crate::ticket::event::MarkedUrgent;
use crate::ticket::{MarkUrgent, Notice, Phase, Priority, QueueRole, Recipient};

pub(super) fn mark(ledger: &mut Ledger<'_>, mark: &MarkUrgent) -> Result<(), Rejection> {
    // A person's word wins over the rule, and somebody who is there sees for themselves.
    if !ledger.ticket.may_become_urgent() {
        return Ok(());
    }
    if mark.met.len() > Condition::MET_MAX {
        let problem = format!("name {} findings at most", Condition::MET_MAX);
        return Err(Rejection::invalid("met", problem));
    }
    for met in &mark.met {
        limits::name("met.at", &met.at)?;
    }
    let priority = raised(ledger, None);
    ledger.record(MarkedUrgent { rule_set: mark.rule_set, met: mark.met.clone(), priority });
    tell(ledger);
    Ok(())
}

/// What becomes of the priority of a ticket that becomes urgent after somebody has accepted it:
/// before all others, unless another is asked for at the same time.
pub(super) fn raised(ledger: &Ledger<'_>, asked: Option<Priority>) -> Option<Priority> {
    let ticket = ledger.ticket;
    let accepted = matches!(ticket.phase, Phase::Working(_));
    let highest = (accepted && ticket.priority < Priority::Critical).then_some(Priority::Critical);
    asked.or(highest)
}

/// Tells whoever has the ticket that it is urgent now. An offer tells those whom it goes to.
pub(super) fn tell(ledger: &mut Ledger<'_>) {
    let whom = match &ledger.ticket.phase {
        Phase::Working(work) => Recipient::Engineer(work.assignment.engineer),
        Phase::CallBack { .. } | Phase::Claimed { .. } => Recipient::Agents,
        Phase::Queued { queue } => match queue.role {
            QueueRole::CallBack => Recipient::Agents,
            QueueRole::Supervisor => Recipient::Supervisor(queue.person),
            QueueRole::Deputy => Recipient::Deputy(queue.person),
            QueueRole::Director => Recipient::Director(queue.person),
        },
        _ => return,
    };
    ledger.tell(whom, Notice::NowUrgent);
}
