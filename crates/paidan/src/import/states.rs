//! What the states of another system mean here.

use std::collections::{BTreeMap, HashMap};

use domain::ticket::{HoldReason, ImportedStep};
use serde::Deserialize;

/// What a mapping says of a state's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateRule {
    /// Waiting to be taken up; a step only where the case was done before.
    Open,
    /// Being worked on.
    Started,
    /// Waiting for something.
    Held(HoldReason),
    /// Done.
    Resolved,
    /// Closed.
    Closed,
    /// A slip of the other system: reported, and the case stays in the state that it had.
    NotAState,
}

/// What a value means that is a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Waiting to be taken up.
    Open,
    /// Being worked on.
    Started,
    /// Waiting for something.
    Held(HoldReason),
    /// Done.
    Resolved,
    /// Closed.
    Closed,
}

impl Meaning {
    /// Whether work is over.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Resolved | Self::Closed)
    }

    /// The step that a case takes when it comes into this state.
    pub const fn step(self) -> Option<ImportedStep> {
        match self {
            Self::Open => None,
            Self::Started => Some(ImportedStep::Started),
            Self::Held(reason) => Some(ImportedStep::Held(reason)),
            Self::Resolved => Some(ImportedStep::Resolved),
            Self::Closed => Some(ImportedStep::Closed),
        }
    }
}

/// How a value of the state column reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    State(Meaning),
    NotAState,
    Unknown,
}

/// The rules of a mapping. An exact value goes before a pattern, a longer pattern before a
/// shorter one, so that their order in the file does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateTable {
    exact: HashMap<String, StateRule>,
    prefixes: Vec<(String, StateRule)>,
}

impl StateTable {
    /// The table of these values; one that ends in `*` stands for all that begin like it.
    ///
    /// # Errors
    /// The value that has a `*` elsewhere.
    pub fn new(rules: BTreeMap<String, StateRule>) -> Result<Self, String> {
        let mut exact = HashMap::new();
        let mut prefixes = Vec::new();
        for (value, rule) in rules {
            match value.strip_suffix('*') {
                Some(prefix) if !prefix.contains('*') => prefixes.push((prefix.to_owned(), rule)),
                None if !value.contains('*') => {
                    exact.insert(value, rule);
                }
                _ => return Err(value),
            }
        }
        prefixes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Ok(Self { exact, prefixes })
    }

    pub(super) fn read(&self, value: &str) -> Reading {
        let rule = self.exact.get(value).or_else(|| {
            self.prefixes
                .iter()
                .find(|(prefix, _)| value.starts_with(prefix.as_str()))
                .map(|(_, rule)| rule)
        });
        match rule {
            None => Reading::Unknown,
            Some(StateRule::NotAState) => Reading::NotAState,
            Some(StateRule::Open) => Reading::State(Meaning::Open),
            Some(StateRule::Started) => Reading::State(Meaning::Started),
            Some(StateRule::Held(reason)) => Reading::State(Meaning::Held(*reason)),
            Some(StateRule::Resolved) => Reading::State(Meaning::Resolved),
            Some(StateRule::Closed) => Reading::State(Meaning::Closed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table<const N: usize>(rules: [(&str, StateRule); N]) -> Result<StateTable, String> {
        StateTable::new(rules.into_iter().map(|(value, rule)| (value.to_owned(), rule)).collect())
    }

    #[test]
    fn an_exact_value_goes_before_a_pattern_and_a_longer_pattern_before_a_shorter() {
        let table = table([
            ("*", StateRule::Open),
            ("Awaiting *", StateRule::Held(HoldReason::WaitingForParts)),
            ("Awaiting User *", StateRule::Held(HoldReason::WaitingForCustomer)),
            ("Awaiting User Info", StateRule::Held(HoldReason::CustomerAbsent)),
        ])
        .expect("a table");
        let held = |reason| Reading::State(Meaning::Held(reason));
        assert_eq!(table.read("Awaiting User Info"), held(HoldReason::CustomerAbsent));
        assert_eq!(table.read("Awaiting User Reply"), held(HoldReason::WaitingForCustomer));
        assert_eq!(table.read("Awaiting Vendor"), held(HoldReason::WaitingForParts));
        assert_eq!(table.read("Anything"), Reading::State(Meaning::Open));
    }

    #[test]
    fn a_value_without_a_rule_is_unknown() {
        let table = table([("Active", StateRule::Started)]).expect("a table");
        assert_eq!(table.read("active"), Reading::Unknown);
    }

    #[test]
    fn a_star_in_the_middle_is_refused() {
        assert_eq!(table([("A*B", StateRule::Open)]), Err("A*B".to_owned()));
        assert_eq!(table([("A**", StateRule::Open)]), Err("A**".to_owned()));
    }
}
