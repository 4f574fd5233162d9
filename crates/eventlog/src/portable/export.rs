//! A log as one file, also while a server writes to it.

use std::ops::ControlFlow;
use std::path::Path;

use domain::GlobalPosition;

use super::part::{BLOCK_BYTES_MAX, PartError, PartHeader};
use super::writing::PartWriter;
use crate::frame::FrameFault;
use crate::keys::{KeyNumber, KeyRingError, RingSlots, SLOT_BYTES};
use crate::sled_log::damaged;
use crate::{ChainHash, EventLog, Head, LogIdentity, ReadError, SledLog, VerifyProgress};

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExportOptions {
    /// Only what is in the frame of this position and after it. Events that became durable
    /// together can share a frame, so a few before it may come, too.
    pub from: Option<GlobalPosition>,
    /// The keys, too, as they are: wrapped by the master key.
    pub with_keys: bool,
}

/// What an export has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Of which log.
    pub identity: LogIdentity,
    /// Its first event.
    pub first: GlobalPosition,
    /// Its last event.
    pub head: Head,
    /// How many keys are in it; nothing where they were not asked for.
    pub keys: Option<KeyNumber>,
    /// Bytes of the file.
    pub bytes: u64,
}

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file.
    #[error("the export could not be written")]
    Part(#[from] PartError),
    /// The log.
    #[error("the log could not be read; verify it")]
    Log(#[from] ReadError),
    /// The keys.
    #[error("the keys could not be read")]
    Keys(#[from] KeyRingError),
    /// There is nothing of that position.
    #[error("the log ends at position {head}; there is nothing from {from} on")]
    AfterTheEnd {
        /// What was asked for.
        from: GlobalPosition,
        /// The last position.
        head: GlobalPosition,
    },
    /// Whoever asked for it went away.
    #[error("it was broken off; nothing was left behind")]
    BrokenOff,
}

/// Writes what is durable now into a file, which has its name only once all of it is there.
///
/// Each frame's checksum and chain are checked on the way. Appends go on meanwhile and are not in
/// it. A progress that breaks ends it.
///
/// # Errors
/// When the file is there already or cannot be written, or the log cannot be read.
pub fn export(
    log: &SledLog,
    file: &Path,
    options: ExportOptions,
    progress: &mut dyn FnMut(VerifyProgress) -> ControlFlow<()>,
) -> Result<Exported, ExportError> {
    let head = log.head();
    let from = options.from.unwrap_or(GlobalPosition::FIRST).max(GlobalPosition::FIRST);
    if from > head.position {
        return Err(ExportError::AfterTheEnd { from, head: head.position });
    }
    // Asked after the head, so that every key of its events is there.
    let keys = log.keys().last_number();
    let begin = log.frame_holding(from)?;
    let header = PartHeader {
        identity: log.identity(),
        first: begin.first,
        last: head.position,
        chain_before: begin.chain_before,
        chain: head.chain,
        keys,
        with_keys: options.with_keys,
    };
    let mut part = PartWriter::create(file, header)?;
    if options.with_keys {
        copy_keys(log, keys, &mut |first, slots, count| Ok(part.keys(first, slots, count)?))?;
    }
    let mut end = (header.first, header.chain_before);
    while end.0 <= header.last {
        end = copy_frame(log, end, &mut part)?;
        let position = GlobalPosition::new(end.0.get() - 1);
        if progress(VerifyProgress { position, total: header.last }).is_break() {
            return Err(ExportError::BrokenOff);
        }
    }
    let bytes = part.finish()?;
    let keys = options.with_keys.then_some(keys);
    Ok(Exported { identity: header.identity, first: header.first, head, keys, bytes })
}

/// Adds the frame that begins here, after this chain value; where and after what the next begins.
pub(super) fn copy_frame(
    log: &SledLog,
    (next, chain): (GlobalPosition, ChainHash),
    part: &mut PartWriter,
) -> Result<(GlobalPosition, ChainHash), ExportError> {
    let frame = log.frame_holding(next)?;
    let fault = |what: FrameFault| damaged(next, frame.first.get(), what);
    if frame.first != next || frame.chain_before != chain {
        return Err(fault("its chain does not continue".into()).into());
    }
    frame.chain_at(frame.last).map_err(fault)?;
    part.frame(frame.bytes(), frame.first, frame.last, frame.chain)?;
    Ok((frame.last.next(), frame.chain))
}

type TakeSlots<'t> = &'t mut dyn FnMut(u64, &[u8], u64) -> Result<(), ExportError>;

/// Hands on all slots of the key ring up to this number, header included.
pub(super) fn copy_keys(
    log: &SledLog,
    last: KeyNumber,
    take: TakeSlots<'_>,
) -> Result<(), ExportError> {
    let path = log.ring_path();
    let ring = RingSlots::open(&path)?;
    take(0, &ring.header()?, 1)?;
    let at_once = (BLOCK_BYTES_MAX / SLOT_BYTES) as u64;
    let mut next = 1;
    while next <= last.0 {
        let count = at_once.min(last.0 + 1 - next);
        let mut lost = Vec::new();
        let slots = ring.slots(next, count as usize, &mut lost)?;
        if let Some(number) = lost.first() {
            let what = "it cannot be copied";
            return Err(KeyRingError::Damaged { path, number: number.0, what }.into());
        }
        take(next, &slots, count)?;
        next += count;
    }
    Ok(())
}
