//! The collection of what nobody names: uploads that were never linked, and bytes whose erasure was
//! cut off.

use attachments::Uploads;
use attachments::store::{Erase, Erased, Listed};
use domain::{ContentHash, Timestamp};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};

use crate::fold::{Wanted, fold};
use crate::{AsOf, Error, Sink, Sources, Stray};

/// How it is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collect {
    /// Bytes that somebody put or touched at this moment or later stay: their command may be on its
    /// way.
    pub touched_before: Timestamp,
    /// Nothing is removed.
    pub dry_run: bool,
}

/// What was collected, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Collected {
    /// Bytes under their hash that no event names.
    pub orphans: u64,
    /// How many bytes that is.
    pub bytes: u64,
    /// Orphans that stay because they are too young, or were touched meanwhile.
    pub young: u64,
    /// Erased attachments whose bytes were still there.
    pub erased: u64,
    /// Uploads that were never finished and whose time is over; a dry run does not count them.
    pub unfinished: u64,
    /// Files that are no attachments; they are left alone.
    pub strangers: u64,
}

/// Collects. The sink is told of each orphan before it goes, and may break it off.
///
/// The log is folded first. Whatever a later event names was touched shortly before, and the store
/// refuses to erase that.
///
/// # Errors
/// When the log or the store cannot be read or written.
pub fn collect(
    sources: Sources<'_>,
    uploads: &Uploads,
    how: Collect,
    sink: &mut dyn Sink,
) -> Result<Collected, Error> {
    let Sources { log, store, runtime, clock } = sources;
    let until = AsOf::Head.position(log)?;
    let names =
        fold(log, until, Wanted::NAMES, &mut |done, total| sink.progress(done, total))?.attachments;
    let mut collected = Collected::default();
    runtime.block_on(async {
        let mut listed = std::pin::pin!(store.list());
        while let Some(listed) = listed.try_next().await? {
            let (hash, head) = match listed {
                Listed::Bytes { hash, head } => (hash, head),
                Listed::Stranger { .. } => {
                    collected.strangers += 1;
                    continue;
                }
            };
            match names.attachment(hash) {
                Some(row) if row.erased_at.is_some() => {
                    collected.erased += 1;
                    if !how.dry_run {
                        store.erase(hash, Erase::Always).await?;
                        uploads.forget(hash).await?;
                    }
                }
                Some(_) => {}
                None => {
                    // The list may not know of a later touch.
                    let Some(head) = (if head.touched_at < how.touched_before {
                        store.head(hash).await?
                    } else {
                        Some(head)
                    }) else {
                        continue;
                    };
                    if head.touched_at >= how.touched_before {
                        collected.young += 1;
                        continue;
                    }
                    let bytes = head.bytes;
                    let orphan = Stray::Orphan { hash, bytes, touched_at: head.touched_at };
                    if sink.stray(&orphan).is_break() {
                        return Err(Error::BrokenOff);
                    }
                    if how.dry_run || gone(store, uploads, hash, how.touched_before).await? {
                        collected.orphans += 1;
                        collected.bytes += bytes;
                    } else {
                        collected.young += 1;
                    }
                }
            }
        }
        if !how.dry_run {
            collected.unfinished = uploads.expire(clock.now()).await?.unfinished;
        }
        Ok(collected)
    })
}

/// Erases an orphan; says whether it is gone.
async fn gone(
    store: &attachments::Store,
    uploads: &Uploads,
    hash: ContentHash,
    touched_before: Timestamp,
) -> Result<bool, Error> {
    match store.erase(hash, Erase::UnlessTouchedSince(touched_before)).await? {
        Erased::Touched(_) => Ok(false),
        Erased::Gone { .. } | Erased::NothingThere => {
            uploads.forget(hash).await?;
            Ok(true)
        }
    }
}
