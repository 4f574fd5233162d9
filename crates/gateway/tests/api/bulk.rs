//! Many commands in one request: each line as if it came by itself, answered in order.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::Request;
use domain::{CommandId, Issuer};
use eventlog::EventLog;
use futures_util::{StreamExt, stream};
use gateway::{AttachmentConfig, Config, NoDispatcher};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt;

use crate::world::{Asking, World};

const NDJSON: &str = "application/x-ndjson";
/// As in the gateway: commands of a request that are decided and not answered yet.
const IN_FLIGHT_MAX: usize = 1_024;

fn text(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The answers to a request.
async fn answers(asking: Asking<'_>, body: impl Into<Body>) -> Vec<Value> {
    let reply = asking.raw(NDJSON, body).send().await;
    assert_eq!((reply.status, reply.header("content-type")), (200, NDJSON), "{}", reply.body);
    match &reply.body {
        Value::String(text) => {
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
        }
        one => vec![one.clone()],
    }
}

/// Line, status and the name of the problem of each answer.
fn told(answers: &[Value]) -> Vec<(u64, u64, &str)> {
    let of = |answer: &Value| (answer["line"].as_u64(), answer["status"].as_u64());
    answers
        .iter()
        .map(|answer| {
            let (line, status) = of(answer);
            let kind = answer["problem"]["type"].as_str().unwrap_or_default();
            let kind = kind.strip_prefix("urn:paidan:problem:").unwrap_or(kind);
            (line.expect("a line"), status.expect("a status"), kind)
        })
        .collect()
}

fn report(key: &str) -> Value {
    json!({"verb": "create", "key": key, "body": {"sentence": "冲床咔哒两声就停了"}})
}

#[tokio::test]
async fn each_line_is_answered_in_order_and_a_refusal_keeps_no_other_from_being_carried_out() {
    let world = World::new();
    let (_, engineer) = world.firm().await;
    let other = world.engineer("E2").await;
    let ticket = world.ticket().await;
    let lines = [
        json!({"verb": "assign", "ticket": ticket, "key": "a", "body": {"engineer": engineer}}),
        json!({"verb": "accept", "ticket": ticket, "actor": format!("engineer:{other}")}),
        json!({"verb": "accept", "ticket": ticket, "actor": "engineer:code:E1"}),
        json!({"verb": "note", "ticket": ticket, "if_version": 1, "body": {"words": "一"}}),
        json!({"verb": "freeze", "engineer": "E2", "body": {"words": "培训"}}),
        report("r"),
    ];
    let answers = answers(world.post("/commands").key("night"), text(&lines)).await;
    assert_eq!(
        told(&answers),
        [
            (1, 200, ""),
            (2, 409, "taken-by"),
            (3, 200, ""),
            (4, 412, "version-mismatch"),
            (5, 200, ""),
            (6, 201, ""),
        ]
    );
    assert_eq!((&answers[0]["key"], &answers[1]["key"]), (&json!("a"), &json!("night/2")));
    assert_eq!(answers[2]["receipt"]["state"], "working");
    assert_eq!(answers[1]["problem"]["current"]["id"], ticket.as_str());
    // The same receipt as for the command by itself.
    let alone = world.post("/tickets").key("r").json(&report("")["body"]).send().await;
    let mut first = answers[5]["receipt"].clone();
    first["repeated"] = true.into();
    assert_eq!(alone.body, first);
}

#[tokio::test]
async fn a_line_that_cannot_be_read_is_told_and_the_rest_goes_on() {
    let attachments = AttachmentConfig { text_bytes_max: 0, ..AttachmentConfig::default() };
    let config = Config { body_bytes_max: 200, attachments, ..Config::default() };
    let world = World::with(config, Arc::new(NoDispatcher));
    let ticket = world.ticket().await;
    let note = json!({"verb": "note", "ticket": ticket, "body": {"words": "一"}});
    let lines = [
        "{\"verb\":".to_owned(),
        note.to_string(),
        String::new(),
        "[1, 2]".to_owned(),
        format!("{{\"verb\":\"note\",\"body\":{{\"words\":\"{}\"}}}}", "长".repeat(100)),
        json!({"verb": "fly", "ticket": ticket}).to_string(),
        json!({"verb": "online", "engineer": "E1"}).to_string(),
        json!({"verb": "note"}).to_string(),
        json!({"verb": "note", "ticket": "12"}).to_string(),
        json!({"verb": "note", "ticket": ticket, "body": {"wrods": "一"}}).to_string(),
        json!({"verb": "note", "ticket": ticket, "actor": "dispatcher"}).to_string(),
        json!({"verb": "note", "ticket": ticket, "keys": "k"}).to_string(),
        note.to_string(),
    ];
    let answers = answers(world.post("/commands"), lines.join("\r\n")).await;
    assert_eq!(
        told(&answers),
        [
            (1, 400, "broken-json"),
            (2, 200, ""),
            (4, 422, "wrong-body"),
            (5, 413, "body-too-large"),
            (6, 404, "unknown-verb"),
            (7, 404, "unknown-verb"),
            (8, 422, "wrong-body"),
            (9, 422, "wrong-body"),
            (10, 422, "wrong-body"),
            (11, 422, "wrong-body"),
            (12, 422, "wrong-body"),
            (13, 200, ""),
        ]
    );
    assert_eq!(answers[8]["problem"]["field"], "wrods");
    assert_eq!(answers[9]["problem"]["field"], "actor");
}

#[tokio::test]
async fn a_request_that_is_sent_again_under_its_key_records_nothing() {
    let world = World::new();
    let ticket = world.ticket().await;
    let mut unnamed = report("");
    unnamed.as_object_mut().expect("an object").remove("key");
    let note = json!({"verb": "note", "ticket": ticket, "body": {"words": "一"}});
    let body = text(&[unnamed, note, report("r")]);
    let first = answers(world.post("/commands").key("k"), body.clone()).await;
    let head = world.log_head();
    let world = world.restarted();
    let again = answers(world.post("/commands").key("k"), body.clone()).await;
    assert_eq!(world.log_head(), head);
    for (first, again) in first.iter().zip(&again) {
        assert_eq!(first["receipt"]["id"], again["receipt"]["id"]);
        assert_eq!(first["receipt"]["position"], again["receipt"]["position"]);
        assert_eq!(again["receipt"]["repeated"], true);
    }
    // Under another key lines without a key of their own are other commands.
    let other = answers(world.post("/commands").key("l"), body).await;
    let repeated: Vec<_> = other.iter().map(|answer| &answer["receipt"]["repeated"]).collect();
    assert_eq!(repeated, [false, false, true]);
}

#[tokio::test]
async fn lines_are_decided_before_the_first_of_them_is_durable() {
    let world = World::new();
    let reports: Vec<_> = (0..300).map(|number| report(&format!("r{number}"))).collect();
    world.log.hold();
    let (answers, ()) = tokio::join!(answers(world.post("/commands"), text(&reports)), async {
        let last = CommandId { issuer: Issuer::Client("anonymous".into()), key: "r299".into() };
        while world.log.find_command(&last).expect("it can be read").is_none() {
            tokio::task::yield_now().await;
        }
        world.log.release();
    });
    assert_eq!(answers.len(), reports.len());
    assert!(answers.iter().all(|answer| answer["status"] == 201), "{answers:?}");
}

#[tokio::test]
async fn a_full_queue_is_waited_for() {
    let world = World::with_queue(2);
    let reports: Vec<_> = (0..10).map(|number| report(&format!("r{number}"))).collect();
    world.log.hold();
    let (answers, ()) = tokio::join!(answers(world.post("/commands"), text(&reports)), async {
        while world.log.has_room() {
            tokio::task::yield_now().await;
        }
        world.log.release();
    });
    assert!(answers.iter().all(|answer| answer["status"] == 201), "{answers:?}");
}

/// Sends a body that comes bit by bit, and answers with that of the answer.
async fn streamed(world: &World, body: Body) -> Body {
    let request = Request::post("/api/v1/commands").header("content-type", NDJSON);
    let request = request.body(body).expect("a request");
    let response = world.router.clone().oneshot(request).await.expect("never fails");
    assert_eq!(response.status(), 200);
    response.into_body()
}

/// A body whose pieces are sent one by one.
fn by_hand() -> (mpsc::Sender<Bytes>, Body) {
    let (lines, mut pieces) = mpsc::channel(1);
    let pieces = stream::poll_fn(move |context| pieces.poll_recv(context));
    (lines, Body::from_stream(pieces.map(Ok::<Bytes, Infallible>)))
}

async fn next_of(body: &mut Body) -> Vec<Value> {
    let Some(frame) = body.frame().await else { return Vec::new() };
    let data = frame.expect("a whole frame").into_data().expect("data");
    let lines = std::str::from_utf8(&data).expect("text").lines();
    lines.map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test]
async fn a_line_is_answered_before_the_next_one_is_sent() {
    let world = World::new();
    let (lines, body) = by_hand();
    let mut answers = streamed(&world, body).await;
    for number in 1..=3 {
        let line = format!("{}\n", report(&format!("r{number}")));
        // In two pieces, neither of which is a line.
        let (head, tail) = line.split_at(20);
        for piece in [head, tail] {
            let piece = Bytes::copy_from_slice(piece.as_bytes());
            lines.send(piece).await.expect("it is read");
        }
        assert_eq!(told(&next_of(&mut answers).await), [(number, 201, "")]);
    }
    drop(lines);
    assert_eq!(next_of(&mut answers).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_line_that_breaks_off_is_not_carried_out_and_is_told() {
    let world = World::new();
    let whole = format!("{}\n", report("whole"));
    let half = report("half").to_string();
    let pieces = [Ok(format!("{whole}{half}")), Err(std::io::Error::other("gone"))];
    let body = Body::from_stream(stream::iter(pieces));
    let answers = streamed(&world, body).await.collect().await.expect("a whole body").to_bytes();
    let answers: Vec<Value> = std::str::from_utf8(&answers)
        .expect("text")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(told(&answers), [(1, 201, ""), (2, 408, "body-not-received")]);
    assert_eq!(world.log_head(), answers[0]["receipt"]["position"].as_u64().expect("a position"));
}

#[tokio::test]
async fn who_reads_no_answers_is_not_read_from_and_keeps_what_was_acknowledged() {
    let world = World::new();
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    let lines = stream::repeat_with(move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Infallible>(Bytes::from(format!("{}\n", report(&format!("r{number}")))))
    });
    // Without an end: were there no bound, this test would have none either.
    let mut answers = streamed(&world, Body::from_stream(lines)).await;
    let acknowledged = next_of(&mut answers).await;
    assert!(!acknowledged.is_empty());
    while sent.load(Ordering::Relaxed) < IN_FLIGHT_MAX {
        tokio::task::yield_now().await;
    }
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    let most = IN_FLIGHT_MAX + acknowledged.len() + 2;
    assert!(sent.load(Ordering::Relaxed) <= most, "{} of {most}", sent.load(Ordering::Relaxed));
    // The client goes away; nothing more is read, and what it was told holds.
    drop(answers);
    while Arc::strong_count(&sent) > 1 {
        tokio::task::yield_now().await;
    }
    let again = world.post("/tickets").key("r0").json(&report("")["body"]).send().await;
    assert_eq!(again.body["id"], acknowledged[0]["receipt"]["id"]);
    assert_eq!(again.body["repeated"], true);
}

#[tokio::test]
async fn another_media_type_and_too_many_requests_are_refused() {
    let world = World::new();
    let reply = world.post("/commands").raw("application/json", "{}").send().await;
    assert_eq!(reply.problem(), (415, "not-ndjson"));
    let none = Config { bulks_max: 0, ..Config::default() };
    let world = World::with(none, Arc::new(NoDispatcher));
    let head = world.log_head();
    let reply = world.post("/commands").raw(NDJSON, text(&[report("r")])).send().await;
    assert_eq!(reply.problem(), (503, "busy"));
    assert_eq!(world.log_head(), head);
}

#[tokio::test]
async fn lines_that_have_no_answer_at_shutdown_are_told_of() {
    let world = World::new();
    let (lines, body) = by_hand();
    let mut answers = streamed(&world, body).await;
    lines.send(Bytes::from(format!("{}\n", report("r")))).await.expect("it is read");
    assert_eq!(told(&next_of(&mut answers).await), [(1, 201, "")]);
    world.gateway.close();
    assert_eq!(told(&next_of(&mut answers).await), [(2, 503, "busy")]);
    assert_eq!(next_of(&mut answers).await, Vec::<Value>::new());
    // The stream of lines is dropped, so that nobody goes on sending.
    lines.closed().await;
}
