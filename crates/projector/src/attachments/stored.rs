//! Rows as a snapshot has them: each with its first link, and all later links after them, so that
//! bytes that very many tickets name make no row that is too long.

use domain::attachment::{MediaFacts, UploadVia};
use domain::{ContentHash, GlobalPosition, Party, TicketId, Timestamp};
use serde::{Deserialize, Serialize};

use super::row::{Link, Rest, Row, Shared};

#[derive(Serialize, Deserialize)]
pub(super) struct StoredLink {
    ticket: TicketId,
    position: GlobalPosition,
    recorded_at: Timestamp,
    begun_at: Timestamp,
    finished_at: Timestamp,
    by: Party,
    via: UploadVia,
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredRow {
    pub(super) hash: ContentHash,
    bytes: u64,
    media_type: String,
    media: MediaFacts,
    first: StoredLink,
    opened: u32,
    quarantined: Option<String>,
    removed_in: Vec<TicketId>,
    erased_at: Option<Timestamp>,
}

impl From<&Link> for StoredLink {
    fn from(link: &Link) -> Self {
        let Link { ticket, position, recorded_at, begun_at, finished_at, ref by, via } = *link;
        Self { ticket, position, recorded_at, begun_at, finished_at, by: **by, via }
    }
}

impl StoredLink {
    pub(super) fn link(self, shared: &mut Shared) -> Link {
        let Self { ticket, position, recorded_at, begun_at, finished_at, by, via } = self;
        let by = shared.party(&by);
        Link { ticket, position, recorded_at, begun_at, finished_at, by, via }
    }
}

impl StoredRow {
    pub(super) fn of(hash: ContentHash, row: &Row) -> Self {
        Self {
            hash,
            bytes: row.bytes,
            media_type: row.media_type.to_string(),
            media: row.media,
            first: (&row.first).into(),
            opened: row.opened,
            quarantined: row.quarantined().map(str::to_owned),
            removed_in: row.removed_in().to_vec(),
            erased_at: row.erased_at(),
        }
    }

    pub(super) fn row(self, shared: &mut Shared) -> Row {
        let Self { quarantined, removed_in, erased_at, .. } = self;
        let rare = quarantined.is_some() || !removed_in.is_empty() || erased_at.is_some();
        let rest = Rest { links: Vec::new(), quarantined, removed_in, erased_at };
        Row {
            bytes: self.bytes,
            media_type: shared.media_type(&self.media_type),
            media: self.media,
            first: self.first.link(shared),
            opened: self.opened,
            rest: rare.then(|| Box::new(rest)),
        }
    }
}
