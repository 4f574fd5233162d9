//! The silent-timeout breaker, with a clock that the test moves.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use eventlog::ManualClock;
use serde_json::json;

use crate::client::Client;
use crate::firm::{Firm, SUPERVISOR};
use crate::running::InProcess;

const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60 + 1);

/// Monday morning in Shanghai.
fn clock() -> Arc<ManualClock> {
    let monday: Timestamp = "2026-03-02T09:00:00+08:00".parse().expect("a moment");
    Arc::new(ManualClock::new(monday))
}

#[track_caller]
fn assigned_anew(client: &Client, ticket: &str, number: u64) -> String {
    let path = format!("/api/v1/tickets/{ticket}");
    let answer = client.get_until(&path, |answer| answer.body["assignment"]["number"] == number);
    answer.text("/assignment/engineer").to_owned()
}

fn rounds_end_in_the_supervisors_queue(restart: bool) {
    let clock = clock();
    let mut server = InProcess::start(clock.clone());
    let firm = Firm::enter(&server.client(), 5, 3);
    let ticket = firm.report(&server.client(), "数控机床报警");
    let mut asked = HashSet::new();
    for round in 1..=3 {
        let engineer = assigned_anew(&server.client(), &ticket, round);
        assert!(asked.insert(engineer), "somebody was asked twice in one round");
        if restart {
            server.restart();
        }
        clock.advance(HALF_AN_HOUR);
    }
    let client = server.client();
    let queued = client.ticket_once(&ticket, "queued");
    assert_eq!(queued.text("/queue/role"), "supervisor");
    assert_eq!(queued.text("/queue/person"), SUPERVISOR);
    assert_eq!(queued.text("/queue/reason"), "rounds_exhausted");
    let due: Timestamp = queued.text("/queue/due").parse().expect("a moment");
    assert!(due > eventlog::Clock::now(clock.as_ref()));

    let history = client.history(&ticket);
    let count = |name: &str| history.iter().filter(|event| *event == name).count();
    assert_eq!((count("Assigned"), count("TimedOut"), count("Queued")), (3, 3, 1));
    // After each time-out, and once more with the queue.
    assert_eq!(count("Told"), 4);
}

#[test]
fn nobody_who_let_it_pass_is_asked_again_and_the_supervisor_has_it_after_the_last_round() {
    rounds_end_in_the_supervisors_queue(false);
}

#[test]
fn a_restart_between_the_rounds_changes_nothing() {
    rounds_end_in_the_supervisors_queue(true);
}

#[test]
fn opening_hours_pause_the_clock_of_a_ticket_that_is_not_urgent() {
    let clock = clock();
    let server = InProcess::start(clock.clone());
    let client = server.client();
    let hours = json!({"zone": "Asia/Shanghai", "weekly": "Mon-Fri 08:00-18:00", "exceptions": []});
    let firm = Firm::with_hours(&client, 2, 3, hours);
    clock.set("2026-03-02T17:50:00+08:00".parse().expect("a moment"));
    let ticket = firm.report(&client, "门禁坏了");
    let assigned = client.ticket_once(&ticket, "assigned");
    let due: Timestamp = assigned.text("/due").parse().expect("a moment");
    // Ten minutes are left today; the other twenty begin tomorrow at eight.
    assert_eq!(due, "2026-03-03T08:20:00+08:00".parse().expect("a moment"));
}

#[test]
fn a_report_that_nobody_can_take_goes_to_whoever_comes_on_duty() {
    let clock = clock();
    let server = InProcess::start(clock.clone());
    let client = server.client();
    let firm = Firm::enter(&client, 1, 3);
    let engineer = &firm.engineers[0];
    client.post(&format!("/api/v1/engineers/{engineer}/off-duty"), json!({})).expect(200);
    let ticket = firm.report(&client, "打印机卡纸");
    let path = format!("/api/v1/tickets/{ticket}/events");
    client.get_until(&path, |answer| answer.body.to_string().contains("DispatchDeferred"));
    clock.advance(Duration::from_secs(600));
    client.post(&format!("/api/v1/engineers/{engineer}/on-duty"), json!({})).expect(200);
    assert_eq!(client.ticket_once(&ticket, "assigned").text("/assignment/engineer"), engineer);
}
