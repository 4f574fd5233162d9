//! What an import noticed: all of it counted, the first of it listed.

use std::collections::BTreeMap;

use serde::Serialize;

/// One thing that was noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The line of the file at which its row begins.
    pub line: u64,
    /// The case, where known.
    pub case: Option<String>,
    /// What kind of thing; stable.
    pub kind: &'static str,
    /// What exactly.
    pub detail: String,
}

/// Things that were noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// How many.
    pub total: u64,
    /// How many of each kind.
    pub by_kind: BTreeMap<&'static str, u64>,
    /// The first of them.
    pub first: Vec<Finding>,
    #[serde(skip)]
    listed_max: usize,
}

impl Findings {
    pub(super) fn new(listed_max: usize) -> Self {
        Self { total: 0, by_kind: BTreeMap::new(), first: Vec::new(), listed_max }
    }

    /// Counts a finding; its words are only made where it is listed.
    pub(super) fn add(
        &mut self,
        line: u64,
        case: Option<&str>,
        kind: &'static str,
        detail: impl FnOnce() -> String,
    ) {
        self.total += 1;
        *self.by_kind.entry(kind).or_default() += 1;
        if self.first.len() < self.listed_max {
            let case = case.map(str::to_owned);
            self.first.push(Finding { line, case, kind, detail: detail() });
        }
    }
}
