//! Saved questions as a browser gets them: each has an address, a table, and the same as CSV.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::world::World;

const QUESTIONS: [&str; 8] = [
    "backlog",
    "attention",
    "satisfaction-by-engineer",
    "satisfaction-by-week",
    "first-response-by-outlet",
    "report-to-acceptance",
    "reopened-and-silent",
    "low-ratings",
];

async fn page(world: &World, path: &str, language: &str) -> (u16, String) {
    let page = world.request(Method::GET, path).header("accept-language", language).send().await;
    (page.status, page.body.as_str().expect("a page is no JSON").to_owned())
}

async fn shown(world: &World, path: &str) -> String {
    let (status, html) = page(world, path, "en").await;
    assert_eq!(status, 200, "{path}: {html}");
    html
}

/// The rows of a question's CSV, without the names of its columns.
async fn rows(world: &World, question: &str) -> Vec<String> {
    let (name, query) = question.split_once('?').unwrap_or((question, ""));
    let csv = shown(world, &format!("/questions/{name}.csv?{query}")).await;
    csv.lines().skip(1).map(str::to_owned).collect()
}

/// A ticket of the outlet PD that is done a minute and a half after its report, with few stars.
async fn a_bad_day(world: &World) -> (String, String) {
    let (_, engineer) = world.firm().await;
    let report = json!({"sentence": "停机", "outlet": domain::OutletId::from_code("PD")});
    let id = world.post("/tickets").json(&report).send().await.text("id");
    world.done(&format!("/tickets/{id}/assign"), json!({"engineer": engineer})).await;
    world.pass(Duration::from_secs(90));
    let me = format!("engineer:{engineer}");
    for verb in ["accept", "resolve"] {
        let done = world.post(&format!("/tickets/{id}/{verb}")).actor(&me).send().await;
        assert_eq!(done.status, 200, "{}", done.body);
    }
    world.done(&format!("/tickets/{id}/confirm"), json!({"stars": 1})).await;
    world.settled().await;
    (id, engineer)
}

#[tokio::test]
async fn every_question_is_listed_with_an_address_that_answers_in_both_languages() {
    let world = World::new();
    a_bad_day(&world).await;
    let list = shown(&world, "/questions").await;
    assert_eq!(list.matches("data-question=").count(), QUESTIONS.len());
    for name in QUESTIONS {
        assert!(list.contains(&format!("href=\"/questions/{name}\"")), "{name}: {list}");
        let html = shown(&world, &format!("/questions/{name}")).await;
        assert!(!html.contains("<script"), "{name}: it works without");
        let (_, chinese) = page(&world, &format!("/questions/{name}"), "zh").await;
        assert!(chinese.contains("本页网址即保存了此查询"), "{name}: {chinese}");
    }
    assert_eq!(page(&world, "/questions/weather", "en").await.0, 404);
}

#[tokio::test]
async fn answers_are_those_of_the_read_models() {
    let world = World::new();
    a_bad_day(&world).await;
    let open = world.post("/tickets").json(&json!({"sentence": "漏油"})).send().await;
    world.settled().await;
    let number = open.text("number");
    let backlog = rows(&world, "backlog").await;
    assert!(backlog.len() == 1 && backlog[0].starts_with(&format!("{number},")), "{backlog:?}");
    assert_eq!(rows(&world, "backlog?outlet=PD").await, Vec::<String>::new());
    assert_eq!(rows(&world, "attention").await, Vec::<String>::new());
    let week = rows(&world, "satisfaction-by-week").await;
    assert_eq!(week, ["2026-W10,1,1,0,0,0,1.00,0"]);
    let waits = rows(&world, "first-response-by-outlet").await;
    assert!(waits.len() == 1 && waits[0].ends_with(",1,90,90"), "{waits:?}");
    assert_eq!(rows(&world, "report-to-acceptance?from=2026-03-03").await, Vec::<String>::new());
    let low = rows(&world, "low-ratings?outlet=PD&from=2026-03-02&until=2026-03-02").await;
    assert!(low.len() == 1 && low[0].ends_with(",1,1,1.00"), "{low:?}");
    world.pass(Duration::from_secs(3 * 3_600));
    assert_eq!(rows(&world, "attention").await.len(), 1);
    // As it was while nothing was too long.
    assert_eq!(rows(&world, "attention?as_of=2026-03-02T08:02").await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_set_stays_in_the_address_of_the_page_and_of_its_csv() {
    let world = World::new();
    a_bad_day(&world).await;
    for _ in 0..3 {
        world.ticket().await;
    }
    world.settled().await;
    world.pass(Duration::from_secs(60));
    let asked = "/questions/backlog?limit=2&outlet=&as_of=2026-03-02T08:02&as_of_by=recorded_at";
    let html = shown(&world, asked).await;
    let kept = "limit=2&#38;outlet=&#38;as_of=2026-03-02T08:02&#38;as_of_by=recorded_at";
    assert!(html.contains(&format!("href=\"/questions/backlog.csv?{kept}\"")), "{html}");
    assert!(html.contains("data-past") && html.contains("name=\"limit\""), "{html}");
    assert!(html.contains("There are more rows"), "{html}");
    assert_eq!(rows(&world, "backlog?limit=2").await.len(), 2);
    let csv = world.request(Method::GET, "/questions/backlog.csv").send().await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"backlog.csv\"");
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let world = World::new();
    for wrong in [
        "limit=0",
        "limit=200",
        "limit=many",
        "from=soon",
        "outlet=tk_00000000000000000000000w82",
        "as_of=yesterday",
    ] {
        let (status, html) = page(&world, &format!("/questions/low-ratings?{wrong}"), "en").await;
        assert_eq!(status, 400, "{wrong}: {html}");
    }
}
