//! The keys that seal personal data: one at a time per subject, apart from the log.
//!
//! The log asks a [`KeyRing`] for a key before it seals the personal part of an event, and again
//! when it reads one. A key that was destroyed is gone for good: what it sealed reads as
//! [`domain::Personal::Erased`], and the chain still verifies, because it covers the sealed bytes.
//!
//! A subject may have several keys over time: a new one after a destruction, and a new one when
//! a ring no longer has the old one at hand. Each has its own number, which stands beside what it
//! sealed. Destroying a subject destroys all of its keys.

mod file_ring;
mod master;
mod memory_ring;
mod random;
mod seal;
mod slots;

use std::path::PathBuf;

use domain::StreamId;
use zeroize::Zeroize;

pub use file_ring::FileKeyRing;
pub use master::{MasterKey, MasterKeyError};
pub use memory_ring::MemoryKeyRing;
pub(crate) use random::RandomPool;
pub(crate) use seal::{Opened, Sealed, open, seal};
pub use slots::RingTally;
pub(crate) use slots::{RingFile, RingSlots, SLOT_BYTES};

/// Numbers the keys of one ring from 1; a number is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyNumber(pub u64);

/// A key that seals the personal data of one subject. Erased from memory when dropped.
#[derive(Clone)]
pub struct SubjectKey([u8; 32]);

impl SubjectKey {
    /// A key of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for SubjectKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SubjectKey(..)")
    }
}

/// Keeps the keys.
///
/// - [`KeyRing::sealing_key`] makes a key where none is at hand; it survives a power cut once
///   [`KeyRing::sync`] has returned.
/// - [`KeyRing::opening_key`] never makes one.
/// - After [`KeyRing::destroy`] has returned, no key that sealed anything of the subject before
///   can be had again, also after a power cut.
pub trait KeyRing: Send + Sync + 'static {
    /// A key to seal with, and its number.
    ///
    /// # Errors
    /// When a key could not be made, stored or read.
    fn sealing_key(&self, subject: StreamId) -> Result<(KeyNumber, SubjectKey), KeyRingError>;

    /// The key with this number; `None` when it was destroyed.
    ///
    /// # Errors
    /// When the ring is damaged or cannot be read.
    fn opening_key(
        &self,
        subject: StreamId,
        number: KeyNumber,
    ) -> Result<Option<SubjectKey>, KeyRingError>;

    /// Makes every key that was handed out survive a power cut. Cheap when none is new.
    ///
    /// # Errors
    /// When the sync failed; what was sealed with new keys must not be confirmed then.
    fn sync(&self) -> Result<(), KeyRingError>;

    /// Destroys all keys of a subject; says how many there were.
    ///
    /// # Errors
    /// When a key could not be overwritten, or damage leaves open whose key one was. Repeat it.
    fn destroy(&self, subject: StreamId) -> Result<u64, KeyRingError>;

    /// The highest number that was ever given to a key; zero when there was none.
    fn last_number(&self) -> KeyNumber;

    /// The key for fingerprints of commands; it belongs to the ring's master key.
    fn fingerprint_key(&self) -> &[u8; 32];
}

/// Why a key could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingError {
    /// The ring was written under another master key.
    #[error(
        "the master key is not the one that the keys in {path} were wrapped with; \
         give the right one, or personal data cannot be read"
    )]
    WrongMasterKey {
        /// The ring's file.
        path: PathBuf,
    },
    /// Bytes in the ring are not what was written.
    #[error("key {number} in {path} is damaged ({what}); restore the key ring from its backup")]
    Damaged {
        /// The ring's file.
        path: PathBuf,
        /// The key's number; zero for the file's header.
        number: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The ring was written by a newer release.
    #[error("the key ring {path} has format {found}, newer than {known}; upgrade")]
    NewerFormat {
        /// The ring's file.
        path: PathBuf,
        /// Its format version.
        found: u16,
        /// The newest that this release knows.
        known: u16,
    },
    /// A sealed part names a key that the ring never had.
    #[error("key {number} is not in the key ring; the ring is older than the log, restore it")]
    Missing {
        /// The key's number.
        number: u64,
    },
    /// The sealing itself failed.
    #[error("the cipher refused to work")]
    Cipher,
    /// No randomness was to be had.
    #[error("the operating system gave no random bytes")]
    Randomness(#[source] getrandom::Error),
    /// Reading or writing the ring failed.
    #[error("could not {doing} the key ring {path}")]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// The ring's file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}
