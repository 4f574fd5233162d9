//! Files on their way in: resumable uploads (tus 1.0.0), a single `PUT`, forms.
//!
//! Each ends with a reference, which commands take. That is all that an upload leads to: bytes
//! that no command names are collected after a while.

mod arriving;
mod expiring;
mod form;
mod metadata;
mod one_piece;
mod reference;
mod tus;
mod tus_headers;

use std::sync::atomic::{AtomicU64, Ordering};

use domain::Issuer;
use domain::attachment::UploadVia;

use ::attachments::uploads::{NewUpload, Stored};

use crate::Gateway;
use crate::headers::CommandHeaders;
use crate::ports::AttachmentPorts;
use crate::problem::{Kind, Problem};

pub use expiring::expire_uploads;
pub(crate) use form::{FormAnswer, form};
pub(crate) use one_piece::{NameAsked, put};
pub(crate) use reference::ReferenceView;
pub(crate) use tus::{
    UploadView, begin, give_up, go_on, instead, one, options, speak, where_it_is,
};

/// What came in since the process began.
#[derive(Debug, Default)]
pub(crate) struct Uploaded {
    files: AtomicU64,
    bytes: AtomicU64,
}

impl Uploaded {
    /// A file is in the store.
    pub(crate) fn count(&self, stored: &Stored) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(stored.attachment.bytes, Ordering::Relaxed);
    }

    /// Files, and their bytes.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.files.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}

impl Gateway {
    /// The bytes of attachments.
    pub(crate) fn attachments(&self) -> Result<&AttachmentPorts, Problem> {
        self.ports().attachments.as_ref().ok_or_else(|| {
            Problem::new(
                Kind::StoreFailed,
                "the bytes of attachments are with a running server; start one and ask it",
            )
        })
    }

    /// An upload by whoever the headers say.
    pub(crate) fn new_upload(
        &self,
        headers: &CommandHeaders,
        via: UploadVia,
        name: String,
        length: Option<u64>,
    ) -> NewUpload {
        let now = self.ports().clock.now();
        let client = match &headers.id.issuer {
            Issuer::Client(client) => client.clone(),
            system => system.to_string(),
        };
        NewUpload {
            length,
            name,
            by: headers.actor.party.to_string(),
            via: via_text(via).to_owned(),
            client,
            begun_at: now,
            expires_at: now.plus(self.config().attachments.unfinished_for),
        }
    }
}

/// How a channel is written down beside an upload.
pub(crate) const fn via_text(via: UploadVia) -> &'static str {
    match via {
        UploadVia::Tus => "tus",
        UploadVia::Form => "form",
        UploadVia::Put => "put",
        UploadVia::Text => "text",
    }
}

/// The channel that is written so.
pub(crate) fn via_of(text: &str) -> Option<UploadVia> {
    [UploadVia::Tus, UploadVia::Form, UploadVia::Put, UploadVia::Text]
        .into_iter()
        .find(|via| via_text(*via) == text)
}
