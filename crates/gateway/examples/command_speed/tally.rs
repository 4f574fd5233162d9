//! How long answers took.

use std::time::Instant;

/// What counts: commands that are answered from then until then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) from: Instant,
    pub(crate) until: Instant,
}

/// How long each took, in microseconds.
#[derive(Debug, Default)]
pub(crate) struct Tally(Vec<u32>);

impl Tally {
    pub(crate) fn count(&mut self, window: &Window, begun: Instant) {
        let now = Instant::now();
        if now >= window.from && now < window.until {
            self.0.push(u32::try_from((now - begun).as_micros()).unwrap_or(u32::MAX));
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(crate) const fn counted(&self) -> usize {
        self.0.len()
    }

    /// The 50th, 99th and 100th of a hundred, in milliseconds.
    pub(crate) fn percentiles(mut self) -> [f64; 3] {
        self.0.sort_unstable();
        [50, 99, 100].map(|percent| {
            let rank = (self.0.len() * percent).div_ceil(100).max(1) - 1;
            self.0.get(rank).map_or(f64::NAN, |micros| f64::from(*micros) / 1e3)
        })
    }
}
