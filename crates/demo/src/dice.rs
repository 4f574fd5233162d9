//! Chance that is the same for the same seed, everywhere and always.
//!
//! Each question has a draw of its own, named by what it is about: the answer depends on the seed,
//! the name and the numbers, and on no other draw. So a further question never shifts the answers
//! to all others, and nothing has to be remembered between draws. It is BLAKE3, whose bytes are the
//! same on every machine and in every version, and whole numbers only.

use std::time::Duration;

/// The seed of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dice {
    seed: u64,
}

/// The draw of one question.
#[derive(Debug)]
pub(crate) struct Draw(blake3::OutputReader);

impl Dice {
    /// The dice of a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The draw for one question about these.
    pub(crate) fn draw(self, question: &str, about: &[u64]) -> Draw {
        let mut hasher = blake3::Hasher::new_derive_key("paidan demo 2026-11 draw");
        hasher.update(&self.seed.to_le_bytes());
        hasher.update(&(question.len() as u64).to_le_bytes());
        hasher.update(question.as_bytes());
        for number in about {
            hasher.update(&number.to_le_bytes());
        }
        Draw(hasher.finalize_xof())
    }
}

impl Draw {
    fn next(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A number from 0 to below `end`; 0 where `end` is 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        // The high half of a product: even enough for stories, and without a loop.
        let wide = u128::from(self.next()) * u128::from(end);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// Happens so many times of a hundred.
    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// An index into so many; 0 where there are none.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// One of these.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.index(of.len()))
    }

    /// One of these sentences; the empty one where there are none.
    pub(crate) fn words(&mut self, of: &[&'static str]) -> &'static str {
        self.pick(of).copied().unwrap_or_default()
    }

    /// A span of whole seconds between two numbers of minutes.
    pub(crate) fn minutes(&mut self, from: u64, until: u64) -> Duration {
        Duration::from_secs(from * 60 + self.below((until - from) * 60 + 1))
    }

    /// Such a span, more often a short one.
    pub(crate) fn minutes_soon(&mut self, from: u64, until: u64) -> Duration {
        self.minutes(from, until).min(self.minutes(from, until))
    }

    /// Such a span in seconds.
    pub(crate) fn seconds(&mut self, from: u64, until: u64) -> Duration {
        Duration::from_secs(from + self.below(until - from + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_has_the_same_answer_and_others_have_others() {
        let numbers = |seed, question: &str, about: &[u64]| -> Vec<u64> {
            let mut draw = Dice::new(seed).draw(question, about);
            (0..8).map(|_| draw.below(1_000_000)).collect()
        };
        let first = numbers(1, "accept", &[7, 1]);
        assert_eq!(first, numbers(1, "accept", &[7, 1]));
        for other in [
            numbers(2, "accept", &[7, 1]),
            numbers(1, "decline", &[7, 1]),
            numbers(1, "accept", &[7, 2]),
            numbers(1, "accept", &[7]),
        ] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn draws_are_pinned_for_all_time() {
        // A seed that somebody wrote down must tell the same story after an update.
        let mut draw = Dice::new(42).draw("pinned", &[1, 2, 3]);
        let numbers: Vec<_> = (0..4).map(|_| draw.below(1_000_000)).collect();
        assert_eq!(numbers, [620_442, 985_225, 31_091, 352_844]);
    }

    #[test]
    fn chances_come_out_about_as_often_as_they_say() {
        let hits = (0..10_000).filter(|n| Dice::new(1).draw("chance", &[*n]).percent(30)).count();
        assert!((2_800..3_200).contains(&hits), "{hits}");
    }

    #[test]
    fn spans_stay_within_their_ends() {
        let mut draw = Dice::new(1).draw("spans", &[]);
        for _ in 0..1_000 {
            assert!((120..=300).contains(&draw.minutes_soon(2, 5).as_secs()));
            assert!((3..=4).contains(&draw.seconds(3, 4).as_secs()));
            assert_eq!(draw.minutes(5, 5).as_secs(), 300);
        }
    }
}
