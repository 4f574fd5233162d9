//! A real nats-server on a random loopback port.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use async_nats::Client;
use relay::{Credentials, NatsOptions, connect};
use tempfile::TempDir;

/// The server; it is killed at the end.
pub(crate) struct NatsServer {
    child: Option<Child>,
    port: u16,
    store: TempDir,
}

/// The binary: named by `NATS_SERVER`, or where `tests/run` puts it.
fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("NATS_SERVER") {
        return named.into();
    }
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let beside = beside.join("../../target/nats-venv/bin/nats-server");
    assert!(beside.exists(), "no nats-server: `tests/run` installs it, or name one in NATS_SERVER");
    beside
}

impl NatsServer {
    pub(crate) fn start() -> Self {
        let store = tempfile::tempdir().expect("a directory");
        let mut server = Self { child: None, port: 0, store };
        server.begin();
        server
    }

    /// Starts it again on its port, after [`NatsServer::kill`].
    pub(crate) fn begin(&mut self) {
        let port = if self.port == 0 { "-1".to_owned() } else { self.port.to_string() };
        let mut child = Command::new(binary())
            .args(["--addr", "127.0.0.1", "--port", &port, "--jetstream", "--store_dir"])
            .arg(self.store.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("nats-server starts");
        let mut told = BufReader::new(child.stderr.take().expect("piped")).lines();
        for line in told.by_ref().map_while(Result::ok) {
            if let Some((_, address)) = line.split_once("client connections on ") {
                let port = address.rsplit(':').next().and_then(|port| port.trim().parse().ok());
                self.port = port.expect("a port");
            }
            if line.contains("Server is ready") {
                break;
            }
        }
        // Read to its end, so that the server never waits for us.
        std::thread::spawn(move || told.map_while(Result::ok).for_each(drop));
        self.child = Some(child);
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it runs");
            child.wait().expect("it ends");
        }
    }

    /// Its disk is empty again.
    pub(crate) fn lose_disk(&mut self) {
        self.kill();
        self.store = tempfile::tempdir().expect("a directory");
    }

    pub(crate) async fn client(&self) -> Client {
        let options = NatsOptions {
            url: format!("nats://127.0.0.1:{}", self.port),
            credentials: Credentials::None,
            root_certificates: None,
            name: "test".into(),
        };
        connect(&options).await.expect("an address that can be used")
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}
