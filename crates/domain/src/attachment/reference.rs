//! What events say of an attachment, and what a command hands in to have it said.

use serde::{Deserialize, Serialize};

use super::hash::ContentHash;
use crate::party::Party;
use crate::place::Coordinates;
use crate::time::Timestamp;

/// What an event says of an attachment. Its name is personal and stands with the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AttachmentRef {
    /// Names the bytes.
    pub hash: ContentHash,
    /// How many bytes there are.
    pub bytes: u64,
    /// Their media type, sniffed from the bytes.
    pub media_type: String,
}

impl AttachmentRef {
    /// Whether it is a picture, as far as its media type says.
    pub fn is_image(&self) -> bool {
        self.media_type.starts_with("image/")
    }
}

/// Free text with the names of the attachments that came with it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Words {
    /// What was said.
    pub text: String,
    /// The declared names, in the order of the event's references.
    pub attachment_names: Vec<String>,
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self { text, attachment_names: Vec::new() }
    }
}

/// An attachment that a command brings along, exactly as its upload answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewAttachment {
    /// Names the bytes.
    pub hash: ContentHash,
    /// How many bytes there are.
    pub bytes: u64,
    /// Their media type, sniffed from the bytes.
    #[cfg_attr(feature = "openapi", schema(max_length = 100))]
    pub media_type: String,
    /// What whoever sent it calls it; may be empty.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub name: String,
    /// What the store knows of it. Filled in by the gateway alone: it is never read from a request,
    /// and no part of what a command id is bound to, so that a repetition is the same command after
    /// the store has forgotten the upload.
    #[serde(skip)]
    pub vouched: Option<Vouched>,
}

impl NewAttachment {
    /// What events say of it.
    pub fn reference(&self) -> AttachmentRef {
        let Self { hash, bytes, ref media_type, .. } = *self;
        AttachmentRef { hash, bytes, media_type: media_type.clone() }
    }
}

/// The store's word that the bytes are there, durably, and what it knows of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// How they came.
    pub upload: UploadFacts,
    /// What was found in them.
    pub media: MediaFacts,
    /// What they say of themselves.
    pub claims: Claims,
    /// Whether they may be shown.
    pub standing: Standing,
}

/// Over what bytes came. A stored shape; a new variant goes to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UploadVia {
    /// A resumable upload (tus).
    Tus,
    /// A form (`multipart/form-data`).
    Form,
    /// A single `PUT`.
    Put,
    /// A text that was too long for a record.
    Text,
}

/// How bytes came. A stored shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadFacts {
    /// Who sent them.
    pub by: Party,
    /// Over what.
    pub via: UploadVia,
    /// When the upload began.
    pub begun_at: Timestamp,
    /// When the last byte was durable.
    pub finished_at: Timestamp,
}

/// What was found in the bytes. A stored shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MediaFacts {
    /// Pixels across, of a picture or film.
    pub width: Option<u32>,
    /// Pixels down.
    pub height: Option<u32>,
    /// How long it plays, in milliseconds.
    pub duration_ms: Option<u64>,
}

/// What the camera wrote into the bytes. Anybody can have written it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Claims {
    /// When it was taken.
    pub taken_at: Option<Timestamp>,
    /// Where it was taken.
    pub position: Option<Coordinates>,
}

/// Whether bytes may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is known against them.
    Clear,
    /// A scanner found something, or has not looked yet.
    Quarantined {
        /// What, in at most 200 bytes.
        why: String,
    },
}
