//! Events with the words that belong to them: the stream, and what the gateway says to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use async_nats::Client;
use dispatcher::{Feed, FeedError, FeedEvent};
use domain::{GlobalPosition, Timestamp};
use eventlog::Clock;

use crate::feed::StreamFeed;
use crate::names::Names;
use crate::words::{Question, Told, Words};

/// An answer that does not come by then is taken as lost.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Between two questions that are not answered.
const PAUSE: Duration = Duration::from_millis(500);
/// A gateway that takes commands and gives no words is waited for so long.
const PATIENCE: Duration = Duration::from_secs(30);
/// Then it is asked so often.
const ASKED_EVERY: Duration = Duration::from_secs(10);

/// Whether a dispatcher has the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// It has those of all events that it knows.
    Complete,
    /// It waits for some, and decides nothing meanwhile.
    Waiting,
    /// It went on without some: reports of the same fault are not seen as that.
    Missing,
}

/// How a dispatcher is doing with words. Shared by reference.
#[derive(Debug, Default)]
pub struct WordsStatus(AtomicU8);

impl WordsStatus {
    /// How it is.
    pub fn get(&self) -> Wording {
        match self.0.load(Ordering::Relaxed) {
            0 => Wording::Complete,
            1 => Wording::Waiting,
            _ => Wording::Missing,
        }
    }

    fn set(&self, wording: Wording) {
        self.0.store(wording as u8, Ordering::Relaxed);
    }
}

/// Why reading begins anew with nothing.
#[derive(Debug, thiserror::Error)]
enum Anew {
    #[error("the gateway gives words again; all is read again from the first event, now with them")]
    WordsAreBack,
    #[error("the gateway has another log than the stream; all is read again from the first event")]
    OtherLog,
}

/// Why there are no words now.
#[derive(Debug, thiserror::Error)]
enum NoWords {
    #[error("the gateway does not answer")]
    NoAnswer(#[source] async_nats::Error),
    #[error("the gateway has another log than the stream")]
    OtherLog,
    #[error("the gateway says: {0}")]
    Refused(String),
    #[error("the gateway's answer is none; upgrade one of the two")]
    Unreadable(#[source] serde_json::Error),
}

/// Hands events on once their words are there.
///
/// Where the gateway is absent it waits without a bound: nothing that is decided could be sent to
/// it either. Where it takes commands and gives no words, after a while events go on without, so
/// that people are dispatched to at all; and once there are words again all is read anew.
pub struct WordedFeed {
    feed: StreamFeed,
    gateway: Gateway,
    clock: Arc<dyn Clock>,
    status: Arc<WordsStatus>,
    /// Words are missing, and are asked for again from then on.
    ask_again_at: Option<Timestamp>,
}

impl WordedFeed {
    /// The stream with this name on the client's server, with words.
    pub fn new(
        client: Client,
        names: Names,
        clock: Arc<dyn Clock>,
        status: Arc<WordsStatus>,
    ) -> Self {
        status.set(Wording::Complete);
        let feed = StreamFeed::new(client.clone(), names.clone(), Arc::clone(&clock));
        Self { feed, gateway: Gateway { client, names }, clock, status, ask_again_at: None }
    }

    async fn fill(&mut self, page: &mut [FeedEvent]) -> Result<(), FeedError> {
        let wanted = |event: &FeedEvent| Words::are_in(&event.event);
        let (Some(first), Some(last)) =
            (page.iter().find(|event| wanted(event)), page.iter().rfind(|event| wanted(event)))
        else {
            return Ok(());
        };
        let Some(log) = self.feed.log() else { return Ok(()) };
        let mut after = GlobalPosition::new(first.stamp.position.get() - 1);
        let through = last.stamp.position;
        let begins = page[0].stamp.position;
        let mut out_of_patience_at = None;
        while after < through {
            if self.ask_again_at.is_some_and(|at| self.clock.now() < at) {
                return Ok(());
            }
            match self.gateway.ask(Question::of(log, after, through)).await {
                Ok(_) if self.ask_again_at.is_some() => {
                    return Err(FeedError::Read(Anew::WordsAreBack.into()));
                }
                Err(NoWords::OtherLog) => return Err(FeedError::Read(Anew::OtherLog.into())),
                Ok((reached, words)) => {
                    for (position, words) in words {
                        let place = position.get().checked_sub(begins.get());
                        let place = place.and_then(|place| usize::try_from(place).ok());
                        if let Some(event) = place.and_then(|place| page.get_mut(place)) {
                            words.put_into(&mut event.event);
                        }
                    }
                    after = reached;
                }
                Err(error) => self.wait(&error, &mut out_of_patience_at).await,
            }
        }
        self.status.set(Wording::Complete);
        Ok(())
    }

    /// Waits after a question that got no answer; sets `ask_again_at` once it is enough.
    async fn wait(&mut self, error: &NoWords, out_of_patience_at: &mut Option<Timestamp>) {
        let now = self.clock.now();
        if self.ask_again_at.is_some() {
            self.ask_again_at = Some(now.plus(ASKED_EVERY));
            return;
        }
        if self.status.get() != Wording::Waiting {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "there are no words for what happened; waiting for them"
            );
            self.status.set(Wording::Waiting);
        }
        if !self.gateway.takes_commands().await {
            *out_of_patience_at = None;
        } else if *out_of_patience_at.get_or_insert(now.plus(PATIENCE)) <= now {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "the gateway takes commands and gives no words; going on without, so that reports \
                 of the same fault are dispatched twice until it does"
            );
            self.status.set(Wording::Missing);
            self.ask_again_at = Some(now.plus(ASKED_EVERY));
            return;
        }
        self.clock.wait_until(self.clock.now().plus(PAUSE)).await;
    }
}

/// Whom it asks.
struct Gateway {
    client: Client,
    names: Names,
}

impl Gateway {
    async fn ask(
        &self,
        question: Question,
    ) -> Result<(GlobalPosition, Vec<(GlobalPosition, Words)>), NoWords> {
        let after = question.after;
        let question = serde_json::to_vec(&question).map_err(NoWords::Unreadable)?;
        let answer = self.request(self.names.words(), question).await.map_err(NoWords::NoAnswer)?;
        match serde_json::from_slice(&answer).map_err(NoWords::Unreadable)? {
            Told::Words { through, words } if through > after => Ok((through, words)),
            Told::Words { .. } => Err(NoWords::Refused("nothing".into())),
            Told::OtherLog => Err(NoWords::OtherLog),
            Told::Refused(why) => Err(NoWords::Refused(why)),
        }
    }

    /// Whether anybody answers commands, as any answer to none says.
    async fn takes_commands(&self) -> bool {
        self.request(self.names.dispatcher_commands(), Vec::new()).await.is_ok()
    }

    async fn request(
        &self,
        subject: String,
        payload: Vec<u8>,
    ) -> Result<bytes::Bytes, async_nats::Error> {
        let request =
            async_nats::Request::new().payload(payload.into()).timeout(Some(ANSWER_WITHIN));
        Ok(self.client.send_request(subject, request).await?.payload)
    }
}

impl Feed for WordedFeed {
    async fn head(&mut self) -> Result<GlobalPosition, FeedError> {
        self.feed.head().await
    }

    async fn next(&mut self, after: GlobalPosition) -> Result<Vec<FeedEvent>, FeedError> {
        let mut page = self.feed.next(after).await?;
        self.fill(&mut page).await?;
        Ok(page)
    }
}
