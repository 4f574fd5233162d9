//! A connection to a NATS server, or to one of several.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event};

use crate::line::Line;
use crate::tls::{self, ClientCertificate, TlsError};

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
    /// Authorities whose certificates are trusted instead of the system's (PEM).
    pub root_certificates: Option<PathBuf>,
    /// For a server that asks its clients for a certificate.
    pub client_certificate: Option<ClientCertificate>,
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
    /// Certificates or a key cannot be used.
    #[error("TLS with the NATS server at {url} cannot be set up")]
    Tls {
        /// Where.
        url: String,
        /// Which file, and why.
        #[source]
        source: Box<TlsError>,
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
/// When the address, the credentials or a file of certificates cannot be used at all.
pub async fn connect(options: &NatsOptions) -> Result<Client, ConnectError> {
    connect_telling(options, Arc::default()).await
}

/// Connects as [`connect`] does, and notes in `line` why it does not succeed.
///
/// # Errors
/// As [`connect`].
pub async fn connect_telling(
    options: &NatsOptions,
    line: Arc<Line>,
) -> Result<Client, ConnectError> {
    let NatsOptions { url, root_certificates, client_certificate, .. } = options;
    tls::check(root_certificates.as_deref(), client_certificate.as_ref())
        .map_err(|source| ConnectError::Tls { url: url.clone(), source: Box::new(source) })?;
    let told = Arc::clone(&line);
    let mut connecting = ConnectOptions::new()
        .name(&options.name)
        .retry_on_initial_connect()
        .max_reconnects(None)
        .reconnect_delay_callback(|attempts| {
            let doublings = u32::try_from(attempts.min(6)).unwrap_or(6);
            (RECONNECT_FIRST * 2_u32.pow(doublings)).min(RECONNECT_MAX)
        })
        .reconnect_to_server_callback(move |servers, _| {
            line.look(&servers);
            // Which one is next is the library's choice.
            std::future::ready(None)
        })
        .event_callback(move |event| {
            match event {
                Event::Connected => {
                    told.is_up();
                    tracing::info!("connected to NATS");
                }
                Event::Disconnected => {
                    tracing::warn!("the connection to NATS broke; trying again");
                }
                Event::ServerError(refused) => told.is_refused(refused.to_string()),
                other => tracing::debug!(event = %other, "NATS"),
            }
            std::future::ready(())
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
    if let Some(path) = root_certificates {
        connecting = connecting.add_root_certificates(path.clone());
    }
    if let Some(ClientCertificate { certificate, key }) = client_certificate {
        connecting = connecting.add_client_certificate(certificate.clone(), key.clone());
    }
    let addresses: Vec<&str> = url.split(',').map(str::trim).collect();
    let connected = connecting.connect(addresses).await;
    connected.map_err(|source| ConnectError::Connect { url: url.clone(), source })
}
