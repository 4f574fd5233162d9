//! A part of bytes, as HTTP asks for it (RFC 9110, section 14).

use std::ops::Range;

/// What of the bytes is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// All.
    Whole,
    /// These.
    Some(Range<u64>),
    /// None of what was asked for is there.
    Nothing,
}

/// Reads the header. What is not understood, and more than one range, is as if nothing was asked
/// for, which the standard allows.
pub(super) fn part(header: Option<&str>, bytes: u64) -> Part {
    let Some(asked) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else {
        return Part::Whole;
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let Some((first, last)) = asked.trim().split_once('-') else { return Part::Whole };
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..bytes.min(last.saturating_add(1)),
        (Some(first), None) if last.is_empty() => first..bytes,
        (None, Some(last)) if first.is_empty() => bytes.saturating_sub(last)..bytes,
        _ => return Part::Whole,
    };
    if range.start >= range.end { Part::Nothing } else { Part::Some(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_what_is_there() {
        let ten = |header: &str| part(Some(header), 10);
        assert_eq!(ten("bytes=0-3"), Part::Some(0..4));
        assert_eq!(ten("bytes=4-"), Part::Some(4..10));
        assert_eq!(ten("bytes=-3"), Part::Some(7..10));
        assert_eq!(ten("bytes=-99"), Part::Some(0..10));
        assert_eq!(ten("bytes=8-99999999999999999999999"), Part::Some(8..10));
    }

    #[test]
    fn what_is_not_there_and_what_is_not_understood_are_told_apart() {
        for nothing in ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99999999999999999999-"] {
            assert_eq!(part(Some(nothing), 10), Part::Nothing, "{nothing}");
        }
        for strange in
            ["", "bytes", "bytes=", "bytes=3-2", "bytes=a-b", "bytes=0-1,3-4", "lines=1-2"]
        {
            assert_eq!(part(Some(strange), 10), Part::Whole, "{strange}");
        }
        assert_eq!(part(None, 10), Part::Whole);
        assert_eq!(part(Some("bytes=0-0"), 0), Part::Nothing);
    }
}
