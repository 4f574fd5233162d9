//! The command line: what can be said, and how it is answered.
//!
//! Each command prints to the writer that it is handed, for people or, with `--json`, one JSON
//! value; what is only for the moment (progress, warnings) goes to the terminal's error stream.

mod args;
mod audit_args;
mod examples;
mod query_args;
mod ticket_ref;

mod asking;
mod claim;
mod dumped;
mod progress;

mod names;
mod page;
mod past;
mod reader;
mod table;
mod target;
mod write;

mod events;
mod facts;

mod audit;
mod audit_csv;
mod audit_page;
mod audit_text;
mod backlog;
mod collect;
mod custody;
mod dispatcher_audit;
mod engineers;
mod export;
mod lifecycle;
mod log_tail;
mod queues;
mod rules;
mod satisfaction;
mod show;
mod status;
mod ticket_history;
mod ticket_pages;
mod ticket_why;
mod tickets;

mod demo;
mod dispatcher;
mod import_directory;
mod import_history;
mod log;
mod log_brought_back;
mod log_salvage;
mod log_taken_out;
mod projection;
mod projection_prove;
mod rebuild;
mod rebuild_text;
mod serve;
mod shell;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::Write;
use std::path::PathBuf;

pub use args::{
    Cli, Command, CompletionsArgs, DispatcherArgs, DispatcherCommands, ExportArgs, ImportCommands,
    ImportDirectoryArgs, ImportHistoryArgs, LogBackupArgs, LogCommands, LogExportArgs,
    LogImportArgs, LogRestoreArgs, LogSalvageArgs, LogVerifyArgs, ManArgs, OutputArgs,
    ProjectionCheckArgs, ProjectionCommands, ProjectionDumpArgs, ProjectionProveArgs, ServeArgs,
};
pub use audit_args::{AttachmentsCommands, AuditArgs, AuditCommands, CustodyArgs, GcArgs};
pub use examples::examples;
pub use import_history::ImportFailed;
pub use progress::{byte_bar, count_bar};
pub use query_args::{
    AsOfBy, BacklogArgs, EngineersArgs, EntryArgs, EntryCommands, LifecycleArgs, LogTailArgs,
    PastArgs, QueryArgs, QueuesArgs, SatisfactionArgs, TicketArgs, TicketCommands, TicketShowArgs,
    TicketsArgs,
};
pub use reader::Refusal;
pub use rules::{RulesCommands, RulesDiffArgs, RulesFileArgs, RulesShowArgs, Which};
pub use serve::ServeFailed;
pub use table::{Align, Table};
pub use ticket_ref::TicketRef;
pub use write::{PrintError, Printer};

use page::Page;
use words::Language;

use crate::config::{Config, ConfigError, Flags, Role};
use crate::control::{ClientError, RebuildRequest, VerifyFault};
use crate::data_directory::DataDirectoryError;

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
    /// The answer is no.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// The answer is of another release.
    #[error(
        "the answer has another shape than this release knows; use the same release on both sides"
    )]
    OtherShape(#[source] serde_json::Error),
    /// Something does not work, or not yet.
    #[error("not everything is ready")]
    NotReady,
    /// A page of the manual could not be written.
    #[error("could not write {path}")]
    Manual {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Only a running server can do it.
    #[error("no server runs on this directory; {0}")]
    NoServer(&'static str),
    /// The log is not whole.
    #[error("the log is not whole{}", Place(.0))]
    Damaged(Box<VerifyFault>),
    /// The master key cannot be used.
    #[error(transparent)]
    MasterKey(Box<DataDirectoryError>),
    /// The keys that are brought back were wrapped by a master key that is not here.
    #[error(
        "the keys in it are wrapped by the master key of the log; name its file with \
         --master-key-file, or put it at {0}"
    )]
    MasterKeyMissing(PathBuf),
    /// An export could not be imported.
    #[error("no data directory was made of the export")]
    LogImport(#[source] Box<eventlog::ImportError>),
    /// A backup could not be restored.
    #[error("no data directory was made of the backup")]
    LogRestore(#[source] Box<eventlog::RestoreError>),
    /// Nothing could be salvaged.
    #[error("nothing was salvaged")]
    LogSalvage(#[source] Box<eventlog::SalvageError>),
    /// Attachments are missing or damaged.
    #[error(
        "{missing} attachments are missing and {damaged} are damaged; docs/attachments.md says \
         what to do"
    )]
    AttachmentsLost {
        /// So many are not there.
        missing: u64,
        /// So many are not as they were.
        damaged: u64,
    },
    /// Tickets that nobody takes care of.
    #[error(
        "{0} open tickets have no next step that somebody takes; `paidan ticket why` tells what \
         each waits for, `paidan status` whether somebody dispatches"
    )]
    TicketsNeglected(u64),
    /// The page of an audit could not be written.
    #[error("could not write {path}")]
    AuditPage {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Attachments could not be brought back.
    #[error("the log was restored, but not its attachments; run it again into another directory")]
    Attachments(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Tables could not be made.
    #[error("nothing was exported")]
    Export(#[source] Box<::export::ExportError>),
    /// There is no proof that can be read.
    #[error("there is nothing to prove")]
    Proof(#[source] Box<::export::ProofError>),
    /// A file could not be read.
    #[error("could not read {path}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file is something else.
    #[error(
        "{path} does not begin with the line that `paidan projection dump` of this release prints; \
         name such a file, or the directory of an export"
    )]
    NotADump {
        /// Which.
        path: PathBuf,
        /// What does not fit.
        #[source]
        source: Box<serde_json::Error>,
    },
    /// What is new since an export would take its place.
    #[error("{0} is the export to go on from, and would be replaced; name another directory")]
    OntoItself(PathBuf),
    /// An earlier export cannot be gone on from; why was printed.
    #[error(
        "{directory} is no export of {model} that one of now could go on from; export in full, or \
         hold it against the log with `paidan projection prove`"
    )]
    NotItsBase {
        /// Where the earlier one is.
        directory: PathBuf,
        /// Of which model.
        model: projector::ModelName,
    },
    /// Exports or dumps are not what the log says; why was printed.
    #[error("{0} of them do not hold")]
    NotProven(usize),
    /// More rows differ than are allowed.
    #[error("{rows} rows differ, and {allowed} are allowed")]
    RowsDiffer {
        /// How many differ.
        rows: u64,
        /// How many may.
        allowed: u64,
    },
    /// A rebuild stopped.
    #[error("the rebuild cannot go on: {0}")]
    RebuildFailed(String),
    /// Live read models are not what the log says.
    #[error(
        "{0} read models differ from their fold from zero; `paidan projection rebuild` and \
         `paidan projection swap` put folds of the log in their place"
    )]
    Differ(usize),
    /// A file of rules could not be read.
    #[error("could not read {path}")]
    RulesFile {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file of rules has problems, which were printed.
    #[error("the rules cannot take effect ({0}); mend the lines above and check again")]
    RulesWrong(usize),
    /// Two sets of rules are not the same.
    #[error("the rules differ ({0})")]
    RulesDiffer(usize),
    /// Rules that were tried cross thresholds.
    #[error("the rules cross what must not be crossed: {0}")]
    ThresholdsCrossed(String),
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

impl CliError {
    /// How the program ends with it: 2 where the question was wrong, 3 where attachments are lost,
    /// tickets neglected, proofs do not hold or too many rows differ, 4 where rules that were tried
    /// cross a threshold, else 1.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(refusal) if refusal.is_misuse() => 2,
            Self::RulesWrong(_) => 2,
            Self::AttachmentsLost { .. }
            | Self::TicketsNeglected(_)
            | Self::NotProven(_)
            | Self::RowsDiffer { .. } => 3,
            Self::ThresholdsCrossed(_) => 4,
            _ => 1,
        }
    }
}

impl From<ClientError> for CliError {
    fn from(failed: ClientError) -> Self {
        Self::Control(Box::new(failed))
    }
}

impl From<DataDirectoryError> for CliError {
    fn from(failed: DataDirectoryError) -> Self {
        Self::MasterKey(Box::new(failed))
    }
}

impl From<::export::ExportError> for CliError {
    fn from(failed: ::export::ExportError) -> Self {
        Self::Export(Box::new(failed))
    }
}

impl From<ServeFailed> for CliError {
    fn from(failed: ServeFailed) -> Self {
        Self::Serve(Box::new(failed))
    }
}

/// Runs one command. The environment and the place for the answer are handed in; nobody is told
/// how wide that is.
///
/// # Errors
/// When the command fails; what it had to say until then is printed.
pub fn run(
    cli: Cli,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    run_within(cli, environment, out, None)
}

/// Runs one command whose answer goes to a terminal of so many columns.
///
/// # Errors
/// As [`run`].
pub fn run_within(
    cli: Cli,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    out: &mut dyn Write,
    width: Option<usize>,
) -> Result<(), CliError> {
    let Cli { data, config, master_key_file, lang, command } = cli;
    let environment: Vec<_> = environment.into_iter().collect();
    let language = lang.unwrap_or_else(|| spoken(&environment));
    let demo = match &command {
        Command::Serve(args) => demo::Asked::of(args, data.as_deref()).map_err(CliError::from)?,
        _ => None,
    };
    let data = demo.as_ref().map(|demo| demo.data().to_path_buf()).or(data);
    let mut flags = Flags { data, config, master_key_file, ..Flags::default() };
    let (listen, log, nats) = match &command {
        Command::Serve(args) => (Some(&args.listen), Some(&args.listen.log), None),
        Command::Gateway(args) => (Some(&args.listen), Some(&args.listen.log), args.nats.as_ref()),
        Command::Dispatcher(args) => (None, Some(&args.log), args.nats.as_ref()),
        _ => (None, None, None),
    };
    if let Some(args) = listen {
        flags.listen.clone_from(&args.listen);
        flags.disk_reserve_bytes = args.disk_reserve_bytes;
    }
    if let Command::Dispatcher(args) = &command {
        flags.listen.clone_from(&args.listen);
    }
    if let Some(args) = log {
        flags.log.clone_from(&args.log);
        flags.log_format.clone_from(&args.log_format);
    }
    flags.nats = nats.cloned();
    let mut config = Config::resolve(flags, environment)?;
    if matches!(command, Command::Gateway(_)) {
        config.role = Role::Gateway;
    }
    for name in &config.unknown_variables {
        eprintln!("warning: the variable {name} means nothing to paidan; is it misspelt?");
    }
    let config = &config;
    let page = Page { out, language, width };
    match command {
        Command::Tickets(args) => tickets::run(config, &args, page),
        Command::Ticket(TicketCommands::Show(args)) => show::ticket(config, &args, page),
        Command::Ticket(TicketCommands::History(args)) => ticket_history::run(config, &args, page),
        Command::Ticket(TicketCommands::Why(args)) => ticket_why::run(config, &args, page),
        Command::Backlog(args) => backlog::run(config, &args, page),
        Command::Queues(args) => queues::run(config, &args, page),
        Command::Engineers(args) => engineers::run(config, &args, page),
        Command::Satisfaction(args) => satisfaction::run(config, &args, page),
        Command::Lifecycle(args) => lifecycle::run(config, &args, page),
        Command::Engineer(EntryCommands::Show(args)) => {
            show::entry(config, "/api/v1/engineers", &args, page)
        }
        Command::Outlet(EntryCommands::Show(args)) => {
            show::entry(config, "/api/v1/outlets", &args, page)
        }
        Command::Area(EntryCommands::Show(args)) => {
            show::entry(config, "/api/v1/areas", &args, page)
        }
        Command::Customer(EntryCommands::Show(args)) => {
            show::entry(config, "/api/v1/customers", &args, page)
        }
        Command::Device(EntryCommands::Show(args)) => {
            show::entry(config, "/api/v1/devices", &args, page)
        }
        Command::Rules(command) => rules::run(config, &command, page),
        Command::Status(args) => status::run(config, &args, page),
        Command::Log(LogCommands::Tail(args)) => log_tail::run(config, &args, page),
        Command::Audit(AuditCommands::Attachments(args)) => audit::run(config, &args, page),
        Command::Audit(AuditCommands::Custody(args)) => custody::run(config, &args, page),
        Command::Attachments(AttachmentsCommands::Gc(args)) => collect::run(config, &args, page),
        Command::Completions(args) => shell::completions(args.shell, page),
        Command::Man(args) => shell::man(args.out.as_deref(), page),
        Command::Serve(_) => match demo {
            Some(demo) => demo::run(config.clone(), demo, page.out),
            None => serve::run(config, page.out),
        },
        Command::Gateway(_) => serve::run(config, page.out),
        Command::Dispatcher(DispatcherArgs {
            command: Some(DispatcherCommands::Audit(args)),
            ..
        }) => dispatcher_audit::run(config, args, page),
        Command::Dispatcher(args) => {
            let listen = args.listen.is_some().then(|| config.listen.get());
            dispatcher::run(config, listen, page.out)
        }
        Command::Import(ImportCommands::History(args)) => {
            import_history::run(config, &args, Printer::new(page.out, args.output))
        }
        Command::Import(ImportCommands::Directory(args)) => {
            import_directory::run(config, &args, Printer::new(page.out, args.output))
        }
        Command::Log(LogCommands::Stat(output)) => {
            log::stat(config, Printer::new(page.out, output))
        }
        Command::Log(LogCommands::Verify(args)) => {
            log::verify(config, &args, Printer::new(page.out, args.output))
        }
        Command::Log(LogCommands::ConfirmClock(output)) => {
            log::confirm_clock(config, Printer::new(page.out, output))
        }
        Command::Log(LogCommands::Export(args)) => log_taken_out::export(config, &args, page),
        Command::Log(LogCommands::Backup(args)) => log_taken_out::backup(config, &args, page),
        Command::Log(LogCommands::Import(args)) => log_brought_back::import(config, &args, page),
        Command::Log(LogCommands::Restore(args)) => log_brought_back::restore(config, &args, page),
        Command::Log(LogCommands::Salvage(args)) => log_salvage::run(config, &args, page),
        Command::Export(args) => export::run(config, &args, page),
        Command::Projection(ProjectionCommands::List(output)) => {
            projection::list(config, Printer::new(page.out, output))
        }
        Command::Projection(ProjectionCommands::Dump(args)) => {
            projection::dump(config, &args, Printer::new(page.out, args.output))
        }
        Command::Projection(ProjectionCommands::Check(args)) => {
            projection::check(config, &args, Printer::new(page.out, args.output))
        }
        Command::Projection(ProjectionCommands::Prove(args)) => {
            projection_prove::run(config, &args, page)
        }
        Command::Projection(ProjectionCommands::Rebuild(args)) => {
            rebuild::begin(config, &args, page)
        }
        Command::Projection(ProjectionCommands::Progress(output)) => {
            rebuild::manage(config, RebuildRequest::View, output, page)
        }
        Command::Projection(ProjectionCommands::Pause(output)) => {
            rebuild::manage(config, RebuildRequest::Pause, output, page)
        }
        Command::Projection(ProjectionCommands::Resume(output)) => {
            rebuild::manage(config, RebuildRequest::Resume, output, page)
        }
        Command::Projection(ProjectionCommands::Cancel(output)) => {
            rebuild::manage(config, RebuildRequest::Cancel, output, page)
        }
        Command::Projection(ProjectionCommands::Compare(args)) => {
            rebuild::compare(config, &args, page)
        }
        Command::Projection(ProjectionCommands::Swap(args)) => {
            rebuild::swap_in(config, (&args).into(), args.output, page)
        }
        Command::Projection(ProjectionCommands::SwapBack(output)) => {
            rebuild::swap_in(config, RebuildRequest::SwapBack, output, page)
        }
    }
}

/// The language that the environment names first; English where it names neither of ours.
fn spoken(environment: &[(OsString, OsString)]) -> Language {
    let value = |name: &str| {
        let found = environment.iter().find(|(variable, _)| variable == OsStr::new(name))?;
        found.1.to_str().filter(|value| !value.is_empty())
    };
    // `zh_CN.UTF-8`, `en-GB`, `zh`; what is neither is passed over for the next.
    let named =
        |value: &str| {
            value.get(..2)?.parse().ok().filter(|_| {
                value[2..].chars().next().is_none_or(|next| !next.is_ascii_alphanumeric())
            })
        };
    let names = ["PAIDAN_LANG", "LC_ALL", "LANG"];
    names.into_iter().filter_map(value).find_map(named).unwrap_or(Language::English)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_first_that_the_environment_names() {
        for (variables, language) in [
            (&[][..], Language::English),
            (&[("LANG", "zh_CN.UTF-8")], Language::Chinese),
            (&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "en_GB")], Language::English),
            (&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")], Language::Chinese),
            (&[("LANG", "zhx"), ("PAIDAN_LANG", "")], Language::English),
            (&[("PAIDAN_LANG", "zh"), ("LANG", "en")], Language::Chinese),
            (&[("LANG", "fr")], Language::English),
        ] {
            let variables: Vec<_> =
                variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            assert_eq!(spoken(&variables), language, "{variables:?}");
        }
    }
}
