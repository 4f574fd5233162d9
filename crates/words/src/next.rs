//! What happens next, if nobody acts: the future belongs to a history as the past does.
//!
//! The steps are those of the dispatcher's timers; what this says is what it will do.

use domain::rules::Rules;
use domain::ticket::{Phase, QueueEntry, QueueReason, QueueRole, Stage, Ticket, Work};
use domain::{EngineerId, Timestamp};

use crate::{Args, Speaker};

impl Speaker<'_> {
    /// What happens next, if nobody acts; moments are told as seen from now.
    pub fn next(&self, ticket: &Ticket, rules: &Rules, now: Timestamp) -> String {
        let mut clauses = vec![self.next_step(ticket, rules, now)];
        let visit = ticket.appointment.filter(|visit| !visit.missed && ticket.is_open());
        let there = matches!(ticket.phase, Phase::Working(Work { stage: Stage::Arrived, .. }));
        let done = matches!(ticket.phase, Phase::Resolved { .. });
        if let Some(visit) = visit.filter(|_| !there && !done) {
            let window = self.window(visit.from, visit.until, now);
            clauses.push(self.with("next-appointment", &Args::new().text("window", window)));
        }
        self.clauses(&clauses)
    }

    fn next_step(&self, ticket: &Ticket, rules: &Rules, now: Timestamp) -> String {
        let due = |due: Timestamp| Args::new().text("due", self.moment(due, now));
        let of = |at: Timestamp, who: EngineerId| due(at).text("who", self.engineer(who));
        let is_last_round = ticket.time_outs >= rules.accept.redispatches_max;
        match &ticket.phase {
            Phase::CallBack { queue } | Phase::Queued { queue } => self.next_in_queue(queue, now),
            Phase::Claimed { agent, due: at } => {
                self.with("next-claimed", &due(*at).text("who", self.staff(*agent)))
            }
            Phase::Waiting { .. } if ticket.time_outs > rules.accept.redispatches_max => {
                self.say("next-rounds-exhausted")
            }
            Phase::Waiting { deferred: true, due: at } => self.with("next-deferred", &due(*at)),
            Phase::Waiting { deferred: false, due: at } => self.with("next-waiting", &due(*at)),
            Phase::Offered { offer } => {
                let count = u64::try_from(offer.engineers.len()).unwrap_or(u64::MAX);
                let message = if is_last_round { "next-offered-last" } else { "next-offered" };
                self.with(message, &due(offer.due).count("count", count))
            }
            Phase::Assigned { assignment, due: at } => {
                let message = if is_last_round { "next-assigned-last" } else { "next-assigned" };
                self.with(message, &of(*at, assignment.engineer))
            }
            Phase::Working(work) => self.next_at_work(work, now),
            Phase::Duplicate { of, due: at } => {
                self.with("next-duplicate", &due(*at).text("ticket", self.ticket(*of)))
            }
            Phase::Resolved { resolution, reminders, due: at } => {
                let closes = self.moment(resolution.closes_at, now);
                let planned = rules.close.remind_after.len();
                if usize::try_from(*reminders).is_ok_and(|sent| sent < planned) {
                    self.with("next-answer-remind", &due(*at).text("closes", closes))
                } else {
                    self.with("next-answer-close", &Args::new().text("closes", closes))
                }
            }
            Phase::Imported { due: at, .. } => self.with("next-imported", &due(*at)),
            Phase::Closed { outcome, at } => {
                let args = Args::new().text("outcome", self.language().outcome(*outcome));
                self.next_after_end(*at, rules, now, args, "next-closed", "next-closed-for-good")
            }
            Phase::Cancelled { at } => {
                let (soon, late) = ("next-cancelled", "next-cancelled-for-good");
                self.next_after_end(*at, rules, now, Args::new(), soon, late)
            }
            Phase::Merged { into, .. } => {
                self.with("next-merged", &Args::new().text("ticket", self.ticket(*into)))
            }
        }
    }

    fn next_in_queue(&self, queue: &QueueEntry, now: Timestamp) -> String {
        let due = Args::new().text("due", self.moment(queue.due, now));
        let who = self.post(queue.role, queue.person);
        let step = match queue.role {
            QueueRole::CallBack => self.with("next-call-back", &due),
            QueueRole::Supervisor => self.with("next-queue-supervisor", &due.text("who", who)),
            QueueRole::Deputy => self.with("next-queue-deputy", &due.text("who", who)),
            QueueRole::Director => self.with("next-queue-director", &Args::new().text("who", who)),
        };
        match queue.reason {
            QueueReason::NobodyAvailable => self.clauses(&[step, self.say("next-queue-available")]),
            _ => step,
        }
    }

    fn next_at_work(&self, work: &Work, now: Timestamp) -> String {
        let due = |due: Timestamp| Args::new().text("due", self.moment(due, now));
        let hold = work.hold.map(|hold| self.with("next-hold", &due(hold.until)));
        let transfer = work.transfer.map(|asked| {
            self.with("next-transfer", &due(asked.due).text("who", self.engineer(asked.to)))
        });
        let stopped: Vec<_> = hold.into_iter().chain(transfer).collect();
        if !stopped.is_empty() {
            return self.clauses(&stopped);
        }
        let message = if work.asked { "next-owner-asked" } else { "next-owner" };
        self.with(message, &due(work.due).text("who", self.engineer(work.assignment.engineer)))
    }

    fn next_after_end(
        &self,
        at: Timestamp,
        rules: &Rules,
        now: Timestamp,
        args: Args,
        reopenable: &str,
        for_good: &str,
    ) -> String {
        let until = at.plus(rules.close.reopen_within.duration());
        if now > until {
            return self.with(for_good, &args);
        }
        self.with(reopenable, &args.text("until", self.moment(until, now)))
    }
}
