//! The hash chain over the records: one value for every position.
//!
//! leaf(p) = BLAKE3(record bytes of p); chain(p) = BLAKE3(chain(p − 1) ‖ leaf(p)). The value
//! depends on the records alone, not on how they were grouped or on the backend. Anchors,
//! snapshots and exports name a place in the log by (log id, epoch, position, chain).

use std::fmt;
use std::str::FromStr;

/// What the chain's start value is the hash of.
const START_TEXT: &[u8] = b"paidan log chain v1";

/// The chain's value at one position: it stands for every record up to there.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash(pub [u8; 32]);

impl ChainHash {
    /// The value at position zero, before the first record: BLAKE3 of the ASCII text
    /// `paidan log chain v1`.
    pub fn start() -> Self {
        Self(*blake3::hash(START_TEXT).as_bytes())
    }

    /// The value after one more record, given its stored bytes.
    #[must_use]
    pub fn then(&self, record: &[u8]) -> Self {
        let leaf = blake3::hash(record);
        let mut both = [0; 64];
        both[..32].copy_from_slice(&self.0);
        both[32..].copy_from_slice(leaf.as_bytes());
        Self(*blake3::hash(&both).as_bytes())
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not a chain value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a chain value is 64 hexadecimal digits")]
pub struct ParseChainHashError;

impl FromStr for ChainHash {
    type Err = ParseChainHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        crate::hex::decode(text).map(Self).ok_or(ParseChainHashError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_value_never_changes() {
        assert_eq!(ChainHash::start().0, *blake3::hash(b"paidan log chain v1").as_bytes());
    }

    #[test]
    fn a_changed_order_of_records_changes_the_value() {
        let start = ChainHash::start();
        assert_ne!(start.then(b"a").then(b"b"), start.then(b"b").then(b"a"));
    }

    #[test]
    fn a_value_reads_back_from_its_text() {
        let value = ChainHash::start().then(b"record");
        assert_eq!(value.to_string().parse(), Ok(value));
        assert!("xyz".parse::<ChainHash>().is_err());
    }
}
