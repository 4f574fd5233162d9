//! A connection to a NATS server, or to one of several.

use std::path::PathBuf;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event};

/// Between attempts to connect again: doubles from the first to the last of these.
const RECONNECT_FIRST: Duration = Duration::from_millis(100);
const RECONNECT_MAX: Duration = Duration::from_secs(2);

/// How we say who we are.
#[derive(Clone, Default)]
pub enum Credentials {
    /// Not at all.
    #[default]
    None,
    /// With a shared word.
    Token(String),
    /// With a key of our own: the seed, which begins with `SU`.
    NKey(String),
    /// With a file that a NATS operator made (`.creds`).
    File(PathBuf),
}

impl std::fmt::Debug for Credentials {
    /// Without anything secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Token(_) => "Token(…)",
            Self::NKey(_) => "NKey(…)",
            Self::File(_) => "File(…)",
        })
    }
}

/// Where and how to connect.
#[derive(Debug, Clone, Default)]
pub struct NatsOptions {
    /// `nats://host:port`, or `tls://…`; several with commas between them.
    pub url: String,
    /// Who we are.
    pub credentials: Credentials,
    /// Certificates that are trusted beside the system's (PEM).
    pub root_certificates: Option<PathBuf>,
    /// What the server calls us in its lists.
    pub name: String,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The file with credentials cannot be read.
    #[error("the credentials in {path} cannot be used")]
    Credentials {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The address is none, or the server refuses us.
    #[error("could not connect to NATS at {url}")]
    Connect {
        /// Where.
        url: String,
        /// Why.
        #[source]
        source: async_nats::ConnectError,
    },
}

/// Connects in the background, now and whenever the connection breaks: a server that is absent or
/// restarts is waited for.
///
/// # Errors
/// When the address or the credentials cannot be used at all.
pub async fn connect(options: &NatsOptions) -> Result<Client, ConnectError> {
    let mut connecting = ConnectOptions::new()
        .name(&options.name)
        .retry_on_initial_connect()
        .max_reconnects(None)
        .reconnect_delay_callback(|attempts| {
            let doublings = u32::try_from(attempts.min(6)).unwrap_or(6);
            (RECONNECT_FIRST * 2_u32.pow(doublings)).min(RECONNECT_MAX)
        })
        .event_callback(async |event| match event {
            Event::Connected => tracing::info!("connected to NATS"),
            Event::Disconnected => tracing::warn!("the connection to NATS broke; trying again"),
            other => tracing::debug!(event = %other, "NATS"),
        });
    connecting = match &options.credentials {
        Credentials::None => connecting,
        Credentials::Token(token) => connecting.token(token.clone()),
        Credentials::NKey(seed) => connecting.nkey(seed.clone()),
        Credentials::File(path) => connecting
            .credentials_file(path)
            .await
            .map_err(|source| ConnectError::Credentials { path: path.clone(), source })?,
    };
    if let Some(path) = &options.root_certificates {
        connecting = connecting.add_root_certificates(path.clone());
    }
    let addresses: Vec<&str> = options.url.split(',').map(str::trim).collect();
    let connected = connecting.connect(addresses).await;
    connected.map_err(|source| ConnectError::Connect { url: options.url.clone(), source })
}
