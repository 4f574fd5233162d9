//! What can be wrong with an expression, and what to write instead.

use std::fmt;

use super::{CEL_VARIABLES, Cel};

/// Where in an expression: line and column, both from 1, the column in letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl At {
    /// Right behind this beginning of an expression.
    pub(super) fn behind(beginning: &str) -> Self {
        let last = beginning.rsplit('\n').next().unwrap_or_default();
        Self { line: beginning.matches('\n').count() + 1, column: last.chars().count() + 1 }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// An expression that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CelProblem {
    /// Nothing is written.
    #[error("is empty; write an expression, such as images >= 2")]
    Empty,
    /// Too much is written.
    #[error("has {found} bytes; write at most {most}, or several conditions within `all` or `any`")]
    TooLong {
        /// How many.
        found: usize,
        /// How many at most.
        most: usize,
    },
    /// Brackets in brackets in brackets, or a long chain.
    #[error(
        "is nested too deep at {at}; write at most {brackets} brackets or ? and {operators} \
         operators within each other, or several conditions within `all` or `any`",
        brackets = Cel::NESTED_MAX,
        operators = Cel::DEPTH_MAX
    )]
    Nested {
        /// Where it becomes so.
        at: At,
    },
    /// A letter that stands for nothing, such as a Chinese one or a typographic quotation mark.
    #[error(
        "has `{found}` outside quotation marks at {at}; write words within \"…\", and names, brackets \
         and commas as on an English keyboard"
    )]
    Outside {
        /// Where.
        at: At,
        /// The letter.
        found: char,
    },
    /// It is no CEL.
    #[error("cannot be read at {at}: {what}")]
    Syntax {
        /// Where.
        at: At,
        /// What the parser says.
        what: String,
    },
    /// A name of nothing.
    #[error("asks for `{name}` at {at}, which there is not; write one of {CEL_VARIABLES}")]
    Unknown {
        /// Where.
        at: At,
        /// The name.
        name: String,
    },
    /// A function that there is not.
    #[error(
        "calls `{name}` at {at}, which there is not; write one of {functions}",
        functions = Cel::FUNCTIONS
    )]
    Function {
        /// Where.
        at: At,
        /// Its name.
        name: String,
    },
    /// A function that is called as it cannot be.
    #[error("calls `{name}` at {at} as it cannot be called; write it like {example}")]
    Call {
        /// Where.
        at: At,
        /// Its name.
        name: String,
        /// How it can be called.
        example: &'static str,
    },
    /// A part of CEL that conditions do not have.
    #[error(
        "uses {what} at {at}, which conditions do not have; write comparisons with && || ! and ? :, \
         whole numbers with + - * / %, lists behind in, and {functions}",
        functions = Cel::FUNCTIONS
    )]
    Refused {
        /// Where.
        at: At,
        /// What it looks like.
        what: &'static str,
    },
    /// Things that have nothing to do with each other.
    #[error("has {found} at {at}, which does not go together; compare like with like")]
    Kinds {
        /// Where.
        at: At,
        /// The operator between its kinds.
        found: String,
    },
    /// A text that is never so.
    #[error("has \"{found}\" for {kind} at {at}, which it never is; write it like {example}")]
    Never {
        /// Where.
        at: At,
        /// The text.
        found: String,
        /// What it stands beside.
        kind: &'static str,
        /// What can stand there.
        example: &'static str,
    },
    /// It says something, but not whether.
    #[error("is {found}, not true or false; compare it, as in images >= 2")]
    NoAnswer {
        /// What it is.
        found: &'static str,
    },
    /// The parser gave up on it.
    #[error("cannot be read at all; write it in another way, or as a tree of conditions")]
    Unreadable,
    /// The system has no thread to read it on.
    #[error("could not be read, as the system starts no thread now; try again")]
    NoThread,
}
