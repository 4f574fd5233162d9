//! Audits: what was found when somebody looked whether everything is where the log says it is.

use serde::{Deserialize, Serialize};

use crate::decision::{Change, Context};
use crate::event_enum::event_enum;
use crate::party::Party;
use crate::rejection::Rejection;
use crate::stream::{GlobalPosition, StreamId};

/// All attachments that the log named were looked for. A stored shape, frozen as those of tickets
/// are. Each of them counts in one class; orphans are not among those that were named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttachmentsAudited {
    /// The log up to here was looked at.
    pub as_of: GlobalPosition,
    /// Whether every byte was hashed again.
    pub deep: bool,
    /// Named by events.
    pub named: u64,
    /// There, and as they were.
    pub intact: u64,
    /// There, and not as they were.
    pub damaged: u64,
    /// Not there.
    pub missing: u64,
    /// Taken out of view.
    pub removed: u64,
    /// In quarantine.
    pub quarantined: u64,
    /// Erased on purpose.
    pub erased: u64,
    /// Named by another system's history; their bytes never came.
    pub never_arrived: u64,
    /// Bytes that no event names.
    pub orphans: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

event_enum! {
    /// What audits found.
    AuditEvent {
        /// All attachments were looked for.
        AttachmentsAudited,
    }
}

/// Records an audit, each anew: two that found the same are two audits.
pub(crate) fn record(
    audit: &AttachmentsAudited,
    context: &Context,
) -> Result<Vec<Change>, Rejection> {
    if !matches!(context.actor.party, Party::Gateway | Party::Administrator(_)) {
        let problem = "an audit is recorded by the server itself or by an administrator";
        return Err(Rejection::invalid("actor", problem));
    }
    Ok(vec![Change::own(StreamId::AUDIT, AuditEvent::from(audit.clone()))])
}
