//! A file, of which only so much is looked at.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Bytes that a sniffer sees.
const HEAD_BYTES: usize = 8 * 1024;
/// One file is asked for no more bytes: all that a description needs of an honest one, a few times.
const BUDGET_BYTES: usize = 4 * 1024 * 1024;
/// So many bytes are read at once, so that a walk over small pieces does not ask for each.
const READ_BYTES: usize = 512;

/// Why no more is read.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The file ends there, or enough of it was read.
    Nothing,
    /// It cannot be read.
    Failed(io::Error),
}

enum Source<'a> {
    File(&'a File),
    Bytes(&'a [u8]),
}

/// Reads a file here and there, up to a budget.
pub(crate) struct Window<'a> {
    source: Source<'a>,
    len: u64,
    left: usize,
    /// What was read last, and where.
    near: (u64, Vec<u8>),
}

impl<'a> Window<'a> {
    pub(crate) fn of_file(file: &'a File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self { source: Source::File(file), len, left: BUDGET_BYTES, near: (0, Vec::new()) })
    }

    pub(crate) fn of_bytes(bytes: &'a [u8]) -> Self {
        let source = Source::Bytes(bytes);
        Self { source, len: bytes.len() as u64, left: BUDGET_BYTES, near: (0, Vec::new()) }
    }

    /// The file's length, in bytes.
    pub(crate) const fn len(&self) -> u64 {
        self.len
    }

    /// What a sniffer sees: the first bytes, fewer of a short file.
    pub(crate) fn head(&mut self) -> io::Result<Vec<u8>> {
        let bytes = self.len.min(HEAD_BYTES as u64);
        match self.bytes(0, bytes, HEAD_BYTES) {
            Ok(head) => Ok(head),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Nothing) => Ok(Vec::new()),
        }
    }

    /// So many bytes from here; nothing when there are fewer or they are more than `max`.
    pub(crate) fn bytes(&mut self, at: u64, count: u64, max: usize) -> Result<Vec<u8>, Stop> {
        let end = at.checked_add(count).ok_or(Stop::Nothing)?;
        let count = usize::try_from(count).map_err(|_| Stop::Nothing)?;
        if end > self.len || count > max || count > self.left {
            return Err(Stop::Nothing);
        }
        self.left -= count;
        let mut bytes = vec![0; count];
        match &self.source {
            Source::File(file) => file.read_exact_at(&mut bytes, at).map_err(Stop::Failed)?,
            Source::Bytes(all) => {
                let from = usize::try_from(at).map_err(|_| Stop::Nothing)?;
                bytes.copy_from_slice(all.get(from..from + count).ok_or(Stop::Nothing)?);
            }
        }
        Ok(bytes)
    }

    /// A few bytes from here.
    pub(crate) fn array<const N: usize>(&mut self, at: u64) -> Result<[u8; N], Stop> {
        let end = at.checked_add(N as u64).ok_or(Stop::Nothing)?;
        if end > self.len {
            return Err(Stop::Nothing);
        }
        let (from, near) = &self.near;
        if at < *from || end > from + near.len() as u64 {
            let count = (self.len - at).min(READ_BYTES as u64);
            self.near = (at, self.bytes(at, count, READ_BYTES)?);
        }
        let (from, near) = &self.near;
        let start = usize::try_from(at - from).map_err(|_| Stop::Nothing)?;
        let found = near.get(start..start + N).and_then(|found| found.try_into().ok());
        found.ok_or(Stop::Nothing)
    }

    pub(crate) fn u16(&mut self, at: u64) -> Result<u16, Stop> {
        self.array(at).map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self, at: u64) -> Result<u32, Stop> {
        self.array(at).map(u32::from_be_bytes)
    }

    pub(crate) fn u32_le(&mut self, at: u64) -> Result<u32, Stop> {
        self.array(at).map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self, at: u64) -> Result<u64, Stop> {
        self.array(at).map(u64::from_be_bytes)
    }
}
