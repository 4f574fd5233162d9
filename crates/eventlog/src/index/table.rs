//! A sorted table of rows of one length, in blocks that are checked when they are read.
//!
//! A row begins with its key; keys sort as bytes do. A block is 4,096 bytes: whole rows, zeros, and
//! CRC-32C of all before it. The first key of each block, its fence, stays in memory, so finding a
//! row reads one block.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

/// What is read and checked at once.
pub(super) const BLOCK_BYTES: usize = 4096;
const CRC_BYTES: usize = 4;
/// The longest row of any table.
pub(super) const ROW_BYTES_MAX: usize = 33;
/// Blocks that a scan reads at once.
const SCAN_BLOCKS: u64 = 64;

/// How long rows and their keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) row: usize,
    pub(super) key: usize,
}

impl Shape {
    const fn rows_in_block(self) -> u64 {
        ((BLOCK_BYTES - CRC_BYTES) / self.row) as u64
    }

    /// How many blocks so many rows take.
    pub(super) const fn blocks(self, rows: u64) -> u64 {
        rows.div_ceil(self.rows_in_block())
    }
}

/// Why a table could not be read.
#[derive(Debug)]
pub(super) enum TableFault {
    Io(io::Error),
    /// The block at this offset of the file fails its checksum.
    Damaged(u64),
}

/// Writes rows, which come sorted, as blocks.
pub(super) struct TableWriter {
    shape: Shape,
    block: Vec<u8>,
    fences: Vec<u8>,
}

impl TableWriter {
    pub(super) fn new(shape: Shape) -> Self {
        Self { shape, block: Vec::with_capacity(BLOCK_BYTES), fences: Vec::new() }
    }

    pub(super) fn push(&mut self, row: &[u8], out: &mut impl Write) -> io::Result<()> {
        if self.block.is_empty() {
            self.fences.extend_from_slice(&row[..self.shape.key]);
        }
        self.block.extend_from_slice(row);
        if self.block.len() + self.shape.row > BLOCK_BYTES - CRC_BYTES {
            self.end_block(out)?;
        }
        Ok(())
    }

    /// The fences, once the last block is written.
    pub(super) fn finish(mut self, out: &mut impl Write) -> io::Result<Vec<u8>> {
        if !self.block.is_empty() {
            self.end_block(out)?;
        }
        Ok(self.fences)
    }

    fn end_block(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.block.resize(BLOCK_BYTES - CRC_BYTES, 0);
        let sum = crc32c::crc32c(&self.block);
        self.block.extend_from_slice(&sum.to_le_bytes());
        out.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }
}

/// A table in a file.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) shape: Shape,
    /// Where its first block is.
    pub(super) offset: u64,
    pub(super) rows: u64,
    /// The first key of each block, one after the other.
    pub(super) fences: Vec<u8>,
}

impl Table {
    /// The last row whose key is at most this one.
    pub(super) fn last_up_to(
        &self,
        file: &File,
        key: &[u8],
    ) -> Result<Option<[u8; ROW_BYTES_MAX]>, TableFault> {
        let Some(number) = self.block_of(key) else { return Ok(None) };
        let (block, rows) = self.read_block(file, number)?;
        let row = |at: usize| &block[at * self.shape.row..(at + 1) * self.shape.row];
        // The block's first key is its fence, which is not above the key.
        let (mut low, mut high) = (0, rows);
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            if &row(middle)[..self.shape.key] <= key { low = middle } else { high = middle }
        }
        let mut found = [0; ROW_BYTES_MAX];
        found[..self.shape.row].copy_from_slice(row(low));
        Ok(Some(found))
    }

    /// Rows from this key on, in order.
    pub(super) fn rows_from<'a>(&'a self, file: &'a File, key: &[u8]) -> Rows<'a> {
        let block = self.block_of(key).unwrap_or(0);
        let mut rows = Rows::new(self, file, block, 1);
        rows.skip_below = Some(key.to_vec());
        rows
    }

    /// All rows, in order, read in larger pieces.
    pub(super) fn scan<'a>(&'a self, file: &'a File) -> Rows<'a> {
        Rows::new(self, file, 0, SCAN_BLOCKS)
    }

    /// The block that holds this key if any does; none when the key is before the first.
    fn block_of(&self, key: &[u8]) -> Option<u64> {
        let width = self.shape.key;
        let (mut low, mut high) = (0, self.fences.len() / width);
        while low < high {
            let middle = usize::midpoint(low, high);
            if &self.fences[middle * width..(middle + 1) * width] <= key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low.checked_sub(1).map(|block| block as u64)
    }

    fn read_block(
        &self,
        file: &File,
        number: u64,
    ) -> Result<([u8; BLOCK_BYTES], usize), TableFault> {
        let mut block = [0; BLOCK_BYTES];
        let offset = self.offset + number * BLOCK_BYTES as u64;
        file.read_exact_at(&mut block, offset).map_err(TableFault::Io)?;
        check(&block, offset)?;
        Ok((block, self.rows_in(number)))
    }

    fn rows_in(&self, block: u64) -> usize {
        let full = self.shape.rows_in_block();
        self.rows.saturating_sub(block * full).min(full) as usize
    }
}

fn check(block: &[u8], offset: u64) -> Result<(), TableFault> {
    let (rows, sum) = block.split_at(BLOCK_BYTES - CRC_BYTES);
    if crc32c::crc32c(rows).to_le_bytes() == sum {
        Ok(())
    } else {
        Err(TableFault::Damaged(offset))
    }
}

/// Goes through the rows of a table.
pub(super) struct Rows<'a> {
    table: &'a Table,
    file: &'a File,
    /// How many blocks are read at once.
    at_once: u64,
    bytes: Vec<u8>,
    /// The first block in `bytes`.
    block: u64,
    /// The next row, counted from the first in `bytes`' current block.
    row: usize,
    /// The block after those in `bytes`.
    next: u64,
    skip_below: Option<Vec<u8>>,
}

impl<'a> Rows<'a> {
    fn new(table: &'a Table, file: &'a File, block: u64, at_once: u64) -> Self {
        let bytes = Vec::new();
        Self { table, file, at_once, bytes, block, row: 0, next: block, skip_below: None }
    }

    /// The next row; none after the last.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, TableFault> {
        loop {
            while self.block < self.next && self.row >= self.table.rows_in(self.block) {
                self.block += 1;
                self.row = 0;
            }
            if self.block >= self.next && !self.read_on()? {
                return Ok(None);
            }
            let shape = self.table.shape;
            let in_bytes = (self.bytes.len() / BLOCK_BYTES) as u64;
            let block = (self.block + in_bytes - self.next) as usize;
            let at = block * BLOCK_BYTES + self.row * shape.row;
            self.row += 1;
            let key = &self.bytes[at..at + shape.key];
            if self.skip_below.as_deref().is_some_and(|below| key < below) {
                continue;
            }
            self.skip_below = None;
            return Ok(Some(&self.bytes[at..at + shape.row]));
        }
    }

    fn read_on(&mut self) -> Result<bool, TableFault> {
        let all = self.table.shape.blocks(self.table.rows);
        let count = self.at_once.min(all.saturating_sub(self.next));
        if count == 0 {
            return Ok(false);
        }
        self.bytes.resize(count as usize * BLOCK_BYTES, 0);
        let offset = self.table.offset + self.next * BLOCK_BYTES as u64;
        self.file.read_exact_at(&mut self.bytes, offset).map_err(TableFault::Io)?;
        for (block, at) in self.bytes.chunks_exact(BLOCK_BYTES).zip(0..) {
            check(block, offset + at * BLOCK_BYTES as u64)?;
        }
        self.block = self.next;
        self.row = 0;
        self.next += count;
        Ok(true)
    }
}
