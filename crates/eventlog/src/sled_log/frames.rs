//! Reading frames: each is checked once, when it comes from the store, and kept for a while.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::GlobalPosition;
use parking_lot::Mutex;
use sled::IVec;

use super::store::{FrameStore, StoreError};
use crate::ReadError;
use crate::frame::{Frame, FrameFault};

/// How many frames are kept: 1 MiB when all are of the usual length.
const CACHED_FRAMES: usize = 64;

pub(crate) type StoredFrame = Frame<IVec>;

#[derive(Default)]
struct Cache {
    /// By first position; with the tick of the last use.
    frames: BTreeMap<u64, (Arc<StoredFrame>, u64)>,
    tick: u64,
}

/// Reads frames of a store.
pub(crate) struct Frames {
    store: Arc<FrameStore>,
    cache: Mutex<Cache>,
}

impl Frames {
    pub(crate) fn new(store: Arc<FrameStore>) -> Self {
        Self { store, cache: Mutex::default() }
    }

    /// The frame that holds this position; it must be durable.
    pub(crate) fn holding(&self, position: GlobalPosition) -> Result<Arc<StoredFrame>, ReadError> {
        if let Some(frame) = self.cached(position) {
            return Ok(frame);
        }
        let (key, bytes) = self
            .store
            .at_or_before(position)
            .map_err(|error| store_failed("looking up a frame", error))?
            .ok_or_else(|| missing(position))?;
        let frame = Arc::new(decode(key, bytes)?);
        if frame.last < position {
            return Err(missing(position));
        }
        let mut cache = self.cache.lock();
        cache.tick += 1;
        let tick = cache.tick;
        if cache.frames.len() >= CACHED_FRAMES {
            let oldest = cache.frames.iter().min_by_key(|(_, (_, used))| *used).map(|(k, _)| *k);
            if let Some(oldest) = oldest {
                cache.frames.remove(&oldest);
            }
        }
        cache.frames.insert(frame.first.get(), (Arc::clone(&frame), tick));
        Ok(frame)
    }

    fn cached(&self, position: GlobalPosition) -> Option<Arc<StoredFrame>> {
        let cache = &mut *self.cache.lock();
        let (_, (frame, used)) = cache.frames.range_mut(..=position.get()).next_back()?;
        if frame.last < position {
            return None;
        }
        cache.tick += 1;
        *used = cache.tick;
        Some(Arc::clone(frame))
    }
}

/// A stored value as the frame that its key says it is.
pub(crate) fn decode(key: u64, bytes: IVec) -> Result<StoredFrame, ReadError> {
    let position = GlobalPosition::new(key);
    let frame = Frame::decode(bytes).map_err(|fault| damaged(position, key, fault))?;
    if frame.first != position {
        return Err(damaged(position, key, "a frame lies under another frame's key".into()));
    }
    Ok(frame)
}

pub(crate) fn damaged(position: GlobalPosition, key: u64, fault: FrameFault) -> ReadError {
    ReadError::Damaged { position, place: format!("log, frame {key}"), what: fault.what }
}

pub(crate) fn missing(position: GlobalPosition) -> ReadError {
    ReadError::Damaged {
        position,
        place: "log".into(),
        what: "a frame is missing: there is a gap".into(),
    }
}

pub(crate) fn store_failed(doing: &'static str, error: StoreError) -> ReadError {
    ReadError::Store { doing, source: Box::new(error) }
}
