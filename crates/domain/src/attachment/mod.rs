//! Attachments: bytes that lie in a store of their own under their hash, and what happens to them.
//!
//! `reference` is what events say of an attachment and what a command hands in; `brought` is how a
//! ticket's command turns the one into the other. `event` and `state` are the chain of custody,
//! one stream for each hash.

mod brought;
mod command;
mod decide;
mod event;
mod hash;
mod reference;
mod state;

pub(crate) use brought::Brought;
pub use command::AttachmentCommand;
pub(crate) use decide::decide;
pub use event::{
    AttachmentErased, AttachmentEvent, AttachmentLinked, AttachmentOpened, AttachmentQuarantined,
    AttachmentReleased, LinkedClaims, Read,
};
pub use hash::{ContentHash, ParseHashError};
pub use reference::{
    AttachmentRef, Claims, MediaFacts, NewAttachment, Standing, UploadFacts, UploadVia, Vouched,
    Words,
};
pub use state::Attachment;
