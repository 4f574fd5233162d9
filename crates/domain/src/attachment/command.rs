//! What can be asked of an attachment that a ticket names.

use serde::{Deserialize, Serialize};

use super::event::Read;

/// Everything that can be asked of an attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentCommand {
    /// Its bytes are shown to nobody until they are released.
    Quarantine {
        /// What was found; at most 200 bytes.
        why: String,
    },
    /// Its bytes may be shown again.
    Release,
    /// Its bytes are erased for good, once this is durable.
    Erase {
        /// Why.
        words: String,
    },
    /// Records who opened it; at most 50 readers at once.
    RecordReads(Vec<Read>),
}
