//! The stream is the log's, event by event, whatever happens to the server.

use async_nats::Client;
use async_nats::jetstream;
use dispatcher::Feed;
use domain::GlobalPosition;
use mishaps::NatsServer;
use relay::{Names, PublishError};

use crate::firm::{Firm, client_of, within};

fn stream_of(client: &Client) -> (jetstream::Context, String) {
    (jetstream::new(client.clone()), Names::default().stream())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_event_has_the_sequence_of_its_position_and_is_heard_of_at_once() {
    let (server, firm) = (NatsServer::start(), Firm::new());
    firm.record(2_000).await;
    let publishing = firm.publishing(client_of(&server).await);
    firm.assert_published(client_of(&server).await).await;
    // Live, on a clock that stands still.
    let mut feed = firm.feed(client_of(&server).await);
    let head = within("the head", feed.head()).await.expect("a head");
    assert_eq!(head, firm.head());
    firm.record(1).await;
    let more = within("the next event", feed.next(head)).await.expect("the stream reads");
    assert_eq!(more[0].stamp.position, head.next());
    firm.stop(publishing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_publish_at_once_write_each_event_once() {
    let (server, firm) = (NatsServer::start(), Firm::new());
    let publishing =
        [firm.publishing(client_of(&server).await), firm.publishing(client_of(&server).await)];
    for _ in 0..20 {
        firm.record(50).await;
        tokio::task::yield_now().await;
    }
    firm.assert_published(client_of(&server).await).await;
    for one in publishing {
        firm.stop(one).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_and_comes_back_has_everything_once() {
    let (mut server, firm) = (NatsServer::start(), Firm::new());
    let publishing = firm.publishing(client_of(&server).await);
    for _ in 0..3 {
        firm.record(300).await;
        server.kill();
        firm.record(300).await;
        server.begin();
        firm.record(300).await;
    }
    firm.assert_published(client_of(&server).await).await;
    firm.stop(publishing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_absent_or_lost_its_disk_is_filled_from_the_log() {
    let (mut server, firm) = (NatsServer::start(), Firm::new());
    let client = client_of(&server).await;
    server.lose_disk();
    firm.record(100).await;
    let publishing = firm.publishing(client);
    server.begin();
    firm.assert_published(client_of(&server).await).await;
    server.lose_disk();
    server.begin();
    firm.assert_published(client_of(&server).await).await;
    assert!(firm.status.made_anew() >= 2);
    firm.stop(publishing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_deleted_purged_or_gets_a_hole_is_made_anew_under_a_running_gateway() {
    let (server, firm) = (NatsServer::start(), Firm::new());
    firm.record(50).await;
    let publishing = firm.publishing(client_of(&server).await);
    firm.assert_published(client_of(&server).await).await;
    let client = client_of(&server).await;
    let (context, name) = stream_of(&client);
    for round in 1..=3 {
        match round {
            1 => drop(context.delete_stream(&name).await.expect("is deleted")),
            2 => {
                let stream = context.get_stream(&name).await.expect("a stream");
                stream.purge().await.expect("is purged");
            }
            _ => {
                let stream = context.get_stream(&name).await.expect("a stream");
                assert!(stream.delete_message(20).await.expect("is asked"), "is deleted");
            }
        }
        // Nothing new comes: looking now and then finds it all the same.
        let anew = async {
            while firm.status.made_anew() <= round {
                tokio::task::yield_now().await;
            }
        };
        firm.while_time_passes("making it anew", anew).await;
        firm.assert_published(client.clone()).await;
    }
    firm.stop(publishing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_of_another_log_is_left_alone_with_an_error_that_names_it() {
    let (server, first, second) = (NatsServer::start(), Firm::new(), Firm::new());
    first.record(10).await;
    let publishing = first.publishing(client_of(&server).await);
    first.assert_published(client_of(&server).await).await;
    second.record(20).await;
    let refused = within("refusing", second.publishing(client_of(&server).await)).await;
    let error = refused.expect("no panic").expect_err("another log's");
    assert!(matches!(error, PublishError::Foreign { .. }), "{error}");
    assert!(error.to_string().contains("choose another prefix"), "{error}");
    assert!(second.status.ended().is_some());
    // Also once nothing is in it.
    let (context, name) = stream_of(&client_of(&server).await);
    first.stop(publishing).await;
    let stream = context.get_stream(&name).await.expect("a stream");
    stream.purge().await.expect("is purged");
    let refused = within("refusing", second.publishing(client_of(&server).await)).await;
    assert!(refused.expect("no panic").is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_follows_goes_on_where_they_were_when_the_stream_is_made_anew() {
    let (server, firm) = (NatsServer::start(), Firm::new());
    firm.record(30).await;
    let publishing = firm.publishing(client_of(&server).await);
    let mut feed = firm.feed(client_of(&server).await);
    let mut after = GlobalPosition::ZERO;
    while after < firm.head() {
        let events = firm.while_time_passes("reading", feed.next(after)).await;
        let events = events.expect("the stream reads");
        after = events.last().expect("at least one").stamp.position;
    }
    let (context, name) = stream_of(&client_of(&server).await);
    context.delete_stream(&name).await.expect("is deleted");
    firm.record(1).await;
    let more = firm.while_time_passes("the next event", feed.next(after)).await;
    let more = more.expect("the stream reads");
    assert_eq!(more[0].stamp.position, after.next());
    firm.stop(publishing).await;
}
