//! What is counted of requests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use measures::{Histogram, Kind, Text};
use parking_lot::Mutex;

/// Upper ends of the histogram's buckets, in microseconds.
const BUCKETS_US: [u64; 12] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000,
];

/// The classes of answers, by the first digit.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

#[derive(Debug)]
struct Route {
    classes: [u64; CLASSES.len()],
    took: Histogram,
}

impl Default for Route {
    fn default() -> Self {
        Self { classes: [0; CLASSES.len()], took: Histogram::of_spans(&BUCKETS_US) }
    }
}

/// Requests by method and route. Both come from the table of routes, so there are few.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    routes: Mutex<BTreeMap<(String, String), Route>>,
    in_flight: AtomicUsize,
}

/// A request without an answer yet.
pub(crate) struct InFlight<'a>(&'a AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Requests {
    /// A request came; it is under way until the value is dropped.
    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(&self.in_flight)
    }

    /// A request was answered after so long.
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let mut routes = self.routes.lock();
        let route = routes.entry((method.to_owned(), route.to_owned())).or_default();
        let class = usize::from(status / 100).saturating_sub(1);
        if let Some(count) = route.classes.get_mut(class) {
            *count += 1;
        }
        route.took.count_span(took);
    }

    pub(crate) fn write(&self, out: &mut Text) {
        let in_flight = self.in_flight.load(Ordering::Relaxed);
        out.gauge("paidan_http_requests_in_flight", "Requests without an answer yet.", in_flight);
        let routes = self.routes.lock();
        let help = "Requests that were answered.";
        let mut family = out.family("paidan_http_requests_total", Kind::Counter, help);
        for ((method, route), numbers) in routes.iter() {
            for (class, count) in CLASSES.iter().zip(numbers.classes) {
                if count > 0 {
                    let labels = [("method", method), ("route", route)];
                    let [method, route] = labels.map(|(name, value)| (name, value.as_str()));
                    family.sample(&[method, route, ("status_class", class)], count);
                }
            }
        }
        let help = "How long answers took until their first byte.";
        let name = "paidan_http_request_duration_seconds";
        let mut family = out.family(name, Kind::Histogram, help);
        for ((method, route), numbers) in routes.iter() {
            family.reading(&[("method", method), ("route", route)], &numbers.took.read());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_count_by_class_and_a_request_that_is_given_up_is_no_longer_in_flight() {
        let requests = Requests::default();
        for status in [200, 201, 404, 503] {
            requests.answered("GET", "/x", status, Duration::from_millis(3));
        }
        let first = requests.begin();
        drop(requests.begin());
        let mut out = Text::default();
        requests.write(&mut out);
        let text = out.finish();
        for line in [
            "paidan_http_requests_in_flight 1",
            "paidan_http_requests_total{method=\"GET\",route=\"/x\",status_class=\"2xx\"} 2",
            "paidan_http_requests_total{method=\"GET\",route=\"/x\",status_class=\"4xx\"} 1",
            "paidan_http_requests_total{method=\"GET\",route=\"/x\",status_class=\"5xx\"} 1",
            "paidan_http_request_duration_seconds_bucket{method=\"GET\",route=\"/x\",le=\"0.005\"} 4",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        drop(first);
    }
}
