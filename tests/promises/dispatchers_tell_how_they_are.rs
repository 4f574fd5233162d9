//! A dispatcher in a process of its own says how far it is, what it is, and what hinders it.

use std::path::Path;
use std::process::Stdio;

use mishaps::NatsServer;

use crate::client::{Answer, Client};
use crate::dispatchers_follow_over_nats::gateway;
use crate::exposition::{self, Scrape};
use crate::firm::Firm;
use crate::numbers_are_true::document;
use crate::running::{Process, paidan};

/// One that listens where it is told to.
fn dispatcher(data: &Path, nats: &NatsServer) -> Process {
    let words = ["dispatcher", "--listen", "127.0.0.1:0", "--nats", &nats.url()];
    Process::run(paidan(data, &words).stderr(Stdio::null()))
}

/// Ready in this role, with nothing left to read of what the log has.
#[track_caller]
fn ready_as(client: &Client, role: &str, head: u64) -> Answer {
    let answer = client.ask_until("/readyz", |now| {
        now.status == 200 && now.body["role"] == role && now.body["position"] == head
    });
    assert_eq!(answer.body["ready"], true);
    assert_eq!(answer.body["why"], serde_json::Value::Null, "{}", answer.text);
    answer
}

fn head(gateway: &Client) -> u64 {
    gateway.get("/readyz").number("/log/position")
}

/// The numbers, once as many events are known as the stream has.
#[track_caller]
fn level(client: &Client, head: u64) -> Scrape {
    client.ask_until("/readyz", |now| now.body["stream_position"] == head && now.body["lag"] == 0);
    Scrape::of(client)
}

#[test]
fn a_leaders_lag_falls_to_zero_and_a_standby_follows_until_it_leads() {
    let data = tempfile::tempdir().expect("a directory");
    let nats = NatsServer::start();
    let served = gateway(data.path(), &nats);
    let firm = Firm::enter(&served.client(), 2, 50);
    let tickets: Vec<_> =
        (0..30).map(|number| firm.report(&served.client(), &format!("第{number}台停了"))).collect();
    let leader = dispatcher(data.path(), &nats);
    for ticket in &tickets {
        served.client().ticket_once(ticket, "assigned");
    }
    let head = head(&served.client());
    ready_as(&leader.client(), "leader", head);
    let numbers = level(&leader.client(), head);
    let is = |name: &str, labels: &[(&str, &str)], value: f64| {
        assert_eq!(numbers.value(name, labels), value, "{name} {labels:?}");
    };
    is("paidan_dispatcher_role", &[("role", "leader")], 1.0);
    is("paidan_dispatcher_role", &[("role", "standby")], 0.0);
    is("paidan_dispatcher_position", &[], head as f64);
    is("paidan_dispatcher_stream_position", &[], head as f64);
    is("paidan_dispatcher_lag_events", &[], 0.0);
    is("paidan_dispatcher_lag_seconds", &[], 0.0);
    is("paidan_dispatcher_connected", &[], 1.0);
    is("paidan_dispatcher_words", &[("state", "complete")], 1.0);
    is("paidan_dispatcher_state", &[("state", "running")], 1.0);
    is("paidan_dispatcher_open_tickets", &[], 30.0);
    is("paidan_dispatcher_in_flight", &[], 0.0);
    is("paidan_dispatcher_actions_total", &[("action", "assign"), ("outcome", "done")], 30.0);
    // What is told is what the documents list.
    let also = |name: &str| {
        let of_the_process = ["paidan_build_info", "paidan_start_time_seconds"];
        of_the_process.contains(&name) || name.starts_with("paidan_dispatcher_")
    };
    let mut written = exposition::table(&document("observability.md"));
    written.retain(|name, _| also(name));
    let mut own = exposition::table(&document("nats.md"));
    own.retain(|name, _| also(name));
    assert!(!own.is_empty());
    written.extend(own);
    assert_eq!(written, numbers.table(), "docs/nats.md");

    let standby = dispatcher(data.path(), &nats);
    ready_as(&standby.client(), "standby", head);
    let numbers = level(&standby.client(), head);
    assert_eq!(numbers.value("paidan_dispatcher_role", &[("role", "standby")]), 1.0);
    assert_eq!(numbers.value("paidan_dispatcher_open_tickets", &[]), 30.0);
    assert!(numbers.0["paidan_dispatcher_actions_total"].samples.is_empty());
    leader.kill();
    ready_as(&standby.client(), "leader", head);
}

#[test]
fn while_nats_or_the_gateway_is_gone_it_is_not_ready_and_says_why() {
    let data = tempfile::tempdir().expect("a directory");
    let mut nats = NatsServer::start();
    let served = gateway(data.path(), &nats);
    let firm = Firm::enter(&served.client(), 1, 50);
    let first = firm.report(&served.client(), "门禁坏了");
    let follower = dispatcher(data.path(), &nats);
    served.client().ticket_once(&first, "assigned");
    ready_as(&follower.client(), "leader", head(&served.client()));

    nats.kill();
    let gone = follower.client().ask_until("/readyz", |now| now.status == 503);
    assert_eq!(gone.body["connected"], false);
    assert!(gone.text("/why").contains("NATS"), "{}", gone.text);
    // It loses the lead too, as it cannot say that it has it.
    let gone = follower.client().ask_until("/readyz", |now| now.body["role"] == "standby");
    assert_eq!(gone.status, 503);
    assert_eq!(Scrape::of(&follower.client()).value("paidan_dispatcher_connected", &[]), 0.0);
    assert_eq!(follower.client().get("/healthz").status, 200);
    let second = firm.report(&served.client(), "冲床停了");
    nats.begin();
    served.client().ticket_once(&second, "assigned");
    ready_as(&follower.client(), "leader", head(&served.client()));

    // One that begins while no gateway is there has nobody to ask for words.
    served.kill();
    let late = dispatcher(data.path(), &nats);
    let waits = late.client().ask_until("/readyz", |now| now.body["words"] == "waiting");
    assert_eq!(waits.status, 503);
    assert!(waits.text("/why").contains("waits for the gateway"), "{}", waits.text);
    let numbers = Scrape::of(&late.client());
    assert_eq!(numbers.value("paidan_dispatcher_words", &[("state", "waiting")]), 1.0);
    assert_eq!(numbers.value("paidan_dispatcher_state", &[("state", "starting")]), 1.0);
    let served = gateway(data.path(), &nats);
    ready_as(&late.client(), "standby", head(&served.client()));

    let lost = late.client().get("/api/v1/tickets");
    assert_eq!(lost.status, 404);
    assert!(lost.text("/detail").contains("gateway"), "{}", lost.text);
}

/// What `paidan status` prints in a language; it is ready.
fn status(data: &Path, language: &str) -> String {
    let told = paidan(data, &["status", "--lang", language]).output().expect("paidan runs");
    assert!(told.status.success(), "{told:?}");
    String::from_utf8(told.stdout).expect("text")
}

#[test]
fn a_gateway_lists_the_dispatchers_that_it_hears_of_and_says_when_there_are_none() {
    let data = tempfile::tempdir().expect("a directory");
    let nats = NatsServer::start();
    let served = gateway(data.path(), &nats);
    let client = served.client();
    Firm::enter(&client, 1, 1);
    let nobody = |now: &Answer| {
        let why = now.body["dispatcher"]["why"].as_str();
        why.is_some_and(|why| why.contains("nobody dispatches"))
    };
    let alone = client.ask_until("/readyz", nobody);
    assert_eq!((alone.status, &alone.body["dispatchers"]), (200, &serde_json::json!([])));
    assert!(status(data.path(), "en").contains("nobody dispatches"));
    assert!(status(data.path(), "zh").contains("无人派单"));
    let numbers = Scrape::of(&client);
    assert_eq!(numbers.value("paidan_dispatchers", &[("role", "leader")]), 0.0);
    assert!(numbers.family("paidan_dispatchers_leader_lag_events").is_none());

    let first = dispatcher(data.path(), &nats);
    let head = head(&client);
    let leader = ready_as(&first.client(), "leader", head).text("/id").to_owned();
    let second = dispatcher(data.path(), &nats);
    let standby = ready_as(&second.client(), "standby", head).text("/id").to_owned();
    let is = |now: &Answer, id: &str, role: &str| {
        let all = now.body["dispatchers"].as_array().map_or(&[][..], Vec::as_slice);
        all.iter().any(|one| {
            one["id"] == id
                && one["role"] == role
                && one["caught_up"] == true
                && one["position"] == head
                && one["lag"] == 0
        })
    };
    client.ask_until("/readyz", |now| is(now, &leader, "leader") && is(now, &standby, "standby"));
    let printed = status(data.path(), "en");
    for (id, what) in [(&leader, "it leads"), (&standby, "it stands by")] {
        let line = printed.lines().find(|line| line.contains(id.as_str())).expect("a line for it");
        assert!(line.contains(what) && line.contains(&head.to_string()), "{printed}");
    }
    assert!(!printed.contains("nobody dispatches"), "{printed}");
    let numbers = Scrape::of(&client);
    assert_eq!(numbers.value("paidan_dispatchers", &[("role", "leader")]), 1.0);
    assert_eq!(numbers.value("paidan_dispatchers", &[("role", "standby")]), 1.0);
    assert_eq!(numbers.value("paidan_dispatchers_leader_lag_events", &[]), 0.0);

    let count = |now: &Answer| now.body["dispatchers"].as_array().map(Vec::len);
    first.kill();
    client.ask_until("/readyz", |now| count(now) == Some(1) && is(now, &standby, "leader"));
    second.kill();
    client.ask_until("/readyz", |now| count(now) == Some(0) && nobody(now));
    assert!(status(data.path(), "en").contains("nobody dispatches"));
}
