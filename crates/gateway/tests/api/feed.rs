//! The feed: all events, in order, each once.

use domain::{Epoch, GlobalPosition};
use eventlog::EventLog;
use serde_json::{Value, json};

use crate::world::World;

fn positions(body: &Value) -> Vec<u64> {
    let events = body["events"].as_array().expect("events");
    events.iter().map(|event| event["position"].as_u64().expect("a position")).collect()
}

#[tokio::test]
async fn pages_have_every_event_once_and_in_order() {
    let world = World::new();
    for _ in 0..7 {
        world.ticket().await;
    }
    let (mut after, mut all) = (String::new(), Vec::new());
    loop {
        let page = world.get(&format!("/events?limit=3{after}")).send().await;
        assert_eq!(page.status, 200);
        all.extend(positions(&page.body));
        after = format!("&after={}", page.text("next"));
        if page.body["more"] == false {
            break;
        }
    }
    assert_eq!(all, (1..=world.log.head().position.get()).collect::<Vec<_>>());
    // At the end the cursor stays, and what comes later is found after it.
    let end = world.get(&format!("/events?limit=3{after}")).send().await;
    assert!(positions(&end.body).is_empty());
    world.ticket().await;
    let more = world.get(&format!("/events?limit=3{after}")).send().await;
    assert_eq!(positions(&more.body), [world.log.head().position.get()]);
}

#[tokio::test]
async fn each_page_says_of_which_log_it_is() {
    let world = World::new();
    let page = world.get("/events").send().await;
    let event = page.body["events"][0].clone();
    assert_eq!(
        page.seen(),
        (
            200,
            &json!({
                "log": {"id": "89ec85dc20ef4ae18f48af68d3ccc9a9", "epoch": 1},
                "position": 1, "more": false,
                "next": "89ec85dc20ef4ae18f48af68d3ccc9a9:1:1",
                "events": [{
                    "position": 1, "id": event["id"], "stream": "log", "version": 1,
                    "type": "LogCreated", "occurred_at": "2026-03-02T00:00:00Z",
                    "recorded_at": "2026-03-02T00:00:00Z",
                    "actor": event["actor"], "command": event["command"], "caused_by": null,
                    "data": {"log_id": "89ec85dc20ef4ae18f48af68d3ccc9a9", "epoch": 1},
                }],
            })
        )
    );
}

#[tokio::test]
async fn a_cursor_of_another_log_or_epoch_is_void() {
    let world = World::new();
    let log = world.log.identity();
    let cursors = [
        format!("{:032x}:{}:1", 8, Epoch::FIRST),
        format!("{:032x}:{}:1", log.log_id, Epoch::new(2)),
        GlobalPosition::new(99).to_string(),
    ];
    for cursor in cursors {
        for path in ["/events", "/stream"] {
            let void = world.get(&format!("{path}?after={cursor}")).send().await;
            assert_eq!(void.problem(), (410, "cursor-void"), "{path} {cursor}");
            assert_eq!(void.body["log"]["epoch"], 1);
        }
    }
    for garbage in ["x", "-1", "1:2", "%F0%9F%98%80"] {
        let wrong = world.get(&format!("/events?after={garbage}")).send().await;
        assert_eq!(wrong.problem(), (400, "bad-query"), "{garbage}");
    }
}
