//! The file that is imported: opened, unpacked, and cut off where it cannot be a table.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

/// More than any row has; a quotation mark that is never closed would make a row of the rest of
/// the file, and take as much memory.
const ROW_BYTES_MAX: u64 = 1024 * 1024;

/// Bytes enough to tell the kinds of files apart.
const MARK_BYTES: usize = 4;

/// Why a file cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be opened.
    #[error("could not open {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Its beginning cannot be read.
    #[error("could not read the beginning of the file")]
    Begin(#[source] io::Error),
    /// It is something else than a table in text.
    #[error("the file is {what}, not a CSV in UTF-8; {instead}")]
    Kind {
        /// What it is.
        what: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// It cannot be read on from here.
    #[error("the file could not be read after line {line}")]
    Read {
        /// The last line that was read.
        line: u64,
        /// Why not.
        #[source]
        source: csv::Error,
    },
    /// It has no first row with the names of the columns.
    #[error("the file has no first row with the names of its columns")]
    NoHeader,
    /// The first row is not text.
    #[error("the first row of the file is not UTF-8; save the file as UTF-8")]
    HeaderNotUtf8,
}

type Peeked<R> = Chain<Cursor<Vec<u8>>, R>;

/// The unpacked bytes of a file.
pub struct Source {
    bytes: Box<dyn Read>,
    since_row: u64,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("since_row", &self.since_row).finish_non_exhaustive()
    }
}

impl Source {
    /// Opens a file, plain or gzip by what is in it. `watch` is handed the file and its size, and
    /// may wrap it to see how far the reading is.
    ///
    /// # Errors
    /// When it cannot be read, or is of a kind that is not a table in text.
    pub fn open<W>(path: &Path, watch: impl FnOnce(File, u64) -> W) -> Result<Self, SourceError>
    where
        W: Read + 'static,
    {
        let opened = |source| SourceError::Open { path: path.to_path_buf(), source };
        let file = File::open(path).map_err(opened)?;
        let about = file.metadata().map_err(opened)?;
        if about.is_dir() {
            return Err(opened(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        Self::new(watch(file, about.len()))
    }

    /// Reads from anything, plain or gzip by what is in it.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub fn new(reader: impl Read + 'static) -> Result<Self, SourceError> {
        let (mark, reader) = peek(reader).map_err(SourceError::Begin)?;
        let bytes: Box<dyn Read> = if mark.starts_with(&[0x1f, 0x8b]) {
            let (mark, unpacked) = peek(MultiGzDecoder::new(reader)).map_err(SourceError::Begin)?;
            refuse_others(&mark)?;
            Box::new(unpacked)
        } else {
            refuse_others(&mark)?;
            Box::new(reader)
        };
        Ok(Self { bytes, since_row: 0 })
    }

    /// A row ended; the next may be as long as any.
    pub(super) fn row_ended(&mut self) {
        self.since_row = 0;
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_row > ROW_BYTES_MAX {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the row that begins there is longer than 1 MiB: a quotation mark is not closed, \
                 or `file.quote` in the mapping should be \"\"",
            ));
        }
        let read = self.bytes.read(buffer)?;
        self.since_row += read as u64;
        Ok(read)
    }
}

fn peek<R: Read>(mut reader: R) -> io::Result<(Vec<u8>, Peeked<R>)> {
    let mut mark = Vec::with_capacity(MARK_BYTES);
    reader.by_ref().take(MARK_BYTES as u64).read_to_end(&mut mark)?;
    // The mark of UTF-8, which says nothing that is not known, would become part of a name.
    let rest = mark.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&mark).to_vec();
    Ok((mark, Cursor::new(rest).chain(reader)))
}

fn refuse_others(mark: &[u8]) -> Result<(), SourceError> {
    let (what, instead) = if mark.starts_with(b"PK\x03\x04") {
        ("a zip archive or an Excel workbook", "unpack it, or save the sheet as CSV (UTF-8)")
    } else if mark.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        ("an Excel workbook", "save the sheet as CSV (UTF-8)")
    } else if mark.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        ("packed with zstd", "unpack it, or pack it with gzip")
    } else if mark.starts_with(&[0xff, 0xfe]) || mark.starts_with(&[0xfe, 0xff]) {
        ("in UTF-16", "save it as UTF-8")
    } else {
        return Ok(());
    };
    Err(SourceError::Kind { what, instead })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn content(bytes: Vec<u8>) -> Result<String, SourceError> {
        let mut text = String::new();
        Source::new(Cursor::new(bytes))?.read_to_string(&mut text).map_err(SourceError::Begin)?;
        Ok(text)
    }

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(text).expect("memory");
        packer.finish().expect("memory")
    }

    #[test]
    fn plain_and_packed_files_are_told_apart_by_what_is_in_them() {
        assert_eq!(content(b"a,b\n".to_vec()).expect("plain"), "a,b\n");
        assert_eq!(content(packed(b"a,b\n")).expect("packed"), "a,b\n");
        assert_eq!(content(b"a".to_vec()).expect("short"), "a");
        assert_eq!(content(Vec::new()).expect("empty"), "");
    }

    #[test]
    fn a_byte_order_mark_of_utf_8_is_left_out() {
        assert_eq!(content(b"\xef\xbb\xbfa,b\n".to_vec()).expect("plain"), "a,b\n");
        assert_eq!(content(packed(b"\xef\xbb\xbfa,b\n")).expect("packed"), "a,b\n");
    }

    #[test]
    fn files_of_other_kinds_are_refused_with_what_to_do() {
        for mark in [&b"PK\x03\x04"[..], &[0xff, 0xfe, b'a', 0], &[0x28, 0xb5, 0x2f, 0xfd]] {
            assert!(matches!(content(mark.to_vec()), Err(SourceError::Kind { .. })));
            assert!(matches!(content(packed(mark)), Err(SourceError::Kind { .. })));
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let missing = Source::open(Path::new("no/such.csv"), |file, _| file);
        let said = missing.expect_err("no file").to_string();
        assert_eq!(said, "could not open no/such.csv");
    }
}
