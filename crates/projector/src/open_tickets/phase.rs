//! The phases of open tickets as rows keep them, so that snapshots do not depend on the shape of
//! the domain's state.

use domain::ticket::{
    Assignment, HoldReason, ImportedStage, OpenHold, OpenOffer, OpenTransfer, Phase, QueueEntry,
    Resolution, ResolutionMethod, Stage, Via, Work,
};
use domain::{EngineerId, StaffId, TicketId, Timestamp};
use serde::{Deserialize, Serialize};

/// [`Assignment`], stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredAssignment {
    pub(super) number: u32,
    pub(super) engineer: EngineerId,
    pub(super) via: Via,
    pub(super) since: Timestamp,
}

/// [`Resolution`], stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredResolution {
    pub(super) engineer: Option<EngineerId>,
    pub(super) method: ResolutionMethod,
    pub(super) at: Timestamp,
    pub(super) closes_at: Timestamp,
}

/// [`Stage`], stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredStage {
    Accepted,
    Departed,
    Arrived,
}

/// [`ImportedStage`], stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredImportedStage {
    Open,
    Active,
    Held,
    Resolved,
}

/// [`Work`], stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredWork {
    pub(super) assignment: StoredAssignment,
    pub(super) accepted_at: Timestamp,
    pub(super) stage: StoredStage,
    pub(super) hold: Option<(HoldReason, Timestamp)>,
    pub(super) transfer: Option<(EngineerId, Timestamp)>,
    pub(super) asked: bool,
    pub(super) due: Timestamp,
}

/// [`Phase`], stored; tickets that have ended have no row. What is large is boxed, because there
/// may be a million rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredPhase {
    CallBack(QueueEntry),
    Claimed { agent: StaffId, due: Timestamp },
    Waiting { deferred: bool, due: Timestamp },
    Offered { number: u32, engineers: Vec<EngineerId>, due: Timestamp },
    Assigned(Box<StoredAssignment>, Timestamp),
    Working(Box<StoredWork>),
    Queued(QueueEntry),
    Duplicate { of: TicketId, due: Timestamp },
    Resolved { resolution: Box<StoredResolution>, reminders: u32, due: Timestamp },
    Imported { stage: StoredImportedStage, engineer: Option<EngineerId>, due: Timestamp },
}

macro_rules! twins {
    ($($stored:ident = $domain:ident { $($variant:ident),* })*) => {$(
        impl From<$domain> for $stored {
            fn from(stage: $domain) -> Self {
                match stage { $($domain::$variant => Self::$variant,)* }
            }
        }

        impl From<$stored> for $domain {
            fn from(stage: $stored) -> Self {
                match stage { $($stored::$variant => Self::$variant,)* }
            }
        }
    )*};
    ($($stored:ident == $domain:ident { $($field:ident),* })*) => {$(
        impl From<$domain> for $stored {
            fn from($domain { $($field),* }: $domain) -> Self {
                Self { $($field),* }
            }
        }

        impl From<$stored> for $domain {
            fn from($stored { $($field),* }: $stored) -> Self {
                Self { $($field),* }
            }
        }
    )*};
}

twins! {
    StoredStage = Stage { Accepted, Departed, Arrived }
    StoredImportedStage = ImportedStage { Open, Active, Held, Resolved }
}
twins! {
    StoredAssignment == Assignment { number, engineer, via, since }
    StoredResolution == Resolution { engineer, method, at, closes_at }
}

impl From<Work> for StoredWork {
    fn from(work: Work) -> Self {
        let Work { assignment, accepted_at, stage, hold, transfer, asked, due } = work;
        Self {
            assignment: assignment.into(),
            accepted_at,
            stage: stage.into(),
            hold: hold.map(|OpenHold { reason, until }| (reason, until)),
            transfer: transfer.map(|OpenTransfer { to, due }| (to, due)),
            asked,
            due,
        }
    }
}

impl From<&StoredWork> for Work {
    fn from(work: &StoredWork) -> Self {
        Self {
            assignment: work.assignment.into(),
            accepted_at: work.accepted_at,
            stage: work.stage.into(),
            hold: work.hold.map(|(reason, until)| OpenHold { reason, until }),
            transfer: work.transfer.map(|(to, due)| OpenTransfer { to, due }),
            asked: work.asked,
            due: work.due,
        }
    }
}

impl StoredPhase {
    /// Nothing for a ticket that has ended.
    pub(super) fn of(phase: &Phase) -> Option<Self> {
        Some(match phase {
            Phase::CallBack { queue } => Self::CallBack(*queue),
            Phase::Claimed { agent, due } => Self::Claimed { agent: *agent, due: *due },
            Phase::Waiting { deferred, due } => Self::Waiting { deferred: *deferred, due: *due },
            Phase::Offered { offer: OpenOffer { number, engineers, due } } => {
                Self::Offered { number: *number, engineers: engineers.clone(), due: *due }
            }
            Phase::Assigned { assignment, due } => {
                Self::Assigned(Box::new((*assignment).into()), *due)
            }
            Phase::Working(work) => Self::Working(Box::new((*work).into())),
            Phase::Queued { queue } => Self::Queued(*queue),
            Phase::Duplicate { of, due } => Self::Duplicate { of: *of, due: *due },
            Phase::Resolved { resolution, reminders, due } => Self::Resolved {
                resolution: Box::new((*resolution).into()),
                reminders: *reminders,
                due: *due,
            },
            Phase::Imported { stage, engineer, due } => {
                Self::Imported { stage: (*stage).into(), engineer: *engineer, due: *due }
            }
            Phase::Closed { .. } | Phase::Merged { .. } | Phase::Cancelled { .. } => return None,
        })
    }

    pub(super) fn phase(&self) -> Phase {
        match self {
            Self::CallBack(queue) => Phase::CallBack { queue: *queue },
            Self::Claimed { agent, due } => Phase::Claimed { agent: *agent, due: *due },
            Self::Waiting { deferred, due } => Phase::Waiting { deferred: *deferred, due: *due },
            Self::Offered { number, engineers, due } => Phase::Offered {
                offer: OpenOffer { number: *number, engineers: engineers.clone(), due: *due },
            },
            Self::Assigned(assignment, due) => {
                Phase::Assigned { assignment: (**assignment).into(), due: *due }
            }
            Self::Working(work) => Phase::Working((&**work).into()),
            Self::Queued(queue) => Phase::Queued { queue: *queue },
            Self::Duplicate { of, due } => Phase::Duplicate { of: *of, due: *due },
            Self::Resolved { resolution, reminders, due } => Phase::Resolved {
                resolution: (**resolution).into(),
                reminders: *reminders,
                due: *due,
            },
            Self::Imported { stage, engineer, due } => {
                Phase::Imported { stage: (*stage).into(), engineer: *engineer, due: *due }
            }
        }
    }
}
