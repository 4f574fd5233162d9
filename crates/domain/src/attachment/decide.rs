//! Answers to what is asked of an attachment.

use super::command::AttachmentCommand;
use super::event::{
    AttachmentErased, AttachmentEvent, AttachmentOpened, AttachmentQuarantined, AttachmentReleased,
    Read,
};
use super::hash::ContentHash;
use super::reference::Words;
use crate::decision::{Aggregates, Change};
use crate::id::AttachmentId;
use crate::limits;
use crate::rejection::Rejection;

/// A verdict of a scanner on bytes that were erased meanwhile comes late, and is no mistake.
pub(crate) fn decide(
    aggregates: &dyn Aggregates,
    hash: ContentHash,
    command: &AttachmentCommand,
) -> Result<Vec<Change>, Rejection> {
    let id = AttachmentId::from(hash);
    let attachment = aggregates
        .attachment(id)
        .filter(|attachment| attachment.reference.hash == hash)
        .ok_or(Rejection::NotFound { stream: id.into() })?;
    let event: Option<AttachmentEvent> = match command {
        AttachmentCommand::Quarantine { why } => {
            limits::name("why", why)?;
            // For another reason too: what was not scanned yet turns out to be infected.
            let new = attachment.quarantined.as_ref() != Some(why) && !attachment.erased;
            new.then(|| AttachmentQuarantined { hash, why: why.clone() }.into())
        }
        AttachmentCommand::Release => {
            let new = attachment.quarantined.is_some() && !attachment.erased;
            new.then(|| AttachmentReleased { hash }.into())
        }
        AttachmentCommand::Erase { words } => {
            limits::text("words", words)?;
            let words = Words::from(words.trim().to_owned()).into();
            (!attachment.erased).then(|| AttachmentErased { hash, words }.into())
        }
        AttachmentCommand::RecordReads(reads) => {
            limits::list("reads", reads.len())?;
            reads.iter().try_for_each(sensible)?;
            let reads = reads.clone();
            (!reads.is_empty()).then(|| AttachmentOpened { hash, reads }.into())
        }
    };
    Ok(event.map(|event| Change::own(id, event)).into_iter().collect())
}

fn sensible(read: &Read) -> Result<(), Rejection> {
    if read.times == 0 || read.first_at > read.last_at {
        let problem = "somebody reads at least once, and not last before first";
        return Err(Rejection::invalid("reads", problem));
    }
    Ok(())
}
