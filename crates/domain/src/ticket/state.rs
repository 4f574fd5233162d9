//! What a ticket is, folded from its events.

use serde::Serialize;

use super::event::{
    Channel, HoldReason, LinkKind, Priority, QueueEntry, QueueReason, ResolutionMethod, Skill,
    Verdict, Via,
};
use crate::attachment::ContentHash;
use crate::id::{AreaId, CustomerId, DeviceId, EngineerId, OutletId, StaffId, TicketId};
use crate::number::TicketNumber;
use crate::rules::Rounds;
use crate::time::Timestamp;

/// An offer to several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenOffer {
    /// Counts the offers of this ticket.
    pub number: u32,
    /// Who may still accept.
    pub engineers: Vec<EngineerId>,
    /// Until when.
    pub due: Timestamp,
}

/// A ticket is one engineer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Assignment {
    /// Counts the assignments of this ticket.
    pub number: u32,
    /// Whose.
    pub engineer: EngineerId,
    /// How it came about.
    pub via: Via,
    /// Since when.
    pub since: Timestamp,
}

/// How far the owner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Accepted.
    Accepted,
    /// On the way.
    Departed,
    /// There.
    Arrived,
}

/// Work stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenHold {
    /// Why.
    pub reason: HoldReason,
    /// Until when.
    pub until: Timestamp,
}

/// A colleague was asked to take over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenTransfer {
    /// Who.
    pub to: EngineerId,
    /// Until when.
    pub due: Timestamp,
}

/// Work that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Work {
    /// Whose.
    pub assignment: Assignment,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// How far.
    pub stage: Stage,
    /// Whether it stands still.
    pub hold: Option<OpenHold>,
    /// Whether a colleague was asked.
    pub transfer: Option<OpenTransfer>,
    /// The owner was asked and has been silent since.
    pub asked: bool,
    /// When the owner is asked, or the supervisor told, if nothing is heard.
    pub due: Timestamp,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resolution {
    /// Who did it.
    pub engineer: Option<EngineerId>,
    /// How.
    pub method: ResolutionMethod,
    /// When.
    pub at: Timestamp,
    /// When the customer's silence closes it.
    pub closes_at: Timestamp,
}

/// How a ticket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The customer said 解决满意.
    Satisfied,
    /// An agent closed it.
    ByAgent,
    /// The customer did not answer.
    BySilence,
    /// It was closed in another system.
    Imported,
}

/// How far a case of another system is that is still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportedStage {
    /// Opened.
    Open,
    /// Being worked on.
    Active,
    /// Waiting.
    Held,
    /// Done, not closed.
    Resolved,
}

/// Where a ticket stands. Each variant has only what that state has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Phase {
    /// In the agents' call-back queue: too little to dispatch, or a call-back after 部分解决.
    CallBack {
        /// The place in the queue.
        queue: QueueEntry,
    },
    /// An agent has it in hand.
    Claimed {
        /// Who.
        agent: StaffId,
        /// Until when.
        due: Timestamp,
    },
    /// Nobody's; the dispatcher looks for somebody.
    Waiting {
        /// The dispatcher looked and found nobody.
        deferred: bool,
        /// When a person is told.
        due: Timestamp,
    },
    /// Offered to several, nobody's yet.
    Offered {
        /// The offer.
        offer: OpenOffer,
    },
    /// One engineer's, not accepted yet.
    Assigned {
        /// Whose.
        assignment: Assignment,
        /// Until when.
        due: Timestamp,
    },
    /// Accepted.
    Working(Work),
    /// In a named person's queue.
    Queued {
        /// The place in the queue.
        queue: QueueEntry,
    },
    /// The same fault as another ticket, which is dispatched instead; or suspected to be, as the
    /// link says.
    Duplicate {
        /// Which.
        of: TicketId,
        /// When an agent looks at it again, or it is dispatched.
        due: Timestamp,
    },
    /// Done, waiting for the customer's answer.
    Resolved {
        /// What was done.
        resolution: Resolution,
        /// How often the customer was reminded.
        reminders: u32,
        /// The next reminder, or the close by silence.
        due: Timestamp,
    },
    /// A case of another system that was still open there.
    Imported {
        /// How far.
        stage: ImportedStage,
        /// Who had it.
        engineer: Option<EngineerId>,
        /// When somebody should look at it.
        due: Timestamp,
    },
    /// Ended.
    Closed {
        /// How.
        outcome: Outcome,
        /// When.
        at: Timestamp,
    },
    /// Goes on in another ticket.
    Merged {
        /// Which.
        into: TicketId,
        /// Since when.
        at: Timestamp,
    },
    /// Nobody needs to come.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

/// The name of a phase, without what it holds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PhaseName {
    /// [`Phase::CallBack`].
    CallBack,
    /// [`Phase::Claimed`].
    Claimed,
    /// [`Phase::Waiting`].
    Waiting,
    /// [`Phase::Offered`].
    Offered,
    /// [`Phase::Assigned`].
    Assigned,
    /// [`Phase::Working`], not on hold.
    Working,
    /// [`Phase::Working`], on hold.
    OnHold,
    /// [`Phase::Queued`].
    Queued,
    /// [`Phase::Duplicate`].
    Duplicate,
    /// [`Phase::Resolved`].
    Resolved,
    /// [`Phase::Imported`].
    Imported,
    /// [`Phase::Closed`].
    Closed,
    /// [`Phase::Merged`].
    Merged,
    /// [`Phase::Cancelled`].
    Cancelled,
}

impl PhaseName {
    /// All of them, in the order of a ticket's life.
    pub const ALL: [Self; 14] = [
        Self::CallBack,
        Self::Claimed,
        Self::Waiting,
        Self::Offered,
        Self::Assigned,
        Self::Working,
        Self::OnHold,
        Self::Queued,
        Self::Duplicate,
        Self::Resolved,
        Self::Imported,
        Self::Closed,
        Self::Merged,
        Self::Cancelled,
    ];

    /// As it stands in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CallBack => "call_back",
            Self::Claimed => "claimed",
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Assigned => "assigned",
            Self::Working => "working",
            Self::OnHold => "on_hold",
            Self::Queued => "queued",
            Self::Duplicate => "duplicate",
            Self::Resolved => "resolved",
            Self::Imported => "imported",
            Self::Closed => "closed",
            Self::Merged => "merged",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Phase {
    /// Which phase this is.
    pub const fn name(&self) -> PhaseName {
        match self {
            Self::CallBack { .. } => PhaseName::CallBack,
            Self::Claimed { .. } => PhaseName::Claimed,
            Self::Waiting { .. } => PhaseName::Waiting,
            Self::Offered { .. } => PhaseName::Offered,
            Self::Assigned { .. } => PhaseName::Assigned,
            Self::Working(Work { hold: Some(_), .. }) => PhaseName::OnHold,
            Self::Working(_) => PhaseName::Working,
            Self::Queued { .. } => PhaseName::Queued,
            Self::Duplicate { .. } => PhaseName::Duplicate,
            Self::Resolved { .. } => PhaseName::Resolved,
            Self::Imported { .. } => PhaseName::Imported,
            Self::Closed { .. } => PhaseName::Closed,
            Self::Merged { .. } => PhaseName::Merged,
            Self::Cancelled { .. } => PhaseName::Cancelled,
        }
    }
}

/// The customer's answer that binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Answer {
    /// Which.
    pub verdict: Verdict,
    /// 1 to 5, where given.
    pub stars: Option<u8>,
    /// When.
    pub at: Timestamp,
    /// After 未解决: until when it can be taken back, and to which resolution.
    pub undo: Option<Undo>,
}

/// What taking 未解决 back restores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Undo {
    /// Until when.
    pub until: Timestamp,
    /// The work that was answered.
    pub resolution: Resolution,
}

/// A window that was agreed for a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Appointment {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Nobody came.
    pub missed: bool,
}

/// An attachment that a ticket's own stream names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedAttachment {
    /// Which.
    pub hash: ContentHash,
    /// How many bytes it has.
    pub bytes: u64,
    /// It is a picture.
    pub image: bool,
    /// It was taken out of view. Naming it again brings it back.
    pub removed: bool,
}

/// A ticket as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// Its number for people.
    pub number: TicketNumber,
    /// How it came in.
    pub channel: Channel,
    /// When it was reported.
    pub created_at: Timestamp,
    /// Of whom.
    pub customer: Option<CustomerId>,
    /// Which outlet.
    pub outlet: Option<OutletId>,
    /// Which area.
    pub area: Option<AreaId>,
    /// Which device.
    pub device: Option<DeviceId>,
    /// What the job needs.
    pub skills: Vec<Skill>,
    /// How much it matters.
    pub priority: Priority,
    /// Whether it is urgent.
    pub urgent: bool,
    /// Somebody said whether it is: the rule leaves that as it is.
    pub urgent_said: bool,
    /// There is a sentence.
    pub has_sentence: bool,
    /// There is a place.
    pub has_place: bool,
    /// How often it went up.
    pub level: u8,
    /// Where it stands.
    #[serde(flatten)]
    pub phase: Phase,
    /// How many assignments there have been.
    pub assignments: u32,
    /// How many offers there have been.
    pub offers: u32,
    /// How many assignments or offers were not accepted in time, in this round.
    pub time_outs: u32,
    /// Who let it pass, declined or returned it in this round.
    pub passed: Vec<EngineerId>,
    /// Who is left out for good: the customer said 未解决 to their work.
    pub left_out: Vec<EngineerId>,
    /// Who helps.
    pub helpers: Vec<EngineerId>,
    /// How often the customer urged.
    pub urges: u32,
    /// The visit that was agreed.
    pub appointment: Option<Appointment>,
    /// Tickets that it is linked with.
    pub links: Vec<(TicketId, LinkKind)>,
    /// Tickets that it is no longer linked with: the dispatcher leaves that as it is.
    pub told_apart: Vec<TicketId>,
    /// Tickets that were merged into it.
    pub merged_from: Vec<TicketId>,
    /// The attachments that it names itself, each once, in the order in which they came.
    pub attachments: Vec<NamedAttachment>,
    /// The customer's answer to the last 完工.
    pub answer: Option<Answer>,
    /// The last 完工.
    pub last_resolution: Option<Resolution>,
    /// How often it was opened again.
    pub reopened: u32,
    /// It comes from another system.
    pub imported: bool,
}

impl Ticket {
    /// Whether something still has to happen.
    pub const fn is_open(&self) -> bool {
        !matches!(self.phase, Phase::Closed { .. } | Phase::Merged { .. } | Phase::Cancelled { .. })
    }

    /// Whether any one of a sentence, a place, an outlet or a device is there.
    pub const fn is_dispatchable(&self) -> bool {
        self.has_sentence || self.has_place || self.outlet.is_some() || self.device.is_some()
    }

    /// The ticket that an agent is asked about: whether it is the same fault.
    pub fn suspected_of(&self) -> Option<TicketId> {
        match self.phase {
            Phase::Duplicate { of, .. } => {
                self.links.contains(&(of, LinkKind::Suspected)).then_some(of)
            }
            _ => None,
        }
    }

    /// An attachment that it names itself.
    pub fn attachment(&self, hash: ContentHash) -> Option<&NamedAttachment> {
        self.attachments.iter().find(|named| named.hash == hash)
    }

    /// How many pictures it names that were not taken out of view. Those in quarantine count.
    pub fn images(&self) -> usize {
        self.attachments.iter().filter(|named| named.image && !named.removed).count()
    }

    /// Whether so many let it pass in this round that a person decides.
    pub const fn rounds_over(&self, rounds: Rounds) -> bool {
        self.time_outs >= if self.urgent { rounds.urgent } else { rounds.usual }
    }

    /// Whether the dispatcher may look for somebody.
    pub fn awaits_dispatch(&self) -> bool {
        let wanted = match &self.phase {
            Phase::Waiting { .. } => true,
            Phase::Queued { queue } => queue.reason == QueueReason::NobodyAvailable,
            _ => false,
        };
        // What says nothing is not dispatched, also after somebody gave it back.
        wanted && self.is_dispatchable()
    }

    /// Whether it is a new report: the dispatcher may look for somebody, and nobody was asked yet.
    pub fn awaits_first_dispatch(&self) -> bool {
        let before = (self.assignments, self.offers, self.level, self.reopened);
        self.awaits_dispatch() && before == (0, 0, 0, 0)
    }

    /// Whether the urgent rule may still mark it: until somebody is there, and unless a person said
    /// whether it is.
    pub const fn may_become_urgent(&self) -> bool {
        let there = matches!(self.phase, Phase::Working(Work { stage: Stage::Arrived, .. }));
        let done = matches!(self.phase, Phase::Resolved { .. } | Phase::Imported { .. });
        self.is_open() && !self.urgent && !self.urgent_said && !there && !done
    }

    /// When something must happen next; every open ticket has such a time.
    pub fn due(&self) -> Option<Timestamp> {
        Some(match &self.phase {
            Phase::CallBack { queue } | Phase::Queued { queue } => queue.due,
            Phase::Claimed { due, .. }
            | Phase::Waiting { due, .. }
            | Phase::Assigned { due, .. }
            | Phase::Duplicate { due, .. }
            | Phase::Resolved { due, .. }
            | Phase::Imported { due, .. } => *due,
            Phase::Offered { offer } => offer.due,
            // A hold and a question to a colleague both stop the owner's clock.
            Phase::Working(Work { hold: Some(hold), transfer: Some(transfer), .. }) => {
                hold.until.min(transfer.due)
            }
            Phase::Working(Work { hold: Some(hold), .. }) => hold.until,
            Phase::Working(Work { transfer: Some(transfer), .. }) => transfer.due,
            Phase::Working(work) => work.due,
            Phase::Closed { .. } | Phase::Merged { .. } | Phase::Cancelled { .. } => return None,
        })
    }

    /// The live assignment, accepted or not. There is never more than one.
    pub const fn assignment(&self) -> Option<&Assignment> {
        match &self.phase {
            Phase::Assigned { assignment, .. } | Phase::Working(Work { assignment, .. }) => {
                Some(assignment)
            }
            _ => None,
        }
    }

    /// The queue that it is in.
    pub const fn queue(&self) -> Option<&QueueEntry> {
        match &self.phase {
            Phase::CallBack { queue } | Phase::Queued { queue } => Some(queue),
            _ => None,
        }
    }
}
