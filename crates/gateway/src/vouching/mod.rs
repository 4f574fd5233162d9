//! The store's word for the attachments of a command.
//!
//! Whoever names attachments in a command names bytes that are here; the store says whether they
//! are, and its uploads what is known of them. Without that word the rules refuse the command
//! (`attachment-unknown`), unless it is a repetition, which is answered as it was. A text that is
//! longer than a field takes becomes an attachment here; see `long_text`.

mod long_text;

use ::attachments::uploads::Stored;
use axum::body::Bytes;
use domain::attachment::{
    Claims, MediaFacts, NewAttachment, Standing, UploadFacts, UploadVia, Vouched,
};
use domain::limits::LIST_MAX;
use domain::ticket::TicketCommand;
use domain::{AttachmentId, Command, Party};
use futures_util::stream;

use crate::Gateway;
use crate::commands::Order;
use crate::headers::CommandHeaders;
use crate::ports::AttachmentPorts;
use crate::problem::{Kind, Problem};
use crate::uploads::via_of;
use long_text::LongText;

/// Why bytes are in quarantine that no scanner has looked at.
pub(crate) const NOT_SCANNED: &str = "not scanned yet";

impl Gateway {
    /// The same order, with the store's word for its attachments, and its long text among them.
    pub(crate) async fn vouched(
        &self,
        headers: &CommandHeaders,
        mut order: Order,
    ) -> Result<Order, Problem> {
        let long = match &mut order {
            Order::Report(report) => LongText::of_field(&mut report.sentence),
            Order::Command(Command::Ticket(_, command)) => LongText::of(command),
            Order::Command(_) => None,
        };
        let Some(attachments) = attachments_of(&mut order) else { return Ok(order) };
        if let Some(long) = long {
            attachments.push(self.kept(headers, long).await?);
        }
        // More than that are refused by the rules, so nobody has to look for them.
        for attachment in attachments.iter_mut().take(LIST_MAX) {
            attachment.vouched = self.word_for(attachment).await?;
        }
        Ok(order)
    }

    /// Puts a text into the store, as an upload of whoever sent the command.
    async fn kept(
        &self,
        headers: &CommandHeaders,
        long: LongText,
    ) -> Result<NewAttachment, Problem> {
        let LongText { field, text } = long;
        let max = self.config().attachments.text_bytes_max;
        if text.len() > max {
            let detail = format!(
                "{field}: {} bytes are too long; at most {max}: upload it as a file and name that",
                text.len()
            );
            return Err(Problem::new(Kind::BodyTooLarge, detail).with("max", max));
        }
        let length = u64::try_from(text.len()).ok();
        let name = format!("{field}.txt");
        let new = self.new_upload(headers, UploadVia::Text, name, length);
        let text = stream::iter([Ok::<_, std::convert::Infallible>(Bytes::from(text))]);
        let now = || self.ports().clock.now();
        let stored = self.attachments()?.uploads.put_stream(new, now, text).await?;
        self.uploaded.count(&stored);
        let Stored { attachment, name, .. } = stored;
        Ok(NewAttachment {
            hash: attachment.hash,
            bytes: attachment.bytes,
            media_type: attachment.media_type,
            name,
            vouched: None,
        })
    }

    /// What the store knows of a reference; nothing where it has no such bytes.
    async fn word_for(&self, attachment: &NewAttachment) -> Result<Option<Vouched>, Problem> {
        let AttachmentPorts { store, uploads, scanner, .. } = self.attachments()?;
        let hash = attachment.hash;
        // The touch first: from then on the collection of orphans leaves them.
        let Some(head) = store.touch(hash).await? else { return Ok(None) };
        if head.bytes != attachment.bytes {
            return Ok(None);
        }
        let known = self.ports().engine.look(|all| all.attachment(AttachmentId::from(hash)))?;
        let known = known.filter(|known| known.reference.hash == hash);
        let standing = match &known {
            // What the log says holds, also against a scanner that came later.
            Some(known) => match &known.quarantined {
                Some(why) => Standing::Quarantined { why: why.clone() },
                None => Standing::Clear,
            },
            None if scanner.is_some() => Standing::Quarantined { why: NOT_SCANNED.to_owned() },
            None => Standing::Clear,
        };
        let vouched = match uploads.stored(hash).await? {
            Some(stored) => {
                (stored.attachment == attachment.reference()).then(|| of_upload(&stored, standing))
            }
            // The upload is forgotten, as after a restored backup. The log tells of the first one.
            None => known
                .filter(|known| known.reference == attachment.reference())
                .and_then(|_| self.as_linked_first(attachment, standing)),
        };
        Ok(vouched)
    }

    fn as_linked_first(&self, attachment: &NewAttachment, standing: Standing) -> Option<Vouched> {
        let models = &self.ports().read_models;
        let row = models.attachments().read(|rows| rows.attachment(attachment.hash)).value?;
        let first = row.links.first()?;
        let upload = UploadFacts {
            by: first.by,
            via: first.via,
            begun_at: first.begun_at,
            finished_at: first.finished_at,
        };
        Some(Vouched { upload, media: row.media, claims: Claims::default(), standing })
    }
}

/// The attachments that an order brings; nothing where it can bring none.
fn attachments_of(order: &mut Order) -> Option<&mut Vec<NewAttachment>> {
    match order {
        Order::Report(report) => Some(&mut report.attachments),
        Order::Command(Command::Ticket(_, command)) => match command {
            TicketCommand::Create(create) => Some(&mut create.attachments),
            TicketCommand::Details(details) => Some(&mut details.attachments),
            TicketCommand::Note(note) => Some(&mut note.attachments),
            TicketCommand::Resolve(resolve) => Some(&mut resolve.attachments),
            TicketCommand::Confirm(confirm) => Some(&mut confirm.attachments),
            TicketCommand::Reject(reject) => Some(&mut reject.attachments),
            _ => None,
        },
        Order::Command(_) => None,
    }
}

fn of_upload(stored: &Stored, standing: Standing) -> Vouched {
    let Stored { media, claims, upload, .. } = stored;
    Vouched {
        upload: UploadFacts {
            // Written down by us, so it reads back; a text of another release is nobody's.
            by: upload.by.parse().unwrap_or(Party::Anonymous),
            via: via_of(&upload.via).unwrap_or(UploadVia::Put),
            begun_at: upload.begun_at,
            finished_at: upload.finished_at,
        },
        media: MediaFacts {
            width: media.width,
            height: media.height,
            duration_ms: media.duration_ms,
        },
        claims: Claims { taken_at: claims.taken_at, position: claims.position },
        standing,
    }
}
