//! Requests that are none: each is told what is wrong with it, and nothing is lost.

use axum::http::Method;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn broken_json_is_answered_with_the_place_where_it_breaks() {
    let world = World::new();
    let broken = "{\n  \"sentence\": \"停机\",,\n}";
    let reply = world.post("/tickets").raw("application/json", broken).send().await;
    assert_eq!(
        reply.seen(),
        (
            400,
            &json!({
                "type": "urn:paidan:problem:broken-json", "title": "The body is not JSON",
                "title_zh": "请求体不是合法 JSON", "status": 400,
                "detail": "the body: key must be a string at line 2 column 24",
                "line": 2, "column": 24,
            })
        )
    );
    for body in ["{", "{}{}", "\u{feff}{}", "停机", "{\"sentence\": \"\\ud800\"}"] {
        let reply = world.post("/tickets").raw("application/json", body).send().await;
        assert_eq!(reply.problem(), (400, "broken-json"), "{body}");
    }
    let bytes = world.post("/tickets").raw("application/json", vec![0x7b, 0xff, 0x7d]).send().await;
    assert_eq!(bytes.problem(), (400, "broken-json"));
    let deep = "[".repeat(10_000);
    let deep = world.post("/tickets").raw("application/json", deep).send().await;
    assert_eq!(deep.problem(), (400, "broken-json"));
}

#[tokio::test]
async fn an_unknown_field_is_named_with_its_place() {
    let world = World::new();
    let reply = world.post("/tickets").json(&json!({"sentense": "停机"})).send().await;
    assert_eq!(reply.problem(), (422, "wrong-body"));
    assert_eq!((&reply.body["field"], &reply.body["line"]), (&json!("sentense"), &json!(1)));
    assert!(reply.text("detail").contains("unknown field `sentense`, expected one of"));

    let id = world.ticket().await;
    let part = json!({"parts": [{"code": "A1", "quantity": "two"}]});
    let reply = world.post(&format!("/tickets/{id}/resolve")).json(&part).send().await;
    assert_eq!(
        (reply.problem(), &reply.body["field"]),
        ((422, "wrong-body"), &json!("parts[0].quantity"))
    );
    for body in [json!([]), json!(null), json!("x"), json!({"words": null})] {
        let reply = world.post(&format!("/tickets/{id}/note")).json(&body).send().await;
        assert_eq!(reply.problem(), (422, "wrong-body"), "{body}");
    }
    let twice = "{\"words\": \"a\", \"words\": \"b\"}";
    let reply = world.post(&format!("/tickets/{id}/note")).raw("application/json", twice).send();
    assert_eq!(reply.await.problem(), (422, "wrong-body"));
    // Verbs without a body take none.
    let reply = world.post(&format!("/tickets/{id}/withdraw")).json(&json!({"x": 1})).send().await;
    assert_eq!(reply.problem(), (422, "wrong-body"));
}

#[tokio::test]
async fn a_body_that_is_not_json_or_too_large_is_refused() {
    let world = World::new();
    for (content_type, fits) in [
        ("text/plain", false),
        ("application/x-www-form-urlencoded", false),
        ("", false),
        ("application/json; charset=utf-8", true),
        ("APPLICATION/JSON", true),
        ("application/vnd.paidan+json", true),
    ] {
        let reply = world.post("/tickets").raw(content_type, "{}").send().await;
        assert_eq!(reply.status, if fits { 201 } else { 415 }, "{content_type}");
    }
    for bytes in [64 * 1024, 200 * 1024, 3 << 20] {
        let large = format!("{{\"name\": \"{}\"}}", "x".repeat(bytes));
        let reply = world.put("/outlets/PD").raw("application/json", large).send().await;
        assert_eq!(
            (reply.problem(), &reply.body["max"]),
            ((413, "body-too-large"), &json!(65_536))
        );
    }
    // A long text becomes an attachment, so commands to tickets may be larger.
    let large = format!("{{\"sentence\": \"{}\"}}", "x".repeat(3 << 20));
    let reply = world.post("/tickets").raw("application/json", large).send().await;
    let max = json!((2 << 20) + 65_536);
    assert_eq!((reply.problem(), &reply.body["max"]), ((413, "body-too-large"), &max));
    let text = json!({"contact_name": "x".repeat(9_000)});
    let reply = world.post("/tickets").json(&text).send().await;
    assert_eq!(
        (reply.problem(), &reply.body["field"]),
        ((422, "invalid-field"), &json!("contact_name"))
    );
}

#[tokio::test]
async fn a_record_larger_than_a_record_may_be_is_refused_and_nothing_is_lost() {
    let world = World::new();
    // Many short windows on each of many days: each is small, and all of them are too much.
    let windows: Vec<_> = (0..12).map(|n| format!("{:02}:00-{:02}:30", 2 * n, 2 * n)).collect();
    let day = |n: usize| {
        let date = format!("{}-{:02}-{:02}", 2026 + n / 300, 1 + n / 25 % 12, 1 + n % 25);
        json!({"date": date, "hours": windows.join(" ")})
    };
    let days: Vec<_> = (0..330).map(day).collect();
    let hours = json!({"zone": "Asia/Shanghai", "weekly": "", "exceptions": days});
    let outlet = json!({"name": "浦东", "hours": hours});
    let reply = world.put("/outlets/PD").json(&outlet).send().await;
    assert_eq!(reply.problem(), (413, "record-too-large"), "{}", reply.body);
    assert_eq!(world.get("/outlets/PD").send().await.status, 404);
    assert_eq!(world.put("/outlets/PD").json(&json!({"name": "浦东"})).send().await.status, 200);
}

#[tokio::test]
async fn unknown_things_are_not_found() {
    let world = World::new();
    let id = world.ticket().await;
    let nobody = "tk_01jd3nqz5e8y6b000000000000";
    let reply = world.get(&format!("/tickets/{nobody}")).send().await;
    assert_eq!(
        reply.seen(),
        (
            404,
            &json!({
                "type": "urn:paidan:problem:not-found", "title": "Not found",
                "title_zh": "不存在", "status": 404,
                "detail": format!("{nobody} does not exist; check the id"), "stream": nobody,
            })
        )
    );
    assert_eq!(world.post(&format!("/tickets/{nobody}/claim")).send().await.problem().0, 404);
    assert_eq!(world.get(&format!("/tickets/{nobody}/events")).send().await.problem().0, 404);
    // Position 1 is the log's own, 99 is not there yet, and a wrong digit is told as such.
    for (number, status) in [("1-3", 404), ("99-9", 404), ("2-0", 400), ("x", 400), ("en_1", 400)] {
        let reply = world.get(&format!("/tickets/{number}")).send().await;
        assert_eq!(reply.problem().0, status, "{number}: {}", reply.body);
    }
    for path in ["/outlets/X", "/areas/X", "/customers/X", "/devices/X", "/engineers/X"] {
        assert_eq!(world.get(path).send().await.problem(), (404, "not-found"), "{path}");
    }
    let reply = world.post(&format!("/tickets/{id}/explode")).send().await;
    assert_eq!(reply.problem(), (404, "unknown-verb"));
    let verbs = reply.body["verbs"].as_array().expect("verbs").len();
    assert_eq!(verbs, domain::ticket::Verb::ALL.len() - 1);
    assert_eq!(world.post(&format!("/tickets/{id}/create")).send().await.problem().0, 404);
    let reply = world.post("/engineers/E1/explode").send().await;
    assert_eq!(
        (reply.problem(), reply.body["verbs"].as_array().map(Vec::len)),
        ((404, "unknown-verb"), Some(9))
    );
    for path in ["/nothing", "/api/v1", "/api/v1/nothing", "/api/v1/tickets/"] {
        let reply = world.request(Method::GET, path).send().await;
        assert_eq!(reply.problem(), (404, "no-route"), "{path}");
    }
    let reply = world.request(Method::DELETE, "/api/v1/tickets").send().await;
    let mut allowed: Vec<_> = reply.header("allow").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(
        (reply.problem(), allowed),
        ((405, "method-not-allowed"), vec!["GET", "HEAD", "POST"])
    );
}

#[tokio::test]
async fn references_to_unknown_things_are_refused() {
    let world = World::new();
    let outlet = domain::OutletId::from_code("nowhere");
    let reply = world.post("/tickets").json(&json!({"outlet": outlet})).send().await;
    assert_eq!(reply.problem(), (422, "unknown-reference"));
    assert_eq!((&reply.body["field"], &reply.body["stream"]), (&json!("outlet"), &json!(outlet)));
    let photo = json!({"attachments": [
        {"hash": "0f".repeat(32), "bytes": 5, "media_type": "image/jpeg", "name": "现场.jpg"}
    ]});
    let reply = world.post("/tickets").json(&photo).send().await;
    assert_eq!(reply.problem(), (422, "attachment-unknown"));
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_told_what_it_can_be() {
    let world = World::new();
    for query in [
        "/tickets?limit=0",
        "/tickets?limit=201",
        "/tickets?limit=x",
        "/tickets?colour=red",
        "/tickets?state=happy",
        "/tickets?state=closed",
        "/tickets?outlet=ou_x",
        "/tickets?red=true&flashing=true",
        "/tickets?urgent=1",
        "/tickets?after=zz",
        "/tickets?min_position=-1",
        "/tickets?priority=top",
        "/tickets?queue=mine",
        "/backlog/top?n=0",
        "/backlog/top?n=101",
        "/queues?limit=0",
        "/engineers?limit=0",
        "/engineers?after=E1",
        "/satisfaction?by=month",
        "/satisfaction?from=yesterday",
        "/satisfaction?from=2026-02-30",
        "/lifecycle?from=2026-03-02&until=2026-03-01",
        "/lifecycle?from=2026-03-01&until=2026-04-01",
        "/lifecycle?area=ar_x",
        "/events?limit=0",
        "/events?limit=1001",
        "/stream?limit=1",
        "/rules?x=1",
        "/tickets?limit=1&limit=2",
    ] {
        let reply = world.get(query).send().await;
        assert_eq!(reply.problem(), (400, "bad-query"), "{query}: {}", reply.body);
        assert!(reply.text("detail").starts_with("the query: "), "{}", reply.text("detail"));
    }
    let reply = world.get("/tickets/%FF").send().await;
    assert_eq!(reply.problem(), (400, "bad-path"));
}

#[tokio::test]
async fn headers_that_cannot_be_read_are_refused_by_name() {
    let world = World::new();
    for (name, value) in [
        ("idempotency-key", ""),
        ("idempotency-key", &"k".repeat(256)),
        ("paidan-client", &"c".repeat(65)),
        ("paidan-actor", "dispatcher"),
        ("paidan-actor", "engineer:st_01jd3nqz5e8y6b0000000000000"),
        ("paidan-actor", "wizard:en_01jd3nqz5e8y6b0000000000000"),
        ("paidan-on-behalf-of", "gateway"),
        ("paidan-occurred-at", "now"),
    ] {
        let reply = world.post("/tickets").header(name, value).send().await;
        assert_eq!(
            (reply.problem(), &reply.body["header"]),
            ((400, "bad-header"), &json!(name)),
            "{name}: {value}"
        );
    }
    let twice = world.post("/tickets").key("a").key("b").send().await;
    assert_eq!(twice.problem(), (400, "bad-header"));
    let longest = world.post("/tickets").key(&"k".repeat(255)).send().await;
    assert_eq!(longest.status, 201);
    let elsewhere = world.post("/tickets").header("sec-fetch-site", "cross-site").send().await;
    assert_eq!(elsewhere.problem(), (403, "cross-site"));
}
