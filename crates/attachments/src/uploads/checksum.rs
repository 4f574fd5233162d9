//! What a client says its bytes hash to (the checksum extension of tus).

use std::fmt;

use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A way to hash what one request brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// What tus asks every server for. Finds accidents; against malice there is the content hash.
    Sha1,
    /// The better one.
    Sha256,
}

impl Algorithm {
    /// All, the better one first.
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Sha1];

    /// Its name in tus.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// The length of its digests, in bytes.
    pub const fn digest_bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the bytes of one request are to hash to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    /// How.
    pub algorithm: Algorithm,
    /// To what. A digest of another length than the algorithm's matches nothing.
    pub digest: Vec<u8>,
}

/// Hashes as bytes come, for one checksum.
pub(super) struct Checking {
    expected: Checksum,
    so_far: SoFar,
}

enum SoFar {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checking {
    pub(super) fn new(expected: Checksum) -> Self {
        let so_far = match expected.algorithm {
            Algorithm::Sha1 => SoFar::Sha1(Sha1::new()),
            Algorithm::Sha256 => SoFar::Sha256(Sha256::new()),
        };
        Self { expected, so_far }
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        self.expected.algorithm
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match &mut self.so_far {
            SoFar::Sha1(hasher) => hasher.update(bytes),
            SoFar::Sha256(hasher) => hasher.update(bytes),
        }
    }

    pub(super) fn matches(self) -> bool {
        match self.so_far {
            SoFar::Sha1(hasher) => hasher.finalize()[..] == self.expected.digest[..],
            SoFar::Sha256(hasher) => hasher.finalize()[..] == self.expected.digest[..],
        }
    }
}
