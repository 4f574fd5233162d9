//! The page of read models: what is live, a rebuild, and what it would change.

use axum::body::Body;
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;

use crate::world::World;

async fn ask(world: &World, request: axum::http::request::Builder, body: &str) -> (u16, String) {
    let request = request.header("accept-language", "en").body(Body::from(body.to_owned()));
    let response = world.router.clone().oneshot(request.expect("a request")).await;
    let response = response.expect("never fails");
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

async fn page(world: &World, path: &str) -> String {
    let (status, page) = ask(world, axum::http::Request::get(path), "").await;
    assert_eq!(status, 200, "{page}");
    page
}

/// What a form of the page sends; the status of the answer.
async fn form(world: &World, path: &str, body: &str) -> u16 {
    let request = axum::http::Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    ask(world, request, body).await.0
}

#[tokio::test]
async fn a_rebuild_is_begun_seen_and_swapped_in_on_the_page_without_a_script() {
    let world = World::new();
    world.firm().await;
    world.ticket().await;
    let rules = json!({"zone": "America/Los_Angeles"});
    assert_eq!(world.put("/rules").json(&rules).send().await.status, 200);
    let shown = page(&world, "/projections").await;
    assert!(
        shown.contains("data-model=\"satisfaction\"") && shown.contains("as recorded"),
        "{shown}"
    );
    assert_eq!(form(&world, "/projections/begin", "lifecycle=yes&version=1").await, 303);
    let ready = |page: &str| page.contains("action=\"/projections/swap\"");
    let mut shown = page(&world, "/projections").await;
    for _ in 0..100_000 {
        if ready(&shown) {
            break;
        }
        shown = page(&world, "/projections").await;
    }
    assert!(ready(&shown), "{shown}");
    assert!(shown.contains("rules 1 from the beginning") && shown.contains("because of events"));
    assert_eq!(form(&world, "/projections/swap", "").await, 303);
    let shown = page(&world, "/projections").await;
    assert!(shown.contains("action=\"/projections/swap-back\""), "{shown}");
    let asked = world.request(axum::http::Method::GET, "/projections");
    let chinese = asked.header("accept-language", "zh").send().await.body;
    let chinese = chinese.as_str().expect("a page is no JSON");
    assert!(chinese.contains("读模型") && chinese.contains("已切换"), "{chinese}");
}

#[tokio::test]
async fn what_cannot_be_done_is_said_on_the_page_and_other_sites_may_not_ask() {
    let world = World::new();
    world.ticket().await;
    assert_eq!(form(&world, "/projections/swap", "").await, 409);
    assert_eq!(form(&world, "/projections/begin", "version=1").await, 409);
    assert_eq!(form(&world, "/projections/begin", "lifecycle=yes&version=x").await, 409);
    assert_eq!(form(&world, "/projections/dance", "").await, 404);
    let elsewhere = axum::http::Request::post("/projections/cancel")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site");
    assert_eq!(ask(&world, elsewhere, "").await.0, 403);
}
