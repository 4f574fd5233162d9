//! Gateway, NATS and dispatchers in processes of their own, each of which may be killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use mishaps::NatsServer;
use relay::{Client as NatsClient, Names, NatsOptions, connect};
use serde_json::{Value, json};

use crate::client::Client;
use crate::firm::Firm;
use crate::running::{Process, paidan};

pub(crate) fn gateway(data: &Path, nats: &NatsServer) -> Process {
    let words = ["gateway", "--listen", "127.0.0.1:0", "--nats", &nats.url()];
    Process::run(paidan(data, &words).stderr(Stdio::null()))
}

/// A dispatcher that runs, until it is dropped.
pub(crate) struct Dispatcher(Child);

impl Dispatcher {
    pub(crate) fn start(data: &Path, nats: &NatsServer) -> Self {
        let mut command = paidan(data, &["dispatcher", "--nats", &nats.url()]);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("paidan starts");
        let said = BufReader::new(child.stdout.take().expect("piped")).lines().next();
        assert!(said.is_some_and(|line| line.expect("text").contains("dispatches for")));
        Self(child)
    }
}

impl Dispatcher {
    /// It has read all that the stream holds: its reader on the server waits for more.
    fn has_caught_up(&self, nats: &NatsServer) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let options = NatsOptions { url: nats.url(), ..NatsOptions::default() };
            let client = connect(&options).await.expect("an address that can be used");
            let subject = "$JS.API.CONSUMER.LIST.paidan_events";
            let until = Instant::now() + Duration::from_secs(60);
            loop {
                let answer = client.request(subject, "".into()).await.expect("an answer");
                let list: Value = serde_json::from_slice(&answer.payload).expect("JSON");
                let readers = list["consumers"].as_array().map_or(&[][..], Vec::as_slice);
                // The leader's and the standby's.
                let idle = readers.iter().filter(|one| one["num_pending"] == 0).count();
                if idle >= 2 {
                    return;
                }
                assert!(Instant::now() < until, "never: {list:#}");
            }
        });
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        // `kill -9`; one that ended already is no failure.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// How often each event of this name stands in a ticket's history.
fn count(client: &Client, ticket: &str, name: &str) -> usize {
    client.history(ticket).iter().filter(|event| *event == name).count()
}

#[test]
fn whichever_of_the_three_is_killed_every_ticket_is_dispatched_once() {
    let data = tempfile::tempdir().expect("a directory");
    let mut nats = NatsServer::start();
    let mut served = gateway(data.path(), &nats);
    let mut dispatchers = [(); 2].map(|()| Some(Dispatcher::start(data.path(), &nats)));
    let firm = Firm::enter(&served.client(), 10, 100);
    let mut tickets = Vec::new();
    for round in 0..6 {
        let report = |client: &Client, tickets: &mut Vec<String>| {
            for number in 0..5 {
                tickets.push(firm.report(client, &format!("第{round}-{number}台停了")));
            }
        };
        report(&served.client(), &mut tickets);
        match round % 3 {
            0 => {
                nats.kill();
                report(&served.client(), &mut tickets);
                nats.begin();
            }
            1 => {
                served.kill();
                served = gateway(data.path(), &nats);
            }
            _ => {
                let one = &mut dispatchers[round / 3];
                *one = None;
                report(&served.client(), &mut tickets);
                *one = Some(Dispatcher::start(data.path(), &nats));
            }
        }
        report(&served.client(), &mut tickets);
    }
    let client = served.client();
    for ticket in &tickets {
        client.ticket_once(ticket, "assigned");
        assert_eq!(count(&client, ticket, "Assigned"), 1, "{ticket}");
    }
    let ready = client.ask_until("/readyz", |answer| answer.body["relay"]["lag"] == 0);
    assert_eq!(ready.body["dispatcher"]["state"], "elsewhere");
    let status = paidan(data.path(), &["status"]).output().expect("paidan runs");
    let status = String::from_utf8(status.stdout).expect("text");
    let line = |part: &str| status.lines().find(|line| line.contains(part)).map(str::to_owned);
    assert!(line("dispatcher").is_some_and(|line| line.contains("elsewhere")), "{status}");
    assert!(line("relay").is_some_and(|line| line.contains(" 0")), "{status}");
}

async fn ask(client: &NatsClient, key: &str, line: &Value) -> Value {
    let mut headers = relay::HeaderMap::new();
    headers.insert("Idempotency-Key", key);
    headers.insert("Paidan-Client", "crm");
    let subject = Names::default().commands();
    let answer = client.request_with_headers(subject, headers, line.to_string().into());
    serde_json::from_slice(&answer.await.expect("an answer").payload).expect("JSON")
}

#[test]
fn a_command_that_was_sent_over_nats_is_the_same_command_over_http() {
    let data = tempfile::tempdir().expect("a directory");
    let nats = NatsServer::start();
    let served = gateway(data.path(), &nats);
    let client = served.client();
    let firm = Firm::enter(&client, 1, 1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let options = NatsOptions { url: nats.url(), ..NatsOptions::default() };
        let over_nats = connect(&options).await.expect("an address that can be used");
        // Whoever reads /readyz knows that events are published, not that commands are taken.
        let line =
            json!({"verb": "create", "body": {"sentence": "门禁坏了", "outlet": firm.outlet}});
        let first = loop {
            let subject = Names::default().commands();
            let there = over_nats.request(subject, "{}".into()).await.is_ok();
            if there {
                break ask(&over_nats, "k1", &line).await;
            }
        };
        assert_eq!(first["status"], 201, "{first}");
        let again = ask(&over_nats, "k1", &line).await;
        assert_eq!(again["receipt"]["id"], first["receipt"]["id"]);
        let headers = [
            ("Idempotency-Key", "k1"),
            ("Paidan-Client", "crm"),
            ("Content-Type", "application/json"),
        ];
        let body = line["body"].to_string();
        let http = client.send("POST", "/api/v1/tickets", &headers, Some(body.as_bytes()));
        let http = http.expect("an answer").expect(201);
        assert_eq!(http.body["id"], first["receipt"]["id"]);
        let other = json!({"verb": "create", "body": {"sentence": "另一件事"}});
        let conflict = ask(&over_nats, "k1", &other).await;
        assert_eq!(conflict["status"], 422, "{conflict}");
        let ticket = first["receipt"]["id"].as_str().expect("an id");
        let line = json!({"verb": "accept", "ticket": ticket, "actor": "engineer:code:E9"});
        let refused = ask(&over_nats, "k2", &line).await;
        assert_eq!(refused["problem"]["status"], refused["status"], "{refused}");
        let wrong = ask(&over_nats, "k3", &json!({"verb": "dance", "ticket": ticket})).await;
        assert_eq!(wrong["status"], 404, "{wrong}");
    });
}

#[test]
fn a_leader_that_is_killed_is_followed_by_another_within_five_seconds() {
    let data = tempfile::tempdir().expect("a directory");
    let nats = NatsServer::start();
    let served = gateway(data.path(), &nats);
    let client = served.client();
    let firm = Firm::enter(&client, 3, 100);
    let mut leader = Dispatcher::start(data.path(), &nats);
    client.ticket_once(&firm.report(&client, "第一台停了"), "assigned");
    let mut longest = Duration::ZERO;
    for round in 0..3 {
        let standby = Dispatcher::start(data.path(), &nats);
        // Commands were answered already, so what follows waits for the lease alone.
        standby.has_caught_up(&nats);
        drop(leader);
        let killed = Instant::now();
        client.ticket_once(&firm.report(&client, &format!("第{round}间漏水")), "assigned");
        longest = longest.max(killed.elapsed());
        leader = standby;
    }
    println!("the longest of three takeovers: {longest:?}");
    assert!(longest < Duration::from_secs(5), "{longest:?}");
}

/// What a chain's counter reports about one machine.
fn report(client: &Client, firm: &Firm, sentence: &str) -> String {
    let body = json!({
        "sentence": sentence, "outlet": firm.outlet, "contact_phone": "13800000001",
        "place": "一号车间",
    });
    client.post("/api/v1/tickets", body).expect(201).text("/id").to_owned()
}

#[test]
fn a_second_report_of_the_same_fault_is_linked_and_not_dispatched_also_over_nats() {
    let data = tempfile::tempdir().expect("a directory");
    let nats = NatsServer::start();
    let mut served = gateway(data.path(), &nats);
    let dispatcher = Dispatcher::start(data.path(), &nats);
    let firm = Firm::enter(&served.client(), 3, 100);
    let first = report(&served.client(), &firm, "冲床咔哒两声就停了");
    served.client().ticket_once(&first, "assigned");
    let second = report(&served.client(), &firm, "冲床咔哒两声停了");
    let linked = |client: &Client, ticket: &str| {
        client.ticket_once(ticket, "duplicate");
        assert_eq!(count(client, ticket, "Assigned"), 0, "{ticket}");
    };
    linked(&served.client(), &second);
    // A dispatcher that begins with nothing, and a gateway that was killed, know it as well.
    drop(dispatcher);
    served.kill();
    let _dispatcher = Dispatcher::start(data.path(), &nats);
    served = gateway(data.path(), &nats);
    let third = report(&served.client(), &firm, "冲床咔哒两声又停了");
    linked(&served.client(), &third);
}

#[test]
fn a_gateway_whose_stream_is_another_logs_says_so_and_still_takes_commands() {
    let (one, other) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("other"));
    let nats = NatsServer::start();
    let first = gateway(one.path(), &nats);
    Firm::enter(&first.client(), 1, 1);
    first.client().ask_until("/readyz", |answer| answer.body["relay"]["lag"] == 0);
    let second = gateway(other.path(), &nats);
    let client = second.client();
    let refused = client.ask_until("/readyz", |answer| answer.status == 503);
    let why = refused.text("/relay/why");
    assert!(why.contains("belongs to another log"), "{why}");
    Firm::enter(&client, 1, 1).report(&client, "门禁坏了");
    let numbers = client.get("/metrics").text;
    assert!(numbers.contains("\npaidan_relay_connected 0\n"), "{numbers}");
}
