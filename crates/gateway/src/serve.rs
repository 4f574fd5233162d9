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
use tokio::sync::{Semaphore, watch};
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
    listener: L,
    gateway: Arc<Gateway>,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let config = gateway.config();
    let bounds = Bounds { connections: config.connections_max, head_within: config.head_within };
    let closing = gateway.closing();
    serve_app(listener, router(gateway), bounds, closing, shutdown).await
}

/// How much is served at once, and how patiently.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) connections: usize,
    pub(crate) head_within: Duration,
}

/// Serves an app until `shutdown` answers; `closing` is set then, so that what never ends by itself
/// does.
pub(crate) async fn serve_app<L: Listener>(
    mut listener: L,
    app: Router,
    bounds: Bounds,
    closing: watch::Sender<bool>,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(bounds.connections));
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
        let (app, closed) = (app.clone(), closing.subscribe());
        connections.spawn(async move {
            connection(io, app, bounds.head_within, closed).await;
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    // Streams never end by themselves.
    closing.send_replace(true);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(LAST_ANSWERS_WITHIN, all).await.is_err() {
        tracing::warn!("some requests were not answered in time and are cut off");
    }
    Ok(())
}

async fn connection<I>(io: I, app: Router, head_within: Duration, mut closed: watch::Receiver<bool>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_within)
        .serve_connection(TokioIo::new(io), TowerToHyperService::new(app));
    let mut served = pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        // A sender that is gone closes as well.
        () = async { drop(closed.wait_for(|closed| *closed).await) } => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        // The client went away, or spoke something else.
        tracing::debug!(error = %error, "a connection broke off");
    }
}
