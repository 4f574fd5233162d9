//! What a command on a ticket brings along: vouched for, named beside the words, and linked.

use super::event::{AttachmentEvent, AttachmentLinked, AttachmentQuarantined, LinkedClaims};
use super::hash::ContentHash;
use super::reference::{AttachmentRef, NewAttachment, Standing, Vouched, Words};
use crate::decision::{Aggregates, Change};
use crate::id::{AttachmentId, TicketId};
use crate::limits;
use crate::personal::Personal;
use crate::rejection::Rejection;
use crate::stream::StreamId;

/// The attachments of a command; somebody vouches for each of them.
#[derive(Default)]
pub(crate) struct Brought<'a> {
    given: Vec<(&'a NewAttachment, &'a Vouched)>,
}

impl<'a> Brought<'a> {
    /// Refuses bytes that nobody vouches for, and those that were erased: an event that named them
    /// would be a lost attachment.
    pub(crate) fn check(
        aggregates: &dyn Aggregates,
        given: &'a [NewAttachment],
    ) -> Result<Self, Rejection> {
        limits::list("attachments", given.len())?;
        let vouched = |new: &'a NewAttachment| {
            limits::name("attachments.name", &new.name)?;
            limits::media_type("attachments.media_type", &new.media_type)?;
            let hash = new.hash;
            let vouched = new.vouched.as_ref().ok_or(Rejection::UnknownAttachment { hash })?;
            if let Standing::Quarantined { why } = &vouched.standing {
                limits::name("attachments.why", why)?;
            }
            match aggregates.attachment(hash.into()) {
                Some(known) if known.reference.hash != hash => {
                    Err(Rejection::UnknownAttachment { hash })
                }
                Some(known) if known.erased => Err(Rejection::AttachmentErased { hash }),
                Some(_) | None => Ok((new, vouched)),
            }
        };
        Ok(Self { given: given.iter().map(vouched).collect::<Result<_, _>>()? })
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    pub(crate) fn hashes(&self) -> impl Iterator<Item = ContentHash> + '_ {
        self.given.iter().map(|(new, _)| new.hash)
    }

    /// In the order in which they were given.
    pub(crate) fn references(&self) -> Vec<AttachmentRef> {
        self.given.iter().map(|(new, _)| new.reference()).collect()
    }

    /// In the order of the references.
    pub(crate) fn names(&self) -> Vec<String> {
        self.given.iter().map(|(new, _)| new.name.clone()).collect()
    }

    /// The words with the names beside them.
    pub(crate) fn named_in(&self, words: Words) -> Personal<Words> {
        Words { attachment_names: self.names(), ..words }.into()
    }

    /// What happens to each of them in the append that names them, under the key that seals the
    /// words. The same bytes twice in one command are linked once.
    pub(crate) fn links(
        &self,
        aggregates: &dyn Aggregates,
        ticket: TicketId,
        subject: StreamId,
    ) -> Vec<Change> {
        let mut changes = Vec::with_capacity(self.given.len());
        for (place, (new, vouched)) in self.given.iter().enumerate() {
            let hash = new.hash;
            if self.hashes().take(place).any(|earlier| earlier == hash) {
                continue;
            }
            let id = AttachmentId::from(hash);
            let mut record = |event: AttachmentEvent| {
                changes.push(Change { stream: id.into(), subject, event: event.into() });
            };
            let Vouched { upload, media, claims, standing } = vouched;
            let claims = LinkedClaims {
                name: new.name.clone(),
                taken_at: claims.taken_at,
                position: claims.position,
            };
            record(
                AttachmentLinked {
                    attachment: new.reference(),
                    ticket,
                    upload: upload.clone(),
                    media: *media,
                    claims: claims.into(),
                }
                .into(),
            );
            let held = aggregates.attachment(id).is_some_and(|known| known.quarantined.is_some());
            if let (Standing::Quarantined { why }, false) = (standing, held) {
                record(AttachmentQuarantined { hash, why: why.clone() }.into());
            }
        }
        changes
    }
}
