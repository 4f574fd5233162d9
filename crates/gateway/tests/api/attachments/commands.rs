//! What commands name is there, and the store says so.

use serde_json::{Value, json};

use super::PNG;
use crate::world::World;

#[tokio::test]
async fn a_photo_goes_with_a_report_and_its_bytes_are_linked_in_the_same_append() {
    let world = World::new();
    let photo = world.file("冲床.png", PNG).await;
    let report = json!({"sentence": "冲床停了", "attachments": [photo]});
    let sent = world.post("/tickets").actor("agent:code:K3").json(&report).send().await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    let linked = world.events("AttachmentLinked").await;
    let created = world.events("Created").await;
    assert_eq!(linked.len(), 1);
    assert_eq!(linked[0]["data"]["attachment"]["hash"], photo["hash"]);
    assert_eq!(linked[0]["data"]["upload"]["via"], "put");
    assert_eq!(linked[0]["command"], created[0]["command"]);
    assert!(world.events("AttachmentQuarantined").await.is_empty());
}

#[tokio::test]
async fn a_reference_that_nobody_uploaded_or_that_is_changed_is_refused() {
    let world = World::new();
    let photo = world.file("冲床.png", PNG).await;
    let other = |field: &str, value: Value| {
        let mut changed = photo.clone();
        changed[field] = value;
        changed
    };
    for wrong in [
        other("hash", "0".repeat(64).into()),
        other("bytes", 1.into()),
        other("media_type", "text/html".into()),
    ] {
        let report = json!({"attachments": [wrong]});
        let sent = world.post("/tickets").json(&report).send().await;
        assert_eq!(sent.problem(), (422, "attachment-unknown"), "{wrong}");
    }
    assert!(world.events("AttachmentLinked").await.is_empty());
}

#[tokio::test]
async fn every_way_in_asks_the_store() {
    let world = World::new();
    let ticket = world.ticket().await;
    let photo = world.file("冲床.png", PNG).await;
    let unknown = json!({"hash": "1".repeat(64), "bytes": 1, "media_type": "x/y", "name": ""});
    let note = |photo: &Value| json!({"words": "看照片", "attachments": [photo]});
    world.done(&format!("/tickets/{ticket}/note"), note(&photo)).await;
    let single = world.post(&format!("/tickets/{ticket}/note")).json(&note(&unknown)).send().await;
    assert_eq!(single.problem(), (422, "attachment-unknown"));
    let line = |body: Value| json!({"verb": "note", "ticket": ticket, "body": body}).to_string();
    let lines = format!("{}\n{}\n", line(note(&photo)), line(note(&unknown)));
    let many = world.post("/commands").raw("application/x-ndjson", lines).send().await;
    let answers: Vec<Value> = std::str::from_utf8(&many.bytes)
        .expect("text")
        .lines()
        .map(|line| serde_json::from_str(line).expect("an answer"))
        .collect();
    assert_eq!(answers[0]["status"], 200, "{}", answers[0]);
    assert_eq!(answers[1]["problem"]["type"], "urn:paidan:problem:attachment-unknown");
}

#[tokio::test]
async fn a_repetition_is_the_same_command_also_after_the_store_forgot_the_upload() {
    let world = World::new();
    let photo = world.file("冲床.png", PNG).await;
    let report = json!({"attachments": [photo]});
    let first = world.post("/tickets").key("报修").json(&report).send().await;
    let hash = photo["hash"].as_str().expect("a hash").parse().expect("a hash");
    world.attachments().uploads.forget(hash).await.expect("forgotten");
    let again = world.post("/tickets").key("报修").json(&report).send().await;
    assert_eq!((again.status, &again.body["repeated"]), (201, &json!(true)));
    assert_eq!(again.body["id"], first.body["id"]);
    world.settled().await;
    let other = world.post("/tickets").json(&report).send().await;
    assert_eq!(other.status, 201, "the log tells what the store forgot: {}", other.body);
}

#[tokio::test]
async fn a_text_of_a_mebibyte_becomes_an_attachment_and_a_retry_is_the_same_command() {
    let world = World::new();
    let text = "主轴异响。".repeat((1 << 20) / 15);
    assert!(text.len() > (1 << 20) - 16 && text.len() <= 1 << 20);
    let report = json!({"sentence": text});
    let first = world.post("/tickets").key("长").json(&report).send().await;
    assert_eq!(first.status, 201, "{}", first.body);
    let again = world.post("/tickets").key("长").json(&report).send().await;
    assert_eq!((again.status, &again.body["repeated"]), (201, &json!(true)));
    let linked = world.events("AttachmentLinked").await;
    assert_eq!(linked.len(), 1);
    let data = &linked[0]["data"];
    assert_eq!(data["attachment"]["hash"], blake3::hash(text.as_bytes()).to_hex().as_str());
    assert_eq!(data["attachment"]["media_type"], "text/plain");
    assert_eq!(data["upload"]["via"], "text");
    let ticket = world.get(&format!("/tickets/{}", first.text("id"))).send().await;
    let kept: String = text.chars().take(2_000).collect();
    assert_eq!(ticket.body["report"]["sentence"], kept);
}

#[tokio::test]
async fn a_text_that_is_longer_still_is_refused_and_told_what_to_do() {
    let world = World::new();
    let ticket = world.ticket().await;
    let words = "a".repeat((1 << 20) + 1);
    let sent = world.post(&format!("/tickets/{ticket}/note")).json(&json!({"words": words}));
    assert_eq!(sent.send().await.problem(), (413, "body-too-large"));
    let decline = json!({"words": "a".repeat(9_000)});
    let sent = world.post(&format!("/tickets/{ticket}/cancel")).json(&decline).send().await;
    assert_eq!(sent.problem(), (422, "invalid-field"), "no place for an attachment");
}
