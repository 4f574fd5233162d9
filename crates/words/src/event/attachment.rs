//! What happens to an attachment, and what audits of all of them found.

use domain::attachment::{AttachmentEvent, AttachmentLinked, AttachmentOpened};
use domain::{AuditEvent, ContentHash, Timestamp};

use super::draft::{Draft, coordinates};
use crate::{Args, Sentence, Speaker};

/// So many readers stand in a sentence; all of them stand with its details.
const READERS_MAX: usize = 3;

/// So many digits of a hash tell one attachment from another.
const HASH_DIGITS: usize = 12;

/// The beginning of a hash.
pub(super) fn brief(hash: ContentHash) -> String {
    let text = hash.to_string();
    format!("{}…", text.get(..HASH_DIGITS).unwrap_or(&text))
}

impl Speaker<'_> {
    pub(super) fn attachment_event(&self, event: &AttachmentEvent, at: Timestamp) -> Sentence {
        use AttachmentEvent as E;
        let plain = |message: &str| Draft::new(self, at, message, &Args::new());
        let draft = match event {
            E::AttachmentLinked(it) => self.attachment_linked(it, at),
            E::AttachmentQuarantined(it) => {
                plain("event-attachment-quarantined").detail("detail-cause", it.why.clone())
            }
            E::AttachmentReleased(_) => plain("event-attachment-released"),
            E::AttachmentErased(it) => plain("event-attachment-erased").words(&it.words),
            E::AttachmentOpened(it) => self.attachment_opened(it, at),
        };
        draft.detail("detail-hash", brief(event.hash())).done()
    }

    fn attachment_linked(&self, it: &AttachmentLinked, at: Timestamp) -> Draft<'_> {
        let args = Args::new()
            .text("ticket", self.ticket(it.ticket))
            .text("who", self.party(it.upload.by))
            .text("via", self.language().upload_via(it.upload.via));
        let span = self.window(it.upload.begun_at, it.upload.finished_at, at);
        let pixels = it.media.width.zip(it.media.height);
        Draft::new(self, at, "event-attachment-linked", &args)
            .personal(&it.claims, |draft, claims| {
                let name = Some(&claims.name).filter(|name| !name.is_empty());
                draft
                    .detail_of("detail-name", name, Clone::clone)
                    .detail_of("detail-taken", claims.taken_at, |taken| self.moment(taken, at))
                    .detail_of("detail-position", claims.position, coordinates)
            })
            .detail("detail-media-type", it.attachment.media_type.clone())
            .detail("detail-bytes", it.attachment.bytes.to_string())
            .detail_of("detail-pixels", pixels, |(width, height)| format!("{width} × {height}"))
            .detail_of("detail-seconds", it.media.duration_ms, |ms| (ms / 1_000).to_string())
            .detail("detail-uploaded", span)
    }

    fn attachment_opened(&self, it: &AttachmentOpened, at: Timestamp) -> Draft<'_> {
        let times = it.reads.iter().map(|read| u64::from(read.times)).sum();
        let mut readers: Vec<String> = Vec::new();
        for read in &it.reads {
            let reader = self.party(read.by);
            if !readers.contains(&reader) {
                readers.push(reader);
            }
        }
        let first = self.list(readers.get(..READERS_MAX).unwrap_or(&readers));
        let draft = if readers.len() <= READERS_MAX {
            let args = Args::new().text("who", first).count("times", times);
            Draft::new(self, at, "event-attachment-opened", &args)
        } else {
            let count = u64::try_from(readers.len()).unwrap_or(u64::MAX);
            let names = Args::new().text("names", first).count("count", count);
            let who = self.with("clause-people-more", &names);
            let args = Args::new().text("who", who).count("times", times);
            Draft::new(self, at, "event-attachment-opened", &args)
        };
        draft.details_of("detail-readers", &readers)
    }

    pub(super) fn audit_event(&self, event: &AuditEvent) -> Sentence {
        let AuditEvent::AttachmentsAudited(it) = event;
        let args = Args::new()
            .text("position", it.as_of.to_string())
            .text("named", it.named.to_string())
            .text("intact", it.intact.to_string())
            .text("damaged", it.damaged.to_string())
            .text("missing", it.missing.to_string());
        Draft::new(self, Timestamp::MIN, "event-attachments-audited", &args)
            .and_if(it.deep, "event-attachments-audited-deep")
            .detail("detail-removed", it.removed.to_string())
            .detail("detail-quarantined", it.quarantined.to_string())
            .detail("detail-erased", it.erased.to_string())
            .detail("detail-never-arrived", it.never_arrived.to_string())
            .detail("detail-orphans", it.orphans.to_string())
            .detail("detail-seconds", (it.took_ms / 1_000).to_string())
            .done()
    }
}
