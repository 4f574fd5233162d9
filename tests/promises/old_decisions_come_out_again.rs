//! Under the old rules the old decisions come out again, exactly, and the sandbox of `rules try` comes
//! near to what happened: on a whole log of the real server, with everything that the demo's people do.

use std::time::Duration;

use paidan::demo::BEGIN;
use serde_json::json;

use crate::demo::Played;

const TWO_DAYS: Duration = Duration::from_secs(54 * 3_600);

#[test]
fn of_a_demo_every_decision_comes_out_again_and_the_same_rules_lead_to_nearly_the_same() {
    let played = Played::until(11, BEGIN.plus(TWO_DAYS));
    let client = played.client();
    let held = client.get("/api/v1/rules").expect(200).body["rules"].clone();
    let tried = client.post("/api/v1/rules/try", json!({ "rules": held })).expect(200).body;
    let decisions = &tried["decisions"];
    let all = decisions["decisions"].as_u64().expect("a number");
    assert!(all > 800, "{all} decisions say little");
    // One dispatcher, which was never stopped: everything that it decided on is in the log.
    assert_eq!(decisions["exact"].as_u64(), Some(all), "{decisions:#}");
    let near = |what: &str| tried["nearness"][what].as_u64().expect("a number");
    for same in ["same_asked", "same_accepted", "same_wait"] {
        assert!(near(same) * 100 >= near("tickets") * 97, "{:#}", tried["nearness"]);
    }
    assert_eq!(tried["changed"]["tickets"], 0, "{:#}", tried["tickets"]);
}
