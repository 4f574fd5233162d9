//! A process that says what it did, to be frozen or killed at any moment.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// What a process says comes after this; its test runner prints as well, also on the same line.
const SAYS: &str = "says: ";

/// Long enough for the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tells whoever started this process. Once it returns, the line is said, whatever happens next.
pub fn say(line: &str) {
    // In one piece, so that no death tears it.
    let line = format!("{SAYS}{line}\n");
    std::io::stdout().lock().write_all(line.as_bytes()).expect("the pipe is open");
}

/// What was said on a line that the process printed.
pub(crate) fn said_on(line: &str) -> Option<&str> {
    Some(line.split_once(SAYS)?.1)
}

/// The test binary that calls, to be run with one of its tests.
pub(crate) fn this_binary(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("has a path"));
    command.args([test, "--exact", "--nocapture"]).stdout(Stdio::piped());
    command
}

/// Starts a process, one at a time, so that fewer of them hold copies of this process's files.
pub fn spawn(command: &mut Command) -> Child {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().expect("no panic with it");
    command.spawn().expect("starts")
}

#[derive(Debug, Default)]
struct Heard {
    lines: Mutex<Vec<String>>,
    more: Condvar,
}

/// A running process, killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    heard: Arc<Heard>,
}

impl Process {
    /// Starts this test of the calling binary with these variables set.
    pub fn start(test: &str, variables: &[(&str, &str)]) -> Self {
        let mut child = spawn(this_binary(test).envs(variables.iter().copied()));
        let lines = BufReader::new(child.stdout.take().expect("is piped"));
        let heard = Arc::new(Heard::default());
        let noted = Arc::clone(&heard);
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                if let Some(said) = said_on(&line) {
                    noted.lines.lock().expect("fine").push(said.to_owned());
                    noted.more.notify_all();
                }
            }
        });
        Self { child, heard }
    }

    /// What it said by now.
    pub fn said(&self) -> Vec<String> {
        self.heard.lines.lock().expect("fine").clone()
    }

    /// Waits until it said so many lines in all.
    pub fn wait_for(&self, lines: usize) {
        let deadline = Instant::now() + PATIENCE;
        let mut heard = self.heard.lines.lock().expect("fine");
        while heard.len() < lines {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "it said only {} of {lines} lines", heard.len());
            heard = self.heard.more.wait_timeout(heard, left).expect("fine").0;
        }
    }

    /// Stops it where it is; returns once it stands still.
    pub(crate) fn freeze(&self) -> Frozen<'_> {
        self.signal("-STOP");
        let tasks = format!("/proc/{}/task", self.child.id());
        let runs = |stat: String| {
            // The state follows the name, which stands in parentheses.
            !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('T')
        };
        let deadline = Instant::now() + PATIENCE;
        while std::fs::read_dir(&tasks)
            .expect("reads")
            .flatten()
            .any(|task| runs(std::fs::read_to_string(task.path().join("stat")).unwrap_or_default()))
        {
            assert!(Instant::now() < deadline, "the process does not stop");
            std::thread::yield_now();
        }
        Frozen(self)
    }

    fn signal(&self, signal: &str) {
        let done = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(done.expect("kill runs").success());
    }

    /// Kills it without warning; answers what it had said.
    pub fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("is killed");
        self.child.wait().expect("is gone");
        self.said()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A process that stands still until this is dropped.
#[derive(Debug)]
pub(crate) struct Frozen<'a>(&'a Process);

impl Drop for Frozen<'_> {
    fn drop(&mut self) {
        self.0.signal("-CONT");
    }
}
