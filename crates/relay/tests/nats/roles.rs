//! The sample configuration of the server gives each role what it needs and no more.

use std::path::Path;
use std::sync::Arc;

use async_nats::{Client, ConnectOptions};
use dispatcher::{Commands, Feed};
use domain::{GlobalPosition, Timestamp};
use futures_util::StreamExt;
use mishaps::NatsServer;
use nkeys::KeyPair;
use relay::{
    Credentials, Heard, Heartbeat, HeartbeatRole, Line, Names, NatsOptions, RemoteCommands,
    WordedFeed, WordsStatus, answer_requests, answer_words, connect, connect_telling,
    hear_dispatchers, send_heartbeats,
};
use tokio::sync::mpsc;

use crate::commands::{Gateway, action, leader};
use crate::firm::{Firm, within};
use crate::leading::Candidate;

const ROLES: [&str; 3] = ["GATEWAY", "DISPATCHER", "READER"];

fn seed(key: &KeyPair) -> String {
    key.seed().expect("a seed")
}

async fn role(server: &NatsServer, key: &KeyPair) -> Client {
    let credentials = Credentials::NKey(seed(key));
    let options = NatsOptions { url: server.url(), credentials, ..NatsOptions::default() };
    connect(&options).await.expect("an address that can be used")
}

/// A client, and what the server refuses it.
async fn watched(server: &NatsServer, key: &KeyPair) -> (Client, mpsc::Receiver<String>) {
    let (refused, refusals) = mpsc::channel(16);
    let options = ConnectOptions::with_nkey(seed(key)).event_callback(move |event| {
        let refused = refused.clone();
        async move {
            // Nobody listens any more, or there is more than enough.
            drop(refused.try_send(event.to_string()));
        }
    });
    (options.connect(server.url()).await.expect("connects"), refusals)
}

async fn refusal(refusals: &mut mpsc::Receiver<String>) -> String {
    within("a refusal", async {
        loop {
            let event = refusals.recv().await.expect("an event");
            if event.to_lowercase().contains("permissions violation") {
                return event.to_lowercase();
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_role_of_the_sample_configuration_can_do_its_work_and_nothing_else() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/nats-server.conf");
    let keys = ROLES.map(|_| KeyPair::new_user());
    let variables = ROLES.iter().zip(&keys);
    let variables =
        variables.map(|(role, key)| (format!("PAIDAN_{role}_NKEY"), key.public_key())).collect();
    let server = NatsServer::configured(sample, variables);
    let [gateway, dispatcher, reader] = &keys;

    let (firm, names) = (Firm::new(), Names::default());
    firm.record(10).await;
    let publishing = firm.publishing(role(&server, gateway).await);
    let answering = tokio::spawn(answer_requests(
        role(&server, gateway).await,
        names.clone(),
        Gateway::default(),
        Gateway::default(),
        std::future::pending(),
    ));
    firm.assert_published(role(&server, dispatcher).await).await;
    firm.assert_published(role(&server, reader).await).await;
    let mut feed = firm.feed(role(&server, dispatcher).await);
    let head = firm.while_time_passes("the head", feed.head()).await.expect("a head");
    assert!(head > GlobalPosition::ZERO);
    let commands = RemoteCommands::new(role(&server, dispatcher).await, &names, leader());
    within("an answer", async { while commands.submit(&action(1)).await.is_err() {} }).await;
    let telling = answer_words(
        role(&server, gateway).await,
        names.clone(),
        firm.log.clone(),
        std::future::pending(),
    );
    let telling = tokio::spawn(telling);
    firm.record_report("冲床停了").await;
    let as_dispatcher = role(&server, dispatcher).await;
    let status = Arc::new(WordsStatus::default());
    let mut worded =
        WordedFeed::new(as_dispatcher.clone(), names.clone(), firm.clock.clone(), status);
    assert_eq!(firm.last_sentence(&mut worded).await.as_deref(), Some("冲床停了"));
    let candidate = Candidate::start(as_dispatcher, "a").await;
    candidate.leads(true).await;
    let heard = Arc::new(Heard::default());
    let hearing = hear_dispatchers(
        role(&server, gateway).await,
        names.clone(),
        Arc::clone(&heard),
        std::future::pending(),
    );
    let hearing = tokio::spawn(hearing);
    let beat = Heartbeat {
        id: "a".into(),
        role: HeartbeatRole::Leader,
        caught_up: true,
        position: head,
        sent_at: Timestamp::default(),
    };
    let (said, as_dispatcher) = (beat.clone(), role(&server, dispatcher).await);
    let saying = tokio::spawn(send_heartbeats(
        as_dispatcher,
        names.clone(),
        move || said.clone(),
        std::future::pending(),
    ));
    within("a heartbeat", async {
        while !heard.dispatchers().iter().any(|(heard, _)| *heard == beat) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    hearing.abort();
    saying.abort();
    let as_reader = role(&server, reader).await;
    within("an answer", async {
        while as_reader.request(names.commands(), "x".into()).await.is_err() {}
    })
    .await;

    // Nobody but the gateway writes events; nobody but dispatchers speaks as the system; only the
    // gateway hears commands.
    for (key, subject) in [
        (dispatcher, "paidan.events.ticket.x".to_owned()),
        (reader, "paidan.events.ticket.x".to_owned()),
        (reader, names.dispatcher_commands()),
        (reader, names.words()),
        (reader, names.lease()),
        (reader, names.heartbeat()),
        (dispatcher, "paidan.dispatcher.other".to_owned()),
        (gateway, names.dispatcher_commands()),
        (dispatcher, "$JS.API.STREAM.DELETE.paidan_events".to_owned()),
        (reader, "$JS.API.STREAM.PURGE.paidan_events".to_owned()),
    ] {
        let (client, mut refusals) = watched(&server, key).await;
        client.publish(subject.clone(), "{}".into()).await.expect("is sent");
        let refused = refusal(&mut refusals).await;
        assert!(refused.contains(&subject.to_lowercase()), "{subject}: {refused}");
    }
    for (key, subject) in
        [(reader, names.commands()), (reader, names.heartbeat()), (dispatcher, names.heartbeat())]
    {
        let (client, mut refusals) = watched(&server, key).await;
        let mut heard = client.subscribe(subject).await.expect("is asked");
        refusal(&mut refusals).await;
        drop(heard.next());
    }
    // Whoever is in no list is told where to look.
    let credentials = Credentials::NKey(seed(&KeyPair::new_user()));
    let options = NatsOptions { url: server.url(), credentials, ..NatsOptions::default() };
    let line = Arc::new(Line::default());
    let stranger = connect_telling(&options, Arc::clone(&line)).await.expect("an address");
    let trouble = within("a refusal", async {
        loop {
            match line.trouble() {
                Some(trouble) => return trouble,
                None => tokio::task::yield_now().await,
            }
        }
    })
    .await;
    assert!(trouble.contains("`nats.nkey_file`"), "{trouble}");
    drop(stranger);
    // The stream is as it was.
    firm.assert_published(role(&server, reader).await).await;
    firm.stop(publishing).await;
    answering.abort();
    telling.abort();
}
