//! Flipped and missing bytes are harmless or named: never a wrong event, never a panic.
//!
//! Each damage is done to a copy of a closed directory, which is then opened, read and verified.
//! sled may hang on some damage, so it happens in a thread that is given up after a while.

mod support;

use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use eventlog::conformance::read_all;
use eventlog::{EventLog, RecordedEvent, SledLog, verify};
use support::{copy_dir, fill, open, options};

/// A generator of numbers that are the same in every run (Knuth's MMIX constants).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) % bound
    }
}

/// The only run of an index of 401 events.
const INDEX: &str = "index/00000000000000000001-00000000000000000401.run";

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Harmless,
    Named(String),
    /// Events that were there are not, and nothing said so.
    Short(usize),
    Wrong,
    Hung,
}

fn outcome(dir: &Path, truth: &[RecordedEvent]) -> Outcome {
    let (done, result) = mpsc::channel();
    let (dir, truth) = (dir.to_path_buf(), truth.to_vec());
    let thread = std::thread::spawn(move || {
        let found = match SledLog::open(&options(&dir)) {
            Err(error) => Outcome::Named(error.to_string()),
            Ok((log, report)) => {
                let read = log.read(domain::GlobalPosition::ZERO, truth.len() + 100);
                match read {
                    Err(error) => Outcome::Named(error.to_string()),
                    Ok(events) if events == truth => match verify(&log, &mut |_| {}) {
                        Ok(_) => Outcome::Harmless,
                        Err(error) => Outcome::Named(error.to_string()),
                    },
                    Ok(events) if report.cut.is_some() && truth.starts_with(&events) => {
                        Outcome::Named("it was cut off".into())
                    }
                    Ok(events) if truth.starts_with(&events) => Outcome::Short(events.len()),
                    Ok(_) => Outcome::Wrong,
                }
            }
        };
        drop(done.send(found));
    });
    match result.recv_timeout(Duration::from_secs(60)) {
        Ok(found) => {
            thread.join().expect("it has sent its result");
            found
        }
        Err(mpsc::RecvTimeoutError::Timeout) => Outcome::Hung,
        Err(mpsc::RecvTimeoutError::Disconnected) => panic!("opening or reading panicked"),
    }
}

fn closed_log() -> (tempfile::TempDir, Vec<RecordedEvent>) {
    let dir = tempfile::tempdir().expect("a directory");
    let log = open(dir.path());
    fill(&log, 400);
    let truth = read_all(&log);
    drop(log);
    (dir, truth)
}

fn try_damage(file: &str, damages: u64, damage: impl Fn(&mut Vec<u8>, &mut Numbers)) {
    let (dir, truth) = closed_log();
    let good = fs::read(dir.path().join(file)).expect("reads");
    let mut numbers = Numbers(42);
    let mut named = 0;
    for round in 0..damages {
        let copy = tempfile::tempdir().expect("a directory");
        copy_dir(dir.path(), copy.path());
        let mut bytes = good.clone();
        damage(&mut bytes, &mut numbers);
        fs::write(copy.path().join(file), bytes).expect("written");
        match outcome(copy.path(), &truth) {
            Outcome::Harmless => {}
            Outcome::Named(_) => named += 1,
            bad => panic!("damage {round} of {file}: {bad:?}"),
        }
    }
    eprintln!("{file}: {damages} damages, {named} named, the others harmless");
}

/// Flips one bit in the part of the file that is used at all.
fn flip(bytes: &mut [u8], numbers: &mut Numbers) {
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(1, |last| last + 1);
    let place = numbers.below(used as u64) as usize;
    bytes[place] ^= 1 << numbers.below(8);
}

fn truncate(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    let len = numbers.below(bytes.len() as u64) as usize;
    bytes.truncate(len);
}

#[test]
fn a_flipped_bit_in_the_log_is_harmless_or_named() {
    try_damage("log/db", 40, |bytes, numbers| flip(bytes, numbers));
}

#[test]
fn a_log_that_was_cut_short_is_named() {
    try_damage("log/db", 15, truncate);
}

#[test]
fn a_flipped_bit_in_the_key_ring_is_harmless_or_named() {
    try_damage("keys/ring", 25, |bytes, numbers| flip(bytes, numbers));
}

#[test]
fn a_key_ring_that_was_cut_short_is_harmless_or_named() {
    try_damage("keys/ring", 10, truncate);
}

#[test]
fn a_flipped_bit_in_the_witness_is_harmless_or_named() {
    try_damage("witness", 20, |bytes, numbers| flip(bytes, numbers));
}

#[test]
fn a_flipped_bit_in_the_index_is_harmless_or_named() {
    try_damage(INDEX, 25, |bytes, numbers| flip(bytes, numbers));
}

#[test]
fn an_index_that_was_cut_short_is_harmless_or_named() {
    try_damage(INDEX, 10, truncate);
}

/// What the other tests damage, and more often.
const TRIED_ABOVE: [&str; 4] = ["log/db", "keys/ring", "witness", INDEX];

#[test]
fn each_other_file_of_the_directory_may_be_flipped_cut_or_gone() {
    let (dir, _) = closed_log();
    let others: Vec<String> = support::files(dir.path())
        .iter()
        .map(|path| path.strip_prefix(dir.path()).expect("below it").display().to_string())
        .filter(|file| !TRIED_ABOVE.contains(&file.as_str()))
        .collect();
    // Its format, and sled's own configuration and snapshot at least.
    assert!(others.len() >= 3 && others.contains(&"FORMAT".to_owned()), "{others:?}");
    for file in others {
        let empty = fs::metadata(dir.path().join(&file)).expect("is there").len() == 0;
        if empty {
            continue;
        }
        try_damage(&file, 12, |bytes, numbers| flip(bytes, numbers));
        try_damage(&file, 6, truncate);
    }
}
