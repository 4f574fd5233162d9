//! Asking whoever answers: a running server, or the directory itself.

use std::io;

use indicatif::ProgressBar;

use super::progress::count_bar;
use super::{CliError, PrintError};
use crate::config::Config;
use crate::control::{Client, ClientError, Reply, Request};

/// Finds whoever answers. What there is to know beside the answer goes to the error stream.
pub(super) fn connect(config: &Config) -> Result<Client<'_>, CliError> {
    Ok(Client::connect(config, |notice| eprintln!("note: {notice}"))?)
}

/// Asks, shows how far long work is, and hands the rest on.
pub(super) fn ask(
    client: &mut Client<'_>,
    request: Request,
    working: &'static str,
    bars: bool,
    take: &mut dyn FnMut(Reply) -> io::Result<()>,
) -> Result<(), CliError> {
    let mut bar: Option<ProgressBar> = None;
    let answered = client.ask(request, &mut |reply| match reply {
        Reply::Progress { done, total } => {
            let bar = bar.get_or_insert_with(|| count_bar(working, total, bars));
            bar.set_length(total);
            bar.set_position(done);
            Ok(())
        }
        reply => {
            if let Some(bar) = bar.take() {
                bar.finish_and_clear();
            }
            take(reply)
        }
    });
    match answered {
        // A reader that went away, as `head` does, has what it wanted.
        Err(ClientError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(ClientError::Output(error)) => Err(PrintError::from(error).into()),
        answered => Ok(answered?),
    }
}

/// A line that belongs to another question.
pub(super) fn unexpected(reply: &Reply) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("an answer that does not belong to the question: {reply:?}"),
    )
}
