//! The bytes of a part: a stretch of a log in one file, for exports and backups alike.
//!
//! A header, blocks, a trailer, each with a checksum of its own, so that a fault is found before
//! anything of it is used, and named by its place. `docs/log-format.md` has the layout. Blocks are
//! compressed one by one and bounded in both sizes, so reading needs little memory.

use std::path::PathBuf;

use domain::{Epoch, GlobalPosition};

use crate::codec::Cursor;
use crate::keys::KeyNumber;
use crate::{ChainHash, LogIdentity};

/// The newest format of a part that this release knows.
pub const PART_FORMAT: u16 = 1;

pub(super) const MAGIC: &[u8; 8] = b"PDPART\r\n";
pub(super) const BLOCK_MAGIC: &[u8; 4] = b"PDB\x01";
pub(super) const END_MAGIC: &[u8; 4] = b"PDE\x01";

pub(super) const HEADER_BYTES: usize = 144;
pub(super) const BLOCK_HEADER_BYTES: usize = 48;
pub(super) const END_BYTES: usize = 80;
const SUM_BYTES: usize = 16;

/// A block's content is at most this long; a block is closed once it holds half of it.
pub(super) const BLOCK_BYTES_MAX: usize = 1024 * 1024;

/// Why a part cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// Its bytes are not what was written.
    #[error(
        "{path} is damaged at byte {offset}, where position {position} comes next: {what}; take \
         another copy of it"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in the file the faulty piece begins, in bytes from 0.
        offset: u64,
        /// The first position that could not be read.
        position: GlobalPosition,
        /// What is wrong.
        what: String,
    },
    /// It is something else.
    #[error("{path} is no export of a log")]
    NotAPart {
        /// The file.
        path: PathBuf,
    },
    /// A newer release wrote it.
    #[error("{path} has format {found}, newer than {PART_FORMAT}; use the release that wrote it")]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u16,
    },
    /// There is a file of this name.
    #[error("{path} is there already; name another file, or move it away")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("could not {doing} {path}")]
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

/// What a part says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartHeader {
    pub(crate) identity: LogIdentity,
    /// The first position.
    pub(crate) first: GlobalPosition,
    /// The last position, which its header names before it is written.
    pub(crate) last: GlobalPosition,
    /// The chain's value before the first.
    pub(crate) chain_before: ChainHash,
    /// The chain's value at the last.
    pub(crate) chain: ChainHash,
    /// The last key number that the log's ring had.
    pub(crate) keys: KeyNumber,
    /// Whether the keys are in it, wrapped.
    pub(crate) with_keys: bool,
}

impl PartHeader {
    pub(super) fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        out[..8].copy_from_slice(MAGIC);
        out[8..10].copy_from_slice(&PART_FORMAT.to_le_bytes());
        out[10] = u8::from(self.with_keys);
        out[16..32].copy_from_slice(&self.identity.log_id.to_le_bytes());
        out[32..40].copy_from_slice(&self.identity.epoch.get().to_le_bytes());
        out[40..48].copy_from_slice(&self.first.get().to_le_bytes());
        out[48..56].copy_from_slice(&self.last.get().to_le_bytes());
        out[56..88].copy_from_slice(&self.chain_before.0);
        out[88..120].copy_from_slice(&self.chain.0);
        out[120..128].copy_from_slice(&self.keys.0.to_le_bytes());
        seal(&mut out);
        out
    }

    /// The header in these bytes, whose beginning was looked at before.
    pub(super) fn decode(bytes: &[u8; HEADER_BYTES]) -> Result<Self, &'static str> {
        if !is_whole(bytes) {
            return Err("the header fails its checksum");
        }
        let mut at = Cursor::new(&bytes[10..HEADER_BYTES - SUM_BYTES]);
        let with_keys = match at.u8()? {
            0 => false,
            1 => true,
            _ => return Err("the header says neither that keys follow nor that they do not"),
        };
        at.take(5)?;
        let header = Self {
            identity: LogIdentity { log_id: at.u128()?, epoch: Epoch::new(at.u64()?) },
            first: GlobalPosition::new(at.u64()?),
            last: GlobalPosition::new(at.u64()?),
            chain_before: ChainHash(at.array()?),
            chain: ChainHash(at.array()?),
            keys: KeyNumber(at.u64()?),
            with_keys,
        };
        if header.first == GlobalPosition::ZERO || header.last < header.first {
            return Err("the header's positions are impossible");
        }
        Ok(header)
    }

    /// How many events it has.
    pub(crate) const fn events(&self) -> u64 {
        self.last.get() - self.first.get() + 1
    }
}

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Frames, each after its length as u32; `first` and `last` are positions.
    Frames = 1,
    /// Slots of the key ring; `first` and `last` are numbers.
    Keys = 2,
}

/// What stands before a block's compressed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BlockHeader {
    pub(super) kind: Kind,
    pub(super) first: u64,
    pub(super) last: u64,
    /// Length of the content.
    pub(super) raw: usize,
    /// Length of the compressed content.
    pub(super) stored: usize,
}

impl BlockHeader {
    /// The header of a block with this compressed content.
    pub(super) fn encode(&self, stored: &[u8]) -> [u8; BLOCK_HEADER_BYTES] {
        let mut out = [0; BLOCK_HEADER_BYTES];
        out[..4].copy_from_slice(BLOCK_MAGIC);
        out[4] = self.kind as u8;
        out[8..16].copy_from_slice(&self.first.to_le_bytes());
        out[16..24].copy_from_slice(&self.last.to_le_bytes());
        out[24..28].copy_from_slice(&(self.raw as u32).to_le_bytes());
        out[28..32].copy_from_slice(&(self.stored as u32).to_le_bytes());
        let sum = block_sum(&out, stored);
        out[32..].copy_from_slice(&sum);
        out
    }

    /// The header in these bytes. Its checksum covers the content, so it is looked at then.
    pub(super) fn decode(bytes: &[u8; BLOCK_HEADER_BYTES]) -> Result<Self, &'static str> {
        let mut at = Cursor::new(&bytes[..]);
        if at.array::<4>()? != *BLOCK_MAGIC {
            return Err("neither a block nor the end begins here");
        }
        let kind = match at.u8()? {
            1 => Kind::Frames,
            2 => Kind::Keys,
            _ => return Err("a block is of an unknown kind"),
        };
        at.take(3)?;
        let (first, last) = (at.u64()?, at.u64()?);
        let (raw, stored) = (at.u32()? as usize, at.u32()? as usize);
        if raw > BLOCK_BYTES_MAX || stored > 2 * BLOCK_BYTES_MAX || last < first {
            return Err("a block's header is impossible");
        }
        Ok(Self { kind, first, last, raw, stored })
    }
}

/// Whether a block's checksum holds.
pub(super) fn is_block_whole(header: &[u8; BLOCK_HEADER_BYTES], stored: &[u8]) -> bool {
    header[32..] == block_sum(header, stored)
}

fn block_sum(header: &[u8; BLOCK_HEADER_BYTES], stored: &[u8]) -> [u8; SUM_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&header[..32]).update(stored);
    first_half(hasher.finalize())
}

/// What stands at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub(super) events: u64,
    pub(super) blocks: u64,
    pub(super) last: GlobalPosition,
    pub(super) chain: ChainHash,
}

impl End {
    pub(super) fn encode(&self) -> [u8; END_BYTES] {
        let mut out = [0; END_BYTES];
        out[..4].copy_from_slice(END_MAGIC);
        out[8..16].copy_from_slice(&self.events.to_le_bytes());
        out[16..24].copy_from_slice(&self.blocks.to_le_bytes());
        out[24..32].copy_from_slice(&self.last.get().to_le_bytes());
        out[32..64].copy_from_slice(&self.chain.0);
        seal(&mut out);
        out
    }

    pub(super) fn decode(bytes: &[u8; END_BYTES]) -> Result<Self, &'static str> {
        if !is_whole(bytes) {
            return Err("the end fails its checksum");
        }
        let mut at = Cursor::new(&bytes[8..]);
        Ok(Self {
            events: at.u64()?,
            blocks: at.u64()?,
            last: GlobalPosition::new(at.u64()?),
            chain: ChainHash(at.array()?),
        })
    }
}

fn first_half(hash: blake3::Hash) -> [u8; SUM_BYTES] {
    let mut out = [0; SUM_BYTES];
    out.copy_from_slice(&hash.as_bytes()[..SUM_BYTES]);
    out
}

/// Puts a checksum of all before it at the end.
fn seal(bytes: &mut [u8]) {
    let (body, sum) = bytes.split_at_mut(bytes.len() - SUM_BYTES);
    sum.copy_from_slice(&first_half(blake3::hash(body)));
}

fn is_whole(bytes: &[u8]) -> bool {
    let (body, sum) = bytes.split_at(bytes.len() - SUM_BYTES);
    sum == first_half(blake3::hash(body))
}
