//! Which uploads are open, how far each is, and who is writing it.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::Timestamp;
use lru::LruCache;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{Error, Limits, UploadId};

/// What is held in memory of an open upload. No file, and no hasher: those are bounded apart.
pub(super) struct Entry {
    pub(super) client: String,
    pub(super) length: Option<u64>,
    /// Synced, and said to be.
    pub(super) offset: u64,
    pub(super) expires_at: Timestamp,
    /// There only while somebody writes, or wants to.
    pub(super) turn: Weak<Turn>,
}

/// Whose turn it is to write.
pub(super) struct Turn {
    one: Arc<Semaphore>,
    wanted: watch::Sender<u64>,
}

/// The right to write an upload, alone.
pub(super) struct Hold {
    _one: OwnedSemaphorePermit,
    _turn: Arc<Turn>,
    wanted: watch::Receiver<u64>,
}

impl Hold {
    /// Says when somebody else wants the upload.
    pub(super) fn wanted(&self) -> watch::Receiver<u64> {
        self.wanted.clone()
    }
}

pub(super) struct Desk {
    entries: Mutex<HashMap<UploadId, Entry>>,
    /// Hashers of what has arrived, of the uploads written last.
    hashers: Mutex<LruCache<UploadId, blake3::Hasher>>,
}

impl Desk {
    pub(super) fn new(hashers_max: usize) -> Self {
        let hashers_max = NonZeroUsize::new(hashers_max).unwrap_or(NonZeroUsize::MIN);
        Self { entries: Mutex::default(), hashers: Mutex::new(LruCache::new(hashers_max)) }
    }

    /// Enters an upload, which is refused where there are too many, or no room for what all are
    /// still to bring.
    pub(super) fn admit(
        &self,
        id: UploadId,
        entry: Entry,
        limits: &Limits,
        free_bytes: u64,
    ) -> Result<(), Error> {
        let mut entries = self.entries.lock();
        if entries.len() >= limits.open_max {
            return Err(Error::TooMany { open_max: limits.open_max });
        }
        let of_client = entries.values().filter(|open| open.client == entry.client).count();
        if of_client >= limits.open_per_client_max {
            return Err(Error::TooManyOfClient { open_max: limits.open_per_client_max });
        }
        let to_come = entries.values().chain([&entry]).map(Entry::to_come);
        let to_come = to_come.fold(limits.disk_reserve_bytes, u64::saturating_add);
        if to_come > free_bytes {
            return Err(Error::NoRoom);
        }
        entries.insert(id, entry);
        Ok(())
    }

    /// Enters an upload that was open before a restart.
    pub(super) fn enter(&self, id: UploadId, entry: Entry) {
        self.entries.lock().insert(id, entry);
    }

    /// Looks at an entry, or changes it.
    pub(super) fn with<T>(&self, id: UploadId, look: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        self.entries.lock().get_mut(&id).map(look)
    }

    pub(super) fn leave(&self, id: UploadId) {
        self.entries.lock().remove(&id);
        self.hashers.lock().pop(&id);
    }

    pub(super) fn is_open(&self, id: UploadId) -> bool {
        self.entries.lock().contains_key(&id)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.lock().len()
    }

    /// Those whose time is over.
    pub(super) fn expired(&self, now: Timestamp) -> Vec<UploadId> {
        let entries = self.entries.lock();
        let over = entries.iter().filter(|(_, entry)| entry.expires_at <= now);
        over.map(|(id, _)| *id).collect()
    }

    /// Takes the upload for oneself. Whoever writes it is asked to let go: a line that died is
    /// noticed late, and its client is back long before.
    pub(super) async fn hold(&self, id: UploadId, within: Duration) -> Result<Hold, Error> {
        let turn = self.turn(id)?;
        turn.wanted.send_modify(|wanted| *wanted += 1);
        let one = tokio::time::timeout(within, Arc::clone(&turn.one).acquire_owned()).await;
        let Ok(Ok(one)) = one else { return Err(Error::Busy { id }) };
        self.held(id, one, turn)
    }

    /// Takes the upload unless somebody has it.
    pub(super) fn hold_if_idle(&self, id: UploadId) -> Result<Hold, Error> {
        let turn = self.turn(id)?;
        let one = Arc::clone(&turn.one).try_acquire_owned().map_err(|_| Error::Busy { id })?;
        self.held(id, one, turn)
    }

    fn turn(&self, id: UploadId) -> Result<Arc<Turn>, Error> {
        let turn = self.with(id, |entry| {
            entry.turn.upgrade().unwrap_or_else(|| {
                let one = Arc::new(Semaphore::new(1));
                let turn = Arc::new(Turn { one, wanted: watch::Sender::new(0) });
                entry.turn = Arc::downgrade(&turn);
                turn
            })
        });
        turn.ok_or(Error::NotFound { id })
    }

    fn held(
        &self,
        id: UploadId,
        one: OwnedSemaphorePermit,
        turn: Arc<Turn>,
    ) -> Result<Hold, Error> {
        // It may have been finished or given up while we waited.
        if !self.is_open(id) {
            return Err(Error::NotFound { id });
        }
        let wanted = turn.wanted.subscribe();
        Ok(Hold { _one: one, _turn: turn, wanted })
    }

    /// The hasher of the first `offset` bytes, where it is still known.
    pub(super) fn take_hasher(&self, id: UploadId, offset: u64) -> Option<blake3::Hasher> {
        let known = self.hashers.lock().pop(&id).filter(|hasher| hasher.count() == offset);
        known.or_else(|| (offset == 0).then(blake3::Hasher::new))
    }

    pub(super) fn keep_hasher(&self, id: UploadId, hasher: blake3::Hasher) {
        self.hashers.lock().put(id, hasher);
    }
}

impl Entry {
    fn to_come(&self) -> u64 {
        self.length.map_or(0, |length| length.saturating_sub(self.offset))
    }
}
