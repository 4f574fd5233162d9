//! Conditions of commands and reads: versions, times, positions.

use std::sync::Arc;
use std::time::Duration;

use gateway::{Config, NoDispatcher};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_stale_version_is_refused_with_the_current_one() {
    let world = World::new();
    let id = world.ticket().await;
    world.done(&format!("/tickets/{id}/note"), json!({"words": "一"})).await;
    let note = |tag: &str| {
        let note = world.post(&format!("/tickets/{id}/note")).header("if-match", tag);
        note.json(&json!({"words": "二"})).send()
    };
    let stale = note("\"1\"").await;
    assert_eq!(
        stale.seen(),
        (
            412,
            &json!({
                "type": "urn:paidan:problem:version-mismatch",
                "title": "It has changed meanwhile", "title_zh": "版本已变化", "status": 412,
                "detail": format!(
                    "{id} is at version 2, not 1; read it again, then send the command with \
                     If-Match: \"2\""
                ),
                "id": id, "expected": 1, "version": 2,
            })
        )
    );
    assert_eq!(stale.header("etag"), "\"2\"");
    assert_eq!(note(stale.header("etag")).await.status, 200);
}

#[tokio::test]
async fn a_tag_that_is_no_strong_version_is_refused() {
    let world = World::new();
    let id = world.ticket().await;
    for tag in ["W/\"1\"", "1", "*", "\"x\"", "\"1\", \"2\""] {
        let note = world.post(&format!("/tickets/{id}/note")).header("if-match", tag);
        assert_eq!(note.send().await.problem(), (400, "bad-header"), "{tag}");
    }
}

#[tokio::test]
async fn what_happened_in_the_future_is_refused() {
    let world = World::new();
    let id = world.ticket().await;
    let urge = |at: &str| {
        world.post(&format!("/tickets/{id}/urge")).header("paidan-occurred-at", at).send()
    };
    assert_eq!(urge("2026-03-02T00:06:00Z").await.problem(), (422, "implausible-time"));
    assert_eq!(urge("yesterday").await.problem(), (400, "bad-header"));
    assert_eq!(urge("2026-03-01T20:00:00+08:00").await.status, 200);
}

#[tokio::test]
async fn a_read_that_names_a_position_sees_what_was_written() {
    let world = World::new();
    for number in 0..50 {
        let sentence = json!({"sentence": format!("第 {number} 件")});
        let created = world.post("/tickets").json(&sentence).send().await;
        let position = created.position();
        let path = format!("/tickets?sort=newest&limit=1&min_position={position}");
        let list = world.get(&path).send().await;
        assert_eq!(list.status, 200, "{}", list.body);
        assert!(list.position() >= position);
        assert_eq!(list.body["tickets"][0]["id"], created.body["id"]);
    }
}

#[tokio::test]
async fn a_position_that_does_not_come_is_answered_with_the_one_there_is() {
    let config = Config { wait_max: Duration::from_millis(5), ..Config::default() };
    let world = World::with(config, Arc::new(NoDispatcher));
    let id = world.ticket().await;
    let head = world.settled().await.get();
    let reads = [
        "/tickets",
        "/backlog/top",
        "/queues",
        "/engineers",
        "/engineers/load",
        "/satisfaction",
        "/lifecycle",
        "/events",
        "/rules",
        "/engineers/E1",
        "/outlets/PD",
        &format!("/tickets/{id}"),
        &format!("/tickets/{id}/events"),
        &format!("/tickets/{id}/why"),
    ];
    for path in reads {
        let late = world.get(&format!("{path}?min_position=1000")).send().await;
        assert_eq!(late.problem(), (503, "read-model-lags"), "{path}");
        assert_eq!(
            (&late.body["position"], &late.body["min_position"]),
            (&head.into(), &1000.into())
        );
        assert_eq!(late.header("retry-after"), "1");
    }
}

#[tokio::test]
async fn nothing_is_told_before_it_is_durable() {
    let world = World::new();
    let id = world.ticket().await;
    world.log.hold();
    let note = world.post(&format!("/tickets/{id}/note")).json(&json!({"words": "线断了"})).send();
    let read = async {
        // The command is queued by now and waits.
        tokio::task::yield_now().await;
        let read = world.get(&format!("/tickets/{id}")).send().await;
        world.log.release();
        read
    };
    let (note, read) = tokio::join!(note, read);
    assert_eq!((&note.body["version"], &read.body["version"]), (&json!(2), &json!(1)));
}
