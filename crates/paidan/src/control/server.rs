//! The server's end of the socket.
//!
//! Connections are answered on threads that may wait, a bounded number at once. Only whoever may
//! use the data directory may use the socket: its mode is 0600, and the other side's user is
//! looked at besides.

use std::collections::HashMap;
use std::future::Future;
use std::io::{self, BufReader, BufWriter, Write};
use std::net::Shutdown;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream as StdStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use sheets::How;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::directory;
use super::failure::{Failure, FailureKind};
use super::handler::{self, Parts, Replies};
use super::lines::{LineError, LineReader, parse, write_line};
use super::protocol::{Greeting, ImportLine, Opening, PROTOCOL, Reply, Request, Version};
use super::socket::SocketPath;

/// Commands that are answered at once; each has a thread.
const CONNECTIONS_MAX: usize = 16;

/// Steps of an import that are read before the ones before are decided: as many as are on their
/// way to the disk at once, or some hundred kilobytes.
const STEPS_AHEAD_MAX: usize = 1_024;

/// Whoever says or takes nothing for so long is given up.
const IDLE_MAX: Duration = Duration::from_secs(60);

/// After this, a stop no longer waits for answers that cannot be broken off.
const STOP_WAIT_MAX: Duration = Duration::from_secs(5);

/// Accepting can fail for want of descriptors; it is tried again after this.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Why commands cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Something else stands where the socket belongs.
    #[error("{path} is not a socket; move it away")]
    NotASocket {
        /// The socket's path.
        path: PathBuf,
    },
    /// The socket cannot be made.
    #[error("could not {doing} the control socket {path}")]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// The socket's path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// A socket that listens. Dropping it removes the file.
#[derive(Debug)]
pub struct Listening {
    listener: UnixListener,
    path: PathBuf,
    owner: u32,
}

impl Listening {
    /// Listens at a path in a data directory whose lock the caller holds: a socket that is there
    /// belongs to a server that died, and is replaced. Needs a runtime.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn bind(path: &Path) -> Result<Self, ControlError> {
        let io = |doing| move |source| ControlError::Io { doing, path: path.to_path_buf(), source };
        match std::fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => {
                return Err(ControlError::NotASocket { path: path.to_path_buf() });
            }
            Ok(_) => std::fs::remove_file(path).map_err(io("remove the old"))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(io("look at")(error)),
        }
        let short = SocketPath::new(path).map_err(io("reach"))?;
        let listener = UnixListener::bind(short.as_path()).map_err(io("bind"))?;
        let owner = std::fs::symlink_metadata(path).map_err(io("look at"))?.uid();
        let listening = Self { listener, path: path.to_path_buf(), owner };
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(path, mode).map_err(io("protect"))?;
        Ok(listening)
    }

    /// Answers until `shutdown` is ready, then breaks off what is being answered.
    ///
    /// # Errors
    /// None so far; what fails on one connection is that connection's.
    pub async fn serve(
        self,
        parts: Parts,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), ControlError> {
        let mut shutdown = std::pin::pin!(shutdown);
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut answering = JoinSet::new();
        let mut open: HashMap<tokio::task::Id, StdStream> = HashMap::new();
        loop {
            let stream = tokio::select! {
                () = &mut shutdown => break,
                Some(ended) = answering.join_next_with_id() => {
                    forget(&mut open, ended);
                    continue;
                }
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::warn!(%error, "a control connection could not be accepted");
                        tokio::time::sleep(ACCEPT_RETRY).await;
                        continue;
                    }
                },
            };
            if !self.may_ask(&stream) {
                tracing::warn!("refused a control connection of another user");
                continue;
            }
            let Ok(permit) = Arc::clone(&room).try_acquire_owned() else {
                turn_away(&stream);
                continue;
            };
            let (stream, handle) = match blocking(stream) {
                Ok(both) => both,
                Err(error) => {
                    tracing::warn!(%error, "a control connection could not be used");
                    continue;
                }
            };
            let parts = parts.clone();
            let task = answering.spawn_blocking(move || {
                let _permit = permit;
                converse(&parts, &stream)
            });
            open.insert(task.id(), handle);
        }
        for stream in open.values() {
            // Whoever waits for the other side wakes up. One that is gone already needs none.
            if let Err(error) = stream.shutdown(Shutdown::Both) {
                tracing::debug!(%error, "a control connection was closed already");
            }
        }
        let all = async {
            while let Some(ended) = answering.join_next_with_id().await {
                forget(&mut open, ended);
            }
        };
        if tokio::time::timeout(STOP_WAIT_MAX, all).await.is_err() {
            tracing::warn!("a control command is still at work; the stop no longer waits for it");
            answering.detach_all();
        }
        Ok(())
    }

    /// The owner of the directory and the superuser, who could do everything without us as well.
    fn may_ask(&self, stream: &UnixStream) -> bool {
        stream.peer_cred().is_ok_and(|peer| peer.uid() == self.owner || peer.uid() == 0)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "the control socket was not removed");
        }
    }
}

/// Answers the commands of the command line at a socket until `shutdown` is ready. The caller
/// holds the lock of the directory that the socket is in.
///
/// # Errors
/// When the socket cannot be made.
pub async fn serve(
    path: PathBuf,
    parts: Parts,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ControlError> {
    Listening::bind(&path)?.serve(parts, shutdown).await
}

type Joined = Result<(tokio::task::Id, Result<(), LineError>), tokio::task::JoinError>;

fn forget(open: &mut HashMap<tokio::task::Id, StdStream>, ended: Joined) {
    match ended {
        Ok((id, result)) => {
            open.remove(&id);
            if let Err(error) = result {
                tracing::info!(%error, "a control connection ended early");
            }
        }
        Err(error) => {
            open.remove(&error.id());
            tracing::error!(%error, "a control command panicked");
        }
    }
}

/// The stream for a thread that waits, and a handle that can wake it.
fn blocking(stream: UnixStream) -> io::Result<(StdStream, StdStream)> {
    let stream = stream.into_std()?;
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(IDLE_MAX))?;
    stream.set_write_timeout(Some(IDLE_MAX))?;
    let handle = stream.try_clone()?;
    Ok((stream, handle))
}

/// Says that there is no room, if that can be said without waiting.
fn turn_away(stream: &UnixStream) {
    let failure = Failure::new(
        FailureKind::Busy,
        format!("the server answers {CONNECTIONS_MAX} commands already; try again in a moment"),
    );
    let mut lines = Vec::new();
    let said = write_line(&mut lines, &Greeting::ours())
        .and_then(|()| write_line(&mut lines, &Reply::Failed(failure)))
        .and_then(|()| Ok(stream.try_write(&lines)?));
    if let Err(error) = said {
        tracing::debug!(%error, "a control connection was turned away without a word");
    }
}

struct Lines<'s> {
    to: BufWriter<&'s StdStream>,
}

impl Lines<'_> {
    fn write(&mut self, reply: &Reply) -> io::Result<()> {
        match write_line(&mut self.to, reply) {
            Ok(()) => Ok(()),
            Err(LineError::Io(error)) => Err(error),
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

impl Replies for Lines<'_> {
    fn send(&mut self, reply: Reply) -> io::Result<()> {
        self.write(&reply)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Answers the one request of a connection.
fn converse(parts: &Parts, stream: &StdStream) -> Result<(), LineError> {
    let mut lines = LineReader::new(BufReader::new(stream));
    let mut to = BufWriter::new(stream);
    // Said first, so that a client that is of another version can say so.
    write_line(&mut to, &Greeting::ours())?;
    to.flush()?;
    let mut replies = Lines { to };
    let request = match read_request(&mut lines) {
        Ok(request) => request,
        Err(failure) => return Ok(handler::end(Err(failure.into()), &mut replies)?),
    };
    tracing::debug!(?request, "a control command");
    match request {
        Request::ImportHistory { source, batch } => {
            thread::scope(|scope| {
                let (send, steps) = sync_channel(STEPS_AHEAD_MAX);
                thread::Builder::new()
                    .name("import-steps".into())
                    .spawn_scoped(scope, move || read_steps(lines, &send))?;
                let ended = handler::import(parts, source, batch, &steps, &mut replies);
                let said = handler::end(ended, &mut replies);
                // Wakes the reader where it waits: for room, or for a line that is not read.
                drop(steps);
                if let Err(error) = stream.shutdown(Shutdown::Read) {
                    tracing::debug!(%error, "a control connection was closed already");
                }
                Ok(said?)
            })
        }
        Request::ImportDirectory { batch, dry_run, skip_bad_lines } => {
            let how = How { dry_run, skip_bad_lines };
            let ended = directory::read(&mut lines)
                .map_err(handler::Ended::from)
                .and_then(|texts| directory::answer(parts, &texts, how, batch, &mut replies));
            Ok(handler::end(ended, &mut replies)?)
        }
        request => Ok(handler::answer(parts, request, &mut replies)?),
    }
}

/// Reads and understands steps while others are decided, until the last or until nobody listens.
fn read_steps(
    mut lines: LineReader<BufReader<&StdStream>>,
    to: &SyncSender<Result<ImportLine, LineError>>,
) {
    loop {
        let step = lines.next();
        let more = matches!(step, Ok(ImportLine::Command { .. }));
        if to.send(step).is_err() || !more {
            return;
        }
    }
}

fn read_request(lines: &mut LineReader<BufReader<&StdStream>>) -> Result<Request, Failure> {
    let wrong = |error: LineError| Failure::of(FailureKind::BadRequest, &error);
    let line = lines.next_bytes().map_err(wrong)?.ok_or(LineError::Ended).map_err(wrong)?;
    let Version { protocol } = parse(line).map_err(wrong)?;
    if protocol != PROTOCOL {
        let message = format!(
            "the server speaks version {PROTOCOL} of the control protocol (release {}), not \
             {protocol}; use the same release on both sides",
            env!("CARGO_PKG_VERSION")
        );
        return Err(Failure::new(FailureKind::OtherVersion, message));
    }
    let Opening { request, .. } = parse(line).map_err(wrong)?;
    Ok(request)
}
