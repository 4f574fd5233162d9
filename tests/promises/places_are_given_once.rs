//! No place is given twice, and nobody is refused for contention.

use std::collections::HashMap;

use serde_json::json;

use crate::firm::Firm;
use crate::running::Process;

const CLIENTS: usize = 64;
const ENGINEERS: usize = 10;
const ROUNDS: usize = 6;

#[test]
fn sixty_four_clients_at_ten_engineers_last_places_fail_only_for_want_of_a_place() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Process::start(data.path());
    let client = server.client();
    let firm = Firm::enter(&client, ENGINEERS, 1);
    // The dispatcher competes for the same places: all the better.
    std::thread::scope(|scope| {
        for number in 0..CLIENTS {
            let (client, firm) = (client.another(), &firm);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let engineer = &firm.engineers[(number + round) % ENGINEERS];
                    let ticket = firm.report(&client, "停机");
                    let path = |verb: &str| format!("/api/v1/tickets/{ticket}/{verb}");
                    let answer = client.post(&path("assign"), json!({"engineer": engineer}));
                    if answer.status != 200 {
                        let answer = answer.expect(409);
                        assert_eq!(answer.text("/type"), "urn:paidan:problem:no-free-place");
                    }
                    // Whoever has it, or nobody: it is done, and the place is free for the next.
                    client.post(&path("resolve"), json!({})).expect(200);
                }
            });
        }
    });

    // Every place that was ever taken was free then: read from the log, not from a model.
    let mut taken: HashMap<String, i32> = HashMap::new();
    let (mut after, mut given) = (0, 0);
    loop {
        let page = client.get(&format!("/api/v1/events?after={after}&limit=1000")).expect(200);
        let events = page.body["events"].as_array().expect("events");
        if events.is_empty() {
            break;
        }
        for event in events {
            after = event["position"].as_u64().expect("a position");
            let places = taken.entry(event["stream"].to_string()).or_default();
            match event["type"].as_str() {
                Some("PlaceTaken") => {
                    *places += 1;
                    given += 1;
                }
                Some("PlaceFreed") => *places -= 1,
                _ => continue,
            }
            assert!((0..=1).contains(places), "at position {after}");
        }
    }
    assert!(given >= ENGINEERS, "only {given} places were ever given");
    assert!(taken.values().all(|places| *places == 0), "all is done, so all are free");
}
