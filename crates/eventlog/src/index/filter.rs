//! Says of most keys that are not in a run that they are not, without reading it.
//!
//! A blocked Bloom filter (Putze, Sanders, Singler 2007): a key's seven bits lie in one block of
//! 512, so a question costs one look into memory. With 12 bits a key it is wrong about one absent
//! key in a hundred; being wrong costs reading a block of the run and nothing else.

use domain::StreamId;

const BITS_PER_KEY: u64 = 12;
const BITS_OF_KEY: u32 = 7;
/// Words of a block.
const BLOCK_WORDS: usize = 8;

/// What may be in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    words: Vec<u64>,
}

impl Filter {
    /// An empty filter for so many keys.
    pub(super) fn for_keys(keys: u64) -> Self {
        let blocks = (keys * BITS_PER_KEY).div_ceil(BLOCK_WORDS as u64 * 64).max(1);
        Self { words: vec![0; blocks as usize * BLOCK_WORDS] }
    }

    /// The filter of these stored bytes; none when they are no whole blocks.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() || !bytes.len().is_multiple_of(BLOCK_WORDS * 8) {
            return None;
        }
        let word = |word: &[u8]| word.try_into().map_or(0, u64::from_le_bytes);
        Some(Self { words: bytes.chunks_exact(8).map(word).collect() })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    pub(super) fn insert(&mut self, key: FilterKey) {
        let (block, bits) = self.place(key);
        for (word, mask) in self.words[block..block + BLOCK_WORDS].iter_mut().zip(bits) {
            *word |= mask;
        }
    }

    /// Whether the key may be there; never wrong about one that is.
    pub(super) fn may_hold(&self, key: FilterKey) -> bool {
        let (block, bits) = self.place(key);
        self.words[block..block + BLOCK_WORDS]
            .iter()
            .zip(bits)
            .all(|(word, mask)| word & mask == mask)
    }

    fn place(&self, FilterKey(high, low): FilterKey) -> (usize, [u64; BLOCK_WORDS]) {
        let blocks = (self.words.len() / BLOCK_WORDS) as u128;
        let block = (u128::from(high) * blocks) >> 64;
        let mut masks = [0; BLOCK_WORDS];
        for number in 0..BITS_OF_KEY {
            let bit = (low >> (number * 9)) as usize % (BLOCK_WORDS * 64);
            masks[bit / 64] |= 1 << (bit % 64);
        }
        (block as usize * BLOCK_WORDS, masks)
    }
}

/// What stands for a key in filters: evenly distributed, and the same for ever, because filters
/// are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FilterKey(u64, u64);

impl FilterKey {
    /// Of the hash of a command's id.
    pub(super) fn of_command(hash: &[u8; 16]) -> Self {
        let all = u128::from_le_bytes(*hash);
        Self((all >> 64) as u64, all as u64)
    }

    /// Of a stream.
    pub(super) fn of_stream(stream: StreamId) -> Self {
        let id = stream.id();
        let high = mix((id >> 64) as u64 ^ mix(stream.kind() as u64 + 1));
        Self(mix(high ^ id as u64), mix(high.rotate_left(32) ^ !(id as u64)))
    }
}

/// The finishing step of SplitMix64 (Steele, Lea, Flood 2014).
const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::StreamKind;

    fn key(number: u32) -> FilterKey {
        FilterKey::of_stream(StreamId::new(StreamKind::Ticket, number.into()))
    }

    #[test]
    fn what_was_noted_may_be_there_and_most_else_is_known_to_be_absent() {
        let mut filter = Filter::for_keys(10_000);
        for number in 0..10_000 {
            filter.insert(key(number));
        }
        let filter = Filter::from_bytes(&filter.to_bytes()).expect("whole");
        assert!((0..10_000).all(|number| filter.may_hold(key(number))));
        let wrong = (10_000..30_000).filter(|number| filter.may_hold(key(*number))).count();
        assert!(wrong < 600, "{wrong} of 20,000 absent keys were not known to be absent");
    }

    #[test]
    fn bytes_that_are_no_whole_blocks_are_no_filter() {
        assert_eq!(Filter::from_bytes(&[]), None);
        assert_eq!(Filter::from_bytes(&[0; 65]), None);
    }
}
