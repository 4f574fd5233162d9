//! A small file beside the log that remembers how far the log was, because sled opens a file that
//! was cut off without a word.
//!
//! It says two things: up to where events are durable, written after every commit; and up to
//! where a commit was being tried, written before it. Both go to the page cache at once, so they
//! are exact when the process dies, and to the disk at least each second, so they are a second
//! old at worst after a power cut. Two slots take turns: a torn write leaves the other one.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use domain::{Epoch, GlobalPosition};

use crate::keys::KeyNumber;
use crate::{ChainHash, LogIdentity};

const MAGIC: &[u8; 8] = b"PDWITN\r\n";
const FORMAT: u16 = 1;
const SLOT_BYTES: usize = 128;
/// The slots lie in different blocks of the disk.
const SLOT_DISTANCE: u64 = 4096;
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// What a witness saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Of which log.
    pub identity: LogIdentity,
    /// Events up to here were durable.
    pub durable: GlobalPosition,
    /// The chain's value there.
    pub chain: ChainHash,
    /// Events up to here were on their way to the disk, not confirmed to anybody.
    pub attempted: GlobalPosition,
    /// The key ring had keys up to this number.
    pub keys: KeyNumber,
}

/// Why the witness cannot say.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// Neither slot is whole.
    #[error(
        "the witness file {path} is damaged, so nobody can tell whether the log is whole; \
         verify the log and make a new witness, or restore a backup"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Reading or writing failed.
    #[error("could not {doing} the witness file {path}")]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// The witness file, open for writing.
#[derive(Debug)]
pub(crate) struct Witness {
    path: PathBuf,
    file: File,
    sequence: u64,
    seen: Seen,
    unsynced: bool,
    synced_at: Instant,
}

impl Witness {
    /// What the file says; `None` where there is none.
    pub(crate) fn read(path: &Path) -> Result<Option<Seen>, WitnessError> {
        Ok(Self::read_slots(path)?.map(|(_, seen)| seen))
    }

    fn read_slots(path: &Path) -> Result<Option<(u64, Seen)>, WitnessError> {
        let io = |source| WitnessError::Io { doing: "read", path: path.to_path_buf(), source };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io(error)),
        };
        let mut newest: Option<(u64, Seen)> = None;
        for place in [0, SLOT_DISTANCE] {
            let mut slot = [0; SLOT_BYTES];
            match file.read_exact_at(&mut slot, place) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => continue,
                Err(error) => return Err(io(error)),
            }
            if let Some((sequence, seen)) = decode(&slot)
                && newest.as_ref().is_none_or(|(known, _)| *known < sequence)
            {
                newest = Some((sequence, seen));
            }
        }
        newest.map(Some).ok_or_else(|| WitnessError::Damaged { path: path.to_path_buf() })
    }

    /// Opens the file for writing, or makes it, and states what is known now, synced. The name of
    /// one that was made is durable once its directory is synced.
    pub(crate) fn open(path: &Path, seen: Seen) -> Result<Self, WitnessError> {
        let before = match Self::read_slots(path) {
            Ok(before) => before,
            // Whoever comes here has decided already that a damaged one is to be replaced.
            Err(WitnessError::Damaged { .. }) => None,
            Err(error) => return Err(error),
        };
        // One without a whole slot is never seen under its name, so that a process that dies here
        // leaves no witness rather than a damaged one.
        let fresh = path.with_extension("new");
        let written_at = if before.is_some() { path } else { &fresh };
        let file = OpenOptions::new()
            .write(true)
            .create(before.is_none())
            .truncate(before.is_none())
            .open(written_at)
            .map_err(|source| WitnessError::Io {
                doing: "open",
                path: written_at.into(),
                source,
            })?;
        let mut witness = Self {
            path: path.to_path_buf(),
            file,
            sequence: before.map_or(0, |(sequence, _)| sequence),
            seen,
            unsynced: true,
            synced_at: Instant::now(),
        };
        witness.write()?;
        witness.sync()?;
        if before.is_none() {
            std::fs::rename(&fresh, path).map_err(|source| witness.io("name", source))?;
        }
        Ok(witness)
    }

    /// Notes that events up to here are about to be written, and how many keys are durable.
    pub(crate) fn attempt(
        &mut self,
        position: GlobalPosition,
        keys: KeyNumber,
    ) -> Result<(), WitnessError> {
        self.seen.attempted = position;
        self.seen.keys = keys;
        self.write()
    }

    /// Notes that events up to here are durable; syncs when the last sync is a second ago.
    pub(crate) fn durable(
        &mut self,
        position: GlobalPosition,
        chain: ChainHash,
    ) -> Result<(), WitnessError> {
        self.seen.durable = position;
        self.seen.chain = chain;
        self.write()?;
        self.sync_if_due()
    }

    /// Syncs when something is unsynced for a second.
    pub(crate) fn sync_if_due(&mut self) -> Result<(), WitnessError> {
        if self.unsynced && self.synced_at.elapsed() >= SYNC_EVERY { self.sync() } else { Ok(()) }
    }

    /// Makes what was noted survive a power cut.
    pub(crate) fn sync(&mut self) -> Result<(), WitnessError> {
        if self.unsynced {
            self.file.sync_data().map_err(|source| self.io("sync", source))?;
            self.unsynced = false;
        }
        self.synced_at = Instant::now();
        Ok(())
    }

    fn write(&mut self) -> Result<(), WitnessError> {
        self.sequence += 1;
        let slot = encode(self.sequence, &self.seen);
        let place = (self.sequence % 2) * SLOT_DISTANCE;
        self.file.write_all_at(&slot, place).map_err(|source| self.io("write", source))?;
        self.unsynced = true;
        Ok(())
    }

    fn io(&self, doing: &'static str, source: std::io::Error) -> WitnessError {
        WitnessError::Io { doing, path: self.path.clone(), source }
    }
}

fn encode(sequence: u64, seen: &Seen) -> [u8; SLOT_BYTES] {
    let mut slot = [0; SLOT_BYTES];
    slot[..8].copy_from_slice(MAGIC);
    slot[8..10].copy_from_slice(&FORMAT.to_le_bytes());
    slot[16..24].copy_from_slice(&sequence.to_le_bytes());
    slot[24..40].copy_from_slice(&seen.identity.log_id.to_le_bytes());
    slot[40..48].copy_from_slice(&seen.identity.epoch.get().to_le_bytes());
    slot[48..56].copy_from_slice(&seen.durable.get().to_le_bytes());
    slot[56..88].copy_from_slice(&seen.chain.0);
    slot[88..96].copy_from_slice(&seen.attempted.get().to_le_bytes());
    slot[96..104].copy_from_slice(&seen.keys.0.to_le_bytes());
    let sum = crc32c::crc32c(&slot[..SLOT_BYTES - 4]);
    slot[SLOT_BYTES - 4..].copy_from_slice(&sum.to_le_bytes());
    slot
}

fn decode(slot: &[u8; SLOT_BYTES]) -> Option<(u64, Seen)> {
    let sum = crc32c::crc32c(&slot[..SLOT_BYTES - 4]);
    let format = u16::from_le_bytes([slot[8], slot[9]]);
    if &slot[..8] != MAGIC || slot[SLOT_BYTES - 4..] != sum.to_le_bytes() || format != FORMAT {
        return None;
    }
    let number = |from: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&slot[from..from + 8]);
        u64::from_le_bytes(bytes)
    };
    let mut log_id = [0; 16];
    log_id.copy_from_slice(&slot[24..40]);
    let mut chain = [0; 32];
    chain.copy_from_slice(&slot[56..88]);
    let seen = Seen {
        identity: LogIdentity {
            log_id: u128::from_le_bytes(log_id),
            epoch: Epoch::new(number(40)),
        },
        durable: GlobalPosition::new(number(48)),
        chain: ChainHash(chain),
        attempted: GlobalPosition::new(number(88)),
        keys: KeyNumber(number(96)),
    };
    Some((number(16), seen))
}

/// For fuzzing: a slot of any bytes.
#[cfg(feature = "conformance")]
pub(crate) fn decode_any(bytes: &[u8]) {
    if let Some((slot, _)) = bytes.split_first_chunk()
        && let Some((sequence, seen)) = decode(slot)
    {
        assert_eq!(decode(&encode(sequence, &seen)), Some((sequence, seen)));
    }
}

/// For fuzzing: a whole slot.
#[cfg(feature = "conformance")]
pub(crate) fn sample() -> Vec<u8> {
    let seen = Seen {
        identity: LogIdentity { log_id: 7, epoch: Epoch::FIRST },
        durable: GlobalPosition::new(5),
        chain: ChainHash::start(),
        attempted: GlobalPosition::new(6),
        keys: KeyNumber(2),
    };
    encode(3, &seen).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(position: u64) -> Seen {
        Seen {
            identity: LogIdentity { log_id: 7, epoch: Epoch::FIRST },
            durable: GlobalPosition::new(position),
            chain: ChainHash::start(),
            attempted: GlobalPosition::new(position),
            keys: KeyNumber(0),
        }
    }

    #[test]
    fn a_torn_write_leaves_what_was_seen_before() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("witness");
        let mut witness = Witness::open(&path, seen(1)).expect("opens");
        witness.durable(GlobalPosition::new(2), ChainHash::start()).expect("writes");
        let torn = (witness.sequence % 2) * SLOT_DISTANCE;
        witness.file.write_all_at(&[0xff; 60], torn).expect("tears");
        let left = Witness::read(&path).expect("reads").expect("is there");
        assert_eq!(left.durable, GlobalPosition::new(1));
    }

    #[test]
    fn a_witness_whose_making_was_broken_off_was_never_there() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("witness");
        // As a process leaves it that dies before its first slot is written.
        std::fs::write(path.with_extension("new"), [0xaa; 60]).expect("written");
        assert!(Witness::read(&path).expect("reads").is_none());
        Witness::open(&path, seen(1)).expect("opens");
        assert_eq!(Witness::read(&path).expect("reads"), Some(seen(1)));
        let left: Vec<_> = std::fs::read_dir(dir.path()).expect("reads").flatten().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn a_witness_without_a_whole_slot_is_named() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("witness");
        std::fs::write(&path, [0xaa; 5000]).expect("written");
        let refused = Witness::read(&path);
        assert!(matches!(refused, Err(WitnessError::Damaged { .. })), "{refused:?}");
    }
}
