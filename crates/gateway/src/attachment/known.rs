//! What the read model, the log and the store know of an attachment, together.

use domain::attachment::{AttachmentEvent, LinkedClaims};
use domain::{ContentHash, Event, GlobalPosition, TicketId};
use eventlog::{EventLog, ReadError};
use futures_util::{StreamExt, stream};
use projector::ModelName;
use projector::attachments::{AttachmentLink, AttachmentRow};

use crate::Gateway;
use crate::problem::Problem;

/// The store is asked for so many at once.
const HEADS_AT_ONCE: usize = 16;

/// An attachment that events name.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// What the events say.
    pub(crate) row: AttachmentRow,
    /// Which of its links is meant: that of a ticket, or the first.
    pub(crate) link: AttachmentLink,
    /// What it says of people there; nothing once that was erased.
    pub(crate) claims: Option<LinkedClaims>,
    /// How it stands.
    pub(crate) state: State,
}

/// How an attachment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AttachmentState)]
pub(crate) enum State {
    /// Its bytes can be had.
    Shown,
    /// Taken out of view, here or everywhere.
    Removed,
    /// Not to be shown until it is released.
    Quarantined,
    /// Erased on purpose.
    Erased,
    /// Its bytes are not in the store, and nobody erased them.
    Missing,
}

impl Known {
    /// What it is called.
    pub(crate) fn name(&self) -> Option<&str> {
        self.claims.as_ref().map(|claims| claims.name.as_str()).filter(|name| !name.is_empty())
    }
}

impl Gateway {
    /// An attachment; nothing where no event names it.
    pub(crate) async fn attachment(
        &self,
        hash: ContentHash,
        min_position: Option<GlobalPosition>,
    ) -> Result<Option<Known>, Problem> {
        let asked = self.ask(ModelName::Attachments, min_position, move |models| {
            models.attachments().read(|rows| rows.attachment(hash)).value
        });
        let Some(row) = asked.await? else { return Ok(None) };
        let Some(link) = row.links.first().cloned() else { return Ok(None) };
        let removed = row.links.iter().all(|link| row.removed_in.contains(&link.ticket));
        Ok(self.known(vec![(row, link, removed)]).await?.pop())
    }

    /// What a ticket has: what it names itself, and what those name that were merged into it.
    pub(crate) async fn attachments_of(
        &self,
        ticket: TicketId,
        merged: Vec<TicketId>,
        min_position: Option<GlobalPosition>,
    ) -> Result<Vec<Known>, Problem> {
        let asked = self.ask(ModelName::Attachments, min_position, move |models| {
            let tickets = std::iter::once(ticket).chain(merged);
            let read = |ticket| {
                let rows = models.attachments().read(|rows| rows.of_ticket(ticket)).value;
                rows.into_iter().filter_map(move |row| {
                    // Naming it again says anew what it is called.
                    let link = row.links.iter().rfind(|link| link.ticket == ticket)?.clone();
                    let removed = row.removed_in.contains(&ticket);
                    Some((row, link, removed))
                })
            };
            let mut found: Vec<(AttachmentRow, AttachmentLink, bool)> = Vec::new();
            for one in tickets.flat_map(read) {
                if found.iter().all(|(row, ..)| row.attachment.hash != one.0.attachment.hash) {
                    found.push(one);
                }
            }
            found
        });
        self.known(asked.await?).await
    }

    async fn known(
        &self,
        rows: Vec<(AttachmentRow, AttachmentLink, bool)>,
    ) -> Result<Vec<Known>, Problem> {
        let named = self.read_log(move |log| {
            let claimed = |(row, link, removed): (AttachmentRow, AttachmentLink, bool)| {
                let claims = claims_at(log, link.position)?;
                Ok((row, link, claims, removed))
            };
            rows.into_iter().map(claimed).collect::<Result<Vec<_>, ReadError>>()
        });
        let known = stream::iter(named.await?).map(async |(row, link, claims, removed)| {
            let state = self.state(&row, removed).await;
            Known { row, link, claims, state }
        });
        Ok(known.buffered(HEADS_AT_ONCE).collect().await)
    }

    async fn state(&self, row: &AttachmentRow, removed: bool) -> State {
        if row.erased_at.is_some() {
            return State::Erased;
        }
        if row.quarantined.is_some() {
            return State::Quarantined;
        }
        // A directory at rest is asked for what events say alone.
        if let Some(ports) = &self.ports().attachments {
            match ports.store.head(row.attachment.hash).await {
                Ok(Some(_)) => {}
                Ok(None) => return State::Missing,
                // What is asked for of its bytes will say so; the rest can be told.
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "the store of attachments does not say what is there");
                }
            }
        }
        if removed { State::Removed } else { State::Shown }
    }
}

/// What the event that linked it says of people.
fn claims_at(
    log: &dyn EventLog,
    position: GlobalPosition,
) -> Result<Option<LinkedClaims>, ReadError> {
    let before = GlobalPosition::new(position.get().saturating_sub(1));
    let found = log.read(before, 1)?;
    Ok(found.into_iter().find_map(|recorded| match recorded.event {
        Event::Attachment(AttachmentEvent::AttachmentLinked(linked)) => {
            linked.claims.known().cloned()
        }
        _ => None,
    }))
}
