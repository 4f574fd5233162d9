//! The log outside its directory: exports, backups, and the way back.
//!
//! `part` has the bytes of a stretch of a log in one file, `writing` and `reading` make and check
//! them. `export` writes one part; `backup` keeps a row of them beside a `manifest` and a copy of
//! the key ring. `rebuild` makes a data directory of frames, whatever they come from, and opens a
//! new epoch in it; `import` and `restore` feed it. Frames go as they are stored, so sealed parts
//! stay sealed and the chain is the same.

mod part;
mod reading;
mod writing;

mod export;
mod manifest;

mod backup;
mod import;
mod rebuild;
mod restore;

pub use backup::{BackedUp, BackupError, BackupOptions, backup};
pub use export::{ExportError, ExportOptions, Exported, export};
pub use import::{ImportError, holds_keys, import};
pub use manifest::ManifestError;
pub use part::{PART_FORMAT, PartError};
pub(crate) use rebuild::{Rebuild, Ring};
pub use rebuild::{RebuildError, RebuildOptions, Rebuilt};
pub use restore::{RestoreError, Restored, restore};
