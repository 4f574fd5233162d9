//! A frame: several whole appends in one value of the store, checked as a whole.
//!
//! Little endian: magic 4 bytes, format u16, appends u16, first position u64, count of events
//! u32, length of the body u32, chain value before the first event, chain value of the last
//! event, then the appends, then the first half of BLAKE3 over all before it. A frame verifies on
//! its own: folding its records from the first chain value gives the last. Decoding never panics,
//! and allocates in proportion to its input.

use domain::GlobalPosition;

use crate::ChainHash;
use crate::codec::{AppendView, Cursor, Settled};

/// A frame is at most this long, so that sled never puts one into a file of its own.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;

/// A frame takes no more appends beyond this. Whoever wants one event reads a whole frame, and
/// sled keeps the 8 to 16 frames of a page in memory for some 64 reads whatever its cache may hold,
/// so small frames read 10 million events in 0.4 GiB where full ones took 0.9; smaller ones
/// still are hashed more slowly (BLAKE3 takes 16 KiB at once).
pub(crate) const FRAME_BYTES_TARGET: usize = 16 * 1024;

/// An append is at most this long, so that it fits in a frame.
pub const APPEND_BYTES_MAX: usize = FRAME_BYTES_MAX - HEADER_BYTES - CHECKSUM_BYTES;

pub(crate) const MAGIC: &[u8; 4] = b"PDF\x01";
pub(crate) const FORMAT: u16 = 1;
const HEADER_BYTES: usize = 4 + 2 + 2 + 8 + 4 + 4 + 32 + 32;
const CHECKSUM_BYTES: usize = 16;
/// Length u32, header length u16, recorded_at i64, first position u64, count u16.
const APPEND_FIXED_BYTES: usize = 4 + 2 + 8 + 8 + 2;

/// Why bytes are no frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub(crate) struct FrameFault {
    pub(crate) what: String,
}

impl From<&'static str> for FrameFault {
    fn from(what: &'static str) -> Self {
        Self { what: what.into() }
    }
}

/// Packs appends into one frame.
pub(crate) struct FrameBuilder {
    bytes: Vec<u8>,
    first: GlobalPosition,
    appends: u16,
    count: u32,
    chain_before: ChainHash,
    chain: ChainHash,
}

/// A frame that is ready to be stored.
pub(crate) struct EncodedFrame {
    pub(crate) bytes: Vec<u8>,
    pub(crate) first: GlobalPosition,
    pub(crate) last: GlobalPosition,
    pub(crate) chain: ChainHash,
}

impl FrameBuilder {
    /// An empty frame that starts here, after this chain value, and is about to get so many
    /// bytes, or as many of them as it takes.
    pub(crate) fn new(first: GlobalPosition, chain_before: ChainHash, expected: usize) -> Self {
        let room = (HEADER_BYTES + expected + CHECKSUM_BYTES).min(FRAME_BYTES_TARGET);
        let mut bytes = Vec::with_capacity(room);
        bytes.resize(HEADER_BYTES, 0);
        Self { bytes, first, appends: 0, count: 0, chain_before, chain: chain_before }
    }

    /// Whether one more append fits. An empty frame takes any.
    pub(crate) fn has_room_for(&self, append: &Settled) -> bool {
        let full = self.bytes.len() + append.bytes.len() + CHECKSUM_BYTES;
        self.appends == 0 || self.appends < u16::MAX && full <= FRAME_BYTES_TARGET
    }

    /// Adds an append, for which there must be room.
    pub(crate) fn push(&mut self, append: &Settled) {
        for record in append.records() {
            self.chain = self.chain.then(record);
        }
        self.bytes.extend_from_slice(&append.bytes);
        self.appends += 1;
        self.count += append.count() as u32;
    }

    /// The frame's bytes.
    pub(crate) fn finish(mut self) -> EncodedFrame {
        let body = (self.bytes.len() - HEADER_BYTES) as u32;
        let header = &mut self.bytes[..HEADER_BYTES];
        header[..4].copy_from_slice(MAGIC);
        header[4..6].copy_from_slice(&FORMAT.to_le_bytes());
        header[6..8].copy_from_slice(&self.appends.to_le_bytes());
        header[8..16].copy_from_slice(&self.first.get().to_le_bytes());
        header[16..20].copy_from_slice(&self.count.to_le_bytes());
        header[20..24].copy_from_slice(&body.to_le_bytes());
        header[24..56].copy_from_slice(&self.chain_before.0);
        header[56..88].copy_from_slice(&self.chain.0);
        let sum = blake3::hash(&self.bytes);
        self.bytes.extend_from_slice(&sum.as_bytes()[..CHECKSUM_BYTES]);
        EncodedFrame {
            last: GlobalPosition::new(self.first.get() + u64::from(self.count) - 1),
            bytes: self.bytes,
            first: self.first,
            chain: self.chain,
        }
    }
}

/// How long the frame is that seems to begin here; nothing where none does. For those who look for
/// frames among other bytes.
pub(crate) fn length_at(bytes: &[u8]) -> Option<usize> {
    let mut at = Cursor::new(bytes);
    if at.array::<4>().ok()? != *MAGIC || at.u16().ok()? != FORMAT {
        return None;
    }
    at.take(2 + 8 + 4).ok()?;
    let length = (at.u32().ok()? as usize).checked_add(HEADER_BYTES + CHECKSUM_BYTES)?;
    (length <= FRAME_BYTES_MAX).then_some(length)
}

struct AppendPlace {
    offset: u32,
    first: u64,
}

/// A frame whose checksum holds.
pub(crate) struct Frame<B> {
    bytes: B,
    pub(crate) first: GlobalPosition,
    pub(crate) last: GlobalPosition,
    pub(crate) chain_before: ChainHash,
    pub(crate) chain: ChainHash,
    appends: Vec<AppendPlace>,
}

impl<B: AsRef<[u8]>> Frame<B> {
    /// The frame that fills these bytes.
    pub(crate) fn decode(bytes: B) -> Result<Self, FrameFault> {
        let all = bytes.as_ref();
        if all.len() > FRAME_BYTES_MAX {
            return Err("a frame is longer than 64 KiB".into());
        }
        let mut at = Cursor::new(all);
        if at.array::<4>()? != *MAGIC {
            return Err("it does not start as a frame does".into());
        }
        let format = at.u16()?;
        if format != FORMAT {
            return Err(FrameFault { what: format!("frame format {format} is not known") });
        }
        let appends = usize::from(at.u16()?);
        let first = at.u64()?;
        let count = u64::from(at.u32()?);
        let body_len = at.u32()? as usize;
        let chain_before = ChainHash(at.array()?);
        let chain = ChainHash(at.array()?);
        let body = at.take(body_len)?;
        let sum: [u8; CHECKSUM_BYTES] = at.array()?;
        if !at.is_empty() {
            return Err("a frame is longer than it says".into());
        }
        let whole = blake3::hash(&all[..all.len() - CHECKSUM_BYTES]);
        if whole.as_bytes()[..CHECKSUM_BYTES] != sum {
            return Err("a frame fails its checksum".into());
        }
        let after = first.checked_add(count).filter(|_| first > 0 && count > 0);
        let after = after.ok_or(FrameFault::from("a frame's positions are impossible"))?;
        let mut places = Vec::with_capacity(appends.min(body_len / APPEND_FIXED_BYTES));
        let (mut rest, mut next) = (Cursor::new(body), first);
        for _ in 0..appends {
            let offset = (all.len() - CHECKSUM_BYTES - rest.rest().len()) as u32;
            let mut append = Cursor::new(rest.rest());
            let len = append.u32()? as usize;
            append.take(2 + 8)?;
            if append.u64()? != next {
                return Err("an append's position does not follow".into());
            }
            places.push(AppendPlace { offset, first: next });
            next = next.saturating_add(u64::from(append.u16()?));
            rest.take(len)?;
        }
        if !rest.is_empty() || next != after {
            return Err("a frame's counts are wrong".into());
        }
        Ok(Self {
            first: GlobalPosition::new(first),
            last: GlobalPosition::new(after - 1),
            chain_before,
            chain,
            appends: places,
            bytes,
        })
    }

    /// How many bytes it takes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.as_ref().len()
    }

    /// All of it, as it is stored.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// The appends that hold this position and those after it, in order. The frame's checksum
    /// vouches for their bytes.
    pub(crate) fn appends_from(
        &self,
        position: GlobalPosition,
    ) -> impl Iterator<Item = Result<AppendView<'_>, FrameFault>> {
        let start = self.appends.partition_point(|place| place.first <= position.get());
        self.appends[start.saturating_sub(1)..].iter().map(|place| {
            AppendView::read(&mut Cursor::new(self.from(place))).map_err(FrameFault::from)
        })
    }

    /// All appends, in order, with every check that there is.
    pub(crate) fn checked_appends(
        &self,
    ) -> impl Iterator<Item = Result<AppendView<'_>, FrameFault>> {
        self.appends.iter().map(|place| {
            AppendView::check(&mut Cursor::new(self.from(place))).map_err(FrameFault::from)
        })
    }

    fn from(&self, place: &AppendPlace) -> &[u8] {
        &self.bytes.as_ref()[place.offset as usize..]
    }

    /// The chain's value at a position of this frame or right before it, by folding its records;
    /// checks that they lead to the last value.
    pub(crate) fn chain_at(&self, position: GlobalPosition) -> Result<ChainHash, FrameFault> {
        let mut found = self.chain_before;
        let mut chain = self.chain_before;
        for append in self.checked_appends() {
            for record in &append?.records {
                chain = chain.then(record.bytes);
                if record.position <= position {
                    found = chain;
                }
            }
        }
        if chain == self.chain { Ok(found) } else { Err("a frame's chain is broken".into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn random_bytes_are_refused_and_never_panic(bytes: Vec<u8>) {
            prop_assert!(Frame::decode(bytes).is_err());
        }

        #[test]
        fn random_bytes_behind_a_true_start_are_refused(mut bytes: Vec<u8>) {
            bytes.splice(..0, *MAGIC);
            bytes.splice(4..4, FORMAT.to_le_bytes());
            prop_assert!(Frame::decode(bytes).is_err());
        }
    }
}
