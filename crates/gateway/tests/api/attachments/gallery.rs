//! The page of a ticket shows what was attached, and is never broken by what is missing.

use axum::http::Method;
use serde_json::json;

use super::{PNG, Pair};
use crate::world::World;

async fn page(world: &World, ticket: &str, language: &str) -> String {
    let asked = world.request(Method::GET, &format!("/tickets/{ticket}"));
    let page = asked.header("accept-language", language).send().await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").contains("media-src 'self'"));
    String::from_utf8(page.bytes.to_vec()).expect("text")
}

#[tokio::test]
async fn a_photo_is_on_the_page_with_its_name_and_no_name_becomes_markup() {
    let world = World::new();
    let Pair { ticket, hash } = world.ticket_with("<b>冲床&.png", PNG).await;
    let html = page(&world, &ticket, "zh").await;
    assert!(html.contains(&format!("/attachments/{hash}/thumbnail?side=256")), "{html}");
    assert!(html.contains("data-shown=\"image\"") && html.contains("附件"));
    assert!(!html.contains("<b>"), "a name became markup");
}

#[tokio::test]
async fn missing_bytes_are_a_place_with_words_on_a_page_that_works() {
    let world = World::new();
    let Pair { ticket, hash } = world.ticket_with("冲床.png", PNG).await;
    let parsed = hash.parse().expect("a hash");
    let erase = attachments::store::Erase::Always;
    world.attachments().store.erase(parsed, erase).await.expect("gone");
    for (language, words) in [("en", "Its bytes are missing"), ("zh", "内容缺失")] {
        let html = page(&world, &ticket, language).await;
        assert!(html.contains(words) && html.contains("冲床.png"), "{html}");
        assert!(html.contains("data-shown=\"missing\"") && !html.contains("/thumbnail"));
    }
}

#[tokio::test]
async fn more_files_are_shown_to_whoever_asks_for_them() {
    let world = World::new();
    let ticket = world.ticket().await;
    let mut files = Vec::new();
    for number in 0..14 {
        files.push(world.file(&format!("{number}.txt"), number.to_string()).await);
    }
    let note = json!({"words": "照片", "attachments": files});
    world.done(&format!("/tickets/{ticket}/note"), note).await;
    let shown = |html: &str| html.matches("data-attachment=").count();
    let first = page(&world, &ticket, "en").await;
    assert!(shown(&first) == 12 && first.contains("Show more (2 not shown)"), "{first}");
    let more = format!("{ticket}?files=72");
    assert!(first.contains(&format!("href=\"/tickets/{more}#file-13\"")), "{first}");
    let all = page(&world, &more, "zh").await;
    assert!(shown(&all) == 14 && !all.contains("显示更多"), "{all}");
}
