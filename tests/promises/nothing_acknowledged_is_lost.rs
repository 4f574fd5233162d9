//! `kill -9` under load: every acknowledged command is there, once, and every projection equals
//! its rebuild.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;

use crate::firm::Firm;
use crate::running::{Process, paidan};

const CLIENTS: usize = 8;
const ROUNDS: usize = 3;
const ACKNOWLEDGED_BEFORE_THE_KILL: usize = 150;

#[test]
fn after_kill_9_under_load_every_acknowledged_command_is_there_once() {
    let data = tempfile::tempdir().expect("a directory");
    // Idempotency key → the ticket and position of its receipt.
    let acknowledged: Mutex<HashMap<String, (String, u64)>> = Mutex::default();
    let unanswered: Mutex<Vec<String>> = Mutex::default();
    let mut outlet = None;
    for round in 0..ROUNDS {
        let server = Process::start(data.path());
        let client = server.client();
        let outlet = outlet.get_or_insert_with(|| Firm::enter(&client, 20, 50).outlet).clone();
        let (stopped, count) = (AtomicBool::new(false), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for number in 0..CLIENTS {
                let client = client.another();
                let (acknowledged, unanswered) = (&acknowledged, &unanswered);
                let (stopped, count, outlet) = (&stopped, &count, &outlet);
                scope.spawn(move || {
                    for turn in 0.. {
                        if stopped.load(Ordering::Relaxed) {
                            return;
                        }
                        let key = format!("{round}/{number}/{turn}");
                        let report = json!({"sentence": key, "outlet": outlet}).to_string();
                        let headers = [("Idempotency-Key", key.as_str())];
                        let path = "/api/v1/tickets";
                        let sent = client.send("POST", path, &headers, Some(report.as_bytes()));
                        match sent {
                            Ok(answer) => {
                                let answer = answer.expect(201);
                                let receipt =
                                    (answer.text("/id").to_owned(), answer.number("/position"));
                                acknowledged.lock().expect("no panic").insert(key, receipt);
                                count.fetch_add(1, Ordering::Relaxed);
                            }
                            Err(_) => {
                                unanswered.lock().expect("no panic").push(key);
                                return;
                            }
                        }
                    }
                });
            }
            while count.load(Ordering::Relaxed) < ACKNOWLEDGED_BEFORE_THE_KILL {
                std::thread::yield_now();
            }
            server.kill();
            stopped.store(true, Ordering::Relaxed);
        });
    }

    let server = Process::start(data.path());
    let client = server.client();
    let acknowledged = acknowledged.into_inner().expect("no panic");
    assert!(acknowledged.len() >= ROUNDS * ACKNOWLEDGED_BEFORE_THE_KILL);
    let outlet = outlet.expect("entered in the first round");
    let created_at = created_positions(&client);
    for (key, (ticket, position)) in &acknowledged {
        assert_eq!(created_at.get(ticket), Some(position), "{key}");
    }
    // Sent again, each gives its first result; what was never answered happens now, once.
    for key in acknowledged.keys().take(50).chain(unanswered.lock().expect("no panic").iter()) {
        let report = json!({"sentence": key, "outlet": outlet}).to_string();
        let headers = [("Idempotency-Key", key.as_str())];
        let answer = client.send("POST", "/api/v1/tickets", &headers, Some(report.as_bytes()));
        let answer = answer.expect("an answer").expect(201);
        if let Some((ticket, position)) = acknowledged.get(key) {
            assert_eq!(answer.text("/id"), ticket);
            assert_eq!(answer.number("/position"), *position);
        }
    }
    let check = paidan(data.path(), &["projection", "check"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&check.stdout);
    assert!(check.status.success(), "{said}{}", String::from_utf8_lossy(&check.stderr));
    drop(server);
    let verify = paidan(data.path(), &["log", "verify"]).output().expect("it runs");
    assert!(verify.status.success(), "{}", String::from_utf8_lossy(&verify.stderr));
}

/// Where each ticket was created, from the log; a second creation fails the test.
fn created_positions(client: &crate::client::Client) -> HashMap<String, u64> {
    let mut created = HashMap::new();
    let mut after = 0;
    loop {
        let page = client.get(&format!("/api/v1/events?after={after}&limit=1000")).expect(200);
        let events = page.body["events"].as_array().expect("events");
        if events.is_empty() {
            return created;
        }
        for event in events {
            let position = event["position"].as_u64().expect("a position");
            assert_eq!(position, after + 1, "the feed has a gap");
            after = position;
            if event["type"] == "Created" {
                let ticket = event["stream"].as_str().expect("a stream").to_owned();
                assert!(created.insert(ticket, position).is_none(), "created twice");
            }
        }
    }
}
