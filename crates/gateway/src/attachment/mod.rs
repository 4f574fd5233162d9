//! Attachments on their way out: what is known of them, and their bytes to whoever may see them.
//!
//! `view` is what is told, `access` whether bytes may be shown, `content` and `thumbnail` show
//! them, `range` is a part of them, `reads` remembers who opened them.

mod access;
mod content;
mod known;
mod one;
mod range;
mod reads;
mod thumbnail;
mod view;

pub(crate) use content::{ContentAsked, content};
pub(crate) use known::{Known, State};
pub(crate) use one::{OneAnswer, TicketAttachments, of_ticket, one};
pub(crate) use reads::Reads;
pub use reads::record_reads;
pub(crate) use thumbnail::{ThumbnailAsked, thumbnail};

use domain::ContentHash;

use crate::problem::{Kind, Problem};

fn hash_of(text: &str) -> Result<ContentHash, Problem> {
    let parsed = text.parse::<ContentHash>();
    parsed.map_err(|error| Problem::new(Kind::BadPath, error.to_string()))
}
