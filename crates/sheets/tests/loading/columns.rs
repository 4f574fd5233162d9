//! Columns by either name, present or not.

use sheets::Sheet;

use crate::firm::{Directory, FIRM, LOAD, told};

#[test]
fn chinese_names_of_columns_mean_the_same() {
    let directory = Directory::of_the_firm();
    for (name, text) in FIRM {
        let sheet: Sheet = name.trim_end_matches(".csv").parse().expect("a sheet");
        let columns = sheet.columns();
        let (header, rows) = text.split_once('\n').expect("a header");
        let header: Vec<_> = header
            .split(',')
            .map(|name| columns.iter().find(|column| column.name == name).expect("known").name_zh)
            .collect();
        let text = format!("{}\n{rows}", header.join(","));
        let file = format!("{}.csv", sheet.name_zh());
        let report = directory.load(&[(file.as_str(), &text)], LOAD);
        assert_eq!((report.errors_total, report.recorded), (0, 0), "{:?}", told(&report.errors));
        assert_eq!(report.files[0].sheet, Some(sheet));
    }
}

#[test]
fn a_missing_column_leaves_its_field_and_an_empty_cell_empties_it() {
    let directory = Directory::of_the_firm();
    let fields = |text: &str| {
        let report = directory.load(&[("customers.csv", text)], LOAD);
        assert_eq!(told(&report.errors), Vec::<String>::new());
        let fields = report.changes.iter().flat_map(|change| &change.fields);
        fields.map(|change| change.field.clone()).collect::<Vec<_>>()
    };
    assert_eq!(fields("code,name\nC01,沪东机械厂\n"), Vec::<String>::new());
    assert_eq!(fields("code,place\nC01,\n"), ["place"]);
    assert_eq!(fields("code,contact\nC01,老李\n"), ["contacts"]);
    // An entry that is there needs no name again.
    assert_eq!(fields("code,outlet\nC01,SZ\n"), ["outlet"]);
}

#[test]
fn hours_zone_and_holidays_of_an_outlet_change_one_by_one() {
    let directory = Directory::of_the_firm();
    let change = |text: &str| {
        let report = directory.load(&[("outlets.csv", text)], LOAD);
        let fields = report.changes.into_iter().flat_map(|change| change.fields);
        fields.map(|change| change.field).collect::<Vec<_>>()
    };
    assert_eq!(change("code,hours\nPD,Mon 08:00-09:00\n"), ["hours.weekly"]);
    assert_eq!(change("code,exceptions\nPD,\n"), ["hours.exceptions"]);
    assert_eq!(change("code,zone\nPD,UTC\n"), ["hours.zone"]);
    assert_eq!(change("code,latitude,longitude\nPD,,\n").len(), 3);
}

#[test]
fn cards_of_the_staff_follow_their_posts() {
    let directory = Directory::of_the_firm();
    // Another deputy, of whom nothing is known; the others keep their cards.
    let report = directory.load(&[("areas.csv", "code,deputy\nHD,S07\n")], LOAD);
    let [change] = report.changes.as_slice() else { panic!("{report:?}") };
    let fields: Vec<_> = change.fields.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["deputy", "staff"]);
    let names: Vec<_> = change.fields[1]
        .after
        .as_array()
        .expect("cards")
        .iter()
        .map(|card| card["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, ["周建国", "林静"]);
}

#[test]
fn a_customer_with_several_rows_has_several_contacts() {
    let directory = Directory::empty();
    let text = "code,name,contact,roles\nC1,甲,老李,报修、现场\nC1,,郑经理,确认\nC2,乙,,\n";
    let report = directory.load(&[("客户.csv", text)], LOAD);
    assert_eq!((report.recorded, report.files[0].rows), (2, 3));
    let again = directory.load(&[("客户.csv", "code,contact\nC1,老李\nC1,郑经理\n")], LOAD);
    // The same people, but nothing is said of what they do.
    let [change] = again.changes.as_slice() else { panic!("{again:?}") };
    assert_eq!(change.fields[0].before[0]["roles"], serde_json::json!(["reports", "on_site"]));
    assert_eq!(change.fields[0].after[0]["roles"], serde_json::json!([]));
}
