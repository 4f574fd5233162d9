//! What the gateway is handed by the binary.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use attachments::scan::Scanner;
use attachments::{Store, Thumbnails, Uploads};
use domain::{GlobalPosition, TicketId, Timestamp};
use engine::Engine;
use eventlog::{Clock, DiskBytes, EventLog, LogNumbers};
use projector::{ReadModels, Workbench};
use serde::Serialize;
use utoipa::ToSchema;

/// How the dispatcher is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DispatcherState {
    /// It decides.
    Running,
    /// It is still reading the log.
    Starting,
    /// It runs in another process.
    Elsewhere,
    /// It stopped; why.
    Stopped(String),
}

/// What the dispatcher counts. Counts begin at zero with the process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DispatcherNumbers {
    /// Open tickets that it knows.
    pub open_tickets: u64,
    /// Timers that run.
    pub timers: u64,
    /// Of these: due, and nothing done yet.
    pub timers_due: u64,
    /// When the first timer is due; in the past where it does not keep up.
    pub next_due: Option<Timestamp>,
    /// Commands without an answer.
    pub in_flight: u64,
    /// Assignments of a ticket after its first.
    pub redispatches: u64,
    /// Its commands by what they ask for and how they ended.
    pub actions: Vec<DispatcherActions>,
}

/// Commands of a kind that ended in a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatcherActions {
    /// `assign`, `timeout`, …; few.
    pub action: String,
    /// `done`, `rejected`, …; few.
    pub outcome: &'static str,
    /// How many.
    pub count: u64,
}

/// How the dispatcher is, with numbers for the metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatcherStatus {
    /// How it is.
    pub state: DispatcherState,
    /// The last event that it has seen.
    pub position: GlobalPosition,
    /// What it counts.
    pub numbers: DispatcherNumbers,
}

/// What the auditor of tickets saw at one moment: whether every open ticket has a next step, and
/// somebody is taking it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TicketAudit {
    /// When it looked.
    pub at: Timestamp,
    /// The last event that it knew then.
    pub position: GlobalPosition,
    /// Open tickets.
    pub open_tickets: u64,
    /// How many of them nobody takes care of, by what is wrong.
    pub found: NeglectedCounts,
    /// The first of them by id; at most 100.
    pub tickets: Vec<NeglectedTicket>,
}

/// Tickets that nobody takes care of, by what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct NeglectedCounts {
    /// Open, and nothing is due.
    pub no_due_time: u64,
    /// Its time has come, and for a minute nothing was done.
    pub overdue: u64,
    /// Something was decided, and for three minutes not recorded.
    pub unanswered: u64,
}

/// A ticket that nobody takes care of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct NeglectedTicket {
    /// Which.
    pub ticket: TicketId,
    /// What is wrong.
    pub problem: NeglectProblem,
    /// Since when; nothing where nothing is due.
    pub since: Option<Timestamp>,
}

/// What is wrong with a ticket that nobody takes care of; [`NeglectedCounts`] says what each is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NeglectProblem {
    /// Open, and nothing is due.
    NoDueTime,
    /// Its time has come.
    Overdue,
    /// Decided and not recorded.
    Unanswered,
}

/// How events get to NATS. Counts begin at zero with the process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RelayStatus {
    /// The last event that the stream is known to hold.
    pub position: GlobalPosition,
    /// Whether the server took or confirmed something last.
    pub connected: bool,
    /// Why there is no connection, where that is known.
    pub trouble: Option<String>,
    /// How often publishing was interrupted.
    pub interruptions: u64,
    /// How often the stream was made anew.
    pub made_anew: u64,
    /// Why it ended for good, if it did.
    pub ended: Option<String>,
}

/// A dispatcher in a process of its own, as it was heard of last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatcherHeard {
    /// Which it is.
    pub id: String,
    /// Whether it acts; it stands by otherwise.
    pub leads: bool,
    /// It has read everything that there was when it began.
    pub caught_up: bool,
    /// The last event that it knows.
    pub position: GlobalPosition,
    /// How long ago it said so.
    pub heard_ago: Duration,
}

/// Dispatchers in processes of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DispatchersHeard {
    /// Those that were heard of in the last seconds.
    pub all: Vec<DispatcherHeard>,
    /// Nobody was heard of, though somebody listened for long enough.
    pub nobody: bool,
}

/// What only the binary knows of the other parts.
pub trait PartsStatus: Send + Sync + 'static {
    /// How the dispatcher is.
    fn dispatcher(&self) -> DispatcherStatus;

    /// What the auditor of tickets saw last; nothing before it looked for the first time. Where no
    /// server runs it looks now, which takes as long as folding the log.
    fn ticket_audit(&self) -> Option<TicketAudit> {
        None
    }

    /// How events get to NATS, where they go there.
    fn relay(&self) -> Option<RelayStatus> {
        None
    }

    /// Dispatchers in processes of their own, where they are listened for.
    fn dispatchers(&self) -> Option<DispatchersHeard> {
        None
    }

    /// Why the log takes nothing any more, where the backend can tell without a write.
    fn log_refuses(&self) -> Option<String> {
        None
    }

    /// The log in numbers, where the backend can tell.
    fn log_numbers(&self) -> Option<LogNumbers> {
        None
    }

    /// Bytes on the disk that holds the log. May wait for the disk.
    fn disk_bytes(&self) -> Option<DiskBytes> {
        None
    }
}

/// A process without a dispatcher.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoDispatcher;

impl PartsStatus for NoDispatcher {
    fn dispatcher(&self) -> DispatcherStatus {
        DispatcherStatus {
            state: DispatcherState::Elsewhere,
            position: GlobalPosition::ZERO,
            numbers: DispatcherNumbers::default(),
        }
    }
}

/// Where the bytes of attachments are, and what looks at them.
#[derive(Clone)]
pub struct AttachmentPorts {
    /// Keeps them.
    pub store: Store,
    /// Brings them there.
    pub uploads: Uploads,
    /// Shows images small.
    pub thumbnails: Thumbnails,
    /// Says whether they are harmful. Without one nothing waits to be scanned.
    pub scanner: Option<Arc<dyn Scanner>>,
}

impl fmt::Debug for AttachmentPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scanned = self.scanner.is_some();
        f.debug_struct("AttachmentPorts").field("scanned", &scanned).finish_non_exhaustive()
    }
}

/// Everything that the gateway works with.
#[derive(Clone)]
pub struct Ports {
    /// Takes commands.
    pub engine: Arc<Engine>,
    /// Read for single streams and the feed.
    pub log: Arc<dyn EventLog>,
    /// Asked for lists and sums.
    pub read_models: Arc<ReadModels>,
    /// Where their snapshots lie. They are read, for questions as of a position that is past.
    pub snapshots: Option<PathBuf>,
    /// Where they are rebuilt. None over a directory at rest, where no model is live.
    pub rebuilds: Option<Arc<Workbench>>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How the other parts are.
    pub parts: Arc<dyn PartsStatus>,
    /// The bytes of attachments. None over a directory at rest, where events alone are looked at.
    pub attachments: Option<AttachmentPorts>,
}
