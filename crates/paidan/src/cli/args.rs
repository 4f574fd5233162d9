//! What can be said on the command line.

use std::path::PathBuf;

use audit::AsOf;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use domain::GlobalPosition;
use export::Format;
use projector::ModelName;
use words::Language;

use super::audit_args::{AttachmentsCommands, AuditCommands};
use super::query_args::{
    BacklogArgs, EngineersArgs, EntryCommands, LifecycleArgs, LogTailArgs, QueryArgs, QueuesArgs,
    SatisfactionArgs, TicketCommands, TicketsArgs, languages,
};
use super::rules::{RulesCommands, Which};

/// Everything that was said.
#[derive(Debug, Parser)]
#[command(
    name = "paidan",
    version,
    about = "Paidan (派单): dispatch of field-service tickets on an event log",
    after_help = "Each of --data, --listen, --config, --master-key-file, --log, --log-format and
                  --disk-reserve-bytes can be \
                  given as a variable (PAIDAN_DATA, PAIDAN_LISTEN, PAIDAN_CONFIG, \
                  PAIDAN_MASTER_KEY_FILE, PAIDAN_LOG, PAIDAN_LOG_FORMAT, \
                  PAIDAN_DISK_RESERVE_BYTES), and all but --config as \
                  a key of the configuration file. PAIDAN_OTLP_ENDPOINT (otlp_endpoint in the \
                  file) is where spans go. PAIDAN_MASTER_KEY is the master key itself in \
                  hexadecimal digits. A flag goes before a variable, a variable before the file."
)]
pub struct Cli {
    /// The data directory [default: ./data].
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A configuration file (TOML).
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The file with the master key [default: DIR/keys/master.key, made at the first start].
    #[arg(long, global = true, value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,
    /// The language of answers [default: what PAIDAN_LANG, LC_ALL or LANG say, else en].
    #[arg(long, global = true, value_name = "LANG", value_parser = languages())]
    pub lang: Option<Language>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run everything in one process.
    Serve(ServeArgs),
    /// Run all but the dispatcher, and publish every event to a NATS server.
    Gateway(GatewayArgs),
    /// Run a dispatcher that follows a gateway over NATS. Several may run.
    Dispatcher(DispatcherArgs),
    /// Take over what another system knows.
    #[command(subcommand)]
    Import(ImportCommands),
    /// List open tickets.
    Tickets(Box<TicketsArgs>),
    /// Look at a ticket.
    #[command(subcommand)]
    Ticket(TicketCommands),
    /// List the tickets that need somebody first: overdue, then by priority, then by age.
    Backlog(BacklogArgs),
    /// List what waits for people, by whose turn it is.
    Queues(QueuesArgs),
    /// List engineers with what they have to do.
    Engineers(EngineersArgs),
    /// Look at an engineer.
    #[command(subcommand)]
    Engineer(EntryCommands),
    /// Sum up what customers answered; silence is told apart.
    Satisfaction(SatisfactionArgs),
    /// Count what happened in each hour: reported, accepted, resolved, answered.
    Lifecycle(LifecycleArgs),
    /// Look at an outlet.
    #[command(subcommand, alias = "outlets")]
    Outlet(EntryCommands),
    /// Look at an area.
    #[command(subcommand, alias = "areas")]
    Area(EntryCommands),
    /// Look at a customer.
    #[command(subcommand, alias = "customers")]
    Customer(EntryCommands),
    /// Look at a device.
    #[command(subcommand, alias = "devices")]
    Device(EntryCommands),
    /// See, check, compare and publish the firm's rules.
    #[command(subcommand)]
    Rules(RulesCommands),
    /// Show whether log, read models and dispatcher are ready; ends with 1 where one is not.
    Status(QueryArgs),
    /// Look at the log.
    #[command(subcommand)]
    Log(LogCommands),
    /// Look at the read models.
    #[command(subcommand)]
    Projection(ProjectionCommands),
    /// Write read models as tables for analysts, with what each column means and what they were made
    /// from.
    Export(ExportArgs),
    /// Look whether every attachment is where it belongs, and who had it when.
    #[command(subcommand)]
    Audit(AuditCommands),
    /// Look after the bytes of attachments.
    #[command(subcommand)]
    Attachments(AttachmentsCommands),
    /// Print the completions for a shell.
    Completions(CompletionsArgs),
    /// Print the manual, or write a page for each command.
    Man(ManArgs),
}

/// Of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Which shell.
    pub shell: Shell,
}

/// Of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Where pages go, one for each command; the main page is printed otherwise.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Of each command that serves HTTP.
#[derive(Debug, Args)]
pub struct ListenArgs {
    /// Where to listen; this machine only, as there are no accounts yet [default: 127.0.0.1:7800].
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// What is said while it runs.
    #[command(flatten)]
    pub log: LogArgs,
    /// With fewer bytes free on the log's disk no new reports are taken, and with a quarter of it
    /// nothing at all; 0 keeps none [default: 268435456].
    #[arg(long, value_name = "BYTES")]
    pub disk_reserve_bytes: Option<u64>,
}

/// Of each command that keeps running.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// How much is said on the error stream: a level, or levels by module such as
    /// `info,gateway=debug` [default: info].
    #[arg(long, value_name = "LEVELS")]
    pub log: Option<String>,
    /// How lines on the error stream look: text or json [default: text].
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,
}

/// Of `gateway`.
#[derive(Debug, Args)]
pub struct GatewayArgs {
    /// Where it listens and what it says.
    #[command(flatten)]
    pub listen: ListenArgs,
    /// The NATS server [default: nats://127.0.0.1:4222].
    #[arg(long, value_name = "URL")]
    pub nats: Option<String>,
}

/// Of `dispatcher`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DispatcherArgs {
    /// What to do instead of dispatching.
    #[command(subcommand)]
    pub command: Option<DispatcherCommands>,
    /// Where it tells how it is (/healthz, /readyz, /metrics); this machine only. By this flag alone:
    /// PAIDAN_LISTEN and the file are the gateway's [default: nowhere].
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// The NATS server [default: nats://127.0.0.1:4222].
    #[arg(long, value_name = "URL")]
    pub nats: Option<String>,
    /// What is said while it runs.
    #[command(flatten)]
    pub log: LogArgs,
}

/// What can be asked of dispatching.
#[derive(Debug, Subcommand)]
pub enum DispatcherCommands {
    /// Tell whether every open ticket has a next step that somebody takes, and which have not.
    ///
    /// A running server looks through all of them every minute; at rest it is done now. Ends with
    /// 3 where a ticket is neglected.
    Audit(OutputArgs),
}

/// Of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where it listens and what it says.
    #[command(flatten)]
    pub listen: ListenArgs,
    /// Play the day of an invented firm, in a directory that is removed at the end; in the one of
    /// --data, which has to be empty, where that is given.
    #[arg(long)]
    pub demo: bool,
    /// The same number plays the same day [default: 4].
    #[arg(long, value_name = "N", requires = "demo")]
    pub seed: Option<u64>,
    /// So many times faster than real time, 1 to 3600 [default: 60, a minute in a second].
    #[arg(long, value_name = "X", requires = "demo",
          value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub speed: Option<u32>,
}

/// Of each command that prints data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Args)]
pub struct OutputArgs {
    /// Print JSON, for programs.
    #[arg(long)]
    pub json: bool,
}

/// What can be imported.
#[derive(Debug, Subcommand)]
pub enum ImportCommands {
    /// The history of another system's cases, from a CSV with one row per update.
    History(ImportHistoryArgs),
    /// A firm's directory: areas, outlets, engineers, customers and devices as CSV, in any order.
    ///
    /// Safe to run again: what is the same is not recorded. See docs/examples/firm.
    Directory(ImportDirectoryArgs),
}

/// Of `import directory`.
#[derive(Debug, Args)]
pub struct ImportDirectoryArgs {
    /// The sheets. Names such as outlets.csv or 网点.csv tell which is which, else their columns do.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Say what would change, record nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Record what has no errors; otherwise one error is enough that nothing is recorded.
    #[arg(long)]
    pub skip_bad_lines: bool,
    /// How many changes and errors are listed; all are counted.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub list: usize,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Of `import history`.
#[derive(Debug, Args)]
pub struct ImportHistoryArgs {
    /// The CSV, plain or gzip.
    pub file: PathBuf,
    /// What its columns and values mean (TOML; see docs/examples).
    #[arg(long, value_name = "MAP.toml")]
    pub mapping: PathBuf,
    /// Read and count everything, record nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// How many findings of each sort are listed; all are counted.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub list: usize,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What can be seen of the log.
#[derive(Debug, Subcommand)]
pub enum LogCommands {
    /// Show the last events, one on each line.
    Tail(LogTailArgs),
    /// Its size, identity and head.
    Stat(OutputArgs),
    /// Check every byte of it; ends with 1 and the first fault where it is not whole.
    Verify(LogVerifyArgs),
    /// Believe the clock after it jumped forward; until then nothing is recorded.
    ConfirmClock(OutputArgs),
    /// Write it into one file: compressed, checked, for another machine.
    Export(LogExportArgs),
    /// Make a data directory (--data) of exported files; it opens a new epoch.
    Import(LogImportArgs),
    /// Bring a backup up to date, or begin one; only what is new is added.
    Backup(LogBackupArgs),
    /// Make a data directory (--data) of a backup; it opens a new epoch.
    Restore(LogRestoreArgs),
    /// Bring what is left of a damaged data directory (--data) into a new one, and say what is
    /// missing. The damaged one is not touched.
    Salvage(LogSalvageArgs),
}

/// Of `log export`.
#[derive(Debug, Args)]
pub struct LogExportArgs {
    /// The file, which is not there yet. A running server writes it.
    pub file: PathBuf,
    /// Only from the frame of this position on; what is before has to be in another file.
    #[arg(long, value_name = "POSITION", value_parser = position)]
    pub from: Option<GlobalPosition>,
    /// The keys of personal data, too, wrapped by the master key; else they read as erased.
    #[arg(long)]
    pub with_keys: bool,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Of `log import`.
#[derive(Debug, Args)]
pub struct LogImportArgs {
    /// What `log export` wrote; several that continue each other in their order.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The epoch to open, where the next one was opened elsewhere.
    #[arg(long, value_name = "N")]
    pub epoch: Option<u64>,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Of `log backup`.
#[derive(Debug, Args)]
pub struct LogBackupArgs {
    /// The backup's directory. A running server writes it.
    pub directory: PathBuf,
    /// The log alone; the bytes of attachments are backed up in another way.
    #[arg(long)]
    pub without_attachments: bool,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Of `log restore`.
#[derive(Debug, Args)]
pub struct LogRestoreArgs {
    /// The backup's directory.
    pub backup: PathBuf,
    /// A later key ring of the same log, such as that of the lost directory: keys that it
    /// destroyed stay destroyed.
    #[arg(long, value_name = "FILE")]
    pub newer_ring: Option<PathBuf>,
    /// The epoch to open, where the next one was opened elsewhere.
    #[arg(long, value_name = "N")]
    pub epoch: Option<u64>,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Of `log salvage`.
#[derive(Debug, Args)]
pub struct LogSalvageArgs {
    /// The new data directory.
    pub to: PathBuf,
    /// Another copy of the key ring, where that of the directory cannot be used.
    #[arg(long, value_name = "FILE")]
    pub ring: Option<PathBuf>,
    /// The epoch to open, where the next one was opened elsewhere.
    #[arg(long, value_name = "N")]
    pub epoch: Option<u64>,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

fn position(text: &str) -> Result<GlobalPosition, std::num::ParseIntError> {
    Ok(GlobalPosition::new(text.parse()?))
}

/// Of `log verify`.
#[derive(Debug, Args)]
pub struct LogVerifyArgs {
    /// Where a copy of the log can be made, when no server runs: it is opened there, because
    /// opening writes [default: the data directory].
    #[arg(long, value_name = "DIR")]
    pub scratch: Option<PathBuf>,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What can be seen of the read models.
#[derive(Debug, Subcommand)]
pub enum ProjectionCommands {
    /// Which there are, and how far they are.
    List(OutputArgs),
    /// All rows of one, as JSON Lines under a line that says which log, position and bytes.
    Dump(ProjectionDumpArgs),
    /// Fold them from zero and compare with the live ones, byte for byte; ends with 1 where they
    /// differ.
    Check(ProjectionCheckArgs),
    /// Hold exports and dumps against the log: their bytes, the chain, and what the fold gives at
    /// their position; ends with 3 where one does not hold.
    Prove(ProjectionProveArgs),
    /// Fold them anew beside the live ones, by other rules or the same, and tell what differs.
    ///
    /// Nothing becomes live before `projection swap`. It goes on when this command is broken off.
    /// While no server runs, both sides are folded and compared, and nothing is kept.
    Rebuild(RebuildArgs),
    /// How far the rebuild is.
    Progress(OutputArgs),
    /// Let the rebuild rest.
    Pause(OutputArgs),
    /// Let a paused rebuild go on.
    Resume(OutputArgs),
    /// Drop the rebuild; what is live stays as it is.
    Cancel(OutputArgs),
    /// What the rebuilt models and the live ones differ in now.
    Compare(CompareArgs),
    /// Put the rebuilt models in the place of the live ones, all in one step.
    Swap(SwapArgs),
    /// Put those back that were live before the swap.
    SwapBack(OutputArgs),
}

/// Of `projection rebuild`.
#[derive(Debug, Args)]
pub struct RebuildArgs {
    /// Which; see `projection list`.
    #[arg(value_name = "NAME", value_parser = model(), required = true)]
    pub names: Vec<ModelName>,
    /// By which rules the past is counted: the number of a version, `shipped` (as it was
    /// recorded), `current`, or a file, which can be compared and not swapped in [default: those
    /// that the live ones count by].
    #[arg(long, value_name = "FILE|VERSION")]
    pub rules: Option<Which>,
    /// The share of a core's time that it takes, in percent; with 100 it takes all cores.
    #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub share: u8,
    /// Do not wait until it is ready.
    #[arg(long)]
    pub detach: bool,
    /// What is told once it is ready.
    #[command(flatten)]
    pub output: CompareArgs,
}

/// Of `projection compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// What it looks like: totals and rows as text, all of it as JSON, or one line of CSV for each
    /// field that differs.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = CompareFormat::Text)]
    pub format: CompareFormat,
    /// Rows that are told, those that differ most first.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub rows: u32,
    /// End with 3 where more rows differ.
    #[arg(long, value_name = "ROWS")]
    pub at_most: Option<u64>,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What a comparison looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum CompareFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// Of `projection swap`.
#[derive(Debug, Args)]
pub struct SwapArgs {
    /// Swap only where no more rows differ.
    #[arg(long, value_name = "ROWS")]
    pub at_most: Option<u64>,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Of `projection dump`.
#[derive(Debug, Args)]
pub struct ProjectionDumpArgs {
    /// Which; see `projection list`.
    pub name: String,
    /// As it was at this position of the log or moment (RFC 3339), folded from the first event.
    #[arg(long, value_name = "TIME|POSITION")]
    pub as_of: Option<AsOf>,
    /// Rows are JSON with and without it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Of `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Which read models; all, if none is named. See `projection list`.
    #[arg(value_name = "NAME", value_parser = model())]
    pub names: Vec<ModelName>,
    /// What the files look like.
    #[arg(long, value_name = "FORMAT", value_parser = format())]
    pub format: Format,
    /// The directory that they go into: one that is empty or not there yet, or an earlier export,
    /// which is replaced.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Only what is different since this position, or since an earlier export in this directory
    /// (./123 where its name is a number); with the keys of what is gone.
    #[arg(long, value_name = "POSITION|DIR")]
    pub since: Option<SinceArg>,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What an export goes on from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinceArg {
    /// What the models were at a position.
    Position(GlobalPosition),
    /// What an earlier export has.
    Export(PathBuf),
}

impl std::str::FromStr for SinceArg {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(position(text).map_or_else(|_| Self::Export(text.into()), Self::Position))
    }
}

/// Of `projection check`.
#[derive(Debug, Args)]
pub struct ProjectionCheckArgs {
    /// Which; all, if none is named.
    pub names: Vec<String>,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Of `projection prove`.
#[derive(Debug, Args)]
pub struct ProjectionProveArgs {
    /// Directories of `export`, and files with what `projection dump` printed.
    #[arg(value_name = "FILE|DIR", required = true)]
    pub paths: Vec<PathBuf>,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}

fn model() -> impl TypedValueParser<Value = ModelName> {
    PossibleValuesParser::new(ModelName::ALL.map(ModelName::as_str))
        .try_map(|name| name.parse::<ModelName>())
}

fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::as_str))
        .try_map(|name| name.parse::<Format>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::TicketRef;
    use clap::CommandFactory;
    use domain::TicketId;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_ticket_is_named_by_id_or_by_number() {
        let id = TicketId::from_u128(7);
        assert_eq!(id.to_string().parse(), Ok(TicketRef::Id(id)));
        assert!(matches!("572-4".parse(), Ok(TicketRef::Number(_))));
        let error = "572-5".parse::<TicketRef>().expect_err("a misread number");
        assert!(error.contains("check digit"), "{error}");
    }

    #[test]
    fn seed_and_speed_belong_to_the_demo() {
        let parse = |words: &[&str]| {
            Cli::try_parse_from(["paidan", "serve"].iter().chain(words))
                .map_err(|no| no.to_string())
        };
        assert!(parse(&["--demo", "--seed", "7", "--speed", "3600"]).is_ok());
        for wrong in [&["--seed", "7"][..], &["--speed", "60"]] {
            let refusal = parse(wrong).expect_err("refused");
            assert!(refusal.contains("--demo"), "{refusal}");
        }
        for speed in ["0", "3601", "1.5", "-1"] {
            assert!(parse(&["--demo", "--speed", speed]).is_err(), "{speed}");
        }
    }

    #[test]
    fn the_data_directory_can_be_named_before_and_after_the_command() {
        for words in [["paidan", "--data", "d", "serve"], ["paidan", "serve", "--data", "d"]] {
            let cli = Cli::try_parse_from(words).expect("understood");
            assert_eq!(cli.data, Some("d".into()));
        }
    }
}
