//! `paidan serve`.

use std::io::{self, Write};
use std::sync::Arc;

use eventlog::SystemClock;
use tokio::signal::unix::{SignalKind, signal};

use super::CliError;
use crate::config::Config;
use crate::demo::DemoError;
use crate::logging::{self, LoggingError};
use crate::serve::{Server, StartError, StopError, allow_more_files};

/// Why a server did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum ServeFailed {
    /// The machine gives no threads, or no signals.
    #[error("the server could not be set up")]
    Machine(#[source] io::Error),
    /// It cannot say what it does as it was told to.
    #[error(transparent)]
    Logging(#[from] LoggingError),
    /// NATS cannot be used as configured.
    #[error(transparent)]
    Nats(#[from] relay::ConnectError),
    /// It did not start.
    #[error("the server could not start")]
    Start(#[from] StartError),
    /// It did not stop cleanly.
    #[error("the server did not stop cleanly; what was acknowledged is safe")]
    Stop(#[from] StopError),
    /// The demo could not begin, or ended by itself.
    #[error("the demo failed")]
    Demo(#[from] DemoError),
}

/// Serves until it is told to stop.
pub(super) fn run(config: &Config, out: &mut dyn Write) -> Result<(), CliError> {
    let _logging = logging::begin(&config.log, "info").map_err(ServeFailed::from)?;
    allow_more_files();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(ServeFailed::Machine)?;
    runtime.block_on(serve(config, out)).map_err(Into::into)
}

async fn serve(config: &Config, out: &mut dyn Write) -> Result<(), ServeFailed> {
    // Before the address is printed, so that whoever reads it may stop the server at once.
    let told_to_stop = told_to_stop()?;
    let server = Server::start(config, Arc::new(SystemClock)).await?;
    let greeting = format!(
        "Paidan serves at http://{}\n\
         on the log in {}; Ctrl-C stops it.\n\
         It listens on this machine only, because there are no accounts yet.\n",
        server.address(),
        config.data.display(),
    );
    // Nobody may be reading, and still everybody can be served.
    if let Err(error) = out.write_all(greeting.as_bytes()).and_then(|()| out.flush()) {
        tracing::warn!(%error, "the address could not be printed: {}", server.address());
    }
    told_to_stop.await;
    tracing::info!("stopping");
    server.stop().await?;
    Ok(())
}

/// Listens for Ctrl-C and for what service managers send, from now on.
pub(super) fn told_to_stop() -> Result<impl Future<Output = ()>, ServeFailed> {
    let mut interrupted = signal(SignalKind::interrupt()).map_err(ServeFailed::Machine)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(ServeFailed::Machine)?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}
