//! What is known of an attachment, folded from its events.

use serde::Serialize;

use super::event::AttachmentEvent;
use super::reference::AttachmentRef;
use crate::event::{CorruptHistory, Stamp};
use crate::id::AttachmentId;

/// An attachment as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// The first half of its hash.
    pub id: AttachmentId,
    /// What it is.
    #[serde(flatten)]
    pub reference: AttachmentRef,
    /// Why it is in quarantine; nothing: it is not.
    pub quarantined: Option<String>,
    /// Its bytes were erased on purpose.
    pub erased: bool,
}

impl Attachment {
    /// The attachment after its first event.
    ///
    /// # Errors
    /// When that does not link it to a ticket.
    pub fn begin(
        id: AttachmentId,
        event: &AttachmentEvent,
        stamp: &Stamp,
    ) -> Result<Self, CorruptHistory> {
        match event {
            AttachmentEvent::AttachmentLinked(linked) if id == linked.attachment.hash.into() => {
                let reference = linked.attachment.clone();
                Ok(Self { id, reference, quarantined: None, erased: false })
            }
            _ => Err(corrupt(event, stamp, "the attachment was not linked first")),
        }
    }

    /// The attachment after one more event.
    ///
    /// # Errors
    /// When the event is of other bytes, or says what is so already.
    pub fn evolve(&mut self, event: &AttachmentEvent, stamp: &Stamp) -> Result<(), CorruptHistory> {
        let wrong = |why| Err(corrupt(event, stamp, why));
        if event.hash() != self.reference.hash {
            return wrong("it is of other bytes");
        }
        match event {
            AttachmentEvent::AttachmentLinked(_) if self.erased => {
                return wrong("bytes that were erased are not linked again");
            }
            AttachmentEvent::AttachmentQuarantined(again)
                if self.quarantined.as_ref() == Some(&again.why) =>
            {
                return wrong("it is in quarantine for this already");
            }
            AttachmentEvent::AttachmentReleased(_) if self.quarantined.is_none() => {
                return wrong("it is not in quarantine");
            }
            AttachmentEvent::AttachmentErased(_) if self.erased => {
                return wrong("its bytes were erased already");
            }
            AttachmentEvent::AttachmentQuarantined(quarantined) => {
                self.quarantined = Some(quarantined.why.clone());
            }
            AttachmentEvent::AttachmentReleased(_) => self.quarantined = None,
            AttachmentEvent::AttachmentErased(_) => self.erased = true,
            AttachmentEvent::AttachmentLinked(_) | AttachmentEvent::AttachmentOpened(_) => {}
        }
        Ok(())
    }
}

fn corrupt(event: &AttachmentEvent, stamp: &Stamp, why: &'static str) -> CorruptHistory {
    CorruptHistory { event: event.name(), position: stamp.position, why }
}
