//! Content hashes as people and file systems see them: 64 lower-case hexadecimal digits.

use domain::ContentHash;

/// The hash in hexadecimal.
pub fn hash_text(hash: ContentHash) -> String {
    blake3::Hash::from_bytes(hash.0).to_hex().to_string()
}

/// The hash that this text stands for; nothing when it is not 64 lower-case hexadecimal digits.
/// One hash has one text, so that it also has one place in a store.
pub fn parse_hash(text: &str) -> Option<ContentHash> {
    let lower = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let hash = blake3::Hash::from_hex(text).ok().filter(|_| lower)?;
    Some(ContentHash(*hash.as_bytes()))
}

/// Where bytes with this hash lie in a store: `ab/cd/abcd…`. Two levels keep a directory below a
/// few thousand entries for a hundred million attachments.
pub(crate) fn location(hash: ContentHash) -> String {
    let text = hash_text(hash);
    format!("{}/{}/{text}", &text[..2], &text[2..4])
}

/// The hash of the bytes that lie there; nothing when no bytes of a store could.
pub(crate) fn at_location(path: &str) -> Option<ContentHash> {
    let hash = parse_hash(path.rsplit('/').next()?)?;
    (location(hash) == path).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_reads_back_from_its_text_and_its_place() {
        let hash = ContentHash(*blake3::hash(b"a").as_bytes());
        assert_eq!(parse_hash(&hash_text(hash)), Some(hash));
        assert_eq!(at_location(&location(hash)), Some(hash));
    }

    #[test]
    fn other_texts_are_no_hashes() {
        let text = hash_text(ContentHash([0xab; 32]));
        for other in [&text[1..], &text.to_uppercase(), "", "../../etc/passwd", &format!("{text}0")]
        {
            assert_eq!(parse_hash(other), None, "{other}");
        }
        assert_eq!(at_location(&format!("ab/aa/{text}")), None);
        assert_eq!(at_location(&text), None);
    }
}
