//! Where something stands in a file.

use serde::Serialize;

/// A line and a column, both from 1; columns are letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Place {
    /// Where a byte of a text stands; the end, where it has fewer.
    pub fn of(text: &str, byte: usize) -> Self {
        let before = &text[..text.floor_char_boundary(byte)];
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        Self { line: before.matches('\n').count() + 1, column: before[start..].chars().count() + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_letters() {
        let text = "规则 = 1\nzone = 2";
        let of = |byte| {
            let Place { line, column } = Place::of(text, byte);
            (line, column)
        };
        assert_eq!(of(0), (1, 1));
        assert_eq!(of(text.find('=').expect("a sign")), (1, 4));
        assert_eq!(of(text.find("zone").expect("a key")), (2, 1));
        assert_eq!(of(10_000), (2, 9));
    }
}
