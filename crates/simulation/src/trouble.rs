//! How much goes wrong. Each seed has its own weather, so that some runs show one fault at a time
//! and others all of them at once.

use crate::chance::Chance;

/// Of so many in a hundred messages.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Trouble {
    pub(crate) lost: u64,
    pub(crate) late: u64,
    pub(crate) twice: u64,
    /// The log takes nothing.
    pub(crate) busy: u64,
    /// Something breaks before somebody does something.
    pub(crate) breaks: u64,
}

impl Trouble {
    pub(crate) fn new(chance: &mut Chance) -> Self {
        let mut some = || *chance.of(&[0, 2, 8, 20]);
        Self { lost: some(), late: some(), twice: some(), busy: some(), breaks: some() }
    }
}

/// A part of the system that is taken out, to see that the simulation notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sabotage {
    /// All is as it should be.
    #[default]
    None,
    /// The server records each assignment of a dispatcher without asking whether the ticket is
    /// somebody's.
    NoGuard,
    /// Dispatchers name their commands by chance and do not say what they were based on.
    NamesByChance,
    /// Dispatchers never look at the clock.
    NoTimers,
    /// Running dispatchers do not hear that somebody went off duty; fresh ones read it.
    HardOfHearing,
    /// Running dispatchers do not see pictures; fresh ones do.
    Blind,
}

impl Sabotage {
    /// All that should be noticed.
    pub const ALL: [Self; 5] =
        [Self::NoGuard, Self::NamesByChance, Self::NoTimers, Self::HardOfHearing, Self::Blind];
}
