//! What the gateway is handed by the binary.

use std::fmt;
use std::sync::Arc;

use attachments::scan::Scanner;
use attachments::{Store, Thumbnails, Uploads};
use domain::{GlobalPosition, Timestamp};
use engine::Engine;
use eventlog::{Clock, DiskBytes, EventLog, LogNumbers};
use projector::ReadModels;

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

/// How events get to NATS. Counts begin at zero with the process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RelayStatus {
    /// The last event that the stream is known to hold.
    pub position: GlobalPosition,
    /// Whether the server took or confirmed something last.
    pub connected: bool,
    /// How often publishing was interrupted.
    pub interruptions: u64,
    /// How often the stream was made anew.
    pub made_anew: u64,
    /// Why it ended for good, if it did.
    pub ended: Option<String>,
}

/// What only the binary knows of the other parts.
pub trait PartsStatus: Send + Sync + 'static {
    /// How the dispatcher is.
    fn dispatcher(&self) -> DispatcherStatus;

    /// How events get to NATS, where they go there.
    fn relay(&self) -> Option<RelayStatus> {
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
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How the other parts are.
    pub parts: Arc<dyn PartsStatus>,
    /// The bytes of attachments. None over a directory at rest, where events alone are looked at.
    pub attachments: Option<AttachmentPorts>,
}
