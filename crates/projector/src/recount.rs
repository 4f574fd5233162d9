//! By which rules a model counts the past.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use domain::rules::{RuleSet, RuleSetEvent, RuleSetPublished, Rules};
use domain::{Event, RuleSetVersion, StreamId, StreamVersion};
use eventlog::{EventLog, ReadError, RecordedEvent};
use serde::{Deserialize, Serialize};

/// Publications that are read at once.
const PAGE: usize = 64;

/// Which rules are taken to have held from the log's first event on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Recount {
    /// Each when it was published: what happened counts by the rules of its time.
    #[default]
    AsRecorded,
    /// A published set, until it was published; later ones from their publication on.
    Published(Arc<RuleSet>),
    /// A set that nobody has published, always. For comparisons: no live model counts by it.
    Tried(Arc<Rules>),
}

/// Rules that the past cannot be counted by.
#[derive(Debug, thiserror::Error)]
pub enum RecountError {
    /// There is no such version.
    #[error("rules {0} were never published; see `GET /api/v1/rules` for the latest version")]
    Unknown(RuleSetVersion),
    /// They could not take effect.
    #[error("the rules cannot take effect: {}", problems.join("; "))]
    Wrong {
        /// Everything that keeps them from it.
        problems: Vec<String>,
    },
    /// The log could not be read.
    #[error("the log could not be read for rules {version}")]
    Read {
        /// Which were looked for.
        version: RuleSetVersion,
        /// What the log said.
        #[source]
        source: ReadError,
    },
}

impl Recount {
    /// A published set. [`RuleSetVersion::SHIPPED`] is [`Recount::AsRecorded`]: the shipped rules
    /// held until others were published.
    ///
    /// # Errors
    /// When it was never published, or the log cannot be read.
    pub fn published(log: &dyn EventLog, version: RuleSetVersion) -> Result<Self, RecountError> {
        if version == RuleSetVersion::SHIPPED {
            return Ok(Self::AsRecorded);
        }
        let mut after = StreamVersion::ZERO;
        loop {
            let page = log
                .read_stream(StreamId::RULES, after, PAGE)
                .map_err(|source| RecountError::Read { version, source })?;
            let Some(last) = page.last() else { return Err(RecountError::Unknown(version)) };
            after = last.version;
            let found = page.iter().find_map(|event| match &event.event {
                Event::Rules(RuleSetEvent::RuleSetPublished(set)) if set.version == version => {
                    Some(set)
                }
                _ => None,
            });
            if let Some(set) = found {
                let rules = set.rules.clone();
                return Ok(Self::Published(Arc::new(RuleSet { version, rules })));
            }
        }
    }

    /// The version that a snapshot names; nothing for rules that have none.
    pub fn version(&self) -> Option<RuleSetVersion> {
        match self {
            Self::AsRecorded => Some(RuleSetVersion::SHIPPED),
            Self::Published(set) => Some(set.version),
            Self::Tried(_) => None,
        }
    }

    /// Tells recounts apart in a snapshot: zeros for what was recorded, else a BLAKE3 of the rules.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let (version, rules) = match self {
            Self::AsRecorded => return [0; 32],
            Self::Published(set) => (Some(set.version), &set.rules),
            Self::Tried(rules) => (None, &**rules),
        };
        // Rules are what a file of them held, so they can be written again.
        let text = serde_json::to_vec(&(version, rules)).unwrap_or_default();
        blake3::hash(&text).into()
    }

    /// What a snapshot's file is called after.
    pub(crate) fn suffix(&self) -> String {
        match self {
            Self::AsRecorded => String::new(),
            Self::Published(set) => format!(".rules-{}", set.version),
            Self::Tried(_) => ".tried".to_owned(),
        }
    }

    /// The rules that hold before the first event; nothing: the shipped ones.
    pub(crate) fn at_first(&self) -> Option<&Rules> {
        match self {
            Self::AsRecorded => None,
            Self::Published(set) => Some(&set.rules),
            Self::Tried(rules) => Some(rules),
        }
    }

    /// The event as a fold is to see it.
    pub(crate) fn seen<'a>(&self, event: &'a RecordedEvent) -> Cow<'a, RecordedEvent> {
        let Event::Rules(RuleSetEvent::RuleSetPublished(published)) = &event.event else {
            return Cow::Borrowed(event);
        };
        match self.instead_of(published) {
            None => Cow::Borrowed(event),
            Some(rules) => {
                let published = RuleSetPublished { rules: rules.clone(), ..published.clone() };
                let seen = Event::Rules(RuleSetEvent::RuleSetPublished(published));
                Cow::Owned(RecordedEvent { event: seen, ..event.clone() })
            }
        }
    }

    fn instead_of(&self, published: &RuleSetPublished) -> Option<&Rules> {
        match self {
            Self::AsRecorded => None,
            Self::Published(set) => (published.version < set.version).then_some(&set.rules),
            Self::Tried(rules) => Some(rules),
        }
    }
}

/// Which recount it is, without the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum RecountName {
    /// What happened counts by the rules of its time.
    AsRecorded,
    /// By these, from the beginning until they were published.
    Published(RuleSetVersion),
    /// By rules that nobody published.
    Tried,
    /// By those of each live model.
    AsLive,
}

impl Recount {
    /// Which it is.
    pub fn name(&self) -> RecountName {
        match self {
            Self::AsRecorded => RecountName::AsRecorded,
            Self::Published(set) => RecountName::Published(set.version),
            Self::Tried(_) => RecountName::Tried,
        }
    }
}

const AS_RECORDED: &str = "as recorded";
const TRIED: &str = "rules that are not published";
const AS_LIVE: &str = "as the live ones";
/// Before and after the version of published rules.
const PUBLISHED: [&str; 2] = ["rules ", " from the beginning"];

impl fmt::Display for RecountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsRecorded => f.write_str(AS_RECORDED),
            Self::Published(version) => {
                let [before, after] = PUBLISHED;
                write!(f, "{before}{version}{after}")
            }
            Self::Tried => f.write_str(TRIED),
            Self::AsLive => f.write_str(AS_LIVE),
        }
    }
}

/// A text that names no recount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no way to count the past")]
pub struct UnknownRecount(String);

impl FromStr for RecountName {
    type Err = UnknownRecount;

    fn from_str(text: &str) -> Result<Self, UnknownRecount> {
        let [before, after] = PUBLISHED;
        let version = text.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        match (text, version.map(str::parse)) {
            (AS_RECORDED, _) => Ok(Self::AsRecorded),
            (TRIED, _) => Ok(Self::Tried),
            (AS_LIVE, _) => Ok(Self::AsLive),
            (_, Some(Ok(version))) => Ok(Self::Published(RuleSetVersion::new(version))),
            _ => Err(UnknownRecount(text.chars().take(64).collect())),
        }
    }
}

impl From<RecountName> for String {
    fn from(name: RecountName) -> Self {
        name.to_string()
    }
}

impl TryFrom<String> for RecountName {
    type Error = UnknownRecount;

    fn try_from(text: String) -> Result<Self, UnknownRecount> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recounts_name_reads_back() {
        let published = RecountName::Published(RuleSetVersion::new(12));
        for name in [RecountName::AsRecorded, published, RecountName::Tried, RecountName::AsLive] {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        assert!("rules x from the beginning".parse::<RecountName>().is_err());
    }
}
