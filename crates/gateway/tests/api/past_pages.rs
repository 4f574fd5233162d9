//! Board and ticket as a browser gets them of the past: they say so, and nothing on them is live.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::world::World;

const HOUR: Duration = Duration::from_secs(3600);

async fn page(world: &World, path: &str, language: &str) -> (u16, String) {
    let page = world.request(Method::GET, path).header("accept-language", language).send().await;
    (page.status, page.body.as_str().expect("a page is no JSON").to_owned())
}

async fn shown(world: &World, path: &str) -> String {
    let (status, html) = page(world, path, "en").await;
    assert_eq!(status, 200, "{path}: {html}");
    html
}

/// A counter of the board.
fn counter(html: &str, name: &str) -> String {
    let mark = format!("data-counter=\"{name}\"");
    let rest = html.split_once(&mark).unwrap_or_else(|| panic!("no {name} in {html}")).1;
    let rest = rest.split_once('>').expect("a tag").1;
    rest.split('<').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_board_of_the_past_has_its_figures_says_so_and_is_not_live() {
    let world = World::new();
    world.ticket().await;
    let position = world.settled().await;
    world.pass(HOUR);
    world.ticket().await;
    world.settled().await;
    let now = shown(&world, "/").await;
    assert_eq!(counter(&now, "open"), "2");
    assert!(now.contains("hx-sse:connect") && !now.contains("data-past"), "{now}");
    // The firm's clock, as a form sends it; half past eight in Shanghai.
    for as_of in [position.to_string(), "2026-03-02T08:30".into(), "2026-03-02T00:30:00Z".into()] {
        let then = shown(&world, &format!("/?as_of={as_of}")).await;
        assert_eq!(counter(&then, "open"), "1", "{as_of}");
        assert!(then.contains("data-past") && then.contains("by what was known then"), "{then}");
        for live in ["hx-sse:connect", "board.js", "http-equiv=\"refresh\"", "id=\"connection\""] {
            assert!(!then.contains(live), "{live}: {then}");
        }
    }
    let then = "/?as_of=2026-03-02T08:30&as_of_by=recorded_at";
    let (_, chinese) = page(&world, then, "zh").await;
    assert!(chinese.contains("截至 2026-03-02 08:30:00，按当时已知的情况"), "{chinese}");
    assert!(chinese.contains("value=\"2026-03-02T08:30:00\""), "{chinese}");
    // Other looks of the page stay in the past, and one link leads back.
    let kept = "/?as_of=2026-03-02T00:30:00Z&#38;as_of_by=recorded_at&amp;theme=dark";
    assert!(chinese.contains(kept), "{chinese}");
    assert!(chinese.contains("<a href=\"/\">回到现在</a>"), "{chinese}");
    // A form whose moment was taken out shows what is.
    assert_eq!(counter(&shown(&world, "/?as_of=&as_of_by=recorded_at").await, "open"), "2");
}

#[tokio::test]
async fn pages_tell_what_had_happened_apart_from_what_was_known() {
    let world = World::new();
    world.pass(5 * HOUR);
    let late = world.post("/tickets").header("paidan-occurred-at", "2026-03-02T08:30:00+08:00");
    let id = late.json(&json!({"sentence": "停机"})).send().await.text("id");
    world.settled().await;
    let at = "as_of=2026-03-02T09:00&as_of_by";
    let board = shown(&world, &format!("/?{at}=occurred_at")).await;
    assert_eq!(counter(&board, "open"), "1");
    assert!(board.contains("by what had happened then, as the log tells it"), "{board}");
    let board = shown(&world, &format!("/?{at}=recorded_at")).await;
    assert_eq!(counter(&board, "open"), "0");
    let ticket = format!("/tickets/{id}");
    assert!(shown(&world, &format!("{ticket}?{at}=occurred_at")).await.contains("data-past"));
    assert_eq!(page(&world, &format!("{ticket}?{at}=recorded_at"), "en").await.0, 404);
}

#[tokio::test]
async fn a_tickets_page_of_the_past_ends_where_it_ended_then_and_hears_no_news() {
    let world = World::new();
    let (_, engineer) = world.firm().await;
    let id = world.ticket().await;
    let before = world.settled().await;
    world.done(&format!("/tickets/{id}/assign"), json!({"engineer": engineer})).await;
    world.settled().await;
    let ticket = format!("/tickets/{id}");
    let now = shown(&world, &ticket).await;
    assert!(now.contains("data-state=\"assigned\"") && now.contains("data-news="), "{now}");
    let then = shown(&world, &format!("{ticket}?as_of={before}")).await;
    assert!(
        then.contains("data-state=\"waiting\"") && then.contains("data-version=\"1\""),
        "{then}"
    );
    assert!(then.contains("data-past") && !then.contains("data-news="), "{then}");
    assert!(!then.contains("data-event=\"Assigned\""), "{then}");
    // Filters of its history stay there.
    let filter = format!("{ticket}?as_of=2026-03-02T00:00:00Z&#38;as_of_by=recorded_at&#38;about=");
    assert!(then.contains(&filter), "{then}");
}

#[tokio::test]
async fn a_moment_that_cannot_be_shown_is_refused_in_words() {
    let world = World::new();
    let id = world.ticket().await;
    for path in ["/".to_owned(), format!("/tickets/{id}")] {
        for as_of in ["2030-01-01T00:00", "yesterday", "999999", "1&as_of_by=occurred_at"] {
            let (status, html) = page(&world, &format!("{path}?as_of={as_of}"), "en").await;
            assert_eq!(status, 400, "{path} {as_of}: {html}");
            assert!(html.contains("Choose a moment up to now"), "{html}");
        }
        let (_, chinese) = page(&world, &format!("{path}?as_of=yesterday"), "zh").await;
        assert!(chinese.contains("请选择不晚于现在的日期和时间"), "{chinese}");
    }
}
