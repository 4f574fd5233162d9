//! The JetStream stream of events, as far as we ask anything of it.

use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use async_nats::jetstream::context::{ContextBuilder, GetStreamErrorKind};
use async_nats::jetstream::{Context, ErrorCode, stream};
use eventlog::LogIdentity;

use crate::message::place;
use crate::names::Names;
use crate::standing::{LastMessage, StreamState};

/// An answer that does not come by then is taken as lost.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// What stands before the log's id in the stream's description.
const DESCRIBED: &str = "Events of the Paidan log ";

/// Why the server could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("could not {doing} the stream on the NATS server")]
pub(crate) struct StreamError {
    doing: &'static str,
    #[source]
    source: async_nats::Error,
}

fn failed<E: Into<async_nats::Error>>(doing: &'static str) -> impl Fn(E) -> StreamError {
    move |source| StreamError { doing, source: source.into() }
}

/// The context in which everything is asked; at most so many messages wait for their answer.
pub(crate) fn context(client: Client, in_flight_max: usize) -> Context {
    ContextBuilder::new()
        .timeout(ANSWER_WITHIN)
        .ack_timeout(ANSWER_WITHIN)
        .max_ack_inflight(in_flight_max)
        .backpressure_on_inflight(true)
        .build(client)
}

/// What the stream and its last message say; nothing where there is no stream.
pub(crate) async fn look(
    context: &Context,
    names: &Names,
) -> Result<Option<(StreamState, Option<LastMessage>)>, StreamError> {
    let stream = match context.get_stream(names.stream()).await {
        Ok(stream) => stream,
        Err(error) if is_missing(&error.kind()) => return Ok(None),
        Err(error) => return Err(failed("look at")(error)),
    };
    let info = stream.cached_info();
    let state = StreamState {
        owner: info.config.description.as_deref().and_then(owner),
        first: info.state.first_sequence,
        last: info.state.last_sequence,
        messages: info.state.messages,
    };
    // A message that cannot be fetched is one that is gone.
    let last = match state.last {
        0 => None,
        last => stream.get_raw_message(last).await.ok(),
    };
    let last = last.and_then(|message| place(Some(&message.headers)).ok());
    Ok(Some((state, last.map(|(log, chain)| LastMessage { log_id: log.log_id, chain }))))
}

fn is_missing(error: &GetStreamErrorKind) -> bool {
    matches!(error, GetStreamErrorKind::JetStream(error)
        if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}

/// Makes the stream of this log, which has none.
pub(crate) async fn make(
    context: &Context,
    names: &Names,
    log: LogIdentity,
) -> Result<(), StreamError> {
    let config = stream::Config {
        name: names.stream(),
        description: Some(format!("{DESCRIBED}{:032x}", log.log_id)),
        subjects: vec![names.events()],
        storage: stream::StorageType::File,
        retention: stream::RetentionPolicy::Limits,
        allow_direct: true,
        ..stream::Config::default()
    };
    context.create_stream(config).await.map(drop).map_err(failed("make"))
}

/// Removes it.
pub(crate) async fn remove(context: &Context, names: &Names) -> Result<(), StreamError> {
    context.delete_stream(names.stream()).await.map(drop).map_err(failed("remove"))
}

/// The log whose stream it is, by its description.
fn owner(description: &str) -> Option<u128> {
    u128::from_str_radix(description.strip_prefix(DESCRIBED)?, 16).ok()
}

/// The stream to read from.
pub(crate) async fn existing(
    context: &Context,
    names: &Names,
) -> Result<stream::Stream, StreamError> {
    context.get_stream(names.stream()).await.map_err(failed("look at"))
}

/// All messages after this one, now and later.
pub(crate) async fn messages(stream: &stream::Stream, after: u64) -> Result<Ordered, StreamError> {
    let config = OrderedConfig {
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
        ..OrderedConfig::default()
    };
    let consumer = stream.create_consumer(config).await.map_err(failed("read"))?;
    consumer.messages().await.map_err(failed("read"))
}

impl StreamError {
    /// Reading broke off.
    pub(crate) fn reading(error: impl Into<async_nats::Error>) -> Self {
        failed("read")(error)
    }
}
