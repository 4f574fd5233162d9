//! The command line: what can be said, and how it is answered.
//!
//! Each command prints to the writer that it is handed, for people or, with `--json`, one JSON
//! value; what is only for the moment (progress, warnings) goes to the terminal's error stream.

mod args;
mod asking;
mod demo;
mod event_words;
mod import_directory;
mod import_history;
mod log;
mod progress;
mod projection;
mod serve;
mod table;
mod ticket_history;
mod write;

use std::ffi::OsString;
use std::fmt;
use std::io::Write;

pub use args::{
    Cli, Command, ImportCommands, ImportDirectoryArgs, ImportHistoryArgs, LogCommands,
    LogVerifyArgs, OutputArgs, ProjectionCheckArgs, ProjectionCommands, ProjectionDumpArgs,
    ServeArgs, TicketCommands, TicketHistoryArgs,
};
pub use import_history::ImportFailed;
pub use progress::{byte_bar, count_bar};
pub use serve::ServeFailed;
pub use table::{Align, Table};
pub use write::{PrintError, Printer};

use crate::config::{Config, ConfigError, Flags};
use crate::control::{ClientError, VerifyFault};

/// Why a command failed. The binary prints the whole chain.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The configuration cannot be used.
    #[error("the configuration cannot be used")]
    Config(#[from] ConfigError),
    /// An import failed.
    #[error(transparent)]
    Import(#[from] ImportFailed),
    /// The server failed.
    #[error(transparent)]
    Serve(Box<ServeFailed>),
    /// The answer could not be printed.
    #[error(transparent)]
    Print(#[from] PrintError),
    /// Nobody answered.
    #[error(transparent)]
    Control(Box<ClientError>),
    /// The answer had no content.
    #[error("the answer ended before it said anything")]
    Unanswered(#[source] std::io::Error),
    /// Only a running server can do it.
    #[error("no server runs on this directory; {0}")]
    NoServer(&'static str),
    /// The log is not whole.
    #[error("the log is not whole{}", Place(.0))]
    Damaged(Box<VerifyFault>),
    /// Live read models are not what the log says.
    #[error(
        "{0} read models differ from their fold from zero; stop the server, delete the snapshots and start it again"
    )]
    Differ(usize),
}

/// Where and what the first fault is.
struct Place<'f>(&'f VerifyFault);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let VerifyFault { position, place, fault } = self.0;
        if let Some(position) = position {
            write!(f, "; the first fault is at position {position}")?;
        }
        if let Some(place) = place {
            write!(f, " ({place})")?;
        }
        write!(f, ": {fault}")
    }
}

impl From<ClientError> for CliError {
    fn from(failed: ClientError) -> Self {
        Self::Control(Box::new(failed))
    }
}

impl From<ServeFailed> for CliError {
    fn from(failed: ServeFailed) -> Self {
        Self::Serve(Box::new(failed))
    }
}

/// Runs one command. The environment and the place for the answer are handed in.
///
/// # Errors
/// When the command fails; what it had to say until then is printed.
pub fn run(
    cli: Cli,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let Cli { data, config, master_key_file, command } = cli;
    let demo = match &command {
        Command::Serve(args) => demo::Asked::of(args, data.as_deref()).map_err(CliError::from)?,
        _ => None,
    };
    let data = demo.as_ref().map(|demo| demo.data().to_path_buf()).or(data);
    let listen = match &command {
        Command::Serve(args) => args.listen.clone(),
        _ => None,
    };
    let config = Config::resolve(Flags { data, listen, config, master_key_file }, environment)?;
    for name in &config.unknown_variables {
        eprintln!("warning: the variable {name} means nothing to paidan; is it misspelt?");
    }
    match command {
        Command::Serve(_) => match demo {
            Some(demo) => demo::run(config, demo, out),
            None => serve::run(&config, out),
        },
        Command::Import(ImportCommands::History(args)) => {
            import_history::run(&config, &args, Printer::new(out, args.output))
        }
        Command::Import(ImportCommands::Directory(args)) => {
            import_directory::run(&config, &args, Printer::new(out, args.output))
        }
        Command::Ticket(TicketCommands::History(args)) => {
            ticket_history::run(&config, &args, Printer::new(out, args.output))
        }
        Command::Log(LogCommands::Stat(output)) => log::stat(&config, Printer::new(out, output)),
        Command::Log(LogCommands::Verify(args)) => {
            log::verify(&config, &args, Printer::new(out, args.output))
        }
        Command::Log(LogCommands::ConfirmClock(output)) => {
            log::confirm_clock(&config, Printer::new(out, output))
        }
        Command::Projection(ProjectionCommands::List(output)) => {
            projection::list(&config, Printer::new(out, output))
        }
        Command::Projection(ProjectionCommands::Dump(args)) => {
            projection::dump(&config, &args, Printer::new(out, args.output))
        }
        Command::Projection(ProjectionCommands::Check(args)) => {
            projection::check(&config, &args, Printer::new(out, args.output))
        }
    }
}
