//! `kill -9` while models are rebuilt, swapped and written: after it all of a swap's models are the
//! new ones or all the old ones, and each equals its fold.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::client::Client;
use crate::firm::Firm;
use crate::running::{Process, paidan};

const COUNTING: [&str; 2] = ["satisfaction", "lifecycle"];
/// After so many steps the server is killed, wherever it is then.
const STEPS_BEFORE_THE_KILL: [usize; 6] = [1, 2, 5, 11, 18, 26];

/// Rebuilds, swaps and swaps back until the server is gone. What is refused in between, because
/// something is not that far, is asked for again.
fn work(client: &Client, steps: &AtomicUsize) {
    let plan = json!({"models": COUNTING, "version": 1, "share": 100}).to_string();
    loop {
        for (step, body) in [("", plan.as_str()), ("/swap", "{}"), ("/swap-back", "{}")] {
            let path = format!("/api/v1/projections/rebuild{step}");
            if client.send("POST", &path, &[], Some(body.as_bytes())).is_err() {
                return;
            }
            steps.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn recounts(data: &Path) -> Vec<Value> {
    let list = paidan(data, &["projection", "list", "--json"]).output().expect("it runs");
    let list: Value = serde_json::from_slice(&list.stdout).expect("JSON");
    let models = list.as_array().expect("a list").iter();
    let counting = models.filter(|model| COUNTING.iter().any(|name| model["name"] == *name));
    counting.map(|model| model["recount"].clone()).collect()
}

#[test]
fn after_kill_9_no_swap_is_half_done_and_a_rebuild_goes_on() {
    let data = tempfile::tempdir().expect("a directory");
    let mut outlet = None;
    for steps_before_the_kill in STEPS_BEFORE_THE_KILL {
        let server = Process::start(data.path());
        let client = server.client();
        let outlet = outlet.get_or_insert_with(|| {
            let outlet = Firm::enter(&client, 5, 50).outlet;
            let rules = json!({"zone": "America/Los_Angeles"}).to_string();
            let sent = client.send("PUT", "/api/v1/rules", &[], Some(rules.as_bytes()));
            sent.expect("an answer").expect(200);
            outlet
        });
        let found = recounts(data.path());
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], found[1], "both are the old ones, or both the new ones");
        let check = paidan(data.path(), &["projection", "check"]).output().expect("it runs");
        assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
        for turn in 0..20 {
            let report = json!({"sentence": format!("第 {turn} 次"), "outlet": outlet});
            client.post("/api/v1/tickets", report).expect(201);
        }
        let steps = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let (another, steps) = (client.another(), &steps);
            let work = scope.spawn(move || work(&another, steps));
            while steps.load(Ordering::Relaxed) < steps_before_the_kill {
                assert!(!work.is_finished(), "the server is gone before it was killed");
                std::thread::yield_now();
            }
            server.kill();
        });
    }
    let server = Process::start(data.path());
    let client = server.client();
    // Whatever was left of it can be given up, and another one is made.
    client.post("/api/v1/projections/rebuild/cancel", json!({}));
    let begun = json!({"models": COUNTING, "version": 1, "share": 100});
    client.post("/api/v1/projections/rebuild", begun).expect(200);
    let check = paidan(data.path(), &["projection", "check"]).output().expect("it runs");
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}
