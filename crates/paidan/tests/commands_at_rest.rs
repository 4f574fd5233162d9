//! Commands on a directory that no server uses.

mod support;

use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use domain::TicketId;
use eventlog::SystemClock;
use paidan::control::{Purpose, open};
use support::{HEADER, MAPPING, Place, ROWS, STEPS, chain};

const READS: [&[&str]; 6] = [
    &["log", "stat"],
    &["log", "verify"],
    &["ticket", "history", "2-1"],
    &["projection", "list"],
    &["projection", "dump", "open_tickets"],
    &["log", "verify", "--json"],
];

#[test]
fn a_command_that_reads_makes_no_data_directory() {
    let place = Place::new();
    for words in READS {
        let said = place.complaint(words);
        assert!(said.contains("there is no log in"), "{words:?}: {said}");
        assert!(said.contains("--data"), "{words:?}: {said}");
        assert!(!place.data().exists(), "{words:?}");
    }
}

#[test]
fn an_import_makes_the_directory_and_the_log_tells_what_was_imported() {
    let place = Place::new();
    let report = place.import();
    assert_eq!(report["commands"]["new"], STEPS);
    let stat = place.json(&["log", "stat"]);
    // One event more: the log's own creation.
    assert_eq!((&stat["position"], &stat["appends"]), (&(STEPS + 1).into(), &(STEPS + 1).into()));
    assert_eq!(stat["log"]["id"].as_str().expect("an id").len(), 32);
    let verdict = place.json(&["log", "verify"]);
    assert_eq!((&verdict["whole"], &verdict["events"]), (&true.into(), &(STEPS + 1).into()));
    assert_eq!(verdict["kinds"]["ticket"]["streams"], 2);
    assert_eq!(verdict["chain"], stat["chain"]);
}

#[test]
fn importing_again_adds_nothing() {
    let place = Place::imported();
    let before = place.json(&["log", "stat"]);
    let report = place.import();
    assert_eq!(report["commands"]["already_there"], STEPS);
    assert_eq!(report["commands"]["new"], 0);
    assert_eq!(place.json(&["log", "stat"])["chain"], before["chain"]);
}

#[test]
fn an_import_with_another_meaning_conflicts_and_changes_nothing() {
    let place = Place::imported();
    place.write(
        "map.toml",
        MAPPING.replace("\"处理中\" = \"started\"", "\"处理中\" = \"closed\"").as_bytes(),
    );
    let words = ["import", "history", "rows.csv", "--mapping", "map.toml", "--json"];
    let (result, out) = place.run_with_output(&words);
    assert_eq!(
        chain(&result.expect_err("a conflict")),
        "1 steps were not recorded; the report says which and why"
    );
    let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(report["commands"]["conflicting"], 1);
    assert_eq!(report["refused"]["first"][0]["line"], 3);
}

#[test]
fn a_ticket_is_told_by_id_and_by_number_with_widths_that_fit_chinese() {
    let place = Place::imported();
    let id = TicketId::from_code("desk/甲-1").to_string();
    let by_id = place.answer(&["ticket", "history", &id]);
    let history = place.json(&["ticket", "history", &id]);
    let ticket = place.json(&["ticket", "show", &id]);
    let number = ticket["number"].as_str().expect("a number");
    assert_eq!(place.answer(&["ticket", "history", number]), by_id);
    let lines: Vec<_> = by_id.lines().collect();
    assert_eq!(lines[0], format!("Ticket {number} ({id}), 5 events"));
    // The clock of the firm, which is in Shanghai unless its rules say otherwise.
    assert!(lines[2].contains("occurred (Asia/Shanghai)"), "{by_id}");
    assert!(lines[3].contains("2026-03-01 08:00:00"), "{by_id}");
    assert!(lines[3].contains("import  Other system: opened"), "{by_id}");
    assert!(lines[3].contains("“描述: 冲床停了”"), "{by_id}");
    assert!(lines[7].contains("Other system: closed"), "{by_id}");
    let columns: Vec<_> =
        lines[3..].iter().map(|line| line.find("import  Other").expect("an event")).collect();
    assert!(columns.iter().all(|column| *column == columns[0]), "{by_id}");
    assert_eq!(history["events"][0]["data"]["words"]["text"], "描述: 冲床停了");
    assert_eq!(history["events"][0]["actor"]["party"], "import");
}

#[test]
fn a_ticket_that_does_not_exist_is_said_to_be_none() {
    let place = Place::imported();
    let nobody = TicketId::from_u128(7).to_string();
    let said = place.complaint(&["ticket", "history", &nobody]);
    assert_eq!(said, format!("{nobody} does not exist; check the id"));
    // The number of an event that is not a ticket's first, and one after the end.
    for position in [3, 4_000] {
        let number = domain::TicketNumber::from_position(domain::GlobalPosition::new(position));
        let said = place.complaint(&["ticket", "history", &number.to_string()]);
        assert!(said.starts_with("there is no ticket"), "{said}");
    }
}

#[test]
fn read_models_are_listed_and_folded_from_the_log() {
    let place = Place::imported();
    let list = place.json(&["projection", "list"]);
    let names: Vec<_> = list.as_array().expect("a list").iter().map(|p| &p["name"]).collect();
    assert_eq!(
        names,
        ["open_tickets", "engineer_load", "directory", "satisfaction", "lifecycle", "attachments"]
    );
    assert!(list[0]["position"].is_null());
    let dump = place.answer(&["projection", "dump", "open_tickets"]);
    let (header, rows) = dump.split_once('\n').expect("a header");
    let header: serde_json::Value = serde_json::from_str(header).expect("JSON");
    assert_eq!(header["projection"], "open_tickets");
    assert_eq!(header["position"], STEPS + 1);
    assert_eq!(header["lines"], rows.lines().count());
    assert_eq!(header["blake3"], blake3::hash(rows.as_bytes()).to_string());
    for row in rows.lines() {
        serde_json::from_str::<serde_json::Value>(row).expect("a row is JSON");
    }
    assert!(rows.contains(&TicketId::from_code("desk/乙-2").to_string()), "{rows}");
    let said = place.complaint(&["projection", "dump", "tickets"]);
    assert!(said.contains("`tickets` is not a projection"), "{said}");
}

#[test]
fn what_only_a_server_can_do_is_refused_with_the_reason() {
    let place = Place::imported();
    let said = place.complaint(&["log", "confirm-clock"]);
    assert!(said.contains("no server runs") && said.contains("no clock to confirm"), "{said}");
    let said = place.complaint(&["projection", "check"]);
    assert!(said.contains("no server runs"), "{said}");
}

#[test]
fn wrong_columns_are_refused_before_a_directory_is_made() {
    let place = Place::new();
    place.write("map.toml", MAPPING.replace("\"状态\"", "\"state\"").as_bytes());
    let said = place.complaint(&["import", "history", "rows.csv", "--mapping", "map.toml"]);
    assert!(said.contains("`state` (columns.state) is not there"), "{said}");
    assert!(!place.data().exists());
}

#[test]
fn a_packed_file_that_was_cut_is_imported_as_far_as_it_goes_and_the_whole_one_adds_the_rest() {
    let place = Place::new();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(HEADER.as_bytes()).expect("memory");
    let cases = 2_000;
    for case in 0..cases {
        writeln!(packer, "C-{case},待处理,2026-03-01 08:00,,{:x}", case * 7_919_u64)
            .expect("memory");
    }
    let whole = packer.finish().expect("memory");
    place.write("cut.gz", &whole[..whole.len() / 2]);
    place.write("whole.gz", &whole);
    let (result, out) =
        place.run_with_output(&["import", "history", "cut.gz", "--mapping", "map.toml", "--json"]);
    let said = chain(&result.expect_err("cut off"));
    assert!(said.contains("the import ended early, after"), "{said}");
    assert!(said.contains("could not be read after line"), "{said}");
    let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let first = report["commands"]["new"].as_u64().expect("a count");
    assert!(first > 0 && first < cases, "{first}");
    let rest = place.json(&["import", "history", "whole.gz", "--mapping", "map.toml"]);
    assert_eq!(rest["commands"]["already_there"], first);
    assert_eq!(rest["commands"]["new"], cases - first);
    assert_eq!(place.json(&["log", "verify"])["whole"], true);
}

#[test]
fn a_directory_of_a_newer_release_is_refused_and_left_alone() {
    let place = Place::imported();
    let format = place.data().join("FORMAT");
    let newer = std::fs::read_to_string(&format).expect("there").replace("format 1", "format 7");
    std::fs::write(&format, &newer).expect("written");
    let before = std::fs::read(place.log_file()).expect("there");
    for words in READS {
        let said = place.complaint(words);
        assert!(said.contains("has format 7, but this release knows 1 at most"), "{said}");
    }
    let said = place.complaint(&["import", "history", "rows.csv", "--mapping", "map.toml"]);
    assert!(said.contains("run the newer release"), "{said}");
    assert_eq!(std::fs::read(place.log_file()).expect("there"), before);
    assert_eq!(std::fs::read_to_string(&format).expect("there"), newer);
}

#[test]
fn a_directory_that_somebody_has_open_is_refused_with_what_to_do() {
    let place = Place::imported();
    let held = open(&place.config(), Purpose::Read, Arc::new(SystemClock)).expect("opened");
    for words in READS {
        let said = place.complaint(words);
        assert!(said.contains("in use"), "{words:?}: {said}");
    }
    drop(held);
    place.answer(&["log", "stat"]);
}

#[test]
fn a_lost_master_key_is_not_replaced_by_a_fresh_one() {
    let place = Place::imported();
    let key = place.data().join("keys/master.key");
    let kept = std::fs::read(&key).expect("there");
    std::fs::remove_file(&key).expect("removed");
    let said = place.complaint(&["log", "stat"]);
    assert!(said.contains("master.key"), "{said}");
    assert!(!key.exists());
    // A verification needs no keys.
    assert_eq!(place.json(&["log", "verify"])["whole"], true);
    std::fs::write(&key, kept).expect("written");
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&key, permissions).expect("protected");
    place.answer(&["log", "stat"]);
}

/// Flips a bit of the words of an imported row, which stand in the clear in no file: of the
/// record that holds them.
fn damage(place: &Place) {
    let bytes = std::fs::read(place.log_file()).expect("there");
    let key = "desk".as_bytes();
    let at = bytes.windows(key.len()).position(|window| window == key).expect("a record");
    let file = std::fs::OpenOptions::new().write(true).open(place.log_file()).expect("opened");
    file.write_at(&[bytes[at] ^ 1], at as u64).expect("written");
}

#[test]
fn a_damaged_log_is_found_and_named_and_nothing_panics() {
    let place = Place::imported();
    damage(&place);
    let (result, out) = place.run_with_output(&["log", "verify", "--json"]);
    let said = chain(&result.expect_err("damaged"));
    assert!(said.starts_with("the log is not whole"), "{said}");
    let verdict: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(verdict["whole"], false);
    assert!(verdict["fault"]["place"].is_string(), "{verdict}");
    // What cannot be trusted is not shown, and a verification leaves it as it is.
    let before = std::fs::read(place.log_file()).expect("there");
    let (result, _) = place.run_with_output(&["log", "verify"]);
    assert!(result.is_err());
    assert_eq!(std::fs::read(place.log_file()).expect("there"), before);
    let said = place.complaint(&["log", "stat"]);
    assert!(said.contains("could not open the log"), "{said}");
}

#[test]
fn rows_may_be_many_more_than_are_on_their_way_at_once() {
    let place = Place::new();
    let mut rows = format!("{HEADER}{ROWS}");
    for case in 0..3_000 {
        rows.push_str(&format!("C-{case},待处理,2026-03-01 08:00,,\n"));
        rows.push_str(&format!("C-{case},处理中,2026-03-01 08:00,,\n"));
    }
    place.write("rows.csv", rows.as_bytes());
    let report = place.import();
    assert_eq!(report["commands"]["new"], STEPS + 6_000);
    assert_eq!(report["refused"]["total"], 0);
}
