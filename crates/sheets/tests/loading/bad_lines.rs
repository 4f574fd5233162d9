//! What is wrong, told with line, column and what to do.

use sheets::SheetText;

use crate::firm::{Directory, FIRM, LOAD, SKIP, told};

/// A sheet, and the beginnings of what is told of it.
type Case = (&'static str, &'static str, &'static [&'static str]);

const CASES: &[Case] = &[
    ("areas.csv", "", &["- - the file has no first row"]),
    ("areas.csv", "name\n华东\n", &["1 code the column `code` (编号) is missing"]),
    ("areas.csv", "code,name,code\n", &["1 code the column `code` stands there twice"]),
    ("x.csv", "a,b\n", &["- - it is not clear which sheet this is; name the file areas.csv"]),
    ("outlets.csv", "code,name,hous\n", &["1 hous the column `hous` is unknown; is it `hours`?"]),
    (
        "网点.csv",
        "编号,名称,服务时问\n",
        &["1 服务时问 the column `服务时问` is unknown; is it `服务时间`?"],
    ),
    ("areas.csv", "code,name\nHD\n", &["2 - the row has 1 values and the first row 2 columns"]),
    ("areas.csv", "code,name\n,x\n", &["2 code it is empty"]),
    ("areas.csv", "code,name\n\nA,\n", &["3 name it is empty"]),
    (
        "areas.csv",
        "code\nNEW\n",
        &["2 name the column `name` (名称) is missing, which a new entry needs"],
    ),
    ("areas.csv", "code,name\nA,x\nB,y\nA,z\n", &["4 code `A` stands in areas.csv line 2 already"]),
    ("areas.csv", "code,name\nar_1,x\n", &["2 code `ar_1` is not an area's id"]),
    (
        "areas.csv",
        "code,name\nar_00000000000000000000000001,x\n",
        &["2 code write the firm's own code here"],
    ),
    (
        "areas.csv",
        "code,name,supervisor_name\nA,x,周\n",
        &["2 supervisor_name a name or telephone number needs the staff code"],
    ),
    (
        "areas.csv",
        "code,name,supervisor,supervisor_name,deputy,deputy_name\nA,x,S1,周,S1,吴\n",
        &["2 deputy_name the same person is `周` and `吴`"],
    ),
    (
        "areas.csv",
        "code,name,engineers_min\nA,x,many\n",
        &["2 engineers_min `many` is not a whole number from 0 to 1000"],
    ),
    (
        "outlets.csv",
        "code,name,area\nX,x,XX\n",
        &["2 area area XX is in no file and not in the directory"],
    ),
    ("outlets.csv", "code,name,hours\nX,x,8 to 6\n", &["2 hours `8 to 6` has no day"]),
    ("outlets.csv", "code,name,zone\nX,x,Shanghai\n", &["2 zone `Shanghai` is not a time zone"]),
    (
        "outlets.csv",
        "code,name,exceptions\nX,x,2026-02-30 closed\n",
        &["2 exceptions `2026-02-30` is not a date"],
    ),
    (
        "outlets.csv",
        "code,name,exceptions\nX,x,2026-02-01 closed;2026-02-01 09:00-10:00\n",
        &["2 exceptions 2026-02-01 has two entries"],
    ),
    ("outlets.csv", "code,name,latitude\nX,x,31\n", &["2 longitude it is empty"]),
    (
        "outlets.csv",
        "code,name,latitude,longitude\nX,x,131,NaN\n",
        &["2 latitude write degrees", "2 longitude write degrees"],
    ),
    ("outlets.csv", "code,name,datum\nX,x,BD-09\n", &["2 datum `BD-09` is neither"]),
    (
        "engineers.csv",
        "code,name,capacity\nX,x,0\nY,y,1001\n",
        &["2 capacity `0` is not", "3 capacity `1001` is not"],
    ),
    (
        "engineers.csv",
        "code,name,retired\nX,x,perhaps\n",
        &["2 retired `perhaps` is neither `yes` nor `no`"],
    ),
    (
        "engineers.csv",
        "code,name,outlet\nX,x,en_00000000000000000000000001\n",
        &["2 outlet `en_00000000000000000000000001` is not an outlet's id"],
    ),
    ("customers.csv", "code,name,contact,phone\nX,x,,1\n", &["2 contact it is empty"]),
    ("customers.csv", "code,name,contact,roles\nX,x,a,boss\n", &["2 roles `boss` is not a role"]),
    (
        "customers.csv",
        "code,name,contact\nX,x,a\nX,y,b\n",
        &["3 name it differs from customers.csv line 2"],
    ),
    (
        "devices.csv",
        "code,warranty_until\nX,next year\n",
        &["2 warranty_until `next year` is not a date"],
    ),
    ("devices.csv", "编号;客户\nX;C99\n", &["2 客户 customer C99 is in no file"]),
];

#[test]
fn every_error_is_told_with_its_line_and_column_and_nothing_is_recorded() {
    let directory = Directory::of_the_firm();
    let head = directory.head();
    for (name, text, expected) in CASES {
        let report = directory.load(&[(name, text)], LOAD);
        let said = told(&report.errors);
        assert_eq!(said.len(), expected.len(), "{text}: {said:#?}");
        for (said, expected) in said.iter().zip(*expected) {
            assert!(said.starts_with(expected), "{text}: {said}");
        }
        assert_eq!((report.recorded, directory.head()), (0, head), "{text}");
    }
}

#[test]
fn a_quotation_mark_that_is_not_closed_is_no_silent_loss_of_rows() {
    let directory = Directory::empty();
    let report = directory.load(&[("areas.csv", "code,name\nHD,\"华东\nHN,华南\n")], LOAD);
    assert_eq!(
        told(&report.errors),
        ["2 name it goes over several lines; look for a quotation mark that is not closed"]
    );
    let long = format!("code,name\nHD,\"{}", "华南\n".repeat(100));
    let report = directory.load(&[("areas.csv", &long)], LOAD);
    assert!(told(&report.errors)[0].starts_with("2 name it goes over several lines"), "{report:?}");
}

#[test]
fn one_error_is_enough_that_nothing_is_recorded_unless_the_rest_is_asked_for() {
    let directory = Directory::empty();
    let files = [("areas.csv", "code,name\nHD,华东\nHB,\nHN,华南\n")];
    let refused = directory.load(&files, LOAD);
    assert_eq!((refused.recorded, refused.totals().added, refused.totals().left_out), (0, 2, 1));
    let rest = directory.load(&files, SKIP);
    assert_eq!((rest.recorded, rest.totals().left_out, rest.errors_total), (2, 1, 1));
}

#[test]
fn what_domain_refuses_is_told_at_the_column_that_it_names() {
    let directory = Directory::empty();
    let skills: Vec<_> = (0..51).map(|number| format!("技能{number}")).collect();
    let text = format!("code;name;skills\nE1;王;{}\n", skills.join("、"));
    let report = directory.load(&[("engineers.csv", &text)], LOAD);
    assert_eq!(told(&report.errors), ["2 skills skills: 51 are too many; at most 50"]);
}

#[test]
fn errors_are_told_in_the_order_of_files_and_lines_and_counted_beyond_the_list() {
    let directory = Directory::empty();
    let many: String = std::iter::once("code,name\n".to_owned())
        .chain((0..1_500).map(|n| format!("E{n},\n")))
        .collect();
    let files = [("engineers.csv", many.as_str()), ("areas.csv", "code,name\nHD,\n")];
    let report = directory.load(&files, LOAD);
    assert_eq!((report.errors_total, report.errors.len()), (1_501, 1_000));
    let (last, before) = report.errors.split_last().expect("errors");
    assert_eq!((last.file.as_str(), last.line), ("areas.csv", Some(2)));
    assert!(before.is_sorted_by_key(|fault| fault.line));
}

#[test]
fn what_excel_saves_in_china_loads_as_utf_8_does() {
    let directory = Directory::of_the_firm();
    for (name, text) in FIRM {
        let (gb18030, ..) = encoding_rs::GB18030.encode(text);
        let sheet = SheetText::decode(name, None, &gb18030).expect("text");
        assert_eq!(sheet.text, text);
        let report = directory.load_as("gb18030", &[sheet], LOAD);
        assert_eq!((report.recorded, report.errors_total), (0, 0), "{name}");
    }
}
