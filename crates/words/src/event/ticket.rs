//! What happens to a ticket.

use domain::rules::Finding;
use domain::ticket::event::{
    Assigned, Created, DetailsAdded, DispatchDeferred, Imported, ImportedStep, Offered, Rejected,
    Resolved, Via,
};
use domain::ticket::{Priority, TicketEvent, Verdict, WithdrawReason};
use domain::{EngineerId, Timestamp};

use super::attachment::brief;
use super::draft::Draft;
use crate::{Args, Sentence, Speaker};

impl Speaker<'_> {
    pub(super) fn ticket_event(&self, event: &TicketEvent, at: Timestamp) -> Sentence {
        use TicketEvent as E;
        let language = self.language();
        let begin = |message: &str, args: &Args| Draft::new(self, at, message, args);
        let plain = |message: &str| begin(message, &Args::new());
        let of = |message: &str, engineer: EngineerId| {
            begin(message, &Args::new().text("engineer", self.engineer(engineer)))
        };
        let at_moment = |message: &str, name: &'static str, moment: Timestamp| {
            begin(message, &Args::new().text(name, self.moment(moment, at)))
        };
        let answered = |message: &str, verdict: Verdict| {
            begin(message, &Args::new().text("verdict", language.verdict(verdict)))
        };
        let counted =
            |message: &str, number: u32| begin(message, &Args::new().text("nth", self.nth(number)));
        let draft = match event {
            E::Created(created) => self.created(created, at),
            E::DetailsAdded(added) => self.details_added(added, at),
            E::Claimed(it) => {
                begin("event-claimed", &Args::new().text("who", self.staff(it.agent)))
                    .due("clause-due-handle", it.due)
            }
            E::ClaimEnded(it) => plain("event-claim-ended").entry(&it.entry),
            E::Offered(it) => self.offered(it, at),
            E::OfferDeclined(it) => of("event-offer-declined", it.engineer).words(&it.words),
            E::OfferExpired(it) => plain("event-offer-expired").due("clause-due-somebody", it.due),
            E::OfferWithdrawn(it) => {
                let args = Args::new().text("why", language.withdraw_reason(it.why));
                self.taken_back(begin("event-offer-withdrawn", &args), it.why, it.due)
            }
            E::Assigned(it) => self.assigned(it, at),
            E::Accepted(it) => of("event-accepted", it.engineer).due("clause-due-ask", it.due),
            E::Declined(it) => of("event-declined", it.engineer)
                .due("clause-due-somebody", it.due)
                .words(&it.words),
            E::Returned(it) => of("event-returned", it.engineer)
                .due("clause-due-somebody", it.due)
                .words(&it.words),
            E::TimedOut(it) => {
                of("event-timed-out", it.engineer).due("clause-due-somebody", it.due)
            }
            E::Withdrawn(it) => {
                let args = Args::new()
                    .text("engineer", self.engineer(it.engineer))
                    .text("why", language.withdraw_reason(it.why));
                self.taken_back(begin("event-withdrawn", &args), it.why, it.due)
            }
            E::TransferRequested(it) => {
                of("event-transfer-requested", it.to).due("clause-due-answer", it.due)
            }
            E::TransferEnded(it) => of("event-transfer-ended", it.to).due("clause-due-ask", it.due),
            E::Transferred(it) => {
                let args = Args::new()
                    .text("from", self.engineer(it.from))
                    .text("to", self.engineer(it.to));
                begin("event-transferred", &args).due("clause-due-ask", it.due)
            }
            E::Departed(it) => plain("event-departed").due("clause-due-ask", it.due),
            E::Arrived(it) => plain("event-arrived").due("clause-due-ask", it.due),
            E::Held(it) => {
                let args = Args::new()
                    .text("reason", language.hold_reason(it.reason))
                    .text("until", self.moment(it.until, at));
                begin("event-held", &args).words(&it.words)
            }
            E::Resumed(it) => plain("event-resumed").due("clause-due-ask", it.due),
            E::Appointed(it) => {
                let window = self.window(it.from, it.until, at);
                let draft = begin("event-appointed", &Args::new().text("window", window));
                let draft = match it.due {
                    Some(due) => draft.due("clause-due-ask", due),
                    None => draft,
                };
                draft.words(&it.words)
            }
            E::AppointmentMissed(it) => at_moment("event-appointment-missed", "until", it.until),
            E::HelperAdded(it) => of("event-helper-added", it.engineer),
            E::HelperRemoved(it) => of("event-helper-removed", it.engineer),
            E::Noted(it) => plain("event-noted").words_with(&it.words, &it.attachments),
            E::AttachmentRemoved(it) => plain("event-attachment-removed")
                .words(&it.words)
                .detail("detail-hash", brief(it.hash)),
            E::Urged(it) => counted("event-urged", it.count).words(&it.words),
            E::Resolved(it) => self.resolved(it, at),
            E::Reminded(it) => {
                let args = Args::new()
                    .text("nth", self.nth(it.number))
                    .text("due", self.moment(it.due, at));
                begin("event-reminded", &args)
            }
            E::Confirmed(it) => {
                let draft = answered("event-confirmed", it.verdict).stars(it.stars);
                let draft = match &it.call_back {
                    Some(queue) => draft.queue(queue),
                    None => draft,
                };
                draft.words_with(&it.words, &it.attachments)
            }
            E::Rejected(it) => self.rejected(it, at),
            E::AnswerRetracted(it) => at_moment("event-answer-retracted", "due", it.due),
            E::AnswerFlagged(it) => {
                let args = Args::new()
                    .text("engineer", self.engineer(it.engineer))
                    .text("verdict", language.verdict(it.verdict));
                begin("event-answer-flagged", &args).stars(it.stars).words(&it.words)
            }
            E::AnswerContradicted(it) => {
                answered("event-answer-contradicted", it.verdict).stars(it.stars).words(&it.words)
            }
            E::Escalated(it) => {
                let draft =
                    begin("event-escalated", &Args::new().text("level", it.level.to_string()));
                let draft = match it.without {
                    Some(engineer) => {
                        let args = Args::new().text("engineer", self.engineer(engineer));
                        draft.and("event-escalated-without", &args)
                    }
                    None => draft,
                };
                draft.due("clause-due-somebody", it.due)
            }
            E::DispatchDeferred(DispatchDeferred { reason, due }) => {
                at_moment("event-dispatch-deferred", "due", *due)
                    .passed_over(&reason.filtered)
                    .why(reason)
            }
            E::Queued(it) => {
                let args = Args::new()
                    .text("queue", self.queue(&it.entry))
                    .text("reason", language.queue_reason(it.entry.reason));
                begin("event-queued", &args).due("clause-due-handle", it.entry.due)
            }
            E::OwnerAsked(it) => at_moment("event-owner-asked", "due", it.due),
            E::SilenceReported(it) => at_moment("event-silence-reported", "due", it.due),
            E::Told(it) => {
                let args = Args::new()
                    .text("whom", self.recipient(it.whom))
                    .text("notice", language.notice(it.notice));
                begin("event-told", &args)
            }
            E::Merged(it) => {
                begin("event-merged", &Args::new().text("ticket", self.ticket(it.into)))
            }
            E::MergedFrom(it) => {
                begin("event-merged-from", &Args::new().text("ticket", self.ticket(it.ticket)))
            }
            E::Linked(it) => {
                let args = Args::new()
                    .text("ticket", self.ticket(it.to))
                    .text("kind", language.link_kind(it.kind));
                let draft = begin("event-linked", &args).compared(it.reason.as_ref());
                match it.due {
                    Some(due) => draft.due("event-linked-due", due),
                    None => draft,
                }
            }
            E::Unlinked(it) => {
                let args = Args::new().text("ticket", self.ticket(it.from));
                let draft = begin("event-unlinked", &args);
                match &it.entry {
                    Some(entry) => draft.entry(entry),
                    None => draft,
                }
            }
            E::MarkedUrgent(it) => {
                let met: Vec<_> = it.met.iter().map(|met| self.finding(&met.found)).collect();
                let args = Args::new()
                    .text("met", self.list(&met))
                    .text("version", it.rule_set.to_string());
                let draft = begin("event-marked-urgent", &args);
                match it.priority {
                    Some(priority) => {
                        let args = Args::new().text("priority", language.priority(priority));
                        draft.and("event-marked-urgent-priority", &args)
                    }
                    None => draft,
                }
            }
            E::Cancelled(it) => plain("event-cancelled").words(&it.words),
            E::Closed(it) => plain("event-closed").words(&it.words),
            E::ClosedBySilence(it) => {
                let args = Args::new().count("reminders", it.reminders.into());
                begin("event-closed-by-silence", &args)
            }
            E::Reopened(it) => {
                plain("event-reopened").due("clause-due-somebody", it.due).words(&it.words)
            }
            E::Imported(it) => self.imported(it, at),
        };
        draft.done()
    }

    /// What of a rule was found.
    fn finding(&self, found: &Finding) -> String {
        let language = self.language();
        let say = |message: &str, what: String| {
            self.with(&format!("finding-{message}"), &Args::new().text("what", what))
        };
        match found {
            Finding::Says(word) => say("says", word.clone()),
            Finding::Images(count) => {
                self.with("finding-images", &Args::new().count("count", (*count).into()))
            }
            Finding::Urgent(true) => self.say("clause-urgent"),
            Finding::Urgent(false) => self.say("finding-calm"),
            Finding::Priority(priority) => say("priority", language.priority(*priority)),
            Finding::Channel(channel) => say("channel", language.channel(*channel)),
            Finding::Area(area) => say("area", self.area(*area)),
            Finding::Outlet(outlet) => say("outlet", self.outlet(*outlet)),
            Finding::DeviceModel(model) => say("device-model", model.clone()),
            Finding::WithinHours => self.say("finding-within-hours"),
            Finding::Cel(source) => say("cel", source.clone()),
            Finding::NoneOf => self.say("finding-none-of"),
        }
    }

    fn created(&self, it: &Created, at: Timestamp) -> Draft<'_> {
        let language = self.language();
        let args = Args::new().text("channel", language.channel(it.channel));
        let draft = Draft::new(self, at, "event-created", &args)
            .and_if(it.urgent, "clause-urgent")
            .entry(&it.entry)
            .report(&it.report, &it.attachments)
            .detail_of("detail-customer", it.customer, |id| self.customer(id))
            .detail_of("detail-outlet", it.outlet, |id| self.outlet(id))
            .detail_of("detail-area", it.area, |id| self.area(id))
            .detail_of("detail-device", it.device, |id| self.device(id))
            .details_of("detail-skills", &it.skills);
        let unusual = (it.priority != Priority::Normal).then_some(it.priority);
        draft.detail_of("detail-priority", unusual, |priority| language.priority(priority))
    }

    fn details_added(&self, it: &DetailsAdded, at: Timestamp) -> Draft<'_> {
        let draft = Draft::new(self, at, "event-details-added", &Args::new())
            .and_if(it.urgent == Some(true), "clause-urgent")
            .and_if(it.urgent == Some(false), "clause-not-urgent");
        let draft = match it.priority {
            Some(priority) => {
                let args = Args::new().text("priority", self.language().priority(priority));
                draft.and("clause-priority", &args)
            }
            None => draft,
        };
        let draft = match &it.entry {
            Some(entry) => draft.entry(entry),
            None => draft,
        };
        draft
            .report(&it.report, &it.attachments)
            .detail_of("detail-customer", it.customer, |id| self.customer(id))
            .detail_of("detail-outlet", it.outlet, |id| self.outlet(id))
            .detail_of("detail-area", it.area, |id| self.area(id))
            .detail_of("detail-device", it.device, |id| self.device(id))
            .details_of("detail-skills", it.skills.as_deref().unwrap_or_default())
    }

    fn offered(&self, it: &Offered, at: Timestamp) -> Draft<'_> {
        let args = Args::new()
            .text("nth", self.nth(it.number))
            .text("engineers", self.engineers(&it.engineers));
        let everybody: Vec<_> = it.engineers.iter().map(|id| self.engineer(*id)).collect();
        Draft::new(self, at, "event-offered", &args)
            .chosen(&it.reason)
            .due("clause-due-accept", it.due)
            .details_of("detail-engineers", &everybody)
    }

    fn assigned(&self, it: &Assigned, at: Timestamp) -> Draft<'_> {
        let args = Args::new()
            .text("engineer", self.engineer(it.engineer))
            .text("nth", self.nth(it.number));
        let begin = |message: &str| Draft::new(self, at, message, &args);
        match it.via {
            Via::Choice => {
                begin("event-assigned").chosen(&it.reason).due("clause-due-accept", it.due)
            }
            // Who accepted first, or took it over, has accepted with that.
            Via::Offer(_) => begin("event-assigned-offer").why(&it.reason),
            Via::Transfer => begin("event-assigned-transfer").why(&it.reason),
        }
    }

    /// With the time by which somebody must have it, where nobody has it in the same step.
    fn taken_back<'s>(&self, draft: Draft<'s>, why: WithdrawReason, due: Timestamp) -> Draft<'s> {
        match why {
            WithdrawReason::ByHand | WithdrawReason::Escalated => {
                draft.due("clause-due-somebody", due)
            }
            WithdrawReason::Reassigned
            | WithdrawReason::OfferedInstead
            | WithdrawReason::TicketEnded => draft,
        }
    }

    fn resolved(&self, it: &Resolved, at: Timestamp) -> Draft<'_> {
        let args = Args::new()
            .text("method", self.language().resolution_method(it.method))
            .text("closes", self.moment(it.closes_at, at));
        let draft = match it.engineer {
            Some(id) => {
                let args = args.text("engineer", self.engineer(id));
                Draft::new(self, at, "event-resolved-by", &args)
            }
            None => Draft::new(self, at, "event-resolved", &args),
        };
        let parts: Vec<_> =
            it.parts.iter().map(|part| format!("{} × {}", part.code, part.quantity)).collect();
        let reminder = (it.due < it.closes_at).then_some(it.due);
        draft
            .words_with(&it.words, &it.attachments)
            .detail_of("detail-fault-type", it.fault_type.clone(), |fault| fault)
            .detail_of("detail-cause", it.cause.clone(), |cause| cause)
            .details_of("detail-parts", &parts)
            .detail_of("detail-reminder", reminder, |due| self.moment(due, at))
    }

    fn rejected(&self, it: &Rejected, at: Timestamp) -> Draft<'_> {
        let verdict = self.language().verdict(Verdict::Unresolved);
        let until = self.moment(it.undo_until, at);
        Draft::new(self, at, "event-rejected", &Args::new().text("verdict", verdict))
            .stars(it.stars)
            .and("event-rejected-undo", &Args::new().text("until", until))
            .words_with(&it.words, &it.attachments)
            .detail_of("detail-engineer", it.engineer, |id| self.engineer(id))
    }

    fn imported(&self, it: &Imported, at: Timestamp) -> Draft<'_> {
        let plain = |message: &str| Draft::new(self, at, message, &Args::new());
        let given = |to: &str, engineer: Option<_>, nobody: &str, outlet: Option<_>| {
            let whom =
                engineer.map(|id| self.engineer(id)).or_else(|| outlet.map(|id| self.outlet(id)));
            match whom {
                Some(whom) => Draft::new(self, at, to, &Args::new().text("whom", whom)),
                None => plain(nobody),
            }
        };
        let draft = match &it.step {
            ImportedStep::Opened { customer, outlet, device, priority } => {
                plain("event-imported-opened")
                    .detail_of("detail-customer", *customer, |id| self.customer(id))
                    .detail_of("detail-outlet", *outlet, |id| self.outlet(id))
                    .detail_of("detail-device", *device, |id| self.device(id))
                    .detail("detail-priority", self.language().priority(*priority))
            }
            ImportedStep::Assigned { engineer, outlet } => given(
                "event-imported-assigned",
                *engineer,
                "event-imported-assigned-nobody",
                *outlet,
            ),
            ImportedStep::Reassigned { engineer, outlet } => given(
                "event-imported-reassigned",
                *engineer,
                "event-imported-reassigned-nobody",
                *outlet,
            ),
            ImportedStep::Started => plain("event-imported-started"),
            ImportedStep::Held(reason) => {
                let args = Args::new().text("reason", self.language().hold_reason(*reason));
                Draft::new(self, at, "event-imported-held", &args)
            }
            ImportedStep::Resolved => plain("event-imported-resolved"),
            ImportedStep::Closed => plain("event-imported-closed"),
            ImportedStep::Reopened => plain("event-imported-reopened"),
            ImportedStep::AttachmentsNamed { count } => {
                let args = Args::new().count("count", u64::from(*count));
                let names = it.words.known().map_or(&[][..], |words| &words.attachment_names);
                Draft::new(self, at, "event-imported-attachments", &args)
                    .details_of("detail-attachments", names)
            }
        };
        draft.words(&it.words)
    }
}
