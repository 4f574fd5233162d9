//! What is kept of one attachment. There may be millions, so what is rare is boxed, and what many
//! have in common is shared.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use domain::attachment::{AttachmentLinked, MediaFacts, UploadVia};
use domain::{GlobalPosition, Party, TicketId, Timestamp};
use eventlog::RecordedEvent;

/// A ticket names it.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) ticket: TicketId,
    pub(super) position: GlobalPosition,
    pub(super) recorded_at: Timestamp,
    pub(super) begun_at: Timestamp,
    pub(super) finished_at: Timestamp,
    pub(super) by: Arc<Party>,
    pub(super) via: UploadVia,
}

/// What most attachments have nothing of.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// The links after the first.
    pub(super) links: Vec<Link>,
    pub(super) quarantined: Option<String>,
    pub(super) removed_in: Vec<TicketId>,
    pub(super) erased_at: Option<Timestamp>,
}

/// An attachment; its hash stands beside it.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) bytes: u64,
    pub(super) media_type: Arc<str>,
    pub(super) media: MediaFacts,
    pub(super) first: Link,
    pub(super) opened: u32,
    pub(super) rest: Option<Box<Rest>>,
}

impl Row {
    pub(super) fn links(&self) -> impl Iterator<Item = &Link> {
        let rest = self.rest.as_deref().map_or(&[][..], |rest| &rest.links);
        std::iter::once(&self.first).chain(rest)
    }

    pub(super) fn rest_mut(&mut self) -> &mut Rest {
        self.rest.get_or_insert_default()
    }

    /// Another link. Naming it again brings it back into view there.
    pub(super) fn link(&mut self, link: Link) {
        let ticket = link.ticket;
        let rest = self.rest_mut();
        rest.removed_in.retain(|removed| *removed != ticket);
        rest.links.push(link);
    }

    pub(super) fn remove_in(&mut self, ticket: TicketId) {
        let removed_in = &mut self.rest_mut().removed_in;
        if !removed_in.contains(&ticket) {
            removed_in.push(ticket);
        }
    }

    pub(super) fn removed_in(&self) -> &[TicketId] {
        self.rest.as_deref().map_or(&[], |rest| &rest.removed_in)
    }

    /// It is out of view in each ticket that names it.
    pub(super) fn is_removed(&self) -> bool {
        let removed_in = self.removed_in();
        !removed_in.is_empty() && self.links().all(|link| removed_in.contains(&link.ticket))
    }

    pub(super) fn quarantined(&self) -> Option<&str> {
        self.rest.as_deref()?.quarantined.as_deref()
    }

    pub(super) fn erased_at(&self) -> Option<Timestamp> {
        self.rest.as_deref()?.erased_at
    }
}

/// What many rows have in common, each kept once.
#[derive(Debug, Default)]
pub(super) struct Shared {
    media_types: HashSet<Arc<str>>,
    parties: HashSet<Arc<Party>>,
}

impl Shared {
    pub(super) fn media_type(&mut self, media_type: &str) -> Arc<str> {
        shared(&mut self.media_types, media_type, |media_type| Arc::from(media_type))
    }

    pub(super) fn party(&mut self, party: &Party) -> Arc<Party> {
        shared(&mut self.parties, party, |party| Arc::new(*party))
    }

    pub(super) fn link(&mut self, event: &RecordedEvent, linked: &AttachmentLinked) -> Link {
        Link {
            ticket: linked.ticket,
            position: event.position,
            recorded_at: event.recorded_at,
            begun_at: linked.upload.begun_at,
            finished_at: linked.upload.finished_at,
            by: self.party(&linked.upload.by),
            via: linked.upload.via,
        }
    }

    pub(super) fn row(&mut self, event: &RecordedEvent, linked: &AttachmentLinked) -> Row {
        Row {
            bytes: linked.attachment.bytes,
            media_type: self.media_type(&linked.attachment.media_type),
            media: linked.media,
            first: self.link(event, linked),
            opened: 0,
            rest: None,
        }
    }
}

fn shared<T: Eq + Hash + ?Sized>(
    known: &mut HashSet<Arc<T>>,
    value: &T,
    keep: impl FnOnce(&T) -> Arc<T>,
) -> Arc<T> {
    if let Some(known) = known.get(value) {
        return Arc::clone(known);
    }
    let kept = keep(value);
    known.insert(Arc::clone(&kept));
    kept
}
