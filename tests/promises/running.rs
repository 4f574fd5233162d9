//! Servers: the real binary in a process of its own, or the same wiring in this one.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};

use eventlog::Clock;
use paidan::config::{Config, Flags};
use paidan::serve::Server;
use tempfile::TempDir;

use crate::client::Client;

/// The binary as it is built now. Cargo builds it where it is missing or old.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let here = std::env::current_exe().expect("this program has a path");
        let profile = here.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--package", "paidan", "--bin", "paidan"]);
        if profile.ends_with("release") {
            build.arg("--release");
        }
        let target = profile.parent().expect("target/<profile>");
        build.arg("--target-dir").arg(target).current_dir(env!("CARGO_MANIFEST_DIR"));
        assert!(build.status().expect("cargo runs").success(), "the binary cannot be built");
        profile.join(format!("paidan{}", std::env::consts::EXE_SUFFIX))
    })
}

/// `paidan` with these arguments on this data directory.
pub(crate) fn paidan(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.arg("--data").arg(data).args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PAIDAN_") {
            command.env_remove(name);
        }
    }
    command
}

/// The real binary, serving.
pub(crate) struct Process {
    child: Child,
    address: String,
}

impl Process {
    /// Starts it and waits for the address that it prints.
    #[track_caller]
    pub(crate) fn start(data: &Path) -> Self {
        Self::run(paidan(data, &["serve", "--listen", "127.0.0.1:0"]).stderr(Stdio::null()))
    }

    /// Starts this command, which has to serve, and waits for the address that it prints.
    #[track_caller]
    pub(crate) fn run(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("paidan starts");
        let output = child.stdout.take().expect("stdout is piped");
        let address = BufReader::new(output)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.split("http://").nth(1).map(str::to_owned))
            .expect("serve prints its address");
        Self { child, address: address.trim_end_matches('/').trim().to_owned() }
    }

    /// A client of it.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.address)
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// How many files it may have open, and how many the system would let it.
    pub(crate) fn open_files_max(&self) -> [u64; 2] {
        let limits = format!("/proc/{}/limits", self.child.id());
        let limits = std::fs::read_to_string(limits).expect("it runs");
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
        let mut numbers = line.expect("a limit").split_whitespace().map(str::parse);
        let mut number = || numbers.next().and_then(Result::ok).expect("a number");
        [number(), number()]
    }

    /// The most memory that it ever had, in KiB.
    pub(crate) fn memory_peak_kib(&self) -> u64 {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        line.split_whitespace().next().and_then(|kib| kib.parse().ok()).expect("a number")
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Whatever a test's end is, no server outlives it; one that ended already is no failure.
        if matches!(self.child.try_wait(), Ok(None)) && self.child.kill().is_ok() {
            drop(self.child.wait());
        }
    }
}

/// The same wiring with a clock that the test moves.
pub(crate) struct InProcess {
    server: Option<Server>,
    runtime: tokio::runtime::Runtime,
    data: Arc<TempDir>,
    clock: Arc<dyn Clock>,
}

impl InProcess {
    /// Starts it on an empty directory.
    pub(crate) fn start(clock: Arc<dyn Clock>) -> Self {
        let data = Arc::new(tempfile::tempdir().expect("a directory"));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let mut started = Self { server: None, runtime, data, clock };
        started.open();
        started
    }

    fn open(&mut self) {
        let flags = Flags {
            data: Some(self.data.path().to_path_buf()),
            listen: Some("127.0.0.1:0".into()),
            ..Flags::default()
        };
        let config = Config::resolve(flags, []).expect("a configuration");
        let start = Server::start(&config, Arc::clone(&self.clock));
        self.server = Some(self.runtime.block_on(start).expect("it starts"));
    }

    /// Stops it and starts it again on the same directory.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.open();
    }

    fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop()).expect("it stops cleanly");
        }
    }

    /// A client of it.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.server.as_ref().expect("it runs").address())
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.stop();
        }
    }
}
