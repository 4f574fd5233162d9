//! A disk that fails with EIO: a clear error, everybody who waits learns that the outcome is
//! unknown, nothing acknowledged is lost, and what can be read is what was written.
//!
//! Each case is a process of its own with a shim before libc, on each thing in the data directory.
//! That the shim failed a call is a part of what is checked.

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use support::faulty::{Call, Does, Faulty, Told, process, shim};
use support::{after, fill, open};

// What the other tests run; on its own, without a directory, it does nothing.
#[test]
fn faulty_process() {
    process();
}

/// Everything at the top of a data directory that holds bytes, as it is named there.
fn parts(data: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(data)
        .expect("reads")
        .map(|entry| entry.expect("reads").file_name().into_string().expect("plain names"))
        .filter(|name| !["lock", "FORMAT", "cut"].contains(&name.as_str()))
        .collect();
    names.sort();
    assert!(names.iter().any(|name| name.starts_with("index")), "{names:?}");
    names
}

/// Runs a case for each part of the directory; afterwards, on a disk that works, everything that
/// was acknowledged must be there.
fn each_part(does: Does, call: Call) -> BTreeMap<String, Told> {
    let tools = tempfile::tempdir().expect("a directory");
    let shim = shim(tools.path());
    let place = tempfile::tempdir().expect("a directory");
    let data = place.path().join("data");
    // More than the process keeps in memory, where it is to read from the disk.
    fill(&open(&data), if does == Does::Read { 4_000 } else { 300 });
    let mut acked = Vec::new();
    let mut cases = BTreeMap::new();
    for (run, name) in parts(&data).into_iter().enumerate() {
        let path = format!("/data/{name}");
        let fault = Some((shim.as_path(), call, path.as_str()));
        let told = Faulty { data: &data, does, run: run as u64, fault }.run();
        eprintln!("{call:?} of {name} failed {} times: {:#?}", told.fired, told.lines);
        acked.extend(told.acked.iter().cloned());
        after::check(&open(&data), &acked);
        // The index may be several files.
        let name = if name.starts_with("index") { "index".to_owned() } else { name };
        cases.insert(name, told);
    }
    cases
}

/// Who waited learns that the outcome is unknown, and nothing more is taken although the disk works
/// again. What is durable can still be read, but for what the store would have to ask the disk for:
/// it refuses that after a failure of its own, and says why.
#[track_caller]
fn is_poisoned(told: &Told) {
    assert!(told.fired > 0, "the fault never came");
    assert!(!told.unknown.is_empty(), "{:#?}", told.lines);
    for said in ["poisoned before closing", "again Err(\"poisoned\")", "ended"] {
        assert!(told.says(said), "{said} is not in {:#?}", told.lines);
    }
    let why = told.lines.iter().find(|line| line.starts_with("unreadable after "));
    assert!(told.says("readable") || why.is_some_and(|why| why.contains("Input/output error")));
}

#[test]
fn a_write_that_fails_poisons_the_log_or_is_refused_and_loses_nothing() {
    let cases = each_part(Does::Write, Call::Write);
    is_poisoned(&cases["log"]);
    is_poisoned(&cases["witness"]);
    // A key that cannot be made is refused before anything depends on it.
    let keys = &cases["keys"];
    assert!(keys.fired > 0 && keys.unknown.is_empty(), "{:#?}", keys.lines);
    assert!(keys.says("refused personal data could not be sealed"), "{:#?}", keys.lines);
    assert!(keys.says("readable") && !keys.says("poisoned"), "{:#?}", keys.lines);
    // The index is derived: it is tried again, and nobody waits for it.
    let index = &cases["index"];
    assert!(index.fired > 0 && index.unknown.is_empty(), "{:#?}", index.lines);
    assert!(index.says("readable"), "{:#?}", index.lines);
}

#[test]
fn a_sync_that_fails_poisons_the_log_and_loses_nothing() {
    let cases = each_part(Does::Write, Call::Sync);
    is_poisoned(&cases["log"]);
    is_poisoned(&cases["keys"]);
    // Synced once a second and when it is closed.
    let witness = &cases["witness"];
    assert!(witness.fired > 0 && witness.says("poisoned after closing"), "{:#?}", witness.lines);
    let index = &cases["index"];
    assert!(index.fired > 0 && index.unknown.is_empty(), "{:#?}", index.lines);
    assert!(index.says("readable"), "{:#?}", index.lines);
}

#[test]
fn a_log_that_cannot_be_read_from_disk_refuses_to_open_and_opens_when_it_can() {
    for (name, told) in each_part(Does::Open, Call::Read) {
        assert!(told.fired > 0, "the fault never came to {name}");
        // What is derived may be made anew instead.
        let refused = told.lines.iter().find(|line| line.starts_with("refused to open: "));
        if let Some(why) = refused {
            assert!(why.contains("Input/output error"), "{name}: {why}");
        } else {
            assert!(name == "index" && told.says("readable"), "{name}: {:#?}", told.lines);
        }
    }
}

#[test]
fn an_event_that_cannot_be_read_from_disk_is_an_error_and_can_be_read_when_the_disk_works() {
    let cases = each_part(Does::Read, Call::Read);
    for name in ["log", "keys"] {
        let told = &cases[name];
        assert!(told.fired > 0, "the fault never came to {name}");
        let why = told.lines.iter().find(|line| line.starts_with("unreadable after "));
        let why = why.unwrap_or_else(|| panic!("{name}: {:#?}", told.lines));
        assert!(why.contains("Input/output error"), "{name}: {why}");
        assert!(told.says("readable"), "{name}: {:#?}", told.lines);
    }
}

#[test]
fn after_a_failed_sync_of_a_destroyed_key_nothing_more_is_sealed_until_the_log_is_opened_again() {
    let cases = each_part(Does::Destroy, Call::Sync);
    let keys = &cases["keys"];
    assert!(keys.fired > 0 && keys.says("not destroyed: could not sync"), "{:#?}", keys.lines);
    // That sync may have taken other keys with it, so the next one would lie.
    assert!(keys.says("again Err(\"outcome unknown\")"), "{:#?}", keys.lines);
}
