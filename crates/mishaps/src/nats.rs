//! A real nats-server on a random loopback port.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::certificates::Certificates;

/// The server, with JetStream on a disk of its own; it is killed at the end.
#[derive(Debug)]
pub struct NatsServer {
    child: Option<Child>,
    port: u16,
    store: TempDir,
    /// A configuration file, and what it takes from the environment.
    configured: Option<(PathBuf, Vec<(String, String)>)>,
}

/// The binary: named by `NATS_SERVER`, or where `tests/run` puts it.
fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("NATS_SERVER") {
        return named.into();
    }
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let beside = here.join("../../target/nats-venv/bin/nats-server");
    assert!(beside.exists(), "no nats-server: `tests/run` installs it, or name one in NATS_SERVER");
    beside
}

impl NatsServer {
    /// Starts it; answers once it takes connections.
    ///
    /// # Panics
    /// When there is no binary, or it does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_as(None)
    }

    /// Starts it as this file says, apart from address and port; the file takes these variables
    /// from the environment, and its disk from `NATS_STORE_DIR`.
    ///
    /// # Panics
    /// When there is no binary, or it does not start.
    #[must_use]
    pub fn configured(file: impl Into<PathBuf>, variables: Vec<(String, String)>) -> Self {
        Self::start_as(Some((file.into(), variables)))
    }

    /// Starts it so that it takes connections over TLS alone, and only from whoever has a certificate
    /// that the same authority issued.
    ///
    /// # Panics
    /// When there is no binary, or it does not start.
    #[must_use]
    pub fn over_tls(certificates: &Certificates) -> Self {
        Self::configured(certificates.server_configuration(), Vec::new())
    }

    fn start_as(configured: Option<(PathBuf, Vec<(String, String)>)>) -> Self {
        let store = tempfile::tempdir().expect("a directory");
        let mut server = Self { child: None, port: 0, store, configured };
        server.begin();
        server
    }

    /// Starts it again on the port that it had, after [`NatsServer::kill`].
    ///
    /// # Panics
    /// When it does not start.
    pub fn begin(&mut self) {
        let port = if self.port == 0 { "-1".to_owned() } else { self.port.to_string() };
        let mut command = Command::new(binary());
        command.args(["--addr", "127.0.0.1", "--port", &port]);
        match &self.configured {
            Some((file, variables)) => command
                .arg("--config")
                .arg(file)
                .envs(variables.iter().cloned())
                .env("NATS_STORE_DIR", self.store.path()),
            None => command.args(["--jetstream", "--store_dir"]).arg(self.store.path()),
        };
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("nats-server starts");
        let mut told = BufReader::new(child.stderr.take().expect("piped")).lines();
        let mut ready = false;
        for line in told.by_ref().map_while(Result::ok) {
            if let Some((_, address)) = line.split_once("client connections on ") {
                let port = address.rsplit(':').next().and_then(|port| port.trim().parse().ok());
                self.port = port.expect("a port");
            }
            ready = line.contains("Server is ready");
            if ready {
                break;
            }
        }
        assert!(ready, "nats-server did not start on port {port}");
        // Read to its end, so that the server never waits for us.
        std::thread::spawn(move || told.map_while(Result::ok).for_each(drop));
        self.child = Some(child);
    }

    /// `kill -9`.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it runs");
            child.wait().expect("it ends");
        }
    }

    /// It is killed, and its disk is empty again.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn lose_disk(&mut self) {
        self.kill();
        self.store = tempfile::tempdir().expect("a directory");
    }

    /// Where it is, running or not.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}
