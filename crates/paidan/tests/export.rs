//! Read models as tables for analysts, at rest and served.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use export::MODELS;
use projector::ModelName;
use serde_json::Value;
use support::Place;

/// All files below a directory, by their path in it.
fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![root.to_path_buf()];
    while let Some(place) = left.pop() {
        for entry in fs::read_dir(&place).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else {
                let content = fs::read(&path).expect("read");
                found.insert(path.strip_prefix(root).expect("below").to_path_buf(), content);
            }
        }
    }
    found
}

fn export(place: &Place, out: &str, words: &[&str]) -> Value {
    let out = place.path(out).display().to_string();
    let words: Vec<_> = ["export", "--out", &out].iter().chain(words).copied().collect();
    place.json(&words)
}

#[test]
fn every_read_model_has_columns_and_a_day_has_a_file_of_its_own() {
    let names: Vec<_> = MODELS.iter().map(|model| model.name).collect();
    assert_eq!(names, ModelName::ALL.map(ModelName::as_str));
    let place = Place::imported();
    export(&place, "tables", &["--format", "csv"]);
    let files = files(&place.path("tables"));
    let text = |path: &str| String::from_utf8_lossy(&files[Path::new(path)]).into_owned();
    // One ticket was opened at 8 and one at 9 in Shanghai; one was done at 10.
    let first = text("lifecycle/day=2026-03-01/part-0.csv");
    let rows: Vec<_> = first.lines().map(|line| line.splitn(4, ',').collect::<Vec<_>>()).collect();
    assert_eq!(rows[1][..3], ["2026-03-01", "8", "2026-03-01T00:00:00Z"], "{first}");
    assert_eq!(rows.len(), 4, "{first}");
    assert!(text("satisfaction/day=2026-03-02/part-0.csv").lines().count() == 2);
    assert!(text("open_tickets.csv").contains(",imported,"), "{}", text("open_tickets.csv"));
    let dictionary = text("data-dictionary.md");
    for column in MODELS.iter().flat_map(|model| model.tables).flat_map(|table| table.columns) {
        assert!(dictionary.contains(&format!("| `{}` |", column.name)), "{}", column.name);
        assert!(!column.english.is_empty() && !column.chinese.is_ascii(), "{}", column.name);
    }
}

#[test]
fn the_proof_says_what_the_files_are_and_what_they_were_made_from() {
    let place = Place::imported();
    let proof = export(&place, "tables", &["--format", "csv", "lifecycle", "directory"]);
    let files = files(&place.path("tables"));
    let stored = serde_json::from_slice::<Value>(&files[Path::new("export.json")]);
    assert_eq!(stored.expect("JSON"), proof);
    let stat = place.json(&["log", "stat"]);
    for model in proof["models"].as_array().expect("models") {
        let name = model["projection"].as_str().expect("a name");
        let dump = place.answer(&["projection", "dump", name]);
        let rows = dump.split_once('\n').expect("a header").1;
        assert_eq!(model["dump_blake3"], blake3::hash(rows.as_bytes()).to_string());
        assert_eq!(
            (&model["log"], &model["epoch"], &model["position"], &model["chain"]),
            (&stat["log"]["id"], &stat["log"]["epoch"], &stat["position"], &stat["chain"])
        );
        for file in model["files"].as_array().expect("files") {
            let content = &files[Path::new(file["path"].as_str().expect("a path"))];
            assert_eq!(file["blake3"], blake3::hash(content).to_string());
            assert_eq!(file["bytes"], content.len());
            let rows = String::from_utf8_lossy(content).lines().count() - 1;
            assert_eq!(file["rows"], rows, "{file}");
        }
    }
    // Dictionary and proof beside one file for each path in it.
    let named = proof["models"].as_array().expect("models").iter();
    let named: usize = named.map(|model| model["files"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(files.len(), named + 2);
}

#[test]
fn a_running_server_gives_the_same_bytes_as_its_directory_at_rest() {
    let place = Place::imported();
    let words = ["--format", "csv", "open_tickets", "satisfaction", "lifecycle"];
    export(&place, "at_rest", &words);
    let server = place.serve();
    let caught_up = (0..10_000).any(|_| {
        let list = place.json(&["projection", "list"]);
        list.as_array().expect("a list").iter().all(|model| model["lag"] == 0)
    });
    assert!(caught_up);
    let dumped = export(&place, "served", &words);
    server.stop();
    // Starting may record something; then the positions differ, and the tables do not.
    let at_rest = files(&place.path("at_rest"));
    let served = files(&place.path("served"));
    let tables = |files: &BTreeMap<PathBuf, Vec<u8>>| {
        let mut files = files.clone();
        files.remove(Path::new("export.json"));
        files
    };
    assert_eq!(tables(&served), tables(&at_rest));
    assert_eq!(dumped["models"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_firm_with_engineers_and_attachments_fits_the_columns_of_all_formats() {
    let place = Place::new();
    let firm = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/firm");
    for sheet in ["areas", "outlets", "customers", "devices", "engineers"] {
        let sheet = firm.join(sheet).with_extension("csv");
        place.answer(&["import", "directory", sheet.to_str().expect("a path")]);
    }
    let server = place.serve();
    // A text that is too long for a record becomes an attachment.
    let sentence = "冲床停了，".repeat(1_000);
    let report = ureq::post(format!("http://{}/api/v1/tickets", server.address()))
        .send_json(serde_json::json!({ "sentence": sentence }));
    assert_eq!(report.expect("an answer").status(), 201);
    server.stop();
    for format in ["parquet", "csv", "xlsx"] {
        let proof = export(&place, format, &["--format", format]);
        let models = proof["models"].as_array().expect("models").iter();
        let files = models.flat_map(|model| model["files"].as_array().expect("files"));
        let mut rows = BTreeMap::new();
        for file in files {
            let table = file["table"].as_str().expect("a table");
            *rows.entry(table).or_default() += file["rows"].as_u64().expect("a count");
        }
        assert_eq!((rows["attachments"], rows["attachment_links"]), (1_u64, 1), "{rows:?}");
        assert_eq!(rows["engineers"], rows["engineer_load"], "{rows:?}");
        for table in ["engineers", "outlets", "areas", "customers", "devices", "lifecycle"] {
            assert!(rows[table] > 0, "{table}: {rows:?}");
        }
    }
}

#[test]
fn an_export_replaces_an_earlier_one_and_nothing_else() {
    let place = Place::imported();
    export(&place, "tables", &["--format", "csv"]);
    let before = files(&place.path("tables"));
    export(&place, "tables", &["--format", "csv"]);
    assert_eq!(files(&place.path("tables")), before);
    // A day that is not there any more, and what was broken off.
    let day = place.path("tables").join("lifecycle/day=2025-01-01");
    fs::create_dir(&day).expect("made");
    fs::write(day.join("part-0.csv"), "day\n").expect("written");
    fs::write(place.path("tables").join(".areas.csv.new"), "").expect("written");
    export(&place, "tables", &["--format", "csv"]);
    assert_eq!(files(&place.path("tables")), before);
    assert!(!day.exists());

    let out = place.path("tables").display().to_string();
    for foreign in ["letter.txt", "lifecycle/notes.csv", "areas.txt", "more/areas.csv"] {
        let file = place.path("tables").join(foreign);
        fs::create_dir_all(file.parent().expect("a parent")).expect("made");
        fs::write(&file, "mine").expect("written");
        let said = place.complaint(&["export", "--format", "csv", "--out", &out]);
        assert!(said.contains(foreign) && said.contains("not made by an export"), "{said}");
        assert_eq!(fs::read(&file).expect("still there"), b"mine");
        fs::remove_file(&file).expect("removed");
    }
    // Whose files they are cannot be told without the proof.
    fs::remove_file(place.path("tables").join("export.json")).expect("removed");
    let said = place.complaint(&["export", "--format", "csv", "--out", &out]);
    assert!(said.contains("not made by an export"), "{said}");
}
