//! Snapshots, so that a start does not fold the whole log. They are disposable: one that does not
//! fit is set aside, and the fold starts earlier.

mod file;
mod store;

pub use store::{SnapshotError, SnapshotOptions, SnapshotStore};
