//! References to attachments. The bytes live in a store of their own, named by their hash.

use serde::{Deserialize, Serialize};

/// BLAKE3 of an attachment's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct ContentHash(pub [u8; 32]);

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
