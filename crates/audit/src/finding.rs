//! What was found of one attachment, and who is told.

use std::ops::ControlFlow;

use domain::attachment::UploadVia;
use domain::{ContentHash, GlobalPosition, Party, TicketId, Timestamp};
use projector::attachments::{AttachmentLink, AttachmentRow};
use serde::{Deserialize, Serialize};

use crate::Handover;

/// So many links of one attachment are told; a firm's logo can have thousands.
pub const LINKS_MAX: usize = 50;

/// How an attachment, or what lies where attachments lie, can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AuditClass))]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// An event names it, and nothing is there.
    Missing,
    /// It is there, and not as it was.
    Damaged,
    /// It is there, and shown to nobody.
    Quarantined,
    /// It is there, and out of view in each ticket that names it.
    Removed,
    /// It was erased on purpose.
    Erased,
    /// Another system's history names it; its bytes never came.
    NeverArrived,
    /// It is there as it was.
    Intact,
    /// Bytes under their hash that no event names.
    Orphan,
    /// A file that no store of attachments put there.
    Stranger,
}

impl Class {
    /// All of them, the worst first.
    pub const ALL: [Self; 9] = [
        Self::Missing,
        Self::Damaged,
        Self::Quarantined,
        Self::Removed,
        Self::Erased,
        Self::NeverArrived,
        Self::Intact,
        Self::Orphan,
        Self::Stranger,
    ];

    /// As it stands in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Damaged => "damaged",
            Self::Quarantined => "quarantined",
            Self::Removed => "removed",
            Self::Erased => "erased",
            Self::NeverArrived => "never_arrived",
            Self::Intact => "intact",
            Self::Orphan => "orphan",
            Self::Stranger => "stranger",
        }
    }

    /// Something is lost.
    pub const fn is_loss(self) -> bool {
        matches!(self, Self::Missing | Self::Damaged)
    }
}

/// What was found in place of what should be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AuditFound))]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// More or fewer bytes.
    Bytes(u64),
    /// Bytes with another hash.
    Hash(ContentHash),
    /// Bytes that do not read.
    Unreadable(String),
}

/// How an attachment is that events name. A loss is told before anything else: one that is missing
/// and out of view is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AuditState))]
#[serde(tag = "class", rename_all = "snake_case")]
pub enum State {
    /// It is there as it was.
    Intact,
    /// It is there, and not as it was.
    Damaged {
        /// What is there.
        found: Found,
    },
    /// It is not there.
    Missing,
    /// It is there, and out of view in each ticket that names it.
    Removed,
    /// It is there, and shown to nobody.
    Quarantined {
        /// What speaks against it.
        why: String,
    },
    /// It was erased on purpose.
    Erased {
        /// When.
        at: Timestamp,
        /// Its bytes are still there: the process died before they went. `paidan attachments gc`
        /// removes them.
        bytes_left: bool,
    },
}

impl State {
    /// Without the details.
    pub const fn class(&self) -> Class {
        match self {
            Self::Intact => Class::Intact,
            Self::Damaged { .. } => Class::Damaged,
            Self::Missing => Class::Missing,
            Self::Removed => Class::Removed,
            Self::Quarantined { .. } => Class::Quarantined,
            Self::Erased { .. } => Class::Erased,
        }
    }
}

/// A ticket names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AuditLink))]
pub struct Link {
    /// Which ticket.
    pub ticket: TicketId,
    /// Where in the log.
    pub position: GlobalPosition,
    /// When.
    pub recorded_at: Timestamp,
    /// Who sent the bytes.
    pub by: Party,
    /// Over what.
    pub via: UploadVia,
}

impl From<&AttachmentLink> for Link {
    fn from(link: &AttachmentLink) -> Self {
        let AttachmentLink { ticket, position, recorded_at, by, via, .. } = *link;
        Self { ticket, position, recorded_at, by, via }
    }
}

/// What events say of an attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AuditNamed))]
pub struct Named {
    /// Names the bytes.
    pub hash: ContentHash,
    /// How many there should be.
    pub bytes: u64,
    /// Their media type.
    pub media_type: String,
    /// Who names it, in the order of the log; at most 50.
    pub links: Vec<Link>,
    /// Links beyond these.
    pub links_left_out: u64,
}

impl From<&AttachmentRow> for Named {
    fn from(row: &AttachmentRow) -> Self {
        Self {
            hash: row.attachment.hash,
            bytes: row.attachment.bytes,
            media_type: row.attachment.media_type.clone(),
            links: row.links.iter().take(LINKS_MAX).map(Link::from).collect(),
            links_left_out: row.links.len().saturating_sub(LINKS_MAX) as u64,
        }
    }
}

/// What was found of an attachment that events name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AuditFinding))]
pub struct Finding {
    /// How it is.
    #[serde(flatten)]
    pub state: State,
    /// What it is.
    #[serde(flatten)]
    pub named: Named,
}

/// A file that another system named and that never came: nothing with its name was attached to its
/// ticket since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AuditNeverArrived))]
pub struct NeverArrived {
    /// The ticket of its case.
    pub ticket: TicketId,
    /// Where in the log the name stands.
    pub position: GlobalPosition,
    /// When it was attached there, as far as the history tells.
    pub occurred_at: Timestamp,
    /// Its name there; nothing where the ticket's words were erased.
    pub name: Option<String>,
}

/// Something in the store that no event names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AuditStray))]
#[serde(tag = "class", rename_all = "snake_case")]
pub enum Stray {
    /// Bytes under their hash. An upload that waits for its command is one, too.
    Orphan {
        /// The hash.
        hash: ContentHash,
        /// How many bytes there are.
        bytes: u64,
        /// When somebody put or touched them last.
        touched_at: Timestamp,
    },
    /// A file that no store of attachments put there. Nothing here removes it.
    Stranger {
        /// Where it lies in the store.
        path: String,
        /// How large it is.
        bytes: u64,
    },
}

impl Stray {
    /// Without the details.
    pub const fn class(&self) -> Class {
        match self {
            Self::Orphan { .. } => Class::Orphan,
            Self::Stranger { .. } => Class::Stranger,
        }
    }

    /// How large it is.
    pub const fn bytes(&self) -> u64 {
        match self {
            Self::Orphan { bytes, .. } | Self::Stranger { bytes, .. } => *bytes,
        }
    }
}

/// Is told of everything while it is found; an audit keeps only the worst of it. Each answer may
/// break the audit off.
pub trait Sink {
    /// An attachment, whichever its class.
    fn finding(&mut self, _finding: &Finding) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Something that no event names.
    fn stray(&mut self, _stray: &Stray) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// A file that another system named and that never came.
    fn never_arrived(&mut self, _file: &NeverArrived) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// A ticket went from one engineer to another.
    fn handover(&mut self, _handover: &Handover) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// How far it is: first through the log, then through the attachments.
    fn progress(&mut self, _done: u64, _total: u64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Nobody listens; the report is enough.
impl Sink for () {}
