//! The index's file: three redb tables, and the keys and rows in them.
//!
//! redb panics on some damage; every call into it goes through [`guarded`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use domain::{GlobalPosition, StreamId, StreamKind, StreamVersion};
use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition};

use super::Fresh;
use crate::{ChainHash, Fingerprint};

/// Stream kind u8, stream id and version, all big endian, so that versions sort.
pub(super) type StreamKey = [u8; 25];
/// The file's tables take arrays by reference, because those compare as slices do: fast.
const STREAMS: TableDefinition<'static, &[u8; 25], u64> = TableDefinition::new("streams");
/// Generation u32 (big endian), hash of the command id → fingerprint, first position (little
/// endian). Hashes come in no order; the generation in front of them keeps what is written together
/// in one place of the file, whose size then does not matter for writing.
const COMMANDS: TableDefinition<'static, &CommandKey, &[u8; 24]> = TableDefinition::new("commands");
type CommandKey = [u8; 20];
/// A generation of commands begins every so many positions.
const GENERATION_POSITIONS: u64 = 1 << 20;
/// One row: format u16, log id u128, position u64, chain value (little endian).
const CHECKPOINT: TableDefinition<'static, (), [u8; 58]> = TableDefinition::new("checkpoint");
const FORMAT: u16 = 1;

/// Why the index failed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// redb refused.
    #[error("the index file {path} could not be {doing}; it is safe to delete it")]
    Store {
        /// The file.
        path: PathBuf,
        /// What was attempted.
        doing: &'static str,
        /// What redb said.
        #[source]
        source: Box<redb::Error>,
    },
    /// redb panicked.
    #[error("the index file {path} is damaged; it is safe to delete it")]
    Panicked {
        /// The file.
        path: PathBuf,
    },
    /// It could not be written again and again.
    #[error("the index file {path} cannot be written; make room on the disk and start again")]
    GaveUp {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be removed.
    #[error("the index file {path} could not be replaced")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// How far the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) log_id: u128,
    pub(crate) position: GlobalPosition,
    pub(crate) chain: ChainHash,
}

/// A consistent view of the file.
pub(super) struct Tables {
    pub(super) streams: ReadOnlyTable<&'static [u8; 25], u64>,
    pub(super) commands: ReadOnlyTable<&'static CommandKey, &'static [u8; 24]>,
    /// The newest generation of commands.
    generation: u32,
}

/// Opens the file, or makes it.
pub(super) fn open(
    path: &Path,
    cache_bytes: usize,
) -> Result<(Database, Option<Checkpoint>, Tables), IndexError> {
    guarded(path, || {
        let database = redb::Builder::new()
            .set_cache_size(cache_bytes)
            .create(path)
            .map_err(|e| store(path, "opened", e))?;
        // A writing transaction makes the tables where they are missing.
        let write = database.begin_write().map_err(|e| store(path, "opened", e))?;
        write.open_table(STREAMS).map_err(|e| store(path, "opened", e))?;
        write.open_table(COMMANDS).map_err(|e| store(path, "opened", e))?;
        write.open_table(CHECKPOINT).map_err(|e| store(path, "opened", e))?;
        write.commit().map_err(|e| store(path, "opened", e))?;
        let checkpoint = read_checkpoint(path, &database)?;
        let tables = open_tables(path, &database)?;
        Ok((database, checkpoint, tables))
    })
}

/// Writes a batch with its checkpoint; the tables that have it.
pub(super) fn write(path: &Path, database: &Database, fresh: &Fresh) -> Result<Tables, IndexError> {
    guarded(path, || {
        write_batch(path, database, fresh)?;
        open_tables(path, database)
    })
}

fn write_batch(path: &Path, database: &Database, fresh: &Fresh) -> Result<(), IndexError> {
    let error = |e: redb::Error| store(path, "written", e);
    let mut write = database.begin_write().map_err(|e| error(e.into()))?;
    // Without it, a start after a power cut would read the whole file.
    write.set_quick_repair(true);
    {
        let mut streams = write.open_table(STREAMS).map_err(|e| error(e.into()))?;
        for (key, position) in &fresh.streams {
            streams.insert(key, position).map_err(|e| error(e.into()))?;
        }
        let mut commands = write.open_table(COMMANDS).map_err(|e| error(e.into()))?;
        // In the order of their keys, which touches each page once.
        let mut sorted: Vec<_> = fresh
            .commands
            .iter()
            .map(|(hash, known)| (command_key(generation(known.1), hash), known))
            .collect();
        sorted.sort_unstable_by_key(|(key, _)| *key);
        for (key, (fingerprint, position)) in sorted {
            let mut row = [0; 24];
            row[..16].copy_from_slice(&fingerprint.0);
            row[16..].copy_from_slice(&position.get().to_le_bytes());
            commands.insert(&key, &row).map_err(|e| error(e.into()))?;
        }
        if let Some(checkpoint) = fresh.checkpoint {
            let mut row = [0; 58];
            row[..2].copy_from_slice(&FORMAT.to_le_bytes());
            row[2..18].copy_from_slice(&checkpoint.log_id.to_le_bytes());
            row[18..26].copy_from_slice(&checkpoint.position.get().to_le_bytes());
            row[26..].copy_from_slice(&checkpoint.chain.0);
            let mut table = write.open_table(CHECKPOINT).map_err(|e| error(e.into()))?;
            table.insert((), row).map_err(|e| error(e.into()))?;
        }
    }
    write.commit().map_err(|e| error(e.into()))
}

fn open_tables(path: &Path, database: &Database) -> Result<Tables, IndexError> {
    let read = database.begin_read().map_err(|e| store(path, "read", e))?;
    let commands = read.open_table(COMMANDS).map_err(|e| store(path, "read", e))?;
    let generation = match commands.last().map_err(|e| store(path, "read", e))? {
        None => 0,
        Some((key, _)) => generation_of(key.value()),
    };
    let streams = read.open_table(STREAMS).map_err(|e| store(path, "read", e))?;
    Ok(Tables { streams, commands, generation })
}

impl Tables {
    /// The row of a command. One that repeats is recent, most often.
    pub(super) fn command(
        &self,
        hash: &[u8; 16],
    ) -> Result<Option<(Fingerprint, GlobalPosition)>, redb::StorageError> {
        for generation in (0..=self.generation).rev() {
            if let Some(row) = self.commands.get(&command_key(generation, hash))? {
                return Ok(Some(command_row(row.value())));
            }
        }
        Ok(None)
    }
}

fn generation(position: GlobalPosition) -> u32 {
    u32::try_from(position.get() / GENERATION_POSITIONS).unwrap_or(u32::MAX)
}

fn command_key(generation: u32, hash: &[u8; 16]) -> CommandKey {
    let mut key = [0; 20];
    key[..4].copy_from_slice(&generation.to_be_bytes());
    key[4..].copy_from_slice(hash);
    key
}

fn generation_of(key: &CommandKey) -> u32 {
    u32::from_be_bytes([key[0], key[1], key[2], key[3]])
}

/// The hash in a command's key.
pub(super) fn hash_of(key: &CommandKey) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.copy_from_slice(&key[4..]);
    hash
}

fn read_checkpoint(path: &Path, database: &Database) -> Result<Option<Checkpoint>, IndexError> {
    let read = database.begin_read().map_err(|e| store(path, "read", e))?;
    let table = read.open_table(CHECKPOINT).map_err(|e| store(path, "read", e))?;
    let Some(row) = table.get(()).map_err(|e| store(path, "read", e))? else {
        return Ok(None);
    };
    let row = row.value();
    let mut at = crate::codec::Cursor::new(&row);
    let parsed = (|| {
        let format = at.u16()?;
        let log_id = at.u128()?;
        let position = GlobalPosition::new(at.u64()?);
        Ok::<_, crate::codec::Fault>((format, log_id, position, ChainHash(at.array()?)))
    })();
    Ok(match parsed {
        Ok((FORMAT, log_id, position, chain)) => Some(Checkpoint { log_id, position, chain }),
        // Of another format: as good as none.
        Ok(_) | Err(_) => None,
    })
}

fn command_row(row: &[u8; 24]) -> (Fingerprint, GlobalPosition) {
    let (mut fingerprint, mut position) = ([0; 16], [0; 8]);
    fingerprint.copy_from_slice(&row[..16]);
    position.copy_from_slice(&row[16..]);
    (Fingerprint(fingerprint), GlobalPosition::new(u64::from_le_bytes(position)))
}

pub(super) fn stream_key(stream: StreamId, version: StreamVersion) -> StreamKey {
    let mut key = [0; 25];
    key[0] = stream.kind() as u8;
    key[1..17].copy_from_slice(&stream.id().to_be_bytes());
    key[17..].copy_from_slice(&version.get().to_be_bytes());
    key
}

pub(super) fn version_of(key: &StreamKey) -> StreamVersion {
    let mut version = [0; 8];
    version.copy_from_slice(&key[17..]);
    StreamVersion::new(u64::from_be_bytes(version))
}

pub(super) fn stream_of(key: &StreamKey) -> Option<StreamId> {
    let mut id = [0; 16];
    id.copy_from_slice(&key[1..17]);
    Some(StreamId::new(StreamKind::from_u8(key[0])?, u128::from_be_bytes(id)))
}

pub(super) fn store(
    path: &Path,
    doing: &'static str,
    source: impl Into<redb::Error>,
) -> IndexError {
    IndexError::Store { path: path.to_path_buf(), doing, source: Box::new(source.into()) }
}

/// redb panics on some damage; that must not take the log with it.
pub(super) fn guarded<T>(
    path: &Path,
    call: impl FnOnce() -> Result<T, IndexError>,
) -> Result<T, IndexError> {
    catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(|_| Err(IndexError::Panicked { path: path.to_path_buf() }))
}
