//! Loading again, back and forth, interrupted, and dry.

use serde_json::json;
use sheets::{FieldChange, Outcome};

use crate::firm::{DRY, Directory, ENTRIES, FIRM, LOAD, changed, texts};

const OUTLET: (&str, &str) = ("outlets.csv", "code,name,hours\nPD,浦东,Mon-Fri 08:00-18:00\n");

#[test]
fn a_dry_run_records_nothing_and_says_what_the_run_then_does() {
    let directory = Directory::empty();
    let before = directory.head();
    let dry = directory.load(&FIRM, DRY);
    assert_eq!((dry.recorded, directory.head()), (0, before));
    assert_eq!(dry.totals().added, ENTRIES);
    let loaded = directory.load(&FIRM, LOAD);
    assert_eq!(loaded.recorded, ENTRIES);
    assert_eq!(loaded.changes, dry.changes);
    assert_eq!(loaded.sheets, dry.sheets);
    assert_eq!(loaded.position, directory.head());
}

#[test]
fn the_same_files_again_record_nothing() {
    let directory = Directory::of_the_firm();
    let head = directory.head();
    let again = directory.load(&FIRM, LOAD);
    assert_eq!((again.recorded, again.totals().unchanged), (0, ENTRIES));
    assert_eq!(directory.head(), head);
    assert!(again.changes.is_empty());
}

#[test]
fn the_order_of_files_and_of_lines_does_not_matter() {
    let (forth, back) = (Directory::empty(), Directory::empty());
    let mirrored: Vec<(&str, String)> = FIRM
        .iter()
        .rev()
        .map(|(name, text)| {
            let (header, rows) = text.split_once('\n').expect("a header");
            let mut rows: Vec<_> = rows.lines().collect();
            // The rows of a customer stay together: the first tells who it is.
            rows.reverse();
            rows.sort_by_key(|row| std::cmp::Reverse(row.split(',').next().map(str::to_owned)));
            if *name == "customers.csv" {
                rows.sort_by_key(|row| {
                    (row.split(',').next().map(str::to_owned), row.contains(",,,"))
                });
            }
            (*name, format!("{header}\n{}\n", rows.join("\n")))
        })
        .collect();
    let mirrored: Vec<_> = mirrored.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let reports = (forth.load(&FIRM, LOAD), back.load(&mirrored, LOAD));
    assert_eq!(reports.1.errors, []);
    assert_eq!(changed(&reports.0), changed(&reports.1));
}

#[test]
fn a_change_says_which_fields_from_what_to_what() {
    let directory = Directory::of_the_firm();
    let change = ("engineers.csv", "code,name,phone,outlet\nE01,王海,13900000099,SZ\n");
    let report = directory.load(&[change], LOAD);
    assert_eq!(report.recorded, 1);
    let [change] = report.changes.as_slice() else { panic!("{report:?}") };
    assert_eq!((change.outcome, change.line, change.code.as_str()), (Outcome::Changed, 2, "E01"));
    let field = |field: &str, before, after| FieldChange { field: field.into(), before, after };
    assert_eq!(
        change.fields,
        [
            field("outlet", json!("PD"), json!("SZ")),
            field("phone", json!("13800000011"), json!("13900000099")),
        ]
    );
}

#[test]
fn an_entry_can_be_changed_and_changed_back_any_number_of_times() {
    let directory = Directory::of_the_firm();
    for _ in 0..3 {
        assert_eq!(directory.load(&[OUTLET], LOAD).recorded, 1);
        let back = directory.load(&FIRM, LOAD);
        assert_eq!((back.recorded, back.totals().unchanged), (1, ENTRIES - 1));
    }
}

#[test]
fn a_run_that_was_interrupted_is_finished_by_the_same_run_again() {
    let whole = Directory::of_the_firm();
    for files in 1..FIRM.len() {
        let directory = Directory::empty();
        let first = directory.load(&FIRM[..files], LOAD);
        let rest = directory.load(&FIRM, LOAD);
        assert_eq!(first.recorded + rest.recorded, ENTRIES);
        assert_eq!(rest.totals().unchanged, first.recorded);
        assert_eq!(directory.head(), whole.head());
    }
}

#[test]
fn a_request_that_is_repeated_does_not_undo_what_was_changed_since() {
    let directory = Directory::empty();
    let request = texts(&[("outlets.csv", "code,name\nPD,浦东\n")]);
    assert_eq!(directory.load_as("request", &request, LOAD).recorded, 1);
    // In a field that the request tells, and in one that it does not.
    assert_eq!(directory.load(&[OUTLET], LOAD).recorded, 1);
    let renamed = ("outlets.csv", "code,name\nPD,浦东二\n");
    assert_eq!(directory.load(&[renamed], LOAD).recorded, 1);
    let head = directory.head();
    let repeated = directory.load_as("request", &request, LOAD);
    assert_eq!((repeated.recorded, repeated.errors_total), (0, 0));
    assert_eq!((repeated.totals().unchanged, directory.head()), (1, head));
}
