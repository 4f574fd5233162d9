//! Numbers for Prometheus, in its text format, written by hand.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;

use crate::Gateway;
use crate::ports::DispatcherState;

/// Upper ends of the histogram's buckets, in milliseconds.
const BUCKETS_MS: [u64; 10] = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000];

#[derive(Debug, Default)]
struct Route {
    /// How many were answered with a status.
    statuses: BTreeMap<u16, u64>,
    /// How many took so long; the last is for all that took longer.
    buckets: [u64; BUCKETS_MS.len() + 1],
    sum: Duration,
}

/// Requests by method and route. Both come from the table of routes, so there are few.
#[derive(Debug, Default)]
pub(crate) struct Requests(Mutex<BTreeMap<(String, String), Route>>);

impl Requests {
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let millis = took.as_millis();
        let bucket = BUCKETS_MS.iter().position(|upper| millis < u128::from(*upper));
        let mut routes = self.0.lock();
        let route = routes.entry((method.to_owned(), route.to_owned())).or_default();
        *route.statuses.entry(status).or_default() += 1;
        route.buckets[bucket.unwrap_or(BUCKETS_MS.len())] += 1;
        route.sum += took;
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let routes = self.0.lock();
        sample_head(out, "paidan_http_requests_total", "counter", "Requests that were answered.")?;
        for ((method, route), numbers) in routes.iter() {
            for (status, count) in &numbers.statuses {
                writeln!(
                    out,
                    "paidan_http_requests_total{{method=\"{method}\",route=\"{route}\",\
                     status=\"{status}\"}} {count}"
                )?;
            }
        }
        let name = "paidan_http_request_seconds";
        sample_head(out, name, "histogram", "How long answers took until their first byte.")?;
        for ((method, route), numbers) in routes.iter() {
            let labels = format!("method=\"{method}\",route=\"{route}\"");
            let mut total = 0;
            for (upper, count) in BUCKETS_MS.iter().zip(&numbers.buckets) {
                total += count;
                let seconds = Duration::from_millis(*upper).as_secs_f64();
                writeln!(out, "{name}_bucket{{{labels},le=\"{seconds}\"}} {total}")?;
            }
            total += numbers.buckets[BUCKETS_MS.len()];
            writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {total}")?;
            writeln!(out, "{name}_sum{{{labels}}} {}", numbers.sum.as_secs_f64())?;
            writeln!(out, "{name}_count{{{labels}}} {total}")?;
        }
        Ok(())
    }
}

/// The lines before the samples of one name.
pub(crate) fn sample_head(out: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

fn gauge(out: &mut String, name: &str, help: &str, value: u64) -> fmt::Result {
    sample_head(out, name, "gauge", help)?;
    writeln!(out, "{name} {value}")
}

/// `GET /metrics`.
pub(crate) async fn text(State(gateway): State<Arc<Gateway>>) -> Response {
    let mut out = String::new();
    // Writing into a string does not fail; whatever does is missing in the text.
    if write(&gateway, &mut out).is_err() {
        tracing::error!("the metrics could not be written");
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], out).into_response()
}

fn write(gateway: &Gateway, out: &mut String) -> fmt::Result {
    let ports = gateway.ports();
    let head_position = ports.log.head().position.get();
    gauge(out, "paidan_log_position", "The last durable event.", head_position)?;
    if let Some(queued) = ports.parts.log_queued() {
        gauge(out, "paidan_log_queued", "Appends that wait to become durable.", queued)?;
    }
    gateway.write_read_models(out, head_position)?;
    let dispatcher = ports.parts.dispatcher();
    let running = u64::from(dispatcher.state == DispatcherState::Running);
    gauge(out, "paidan_dispatcher_running", "1 while the dispatcher decides here.", running)?;
    let seen = dispatcher.position.get();
    gauge(out, "paidan_dispatcher_position", "The last event that it has seen.", seen)?;
    for (name, value) in &dispatcher.gauges {
        gauge(out, &format!("paidan_dispatcher_{name}"), "A number of the dispatcher.", *value)?;
    }
    let leases = gateway.presence.leases() as u64;
    gauge(out, "paidan_presence_leases", "Engineers who are online.", leases)?;
    let streams = gateway.config().streams_max - gateway.streams.available_permits();
    gauge(out, "paidan_streams", "Clients that follow the stream.", streams as u64)?;
    gateway.requests.write(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_adds_up_from_bucket_to_bucket() {
        let requests = Requests::default();
        for millis in [0, 3, 3, 9_000] {
            requests.answered("GET", "/x", 200, Duration::from_millis(millis));
        }
        let mut out = String::new();
        requests.write(&mut out).expect("a string takes all");
        for line in [
            "paidan_http_requests_total{method=\"GET\",route=\"/x\",status=\"200\"} 4",
            "paidan_http_request_seconds_bucket{method=\"GET\",route=\"/x\",le=\"0.001\"} 1",
            "paidan_http_request_seconds_bucket{method=\"GET\",route=\"/x\",le=\"0.005\"} 3",
            "paidan_http_request_seconds_bucket{method=\"GET\",route=\"/x\",le=\"5\"} 3",
            "paidan_http_request_seconds_bucket{method=\"GET\",route=\"/x\",le=\"+Inf\"} 4",
            "paidan_http_request_seconds_count{method=\"GET\",route=\"/x\"} 4",
        ] {
            assert!(out.contains(line), "{line}\n{out}");
        }
    }
}
