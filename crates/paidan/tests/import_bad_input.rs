//! What an import makes of files that are not as they should be: reported with line and reason,
//! nothing lost that could be understood, nothing sent that was not.

use std::io::{Cursor, Write};

use domain::Timestamp;
use domain::ticket::{ImportedStep, Priority};
use paidan::import::{
    DrySink, ImportCommand, ImportError, Mapping, Options, Outcome, Report, Settled, Sink,
    SinkError, Source, import_history,
};

const MAPPING: &str = r#"
    source = "desk"
    [file]
    missing = ["?"]
    filled_in_later = ["closed_at"]
    [columns]
    case = "case"
    state = "state"
    time = "at"
    opened_at = "opened"
    priority = "prio"
    group = "group"
    assignee = "person"
    words = ["what", "opened"]
    [time]
    formats = ["%Y-%m-%d %H:%M"]
    zone = "UTC"
    [states]
    "New" = "open"
    "Work" = "started"
    "Done" = "resolved"
    "Bin" = "not_a_state"
    [priorities]
    "1" = "critical"
"#;

const HEADER: &str = "case,state,at,opened,prio,group,person,what,closed_at\n";

/// Keeps what it is handed.
#[derive(Default)]
struct KeepingSink(Vec<ImportCommand>);

impl Sink for KeepingSink {
    fn submit(&mut self, command: ImportCommand) -> Result<Vec<Settled>, SinkError> {
        self.0.push(command);
        Ok(Vec::new())
    }

    fn finish(&mut self) -> Result<Vec<Settled>, SinkError> {
        Ok(Vec::new())
    }
}

impl KeepingSink {
    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|command| command.id.key.as_str()).collect()
    }

    fn steps(&self) -> Vec<&ImportedStep> {
        self.0.iter().filter_map(|command| command.command.step.as_ref()).collect()
    }
}

fn mapping() -> Mapping {
    Mapping::parse(MAPPING).expect("a mapping")
}

fn try_import(
    mapping: &Mapping,
    file: impl Into<Vec<u8>>,
    sink: &mut dyn Sink,
) -> Result<Report, ImportError> {
    let source = Source::new(Cursor::new(file.into()))?;
    import_history(mapping, source, sink, Options::default())
}

/// Imports rows under the usual header.
fn import(rows: &str) -> (Report, KeepingSink) {
    let mut sink = KeepingSink::default();
    let report = try_import(&mapping(), format!("{HEADER}{rows}"), &mut sink).expect("imported");
    (report, sink)
}

fn skipped(report: &Report) -> Vec<(u64, &'static str)> {
    report.skipped.first.iter().map(|finding| (finding.line, finding.kind)).collect()
}

fn noticed(report: &Report) -> Vec<(u64, &'static str)> {
    report.noticed.first.iter().map(|finding| (finding.line, finding.kind)).collect()
}

#[test]
fn rows_that_cannot_be_mapped_are_reported_with_their_line_and_the_others_are_used() {
    let (report, sink) = import(
        "A,New,2026-03-01 08:00,,1,G,?,x,\n\
         A,Work\n\
         ?,New,2026-03-01 08:00,,1,G,?,x,\n\
         A,Work,yesterday,,1,G,?,x,\n\
         A,Work,,,1,G,?,x,\n\
         A,Work,2026-03-01 09:00,,1,G,?,x,\n",
    );
    let expected = [(3, "too_few_columns"), (4, "no_case_number"), (5, "bad_time"), (6, "no_time")];
    assert_eq!(skipped(&report), expected);
    assert_eq!((report.rows, report.cases, sink.0.len()), (6, 1, 3));
    assert!(matches!(sink.steps()[2], ImportedStep::Started));
}

#[test]
fn a_row_that_is_not_utf_8_is_left_out_and_the_next_is_used() {
    let mut file = HEADER.as_bytes().to_vec();
    file.extend(b"A,New,2026-03-01 08:00,,1,G,\xff\xfe,x,\n");
    file.extend(b"B,New,2026-03-01 08:00,,1,G,?,x,\n");
    let mut sink = KeepingSink::default();
    let report = try_import(&mapping(), file, &mut sink).expect("imported");
    assert_eq!(skipped(&report), [(2, "not_utf8")]);
    assert_eq!(report.cases, 1);
}

#[test]
fn a_value_that_cannot_be_mapped_is_noticed_and_the_rest_of_its_row_is_used() {
    let (report, sink) = import(
        "A,Limbo,2026-03-01 08:00,once,9,G,?,x,\n\
         A,Bin,2026-03-01 09:00,once,9,H,?,x,\n",
    );
    let expected = [
        (2, "unknown_state"),
        (2, "bad_opening_time"),
        (2, "unknown_priority"),
        (3, "not_a_state"),
    ];
    assert_eq!(noticed(&report), expected);
    let [opened, assigned, reassigned] = sink.steps()[..] else { panic!("{:?}", sink.steps()) };
    assert!(matches!(opened, ImportedStep::Opened { priority: Priority::Normal, .. }));
    assert!(matches!(assigned, ImportedStep::Assigned { .. }));
    assert!(matches!(reassigned, ImportedStep::Reassigned { .. }));
}

#[test]
fn rows_of_several_cases_may_be_mixed() {
    let (report, sink) = import(
        "A,New,2026-03-01 08:00,,1,?,?,x,\n\
         B,New,2026-03-01 08:10,,1,?,?,x,\n\
         A,Work,2026-03-01 08:20,,1,?,?,x,\n\
         B,New,2026-03-01 08:30,,1,?,?,x,\n",
    );
    assert_eq!((report.steps.opened, report.steps.started, report.cases), (2, 1, 2));
    assert_eq!(sink.0[0].ticket, sink.0[2].ticket);
    assert_ne!(sink.0[0].ticket, sink.0[1].ticket);
}

#[test]
fn the_steps_of_a_row_are_told_in_the_order_in_which_they_make_sense() {
    let (_, sink) = import(
        "A,Done,2026-03-02 08:00,2026-03-01 07:00,1,G,P,it leaks,\n\
         A,Work,2026-03-03 08:00,2026-03-01 07:00,1,G,Q,it leaks,\n",
    );
    let slots: Vec<_> = sink.keys().iter().filter_map(|key| key.split('#').nth(1)).collect();
    assert_eq!(slots, ["opened", "owner", "state", "reopened", "owner", "state"]);
    let words: Vec<_> = sink.0.iter().map(|command| command.command.words.as_str()).collect();
    let opening = "what: it leaks; opened: 2026-03-01 07:00";
    assert_eq!(words, [opening, "G / P", "Done", "Work", "G / Q", "Work"]);
    let moments: Vec<_> = sink.0.iter().map(|command| command.occurred_at.to_string()).collect();
    assert_eq!(moments[0], "2026-03-01T07:00:00Z");
    assert_eq!(moments[1], "2026-03-02T08:00:00Z");
}

#[test]
fn a_row_keeps_its_ids_when_columns_that_are_filled_in_later_change_and_no_others() {
    let ids = |row: &str| import(row).1.keys().join(" ");
    let row = "A,New,2026-03-01 08:00,,1,G,?,x,";
    assert_eq!(ids(&format!("{row}\n")), ids(&format!("{row}2026-03-09\n")));
    assert_ne!(ids(&format!("{row}\n")), ids(&format!("{}\n", row.replace(",x,", ",y,"))));
}

#[test]
fn two_rows_that_are_the_same_have_two_ids() {
    let (_, sink) = import(
        "A,New,2026-03-01 08:00,,1,?,?,x,\n\
         A,Work,2026-03-01 08:00,,1,?,?,x,\n\
         A,New,2026-03-01 08:00,,1,?,?,x,\n\
         A,Work,2026-03-01 08:00,,1,?,?,x,\n",
    );
    let distinct: std::collections::HashSet<_> = sink.keys().into_iter().collect();
    assert_eq!((sink.0.len(), distinct.len()), (3, 3));
}

#[test]
fn wrong_column_names_fail_before_anything_is_sent_and_the_existing_ones_are_listed() {
    let mut sink = KeepingSink::default();
    let file = "case,status,at,opened,prio,group,group,what\nA,New,2026-03-01 08:00,,,,,\n";
    let error = try_import(&mapping(), file, &mut sink).expect_err("wrong columns");
    let ImportError::Columns(error) = error else { panic!("{error:?}") };
    let said = error.to_string();
    for part in [
        "`state` (columns.state) is not there",
        "`person` (columns.assignee) is not there",
        "`group` (columns.group) stands there more than once",
        "`closed_at` (file.filled_in_later) is not there",
        "the file has: case, status, at, opened",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(sink.0.is_empty());
}

#[test]
fn an_empty_file_has_no_header_and_one_with_a_header_alone_has_no_rows() {
    let empty = try_import(&mapping(), "", &mut DrySink).expect_err("no header");
    assert!(matches!(empty, ImportError::Source(_)), "{empty:?}");
    let report = try_import(&mapping(), HEADER, &mut DrySink).expect("no rows");
    assert_eq!((report.rows, report.commands.sent), (0, 0));
}

#[test]
fn a_packed_file_that_was_cut_is_imported_as_far_as_it_goes_and_then_says_so() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(HEADER.as_bytes()).expect("memory");
    for case in 0..5_000 {
        writeln!(packer, "C{case},New,2026-03-01 08:00,,1,G{case},P{},x,", case * 7919)
            .expect("memory");
    }
    let mut file = packer.finish().expect("memory");
    file.truncate(file.len() / 2);
    let mut sink = KeepingSink::default();
    let error = try_import(&mapping(), file, &mut sink).expect_err("cut off");
    let ImportError::Stopped { report, .. } = error else { panic!("{error:?}") };
    assert!(report.rows > 0 && report.rows < 5_000, "{}", report.rows);
    assert_eq!(report.commands.sent, sink.0.len() as u64);
}

#[test]
fn a_quotation_mark_that_is_never_closed_ends_the_import_before_it_fills_the_memory() {
    let mut file = format!("{HEADER}A,New,2026-03-01 08:00,,1,G,?,x,\nB,\"New");
    file.push_str(&",2026-03-01 08:00\n".repeat(200_000));
    let error = try_import(&mapping(), file, &mut DrySink).expect_err("no end");
    let ImportError::Stopped { report, source } = error else { panic!("{error:?}") };
    assert_eq!(report.rows, 1);
    assert!(source.to_string().contains("after line 2"), "{source}");
}

#[test]
fn words_that_fit_in_no_record_are_cut_between_letters_and_noticed() {
    let long = "漏".repeat(4_000);
    let (report, sink) = import(&format!("A,New,2026-03-01 08:00,,1,?,?,{long},\n"));
    assert_eq!(noticed(&report), [(2, "words_cut")]);
    assert!(sink.0[0].command.words.len() <= 8 * 1024);
}

#[test]
fn a_key_never_exceeds_what_a_command_id_may_have() {
    let case = "案".repeat(42);
    let (report, sink) = import(&format!("{case},New,2026-03-01 08:00,,1,?,?,x,\n"));
    assert_eq!(report.skipped.total, 0);
    assert!(sink.keys()[0].len() <= 255);
    let (report, _) = import(&format!("{case}例,New,2026-03-01 08:00,,1,?,?,x,\n"));
    assert_eq!(skipped(&report), [(2, "case_number_too_long")]);
}

#[test]
fn what_is_refused_is_counted_and_listed_and_the_import_goes_on() {
    struct Refusing(u64);
    impl Sink for Refusing {
        fn submit(&mut self, command: ImportCommand) -> Result<Vec<Settled>, SinkError> {
            self.0 += 1;
            let outcome = match self.0 {
                1 => Outcome::Conflict,
                2 => Outcome::Refused("the ticket is closed".into()),
                _ => Outcome::New,
            };
            Ok(vec![Settled { line: command.line, outcome }])
        }

        fn finish(&mut self) -> Result<Vec<Settled>, SinkError> {
            Ok(Vec::new())
        }
    }
    let rows = "A,Work,2026-03-01 08:00,,1,G,?,x,\nB,New,2026-03-01 08:00,,1,?,?,x,\n";
    let report =
        try_import(&mapping(), format!("{HEADER}{rows}"), &mut Refusing(0)).expect("imported");
    let counts = report.commands;
    assert_eq!((counts.new, counts.conflicting, counts.refused), (2, 1, 1));
    let listed: Vec<_> = report.refused.first.iter().map(|f| (f.line, f.kind)).collect();
    assert_eq!(listed, [(2, "conflict"), (2, "refused")]);
}

#[test]
fn a_sink_that_takes_nothing_more_ends_the_import_with_what_was_done() {
    struct Breaking;
    impl Sink for Breaking {
        fn submit(&mut self, command: ImportCommand) -> Result<Vec<Settled>, SinkError> {
            if command.line > 2 { Err(SinkError("the log is poisoned".into())) } else { Ok(vec![]) }
        }

        fn finish(&mut self) -> Result<Vec<Settled>, SinkError> {
            Ok(Vec::new())
        }
    }
    let rows = "A,New,2026-03-01 08:00,,1,?,?,x,\nB,New,2026-03-01 08:00,,1,?,?,x,\n";
    let error = try_import(&mapping(), format!("{HEADER}{rows}"), &mut Breaking)
        .expect_err("a broken sink");
    let ImportError::Stopped { report, .. } = error else { panic!("{error:?}") };
    assert_eq!(report.rows, 2);
}

#[test]
fn the_first_findings_are_listed_and_all_are_counted() {
    let mut sink = DrySink;
    let file = format!("{HEADER}{}", "A,New,never,,,,,,\n".repeat(50));
    let source = Source::new(Cursor::new(file.into_bytes())).expect("a source");
    let options = Options { listed_max: 3, ..Options::default() };
    let report = import_history(&mapping(), source, &mut sink, options).expect("imported");
    assert_eq!((report.skipped.total, report.skipped.first.len()), (50, 3));
    assert_eq!(report.skipped.by_kind["bad_time"], 50);
}

#[test]
fn other_delimiters_and_files_without_quotation_are_read_as_the_mapping_says() {
    let text = MAPPING.replace("[file]", "[file]\ndelimiter = \"\\t\"\nquote = \"\"");
    let mapping = Mapping::parse(&text).expect("a mapping");
    let file = format!("{HEADER}A,New,2026-03-01 08:00,,1,?,?,19\" rack,\n").replace(',', "\t");
    let mut sink = KeepingSink::default();
    try_import(&mapping, file, &mut sink).expect("imported");
    assert_eq!(sink.0[0].command.words, "what: 19\" rack");
    assert_eq!(
        sink.0[0].occurred_at,
        "2026-03-01T08:00:00Z".parse::<Timestamp>().expect("a moment")
    );
}

const WITH_FILES: &str = r#"
    source = "desk"
    [columns]
    case = "case"
    state = "state"
    time = "at"
    attachments = ["photos", "recording"]
    [time]
    formats = ["%Y-%m-%d %H:%M"]
    zone = "UTC"
    [states]
    "New" = "open"
"#;

/// The steps that name files, with their names.
fn files(mapping: &str, rows: &str) -> (Report, Vec<(u32, String)>) {
    let mapping = Mapping::parse(mapping).expect("a mapping");
    let mut sink = KeepingSink::default();
    let file = format!("case,state,at,photos,recording\n{rows}");
    let report = try_import(&mapping, file, &mut sink).expect("imported");
    let named = sink.0.into_iter().filter_map(|sent| match sent.command.step {
        Some(ImportedStep::AttachmentsNamed { count }) => Some((count, sent.command.words)),
        _ => None,
    });
    (report, named.collect())
}

#[test]
fn a_file_is_told_with_the_first_row_of_its_case_that_names_it() {
    let rows = "A,New,2026-03-01 08:00,a.jpg; b.jpg,\n\
                A,New,2026-03-01 09:00,a.jpg;b.jpg;;照片/c.jpg,call.mp3\n\
                B,New,2026-03-01 09:00,a.jpg,\n";
    let (report, named) = files(WITH_FILES, rows);
    let expected = [(2, "a.jpg\nb.jpg"), (2, "照片/c.jpg\ncall.mp3"), (1, "a.jpg")];
    assert_eq!(named, expected.map(|(count, names)| (count, names.to_owned())));
    assert_eq!(report.steps.attachments_named, 3);
    let whole = format!("{WITH_FILES}\n[attachments]\nseparator = \"\"");
    let (_, named) = files(&whole, "A,New,2026-03-01 08:00,a;b.jpg,\n");
    assert_eq!(named, [(1, "a;b.jpg".to_owned())]);
}

#[test]
fn names_that_are_too_long_or_too_many_for_one_step_are_cut_at_the_front_and_spread() {
    let many: Vec<String> = (0..120).map(|number| format!("{number}.jpg")).collect();
    let (_, named) = files(WITH_FILES, &format!("A,New,2026-03-01 08:00,{},\n", many.join(";")));
    let counts: Vec<u32> = named.iter().map(|(count, _)| *count).collect();
    assert_eq!(counts, [50, 50, 20]);
    let long: Vec<String> =
        (0..30).map(|number| format!("{}{number}.jpg", "长".repeat(80))).collect();
    let (report, named) =
        files(WITH_FILES, &format!("A,New,2026-03-01 08:00,{},\n", long.join(";")));
    assert_eq!(named.iter().map(|(count, _)| *count).sum::<u32>(), 30);
    assert!(named.iter().flat_map(|(_, names)| names.lines()).all(|name| name.len() <= 200));
    assert!(named[0].1.lines().next().is_some_and(|name| name.ends_with("长0.jpg")));
    assert_eq!(report.noticed.by_kind["name_cut"], 30);
}
