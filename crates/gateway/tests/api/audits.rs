//! Attachments are audited over HTTP, and a loss shows on the board and in the numbers.

use std::sync::Arc;

use attachments::store::Erase;
use domain::{Actor, AttachmentsAudited, Command, CommandId, ContentHash, GlobalPosition};
use domain::{Issuer, Party};
use engine::{Engine, Submission};
use serde_json::json;

use crate::world::World;

const AUDIT: &str = "/audit/attachments";

/// A report whose text is so long that it is kept as an attachment.
async fn with_attachment() -> (World, ContentHash) {
    let world = World::new();
    world.firm().await;
    let sentence = "冲床停了。".repeat(2_000);
    let made = world.post("/tickets").json(&json!({ "sentence": sentence })).send().await;
    assert_eq!(made.status, 201, "{}", made.body);
    let hash = ContentHash(*blake3::hash(sentence.as_bytes()).as_bytes());
    (world, hash)
}

#[tokio::test]
async fn an_audit_counts_what_is_there_and_names_what_is_missing() {
    let (world, hash) = with_attachment().await;
    let whole = world.get(&format!("{AUDIT}?deep=true&handovers=true")).send().await;
    assert_eq!(whole.status, 200, "{}", whole.body);
    let totals = |body: &serde_json::Value| {
        (body["totals"]["named"].as_u64(), body["totals"]["intact"].as_u64())
    };
    assert_eq!(totals(&whole.body), (Some(1), Some(1)));
    world.attachments().store.erase(hash, Erase::Always).await.expect("erased");
    let lossy = world.get(AUDIT).send().await;
    assert_eq!(totals(&lossy.body), (Some(1), Some(0)));
    assert_eq!(lossy.body["findings"][0]["class"], "missing");
    assert_eq!(lossy.body["findings"][0]["hash"], hash.to_string());
    let before = world.get(&format!("{AUDIT}?as_of=1")).send().await;
    assert_eq!(totals(&before.body), (Some(0), Some(0)));
    let custody = world.get(&format!("{AUDIT}/{hash}/custody")).send().await;
    assert_eq!(custody.body["steps"][0]["what"], "linked", "{}", custody.body);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_what_to_ask() {
    let (world, _) = with_attachment().await;
    for query in ["as_of=yesterday", "as_of=999999", "depth=1"] {
        let refused = world.get(&format!("{AUDIT}?{query}")).send().await;
        assert_eq!(refused.problem(), (400, "bad-query"), "{query}");
    }
    let unknown = world.get(&format!("{AUDIT}/{}/custody", "0".repeat(64))).send().await;
    assert_eq!(unknown.problem(), (404, "not-found"));
    let wrong = world.get(&format!("{AUDIT}/x/custody")).send().await;
    assert_eq!(wrong.problem(), (400, "bad-path"));
}

#[tokio::test]
async fn a_loss_shows_on_the_board_and_in_the_numbers_as_soon_as_it_is_recorded() {
    let world = World::new();
    let board = async |language| {
        let page = world.request(axum::http::Method::GET, "/").header("accept-language", language);
        page.send().await.body.as_str().expect("a page").to_owned()
    };
    assert!(!board("en").await.contains("attachments-lost"));
    let clock = Arc::new(world.clock.clone());
    let engine = Engine::new(world.log.clone(), clock, engine::Options::default());
    let audited = AttachmentsAudited {
        as_of: GlobalPosition::new(1),
        deep: false,
        named: 5,
        intact: 2,
        damaged: 1,
        missing: 2,
        removed: 0,
        quarantined: 0,
        erased: 0,
        never_arrived: 0,
        orphans: 0,
        took_ms: 3,
    };
    let id = CommandId { issuer: Issuer::Gateway, key: "audit".into() };
    let command = Command::RecordAudit(audited);
    let by = Actor::system(Party::Gateway);
    engine.submit(Submission::live(id, command, by)).await.expect("recorded");
    world.settled().await;
    world.pass(std::time::Duration::from_secs(7));
    assert!(board("en").await.contains("3 attachments are missing or damaged"));
    assert!(board("zh").await.contains("3 个附件缺失或损坏"));
    let numbers = world.request(axum::http::Method::GET, "/metrics").send().await;
    let text = String::from_utf8_lossy(&numbers.bytes).into_owned();
    assert!(text.contains("\npaidan_attachments_lost 3\n"), "{text}");
    assert!(text.contains("\npaidan_attachments_audit_age_seconds 7\n"), "{text}");
}
