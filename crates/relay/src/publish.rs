//! Every durable event, to the stream, in order.
//!
//! Each message is published with the sequence that has to stand before it, so that its own is the
//! log's position whatever else happens: a repeated or late message is refused, and after one
//! refusal all that follow are. Then the stream is looked at again, and publishing goes on from
//! what it holds.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::{PublishAckFuture, PublishError as AckError};
use async_nats::jetstream::message::PublishMessage;
use domain::GlobalPosition;
use eventlog::{Clock, EventLog, ReadError};

use crate::message::{MessageError, Published};
use crate::names::Names;
use crate::standing::{Standing, Why, judge};
use crate::status::Status;
use crate::stream::{self, StreamError};

/// Messages that wait for their answer. Enough to fill the line, few enough to be sent again.
const IN_FLIGHT_MAX: usize = 1_024;
/// So many events are read at once.
const PAGE: usize = 256;
/// A stream that nothing is published to is looked at so often: it may have been purged.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// After a failure, the first pause; it doubles …
const RETRY_FIRST: Duration = Duration::from_millis(100);
/// … up to this.
const RETRY_MAX: Duration = Duration::from_secs(5);

/// Why publishing ended for good.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// Two firms would share one stream.
    #[error(
        "the stream `{stream}` belongs to another log ({other:032x}); choose another prefix for \
         this one, or remove the stream where that log is no more"
    )]
    Foreign {
        /// Its name.
        stream: String,
        /// The log that it belongs to.
        other: u128,
    },
    /// The log cannot be read.
    #[error("the log could not be read")]
    Read(#[from] ReadError),
    /// The log's reader ended unexpectedly.
    #[error("the log's reader ended")]
    Reader(#[from] tokio::task::JoinError),
    /// An event cannot be written as a message.
    #[error(transparent)]
    Message(#[from] MessageError),
}

/// Why it is begun again.
#[derive(Debug, thiserror::Error)]
enum Setback {
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error("an event was not taken")]
    NotTaken(#[source] AckError),
    #[error("an event was taken at {found} instead of {expected}")]
    Elsewhere { found: u64, expected: GlobalPosition },
    #[error("the stream is no more what it was")]
    Changed,
    #[error(transparent)]
    Ended(#[from] PublishError),
}

/// Publishes until `stop` is ready. A server that is absent is waited for; a stream that was lost
/// is made anew.
///
/// # Errors
/// When the stream belongs to another log, or the log cannot be read.
pub async fn publish(
    log: Arc<dyn EventLog>,
    client: Client,
    names: Names,
    clock: Arc<dyn Clock>,
    status: Arc<Status>,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), PublishError> {
    let context = stream::context(client, IN_FLIGHT_MAX);
    let relay = Relay { log, context, names, clock, status };
    let mut stop = pin!(stop);
    tokio::select! {
        () = &mut stop => Ok(()),
        error = relay.run() => {
            relay.status.end(&error);
            Err(error)
        }
    }
}

struct Relay {
    log: Arc<dyn EventLog>,
    context: Context,
    names: Names,
    clock: Arc<dyn Clock>,
    status: Arc<Status>,
}

impl Relay {
    async fn run(&self) -> PublishError {
        let mut pause = RETRY_FIRST;
        loop {
            let before = self.status.published();
            let setback = match self.go_on().await {
                Setback::Ended(error) => return error,
                setback => setback,
            };
            self.status.failed();
            tracing::warn!(
                error = &setback as &dyn std::error::Error,
                "publishing to NATS was interrupted; trying again"
            );
            // Progress shows that the server is well.
            if self.status.published() != before {
                pause = RETRY_FIRST;
            }
            self.clock.wait_until(self.clock.now().plus(pause)).await;
            pause = (pause * 2).min(RETRY_MAX);
        }
    }

    /// Publishes until something goes wrong.
    async fn go_on(&self) -> Setback {
        let mut after = match self.stand().await {
            Ok(after) => after,
            Err(setback) => return setback,
        };
        let mut durable = self.log.watch();
        loop {
            self.status.reached(after);
            let more = async { durable.wait_for(|durable| *durable > after).await.is_ok() };
            let look = self.clock.wait_until(self.clock.now().plus(LOOK_EVERY));
            tokio::select! {
                more = more => if !more {
                    // The log is closed; whoever closed it stops us as well.
                    return std::future::pending().await;
                },
                () = look => match self.look().await {
                    Ok(Some(Standing::Follows(there))) if there == after => continue,
                    Ok(_) => return Setback::Changed,
                    Err(setback) => return setback,
                },
            }
            after = match self.publish_after(after).await {
                Ok(after) => after,
                Err(setback) => return setback,
            };
        }
    }

    async fn look(&self) -> Result<Option<Standing>, Setback> {
        let Some((state, last)) = stream::look(&self.context, &self.names).await? else {
            return Ok(None);
        };
        let (log, identity, head) = (Arc::clone(&self.log), self.log.identity(), self.log.head());
        // Reading the chain may wait for the disk.
        let judged = tokio::task::spawn_blocking(move || {
            judge(identity, head.position, state, last, |position| log.chain_at(position))
        });
        let judged = judged.await.map_err(PublishError::from)?;
        Ok(Some(judged.map_err(PublishError::from)?))
    }

    /// Where to go on; the stream is made, or made anew, where that has to be.
    async fn stand(&self) -> Result<GlobalPosition, Setback> {
        let (is_there, why) = match self.look().await? {
            Some(Standing::Follows(position)) => return Ok(position),
            Some(Standing::Foreign(other)) => {
                let stream = self.names.stream();
                return Err(PublishError::Foreign { stream, other }.into());
            }
            Some(Standing::Anew(why)) => (true, why),
            None => (false, Why::Missing),
        };
        if is_there {
            tracing::warn!(%why, "the stream on the NATS server is made anew from the log");
            stream::remove(&self.context, &self.names).await?;
        }
        stream::make(&self.context, &self.names, self.log.identity()).await?;
        self.status.was_made_anew();
        Ok(GlobalPosition::ZERO)
    }

    /// Publishes all that is durable after this position; answers the last one.
    async fn publish_after(&self, mut after: GlobalPosition) -> Result<GlobalPosition, Setback> {
        let mut waiting: VecDeque<(GlobalPosition, PublishAckFuture)> = VecDeque::new();
        loop {
            let page = self.page(after).await?;
            let is_end = page.is_empty();
            for event in page {
                if waiting.len() == IN_FLIGHT_MAX {
                    self.confirm(&mut waiting).await?;
                }
                let position = event.position;
                let message = PublishMessage::build()
                    .payload(event.payload)
                    .headers(event.headers)
                    .expected_last_sequence(position.get() - 1);
                let subject = self.names.events_of(event.stream);
                let sent = self.context.send_publish(subject, message).await;
                waiting.push_back((position, sent.map_err(Setback::NotTaken)?));
                after = position;
            }
            if is_end {
                while !waiting.is_empty() {
                    self.confirm(&mut waiting).await?;
                }
                return Ok(after);
            }
        }
    }

    /// Waits for the answer to the message that waits longest.
    async fn confirm(
        &self,
        waiting: &mut VecDeque<(GlobalPosition, PublishAckFuture)>,
    ) -> Result<(), Setback> {
        let Some((position, answer)) = waiting.pop_front() else { return Ok(()) };
        let taken = answer.await.map_err(Setback::NotTaken)?;
        if taken.sequence != position.get() {
            return Err(Setback::Elsewhere { found: taken.sequence, expected: position });
        }
        self.status.reached(position);
        Ok(())
    }

    /// The next durable events as messages; none at the log's end.
    async fn page(&self, after: GlobalPosition) -> Result<Vec<Published>, PublishError> {
        if self.log.head().position <= after {
            return Ok(Vec::new());
        }
        let log = Arc::clone(&self.log);
        let page = tokio::task::spawn_blocking(move || -> Result<_, PublishError> {
            let identity = log.identity();
            // What is personal does not travel, so it need not be opened.
            let events = log.read_facts(after, PAGE)?;
            let written = events.iter().map(|event| {
                let chain = log.chain_at(event.position)?;
                Ok(Published::write(identity, chain, event)?)
            });
            written.collect()
        });
        page.await?
    }
}
