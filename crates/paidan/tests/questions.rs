//! The questions of the API on the command line: the same answers at rest, through a running
//! server and over HTTP.

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use clap::Parser;
use domain::TicketId;
use paidan::cli::{Cli, CliError};
use serde_json::{Value, json};
use support::{HEADER, Place, Served};
use unicode_width::UnicodeWidthStr;

/// What a bound is for: something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

fn put(server: &Served, path: &str, body: &Value) {
    let address = format!("http://{}/api/v1/{path}", server.address());
    let answer = ureq::put(address).send_json(body).expect("put");
    assert_eq!(answer.status(), 200);
}

fn get(server: &Served, target: &str) -> Value {
    let address = format!("http://{}{target}", server.address());
    let mut answer = ureq::get(address).call().expect("an answer");
    answer.body_mut().read_json().expect("JSON")
}

/// History, and a directory that nobody works by: nothing happens by itself.
fn firm() -> Place {
    let place = Place::imported();
    let server = place.serve();
    put(&server, "areas/HD", &json!({ "name": "华东" }));
    let area = domain::AreaId::from_code("HD").to_string();
    put(&server, "outlets/PD", &json!({ "name": "浦东", "area": area }));
    let outlet = domain::OutletId::from_code("PD").to_string();
    put(&server, "engineers/E7", &json!({ "name": "王工", "outlet": outlet, "roster": "" }));
    put(&server, "engineers/E8", &json!({ "name": "Ann", "outlet": outlet, "roster": "" }));
    put(&server, "customers/C-88", &json!({ "name": "沪东机械" }));
    put(&server, "devices/GK-1", &json!({ "model": "GK-800" }));
    server.stop();
    place
}

#[test]
fn every_question_has_one_answer_at_rest_served_and_over_http() {
    let place = firm();
    let id = TicketId::from_code("desk/甲-1").to_string();
    let ticket = format!("/api/v1/tickets/{id}");
    let history = format!("{ticket}/events");
    let why = format!("{ticket}/why");
    let questions: Vec<(Vec<&str>, &str)> = vec![
        (vec!["tickets"], "/api/v1/tickets"),
        (vec!["tickets", "--state", "imported,queued"], "/api/v1/tickets?state=imported,queued"),
        (vec!["tickets", "--outlet", "PD"], "/api/v1/tickets?outlet=PD"),
        (vec!["tickets", "--area", "HD"], "/api/v1/tickets?area=HD"),
        (vec!["tickets", "--engineer", "E7"], "/api/v1/tickets?engineer=E7"),
        (vec!["tickets", "--priority", "normal"], "/api/v1/tickets?priority=normal"),
        (vec!["tickets", "--queue", "imported"], "/api/v1/tickets?queue=imported"),
        (vec!["tickets", "--queue", "call_back"], "/api/v1/tickets?queue=call_back"),
        (vec!["tickets", "--urgent=false"], "/api/v1/tickets?urgent=false"),
        (vec!["tickets", "--imported"], "/api/v1/tickets?imported=true"),
        (vec!["tickets", "--red"], "/api/v1/tickets?red=true"),
        (vec!["tickets", "--flashing"], "/api/v1/tickets?flashing=true"),
        (vec!["tickets", "--overdue"], "/api/v1/tickets?overdue=true"),
        (vec!["tickets", "--sort", "due", "-n", "1"], "/api/v1/tickets?sort=due&limit=1"),
        (vec!["backlog", "-n", "3"], "/api/v1/backlog/top?n=3"),
        (vec!["queues"], "/api/v1/queues"),
        (vec!["engineers"], "/api/v1/engineers"),
        (vec!["engineers", "--available=false"], "/api/v1/engineers?available=false"),
        (vec!["engineers", "--on-duty", "--online"], "/api/v1/engineers?on_duty=true&online=true"),
        (vec!["engineer", "show", "E7"], "/api/v1/engineers/E7"),
        (vec!["satisfaction"], "/api/v1/satisfaction"),
        (
            vec!["satisfaction", "--by", "week", "--from", "2026-03-01", "--until", "2026-03-31"],
            "/api/v1/satisfaction?by=week&from=2026-03-01&until=2026-03-31",
        ),
        (vec!["lifecycle", "--from", "2026-03-01"], "/api/v1/lifecycle?from=2026-03-01"),
        (vec!["outlet", "show", "PD"], "/api/v1/outlets/PD"),
        (vec!["area", "show", "HD"], "/api/v1/areas/HD"),
        (vec!["customer", "show", "C-88"], "/api/v1/customers/C-88"),
        (vec!["device", "show", "GK-1"], "/api/v1/devices/GK-1"),
        (vec!["rules", "show"], "/api/v1/rules"),
        (vec!["rules", "show", "--version", "0"], "/api/v1/rules?version=0"),
        (vec!["ticket", "show", &id], &ticket),
        (vec!["ticket", "history", &id], &history),
        (vec!["ticket", "why", &id], &why),
    ];
    // Read models of a server that has just started may be behind.
    let position = place.json(&["log", "stat"])["position"].to_string();
    let asked = |words: &[&str]| {
        let words: Vec<_> = words.iter().chain(&["--min-position", &position]).copied().collect();
        place.json(&words)
    };
    let at_rest: Vec<_> = questions.iter().map(|(words, _)| asked(words)).collect();
    let feed = place.answer(&["log", "tail", "--json", "--after", "0"]);
    let server = place.serve();
    for ((words, target), at_rest) in questions.iter().zip(&at_rest) {
        assert_eq!(&asked(words), at_rest, "served: {words:?}");
        let sign = if target.contains('?') { '&' } else { '?' };
        let over_http = get(&server, &format!("{target}{sign}min_position={position}"));
        assert_eq!(&over_http, at_rest, "over HTTP: {words:?}");
    }
    assert_eq!(place.answer(&["log", "tail", "--json", "--after", "0"]), feed);
    let events = get(&server, "/api/v1/events?after=0&limit=1000")["events"].take();
    let lines: Vec<Value> =
        feed.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(Value::Array(lines), events);
    // Where every part is up, that is the answer; a dispatcher that still reads is not ready.
    let ready = (0..10_000).any(|_| place.run(&["status"]).is_ok());
    assert!(ready, "{:?}", place.run_with_output(&["status"]));
}

/// A directory in which more happened since; the position and the moment before that.
fn firm_with_a_past() -> (Place, String, String) {
    let place = firm();
    let position = place.json(&["log", "stat"])["position"].to_string();
    let server = place.serve();
    let events = format!("/api/v1/events?after={}", position.parse::<u64>().expect("one") - 1);
    let moment = get(&server, &events)["events"][0]["recorded_at"].clone();
    let url = format!("http://{}/api/v1/tickets", server.address());
    for _ in 0..3 {
        let made = ureq::post(&url).send_json(json!({ "sentence": "冲床停了" })).expect("made");
        assert_eq!(made.status(), 201);
    }
    server.stop();
    (place, position, moment.as_str().expect("a moment").to_owned())
}

#[test]
fn every_question_of_the_past_has_one_answer_at_rest_served_and_over_http() {
    let (place, position, moment) = firm_with_a_past();
    let id = TicketId::from_code("desk/甲-1").to_string();
    let ticket = format!("/api/v1/tickets/{id}?");
    let questions: [(&[&str], &str); 8] = [
        (&["tickets"], "/api/v1/tickets?"),
        (&["tickets", "--sort", "due", "-n", "1"], "/api/v1/tickets?sort=due&limit=1&"),
        (&["backlog", "-n", "3"], "/api/v1/backlog/top?n=3&"),
        (&["queues"], "/api/v1/queues?"),
        (&["engineers"], "/api/v1/engineers?"),
        (&["satisfaction", "--by", "week"], "/api/v1/satisfaction?by=week&"),
        (&["lifecycle"], "/api/v1/lifecycle?"),
        (&["ticket", "show", &id], &ticket),
    ];
    let asked = |words: &[&str], as_of: &str| {
        let words: Vec<_> = words.iter().chain(&["--as-of", as_of]).copied().collect();
        let answer = place.json(&words);
        assert_eq!(answer["position"].to_string(), position, "{words:?}");
        answer
    };
    let at_rest = questions.map(|(words, _)| asked(words, &position));
    let at_moment = questions.map(|(words, _)| asked(words, &moment));
    assert_eq!(at_moment, at_rest);
    let now = place.json(&["tickets"]);
    assert_ne!(now["tickets"], at_rest[0]["tickets"], "something happened since");
    let server = place.serve();
    // Names are those of the day of asking, and a server that has just started may be behind.
    place.json(&["engineers", "--min-position", &now["position"].to_string()]);
    for ((words, target), at_rest) in questions.iter().zip(&at_rest) {
        assert_eq!(&asked(words, &position), at_rest, "served: {words:?}");
        let over_http = get(&server, &format!("{target}as_of={position}"));
        assert_eq!(&over_http, at_rest, "over HTTP: {words:?}");
    }
}

#[test]
fn a_table_of_the_past_says_of_when_it_is_and_what_cannot_be_is_refused() {
    let (place, position, _) = firm_with_a_past();
    let past = |words: &[&str]| place.answer(&[words, &["--as-of", &position]].concat());
    for words in [&["queues"][..], &["backlog"], &["engineers"], &["lifecycle"], &["tickets"]] {
        let text = past(words);
        assert!(text.starts_with(&format!("as of position {position}, 2")), "{words:?}: {text}");
    }
    let all = past(&["tickets", "--all"]);
    assert_eq!(all.matches("as of position").count(), 1, "{all}");
    let shown = past(&["ticket", "show", &TicketId::from_code("desk/甲-1").to_string()]);
    assert!(shown.contains("as of"), "{shown}");
    let chinese = past(&["satisfaction", "--lang", "zh"]);
    assert!(chinese.starts_with(&format!("截至位置 {position}，")), "{chinese}");
    let after_the_head = place.run(&["tickets", "--as-of", "999999"]).expect_err("not yet");
    assert!(after_the_head.to_string().contains("the log ends at position"), "{after_the_head}");
    assert_eq!(after_the_head.exit_code(), 2);
    for words in [
        &["queues", "--as-of", "yesterday"][..],
        &["queues", "--as-of", "1", "--min-position", "1"],
        &["ticket", "history", "12345-9", "--as-of", "1"],
    ] {
        let said = Cli::try_parse_from(["paidan"].iter().chain(words)).expect_err("wrong");
        assert_eq!(said.exit_code(), 2, "{words:?}: {said}");
    }
}

#[test]
fn an_imported_past_had_happened_before_it_was_known() {
    let place = Place::imported();
    let count = |moment: &str, by: &[&str]| {
        let words = [&["tickets", "--as-of", moment], by].concat();
        place.json(&words)["tickets"].as_array().expect("tickets").len()
    };
    let occurred = ["--as-of-by", "occurred"];
    let (one, two) = ("2026-03-01T08:30:00+08:00", "2026-03-01T09:30:00+08:00");
    assert_eq!([count(one, &occurred), count(two, &occurred)], [1, 2]);
    assert_eq!([count(two, &[]), count(two, &["--as-of-by", "recorded"])], [0, 0]);
    let text = |language: &str| {
        place.answer(&[&["backlog", "--as-of", two, "--lang", language], &occurred[..]].concat())
    };
    assert!(text("en").starts_with("what had happened by "), "{}", text("en"));
    assert!(text("zh").contains("已发生的情况"), "{}", text("zh"));
    // Each of its days was over long ago.
    let days = place.answer(&["satisfaction"]);
    assert!(
        days.contains("2026-03-01 was corrected: 1 count came or was taken back after"),
        "{days}"
    );
    let hours = place.answer(&["lifecycle", "--from", "2026-03-01", "--lang", "zh"]);
    assert!(hours.contains("2026-03-01 有更正：3 次计数"), "{hours}");
    for words in [
        &["queues", "--as-of-by", "occurred"][..],
        &["queues", "--as-of", two, "--as-of-by", "hearsay"],
    ] {
        let said = Cli::try_parse_from(["paidan"].iter().chain(words)).expect_err("wrong");
        assert_eq!(said.exit_code(), 2, "{words:?}: {said}");
    }
    let position = place.complaint(&["queues", "--as-of", "1", "--as-of-by", "occurred"]);
    assert!(position.contains("name a moment in as_of"), "{position}");
}

#[test]
fn tables_have_names_beside_codes_in_columns_that_fit_chinese() {
    let place = firm();
    let text = place.answer(&["engineers"]);
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("code  name"), "{text}");
    let places: Vec<_> = lines[1..]
        .iter()
        .map(|line| line[..line.find("PD 浦东").expect("an outlet")].width())
        .collect();
    assert_eq!(places.len(), 2, "{text}");
    assert_eq!(places[0], places[1], "{text}");
    assert!(text.contains("王工") && text.contains("HD 华东"), "{text}");
    let chinese = place.answer(&["engineers", "--lang", "zh"]);
    assert!(chinese.starts_with("编码"), "{chinese}");
    assert_eq!(place.answer(&["engineers", "--online"]), "no engineers match\n");
    assert_eq!(place.answer(&["engineers", "--online", "--lang", "zh"]), "没有符合条件的工程师\n");
    let shown = place.answer(&["outlet", "show", "PD"]);
    assert!(shown.contains("HD 华东"), "{shown}");
}

#[test]
fn a_question_at_rest_leaves_no_snapshot_behind() {
    let place = Place::imported();
    place.answer(&["tickets"]);
    place.answer(&["satisfaction"]);
    assert!(!place.data().join("snapshots").exists());
}

#[test]
fn every_ticket_is_listed_once_page_by_page_under_one_header() {
    let place = Place::new();
    let mut rows = HEADER.to_owned();
    for case in 0..450 {
        rows.push_str(&format!("C-{case},待处理,2026-03-01 08:00,,\n"));
    }
    place.write("rows.csv", rows.as_bytes());
    place.import();
    let lines = place.answer(&["tickets", "--all", "--json"]);
    let numbers: std::collections::BTreeSet<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["number"].to_string())
        .collect();
    assert_eq!((lines.lines().count(), numbers.len()), (450, 450));
    let table = place.answer(&["tickets", "--all"]);
    assert_eq!(table.lines().count(), 451);
    assert_eq!(table.matches("number").count(), 1);
    assert!(place.answer(&["tickets"]).ends_with("--limit more at once\n"));
}

#[test]
fn a_filter_that_cannot_be_is_refused_with_what_it_can_be() {
    let place = Place::imported();
    for (words, expected) in [
        (&["satisfaction", "--from", "x"][..], "write it like"),
        (&["tickets", "--after", "x"], "cursor"),
        (&["tickets", "--limit", "0"], "write 1 to 200"),
        (&["backlog", "-n", "1000"], "write 1 to 100"),
        (&["tickets", "--outlet", "ou_1"], "outlet"),
        (&["log", "tail", "--after", "soon"], "is no place in the log"),
    ] {
        let error = place.run(words).expect_err("a wrong question");
        assert!(error.to_string().contains(expected), "{words:?}: {error}");
        assert_eq!(error.exit_code(), 2, "{words:?}: {error}");
    }
    for words in [
        &["tickets", "--state", "closed"][..],
        &["tickets", "--priority", "huge"],
        &["tickets", "--red", "--overdue"],
        &["tickets", "--all", "--limit", "3"],
        &["satisfaction", "--by", "moon"],
    ] {
        let said = Cli::try_parse_from(["paidan"].iter().chain(words)).expect_err("wrong");
        assert_eq!(said.exit_code(), 2, "{words:?}: {said}");
    }
    let nobody = place.run(&["outlet", "show", "XX"]).expect_err("nothing");
    assert_eq!(nobody.exit_code(), 1, "{nobody}");
}

#[test]
fn without_a_server_not_everything_is_ready() {
    let place = Place::imported();
    let (result, out) = place.run_with_output(&["status"]);
    assert!(matches!(result, Err(CliError::NotReady)), "{result:?}");
    assert!(out.contains("no server runs on this directory"), "{out}");
}

/// The program itself on a directory.
fn program(place: &Place, words: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_paidan"))
        .args(words)
        .arg("--data")
        .arg(place.data())
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

fn lines_of(child: &mut Child) -> Receiver<String> {
    let out = child.stdout.take().expect("a pipe");
    let (send, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// Ends with the test, whatever its outcome.
struct Following(Child);

impl Drop for Following {
    fn drop(&mut self) {
        if let Err(error) = self.0.kill().and_then(|()| self.0.wait()) {
            eprintln!("the program could not be ended: {error}");
        }
    }
}

#[test]
fn whoever_follows_the_log_sees_a_new_event() {
    let place = Place::imported();
    let server = place.serve();
    let mut child = Following(program(&place, &["log", "tail", "-n", "1", "--follow"]));
    let lines = lines_of(&mut child.0);
    let last = lines.recv_timeout(PATIENCE).expect("the last event");
    assert!(last.trim_start().starts_with(char::is_numeric), "{last}");
    put(&server, "areas/HD", &json!({ "name": "华东" }));
    let new = lines.recv_timeout(PATIENCE).expect("a new event");
    assert!(new.contains("HD 华东"), "{new}");
}

#[test]
fn at_rest_following_ends_with_the_log() {
    let place = Place::imported();
    let once = place.answer(&["log", "tail", "-n", "2"]);
    assert_eq!(once.lines().count(), 2);
    assert_eq!(place.answer(&["log", "tail", "-n", "2", "--follow"]), once);
}

#[test]
fn a_reader_that_goes_away_ends_a_command_quietly() {
    let place = Place::imported();
    let mut child = program(&place, &["tickets", "--all"]);
    drop(child.stdout.take());
    let ended = child.wait().expect("ended");
    assert_eq!(ended.code(), Some(0));
}

#[test]
fn why_a_ticket_is_where_it_is_is_told_step_by_step_with_what_comes_next() {
    let place = firm();
    let id = TicketId::from_code("desk/甲-1").to_string();
    let english = place.answer(&["ticket", "why", &id]);
    assert!(english.contains("Other system: opened"), "{english}");
    assert!(english.trim_end().lines().last().is_some_and(|last| last.starts_with("Next: ")));
    let chinese = place.answer(&["ticket", "why", &id, "--lang", "zh"]);
    assert!(chinese.contains("原系统"), "{chinese}");
    assert!(chinese.trim_end().lines().last().is_some_and(|last| last.starts_with("接下来：")));
    let nobody = TicketId::from_u128(404).to_string();
    assert!(place.complaint(&["ticket", "why", &nobody]).contains("does not exist"));
}
