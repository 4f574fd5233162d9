//! What can be said of audits and of the bytes of attachments.

use std::path::PathBuf;

use audit::AsOf;
use clap::{Args, Subcommand};
use domain::{ContentHash, CustomerId, Span, TicketId, Timestamp};

use super::args::OutputArgs;
use super::query_args::QueryArgs;

/// What can be audited.
#[derive(Debug, Subcommand)]
pub enum AuditCommands {
    /// Look for every attachment that events name; ends with 3 where one is missing or damaged.
    Attachments(Box<AuditArgs>),
    /// Tell the story of one attachment: who sent it, who had it, who opened it.
    Custody(CustodyArgs),
}

/// Of `audit attachments`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// As the log was at this position or moment (RFC 3339) [default: now].
    #[arg(long, value_name = "TIME|POSITION")]
    pub as_of: Option<AsOf>,
    /// Those of this ticket and of what was merged into it.
    #[arg(long, value_name = "ID")]
    pub ticket: Option<TicketId>,
    /// Those of this customer's tickets.
    #[arg(long, value_name = "ID")]
    pub customer: Option<CustomerId>,
    /// Those that a ticket named at this moment or later.
    #[arg(long, value_name = "TIME")]
    pub since: Option<Timestamp>,
    /// Hash every byte again; otherwise sizes are compared.
    #[arg(long)]
    pub deep: bool,
    /// For each handover between engineers: had the next one what the one before had?
    #[arg(long)]
    pub handovers: bool,
    /// Print JSON, for programs: a line for each attachment, and a last one with the totals.
    #[arg(long, conflicts_with_all = ["csv", "html"])]
    pub json: bool,
    /// Print CSV: a line for each attachment.
    #[arg(long, conflicts_with = "html")]
    pub csv: bool,
    /// Write a page for people, in both languages, that needs nothing beside it.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Record what was found, so that anybody can see it; only where everything is looked at.
    #[arg(long, conflicts_with_all = ["ticket", "customer", "since"])]
    pub record: bool,
}

/// Of `audit custody`.
#[derive(Debug, Args)]
pub struct CustodyArgs {
    /// Its hash: 64 hexadecimal digits.
    pub hash: ContentHash,
    /// How it is asked.
    #[command(flatten)]
    pub query: QueryArgs,
}

/// What can be done with bytes.
#[derive(Debug, Subcommand)]
pub enum AttachmentsCommands {
    /// Remove what no event names, and uploads whose time is over.
    Gc(GcArgs),
}

/// Of `attachments gc`.
#[derive(Debug, Args)]
pub struct GcArgs {
    /// Say what would go, remove nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Only what nobody put or touched for so long.
    #[arg(long, value_name = "SPAN", default_value = "24h")]
    pub older_than: Span,
    /// How the answer looks.
    #[command(flatten)]
    pub output: OutputArgs,
}
