//! A firm's directory from files: at rest, and through a running server.

mod support;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::Place;

/// Entries of the firm in docs/examples.
const ENTRIES: u64 = 2 + 3 + 8 + 10 + 20;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/firm").join(name)
}

/// A place with the firm's sheets beside the directory.
fn place() -> Place {
    let place = Place::new();
    for name in SHEETS {
        place.write(name, &std::fs::read(example(name)).expect("an example"));
    }
    place
}

const SHEETS: [&str; 5] =
    ["areas.csv", "outlets.csv", "engineers.csv", "customers.csv", "devices.csv"];

fn words<'w>(more: &[&'w str]) -> Vec<&'w str> {
    ["import", "directory"].into_iter().chain(SHEETS).chain(more.iter().copied()).collect()
}

/// The report also of a run that failed.
fn report(place: &Place, words: &[&str]) -> Value {
    let words: Vec<_> = words.iter().chain(&["--json"]).copied().collect();
    serde_json::from_str(&place.run_with_output(&words).1).expect("a report")
}

#[test]
fn a_server_and_a_directory_at_rest_answer_alike() {
    let (at_rest, served) = (place(), place());
    let _server = served.serve();
    let large: String =
        (0..3_000).map(|n| format!("C{n},客户{n},上海市某区某路 {n} 号\n")).collect();
    for place in [&at_rest, &served] {
        place.write("客户.csv", format!("编号,名称,地址\n{large}").as_bytes());
        place.write("outlets.bad.csv", "code,name,area\nPD,浦东,XX\nSZ,,HD\n".as_bytes());
        place.write("工程师.csv", "编号;姓名;电话\nE01;王海;1\n".as_bytes());
    }
    let runs: [&[&str]; 8] = [
        &words(&["--dry-run"]),
        &words(&[]),
        &words(&[]),
        &["import", "directory", "outlets.bad.csv"],
        &["import", "directory", "outlets.bad.csv", "--skip-bad-lines"],
        &["import", "directory", "工程师.csv", "--dry-run"],
        &["import", "directory", "工程师.csv"],
        &["import", "directory", "客户.csv"],
    ];
    for run in runs {
        let [at_rest, served] = [&at_rest, &served].map(|place| {
            let mut report = report(place, run);
            // A server records more than what it is told to.
            report["position"].take();
            report
        });
        assert_eq!(at_rest, served, "{run:?}");
        assert!(at_rest["files"][0]["rows"].as_u64() > Some(0), "{at_rest}");
    }
}

#[test]
fn a_second_run_records_nothing() {
    let place = place();
    assert_eq!(report(&place, &words(&[]))["recorded"], ENTRIES);
    let head = place.json(&["log", "stat"]);
    let again = report(&place, &words(&[]));
    assert_eq!((&again["recorded"], &again["changes"]), (&json!(0), &json!([])));
    assert_eq!(place.json(&["log", "stat"])["chain"], head["chain"]);
}

#[test]
fn a_dry_run_and_sheets_with_errors_make_no_data_directory() {
    let place = place();
    assert_eq!(report(&place, &words(&["--dry-run"]))["sheets"]["devices"]["added"], 20);
    place.write("areas.csv", "code,name\nHD,\nHB,华北\n".as_bytes());
    let refused = place.complaint(&words(&[]));
    assert!(refused.starts_with("the sheets have errors (1)"), "{refused}");
    assert!(!place.data().exists());
}

#[test]
fn people_read_what_changes_and_what_is_wrong() {
    let place = place();
    place.answer(&words(&[]));
    place.write("engineers.csv", "code,name,phone\nE01,王海,1\nE02,\n".as_bytes());
    let (failed, said) = place.run_with_output(&["import", "directory", "engineers.csv"]);
    assert!(failed.is_err());
    assert_eq!(
        said,
        "sheet      added  changed  unchanged  left out\n\
         engineers      0        1          0         1\n\
         \n\
         line             code  field  before       after\n\
         engineers.csv:2  E01   phone  13800000011  1\n\
         \n\
         errors: 1\n\
         line             column  error\n\
         engineers.csv:3          the row has 2 values and the first row 3 columns; look for a \
         missing or superfluous separator or quotation mark\n\
         \n\
         nothing was recorded; mend the errors and run it again, or load the rest with \
         --skip-bad-lines\n\
         entries that are in no file stay as they are\n"
    );
}

#[test]
fn files_that_cannot_be_read_are_all_told_and_nothing_is_recorded() {
    let place = place();
    place.write("outlets.csv", b"PK\x03\x04");
    let report = report(&place, &words(&["no/such.csv"]));
    let told = |index: usize| report["errors"][index]["message"].as_str().unwrap_or_default();
    assert!(told(0).contains("is a workbook"), "{report}");
    assert!(told(1).contains("cannot be read: No such file"), "{report}");
    assert!(!place.data().exists());
}
