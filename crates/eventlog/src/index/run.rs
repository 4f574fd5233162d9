//! A run: a file that never changes, with what the positions from one to another add to the index.
//!
//! Little endian but for keys: magic 8 bytes, format u16, zeros u16, log id u128, first position
//! u64, last position u64, chain value at the last position 32 bytes, rows of streams u64,
//! different streams u64, rows of commands u64, length of the filter u64, CRC-32C of all before
//! it; zeros up to 4,096 bytes. Then the blocks of the two tables, their fences, the filter, and
//! CRC-32C of fences and filter. A row of the streams: kind u8, id u128 and version u64, big
//! endian, so that they sort; position u64. A row of the commands: hash of the command's id 16
//! bytes, first position u64.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use domain::{GlobalPosition, StreamId, StreamKind, StreamVersion};

use super::filter::{Filter, FilterKey};
use super::table::{BLOCK_BYTES, Rows, Shape, Table, TableFault, TableWriter};
use super::{Checkpoint, IndexError};
use crate::ChainHash;
use crate::codec::{Cursor, Fault};

const MAGIC: &[u8; 8] = b"PDINDEX\n";
const FORMAT: u16 = 1;
const HEADER_BYTES: usize = BLOCK_BYTES;
const STREAMS: Shape = Shape { row: 33, key: 25 };
const COMMANDS: Shape = Shape { row: 24, key: 16 };
/// What is written before it is handed to the disk, so that a large run never makes the log's own
/// sync wait for all of it.
const SYNC_EVERY_BYTES: usize = 4 * 1024 * 1024;

pub(super) type StreamKey = [u8; 25];
pub(super) type CommandHash = [u8; 16];

pub(super) fn stream_key(stream: StreamId, version: StreamVersion) -> StreamKey {
    let mut key = [0; 25];
    key[0] = stream.kind() as u8;
    key[1..17].copy_from_slice(&stream.id().to_be_bytes());
    key[17..].copy_from_slice(&version.get().to_be_bytes());
    key
}

pub(super) fn stream_row(key: &StreamKey, position: GlobalPosition) -> [u8; 33] {
    let mut row = [0; 33];
    row[..25].copy_from_slice(key);
    row[25..].copy_from_slice(&position.get().to_le_bytes());
    row
}

pub(super) fn command_row(hash: &CommandHash, first: GlobalPosition) -> [u8; 24] {
    let mut row = [0; 24];
    row[..16].copy_from_slice(hash);
    row[16..].copy_from_slice(&first.get().to_le_bytes());
    row
}

fn read_stream_row(row: &[u8]) -> (StreamVersion, GlobalPosition) {
    let eight = |at: usize| row[at..at + 8].try_into().unwrap_or_default();
    let version = StreamVersion::new(u64::from_be_bytes(eight(17)));
    (version, GlobalPosition::new(u64::from_le_bytes(eight(25))))
}

/// What a run says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) first: GlobalPosition,
    /// Its last position, and of which log it is.
    pub(super) until: Checkpoint,
    pub(super) stream_rows: u64,
    /// How many streams the rows belong to; where runs were merged, at least so many.
    pub(super) streams: u64,
    pub(super) command_rows: u64,
}

impl Extent {
    /// The extent of runs that follow each other.
    pub(super) fn of_all(runs: &[&Run]) -> Option<Self> {
        let (first, last) = (runs.first()?.extent, runs.last()?.extent);
        let sum = |part: fn(&Self) -> u64| runs.iter().map(|run| part(&run.extent)).sum();
        Some(Self {
            first: first.first,
            until: last.until,
            stream_rows: sum(|extent| extent.stream_rows),
            streams: sum(|extent| extent.streams),
            command_rows: sum(|extent| extent.command_rows),
        })
    }

    /// A name that sorts by the first position.
    pub(super) fn file_name(&self) -> String {
        format!("{:020}-{:020}.{FINISHED}", self.first.get(), self.until.position.get())
    }

    fn header(&self, filter_bytes: usize) -> [u8; HEADER_BYTES] {
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&FORMAT.to_le_bytes());
        header.extend_from_slice(&[0; 2]);
        header.extend_from_slice(&self.until.log_id.to_le_bytes());
        header.extend_from_slice(&self.first.get().to_le_bytes());
        header.extend_from_slice(&self.until.position.get().to_le_bytes());
        header.extend_from_slice(&self.until.chain.0);
        for number in [self.stream_rows, self.streams, self.command_rows, filter_bytes as u64] {
            header.extend_from_slice(&number.to_le_bytes());
        }
        let sum = crc32c::crc32c(&header);
        header.extend_from_slice(&sum.to_le_bytes());
        let mut block = [0; HEADER_BYTES];
        block[..header.len()].copy_from_slice(&header);
        block
    }

    fn read(header: &[u8]) -> Result<(Self, u64), Fault> {
        let mut at = Cursor::new(header);
        if at.array::<8>()? != *MAGIC || at.u16()? != FORMAT {
            return Err("it does not start as a run does");
        }
        at.u16()?;
        let log_id = at.u128()?;
        let first = GlobalPosition::new(at.u64()?);
        let position = GlobalPosition::new(at.u64()?);
        let until = Checkpoint { log_id, position, chain: ChainHash(at.array()?) };
        let (stream_rows, streams, command_rows) = (at.u64()?, at.u64()?, at.u64()?);
        let filter_bytes = at.u64()?;
        let covered = header.len() - at.rest().len();
        if at.u32()? != crc32c::crc32c(&header[..covered]) {
            return Err("its header fails its checksum");
        }
        Ok((Self { first, until, stream_rows, streams, command_rows }, filter_bytes))
    }
}

/// Writes a run under another name first; it is there under its own once it is on the disk.
pub(super) struct RunWriter {
    extent: Extent,
    path: PathBuf,
    unfinished: PathBuf,
    out: Synced,
    streams: TableWriter,
    commands: TableWriter,
    stream_fences: Vec<u8>,
    filter: Filter,
    /// The stream of the last row.
    stream: Option<[u8; 17]>,
}

impl RunWriter {
    /// Begins a run of this extent; its rows must come in as many as it says.
    pub(super) fn create(directory: &Path, extent: Extent) -> Result<Self, IndexError> {
        let path = directory.join(extent.file_name());
        let unfinished = path.with_extension(UNFINISHED);
        let filter = Filter::for_keys(extent.streams + extent.command_rows);
        let file = File::create(&unfinished).map_err(|e| failed("create", &unfinished, e))?;
        let mut out = Synced { out: BufWriter::with_capacity(1 << 18, file), unsynced: 0 };
        out.write_all(&extent.header(filter.to_bytes().len()))
            .map_err(|e| failed("write", &unfinished, e))?;
        Ok(Self {
            extent,
            path,
            unfinished,
            out,
            streams: TableWriter::new(STREAMS),
            commands: TableWriter::new(COMMANDS),
            stream_fences: Vec::new(),
            filter,
            stream: None,
        })
    }

    /// The next row of the streams; all of them come before the commands.
    pub(super) fn stream(&mut self, row: &[u8]) -> Result<(), IndexError> {
        let mut stream = [0; 17];
        stream.copy_from_slice(&row[..17]);
        if self.stream.replace(stream) != Some(stream)
            && let Some(stream) = stream_of(&stream)
        {
            self.filter.insert(FilterKey::of_stream(stream));
        }
        self.streams.push(row, &mut self.out).map_err(|e| failed("write", &self.unfinished, e))
    }

    /// No row of a stream comes any more.
    pub(super) fn end_streams(&mut self) -> Result<(), IndexError> {
        let streams = std::mem::replace(&mut self.streams, TableWriter::new(STREAMS));
        self.stream_fences =
            streams.finish(&mut self.out).map_err(|e| failed("write", &self.unfinished, e))?;
        Ok(())
    }

    /// The next row of the commands.
    pub(super) fn command(&mut self, row: &[u8]) -> Result<(), IndexError> {
        let mut hash = [0; 16];
        hash.copy_from_slice(&row[..16]);
        self.filter.insert(FilterKey::of_command(&hash));
        self.commands.push(row, &mut self.out).map_err(|e| failed("write", &self.unfinished, e))
    }

    /// Ends the file, makes it survive a power cut, and opens it as a run.
    pub(super) fn finish(mut self) -> Result<Run, IndexError> {
        let unfinished = self.unfinished;
        let io = |doing| {
            let path = unfinished.clone();
            move |e| failed(doing, &path, e)
        };
        let command_fences = self.commands.finish(&mut self.out).map_err(io("write"))?;
        let filter = self.filter.to_bytes();
        let parts = [&self.stream_fences, &command_fences, &filter];
        let sum = parts.iter().fold(0, |sum, part| crc32c::crc32c_append(sum, part));
        for part in parts {
            self.out.write_all(part).map_err(io("write"))?;
        }
        self.out.write_all(&sum.to_le_bytes()).map_err(io("write"))?;
        self.out.sync().map_err(io("sync"))?;
        fs::rename(&unfinished, &self.path).map_err(io("rename"))?;
        if let Some(directory) = self.path.parent() {
            File::open(directory).and_then(|it| it.sync_all()).map_err(io("sync the place of"))?;
        }
        let file = File::open(&self.path).map_err(io("open"))?;
        let extent = self.extent;
        Ok(Run::of(self.path, file, extent, self.stream_fences, command_fences, self.filter))
    }
}

/// The ending of a run's name.
pub(super) const FINISHED: &str = "run";
/// The ending of a file that is not finished; whoever finds one removes it.
pub(super) const UNFINISHED: &str = "unfinished";

struct Synced {
    out: BufWriter<File>,
    unsynced: usize,
}

impl Synced {
    fn sync(&mut self) -> std::io::Result<()> {
        self.unsynced = 0;
        self.out.flush()?;
        self.out.get_ref().sync_data()
    }
}

impl Write for Synced {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.unsynced >= SYNC_EVERY_BYTES {
            self.sync()?;
        }
        let written = self.out.write(bytes)?;
        self.unsynced += written;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

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
    fn of(
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

fn commands_at(extent: &Extent) -> u64 {
    HEADER_BYTES as u64 + STREAMS.blocks(extent.stream_rows) * BLOCK_BYTES as u64
}

/// Lengths of the two fences, and of the whole file.
fn lengths(extent: &Extent, filter_bytes: u64) -> Option<(u64, u64, u64)> {
    // A file of this many rows does not exist; a number beyond it is damage.
    const ROWS_MAX: u64 = 1 << 48;
    let impossible = |rows: u64| rows > ROWS_MAX;
    if impossible(extent.stream_rows) || impossible(extent.command_rows) {
        return None;
    }
    let streams = STREAMS.blocks(extent.stream_rows);
    let commands = COMMANDS.blocks(extent.command_rows);
    let fences = (streams * STREAMS.key as u64, commands * COMMANDS.key as u64);
    let blocks = (1 + streams + commands) * BLOCK_BYTES as u64;
    let end = (blocks + fences.0 + fences.1 + 4).checked_add(filter_bytes)?;
    Some((fences.0, fences.1, end))
}

fn stream_of(bytes: &[u8; 17]) -> Option<StreamId> {
    let mut id = [0; 16];
    id.copy_from_slice(&bytes[1..]);
    Some(StreamId::new(StreamKind::from_u8(bytes[0])?, u128::from_be_bytes(id)))
}

pub(super) fn failed(doing: &'static str, path: &Path, source: std::io::Error) -> IndexError {
    IndexError::Io { doing, path: path.to_path_buf(), source }
}
