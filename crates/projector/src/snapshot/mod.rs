//! Snapshots, so that a start does not fold the whole log. They are disposable: one that does not
//! fit is set aside, and the fold starts earlier. Beside them lies which recount of each model is
//! live.

mod earlier;
mod file;
mod recounts;
mod store;

pub use recounts::{Recounts, SwapRecord};
pub(crate) use store::io_error;
pub use store::{SnapshotError, SnapshotOptions, SnapshotStore};
