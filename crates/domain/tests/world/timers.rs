//! What a timer sends when a ticket falls due: one answer per state, none forgotten.

use domain::ticket::{Phase, QueueRole, Resume, Ticket, Work};
use domain::{Party, TicketId};

use super::*;

/// The commands of which one must move a ticket on when it is due. None: it has ended, or it is
/// at the end of the ladder, where only a person can move it.
pub(crate) fn timers(id: TicketId, ticket: &Ticket) -> Vec<Step> {
    let up = || to_supervisor(None).by(Party::Dispatcher);
    let all = match &ticket.phase {
        Phase::CallBack { queue } | Phase::Queued { queue } => match queue.role {
            QueueRole::CallBack | QueueRole::Supervisor | QueueRole::Deputy => {
                vec![escalate_queue()]
            }
            QueueRole::Director => vec![],
        },
        Phase::Claimed { .. } => vec![end_claim()],
        Phase::Waiting { .. } | Phase::Duplicate { .. } | Phase::Imported { .. } => vec![up()],
        Phase::Offered { offer } => vec![expire_offer(offer.number)],
        Phase::Assigned { assignment, .. } => vec![time_out(assignment.number)],
        Phase::Working(Work { assignment, .. }) => {
            let number = assignment.number;
            let resume = step(Party::Dispatcher, Resume {});
            vec![resume, end_transfer(number), ask_owner(number), report_silence(number)]
        }
        Phase::Resolved { reminders, .. } => vec![remind(reminders + 1), close_by_silence()],
        Phase::Closed { .. } | Phase::Merged { .. } | Phase::Cancelled { .. } => vec![],
    };
    all.into_iter().map(|step| step.on(id)).collect()
}

/// Lets a ticket fall due, and says whether a timer moved it on.
pub(crate) fn fall_due(world: &mut World, id: TicketId) -> bool {
    let ticket = world.ticket_now(id).clone();
    if let Some(due) = ticket.due() {
        world.now = world.now.max(due);
    }
    timers(id, &ticket).iter().any(|timer| world.run(timer).is_ok_and(|led| !led.is_empty()))
}

/// Whether only a person can move the ticket on.
pub(crate) fn is_at_the_end(ticket: &Ticket) -> bool {
    !ticket.is_open() || ticket.queue().is_some_and(|queue| queue.role == QueueRole::Director)
}
