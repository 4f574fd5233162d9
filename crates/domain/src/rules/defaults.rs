//! The rules that ship with the binary.

use super::condition::{Condition, Test};
use super::event::{
    AcceptRules, BoardRules, CandidateRules, CloseRules, DuplicateRules, FreezeRules, QueueRules,
    Rules, UrgentRules, WorkRules,
};
use crate::calendar::ServiceHours;
use crate::span::Span;

impl Default for AcceptRules {
    fn default() -> Self {
        Self {
            within: Span::minutes(30),
            urgent_within: Span::minutes(5),
            offer_within: Span::minutes(30),
            urgent_offer_within: Span::minutes(5),
            transfer_within: Span::minutes(30),
            redispatches_max: 2,
            pause_outside_hours: true,
        }
    }
}

/// The own outlet outweighs any load, and one more free place any number of taken ones: nobody has
/// more than 1,000.
impl Default for CandidateRules {
    fn default() -> Self {
        Self { same_outlet: 10_000_000, free_place: 1_000, taken_place: 1, kilometre: 0 }
    }
}

impl Default for QueueRules {
    fn default() -> Self {
        Self {
            within: Span::minutes(30),
            urgent_within: Span::minutes(5),
            claim_within: Span::minutes(15),
            unassigned_within: Span::minutes(30),
            duplicate_within: Span::hours(24),
            imported_within: Span::hours(24),
        }
    }
}

impl Default for WorkRules {
    fn default() -> Self {
        Self {
            silent_after: Span::hours(4),
            report_after: Span::hours(1),
            hold_default: Span::hours(24),
            hold_max: Span::days(90),
            capacity_default: 3,
        }
    }
}

impl Default for CloseRules {
    fn default() -> Self {
        Self {
            remind_after: vec![Span::hours(24), Span::hours(48)],
            silence_after: Span::hours(72),
            call_back_within: Span::hours(24),
            undo_within: Span::minutes(10),
            reopen_within: Span::days(7),
        }
    }
}

impl Default for FreezeRules {
    fn default() -> Self {
        Self { enabled: true, engineers_min: 1 }
    }
}

impl Default for DuplicateRules {
    fn default() -> Self {
        Self {
            enabled: true,
            within: Span::minutes(30),
            repeat_within: Span::days(7),
            sure_percent: 60,
            ask_percent: 35,
            ask_within: Span::minutes(5),
        }
    }
}

impl Default for UrgentRules {
    fn default() -> Self {
        let words = ["停机", "冒烟", "漏油"].map(String::from).into();
        let when = [Test::Says(words), Test::ImagesAtLeast(2)];
        Self {
            enabled: true,
            when: Condition::All(when.map(Condition::Is).into()),
            ask: 3,
            rounds_max: 2,
            position_within: Span::minutes(15),
        }
    }
}

impl Default for BoardRules {
    fn default() -> Self {
        Self { red_after: Span::hours(2), flash_after: Span::hours(24), low_stars: 3 }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            zone: "Asia/Shanghai".into(),
            hours: ServiceHours::always("Asia/Shanghai"),
            candidates: CandidateRules::default(),
            accept: AcceptRules::default(),
            queue: QueueRules::default(),
            work: WorkRules::default(),
            close: CloseRules::default(),
            freeze: FreezeRules::default(),
            duplicates: DuplicateRules::default(),
            urgent: UrgentRules::default(),
            board: BoardRules::default(),
            exceptions: Vec::new(),
        }
    }
}
