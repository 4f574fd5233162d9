//! Every number of `/metrics` is true, and what is looked at is what is told.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use eventlog::ManualClock;
use serde_json::{Value, json};

use crate::client::Client;
use crate::exposition::{self, Scrape};
use crate::firm::Firm;
use crate::promql;
use crate::running::InProcess;

/// 09:00 on a Monday in Shanghai.
const MORNING: &str = "2026-03-02T01:00:00Z";

fn clock() -> ManualClock {
    ManualClock::new(MORNING.parse().expect("a moment"))
}

/// Numbers once nothing is under way: asked again until two in a row say so.
#[track_caller]
fn at_rest(client: &Client) -> Scrape {
    const TRIES: usize = 2_000;
    for _ in 0..TRIES {
        let head = client.get("/readyz").number("/log/position");
        let reads = ["tickets", "satisfaction", "engineers/load", "lifecycle", "rules"];
        for read in reads {
            client.get(&format!("/api/v1/{read}?min_position={head}")).expect(200);
        }
        let scrape = Scrape::of(client);
        let all = |name: &str| scrape.0[name].samples.iter().all(|(_, _, value)| *value == 0.0);
        if all("paidan_dispatcher_in_flight")
            && all("paidan_dispatcher_lag_events")
            && all("paidan_projection_lag_events")
            && all("paidan_dispatcher_timers_due")
            && all("paidan_log_queue_appends")
            && scrape.value("paidan_log_position", &[]) == head as f64
        {
            return scrape;
        }
    }
    panic!("it never comes to rest: {:#?}", Scrape::of(client));
}

/// A ticket that times out, is assigned anew and done.
fn live(client: &Client, clock: &ManualClock, firm: &Firm) -> String {
    let id = firm.report(client, "冲床咔哒两声就停了");
    client.ticket_once(&id, "assigned");
    at_rest(client);
    clock.advance(Duration::from_secs(31 * 60));
    client.get_until(&format!("/api/v1/tickets/{id}"), |answer| {
        answer.body["state"] == "assigned" && answer.body["assignments"] == 2
    });
    id
}

#[test]
fn each_number_changes_by_exactly_what_was_done() {
    let clock = clock();
    let server = InProcess::start(Arc::new(clock.clone()));
    let client = server.client();
    let firm = Firm::enter(&client, 2, 5);
    let before = at_rest(&client);
    let id = live(&client, &clock, &firm);
    let after = at_rest(&client);
    let change = |name: &str, labels: &[(&str, &str)]| {
        after.value(name, labels) - before.value(name, labels)
    };
    let history = client.history(&id);
    let count = |event: &str| history.iter().filter(|name| *name == event).count() as f64;
    assert_eq!((count("Assigned"), count("TimedOut")), (2.0, 1.0), "{history:?}");

    let posted = [("method", "POST"), ("route", "/api/v1/tickets"), ("status_class", "2xx")];
    assert_eq!(change("paidan_http_requests_total", &posted), 1.0);
    let timed = &posted[..2];
    assert_eq!(change("paidan_http_request_duration_seconds_count", timed), 1.0);
    assert_eq!(after.value("paidan_http_requests_in_flight", &[]), 1.0, "the one that asks");
    assert_eq!(change("paidan_tickets_open", &[]), 1.0);
    assert_eq!(change("paidan_dispatcher_open_tickets", &[]), 1.0);
    let done = |action| [("action", action), ("outcome", "done")];
    assert_eq!(change("paidan_dispatcher_actions_total", &done("assign")), 2.0);
    assert_eq!(change("paidan_dispatcher_actions_total", &done("timeout")), 1.0);
    assert_eq!(change("paidan_dispatcher_redispatches_total", &[]), 1.0);

    // The log: a report, two assignments, a time-out; each is one append.
    assert_eq!(change("paidan_log_appends_total", &[]), 4.0);
    let events = change("paidan_log_position", &[]);
    assert!(events >= 6.0, "places are taken and freed too: {events}");
    assert_eq!(change("paidan_log_events_total", &[]), events);
    assert_eq!(change("paidan_log_append_wait_seconds_count", &[]), 4.0);
    assert_eq!(change("paidan_log_group_appends_sum", &[]), 4.0);
    assert_eq!(
        change("paidan_log_group_appends_count", &[]),
        change("paidan_log_sync_duration_seconds_count", &[])
    );
    assert_eq!(after.value("paidan_log_poisoned", &[]), 0.0);
    assert!(after.value("paidan_disk_free_bytes", &[]) > 0.0);
    assert!(after.value("paidan_log_size_bytes", &[]) > 0.0);
    for (_, labels, position) in &after.0["paidan_projection_position"].samples {
        assert_eq!(*position, after.value("paidan_log_position", &[]), "{labels:?}");
    }
    assert_eq!(after.value("paidan_start_time_seconds", &[]), 1_772_413_200.0);
    assert_eq!(after.value("paidan_dispatcher_state", &[("state", "running")]), 1.0);
    assert_eq!(after.value("paidan_dispatcher_state", &[("state", "stopped")]), 0.0);
    assert_eq!(after.value("paidan_dispatcher_oldest_due_seconds", &[]), 0.0);

    client.post("/api/v1/engineers/E1/online", json!({})).expect(200);
    assert_eq!(Scrape::of(&client).value("paidan_presence_leases", &[]), 1.0);
    let lost = client.get("/no/such/address");
    assert_eq!(lost.status, 404);
    let strangers = [("method", "GET"), ("route", "none"), ("status_class", "4xx")];
    assert_eq!(Scrape::of(&client).value("paidan_http_requests_total", &strangers), 1.0);
}

#[test]
fn a_restart_begins_counters_anew_and_tells_of_its_snapshots() {
    let clock = clock();
    let mut server = InProcess::start(Arc::new(clock.clone()));
    Firm::enter(&server.client(), 1, 5);
    let before = at_rest(&server.client());
    let position = before.value("paidan_log_position", &[]);
    server.restart();
    let after = at_rest(&server.client());
    assert_eq!(after.value("paidan_log_position", &[]), position);
    assert_eq!(after.value("paidan_log_appends_total", &[]), 0.0);
    let model = [("projection", "directory")];
    assert_eq!(after.value("paidan_projection_snapshot_position", &model), position);
    assert_eq!(before.value("paidan_projection_snapshot_position", &model), 0.0);
}

pub(crate) fn document(name: &str) -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    std::fs::read_to_string(docs.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All texts under a key, wherever they stand.
fn texts_under<'a>(key: &str, value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == key => found.push(text),
                    _ => texts_under(key, member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| texts_under(key, item, found)),
        _ => {}
    }
}

#[test]
fn the_dashboard_the_alerts_and_the_table_name_what_a_server_tells() {
    let clock = clock();
    let server = InProcess::start(Arc::new(clock.clone()));
    let client = server.client();
    let firm = Firm::enter(&client, 2, 5);
    live(&client, &clock, &firm);
    let scrape = at_rest(&client);

    let dashboard: Value =
        serde_json::from_str(&document("observability/grafana-dashboard.json")).expect("JSON");
    let mut shown = Vec::new();
    texts_under("expr", &dashboard, &mut shown);
    let alerts = document("observability/alerts.yaml");
    let alerts: Vec<&str> =
        alerts.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).collect();
    assert!(shown.len() > 20 && alerts.len() > 10, "{} {}", shown.len(), alerts.len());
    let mut named = std::collections::BTreeSet::new();
    for expression in shown.into_iter().chain(alerts) {
        match promql::check(expression, &scrape) {
            Ok(names) => named.extend(names),
            Err(why) => panic!("{expression}: {why}"),
        }
    }
    let known = |name: &str| scrape.family(name).is_some();
    assert!(named.iter().all(|name| known(name)));

    let written = exposition::table(&document("observability.md"));
    assert_eq!(written, scrape.table(), "docs/observability.md");
}

#[test]
fn an_expression_that_could_never_match_is_found() {
    let clock = clock();
    let server = InProcess::start(Arc::new(clock));
    let scrape = at_rest(&server.client());
    let fine = |expression: &str| promql::check(expression, &scrape).is_ok();
    assert!(fine("rate(paidan_log_events_total[5m]) > 0"));
    assert!(fine(r#"paidan_dispatcher_state{state="stopped"} == 1"#));
    for wrong in [
        "paidan_log_positon",
        "paidan_log_events_total",
        "rate(paidan_log_events_total)",
        "rate(paidan_log_position[5m])",
        "rate(paidan_log_sync_duration_seconds[5m])",
        r#"paidan_dispatcher_state{mood="stopped"}"#,
        r#"paidan_dispatcher_state{state="stoped"}"#,
        "sum by (colour) (paidan_log_position)",
        "(paidan_log_position",
        "rate(paidan_log_events_total[5 minutes])",
        "avg_of(paidan_log_position)",
        "1 > 0",
    ] {
        assert!(!fine(wrong), "{wrong}");
    }
}
