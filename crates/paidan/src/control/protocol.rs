//! What is said over the socket: one request for each connection, one JSON value on each line.
//!
//! The client's first line is an [`Opening`], the server's a [`Greeting`]; both begin with the
//! protocol's version, so that two releases that cannot talk can say so. Replies follow until
//! [`Reply::End`] or [`Reply::Failed`]. During an import the client goes on with [`ImportLine`]s
//! while replies come back.

use std::path::PathBuf;

use audit::{AsOf, Collected, Finding, Handover, NeverArrived, Stray};
use domain::rules::Rules;
use domain::ticket::Import;
use domain::{GlobalPosition, ImportBatchId, RuleSetVersion, TicketId, Timestamp};
use projector::{Comparison, RebuildView, SwapRecord};
use serde::{Deserialize, Serialize};
use sheets::{EntryChange, Fault, Report, Sheet};

use super::failure::Failure;
use super::rebuilds::RebuildRequest;
use super::rules::Published;
use super::views::{
    BackupView, Checked, ClockView, DumpHeader, ExportView, ImportTotals, LogStatView, PlaceView,
    ProjectionView, VerifyFault, VerifyView,
};
use crate::import::Settled;

/// Raised whenever a line changes its meaning.
pub const PROTOCOL: u32 = 1;

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// The log's size, identity and head.
    LogStat,
    /// Check every byte of the log.
    LogVerify,
    /// Write the log into a file.
    LogExport {
        /// Which, as an absolute path.
        file: PathBuf,
        /// Only what is after, with the frame of this position.
        from: Option<GlobalPosition>,
        /// The keys, too.
        with_keys: bool,
    },
    /// Bring a backup up to date.
    LogBackup {
        /// Its directory, as an absolute path.
        directory: PathBuf,
        /// The log alone.
        without_attachments: bool,
    },
    /// Look whether every attachment is where it belongs.
    AuditAttachments {
        /// Of what, as of when, how thoroughly.
        options: audit::Options,
        /// Tell also what is as it should be.
        everything: bool,
        /// Record what was found.
        record: bool,
    },
    /// Remove attachments that no event names.
    CollectAttachments {
        /// Those that nobody touched for so long, in seconds.
        older_than_s: u64,
        /// Say what would go, remove nothing.
        dry_run: bool,
    },
    /// Believe the clock after a jump.
    ConfirmClock,
    /// What `GET` of these addresses of the API answers.
    Ask {
        /// Paths with their queries, such as `/api/v1/backlog/top?n=5`.
        targets: Vec<String>,
    },
    /// Which read models there are.
    ProjectionList,
    /// All rows of one.
    ProjectionDump {
        /// Which.
        name: String,
    },
    /// All rows of one as they were at a position, folded from zero.
    ProjectionFold {
        /// Which.
        name: String,
        /// Where.
        position: GlobalPosition,
        /// The rules that the past is counted by, 0 as recorded; nothing: those of the live one.
        recount: Option<RuleSetVersion>,
    },
    /// What the log has at a position, or had at a moment.
    LogPlace {
        /// Which.
        as_of: AsOf,
    },
    /// Fold them from zero and compare.
    ProjectionCheck {
        /// Which; all, if none is named.
        names: Vec<String>,
    },
    /// Something with a rebuild of read models.
    ProjectionRebuild(RebuildRequest),
    /// Record the steps that follow.
    ImportHistory {
        /// The other system, which issues the commands' ids.
        source: String,
        /// Marks all that this import records.
        batch: ImportBatchId,
    },
    /// Publish rules over those that hold.
    PublishRules {
        /// The whole set.
        rules: Box<Rules>,
        /// Names the command.
        batch: ImportBatchId,
    },
    /// Try rules on the log.
    TryRules {
        /// The whole set.
        rules: Box<Rules>,
        /// From this moment on.
        from: Option<Timestamp>,
        /// Before this moment.
        to: Option<Timestamp>,
        /// Tell so many tickets that came otherwise.
        tickets: u32,
    },
    /// Load the sheets that follow into the directory.
    ImportDirectory {
        /// Names the commands of this run.
        batch: ImportBatchId,
        /// Say what would change, record nothing.
        dry_run: bool,
        /// Record what has no errors.
        skip_bad_lines: bool,
    },
}

/// The client's first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Opening {
    pub(super) protocol: u32,
    pub(super) request: Request,
}

/// The beginning of a first line, which every version understands.
#[derive(Debug, Deserialize)]
pub(super) struct Version {
    pub(super) protocol: u32,
}

/// The server's first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    /// The server's version of the protocol.
    pub protocol: u32,
    /// The server's release.
    pub release: String,
}

impl Greeting {
    pub(super) fn ours() -> Self {
        Self { protocol: PROTOCOL, release: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// What the client says during an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ImportLine {
    /// A step.
    Command {
        /// The command's key; its issuer is the import of the request's source.
        key: String,
        ticket: TicketId,
        occurred_at: Timestamp,
        command: Import,
        line: u64,
    },
    /// That was all.
    End,
}

/// What the client says when it sends sheets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DirectoryLine {
    /// A sheet begins.
    Sheet {
        /// What people call it.
        name: String,
        /// Which it is, where that is known.
        sheet: Option<Sheet>,
    },
    /// It goes on.
    Text(String),
    /// That was all.
    End,
}

/// One line of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// How far long work is.
    Progress {
        /// Events that are done.
        done: u64,
        /// Events that there are.
        total: u64,
    },
    /// Of [`Request::LogStat`].
    LogStat(LogStatView),
    /// The log is whole.
    Verified(VerifyView),
    /// The log is not whole; this is the first fault.
    Damaged(VerifyFault),
    /// Of [`Request::LogExport`].
    Exported(ExportView),
    /// Of [`Request::LogBackup`].
    BackedUp(BackupView),
    /// An attachment that events name.
    AttachmentFound(Box<Finding>),
    /// A file that another system named and that never came.
    NeverArrived(NeverArrived),
    /// Something in the store that no event names.
    StrayFound(Stray),
    /// A ticket went from one engineer to another.
    HandedOver(Box<Handover>),
    /// The end of an audit: its report, but for the lists that came before.
    AttachmentsAudited {
        /// What was found.
        report: Box<audit::Report>,
        /// Where it was recorded.
        recorded: Option<GlobalPosition>,
    },
    /// Of [`Request::CollectAttachments`].
    AttachmentsCollected(Collected),
    /// Of [`Request::ConfirmClock`].
    ClockConfirmed(ClockView),
    /// The next part of a body.
    Part(String),
    /// A body is at its end.
    Answered {
        /// The status that HTTP gives it.
        status: u16,
        /// When that was, by the server's clock.
        now: Timestamp,
    },
    /// One read model.
    Projection(ProjectionView),
    /// The first line of a dump.
    Dump(DumpHeader),
    /// One row of a dump: a line of JSON, as it is, because its bytes are compared.
    Row(String),
    /// Of [`Request::LogPlace`].
    Place(PlaceView),
    /// What a check found.
    Checked(Checked),
    /// How far a rebuild is; nothing: there is none.
    Rebuild(Option<Box<RebuildView>>),
    /// What a comparison of a rebuilt model with the live one found.
    Compared(Box<Comparison>),
    /// Rebuilt models became live.
    Swapped(Box<SwapRecord>),
    /// What became of a step.
    Settled(Settled),
    /// The end of an import.
    Imported(ImportTotals),
    /// Of [`Request::PublishRules`].
    RulesPublished(Box<Published>),
    /// A ticket that came otherwise under the rules that are tried.
    TicketTried(Box<trial::Changed>),
    /// The end of a trial: its report, but for the tickets that came before.
    RulesTried(Box<trial::Report>),
    /// An entry of the directory that is added or changed.
    DirectoryChange(Box<EntryChange>),
    /// Something that is wrong in a sheet.
    DirectoryFault(Fault),
    /// The end of a load: its report, but for the lists that came before.
    DirectoryLoaded(Report),
    /// The end of an answer.
    End,
    /// The end of an answer that could not be given, or not to its end.
    Failed(Failure),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_reads_back_from_its_line() {
        let requests = [
            Request::LogStat,
            Request::LogVerify,
            Request::LogExport {
                file: "/tmp/派单.part".into(),
                from: Some(GlobalPosition::new(7)),
                with_keys: true,
            },
            Request::LogBackup { directory: "/backup".into(), without_attachments: false },
            Request::AuditAttachments {
                options: audit::Options { deep: true, ..audit::Options::default() },
                everything: true,
                record: false,
            },
            Request::CollectAttachments { older_than_s: 86_400, dry_run: true },
            Request::ConfirmClock,
            Request::Ask { targets: vec!["/api/v1/outlets/%E6%B5%A6?min_position=7".into()] },
            Request::ProjectionList,
            Request::ProjectionDump { name: "open_tickets".into() },
            Request::ProjectionFold {
                name: "directory".into(),
                position: GlobalPosition::new(7),
                recount: Some(RuleSetVersion::new(2)),
            },
            Request::LogPlace { as_of: AsOf::Position(GlobalPosition::new(7)) },
            Request::ProjectionCheck { names: vec![] },
            Request::ProjectionRebuild(RebuildRequest::Swap { rows_max: Some(3) }),
            Request::ImportHistory { source: "desk".into(), batch: ImportBatchId::from_u128(1) },
            Request::PublishRules { rules: Box::default(), batch: ImportBatchId::from_u128(1) },
            Request::TryRules {
                rules: Box::default(),
                from: Some(Timestamp::from_seconds(7)),
                to: None,
                tickets: 20,
            },
            Request::ImportDirectory {
                batch: ImportBatchId::from_u128(1),
                dry_run: true,
                skip_bad_lines: false,
            },
        ];
        for request in requests {
            let line = serde_json::to_string(&request).expect("JSON");
            let back: Request = serde_json::from_str(&line).expect("a request");
            assert_eq!(back, request, "{line}");
        }
    }

    #[test]
    fn the_version_is_understood_also_where_the_rest_is_not() {
        let line = r#"{"protocol":9,"request":{"brew":{"cups":2}},"more":1}"#;
        assert!(serde_json::from_str::<Opening>(line).is_err());
        assert_eq!(serde_json::from_str::<Version>(line).expect("a version").protocol, 9);
    }
}
