//! The hash by which bytes are stored, named and found again.

use std::fmt;
use std::str::FromStr;

use crate::id::AttachmentId;
use crate::schema::text_schema;
use crate::text::text_over_number;

/// BLAKE3 of an attachment's bytes; people see it as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub [u8; 32]);

/// A text that is no hash of an attachment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no hash of an attachment; write the 64 lower-case hexadecimal digits of BLAKE3")]
pub struct ParseHashError(String);

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

fn decode(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

impl FromStr for ContentHash {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        decode(text).map(Self).ok_or_else(|| ParseHashError(text.chars().take(72).collect()))
    }
}

/// The first half of the hash.
impl From<ContentHash> for AttachmentId {
    fn from(ContentHash(bytes): ContentHash) -> Self {
        let (half, _) = bytes.split_at(16);
        Self::from_u128(half.iter().fold(0, |id, byte| id << 8 | u128::from(*byte)))
    }
}

text_over_number!(ContentHash, [u8; 32], |hash| hash.0, ContentHash);
text_schema!(
    ContentHash,
    "BLAKE3 of an attachment's bytes.",
    pattern "^[0-9a-f]{64}$",
    "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_hash_reads_back_from_its_text(bytes: [u8; 32]) {
            let hash = ContentHash(bytes);
            prop_assert_eq!(hash.to_string().parse(), Ok(hash));
        }

        #[test]
        fn attachments_sort_as_their_hashes_do(left: [u8; 32], right: [u8; 32]) {
            let (a, b) = (ContentHash(left), ContentHash(right));
            prop_assume!(left[..16] != right[..16]);
            prop_assert_eq!(a.cmp(&b), AttachmentId::from(a).cmp(&AttachmentId::from(b)));
        }
    }

    #[test]
    fn capitals_other_letters_and_other_lengths_are_refused() {
        let good = "0f".repeat(32);
        assert!(good.parse::<ContentHash>().is_ok());
        for bad in [good.to_uppercase(), good.replace('f', "g"), good[1..].into(), good + "00"] {
            assert!(bad.parse::<ContentHash>().is_err(), "{bad}");
        }
    }
}
