//! Sends the steps of an import to a running server.
//!
//! A thread of its own reads the answers, so that they are read also while this side writes; it
//! hands them on through a channel that has room for as many as can be outstanding, so it never
//! waits. Hence the server can always answer, and therefore always goes on to read.

use std::io::{BufReader, BufWriter, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use super::failure::Failure;
use super::lines::{LineError, LineReader, write_line};
use super::protocol::{ImportLine, Reply};
use super::views::ImportTotals;
use crate::import::{ImportCommand, Outcome, Settled, Sink, SinkError};

/// Steps whose outcome is not known yet. More than the server has on its way to the disk, so that
/// it has always something to decide.
const OUTSTANDING_MAX: usize = 4_096;

/// Why a server takes nothing more.
#[derive(Debug, thiserror::Error)]
pub(super) enum RemoteError {
    /// It said why.
    #[error("the server ended the import")]
    Failed(#[source] Failure),
    /// It went away.
    #[error("the server went away")]
    Line(#[source] LineError),
    /// It says something that does not belong to an import.
    #[error("the server answered something else than was asked")]
    Unexpected,
    /// Its totals are others than ours.
    #[error("the server settled {there} of {sent} steps; import the file again")]
    Totals {
        /// What we sent.
        sent: u64,
        /// What it settled.
        there: u64,
    },
}

enum Message {
    Settled(Settled),
    End(ImportTotals),
    Broken(RemoteError),
}

/// The steps' way to a server.
pub(super) struct RemoteSink {
    to: BufWriter<UnixStream>,
    from: Receiver<Message>,
    sent: u64,
    settled: u64,
}

impl RemoteSink {
    pub(super) fn new(
        stream: UnixStream,
        lines: LineReader<BufReader<UnixStream>>,
    ) -> std::io::Result<Self> {
        // One for each step, and one for the end.
        let (send, from) = sync_channel(OUTSTANDING_MAX + 1);
        std::thread::Builder::new()
            .name("import-answers".into())
            .spawn(move || read_answers(lines, &send))?;
        Ok(Self { to: BufWriter::with_capacity(64 * 1024, stream), from, sent: 0, settled: 0 })
    }

    const fn outstanding(&self) -> u64 {
        self.sent - self.settled
    }

    fn write(&mut self, line: &ImportLine) -> Result<(), RemoteError> {
        write_line(&mut self.to, line).map_err(|error| self.went_away(error))
    }

    fn flush(&mut self) -> Result<(), RemoteError> {
        self.to.flush().map_err(|error| self.went_away(error.into()))
    }

    /// What the server said before it went away tells more than that it did.
    fn went_away(&self, error: LineError) -> RemoteError {
        loop {
            match self.from.recv() {
                Ok(Message::Broken(said)) => return said,
                Ok(_) => {}
                Err(_) => return RemoteError::Line(error),
            }
        }
    }

    fn keep(
        &mut self,
        message: Message,
        settled: &mut Vec<Settled>,
    ) -> Result<Option<ImportTotals>, RemoteError> {
        match message {
            Message::Settled(one) => {
                self.settled += 1;
                if self.settled > self.sent {
                    return Err(RemoteError::Unexpected);
                }
                settled.push(one);
                Ok(None)
            }
            Message::End(totals) => Ok(Some(totals)),
            Message::Broken(error) => Err(error),
        }
    }

    fn wait(&mut self, settled: &mut Vec<Settled>) -> Result<Option<ImportTotals>, RemoteError> {
        let message = self.from.recv().map_err(|_| RemoteError::Line(LineError::Ended))?;
        self.keep(message, settled)
    }

    fn send(&mut self, command: ImportCommand) -> Result<Vec<Settled>, RemoteError> {
        let ImportCommand { id, ticket, occurred_at, command, line } = command;
        let mut settled = Vec::new();
        let said = ImportLine::Command { key: id.key, ticket, occurred_at, command, line };
        match write_line(&mut self.to, &said) {
            Ok(()) => self.sent += 1,
            Err(error @ LineError::TooLong) => {
                settled.push(Settled { line, outcome: Outcome::Refused(error.to_string()) });
            }
            Err(error) => return Err(self.went_away(error)),
        }
        loop {
            match self.from.try_recv() {
                Ok(message) => {
                    if self.keep(message, &mut settled)?.is_some() {
                        return Err(RemoteError::Unexpected);
                    }
                }
                Err(TryRecvError::Empty) if self.outstanding() < OUTSTANDING_MAX as u64 => break,
                Err(TryRecvError::Empty) => {
                    // What waits here to be sent, the server cannot settle.
                    self.flush()?;
                    if self.wait(&mut settled)?.is_some() {
                        return Err(RemoteError::Unexpected);
                    }
                }
                Err(TryRecvError::Disconnected) => {
                    return Err(RemoteError::Line(LineError::Ended));
                }
            }
        }
        Ok(settled)
    }

    fn end(&mut self) -> Result<Vec<Settled>, RemoteError> {
        self.write(&ImportLine::End)?;
        self.flush()?;
        let mut settled = Vec::new();
        loop {
            if let Some(totals) = self.wait(&mut settled)? {
                if (totals.taken, totals.settled) != (self.sent, self.settled) {
                    let there = totals.settled;
                    return Err(RemoteError::Totals { sent: self.sent, there });
                }
                return Ok(settled);
            }
        }
    }
}

/// Reads until the end, or until nobody listens.
fn read_answers(mut lines: LineReader<BufReader<UnixStream>>, to: &SyncSender<Message>) {
    loop {
        let message = match lines.next() {
            Ok(Reply::Settled(settled)) => Message::Settled(settled),
            Ok(Reply::Imported(totals)) => Message::End(totals),
            Ok(Reply::End) => return,
            Ok(Reply::Failed(failure)) => Message::Broken(RemoteError::Failed(failure)),
            Ok(_) => Message::Broken(RemoteError::Unexpected),
            Err(error) => Message::Broken(RemoteError::Line(error)),
        };
        let last = matches!(message, Message::Broken(_));
        if to.send(message).is_err() || last {
            return;
        }
    }
}

impl Sink for RemoteSink {
    fn submit(&mut self, command: ImportCommand) -> Result<Vec<Settled>, SinkError> {
        self.send(command).map_err(|error| SinkError(error.into()))
    }

    fn finish(&mut self) -> Result<Vec<Settled>, SinkError> {
        self.end().map_err(|error| SinkError(error.into()))
    }
}
