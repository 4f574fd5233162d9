//! How much of a part was synced: two slots, written in turn, of which the larger valid one counts.
//! A slot that was torn by a power cut is the one that was not yet confirmed to anybody.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::files::{At, FileError};

const SLOT_BYTES: usize = 16;

pub(super) struct Offset {
    file: File,
    path: PathBuf,
    /// Where the next one is written.
    next: u64,
    value: u64,
}

impl Offset {
    /// A fresh file, which says that nothing has arrived. Its name is the caller's to sync.
    pub(super) fn create(path: &Path) -> Result<(), FileError> {
        let file = File::create(path).at("make", path)?;
        file.write_all_at(&[slot(0), slot(0)].concat(), 0).at("write", path)?;
        file.sync_all().at("sync", path)
    }

    /// Nothing when no slot is valid.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, FileError> {
        let file = File::options().read(true).write(true).open(path).at("open", path)?;
        let mut best = None;
        for place in 0..2 {
            let mut found = [0; SLOT_BYTES];
            if file.read_exact_at(&mut found, place * SLOT_BYTES as u64).is_err() {
                continue;
            }
            let [a, b, c, d, e, f, g, h, ..] = found;
            let value = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
            if slot(value) == found && best.is_none_or(|(known, _)| value >= known) {
                best = Some((value, 1 - place));
            }
        }
        Ok(best.map(|(value, next)| Self { file, path: path.to_owned(), next, value }))
    }

    pub(super) const fn get(&self) -> u64 {
        self.value
    }

    /// Durable when it answers.
    pub(super) fn set(&mut self, value: u64) -> Result<(), FileError> {
        let at = self.next * SLOT_BYTES as u64;
        self.file.write_all_at(&slot(value), at).at("write", &self.path)?;
        self.file.sync_data().at("sync", &self.path)?;
        self.next = 1 - self.next;
        self.value = value;
        Ok(())
    }
}

fn slot(value: u64) -> [u8; SLOT_BYTES] {
    let value = value.to_le_bytes();
    let mut slot = [0; SLOT_BYTES];
    slot[..8].copy_from_slice(&value);
    slot[8..].copy_from_slice(&blake3::hash(&value).as_bytes()[..8]);
    slot
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_slot_leaves_the_one_before() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("offset");
        Offset::create(&path).expect("made");
        let mut offset = Offset::open(&path).expect("opens").expect("valid");
        offset.set(10).expect("set");
        offset.set(20).expect("set");
        let place = (1 - offset.next) * SLOT_BYTES as u64;
        offset.file.write_all_at(&[7; 5], place).expect("torn");
        assert_eq!(Offset::open(&path).expect("opens").expect("valid").get(), 10);
    }

    #[test]
    fn without_a_valid_slot_there_is_no_offset() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("offset");
        std::fs::write(&path, [9; 32]).expect("written");
        assert!(Offset::open(&path).expect("opens").is_none());
        std::fs::write(&path, []).expect("written");
        assert!(Offset::open(&path).expect("opens").is_none());
    }
}
