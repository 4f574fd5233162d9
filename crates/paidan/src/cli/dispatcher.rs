//! `paidan dispatcher`.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use dispatcher::{Dispatcher, DriveError, Options, Role, Status, drive};
use eventlog::{Clock, SystemClock};
use relay::{LeaseOptions, Names, RemoteCommands, WordedFeed, WordsStatus, keep_lease};
use tokio::sync::{oneshot, watch};

use super::CliError;
use super::serve::{ServeFailed, told_to_stop};
use crate::config::Config;
use crate::logging;
use crate::serve::ClockWait;

/// After it could not go on, the first pause; it doubles …
const RETRY_FIRST: Duration = Duration::from_millis(200);
/// … up to this.
const RETRY_MAX: Duration = Duration::from_secs(10);

/// Dispatches until it is told to stop. Whatever breaks, a fresh core reads everything again.
pub(super) fn run(config: &Config, out: &mut dyn Write) -> Result<(), CliError> {
    let _logging = logging::begin(&config.log, "info").map_err(ServeFailed::from)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(ServeFailed::Machine)?;
    runtime.block_on(follow(config, out))
}

async fn follow(config: &Config, out: &mut dyn Write) -> Result<(), CliError> {
    let told_to_stop = told_to_stop()?;
    let me = id().map_err(ServeFailed::Machine)?;
    let options = config.nats.options(&format!("paidan dispatcher {me}"))?;
    let client = relay::connect(&options).await.map_err(ServeFailed::from)?;
    let greeting = format!(
        "Paidan dispatches for the gateway at {}, subjects `{}`; Ctrl-C stops it.\n",
        config.nats.url,
        config.nats.names.events(),
    );
    // Nobody may be reading, and still everybody can be dispatched to.
    if let Err(error) = out.write_all(greeting.as_bytes()).and_then(|()| out.flush()) {
        tracing::warn!(%error, "the greeting could not be printed");
    }
    tracing::info!("this is dispatcher {me}");
    let (names, status) = (config.nats.names.clone(), Arc::new(Status::default()));
    let (role, roles) = watch::channel(Role::Standby);
    let (stop, stopped) = oneshot::channel::<()>();
    let lease = LeaseOptions { me, lasts: config.nats.lease };
    let kept = Arc::clone(&status);
    let leading = keep_lease(client.clone(), names.clone(), lease, kept, role, async move {
        drop(stopped.await);
    });
    let leading = tokio::spawn(leading);
    let dispatcher = Following { client, names, status, roles, clock: Arc::new(SystemClock) };
    tokio::select! {
        () = told_to_stop => {}
        never = dispatcher.dispatch() => match never {},
    }
    // Another one leads at once.
    drop(stop);
    if let Err(error) = leading.await {
        tracing::warn!(%error, "the lease was not given back; it ends by itself");
    }
    Ok(())
}

/// Tells this dispatcher apart from all others.
fn id() -> std::io::Result<String> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(format!("{:08x}", u32::from_be_bytes(bytes)))
}

/// Everything that one reading after the other needs.
struct Following {
    client: relay::Client,
    names: Names,
    status: Arc<Status>,
    roles: watch::Receiver<Role>,
    clock: Arc<dyn Clock>,
}

impl Following {
    async fn dispatch(&self) -> std::convert::Infallible {
        let Self { client, names, status, roles, clock } = self;
        let commands = RemoteCommands::new(client.clone(), names, roles.clone());
        let words = Arc::new(WordsStatus::default());
        let mut pause = RETRY_FIRST;
        loop {
            let (clock, words) = (Arc::clone(clock), Arc::clone(&words));
            let feed = WordedFeed::new(client.clone(), names.clone(), Arc::clone(&clock), words);
            let ended: Result<(), DriveError> = drive(
                Dispatcher::new(),
                feed,
                &commands,
                &ClockWait(Arc::clone(&clock)),
                status,
                Options::default(),
                std::future::pending(),
            )
            .await;
            if let Err(error) = ended {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the dispatcher begins again with nothing and reads everything anew"
                );
            }
            let was_well = status.snapshot().caught_up;
            status.begin();
            pause = if was_well { RETRY_FIRST } else { (pause * 2).min(RETRY_MAX) };
            clock.wait_until(clock.now().plus(pause)).await;
        }
    }
}
