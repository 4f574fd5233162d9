//! The gateway's side of NATS: events out, commands in.

use std::sync::Arc;

use bytes::Bytes;
use eventlog::{Clock, EventLog};
use gateway::{Gateway, answer_message};
use relay::{
    Client, Heard, Names, Requests, Status, answer_requests, answer_words, hear_dispatchers,
    publish,
};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::dispatching::EngineCommands;
use super::told;

/// Both directions, at work.
pub(super) struct Relaying {
    events: JoinHandle<()>,
    commands: JoinHandle<()>,
    words: JoinHandle<()>,
    dispatchers: JoinHandle<()>,
}

impl Relaying {
    pub(super) fn begin(
        client: Client,
        names: Names,
        (log, clock, status): (Arc<dyn EventLog>, Arc<dyn Clock>, Arc<Status>),
        (gateway, commands): (Arc<Gateway>, EngineCommands),
        heard: Arc<Heard>,
        stopped: &watch::Receiver<bool>,
    ) -> Self {
        let stop = told(stopped.clone());
        let telling =
            answer_words(client.clone(), names.clone(), Arc::clone(&log), told(stopped.clone()));
        let words = tokio::spawn(async move {
            if let Err(error) = telling.await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "dispatchers are not told any words any more; they see no duplicate reports"
                );
            }
        });
        let hearing = hear_dispatchers(client.clone(), names.clone(), heard, told(stopped.clone()));
        let dispatchers = tokio::spawn(async move {
            if let Err(error) = hearing.await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "dispatchers are not heard any more; whether anybody dispatches is not known"
                );
            }
        });
        let publishing = publish(log, client.clone(), names.clone(), clock, status, stop);
        let events = tokio::spawn(async move {
            if let Err(error) = publishing.await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "events are not published any more; dispatchers elsewhere hear of nothing"
                );
            }
        });
        let answering =
            answer_requests(client, names, Programs(gateway), commands, told(stopped.clone()));
        let commands = tokio::spawn(async move {
            if let Err(error) = answering.await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "commands over NATS are not taken any more"
                );
            }
        });
        Self { events, commands, words, dispatchers }
    }

    /// Waits until what was under way is done.
    pub(super) async fn stop(self) -> Result<(), tokio::task::JoinError> {
        let (commands, words) = (self.commands.await, self.words.await);
        self.events.await?;
        words?;
        self.dispatchers.await?;
        commands
    }
}

/// What programs send is answered as over HTTP.
struct Programs(Arc<Gateway>);

impl Requests for Programs {
    async fn answer(&self, headers: &[(&str, &str)], payload: &[u8]) -> Bytes {
        answer_message(&self.0, headers, payload).await
    }
}
