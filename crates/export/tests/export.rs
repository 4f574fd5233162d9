//! Lines of dumps become rows, or are refused.

use std::fs;
use std::io::Read;
use std::path::Path;

use domain::{Epoch, GlobalPosition, RuleSetVersion};
use export::{Export, ExportError, Format, Proof, RowError, Source};

const DEVICE: &str = r#"{"kind":"device","version":1,"id":"dv_1","code":null,"customer":null,"outlet":null,"model":"=1+1","serial":"-7","skills":["制冷"],"warranty_until":null,"place":null}"#;
const TICKET: &str = r#""id":"tk_1","version":2,"created_at":"2026-03-01T00:00:00Z","accepted_at":null,"customer":null,"outlet":null,"area":null,"device":null,"priority":"normal","urgent":false,"has_sentence":true,"has_place":false,"imported":false,"level":0,"assignments":0,"offers":0,"urges":0,"reopened":0,"due":"2026-03-01T01:00:00Z""#;

fn source(projection: &str, lines: &[String]) -> Source {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    Source {
        projection: projection.into(),
        version: 1,
        log: "0".repeat(32),
        epoch: Epoch::FIRST,
        position: GlobalPosition::new(9),
        chain: "0".repeat(64),
        rules_version: RuleSetVersion::SHIPPED,
        recount: RuleSetVersion::SHIPPED,
        dump_lines: lines.len() as u64,
        dump_blake3: blake3::hash(text.as_bytes()).to_string(),
    }
}

fn export(
    out: &Path,
    format: Format,
    projection: &str,
    lines: &[String],
) -> Result<Proof, ExportError> {
    let mut export = Export::begin(out, format)?;
    export.model(source(projection, lines))?;
    lines.iter().try_for_each(|line| export.line(line))?;
    export.end_model()?;
    export.publish()
}

/// Why a line is refused.
fn refused(projection: &str, line: &str) -> RowError {
    let out = tempfile::tempdir().expect("a directory");
    match export(out.path(), Format::Csv, projection, &[line.to_owned()]) {
        Err(ExportError::Row { source, .. }) => source,
        other => panic!("{line}: {other:?}"),
    }
}

fn ticket(number: usize, phase: &str, rare: &str) -> String {
    format!(r#"{{"number":"{number}",{TICKET},"phase":{phase},"rare":{rare}}}"#)
}

#[test]
fn a_ticket_of_each_phase_is_a_row_with_what_that_phase_has() {
    let (due, at) = ("\"2026-03-01T02:00:00Z\"", "\"2026-03-01T00:30:00Z\"");
    let assignment =
        format!(r#"{{"number":1,"engineer":"en_1","via":{{"offer":2}},"since":{at}}}"#);
    let resolution =
        format!(r#"{{"engineer":"en_2","method":"on_site","at":{at},"closes_at":{due}}}"#);
    let queue =
        format!(r#"{{"role":"deputy","person":"st_1","reason":"owner_silent","due":{due}}}"#);
    let phases = [
        (
            format!(r#"{{"call_back":{queue}}}"#),
            "call_back,2026-03-01T02:00:00Z,,deputy,st_1,owner_silent",
        ),
        (
            format!(r#"{{"queued":{queue}}}"#),
            "queued,2026-03-01T02:00:00Z,,deputy,st_1,owner_silent",
        ),
        (
            format!(r#"{{"claimed":{{"agent":"st_2","due":{due}}}}}"#),
            "claimed,2026-03-01T02:00:00Z,,,,,st_2",
        ),
        (
            format!(r#"{{"waiting":{{"deferred":true,"due":{due}}}}}"#),
            "waiting,2026-03-01T02:00:00Z,,,,,,true",
        ),
        (
            format!(r#"{{"offered":{{"number":3,"engineers":["en_1"],"due":{due}}}}}"#),
            "offered,2026-03-01T02:00:00Z,,,,,,,3,\"[\"\"en_1\"\"]\"",
        ),
        (
            format!(r#"{{"assigned":[{assignment},{due}]}}"#),
            "assigned,2026-03-01T02:00:00Z,en_1,,,,,,,,1,\"{\"\"offer\"\":2}\",2026-03-01T00:30:00Z",
        ),
        (
            format!(
                r#"{{"working":{{"assignment":{assignment},"accepted_at":{at},"stage":"arrived","hold":["waiting_for_parts",{due}],"transfer":["en_9",{due}],"asked":true,"due":{due}}}}}"#
            ),
            "2026-03-01T00:30:00Z,2026-03-01T00:30:00Z,arrived,waiting_for_parts,2026-03-01T02:00:00Z,en_9,2026-03-01T02:00:00Z,true,",
        ),
        (format!(r#"{{"duplicate":{{"of":"tk_7","due":{due}}}}}"#), ",tk_7,"),
        (
            format!(r#"{{"resolved":{{"resolution":{resolution},"reminders":4,"due":{due}}}}}"#),
            ",on_site,2026-03-01T00:30:00Z,2026-03-01T02:00:00Z,4,",
        ),
        (
            format!(r#"{{"imported":{{"stage":"held","engineer":"en_5","due":{due}}}}}"#),
            "imported,2026-03-01T02:00:00Z,en_5,",
        ),
    ];
    let rare = format!(
        r#"{{"helpers":["en_3"],"appointment":{{"from":{at},"until":{due},"missed":false}},"answer":{{"verdict":"partial","stars":2,"at":{at},"undo":[{due},{resolution}]}},"last_resolution":{resolution}}}"#
    );
    let lines: Vec<_> = phases
        .iter()
        .enumerate()
        .flat_map(|(number, (phase, _))| {
            [ticket(number, phase, "null"), ticket(number, phase, &rare)]
        })
        .collect();
    let out = tempfile::tempdir().expect("a directory");
    export(out.path(), Format::Csv, "open_tickets", &lines).expect("exported");
    let table = fs::read_to_string(out.path().join("open_tickets.csv")).expect("read");
    let rows: Vec<_> = table.lines().skip(1).collect();
    for (rows, (_, wanted)) in rows.chunks(2).zip(&phases) {
        assert!(rows.iter().all(|row| row.contains(wanted)), "{wanted}: {rows:?}");
        assert!(rows[0].ends_with(",,,,,,,,,,,,,"), "{rows:?}");
        let answer = "partial,2,2026-03-01T00:30:00Z,2026-03-01T02:00:00Z,\"{\"\"at\"\"";
        assert!(rows[1].contains(answer), "{rows:?}");
        assert!(
            rows[1].ends_with("en_2,on_site,2026-03-01T00:30:00Z,2026-03-01T02:00:00Z"),
            "{rows:?}"
        );
    }
}

#[test]
fn a_change_of_a_model_that_its_columns_do_not_follow_is_an_error() {
    let phase = r#"{"claimed":{"agent":"st_2","due":"2026-03-01T02:00:00Z"}}"#;
    let good = ticket(1, phase, "null");
    let unknown = |name: &str| RowError::Unknown(name.into());
    let missing = |name: &str| RowError::Missing(name.into());
    let more = good.replacen('{', "{\"mood\":1,", 1);
    assert_eq!(refused("open_tickets", &more), unknown("mood"));
    assert_eq!(refused("open_tickets", &good.replace("\"urges\":0,", "")), missing("urges"));
    let deeper = good.replace("\"agent\":", "\"why\":1,\"agent\":");
    assert_eq!(refused("open_tickets", &deeper), unknown("why"));
    let phase = good.replace("claimed", "lost");
    assert_eq!(refused("open_tickets", &phase), unknown("phase.lost"));
    assert_eq!(refused("directory", &DEVICE.replace("device", "robot")), RowError::UnknownKind);
    let hour = r#"{"day":"2026-03-01","hour":1,"begins":"2026-03-01T00:00:00Z","place":4,"created":1,"accepted":0,"completed":0,"rated":0,"low":0,"silent":0}"#;
    assert_eq!(refused("lifecycle", hour), missing("area"));
    assert_eq!(
        refused("attachments", r#"{"named":1,"removed":0,"quarantined":0,"erased":0,"new":0}"#),
        unknown("new")
    );
}

#[test]
fn what_may_be_personal_is_not_exported() {
    let placed = DEVICE.replace("\"place\":null", "\"place\":{\"place\":\"幸福路 8 号\"}");
    assert_eq!(refused("directory", &placed), RowError::Personal("place".into()));
}

#[test]
fn a_text_that_a_spreadsheet_would_compute_stays_a_text() {
    let out = tempfile::tempdir().expect("a directory");
    let lines = [DEVICE.to_owned()];
    let csv = out.path().join("csv");
    export(&csv, Format::Csv, "directory", &lines).expect("exported");
    let table = fs::read_to_string(csv.join("devices.csv")).expect("read");
    assert!(table.contains(",'=1+1,'-7,"), "{table}");

    let xlsx = out.path().join("xlsx");
    export(&xlsx, Format::Xlsx, "directory", &lines).expect("exported");
    let file = fs::File::open(xlsx.join("devices.xlsx")).expect("a file");
    let mut workbook = zip::ZipArchive::new(file).expect("a workbook");
    let mut texts = String::new();
    let mut strings = workbook.by_name("xl/sharedStrings.xml").expect("texts");
    strings.read_to_string(&mut texts).expect("read");
    assert!(texts.contains("<t>'=1+1</t>") && texts.contains("<t>'-7</t>"), "{texts}");
}

#[test]
fn the_same_lines_give_the_same_bytes_in_every_format() {
    let out = tempfile::tempdir().expect("a directory");
    for format in Format::ALL {
        let [one, two] = ["one", "two"].map(|name| {
            let out = out.path().join(format.as_str()).join(name);
            export(&out, format, "directory", &[DEVICE.to_owned()]).expect("exported")
        });
        assert_eq!(one, two);
        assert!(one.is_whole());
        // Also where they go nowhere.
        let mut rehearsed = Export::rehearse(format);
        let lines = [DEVICE.to_owned()];
        rehearsed.model(source("directory", &lines)).expect("a model");
        rehearsed.line(&lines[0]).expect("a line");
        rehearsed.end_model().expect("whole");
        assert_eq!(rehearsed.proof(), one);
    }
}

#[test]
fn a_dump_that_came_changed_or_broken_off_leaves_the_earlier_export() {
    let out = tempfile::tempdir().expect("a directory");
    let lines = [DEVICE.to_owned()];
    let before = export(out.path(), Format::Csv, "directory", &lines).expect("exported");
    let other = DEVICE.replace("=1+1", "AP-66");
    for came in [&[][..], &[other]] {
        let mut export = Export::begin(out.path(), Format::Csv).expect("begun");
        export.model(source("directory", &lines)).expect("a model");
        came.iter().for_each(|line| export.line(line).expect("a line"));
        let failed = export.end_model().expect_err("not the dump");
        assert!(matches!(failed, ExportError::NotTheDump { .. }), "{failed}");
    }
    let proof = fs::read_to_string(out.path().join("export.json")).expect("read");
    assert_eq!(serde_json::from_str::<Proof>(&proof).expect("a proof"), before);
    let table = fs::read(out.path().join("devices.csv")).expect("read");
    let named = before.models[0].files.iter().find(|file| file.path == "devices.csv");
    assert_eq!(named.expect("a file").blake3, blake3::hash(&table).to_string());
}
