//! The rule set as it is stored. Each publication holds the whole set. Stored shapes, frozen as
//! those of tickets are.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::condition::{Condition, stored};
use crate::calendar::ServiceHours;
use crate::span::Span;
use crate::ticket::QueueRole;

/// Counts the publications; zero is the set that ships with the binary.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct RuleSetVersion(u32);

impl RuleSetVersion {
    /// The set that ships with the binary.
    pub const SHIPPED: Self = Self(0);

    /// The version with this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The one after this.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for RuleSetVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// How assignments are accepted, or not (P7, P8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AcceptRules {
    /// An assignment must be accepted within this time of service.
    pub within: Span,
    /// An urgent one within this time, at any hour.
    pub urgent_within: Span,
    /// An offer must be accepted within this time.
    pub offer_within: Span,
    /// An urgent one within this time.
    pub urgent_offer_within: Span,
    /// A colleague must take a transfer over within this time.
    pub transfer_within: Span,
    /// So often it is dispatched again before it goes to the supervisor's queue; 0 to 10.
    pub redispatches_max: u32,
    /// Outside service hours the clock of tickets that are not urgent stands still.
    pub pause_outside_hours: bool,
}

/// How long tickets stay in people's queues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct QueueRules {
    /// In one person's queue, in service hours.
    pub within: Span,
    /// An urgent one, at any hour.
    pub urgent_within: Span,
    /// An agent's claim.
    pub claim_within: Span,
    /// Nobody can be assigned for so long: a person is told.
    pub unassigned_within: Span,
    /// A duplicate is looked at again after this time.
    pub duplicate_within: Span,
    /// A case of another system that stays open is looked at after this time.
    pub imported_within: Span,
}

/// What is expected of an owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct WorkRules {
    /// Silent for so long, the owner is asked.
    pub silent_after: Span,
    /// Silent for so long after that, the supervisor is told.
    pub report_after: Span,
    /// A hold without an expected date comes back after this time.
    pub hold_default: Span,
    /// No hold is longer than this.
    pub hold_max: Span,
    /// Places of an engineer whose entry does not say.
    pub capacity_default: u16,
}

/// How tickets are closed (P10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CloseRules {
    /// The customer is reminded so long after 完工, in ascending order; at most 5.
    pub remind_after: Vec<Span>,
    /// Closed by silence so long after 完工.
    pub silence_after: Span,
    /// An agent calls back within this time of 部分解决.
    pub call_back_within: Span,
    /// The customer can take 未解决 back for so long.
    pub undo_within: Span,
    /// A closed ticket can be opened again for so long.
    pub reopen_within: Span,
}

/// Whom 未解决 freezes (P10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct FreezeRules {
    /// Whether it freezes at all.
    pub enabled: bool,
    /// An area that does not say otherwise keeps so many engineers.
    pub engineers_min: u16,
}

/// Which reports are of a fault that is known already (P5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DuplicateRules {
    /// Whether they are looked for at all.
    pub enabled: bool,
    /// A report is a duplicate only of one that came so long before it, or after it, at most.
    pub within: Span,
    /// A report is a repeat visit only of one that came so long before it at most.
    pub repeat_within: Span,
    /// From this likeness of the words on, in percent, it is the same fault; 1 to 100.
    pub sure_percent: u8,
    /// From this likeness on an agent is asked; 1 to `sure_percent`.
    pub ask_percent: u8,
    /// So long an agent is asked before the ticket is dispatched; one that is urgent never waits.
    pub ask_within: Span,
}

/// Which tickets are urgent, and whom they are offered to (P8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct UrgentRules {
    /// Whether the rule marks tickets as urgent. What people mark is offered in any case.
    pub enabled: bool,
    /// When it does.
    #[serde(with = "stored")]
    pub when: Condition,
    /// So many engineers are asked at once; 1 to 10.
    pub ask: u8,
    /// So many offers that nobody accepts, then it is the supervisor's; 1 to 10.
    pub rounds_max: u32,
    /// A position that is older tells nothing.
    pub position_within: Span,
}

/// Who goes first of those who can: points for each; the most win, and among equals whoever has
/// waited longest for a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CandidateRules {
    /// Points for being of the ticket's own outlet.
    pub same_outlet: u32,
    /// Points for each free place.
    pub free_place: u32,
    /// Points off for each place that is taken.
    pub taken_place: u32,
    /// Points off for each kilometre to the ticket; 0: distance does not count.
    pub kilometre: u32,
}

/// How a ticket gets its first engineer. Stored shape: a new variant goes to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DispatchBy {
    /// It is assigned to one engineer.
    Assign,
    /// It is offered to several, as an urgent one is; assigned where nobody can be asked.
    Offer,
    /// A person of the queue's path decides.
    Approval,
}

/// Another way for some tickets: time-outs, how they are dispatched, whose queues they go through.
/// For each of these the first exception that names it and whose condition holds wins; a time-out
/// takes the place of the usual and of the urgent one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RuleException {
    /// Which tickets.
    #[serde(with = "stored")]
    pub when: Condition,
    /// Instead of `accept.within` and `accept.urgent_within`.
    pub accept_within: Option<Span>,
    /// Instead of `accept.offer_within` and `accept.urgent_offer_within`.
    pub offer_within: Option<Span>,
    /// Instead of `queue.unassigned_within`, and of `queue.urgent_within` for what nobody has.
    pub unassigned_within: Option<Span>,
    /// Instead of `queue.within` and `queue.urgent_within`.
    pub queue_within: Option<Span>,
    /// Instead of `work.silent_after`.
    pub silent_after: Option<Span>,
    /// How it is dispatched while it is not urgent.
    pub dispatch_by: Option<DispatchBy>,
    /// Whose queues it goes through, one after the other, instead of supervisor, deputy, director.
    pub queue_path: Option<Vec<QueueRole>>,
}

/// What the board shows (P11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct BoardRules {
    /// Red: not accepted so long after creation.
    pub red_after: Span,
    /// Flashing: not 完工 so long after creation.
    pub flash_after: Span,
    /// A rating below so many stars goes to the director.
    pub low_stars: u8,
}

/// Everything that a firm may change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// The firm's time zone, an IANA name: its days and weeks are the firm's.
    #[cfg_attr(feature = "openapi", schema(format = "time-zone", example = "Asia/Shanghai"))]
    pub zone: String,
    /// Service hours of tickets without an outlet.
    pub hours: ServiceHours,
    /// Who goes.
    pub candidates: CandidateRules,
    /// Accepting.
    pub accept: AcceptRules,
    /// Queues.
    pub queue: QueueRules,
    /// Work.
    pub work: WorkRules,
    /// Closing.
    pub close: CloseRules,
    /// Freezing.
    pub freeze: FreezeRules,
    /// Duplicates.
    pub duplicates: DuplicateRules,
    /// Urgency.
    pub urgent: UrgentRules,
    /// The board.
    pub board: BoardRules,
    /// Other ways for some tickets; at most 20.
    pub exceptions: Vec<RuleException>,
}

/// After how many assignments or offers that nobody accepted a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounds {
    /// Of the usual ticket.
    pub usual: u32,
    /// Of an urgent one.
    pub urgent: u32,
}

impl RuleException {
    /// One that changes nothing yet.
    pub const fn of(when: Condition) -> Self {
        Self {
            when,
            accept_within: None,
            offer_within: None,
            unassigned_within: None,
            queue_within: None,
            silent_after: None,
            dispatch_by: None,
            queue_path: None,
        }
    }
}

impl Rules {
    /// After how many a person decides.
    pub const fn rounds(&self) -> Rounds {
        Rounds { usual: self.accept.redispatches_max + 1, urgent: self.urgent.rounds_max }
    }
}

/// Rules and which version of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct RuleSet {
    /// Counts the publications.
    pub version: RuleSetVersion,
    /// The rules.
    #[serde(flatten)]
    pub rules: Rules,
}

/// Rules take effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleSetPublished {
    /// Counts the publications.
    pub version: RuleSetVersion,
    /// The whole set.
    pub rules: Rules,
}

/// What can happen to the rule set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RuleSetEvent {
    /// Rules take effect.
    RuleSetPublished(RuleSetPublished),
}

impl RuleSetEvent {
    /// The event's name; the API gives it as the event's `type`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RuleSetPublished(_) => "RuleSetPublished",
        }
    }

    /// Reads an event of this name from its own fields; nothing where the name is none of these.
    ///
    /// # Errors
    /// Whatever the format says of wrong fields.
    pub fn read<'de, D: serde::Deserializer<'de>>(
        name: &str,
        fields: D,
    ) -> Option<Result<Self, D::Error>> {
        match name {
            "RuleSetPublished" => {
                Some(RuleSetPublished::deserialize(fields).map(Self::RuleSetPublished))
            }
            _ => None,
        }
    }
}
