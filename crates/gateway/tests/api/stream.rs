//! The stream: live events, and a client that comes back misses nothing.

use std::sync::Arc;
use std::time::Duration;

use axum::body::BodyDataStream;
use axum::http::{Method, Request};
use eventlog::EventLog;
use futures_util::StreamExt;
use gateway::{Config, NoDispatcher};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{LOG_ID, World};

/// One message of a stream.
#[derive(Debug, Default)]
struct Message {
    id: String,
    event: String,
    data: String,
}

struct Follower {
    body: BodyDataStream,
    read: String,
}

impl Follower {
    async fn begin(world: &World, query: &str, last_event_id: Option<&str>) -> Self {
        let mut request =
            Request::builder().method(Method::GET).uri(format!("/api/v1/stream{query}"));
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let request = request.body(axum::body::Body::empty()).expect("a request");
        let response = world.router.clone().oneshot(request).await.expect("never fails");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), read: String::new() }
    }

    /// The next message; heartbeats are passed over. Nothing at the end.
    async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some((block, rest)) = self.read.split_once("\n\n") {
                let mut message = Message::default();
                for line in block.lines() {
                    match line.split_once(": ") {
                        Some(("id", id)) => message.id = id.to_owned(),
                        Some(("event", event)) => message.event = event.to_owned(),
                        Some(("data", data)) => message.data = data.to_owned(),
                        _ => {}
                    }
                }
                self.read = rest.to_owned();
                if !message.data.is_empty() {
                    return Some(message);
                }
                continue;
            }
            let piece = tokio::time::timeout(Duration::from_secs(10), self.body.next());
            let piece = piece.await.expect("something comes")?.expect("a whole message");
            self.read.push_str(std::str::from_utf8(&piece).expect("UTF-8"));
        }
    }

    async fn position(&mut self) -> u64 {
        let message = self.next().await.expect("a message");
        let event: Value = serde_json::from_str(&message.data).expect("JSON");
        let position = event["position"].as_u64().expect("a position");
        assert_eq!(message.id, format!("{:032x}:1:{position}", LOG_ID));
        position
    }
}

#[tokio::test]
async fn a_client_that_comes_back_misses_nothing_and_gets_nothing_twice() {
    let world = World::new();
    // More than a page of what is read at once.
    for _ in 0..50 {
        world.ticket().await;
    }
    let mut seen = Vec::new();
    let mut last = "0".to_owned();
    // Breaks off in the middle of a page, at its end, and again.
    for length in [1, 5, 26, 7] {
        let mut follower = Follower::begin(&world, "?after=0", Some(&last)).await;
        assert_eq!(follower.next().await.expect("a beginning").event, "begin");
        for _ in 0..length {
            let position = follower.position().await;
            seen.push(position);
            last = format!("{:032x}:1:{position}", LOG_ID);
        }
    }
    let mut follower = Follower::begin(&world, "", Some(&last)).await;
    follower.next().await.expect("a beginning");
    while seen.last() < Some(&world.log.head().position.get()) {
        seen.push(follower.position().await);
    }
    // Live from here on.
    let created = world.post("/tickets").json(&json!({"sentence": "停机"})).send().await;
    seen.push(follower.position().await);
    assert_eq!(seen.last(), Some(&created.position()));
    assert_eq!(seen, (1..=seen.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn without_a_cursor_only_what_comes_is_told() {
    let world = World::new();
    world.ticket().await;
    let mut follower = Follower::begin(&world, "", None).await;
    let begin = follower.next().await.expect("a beginning");
    assert_eq!((begin.event.as_str(), begin.id), ("begin", format!("{:032x}:1:2", LOG_ID)));
    world.ticket().await;
    assert_eq!(follower.position().await, 3);
}

#[tokio::test]
async fn a_cursor_of_another_log_is_refused_before_the_stream_begins() {
    let world = World::new();
    let other = format!("{:032x}:1:1", 8);
    let refused = world.get("/stream").header("last-event-id", &other).send().await;
    assert_eq!(refused.problem(), (410, "cursor-void"));
}

#[tokio::test]
async fn there_are_only_so_many_streams_and_one_that_ends_makes_room() {
    let config = Config { streams_max: 2, ..Config::default() };
    let world = World::with(config, Arc::new(NoDispatcher));
    let first = Follower::begin(&world, "", None).await;
    let _second = Follower::begin(&world, "", None).await;
    let refused = world.get("/stream").send().await;
    assert_eq!(
        (refused.problem(), refused.header("retry-after")),
        ((503, "too-many-streams"), "1")
    );
    drop(first);
    Follower::begin(&world, "", None).await;
}

#[tokio::test]
async fn streams_end_when_the_server_shuts_down() {
    let world = World::new();
    let mut follower = Follower::begin(&world, "", None).await;
    follower.next().await.expect("a beginning");
    world.gateway.close();
    assert!(follower.next().await.is_none());
}
