//! Fresh ids of events.

use domain::{EventId, Timestamp};
use uuid::Builder;

/// Gives UUIDv7 ids (RFC 9562, section 5.7) that grow within one process: the random part of a
/// millisecond's first id is counted up for those that follow (section 6.2, method 2).
#[derive(Debug)]
pub(crate) struct EventIds {
    millis: u64,
    random: u128,
}

const RANDOM_BITS: u32 = 74;

impl EventIds {
    pub(crate) const fn new() -> Self {
        Self { millis: 0, random: 0 }
    }

    pub(crate) fn next(&mut self, now: Timestamp) -> EventId {
        let millis = u64::try_from(now.as_micros() / 1000).unwrap_or(0);
        if millis > self.millis {
            self.millis = millis;
            self.random = fresh();
        } else {
            self.random += 1;
        }
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&(self.random << 6 & mask_80()).to_be_bytes()[6..]);
        EventId::from_uuid(Builder::from_unix_timestamp_millis(self.millis, &bytes).into_uuid())
    }
}

const fn mask_80() -> u128 {
    (1 << 80) - 1
}

/// Half the room is left for counting up.
fn fresh() -> u128 {
    let mut bytes = [0; 16];
    // Without a source of randomness ids stay unique within the process: the counter goes on.
    if getrandom::fill(&mut bytes).is_err() {
        return 0;
    }
    u128::from_be_bytes(bytes) >> (128 - (RANDOM_BITS - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_within_a_millisecond_and_grow_with_time() {
        let mut ids = EventIds::new();
        let at = |micros| Timestamp::from_micros(micros);
        let same: std::collections::HashSet<_> = (0..1000).map(|_| ids.next(at(5_000))).collect();
        assert_eq!(same.len(), 1000);
        let later = ids.next(at(6_000));
        assert!(same.iter().all(|id| *id < later));
    }
}
