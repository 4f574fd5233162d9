//! A process that dies at a chosen step.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::process::{said_on, say, spawn, this_binary};

const DIES_AT: &str = "PAIDAN_TEST_DIES_AT";

/// Says each step of this process, and ends it without warning at the one that was chosen.
#[derive(Debug)]
pub struct Deadly {
    dies_at: Option<usize>,
    steps: AtomicUsize,
}

impl Deadly {
    /// As [`live`] asked for it.
    pub fn asked() -> Self {
        let dies_at = std::env::var(DIES_AT).ok().map(|text| text.parse().expect("a number"));
        Self { dies_at, steps: AtomicUsize::new(0) }
    }

    /// A step was reached; where it is the chosen one, this does not return.
    pub fn passes(&self, step: &str) {
        say(step);
        if Some(self.steps.fetch_add(1, Ordering::SeqCst) + 1) == self.dies_at {
            std::process::abort();
        }
    }
}

/// What became of a process.
#[derive(Debug)]
pub struct Lived {
    /// The steps that it reached, in order.
    pub steps: Vec<String>,
    /// Whether it died at the chosen one; otherwise it came to its end.
    pub died: bool,
}

/// Runs this test of the calling binary until it dies at a step, counted from 1, or to its end.
pub fn live(test: &str, variables: &[(&str, &str)], dies_at: Option<usize>) -> Lived {
    let mut command = this_binary(test);
    command.envs(variables.iter().copied()).stderr(Stdio::null());
    if let Some(step) = dies_at {
        command.env(DIES_AT, step.to_string());
    }
    let output = spawn(&mut command).wait_with_output().expect("runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    let died = output.status.signal().is_some();
    assert!(died || output.status.success(), "it failed of something else:\n{printed}");
    Lived { steps: printed.lines().filter_map(said_on).map(str::to_owned).collect(), died }
}
