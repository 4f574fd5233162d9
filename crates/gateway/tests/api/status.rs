//! Up, ready, measured.

use std::sync::Arc;

use axum::http::Method;
use domain::GlobalPosition;
use gateway::{Config, DispatcherNumbers, DispatcherState, DispatcherStatus, PartsStatus};
use serde_json::json;

use crate::world::World;

struct Dispatching(DispatcherState);

impl PartsStatus for Dispatching {
    fn dispatcher(&self) -> DispatcherStatus {
        DispatcherStatus {
            state: self.0.clone(),
            position: GlobalPosition::new(3),
            numbers: DispatcherNumbers { open_tickets: 2, ..DispatcherNumbers::default() },
        }
    }
}

fn world(state: DispatcherState) -> World {
    World::with(Config::default(), Arc::new(Dispatching(state)))
}

#[tokio::test]
async fn a_server_that_works_is_up_and_ready() {
    let world = world(DispatcherState::Running);
    world.settled().await;
    let health = world.request(Method::GET, "/healthz").send().await;
    assert_eq!(health.seen(), (200, &json!({"status": "up"})));
    let ready = world.request(Method::GET, "/readyz").send().await;
    let model = |name: &str| json!({"name": name, "ready": true, "position": 1, "lag": 0});
    assert_eq!(
        ready.seen(),
        (
            200,
            &json!({
                "ready": true,
                "log": {"ready": true, "position": 1},
                "read_models": [
                    model("open_tickets"), model("engineer_load"), model("directory"),
                    model("satisfaction"), model("lifecycle"), model("attachments")
                ],
                "dispatcher": {"ready": true, "state": "running", "position": 3},
            })
        )
    );
}

#[tokio::test]
async fn a_server_without_its_dispatcher_is_not_ready() {
    let world = world(DispatcherState::Stopped("it panicked".into()));
    world.settled().await;
    let ready = world.request(Method::GET, "/readyz").send().await;
    assert_eq!((ready.status, &ready.body["ready"]), (503, &json!(false)));
    assert_eq!(
        ready.body["dispatcher"],
        json!({"ready": false, "state": "stopped", "position": 3, "why": "it panicked"})
    );
}

#[tokio::test]
async fn after_a_failed_sync_commands_are_refused_and_the_server_is_not_ready() {
    let world = world(DispatcherState::Running);
    let id = world.ticket().await;
    world.log.fail_sync();
    let note = |key: &'static str| {
        let note = world.post(&format!("/tickets/{id}/note")).key(key);
        note.json(&json!({"words": "线断了"})).send()
    };
    let unknown = note("n1").await;
    assert_eq!(
        unknown.seen(),
        (
            503,
            &json!({
                "type": "urn:paidan:problem:outcome-unknown",
                "title": "It is not known whether it was recorded", "title_zh": "结果未知",
                "status": 503,
                "detail": "the command may or may not be recorded; repeat it with the same \
                           Idempotency-Key after the server was restarted: it is applied at \
                           most once",
            })
        )
    );
    assert_eq!(unknown.header("idempotency-key"), "n1");
    assert_eq!(note("n2").await.problem(), (503, "log-refuses"));
    let ready = world.request(Method::GET, "/readyz").send().await;
    assert_eq!((ready.status, &ready.body["log"]["ready"]), (503, &json!(false)));
    // What is durable can still be read.
    assert_eq!(world.get(&format!("/tickets/{id}")).send().await.body["version"], 1);
}

#[tokio::test]
async fn a_clock_that_jumped_stops_commands_until_it_is_confirmed() {
    use eventlog::EventLog;
    let world = world(DispatcherState::Running);
    let later = world.now().plus(std::time::Duration::from_secs(3600));
    world.clock.jump(later);
    let refused = world.post("/tickets").send().await;
    assert_eq!(refused.problem(), (503, "clock-jumped"));
    assert_eq!(refused.body["to"], "2026-03-02T01:00:00Z");
    let ready = world.request(Method::GET, "/readyz").send().await;
    assert_eq!(ready.status, 503);
    world.log.confirm_clock();
    assert_eq!(world.post("/tickets").send().await.status, 201);
    world.settled().await;
    assert_eq!(world.request(Method::GET, "/readyz").send().await.status, 200);
}

#[tokio::test]
async fn a_clock_that_was_set_back_is_told_while_commands_go_on() {
    let world = world(DispatcherState::Running);
    world.ticket().await;
    world.clock.jump(world.now().minus(std::time::Duration::from_secs(3600)));
    assert_eq!(world.post("/tickets").send().await.status, 201);
    world.settled().await;
    let ready = world.request(Method::GET, "/readyz").send().await;
    assert_eq!(ready.status, 200);
    assert!(ready.body["log"]["why"].as_str().is_some_and(|why| why.contains("3600 s behind")));
    let metrics = world.request(Method::GET, "/metrics").send().await;
    let text = metrics.body.as_str().expect("text");
    assert!(text.lines().any(|line| line == "paidan_clock_behind_seconds 3600"), "{text}");
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_not_by_address() {
    let world = world(DispatcherState::Running);
    let id = world.ticket().await;
    world.get(&format!("/tickets/{id}")).send().await;
    world.get("/tickets/1-9").send().await;
    world.request(Method::GET, "/no/such/address").send().await;
    world.settled().await;
    let metrics = world.request(Method::GET, "/metrics").send().await;
    let text = metrics.body.as_str().expect("text");
    for line in [
        "paidan_log_position 2",
        "paidan_projection_position{projection=\"open_tickets\"} 2",
        "paidan_projection_lag_events{projection=\"satisfaction\"} 0",
        "paidan_dispatcher_state{state=\"running\"} 1",
        "paidan_dispatcher_open_tickets 2",
        "paidan_http_requests_total{method=\"GET\",route=\"/api/v1/tickets/{id}\",status_class=\"2xx\"} 1",
        "paidan_http_requests_total{method=\"GET\",route=\"none\",status_class=\"4xx\"} 1",
        "paidan_http_requests_total{method=\"POST\",route=\"/api/v1/tickets\",status_class=\"2xx\"} 1",
        "paidan_http_request_duration_seconds_count{method=\"POST\",route=\"/api/v1/tickets\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(!text.contains(&id));
}

#[tokio::test]
async fn a_socket_is_served_like_a_port_and_lets_go_at_shutdown() {
    use http_body_util::{BodyExt, Empty};
    use hyper_util::rt::TokioIo;

    let world = world(DispatcherState::Running);
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("paidan.sock");
    let listener = tokio::net::UnixListener::bind(&path).expect("a socket");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async { drop(stopped.await) };
    let serving = tokio::spawn(gateway::serve_unix(listener, Arc::clone(&world.gateway), shutdown));

    let stream = tokio::net::UnixStream::connect(&path).await.expect("a connection");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    let connection = tokio::spawn(connection);
    let request = |path: &str| {
        let request = hyper::Request::get(path).header("host", "localhost");
        request.body(Empty::<hyper::body::Bytes>::new()).expect("a request")
    };
    let up = sender.send_request(request("/healthz")).await.expect("an answer");
    assert_eq!(up.status(), 200);
    up.into_body().collect().await.expect("a body");

    // A stream would go on for ever; it ends, and so does the server.
    let stream = sender.send_request(request("/api/v1/stream")).await.expect("an answer");
    stop.send(()).expect("the server waits for it");
    stream.into_body().collect().await.expect("the stream ends properly");
    let ended = tokio::time::timeout(std::time::Duration::from_secs(9), serving).await;
    ended.expect("in time").expect("no panic").expect("a clean end");
    connection.await.expect("no panic").expect("a clean end");
}
