//! From a part that is whole to bytes in the store, in steps that can be repeated from any point.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

use domain::{AttachmentRef, ContentHash, Timestamp};

use super::records::{self, Found, NewUpload, Outcome, Stored, UploadFacts};
use super::{Error, Shared, UploadId};
use crate::describe::describe;
use crate::files::{At, FileError, blocking, make_dir, remove_if_there};
use crate::name::safe_name;
use crate::steps::Step;
use crate::store;

pub(super) async fn finish(
    shared: Arc<Shared>,
    id: UploadId,
    now: Timestamp,
) -> Result<Stored, Error> {
    if !shared.desk.is_open(id) {
        return finished(&shared, id).await;
    }
    let hold = match shared.desk.hold(id, shared.limits.take_over_within).await {
        // Another request finished it while we waited.
        Err(Error::NotFound { .. }) => return finished(&shared, id).await,
        hold => hold?,
    };
    let (work, steps) = (Arc::clone(&shared), Arc::clone(&shared.steps));
    let outcome = blocking(move || outcome(&work, id, now)).await?;
    place(&shared, id, &outcome.stored).await?;
    let work = Arc::clone(&shared);
    let stored = blocking(move || -> Result<_, Error> {
        write_receipt(&work, id, &outcome.stored)?;
        steps.reached(Step::ReceiptWritten);
        let files = work.files(id);
        remove_if_there(&files.info)?;
        steps.reached(Step::UploadClosed);
        work.desk.leave(id);
        clear(&work, id)?;
        steps.reached(Step::UploadCleared);
        Ok(outcome.stored)
    })
    .await;
    drop(hold);
    stored
}

/// What an upload came to that was finished before.
pub(super) async fn finished(shared: &Arc<Shared>, id: UploadId) -> Result<Stored, Error> {
    let path = shared.files(id).outcome;
    let found = blocking(move || -> Result<_, Error> { Ok(records::read::<Outcome>(&path)?) });
    let stored = match found.await? {
        Found::There(outcome) => outcome.stored,
        Found::Unreadable => return Err(Error::Damaged { id }),
        Found::Nothing => return Err(Error::NotFound { id }),
    };
    match shared.store.head(stored.attachment.hash).await? {
        Some(head) if head.bytes == stored.attachment.bytes => Ok(stored),
        _ => Err(Error::Erased { hash: stored.attachment.hash }),
    }
}

/// What the upload comes to: as it was written down before, or found out now.
fn outcome(shared: &Shared, id: UploadId, now: Timestamp) -> Result<Outcome, Error> {
    let files = shared.files(id);
    if let Found::There(outcome) = records::read::<Outcome>(&files.outcome)? {
        // It was hashed a while ago, and will take the place of whatever is stored.
        return match hash_if_there(&files.part)? {
            Some(hash) if hash != outcome.stored.attachment.hash => Err(Error::Damaged { id }),
            _ => Ok(outcome),
        };
    }
    let Found::There(info) = records::read::<NewUpload>(&files.info)? else {
        return Err(Error::Damaged { id });
    };
    let known = shared.desk.with(id, |entry| (entry.offset, entry.length));
    let (offset, length) = known.ok_or(Error::NotFound { id })?;
    if length != Some(offset) {
        return Err(Error::NotWhole { offset, length });
    }
    let mut file =
        File::options().read(true).write(true).open(&files.part).at("open", &files.part)?;
    if file.metadata().at("look at", &files.part)?.len() < offset {
        return Err(Error::Damaged { id });
    }
    // Nothing was confirmed behind it; the bytes are exactly those that the client was told of.
    file.set_len(offset).at("cut", &files.part)?;
    file.sync_all().at("sync", &files.part)?;
    let hasher = match shared.desk.take_hasher(id, offset) {
        Some(hasher) => hasher,
        None => {
            let mut hasher = blake3::Hasher::new();
            hasher.update_reader(&mut file).at("read", &files.part)?;
            hasher
        }
    };
    let described = describe(&file, &shared.zone).at("read", &files.part)?;
    shared.steps.reached(Step::PartHashed);
    let outcome = Outcome {
        expires_at: info.expires_at,
        stored: Stored {
            attachment: AttachmentRef {
                hash: ContentHash(*hasher.finalize().as_bytes()),
                bytes: offset,
                media_type: described.media_type.to_owned(),
            },
            name: safe_name(&info.name, described.media_type),
            media: described.media,
            claims: described.claims,
            upload: UploadFacts {
                by: info.by,
                via: info.via,
                begun_at: info.begun_at,
                finished_at: now,
            },
        },
    };
    records::write(&files.outcome, &files.beside, &outcome)?;
    shared.steps.reached(Step::ResultWritten);
    Ok(outcome)
}

fn hash_if_there(path: &Path) -> Result<Option<ContentHash>, FileError> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.at("open", path)?,
    };
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(&mut file).at("read", path)?;
    Ok(Some(ContentHash(*hasher.finalize().as_bytes())))
}

/// Puts the part into the store, unless that was done before.
async fn place(shared: &Shared, id: UploadId, stored: &Stored) -> Result<(), Error> {
    let AttachmentRef { hash, bytes, .. } = stored.attachment;
    match shared.store.put(shared.files(id).part, hash, bytes).await {
        // The store had taken the part, and its bytes were erased before this was asked again.
        Err(store::Error::NotThere { hash }) => Err(Error::Erased { hash }),
        put => Ok(put.map(drop)?),
    }
}

/// The newest upload of a hash is the one that is told of.
fn write_receipt(shared: &Shared, id: UploadId, stored: &Stored) -> Result<(), FileError> {
    let path = shared.receipt(stored.attachment.hash);
    let _one_at_a_time = shared.receipts.lock();
    if let Found::There(known) = records::read::<Stored>(&path)?
        && known.upload.finished_at > stored.upload.finished_at
    {
        return Ok(());
    }
    if let Some(dir) = path.parent() {
        make_dir(dir)?;
    }
    records::write(&path, &shared.files(id).beside, stored)
}

/// Removes what an upload needed while it was open. What it came to stays until its time is over.
pub(super) fn clear(shared: &Shared, id: UploadId) -> Result<(), FileError> {
    let files = shared.files(id);
    for path in [&files.offset, &files.part, &files.beside] {
        remove_if_there(path)?;
    }
    Ok(())
}

/// Removes all that an upload has. Its information first: without it the rest is a leftover.
pub(super) fn remove(shared: &Shared, id: UploadId) -> Result<u64, FileError> {
    let files = shared.files(id);
    let bytes = fs::metadata(&files.part).map_or(0, |part| part.len());
    remove_if_there(&files.info)?;
    match fs::remove_dir_all(&files.dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        removed => removed.at("remove", &files.dir)?,
    }
    Ok(bytes)
}
