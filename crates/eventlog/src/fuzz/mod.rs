//! What any bytes may do to a decoder: give a value or a fault, never a panic or a hang.
//!
//! A target takes any bytes. Checksums would end most tries at once, so each target can also mend
//! bytes: their checksums are made right, and what lies behind them is reached. [`try_target`] changes
//! bytes that decode at random, mends most of them, and feeds them to a target; it is not guided by
//! coverage. The log's own decoders are here; other crates' tests bring targets of their own.

mod decoders;

use std::hash::{BuildHasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

pub use decoders::TARGETS;

/// A decoder, and where to begin.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Decodes these bytes, and all that they lead to.
    pub run: fn(&[u8]),
    /// Makes the checksums in these bytes right.
    pub mend: fn(&mut [u8]),
    /// Bytes that decode.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// What a try costs whatever its bytes are, in bytes; a dear one gets fewer tries.
    pub cost: usize,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Bytes that are tried where no time is given: a frame is long, so it gets fewer tries.
const BYTES: usize = 100_000_000;
/// Changes of one input.
const CHANGES_MAX: u64 = 6;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

fn change(bytes: &mut Vec<u8>, other: &[u8], numbers: &mut Numbers) {
    let place = numbers.below(bytes.len());
    match numbers.below(8) {
        _ if bytes.is_empty() => bytes.push(0),
        0 | 1 => bytes[place] ^= 1 << numbers.below(8),
        2 => bytes[place] = [0, 1, 0x7f, 0x80, 0xff][numbers.below(5)],
        // A length, a count or a position that is far off.
        3 | 4 => {
            let number = [0, 1, 0xffff, 0x7fff_ffff, u64::MAX, u64::MAX / 2][numbers.below(6)];
            let width = [2, 4, 8][numbers.below(3)];
            for (byte, new) in bytes[place..].iter_mut().zip(&number.to_le_bytes()[..width]) {
                *byte = *new;
            }
        }
        5 => bytes.truncate(place),
        6 => {
            let until = (place + numbers.below(64)).min(bytes.len());
            bytes.drain(place..until);
        }
        _ => {
            let from = numbers.below(other.len());
            let until = (from + numbers.below(64)).min(other.len());
            let piece = other[from..until].to_vec();
            bytes.splice(place..place, piece);
        }
    }
}

fn fuzz(target: &Target, mut numbers: Numbers, lasts: Option<Duration>) -> u64 {
    let seeds = (target.seeds)();
    for seed in &seeds {
        (target.run)(seed);
    }
    let begun = Instant::now();
    let (mut tries, mut tried) = (0, 0);
    while lasts.map_or(tried < BYTES, |lasts| begun.elapsed() < lasts) {
        tries += 1;
        let mut bytes = seeds[numbers.below(seeds.len())].clone();
        let other = &seeds[numbers.below(seeds.len())];
        for _ in 0..=numbers.below(CHANGES_MAX as usize) {
            change(&mut bytes, other, &mut numbers);
        }
        if numbers.below(4) > 0 {
            (target.mend)(&mut bytes);
        }
        tried += bytes.len() + target.cost;
        if catch_unwind(AssertUnwindSafe(|| (target.run)(&bytes))).is_err() {
            panic!("{}, try {tries}, panicked on {bytes:02x?}", target.name);
        }
    }
    tries
}

/// Feeds a target for a while: with a fixed seed and so many bytes, or, where
/// `PAIDAN_FUZZ_SECONDS` is set, for so long with a seed of its own that is printed and that
/// `PAIDAN_FUZZ_SEED` repeats.
///
/// # Panics
/// When the target does, with the bytes that made it.
pub fn try_target(target: &Target) {
    let variable = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let lasts = variable("PAIDAN_FUZZ_SECONDS").map(Duration::from_secs);
    // A long run begins elsewhere each time.
    let fresh = || RandomState::new().hash_one(target.name);
    let seed = variable("PAIDAN_FUZZ_SEED");
    let seed = seed.unwrap_or_else(|| if lasts.is_some() { fresh() } else { 42 });
    let tries = fuzz(target, Numbers(seed), lasts);
    eprintln!("{}: {tries} tries, seed {seed}", target.name);
}
