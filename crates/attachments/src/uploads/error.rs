//! Why an upload does not go on.

use domain::ContentHash;

use super::{Algorithm, UploadId};
use crate::files::{CutOff, FileError};
use crate::hash::hash_text;
use crate::store;

/// Why an upload does not go on. What had arrived stays, unless a variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such upload (404): it ran out of time, was given up, or never was.
    #[error("there is no upload {id}; it may have run out of time: begin a new one")]
    NotFound {
        /// The one that was asked for.
        id: UploadId,
    },
    /// Somebody else writes it and does not let go (423).
    #[error("upload {id} is being written by another request; try again in a moment")]
    Busy {
        /// The one that was asked for.
        id: UploadId,
    },
    /// The bytes begin elsewhere than where those before ended (409).
    #[error("the upload is at byte {offset}, and these begin at {given}; go on from {offset}")]
    OffsetMismatch {
        /// Where the request begins.
        given: u64,
        /// Where it has to.
        offset: u64,
    },
    /// The file is larger than any may be (413).
    #[error("a file may have at most {bytes_max} bytes")]
    TooLarge {
        /// The bound.
        bytes_max: u64,
    },
    /// More bytes came than were announced (413, or 400). Those up to there count.
    #[error("{length} bytes were announced and more came; the upload is at byte {offset}")]
    LongerThanDeclared {
        /// What was announced.
        length: u64,
        /// Where it is now.
        offset: u64,
    },
    /// Another length was announced before, or more than that has arrived (409).
    #[error("this length cannot be: {}", length_known(*length, *offset))]
    LengthConflict {
        /// What was announced before.
        length: Option<u64>,
        /// How much has arrived.
        offset: u64,
    },
    /// It is not whole yet (409).
    #[error("the upload is not whole: {offset} bytes are there; {}", length_known(*length, *offset))]
    NotWhole {
        /// How much has arrived.
        offset: u64,
        /// What was announced.
        length: Option<u64>,
    },
    /// The bytes do not have the checksum (460). None of this request count.
    #[error("the bytes do not have their {algorithm} checksum; send them again from {offset}")]
    ChecksumMismatch {
        /// How it was computed.
        algorithm: Algorithm,
        /// Where the upload is, as before the request.
        offset: u64,
    },
    /// The line broke. What arrived counts, unless it came with a checksum.
    #[error("the line broke; the upload is at byte {offset}: go on from there")]
    LineBroke {
        /// Where the upload is.
        offset: u64,
        /// What is known of why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another request goes on with the upload, so this one was ended (409).
    #[error("another request went on with the upload; it is at byte {offset}")]
    TakenOver {
        /// Where the upload is.
        offset: u64,
    },
    /// One client has too many unfinished ones (429).
    #[error("{open_max} uploads of this client are unfinished; finish some, or give them up")]
    TooManyOfClient {
        /// The bound.
        open_max: usize,
    },
    /// There are too many unfinished ones (503).
    #[error("{open_max} uploads are unfinished, which is the most there may be; try again later")]
    TooMany {
        /// The bound.
        open_max: usize,
    },
    /// The disk has no room for it (507).
    #[error("the disk has no room for this; free some, or try again later")]
    NoRoom,
    /// Something that is told of the upload is too long (400).
    #[error("`{field}` may have at most {bytes_max} bytes")]
    TooLong {
        /// What it is.
        field: &'static str,
        /// The bound.
        bytes_max: usize,
    },
    /// The bytes were erased since (410).
    #[error("the bytes {} were erased since they were uploaded", hash_text(*hash))]
    Erased {
        /// Their hash.
        hash: ContentHash,
    },
    /// Bytes that had arrived are gone from the disk, or a file beside them is damaged (500).
    #[error("upload {id} is damaged on the server's disk; begin a new one")]
    Damaged {
        /// Which one.
        id: UploadId,
    },
    /// The system gives no random bytes.
    #[error("no random bytes for the id of an upload")]
    Random(#[source] getrandom::Error),
    /// A file or directory failed.
    #[error(transparent)]
    File(FileError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The runtime stops.
    #[error(transparent)]
    CutOff(#[from] CutOff),
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        if error.is_full() {
            tracing::error!(error = &error as &dyn std::error::Error, "no room for uploads");
            return Self::NoRoom;
        }
        Self::File(error)
    }
}

fn length_known(length: Option<u64>, offset: u64) -> String {
    match length {
        Some(length) => format!("{length} were announced"),
        None => format!("no length was announced, and {offset} bytes have arrived"),
    }
}
