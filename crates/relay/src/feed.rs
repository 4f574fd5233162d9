//! The stream as the dispatcher's feed.

use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::consumer::pull::Ordered;
use async_nats::jetstream::{Context, Message};
use dispatcher::{Feed, FeedError, FeedEvent};
use domain::GlobalPosition;
use eventlog::{Clock, LogIdentity};
use futures_util::{FutureExt, StreamExt};

use crate::message::Read;
use crate::names::Names;
use crate::stream::{self, StreamError};

/// At most so many events are handed over at once.
const PAGE: usize = 512;
/// After a failure, the first pause; it doubles …
const RETRY_FIRST: Duration = Duration::from_millis(100);
/// … up to this.
const RETRY_MAX: Duration = Duration::from_secs(5);

/// Why the stream cannot be followed any further. Whoever follows begins again with nothing.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("the stream holds {found:032x} in epoch {epoch} now; all is read again from the first")]
    OtherLog { found: u128, epoch: domain::Epoch },
    #[error("message {sequence} holds the event of position {position}")]
    Shifted { sequence: u64, position: GlobalPosition },
    #[error("the message says nothing of its place")]
    NoPlace(#[source] async_nats::Error),
}

/// Reads committed events from the stream, each once and in order, whatever the server does. A
/// server that is absent is waited for.
pub struct StreamFeed {
    context: Context,
    names: Names,
    clock: Arc<dyn Clock>,
    /// Whose events these are, once one was read.
    log: Option<LogIdentity>,
    reading: Option<Reading>,
    pause: Duration,
}

struct Reading {
    messages: Ordered,
    after: GlobalPosition,
}

impl StreamFeed {
    /// The stream with this name on the client's server.
    pub fn new(client: Client, names: Names, clock: Arc<dyn Clock>) -> Self {
        let context = stream::context(client, 1);
        Self { context, names, clock, log: None, reading: None, pause: RETRY_FIRST }
    }

    /// Whose events these are, once one was read.
    pub(crate) const fn log(&self) -> Option<LogIdentity> {
        self.log
    }

    async fn wait(&mut self, error: StreamError) {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the stream of events cannot be read now; trying again"
        );
        self.clock.wait_until(self.clock.now().plus(self.pause)).await;
        self.pause = (self.pause * 2).min(RETRY_MAX);
    }

    /// Reads one message, which has to be the next event of the same log.
    fn take_in(&mut self, message: &Message) -> Result<FeedEvent, FeedError> {
        let read = Read::message(message.headers.as_ref(), &message.payload)
            .map_err(|error| FeedError::Read(error.into()))?;
        let broken = |broken: Broken| FeedError::Read(broken.into());
        if *self.log.get_or_insert(read.log) != read.log {
            let LogIdentity { log_id: found, epoch } = read.log;
            return Err(broken(Broken::OtherLog { found, epoch }));
        }
        let sequence = message.info().map_err(|error| broken(Broken::NoPlace(error)))?;
        let (sequence, position) = (sequence.stream_sequence, read.event.stamp.position);
        if sequence != position.get() {
            return Err(broken(Broken::Shifted { sequence, position }));
        }
        Ok(read.event)
    }
}

async fn begin(
    context: &Context,
    names: &Names,
    after: GlobalPosition,
) -> Result<Reading, StreamError> {
    let stream = stream::existing(context, names).await?;
    let messages = stream::messages(&stream, after.get()).await?;
    Ok(Reading { messages, after })
}

impl Feed for StreamFeed {
    async fn head(&mut self) -> Result<GlobalPosition, FeedError> {
        loop {
            match stream::existing(&self.context, &self.names).await {
                Ok(stream) => {
                    let last = stream.cached_info().state.last_sequence;
                    return Ok(GlobalPosition::new(last));
                }
                Err(error) => self.wait(error).await,
            }
        }
    }

    async fn next(&mut self, after: GlobalPosition) -> Result<Vec<FeedEvent>, FeedError> {
        loop {
            let mut reading = match self.reading.take() {
                Some(reading) if reading.after == after => reading,
                _ => match begin(&self.context, &self.names, after).await {
                    Ok(reading) => reading,
                    Err(error) => {
                        self.wait(error).await;
                        continue;
                    }
                },
            };
            let (messages, broken) = page(&mut reading.messages).await;
            let events = messages.iter().map(|message| self.take_in(message));
            let events: Vec<_> = events.collect::<Result<_, _>>()?;
            match broken {
                None => {
                    reading.after = events.last().map_or(after, |event| event.stamp.position);
                    self.reading = Some(reading);
                }
                // What came before it counts; reading begins anew behind that.
                Some(error) if events.is_empty() => self.wait(error).await,
                Some(_) => {}
            }
            if !events.is_empty() {
                self.pause = RETRY_FIRST;
                return Ok(events);
            }
        }
    }
}

/// The next message and those that are there already; why no more come, where reading broke off.
async fn page(messages: &mut Ordered) -> (Vec<Message>, Option<StreamError>) {
    let mut page = Vec::new();
    let mut next = messages.next().await;
    loop {
        match next {
            Some(Ok(message)) => page.push(message),
            Some(Err(error)) => return (page, Some(StreamError::reading(error))),
            None => return (page, Some(StreamError::reading("the reader ended"))),
        }
        if page.len() == PAGE {
            return (page, None);
        }
        match messages.next().now_or_never() {
            Some(more) => next = more,
            None => return (page, None),
        }
    }
}
