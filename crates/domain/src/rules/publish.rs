//! Publishing rules: checked, counted, recorded whole.

use super::event::{RuleSetEvent, RuleSetPublished, Rules};
use crate::decision::{Aggregates, Change};
use crate::rejection::Rejection;
use crate::stream::StreamId;

pub(crate) fn publish(
    aggregates: &dyn Aggregates,
    rules: &Rules,
) -> Result<Vec<Change>, Rejection> {
    rules.check().map_err(|problems| Rejection::InvalidRules {
        problems: problems.iter().map(ToString::to_string).collect(),
    })?;
    let current = aggregates.rules();
    if current.rules == *rules {
        return Ok(Vec::new());
    }
    let published = RuleSetPublished { version: current.version.next(), rules: rules.clone() };
    Ok(vec![Change::own(StreamId::RULES, RuleSetEvent::RuleSetPublished(published))])
}
