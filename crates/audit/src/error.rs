//! Why there is no answer.

use domain::{ContentHash, GlobalPosition};
use eventlog::ReadError;
use projector::RebuildError;

/// Why an audit, or what goes with it, did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log does not reach so far.
    #[error("the log ends at position {head}, before {asked}; ask for a position up to {head}")]
    AfterHead {
        /// What was asked for.
        asked: GlobalPosition,
        /// Where it ends.
        head: GlobalPosition,
    },
    /// No event names it.
    #[error("no event names {hash}; look at the hash again, or list what a ticket has")]
    NotNamed {
        /// What was asked for.
        hash: ContentHash,
    },
    /// The log could not be read.
    #[error("the log could not be read; `paidan log verify` says where it is damaged")]
    Read(#[from] ReadError),
    /// The log could not be folded.
    #[error("the log could not be folded; `paidan log verify` says where it is damaged")]
    Fold(#[from] RebuildError),
    /// The store could not be asked. That says nothing of any attachment.
    #[error("the store of attachments could not be asked; look at the disk or the bucket")]
    Store(#[from] attachments::store::Error),
    /// Uploads could not be looked at.
    #[error("the uploads could not be looked at")]
    Uploads(#[from] attachments::uploads::Error),
    /// A file could not be written.
    #[error("could not write {path}; is the disk full?")]
    Write {
        /// Which.
        path: std::path::PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Whoever asked does not listen any more, or the time is over.
    #[error("the audit was broken off before its end; ask for less, or give it more time")]
    BrokenOff,
}
