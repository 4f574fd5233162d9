//! Publishing a firm's rules.

use std::sync::Arc;

use domain::rules::{RuleSet, RuleSetVersion, Rules};
use domain::{
    Actor, Command, CommandId, Event, GlobalPosition, ImportBatchId, Issuer, Party, StreamId,
    StreamVersion,
};
use engine::{Engine, Submission};
use eventlog::{EventLog, ReadError};
use serde::{Deserialize, Serialize};

use super::failure::{Failure, FailureKind};
use super::handler::Parts;

/// Publications that are read at once.
const PAGE: usize = 64;

/// What became of rules that were to be published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The rules that held before.
    pub before: Rules,
    /// Their version.
    pub before_version: RuleSetVersion,
    /// The version that holds now; the same where these rules held already.
    pub version: RuleSetVersion,
    /// From where in the log on it holds; nothing for the shipped rules.
    pub holds_from: Option<GlobalPosition>,
}

/// Publishes rules over those that hold now, and over no others: what changes is then known.
pub(super) fn publish(
    parts: &Parts,
    rules: Rules,
    batch: ImportBatchId,
) -> Result<Published, Failure> {
    let held =
        Held::read(parts.log.as_ref()).map_err(|error| Failure::of(FailureKind::Failed, &error))?;
    let Held { set: RuleSet { version: before_version, rules: before }, stream, since } = held;
    let receipt = submit(&parts.engine, rules, batch, stream)?;
    let (version, holds_from) = match receipt.recorded_at {
        Some(_) => (before_version.next(), Some(receipt.position)),
        None => (before_version, since),
    };
    Ok(Published { before, before_version, version, holds_from })
}

fn submit(
    engine: &Arc<Engine>,
    rules: Rules,
    batch: ImportBatchId,
    over: StreamVersion,
) -> Result<engine::Receipt, Failure> {
    let id = CommandId { issuer: Issuer::Import("rules".to_owned()), key: batch.to_string() };
    let actor = Actor::system(Party::Import);
    let command = Submission::live(id, Command::PublishRules(rules), actor);
    let command = Submission { if_version: Some(over), ..command };
    let receipt = engine.begin(command).and_then(engine::Pending::wait);
    receipt.map_err(|error| match error {
        engine::Error::VersionMismatch { .. } => Failure::new(
            FailureKind::Failed,
            "somebody else published rules at this moment; look at them with `paidan rules show` \
             and publish again",
        ),
        error => Failure::of(FailureKind::Failed, &error),
    })
}

/// The rules that hold.
struct Held {
    set: RuleSet,
    stream: StreamVersion,
    since: Option<GlobalPosition>,
}

impl Held {
    fn read(log: &dyn EventLog) -> Result<Self, ReadError> {
        let mut held = Self { set: RuleSet::default(), stream: StreamVersion::ZERO, since: None };
        loop {
            let page = log.read_stream(StreamId::RULES, held.stream, PAGE)?;
            let full = page.len() == PAGE;
            for recorded in page {
                held.stream = recorded.version;
                held.since = Some(recorded.position);
                if let Event::Rules(event) = &recorded.event {
                    held.set.apply(event);
                }
            }
            if !full {
                return Ok(held);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Span;
    use eventlog::{MemoryLog, SystemClock};

    fn engine() -> Arc<Engine> {
        let clock = Arc::new(SystemClock);
        let log = MemoryLog::new(clock.clone()).expect("a log");
        Arc::new(Engine::new(Arc::new(log), clock, Default::default()))
    }

    fn within(minutes: u32) -> Rules {
        let mut rules = Rules::default();
        rules.accept.within = Span::minutes(minutes);
        rules
    }

    #[test]
    fn whoever_publishes_over_rules_that_changed_meanwhile_is_told_and_changes_nothing() {
        let engine = engine();
        let send = |minutes, run, over| {
            let batch = ImportBatchId::from_u128(run);
            submit(&engine, within(minutes), batch, StreamVersion::new(over))
        };
        assert!(send(20, 1, 0).is_ok());
        let late = send(10, 2, 0).expect_err("somebody was first");
        assert!(late.message.contains("publish again"), "{late}");
        let next = send(10, 3, 1).expect("published");
        assert_eq!(next.version, StreamVersion::new(2));
    }
}
