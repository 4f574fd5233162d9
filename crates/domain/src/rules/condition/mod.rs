//! Conditions as data: a tree that a form can edit and a decision can explain.

mod cel;
mod evaluate;
mod form;
pub(super) mod stored;

pub use cel::{At, CEL_VARIABLES, Cel, CelProblem};
pub use evaluate::{Facts, Finding, Met};

use serde::{Deserialize, Serialize};

use crate::calendar::WeeklyHours;
use crate::id::{AreaId, OutletId};
use crate::ticket::{Channel, Priority};

/// When a rule holds. People write it as a table with one key: `{ all = [ … ] }`,
/// `{ images_at_least = 2 }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Each of these holds.
    All(Vec<Condition>),
    /// One of these holds.
    Any(Vec<Condition>),
    /// None of these holds.
    Not(Vec<Condition>),
    /// This is so.
    Is(Test),
}

/// What can be asked of a ticket. Stored shape: a new variant goes to the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// The description says one of these words, and does not deny it.
    Says(Vec<String>),
    /// So many images came with it; one in quarantine counts, one taken out of view does not.
    ImagesAtLeast(u32),
    /// It is urgent, or is not.
    Urgent(bool),
    /// It matters so much, or more.
    PriorityAtLeast(Priority),
    /// It came in by one of these ways.
    ChannelIn(Vec<Channel>),
    /// It belongs to one of these areas.
    AreaIn(Vec<AreaId>),
    /// It belongs to one of these outlets.
    OutletIn(Vec<OutletId>),
    /// Its device is of one of these models.
    DeviceModelIn(Vec<String>),
    /// The time is within these hours of a week, in the firm's time zone.
    WithinHours(WeeklyHours),
    /// This expression is true.
    Cel(Cel),
}

/// A condition that cannot be: what is wrong with it, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionProblem {
    /// A group without conditions.
    #[error("has no condition; write at least one, or take the group out")]
    Empty,
    /// Groups in groups in groups.
    #[error("stands {found} deep; nest at most {most} deep")]
    TooDeep {
        /// How deep.
        found: usize,
        /// How deep at most.
        most: usize,
    },
    /// Too many conditions in one tree.
    #[error("has {found} conditions; write at most {most}")]
    TooMany {
        /// How many.
        found: usize,
        /// How many at most.
        most: usize,
    },
    /// A list without entries, or with too many.
    #[error("has {found} entries; write 1 to {most}")]
    Entries {
        /// How many.
        found: usize,
        /// How many at most.
        most: usize,
    },
    /// A word that says nothing, or too much.
    #[error("has an entry of {found} letters; write 1 to {most}")]
    Letters {
        /// How many.
        found: usize,
        /// How many at most.
        most: usize,
    },
    /// A count that always holds, or never can.
    #[error("is {found}; write a number from {least} to {most}")]
    Number {
        /// What stands there.
        found: u32,
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// A description is not known where time-outs are reckoned.
    #[error(
        "asks what the description says, which no time-out can depend on; ask for something else"
    )]
    NoWords,
    /// An expression that cannot be used.
    #[error(transparent)]
    Cel(#[from] CelProblem),
}

impl Condition {
    /// How deep a tree can be; one condition alone is 1 deep.
    pub const DEPTH_MAX: usize = 8;
    /// How many conditions a tree can have, groups included.
    pub const NODES_MAX: usize = 100;
    /// How many entries a list can have.
    pub const ENTRIES_MAX: usize = 50;
    /// How many letters a word can have.
    pub const LETTERS_MAX: usize = 40;
    /// Images that can be asked for.
    const IMAGES: (u32, u32) = (1, 50);

    /// The conditions of a group, and the name of what it is.
    pub(crate) fn parts(&self) -> Option<(&'static str, &[Self])> {
        match self {
            Self::All(parts) => Some(("all", parts)),
            Self::Any(parts) => Some(("any", parts)),
            Self::Not(parts) => Some(("not", parts)),
            Self::Is(_) => None,
        }
    }

    /// All that keeps the tree from being used, each with its path within it, such as
    /// `all[0].says`.
    pub fn problems(&self, words_are_known: bool) -> Vec<(String, ConditionProblem)> {
        let mut found = Vec::new();
        let nodes = self.nodes();
        if nodes > Self::NODES_MAX {
            let problem = ConditionProblem::TooMany { found: nodes, most: Self::NODES_MAX };
            found.push((String::new(), problem));
        }
        self.check("", 1, words_are_known, &mut found);
        found
    }

    fn nodes(&self) -> usize {
        let parts = self.parts().map_or(&[][..], |(_, parts)| parts);
        1 + parts.iter().map(Self::nodes).sum::<usize>()
    }

    fn check(
        &self,
        path: &str,
        depth: usize,
        words_are_known: bool,
        found: &mut Vec<(String, ConditionProblem)>,
    ) {
        if depth > Self::DEPTH_MAX {
            let problem = ConditionProblem::TooDeep { found: depth, most: Self::DEPTH_MAX };
            found.push((path.to_owned(), problem));
            return;
        }
        match self {
            Self::Is(test) => {
                let path = step(path, test.name());
                found.extend(test.problem(words_are_known).map(|problem| (path, problem)));
            }
            group => {
                let (name, parts) = group.parts().unwrap_or_default();
                let path = step(path, name);
                if parts.is_empty() {
                    found.push((path.clone(), ConditionProblem::Empty));
                }
                for (index, part) in parts.iter().enumerate() {
                    part.check(&format!("{path}[{index}]"), depth + 1, words_are_known, found);
                }
            }
        }
    }

    /// About how many bytes it takes in a record.
    pub(crate) fn bytes(&self) -> usize {
        let inner = match self {
            Self::Is(test) => test.bytes(),
            group => group.parts().unwrap_or_default().1.iter().map(Self::bytes).sum(),
        };
        inner + 12
    }
}

/// A path one step further.
fn step(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

impl Test {
    /// The key that people write.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Says(_) => "says",
            Self::ImagesAtLeast(_) => "images_at_least",
            Self::Urgent(_) => "urgent",
            Self::PriorityAtLeast(_) => "priority_at_least",
            Self::ChannelIn(_) => "channel_in",
            Self::AreaIn(_) => "area_in",
            Self::OutletIn(_) => "outlet_in",
            Self::DeviceModelIn(_) => "device_model_in",
            Self::WithinHours(_) => "within_hours",
            Self::Cel(_) => "cel",
        }
    }

    fn problem(&self, words_are_known: bool) -> Option<ConditionProblem> {
        let entries = |found: usize| {
            let most = Condition::ENTRIES_MAX;
            (!(1..=most).contains(&found)).then_some(ConditionProblem::Entries { found, most })
        };
        let words = |words: &[String]| {
            let most = Condition::LETTERS_MAX;
            let letters = words.iter().map(|word| word.trim().chars().count());
            let wrong = letters.filter(|found| !(1..=most).contains(found)).max();
            let wrong = wrong.map(|found| ConditionProblem::Letters { found, most });
            entries(words.len()).or(wrong)
        };
        match self {
            Self::Says(_) if !words_are_known => Some(ConditionProblem::NoWords),
            Self::Says(list) | Self::DeviceModelIn(list) => words(list),
            Self::ImagesAtLeast(found) => {
                let (found, (least, most)) = (*found, Condition::IMAGES);
                let fits = (least..=most).contains(&found);
                (!fits).then_some(ConditionProblem::Number { found, least, most })
            }
            Self::ChannelIn(list) => entries(list.len()),
            Self::AreaIn(list) => entries(list.len()),
            Self::OutletIn(list) => entries(list.len()),
            Self::Cel(cel) => {
                let no_words = !words_are_known && cel.asks_words();
                let problem = cel.problem().map(ConditionProblem::Cel);
                problem.or(no_words.then_some(ConditionProblem::NoWords))
            }
            Self::Urgent(_) | Self::PriorityAtLeast(_) | Self::WithinHours(_) => None,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Says(list) | Self::DeviceModelIn(list) => {
                list.iter().map(|word| word.len() + 8).sum()
            }
            Self::ChannelIn(list) => 4 * list.len(),
            Self::AreaIn(list) => 16 * list.len(),
            Self::OutletIn(list) => 16 * list.len(),
            Self::WithinHours(hours) => 12 * hours.windows().len(),
            Self::Cel(cel) => cel.source().len() + 4,
            Self::ImagesAtLeast(_) | Self::Urgent(_) | Self::PriorityAtLeast(_) => 4,
        }
    }
}
