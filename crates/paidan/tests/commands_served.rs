//! The same commands while a server runs: through its socket, with the same answers.

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;

use domain::{TicketId, Timestamp};
use eventlog::ManualClock;
use serde_json::{Value, json};
use support::{HEADER, Place, ROWS, STEPS, Served};

fn socket(place: &Place) -> UnixStream {
    UnixStream::connect(place.config().socket()).expect("a server")
}

/// Says a first line and returns the answer's lines after the greeting.
fn say(place: &Place, first: &str) -> Vec<Value> {
    let mut stream = socket(place);
    stream.write_all(first.as_bytes()).expect("said");
    stream.shutdown(std::net::Shutdown::Write).expect("said all");
    let mut lines: Vec<Value> = BufReader::new(stream)
        .lines()
        .map(|line| serde_json::from_str(&line.expect("a line")).expect("JSON"))
        .collect();
    let greeting = lines.remove(0);
    assert_eq!(greeting, json!({ "protocol": 1, "release": env!("CARGO_PKG_VERSION") }));
    lines
}

#[test]
fn a_running_server_answers_what_the_directory_answers_at_rest() {
    let place = Place::imported();
    let id = TicketId::from_code("desk/甲-1").to_string();
    let questions: [&[&str]; 5] = [
        &["ticket", "history", &id],
        &["ticket", "history", &id, "--json"],
        &["projection", "dump", "engineer_load"],
        &["projection", "dump", "satisfaction"],
        &["projection", "dump", "lifecycle"],
    ];
    let at_rest = questions.map(|words| place.answer(words));
    let stat = place.json(&["log", "stat"]);
    let server = place.serve();
    wait_for_models(&place);
    assert_eq!(questions.map(|words| place.answer(words)), at_rest);
    let served = place.json(&["log", "stat"]);
    assert_eq!((&served["log"], &served["chain"]), (&stat["log"], &stat["chain"]));
    let verdict = place.json(&["log", "verify"]);
    assert_eq!((&verdict["whole"], &verdict["index"]), (&true.into(), &true.into()));
    assert!(place.answer(&["log", "verify"]).contains("and the index agrees with it"));
    server.stop();
    assert!(!place.config().socket().exists());
    // The directory is free again.
    assert_eq!(place.json(&["log", "stat"])["chain"], stat["chain"]);
}

/// Asks until the read models have all that is in the log; each question is a round trip.
fn wait_for_models(place: &Place) {
    let behind =
        |list: &Value| list.as_array().expect("a list").iter().any(|model| model["lag"] != 0);
    let caught_up = (0..10_000).any(|_| !behind(&place.json(&["projection", "list"])));
    assert!(caught_up, "{}", place.answer(&["projection", "list"]));
}

#[test]
fn what_is_left_is_told_by_the_servers_clock() {
    let place = Place::new();
    // Years before whatever the clock of whoever asks says.
    let clock = ManualClock::new(Timestamp::from_seconds(1_772_413_200));
    let server = Served::start_at(&place.config(), Arc::new(clock));
    let report = ureq::post(format!("http://{}/api/v1/tickets", server.address()))
        .send_json(json!({ "sentence": "打印机卡纸", "urgent": true }));
    assert_eq!(report.expect("an answer").status(), 201);
    wait_for_models(&place);
    let tickets = place.answer(&["tickets"]);
    assert!(tickets.contains("min left") && !tickets.contains("over"), "{tickets}");
}

#[test]
fn an_import_into_a_running_server_is_seen_by_its_read_models() {
    let place = Place::new();
    let server = place.serve();
    let report = place.import();
    assert_eq!(report["commands"]["new"], STEPS);
    let again = place.import();
    assert_eq!(
        (&again["commands"]["new"], &again["commands"]["already_there"]),
        (&0.into(), &STEPS.into())
    );
    wait_for_models(&place);
    let list = place.answer(&["projection", "list"]);
    assert!(list.starts_with("name"), "{list}");
    assert!(!list.contains("no server runs"), "{list}");
    let live = place.answer(&["projection", "dump", "open_tickets"]);
    assert!(live.contains(&TicketId::from_code("desk/乙-2").to_string()), "{live}");
    server.stop();
    // Folded from the log, it is the same, byte for byte and hash included.
    assert_eq!(place.answer(&["projection", "dump", "open_tickets"]), live);
}

#[test]
fn live_read_models_equal_their_fold_from_zero() {
    let place = Place::imported();
    let _server = place.serve();
    let found = place.json(&["projection", "check"]);
    let found = found.as_array().expect("a list");
    assert_eq!(found.len(), 6);
    assert!(found.iter().all(|checked| checked["equal"] == true), "{found:?}");
    let one = place.json(&["projection", "check", "satisfaction"]);
    assert_eq!(one.as_array().expect("a list").len(), 1);
    let said = place.complaint(&["projection", "check", "satisfied"]);
    assert!(said.contains("is not a projection"), "{said}");
}

#[test]
fn the_clock_of_a_running_server_can_be_confirmed() {
    let place = Place::new();
    let _server = place.serve();
    let clock = place.json(&["log", "confirm-clock"]);
    assert!(clock["now"].is_string(), "{clock}");
    assert!(place.answer(&["log", "confirm-clock"]).contains("the log believes that it is"));
}

#[test]
fn more_steps_than_both_sides_have_room_for_pass_without_a_standstill() {
    let place = Place::new();
    let _server = place.serve();
    let words = "长".repeat(1_500);
    let mut rows = format!("{HEADER}{ROWS}");
    // More than 12 MiB one way, and more answers than wait on the other.
    let cases = 6_000;
    for case in 0..cases {
        let words = if case % 2 == 0 { &words[..] } else { "" };
        rows.push_str(&format!("C-{case},待处理,2026-03-01 08:00,,{words}\n"));
    }
    place.write("rows.csv", rows.as_bytes());
    let report = place.import();
    assert_eq!(report["commands"]["new"], STEPS + cases);
    assert_eq!(report["refused"]["total"], 0);
    assert_eq!(place.import()["commands"]["already_there"], STEPS + cases);
}

#[test]
fn a_step_that_is_refused_is_told_with_its_line_and_the_others_are_recorded() {
    let place = Place::new();
    let _server = place.serve();
    let mut rows = format!("{HEADER}{ROWS}");
    rows.push_str("丙-3,待处理,2199-03-01 08:00,,\n丁-4,待处理,2026-03-01 08:00,,\n");
    place.write("rows.csv", rows.as_bytes());
    let (result, out) = place.run_with_output(&[
        "import",
        "history",
        "rows.csv",
        "--mapping",
        "map.toml",
        "--json",
    ]);
    result.expect_err("a refused step");
    let report: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(
        (&report["commands"]["new"], &report["commands"]["refused"]),
        (&(STEPS + 1).into(), &1.into())
    );
    assert_eq!(report["refused"]["first"][0]["line"], 7);
}

#[test]
fn an_import_whose_client_goes_away_keeps_what_was_sent() {
    let place = Place::new();
    let server = place.serve();
    let opening = json!({
        "protocol": 1,
        "request": { "import_history": {
            "source": "desk", "batch": domain::ImportBatchId::from_u128(1).to_string(),
        } },
    });
    let step = json!({ "command": {
        "key": "X/1/0#opened",
        "ticket": TicketId::from_code("desk/X").to_string(),
        "occurred_at": "2026-03-01T00:00:00Z",
        "command": { "step": { "opened": { "priority": "normal" } }, "words": "x" },
        "line": 2,
    } });
    let answer = say(&place, &format!("{opening}\n{step}\n"));
    assert_eq!(answer[0], json!({ "settled": { "line": 2, "outcome": "new" } }), "{answer:?}");
    assert_eq!(answer[1]["failed"]["kind"], "bad_request", "{answer:?}");
    server.stop();
    assert_eq!(place.json(&["log", "stat"])["position"], 2);
}

#[test]
fn what_is_no_request_is_refused_with_the_reason() {
    let place = Place::new();
    let _server = place.serve();
    let long = "x".repeat(300 * 1024);
    let refusals = [
        (r#"{"protocol":9,"request":{"brew":null}}"#, "other_version"),
        (r#"{"protocol":1,"request":{"brew":null}}"#, "bad_request"),
        ("GET / HTTP/1.1\r\n", "bad_request"),
        ("", "bad_request"),
        (&long, "bad_request"),
    ];
    for (line, kind) in refusals {
        let mut stream = socket(&place);
        // The server may hang up before it has heard all of a line that is too long.
        let said = stream.write_all(format!("{line}\n").as_bytes());
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok).skip(1);
        let failed: Value = serde_json::from_str(&lines.next().expect("a reason")).expect("JSON");
        assert_eq!(failed["failed"]["kind"], kind, "{failed} {said:?}");
        assert_eq!(lines.next(), None);
    }
    place.answer(&["log", "stat"]);
}

#[test]
fn commands_beyond_the_bound_are_turned_away_and_taken_again_later() {
    let place = Place::new();
    let _server = place.serve();
    let greeted = |mut stream: UnixStream| {
        let mut line = String::new();
        BufReader::new(&mut stream).read_line(&mut line).expect("a greeting");
        stream
    };
    let held: Vec<_> = (0..16).map(|_| greeted(socket(&place))).collect();
    let said = place.complaint(&["log", "stat"]);
    assert!(said.contains("answers 16 commands already"), "{said}");
    drop(held);
    let free = (0..10_000).any(|_| place.run(&["log", "stat"]).is_ok());
    assert!(free);
}

#[test]
fn a_stop_does_not_wait_for_a_client_that_says_nothing() {
    let place = Place::new();
    let server = place.serve();
    let mut silent = socket(&place);
    let mut greeting = [0; 1];
    silent.read_exact(&mut greeting).expect("greeted");
    server.stop();
    assert!(!place.config().socket().exists());
}

#[test]
fn only_the_owner_may_use_the_socket_and_a_dead_servers_is_replaced() {
    let place = Place::imported();
    // What a killed server leaves: a socket at which nobody listens.
    drop(UnixListener::bind(place.config().socket()).expect("bound"));
    assert!(place.config().socket().exists());
    place.answer(&["log", "stat"]);
    let server = place.serve();
    let mode = place.config().socket().metadata().expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    place.answer(&["log", "stat"]);
    server.stop();
    // Something else in that place is not removed.
    std::fs::write(place.config().socket(), "mine").expect("written");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let clock = Arc::new(eventlog::SystemClock);
    let Err(error) = runtime.block_on(paidan::serve::Server::start(&place.config(), clock)) else {
        panic!("it started");
    };
    assert!(support::chain(&error).contains("is not a socket"), "{error}");
    assert_eq!(std::fs::read_to_string(place.config().socket()).expect("there"), "mine");
}

#[test]
fn a_server_that_is_of_another_version_or_none_is_told_apart_from_no_server() {
    let place = Place::imported();
    let listener = UnixListener::bind(place.config().socket()).expect("bound");
    let answer_once = |words: &'static str| {
        let listener = listener.try_clone().expect("cloned");
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            stream.write_all(words.as_bytes()).expect("said");
        })
    };
    let newer = answer_once("{\"protocol\":2,\"release\":\"9.9.9\",\"more\":true}\n");
    let said = place.complaint(&["log", "stat"]);
    newer.join().expect("said");
    assert!(said.contains("is of release 9.9.9 and speaks version 2"), "{said}");
    for words in ["", "HTTP/1.1 400 Bad Request\r\n"] {
        let other = answer_once(words);
        let said = place.complaint(&["log", "stat"]);
        other.join().expect("said");
        assert!(said.contains("does not answer as it should"), "{said}");
    }
}

#[test]
fn a_second_server_on_the_directory_is_refused() {
    let place = Place::new();
    let _first = place.serve();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let clock = Arc::new(eventlog::SystemClock);
    let Err(error) = runtime.block_on(paidan::serve::Server::start(&place.config(), clock)) else {
        panic!("it started");
    };
    assert!(support::chain(&error).contains("already in use"), "{error}");
    // The first one's socket is still there.
    place.answer(&["log", "stat"]);
}
