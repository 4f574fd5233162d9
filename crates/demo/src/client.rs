//! HTTP as anybody speaks it: one connection that is kept, to the address that the server printed.

use std::net::SocketAddr;
use std::time::Duration;

use domain::Party;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

/// No answer takes longer, however busy the machine is.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// Why there is no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens, or the connection broke off.
    #[error("the server at {address} could not be reached")]
    Connect {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The conversation broke off.
    #[error("{method} {path} was not answered")]
    Broken {
        /// What was asked.
        method: Method,
        /// Where.
        path: String,
        /// Why.
        #[source]
        source: hyper::Error,
    },
    /// No answer in time.
    #[error("{method} {path} was not answered within {} s", ANSWER_WITHIN.as_secs())]
    TooLate {
        /// What was asked.
        method: Method,
        /// Where.
        path: String,
    },
    /// The request cannot be written: a bug.
    #[error("a request to {path} cannot be written")]
    Request {
        /// Where.
        path: String,
        /// Why.
        #[source]
        source: hyper::http::Error,
    },
    /// The answer is not what the API says it is.
    #[error("the answer to {path} is not what the API says it is")]
    Answer {
        /// Where.
        path: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    body: Bytes,
    path: String,
}

impl Answer {
    /// The body.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body)
            .map_err(|source| ClientError::Answer { path: self.path.clone(), source })
    }

    /// The body as text, for messages.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(500).collect()
    }
}

/// A client with one connection.
#[derive(Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    connection: Option<SendRequest<Full<Bytes>>>,
    key_prefix: String,
    sent: u64,
}

/// Who acts, as the header says it.
fn actor(party: Party) -> String {
    match party {
        Party::Customer(id) => format!("customer:{id}"),
        Party::Engineer(id) => format!("engineer:{id}"),
        Party::Agent(id) => format!("agent:{id}"),
        Party::Supervisor(id) => format!("supervisor:{id}"),
        Party::Director(id) => format!("director:{id}"),
        Party::Administrator(id) => format!("administrator:{id}"),
        // Parts of the system do not speak HTTP.
        Party::Anonymous | Party::Dispatcher | Party::Gateway | Party::Import => "anonymous".into(),
    }
}

impl Client {
    pub(crate) fn new(address: SocketAddr, seed: u64) -> Self {
        Self { address, connection: None, key_prefix: format!("demo-{seed}"), sent: 0 }
    }

    /// Reads.
    pub(crate) async fn get(&mut self, path: String) -> Result<Answer, ClientError> {
        self.send(Method::GET, path, None, Vec::new()).await
    }

    /// Commands, as somebody.
    pub(crate) async fn command(
        &mut self,
        method: Method,
        path: String,
        by: Party,
        body: Vec<u8>,
    ) -> Result<Answer, ClientError> {
        self.send(method, path, Some(by), body).await
    }

    async fn send(
        &mut self,
        method: Method,
        path: String,
        by: Option<Party>,
        body: Vec<u8>,
    ) -> Result<Answer, ClientError> {
        let broken =
            |source| ClientError::Broken { method: method.clone(), path: path.clone(), source };
        let mut request = Request::builder()
            .method(method.clone())
            .uri(&path)
            .header("Host", self.address.to_string())
            .header("Paidan-Client", "demo");
        if let Some(by) = by {
            self.sent += 1;
            request = request
                .header("Content-Type", "application/json")
                .header("Paidan-Actor", actor(by))
                .header("Idempotency-Key", format!("{}-{}", self.key_prefix, self.sent));
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|source| ClientError::Request { path: path.clone(), source })?;
        let connection = match self.connection.take().filter(|open| !open.is_closed()) {
            Some(open) => open,
            None => connect(self.address).await?,
        };
        let connection = self.connection.insert(connection);
        let asked = async {
            connection.ready().await?;
            let (head, body) = connection.send_request(request).await?.into_parts();
            Ok((head.status, body.collect().await?.to_bytes()))
        };
        match tokio::time::timeout(ANSWER_WITHIN, asked).await {
            Ok(Ok((status, body))) => Ok(Answer { status, body, path }),
            Ok(Err(source)) => Err(broken(source)),
            Err(_) => Err(ClientError::TooLate { method, path }),
        }
    }
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>, ClientError> {
    let unreachable = |source| ClientError::Connect { address, source };
    let stream = TcpStream::connect(address).await.map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    let (connection, serving) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|source| unreachable(std::io::Error::other(source)))?;
    tokio::spawn(async move {
        if let Err(error) = serving.await {
            tracing::debug!(%error, "the demo's connection broke off");
        }
    });
    Ok(connection)
}
