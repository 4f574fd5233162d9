//! What is told of an attachment.

use domain::attachment::MediaFacts;
use domain::{AttachmentRef, Coordinates, TicketId, Timestamp};
use projector::attachments::AttachmentLink;
use serde::Serialize;
use utoipa::ToSchema;

use super::known::{Known, State};

/// An attachment that events name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attachment)]
pub(crate) struct AttachmentView {
    #[serde(flatten)]
    attachment: AttachmentRef,
    /// What whoever sent it called it; null once that was erased.
    #[schema(example = "冲床.jpg")]
    name: Option<String>,
    state: State,
    /// Why it is in quarantine; null: it is not.
    quarantined: Option<String>,
    /// When its bytes were erased on purpose.
    erased_at: Option<Timestamp>,
    /// The tickets that it was taken out of view in.
    removed_in: Vec<TicketId>,
    media: MediaFacts,
    /// When the camera says it was taken. Anybody can have written that.
    taken_at: Option<Timestamp>,
    /// Where the camera says it was taken.
    taken_where: Option<Coordinates>,
    /// The tickets that name it, in the order of the log.
    links: Vec<AttachmentLink>,
    /// How often it was opened, as far as that is recorded.
    opened: u32,
    /// Where its bytes are.
    #[schema(example = "/attachments/af13…/content")]
    content: String,
}

impl From<Known> for AttachmentView {
    fn from(known: Known) -> Self {
        let name = known.name().map(str::to_owned);
        let Known { row, claims, state, .. } = known;
        Self {
            name,
            state,
            quarantined: row.quarantined,
            erased_at: row.erased_at,
            removed_in: row.removed_in,
            media: row.media,
            taken_at: claims.as_ref().and_then(|claims| claims.taken_at),
            taken_where: claims.and_then(|claims| claims.position),
            links: row.links,
            opened: row.opened,
            content: format!("/attachments/{}/content", row.attachment.hash),
            attachment: row.attachment,
        }
    }
}
