//! Simulated time: so many times as fast as the clock on the wall.

use std::time::Duration;

use serde_json::{Value, json};

/// How many simulated seconds pass in one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace(pub(crate) u32);

impl Pace {
    /// How long a simulated span takes.
    pub(crate) fn real(self, simulated: Duration) -> Duration {
        simulated / self.0
    }

    /// The simulated minutes of a span that was measured.
    pub(crate) fn minutes(self, real: Duration) -> f64 {
        real.as_secs_f64() * f64::from(self.0) / 60.0
    }

    /// The shipped rules with every span as much shorter, though none below a second, which is
    /// the least that rules allow.
    pub(crate) fn rules(self) -> Value {
        let minutes = |minutes: u64| format!("{}s", (minutes * 60 / u64::from(self.0)).max(1));
        let [hours, days] = [60, 24 * 60];
        json!({
            "accept": {
                "within": minutes(30), "urgent_within": minutes(5), "offer_within": minutes(30),
                "urgent_offer_within": minutes(5), "transfer_within": minutes(30),
            },
            "queue": {
                "within": minutes(30), "urgent_within": minutes(5), "claim_within": minutes(15),
                "unassigned_within": minutes(30), "duplicate_within": minutes(days),
                "imported_within": minutes(days),
            },
            "work": {
                "silent_after": minutes(4 * hours), "report_after": minutes(hours),
                "hold_default": minutes(days), "hold_max": minutes(90 * days),
            },
            "close": {
                "remind_after": [minutes(days), minutes(2 * days)],
                "silence_after": minutes(3 * days), "call_back_within": minutes(days),
                "undo_within": minutes(10), "reopen_within": minutes(7 * days),
            },
            "duplicates": {
                "within": minutes(30), "repeat_within": minutes(7 * days),
                "ask_within": minutes(5),
            },
            "urgent": {"position_within": minutes(15)},
            "board": {"red_after": minutes(2 * hours), "flash_after": minutes(days)},
        })
    }
}
