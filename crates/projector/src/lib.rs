//! Folds the log into read models: contract, runner, snapshots and the models.
//!
//! `contract` is what a projection is; `live` holds one behind a gate, so that each answer holds
//! at one stated position. `runner` pulls events from the log and applies them; `snapshot` shortens
//! a start; `rebuild` folds a second instance and compares; `at_rest` folds a log that nobody
//! follows, and `as_of` the models as they stood at an earlier position, `happened` by what had happened by a moment. The models are `open_tickets`, `engineer_load`, `directory`, `satisfaction`,
//! `lifecycle` and `attachments`; `cases` is what satisfaction and lifecycle count by; `read_models` bundles them for queries.

mod body;
mod cases;
mod changes;
mod contract;
mod dump;
mod live;
mod recount;
mod snapshot;

mod as_of;
mod at_rest;
mod compare;
mod explain;
mod happened;
mod projector;
mod rebuild;
mod runner;
mod workbench;

pub mod attachments;
pub mod directory;
pub mod engineer_load;
pub mod lifecycle;
pub mod open_tickets;
pub mod satisfaction;

mod read_models;

pub use as_of::AsOfError;
pub use at_rest::{AtRestError, recount_at_rest};
pub use body::BodyError;
pub use changes::Changes;
pub use compare::{
    Comparison, Detail, Explanation, FieldDifference, RowChange, RowDifference, TableComparison,
    Total, compare, compare_folds,
};
pub use contract::{Past, Projection, ProjectionError};
pub use dump::{Table, TakeLine};
pub use happened::HappenedBy;
pub use live::{At, Fault, Live, Progress, WaitError};
pub use projector::{Projector, ProjectorOptions, StartError};
pub use read_models::{ModelName, OfflineDumpError, ReadModels, UnknownModel, WithLive, WithModel};
pub use rebuild::{RebuildError, Rebuilt, catch_up, read_ahead, rebuild, swap};
pub use recount::{Recount, RecountError, RecountName, UnknownRecount};
pub use runner::{Lane, ProjectionStatus, Runner, RunnerOptions, RunnerStatus, StopError};
pub use snapshot::{Recounts, SnapshotError, SnapshotOptions, SnapshotStore, SwapRecord};
pub use workbench::{
    RebuildPhase, RebuildPlan, RebuildRules, RebuildView, Workbench, WorkbenchError,
};
