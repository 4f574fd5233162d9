//! The dispatcher's commands, sent to the gateway by request and reply.

use async_nats::Client;
use async_nats::client::RequestErrorKind;
use dispatcher::{Action, Answer, Commands, Role, SubmitError};
use tokio::sync::watch;

use crate::names::Names;
use crate::requests::{ActionSent, Reply};

/// Sends actions to whoever answers on the dispatcher's subject. Its ids make it safe to send one
/// again, so whatever is not answered in time counts as not taken.
#[derive(Debug, Clone)]
pub struct RemoteCommands {
    client: Client,
    subject: String,
    role: watch::Receiver<Role>,
}

impl RemoteCommands {
    /// Over this connection, while the role says so.
    pub fn new(client: Client, names: &Names, role: watch::Receiver<Role>) -> Self {
        Self { client, subject: names.dispatcher_commands(), role }
    }
}

impl Commands for RemoteCommands {
    fn role(&self) -> watch::Receiver<Role> {
        self.role.clone()
    }

    async fn submit(&self, action: &Action) -> Result<Answer, SubmitError> {
        let unknown = |error: serde_json::Error| SubmitError::OutcomeUnknown(error.into());
        let sent = ActionSent::from(action);
        let payload = serde_json::to_vec(&sent).map_err(unknown)?;
        match self.client.request(self.subject.clone(), payload.into()).await {
            Ok(reply) => serde_json::from_slice::<Reply>(&reply.payload).map_err(unknown)?.into(),
            Err(error) => {
                let nobody = error.kind() == RequestErrorKind::NoResponders;
                tracing::debug!(error = %error, nobody, "no answer to {}", action.id);
                Err(SubmitError::Busy)
            }
        }
    }
}
