//! Why somebody was chosen: recorded with the decision, as data.

use serde::{Deserialize, Serialize};

use crate::id::{EngineerId, TicketId};
use crate::rules::RuleSetVersion;

/// What made the choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A person chose.
    ByHand,
    /// Whoever accepted the offer first.
    FirstToAccept,
    /// Of those who can, the one with the most free places, then with the fewest jobs.
    LeastLoaded,
    /// It is urgent: the nearest who are online, then those on call.
    NearestOnline,
}

/// Why an engineer was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Belongs to another outlet and another area.
    OtherArea,
    /// Lacks a skill.
    LacksSkill,
    /// Is off duty.
    OffDuty,
    /// Is on leave.
    OnLeave,
    /// Is frozen.
    Frozen,
    /// Has no free place.
    NoFreePlace,
    /// Let this ticket pass in this round, or declined or returned it.
    PassedBefore,
    /// Is left out of this ticket: resolved it and the customer said 未解决.
    LeftOut,
    /// Is not online.
    Offline,
    /// Has no position, or too old a one.
    NoFreshPosition,
}

/// How many a filter removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FilterCount {
    /// The filter.
    pub filter: Filter,
    /// How many.
    pub engineers: u32,
}

/// An engineer who could be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// Who.
    pub engineer: EngineerId,
    /// The higher, the better; comparable within one decision.
    pub score: i32,
}

/// Why this decision and no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DispatchReason {
    /// What made the choice.
    pub rule: Rule,
    /// The rule set that held.
    pub rule_set: RuleSetVersion,
    /// The best candidates, best first; at most [`DispatchReason::CANDIDATES_MAX`].
    pub candidates: Vec<Candidate>,
    /// How many candidates there were.
    pub candidates_total: u32,
    /// Who was passed over, and why.
    pub filtered: Vec<FilterCount>,
}

impl DispatchReason {
    /// How many candidates are recorded.
    pub const CANDIDATES_MAX: usize = 10;

    /// A choice without candidates: a person's, or of whoever was first.
    pub const fn plain(rule: Rule, rule_set: RuleSetVersion) -> Self {
        Self { rule, rule_set, candidates: Vec::new(), candidates_total: 0, filtered: Vec::new() }
    }
}

/// What two reports have in common beside their words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommonGround {
    /// The device.
    Device,
    /// Contact and place.
    ContactAndPlace,
    /// The contact; of a place nothing is known.
    Contact,
    /// The place; the contact is another, or unknown.
    Place,
    /// The customer alone.
    Customer,
}

/// A ticket that another may be the same fault as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkCandidate {
    /// Which.
    pub ticket: TicketId,
    /// What they have in common.
    pub ground: CommonGround,
    /// How alike the words are.
    pub percent: u8,
}

/// Why the dispatcher links these two tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkReason {
    /// The rule set that held.
    pub rule_set: RuleSetVersion,
    /// The tickets that were weighed, the one that is linked first; at most
    /// [`LinkReason::CANDIDATES_MAX`].
    pub candidates: Vec<LinkCandidate>,
}

impl LinkReason {
    /// How many candidates are recorded.
    pub const CANDIDATES_MAX: usize = 10;
}
