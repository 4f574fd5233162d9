//! The whole server on a clock that whoever started it sets: for browser tests, which cannot wait
//! two hours for a ticket to turn red.
//!
//! Prints its address, then reads commands from standard input, one a line, and answers each with
//! the time that it is then: `now`, `set 2026-03-02T11:00:00+08:00`, `advance 7200` (seconds), and
//! `lose HASH`, which takes away the bytes of an attachment as a failing disk would.
//! Ends with its input, so that it cannot outlive who started it.

use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::{ContentHash, Timestamp};
use eventlog::{Clock as _, ManualClock};
use paidan::config::{Config, Flags};
use paidan::serve::Server;

/// Monday morning in Shanghai.
const BEGIN: &str = "2026-03-02T09:00:00+08:00";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = tempfile::tempdir()?;
    let clock = Arc::new(ManualClock::new(BEGIN.parse()?));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let flags = Flags {
        data: Some(data.path().join("data")),
        listen: Some("127.0.0.1:0".into()),
        ..Flags::default()
    };
    let config = Config::resolve(flags, [])?;
    let server = runtime.block_on(Server::start(&config, clock.clone()))?;
    let mut out = std::io::stdout();
    writeln!(out, "http://{}", server.address())?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        match obey(&clock, data.path(), &line) {
            Ok(()) => writeln!(out, "{}", clock.now())?,
            Err(error) => writeln!(out, "cannot `{line}`: {error}")?,
        }
    }
    runtime.block_on(server.stop())?;
    Ok(())
}

fn obey(clock: &ManualClock, data: &Path, line: &str) -> Result<(), Box<dyn std::error::Error>> {
    match line.split_once(' ') {
        None if line == "now" => {}
        Some(("set", moment)) => clock.set(moment.parse::<Timestamp>()?),
        Some(("advance", seconds)) => clock.advance(Duration::from_secs(seconds.parse()?)),
        Some(("lose", hash)) => std::fs::remove_file(bytes_of(data, hash.parse()?))?,
        _ => return Err("say now, set, advance or lose".into()),
    }
    Ok(())
}

fn bytes_of(data: &Path, hash: ContentHash) -> PathBuf {
    let name = hash.to_string();
    data.join("data/attachments").join(&name[..2]).join(&name[2..4]).join(name)
}
