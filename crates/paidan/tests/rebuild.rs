//! Read models rebuilt by other rules from the command line: at rest and beside a running server.

mod support;

use paidan::cli::CliError;
use serde_json::Value;
use support::Place;

const COUNTING: [&str; 2] = ["satisfaction", "lifecycle"];

/// A file of the shipped rules with another zone, in which the imported steps fall on other days.
fn far_away(place: &Place) -> String {
    let shipped = place.answer(&["rules", "show", "--version", "0"]);
    let zone = "zone = \"Asia/Shanghai\"";
    assert!(shipped.contains(zone), "{shipped}");
    let rules = shipped.replace(zone, "zone = \"America/Los_Angeles\"");
    place.write("far_away.toml", rules.as_bytes());
    place.path("far_away.toml").display().to_string()
}

fn with<'w>(first: &[&'w str], rest: &[&'w str]) -> Vec<&'w str> {
    [first, &COUNTING, rest].concat()
}

fn totals<'v>(compared: &'v Value, model: &str, table: &str) -> &'v Value {
    let found = compared.as_array().expect("a list").iter().find(|found| found["model"] == model);
    let tables = found.expect("the model")["tables"].as_array().expect("tables");
    tables.iter().find(|found| found["table"] == table).expect("the table")
}

#[test]
fn at_rest_both_sides_are_folded_and_compared() {
    let place = Place::imported();
    let rules = far_away(&place);
    let compared = place.json(&with(&["projection", "rebuild"], &["--rules", &rules]));
    let cells = totals(&compared, "satisfaction", "cells");
    assert!(cells["added"].as_u64() > Some(0), "{cells}");
    for total in cells["totals"].as_array().expect("totals") {
        assert_eq!(total["live"], total["rebuilt"], "days move, and nothing is lost");
    }
    let rows = compared[0]["rows"].as_array().expect("rows");
    assert!(rows.iter().all(|row| row["explained"]["events"].as_u64() > Some(0)
        || row["explained"]["from_the_start"] == true));

    let text = place.answer(&with(&["projection", "rebuild"], &["--rules", &rules]));
    for part in ["satisfaction at position", "the rules themselves", "added", "because of events"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let chinese = with(&["--lang", "zh", "projection", "rebuild"], &["--rules", &rules]);
    assert!(place.answer(&chinese).contains("规则本身"));
    let csv =
        place.answer(&with(&["projection", "rebuild"], &["--rules", &rules, "--format", "csv"]));
    assert!(csv.starts_with("model,position,table,key,change,field,live,rebuilt,events,explained"));
    assert!(csv.lines().count() > 2);

    let same = place.json(&with(&["projection", "rebuild"], &[]));
    assert!(same.as_array().expect("a list").iter().all(|found| found["equal"] == true), "{same}");
    let strict = with(&["projection", "rebuild"], &["--rules", &rules, "--at-most", "0"]);
    let error = place.run(&strict).expect_err("rows differ");
    assert!(matches!(error, CliError::RowsDiffer { allowed: 0, .. }), "{error}");
    assert_eq!(error.exit_code(), 3);
    assert!(place.complaint(&["projection", "swap"]).contains("no server runs"));
}

#[test]
fn beside_a_server_a_published_set_is_swapped_in_and_back() {
    let place = Place::imported();
    let rules = far_away(&place);
    let server = place.serve();
    assert!(place.answer(&["projection", "progress"]).contains("no rebuild was begun"));
    // A file is compared, and never becomes live.
    place.answer(&with(&["projection", "rebuild"], &["--rules", &rules]));
    assert!(place.complaint(&["projection", "swap"]).contains("not published"));
    assert!(place.answer(&["projection", "cancel"]).contains("the rebuild is dropped"));
    assert!(place.complaint(&["projection", "cancel"]).contains("no rebuild was begun"));

    let shipped = place.json(&["satisfaction", "--by", "day"]);
    place.answer(&["rules", "publish", &rules]);
    let compared =
        place.json(&with(&["projection", "rebuild"], &["--rules", "1", "--share", "100"]));
    let cells = totals(&compared, "satisfaction", "cells");
    assert_eq!(cells["live_rows"], cells["rebuilt_rows"]);
    let refused = place.complaint(&["projection", "swap", "--at-most", "1"]);
    assert!(refused.contains("nothing was swapped"), "{refused}");
    assert_eq!(place.json(&["satisfaction", "--by", "day"])["rows"], shipped["rows"]);

    let text = place.answer(&["projection", "swap"]);
    assert!(text.contains("satisfaction counts the past by rules 1 from the beginning"), "{text}");
    let moved = place.json(&["satisfaction", "--by", "day"]);
    assert_ne!(moved["rows"], shipped["rows"]);
    let list = place.answer(&["projection", "list"]);
    assert!(list.contains("rules 1 from the beginning"), "{list}");
    let dump = place.answer(&["projection", "dump", "satisfaction"]);
    let header: Value = serde_json::from_str(dump.lines().next().expect("a line")).expect("JSON");
    assert_eq!((&header["recount"], &header["rules_version"]), (&1.into(), &1.into()));
    place.answer(&["projection", "check"]);
    server.stop();

    // It stays so, at rest and after a start.
    let rows = |dump: &str| dump.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&place.answer(&["projection", "dump", "satisfaction"])), rows(&dump));
    let server = place.serve();
    assert_eq!(place.json(&["satisfaction", "--by", "day"])["rows"], moved["rows"]);
    place.answer(&["projection", "swap-back"]);
    assert_eq!(place.json(&["satisfaction", "--by", "day"])["rows"], shipped["rows"]);
    assert!(place.complaint(&["projection", "swap-back"]).contains("nothing was swapped"));
    server.stop();
}

#[test]
fn a_rebuild_that_cannot_be_begun_says_why() {
    let place = Place::imported();
    let server = place.serve();
    let unknown = place.complaint(&with(&["projection", "rebuild"], &["--rules", "7"]));
    assert!(unknown.contains("rules 7 were never published"), "{unknown}");
    for idle in ["pause", "resume", "compare", "swap"] {
        assert!(place.complaint(&["projection", idle]).contains("no rebuild was begun"), "{idle}");
    }
    server.stop();
}
