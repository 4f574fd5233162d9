//! Bytes go along with a log that is taken out or brought back.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use attachments::Store;
use attachments::store::Erase;
use domain::{ContentHash, GlobalPosition};
use eventlog::EventLog;
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use tokio::runtime::Handle;

use crate::FINDINGS_MAX;
use crate::audit::pages;
use crate::fold::{Wanted, fold};
use crate::{Error, Found};

/// What went along.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Carried {
    /// Attachments that events name and nobody erased.
    pub named: u64,
    /// Those whose bytes were copied now.
    pub copied: u64,
    /// How many bytes that is.
    pub copied_bytes: u64,
    /// Those that were erased since, and whose copies went now.
    pub erased: u64,
    /// Those that are not there, or not as they were, so that nothing was copied of them.
    pub lost: u64,
    /// Which; at most 100.
    pub lost_hashes: Vec<ContentHash>,
}

/// Copies to a store what the log names up to a position, and removes from it what was erased since.
/// What is there in its size is not copied again. Each byte that is copied is hashed on the way:
/// what is not as it was is not copied, and said.
///
/// `staging` is a directory on the file system of the store that is copied to.
///
/// # Errors
/// When the log or a store cannot be read or written. What was copied until then stays.
pub fn carry(
    log: &dyn EventLog,
    until: GlobalPosition,
    from: &Store,
    to: &Store,
    staging: &Path,
    runtime: &Handle,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<Carried, Error> {
    let names = fold(log, until, Wanted::NAMES, progress)?.attachments;
    let (total, mut done) = (names.counts().named, 0);
    let mut carried = Carried::default();
    for rows in pages(&names) {
        for row in rows {
            done += 1;
            if progress(done, total).is_break() {
                return Err(Error::BrokenOff);
            }
            let (hash, bytes) = (row.attachment.hash, row.attachment.bytes);
            let there = runtime.block_on(to.head(hash))?;
            if row.erased_at.is_some() {
                if there.is_some() {
                    runtime.block_on(to.erase(hash, Erase::Always))?;
                    carried.erased += 1;
                }
                continue;
            }
            carried.named += 1;
            if there.is_some_and(|head| head.bytes == bytes) {
                continue;
            }
            match runtime.block_on(copy(from, to, staging, hash, bytes))? {
                None => {
                    carried.copied += 1;
                    carried.copied_bytes += bytes;
                }
                Some(found) => {
                    tracing::warn!(attachment.hash = %hash, ?found, "an attachment was not copied");
                    carried.lost += 1;
                    if carried.lost_hashes.len() < FINDINGS_MAX {
                        carried.lost_hashes.push(hash);
                    }
                }
            }
        }
    }
    Ok(carried)
}

/// Copies one; says what was found where it is not as it was.
async fn copy(
    from: &Store,
    to: &Store,
    staging: &Path,
    hash: ContentHash,
    bytes: u64,
) -> Result<Option<Found>, Error> {
    use attachments::store::Error as StoreError;
    let write = |source| Error::Write { path: staging.to_path_buf(), source };
    let mut chunks = match from.read(hash, None).await {
        Err(StoreError::NotThere { .. }) => return Ok(Some(Found::Bytes(0))),
        chunks => chunks?,
    };
    let mut file = NamedTempFile::new_in(staging).map_err(write)?;
    let mut hasher = blake3::Hasher::new();
    loop {
        match chunks.try_next().await {
            Ok(None) => break,
            Ok(Some(chunk)) => {
                hasher.update(&chunk);
                file.write_all(&chunk).map_err(write)?;
            }
            Err(StoreError::File(error)) => {
                return Ok(Some(Found::Unreadable(error.to_string())));
            }
            Err(error) => return Err(error.into()),
        }
    }
    if hasher.count() != bytes {
        return Ok(Some(Found::Bytes(hasher.count())));
    }
    let found = ContentHash(*hasher.finalize().as_bytes());
    if found != hash {
        return Ok(Some(Found::Hash(found)));
    }
    // Kept: `put` takes the file away.
    let (_, path) = file.keep().map_err(|error| write(error.error))?;
    to.put(path, hash, bytes).await?;
    Ok(None)
}
