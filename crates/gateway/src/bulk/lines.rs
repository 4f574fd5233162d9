//! A body that comes in pieces, line by line, never with more than one line in memory beyond the
//! piece that came last.

use std::ops::Range;

/// A line that is not empty, with its number in the body, from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) number: u64,
    /// Nothing where it is too long, which is all that is known of it.
    pub(super) text: Option<&'a [u8]>,
}

#[derive(Debug)]
pub(super) struct Lines {
    bytes_max: usize,
    held: Vec<u8>,
    /// Where the next line begins in `held`.
    at: usize,
    /// Up to here there is no end of a line.
    searched: usize,
    /// Lines that have begun.
    count: u64,
    /// The line that has begun is too long: the rest of it is thrown away.
    skipping: bool,
}

impl Lines {
    pub(super) const fn new(bytes_max: usize) -> Self {
        Self { bytes_max, held: Vec::new(), at: 0, searched: 0, count: 1, skipping: false }
    }

    /// The number of the line that comes next or has begun.
    pub(super) const fn number(&self) -> u64 {
        self.count
    }

    /// Takes a piece; before it, [`Lines::next`] must have answered that there is nothing.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.held.drain(..self.at);
        self.searched -= self.at;
        self.at = 0;
        if self.skipping || self.searched > self.bytes_max {
            self.skipping = true;
            self.held.clear();
            self.searched = 0;
        }
        self.held.extend_from_slice(piece);
    }

    /// The next line that is whole.
    pub(super) fn next(&mut self) -> Option<Line<'_>> {
        loop {
            let rest = self.held.get(self.searched..)?;
            let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
                self.searched = self.held.len();
                return None;
            };
            let end = self.searched + length;
            let (range, number) = (self.at..end, self.count);
            (self.at, self.searched, self.count) = (end + 1, end + 1, self.count + 1);
            if let Some(found) = self.found(range) {
                let text = found.map(|range| &self.held[range]);
                return Some(Line { number, text });
            }
        }
    }

    /// The last line, which need not end like the others; the body must have come to its end.
    pub(super) fn last(&mut self) -> Option<Line<'_>> {
        let (range, number) = (self.at..self.held.len(), self.count);
        let text = self.found(range)?.map(|range| &self.held[range]);
        Some(Line { number, text })
    }

    /// Where the line is, without the space around it; nothing where nothing else is there.
    fn found(&mut self, range: Range<usize>) -> Option<Option<Range<usize>>> {
        if std::mem::take(&mut self.skipping) || range.len() > self.bytes_max {
            return Some(None);
        }
        let text = &self.held[range.clone()];
        let before = text.len() - text.trim_ascii_start().len();
        let length = text.trim_ascii().len();
        (length > 0).then_some(Some(range.start + before..range.start + before + length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number and text of every line of a body in pieces; `-` for one that is too long.
    fn read(pieces: &[&str], bytes_max: usize) -> Vec<(u64, String)> {
        let mut lines = Lines::new(bytes_max);
        let mut found = Vec::new();
        let told = |line: Line<'_>| {
            let text = line.text.unwrap_or(b"-");
            (line.number, String::from_utf8_lossy(text).into_owned())
        };
        for piece in pieces {
            lines.push(piece.as_bytes());
            while let Some(line) = lines.next() {
                found.push(told(line));
            }
            assert!(lines.held.len() <= bytes_max + 1 + piece.len(), "it holds more than a line");
        }
        found.extend(lines.last().map(told));
        found
    }

    fn expected(lines: &[(u64, &str)]) -> Vec<(u64, String)> {
        lines.iter().map(|(number, text)| (*number, (*text).to_owned())).collect()
    }

    #[test]
    fn lines_are_the_same_however_the_body_is_cut() {
        let body = "one\ntwo\r\n\n  three \nfour";
        let whole = expected(&[(1, "one"), (2, "two"), (4, "three"), (5, "four")]);
        assert_eq!(read(&[body], 10), whole);
        for cut in 0..body.len() {
            assert_eq!(read(&[&body[..cut], &body[cut..]], 10), whole, "cut at {cut}");
        }
        let bytes: Vec<_> = body.split("").collect();
        assert_eq!(read(&bytes, 10), whole);
    }

    #[test]
    fn a_line_that_is_too_long_is_one_line_and_those_after_it_are_whole() {
        let body = "12345\n123456\n1234567890123456789\nab\n";
        let whole = expected(&[(1, "12345"), (2, "-"), (3, "-"), (4, "ab")]);
        assert_eq!(read(&[body], 5), whole);
        for cut in 0..body.len() {
            assert_eq!(read(&[&body[..cut], &body[cut..]], 5), whole, "cut at {cut}");
        }
        let bytes: Vec<_> = body.split("").collect();
        assert_eq!(read(&bytes, 5), whole);
        assert_eq!(read(&["123456"], 5), expected(&[(1, "-")]));
    }
}
