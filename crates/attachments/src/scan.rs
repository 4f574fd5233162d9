//! Asking a virus scanner.
//!
//! An answer is one of three, and "unavailable" is one of them: what becomes of bytes that nobody
//! could scan is the caller's to decide, and so is when to ask again.

use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use crate::name::cut;
use crate::store;

/// What a scanner says of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// Something was.
    Infected {
        /// What the scanner calls it; at most 256 bytes.
        signature: String,
    },
    /// It was not scanned.
    Unavailable {
        /// Why not, for the log.
        why: String,
    },
}

/// Bytes to scan.
pub type ToScan<'a> = BoxStream<'a, Result<Bytes, store::Error>>;

/// Says whether bytes are harmful. Answers within a bounded time, and never fails: whatever goes
/// wrong is [`Verdict::Unavailable`].
pub trait Scanner: Send + Sync {
    /// Scans bytes as they come.
    fn scan<'a>(&'a self, bytes: ToScan<'a>) -> BoxFuture<'a, Verdict>;
}

/// Where clamd listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A host and port.
    Tcp(String),
    /// A socket in the file system.
    Unix(PathBuf),
}

/// How clamd is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Where it listens.
    pub address: Address,
    /// As long as it may take to connect. It is near, so two seconds are many.
    pub connect_within: Duration,
    /// As long as it may take nothing, or say nothing once it has all. Large archives take a while.
    pub silent_at_most: Duration,
    /// As long as it may take in all.
    pub answer_within: Duration,
}

impl Options {
    /// The usual bounds.
    pub const fn new(address: Address) -> Self {
        Self {
            address,
            connect_within: Duration::from_secs(2),
            silent_at_most: Duration::from_secs(60),
            answer_within: Duration::from_secs(300),
        }
    }
}

/// clamd, asked with `INSTREAM`.
#[derive(Debug, Clone)]
pub struct Clamd(Options);

/// clamd takes chunks of up to its `StreamMaxLength`; ours are far smaller.
const CHUNK_BYTES_MAX: usize = 256 * 1024;
/// An honest reply is one short line.
const REPLY_BYTES_MAX: usize = 4096;
const SIGNATURE_BYTES_MAX: usize = 256;

impl Clamd {
    /// Asks it so.
    pub const fn new(options: Options) -> Self {
        Self(options)
    }

    async fn ask(&self, bytes: ToScan<'_>) -> Result<Verdict, Failure> {
        let connect = async {
            Ok::<Box<dyn Line>, io::Error>(match &self.0.address {
                Address::Tcp(address) => Box::new(TcpStream::connect(address).await?),
                Address::Unix(path) => Box::new(UnixStream::connect(path).await?),
            })
        };
        let line = timeout(self.0.connect_within, connect).await;
        let line = line.map_err(|_| Failure::Slow("to connect"))?;
        let (mut from, mut to) = tokio::io::split(line.map_err(Failure::Line)?);
        let sent = {
            let mut sending = pin!(self.send(&mut to, bytes).fuse());
            let mut waiting = [0; 1];
            // It may answer before it has all: to what is too large, or infected early.
            tokio::select! {
                sent = &mut sending => sent.map(|()| None),
                early = from.read(&mut waiting) => {
                    early.map(|read| Some(waiting[..read].to_vec())).map_err(Failure::Line)
                }
            }
        };
        let mut reply = match sent {
            Ok(early) => early.unwrap_or_default(),
            // It may have hung up on us with a word on why.
            Err(Failure::Line(_)) => Vec::new(),
            Err(failure) => return Err(failure),
        };
        let mut from = from.take(REPLY_BYTES_MAX as u64);
        let read = timeout(self.0.silent_at_most, from.read_to_end(&mut reply)).await;
        match read.map_err(|_| Failure::Slow("for its answer"))? {
            // One that hangs up on bytes that it did not read resets the line behind its word.
            Err(error) if reply.is_empty() => Err(Failure::Line(error)),
            _ => Ok(verdict(&reply)),
        }
    }

    async fn send(
        &self,
        to: &mut (impl AsyncWrite + Unpin),
        mut bytes: ToScan<'_>,
    ) -> Result<(), Failure> {
        self.write(to, b"zINSTREAM\0").await?;
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(Failure::Bytes)?;
            for piece in chunk.chunks(CHUNK_BYTES_MAX) {
                let length = u32::try_from(piece.len()).unwrap_or(0).to_be_bytes();
                self.write(to, &length).await?;
                self.write(to, piece).await?;
            }
        }
        self.write(to, &[0; 4]).await
    }

    async fn write(&self, to: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Result<(), Failure> {
        let write = timeout(self.0.silent_at_most, to.write_all(bytes)).await;
        write.map_err(|_| Failure::Slow("to take bytes"))?.map_err(Failure::Line)
    }
}

impl Scanner for Clamd {
    fn scan<'a>(&'a self, bytes: ToScan<'a>) -> BoxFuture<'a, Verdict> {
        async move {
            let asked = timeout(self.0.answer_within, self.ask(bytes)).await;
            let asked = asked.unwrap_or(Err(Failure::Slow("in all")));
            asked.unwrap_or_else(|failure| Verdict::Unavailable { why: failure.to_string() })
        }
        .boxed()
    }
}

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("clamd takes too long {0}")]
    Slow(&'static str),
    #[error("no line to clamd: {0}")]
    Line(io::Error),
    #[error("the bytes could not be read: {0}")]
    Bytes(store::Error),
}

/// `stream: OK`, `stream: <signature> FOUND`, or `<why> ERROR`.
fn verdict(reply: &[u8]) -> Verdict {
    let reply = String::from_utf8_lossy(reply);
    let reply = reply.trim_matches(['\0', '\n', '\r', ' ']);
    let said = reply.strip_prefix("stream: ").unwrap_or(reply);
    if said == "OK" {
        return Verdict::Clean;
    }
    let clean = |text: &str| {
        let text: String = text.chars().filter(|char| !char.is_control()).collect();
        cut(text.trim(), SIGNATURE_BYTES_MAX).to_owned()
    };
    match said.strip_suffix(" FOUND") {
        Some(signature) => Verdict::Infected { signature: clean(signature) },
        None if said.is_empty() => Verdict::Unavailable { why: "clamd said nothing".into() },
        None => Verdict::Unavailable { why: format!("clamd said: {}", clean(said)) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ok_is_clean() {
        assert_eq!(verdict(b"stream: OK\0"), Verdict::Clean);
        let found = Verdict::Infected { signature: "Eicar-Test-Signature".into() };
        assert_eq!(verdict(b"stream: Eicar-Test-Signature FOUND\0"), found);
        for other in [&b""[..], b"stream: OK?", b"INSTREAM size limit exceeded. ERROR\0", b"\xff"] {
            assert!(matches!(verdict(other), Verdict::Unavailable { .. }), "{other:?}");
        }
    }
}
