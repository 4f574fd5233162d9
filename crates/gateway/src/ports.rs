//! What the gateway is handed by the binary.

use std::sync::Arc;

use domain::GlobalPosition;
use engine::Engine;
use eventlog::{Clock, EventLog};
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

/// How the dispatcher is, with numbers for the metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatcherStatus {
    /// How it is.
    pub state: DispatcherState,
    /// The last event that it has seen.
    pub position: GlobalPosition,
    /// Numbers by name, such as `open_tickets`; names are snake case and stay the same.
    pub gauges: Vec<(&'static str, u64)>,
}

/// What only the binary knows of the other parts.
pub trait PartsStatus: Send + Sync + 'static {
    /// How the dispatcher is.
    fn dispatcher(&self) -> DispatcherStatus;

    /// Why the log takes nothing any more, where the backend can tell without a write.
    fn log_refuses(&self) -> Option<String> {
        None
    }

    /// Appends that wait to become durable, where the backend can tell.
    fn log_queued(&self) -> Option<u64> {
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
            gauges: Vec::new(),
        }
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
}
