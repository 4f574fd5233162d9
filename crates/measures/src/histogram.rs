//! How often a value was how large.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const MICROS_PER_SECOND: f64 = 1e6;

/// What values mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// Spans of time, in microseconds.
    Micros,
    /// Plain numbers.
    One,
}

/// Counts values by their size. Counting takes no lock; the upper ends of its buckets are fixed.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64],
    unit: Unit,
    /// One for each bound, and one for all that is larger.
    buckets: Box<[AtomicU64]>,
    sum: AtomicU64,
}

/// What a histogram held at a moment, in seconds or plain numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Upper ends, which belong to the bucket, and how many values were not above them.
    pub buckets: Vec<(f64, u64)>,
    /// All values.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
}

impl Histogram {
    /// Of spans of time. The bounds ascend and are in microseconds.
    pub fn of_spans(bounds_us: &'static [u64]) -> Self {
        Self::new(bounds_us, Unit::Micros)
    }

    /// Of plain numbers. The bounds ascend.
    pub fn of_numbers(bounds: &'static [u64]) -> Self {
        Self::new(bounds, Unit::One)
    }

    fn new(bounds: &'static [u64], unit: Unit) -> Self {
        let buckets = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, unit, buckets, sum: AtomicU64::new(0) }
    }

    /// Counts a number.
    pub fn count(&self, value: u64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        if let Some(bucket) = self.buckets.get(place) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// Counts a span of time.
    pub fn count_span(&self, span: Duration) {
        self.count(u64::try_from(span.as_micros()).unwrap_or(u64::MAX));
    }

    /// What it holds. Values that are counted meanwhile may be in it or not.
    pub fn read(&self) -> Reading {
        let scaled = |value: u64| match self.unit {
            Unit::Micros => value as f64 / MICROS_PER_SECOND,
            Unit::One => value as f64,
        };
        let mut count = 0;
        let mut buckets = Vec::with_capacity(self.bounds.len());
        for (place, bucket) in self.buckets.iter().enumerate() {
            count += bucket.load(Ordering::Relaxed);
            if let Some(bound) = self.bounds.get(place) {
                buckets.push((scaled(*bound), count));
            }
        }
        Reading { buckets, count, sum: scaled(self.sum.load(Ordering::Relaxed)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_in_every_bucket_whose_end_it_does_not_pass() {
        let histogram = Histogram::of_numbers(&[1, 4, 16]);
        for value in [0, 1, 2, 4, 5, 17] {
            histogram.count(value);
        }
        let reading = histogram.read();
        assert_eq!(reading.buckets, [(1.0, 2), (4.0, 4), (16.0, 5)]);
        assert_eq!((reading.count, reading.sum), (6, 29.0));
    }

    #[test]
    fn spans_are_told_in_seconds() {
        let histogram = Histogram::of_spans(&[1_000, 1_000_000]);
        histogram.count_span(Duration::from_millis(250));
        histogram.count_span(Duration::from_millis(1_500));
        let reading = histogram.read();
        assert_eq!(reading.buckets, [(0.001, 0), (1.0, 1)]);
        assert_eq!((reading.count, reading.sum), (2, 1.75));
    }
}
