//! What can be said of a question to the API. Filters go there as they were said; what they may
//! be is said here as well, so that a shell can complete them.

use audit::AsOf;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use domain::ticket::PhaseName;
use words::Language;

use super::ticket_ref::TicketRef;

/// The states that an open ticket can be in.
fn open_states() -> PossibleValuesParser {
    let open = PhaseName::ALL.into_iter().filter(|state| state.is_open());
    PossibleValuesParser::new(open.map(PhaseName::as_str))
}

/// A language by its name.
pub(super) fn languages() -> impl TypedValueParser<Value = Language> {
    PossibleValuesParser::new(Language::ALL.map(Language::as_str))
        .try_map(|name| name.parse::<Language>())
}

/// Of each question.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub struct QueryArgs {
    /// Print what the API answers, as JSON for programs.
    #[arg(long)]
    pub json: bool,
    /// Wait until the answer holds this position of the log, such as that of a receipt.
    #[arg(long, value_name = "POSITION")]
    pub min_position: Option<u64>,
}

/// Of each question that can look back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Args)]
pub struct PastArgs {
    /// Print what the API answers, as JSON for programs.
    #[arg(long)]
    pub json: bool,
    /// Wait until the answer holds this position of the log, such as that of a receipt.
    #[arg(long, value_name = "POSITION", conflicts_with = "as_of")]
    pub min_position: Option<u64>,
    /// As it stood at this position of the log or moment (RFC 3339).
    #[arg(long, value_name = "TIME|POSITION")]
    pub as_of: Option<AsOf>,
    /// With a moment in --as-of: by what was recorded by then [default], or by what had happened by
    /// then, whenever it was recorded.
    #[arg(long, value_name = "WHAT", requires = "as_of", value_enum)]
    pub as_of_by: Option<AsOfBy>,
}

/// What counts of what is past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AsOfBy {
    /// What was known by then.
    #[serde(rename = "recorded_at")]
    Recorded,
    /// What had happened by then.
    #[serde(rename = "occurred_at")]
    Occurred,
}

impl std::fmt::Display for AsOfBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Recorded => "recorded_at",
            Self::Occurred => "occurred_at",
        })
    }
}

/// Of `tickets`.
#[derive(Debug, Clone, Default, Args)]
pub struct TicketsArgs {
    /// Only in these states, with commas between.
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = open_states())]
    pub state: Vec<String>,
    /// Only of this outlet, by id or code.
    #[arg(long, value_name = "OUTLET")]
    pub outlet: Option<String>,
    /// Only of this area, by id or code.
    #[arg(long, value_name = "AREA")]
    pub area: Option<String>,
    /// Only of this engineer, by id or code.
    #[arg(long, value_name = "ENGINEER")]
    pub engineer: Option<String>,
    /// Only of this priority.
    #[arg(long, value_name = "PRIORITY", value_parser = ["low", "normal", "high", "critical"])]
    pub priority: Option<String>,
    /// Only in this queue.
    #[arg(
        long,
        value_name = "QUEUE",
        value_parser = ["call_back", "claimed", "supervisor", "deputy", "director", "imported"]
    )]
    pub queue: Option<String>,
    /// Only in the queue or the hand of this member of the staff, by id or code.
    #[arg(long, value_name = "STAFF")]
    pub person: Option<String>,
    /// Only urgent ones; with =false, only the others.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub urgent: Option<bool>,
    /// Only from another system; with =false, only the others.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub imported: Option<bool>,
    /// Only those that nobody has accepted for too long.
    #[arg(long, group = "attention")]
    pub red: bool,
    /// Only those that are not done for too long.
    #[arg(long, group = "attention")]
    pub flashing: bool,
    /// Only those whose due time has passed.
    #[arg(long, group = "attention")]
    pub overdue: bool,
    /// In which order [default: oldest].
    #[arg(long, value_name = "ORDER", value_parser = ["oldest", "newest", "due"])]
    pub sort: Option<String>,
    /// At most so many, up to 200 [default: 50].
    #[arg(short = 'n', long, value_name = "N", conflicts_with = "all")]
    pub limit: Option<usize>,
    /// Only what follows the page that ended with this cursor.
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<String>,
    /// All of them, page by page; with --json, one ticket on each line.
    #[arg(long)]
    pub all: bool,
    /// How it is asked.
    #[command(flatten)]
    pub query: PastArgs,
}

/// Of `backlog`.
#[derive(Debug, Clone, Default, Args)]
pub struct BacklogArgs {
    /// How many, up to 100 [default: 10].
    #[arg(short = 'n', long, value_name = "N")]
    pub count: Option<usize>,
    /// How it is asked.
    #[command(flatten)]
    pub query: PastArgs,
}

/// Of `queues`.
#[derive(Debug, Clone, Default, Args)]
pub struct QueuesArgs {
    /// How many tickets of each queue, up to 100 [default: 20].
    #[arg(short = 'n', long, value_name = "N")]
    pub limit: Option<usize>,
    /// How it is asked.
    #[command(flatten)]
    pub query: PastArgs,
}

/// Of `engineers`.
#[derive(Debug, Clone, Default, Args)]
pub struct EngineersArgs {
    /// Only of this outlet, by id or code.
    #[arg(long, value_name = "OUTLET")]
    pub outlet: Option<String>,
    /// Only of this area, by id or code.
    #[arg(long, value_name = "AREA")]
    pub area: Option<String>,
    /// Only who can take a ticket now; with =false, only who cannot.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub available: Option<bool>,
    /// Only who is on duty; with =false, only who is not.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub on_duty: Option<bool>,
    /// Only who is online; with =false, only who is not.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub online: Option<bool>,
    /// Those who left as well.
    #[arg(long)]
    pub retired: bool,
    /// At most so many, up to 1000 [default: 200].
    #[arg(short = 'n', long, value_name = "N")]
    pub limit: Option<usize>,
    /// Only those after this one, by id.
    #[arg(long, value_name = "ID")]
    pub after: Option<String>,
    /// How it is asked.
    #[command(flatten)]
    pub query: PastArgs,
}

/// Of `satisfaction`.
#[derive(Debug, Clone, Default, Args)]
pub struct SatisfactionArgs {
    /// By what it is broken down [default: day].
    #[arg(long, value_name = "WHAT", value_parser = ["engineer", "outlet", "area", "day", "week"])]
    pub by: Option<String>,
    /// From this day of the firm's zone on.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub from: Option<String>,
    /// Until this day, with it.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<String>,
    /// Only of this area, by id or code.
    #[arg(long, value_name = "AREA")]
    pub area: Option<String>,
    /// Only of this outlet, by id or code.
    #[arg(long, value_name = "OUTLET")]
    pub outlet: Option<String>,
    /// Only of this engineer, by id or code.
    #[arg(long, value_name = "ENGINEER")]
    pub engineer: Option<String>,
    /// How it is asked.
    #[command(flatten)]
    pub query: PastArgs,
}

/// Of `lifecycle`.
#[derive(Debug, Clone, Default, Args)]
pub struct LifecycleArgs {
    /// From this day of the firm's zone on [default: today].
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub from: Option<String>,
    /// Until this day, with it; at most 31 days.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<String>,
    /// Only of this outlet, by id or code.
    #[arg(long, value_name = "OUTLET")]
    pub outlet: Option<String>,
    /// Only of this area, by id or code.
    #[arg(long, value_name = "AREA")]
    pub area: Option<String>,
    /// How it is asked.
    #[command(flatten)]
    pub query: PastArgs,
}

/// What can be seen of one thing.
#[derive(Debug, Clone, Subcommand)]
pub enum EntryCommands {
    /// Everything that is known of it.
    Show(EntryArgs),
}

/// Of `engineer show`, `outlet show` and the like.
#[derive(Debug, Clone, Args)]
pub struct EntryArgs {
    /// Its id or the firm's own code.
    #[arg(value_name = "ID_OR_CODE")]
    pub name: String,
    /// How it is asked.
    #[command(flatten)]
    pub query: QueryArgs,
}

/// What can be seen of a ticket.
#[derive(Debug, Clone, Subcommand)]
pub enum TicketCommands {
    /// How it stands, and what people said.
    Show(TicketShowArgs),
    /// All that happened to it.
    History(TicketArgs),
    /// Why it is where it is: each step with what was weighed, and what comes next.
    Why(TicketArgs),
}

/// Of `ticket show`.
#[derive(Debug, Clone, Args)]
pub struct TicketShowArgs {
    /// Its id (tk_…) or number (12345-7).
    pub id: TicketRef,
    /// How it is asked.
    #[command(flatten)]
    pub query: PastArgs,
}

/// Of `ticket history` and `ticket why`.
#[derive(Debug, Clone, Args)]
pub struct TicketArgs {
    /// Its id (tk_…) or number (12345-7).
    pub id: TicketRef,
    /// How it is asked.
    #[command(flatten)]
    pub query: QueryArgs,
}

/// Of `log tail`.
#[derive(Debug, Clone, Default, Args)]
pub struct LogTailArgs {
    /// How many of the last events [default: 20; with --after, all that follow].
    #[arg(short = 'n', long, value_name = "N")]
    pub count: Option<u64>,
    /// Only events after this position or cursor of the feed.
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<String>,
    /// Go on with each new event until Ctrl-C. Where no server runs, nothing new can come.
    #[arg(short, long)]
    pub follow: bool,
    /// Print each event as the API tells it, one on each line.
    #[arg(long)]
    pub json: bool,
}
