//! Writing a run.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::IndexError;
use super::filter::{Filter, FilterKey};
use super::format::{COMMANDS, Extent, STREAMS, UNFINISHED, stream_of};
use super::run::{Run, failed};
use super::table::TableWriter;

/// What is written before it is handed to the disk, so that a large run never makes the log's own
/// sync wait for all of it.
const SYNC_EVERY_BYTES: usize = 4 * 1024 * 1024;

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
