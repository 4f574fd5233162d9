//! A data directory of exported files.

use std::path::{Path, PathBuf};

use domain::GlobalPosition;

use super::part::{PartError, PartHeader};
use super::reading::{PartReader, Piece};
use super::rebuild::{Rebuild, RebuildError, RebuildOptions, Rebuilt, Ring};
use crate::keys::{KeyNumber, MasterKey, RingFile, SLOT_BYTES};
use crate::{ChainHash, VerifyProgress};

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file.
    #[error(transparent)]
    Part(#[from] PartError),
    /// The log in them, or the new directory.
    #[error(transparent)]
    Rebuild(#[from] RebuildError),
    /// What follows does not follow.
    #[error(
        "{path} begins at position {first}, but position {next} comes next; name all files of the \
         log, in their order"
    )]
    NotNext {
        /// The file.
        path: PathBuf,
        /// Where it begins.
        first: GlobalPosition,
        /// What comes next.
        next: GlobalPosition,
    },
    /// Two files have nothing to do with each other.
    #[error(
        "{path} is of another log, or of another history of it: it does not continue the file \
         before it"
    )]
    OtherLog {
        /// The file.
        path: PathBuf,
    },
}

/// Makes a data directory of one exported file, or of several that continue each other, and opens
/// a new epoch in it. The keys are those of the last file that has them; without any, whatever is
/// sealed reads as erased.
///
/// # Errors
/// When a file is damaged, something is missing between them, the directory holds a log, or the
/// master key is not that of the keys. Nothing is left behind then.
pub fn import(
    files: &[PathBuf],
    directory: &Path,
    master_key: &MasterKey,
    options: &RebuildOptions,
    progress: &mut dyn FnMut(VerifyProgress),
) -> Result<Rebuilt, ImportError> {
    let mut parts = Vec::with_capacity(files.len());
    for file in files {
        parts.push(PartReader::open(file)?);
    }
    let headers: Vec<_> = parts.iter().map(|part| *part.header()).collect();
    follow(files, &headers)?;
    let total = headers.last().map_or(GlobalPosition::ZERO, |header| header.last);
    let keys_of = headers.iter().rposition(|header| header.with_keys);
    let mut rebuild = Rebuild::begin(directory)?;
    let mut ring = None;
    for (place, part) in parts.into_iter().enumerate() {
        let keys = (keys_of == Some(place)).then_some((&mut ring, master_key));
        take_part(part, &mut rebuild, keys, total, progress)?;
    }
    let last = headers.iter().map(|header| header.keys).max().unwrap_or(KeyNumber(0));
    let ring = match ring {
        Some(mut ring) => {
            // A later file without keys was sealed with some that are not here.
            ring.destroyed_until(last).map_err(RebuildError::from)?;
            Ring::Copied(ring)
        }
        None => Ring::Without(last, master_key.clone()),
    };
    Ok(rebuild.finish(ring, options, progress)?)
}

/// Whether any of these exported files has keys, for which their master key is needed.
///
/// # Errors
/// When one is no export, or its header is damaged.
pub fn holds_keys(files: &[PathBuf]) -> Result<bool, PartError> {
    let mut any = false;
    for file in files {
        any |= PartReader::open(file)?.header().with_keys;
    }
    Ok(any)
}

/// Each begins where the one before it ends.
pub(super) fn follow(files: &[PathBuf], headers: &[PartHeader]) -> Result<(), ImportError> {
    let (mut next, mut chain, mut log) = (GlobalPosition::FIRST, ChainHash::start(), None);
    for (path, header) in files.iter().zip(headers) {
        let log_id = *log.get_or_insert(header.identity.log_id);
        if header.first != next {
            let (path, first) = (path.clone(), header.first);
            return Err(ImportError::NotNext { path, first, next });
        }
        if header.identity.log_id != log_id || header.chain_before != chain {
            return Err(ImportError::OtherLog { path: path.clone() });
        }
        (next, chain) = (header.last.next(), header.chain);
    }
    Ok(())
}

/// Takes a whole part; its keys only where they are asked for.
pub(super) fn take_part(
    mut part: PartReader,
    rebuild: &mut Rebuild,
    mut ring: Option<(&mut Option<RingFile>, &MasterKey)>,
    total: GlobalPosition,
    progress: &mut dyn FnMut(VerifyProgress),
) -> Result<(), ImportError> {
    while let Some(piece) = part.next()? {
        match piece {
            Piece::Frames(frames) => {
                frames.each(&part, |frame| rebuild.frame(frame).map_err(ImportError::from))?;
                progress(VerifyProgress { position: rebuild.kept().position, total });
            }
            Piece::Keys { first, slots } => {
                let Some((ring, master_key)) = &mut ring else { continue };
                let (header, slots) = slots.split_at(if first == 0 { SLOT_BYTES } else { 0 });
                match ring {
                    Some(ring) => ring.push(slots),
                    none => RingFile::create(&rebuild.ring_path(), header, Some(*master_key))
                        .and_then(|made| none.insert(made).push(slots)),
                }
                .map_err(RebuildError::from)?;
            }
        }
    }
    let header = part.header();
    if (rebuild.kept().position, rebuild.kept().chain) != (header.last, header.chain) {
        return Err(part.damaged(0, "its events do not lead to what its header says").into());
    }
    Ok(())
}
