//! A directory as a store.
//!
//! `object_store` can sync what it puts, but only those directories which that very call made: one
//! that an earlier call made and did not live to sync would never be. It would also copy every
//! byte. So the last steps are done here: sync, rename, sync every directory on the way.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use domain::ContentHash;

use super::{Error, Put};
use crate::files::{At, FileError, make_dir, remove_if_there, sync_dir};
use crate::hash::{hash_text, location};
use crate::steps::{Step, Steps};

/// Where files from another file system are copied to first.
pub(super) const STAGING: &str = "staging";

/// Tells copies of the same bytes apart.
static COPIES: AtomicU64 = AtomicU64::new(0);

/// Removes what a process that died left half copied.
pub(super) fn clear(staging: &Path) -> Result<(), FileError> {
    for entry in fs::read_dir(staging).at("list", staging)? {
        remove_if_there(&entry.at("list", staging)?.path())?;
    }
    Ok(())
}

/// The bytes take the place of those that lie there: these were just hashed, and a disk may have
/// changed those without changing their size.
pub(super) fn put(
    dir: &Path,
    staged: &Path,
    hash: ContentHash,
    bytes: u64,
    steps: &dyn Steps,
) -> Result<Put, Error> {
    let place = dir.join(location(hash));
    let there = match fs::metadata(&place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        there => Some(there.at("look at", &place)?.len()),
    };
    let file = match File::options().read(true).write(true).open(staged) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // It was taken before, by one who may have died before the name was synced.
            if there != Some(bytes) || !touch(dir, hash)? {
                return Err(Error::NotThere { hash });
            }
            sync_way(dir, &place)?;
            steps.reached(Step::NameSynced);
            return Ok(Put::Known);
        }
        opened => opened.at("open", staged)?,
    };
    let found = file.metadata().at("look at", staged)?.len();
    if found != bytes {
        return Err(Error::WrongSize { expected: bytes, found });
    }
    // An upload may have rested for days; its bytes are new to the store today.
    file.set_modified(SystemTime::now()).at("date", staged)?;
    file.sync_all().at("sync", staged)?;
    steps.reached(Step::BytesSynced);
    if let Some(above) = place.parent() {
        make_dir(above)?;
    }
    match fs::rename(staged, &place) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            copy(dir, staged, hash, &place)?;
        }
        named => named.at("name", &place)?,
    }
    steps.reached(Step::BytesNamed);
    sync_way(dir, &place)?;
    steps.reached(Step::NameSynced);
    remove_if_there(staged)?;
    Ok(match there {
        None => Put::New,
        Some(there) if there == bytes => Put::Known,
        Some(_) => Put::Mended,
    })
}

/// Brings a file over from another file system.
fn copy(dir: &Path, staged: &Path, hash: ContentHash, place: &Path) -> Result<(), FileError> {
    let number = COPIES.fetch_add(1, Ordering::Relaxed);
    let beside = dir.join(STAGING).join(format!("{}.{number}", hash_text(hash)));
    fs::copy(staged, &beside).at("copy to", &beside)?;
    File::open(&beside).and_then(|file| file.sync_all()).at("sync", &beside)?;
    fs::rename(&beside, place).at("name", place)
}

/// Makes the name of a file, and the names of the directories that lead to it, survive.
fn sync_way(dir: &Path, place: &Path) -> Result<(), FileError> {
    let way: Vec<PathBuf> = place
        .ancestors()
        .skip(1)
        .take_while(|above| above.starts_with(dir))
        .map(Into::into)
        .collect();
    way.iter().try_for_each(|above| sync_dir(above))
}

/// Says whether there was something to touch.
pub(super) fn touch(dir: &Path, hash: ContentHash) -> Result<bool, Error> {
    let place = dir.join(location(hash));
    match File::options().write(true).open(&place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        opened => {
            let file = opened.at("open", &place)?;
            file.set_modified(SystemTime::now()).at("date", &place)?;
            file.sync_all().at("sync", &place)?;
            Ok(true)
        }
    }
}

pub(super) fn erase(dir: &Path, hash: ContentHash) -> Result<(), Error> {
    let place = dir.join(location(hash));
    remove_if_there(&place)?;
    Ok(place.parent().map_or(Ok(()), sync_dir)?)
}
