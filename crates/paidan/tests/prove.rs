//! Exports and dumps are held against the log: what is true is confirmed, and what is not is named.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use export::Proof;
use paidan::cli::CliError;
use serde_json::Value;
use support::Place;

fn at(place: &Place, name: &str) -> String {
    place.path(name).display().to_string()
}

fn export(place: &Place, format: &str) -> String {
    let out = at(place, "tables");
    place.answer(&["export", "--format", format, "--out", &out]);
    out
}

/// A dump of `lifecycle` in a file.
fn dump(place: &Place) -> String {
    let rows = place.answer(&["projection", "dump", "lifecycle"]);
    place.write("lifecycle.jsonl", rows.as_bytes());
    at(place, "lifecycle.jsonl")
}

/// Records the firm's areas, which the models count as events.
fn go_on(place: &Place) {
    let areas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/firm/areas.csv");
    place.answer(&["import", "directory", areas.to_str().expect("a path")]);
}

fn proved(place: &Place, words: &[&str]) -> Value {
    place.json(&[&["projection", "prove"], words].concat())
}

/// All faults by name, those of the files first, after a failure that ends with 3.
fn faults(place: &Place, words: &[&str]) -> Vec<Value> {
    let words = [&["projection", "prove", "--json"], words].concat();
    let (result, out) = place.run_with_output(&words);
    let error = result.expect_err("it does not hold");
    assert!(matches!(error, CliError::NotProven(1)) && error.exit_code() == 3, "{error}");
    let found: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(found[0]["holds"], false);
    let list = |of: &Value| of["faults"].as_array().expect("a list").clone();
    let models = found[0]["models"].as_array().expect("models").iter();
    list(&found[0]).into_iter().chain(models.flat_map(list)).collect()
}

fn names(faults: &[Value]) -> Vec<&str> {
    let mut names: Vec<_> =
        faults.iter().map(|fault| fault["fault"].as_str().expect("a name")).collect();
    names.dedup();
    names
}

/// Changes a text in a file once.
fn tamper(file: impl AsRef<Path>, from: &str, to: &str) {
    let text = fs::read_to_string(&file).expect("read");
    assert!(text.contains(from), "{text}");
    fs::write(file, text.replacen(from, to, 1)).expect("written");
}

/// Changes what the proof says, and makes its hash fit again.
fn forge(tables: &str, change: impl FnOnce(&mut Proof)) {
    let mut proof = Proof::read(Path::new(tables)).expect("a proof");
    change(&mut proof);
    proof.blake3 = String::new();
    let json = |proof: &Proof| serde_json::to_string_pretty(proof).expect("JSON") + "\n";
    proof.blake3 = blake3::hash(json(&proof).as_bytes()).to_string();
    fs::write(PathBuf::from(tables).join("export.json"), json(&proof)).expect("written");
}

#[test]
fn what_is_true_is_confirmed_at_rest_and_served_and_after_more_events() {
    let place = Place::imported();
    let dump = dump(&place);
    for format in ["csv", "parquet", "xlsx"] {
        let tables = export(&place, format);
        let found = proved(&place, &[&tables, &dump]);
        assert_eq!((&found[0]["holds"], &found[1]["holds"]), (&true.into(), &true.into()));
        assert_eq!(found[0]["models"].as_array().map(Vec::len), Some(6));
    }
    let proof = at(&place, "tables/export.json");
    go_on(&place);
    let said = place.answer(&["projection", "prove", &proof, &dump]);
    assert!(said.contains("lifecycle.jsonl: confirmed"), "{said}");
    assert!(said.contains("directory, position 7: folded again, equal"), "{said}");
    let server = place.serve();
    let said = place.answer(&["projection", "prove", &proof, &dump, "--lang", "zh"]);
    server.stop();
    assert!(said.contains("lifecycle.jsonl：属实") && said.contains("结果一致"), "{said}");
}

#[test]
fn dump_and_export_name_the_rule_set() {
    let place = Place::imported();
    for version in [0, 1] {
        let header = fs::read_to_string(dump(&place)).expect("read");
        let header: Value =
            serde_json::from_str(header.lines().next().expect("a line")).expect("a header");
        assert_eq!(header["rules_version"], version);
        let proof = Proof::read(Path::new(&export(&place, "csv"))).expect("a proof");
        assert!(proof.models.iter().all(|model| model.source.rules_version.get() == version));
        place.write("rules.toml", b"[candidates]\nsame_outlet = 7\n");
        place.answer(&["rules", "publish", "rules.toml"]);
    }
}

#[test]
fn files_that_were_changed_lost_or_slipped_in_are_named() {
    let place = Place::imported();
    let tables = export(&place, "csv");
    let file = |name: &str| place.path("tables").join(name);
    tamper(file("lifecycle/day=2026-03-01/part-0.csv"), ",1,", ",2,");
    fs::remove_file(file("areas.csv")).expect("removed");
    fs::create_dir_all(file("satisfaction/day=2025-01-01")).expect("made");
    fs::write(file("satisfaction/day=2025-01-01/part-0.csv"), "day\n").expect("written");
    // Nobody takes these for rows.
    fs::write(file("notes.txt"), "mine").expect("written");
    let found = faults(&place, &[&tables]);
    let is =
        |name: &str| found.iter().find(|fault| fault["file"] == name).map(|fault| &fault["is"]);
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(is("lifecycle/day=2026-03-01/part-0.csv"), Some(&"changed".into()));
    assert_eq!(is("areas.csv"), Some(&"missing".into()));
    assert_eq!(is("satisfaction/day=2025-01-01/part-0.csv"), Some(&"not_named".into()));
}

#[test]
fn a_proof_that_was_changed_is_named_also_where_its_hashes_were_made_to_fit() {
    let place = Place::imported();
    let tables = export(&place, "csv");
    tamper(place.path("tables/export.json"), "\"rows\": 0", "\"rows\": 1");
    assert_eq!(names(&faults(&place, &[&tables])), ["proof_changed", "other_file"]);

    let tables = export(&place, "csv");
    let day = "lifecycle/day=2026-03-01/part-0.csv";
    tamper(place.path("tables").join(day), ",1,", ",2,");
    forge(&tables, |proof| {
        let files = proof.models.iter_mut().flat_map(|model| &mut model.files);
        let file = files.into_iter().find(|file| file.path == day).expect("named");
        let bytes = fs::read(place.path("tables").join(day)).expect("read");
        file.blake3 = blake3::hash(&bytes).to_string();
    });
    let found = faults(&place, &[&tables]);
    assert_eq!((names(&found), &found[0]["file"]), (vec!["other_file"], &day.into()));
}

#[test]
fn a_claim_of_another_history_is_named() {
    let place = Place::imported();
    let lifecycle = |proof: &mut Proof| {
        proof.models.iter().position(|model| model.source.projection == "lifecycle")
    };
    let claim = |change: fn(&mut export::Source)| {
        let tables = export(&place, "csv");
        forge(&tables, |proof| {
            let model = lifecycle(proof).expect("exported");
            change(&mut proof.models[model].source);
        });
        let found = faults(&place, &[&tables]);
        names(&found).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(claim(|source| source.position = source.position.next()), ["after_head"]);
    assert_eq!(claim(|source| source.chain = "0".repeat(64)), ["other_chain"]);
    assert_eq!(claim(|source| source.log = "0".repeat(32)), ["other_log"]);
    assert_eq!(claim(|source| source.version += 1), ["other_version"]);
    assert_eq!(claim(|source| source.rules_version = source.rules_version.next()), ["other_rules"]);
    assert_eq!(claim(|source| source.dump_lines += 1), ["other_rows"]);
    assert_eq!(claim(|source| source.projection = "weather".into()), ["unknown_model"]);
}

#[test]
fn another_log_and_one_that_was_restored_since_are_named() {
    let (place, other) = (Place::imported(), Place::imported());
    let (tables, dump) = (export(&place, "csv"), dump(&place));
    for claim in [&tables, &dump] {
        assert_eq!(names(&faults(&other, &[claim])), ["other_log"]);
    }
    let (part, new) = (at(&place, "log.part"), at(&place, "new"));
    let key = at(&place, "data/keys/master.key");
    place.answer(&["log", "export", &part, "--with-keys"]);
    place.answer(&["log", "import", &part, "--data", &new, "--master-key-file", &key]);
    let restored = ["--data", &new, "--master-key-file", &key];
    for claim in [&tables, &dump] {
        let found = faults(&place, &[&[claim.as_str()], &restored[..]].concat());
        // Its history up to there is the same, and so are the rows.
        assert_eq!(names(&found), ["restored_since"]);
        assert_eq!((&found[0]["claimed"], &found[0]["found"]), (&1.into(), &2.into()));
    }
    let out = at(&place, "later");
    let words = ["export", "--format", "csv", "--out", &out, "lifecycle"];
    place.answer(&[&words[..], &restored].concat());
    // An event says that the epoch was opened, and the older log has none there.
    assert_eq!(names(&faults(&place, &[&out])), ["earlier_copy", "after_head"]);
}

#[test]
fn a_dump_that_was_changed_is_named_with_its_first_row() {
    let place = Place::imported();
    let path = dump(&place);
    let row = "\"created\":1";
    tamper(&path, row, "\"created\":2");
    let found = faults(&place, &[&path]);
    assert_eq!(names(&found), ["rows_changed", "other_row"]);
    let shown = |side: &str| found[1][side].as_str().expect("a row").to_owned();
    assert!(shown("found").contains(row) && shown("claimed").contains("\"created\":2"));

    // With a first line that fits.
    let text = fs::read_to_string(&path).expect("read");
    let (header, rows) = text.split_once('\n').expect("a header");
    let mut header: Value = serde_json::from_str(header).expect("JSON");
    header["blake3"] = blake3::hash(rows.as_bytes()).to_string().into();
    fs::write(&path, format!("{header}\n{rows}")).expect("written");
    assert_eq!(names(&faults(&place, &[&path])), ["other_rows", "other_row"]);

    // Broken off.
    let path = dump(&place);
    let text = fs::read_to_string(&path).expect("read");
    let end = text.trim_end().rfind('\n').expect("rows");
    fs::write(&path, &text[..=end]).expect("written");
    let found = faults(&place, &[&path]);
    assert_eq!(names(&found), ["rows_changed", "other_row"]);
    assert_eq!(found[1]["claimed"], Value::Null);
}

#[test]
fn what_is_neither_export_nor_dump_is_refused() {
    let place = Place::imported();
    for (path, said) in [
        ("rows.csv", "does not begin with the line that"),
        ("nothing.jsonl", "could not read"),
        ("data", "name the directory of an export"),
    ] {
        let path = at(&place, path);
        let complaint = place.complaint(&["projection", "prove", &path]);
        assert!(complaint.contains(said), "{complaint}");
    }
}

#[test]
fn a_dump_of_the_past_is_what_was_dumped_then_and_is_proven() {
    let place = Place::imported();
    let before = place.answer(&["projection", "dump", "lifecycle"]);
    let header: Value = serde_json::from_str(before.lines().next().expect("a line")).expect("JSON");
    let position = header["position"].to_string();
    let moment =
        place.json(&["log", "stat"])["last_recorded_at"].as_str().expect("a moment").to_owned();
    let rows = "丁-4,待处理,2026-03-03 09:00,,\n";
    place.write("more.csv", format!("{}{rows}", support::HEADER).as_bytes());
    place.answer(&["import", "history", "more.csv", "--mapping", "map.toml"]);
    assert_ne!(place.answer(&["projection", "dump", "lifecycle"]), before);
    let as_of = |as_of: &str| place.answer(&["projection", "dump", "lifecycle", "--as-of", as_of]);
    assert_eq!([as_of(&position), as_of(&moment)], [before.clone(), before.clone()]);
    place.write("then.jsonl", before.as_bytes());
    assert_eq!(proved(&place, &[&at(&place, "then.jsonl")])[0]["holds"], true);
    let server = place.serve();
    assert_eq!(as_of(&position), before);
    server.stop();
    let said = place.complaint(&["projection", "dump", "lifecycle", "--as-of", "999999"]);
    assert!(said.contains("the log ends at position"), "{said}");
}
