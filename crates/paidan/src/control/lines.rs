//! Newline-delimited JSON, in lines of a bounded length.

use std::io::{self, BufRead, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// More than any line needs: a record of the log has 16 KiB, which JSON can make six times as
/// long.
pub(super) const LINE_BYTES_MAX: usize = 256 * 1024;

/// Why a line could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The connection failed.
    #[error("the connection failed")]
    Io(#[from] io::Error),
    /// The other side went away in the middle.
    #[error("the connection ended too early")]
    Ended,
    /// Nobody needs so long a line.
    #[error("a line is longer than {LINE_BYTES_MAX} bytes")]
    TooLong,
    /// The line is something else.
    #[error("a line is not what was expected")]
    Syntax(#[source] serde_json::Error),
}

/// Reads lines.
#[derive(Debug)]
pub(super) struct LineReader<R> {
    from: R,
    line: Vec<u8>,
}

impl<R: BufRead> LineReader<R> {
    pub(super) const fn new(from: R) -> Self {
        Self { from, line: Vec::new() }
    }

    /// The next line without its end; `None` where there is no more.
    pub(super) fn next_bytes(&mut self) -> Result<Option<&[u8]>, LineError> {
        self.line.clear();
        loop {
            let bytes = match self.from.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            if bytes.is_empty() {
                return if self.line.is_empty() { Ok(None) } else { Err(LineError::Ended) };
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let part = &bytes[..end.unwrap_or(bytes.len())];
            if self.line.len() + part.len() > LINE_BYTES_MAX {
                return Err(LineError::TooLong);
            }
            self.line.extend_from_slice(part);
            let used = part.len() + usize::from(end.is_some());
            self.from.consume(used);
            if end.is_some() {
                return Ok(Some(&self.line));
            }
        }
    }

    /// The value on the next line.
    pub(super) fn next<T: DeserializeOwned>(&mut self) -> Result<T, LineError> {
        let line = self.next_bytes()?.ok_or(LineError::Ended)?;
        parse(line)
    }
}

/// The value on a line.
pub(super) fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T, LineError> {
    serde_json::from_slice(line).map_err(LineError::Syntax)
}

/// Writes a value as one line. Nothing is written where it would be too long.
pub(super) fn write_line(to: &mut dyn Write, value: &impl Serialize) -> Result<(), LineError> {
    let mut line = serde_json::to_vec(value).map_err(LineError::Syntax)?;
    if line.len() > LINE_BYTES_MAX {
        return Err(LineError::TooLong);
    }
    line.push(b'\n');
    to.write_all(&line)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn reader(bytes: &[u8]) -> LineReader<BufReader<&[u8]>> {
        // A small buffer, so that lines come in parts.
        LineReader::new(BufReader::with_capacity(8, bytes))
    }

    #[test]
    fn lines_read_back_as_they_were_written() {
        let mut bytes = Vec::new();
        write_line(&mut bytes, &"派单\n").expect("memory");
        write_line(&mut bytes, &7).expect("memory");
        let mut lines = reader(&bytes);
        assert_eq!(lines.next::<String>().expect("a text"), "派单\n");
        assert_eq!(lines.next::<u8>().expect("a number"), 7);
        assert!(lines.next_bytes().expect("the end").is_none());
    }

    #[test]
    fn a_line_without_an_end_is_no_line() {
        assert!(matches!(reader(b"\"half").next::<String>(), Err(LineError::Ended)));
        assert!(matches!(reader(b"").next::<String>(), Err(LineError::Ended)));
    }

    #[test]
    fn a_line_that_never_ends_is_given_up_before_it_fills_the_memory() {
        let endless = BufReader::new(io::repeat(b'x'));
        let error = LineReader::new(endless).next_bytes().map(|_| ()).expect_err("no end");
        assert!(matches!(error, LineError::TooLong), "{error:?}");
        let long = "x".repeat(LINE_BYTES_MAX);
        let mut out = Vec::new();
        assert!(matches!(write_line(&mut out, &long), Err(LineError::TooLong)));
        assert!(out.is_empty());
    }
}
