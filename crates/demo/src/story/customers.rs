//! What customers do after a report: they add, urge, recover, and answer or stay silent.

use domain::Timestamp;
use domain::ticket::{
    Cancel, Confirm, Details, PhaseName, Reject, Reopen, RetractAnswer, Urge, Verdict,
};

use super::{Case, Story, in_state};
use crate::dice::Draw;
use crate::local::waking;
use crate::words;

/// Customers answer between half past seven and half past nine in the evening.
fn awake(at: Timestamp) -> Timestamp {
    waking(at, 7 * 60 + 30, 21 * 60 + 30)
}

impl Story {
    /// What the customer does while nothing is done yet.
    pub(super) fn plan_waiting(&mut self, case: &Case, now: Timestamp) {
        let mut draw = self.draw("waiting", case, 0);
        let who = case.customer(&self.firm);
        if draw.percent(8) {
            let sentence = Some(draw.words(words::DETAILS).to_owned());
            let at = now.plus(draw.minutes(2, 15));
            self.press(at, now, case, who, Details { sentence, ..Details::default() });
        }
        if draw.percent(11) {
            let at = awake(now.plus(draw.minutes(65, 190)));
            let words = draw.words(words::URGES).to_owned();
            self.press(at, now, case, who, Urge { words });
            if draw.percent(35) {
                let at = awake(at.plus(draw.minutes(40, 120)));
                let words = draw.words(words::URGES).to_owned();
                self.press(at, now, case, who, Urge { words });
            }
        }
        if draw.percent(4) {
            let at = awake(now.plus(draw.minutes(12, 100)));
            let words = draw.words(words::RECOVERED).to_owned();
            self.press(at, now, case, who, Cancel { words });
        }
    }

    pub(super) fn on_resolved(&mut self, case: &Case, now: Timestamp) {
        let mut draw = self.draw("resolved", case, case.resolved);
        let soon = if draw.percent(60) { draw.minutes(4, 60) } else { draw.minutes(60, 480) };
        let at = awake(now.plus(soon));
        match draw.below(100) {
            0..57 => self.satisfied(case, at, now, &mut draw),
            57..68 => {
                let stars = [Some(4), Some(3), Some(3), Some(2), None][draw.index(5)];
                let confirm = Confirm {
                    verdict: Some(Verdict::Partial),
                    stars,
                    words: draw.words(words::PARTIAL).to_owned(),
                    ..Confirm::default()
                };
                self.answers(case, at, now, confirm);
            }
            68..75 => {
                let reject = Reject {
                    stars: [Some(1), Some(1), Some(2), None][draw.index(4)],
                    words: draw.words(words::UNRESOLVED).to_owned(),
                    ..Reject::default()
                };
                self.answers(case, at, now, reject);
            }
            // Silence, until somebody reminds them.
            _ => {}
        }
    }

    fn answers(
        &mut self,
        case: &Case,
        at: Timestamp,
        now: Timestamp,
        answer: impl Into<domain::ticket::TicketCommand>,
    ) {
        let who = case.customer(&self.firm);
        self.press_if(at, now, case, who, answer, in_state(PhaseName::Resolved));
    }

    fn satisfied(&mut self, case: &Case, at: Timestamp, now: Timestamp, draw: &mut Draw) {
        // Stars are optional: one in four gives none.
        let stars = match draw.below(100) {
            0..48 => Some(5),
            48..68 => Some(4),
            68..74 => Some(3),
            74..76 => Some(2),
            _ => None,
        };
        let confirm = Confirm {
            verdict: Some(Verdict::Satisfied),
            stars,
            words: draw.words(words::SATISFIED).to_owned(),
            ..Confirm::default()
        };
        self.answers(case, at, now, confirm);
    }

    pub(super) fn on_reminded(&mut self, case: &Case, number: u32, now: Timestamp) {
        if !case.answer_awaited {
            return;
        }
        let mut draw = self.draw("reminded", case, u64::from(number));
        if draw.percent(45) {
            let at = awake(now.plus(draw.minutes(5, 300)));
            self.satisfied(case, at, now, &mut draw);
        }
    }

    pub(super) fn on_rejected(&mut self, case: &Case, now: Timestamp) {
        let mut draw = self.draw("rejected", case, case.resolved);
        if draw.percent(8) {
            // Pressed the wrong button.
            let who = case.customer(&self.firm);
            let at = now.plus(draw.minutes(1, 8));
            self.press(at, now, case, who, RetractAnswer {});
        }
    }

    pub(super) fn on_satisfied(&mut self, case: &Case, now: Timestamp) {
        let mut draw = self.draw("satisfied", case, case.resolved);
        if draw.percent(2) {
            // 又坏了.
            let who = case.customer(&self.firm);
            let at = awake(now.plus(draw.minutes(20 * 60, 50 * 60)));
            let reopen = Reopen { words: "又坏了".to_owned() };
            self.press_if(at, now, case, who, reopen, in_state(PhaseName::Closed));
        }
    }
}
