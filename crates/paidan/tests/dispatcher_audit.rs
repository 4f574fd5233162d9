//! Whether a ticket was forgotten: asked of a directory at rest, of a server, and of a gateway
//! that nobody dispatches for.

mod support;

use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use eventlog::ManualClock;
use mishaps::NatsServer;
use paidan::config::Role;
use serde_json::{Value, json};
use support::{Place, Served};

const AUDIT: [&str; 2] = ["dispatcher", "audit"];

fn monday() -> ManualClock {
    ManualClock::new(Timestamp::from_seconds(1_772_413_200))
}

/// The id of a ticket that was just reported.
fn report(server: &Served) -> String {
    let address = format!("http://{}/api/v1/tickets", server.address());
    let mut answer =
        ureq::post(address).send_json(json!({ "sentence": "3号冲床异响" })).expect("an answer");
    let body: Value = answer.body_mut().read_json().expect("JSON");
    body["id"].as_str().expect("an id").to_owned()
}

fn audit(server: &Served) -> Option<Value> {
    let address = format!("http://{}/api/v1/audit/tickets", server.address());
    // Until it has looked for the first time it says to ask again.
    ureq::get(address).call().ok()?.body_mut().read_json().ok()
}

/// Asks, with a bound, until the auditor looked at a state like this; each question is a round
/// trip.
fn until(server: &Served, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let mut last = None;
    for _ in 0..20_000 {
        last = audit(server);
        if let Some(audit) = last.take_if(|audit| holds(audit)) {
            return audit;
        }
    }
    panic!("never: {what}; {last:?}");
}

#[test]
fn a_directory_at_rest_names_the_tickets_that_nobody_takes_care_of() {
    let place = Place::new();
    let server = Served::start_at(&place.config(), Arc::new(monday()));
    let ticket = report(&server);
    server.stop();
    // It was March; whoever asks now finds what was due then.
    let (ended, text) = place.run_with_output(&AUDIT);
    let error = ended.expect_err("a ticket is neglected");
    assert_eq!((error.exit_code(), error.to_string().starts_with("1 open ticket")), (3, true));
    assert!(text.contains(&ticket) && text.contains("due, and nobody does it"), "{text}");
    let (_, text) = place.run_with_output(&["--lang", "zh", "dispatcher", "audit"]);
    assert!(text.contains("已到期，无人处理"), "{text}");
    let (_, json) = place.run_with_output(&["dispatcher", "audit", "--json"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["found"], json!({ "no_due_time": 0, "overdue": 1, "unanswered": 0 }));
    assert_eq!(json["tickets"][0]["ticket"], ticket.as_str());
}

#[test]
fn nothing_is_neglected_while_somebody_dispatches_however_late_it_gets() {
    let place = Place::new();
    let clock = monday();
    let server = Served::start_at(&place.config(), Arc::new(clock.clone()));
    until(&server, "a first audit", |audit| audit["open_tickets"] == 0);
    report(&server);
    // Nobody is there to take it: it goes up step by step and ends with the director.
    let mut position = 0;
    for _ in 0..6 {
        // For whatever is on its way, half an hour would be an answer that never came.
        let rests = |text: &str| {
            text.contains("paidan_dispatcher_in_flight 0\n")
                && text.contains("paidan_dispatcher_lag_events 0\n")
                && text.contains("paidan_dispatcher_open_tickets 1\n")
        };
        assert!((0..20_000).any(|_| rests(&metrics(&server))), "{}", metrics(&server));
        clock.advance(Duration::from_secs(1_800));
        let now = clock_text(&clock);
        let later = until(&server, "a later audit", |audit| audit["at"].as_str() >= Some(&now));
        assert_eq!(later["found"], json!({ "no_due_time": 0, "overdue": 0, "unanswered": 0 }));
        let before = std::mem::replace(&mut position, later["position"].as_u64().expect("one"));
        assert!(position >= before && later["open_tickets"] == 1, "{later}");
    }
    assert!(place.answer(&AUDIT).starts_with("1 open ticket, looked through at"));
}

#[test]
fn a_gateway_that_nobody_dispatches_for_says_which_tickets_wait() {
    let (place, nats, clock) = (Place::new(), NatsServer::start(), monday());
    let mut config = place.config();
    config.role = Role::Gateway;
    config.nats.url = nats.url();
    let server = Served::start_at(&config, Arc::new(clock.clone()));
    until(&server, "a first audit", |audit| audit["open_tickets"] == 0);
    let ticket = report(&server);
    clock.advance(Duration::from_secs(3_600));
    // It may have looked just before it read of the ticket, and looks again a minute later.
    let found = until(&server, "it is found", |audit| {
        clock.advance(Duration::from_secs(60));
        audit["found"]["overdue"] == 1
    });
    assert_eq!(found["tickets"][0]["ticket"], ticket.as_str());
    let metrics = metrics(&server);
    assert!(metrics.contains("paidan_tickets_neglected{problem=\"overdue\"} 1\n"), "{metrics}");
}

fn metrics(server: &Served) -> String {
    let address = format!("http://{}/metrics", server.address());
    let mut answer = ureq::get(address).call().expect("an answer");
    answer.body_mut().read_to_string().expect("text")
}

fn clock_text(clock: &ManualClock) -> String {
    use eventlog::Clock;
    clock.now().to_string()
}
