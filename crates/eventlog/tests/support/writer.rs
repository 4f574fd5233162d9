//! A process of its own that writes to a log and says what was acknowledged, to be killed or
//! frozen at any moment. It is the test binary itself, run with one of its tests.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eventlog::conformance::{append, ticket};
use eventlog::{Append, EventLog, ReadError, SledLog, SyncPolicy, SystemClock};
use mishaps::Process;

use super::{START, options};

const DIR: &str = "PAIDAN_TEST_WRITER_DIR";
const RUN: &str = "PAIDAN_TEST_WRITER_RUN";
/// Only the harness knows it; the product has no such setting.
const WITHOUT_SYNC: &str = "PAIDAN_TEST_WITHOUT_SYNC";
const THREADS: usize = 8;

/// Nothing survives a power cut with it but by chance.
struct LeftOut;

impl SyncPolicy for LeftOut {
    fn sync(&self, _: &File) -> std::io::Result<()> {
        Ok(())
    }
}

/// Where the process is to write and in which run; nothing where it is only a test among others.
pub fn asked() -> Option<(PathBuf, u64)> {
    let dir = std::env::var_os(DIR)?;
    let run = std::env::var(RUN).expect("is set").parse().expect("is a number");
    Some((dir.into(), run))
}

/// Tells the harness that an append was acknowledged.
pub fn say_acked(key: &str, position: u64) {
    mishaps::say(&format!("{key} {position}"));
}

/// What the process does: appends from several threads until it is killed.
pub fn write_until_killed() {
    let Some((dir, run)) = asked() else { return };
    let mut options = options(&dir);
    options.clock = Arc::new(SystemClock);
    if std::env::var_os(WITHOUT_SYNC).is_some() {
        options.sync = Arc::new(LeftOut);
    }
    let (log, _) = super::open_when_free(&options).expect("the log opens");
    std::thread::scope(|threads| {
        for thread in 0..THREADS {
            let log = &log;
            threads.spawn(move || {
                for round in 0_u64.. {
                    let key = format!("{run}-{thread}-{round}");
                    let wanted = wanted(log, thread, &key).expect("reads");
                    let taken = log.submit(wanted).expect("taken").wait().expect("durable");
                    say_acked(&key, taken.first.get());
                }
            });
        }
    });
}

/// What is appended under this key, which is three numbers: an event to a ticket that the thread
/// writes again and again, and one to a ticket that is new, so that each append needs a key.
///
/// # Errors
/// When the log cannot be read.
pub fn wanted(log: &SledLog, thread: usize, key: &str) -> Result<Append, ReadError> {
    let numbers = key.split('-').map(|number| number.parse::<u128>().expect("three numbers"));
    let fresh = ticket(numbers.fold(1, |all, number| all << 40 | number));
    let own = ticket(thread as u128);
    let version = log.stream_version(own)?.get();
    Ok(append(log, key, START, &[(own, version), (fresh, 0)]))
}

/// The command key and first position of an append that was acknowledged.
pub type Acked = (String, u64);

/// Starts one on this directory. The calling test binary must have the test `writer_process` that
/// calls [`write_until_killed`].
pub fn start(dir: &Path, run: u64, with_sync: bool) -> Process {
    let (dir, run) = (dir.to_str().expect("is text"), run.to_string());
    let mut variables = vec![(DIR, dir), (RUN, &run)];
    if !with_sync {
        variables.push((WITHOUT_SYNC, "1"));
    }
    Process::start("writer_process", &variables)
}

/// What a writer said was acknowledged.
pub fn acked(said: &[String]) -> Vec<Acked> {
    let acked = said.iter().map(|line| line.split_once(' ').expect("a key and a position"));
    acked.map(|(key, position)| (key.to_owned(), position.parse().expect("a number"))).collect()
}

/// The appends that are missing or elsewhere, of those that were acknowledged.
pub fn missing(log: &SledLog, acked: &[Acked]) -> Vec<Acked> {
    use domain::{CommandId, GlobalPosition, Issuer};
    acked
        .iter()
        .filter(|(key, position)| {
            let id = CommandId { issuer: Issuer::Client("suite".into()), key: key.clone() };
            let Some(known) = log.find_command(&id).expect("reads") else { return true };
            if known.append.place().first.get() != *position {
                return true;
            }
            let read = log.read(GlobalPosition::new(position - 1), 2).expect("reads");
            !read.iter().all(|event| event.header.command == id) || read.len() != 2
        })
        .cloned()
        .collect()
}
