//! The key ring in a file: slots of 128 bytes, each with one wrapped key.
//!
//! The file is written in place and only ever grows. A key is made by filling the next slot and
//! destroyed by overwriting its slot with zeros but for a mark. `docs/log-format.md` has the
//! bytes. Memory is bounded: keys beyond the caches are read again, and a subject whose key fell
//! out of the cache gets one more, which is why a destruction looks through the whole file.
//!
//! What this leaves out: file systems and disks that copy on write may keep overwritten bytes,
//! and backups of the file certainly do. Back the ring up with a shorter life than the log.

use std::fs::{File, OpenOptions};
use std::num::NonZeroUsize;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use domain::{StreamId, StreamKind};
use lru::LruCache;
use parking_lot::Mutex;

use super::master::{DerivedKey, Purpose};
use super::{KeyNumber, KeyRing, KeyRingError, MasterKey, RandomPool, SubjectKey};

pub(crate) const SLOT_BYTES: usize = 128;
pub(super) const MAGIC: &[u8; 8] = b"PDKEYS\r\n";
const FORMAT: u16 = 1;
const CHECK_TEXT: &[u8; 16] = b"paidan key check";

/// Slots are written as zeros ahead of use, so that a sync of a new key need not also record a
/// new length of the file.
const AHEAD_SLOTS: u64 = 1024;

/// A ring's file is read in pieces of this size.
const SCAN_BYTES: usize = 1024 * SLOT_BYTES;

/// How many subjects and how many keys are kept at hand: about 15 MiB when full.
const CACHED: NonZeroUsize = NonZeroUsize::new(65_536).expect("it is not zero");

const STATE_UNUSED: u8 = 0;
const STATE_LIVE: u8 = 1;
const STATE_DESTROYED: u8 = 2;

pub(super) enum Slot {
    Unused,
    Live { subject: StreamId },
    Destroyed,
    Damaged(&'static str),
}

struct Ring {
    /// The next slot that is free.
    next: u64,
    /// Slots before this one are in the file.
    written: u64,
    current: LruCache<StreamId, KeyNumber>,
    keys: LruCache<KeyNumber, Option<(StreamId, SubjectKey)>>,
}

/// A key ring in a directory of its own.
pub struct FileKeyRing {
    path: PathBuf,
    file: File,
    ring: Mutex<Ring>,
    random: RandomPool,
    wrapping: DerivedKey,
    fingerprint: DerivedKey,
    unsynced: AtomicBool,
    failed: AtomicBool,
}

impl FileKeyRing {
    /// Opens the ring in this directory, or makes an empty one.
    ///
    /// # Errors
    /// When the master key is another one, the file is damaged before its end, of a newer
    /// format, or cannot be read or written.
    pub fn open(directory: &Path, master: &MasterKey) -> Result<Self, KeyRingError> {
        let path = directory.join("ring");
        let io = |doing| {
            let path = path.clone();
            move |source| KeyRingError::Io { doing, path, source }
        };
        std::fs::create_dir_all(directory).map_err(io("create the directory of"))?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(io("open"))?;
        let bytes = file.metadata().map_err(io("read"))?.len();
        let ring = Ring {
            next: 1,
            written: 1,
            current: LruCache::new(CACHED),
            keys: LruCache::new(CACHED),
        };
        let this = Self {
            path,
            file,
            ring: Mutex::new(ring),
            random: RandomPool::new(),
            wrapping: DerivedKey(master.derive(Purpose::Wrapping)),
            fingerprint: DerivedKey(master.derive(Purpose::Fingerprints)),
            unsynced: AtomicBool::new(false),
            failed: AtomicBool::new(false),
        };
        // A header that was torn by a power cut belongs to a ring that never confirmed a key.
        if bytes < SLOT_BYTES as u64 {
            this.write_header()?;
        } else {
            this.check_header()?;
            this.scan_all()?;
            // A killed process may have left keys that only the system's memory has; from here on
            // they are used as if they were durable.
            this.file.sync_data().map_err(|source| this.io("sync", source))?;
        }
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(|source| this.io("sync", source))?;
        Ok(this)
    }

    fn io(&self, doing: &'static str, source: std::io::Error) -> KeyRingError {
        KeyRingError::Io { doing, path: self.path.clone(), source }
    }

    fn damaged(&self, number: u64, what: &'static str) -> KeyRingError {
        KeyRingError::Damaged { path: self.path.clone(), number, what }
    }

    fn write_header(&self) -> Result<(), KeyRingError> {
        let nonce: [u8; 24] = self.random.take()?;
        let check = self
            .cipher()
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: CHECK_TEXT, aad: MAGIC })
            .map_err(|_| KeyRingError::Cipher)?;
        let mut slot = [0; SLOT_BYTES];
        slot[..8].copy_from_slice(MAGIC);
        slot[8..10].copy_from_slice(&FORMAT.to_le_bytes());
        slot[10..34].copy_from_slice(&nonce);
        slot[34..66].copy_from_slice(&check);
        finish(&mut slot, 0);
        self.file.write_all_at(&slot, 0).map_err(|source| self.io("write", source))?;
        self.file.sync_all().map_err(|source| self.io("sync", source))
    }

    fn check_header(&self) -> Result<(), KeyRingError> {
        let mut slot = [0; SLOT_BYTES];
        self.file.read_exact_at(&mut slot, 0).map_err(|source| self.io("read", source))?;
        if &slot[..8] != MAGIC {
            return Err(self.damaged(0, "it is no key ring"));
        }
        if !is_whole(&slot, 0) {
            return Err(self.damaged(0, "its header fails its checksum"));
        }
        let found = u16::from_le_bytes([slot[8], slot[9]]);
        if found > FORMAT {
            return Err(KeyRingError::NewerFormat {
                path: self.path.clone(),
                found,
                known: FORMAT,
            });
        }
        check_wrapping(&self.cipher(), &slot, &self.path)
    }

    /// Finds the next free slot and the current keys; refuses damage before the tail.
    fn scan_all(&self) -> Result<(), KeyRingError> {
        let mut last_used = 0;
        let mut broken: Option<(u64, &'static str)> = None;
        let ring = &mut *self.ring.lock();
        ring.written = self.scan(1, u64::MAX, |number, slot| {
            match slot {
                Slot::Unused => return Ok(()),
                Slot::Damaged(what) if broken.is_none() => broken = Some((number, what)),
                Slot::Damaged(_) => {}
                Slot::Live { subject } => {
                    ring.current.put(subject, KeyNumber(number));
                }
                Slot::Destroyed => {}
            }
            if let Some((torn, what)) = broken.filter(|(torn, _)| *torn < number) {
                return Err(self.damaged(torn, what));
            }
            last_used = number;
            Ok(())
        })?;
        if let Some((number, what)) = broken {
            // The last slot was being written when the power went: its key was never confirmed,
            // so nothing that counts was sealed with it.
            tracing::warn!(key.number = number, what, "cut off a torn key at the ring's end");
            self.write_slot(number, &destroyed_slot(number))?;
            self.file.sync_data().map_err(|source| self.io("sync", source))?;
        }
        ring.next = last_used + 1;
        ring.written = ring.written.max(ring.next);
        Ok(())
    }

    /// Hands the slots of this range to `each`, in order; says where the file ends.
    fn scan(
        &self,
        from: u64,
        until: u64,
        mut each: impl FnMut(u64, Slot) -> Result<(), KeyRingError>,
    ) -> Result<u64, KeyRingError> {
        let mut buffer = vec![0; SCAN_BYTES];
        let mut number = from;
        while number < until {
            let offset = number * SLOT_BYTES as u64;
            let read =
                read_up_to(&self.file, &mut buffer, offset).map_err(|e| self.io("read", e))?;
            let whole = read / SLOT_BYTES;
            for slot in buffer[..whole * SLOT_BYTES].chunks_exact(SLOT_BYTES) {
                if number == until {
                    return Ok(number);
                }
                each(number, parse(slot, number))?;
                number += 1;
            }
            if read < SCAN_BYTES {
                break;
            }
        }
        Ok(number)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&self.wrapping.0).into())
    }

    /// Whatever was written before may be gone when this fails, whoever wrote it.
    fn sync_now(&self) -> Result<(), KeyRingError> {
        self.file.sync_data().map_err(|source| {
            self.failed.store(true, Ordering::Release);
            self.io("sync", source)
        })
    }

    fn write_slot(&self, number: u64, slot: &[u8; SLOT_BYTES]) -> Result<(), KeyRingError> {
        self.file
            .write_all_at(slot, number * SLOT_BYTES as u64)
            .map_err(|source| self.io("write", source))
    }

    fn make_key(&self, ring: &mut Ring, subject: StreamId) -> Result<KeyNumber, KeyRingError> {
        let number = ring.next;
        if number >= ring.written {
            let zeros = vec![0; (AHEAD_SLOTS as usize) * SLOT_BYTES];
            self.file
                .write_all_at(&zeros, number * SLOT_BYTES as u64)
                .map_err(|source| self.io("extend", source))?;
            ring.written = number + AHEAD_SLOTS;
        }
        let key = SubjectKey::new(self.random.take()?);
        let nonce: [u8; 24] = self.random.take()?;
        let wrapped = self
            .cipher()
            .encrypt(
                XNonce::from_slice(&nonce),
                Payload { msg: key.bytes(), aad: &bound_to(number, subject) },
            )
            .map_err(|_| KeyRingError::Cipher)?;
        let mut slot = [0; SLOT_BYTES];
        slot[0] = STATE_LIVE;
        slot[1] = subject.kind() as u8;
        slot[2..18].copy_from_slice(&subject.id().to_le_bytes());
        slot[18..42].copy_from_slice(&nonce);
        slot[42..90].copy_from_slice(&wrapped);
        finish(&mut slot, number);
        self.write_slot(number, &slot)?;
        self.unsynced.store(true, Ordering::Release);
        ring.next = number + 1;
        ring.current.put(subject, KeyNumber(number));
        ring.keys.put(KeyNumber(number), Some((subject, key)));
        Ok(KeyNumber(number))
    }

    fn key(
        &self,
        ring: &mut Ring,
        number: KeyNumber,
    ) -> Result<Option<(StreamId, SubjectKey)>, KeyRingError> {
        if let Some(known) = ring.keys.get(&number) {
            return Ok(known.clone());
        }
        if number.0 == 0 || number.0 >= ring.next {
            return Err(KeyRingError::Missing { number: number.0 });
        }
        let mut slot = [0; SLOT_BYTES];
        self.file
            .read_exact_at(&mut slot, number.0 * SLOT_BYTES as u64)
            .map_err(|source| self.io("read", source))?;
        let key = match parse(&slot, number.0) {
            Slot::Unused => return Err(KeyRingError::Missing { number: number.0 }),
            Slot::Damaged(what) => return Err(self.damaged(number.0, what)),
            Slot::Destroyed => None,
            Slot::Live { subject } => {
                let wrapped = Payload { msg: &slot[42..90], aad: &bound_to(number.0, subject) };
                let plain = zeroize::Zeroizing::new(
                    self.cipher()
                        .decrypt(XNonce::from_slice(&slot[18..42]), wrapped)
                        .map_err(|_| self.damaged(number.0, "it does not unwrap"))?,
                );
                let bytes: [u8; 32] = plain
                    .as_slice()
                    .try_into()
                    .map_err(|_| self.damaged(number.0, "its key has a wrong length"))?;
                Some((subject, SubjectKey::new(bytes)))
            }
        };
        ring.keys.put(number, key.clone());
        Ok(key)
    }
}

impl std::fmt::Debug for FileKeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileKeyRing").field("path", &self.path).finish_non_exhaustive()
    }
}

impl KeyRing for FileKeyRing {
    fn sealing_key(&self, subject: StreamId) -> Result<(KeyNumber, SubjectKey), KeyRingError> {
        let ring = &mut *self.ring.lock();
        if let Some(number) = ring.current.get(&subject).copied()
            && let Some((_, key)) = self.key(ring, number)?
        {
            return Ok((number, key));
        }
        let number = self.make_key(ring, subject)?;
        self.key(ring, number)?
            .map(|(_, key)| (number, key))
            .ok_or(KeyRingError::Missing { number: number.0 })
    }

    fn opening_key(
        &self,
        subject: StreamId,
        number: KeyNumber,
    ) -> Result<Option<SubjectKey>, KeyRingError> {
        match self.key(&mut self.ring.lock(), number)? {
            Some((owner, key)) if owner == subject => Ok(Some(key)),
            Some(_) => Err(KeyRingError::Missing { number: number.0 }),
            None => Ok(None),
        }
    }

    fn sync(&self) -> Result<(), KeyRingError> {
        if self.failed.load(Ordering::Acquire) {
            // The system forgets what it could not write, so a second sync would lie.
            return Err(self.io("sync", std::io::Error::other("an earlier sync failed")));
        }
        if self.unsynced.swap(false, Ordering::AcqRel) {
            self.sync_now()?;
        }
        Ok(())
    }

    fn destroy(&self, subject: StreamId) -> Result<u64, KeyRingError> {
        let mut numbers = Vec::new();
        let mut collect = |number, slot| match slot {
            Slot::Live { subject: owner } if owner == subject => {
                numbers.push(number);
                Ok(())
            }
            Slot::Damaged(what) => Err(self.damaged(number, what)),
            Slot::Live { .. } | Slot::Unused | Slot::Destroyed => Ok(()),
        };
        // The long part goes without the lock, because slots only change by a destruction; only
        // those made meanwhile are looked through while nobody can make more.
        let looked_through = self.ring.lock().next;
        self.scan(1, looked_through, &mut collect)?;
        let ring = &mut *self.ring.lock();
        self.scan(looked_through, ring.next, &mut collect)?;
        ring.current.pop(&subject);
        for number in &numbers {
            ring.keys.put(KeyNumber(*number), None);
        }
        for number in &numbers {
            self.write_slot(*number, &destroyed_slot(*number))?;
        }
        self.sync_now()?;
        Ok(numbers.len() as u64)
    }

    fn last_number(&self) -> KeyNumber {
        KeyNumber(self.ring.lock().next - 1)
    }

    fn fingerprint_key(&self) -> &[u8; 32] {
        &self.fingerprint.0
    }
}

/// Whether a ring with this header was written under this master key.
pub(super) fn check_master_key(
    header: &[u8; SLOT_BYTES],
    master: &MasterKey,
    path: &Path,
) -> Result<(), KeyRingError> {
    let wrapping = DerivedKey(master.derive(Purpose::Wrapping));
    check_wrapping(&XChaCha20Poly1305::new((&wrapping.0).into()), header, path)
}

fn check_wrapping(
    cipher: &XChaCha20Poly1305,
    header: &[u8; SLOT_BYTES],
    path: &Path,
) -> Result<(), KeyRingError> {
    let check = Payload { msg: &header[34..66], aad: MAGIC };
    match cipher.decrypt(XNonce::from_slice(&header[10..34]), check) {
        Ok(text) if text == CHECK_TEXT => Ok(()),
        _ => Err(KeyRingError::WrongMasterKey { path: path.to_path_buf() }),
    }
}

pub(super) fn read_up_to(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn bound_to(number: u64, subject: StreamId) -> [u8; 25] {
    let mut out = [0; 25];
    out[..8].copy_from_slice(&number.to_le_bytes());
    out[8] = subject.kind() as u8;
    out[9..].copy_from_slice(&subject.id().to_le_bytes());
    out
}

fn checksum(slot: &[u8], number: u64) -> [u8; 4] {
    // The number is a part of it, so that a slot in the wrong place is found.
    crc32c::crc32c_append(crc32c::crc32c(&number.to_le_bytes()), &slot[..SLOT_BYTES - 4])
        .to_le_bytes()
}

fn finish(slot: &mut [u8; SLOT_BYTES], number: u64) {
    let sum = checksum(slot, number);
    slot[SLOT_BYTES - 4..].copy_from_slice(&sum);
}

pub(super) fn is_whole(slot: &[u8], number: u64) -> bool {
    slot[SLOT_BYTES - 4..] == checksum(slot, number)
}

pub(super) fn destroyed_slot(number: u64) -> [u8; SLOT_BYTES] {
    let mut slot = [0; SLOT_BYTES];
    slot[0] = STATE_DESTROYED;
    finish(&mut slot, number);
    slot
}

pub(super) fn parse(slot: &[u8], number: u64) -> Slot {
    if slot.iter().all(|byte| *byte == 0) {
        return Slot::Unused;
    }
    if !is_whole(slot, number) {
        return Slot::Damaged("it fails its checksum");
    }
    match slot[0] {
        STATE_LIVE => {
            let mut id = [0; 16];
            id.copy_from_slice(&slot[2..18]);
            StreamKind::from_u8(slot[1]).map_or(Slot::Damaged("its subject is unknown"), |kind| {
                Slot::Live { subject: StreamId::new(kind, u128::from_le_bytes(id)) }
            })
        }
        STATE_DESTROYED => Slot::Destroyed,
        STATE_UNUSED => Slot::Damaged("an unused slot is not empty"),
        _ => Slot::Damaged("its state is unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::TicketId;

    fn master() -> MasterKey {
        MasterKey::from_bytes([3; 32])
    }

    fn ticket(number: u128) -> StreamId {
        TicketId::from_u128(number).into()
    }

    fn ring(directory: &Path) -> FileKeyRing {
        FileKeyRing::open(directory, &master()).expect("opens")
    }

    fn three_keys(directory: &Path) -> Vec<(StreamId, KeyNumber, SubjectKey)> {
        let ring = ring(directory);
        let keys = (1..=3)
            .map(|number| {
                let (place, key) = ring.sealing_key(ticket(number)).expect("made");
                (ticket(number), place, key)
            })
            .collect();
        ring.sync().expect("synced");
        keys
    }

    fn write_at(directory: &Path, number: u64, offset: u64, bytes: &[u8]) {
        let file = OpenOptions::new().write(true).open(directory.join("ring")).expect("opens");
        file.write_all_at(bytes, number * SLOT_BYTES as u64 + offset).expect("written");
    }

    #[test]
    fn keys_are_the_same_after_reopening_and_a_subject_keeps_its_own() {
        let dir = tempfile::tempdir().expect("a directory");
        let made = three_keys(dir.path());
        let ring = ring(dir.path());
        for (subject, number, key) in made {
            let found = ring.opening_key(subject, number).expect("reads").expect("is there");
            assert_eq!(found.bytes(), key.bytes());
            assert_eq!(ring.sealing_key(subject).expect("reads").0, number);
        }
    }

    #[test]
    fn no_key_stands_in_the_file_in_the_clear() {
        let dir = tempfile::tempdir().expect("a directory");
        let made = three_keys(dir.path());
        let bytes = std::fs::read(dir.path().join("ring")).expect("reads");
        for (_, _, key) in made {
            assert!(!bytes.windows(32).any(|window| window == key.bytes()));
        }
    }

    #[test]
    fn a_destroyed_key_is_gone_for_good_and_its_number_is_not_used_again() {
        let dir = tempfile::tempdir().expect("a directory");
        three_keys(dir.path());
        {
            let ring = ring(dir.path());
            assert_eq!(ring.destroy(ticket(3)).expect("destroyed"), 1);
            let gone = ring.opening_key(ticket(3), KeyNumber(3)).expect("reads");
            assert!(gone.is_none());
        }
        let ring = ring(dir.path());
        let gone = ring.opening_key(ticket(3), KeyNumber(3)).expect("reads");
        assert!(gone.is_none());
        assert_eq!(ring.sealing_key(ticket(3)).expect("made").0, KeyNumber(4));
    }

    #[test]
    fn all_keys_of_a_subject_are_destroyed() {
        let dir = tempfile::tempdir().expect("a directory");
        let ring = ring(dir.path());
        for _ in 0..3 {
            ring.sealing_key(ticket(1)).expect("made");
            ring.ring.lock().current.clear();
        }
        assert_eq!(ring.destroy(ticket(1)).expect("destroyed"), 3);
        assert_eq!(ring.last_number(), KeyNumber(3));
    }

    #[test]
    fn a_torn_slot_at_the_end_is_tolerated() {
        let dir = tempfile::tempdir().expect("a directory");
        three_keys(dir.path());
        write_at(dir.path(), 4, 0, &[0xaa; 40]);
        let ring = ring(dir.path());
        assert_eq!(ring.sealing_key(ticket(9)).expect("made").0, KeyNumber(5));
        drop(ring);
        FileKeyRing::open(dir.path(), &master()).expect("opens again");
    }

    #[test]
    fn a_damaged_slot_before_the_end_is_named() {
        let dir = tempfile::tempdir().expect("a directory");
        three_keys(dir.path());
        write_at(dir.path(), 2, 50, &[0xaa]);
        let refused = FileKeyRing::open(dir.path(), &master());
        assert!(matches!(refused, Err(KeyRingError::Damaged { number: 2, .. })), "{refused:?}");
    }

    #[test]
    fn a_ring_of_a_newer_format_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        three_keys(dir.path());
        let bytes = std::fs::read(dir.path().join("ring")).expect("reads");
        let mut header = [0; SLOT_BYTES];
        header.copy_from_slice(&bytes[..SLOT_BYTES]);
        header[8..10].copy_from_slice(&2_u16.to_le_bytes());
        finish(&mut header, 0);
        write_at(dir.path(), 0, 0, &header);
        let refused = FileKeyRing::open(dir.path(), &master());
        assert!(matches!(refused, Err(KeyRingError::NewerFormat { found: 2, .. })), "{refused:?}");
    }
}
