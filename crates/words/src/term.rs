//! The terms of the trade: one word per concept, everywhere. `product.md`'s table of words in both
//! languages is where they come from.

use domain::attachment::UploadVia;
use domain::engineer::{DutySource, OfflineReason, PlaceFreedReason};
use domain::ticket::{
    Channel, HoldReason, ImportedStage, LinkKind, Notice, Outcome, PhaseName, Priority,
    QueueReason, QueueRole, ResolutionMethod, Stage, Verb, Verdict, WithdrawReason,
};
use domain::{CommonGround, Filter, Rule};

use crate::Language;

macro_rules! terms {
    ($($(#[$doc:meta])* $name:ident($type:ident) { $($variant:ident => $message:literal,)* })*) => {
        impl Language {
            $($(#[$doc])*
            pub fn $name(self, of: $type) -> String {
                self.say(match of { $($type::$variant => $message,)* })
            })*
        }

        #[cfg(test)]
        pub(crate) const TERMS: &[&str] = &[$($($message,)*)*];
    };
}

terms! {
    /// Where a ticket stands.
    state(PhaseName) {
        CallBack => "state-call-back",
        Claimed => "state-claimed",
        Waiting => "state-waiting",
        Offered => "state-offered",
        Assigned => "state-assigned",
        Working => "state-working",
        OnHold => "state-on-hold",
        Queued => "state-queued",
        Duplicate => "state-duplicate",
        Resolved => "state-resolved",
        Imported => "state-imported",
        Closed => "state-closed",
        Merged => "state-merged",
        Cancelled => "state-cancelled",
    }
    /// How far the owner is.
    stage(Stage) {
        Accepted => "stage-accepted",
        Departed => "stage-departed",
        Arrived => "stage-arrived",
    }
    /// How much a ticket matters.
    priority(Priority) {
        Low => "priority-low",
        Normal => "priority-normal",
        High => "priority-high",
        Critical => "priority-critical",
    }
    /// Whose queue.
    queue(QueueRole) {
        CallBack => "queue-call-back",
        Supervisor => "queue-supervisor",
        Deputy => "queue-deputy",
        Director => "queue-director",
    }
    /// Why a ticket is in a queue.
    queue_reason(QueueReason) {
        EmptyReport => "queue-reason-empty-report",
        PartlySolved => "queue-reason-partly-solved",
        ContradictingAnswers => "queue-reason-contradicting-answers",
        RoundsExhausted => "queue-reason-rounds-exhausted",
        NobodyAvailable => "queue-reason-nobody-available",
        NobodyAccepted => "queue-reason-nobody-accepted",
        ApprovalNeeded => "queue-reason-approval-needed",
        OwnerSilent => "queue-reason-owner-silent",
        Escalated => "queue-reason-escalated",
    }
    /// Why work stands still.
    hold_reason(HoldReason) {
        WaitingForParts => "hold-waiting-for-parts",
        WaitingForCustomer => "hold-waiting-for-customer",
        CustomerAbsent => "hold-customer-absent",
        WaitingForApproval => "hold-waiting-for-approval",
    }
    /// How it was done.
    resolution_method(ResolutionMethod) {
        ByPhone => "method-by-phone",
        Remotely => "method-remotely",
        OnSite => "method-on-site",
        ByItself => "method-by-itself",
    }
    /// What the customer answered.
    verdict(Verdict) {
        Satisfied => "verdict-satisfied",
        Partial => "verdict-partial",
        Unresolved => "verdict-unresolved",
    }
    /// How a report came in.
    channel(Channel) {
        Api => "channel-api",
        Page => "channel-page",
        Phone => "channel-phone",
        Chat => "channel-chat",
        OnSite => "channel-on-site",
        Import => "channel-import",
    }
    /// Why an assignment or offer was taken back.
    withdraw_reason(WithdrawReason) {
        ByHand => "withdraw-by-hand",
        Reassigned => "withdraw-reassigned",
        OfferedInstead => "withdraw-offered-instead",
        TicketEnded => "withdraw-ticket-ended",
        Escalated => "withdraw-escalated",
    }
    /// How two tickets belong together.
    link_kind(LinkKind) {
        Duplicate => "link-duplicate",
        RepeatVisit => "link-repeat-visit",
        Split => "link-split",
        Related => "link-related",
        Suspected => "link-suspected",
    }
    /// What somebody is told.
    notice(Notice) {
        NotAcceptedInTime => "notice-not-accepted-in-time",
        NobodyAvailable => "notice-nobody-available",
        InYourQueue => "notice-in-your-queue",
        Unresolved => "notice-unresolved",
        LowRating => "notice-low-rating",
        OwnerSilent => "notice-owner-silent",
        WhatIsTheState => "notice-what-is-the-state",
        Urged => "notice-urged",
        NoLongerYours => "notice-no-longer-yours",
        PleaseConfirm => "notice-please-confirm",
        NowUrgent => "notice-now-urgent",
        FewToAsk => "notice-few-to-ask",
    }
    /// What made a choice.
    rule(Rule) {
        ByHand => "rule-by-hand",
        FirstToAccept => "rule-first-to-accept",
        LeastLoaded => "rule-least-loaded",
        NearestOnline => "rule-nearest-online",
    }
    /// Why engineers were passed over.
    filter(Filter) {
        OtherArea => "filter-other-area",
        LacksSkill => "filter-lacks-skill",
        OffDuty => "filter-off-duty",
        OnLeave => "filter-on-leave",
        Frozen => "filter-frozen",
        NoFreePlace => "filter-no-free-place",
        PassedBefore => "filter-passed-before",
        LeftOut => "filter-left-out",
        Offline => "filter-offline",
        NoFreshPosition => "filter-no-fresh-position",
    }
    /// What two reports have in common.
    common_ground(CommonGround) {
        Device => "common-device",
        ContactAndPlace => "common-contact-and-place",
        Contact => "common-contact",
        Place => "common-place",
        Customer => "common-customer",
    }
    /// What began or ended a duty.
    duty_source(DutySource) {
        ByHand => "duty-by-hand",
        Roster => "duty-roster",
    }
    /// Why an engineer is no longer online.
    offline_reason(OfflineReason) {
        SignedOut => "offline-signed-out",
        LeaseEnded => "offline-lease-ended",
    }
    /// Why a place is free again.
    freed_reason(PlaceFreedReason) {
        TimedOut => "freed-timed-out",
        Declined => "freed-declined",
        Returned => "freed-returned",
        Withdrawn => "freed-withdrawn",
        Transferred => "freed-transferred",
        Resolved => "freed-resolved",
        TicketEnded => "freed-ticket-ended",
    }
    /// How a ticket ended.
    outcome(Outcome) {
        Satisfied => "outcome-satisfied",
        ByAgent => "outcome-by-agent",
        BySilence => "outcome-by-silence",
        Imported => "outcome-imported",
    }
    /// How far a case of another system is.
    imported_stage(ImportedStage) {
        Open => "imported-open",
        Active => "imported-active",
        Held => "imported-held",
        Resolved => "imported-resolved",
    }
    /// Over what an attachment came.
    upload_via(UploadVia) {
        Tus => "upload-tus",
        Form => "upload-form",
        Put => "upload-put",
        Text => "upload-text",
    }
    /// A command, as a button says it.
    verb(Verb) {
        Create => "verb-create",
        Details => "verb-details",
        Claim => "verb-claim",
        EndClaim => "verb-end-claim",
        Offer => "verb-offer",
        ExpireOffer => "verb-expire-offer",
        Assign => "verb-assign",
        Accept => "verb-accept",
        Decline => "verb-decline",
        Return => "verb-return",
        Transfer => "verb-transfer",
        AcceptTransfer => "verb-accept-transfer",
        EndTransfer => "verb-end-transfer",
        TimeOut => "verb-time-out",
        Withdraw => "verb-withdraw",
        Depart => "verb-depart",
        Arrive => "verb-arrive",
        Hold => "verb-hold",
        Resume => "verb-resume",
        Appoint => "verb-appoint",
        MissAppointment => "verb-miss-appointment",
        AddHelper => "verb-add-helper",
        RemoveHelper => "verb-remove-helper",
        Note => "verb-note",
        RemoveAttachment => "verb-remove-attachment",
        Urge => "verb-urge",
        Resolve => "verb-resolve",
        Remind => "verb-remind",
        Confirm => "verb-confirm",
        Reject => "verb-reject",
        RetractAnswer => "verb-retract-answer",
        CloseBySilence => "verb-close-by-silence",
        Close => "verb-close",
        Reopen => "verb-reopen",
        Escalate => "verb-escalate",
        ToSupervisor => "verb-to-supervisor",
        EscalateQueue => "verb-escalate-queue",
        Defer => "verb-defer",
        MarkUrgent => "verb-mark-urgent",
        AskOwner => "verb-ask-owner",
        ReportSilence => "verb-report-silence",
        Merge => "verb-merge",
        Link => "verb-link",
        Unlink => "verb-unlink",
        Cancel => "verb-cancel",
        Import => "verb-import",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_has_a_word_in_both_languages() {
        for language in Language::ALL {
            for term in TERMS {
                assert!(language.knows(term), "{language}: {term}");
            }
        }
    }
}
