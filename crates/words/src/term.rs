//! The terms of the trade: one word per concept, everywhere. `product.md`'s table of words in both
//! languages is where they come from.

use domain::ticket::{
    HoldReason, PhaseName, Priority, QueueReason, QueueRole, ResolutionMethod, Stage, Verdict,
};

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
        const TERMS: &[&str] = &[$($($message,)*)*];
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
