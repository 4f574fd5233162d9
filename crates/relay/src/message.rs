//! An event as it travels: CloudEvents 1.0 in JSON, and headers that say where it stands.
//!
//! The form is that of the CloudEvents JSON format, structured mode
//! (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>); numbers
//! beyond 32 bits are texts, as it asks. Personal parts do not travel: they read as null, so that
//! nothing of a person has to be erased on a NATS server. Whoever may read them asks the gateway.

use async_nats::HeaderMap;
use bytes::Bytes;
use dispatcher::FeedEvent;
use domain::{
    Epoch, Event, EventId, GlobalPosition, ImportBatchId, Origin, Stamp, StreamId, StreamVersion,
    Timestamp,
};
use eventlog::{ChainHash, LogIdentity, RecordedEvent, decode_payload, encode_payload};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

const LOG: &str = "Paidan-Log";
const EPOCH: &str = "Paidan-Epoch";
const CHAIN: &str = "Paidan-Chain";
const CONTENT_TYPE: &str = "Content-Type";
const CLOUD_EVENTS: &str = "application/cloudevents+json";

/// Why an event cannot be written, or a message is no event.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// The event cannot be written.
    #[error("the event at position {position} cannot be written")]
    Unwritable {
        /// Where.
        position: GlobalPosition,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A header that each message has is missing or says something else.
    #[error("the message has no right header {0}; who else publishes here?")]
    Header(&'static str),
    /// The body is not what events are.
    #[error("the message's body is no event")]
    Body(#[source] serde_json::Error),
    /// A type that this release does not know.
    #[error("this release knows no event `{0}`; upgrade")]
    UnknownType(String),
}

/// An event, ready to be published.
#[derive(Debug, Clone)]
pub struct Published {
    /// Its place, which becomes the message's sequence.
    pub position: GlobalPosition,
    /// Whose it is.
    pub stream: StreamId,
    /// Which log, and the chain's value at its place.
    pub headers: HeaderMap,
    /// The event.
    pub payload: Bytes,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Of which log.
    pub log: LogIdentity,
    /// The chain's value at the event's place.
    pub chain: ChainHash,
    /// The event, without what is personal.
    pub event: FeedEvent,
}

#[derive(Serialize)]
struct Written<'a> {
    specversion: &'static str,
    id: EventId,
    source: String,
    r#type: String,
    subject: String,
    time: Timestamp,
    datacontenttype: &'static str,
    position: String,
    version: String,
    recordedat: Timestamp,
    actor: String,
    command: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    causedby: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    importbatch: Option<ImportBatchId>,
    data: &'a Map<String, Value>,
}

#[derive(Deserialize)]
struct Told<'a> {
    r#type: String,
    subject: StreamId,
    time: Timestamp,
    position: String,
    version: String,
    recordedat: Timestamp,
    #[serde(default)]
    importbatch: Option<ImportBatchId>,
    #[serde(borrow)]
    data: &'a RawValue,
}

impl Published {
    /// Writes an event of this log; `chain` is the chain's value at its place.
    ///
    /// # Errors
    /// [`MessageError::Unwritable`], which no event of today's shapes is.
    pub fn write(
        log: LogIdentity,
        chain: ChainHash,
        recorded: &RecordedEvent,
    ) -> Result<Self, MessageError> {
        let position = recorded.position;
        let unwritable = |source| MessageError::Unwritable { position, source };
        let event = without_persons(&recorded.event).map_err(|error| unwritable(error.into()))?;
        let data = serde_json::to_value(&event).map_err(|error| unwritable(error.into()))?;
        let Value::Object(mut data) = data else {
            return Err(unwritable("it is no object".into()));
        };
        // The name stands outside.
        data.remove("type");
        let written = Written {
            specversion: "1.0",
            id: recorded.id,
            source: format!("/paidan/logs/{:032x}", log.log_id),
            r#type: format!("paidan.{}.{}", recorded.stream.kind().as_str(), event.name()),
            subject: recorded.stream.to_string(),
            time: recorded.occurred_at,
            datacontenttype: "application/json",
            position: position.to_string(),
            version: recorded.version.to_string(),
            recordedat: recorded.recorded_at,
            actor: recorded.header.actor.party.to_string(),
            command: recorded.header.command.to_string(),
            causedby: recorded.header.caused_by.map(|position| position.to_string()),
            importbatch: match recorded.header.origin {
                Origin::Live => None,
                Origin::Import(batch) => Some(batch),
            },
            data: &data,
        };
        let payload = serde_json::to_vec(&written).map_err(|error| unwritable(error.into()))?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, CLOUD_EVENTS);
        headers.insert(LOG, format!("{:032x}", log.log_id));
        headers.insert(EPOCH, log.epoch.to_string());
        headers.insert(CHAIN, chain.to_string());
        Ok(Self { position, stream: recorded.stream, headers, payload: payload.into() })
    }
}

impl Read {
    /// Reads a message.
    ///
    /// # Errors
    /// When it is no event, or one of a newer release.
    pub fn message(headers: Option<&HeaderMap>, payload: &[u8]) -> Result<Self, MessageError> {
        let (log, chain) = place(headers)?;
        let told: Told<'_> = serde_json::from_slice(payload).map_err(MessageError::Body)?;
        let number = |text: &str| {
            text.parse::<u64>().map_err(|error| MessageError::Body(serde::de::Error::custom(error)))
        };
        let name = told.r#type.rsplit('.').next().unwrap_or_default();
        let mut fields = serde_json::Deserializer::from_str(told.data.get());
        let data = Value::deserialize(&mut fields).map_err(MessageError::Body)?;
        let event = match Event::read(name, data) {
            Some(event) => event.map_err(MessageError::Body)?,
            None => return Err(MessageError::UnknownType(told.r#type)),
        };
        let stamp = Stamp {
            position: GlobalPosition::new(number(&told.position)?),
            version: StreamVersion::new(number(&told.version)?),
            occurred_at: told.time,
            recorded_at: told.recordedat,
        };
        let origin = told.importbatch.map_or(Origin::Live, Origin::Import);
        let event = FeedEvent { stream: told.subject, stamp, origin, event };
        Ok(Self { log, chain, event })
    }
}

/// What the headers say: which log, and the chain's value.
pub(crate) fn place(headers: Option<&HeaderMap>) -> Result<(LogIdentity, ChainHash), MessageError> {
    let text = |name: &'static str| {
        let value = headers.and_then(|headers| headers.get(name));
        value.map(|value| value.as_str()).ok_or(MessageError::Header(name))
    };
    let wrong = MessageError::Header;
    let log_id = u128::from_str_radix(text(LOG)?, 16).map_err(|_| wrong(LOG))?;
    let epoch = Epoch::new(text(EPOCH)?.parse().map_err(|_| wrong(EPOCH))?);
    let chain = text(CHAIN)?.parse().map_err(|_| wrong(CHAIN))?;
    Ok((LogIdentity { log_id, epoch }, chain))
}

/// The event as it reads once everything personal is erased.
fn without_persons(event: &Event) -> Result<Event, eventlog::PayloadError> {
    let mut encoded = encode_payload(event)?;
    encoded.personal = None;
    decode_payload(&encoded)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::engineer::{EngineerEvent, PersonCard, ProfileSet};
    use domain::{Actor, CommandId, Issuer, Party, Personal, StreamKind};
    use eventlog::{AppendHeader, Fingerprint, samples};

    use super::*;

    fn recorded(event: Event) -> RecordedEvent {
        RecordedEvent {
            position: GlobalPosition::new(u64::MAX >> 1),
            stream: match event.kind() {
                StreamKind::Log => StreamId::LOG,
                StreamKind::Rules => StreamId::RULES,
                StreamKind::Audit => StreamId::AUDIT,
                kind => StreamId::new(kind, 1),
            },
            version: StreamVersion::new(3),
            id: EventId::from_u128(4),
            occurred_at: Timestamp::from_micros(1_800_000_000_000_001),
            recorded_at: Timestamp::from_micros(1_800_000_000_000_002),
            header: Arc::new(AppendHeader {
                command: CommandId { issuer: Issuer::Dispatcher, key: "assign/1".into() },
                fingerprint: Fingerprint([0; 16]),
                actor: Actor::system(Party::Dispatcher),
                caused_by: Some(GlobalPosition::new(7)),
                origin: Origin::Import(ImportBatchId::from_u128(5)),
                basis: None,
            }),
            event,
        }
    }

    const LOG: LogIdentity = LogIdentity { log_id: 0xab, epoch: Epoch::FIRST };
    const CHAIN: ChainHash = ChainHash([9; 32]);

    #[test]
    fn every_event_reads_back_as_it_was_written_but_for_what_is_personal() {
        for sample in samples::all() {
            for event in sample.events {
                let recorded = recorded(event);
                let written = Published::write(LOG, CHAIN, &recorded).expect("is written");
                let read = Read::message(Some(&written.headers), &written.payload);
                let read = read.unwrap_or_else(|error| panic!("{}: {error:?}", sample.name));
                assert_eq!((read.log, read.chain), (LOG, CHAIN));
                assert_eq!(read.event.stream, recorded.stream);
                assert_eq!(read.event.origin, recorded.header.origin);
                assert_eq!(read.event.stamp.position, recorded.position);
                assert_eq!(read.event.stamp.recorded_at, recorded.recorded_at);
                assert_eq!(read.event.event, without_persons(&recorded.event).expect("encodes"));
            }
        }
    }

    #[test]
    fn nothing_personal_travels() {
        let card = PersonCard { name: Some("张三".into()), phone: Some("13800000000".into()) };
        let all = samples::all().into_iter().flat_map(|sample| sample.events);
        let profile = all.into_iter().find_map(|event| match event {
            Event::Engineer(EngineerEvent::ProfileSet(set)) => Some(set),
            _ => None,
        });
        let set = ProfileSet { card: Personal::Known(card), ..profile.expect("a sample") };
        let event = Event::Engineer(EngineerEvent::ProfileSet(set));
        let written = Published::write(LOG, CHAIN, &recorded(event));
        let payload = written.expect("is written").payload;
        let text = std::str::from_utf8(&payload).expect("JSON");
        assert!(!text.contains("138") && !text.contains("张三"), "{text}");
    }
}
