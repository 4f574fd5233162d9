//! The bytes of a snapshot: a header that says what it is of, and the model's body.
//!
//! Little-endian: magic (8), format (2), projection version (4), projection name (32, padded with
//! zeros), log id (16), epoch (8), position (8), chain value (32), rule-set version (4), BLAKE3 of the
//! rules that the past is counted by (32, zeros: as recorded), length of the body (8), BLAKE3 of all of
//! these and the body (32), body.

use domain::{Epoch, GlobalPosition, RuleSetVersion};
use eventlog::{ChainHash, LogIdentity};

const MAGIC: &[u8; 8] = b"PDNSNAP\n";
const FORMAT: u16 = 2;
const NAME_BYTES: usize = 32;
const HASH_BYTES: usize = 32;
/// Everything before the hash.
const FIELD_BYTES: usize = 8 + 2 + 4 + NAME_BYTES + 16 + 8 + 8 + 32 + 4 + HASH_BYTES + 8;

/// What a snapshot is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) version: u32,
    pub(super) identity: LogIdentity,
    pub(super) position: GlobalPosition,
    pub(super) chain: ChainHash,
    pub(super) rule_set: RuleSetVersion,
    pub(super) recount: [u8; HASH_BYTES],
}

/// Why bytes are not a whole snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum FileError {
    #[error("it is no snapshot")]
    Magic,
    #[error("its format {0} is not this release's")]
    Format(u16),
    #[error("it is damaged")]
    Damaged,
}

fn hash(fields: &[u8], body: &[u8]) -> blake3::Hash {
    blake3::Hasher::new().update(fields).update(body).finalize()
}

/// Header and body as one file.
pub(super) fn write(header: &Header, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(FIELD_BYTES + HASH_BYTES + body.len());
    let mut name = [0; NAME_BYTES];
    for (byte, letter) in name.iter_mut().zip(header.name.bytes()) {
        *byte = letter;
    }
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&FORMAT.to_le_bytes());
    bytes.extend_from_slice(&header.version.to_le_bytes());
    bytes.extend_from_slice(&name);
    bytes.extend_from_slice(&header.identity.log_id.to_le_bytes());
    bytes.extend_from_slice(&header.identity.epoch.get().to_le_bytes());
    bytes.extend_from_slice(&header.position.get().to_le_bytes());
    bytes.extend_from_slice(&header.chain.0);
    bytes.extend_from_slice(&header.rule_set.get().to_le_bytes());
    bytes.extend_from_slice(&header.recount);
    bytes.extend_from_slice(&(body.len() as u64).to_le_bytes());
    let hash = hash(&bytes, body);
    bytes.extend_from_slice(hash.as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], FileError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(FileError::Damaged)?;
        self.0 = rest;
        Ok(*taken)
    }
}

/// Header and body of a file whose hash holds.
pub(super) fn read(bytes: &[u8]) -> Result<(Header, &[u8]), FileError> {
    let mut fields = Fields(bytes);
    if fields.take::<8>().map_err(|_| FileError::Magic)? != *MAGIC {
        return Err(FileError::Magic);
    }
    let format = u16::from_le_bytes(fields.take()?);
    if format != FORMAT {
        return Err(FileError::Format(format));
    }
    let version = u32::from_le_bytes(fields.take()?);
    let name: [u8; NAME_BYTES] = fields.take()?;
    let log_id = u128::from_le_bytes(fields.take()?);
    let epoch = Epoch::new(u64::from_le_bytes(fields.take()?));
    let position = GlobalPosition::new(u64::from_le_bytes(fields.take()?));
    let chain = ChainHash(fields.take()?);
    let rule_set = RuleSetVersion::new(u32::from_le_bytes(fields.take()?));
    let recount: [u8; HASH_BYTES] = fields.take()?;
    let length = u64::from_le_bytes(fields.take()?);
    let stored: [u8; HASH_BYTES] = fields.take()?;
    let body = fields.0;
    let whole = bytes.get(..FIELD_BYTES).is_some_and(|written| {
        body.len() as u64 == length && hash(written, body) == blake3::Hash::from_bytes(stored)
    });
    if !whole {
        return Err(FileError::Damaged);
    }
    let letters = name.split(|byte| *byte == 0).next().unwrap_or_default();
    let header = Header {
        name: String::from_utf8_lossy(letters).into_owned(),
        version,
        identity: LogIdentity { log_id, epoch },
        position,
        chain,
        rule_set,
        recount,
    };
    Ok((header, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            name: "open_tickets".into(),
            version: 3,
            identity: LogIdentity { log_id: 1 << 100, epoch: Epoch::FIRST },
            position: GlobalPosition::new(50_000),
            chain: ChainHash::start(),
            rule_set: RuleSetVersion::new(2),
            recount: [7; HASH_BYTES],
        }
    }

    #[test]
    fn a_snapshot_reads_back() {
        let bytes = write(&header(), b"rows");
        assert_eq!(read(&bytes), Ok((header(), b"rows".as_slice())));
    }

    #[test]
    fn each_changed_missing_or_added_byte_is_noticed() {
        let bytes = write(&header(), b"rows");
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 0x10;
            assert!(read(&changed).is_err(), "byte {place}");
            assert!(read(&bytes[..place]).is_err(), "cut at {place}");
        }
        assert_eq!(read(&[bytes, vec![0]].concat()), Err(FileError::Damaged));
    }
}
