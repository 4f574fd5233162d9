//! Entries refer to each other by code.

use domain::OutletId;

use crate::firm::{Directory, LOAD, SKIP, told};

const OUTLETS: (&str, &str) = ("outlets.csv", "code,name,hours\nPD,浦东,\nSZ,苏州,never\n");
const ENGINEERS: (&str, &str) =
    ("engineers.csv", "code,name,outlet\nE1,王,PD\nE2,李,SZ\nE3,陈,XX\n");

#[test]
fn a_reference_goes_to_any_file_or_to_the_directory() {
    let directory = Directory::empty();
    let outlets = ("outlets.csv", "code,name\nPD,浦东\n");
    let engineers = ("engineers.csv", "code,name,outlet\nE1,王,PD\n");
    assert_eq!(directory.load(&[engineers], LOAD).errors_total, 1);
    assert_eq!(directory.load(&[engineers, outlets], LOAD).recorded, 2);
    let by_id = format!("code,name,outlet\nE2,李,{}\n", OutletId::from_code("PD"));
    assert_eq!(directory.load(&[("engineers.csv", &by_id)], LOAD).recorded, 1);
}

#[test]
fn what_follows_from_anothers_error_is_told_only_where_it_leaves_something_out() {
    let directory = Directory::empty();
    let refused = directory.load(&[OUTLETS, ENGINEERS], LOAD);
    assert_eq!(
        told(&refused.errors),
        [
            "3 hours `never` is not a day of the week; write Mon, Tue, Wed, Thu, Fri, Sat or Sun",
            "4 outlet outlet XX is in no file and not in the directory",
        ]
    );
    assert_eq!((refused.recorded, refused.totals().left_out), (0, 3));
    let rest = directory.load(&[OUTLETS, ENGINEERS], SKIP);
    assert_eq!(
        told(&rest.errors)[1],
        "3 outlet outlet SZ is not in the directory, and outlets.csv line 3 has errors"
    );
    assert_eq!((rest.recorded, rest.totals().left_out, rest.errors_total), (2, 3, 3));
}

#[test]
fn an_engineer_follows_the_outlet_into_another_area() {
    let directory = Directory::of_the_firm();
    let outlets = ("outlets.csv", "code,area\nPD,HB\n");
    let engineers = ("engineers.csv", "code,outlet\nE01,PD\n");
    let report = directory.load(&[engineers, outlets], LOAD);
    let fields: Vec<_> =
        report.changes.iter().map(|change| change.fields[0].field.as_str()).collect();
    assert_eq!(fields, ["area", "area"]);
    assert_eq!(report.changes[1].fields[0].after, "HB");
}
