//! Why there is no answer, as it goes over the socket.

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What the one who asked can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// Ask for something else.
    BadRequest,
    /// Use the same release on both sides.
    OtherVersion,
    /// Check the name.
    NotFound,
    /// Start a server first.
    NeedsServer,
    /// Ask again after a moment.
    Busy,
    /// Look at the causes.
    Failed,
}

/// Why there is no answer: a message, and the messages of its causes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What can be done.
    pub kind: FailureKind,
    /// What was attempted and why it failed.
    pub message: String,
    /// Why that happened.
    pub because: Option<Box<Self>>,
}

impl Failure {
    /// A failure without causes.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), because: None }
    }

    /// A failure with the whole chain of an error's causes.
    pub fn of(kind: FailureKind, error: &(dyn Error + 'static)) -> Self {
        let because = error.source().map(|source| Box::new(Self::of(kind, source)));
        Self { kind, message: error.to_string(), because }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.because.as_deref().map(|because| because as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_keeps_the_whole_chain_of_causes() {
        let inner = std::io::Error::other("the disk is gone");
        let error = super::super::LineError::Io(inner);
        let failure = Failure::of(FailureKind::Failed, &error);
        assert_eq!(failure.to_string(), "the connection failed");
        assert_eq!(failure.source().expect("a cause").to_string(), "the disk is gone");
    }
}
