//! A disk that is truly full, on a small file system of its own: a clear error, nothing
//! acknowledged is lost, and the log goes on when there is room.
//!
//! It needs root and mounts, and says so where it has none.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use eventlog::{EventLog, OpenError, SledLog};
use support::faulty::{Does, Faulty, process};
use support::{after, fill, open, options};

// What the other test runs; on its own, without a directory, it does nothing.
#[test]
fn faulty_process() {
    process();
}

/// Opening the log takes a segment of 8 MiB at once; the rest fills up under load.
const LEFT_BYTES: u64 = 12 * 1024 * 1024;

/// A file system in memory; unmounted when dropped.
struct Small(PathBuf);

impl Small {
    fn mount(at: PathBuf) -> Result<Self, String> {
        fs::create_dir_all(&at).map_err(|error| error.to_string())?;
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64m", "tmpfs"])
            .arg(&at)
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(Self(at));
        }
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let done = Command::new("umount").arg(&self.0).status();
        if !done.as_ref().is_ok_and(|status| status.success()) {
            eprintln!("could not unmount {}: {done:?}", self.0.display());
        }
    }
}

/// Fills what is free with a file, but for so many bytes.
fn leave(ballast: &Path, log: &SledLog, bytes: u64) {
    let free = log.free_bytes().expect("says it");
    fs::write(ballast, vec![0; (free - bytes) as usize]).expect("it fits");
}

#[test]
fn a_disk_that_fills_up_under_load_loses_nothing_and_the_log_goes_on_when_there_is_room() {
    let dir = tempfile::tempdir().expect("a directory");
    let small = match Small::mount(dir.path().join("small")) {
        Ok(small) => small,
        Err(why) => {
            eprintln!("skipped: a small disk cannot be mounted here ({why})");
            return;
        }
    };
    let (data, ballast) = (small.0.join("data"), small.0.join("ballast"));
    let log = open(&data);
    fill(&log, 100);
    leave(&ballast, &log, LEFT_BYTES);
    drop(log);

    let told = Faulty { data: &data, does: Does::Write, run: 1, fault: None }.run();
    assert!(!told.acked.is_empty(), "it was full too early to prove anything");
    // The log's own file is full, or that of the keys before it.
    let no_key = told.says("refused personal data could not be sealed: could not extend");
    let unknown = told.says("poisoned before closing") && !told.unknown.is_empty();
    assert!((no_key || unknown) && told.says("again Err("), "{:#?}", told.lines);
    // The store refuses to ask the disk after a failure of its own, and says why.
    let why = told.lines.iter().find(|line| line.starts_with("unreadable after "));
    let why_not = why.is_some_and(|why| why.contains("No space left on device"));
    assert!(told.says("readable") || why_not, "{:#?}", told.lines);

    // Still full: the store wants a new segment, so it says that it needs room.
    match SledLog::open(&options(&data)) {
        Ok((log, _)) => drop(after::check(&log, &told.acked)),
        Err(error) => assert!(matches!(error, OpenError::NoRoom { .. }), "{error:?}"),
    }

    fs::remove_file(&ballast).expect("removed");
    let log = open(&data);
    let appends = after::check(&log, &told.acked);
    let before = log.head().position;
    fill(&log, 50);
    assert_eq!(log.head().position.get(), before.get() + 50, "it takes more");
    drop(log);
    after::check(&open(&data), &told.acked);
    eprintln!(
        "{} appends acknowledged before the disk was full, {appends} there",
        told.acked.len()
    );
}
