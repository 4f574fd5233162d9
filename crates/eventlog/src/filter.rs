//! Says of most commands and streams that are new that they are, without asking the index file.
//!
//! A Bloom filter of a fixed size: of 10 million entries it is wrong about one new one in two
//! hundred, of 30 million about one in eight; being wrong costs a look into the file and nothing
//! else. It is filled from the file in the background at each start, and until that is done it
//! says of nothing that it is new.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::StreamId;

/// 16 MiB.
const WORDS: usize = 2 * 1024 * 1024;
const BITS_MASK: usize = WORDS * 64 - 1;

/// What may be known already.
pub(crate) struct Filter {
    words: Box<[AtomicU64]>,
    complete: AtomicBool,
}

impl Filter {
    /// An empty filter of an empty index is complete; any other is not yet.
    pub(crate) fn new(complete: bool) -> Self {
        Self {
            words: (0..WORDS).map(|_| AtomicU64::new(0)).collect(),
            complete: AtomicBool::new(complete),
        }
    }

    /// Notes an entry.
    pub(crate) fn insert(&self, hash: &[u8; 16]) {
        for bit in bits(hash) {
            self.words[bit / 64].fetch_or(1 << (bit % 64), Ordering::Relaxed);
        }
    }

    /// Everything that was there before is noted.
    pub(crate) fn complete(&self) {
        self.complete.store(true, Ordering::Release);
    }

    /// Whether it is certain that the entry was never noted.
    pub(crate) fn is_new(&self, hash: &[u8; 16]) -> bool {
        self.complete.load(Ordering::Acquire)
            && bits(hash)
                .into_iter()
                .any(|bit| self.words[bit / 64].load(Ordering::Relaxed) & 1 << (bit % 64) == 0)
    }
}

/// Four bits of an evenly distributed hash.
fn bits(hash: &[u8; 16]) -> [usize; 4] {
    let word = |at: usize| {
        let mut four = [0; 4];
        four.copy_from_slice(&hash[at..at + 4]);
        u32::from_le_bytes(four) as usize & BITS_MASK
    };
    [word(0), word(4), word(8), word(12)]
}

/// Stands for a stream in the filter.
pub(crate) fn stream_hash(stream: StreamId) -> [u8; 16] {
    let mut bytes = [0; 17];
    bytes[0] = stream.kind() as u8;
    bytes[1..].copy_from_slice(&stream.id().to_le_bytes());
    let mut out = [0; 16];
    out.copy_from_slice(&blake3::hash(&bytes).as_bytes()[..16]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_never_called_new() {
        let filter = Filter::new(true);
        let hash =
            |number: u32| stream_hash(StreamId::new(domain::StreamKind::Ticket, number.into()));
        for number in 0..10_000 {
            filter.insert(&hash(number));
        }
        assert!((0..10_000).all(|number| !filter.is_new(&hash(number))));
        let wrong = (10_000..20_000).filter(|number| !filter.is_new(&hash(*number))).count();
        assert!(wrong < 10, "{wrong} of 10,000 new ones were not seen to be new");
    }

    #[test]
    fn a_filter_that_is_not_filled_yet_calls_nothing_new() {
        let filter = Filter::new(false);
        assert!(!filter.is_new(&[1; 16]));
        filter.complete();
        assert!(filter.is_new(&[1; 16]));
    }
}
