//! Asking what the API answers, and reading it.

use std::io;

use domain::Timestamp;
use eventlog::{Clock, SystemClock};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::CliError;
use super::asking::{ask, connect, unexpected};
use super::target::Target;
use crate::config::Config;
use crate::control::{Client, Reply, Request};

/// Questions that are asked at once.
const AT_ONCE: usize = 200;

/// An answer that is no, as the API words it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// Which kind of no; stable.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status that HTTP gives it.
    pub status: u16,
    /// What was wrong, and what to do.
    pub detail: String,
}

impl Refusal {
    /// Whether the question itself was wrong.
    pub(super) fn is_misuse(&self) -> bool {
        self.status == 400
    }

    /// Whether what was asked for is not there yet.
    pub(super) fn is_early(&self) -> bool {
        self.kind == "urn:paidan:problem:read-model-lags"
    }
}

/// One answer, as HTTP has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) status: u16,
    pub(super) text: String,
}

impl Body {
    /// The body where the answer is yes.
    pub(super) fn accepted(self) -> Result<String, CliError> {
        if (200..300).contains(&self.status) {
            return Ok(self.text);
        }
        Err(CliError::Refused(Box::new(read(&self.text)?)))
    }
}

/// What a body says.
pub(super) fn read<T: DeserializeOwned>(body: &str) -> Result<T, CliError> {
    serde_json::from_str(body).map_err(CliError::OtherShape)
}

/// Whoever answers questions.
pub(super) struct Reader<'c> {
    client: Client<'c>,
    bars: bool,
    now: Option<Timestamp>,
}

impl<'c> Reader<'c> {
    /// Finds whoever answers. `bars` tells whether long work may show how far it is.
    pub(super) fn new(config: &'c Config, bars: bool) -> Result<Self, CliError> {
        Ok(Self { client: connect(config)?, bars, now: None })
    }

    /// What time it is for whoever answers, as of the last answer: what is due is due by their
    /// clock.
    pub(super) fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(|| SystemClock.now())
    }

    /// Whether a server answers.
    pub(super) const fn is_served(&self) -> bool {
        self.client.is_served()
    }

    /// The body of an answer that is yes.
    pub(super) fn ask(&mut self, target: Target) -> Result<String, CliError> {
        self.ask_for(target)?.accepted()
    }

    /// An answer, whatever it is.
    pub(super) fn ask_for(&mut self, target: Target) -> Result<Body, CliError> {
        let unanswered = || CliError::Unanswered(io::ErrorKind::UnexpectedEof.into());
        self.ask_all(vec![target])?.pop().ok_or_else(unanswered)
    }

    /// The answers to several questions, in their order.
    pub(super) fn ask_all(&mut self, targets: Vec<Target>) -> Result<Vec<Body>, CliError> {
        let mut bodies = Vec::with_capacity(targets.len());
        let mut text = String::new();
        let mut at = self.now;
        let targets: Vec<_> = targets.into_iter().map(Target::into_text).collect();
        for targets in targets.chunks(AT_ONCE) {
            let request = Request::Ask { targets: targets.to_vec() };
            ask(&mut self.client, request, "reading the log", self.bars, &mut |reply| {
                match reply {
                    Reply::Part(part) => text.push_str(&part),
                    Reply::Answered { status, now } => {
                        at = Some(now);
                        bodies.push(Body { status, text: std::mem::take(&mut text) });
                    }
                    other => return Err(unexpected(&other)),
                }
                Ok(())
            })?;
        }
        self.now = at;
        Ok(bodies)
    }
}
