//! How long the dispatcher needs to hear of something: the median of what the log recorded.

use std::collections::VecDeque;
use std::time::Duration;

use domain::{GlobalPosition, Timestamp};
use eventlog::RecordedEvent;

/// Among so many last events the cause of a decision is looked for.
const REMEMBERED: usize = 4_096;
/// So many decisions say enough.
const SAMPLES_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Lag {
    last: VecDeque<(GlobalPosition, Timestamp)>,
    samples: Vec<Duration>,
}

impl Lag {
    /// Takes in the next event of the log.
    pub(crate) fn event(&mut self, recorded: &RecordedEvent) {
        let header = &recorded.header;
        if let (Some(basis), Some(cause)) = (header.basis, header.caused_by)
            && self.samples.len() < SAMPLES_MAX
            && let Ok(place) = self.last.binary_search_by_key(&cause, |(position, _)| *position)
            && let Some((_, caused_at)) = self.last.get(place)
        {
            self.samples.push(basis.decided_at.since(*caused_at));
        }
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
        }
        self.last.push_back((recorded.position, recorded.recorded_at));
    }

    pub(crate) fn median(mut self) -> Duration {
        let middle = self.samples.len() / 2;
        self.samples.sort_unstable();
        self.samples.get(middle).copied().unwrap_or_default()
    }
}
