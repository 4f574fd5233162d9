//! Bytes go out to whoever may see them, and nothing in them runs.

use axum::http::Method;
use serde_json::{Value, json};

use super::{PNG, Pair};
use crate::world::World;

const TEXT: &[u8] = b"0123456789";

#[tokio::test]
async fn an_attachment_is_told_with_its_name_and_its_chain_of_custody() {
    let world = World::new();
    let Pair { ticket, hash } = world.ticket_with("冲床.png", PNG).await;
    let one = world.get(&format!("/attachments/{hash}")).send().await;
    assert_eq!(one.status, 200, "{}", one.body);
    assert_eq!(one.body["name"], "冲床.png");
    assert_eq!((&one.body["state"], &one.body["bytes"]), (&json!("shown"), &json!(PNG.len())));
    assert_eq!(one.body["links"][0]["ticket"], *ticket);
    assert_eq!(one.body["custody"][0]["type"], "AttachmentLinked");
    let of_ticket = world.get(&format!("/tickets/{ticket}/attachments")).send().await;
    assert_eq!(of_ticket.body["attachments"][0]["hash"], *hash);
    let none = world.get(&format!("/attachments/{}", "0".repeat(64))).send().await;
    assert_eq!(none.problem(), (404, "not-found"));
}

#[tokio::test]
async fn bytes_come_whole_in_part_or_not_again() {
    let world = World::new();
    let Pair { hash, .. } = world.ticket_with("a.txt", TEXT).await;
    let tag = format!("\"{hash}\"");
    let whole = world.content(&hash).send().await;
    assert_eq!((whole.status, &whole.bytes[..]), (200, TEXT));
    assert_eq!((whole.header("etag"), whole.header("accept-ranges")), (&*tag, "bytes"));
    assert_eq!(whole.header("cache-control"), "private, max-age=31536000, immutable");
    let part = world.content(&hash).header("range", "bytes=2-4").send().await;
    assert_eq!((part.status, &part.bytes[..]), (206, &b"234"[..]));
    assert_eq!(part.header("content-range"), "bytes 2-4/10");
    assert_eq!(part.header("content-length"), "3");
    let same = world.content(&hash).header("range", "bytes=-1").header("if-range", &tag);
    assert_eq!(&same.send().await.bytes[..], b"9");
    let other = world.content(&hash).header("range", "bytes=-1").header("if-range", "\"x\"");
    assert_eq!(other.send().await.status, 200, "these are other bytes than those asked for");
    let beyond = world.content(&hash).header("range", "bytes=10-").send().await;
    assert_eq!(beyond.problem(), (416, "range-not-satisfiable"));
    assert_eq!(beyond.header("content-range"), "bytes */10");
    let known = world.content(&hash).header("if-none-match", &tag).send().await;
    assert_eq!((known.status, known.bytes.len()), (304, 0));
    let head = world.request(Method::HEAD, &format!("/attachments/{hash}/content")).send().await;
    assert_eq!((head.status, head.header("content-length")), (200, "10"));
}

#[tokio::test]
async fn what_a_browser_could_run_goes_as_text_to_be_saved() {
    let world = World::new();
    let script = "<script>alert(1)</script>";
    for (name, bytes) in [
        ("page.html", format!("<!doctype html><html>{script}")),
        ("photo.jpg", format!("<html><body>{script}")),
        ("drawing.svg", format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{script}</svg>")),
        ("data.xml", format!("<?xml version=\"1.0\"?><x xmlns=\"x\">{script}</x>")),
    ] {
        let Pair { hash, .. } = world.ticket_with(name, bytes).await;
        let sent = world.content(&hash).send().await;
        assert_eq!(sent.header("content-type"), "text/plain; charset=utf-8", "{name}");
        assert!(sent.header("content-disposition").starts_with("attachment"), "{name}");
        assert_eq!(sent.header("x-content-type-options"), "nosniff");
        let policy = sent.header("content-security-policy");
        assert!(policy.starts_with("sandbox; default-src 'none'"), "{policy}");
        assert!(!policy.contains("allow-"), "{policy}");
    }
}

#[tokio::test]
async fn a_photo_is_shown_in_the_page_and_its_name_cannot_break_the_header() {
    let world = World::new();
    let Pair { hash, .. } = world.ticket_with("a\"; filename=x.exe\r\nX: y.png", PNG).await;
    let sent = world.content(&hash).send().await;
    assert_eq!(sent.header("content-type"), "image/png");
    let disposition = sent.header("content-disposition");
    assert!(disposition.starts_with("inline; "), "{disposition}");
    assert!(sent.headers.get("x").is_none());
    let saved = world.request(Method::GET, &format!("/attachments/{hash}/content?download=true"));
    let saved = saved.send().await;
    assert!(saved.header("content-disposition").starts_with("attachment"));
}

#[tokio::test]
async fn only_what_an_event_names_can_be_had() {
    let world = World::new();
    let reference = world.file("a.png", PNG).await;
    let hash = reference["hash"].as_str().expect("a hash");
    assert_eq!(world.content(hash).send().await.problem(), (404, "not-found"));
    for path in ["/attachments/..%2f..%2fetc/content", "/attachments/abc/content"] {
        assert_eq!(world.request(Method::GET, path).send().await.problem(), (400, "bad-path"));
    }
}

#[tokio::test]
async fn what_was_taken_out_of_view_is_shown_to_whoever_asks_for_that() {
    let world = World::new();
    let Pair { ticket, hash } = world.ticket_with("a.png", PNG).await;
    let removal = json!({"hash": hash, "words": "拍到了人脸"});
    world.done(&format!("/tickets/{ticket}/remove-attachment"), removal).await;
    world.settled().await;
    assert_eq!(world.content(&hash).send().await.problem(), (404, "attachment-removed"));
    let asked = format!("/attachments/{hash}/content?removed=true");
    assert_eq!(world.request(Method::GET, &asked).send().await.status, 200);
    let told = world.get(&format!("/tickets/{ticket}/attachments")).send().await;
    assert_eq!(told.body["attachments"][0]["state"], "removed");
}

#[tokio::test]
async fn bytes_that_are_missing_are_told_with_name_size_hash_who_and_when() {
    let world = World::new();
    let Pair { ticket, hash } = world.ticket_with("冲床.png", PNG).await;
    let parsed = hash.parse().expect("a hash");
    let erase = attachments::store::Erase::Always;
    world.attachments().store.erase(parsed, erase).await.expect("gone");
    let missing = world.content(&hash).send().await;
    assert_eq!(missing.problem(), (404, "attachment-missing"));
    let expected = json!({"name": "冲床.png", "bytes": PNG.len(), "hash": hash, "by": "anonymous"});
    for (field, value) in expected.as_object().expect("fields") {
        assert_eq!(missing.body[field], *value, "{field}");
    }
    assert_eq!(missing.body["at"], "2026-03-02T00:00:00Z");
    let thumbnail = world.request(Method::GET, &format!("/attachments/{hash}/thumbnail"));
    assert_eq!(thumbnail.send().await.problem(), (404, "attachment-missing"));
    let told = world.get(&format!("/tickets/{ticket}/attachments")).send().await;
    assert_eq!(told.body["attachments"][0]["state"], "missing");
    let sent = world.post("/tickets").json(&json!({"attachments": [{
        "hash": hash, "bytes": PNG.len(), "media_type": "image/png", "name": "冲床.png",
    }]}));
    assert_eq!(sent.send().await.problem(), (422, "attachment-unknown"));
}

#[tokio::test]
async fn an_image_is_shown_small_and_other_files_are_not() {
    let world = World::new();
    let Pair { hash, .. } = world.ticket_with("a.txt", TEXT).await;
    let small =
        |query: &str| world.request(Method::GET, &format!("/attachments/{hash}/thumbnail{query}"));
    assert_eq!(small("").send().await.problem(), (415, "no-thumbnail"));
    for side in ["0", "15", "1025", "x"] {
        let refused = small(&format!("?side={side}")).send().await;
        assert_eq!(refused.problem(), (400, "bad-query"), "{side}");
    }
}

#[tokio::test]
async fn a_ticket_has_what_was_merged_into_it() {
    let world = World::new();
    let Pair { ticket, hash } = world.ticket_with("a.png", PNG).await;
    let into = world.ticket().await;
    world.done(&format!("/tickets/{ticket}/merge"), json!({"into": into})).await;
    world.settled().await;
    let told = world.get(&format!("/tickets/{into}/attachments")).send().await;
    let hashes: Vec<&Value> = told.body["attachments"]
        .as_array()
        .expect("attachments")
        .iter()
        .map(|attachment| &attachment["hash"])
        .collect();
    assert_eq!(hashes, [&json!(hash)]);
}
