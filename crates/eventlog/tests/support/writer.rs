//! A process of its own that writes to a log and says what was acknowledged, to be killed or
//! frozen at any moment. It is the test binary itself, run with one of its tests.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use eventlog::conformance::{append, ticket};
use eventlog::{Append, EventLog, ReadError, SledLog, SyncPolicy, SystemClock};

use super::{START, options, spawn};

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
    let line = format!("acked {key} {position}\n");
    std::io::stdout().lock().write_all(line.as_bytes()).expect("the pipe is open");
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

#[derive(Default)]
struct Noted {
    acked: Mutex<Vec<Acked>>,
    more: Condvar,
}

/// A writing process, killed when dropped.
pub struct Writer {
    child: Child,
    noted: Arc<Noted>,
}

impl Writer {
    /// Starts one on this directory. The calling test binary must have the test
    /// `writer_process` that calls [`write_until_killed`].
    pub fn start(dir: &Path, run: u64, with_sync: bool) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("has a path"));
        command
            .args(["writer_process", "--exact", "--nocapture"])
            .env(DIR, dir)
            .env(RUN, run.to_string())
            .stdout(Stdio::piped());
        if !with_sync {
            command.env(WITHOUT_SYNC, "1");
        }
        let mut child = spawn(&mut command);
        let lines = BufReader::new(child.stdout.take().expect("is piped"));
        let noted = Arc::new(Noted::default());
        let notes = Arc::clone(&noted);
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                // A line that was torn by the kill names nothing that was acknowledged.
                let mut words = line.split(' ');
                if let (Some("acked"), Some(key), Some(Ok(position))) =
                    (words.next(), words.next(), words.next().map(str::parse))
                {
                    notes.acked.lock().expect("fine").push((key.to_owned(), position));
                    notes.more.notify_all();
                }
            }
        });
        Self { child, noted }
    }

    /// Waits until so many appends were acknowledged.
    pub fn wait_for(&self, acked: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut noted = self.noted.acked.lock().expect("fine");
        while noted.len() < acked {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "the writer acknowledged only {} appends", noted.len());
            noted = self.noted.more.wait_timeout(noted, left).expect("fine").0;
        }
    }

    /// What was acknowledged by now.
    pub fn acked(&self) -> Vec<Acked> {
        self.noted.acked.lock().expect("fine").clone()
    }

    /// Stops the process where it is; returns once it stands still.
    pub fn freeze(&self) {
        self.signal("STOP");
        let stat = format!("/proc/{}/task", self.child.id());
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let running = std::fs::read_dir(&stat).expect("reads").flatten().any(|task| {
                let stat = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
                // The state follows the name, which stands in parentheses.
                !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('T')
            });
            if !running {
                return;
            }
            assert!(Instant::now() < deadline, "the writer does not stop");
            std::thread::yield_now();
        }
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let done = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status()
            .expect("kill runs");
        assert!(done.success());
    }

    /// Kills it without warning; says what was acknowledged.
    pub fn kill(mut self) -> Vec<Acked> {
        self.child.kill().expect("is killed");
        self.child.wait().expect("is gone");
        self.acked()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
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
