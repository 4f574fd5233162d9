//! Earlier snapshots, for questions about the past: a fold up to a position begins at the nearest
//! one before it.
//!
//! They lie in a directory of their own, a hard link to what was the newest snapshot. Where there are
//! too many or they are too large, the ones that lie closest together give way first: the past stays
//! covered, and the farther it is the more is folded.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use domain::GlobalPosition;

use super::store::{SnapshotError, io_error};

/// Earlier snapshots of a model.
const FILES_MAX: usize = 32;
/// All of them together.
const BYTES_MAX: u64 = 1 << 30;

/// Where earlier snapshots lie.
pub(super) fn directory(snapshots: &Path) -> PathBuf {
    snapshots.join("earlier")
}

/// One of them.
struct Earlier {
    position: GlobalPosition,
    bytes: u64,
    path: PathBuf,
}

/// Those of a model, oldest first. `stem` is the name of its snapshot without the ending.
fn list(directory: &Path, stem: &str) -> Result<Vec<Earlier>, SnapshotError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io_error("read", directory)(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(io_error("read", directory))?;
        let name = entry.file_name();
        let place = name.to_str().and_then(|name| {
            let rest = name.strip_prefix(stem)?.strip_prefix('@')?;
            rest.strip_suffix(".snapshot")?.parse().ok()
        });
        if let Some(position) = place {
            let bytes = entry.metadata().map(|found| found.len()).unwrap_or_default();
            found.push(Earlier {
                position: GlobalPosition::new(position),
                bytes,
                path: entry.path(),
            });
        }
    }
    found.sort_unstable_by_key(|earlier| earlier.position);
    Ok(found)
}

/// The nearest ones up to a position, the last one first.
pub(super) fn up_to(
    directory: &Path,
    stem: &str,
    until: GlobalPosition,
) -> Result<impl Iterator<Item = PathBuf>, SnapshotError> {
    let mut found = list(directory, stem)?;
    found.retain(|earlier| earlier.position <= until);
    Ok(found.into_iter().rev().map(|earlier| earlier.path))
}

/// Keeps the newest snapshot as an earlier one, where the last of these is so many events away.
pub(super) fn keep(
    directory: &Path,
    stem: &str,
    (newest, position): (&Path, GlobalPosition),
    every_events: u64,
) -> Result<(), SnapshotError> {
    let mut found = list(directory, stem)?;
    let last = found.last().map_or(0, |earlier| earlier.position.get());
    if position.get().saturating_sub(last) < every_events.max(1) {
        return Ok(());
    }
    fs::create_dir_all(directory).map_err(io_error("make the directory", directory))?;
    let path = directory.join(format!("{stem}@{position}.snapshot"));
    fs::hard_link(newest, &path)
        .or_else(|_| fs::copy(newest, &path).map(drop))
        .map_err(io_error("keep a snapshot at", &path))?;
    let bytes = fs::metadata(&path).map(|found| found.len()).unwrap_or_default();
    found.push(Earlier { position, bytes, path });
    while let Some(place) = one_too_many(&found) {
        let gone = found.remove(place);
        fs::remove_file(&gone.path).map_err(io_error("remove", &gone.path))?;
    }
    Ok(())
}

/// Removes all of a model.
pub(super) fn remove(directory: &Path, stem: &str) -> Result<(), SnapshotError> {
    for earlier in list(directory, stem)? {
        fs::remove_file(&earlier.path).map_err(io_error("remove", &earlier.path))?;
    }
    Ok(())
}

/// The one whose neighbours are closest to each other; never the newest.
fn one_too_many(found: &[Earlier]) -> Option<usize> {
    let bytes: u64 = found.iter().map(|earlier| earlier.bytes).sum();
    if found.len() <= FILES_MAX && bytes <= BYTES_MAX {
        return None;
    }
    let at = |place: usize| found.get(place).map_or(0, |earlier| earlier.position.get());
    let gap = |place: usize| {
        let before = place.checked_sub(1).map_or(0, at);
        at(place + 1).saturating_sub(before)
    };
    // Of equal ones the oldest goes: it is asked for least.
    (0..found.len().checked_sub(1)?).min_by_key(|place| gap(*place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(directory: &Path) -> Vec<u64> {
        let found = list(directory, "model").expect("readable");
        found.iter().map(|earlier| earlier.position.get()).collect()
    }

    #[test]
    fn the_past_stays_covered_however_many_come() {
        let place = tempfile::tempdir().expect("a directory");
        let newest = place.path().join("model.snapshot");
        fs::write(&newest, b"rows").expect("written");
        let earlier = directory(place.path());
        for position in (10..=10_000).step_by(10) {
            let newest = (newest.as_path(), GlobalPosition::new(position));
            keep(&earlier, "model", newest, 10).expect("kept");
        }
        let kept = positions(&earlier);
        assert_eq!(kept.len(), FILES_MAX);
        assert_eq!(kept.last(), Some(&10_000));
        let widest = [0].iter().chain(&kept).zip(&kept).map(|(one, next)| next - one).max();
        assert!(widest.is_some_and(|gap| gap <= 1_000), "{kept:?}");
    }

    #[test]
    fn one_is_kept_only_so_far_from_the_last_and_found_by_position() {
        let place = tempfile::tempdir().expect("a directory");
        let newest = place.path().join("model.snapshot");
        fs::write(&newest, b"rows").expect("written");
        let earlier = directory(place.path());
        for position in [40, 100, 140, 230] {
            let newest = (newest.as_path(), GlobalPosition::new(position));
            keep(&earlier, "model", newest, 100).expect("kept");
        }
        assert_eq!(positions(&earlier), [100, 230]);
        let until = |position| {
            let found = up_to(&earlier, "model", GlobalPosition::new(position)).expect("readable");
            found.count()
        };
        assert_eq!([99, 100, 229, 230].map(until), [0, 1, 1, 2]);
        remove(&earlier, "model").expect("removed");
        assert!(positions(&earlier).is_empty());
    }
}
