//! What is at the end of the log when it is opened: whether all that the witness saw is there,
//! and whether what came after it can be kept.

use std::path::{Path, PathBuf};

use domain::{GlobalPosition, Timestamp};

use super::frames::{StoredFrame, damaged, decode, missing, store_failed};
use super::store::{FrameStore, StoreError};
use crate::witness::Seen;
use crate::{Head, ReadError};

/// A tail that was never acknowledged, and is no longer in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The first position that was cut off.
    pub from: GlobalPosition,
    /// How many frames.
    pub frames: usize,
    /// What was wrong with the first of them.
    pub why: String,
    /// The directory that they were copied to.
    pub set_aside: PathBuf,
}

/// Why the log's end is not what it was.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    /// Events are missing at the end.
    #[error(
        "the log ends at position {found}, but events up to {durable} were durable: the end is \
         missing; restore a backup, or salvage what is left"
    )]
    ShorterThanWitness {
        /// The last position that is there.
        found: GlobalPosition,
        /// The last that was durable.
        durable: GlobalPosition,
    },
    /// Other events are there than were.
    #[error(
        "the log's chain value at position {position} is not the one that was durable: events \
         were exchanged; restore a backup"
    )]
    ChainDiffers {
        /// Where.
        position: GlobalPosition,
    },
    /// Something within the durable part is damaged.
    #[error("the durable end of the log could not be read")]
    Read(#[from] ReadError),
}

/// The log's end, checked.
pub(crate) struct Tail {
    pub(crate) head: Head,
    /// Events that were checked.
    pub(crate) verified: u64,
    /// Frames after the head that cannot be kept, and why.
    pub(crate) spoiled: Option<(Vec<u64>, String)>,
}

/// Checks everything from what the witness saw to the end. Without a witness, everything: then a
/// fault is an error, because nobody knows what was acknowledged.
pub(crate) fn check(store: &FrameStore, seen: Option<&Seen>) -> Result<Option<Tail>, TailError> {
    let read = |error| TailError::Read(store_failed("reading the log's end", error));
    let durable = seen.map_or(GlobalPosition::ZERO, |seen| seen.durable);
    let Some((first_key, first_bytes)) = store.after(0).map_err(read)? else {
        if durable > GlobalPosition::ZERO {
            return Err(TailError::ShorterThanWitness { found: GlobalPosition::ZERO, durable });
        }
        return Ok(None);
    };
    if first_key != 1 {
        return Err(missing(GlobalPosition::FIRST).into());
    }
    let start = if durable > GlobalPosition::ZERO {
        store.at_or_before(durable).map_err(read)?.ok_or_else(|| missing(durable))?
    } else {
        (first_key, first_bytes)
    };
    let mut last = decode(start.0, start.1)?;
    if let Some(seen) = seen.filter(|seen| seen.durable > GlobalPosition::ZERO) {
        if last.last < durable {
            return Err(match store.after(last.first.get()).map_err(read)? {
                None => TailError::ShorterThanWitness { found: last.last, durable },
                Some(_) => missing(last.last.next()).into(),
            });
        }
        let chain = last.chain_at(durable).map_err(|f| damaged(last.first, start.0, f))?;
        if chain != seen.chain {
            return Err(TailError::ChainDiffers { position: durable });
        }
    } else {
        if last.chain_before != crate::ChainHash::start() {
            return Err(TailError::ChainDiffers { position: GlobalPosition::FIRST });
        }
        last.chain_at(last.last).map_err(|f| damaged(last.first, start.0, f))?;
    }
    let mut verified = last.last.get() + 1 - last.first.get();
    let mut spoiled = None;
    while let Some((key, bytes)) = store.after(last.first.get()).map_err(read)? {
        match follow(&last, key, bytes) {
            Ok(next) => {
                verified += next.last.get() + 1 - next.first.get();
                last = next;
            }
            Err(error) if seen.is_some() => {
                spoiled = Some((keys_from(store, key)?, error.to_string()));
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let recorded_at = recorded_at(&last)?;
    let head = Head { position: last.last, chain: last.chain, recorded_at };
    Ok(Some(Tail { head, verified, spoiled }))
}

/// The next frame, if it continues this one.
fn follow(last: &StoredFrame, key: u64, bytes: sled::IVec) -> Result<StoredFrame, ReadError> {
    if key != last.last.get() + 1 {
        return Err(missing(last.last.next()));
    }
    let next = decode(key, bytes)?;
    if next.chain_before != last.chain {
        return Err(damaged(next.first, key, "its chain does not continue".into()));
    }
    next.chain_at(next.last).map_err(|fault| damaged(next.first, key, fault))?;
    Ok(next)
}

fn keys_from(store: &FrameStore, from: u64) -> Result<Vec<u64>, ReadError> {
    let mut keys = vec![from];
    let mut at = from;
    while let Some((key, _)) =
        store.after(at).map_err(|e| store_failed("reading the log's end", e))?
    {
        keys.push(key);
        at = key;
    }
    Ok(keys)
}

fn recorded_at(frame: &StoredFrame) -> Result<Timestamp, ReadError> {
    let mut recorded_at = Timestamp::MIN;
    for append in frame.appends_from(frame.last) {
        let append = append.map_err(|fault| damaged(frame.last, frame.first.get(), fault))?;
        recorded_at = recorded_at.max(append.recorded_at);
    }
    Ok(recorded_at)
}

/// Copies spoiled frames aside, then takes them out of the log.
pub(crate) fn cut_off(
    store: &FrameStore,
    head: &Head,
    keys: &[u64],
    why: String,
    aside: &Path,
) -> Result<Cut, StoreError> {
    let io = |doing| move |source| StoreError::Io { doing, path: aside.to_path_buf(), source };
    std::fs::create_dir_all(aside).map_err(io("create"))?;
    for key in keys {
        if let Some((_, bytes)) = store.at_or_before(GlobalPosition::new(*key))? {
            let path = aside.join(format!("{key:020}.frame"));
            std::fs::write(&path, &bytes).map_err(io("write to"))?;
        }
    }
    std::fs::File::open(aside).and_then(|directory| directory.sync_all()).map_err(io("sync"))?;
    store.remove(keys)?;
    store.make_durable()?;
    Ok(Cut { from: head.position.next(), frames: keys.len(), why, set_aside: aside.to_path_buf() })
}
