//! Serving the API on a listener, until told to stop.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::{Listener, ListenerExt};
use tokio::net::{TcpListener, UnixListener};

use crate::{Gateway, router};

/// Requests that are under way at shutdown are given so long.
const LAST_ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Serves on TCP until `shutdown` answers; then streams end, and what is under way is answered.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve_tcp(
    listener: TcpListener,
    gateway: Arc<Gateway>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = listener.tap_io(|connection| {
        // Answers are small and waited for; without this they wait for each other.
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(error = %error, "a connection keeps delaying small packets");
        }
    });
    serve(listener, gateway, shutdown).await
}

/// Serves on a Unix socket, as [`serve_tcp`] does.
///
/// # Errors
/// As [`serve_tcp`].
pub async fn serve_unix(
    listener: UnixListener,
    gateway: Arc<Gateway>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve(listener, gateway, shutdown).await
}

async fn serve<L>(
    listener: L,
    gateway: Arc<Gateway>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let closed = gateway.closed();
    let closer = Arc::clone(&gateway);
    let told = async move {
        shutdown.await;
        // Streams never end by themselves.
        closer.close();
    };
    let served =
        async move { axum::serve(listener, router(gateway)).with_graceful_shutdown(told).await };
    tokio::select! {
        result = served => result,
        () = async {
            closed.await;
            tokio::time::sleep(LAST_ANSWERS_WITHIN).await;
        } => {
            tracing::warn!("some requests were not answered in time and are cut off");
            Ok(())
        }
    }
}
