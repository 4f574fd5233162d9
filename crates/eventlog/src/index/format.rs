//! The bytes of a run: a file that never changes, with what the positions from one to another add
//! to the index.
//!
//! Little endian but for keys: magic 8 bytes, format u16, zeros u16, log id u128, first position
//! u64, last position u64, chain value at the last position 32 bytes, rows of streams u64,
//! different streams u64, rows of commands u64, length of the filter u64, CRC-32C of all before
//! it; zeros up to 4,096 bytes. Then the blocks of the two tables, their fences, the filter, and
//! CRC-32C of fences and filter. A row of the streams: kind u8, id u128 and version u64, big
//! endian, so that they sort; position u64. A row of the commands: hash of the command's id 16
//! bytes, first position u64.

use domain::{GlobalPosition, StreamId, StreamKind, StreamVersion};

use super::Checkpoint;
use super::table::{BLOCK_BYTES, Shape};
use crate::ChainHash;
use crate::codec::{Cursor, Fault};

const MAGIC: &[u8; 8] = b"PDINDEX\n";
const FORMAT: u16 = 1;
pub(super) const HEADER_BYTES: usize = BLOCK_BYTES;
pub(super) const STREAMS: Shape = Shape { row: 33, key: 25 };
pub(super) const COMMANDS: Shape = Shape { row: 24, key: 16 };
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

pub(super) fn read_stream_row(row: &[u8]) -> (StreamVersion, GlobalPosition) {
    let eight = |at: usize| row[at..at + 8].try_into().unwrap_or_default();
    let version = StreamVersion::new(u64::from_be_bytes(eight(17)));
    (version, GlobalPosition::new(u64::from_le_bytes(eight(25))))
}

/// The ending of a run's name.
pub(super) const FINISHED: &str = "run";
/// The ending of a file that is not finished; whoever finds one removes it.
pub(super) const UNFINISHED: &str = "unfinished";

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
    pub(super) fn of_all(extents: &[Self]) -> Option<Self> {
        let (first, last) = (extents.first()?, extents.last()?);
        let sum = |part: fn(&Self) -> u64| extents.iter().map(part).sum();
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

    pub(super) fn header(&self, filter_bytes: usize) -> [u8; HEADER_BYTES] {
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

    pub(super) fn read(header: &[u8]) -> Result<(Self, u64), Fault> {
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

/// Where the blocks of the commands begin.
pub(super) fn commands_at(extent: &Extent) -> u64 {
    HEADER_BYTES as u64 + STREAMS.blocks(extent.stream_rows) * BLOCK_BYTES as u64
}

/// Lengths of the two fences, and of the whole file.
pub(super) fn lengths(extent: &Extent, filter_bytes: u64) -> Option<(u64, u64, u64)> {
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

/// The stream of a row's first bytes.
pub(super) fn stream_of(bytes: &[u8; 17]) -> Option<StreamId> {
    let mut id = [0; 16];
    id.copy_from_slice(&bytes[1..]);
    Some(StreamId::new(StreamKind::from_u8(bytes[0])?, u128::from_be_bytes(id)))
}
