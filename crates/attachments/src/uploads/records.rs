//! The small files beside bytes: what is known of an upload while it is open, and once it is stored.

use std::path::Path;

use domain::{AttachmentRef, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::describe::{Claims, MediaFacts};
use crate::files::{FileError, read_if_there, write_whole};

/// The shape of these files. Files of another shape are left alone.
const FORMAT: u32 = 1;

/// An upload that begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewUpload {
    /// How many bytes will come; nothing when that is not known yet.
    pub length: Option<u64>,
    /// What the client calls the file. Made safe when it is stored.
    pub name: String,
    /// Who it is by, in whatever way the caller names people.
    pub by: String,
    /// How it came: over which channel.
    pub via: String,
    /// Whose bound on open uploads it counts against.
    pub client: String,
    /// When it began.
    pub begun_at: Timestamp,
    /// From then on it may be removed.
    pub expires_at: Timestamp,
}

/// Who uploaded bytes, how and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadFacts {
    /// Who, as the caller named them.
    pub by: String,
    /// Over which channel.
    pub via: String,
    /// When it began.
    pub begun_at: Timestamp,
    /// When the last byte was taken.
    pub finished_at: Timestamp,
}

/// Bytes that are in the store, and what is known of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Hash, size and sniffed type.
    pub attachment: AttachmentRef,
    /// A safe name.
    pub name: String,
    /// Dimensions and duration.
    pub media: MediaFacts,
    /// What the camera claims.
    pub claims: Claims,
    /// Who uploaded them, how and when.
    pub upload: UploadFacts,
}

/// What an upload came to; kept until its time is over, for clients that ask again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub(super) expires_at: Timestamp,
    pub(super) stored: Stored,
}

#[derive(Serialize)]
struct Written<'a, T> {
    format: u32,
    record: &'a T,
}

#[derive(Deserialize)]
struct Read<T> {
    format: u32,
    record: T,
}

/// Writes a record so that there is the old one or the new one.
pub(super) fn write<T: Serialize>(path: &Path, beside: &Path, record: &T) -> Result<(), FileError> {
    let written = Written { format: FORMAT, record };
    let bytes = serde_json::to_vec(&written).expect("a record has string keys and plain values");
    write_whole(path, beside, &bytes)
}

/// What was found of a record.
pub(super) enum Found<T> {
    There(T),
    /// Something that cannot be read as one.
    Unreadable,
    Nothing,
}

pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Found<T>, FileError> {
    let Some(bytes) = read_if_there(path)? else { return Ok(Found::Nothing) };
    match serde_json::from_slice::<Read<T>>(&bytes) {
        Ok(read) if read.format == FORMAT => Ok(Found::There(read.record)),
        _ => Ok(Found::Unreadable),
    }
}
