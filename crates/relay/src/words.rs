//! What people said, for dispatchers: asked of the gateway, because it does not travel with events.
//!
//! Only what a dispatcher decides by is given out: the words of reports, and where engineers are.
//! What was erased is not there to be given, and reads as nothing.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use async_nats::{Client, Message};
use bytes::Bytes;
use domain::engineer::EngineerEvent;
use domain::ticket::TicketEvent;
use domain::ticket::event::Report;
use domain::{Coordinates, Epoch, Event, GlobalPosition, Personal};
use eventlog::{EventLog, LogIdentity, ReadError, RecordedEvent};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

use crate::names::Names;

/// So many events are looked through for one answer.
pub(crate) const EVENTS_MAX: u64 = 512;
/// An answer ends once it has so many bytes. One event has at most 16 KiB, and NATS carries 1 MiB.
const ANSWER_BYTES: usize = 512 * 1024;

/// What a dispatcher decides by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Words {
    Report(Report),
    Position(Coordinates),
}

impl Words {
    /// Whether this event can have some.
    pub(crate) const fn are_in(event: &Event) -> bool {
        matches!(
            event,
            Event::Ticket(TicketEvent::Created(_) | TicketEvent::DetailsAdded(_))
                | Event::Engineer(EngineerEvent::Moved(_))
        )
    }

    /// Those of this event, where they are known.
    fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Ticket(TicketEvent::Created(created)) => {
                created.report.known().cloned().map(Self::Report)
            }
            Event::Ticket(TicketEvent::DetailsAdded(added)) => {
                added.report.known().cloned().map(Self::Report)
            }
            Event::Engineer(EngineerEvent::Moved(moved)) => {
                moved.position.known().copied().map(Self::Position)
            }
            _ => None,
        }
    }

    /// Puts them where they belong.
    pub(crate) fn put_into(self, event: &mut Event) {
        match (self, event) {
            (Self::Report(report), Event::Ticket(TicketEvent::Created(created))) => {
                created.report = Personal::Known(report);
            }
            (Self::Report(report), Event::Ticket(TicketEvent::DetailsAdded(added))) => {
                added.report = Personal::Known(report);
            }
            (Self::Position(position), Event::Engineer(EngineerEvent::Moved(moved))) => {
                moved.position = Personal::Known(position);
            }
            // Another release's gateway knows better; here it means nothing.
            _ => {}
        }
    }
}

/// Asks for the words of the events after one position up to another.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    log_id: String,
    epoch: Epoch,
    pub(crate) after: GlobalPosition,
    pub(crate) through: GlobalPosition,
}

impl Question {
    pub(crate) fn of(log: LogIdentity, after: GlobalPosition, through: GlobalPosition) -> Self {
        let LogIdentity { log_id, epoch } = log;
        Self { log_id: format!("{log_id:032x}"), epoch, after, through }
    }

    fn is_of(&self, log: LogIdentity) -> bool {
        u128::from_str_radix(&self.log_id, 16) == Ok(log.log_id) && self.epoch == log.epoch
    }
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    /// The words of all events up to there.
    Words { through: GlobalPosition, words: Vec<(GlobalPosition, Words)> },
    /// The log has another identity.
    OtherLog,
    /// It does not go so far, it cannot be read, or the question is none.
    Refused(String),
}

/// Answers dispatchers who ask for words, until `stop` is ready.
///
/// # Errors
/// When the connection is closed for good.
pub async fn answer_words(
    client: Client,
    names: Names,
    log: Arc<dyn EventLog>,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), async_nats::SubscribeError> {
    let mut questions =
        client.queue_subscribe(names.words(), crate::requests::GROUP.into()).await?;
    let mut stop = pin!(stop);
    loop {
        let Message { reply: Some(reply_to), payload, .. } = (tokio::select! {
            () = &mut stop => return Ok(()),
            question = questions.next() => match question {
                Some(question) => question,
                None => return Ok(()),
            },
        }) else {
            continue;
        };
        // One after the other: few ask, and each waits for its answer.
        let log = Arc::clone(&log);
        let told = tokio::task::spawn_blocking(move || answer(&*log, &payload)).await;
        let Ok(told) = told else { continue };
        if let Err(error) = client.publish(reply_to, told).await {
            tracing::debug!(error = %error, "an answer could not be sent");
        }
    }
}

fn answer(log: &dyn EventLog, question: &[u8]) -> Bytes {
    let told = match serde_json::from_slice::<Question>(question) {
        Err(error) => Told::Refused(error.to_string()),
        Ok(asked) if !asked.is_of(log.identity()) => Told::OtherLog,
        Ok(asked) if asked.through > log.head().position => {
            Told::Refused("the log does not go so far".into())
        }
        Ok(asked) => look_up(log, &asked).unwrap_or_else(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "words for a dispatcher could not be read"
            );
            Told::Refused("the log could not be read".into())
        }),
    };
    serde_json::to_vec(&told).map(Bytes::from).unwrap_or_else(|error| {
        tracing::error!(error = %error, "an answer could not be written");
        Bytes::new()
    })
}

fn look_up(log: &dyn EventLog, asked: &Question) -> Result<Told, ReadError> {
    let Question { after, through, .. } = *asked;
    let wanted = through.get().saturating_sub(after.get()).min(EVENTS_MAX);
    let events = log.read(after, usize::try_from(wanted).unwrap_or_default())?;
    let (mut words, mut bytes, mut through) = (Vec::new(), 0, after);
    for RecordedEvent { position, event, .. } in &events {
        if bytes >= ANSWER_BYTES {
            break;
        }
        through = *position;
        if let Some(found) = Words::of(event) {
            // What is left of NATS' bound is more than one event ever needs.
            bytes += serde_json::to_vec(&found).map_or(0, |text| text.len());
            words.push((*position, found));
        }
    }
    Ok(Told::Words { through, words })
}
