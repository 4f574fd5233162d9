//! `paidan rules try`: the same answer at rest and through a server, and nothing recorded.

#[path = "../../trial/tests/day/mod.rs"]
mod day;
mod support;

use std::sync::Arc;
use std::time::Duration;

use day::{Day, People};
use domain::Timestamp;
use domain::engineer::Profile;
use domain::rules::Rules;
use domain::ticket::Create;
use eventlog::{EventLog, ManualClock};
use support::Place;

const PEOPLE: People =
    People { ignored: 20, declined: 10, accepts: 12, resolves: 20, supervises: 10, rejects: 0 };

fn begin() -> Timestamp {
    "2026-03-02T09:00:00+08:00".parse().expect("a moment")
}

/// A place where forty reports came in, and a file of rules that gives eight minutes to accept.
fn a_day() -> Place {
    let place = Place::new();
    let clock = ManualClock::new(begin());
    let opened = paidan::data_directory::open_or_create(&place.config(), Arc::new(clock.clone()));
    let log: Arc<dyn EventLog> = Arc::new(opened.expect("a new log").0);
    let mut day = Day::new(log, clock, PEOPLE, 7);
    day.publish(Rules { zone: "Asia/Tokyo".into(), ..Rules::default() });
    for _ in 0..6 {
        day.engineer(Profile::default());
    }
    for number in 0..40 {
        let sentence = Some(format!("{number}号冲床停了"));
        let at = begin().plus(Duration::from_secs(300 * number));
        day.report(at, Create { sentence, ..Create::default() });
    }
    day.pass_until(begin().plus(Duration::from_secs(6 * 3_600)));
    drop(day);
    let rules = place.answer(&["rules", "show"]);
    let quicker = rules.replacen("within = \"30m\"", "within = \"8m\"", 1);
    assert_ne!(rules, quicker);
    place.write("quicker.toml", quicker.as_bytes());
    place
}

#[test]
fn rules_are_tried_at_rest_and_through_a_server_with_the_same_answer_and_nothing_is_recorded() {
    let place = a_day();
    let head = || place.json(&["log", "stat"])["position"].clone();
    let before = head();
    let tried = place.json(&["rules", "try", "quicker.toml", "--limit", "5"]);
    let (old, new) = (&tried["old"], &tried["new"]);
    assert_eq!((&tried["recorded"], &old["tickets"]), (old, &40.into()));
    assert!(new["time_outs"].as_u64() > old["time_outs"].as_u64(), "{new}");
    assert_eq!(tried["tickets"].as_array().map(Vec::len), Some(5));
    let decisions = &tried["decisions"];
    assert_eq!(decisions["exact"], decisions["decisions"]);
    assert_eq!(tried["crossed"].as_array().map(Vec::len), Some(0));

    let text = place.answer(&["rules", "try", "quicker.toml", "--limit", "3"]);
    for words in ["time-outs", "old rules", "40 tickets 40 were offered", "assumed, how often"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let chinese = place.answer(&["rules", "try", "quicker.toml", "--lang", "zh"]);
    assert!(chinese.contains("超时") && chinese.contains("所作假设"), "{chinese}");
    let csv = place.answer(&["rules", "try", "quicker.toml", "--csv", "--limit", "1000"]);
    assert!(csv.starts_with("ticket,created_at,accept_later_s,old_linked,"), "{csv}");
    assert_eq!(csv.lines().count() as u64 - 1, tried["changed"]["tickets"], "{csv}");

    let later = ["rules", "try", "quicker.toml", "--from", "2026-03-02T11:00:00+08:00"];
    let later = [&later[..], &["--to", "2026-03-02T12:00:00+08:00"]].concat();
    let hour = place.json(&later);
    assert!(hour["new"]["tickets"].as_u64() < Some(40), "{hour}");
    assert_eq!(hour["from"], "2026-03-02T03:00:00Z");

    assert_eq!(head(), before);
    let _server = place.serve();
    let served = place.json(&["rules", "try", "quicker.toml", "--limit", "5"]);
    assert_eq!(served["new"], tried["new"]);
    assert_eq!(served["tickets"], tried["tickets"]);
}

#[test]
fn a_threshold_that_is_crossed_ends_with_four_after_the_answer() {
    let place = a_day();
    let with = |threshold: &str| {
        let words = ["rules", "try", "quicker.toml", "--json", "--fail-if", threshold];
        place.run_with_output(&words)
    };
    let (crossed, out) = with("time_outs>+5%");
    let error = crossed.expect_err("it is crossed");
    assert_eq!(error.exit_code(), 4);
    assert!(error.to_string().contains("time_outs>+5%"), "{error}");
    assert!(out.contains(r#""crossed":["time_outs>+5%"]"#), "{out}");
    assert!(with("time_outs>+5000%").0.is_ok());
}

#[test]
fn what_cannot_be_tried_says_why() {
    let place = a_day();
    let late = place.complaint(&["rules", "try", "quicker.toml", "--from", "2099-01-01T00:00:00Z"]);
    assert!(late.contains("earlier `--from`"), "{late}");
    place.write("wrong.toml", b"[accept]\nwithin = \"never\"\n");
    let wrong = place.run(&["rules", "try", "wrong.toml"]).expect_err("no rules");
    assert_eq!(wrong.exit_code(), 2);
}
