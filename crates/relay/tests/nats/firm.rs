//! A log with something in it, and whoever publishes and follows it.

use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use dispatcher::{Feed, FeedEvent};
use domain::ticket::TicketEvent;
use domain::ticket::event::{Created, Report};
use domain::{
    Actor, AreaId, CommandId, Event, EventId, GlobalPosition, Issuer, Origin, Party, StreamId,
    StreamVersion, TicketId, Timestamp,
};
use eventlog::{
    Append, AppendHeader, Clock, EventLog, Expected, ManualClock, MemoryLog, NewEvent, samples,
};
use mishaps::NatsServer;
use relay::{Names, NatsOptions, PublishError, Status, StreamFeed, WordedFeed, connect, publish};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Nothing here takes longer than a moment; what hangs is to fail.
const WITHIN: Duration = Duration::from_secs(60);

pub(crate) async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(WITHIN, work).await;
    done.unwrap_or_else(|_| panic!("{what}: nothing for {WITHIN:?}"))
}

pub(crate) async fn client_of(server: &NatsServer) -> Client {
    let options = NatsOptions { url: server.url(), ..NatsOptions::default() };
    connect(&options).await.expect("an address that can be used")
}

pub(crate) struct Firm {
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) status: Arc<Status>,
    stop: watch::Sender<bool>,
}

/// Publishing, until the firm ends.
pub(crate) type Publishing = JoinHandle<Result<(), PublishError>>;

impl Firm {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
        let log = Arc::new(MemoryLog::new(clock.clone()).expect("a log"));
        Self { log, clock, status: Arc::default(), stop: watch::Sender::new(false) }
    }

    /// Records so many events.
    pub(crate) async fn record(&self, events: u64) {
        let all = samples::all().into_iter().flat_map(|sample| sample.events);
        let event = all.into_iter().find(|event| matches!(event, Event::Area(_)));
        let event = event.expect("an area's event");
        for _ in 0..events {
            self.append(&event, |number| AreaId::from_u128(number).into()).await;
        }
    }

    /// Records a report in these words; its stream.
    pub(crate) async fn record_report(&self, sentence: &str) -> StreamId {
        let all = samples::all().into_iter().flat_map(|sample| sample.events);
        let created = all.into_iter().find_map(|event| match event {
            Event::Ticket(TicketEvent::Created(created)) => Some(created),
            _ => None,
        });
        let report = Report { sentence: Some(sentence.into()), ..Report::default() };
        let created = Created { report: report.into(), ..created.expect("a sample") };
        self.append(&Event::Ticket(created.into()), |number| TicketId::from_u128(number).into())
            .await
    }

    /// What the last report says, as this feed reads it.
    pub(crate) async fn last_sentence(&self, feed: &mut WordedFeed) -> Option<String> {
        let (mut after, mut last) = (GlobalPosition::ZERO, None);
        while after < self.head() {
            let page = self.while_time_passes("reading", feed.next(after)).await;
            for event in page.expect("the stream reads") {
                after = event.stamp.position;
                if let Event::Ticket(TicketEvent::Created(created)) = &event.event {
                    last = created.report.known().and_then(|report| report.sentence.clone());
                }
            }
        }
        last
    }

    async fn append(&self, event: &Event, stream: impl Fn(u128) -> StreamId) -> StreamId {
        let number = u128::from(self.log.head().position.get()) + 1;
        let (stream, key) = (stream(number), number.to_string());
        let header = AppendHeader {
            fingerprint: self.log.fingerprint(key.as_bytes()),
            command: CommandId { issuer: Issuer::Client("test".into()), key },
            actor: Actor::claimed(Party::Anonymous),
            caused_by: None,
            origin: Origin::Live,
            basis: None,
        };
        let new = NewEvent {
            stream,
            id: EventId::from_u128(number),
            occurred_at: self.clock.now(),
            subject: stream,
            event: event.clone(),
        };
        let expects = vec![Expected { stream, version: StreamVersion::ZERO }];
        let append = Append { header, expects, events: vec![new], now: self.clock.now() };
        let pending = self.log.submit(append).expect("is taken");
        pending.durable().await.expect("is durable");
        stream
    }

    pub(crate) fn head(&self) -> GlobalPosition {
        self.log.head().position
    }

    pub(crate) fn publishing(&self, client: Client) -> Publishing {
        let mut stopped = self.stop.subscribe();
        tokio::spawn(publish(
            self.log.clone(),
            client,
            Names::default(),
            self.clock.clone(),
            Arc::clone(&self.status),
            async move { drop(stopped.wait_for(|stopped| *stopped).await) },
        ))
    }

    /// A fresh reader of the stream.
    pub(crate) fn feed(&self, client: Client) -> StreamFeed {
        StreamFeed::new(client, Names::default(), self.clock.clone())
    }

    /// Time goes on, as often as somebody waits for it, until the work is done.
    pub(crate) async fn while_time_passes<T>(
        &self,
        what: &str,
        work: impl Future<Output = T>,
    ) -> T {
        let mut ticks = tokio::time::interval(Duration::from_millis(5));
        let passing = async {
            loop {
                ticks.tick().await;
                self.clock.advance(Duration::from_millis(500));
            }
        };
        within(what, async {
            tokio::select! {
                done = work => done,
                () = passing => unreachable!("time never ends"),
            }
        })
        .await
    }

    /// Everything in the stream up to the log's end, read by somebody who begins with nothing.
    pub(crate) async fn read_all(&self, client: Client) -> Vec<FeedEvent> {
        let mut feed = self.feed(client);
        let mut events: Vec<FeedEvent> = Vec::new();
        while events.len() < usize::try_from(self.head().get()).expect("few") {
            let after = events.last().map_or(GlobalPosition::ZERO, |last| last.stamp.position);
            let more = self.while_time_passes("reading", feed.next(after)).await;
            events.extend(more.expect("the stream reads"));
        }
        events
    }

    /// The stream holds what the log holds, each event once and in its place.
    pub(crate) async fn assert_published(&self, client: Client) {
        let read = self.read_all(client).await;
        let recorded = self.log.read(GlobalPosition::ZERO, usize::MAX).expect("the log reads");
        assert_eq!(read.len(), recorded.len());
        for (read, recorded) in read.iter().zip(&recorded) {
            assert_eq!(read.stamp.position, recorded.position);
            assert_eq!(read.stamp.version, recorded.version);
            assert_eq!(read.stream, recorded.stream);
            assert_eq!(read.event.name(), recorded.event.name());
        }
    }

    /// Publishing ends without a failure.
    pub(crate) async fn stop(&self, publishing: Publishing) {
        self.stop.send_replace(true);
        within("stopping", publishing).await.expect("no panic").expect("no failure");
    }
}
