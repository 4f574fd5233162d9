//! Keeps the lease on the server: looks, asks [`Lease`] what to do, writes.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::Client;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, LastRawMessageErrorKind, RetentionPolicy, StorageType,
};
use dispatcher::{Role, Status};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::lease::{Entry, Lease, Step};
use crate::names::Names;

/// Who asks for the lease, and for how long.
#[derive(Debug, Clone)]
pub struct LeaseOptions {
    /// Told apart from all other dispatchers by this.
    pub me: String,
    /// Whoever leads and is not heard of for so long is followed by another.
    pub lasts: Duration,
}

/// The message.
#[derive(Serialize, Deserialize)]
struct Held {
    holder: Option<String>,
}

/// Leads while it may, until `stop` is ready; `role` says whether it does. Only a dispatcher that
/// has caught up asks for the lease, and gives it back once it begins anew. A server that is absent
/// or has forgotten the lease is nothing special: nobody leads until it is there again.
pub async fn keep_lease(
    client: Client,
    names: Names,
    options: LeaseOptions,
    status: Arc<Status>,
    role: watch::Sender<Role>,
    stop: impl Future<Output = ()> + Send,
) {
    let lease = Lease::new(options.me, options.lasts);
    let context =
        ContextBuilder::new().timeout(lease.beat()).ack_timeout(lease.beat()).build(client);
    let mut keeper = Keeper { context, names, lease, role };
    let mut stop = pin!(stop);
    let mut numbers = status.watch();
    loop {
        let is_fit = numbers.borrow_and_update().caught_up;
        let beat = keeper.lease.beat();
        tokio::select! {
            () = &mut stop => break,
            () = async {
                if is_fit { keeper.beat().await } else { keeper.give_back().await }
                let other = numbers.wait_for(|now| now.caught_up != is_fit);
                // In time, or at once where it caught up or began anew.
                drop(tokio::time::timeout(beat, other).await);
            } => {}
        }
    }
    keeper.give_back().await;
}

struct Keeper {
    context: Context,
    names: Names,
    lease: Lease,
    role: watch::Sender<Role>,
}

impl Keeper {
    async fn beat(&mut self) {
        match self.look().await {
            Ok(entry) => {
                self.lease.saw(entry, Instant::now());
                if let Step::Write { revision } = self.lease.step(Instant::now()) {
                    self.write(revision).await;
                }
            }
            Err(error) => tracing::debug!(error = %error, "the lease cannot be seen now"),
        }
        self.tell();
    }

    /// Says whether it leads.
    fn tell(&self) {
        let leads = self.lease.leads(Instant::now());
        let now = if leads { Role::Leader } else { Role::Standby };
        self.role.send_if_modified(|role| {
            let changed = *role != now;
            if changed {
                tracing::info!(
                    "{}",
                    if leads { "it leads" } else { "another dispatcher may lead" }
                );
            }
            *role = now;
            changed
        });
    }

    async fn look(&self) -> Result<Option<Entry>, async_nats::Error> {
        let stream = self.context.get_stream_no_info(self.names.lease_stream()).await?;
        match stream.get_last_raw_message_by_subject(&self.names.lease()).await {
            Ok(message) => {
                // What is no lease is free to be written over.
                let held = serde_json::from_slice::<Held>(&message.payload).ok();
                let holder = held.and_then(|held| held.holder);
                Ok(Some(Entry { revision: message.sequence, holder }))
            }
            Err(error) => match error.kind() {
                LastRawMessageErrorKind::NoMessageFound => Ok(None),
                LastRawMessageErrorKind::JetStream(_) => self.make().await.map(|()| None),
                _ => Err(error.into()),
            },
        }
    }

    /// Makes the stream where there is none. Nothing of it is worth a disk.
    async fn make(&self) -> Result<(), async_nats::Error> {
        let config = Config {
            name: self.names.lease_stream(),
            subjects: vec![self.names.lease()],
            description: Some("Which Paidan dispatcher leads".into()),
            storage: StorageType::Memory,
            retention: RetentionPolicy::Limits,
            discard: DiscardPolicy::Old,
            max_messages: 1,
            ..Config::default()
        };
        self.context.create_stream(config).await?;
        Ok(())
    }

    async fn write(&mut self, revision: u64) {
        let sent = Instant::now();
        match self.put(Some(self.lease.me()), revision).await {
            Ok(revision) => self.lease.wrote(revision, sent),
            // Whether it is there shows at the next look.
            Err(error) => tracing::debug!(error = %error, "the lease was not written"),
        }
    }

    /// Lets another one lead at once.
    async fn give_back(&mut self) {
        let revision = self.lease.given_back();
        self.tell();
        if let Some(revision) = revision
            && let Err(error) = self.put(None, revision).await
        {
            tracing::debug!(error = %error, "the lease was not given back; it ends by itself");
        }
        self.lease.saw(None, Instant::now());
    }

    async fn put(&self, holder: Option<&str>, revision: u64) -> Result<u64, async_nats::Error> {
        let held = Held { holder: holder.map(str::to_owned) };
        let message = PublishMessage::build()
            .payload(serde_json::to_vec(&held)?.into())
            .expected_last_subject_sequence(revision);
        let sent = self.context.send_publish(self.names.lease(), message).await?;
        Ok(sent.await?.sequence)
    }
}
