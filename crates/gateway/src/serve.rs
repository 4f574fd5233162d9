//! Serving the API on a listener, until told to stop.
//!
//! Not axum's own loop: that has no bound on connections, and waits for ever for a head that does
//! not come.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::{Listener, ListenerExt};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::{Gateway, router};

/// Requests that are under way at shutdown are given so long.
const LAST_ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Serves on TCP until `shutdown` answers; then streams end, and what is under way is answered.
///
/// # Errors
/// None today; a listener that cannot accept waits until it can.
pub async fn serve_tcp(
    listener: TcpListener,
    gateway: Arc<Gateway>,
    shutdown: impl Future<Output = ()> + Send,
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
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    serve(listener, gateway, shutdown).await
}

async fn serve<L: Listener>(
    mut listener: L,
    gateway: Arc<Gateway>,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let app = router(Arc::clone(&gateway));
    let places = Arc::new(Semaphore::new(gateway.config().connections_max));
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        // The place first: whoever comes while all are taken waits in the system's queue.
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, (io, _)) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accepted => accepted,
        };
        let (app, gateway) = (app.clone(), Arc::clone(&gateway));
        connections.spawn(async move {
            connection(io, app, &gateway).await;
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    // Streams never end by themselves.
    gateway.close();
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(LAST_ANSWERS_WITHIN, all).await.is_err() {
        tracing::warn!("some requests were not answered in time and are cut off");
    }
    Ok(())
}

async fn connection<I>(io: I, app: Router, gateway: &Gateway)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(gateway.config().head_within)
        .serve_connection(TokioIo::new(io), TowerToHyperService::new(app));
    let mut served = pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = gateway.closed() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        // The client went away, or spoke something else.
        tracing::debug!(error = %error, "a connection broke off");
    }
}
