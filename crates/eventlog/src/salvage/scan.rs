//! Finding frames in the bytes of a file, whatever else is in it, without the store that wrote it.
//!
//! The store rewrites its pages, so a frame can be there several times, and so can frames that
//! were cut off or replaced since. All that are whole are found here; `choose` picks among them.

use std::fs::File;
use std::os::unix::fs::FileExt;

use crate::ChainHash;
use crate::frame::{FRAME_BYTES_MAX, Frame, length_at};

/// So much is looked through at once.
const WINDOW_BYTES: usize = 8 * 1024 * 1024;

/// A frame that was found. Chain values are cut to eight bytes, because there may be millions;
/// whoever takes a frame checks all of it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) first: u64,
    pub(super) before: u64,
    pub(super) chain: u64,
    pub(super) last: u64,
    /// Where it lies in the file.
    pub(super) offset: u64,
}

/// The beginning of a chain value.
pub(super) fn short(chain: &ChainHash) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&chain.0[..8]);
    u64::from_le_bytes(bytes)
}

/// All whole frames of a file, each once, in the order of their positions. `progress` is told how
/// many bytes were looked through.
pub(super) fn scan(file: &File, progress: &mut dyn FnMut(u64)) -> std::io::Result<Vec<Found>> {
    let mut found: Vec<Found> = Vec::new();
    let mut tidy = 1 << 16;
    let mut window = vec![0; WINDOW_BYTES + FRAME_BYTES_MAX];
    let mut start = 0;
    loop {
        let filled = fill(file, &mut window, start)?;
        let bytes = &window[..filled];
        let is_last = filled < window.len();
        // A frame that begins after this may go on behind the window.
        let until = if is_last { filled } else { WINDOW_BYTES };
        let mut at = 0;
        while at < until {
            // Frames begin with a P.
            let Some(next) = bytes[at..until].iter().position(|byte| *byte == b'P') else { break };
            at += next;
            match frame_at(&bytes[at..], start + at as u64) {
                Some((frame, length)) => {
                    found.push(frame);
                    at += length;
                }
                None => at += 1,
            }
        }
        if found.len() > tidy {
            sort(&mut found);
            tidy = 2 * found.len().max(1 << 15);
        }
        progress(start + filled as u64);
        if is_last {
            sort(&mut found);
            return Ok(found);
        }
        // A frame that was taken may reach behind the window; nothing begins inside of it.
        start += at.max(until) as u64;
    }
}

fn frame_at(bytes: &[u8], offset: u64) -> Option<(Found, usize)> {
    let length = length_at(bytes)?;
    let frame = Frame::decode(bytes.get(..length)?).ok()?;
    let found = Found {
        first: frame.first.get(),
        before: short(&frame.chain_before),
        chain: short(&frame.chain),
        last: frame.last.get(),
        offset,
    };
    Some((found, length))
}

/// In order, and each once: of several copies the one that lies last.
fn sort(found: &mut Vec<Found>) {
    found.sort_unstable_by(|a, b| {
        (a.first, a.before, a.chain, a.last)
            .cmp(&(b.first, b.before, b.chain, b.last))
            .then(b.offset.cmp(&a.offset))
    });
    found.dedup_by_key(|frame| (frame.first, frame.before, frame.chain, frame.last));
}

/// The bytes of a frame that was found.
pub(super) fn read(file: &File, found: &Found) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; FRAME_BYTES_MAX];
    let filled = fill(file, &mut bytes, found.offset)?;
    bytes.truncate(filled);
    let length = length_at(&bytes).ok_or(std::io::ErrorKind::UnexpectedEof)?;
    bytes.truncate(length);
    Ok(bytes)
}

fn fill(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
