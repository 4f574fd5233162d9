//! What each row of a case changes: the whole of the import's judgement, without I/O.
//!
//! - The first row opens the case.
//! - A group or a person that differs from the last one seen is an assignment, one for the row
//!   even when both differ. A missing value is not a value.
//! - A state that differs from the last one seen is a step, as its text differs and not only its
//!   meaning: from "Awaiting Vendor" to "Awaiting User Info" is a step.
//! - From done or closed to anything else is a reopening, before the step of the state itself.
//! - A file is told with the first row that names it.
//! - A value that is no state leaves the case in the state that it had.

use std::collections::BTreeSet;

use domain::Timestamp;

use super::states::{Meaning, Reading};
use super::symbols::Symbol;

/// A row's state: its text and how that reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowState {
    pub(super) text: Symbol,
    pub(super) reading: Reading,
}

/// What a row says that may change a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Update {
    pub(super) at: Timestamp,
    pub(super) group: Option<Symbol>,
    pub(super) assignee: Option<Symbol>,
    pub(super) state: Option<RowState>,
}

/// Whether somebody had the case before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnerChange {
    First,
    Later,
}

/// What a row changed, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Changes {
    pub(super) opened: bool,
    pub(super) reopened: bool,
    pub(super) owner: Option<OwnerChange>,
    pub(super) state: Option<Meaning>,
    /// The state column changed to a value that is no state.
    pub(super) oddity: Option<Oddity>,
    /// The row is older than the row before it.
    pub(super) back_from: Option<Timestamp>,
}

/// A value in the state column that is no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Oddity {
    /// The mapping says so.
    NotAState,
    /// The mapping does not know it.
    Unknown,
}

/// What a case was last seen with.
#[derive(Debug, Default)]
pub(super) struct Case {
    rows: u32,
    last_at: Option<Timestamp>,
    group: Option<Symbol>,
    assignee: Option<Symbol>,
    state: Option<(Symbol, Meaning)>,
    odd_state: Option<Symbol>,
    attachments: BTreeSet<Symbol>,
}

impl Case {
    /// Counts a row, usable or not, so that a row keeps its number when the mapping is mended.
    pub(super) fn next_row(&mut self) -> u32 {
        self.rows = self.rows.saturating_add(1);
        self.rows
    }

    /// Whether a row of it was understood.
    pub(super) const fn is_open_here(&self) -> bool {
        self.last_at.is_some()
    }

    /// What its last state means.
    pub(super) fn meaning(&self) -> Option<Meaning> {
        self.state.map(|(_, meaning)| meaning)
    }

    /// Whether this name of a file is the first of its kind.
    pub(super) fn names(&mut self, attachment: Symbol) -> bool {
        self.attachments.insert(attachment)
    }

    /// Takes a row in and says what it changed.
    pub(super) fn update(&mut self, row: Update) -> Changes {
        let mut changes = Changes {
            opened: self.last_at.is_none(),
            back_from: self.last_at.filter(|before| row.at < *before),
            ..Changes::default()
        };
        self.last_at = Some(row.at);
        changes.owner = self.change_owner(row.group, row.assignee);
        if let Some(state) = row.state {
            self.change_state(state, &mut changes);
        }
        changes
    }

    fn change_owner(
        &mut self,
        group: Option<Symbol>,
        assignee: Option<Symbol>,
    ) -> Option<OwnerChange> {
        let had_one = self.group.is_some() || self.assignee.is_some();
        let differs = (group.is_some() && group != self.group)
            || (assignee.is_some() && assignee != self.assignee);
        self.group = group.or(self.group);
        self.assignee = assignee.or(self.assignee);
        differs.then_some(if had_one { OwnerChange::Later } else { OwnerChange::First })
    }

    fn change_state(&mut self, state: RowState, changes: &mut Changes) {
        let oddity = match state.reading {
            Reading::State(meaning) => {
                self.odd_state = None;
                if self.state.is_none_or(|(text, _)| text != state.text) {
                    changes.reopened =
                        self.meaning().is_some_and(Meaning::is_over) && !meaning.is_over();
                    changes.state = Some(meaning);
                    self.state = Some((state.text, meaning));
                }
                return;
            }
            Reading::NotAState => Oddity::NotAState,
            Reading::Unknown => Oddity::Unknown,
        };
        if self.odd_state != Some(state.text) {
            changes.oddity = Some(oddity);
            self.odd_state = Some(state.text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::symbols::Symbols;
    use super::*;
    use domain::ticket::HoldReason;

    struct Walk {
        case: Case,
        symbols: Symbols,
        now: i64,
    }

    impl Walk {
        fn new() -> Self {
            Self { case: Case::default(), symbols: Symbols::default(), now: 0 }
        }

        /// `-` is a missing value.
        fn row(&mut self, state: &str, group: &str, assignee: &str) -> Changes {
            self.now += 60;
            let symbols = &mut self.symbols;
            let mut named = |text: &str| (text != "-").then(|| symbols.of(text));
            let reading = match state {
                "New" => Reading::State(Meaning::Open),
                "Active" => Reading::State(Meaning::Started),
                "Vendor" => Reading::State(Meaning::Held(HoldReason::WaitingForParts)),
                "Parts" => Reading::State(Meaning::Held(HoldReason::WaitingForParts)),
                "Resolved" => Reading::State(Meaning::Resolved),
                "Closed" => Reading::State(Meaning::Closed),
                "-100" => Reading::NotAState,
                _ => Reading::Unknown,
            };
            let update = Update {
                at: Timestamp::from_seconds(self.now),
                group: named(group),
                assignee: named(assignee),
                state: named(state).map(|text| RowState { text, reading }),
            };
            self.case.update(update)
        }
    }

    #[test]
    fn the_first_row_opens_the_case_and_no_other_does() {
        let mut walk = Walk::new();
        assert!(walk.row("New", "-", "-").opened);
        assert!(!walk.row("New", "-", "-").opened);
    }

    #[test]
    fn a_row_that_changes_group_and_person_is_one_assignment() {
        let mut walk = Walk::new();
        assert_eq!(walk.row("New", "-", "-").owner, None);
        assert_eq!(walk.row("New", "G1", "P1").owner, Some(OwnerChange::First));
        assert_eq!(walk.row("New", "G2", "P2").owner, Some(OwnerChange::Later));
    }

    #[test]
    fn a_missing_group_or_person_is_no_change_and_neither_is_its_return() {
        let mut walk = Walk::new();
        walk.row("New", "G1", "P1");
        assert_eq!(walk.row("New", "-", "-").owner, None);
        assert_eq!(walk.row("New", "G1", "P1").owner, None);
    }

    #[test]
    fn leaving_resolved_for_work_is_a_reopening_and_a_start() {
        let mut walk = Walk::new();
        walk.row("Resolved", "-", "-");
        let changes = walk.row("Active", "-", "-");
        assert!(changes.reopened);
        assert_eq!(changes.state, Some(Meaning::Started));
    }

    #[test]
    fn going_on_from_resolved_to_closed_is_no_reopening_and_neither_is_the_way_back() {
        let mut walk = Walk::new();
        walk.row("Resolved", "-", "-");
        assert!(!walk.row("Closed", "-", "-").reopened);
        assert!(!walk.row("Resolved", "-", "-").reopened);
    }

    #[test]
    fn another_text_of_the_same_meaning_is_a_step() {
        let mut walk = Walk::new();
        walk.row("Vendor", "-", "-");
        assert!(walk.row("Parts", "-", "-").state.is_some());
        assert!(walk.row("Parts", "-", "-").state.is_none());
    }

    #[test]
    fn a_value_that_is_no_state_is_told_once_and_the_case_keeps_its_state() {
        let mut walk = Walk::new();
        walk.row("Active", "-", "-");
        assert_eq!(walk.row("-100", "-", "-").oddity, Some(Oddity::NotAState));
        assert_eq!(walk.row("-100", "-", "-").oddity, None);
        let back = walk.row("Active", "-", "-");
        assert_eq!((back.state, back.oddity), (None, None));
        assert_eq!(walk.row("what", "-", "-").oddity, Some(Oddity::Unknown));
        assert_eq!(walk.case.meaning(), Some(Meaning::Started));
    }

    #[test]
    fn a_value_that_is_no_state_between_does_not_hide_a_reopening() {
        let mut walk = Walk::new();
        walk.row("Resolved", "-", "-");
        walk.row("-100", "-", "-");
        assert!(walk.row("Active", "-", "-").reopened);
    }

    #[test]
    fn a_row_older_than_the_row_before_it_is_noticed_and_kept() {
        let mut walk = Walk::new();
        walk.row("New", "-", "-");
        walk.now -= 90;
        let changes = walk.row("Active", "-", "-");
        assert_eq!(changes.back_from, Some(Timestamp::from_seconds(60)));
        assert_eq!(changes.state, Some(Meaning::Started));
    }
}
