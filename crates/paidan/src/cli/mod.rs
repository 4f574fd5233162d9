//! The command line: what can be said, and how it is answered.
//!
//! Each command prints to the writer that it is handed, for people or, with `--json`, one JSON
//! value; what is only for the moment (progress, warnings) goes to the terminal's error stream.

mod args;
mod import_history;
mod not_wired;
mod progress;
mod table;
mod write;

use std::ffi::OsString;
use std::io::Write;

pub use args::{
    Cli, Command, ImportCommands, ImportHistoryArgs, LogCommands, OutputArgs, ProjectionCommands,
    ProjectionDumpArgs, ServeArgs, TicketCommands, TicketHistoryArgs, TicketRef,
};
pub use import_history::ImportFailed;
pub use progress::{byte_bar, count_bar};
pub use table::{Align, Table};
pub use write::{PrintError, Printer};

use crate::config::{Config, ConfigError, Flags};

/// Why a command failed. The binary prints the whole chain.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The configuration cannot be used.
    #[error("the configuration cannot be used")]
    Config(#[from] ConfigError),
    /// An import failed.
    #[error(transparent)]
    Import(#[from] ImportFailed),
    /// The answer could not be printed.
    #[error(transparent)]
    Print(#[from] PrintError),
    /// This build has no such part.
    #[error("`paidan {0}` is not part of this build yet")]
    NotWired(&'static str),
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
    let listen = match &command {
        Command::Serve(args) => args.listen.clone(),
        _ => None,
    };
    let config = Config::resolve(Flags { data, listen, config, master_key_file }, environment)?;
    for name in &config.unknown_variables {
        eprintln!("warning: the variable {name} means nothing to paidan; is it misspelt?");
    }
    match command {
        Command::Serve(_) => not_wired::serve(&config),
        Command::Import(ImportCommands::History(args)) => {
            import_history::run(&config, &args, Printer::new(out, args.output))
        }
        Command::Ticket(TicketCommands::History(args)) => not_wired::ticket_history(&config, &args),
        Command::Log(LogCommands::Stat(_)) => not_wired::log_stat(&config),
        Command::Log(LogCommands::Verify(_)) => not_wired::log_verify(&config),
        Command::Projection(ProjectionCommands::List(_)) => not_wired::projection_list(&config),
        Command::Projection(ProjectionCommands::Dump(args)) => {
            not_wired::projection_dump(&config, &args)
        }
    }
}
