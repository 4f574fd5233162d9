//! Who opened what is recorded, a batch at a time.

use std::time::Duration;

use super::{PNG, Pair};
use crate::world::World;

const E7: &str = "engineer:code:E7";

#[tokio::test]
async fn who_of_the_firm_opened_an_attachment_is_recorded_once_for_many_times() {
    let world = World::new();
    let Pair { hash, .. } = world.ticket_with("a.png", PNG).await;
    for _ in 0..3 {
        world.content(&hash).actor(E7).send().await;
        world.pass(Duration::from_secs(5));
    }
    world.content(&hash).actor("customer:code:C1").send().await;
    world.content(&hash).actor(E7).header("range", "bytes=5-9").send().await;
    world.content(&hash).send().await;
    assert!(world.events("AttachmentOpened").await.is_empty(), "it waits for the others");
    world.gateway.flush_reads().await;
    world.gateway.flush_reads().await;
    let opened = world.events("AttachmentOpened").await;
    assert_eq!(opened.len(), 1);
    let reads = opened[0]["data"]["reads"].as_array().expect("reads");
    assert_eq!(reads.len(), 1, "{reads:?}");
    assert_eq!(
        (&reads[0]["times"], reads[0]["first_at"].as_str()),
        (&3.into(), Some("2026-03-02T00:00:00Z"))
    );
    assert_eq!(reads[0]["last_at"], "2026-03-02T00:00:10Z");
}

#[tokio::test]
async fn reads_are_recorded_when_their_time_has_come() {
    let world = World::new();
    let Pair { hash, .. } = world.ticket_with("a.png", PNG).await;
    let recording = tokio::spawn(gateway::record_reads(world.gateway.clone()));
    world.content(&hash).actor(E7).send().await;
    let before = world.log_head();
    // The recorder may not have looked at the clock yet, so time passes until it has.
    let recorded = async {
        while world.log_head() == before {
            world.pass(Duration::from_secs(60));
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), recorded).await.expect("recorded");
    assert_eq!(world.events("AttachmentOpened").await.len(), 1);
    world.gateway.close();
    recording.await.expect("it ends");
}
