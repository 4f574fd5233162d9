//! The command line's end: asks a running server, or the directory where none runs.

use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::ImportBatchId;
use eventlog::SystemClock;
use serde::Serialize;
use sheets::{How, Report, SheetText};

use super::directory;
use super::failure::{Failure, FailureKind};
use super::handler::{self, Replies};
use super::lines::{LineError, LineReader, parse, write_line};
use super::opening::{self, OpenFailed, Opened, Purpose};
use super::protocol::{Greeting, Opening, PROTOCOL, Reply, Request, Version};
use super::recorder::Recorder;
use super::remote_sink::RemoteSink;
use super::socket::SocketPath;
use super::verification;
use crate::config::Config;
use crate::import::Sink;

/// A server that says nothing for so long is given up. Long work tells its progress.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// Why a command has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// There is a socket, and no way to it.
    #[error("could not reach the server at {socket}")]
    Unreachable {
        /// The socket.
        socket: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It answered before, and is gone.
    #[error("the server at {socket} stopped")]
    Stopped {
        /// The socket.
        socket: PathBuf,
    },
    /// There is a server, and it does not answer as it should.
    #[error(
        "the server at {socket} does not answer as it should; look at its log, or stop it to work \
         on the directory itself"
    )]
    Broken {
        /// The socket.
        socket: PathBuf,
        /// What went wrong.
        #[source]
        source: LineError,
    },
    /// The server is of another release.
    #[error(
        "the server at {socket} is of release {release} and speaks version {protocol} of the \
         control protocol, not {PROTOCOL}; use the same release on both sides"
    )]
    OtherVersion {
        /// The socket.
        socket: PathBuf,
        /// The server's release.
        release: String,
        /// Its version.
        protocol: u32,
    },
    /// No server runs, and the directory cannot be opened.
    #[error("no server runs on this directory, and it cannot be opened")]
    Open(#[source] OpenFailed),
    /// There is an answer, and it is that there is none.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// Nobody takes the answer.
    #[error("the answer could not be taken")]
    Output(#[source] io::Error),
}

/// Whoever answers.
#[derive(Debug)]
enum Access {
    /// One connection for each question; the first is there already.
    Server(Option<Connection>),
    /// Opened with the first question, and kept for the next.
    Directory(Option<Box<Opened>>),
}

/// One command's way to its answers.
#[derive(Debug)]
pub struct Client<'c> {
    config: &'c Config,
    access: Access,
    note: fn(&str),
    scratch: Option<PathBuf>,
    purpose: Purpose,
}

impl<'c> Client<'c> {
    /// Looks for a server. Nothing is opened or made before something is asked. `note` is told
    /// what whoever asks should know beside the answer.
    ///
    /// # Errors
    /// When there is a server that cannot be talked to.
    pub fn connect(config: &'c Config, note: fn(&str)) -> Result<Self, ClientError> {
        let access = match Connection::open(&config.socket())? {
            Some(connection) => Access::Server(Some(connection)),
            None => Access::Directory(None),
        };
        Ok(Self { config, access, note, scratch: None, purpose: Purpose::Read })
    }

    /// Where a directory at rest is copied to be verified; the directory itself otherwise.
    #[must_use]
    pub fn with_scratch(self, scratch: Option<PathBuf>) -> Self {
        Self { scratch, ..self }
    }

    /// Opens a directory at rest to record, and makes one where there is none.
    #[must_use]
    pub fn to_record(self) -> Self {
        Self { purpose: Purpose::Record, ..self }
    }

    /// Whether a server answers.
    pub const fn is_served(&self) -> bool {
        matches!(self.access, Access::Server(_))
    }

    /// Asks, and hands each line of the answer on. A consumer that fails ends it.
    ///
    /// # Errors
    /// When there is no answer, or not to its end.
    pub fn ask(
        &mut self,
        request: Request,
        take: &mut dyn FnMut(Reply) -> io::Result<()>,
    ) -> Result<(), ClientError> {
        match &mut self.access {
            Access::Server(first) => {
                let connection = match first.take() {
                    Some(connection) => connection,
                    None => {
                        let socket = self.config.socket();
                        Connection::open(&socket)?.ok_or(ClientError::Stopped { socket })?
                    }
                };
                connection.ask(request, take)
            }
            Access::Directory(opened) => {
                let mut taker = Taker { take, failure: None };
                let answered = if request == Request::LogVerify {
                    // Not opened: opening writes, and what is damaged cannot be opened.
                    opening::require_data(&self.config.data).map_err(ClientError::Open)?;
                    let data = &self.config.data;
                    let scratch = self.scratch.as_deref().unwrap_or(data);
                    let ended = verification::verify_at_rest(data, scratch, &mut taker);
                    handler::end(ended, &mut taker)
                } else {
                    let opened = match opened {
                        Some(opened) => opened,
                        none => none.insert(Box::new(open(self.config, self.purpose, self.note)?)),
                    };
                    handler::answer(&opened.parts, request, &mut taker)
                };
                answered.map_err(ClientError::Output)?;
                taker.failure.map_or(Ok(()), |failure| Err(failure.into()))
            }
        }
    }

    /// Where the steps of an import go.
    ///
    /// # Errors
    /// When nobody takes them.
    pub fn import(self, source: &str, batch: ImportBatchId) -> Result<Box<dyn Sink>, ClientError> {
        match self.access {
            Access::Server(connection) => {
                let socket = self.config.socket();
                let connection = connection.ok_or(ClientError::Stopped { socket })?;
                let request = Request::ImportHistory { source: source.to_owned(), batch };
                Ok(Box::new(connection.import(request)?))
            }
            Access::Directory(_) => {
                let opened = open(self.config, Purpose::Record, self.note)?;
                // The engine holds the log, and with it the directory, until it is dropped.
                Ok(Box::new(Recorder::new(opened.parts.engine, batch)))
            }
        }
    }
}

impl Client<'_> {
    /// Loads sheets into the directory, or says what that would change. `progress` is told how
    /// many entries are done, of how many.
    ///
    /// # Errors
    /// When they cannot be loaded, or not to their end. What is wrong in them is in the report.
    pub fn load_directory(
        self,
        texts: &[SheetText],
        how: How,
        batch: ImportBatchId,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Report, ClientError> {
        match self.access {
            Access::Server(connection) => {
                let socket = self.config.socket();
                let connection = connection.ok_or(ClientError::Stopped { socket })?;
                connection.load_directory(texts, how, batch, progress)
            }
            Access::Directory(_) => {
                // A dry run, or sheets with errors, make no data directory.
                if opening::require_data(&self.config.data).is_err() {
                    let report = sheets::preview(texts, how);
                    if how.dry_run || (report.errors_total > 0 && !how.skip_bad_lines) {
                        return Ok(report);
                    }
                }
                let purpose = if how.dry_run { Purpose::Read } else { Purpose::Record };
                let opened = open(self.config, purpose, self.note)?;
                directory::load(&opened.parts.engine, texts, how, batch, progress)
                    .map_err(|error| Failure::of(FailureKind::Failed, &error).into())
            }
        }
    }
}

fn open(config: &Config, purpose: Purpose, note: fn(&str)) -> Result<Opened, ClientError> {
    let opened = opening::open(config, purpose, Arc::new(SystemClock));
    let opened = opened.map_err(ClientError::Open)?;
    opened.notices().iter().for_each(|notice| note(notice));
    Ok(opened)
}

/// Hands the lines of an answer from the directory itself on, but for its end.
struct Taker<'t> {
    take: &'t mut dyn FnMut(Reply) -> io::Result<()>,
    failure: Option<Failure>,
}

impl Replies for Taker<'_> {
    fn send(&mut self, reply: Reply) -> io::Result<()> {
        match reply {
            Reply::End => Ok(()),
            Reply::Failed(failure) => {
                self.failure = Some(failure);
                Ok(())
            }
            reply => (self.take)(reply),
        }
    }
}

/// A server that greeted us.
#[derive(Debug)]
struct Connection {
    socket: PathBuf,
    stream: UnixStream,
    lines: LineReader<BufReader<UnixStream>>,
}

impl Connection {
    /// Nothing where no server runs: there is no socket, or nobody listens at it any more.
    fn open(socket: &Path) -> Result<Option<Self>, ClientError> {
        let unreachable =
            |source| ClientError::Unreachable { socket: socket.to_path_buf(), source };
        let broken = |source| ClientError::Broken { socket: socket.to_path_buf(), source };
        let connected =
            SocketPath::new(socket).and_then(|short| UnixStream::connect(short.as_path()));
        let stream = match connected {
            Ok(stream) => stream,
            Err(error) => {
                return match error.kind() {
                    io::ErrorKind::NotFound
                    | io::ErrorKind::NotADirectory
                    | io::ErrorKind::ConnectionRefused => Ok(None),
                    _ => Err(unreachable(error)),
                };
            }
        };
        stream.set_read_timeout(Some(SILENCE_MAX)).map_err(unreachable)?;
        stream.set_write_timeout(Some(SILENCE_MAX)).map_err(unreachable)?;
        let from = stream.try_clone().map_err(unreachable)?;
        let mut lines = LineReader::new(BufReader::new(from));
        let line = lines.next_bytes().and_then(|line| line.ok_or(LineError::Ended));
        let line = line.map_err(broken)?;
        let Version { protocol } = parse(line).map_err(broken)?;
        if protocol != PROTOCOL {
            let release = parse::<Greeting>(line).map_or_else(|_| "?".into(), |said| said.release);
            let socket = socket.to_path_buf();
            return Err(ClientError::OtherVersion { socket, release, protocol });
        }
        Ok(Some(Self { socket: socket.to_path_buf(), stream, lines }))
    }

    fn say(&self, request: Request) -> Result<(), ClientError> {
        let opening = Opening { protocol: PROTOCOL, request };
        write_line(&mut &self.stream, &opening)
            .and_then(|()| Ok((&self.stream).flush()?))
            .map_err(|source| self.broken(source))
    }

    fn ask(
        self,
        request: Request,
        take: &mut dyn FnMut(Reply) -> io::Result<()>,
    ) -> Result<(), ClientError> {
        self.ask_with(request, std::iter::empty::<()>(), take)
    }

    /// Asks, and says all these lines before it listens.
    fn ask_with(
        mut self,
        request: Request,
        lines: impl IntoIterator<Item = impl Serialize>,
        take: &mut dyn FnMut(Reply) -> io::Result<()>,
    ) -> Result<(), ClientError> {
        // A server without room says so and hangs up before it hears the request.
        let said = self.say(request).and_then(|()| {
            let mut to = BufWriter::new(&self.stream);
            lines
                .into_iter()
                .try_for_each(|line| write_line(&mut to, &line))
                .and_then(|()| Ok(to.flush()?))
                .map_err(|source| self.broken(source))
        });
        loop {
            match self.lines.next() {
                Ok(Reply::End) => return Ok(()),
                Ok(Reply::Failed(failure)) => return Err(failure.into()),
                Ok(reply) => take(reply).map_err(ClientError::Output)?,
                Err(source) => {
                    said?;
                    return Err(self.broken(source));
                }
            }
        }
    }

    fn import(self, request: Request) -> Result<RemoteSink, ClientError> {
        self.say(request)?;
        let Self { socket, stream, lines } = self;
        RemoteSink::new(stream, lines).map_err(|source| ClientError::Unreachable { socket, source })
    }

    fn load_directory(
        self,
        texts: &[SheetText],
        how: How,
        batch: ImportBatchId,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Report, ClientError> {
        let How { dry_run, skip_bad_lines } = how;
        let (mut changes, mut errors, mut loaded) = (Vec::new(), Vec::new(), None);
        let mut take = |reply| {
            match reply {
                Reply::Progress { done, total } => progress(done, total),
                Reply::DirectoryChange(change) => changes.push(*change),
                Reply::DirectoryFault(fault) => errors.push(fault),
                Reply::DirectoryLoaded(report) => loaded = Some(report),
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
            Ok(())
        };
        let socket = self.socket.clone();
        let request = Request::ImportDirectory { batch, dry_run, skip_bad_lines };
        self.ask_with(request, directory::lines(texts), &mut take)?;
        let report = loaded.map(|report| Report { changes, errors, ..report });
        report.ok_or(ClientError::Broken { socket, source: LineError::Ended })
    }

    fn broken(&self, source: LineError) -> ClientError {
        ClientError::Broken { socket: self.socket.clone(), source }
    }
}
