//! An export of what is different since: with the earlier one it is the whole.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use export::MODELS;
use serde_json::Value;
use support::{HEADER, Place};

fn at(place: &Place, name: &str) -> String {
    place.path(name).display().to_string()
}

fn export(place: &Place, out: &str, words: &[&str]) -> Value {
    let out = at(place, out);
    place.json(&[&["export", "--format", "csv", "--out", &out], words].concat())
}

/// One ticket ends, one comes, one stays as it is; the directory gets areas.
fn go_on(place: &Place) {
    let rows = "乙-2,待处理,2026-03-01 09:00,,\n\
        乙-2,完工,2026-03-01 11:00,一组,\n\
        乙-2,关闭,2026-03-02 12:00,一组,\n\
        丁-4,待处理,2026-03-03 09:00,,\n";
    place.write("more.csv", format!("{HEADER}{rows}").as_bytes());
    place.answer(&["import", "history", "more.csv", "--mapping", "map.toml"]);
    let areas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/firm/areas.csv");
    place.answer(&["import", "directory", areas.to_str().expect("a path")]);
}

/// The rows of each table, by their key; names of columns are left out.
type Tables = BTreeMap<&'static str, BTreeMap<String, Vec<String>>>;

fn read(place: &Place, out: &str) -> (Tables, BTreeMap<&'static str, Vec<String>>) {
    let (mut tables, mut removed) = (Tables::new(), BTreeMap::new());
    let root = place.path(out);
    for table in MODELS.iter().flat_map(|model| model.tables) {
        let rows = tables.entry(table.name).or_default();
        let days = fs::read_dir(root.join(table.name)).into_iter().flatten();
        let mut files: Vec<_> =
            days.map(|day| day.expect("a day").path().join("part-0.csv")).collect();
        files.push(root.join(format!("{}.csv", table.name)));
        let key = table.columns.iter().position(|column| column.name == table.key);
        let key = key.unwrap_or_else(|| panic!("{}: its key is no column", table.name));
        for file in files.iter().filter(|file| file.exists()) {
            for row in fs::read_to_string(file).expect("read").lines().skip(1) {
                let key = row.split(',').nth(key).expect("a key").to_owned();
                rows.entry(key).or_default().push(row.to_owned());
            }
        }
        if let Ok(keys) = fs::read_to_string(root.join(format!("{}.removed.csv", table.name))) {
            removed.insert(table.name, keys.lines().skip(1).map(str::to_owned).collect());
        }
    }
    (tables, removed)
}

fn apply(base: &mut Tables, place: &Place, out: &str) {
    let (changed, removed) = read(place, out);
    for (table, rows) in base {
        removed[table].iter().for_each(|key| {
            rows.remove(key).unwrap_or_else(|| panic!("{table}: {key} was not there"));
        });
        rows.extend(changed[table].clone());
    }
}

#[test]
fn an_earlier_export_and_those_since_are_the_whole() {
    let place = Place::imported();
    export(&place, "base", &[]);
    let base = at(&place, "base");
    go_on(&place);
    let proof = export(&place, "since", &["--since", &base]);
    let (changed, removed) = read(&place, "since");
    // Of two days and three tickets, one day and one ticket are others.
    assert_eq!(removed["open_tickets"].len(), 1);
    assert_eq!(changed["open_tickets"].len(), 1);
    assert_eq!(changed["areas"].len(), 2);
    let days: Vec<_> = changed["lifecycle"].keys().map(String::as_str).collect();
    assert_eq!(days, ["2026-03-01", "2026-03-03"]);
    let lifecycle = &proof["models"][4];
    assert_eq!(
        (&lifecycle["projection"], &lifecycle["since"]["position"]),
        (&"lifecycle".into(), &7.into())
    );

    // A third goes on from the second, by its position; nothing is new.
    let position = lifecycle["position"].to_string();
    let proof = export(&place, "nothing", &["--since", &position]);
    for file in proof["models"]
        .as_array()
        .expect("models")
        .iter()
        .flat_map(|model| model["files"].as_array().expect("files"))
    {
        assert_eq!(file["rows"], 0, "{file}");
    }

    export(&place, "whole", &[]);
    let (mut tables, none) = read(&place, "base");
    assert!(none.is_empty());
    let (whole, _) = read(&place, "whole");
    assert_ne!(tables, whole);
    apply(&mut tables, &place, "since");
    apply(&mut tables, &place, "nothing");
    tables.values_mut().for_each(|rows| rows.retain(|_, rows| !rows.is_empty()));
    assert_eq!(tables, whole);

    // All since the beginning is the whole, but for the rules that ship with the binary, which were
    // there before.
    export(&place, "all", &["--since", "0"]);
    let (mut all, removed) = read(&place, "all");
    assert!(removed.values().all(Vec::is_empty), "{removed:?}");
    assert!(all.insert("rules", whole["rules"].clone()).is_some_and(|rules| rules.is_empty()));
    assert_eq!(all, whole);
}

#[test]
fn what_is_different_since_is_proven_and_what_was_changed_in_it_is_named() {
    let place = Place::imported();
    export(&place, "base", &[]);
    let base = at(&place, "base");
    go_on(&place);
    for format in ["csv", "parquet", "xlsx"] {
        let since = at(&place, "since");
        place.answer(&["export", "--format", format, "--out", &since, "--since", &base]);
        let said = place.answer(&["projection", "prove", &since, &base]);
        assert_eq!(said.matches(": confirmed").count(), 2, "{said}");
    }
    let file = place.path("since").join("export.json");
    let proof = fs::read_to_string(&file).expect("read");
    let wrong = proof.replacen("\"position\": 7", "\"position\": 6", 1);
    assert_ne!(proof, wrong);
    fs::write(&file, wrong).expect("written");
    let since = at(&place, "since");
    let (result, said) = place.run_with_output(&["projection", "prove", &since]);
    assert_eq!(result.expect_err("refused").exit_code(), 3);
    assert!(said.contains("what it goes on from: the chain there is"), "{said}");
}

#[test]
fn an_export_that_cannot_be_gone_on_from_is_refused() {
    let (place, other) = (Place::imported(), Place::imported());
    export(&place, "base", &["lifecycle"]);
    let base = at(&place, "base");
    let out = at(&place, "out");
    let words = ["export", "--format", "csv", "--out", &out, "--since", &base];
    let said = place.complaint(&["export", "--format", "csv", "--out", &base, "--since", &base]);
    assert!(said.contains("would be replaced"), "{said}");
    let said = place.complaint(&[&words[..], &["directory"]].concat());
    assert!(said.contains("is no export of directory"), "{said}");
    let said = other.complaint(&words);
    assert!(said.contains("is no export of lifecycle"), "{said}");
    let said = place.complaint(&["export", "--format", "csv", "--out", &out, "--since", "8"]);
    assert!(said.contains("the log ends at position 7, before 8"), "{said}");
    // Nothing was written, and the base is as it was.
    assert_eq!(place.json(&["projection", "prove", &base])[0]["holds"], true);
    let models = place.json(&words)["models"].as_array().map(Vec::len);
    assert_eq!(models, Some(1), "those of the earlier export where none is named");
}
