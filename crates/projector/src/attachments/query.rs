//! Questions to the model of attachments.

use std::ops::Bound::{Excluded, Unbounded};

use domain::attachment::{MediaFacts, UploadVia};
use domain::{AttachmentRef, ContentHash, GlobalPosition, Party, TicketId, Timestamp};
use serde::Serialize;

use super::Attachments;
use super::row::{Link, Row};

/// A ticket names an attachment: from which event on, and how the bytes came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttachmentLink {
    /// Which ticket.
    pub ticket: TicketId,
    /// Where in the log.
    pub position: GlobalPosition,
    /// Since when.
    pub recorded_at: Timestamp,
    /// Who sent the bytes.
    pub by: Party,
    /// Over what.
    pub via: UploadVia,
    /// When the upload began.
    pub begun_at: Timestamp,
    /// When its last byte was durable.
    pub finished_at: Timestamp,
}

/// An attachment that events name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttachmentRow {
    /// What it is.
    #[serde(flatten)]
    pub attachment: AttachmentRef,
    /// What was found in the bytes.
    pub media: MediaFacts,
    /// The tickets that name it, in the order of the log; a ticket that names it twice stands twice.
    pub links: Vec<AttachmentLink>,
    /// Why it is in quarantine; nothing: it is not.
    pub quarantined: Option<String>,
    /// The tickets that it was taken out of view in.
    pub removed_in: Vec<TicketId>,
    /// When its bytes were erased on purpose.
    pub erased_at: Option<Timestamp>,
    /// How often it was opened.
    pub opened: u32,
}

/// How many attachments there are. One that is erased may be in quarantine too, and counts as both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttachmentCounts {
    /// Named by events.
    pub named: u64,
    /// Out of view in each ticket that names them.
    pub removed: u64,
    /// In quarantine.
    pub quarantined: u64,
    /// Erased on purpose.
    pub erased: u64,
}

impl AttachmentCounts {
    pub(super) fn add(&mut self, row: &Row) {
        self.named += 1;
        self.removed += u64::from(row.is_removed());
        self.quarantined += u64::from(row.quarantined().is_some());
        self.erased += u64::from(row.erased_at().is_some());
    }

    pub(super) fn take(&mut self, row: &Row) {
        self.named -= 1;
        self.removed -= u64::from(row.is_removed());
        self.quarantined -= u64::from(row.quarantined().is_some());
        self.erased -= u64::from(row.erased_at().is_some());
    }
}

impl From<&Link> for AttachmentLink {
    fn from(link: &Link) -> Self {
        let Link { ticket, position, recorded_at, begun_at, finished_at, ref by, via } = *link;
        Self { ticket, position, recorded_at, by: **by, via, begun_at, finished_at }
    }
}

impl AttachmentRow {
    pub(super) fn of(hash: ContentHash, row: &Row) -> Self {
        let media_type = row.media_type.to_string();
        Self {
            attachment: AttachmentRef { hash, bytes: row.bytes, media_type },
            media: row.media,
            links: row.links().map(Into::into).collect(),
            quarantined: row.quarantined().map(str::to_owned),
            removed_in: row.removed_in().to_vec(),
            erased_at: row.erased_at(),
            opened: row.opened,
        }
    }
}

impl Attachments {
    /// An attachment; nothing where no event names it.
    pub fn attachment(&self, hash: ContentHash) -> Option<AttachmentRow> {
        self.rows.get(&hash).map(|row| AttachmentRow::of(hash, row))
    }

    /// What a ticket names itself, each once, in the order in which it came.
    pub fn of_ticket(&self, ticket: TicketId) -> Vec<AttachmentRow> {
        let named = self.by_ticket.get(&ticket).map_or(&[][..], Vec::as_slice);
        named.iter().filter_map(|hash| self.attachment(*hash)).collect()
    }

    /// All attachments after a hash, in the order of hashes; at most `limit`, fewer only at the end.
    pub fn after(&self, hash: Option<ContentHash>, limit: usize) -> Vec<AttachmentRow> {
        let from = hash.map_or(Unbounded, Excluded);
        let rows = self.rows.range((from, Unbounded)).take(limit);
        rows.map(|(hash, row)| AttachmentRow::of(*hash, row)).collect()
    }

    /// How many there are.
    pub const fn counts(&self) -> AttachmentCounts {
        self.counts
    }
}
