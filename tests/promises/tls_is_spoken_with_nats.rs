//! Gateway, NATS and dispatcher speak TLS with each other, and say what to do where they cannot.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use mishaps::{Certificates, NatsServer};

use crate::firm::Firm;
use crate::running::{Process, paidan};

/// A data directory with a configuration beside it.
struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    /// `[nats]` has this address and these files.
    fn new(url: &str, files: &[(&str, &Path)]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let line = |(key, path): &(&str, &Path)| format!("{key} = '{}'\n", path.display());
        let files: String = files.iter().map(line).collect();
        let text = format!("[nats]\nurl = \"{url}\"\n{files}");
        std::fs::write(directory.path().join("paidan.toml"), text).expect("is written");
        Self { directory }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = paidan(&self.directory.path().join("data"), words);
        command.arg("--config").arg(self.directory.path().join("paidan.toml"));
        command
    }

    fn gateway(&self) -> Process {
        let mut command = self.command(&["gateway", "--listen", "127.0.0.1:0"]);
        Process::run(command.stderr(Stdio::null()))
    }

    fn dispatcher(&self) -> Told {
        Told::start(self.command(&["dispatcher"]).stdout(Stdio::null()))
    }

    /// What it says where it does not even start.
    fn refusal(&self, words: &[&str]) -> String {
        let ended = self.command(words).output().expect("paidan runs");
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        String::from_utf8(ended.stderr).expect("text")
    }
}

/// A process whose lines on the error stream are read, until it is dropped.
struct Told {
    child: Child,
    lines: Receiver<String>,
}

impl Told {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("paidan starts");
        let errors = BufReader::new(child.stderr.take().expect("piped"));
        let (said, lines) = channel();
        // Ends with the process, or once nobody reads any more.
        std::thread::spawn(move || {
            errors.lines().map_while(Result::ok).try_for_each(|line| said.send(line))
        });
        Self { child, lines }
    }

    /// The first line in which this stands.
    #[track_caller]
    fn says(&self, words: &str) -> String {
        let until = Instant::now() + Duration::from_secs(60);
        let mut before = Vec::new();
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(words) => return line,
                Ok(line) => before.push(line),
                Err(_) => panic!("never `{words}`: {before:#?}"),
            }
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn tls(nats: &NatsServer) -> String {
    nats.url().replace("nats://", "tls://")
}

#[test]
fn gateway_and_dispatcher_work_over_tls_with_certificates_on_both_sides() {
    let certificates = Certificates::make();
    let mut nats = NatsServer::over_tls(&certificates);
    let (authority, client, key) =
        (certificates.authority(), certificates.client(), certificates.client_key());
    let files = [
        ("root_certificates", &*authority),
        ("client_certificate", &*client),
        ("client_key", &*key),
    ];
    let here = Place::new(&tls(&nats), &files);
    let served = here.gateway();
    // The server asks for TLS itself, whatever the address says, and has a name as well.
    let url = nats.url().replace("127.0.0.1", "localhost");
    let elsewhere = Place::new(&url, &files);
    let dispatcher = elsewhere.dispatcher();
    dispatcher.says("connected to NATS");
    let firm = Firm::enter(&served.client(), 1, 5);
    let client = served.client();
    client.ticket_once(&firm.report(&client, "门禁坏了"), "assigned");
    // Every connection is one over TLS, not the first alone.
    nats.kill();
    let waiting = firm.report(&client, "冲床停了");
    nats.begin();
    client.ticket_once(&waiting, "assigned");
}

#[test]
fn a_server_that_is_not_trusted_or_does_not_trust_us_is_refused_with_what_to_do() {
    let (certificates, others) = (Certificates::make(), Certificates::make());
    let nats = NatsServer::over_tls(&certificates);
    let plain = NatsServer::start();
    let files = |authority: &Certificates, client: Option<&Certificates>| {
        let mut files = vec![("root_certificates", authority.authority())];
        if let Some(client) = client {
            files.push(("client_certificate", client.client()));
            files.push(("client_key", client.client_key()));
        }
        files
    };
    for (case, url, files, said, to_do) in [
        (
            "nothing configured, as with a firm's own authority",
            nats.url(),
            vec![],
            "UnknownIssuer",
            "`nats.root_certificates`",
        ),
        (
            "another authority",
            tls(&nats),
            files(&others, Some(&certificates)),
            "UnknownIssuer",
            "`nats.root_certificates`",
        ),
        (
            "no certificate of ours",
            tls(&nats),
            files(&certificates, None),
            "CertificateRequired",
            "`nats.client_certificate`",
        ),
        (
            "a certificate of ours that the server does not trust",
            tls(&nats),
            files(&certificates, Some(&others)),
            "received fatal alert",
            "`nats.client_certificate`",
        ),
        (
            "no TLS on the other side",
            tls(&plain),
            files(&certificates, None),
            "corrupt message",
            "nats:// instead of tls://",
        ),
    ] {
        println!("{case}");
        let files: Vec<(&str, &Path)> =
            files.iter().map(|(key, path): &(&str, PathBuf)| (*key, &**path)).collect();
        let place = Place::new(&url, &files);
        let line = place.dispatcher().says(said);
        assert!(line.contains(to_do) && line.contains("ERROR"), "{case}: {line}");
        // A gateway takes commands all the same, and says it where operators look.
        let served = place.gateway();
        let there = served.client().ask_until("/readyz", |answer| {
            answer.body["relay"]["why"].as_str().is_some_and(|why| why.contains(said))
        });
        assert!(there.text("/relay/why").contains(to_do), "{case}: {}", there.text);
        Firm::enter(&served.client(), 1, 1).report(&served.client(), "门禁坏了");
    }
}

#[test]
fn a_file_that_cannot_be_used_is_an_error_at_the_start_that_names_it() {
    let certificates = Certificates::make();
    let (authority, client, key) =
        (certificates.authority(), certificates.client(), certificates.client_key());
    let directory = tempfile::tempdir().expect("a directory");
    let missing = directory.path().join("nobody-wrote.pem");
    let words = directory.path().join("words.pem");
    std::fs::write(&words, "no certificate").expect("is written");
    for (files, named, said) in [
        (vec![("root_certificates", &missing)], &missing, "root_certificates"),
        (vec![("root_certificates", &words)], &words, "-----BEGIN CERTIFICATE-----"),
        (
            vec![("client_certificate", &missing), ("client_key", &key)],
            &missing,
            "client_certificate",
        ),
        (vec![("client_certificate", &client), ("client_key", &missing)], &missing, "client_key"),
        (
            vec![("client_certificate", &authority), ("client_key", &key)],
            &authority,
            "do not go together",
        ),
    ] {
        let files: Vec<(&str, &Path)> =
            files.iter().map(|(key, path)| (*key, path.as_path())).collect();
        let place = Place::new("tls://127.0.0.1:1", &files);
        for command in [&["gateway", "--listen", "127.0.0.1:0"][..], &["dispatcher"]] {
            let refusal = place.refusal(command);
            assert!(refusal.contains(&named.display().to_string()), "{refusal}");
            assert!(refusal.contains(said), "{said}: {refusal}");
        }
    }
    for (alone, missing) in
        [("client_certificate", "client_key"), ("client_key", "client_certificate")]
    {
        let refusal = Place::new("tls://127.0.0.1:1", &[(alone, &key)]).refusal(&["dispatcher"]);
        assert!(refusal.contains(&format!("`nats.{missing}` is missing")), "{refusal}");
    }
}
