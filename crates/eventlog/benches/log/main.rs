//! How fast the log is, beside what the disk allows.
//!
//! - `cargo bench -p paidan-eventlog --bench log -- waiting [--seconds S] [--rounds R] [--dir DIR]
//!   [--subjects bare,sled,plain,sealed] [--waiting 1,16,…]`: appends a second by how many wait.
//! - `cargo bench -p paidan-eventlog --bench log -- growth [--events 10000,…] [--kind plain|sealed]
//!   [--dir DIR]`: what grows with the log, and what does not.
//!
//! Each figure comes from a process of its own, on a directory of its own below `--dir`, which
//! should be on the disk in question. Ratios within one run count, not absolute numbers.

mod bare_file;
mod cell;
mod growth;
mod paidan;
mod postgres;
mod sled_values;
mod waiting;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// As in the binary that people run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Why nothing was measured.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What was asked for: pairs of `--name value`.
pub(crate) struct Options(HashMap<String, String>);

impl Options {
    fn read(arguments: impl Iterator<Item = String>, known: &[&str]) -> Result<Self, Failure> {
        let mut options = HashMap::new();
        let mut arguments = arguments;
        while let Some(name) = arguments.next() {
            let name = name.trim_start_matches("--").to_owned();
            if !known.contains(&name.as_str()) {
                return Err(format!("there is no option {name}, only {}", known.join(", ")).into());
            }
            let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
            options.insert(name, value);
        }
        Ok(Self(options))
    }

    /// The value of an option, or what holds without it.
    pub(crate) fn text<'a>(&'a self, name: &str, otherwise: &'a str) -> &'a str {
        self.0.get(name).map_or(otherwise, String::as_str)
    }

    /// Where directories are made.
    pub(crate) fn dir(&self) -> PathBuf {
        self.0.get("dir").map_or_else(std::env::temp_dir, PathBuf::from)
    }
}

/// This program again, to do one thing in a process of its own.
pub(crate) fn again(what: &str, dir: &Path, more: &[&str]) -> Result<Child, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(what).arg(dir).args(more).stdin(Stdio::null()).stdout(Stdio::piped());
    Ok(command.spawn()?)
}

fn main() -> Result<(), Failure> {
    // Cargo adds this one to what it runs.
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let what = arguments.next().unwrap_or_default();
    match what.as_str() {
        "waiting" => waiting::table(&Options::read(arguments, &waiting::OPTIONS)?),
        "growth" => growth::table(&Options::read(arguments, &growth::OPTIONS)?),
        "cell" => waiting::cell(arguments),
        "write" => growth::write(arguments),
        "open" => growth::open(arguments),
        _ => Err("say `waiting` or `growth`; the beginning of main.rs tells more".into()),
    }
}
