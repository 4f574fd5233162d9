//! Bodies of snapshots: rows one after another in bincode. Nothing else here knows bincode.
//!
//! Snapshots are disposable, so a body has no version of its own: a changed row raises the
//! projection's version, and the model is folded from the log again.

use bincode::Options;
use eventlog::ReadError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A row is smaller; a longer one is damage.
const ROW_BYTES_MAX: u64 = 16 << 20;

/// Why a body could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// A row could not be encoded or decoded.
    #[error("a row of the snapshot could not be encoded or decoded")]
    Row(#[source] bincode::Error),
    /// Rows follow where none should, or contradict each other.
    #[error("the snapshot's body is not whole: {0}")]
    Shape(&'static str),
    /// What the snapshot leaves out could not be read from the log.
    #[error("the log could not be read for what the snapshot leaves out")]
    Log(#[from] ReadError),
}

fn options() -> impl Options {
    bincode::DefaultOptions::new()
        .with_fixint_encoding()
        .with_limit(ROW_BYTES_MAX)
        .allow_trailing_bytes()
}

/// Writes rows.
#[derive(Debug, Default)]
pub(crate) struct BodyWriter(Vec<u8>);

impl BodyWriter {
    pub(crate) fn row(&mut self, row: &impl Serialize) -> Result<(), BodyError> {
        options().serialize_into(&mut self.0, row).map_err(BodyError::Row)
    }

    /// Writes how many rows follow, and the rows.
    pub(crate) fn rows<R: Serialize>(
        &mut self,
        rows: impl ExactSizeIterator<Item = R>,
    ) -> Result<(), BodyError> {
        self.row(&(rows.len() as u64))?;
        for row in rows {
            self.row(&row)?;
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads rows.
#[derive(Debug)]
pub(crate) struct BodyReader<'a>(&'a [u8]);

impl<'a> BodyReader<'a> {
    pub(crate) const fn new(body: &'a [u8]) -> Self {
        Self(body)
    }

    pub(crate) fn row<R: DeserializeOwned>(&mut self) -> Result<R, BodyError> {
        options().deserialize_from(&mut self.0).map_err(BodyError::Row)
    }

    /// Reads what [`BodyWriter::rows`] wrote.
    pub(crate) fn rows<R: DeserializeOwned>(
        &mut self,
        mut take: impl FnMut(R) -> Result<(), BodyError>,
    ) -> Result<(), BodyError> {
        let count: u64 = self.row()?;
        for _ in 0..count {
            take(self.row()?)?;
        }
        Ok(())
    }

    pub(crate) const fn finish(self) -> Result<(), BodyError> {
        if self.0.is_empty() { Ok(()) } else { Err(BodyError::Shape("bytes follow its last row")) }
    }
}
