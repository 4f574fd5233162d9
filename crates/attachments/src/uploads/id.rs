//! How an upload is named towards its client.

use std::fmt;
use std::str::FromStr;

/// Names an upload. 128 random bits: whoever knows it may go on with the upload, and nobody
/// guesses it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadId(u128);

/// A text that names no upload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not the id of an upload; it looks like `up_` and 32 hexadecimal digits")]
pub struct ParseUploadIdError;

const MARK: &str = "up_";

impl UploadId {
    /// A fresh one.
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut bits = [0; 16];
        getrandom::fill(&mut bits)?;
        Ok(Self(u128::from_be_bytes(bits)))
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}{:032x}", self.0)
    }
}

impl fmt::Debug for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for UploadId {
    type Err = ParseUploadIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix(MARK).filter(|digits| digits.len() == 32);
        let digits = digits.ok_or(ParseUploadIdError)?;
        let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if !digits.bytes().all(lower) {
            return Err(ParseUploadIdError);
        }
        u128::from_str_radix(digits, 16).map(Self).map_err(|_| ParseUploadIdError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_one_text() {
        let id = UploadId(0xab);
        let text = id.to_string();
        assert_eq!(text.parse(), Ok(id));
        let other_texts = ["up_ab", "", "up_+0000000000000000000000000000ab1", "up_../../receipts"];
        for other in other_texts.iter().copied().chain([&*text.to_uppercase(), &text[1..]]) {
            assert_eq!(other.parse::<UploadId>(), Err(ParseUploadIdError), "{other}");
        }
    }
}
