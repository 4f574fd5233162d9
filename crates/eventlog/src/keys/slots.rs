//! Copies of a ring's file, slot by slot: the keys stay wrapped, so nobody needs the master key.
//!
//! A number is never used again, so a copy has every number up to its last. One that is not there
//! or cannot be read becomes a destroyed one, and is named: what it sealed reads as erased.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

pub(crate) use super::file_ring::SLOT_BYTES;
use super::file_ring::{
    MAGIC, Slot, check_master_key, destroyed_slot, is_whole, parse, read_up_to,
};
use super::{KeyNumber, KeyRingError, MasterKey};

/// A slot may be read while it is written; it is read so often before it counts as damaged.
const READS_MAX: usize = 3;

/// How many keys a ring has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RingTally {
    /// Keys that are there.
    pub live: u64,
    /// Keys that are gone: destroyed, or never there.
    pub destroyed: u64,
}

impl RingTally {
    /// The highest number.
    pub const fn last(self) -> KeyNumber {
        KeyNumber(self.live + self.destroyed)
    }
}

/// Reads the slots of a ring's file.
pub(crate) struct RingSlots {
    path: PathBuf,
    file: File,
}

impl RingSlots {
    /// Opens a file, also one that a server writes to.
    pub(crate) fn open(path: &Path) -> Result<Self, KeyRingError> {
        let file = File::open(path).map_err(io("open", path))?;
        Ok(Self { path: path.to_path_buf(), file })
    }

    /// The header.
    pub(crate) fn header(&self) -> Result<[u8; SLOT_BYTES], KeyRingError> {
        let mut slot = [0; SLOT_BYTES];
        let read = read_up_to(&self.file, &mut slot, 0).map_err(io("read", &self.path))?;
        if read == SLOT_BYTES && &slot[..8] == MAGIC && is_whole(&slot, 0) {
            return Ok(slot);
        }
        Err(damaged(&self.path, 0, "its header is damaged"))
    }

    /// The last number that any key of this file had.
    pub(crate) fn last(&self) -> Result<KeyNumber, KeyRingError> {
        let bytes = self.file.metadata().map_err(io("read", &self.path))?.len();
        let mut last = 0;
        let mut buffer = vec![0; 1024 * SLOT_BYTES];
        let mut number = 0;
        while number * (SLOT_BYTES as u64) < bytes {
            let offset = number * SLOT_BYTES as u64;
            let read =
                read_up_to(&self.file, &mut buffer, offset).map_err(io("read", &self.path))?;
            for slot in buffer[..read].chunks_exact(SLOT_BYTES) {
                if number > 0 && slot.iter().any(|byte| *byte != 0) {
                    last = number;
                }
                number += 1;
            }
            if read < buffer.len() {
                break;
            }
        }
        Ok(KeyNumber(last))
    }

    /// The slots of these numbers, each whole. Those that are not there, or cannot be read, come
    /// as destroyed ones; the latter are added to `lost`.
    pub(crate) fn slots(
        &self,
        first: u64,
        count: usize,
        lost: &mut Vec<KeyNumber>,
    ) -> Result<Vec<u8>, KeyRingError> {
        let mut out = Vec::with_capacity(count * SLOT_BYTES);
        for number in first..first + count as u64 {
            let slot = match self.read(number)? {
                Read::Whole(slot) => slot,
                // Numbers that were left out by a power cut sealed nothing.
                Read::Unused => destroyed_slot(number),
                Read::Lost => {
                    lost.push(KeyNumber(number));
                    destroyed_slot(number)
                }
            };
            out.extend_from_slice(&slot);
        }
        Ok(out)
    }

    /// Whether this ring says that a key was destroyed.
    fn has_destroyed(&self, number: u64) -> Result<bool, KeyRingError> {
        Ok(match self.read(number)? {
            Read::Whole(slot) => matches!(parse(&slot, number), Slot::Destroyed),
            Read::Unused | Read::Lost => false,
        })
    }

    fn read(&self, number: u64) -> Result<Read, KeyRingError> {
        let offset = number * SLOT_BYTES as u64;
        for _ in 0..READS_MAX {
            let mut slot = [0; SLOT_BYTES];
            let read = read_up_to(&self.file, &mut slot, offset).map_err(io("read", &self.path))?;
            if read < SLOT_BYTES {
                return Ok(Read::Lost);
            }
            match parse(&slot, number) {
                Slot::Live { .. } | Slot::Destroyed => return Ok(Read::Whole(slot)),
                Slot::Unused => return Ok(Read::Unused),
                Slot::Damaged(_) => {}
            }
        }
        Ok(Read::Lost)
    }
}

enum Read {
    Whole([u8; SLOT_BYTES]),
    Unused,
    /// After the file's end, or damaged.
    Lost,
}

/// A ring's file that is being made.
pub(crate) struct RingFile {
    path: PathBuf,
    to: BufWriter<File>,
    tally: RingTally,
}

impl RingFile {
    /// Starts a new file with this header, which the master key has to fit where one is given.
    pub(crate) fn create(
        path: &Path,
        header: &[u8],
        master_key: Option<&MasterKey>,
    ) -> Result<Self, KeyRingError> {
        let whole = header.first_chunk().filter(|_| header.len() == SLOT_BYTES);
        let whole = whole.filter(|header| header[..8] == *MAGIC && is_whole(&header[..], 0));
        let header = whole.ok_or_else(|| damaged(path, 0, "its header is damaged"))?;
        if let Some(master_key) = master_key {
            check_master_key(header, master_key, path)?;
        }
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(io("create", path))?;
        let mut to = BufWriter::new(file);
        to.write_all(header).map_err(io("write", path))?;
        Ok(Self { path: path.to_path_buf(), to, tally: RingTally::default() })
    }

    /// Goes on with a file that has a header and no key yet.
    pub(crate) fn fill(path: &Path) -> Result<Self, KeyRingError> {
        let header = RingSlots::open(path)?.header()?;
        std::fs::remove_file(path).map_err(io("remove", path))?;
        Self::create(path, &header, None)
    }

    /// Adds the slots that come next.
    pub(crate) fn push(&mut self, slots: &[u8]) -> Result<(), KeyRingError> {
        for slot in slots.chunks(SLOT_BYTES) {
            let number = self.tally.last().0 + 1;
            if slot.len() < SLOT_BYTES {
                return Err(damaged(&self.path, number, "it is cut off"));
            }
            match parse(slot, number) {
                Slot::Live { .. } => self.tally.live += 1,
                Slot::Destroyed => self.tally.destroyed += 1,
                Slot::Unused => return Err(damaged(&self.path, number, "it is empty")),
                Slot::Damaged(what) => return Err(damaged(&self.path, number, what)),
            }
            self.to.write_all(slot).map_err(io("write", &self.path))?;
        }
        Ok(())
    }

    /// Adds slots as [`RingFile::push`], but for those that another, newer ring has destroyed;
    /// says how many of them were there until then.
    pub(crate) fn push_unless_erased(
        &mut self,
        slots: &[u8],
        newer: &RingSlots,
    ) -> Result<u64, KeyRingError> {
        let mut erased = 0;
        for slot in slots.chunks(SLOT_BYTES) {
            let number = self.tally.last().0 + 1;
            if newer.has_destroyed(number)? {
                erased += u64::from(matches!(parse(slot, number), Slot::Live { .. }));
                self.push(&destroyed_slot(number))?;
            } else {
                self.push(slot)?;
            }
        }
        Ok(erased)
    }

    /// Marks all numbers up to this one as destroyed.
    pub(crate) fn destroyed_until(&mut self, last: KeyNumber) -> Result<(), KeyRingError> {
        while self.tally.last() < last {
            self.push(&destroyed_slot(self.tally.last().0 + 1))?;
        }
        Ok(())
    }

    /// Syncs it.
    pub(crate) fn finish(mut self) -> Result<RingTally, KeyRingError> {
        self.to.flush().map_err(io("write", &self.path))?;
        self.to.get_ref().sync_all().map_err(io("sync", &self.path))?;
        Ok(self.tally)
    }
}

fn io<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> KeyRingError + 'a {
    move |source| KeyRingError::Io { doing, path: path.to_path_buf(), source }
}

fn damaged(path: &Path, number: u64, what: &'static str) -> KeyRingError {
    KeyRingError::Damaged { path: path.to_path_buf(), number, what }
}
