//! Writing a part: blocks as they fill, the end, and only then the file's name.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use domain::GlobalPosition;
use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::part::{BLOCK_BYTES_MAX, BlockHeader, End, Kind, PartError, PartHeader};
use crate::ChainHash;

/// Frames are half sealed bytes, which do not shrink; more effort gains next to nothing.
const EFFORT: Compression = Compression::new(3);

/// A part that is being written. Without [`PartWriter::finish`] it leaves nothing.
pub(super) struct PartWriter {
    path: PathBuf,
    partial: PathBuf,
    to: BufWriter<File>,
    header: PartHeader,
    /// The content of the block that is not written yet.
    raw: Vec<u8>,
    first: u64,
    last: u64,
    blocks: u64,
    bytes: u64,
    chain: ChainHash,
    finished: bool,
}

impl PartWriter {
    /// Begins a file, which has its name only at the end.
    pub(super) fn create(path: &Path, header: PartHeader) -> Result<Self, PartError> {
        if path.exists() {
            return Err(PartError::Exists { path: path.to_path_buf() });
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".unfinished");
        let partial = PathBuf::from(partial);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&partial)
            .map_err(io("create", &partial))?;
        let mut writer = Self {
            path: path.to_path_buf(),
            partial,
            to: BufWriter::new(file),
            header,
            raw: Vec::with_capacity(BLOCK_BYTES_MAX),
            first: 0,
            last: 0,
            blocks: 0,
            bytes: 0,
            chain: header.chain_before,
            finished: false,
        };
        writer.put(&header.encode())?;
        Ok(writer)
    }

    /// Adds slots of the key ring from this number on; at most a block of them.
    pub(super) fn keys(&mut self, first: u64, slots: &[u8], count: u64) -> Result<(), PartError> {
        self.raw.extend_from_slice(slots);
        (self.first, self.last) = (first, first + count - 1);
        self.close(Kind::Keys)
    }

    /// Adds the frame that comes next.
    pub(super) fn frame(
        &mut self,
        bytes: &[u8],
        first: GlobalPosition,
        last: GlobalPosition,
        chain: ChainHash,
    ) -> Result<(), PartError> {
        if self.raw.is_empty() {
            self.first = first.get();
        }
        self.raw.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.raw.extend_from_slice(bytes);
        self.last = last.get();
        self.chain = chain;
        if self.raw.len() >= BLOCK_BYTES_MAX / 2 { self.close(Kind::Frames) } else { Ok(()) }
    }

    fn close(&mut self, kind: Kind) -> Result<(), PartError> {
        if self.raw.is_empty() {
            return Ok(());
        }
        let mut deflate = DeflateEncoder::new(Vec::with_capacity(self.raw.len()), EFFORT);
        let stored = deflate
            .write_all(&self.raw)
            .and_then(|()| deflate.finish())
            .map_err(io("compress", &self.partial))?;
        let header = BlockHeader {
            kind,
            first: self.first,
            last: self.last,
            raw: self.raw.len(),
            stored: stored.len(),
        };
        self.put(&header.encode(&stored))?;
        self.put(&stored)?;
        self.raw.clear();
        self.blocks += 1;
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), PartError> {
        self.bytes += bytes.len() as u64;
        self.to.write_all(bytes).map_err(io("write", &self.partial))
    }

    /// Writes the end, syncs, and gives the file its name. Returns how many bytes it has.
    pub(super) fn finish(mut self) -> Result<u64, PartError> {
        self.close(Kind::Frames)?;
        let end = End {
            events: self.header.events(),
            blocks: self.blocks,
            last: self.header.last,
            chain: self.chain,
        };
        self.put(&end.encode())?;
        self.to.flush().map_err(io("write", &self.partial))?;
        self.to.get_ref().sync_all().map_err(io("sync", &self.partial))?;
        std::fs::rename(&self.partial, &self.path).map_err(io("rename", &self.partial))?;
        self.finished = true;
        sync_parent(&self.path).map_err(io("sync the directory of", &self.path))?;
        Ok(self.bytes)
    }
}

impl Drop for PartWriter {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = std::fs::remove_file(&self.partial)
        {
            tracing::warn!(path = %self.partial.display(), %error, "an unfinished file stays");
        }
    }
}

/// Makes a file's name survive a power cut.
pub(super) fn sync_parent(path: &Path) -> std::io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

pub(super) fn io<'a>(
    doing: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> PartError + 'a {
    move |source| PartError::Io { doing, path: path.to_path_buf(), source }
}
