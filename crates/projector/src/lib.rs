//! Folds the log into read models: contract, runner, snapshots and the models.
//!
//! `contract` is what a projection is; `live` holds one behind a gate, so that each answer holds
//! at one stated position. `runner` pulls events from the log and applies them; `snapshot` shortens
//! a start; `rebuild` folds a second instance and compares; `at_rest` folds a log that nobody
//! follows, and `as_of` the models as they stood at an earlier position. The models are `open_tickets`, `engineer_load`, `directory`, `satisfaction`,
//! `lifecycle` and `attachments`; `cases` is what satisfaction and lifecycle count by; `read_models` bundles them for queries.

mod body;
mod cases;
mod contract;
mod live;
mod snapshot;

mod as_of;
mod at_rest;
mod projector;
mod rebuild;
mod runner;

pub mod attachments;
pub mod directory;
pub mod engineer_load;
pub mod lifecycle;
pub mod open_tickets;
pub mod satisfaction;

mod read_models;

pub use as_of::AsOfError;
pub use at_rest::AtRestError;
pub use body::BodyError;
pub use contract::{Past, Projection, ProjectionError};
pub use live::{At, Fault, Live, Progress, WaitError};
pub use projector::{Projector, ProjectorOptions, StartError};
pub use read_models::{ModelName, OfflineDumpError, ReadModels, UnknownModel};
pub use rebuild::{
    Comparison, Difference, RebuildError, Rebuilt, catch_up, compare, read_ahead, rebuild, swap,
};
pub use runner::{Lane, ProjectionStatus, Runner, RunnerOptions, RunnerStatus, StopError};
pub use snapshot::{SnapshotError, SnapshotOptions, SnapshotStore};
