//! A data directory of its own for each test, the commands on it, and a server for it.
#![allow(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use eventlog::{Clock, SystemClock};
use paidan::cli::{Cli, CliError, run};
use paidan::config::{Config, Flags};
use paidan::serve::Server;
use serde_json::Value;
use tokio::runtime::Runtime;

pub(crate) const MAPPING: &str = r#"
    source = "desk"
    [columns]
    case = "工单"
    state = "状态"
    time = "时间"
    group = "组"
    words = ["描述"]
    [time]
    formats = ["%Y-%m-%d %H:%M"]
    zone = "Asia/Shanghai"
    [states]
    "待处理" = "open"
    "处理中" = "started"
    "完工" = "resolved"
    "关闭" = "closed"
"#;

pub(crate) const HEADER: &str = "工单,状态,时间,组,描述\n";

pub(crate) const ROWS: &str = "甲-1,待处理,2026-03-01 08:00,,冲床停了\n\
    甲-1,处理中,2026-03-01 08:30,一组,冲床停了\n\
    乙-2,待处理,2026-03-01 09:00,,\n\
    甲-1,完工,2026-03-01 10:00,一组,冲床停了\n\
    甲-1,关闭,2026-03-02 10:00,一组,冲床停了\n";

/// Steps in [`ROWS`]: two openings, one assignment, one start, one end, one close.
pub(crate) const STEPS: u64 = 6;

/// A data directory that does not exist yet, beside files to import.
pub(crate) struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self { directory: tempfile::tempdir().expect("a directory") };
        place.write("map.toml", MAPPING.as_bytes());
        place.write("rows.csv", format!("{HEADER}{ROWS}").as_bytes());
        place
    }

    /// With what [`ROWS`] tells in its log.
    pub(crate) fn imported() -> Self {
        let place = Self::new();
        place.answer(&["import", "history", "rows.csv", "--mapping", "map.toml"]);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub(crate) fn write(&self, name: &str, content: &[u8]) {
        std::fs::write(self.path(name), content).expect("written");
    }

    pub(crate) fn config(&self) -> Config {
        let flags = Flags {
            data: Some(self.data()),
            listen: Some("127.0.0.1:0".into()),
            ..Flags::default()
        };
        Config::resolve(flags, []).expect("a configuration")
    }

    /// Runs a command on the directory; names of files stand for those of this place.
    pub(crate) fn run(&self, words: &[&str]) -> Result<String, CliError> {
        let (result, out) = self.run_with_output(words);
        result.map(|()| out)
    }

    /// What it printed, also where it failed.
    pub(crate) fn run_with_output(&self, words: &[&str]) -> (Result<(), CliError>, String) {
        let there = |word: &&str| {
            let path = self.path(word);
            let is_file = word.contains('.') && path.exists();
            if is_file { path.display().to_string() } else { (*word).to_owned() }
        };
        let data = self.data().display().to_string();
        let words = words.iter().map(there);
        let words = ["paidan".to_owned(), "--data".to_owned(), data].into_iter().chain(words);
        let cli = Cli::try_parse_from(words).expect("understood");
        let mut out = Vec::new();
        let result = run(cli, [], &mut out);
        (result, String::from_utf8(out).expect("text"))
    }

    pub(crate) fn answer(&self, words: &[&str]) -> String {
        self.run(words).unwrap_or_else(|error| panic!("{words:?}: {}", chain(&error)))
    }

    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let words: Vec<_> = words.iter().chain(&["--json"]).copied().collect();
        serde_json::from_str(&self.answer(&words)).expect("JSON")
    }

    /// The whole chain of a failure.
    pub(crate) fn complaint(&self, words: &[&str]) -> String {
        match self.run(words) {
            Ok(out) => panic!("{words:?} went well: {out}"),
            Err(error) => chain(&error),
        }
    }

    pub(crate) fn import(&self) -> Value {
        self.json(&["import", "history", "rows.csv", "--mapping", "map.toml"])
    }

    /// Where the store keeps the log.
    pub(crate) fn log_file(&self) -> PathBuf {
        self.data().join("log").join("db")
    }

    pub(crate) fn serve(&self) -> Served {
        Served::start(&self.config())
    }
}

pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said
}

/// A server on threads of its own.
pub(crate) struct Served {
    server: Option<Server>,
    runtime: Runtime,
}

impl Served {
    pub(crate) fn start(config: &Config) -> Self {
        Self::start_at(config, Arc::new(SystemClock))
    }

    /// One that has a clock of its own.
    pub(crate) fn start_at(config: &Config, clock: Arc<dyn Clock>) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let server = runtime
            .block_on(Server::start(config, clock))
            .unwrap_or_else(|error| panic!("{}", chain(&error)));
        Self { server: Some(server), runtime }
    }

    pub(crate) fn address(&self) -> std::net::SocketAddr {
        self.server.as_ref().expect("it runs").address()
    }

    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop()).expect("stopped");
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.end();
        }
    }
}

/// The real file, from `PAIDAN_SHARED_DATA` or a `shared/data` beside one of the directories
/// above.
pub(crate) fn real_file() -> Option<PathBuf> {
    const NAME: &str = "incident_event_log.csv.gz";
    let named = std::env::var_os("PAIDAN_SHARED_DATA").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|directory| directory.join("shared/data"));
    let found = named.into_iter().chain(above).map(|place| place.join(NAME)).find(|p| p.is_file());
    if found.is_none() {
        println!("skipped: {NAME} is in no shared/data above, nor in PAIDAN_SHARED_DATA");
    }
    found
}

/// The mapping of the real file.
pub(crate) fn real_mapping() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/incident_event_log.toml")
}
