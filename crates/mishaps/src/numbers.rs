//! Numbers that look random and are the same in every run.

/// A generator (Knuth's MMIX constants), begun with a seed.
#[derive(Debug)]
pub struct Numbers(pub u64);

impl Numbers {
    /// The next one, below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) % bound
    }
}
