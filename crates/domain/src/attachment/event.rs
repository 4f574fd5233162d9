//! What happens to an attachment: its chain of custody. Stored shapes, frozen as those of tickets
//! are.

use serde::{Deserialize, Serialize};

use super::hash::ContentHash;
use super::reference::{AttachmentRef, MediaFacts, UploadFacts, Words};
use crate::event_enum::event_enum;
use crate::id::TicketId;
use crate::party::Party;
use crate::personal::Personal;
use crate::place::Coordinates;
use crate::time::Timestamp;

/// What an attachment says of people.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkedClaims {
    /// What whoever sent it calls it.
    pub name: String,
    /// When the camera says it was taken.
    pub taken_at: Option<Timestamp>,
    /// Where the camera says it was taken.
    pub position: Option<Coordinates>,
}

/// Who opened an attachment, how often, between when and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Read {
    /// Who.
    pub by: Party,
    /// The first time.
    pub first_at: Timestamp,
    /// The last time.
    pub last_at: Timestamp,
    /// How often.
    pub times: u32,
}

/// A ticket's words brought it along; recorded with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttachmentLinked {
    /// What it is.
    pub attachment: AttachmentRef,
    /// The ticket that names it.
    pub ticket: TicketId,
    /// How its bytes came.
    pub upload: UploadFacts,
    /// What was found in them.
    pub media: MediaFacts,
    /// Its name, and what it says of people.
    pub claims: Personal<LinkedClaims>,
}

/// Its bytes are shown to nobody until they are released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttachmentQuarantined {
    /// Names the bytes.
    pub hash: ContentHash,
    /// What was found.
    pub why: String,
}

/// Its bytes may be shown again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttachmentReleased {
    /// Names the bytes.
    pub hash: ContentHash,
}

/// Its bytes go for good, on purpose; nothing brings them back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttachmentErased {
    /// Names the bytes.
    pub hash: ContentHash,
    /// Why.
    pub words: Personal<Words>,
}

/// Somebody opened it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttachmentOpened {
    /// Names the bytes.
    pub hash: ContentHash,
    /// Who, and how often.
    pub reads: Vec<Read>,
}

event_enum! {
    /// Everything that can happen to an attachment.
    AttachmentEvent {
        /// A ticket's words brought it along.
        AttachmentLinked,
        /// It is shown to nobody until it is released.
        AttachmentQuarantined,
        /// It may be shown again.
        AttachmentReleased,
        /// Its bytes go for good.
        AttachmentErased,
        /// Somebody opened it.
        AttachmentOpened,
    }
}

impl AttachmentEvent {
    /// The bytes that it is about.
    pub const fn hash(&self) -> ContentHash {
        match self {
            Self::AttachmentLinked(linked) => linked.attachment.hash,
            Self::AttachmentQuarantined(quarantined) => quarantined.hash,
            Self::AttachmentReleased(released) => released.hash,
            Self::AttachmentErased(erased) => erased.hash,
            Self::AttachmentOpened(opened) => opened.hash,
        }
    }
}
