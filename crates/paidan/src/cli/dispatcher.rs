//! `paidan dispatcher`.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use dispatcher::{Dispatcher, DriveError, Options, Status, drive};
use eventlog::{Clock, SystemClock};
use relay::{RemoteCommands, StreamFeed};

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
    let options = config.nats.options("paidan dispatcher")?;
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
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    tokio::select! {
        () = told_to_stop => {}
        never = dispatch(config, client, clock) => match never {},
    }
    Ok(())
}

async fn dispatch(
    config: &Config,
    client: relay::Client,
    clock: Arc<dyn Clock>,
) -> std::convert::Infallible {
    let names = &config.nats.names;
    let commands = RemoteCommands::new(client.clone(), names);
    let mut pause = RETRY_FIRST;
    loop {
        let status = Status::default();
        let feed = StreamFeed::new(client.clone(), names.clone(), Arc::clone(&clock));
        let ended: Result<(), DriveError> = drive(
            Dispatcher::new(),
            feed,
            &commands,
            &ClockWait(Arc::clone(&clock)),
            &status,
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
        pause = if status.snapshot().caught_up { RETRY_FIRST } else { (pause * 2).min(RETRY_MAX) };
        clock.wait_until(clock.now().plus(pause)).await;
    }
}
