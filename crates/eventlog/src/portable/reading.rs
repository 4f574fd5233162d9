//! Reading a part: each piece is checked before it is handed on.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use domain::GlobalPosition;
use flate2::read::DeflateDecoder;

use super::part::{
    BLOCK_HEADER_BYTES, BlockHeader, END_BYTES, END_MAGIC, End, HEADER_BYTES, Kind, MAGIC,
    PART_FORMAT, PartError, PartHeader, is_block_whole,
};
use super::writing::io;
use crate::codec::Cursor;
use crate::keys::SLOT_BYTES;

/// A checked piece of a part.
pub(super) enum Piece {
    /// Slots of the key ring from this number on.
    Keys { first: u64, slots: Vec<u8> },
    /// Frames.
    Frames(Frames),
}

/// The frames of a block, and where the block began.
pub(super) struct Frames {
    raw: Vec<u8>,
    pub(super) offset: u64,
}

impl Frames {
    /// Hands each frame on, in order.
    pub(super) fn each<E: From<PartError>>(
        &self,
        part: &PartReader,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut at = Cursor::new(&self.raw);
        while !at.is_empty() {
            let frame = at.u32().and_then(|length| at.take(length as usize));
            let frame = frame.map_err(|what| part.damaged(self.offset, what))?;
            take(frame)?;
        }
        Ok(())
    }
}

/// A part that is being read, from its beginning to its end.
pub(super) struct PartReader {
    path: PathBuf,
    from: BufReader<File>,
    offset: u64,
    header: PartHeader,
    /// The position that comes next.
    next: GlobalPosition,
    next_key: u64,
    blocks: u64,
}

impl PartReader {
    /// Opens a part and reads what it says of itself.
    pub(super) fn open(path: &Path) -> Result<Self, PartError> {
        let file = File::open(path).map_err(io("open", path))?;
        let mut from = BufReader::new(file);
        let mut bytes = [0; HEADER_BYTES];
        let mut filled = 0;
        while filled < HEADER_BYTES {
            match from.read(&mut bytes[filled..]).map_err(io("read", path))? {
                0 => break,
                read => filled += read,
            }
        }
        if filled < MAGIC.len() || &bytes[..8] != MAGIC {
            return Err(PartError::NotAPart { path: path.to_path_buf() });
        }
        let found = u16::from_le_bytes([bytes[8], bytes[9]]);
        let fault = |what: &str| PartError::Damaged {
            path: path.to_path_buf(),
            offset: 0,
            position: GlobalPosition::FIRST,
            what: what.to_owned(),
        };
        if filled < HEADER_BYTES {
            return Err(fault("the file ends in its header"));
        }
        let header = match PartHeader::decode(&bytes) {
            // A flipped byte must not look like a newer format.
            Ok(_) if found > PART_FORMAT => {
                return Err(PartError::NewerFormat { path: path.to_path_buf(), found });
            }
            decoded => decoded.map_err(fault)?,
        };
        Ok(Self {
            path: path.to_path_buf(),
            from,
            offset: HEADER_BYTES as u64,
            next: header.first,
            next_key: 0,
            blocks: 0,
            header,
        })
    }

    /// What the part says of itself.
    pub(super) const fn header(&self) -> &PartHeader {
        &self.header
    }

    /// A fault of this part.
    pub(super) fn damaged(&self, offset: u64, what: &str) -> PartError {
        PartError::Damaged {
            path: self.path.clone(),
            offset,
            position: self.next,
            what: what.to_owned(),
        }
    }

    /// The next piece; nothing after the end, which was checked then.
    pub(super) fn next(&mut self) -> Result<Option<Piece>, PartError> {
        let offset = self.offset;
        let mut bytes = [0; BLOCK_HEADER_BYTES];
        self.fill(offset, &mut bytes)?;
        if bytes[..4] == *END_MAGIC {
            self.end(offset, &bytes)?;
            return Ok(None);
        }
        let block = BlockHeader::decode(&bytes).map_err(|what| self.damaged(offset, what))?;
        let mut stored = vec![0; block.stored];
        self.fill(offset, &mut stored)?;
        if !is_block_whole(&bytes, &stored) {
            return Err(self.damaged(offset, "a block fails its checksum"));
        }
        let mut raw = Vec::with_capacity(block.raw);
        let more = block.raw as u64 + 1;
        if let Err(error) = DeflateDecoder::new(&stored[..]).take(more).read_to_end(&mut raw) {
            return Err(self.damaged(offset, &format!("a block does not unpack ({error})")));
        }
        if raw.len() != block.raw {
            return Err(self.damaged(offset, "a block has another length than it says"));
        }
        self.blocks += 1;
        match block.kind {
            Kind::Keys => {
                let count = block.last - block.first + 1;
                if block.first != self.next_key || raw.len() as u64 != count * SLOT_BYTES as u64 {
                    return Err(self.damaged(offset, "keys are missing"));
                }
                self.next_key = block.last + 1;
                Ok(Some(Piece::Keys { first: block.first, slots: raw }))
            }
            Kind::Frames => {
                if block.first != self.next.get() || block.last > self.header.last.get() {
                    return Err(self.damaged(offset, "positions do not follow"));
                }
                self.next = GlobalPosition::new(block.last).next();
                Ok(Some(Piece::Frames(Frames { raw, offset })))
            }
        }
    }

    fn end(&mut self, offset: u64, begun: &[u8; BLOCK_HEADER_BYTES]) -> Result<(), PartError> {
        let mut bytes = [0; END_BYTES];
        bytes[..BLOCK_HEADER_BYTES].copy_from_slice(begun);
        self.fill(offset, &mut bytes[BLOCK_HEADER_BYTES..])?;
        let end = End::decode(&bytes).map_err(|what| self.damaged(offset, what))?;
        let header = &self.header;
        let told = End {
            events: header.events(),
            blocks: self.blocks,
            last: header.last,
            chain: header.chain,
        };
        if end != told || self.next != header.last.next() {
            return Err(self.damaged(offset, "something is missing before the end"));
        }
        if header.with_keys && self.next_key != header.keys.0 + 1 {
            return Err(self.damaged(offset, "keys are missing"));
        }
        let after = self.offset;
        match self.from.read(&mut [0]).map_err(io("read", &self.path))? {
            0 => Ok(()),
            _ => Err(self.damaged(after, "something follows after the end")),
        }
    }

    fn fill(&mut self, begun: u64, bytes: &mut [u8]) -> Result<(), PartError> {
        match self.from.read_exact(bytes) {
            Ok(()) => {
                self.offset += bytes.len() as u64;
                Ok(())
            }
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Err(self.damaged(begun, "the file ends here"))
            }
            Err(error) => Err(io("read", &self.path)(error)),
        }
    }
}
