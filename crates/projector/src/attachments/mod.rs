//! Attachments: which there are, who names them, and how they stand.
//!
//! - A row is made by the first link and never goes away: what was removed from view or erased is
//!   still named by the log, and an audit asks for it.
//! - It holds about 350 bytes for each attachment that one ticket names.
//! - Names, and what cameras claim, are personal and not known here.
//! - What another system named and never came has no bytes and no row here; an audit tells it.

mod query;
mod row;
mod stored;

use std::collections::BTreeMap;
use std::io;

use domain::attachment::{AttachmentEvent, AttachmentLinked};
use domain::ticket::TicketEvent;
use domain::{ContentHash, CorruptHistory, Event, TicketId};
use eventlog::RecordedEvent;
use serde::Serialize;

pub use query::{AttachmentCounts, AttachmentLink, AttachmentRow};

use crate::body::{BodyError, BodyReader, BodyWriter};
use crate::changes::Changes;
use crate::contract::{Past, Projection, ProjectionError, corrupt};
use crate::dump::{Table, TakeLine, line};
use row::{Row, Shared};
use stored::{StoredLink, StoredRow};

static COUNTS: Table =
    Table { name: "counts", key: &[], counts: &["named", "removed", "quarantined", "erased"] };
static ATTACHMENTS: Table = Table { name: "attachments", key: &["hash"], counts: &["opened"] };
static TICKETS: Table = Table::keyed("tickets", &["ticket"]);

/// What a ticket names, in a dump.
#[derive(Serialize)]
struct TicketLine<'a> {
    ticket: TicketId,
    attachments: &'a [ContentHash],
}

/// The model.
#[derive(Debug)]
pub struct Attachments {
    rows: BTreeMap<ContentHash, Row>,
    /// What each ticket names itself, in the order of its first links.
    by_ticket: BTreeMap<TicketId, Vec<ContentHash>>,
    counts: AttachmentCounts,
    shared: Shared,
}

impl Attachments {
    fn link(&mut self, event: &RecordedEvent, linked: &AttachmentLinked) {
        let hash = linked.attachment.hash;
        match self.rows.get_mut(&hash) {
            Some(row) => {
                self.counts.take(row);
                row.link(self.shared.link(event, linked));
                self.counts.add(row);
            }
            None => {
                let row = self.shared.row(event, linked);
                self.counts.add(&row);
                self.rows.insert(hash, row);
            }
        }
        self.name(linked.ticket, hash);
    }

    /// An attachment changed, and with it the counts.
    fn tell(&self, changes: &mut Changes<'_>, hash: ContentHash) {
        changes.row(&COUNTS, &[(); 0], || Some(self.counts));
        let row = || self.rows.get(&hash).map(|row| AttachmentRow::of(hash, row));
        changes.row(&ATTACHMENTS, &[hash], row);
    }

    fn ticket_line(&self, ticket: TicketId) -> Option<TicketLine<'_>> {
        let attachments = self.by_ticket.get(&ticket)?;
        Some(TicketLine { ticket, attachments })
    }

    fn name(&mut self, ticket: TicketId, hash: ContentHash) {
        let named = self.by_ticket.entry(ticket).or_default();
        if !named.contains(&hash) {
            named.push(hash);
        }
    }

    fn change(
        &mut self,
        event: &RecordedEvent,
        hash: ContentHash,
        change: impl FnOnce(&mut Row),
    ) -> Result<(), CorruptHistory> {
        let row = self.rows.get_mut(&hash);
        let row = row.ok_or_else(|| corrupt(event, "the attachment was not linked first"))?;
        self.counts.take(row);
        change(row);
        self.counts.add(row);
        Ok(())
    }

    fn follow(
        &mut self,
        event: &RecordedEvent,
        what: &AttachmentEvent,
    ) -> Result<(), CorruptHistory> {
        let hash = what.hash();
        match what {
            AttachmentEvent::AttachmentLinked(linked) => {
                self.link(event, linked);
                Ok(())
            }
            AttachmentEvent::AttachmentQuarantined(quarantined) => {
                let why = quarantined.why.clone();
                self.change(event, hash, |row| row.rest_mut().quarantined = Some(why))
            }
            AttachmentEvent::AttachmentReleased(_) => {
                self.change(event, hash, |row| row.rest_mut().quarantined = None)
            }
            AttachmentEvent::AttachmentErased(_) => {
                let at = event.recorded_at;
                self.change(event, hash, |row| row.rest_mut().erased_at = Some(at))
            }
            AttachmentEvent::AttachmentOpened(opened) => self.change(event, hash, |row| {
                let times = opened.reads.iter().map(|read| read.times);
                row.opened = times.fold(row.opened, u32::saturating_add);
            }),
        }
    }
}

impl Projection for Attachments {
    const NAME: &'static str = "attachments";
    const VERSION: u32 = 1;
    const INPUTS: &'static [&'static str] = &[];

    fn empty() -> Self {
        Self {
            rows: BTreeMap::new(),
            by_ticket: BTreeMap::new(),
            counts: AttachmentCounts::default(),
            shared: Shared::default(),
        }
    }

    fn apply(
        &mut self,
        event: &RecordedEvent,
        _past: Past<'_>,
        changes: &mut Changes<'_>,
    ) -> Result<(), ProjectionError> {
        match &event.event {
            Event::Attachment(what) => {
                self.follow(event, what)?;
                self.tell(changes, what.hash());
                if let AttachmentEvent::AttachmentLinked(linked) = what {
                    let ticket = linked.ticket;
                    changes.row(&TICKETS, &[ticket], || self.ticket_line(ticket));
                }
                Ok(())
            }
            Event::Ticket(TicketEvent::AttachmentRemoved(removed)) => {
                let Some(ticket) = event.stream.ticket() else {
                    Err(corrupt(event, "a ticket's event is in another kind of stream"))?
                };
                self.change(event, removed.hash, |row| row.remove_in(ticket))?;
                self.tell(changes, removed.hash);
                Ok(())
            }
            // What comes with words is linked in the same append.
            Event::Ticket(_)
            | Event::Log(_)
            | Event::Engineer(_)
            | Event::Customer(_)
            | Event::Device(_)
            | Event::Outlet(_)
            | Event::Area(_)
            | Event::Rules(_)
            | Event::Audit(_) => Ok(()),
        }
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn lines(&self, take: &mut TakeLine<'_>) -> io::Result<()> {
        line(take, &COUNTS, &self.counts)?;
        for (hash, row) in &self.rows {
            line(take, &ATTACHMENTS, &AttachmentRow::of(*hash, row))?;
        }
        for (ticket, attachments) in &self.by_ticket {
            line(take, &TICKETS, &TicketLine { ticket: *ticket, attachments })?;
        }
        Ok(())
    }

    fn encode(&self) -> Result<Vec<u8>, BodyError> {
        let mut body = BodyWriter::default();
        body.rows(self.rows.iter().map(|(hash, row)| StoredRow::of(*hash, row)))?;
        let later = self.rows.iter().flat_map(|(hash, row)| {
            row.links().skip(1).map(move |link| (*hash, StoredLink::from(link)))
        });
        body.rows(later.collect::<Vec<_>>().into_iter())?;
        Ok(body.finish())
    }

    fn decode(body: &[u8], _past: Past<'_>) -> Result<Self, BodyError> {
        let mut body = BodyReader::new(body);
        let mut model = Self::empty();
        body.rows(|stored: StoredRow| {
            model.rows.insert(stored.hash, stored.row(&mut model.shared));
            Ok(())
        })?;
        body.rows(|(hash, stored): (ContentHash, StoredLink)| {
            let row = model.rows.get_mut(&hash);
            let row = row.ok_or(BodyError::Shape("a link is of no attachment"))?;
            row.rest_mut().links.push(stored.link(&mut model.shared));
            Ok(())
        })?;
        body.finish()?;
        let links = model.rows.iter().flat_map(|(hash, row)| {
            row.links().map(move |link| (link.position, link.ticket, *hash))
        });
        let mut links: Vec<_> = links.collect();
        links.sort_unstable();
        for (_, ticket, hash) in links {
            model.name(ticket, hash);
        }
        for row in model.rows.values() {
            model.counts.add(row);
        }
        Ok(model)
    }
}
