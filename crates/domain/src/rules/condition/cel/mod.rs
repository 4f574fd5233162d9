//! Conditions as expressions, for what a tree of tests cannot say: a bounded part of CEL, the Common
//! Expression Language (<https://github.com/google/cel-spec>).
//!
//! An expression compares what is known of a ticket and has neither loops nor patterns nor a clock, so
//! what it costs is bounded by how long it is. It is read, and its types are checked, once for each
//! value that is loaded and when it is asked for first.

mod guard;
mod known;
mod problem;
mod read;

pub use known::CEL_VARIABLES;
pub use problem::{At, CelProblem};

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Facts;
use read::Program;

/// An expression; what people wrote is what is stored and compared. Copies share what was read of it.
#[derive(Clone)]
pub struct Cel(Arc<Expression>);

struct Expression {
    source: String,
    program: OnceLock<Result<Program, CelProblem>>,
}

impl Cel {
    /// How many bytes an expression can have.
    pub const BYTES_MAX: usize = 2_048;
    /// How deep brackets can be nested, and how many `?` there can be.
    pub const NESTED_MAX: usize = 16;
    /// How many operators and functions can stand within each other.
    pub const DEPTH_MAX: usize = 32;
    /// How many letters of it a finding tells.
    pub const TOLD_LETTERS_MAX: usize = 200;
    /// The functions.
    pub const FUNCTIONS: &'static str = "says, contains, startsWith, endsWith";

    /// The expression that people wrote, whether it can be used or not.
    pub fn new(source: impl Into<String>) -> Self {
        Self(Arc::new(Expression { source: source.into(), program: OnceLock::new() }))
    }

    /// As people wrote it.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// What keeps it from being used.
    pub fn problem(&self) -> Option<CelProblem> {
        self.program().err()
    }

    /// Whether it asks what the description says. Nothing is asked by what cannot be used.
    pub(super) fn asks_words(&self) -> bool {
        self.program().is_ok_and(Program::asks_words)
    }

    /// Whether it holds for the ticket, by the clock of this zone; nothing: that is not known.
    pub(super) fn holds(&self, facts: &Facts<'_>, zone: &str) -> Option<bool> {
        self.program().ok()?.holds(facts, zone)
    }

    /// Its beginning, for whoever is told that it held.
    pub(super) fn told(&self) -> String {
        let source = self.source();
        match source.char_indices().nth(Self::TOLD_LETTERS_MAX) {
            Some((end, _)) => format!("{}…", &source[..end]),
            None => source.to_owned(),
        }
    }

    fn program(&self) -> Result<&Program, CelProblem> {
        let Expression { source, program } = &*self.0;
        let read = match program.get() {
            Some(read) => read,
            None => match read::read(source) {
                // Of this moment, not of the expression: the next look tries again.
                Err(CelProblem::NoThread) => return Err(CelProblem::NoThread),
                read => program.get_or_init(|| read),
            },
        };
        read.as_ref().map_err(CelProblem::clone)
    }
}

impl PartialEq for Cel {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl Eq for Cel {}

impl fmt::Debug for Cel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cel").field(&self.source()).finish()
    }
}

impl Serialize for Cel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.source().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Cel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests;
