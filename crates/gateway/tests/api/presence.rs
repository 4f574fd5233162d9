//! Who is online, and where.

use std::sync::Arc;
use std::time::Duration;

use eventlog::EventLog;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::world::World;

impl World {
    /// Runs the housekeeping beside the test.
    fn keep_presence(&self) -> JoinHandle<()> {
        tokio::spawn(gateway::keep_presence(Arc::clone(&self.gateway)))
    }

    /// Waits until the housekeeping waits for the clock.
    async fn somebody_waits(&self) {
        bounded(async {
            while self.clock.waiters() == 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// The names of an engineer's events.
    async fn events_of(&self, code: &str) -> Vec<String> {
        let id = domain::EngineerId::from_code(code).to_string();
        let feed = self.get("/events?limit=1000").send().await;
        let events = feed.body["events"].as_array().expect("events").clone();
        let of_engineer = events.iter().filter(|event| event["stream"] == id.as_str());
        of_engineer.map(|event| event["type"].as_str().expect("a name").to_owned()).collect()
    }

    /// Waits until something is recorded after a position.
    async fn recorded_after(&self, position: u64) {
        let mut watch = self.log.watch();
        bounded(async {
            watch.wait_for(|head| head.get() > position).await.expect("the log lives");
        })
        .await;
    }

    async fn is_online(&self, code: &str) -> Value {
        self.get(&format!("/engineers/{code}")).send().await.body["online"].clone()
    }
}

async fn bounded(wait: impl Future<Output = ()>) {
    tokio::time::timeout(Duration::from_secs(10), wait).await.expect("it comes to that");
}

#[tokio::test]
async fn heartbeats_renew_a_lease_and_record_nothing() {
    let world = World::new();
    world.firm().await;
    let first = world.done("/engineers/E1/online", json!({})).await;
    assert_eq!(first.body["online_until"], "2026-03-02T00:02:00Z");
    assert_eq!(first.body["recorded_at"], "2026-03-02T00:00:00Z");
    for _ in 0..5 {
        world.pass(Duration::from_secs(60));
        let beat = world.done("/engineers/E1/online", json!({})).await;
        assert_eq!(beat.body["recorded_at"], json!(null));
    }
    assert_eq!(world.events_of("E1").await, ["ProfileSet", "DutyStarted", "WentOnline"]);
    world.done("/engineers/E1/offline", json!({})).await;
    assert_eq!(world.is_online("E1").await, false);
}

#[tokio::test]
async fn a_lease_that_ends_takes_the_engineer_offline_once() {
    let world = World::new();
    world.firm().await;
    let keeper = world.keep_presence();
    world.done("/engineers/E1/online", json!({})).await;
    world.somebody_waits().await;
    world.pass(Duration::from_secs(119));
    // A heartbeat just in time: the first end passes by.
    let beat = world.done("/engineers/E1/online", json!({})).await;
    world.pass(Duration::from_secs(2));
    assert_eq!(world.is_online("E1").await, true);
    world.somebody_waits().await;
    world.pass(Duration::from_secs(120));
    world.recorded_after(beat.position()).await;
    let feed = world.get(&format!("/events?after={}", beat.position())).send().await;
    let event = &feed.body["events"][0];
    let engineer = domain::EngineerId::from_code("E1");
    let ended = 1_772_409_600_000_000_u64 + (119 + 120) * 1_000_000;
    assert_eq!(
        (&event["type"], &event["data"], &event["actor"], &event["command"]),
        (
            &json!("WentOffline"),
            &json!({"why": "lease_ended"}),
            &json!({"party": "gateway", "assurance": "authenticated"}),
            &json!(format!("gateway/lease-ended/{engineer}/{ended}")),
        )
    );
    assert_eq!(world.is_online("E1").await, false);
    world.gateway.close();
    bounded(async { keeper.await.expect("no panic") }).await;
}

#[tokio::test]
async fn whoever_was_online_before_a_restart_gets_a_fresh_lease() {
    let world = World::new();
    world.firm().await;
    world.engineer("E2").await;
    world.done("/engineers/E1/online", json!({})).await;
    world.done("/engineers/E2/online", json!({})).await;
    let signed_out = world.done("/engineers/E2/offline", json!({})).await;
    let world = world.restarted();
    let keeper = world.keep_presence();
    world.somebody_waits().await;
    world.pass(Duration::from_secs(120));
    world.recorded_after(signed_out.position()).await;
    assert_eq!(world.is_online("E1").await, false);
    assert_eq!(world.events_of("E2").await.last().map(String::as_str), Some("WentOffline"));
    assert_eq!(world.log.head().position.get(), signed_out.position() + 1);
    world.gateway.close();
    bounded(async { keeper.await.expect("no panic") }).await;
}

#[tokio::test]
async fn a_position_is_recorded_after_a_minute_and_300_metres() {
    let world = World::new();
    world.firm().await;
    world.done("/engineers/E1/online", json!({})).await;
    let at = async |latitude: f64, key: &str| {
        let place = json!({"latitude": latitude, "longitude": 121.5});
        let reply = world.post("/engineers/E1/position").key(key).json(&place).send().await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        (reply.body["recorded_at"] != json!(null), reply.body["repeated"] == json!(true))
    };
    assert_eq!(at(31.2, "1").await, (true, false));
    // Far enough and too soon; late enough and too near; both.
    assert_eq!(at(31.3, "2").await, (false, false));
    world.pass(Duration::from_secs(60));
    assert_eq!(at(31.2001, "3").await, (false, false));
    assert_eq!(at(31.21, "4").await, (true, false));
    // A repetition gets its first result.
    assert_eq!(at(31.21, "4").await, (true, true));
    let moves = world.events_of("E1").await.iter().filter(|name| *name == "Moved").count();
    assert_eq!(moves, 2);
    // After a restart the last place is known from the log.
    let world = world.restarted();
    world.settled().await;
    let near = json!({"latitude": 31.2101, "longitude": 121.5});
    let reply = world.post("/engineers/E1/position").json(&near).send().await;
    assert_eq!((&reply.body["recorded_at"], reply.status), (&json!(null), 200));
}

#[tokio::test]
async fn nobody_unknown_comes_online_or_moves() {
    let world = World::new();
    for (verb, body) in [
        ("offline", json!({})),
        ("position", json!({"latitude": 31.2, "longitude": 121.5})),
        // Last: nothing after it ends a lease that it should not have begun.
        ("online", json!({})),
    ] {
        let reply = world.post(&format!("/engineers/E404/{verb}")).json(&body).send().await;
        assert_eq!(reply.problem(), (404, "not-found"), "{verb}");
    }
    let metrics = world.request(axum::http::Method::GET, "/metrics").send().await;
    assert!(metrics.body.as_str().expect("text").contains("\npaidan_presence_leases 0\n"));
}
