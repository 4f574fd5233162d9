//! Commands that come by request and reply.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use async_nats::{Client, Message, Subscriber};
use bytes::Bytes;
use dispatcher::{Action, Answer, Basis, Commands, SubmitError};
use domain::{Command, CommandId, GlobalPosition, Issuer};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::names::Names;

/// Requests at once; those that come then wait in the connection's own queue.
const AT_ONCE_MAX: usize = 256;
/// Several gateways over one log would share the requests.
pub(crate) const GROUP: &str = "gateway";

/// Answers the commands that programs send.
pub trait Requests: Send + Sync + 'static {
    /// The answer to one request, given its headers and payload.
    fn answer(
        &self,
        headers: &[(&str, &str)],
        payload: &[u8],
    ) -> impl Future<Output = Bytes> + Send;
}

/// An action as it travels.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ActionSent {
    key: String,
    command: Command,
    basis: Basis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    caused_by: Option<GlobalPosition>,
}

impl From<&Action> for ActionSent {
    fn from(action: &Action) -> Self {
        let Action { id, command, basis, caused_by } = action.clone();
        Self { key: id.key, command, basis, caused_by }
    }
}

impl From<ActionSent> for Action {
    fn from(sent: ActionSent) -> Self {
        let ActionSent { key, command, basis, caused_by } = sent;
        Self { id: CommandId { issuer: Issuer::Dispatcher, key }, command, basis, caused_by }
    }
}

/// What is answered to an action.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    Answer(Answer),
    Busy,
    OutcomeUnknown,
    Closed,
    /// The request is none.
    Unreadable(String),
}

impl From<Result<Answer, SubmitError>> for Reply {
    fn from(submitted: Result<Answer, SubmitError>) -> Self {
        match submitted {
            Ok(answer) => Self::Answer(answer),
            Err(SubmitError::Busy) => Self::Busy,
            Err(SubmitError::OutcomeUnknown(_)) => Self::OutcomeUnknown,
            Err(SubmitError::Closed) => Self::Closed,
        }
    }
}

impl From<Reply> for Result<Answer, SubmitError> {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Answer(answer) => Ok(answer),
            // The gateway starts again soon; the ids make it safe to ask once more.
            Reply::Busy | Reply::Closed | Reply::OutcomeUnknown => Err(SubmitError::Busy),
            Reply::Unreadable(why) => {
                tracing::error!(
                    why,
                    "the gateway does not understand this dispatcher; upgrade one"
                );
                Ok(Answer::NotTaken)
            }
        }
    }
}

/// Answers requests until `stop` is ready; what is under way is answered first.
///
/// # Errors
/// When the connection is closed for good.
pub async fn answer_requests<R: Requests, C: Commands + Send + 'static>(
    client: Client,
    names: Names,
    programs: R,
    commands: C,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), async_nats::SubscribeError> {
    let group = || GROUP.to_owned();
    let mut sent = client.queue_subscribe(names.commands(), group()).await?;
    let mut actions = client.queue_subscribe(names.dispatcher_commands(), group()).await?;
    let (programs, commands) = (Arc::new(programs), Arc::new(commands));
    let places = Arc::new(Semaphore::new(AT_ONCE_MAX));
    let mut under_way = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let place = Arc::clone(&places).acquire_owned();
        let (place, (message, is_action)) = tokio::select! {
            () = &mut stop => break,
            next = async { (place.await, either(&mut sent, &mut actions).await) } => next,
        };
        let Some(message) = message else { break };
        let Some(reply_to) = message.reply.clone() else {
            // Whoever asks for no answer cannot know whether it was recorded.
            tracing::debug!(subject = %message.subject, "a command without a reply subject");
            continue;
        };
        let (client, programs, commands) =
            (client.clone(), Arc::clone(&programs), Arc::clone(&commands));
        under_way.spawn(async move {
            let answer = if is_action {
                carry_out(&*commands, &message.payload).await
            } else {
                programs.answer(&headers_of(&message), &message.payload).await
            };
            if let Err(error) = client.publish(reply_to, answer).await {
                tracing::debug!(error = %error, "an answer could not be sent");
            }
            drop(place);
        });
        while under_way.try_join_next().is_some() {}
    }
    while under_way.join_next().await.is_some() {}
    // Answers are on their way before the connection is closed.
    client.flush().await.unwrap_or_else(|error| {
        tracing::debug!(error = %error, "the last answers could not be sent");
    });
    Ok(())
}

async fn either(sent: &mut Subscriber, actions: &mut Subscriber) -> (Option<Message>, bool) {
    tokio::select! {
        message = sent.next() => (message, false),
        message = actions.next() => (message, true),
    }
}

/// Names and values; a header that stands there twice is handed on twice.
fn headers_of(message: &Message) -> Vec<(&str, &str)> {
    let headers = message.headers.iter().flat_map(async_nats::HeaderMap::iter);
    let texts = headers.flat_map(|(name, values)| {
        let name: &str = name.as_ref();
        values.iter().map(move |value| (name, value.as_str()))
    });
    texts.collect()
}

async fn carry_out(commands: &impl Commands, request: &[u8]) -> Bytes {
    let reply = match serde_json::from_slice::<ActionSent>(request) {
        Ok(sent) => commands.submit(&sent.into()).await.into(),
        Err(error) => Reply::Unreadable(error.to_string()),
    };
    match serde_json::to_vec(&reply) {
        Ok(bytes) => bytes.into(),
        Err(error) => {
            tracing::error!(error = %error, "an answer could not be written");
            Bytes::new()
        }
    }
}
