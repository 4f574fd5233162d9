//! `paidan serve --demo`, the real binary: it serves, stops when it is told to, and leaves nothing.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::client::Client;
use crate::running::paidan;

/// Ends with the test, whatever its end is.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) && self.0.kill().is_ok() {
            drop(self.0.wait());
        }
    }
}

fn files_in(directory: &Path) -> usize {
    std::fs::read_dir(directory).expect("a directory").count()
}

#[test]
fn a_demo_serves_until_it_is_interrupted_and_leaves_nothing() {
    let temporary = tempfile::tempdir().expect("a directory");
    // `--data` of the helper would name a directory that stays.
    let mut serve = Command::new(crate::running::binary());
    serve.args(["serve", "--demo", "--seed", "3", "--speed", "3600", "--listen", "127.0.0.1:0"]);
    serve.env("TMPDIR", temporary.path()).env_remove("PAIDAN_DATA").env_remove("PAIDAN_CONFIG");
    let serve = serve.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut demo = Demo(serve.spawn().expect("paidan starts"));
    let mut said = BufReader::new(demo.0.stdout.take().expect("stdout is piped"));
    let mut first = String::new();
    said.read_line(&mut first).expect("it says something");
    let address = first.trim().rsplit("http://").next().expect("an address").to_owned();

    let client = Client::new(address);
    client.get("/healthz").expect(200);
    // Reports come in while it says how far it is.
    let mut progress = String::new();
    while !progress.contains("Mon 2026-03-02 09:00") {
        assert_ne!(said.read_line(&mut progress).expect("it goes on"), 0, "{progress}");
    }
    let tickets = client.get("/api/v1/tickets?limit=1").expect(200);
    assert_eq!(tickets.body["tickets"].as_array().map(Vec::len), Some(1));
    assert_eq!(files_in(temporary.path()), 1, "its data is in a directory of its own");

    let pid = demo.0.id().to_string();
    let told = Command::new("kill").args(["-INT", &pid]).status().expect("kill runs");
    assert!(told.success());
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("it speaks until its end");
    assert!(demo.0.wait().expect("it ends").success(), "{rest}");
    assert!(first.contains("demo"), "{first}");
    assert!(progress.contains("Seed 3") && progress.contains("3600 times"), "{progress}");
    assert!(rest.contains("The demo is over."), "{rest}");
    assert_eq!(files_in(temporary.path()), 0, "its data is gone");
}

#[test]
fn a_demo_does_not_touch_a_directory_that_is_in_use() {
    let data = tempfile::tempdir().expect("a directory");
    std::fs::write(data.path().join("precious"), "mine").expect("written");
    let arguments = ["serve", "--demo", "--listen", "127.0.0.1:0"];
    let refused = paidan(data.path(), &arguments).output().expect("it runs");
    assert_eq!(refused.status.code(), Some(1));
    let why = String::from_utf8_lossy(&refused.stderr);
    assert!(why.contains("is not empty") && why.contains("--data"), "{why}");
    assert_eq!(files_in(data.path()), 1);
}
