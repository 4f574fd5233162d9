//! A process of its own whose disk fails when it is told to: the test binary itself, run with one
//! of its tests and, where calls are to fail, with `shim.c` before libc.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::GlobalPosition;
use eventlog::conformance::ticket;
use eventlog::{AppendError, EventLog, SledLog, SubmitError};
use mishaps::spawn;

use super::options;
use super::writer::{Acked, wanted};

const DIR: &str = "PAIDAN_TEST_FAULTY_DIR";
const DOES: &str = "PAIDAN_TEST_FAULTY_DOES";
const RUN: &str = "PAIDAN_TEST_FAULTY_RUN";
const TRIGGER: &str = "FAULT_TRIGGER";
const FIRED: &str = "FAULT_FIRED";
const THREADS: usize = 4;
/// So many appends are acknowledged before the disk begins to fail, and at most so many after.
const BEFORE: usize = 40;
const AFTER_MAX: usize = 60;
/// As long as the process waits for the log to be closed.
const CLOSED_WITHIN: Duration = Duration::from_secs(2);
/// Long enough for the slowest machine; a process that needs longer hangs.
const HANGS_AFTER: Duration = Duration::from_secs(90);

/// What the process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Writes; the disk fails in the midst of it.
    Write,
    /// Opens the log on a disk that fails already, and reads all of it.
    Open,
    /// Opens the log and reads all of it; the disk fails in between.
    Read,
    /// Destroys a key while the disk fails, and writes on when it works again.
    Destroy,
}

impl Does {
    const ALL: [Self; 4] = [Self::Write, Self::Open, Self::Read, Self::Destroy];
}

/// Which calls fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Write,
    Sync,
    Read,
}

impl Call {
    const fn name(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Sync => "sync",
            Self::Read => "read",
        }
    }
}

/// What the process said and how often a call failed.
#[derive(Debug, Default)]
pub struct Told {
    pub acked: Vec<Acked>,
    /// Appends whose outcome is unknown.
    pub unknown: Vec<String>,
    /// What else it said.
    pub lines: Vec<String>,
    /// Calls that failed.
    pub fired: u64,
}

impl Told {
    /// Whether it said a line that begins so.
    pub fn says(&self, beginning: &str) -> bool {
        self.lines.iter().any(|line| line.starts_with(beginning))
    }
}

/// The shim, compiled.
pub fn shim(into: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/shim.c");
    let library = into.join("shim.so");
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(&source)
        .arg("-ldl")
        .status()
        .expect("a C compiler, which also links these tests");
    assert!(compiled.success());
    library
}

/// A process to be run on a directory.
pub struct Faulty<'a> {
    pub data: &'a Path,
    pub does: Does,
    /// Tells the appends of several runs on one directory apart.
    pub run: u64,
    /// The shim, which calls fail, and on files whose path has this in it. Without it the disk
    /// fails by itself.
    pub fault: Option<(&'a Path, Call, &'a str)>,
}

impl Faulty<'_> {
    /// Runs it to its end. The calling test binary must have the test `faulty_process` that calls
    /// [`process`].
    pub fn run(&self) -> Told {
        let notes = tempfile::tempdir().expect("a directory");
        let (trigger, fired) = (notes.path().join("trigger"), notes.path().join("fired"));
        let said = notes.path().join("said");
        let mut command = Command::new(std::env::current_exe().expect("has a path"));
        command
            .args(["faulty_process", "--exact", "--nocapture"])
            .env(DIR, self.data)
            .env(DOES, format!("{:?}", self.does))
            .env(RUN, self.run.to_string())
            .env(TRIGGER, &trigger)
            .env(FIRED, &fired)
            .stdout(fs::File::create(&said).expect("made"))
            .stderr(Stdio::null());
        if let Some((shim, call, path)) = self.fault {
            command.env("LD_PRELOAD", shim).env("FAULT_CALL", call.name()).env("FAULT_PATH", path);
        }
        if self.does == Does::Open {
            fs::write(&trigger, "").expect("written");
        }
        let mut child = spawn(&mut command);
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("asked") {
                break Some(status);
            }
            if begun.elapsed() > HANGS_AFTER {
                child.kill().expect("killed");
                child.wait().expect("gone");
                break None;
            }
            std::thread::park_timeout(Duration::from_millis(10));
        };
        let said = fs::read_to_string(&said).expect("reads");
        let status = status.unwrap_or_else(|| panic!("it hangs; it said:\n{said}"));
        assert!(status.success(), "{status}; it said:\n{said}");
        let mut told = Told::default();
        for line in said.lines() {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["acked", key, at] => {
                    told.acked.push((key.into(), at.parse().expect("a position")));
                }
                ["unknown", key] => told.unknown.push(key.into()),
                _ => told.lines.push(line.into()),
            }
        }
        told.fired = fs::metadata(&fired).map_or(0, |fired| fired.len());
        told
    }
}

/// What the process does, in the process.
pub fn process() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let does = std::env::var(DOES).expect("is set");
    let does = Does::ALL.into_iter().find(|known| format!("{known:?}") == does).expect("is known");
    let mut options = options(Path::new(&dir));
    // So that reads have to ask the disk.
    options.cache_bytes = 256 * 1024;
    let log = match SledLog::open(&options) {
        Ok((log, _)) => log,
        Err(error) => return println!("refused to open: {}", chain(&error)),
    };
    match does {
        Does::Write => write(&log),
        Does::Open => read(&log),
        Does::Read => {
            trigger(true);
            read(&log);
            trigger(false);
            read(&log);
        }
        Does::Destroy => destroy(&log),
    }
    drop(log);
    println!("ended");
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

fn trigger(on: bool) {
    let path = std::env::var_os(TRIGGER).expect("is set");
    if on {
        fs::write(path, "").expect("written");
    } else {
        fs::remove_file(path).expect("removed");
    }
}

fn fired() -> bool {
    std::env::var_os(FIRED).is_some_and(|path| Path::new(&path).exists())
}

fn key(thread: usize, round: u64) -> String {
    format!("{}-{thread}-{round}", std::env::var(RUN).expect("is set"))
}

/// One append to a stream that every thread writes and to one that is new, so that it needs a key.
fn append_one(log: &SledLog, thread: usize, round: u64) -> Result<(), String> {
    let key = key(thread, round);
    let wanted = wanted(log, thread, &key).map_err(|error| format!("unread {}", chain(&error)))?;
    match log.submit(wanted) {
        Err(error) => Err(match error {
            SubmitError::Poisoned => "poisoned".to_owned(),
            error => format!("refused {}", chain(&error)),
        }),
        Ok(pending) => match pending.wait() {
            Ok(appended) => {
                println!("acked {key} {}", appended.first.get());
                Ok(())
            }
            Err(AppendError::OutcomeUnknown) => {
                println!("unknown {key}");
                Err("outcome unknown".to_owned())
            }
        },
    }
}

fn write(log: &SledLog) {
    let (acked, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let by_itself = std::env::var_os("LD_PRELOAD").is_none();
    std::thread::scope(|threads| {
        for thread in 0..THREADS {
            let (acked, failed) = (&acked, &failed);
            threads.spawn(move || {
                for round in 0.. {
                    let enough = acked.load(Ordering::Relaxed) >= BEFORE + AFTER_MAX;
                    if enough && !by_itself {
                        return;
                    }
                    if let Err(why) = append_one(log, thread, round) {
                        println!("{why}");
                        failed.store(true, Ordering::Relaxed);
                        return;
                    }
                    if acked.fetch_add(1, Ordering::Relaxed) + 1 == BEFORE && !by_itself {
                        trigger(true);
                    }
                }
            });
        }
    });
    read(log);
    let poisoned = log.is_poisoned();
    if poisoned {
        println!("poisoned before closing");
        if !by_itself {
            trigger(false);
        }
    }
    // A disk that is full may stop at the key ring, which poisons nothing.
    if poisoned || by_itself {
        println!("again {:?}", append_one(log, THREADS, 0));
    }
    // What is written when it is closed may fail, too. The disk works again once a call has failed
    // then; what goes on failing is tried again for longer than a test may take.
    std::thread::scope(|threads| {
        let closing = threads.spawn(|| log.close());
        let until = Instant::now() + CLOSED_WITHIN;
        let mut heals = !by_itself && !poisoned;
        while !closing.is_finished() {
            if heals && fired() {
                trigger(false);
                heals = false;
            }
            if Instant::now() > until {
                println!("still closing");
                std::process::exit(0);
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
    });
    if log.is_poisoned() {
        println!("poisoned after closing");
    }
}

fn read(log: &SledLog) {
    let head = log.head().position;
    let mut at = GlobalPosition::ZERO;
    while at < head {
        match log.read(at, 7) {
            Ok(events) => {
                let positions = events.iter().map(|event| event.position.get());
                assert!(positions.eq(at.get() + 1..=at.get() + events.len() as u64), "a gap");
                at = events.last().expect("before the head").position;
            }
            Err(error) => return println!("unreadable after {at}: {}", chain(&error)),
        }
    }
    println!("readable");
}

fn destroy(log: &SledLog) {
    append_one(log, 0, 0).expect("written");
    trigger(true);
    match log.destroy_keys(ticket(50)) {
        Ok(_) => println!("destroyed"),
        Err(error) => println!("not destroyed: {}", chain(&error)),
    }
    trigger(false);
    let again = append_one(log, 0, 1);
    println!("again {again:?}");
}
