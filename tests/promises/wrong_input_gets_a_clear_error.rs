//! Wrong input: a clear error each, nothing lost, no panic.

use serde_json::json;

use crate::firm::Firm;
use crate::running::{Process, paidan};

/// Method, path, headers, body, and the statuses that would do.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], Option<&'a str>, &'a [u16]);

#[test]
fn requests_that_make_no_sense_are_told_what_to_do_and_change_nothing() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Process::start(data.path());
    let client = server.client();
    let firm = Firm::enter(&client, 1, 3);
    let ticket = firm.report(&client, "不制冷");
    client.ticket_once(&ticket, "assigned");
    let before = client.history(&ticket);
    let unknown = "/api/v1/tickets/tk_00000000000000000000000000";
    let long = json!({"words": "长".repeat(5_000)}).to_string();
    let huge = json!({"words": "x".repeat(3_000_000)}).to_string();
    let path = |verb: &str| format!("/api/v1/tickets/{ticket}/{verb}");
    let note = path("note");
    let cases: [Case<'_>; 12] = [
        ("POST", &note, &[], Some("{\"words\": "), &[400]),
        ("POST", &note, &[], Some("[1, 2]"), &[400, 422]),
        ("POST", &note, &[], Some("{\"wrods\": \"x\"}"), &[400, 422]),
        ("POST", &note, &[], Some("{\"words\": 7}"), &[400, 422]),
        // Words that come with no attachments have no file to go to.
        ("POST", &path("urge"), &[], Some(&long), &[422]),
        ("POST", &note, &[], Some(&huge), &[413]),
        ("POST", &path("explode"), &[], Some("{}"), &[404]),
        ("POST", &format!("{unknown}/accept"), &[], Some("{}"), &[404, 422]),
        ("GET", unknown, &[], None, &[404]),
        ("GET", "/api/v1/tickets/12345-6", &[], None, &[400, 404, 422]),
        ("POST", &note, &[("If-Match", "\"1\"")], Some("{\"words\": \"x\"}"), &[412]),
        ("DELETE", &note, &[], None, &[405]),
    ];
    for (method, path, headers, body, expected) in cases {
        let answer = client.send(method, path, headers, body.map(str::as_bytes)).expect("answered");
        assert!(expected.contains(&answer.status), "{method} {path}: {answer:?}");
        assert_eq!(answer.media_type, "application/problem+json", "{method} {path}");
        assert!(answer.text("/type").starts_with("urn:paidan:problem:"), "{method} {path}");
        assert!(!answer.text("/detail").is_empty(), "{method} {path}");
    }
    assert_eq!(client.history(&ticket), before);
    client.get("/healthz").expect(200);
}

#[test]
fn a_second_server_on_the_same_directory_says_so_and_leaves_the_first_alone() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Process::start(data.path());
    let second = paidan(data.path(), &["serve", "--listen", "127.0.0.1:0"]).output().expect("ran");
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("in use"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    server.client().get_until_status("/readyz", 200);
}

#[test]
fn a_directory_of_a_newer_format_is_refused_and_left_as_it_is() {
    let data = tempfile::tempdir().expect("a directory");
    drop(Process::start(data.path()));
    let format = data.path().join("FORMAT");
    let written = std::fs::read_to_string(&format).expect("a format file");
    let newer = written.replace('1', "999");
    assert_ne!(newer, written);
    std::fs::write(&format, &newer).expect("written");
    let refused = paidan(data.path(), &["serve", "--listen", "127.0.0.1:0"]).output().expect("ran");
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("newer") && !said.contains("panicked"), "{said}");
    assert_eq!(std::fs::read_to_string(&format).expect("still there"), newer);
}

#[test]
fn a_log_that_was_cut_short_is_refused_and_named() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Process::start(data.path());
    let client = server.client();
    let firm = Firm::enter(&client, 5, 10);
    for number in 0..50 {
        firm.report(&client, &format!("第{number}张"));
    }
    server.kill();
    let db = data.path().join("log").join("db");
    let whole = std::fs::metadata(&db).expect("the log").len();
    let file = std::fs::OpenOptions::new().write(true).open(&db).expect("writable");
    file.set_len(whole / 2).expect("cut");
    let refused = paidan(data.path(), &["serve", "--listen", "127.0.0.1:0"]).output().expect("ran");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && !said.contains("panicked"), "{said}");
}

#[test]
fn an_address_that_others_can_reach_is_refused_while_there_are_no_accounts() {
    let data = tempfile::tempdir().expect("a directory");
    let refused = paidan(data.path(), &["serve", "--listen", "0.0.0.0:0"]).output().expect("ran");
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("loopback"));
}
