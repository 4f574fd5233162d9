//! A run, open for reading. Its bytes are told in `format`.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use domain::{GlobalPosition, StreamId, StreamVersion};

use super::IndexError;
use super::filter::{Filter, FilterKey};
use super::format::{
    COMMANDS, CommandHash, Extent, HEADER_BYTES, STREAMS, commands_at, lengths, read_stream_row,
    stream_key,
};
use super::table::{BLOCK_BYTES, Rows, Table, TableFault};

/// A run, open for reading.
#[derive(Debug)]
pub(super) struct Run {
    path: PathBuf,
    file: File,
    pub(super) extent: Extent,
    streams: Table,
    commands: Table,
    filter: Filter,
}

impl Run {
    pub(super) fn of(
        path: PathBuf,
        file: File,
        extent: Extent,
        stream_fences: Vec<u8>,
        command_fences: Vec<u8>,
        filter: Filter,
    ) -> Self {
        let commands_at = commands_at(&extent);
        let streams = Table {
            shape: STREAMS,
            offset: HEADER_BYTES as u64,
            rows: extent.stream_rows,
            fences: stream_fences,
        };
        let commands = Table {
            shape: COMMANDS,
            offset: commands_at,
            rows: extent.command_rows,
            fences: command_fences,
        };
        Self { path, file, extent, streams, commands, filter }
    }

    /// Opens a run; checks all of it but the blocks, which are checked when they are read.
    pub(super) fn open(path: &Path) -> Result<Self, IndexError> {
        let damaged = |offset, what| IndexError::Damaged { path: path.to_path_buf(), offset, what };
        let io = |e| failed("read", path, e);
        let file = File::open(path).map_err(io)?;
        let len = file.metadata().map_err(io)?.len();
        let mut header = [0; HEADER_BYTES];
        file.read_exact_at(&mut header, 0).map_err(|_| damaged(0, "it ends in its header"))?;
        let (extent, filter_bytes) = Extent::read(&header).map_err(|what| damaged(0, what))?;
        let lengths = lengths(&extent, filter_bytes).filter(|(_, _, end)| *end == len);
        let Some((stream_fences, command_fences, _)) = lengths else {
            return Err(damaged(len, "its length is not what its header says"));
        };
        let tail_at =
            commands_at(&extent) + COMMANDS.blocks(extent.command_rows) * BLOCK_BYTES as u64;
        let mut tail = vec![0; (len - tail_at) as usize];
        file.read_exact_at(&mut tail, tail_at).map_err(io)?;
        let (parts, sum) = tail.split_at(tail.len() - 4);
        if crc32c::crc32c(parts).to_le_bytes() != sum {
            return Err(damaged(tail_at, "its fences and filter fail their checksum"));
        }
        let (stream_fences, rest) = parts.split_at(stream_fences as usize);
        let (command_fences, filter) = rest.split_at(command_fences as usize);
        let filter = Filter::from_bytes(filter)
            .ok_or_else(|| damaged(tail_at, "its filter has an impossible length"))?;
        let fences = (stream_fences.to_vec(), command_fences.to_vec());
        Ok(Self::of(path.to_path_buf(), file, extent, fences.0, fences.1, filter))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The last version of a stream in this run, if it has any.
    pub(super) fn version(&self, stream: StreamId) -> Result<Option<StreamVersion>, IndexError> {
        if !self.filter.may_hold(FilterKey::of_stream(stream)) {
            return Ok(None);
        }
        let key = stream_key(stream, StreamVersion::new(u64::MAX));
        let row = self.streams.last_up_to(&self.file, &key).map_err(|f| self.fault(f))?;
        Ok(row.filter(|row| row[..17] == key[..17]).map(|row| read_stream_row(&row).0))
    }

    /// Adds where the events of a stream after a version are, until there are `limit`.
    pub(super) fn positions(
        &self,
        stream: StreamId,
        after: StreamVersion,
        limit: usize,
        found: &mut Vec<(StreamVersion, GlobalPosition)>,
    ) -> Result<(), IndexError> {
        if !self.filter.may_hold(FilterKey::of_stream(stream)) {
            return Ok(());
        }
        let from = stream_key(stream, after.next());
        let mut rows = self.streams.rows_from(&self.file, &from);
        while found.len() < limit
            && let Some(row) = rows.next().map_err(|f| self.fault(f))?
            && row[..17] == from[..17]
        {
            found.push(read_stream_row(row));
        }
        Ok(())
    }

    /// Where a command's append begins.
    pub(super) fn command(&self, hash: &CommandHash) -> Result<Option<GlobalPosition>, IndexError> {
        if !self.filter.may_hold(FilterKey::of_command(hash)) {
            return Ok(None);
        }
        let row = self.commands.last_up_to(&self.file, hash).map_err(|f| self.fault(f))?;
        Ok(row.filter(|row| row[..16] == *hash).map(|row| {
            GlobalPosition::new(u64::from_le_bytes(row[16..24].try_into().unwrap_or_default()))
        }))
    }

    /// All rows of the streams.
    pub(super) fn all_streams(&self) -> Rows<'_> {
        self.streams.scan(&self.file)
    }

    /// All rows of the commands.
    pub(super) fn all_commands(&self) -> Rows<'_> {
        self.commands.scan(&self.file)
    }

    pub(super) fn fault(&self, fault: TableFault) -> IndexError {
        match fault {
            TableFault::Io(source) => failed("read", &self.path, source),
            TableFault::Damaged(offset) => IndexError::Damaged {
                path: self.path.clone(),
                offset,
                what: "a block fails its checksum",
            },
        }
    }
}

pub(super) fn failed(doing: &'static str, path: &Path, source: std::io::Error) -> IndexError {
    IndexError::Io { doing, path: path.to_path_buf(), source }
}
