//! What people said, asked of the gateway: complete, or waited for, or missed and made up for.

use std::sync::Arc;

use async_nats::Client;
use dispatcher::{Feed, FeedError};
use domain::GlobalPosition;
use eventlog::EventLog;
use futures_util::StreamExt;
use mishaps::NatsServer;
use relay::{Names, WordedFeed, Wording, WordsStatus, answer_words};
use tokio::task::JoinHandle;

use crate::firm::{Firm, client_of, within};

fn telling(firm: &Firm, client: Client) -> JoinHandle<()> {
    let telling = answer_words(client, Names::default(), firm.log.clone(), std::future::pending());
    tokio::spawn(async move { telling.await.expect("subscribes") })
}

fn feed(firm: &Firm, client: Client) -> (Arc<WordsStatus>, WordedFeed) {
    let status = Arc::new(WordsStatus::default());
    let feed = WordedFeed::new(client, Names::default(), firm.clock.clone(), Arc::clone(&status));
    (status, feed)
}

/// A gateway that answers commands, and no words.
async fn commands_only(client: Client) -> JoinHandle<()> {
    let mut asked = client.subscribe(Names::default().dispatcher_commands()).await.expect("heard");
    client.flush().await.expect("is sent");
    tokio::spawn(async move {
        while let Some(message) = asked.next().await {
            let reply_to = message.reply.expect("a request");
            client.publish(reply_to, "no".into()).await.expect("is sent");
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_are_read_with_their_words_unless_these_were_erased() {
    let (server, firm) = (NatsServer::start(), Firm::new());
    let publishing = firm.publishing(client_of(&server).await);
    let telling = telling(&firm, client_of(&server).await);
    // Far more than one answer carries.
    let long = "冲床咔哒两声就停了。".repeat(300);
    let mut first = None;
    for number in 0..200 {
        let stream = firm.record_report(&format!("{number} {long}")).await;
        first.get_or_insert(stream);
        firm.record(3).await;
    }
    let last = firm.record_report("门禁坏了").await;
    let (status, mut reading) = feed(&firm, client_of(&server).await);
    assert_eq!(firm.last_sentence(&mut reading).await.as_deref(), Some("门禁坏了"));
    assert_eq!(status.get(), Wording::Complete);
    let (_, mut reading) = feed(&firm, client_of(&server).await);
    let mut after = GlobalPosition::ZERO;
    let mut with_words = 0;
    while after < firm.head() {
        for event in within("reading", reading.next(after)).await.expect("reads") {
            after = event.stamp.position;
            with_words += usize::from(format!("{:?}", event.event).contains("Known(Report"));
        }
    }
    assert_eq!(with_words, 201, "{first:?}");
    firm.log.destroy_keys(last).expect("destroyed");
    let (status, mut reading) = feed(&firm, client_of(&server).await);
    assert_eq!(firm.last_sentence(&mut reading).await, None);
    assert_eq!(status.get(), Wording::Complete);
    telling.abort();
    firm.stop(publishing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_there_is_no_gateway_nothing_is_handed_on_without_words() {
    let (server, firm) = (NatsServer::start(), Firm::new());
    let publishing = firm.publishing(client_of(&server).await);
    firm.record_report("门禁坏了").await;
    let (status, mut reading) = feed(&firm, client_of(&server).await);
    // What has no words may come: the report may not be in the stream yet.
    let mut handed_on = Box::pin(async {
        let mut after = GlobalPosition::ZERO;
        loop {
            let page = reading.next(after).await.expect("reads");
            assert!(!format!("{page:?}").contains("Created(Created"), "{page:?}");
            after = page.last().expect("one").stamp.position;
        }
    });
    firm.while_time_passes("some minutes without a gateway", async {
        let some_minutes = async {
            while status.get() != Wording::Waiting {
                tokio::task::yield_now().await;
            }
            let now = eventlog::Clock::now(firm.clock.as_ref());
            let later = now.plus(std::time::Duration::from_secs(240));
            eventlog::Clock::wait_until(firm.clock.as_ref(), later).await;
        };
        tokio::select! { () = &mut handed_on => {}, () = some_minutes => {} }
        assert_eq!(status.get(), Wording::Waiting);
    })
    .await;
    drop(handed_on);
    let telling = telling(&firm, client_of(&server).await);
    let (status, mut reading) = feed(&firm, client_of(&server).await);
    assert_eq!(firm.last_sentence(&mut reading).await.as_deref(), Some("门禁坏了"));
    assert_eq!(status.get(), Wording::Complete);
    telling.abort();
    firm.stop(publishing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_takes_commands_and_gives_no_words_is_done_without_until_it_does() {
    let (server, firm) = (NatsServer::start(), Firm::new());
    let publishing = firm.publishing(client_of(&server).await);
    let commands = commands_only(client_of(&server).await).await;
    firm.record_report("门禁坏了").await;
    let (status, mut reading) = feed(&firm, client_of(&server).await);
    assert_eq!(firm.last_sentence(&mut reading).await, None);
    assert_eq!(status.get(), Wording::Missing);
    let telling = telling(&firm, client_of(&server).await);
    let anew = async {
        let mut after = firm.head();
        loop {
            firm.record_report("又坏了").await;
            match reading.next(after).await {
                Ok(page) => after = page.last().expect("one").stamp.position,
                Err(error) => return error,
            }
        }
    };
    let error = firm.while_time_passes("words again", anew).await;
    let FeedError::Read(why) = error else { panic!("{error}") };
    assert!(why.to_string().contains("gives words again"), "{why}");
    let (status, mut reading) = feed(&firm, client_of(&server).await);
    assert_eq!(firm.last_sentence(&mut reading).await.as_deref(), Some("又坏了"));
    assert_eq!(status.get(), Wording::Complete);
    commands.abort();
    telling.abort();
    firm.stop(publishing).await;
}
