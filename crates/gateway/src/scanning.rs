//! Scans what was linked before a scanner had looked at it.
//!
//! A pass reads the model of attachments for those in quarantine because nobody looked yet, scans
//! one after the other, and releases or keeps each by a command. It remembers nothing and can be run
//! twice. While the scanner is down everything stays in quarantine, and a pass is tried again after
//! waits that double up to a bound.

use std::sync::Arc;
use std::time::Duration;

use ::attachments::scan::{Scanner, Verdict};
use ::attachments::store;
use domain::attachment::AttachmentCommand;
use domain::{Actor, AttachmentId, Command, CommandId, ContentHash, Issuer, Party, StreamId};
use engine::Submission;
use futures_util::StreamExt;
use projector::ModelName;

use crate::Gateway;
use crate::ports::AttachmentPorts;
use crate::problem::{Kind, Problem};
use crate::vouching::NOT_SCANNED;

/// Rows of the model that are looked through at once.
const PAGE: usize = 1_000;

/// How a pass went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    /// All that waited was looked at; so many.
    Done(u64),
    /// The scanner, the store or the log does not answer. The rest waits.
    Interrupted,
}

/// Scans what waits for it until the gateway is closed; without a scanner there is nothing to do.
pub async fn scan_attachments(gateway: Arc<Gateway>) {
    let Some(AttachmentPorts { scanner: Some(scanner), .. }) = &gateway.ports().attachments else {
        return;
    };
    let limits = gateway.config().attachments;
    let mut log = gateway.ports().log.watch();
    let mut closed = std::pin::pin!(gateway.closed());
    let mut wait = limits.rescan_after;
    loop {
        let head = *log.borrow_and_update();
        let pass = tokio::select! {
            () = &mut closed => return,
            pass = async {
                // What was linked meanwhile is found in this pass or the next one.
                drop(gateway.wait_for(ModelName::Attachments, Some(head)).await);
                gateway.scan_waiting(&**scanner).await
            } => pass,
        };
        let pause: Duration = match pass {
            Pass::Done(_) => {
                wait = limits.rescan_after;
                tokio::select! {
                    () = &mut closed => return,
                    changed = log.changed() => if changed.is_err() { return },
                }
                continue;
            }
            Pass::Interrupted => wait,
        };
        wait = wait.saturating_mul(2).min(limits.rescan_after_max);
        let clock = &gateway.ports().clock;
        tokio::select! {
            () = &mut closed => return,
            () = clock.wait_until(clock.now().plus(pause)) => {}
        }
    }
}

impl Gateway {
    /// How many attachments nobody has scanned yet, at most `max`.
    pub(crate) fn scans_waiting(&self, max: usize) -> usize {
        let mut count = 0;
        let mut after = None;
        while let Some((hashes, last)) = self.page_of_waiting(after) {
            count += hashes.len();
            if count >= max {
                return max;
            }
            after = Some(last);
        }
        count
    }

    /// Those of a page of the model that wait, and the last hash of the page.
    fn page_of_waiting(
        &self,
        after: Option<ContentHash>,
    ) -> Option<(Vec<ContentHash>, ContentHash)> {
        let model = self.ports().read_models.attachments();
        let rows = model.read(|rows| {
            // Mostly there are none, and then nobody looks through a million rows.
            if rows.counts().quarantined == 0 { Vec::new() } else { rows.after(after, PAGE) }
        });
        let rows = rows.value;
        let last = rows.last()?.attachment.hash;
        let waits = |row: &&projector::attachments::AttachmentRow| {
            row.erased_at.is_none() && row.quarantined.as_deref() == Some(NOT_SCANNED)
        };
        Some((rows.iter().filter(waits).map(|row| row.attachment.hash).collect(), last))
    }

    /// One pass over all that waits.
    pub(crate) async fn scan_waiting(self: &Arc<Self>, scanner: &dyn Scanner) -> Pass {
        let mut count = 0;
        let mut after = None;
        loop {
            let asked = Arc::clone(self);
            let page = self.on_own_thread(move || asked.page_of_waiting(after)).await;
            let Ok(page) = page else { return Pass::Interrupted };
            let Some((hashes, last)) = page else { return Pass::Done(count) };
            for hash in hashes {
                if let Err(problem) = self.scan(scanner, hash).await {
                    tracing::warn!(attachment.hash = %hash, "not scanned: {}", problem.detail());
                    return Pass::Interrupted;
                }
                count += 1;
            }
            after = Some(last);
        }
    }

    async fn scan(&self, scanner: &dyn Scanner, hash: ContentHash) -> Result<(), Problem> {
        // Names the commands: what is decided on this version is decided once.
        let stream = StreamId::from(AttachmentId::from(hash));
        let version = self.read_log(move |log| log.stream_version(stream)).await?;
        let bytes = match self.attachments()?.store.read(hash, None).await {
            Ok(bytes) => bytes,
            Err(error @ store::Error::NotThere { .. }) => {
                // An audit names what is missing; it stays in quarantine.
                tracing::error!(attachment.hash = %hash, "{error}");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let command = match scanner.scan(bytes.boxed()).await {
            Verdict::Clean => AttachmentCommand::Release,
            Verdict::Infected { signature } => {
                tracing::warn!(attachment.hash = %hash, signature, "an attachment is infected");
                AttachmentCommand::Quarantine { why: found(&signature) }
            }
            Verdict::Unavailable { why } => return Err(Problem::new(Kind::Busy, why)),
        };
        let id = CommandId { issuer: Issuer::Gateway, key: format!("scan/{hash}/{version}") };
        let command = Command::Attachment(hash, command);
        self.submit(Submission::live(id, command, Actor::system(Party::Gateway))).await?;
        Ok(())
    }
}

/// What was found, within what an event takes.
fn found(signature: &str) -> String {
    const BYTES_MAX: usize = 200;
    let mut why = format!("found: {signature}");
    why.truncate(why.floor_char_boundary(BYTES_MAX));
    why
}
