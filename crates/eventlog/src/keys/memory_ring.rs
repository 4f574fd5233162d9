//! A key ring in memory, for the log in memory and for tests.

use std::collections::HashMap;

use domain::StreamId;
use parking_lot::Mutex;

use super::master::{DerivedKey, Purpose};
use super::{KeyNumber, KeyRing, KeyRingError, MasterKey, RandomPool, SubjectKey};

#[derive(Default)]
struct Keys {
    current: HashMap<StreamId, KeyNumber>,
    /// By number, less one; `None` once destroyed.
    all: Vec<Option<(StreamId, SubjectKey)>>,
}

/// Keeps keys until it is dropped.
pub struct MemoryKeyRing {
    keys: Mutex<Keys>,
    random: RandomPool,
    fingerprint: DerivedKey,
}

impl MemoryKeyRing {
    /// An empty ring; the master key gives the fingerprint key only.
    pub fn new(master: &MasterKey) -> Self {
        Self {
            keys: Mutex::default(),
            random: RandomPool::new(),
            fingerprint: DerivedKey(master.derive(Purpose::Fingerprints)),
        }
    }
}

impl std::fmt::Debug for MemoryKeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryKeyRing(..)")
    }
}

impl KeyRing for MemoryKeyRing {
    fn sealing_key(&self, subject: StreamId) -> Result<(KeyNumber, SubjectKey), KeyRingError> {
        let mut keys = self.keys.lock();
        if let Some(number) = keys.current.get(&subject).copied()
            && let Some(Some((_, key))) = keys.all.get(place(number))
        {
            return Ok((number, key.clone()));
        }
        let key = SubjectKey::new(self.random.take()?);
        keys.all.push(Some((subject, key.clone())));
        let number = KeyNumber(keys.all.len() as u64);
        keys.current.insert(subject, number);
        Ok((number, key))
    }

    fn opening_key(
        &self,
        subject: StreamId,
        number: KeyNumber,
    ) -> Result<Option<SubjectKey>, KeyRingError> {
        match self.keys.lock().all.get(place(number)) {
            Some(Some((owner, key))) if *owner == subject => Ok(Some(key.clone())),
            Some(None) => Ok(None),
            Some(Some(_)) | None => Err(KeyRingError::Missing { number: number.0 }),
        }
    }

    fn sync(&self) -> Result<(), KeyRingError> {
        Ok(())
    }

    fn destroy(&self, subject: StreamId) -> Result<u64, KeyRingError> {
        let mut keys = self.keys.lock();
        keys.current.remove(&subject);
        let mut destroyed = 0;
        for slot in &mut keys.all {
            if slot.as_ref().is_some_and(|(owner, _)| *owner == subject) {
                *slot = None;
                destroyed += 1;
            }
        }
        Ok(destroyed)
    }

    fn last_number(&self) -> KeyNumber {
        KeyNumber(self.keys.lock().all.len() as u64)
    }

    fn fingerprint_key(&self) -> &[u8; 32] {
        &self.fingerprint.0
    }
}

fn place(number: KeyNumber) -> usize {
    usize::try_from(number.0).map_or(usize::MAX, |number| number.wrapping_sub(1))
}
