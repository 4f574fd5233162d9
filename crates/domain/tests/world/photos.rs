//! Attachments as one writes them in a test: which bytes, who vouches for them, what brings them.

use domain::attachment::{
    AttachmentCommand, Claims, MediaFacts, NewAttachment, Read, Standing, UploadFacts, UploadVia,
    Vouched,
};
use domain::ticket::event::{Confirmed, Created, DetailsAdded, Noted, Rejected, Resolved};
use domain::ticket::*;
use domain::{AttachmentRef, Command, ContentHash, Party};

use super::steps::{BY_AGENT, BY_CUSTOMER, Step, create, step};
use super::{CUSTOMER, START, minutes, seconds};

pub(crate) const fn hash(number: u8) -> ContentHash {
    ContentHash([number; 32])
}

/// A picture that nobody vouches for, as a request names it.
pub(crate) fn unvouched(number: u8) -> NewAttachment {
    NewAttachment {
        hash: hash(number),
        bytes: 1_000 + u64::from(number),
        media_type: "image/jpeg".into(),
        name: format!("现场{number}.jpg"),
        vouched: None,
    }
}

/// A picture whose bytes are there.
pub(crate) fn photo(number: u8) -> NewAttachment {
    let upload = UploadFacts {
        by: Party::Customer(CUSTOMER),
        via: UploadVia::Tus,
        begun_at: START.minus(minutes(1)),
        finished_at: START,
    };
    let media = MediaFacts { width: Some(4_000), height: Some(3_000), duration_ms: None };
    let claims = Claims { taken_at: Some(START.minus(minutes(5))), position: None };
    let vouched = Vouched { upload, media, claims, standing: Standing::Clear };
    NewAttachment { vouched: Some(vouched), ..unvouched(number) }
}

pub(crate) fn recording(number: u8) -> NewAttachment {
    NewAttachment { media_type: "audio/mp4".into(), ..photo(number) }
}

/// A picture that a scanner does not let through yet.
pub(crate) fn held_back(number: u8) -> NewAttachment {
    let mut new = photo(number);
    if let Some(vouched) = &mut new.vouched {
        vouched.standing = Standing::Quarantined { why: "not scanned yet".into() };
    }
    new
}

pub(crate) fn show<const N: usize>(attachments: [NewAttachment; N]) -> Step {
    step(BY_AGENT, Note { attachments: attachments.into(), ..Note::default() })
}

/// The same step, bringing these along.
pub(crate) fn with<const N: usize>(step: Step, brought: [NewAttachment; N]) -> Step {
    let Command::Ticket(id, mut command) = step.command else { return step };
    match &mut command {
        TicketCommand::Create(Create { attachments, .. })
        | TicketCommand::Details(Details { attachments, .. })
        | TicketCommand::Note(Note { attachments, .. })
        | TicketCommand::Resolve(Resolve { attachments, .. })
        | TicketCommand::Confirm(Confirm { attachments, .. })
        | TicketCommand::Reject(Reject { attachments, .. }) => *attachments = brought.into(),
        other => panic!("`{}` brings nothing along", other.verb().as_str()),
    }
    Step { command: Command::Ticket(id, command), ..step }
}

pub(crate) fn create_with<const N: usize>(attachments: [NewAttachment; N]) -> Step {
    with(create(), attachments)
}

pub(crate) fn remove(number: u8) -> Step {
    step(BY_CUSTOMER, RemoveAttachment { hash: Some(hash(number)), words: "拍错了".into() })
}

pub(crate) fn of_attachment(number: u8, command: AttachmentCommand) -> Step {
    let command = Command::Attachment(hash(number), command);
    Step { by: Party::Gateway, after: seconds(0), command }
}

pub(crate) fn quarantine(number: u8) -> Step {
    of_attachment(number, AttachmentCommand::Quarantine { why: "Eicar-Test-Signature".into() })
}

pub(crate) fn release(number: u8) -> Step {
    of_attachment(number, AttachmentCommand::Release)
}

pub(crate) fn erase(number: u8) -> Step {
    of_attachment(number, AttachmentCommand::Erase { words: "客户要求删除".into() })
}

pub(crate) fn opened(number: u8, reads: Vec<Read>) -> Step {
    of_attachment(number, AttachmentCommand::RecordReads(reads))
}

pub(crate) fn read_by(by: Party) -> Read {
    Read { by, first_at: START, last_at: START.plus(minutes(2)), times: 3 }
}

/// What an event names.
pub(crate) fn named_by(event: &TicketEvent) -> &[AttachmentRef] {
    match event {
        TicketEvent::Created(Created { attachments, .. })
        | TicketEvent::DetailsAdded(DetailsAdded { attachments, .. })
        | TicketEvent::Noted(Noted { attachments, .. })
        | TicketEvent::Resolved(Resolved { attachments, .. })
        | TicketEvent::Confirmed(Confirmed { attachments, .. })
        | TicketEvent::Rejected(Rejected { attachments, .. }) => attachments,
        _ => &[],
    }
}
