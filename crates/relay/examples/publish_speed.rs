//! How fast events get to a stream and out of it again, beside publishing the same bytes with
//! nothing to check: `cargo run --release -p paidan-relay --example publish_speed [EVENTS]`.
//!
//! The nats-server is a real one in a process of its own (`tests/run` installs it; `NATS_SERVER`
//! names another), with its usual sync; the log is in memory.

use std::sync::Arc;
use std::time::Instant;

use async_nats::jetstream::context::{ContextBuilder, PublishAckFuture};
use async_nats::jetstream::stream::Config;
use dispatcher::Feed;
use domain::{
    Actor, AreaId, CommandId, Event, EventId, GlobalPosition, Issuer, Origin, Party, StreamVersion,
};
use eventlog::{
    Append, AppendHeader, Clock, EventLog, Expected, MemoryLog, NewEvent, SystemClock, samples,
};
use mishaps::NatsServer;
use relay::{Names, NatsOptions, Published, Status, StreamFeed, connect, publish};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const IN_FLIGHT: usize = 1_024;

async fn fill(log: &MemoryLog, clock: &dyn Clock, events: u64) -> Result<(), Failure> {
    let all = samples::all().into_iter().flat_map(|sample| sample.events);
    let kinds: Vec<_> = all.filter(|event| matches!(event, Event::Area(_))).collect();
    for number in 1..=events {
        let (stream, key) = (AreaId::from_u128(number.into()).into(), number.to_string());
        let now = clock.now();
        let header = AppendHeader {
            fingerprint: log.fingerprint(key.as_bytes()),
            command: CommandId { issuer: Issuer::Client("speed".into()), key },
            actor: Actor::claimed(Party::Anonymous),
            caused_by: None,
            origin: Origin::Live,
            basis: None,
        };
        let event = kinds[usize::try_from(number)? % kinds.len()].clone();
        let id = EventId::from_u128(number.into());
        let new = NewEvent { stream, id, occurred_at: now, subject: stream, event };
        let expects = vec![Expected { stream, version: StreamVersion::ZERO }];
        log.submit(Append { header, expects, events: vec![new], now })?.durable().await?;
    }
    Ok(())
}

fn told(what: &str, events: u64, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let rate = events as f64 / seconds;
    println!("| {what} | {seconds:.2} | {rate:.0} |");
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let events = std::env::args().nth(1).map_or(Ok(200_000), |text| text.parse())?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let log = Arc::new(MemoryLog::new(Arc::clone(&clock))?);
    fill(&log, &*clock, events).await?;
    let head = log.head().position;
    let recorded = log.read(GlobalPosition::ZERO, 1)?;
    let written = Published::write(log.identity(), log.head().chain, &recorded[0])?;
    let server = NatsServer::start();
    let options = NatsOptions { url: server.url(), ..NatsOptions::default() };
    println!("| what | s | events/s |\n| --- | ---: | ---: |");

    let client = connect(&options).await?;
    let context = ContextBuilder::new()
        .max_ack_inflight(IN_FLIGHT)
        .backpressure_on_inflight(true)
        .build(client.clone());
    let bare = Config { name: "bare".into(), subjects: vec!["bare".into()], ..Config::default() };
    context.create_stream(bare).await?;
    let begun = Instant::now();
    let mut waiting: std::collections::VecDeque<PublishAckFuture> = Default::default();
    for _ in 0..events {
        if waiting.len() == IN_FLIGHT
            && let Some(first) = waiting.pop_front()
        {
            first.await?;
        }
        waiting.push_back(context.publish("bare", written.payload.clone()).await?);
    }
    for answer in waiting {
        answer.await?;
    }
    told("the same bytes, nothing to check", events, begun);

    let status = Arc::new(Status::default());
    let begun = Instant::now();
    let publishing = tokio::spawn(publish(
        log.clone(),
        client.clone(),
        Names::default(),
        Arc::clone(&clock),
        Arc::clone(&status),
        std::future::pending(),
    ));
    while status.published() < head {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    told("the log, event by event at its position", head.get(), begun);

    let mut feed = StreamFeed::new(client, Names::default(), clock);
    let begun = Instant::now();
    let mut after = GlobalPosition::ZERO;
    while after < head {
        let page = feed.next(after).await?;
        after = page.last().map_or(after, |event| event.stamp.position);
    }
    told("read by a dispatcher that begins with nothing", head.get(), begun);
    publishing.abort();
    Ok(())
}
