//! What a command on a ticket brings along: vouched for, named beside the words, and linked.

use std::collections::HashMap;

use super::event::{AttachmentEvent, AttachmentLinked, AttachmentQuarantined, LinkedClaims};
use super::hash::ContentHash;
use super::reference::{AttachmentRef, NewAttachment, Standing, Vouched, Words};
use crate::decision::{Aggregates, Change};
use crate::id::{AttachmentId, TicketId};
use crate::limits;
use crate::personal::Personal;
use crate::rejection::Rejection;
use crate::stream::StreamId;
use crate::ticket::NamedAttachment;

/// Attachments that one ticket names.
const OF_TICKET_MAX: usize = 500;
/// Their bytes together: eight films of the size that one file may have by default. One ticket
/// must not fill the disk that all others need.
const OF_TICKET_BYTES_MAX: u64 = 16 << 30;

/// The attachments of a command; somebody vouches for each of them.
#[derive(Default)]
pub(crate) struct Brought<'a> {
    given: Vec<(&'a NewAttachment, &'a Vouched)>,
}

impl<'a> Brought<'a> {
    /// Refuses bytes that nobody vouches for, and those that were erased: an event that named them
    /// would be a lost attachment. Refuses more than a ticket that names these already may name.
    pub(crate) fn check(
        aggregates: &dyn Aggregates,
        given: &'a [NewAttachment],
        named: &[NamedAttachment],
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
        let given = given.iter().map(vouched).collect::<Result<_, _>>()?;
        let brought = Self { given };
        brought.fit(named)?;
        Ok(brought)
    }

    /// What was taken out of view counts too: its bytes stay.
    fn fit(&self, named: &[NamedAttachment]) -> Result<(), Rejection> {
        let mut all: HashMap<_, _> = named.iter().map(|named| (named.hash, named.bytes)).collect();
        all.extend(self.given.iter().map(|(new, _)| (new.hash, new.bytes)));
        if all.len() == named.len() {
            // Nothing new. A ticket that has more than the limit of today can still be spoken of.
            return Ok(());
        }
        if all.len() > OF_TICKET_MAX {
            let problem = format!(
                "the ticket names {} already, at most {OF_TICKET_MAX}; send the others with \
                 another ticket and link it",
                named.len()
            );
            return Err(Rejection::invalid("attachments", problem));
        }
        let bytes = all.into_values().fold(0, u64::saturating_add);
        if bytes > OF_TICKET_BYTES_MAX {
            let bytes_max = OF_TICKET_BYTES_MAX;
            return Err(Rejection::AttachmentsTooLarge { bytes, bytes_max });
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_that_has_more_than_the_limit_of_today_still_takes_what_brings_nothing_new() {
        let hash = ContentHash([7; 32]);
        let bytes = OF_TICKET_BYTES_MAX + 1;
        let named = [NamedAttachment { hash, bytes, image: false, removed: false }];
        assert_eq!(Brought::default().fit(&named), Ok(()));
    }
}
