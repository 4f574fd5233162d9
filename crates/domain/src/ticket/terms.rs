//! The words that a ticket's events are made of. Stored shapes, frozen as the events are; a new
//! variant goes to the end of its enum.

use serde::{Deserialize, Serialize};

use crate::id::{CustomerId, DeviceId, EngineerId, OutletId, StaffId};
use crate::place::Coordinates;
use crate::time::Timestamp;

/// A skill that a job needs or an engineer has, as the firm names it.
pub type Skill = String;

/// How a report came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Over the API, by whatever program.
    #[default]
    Api,
    /// The customer's page.
    Page,
    /// A telephone call that an agent wrote down.
    Phone,
    /// A chat: WeChat, 企业微信, 钉钉.
    Chat,
    /// An inspector or engineer on site.
    OnSite,
    /// Another system's file.
    Import,
}

/// How much it matters. Urgent is a mark of its own beside it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Can wait.
    Low,
    /// The usual.
    #[default]
    Normal,
    /// Before the usual.
    High,
    /// Before all others.
    Critical,
}

/// Who reports what, and where: all of it optional, all of it personal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    /// 一句话描述.
    pub sentence: Option<String>,
    /// Who reported.
    pub contact_name: Option<String>,
    /// Their telephone number.
    pub contact_phone: Option<String>,
    /// Where it is, in words.
    pub place: Option<String>,
    /// Where it is, on the map.
    pub position: Option<Coordinates>,
    /// The declared names of the attachments.
    pub attachment_names: Vec<String>,
}

/// Whose queue a ticket is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum QueueRole {
    /// The agents' call-back queue 回呼.
    CallBack,
    /// The area's supervisor.
    Supervisor,
    /// The supervisor's deputy.
    Deputy,
    /// The service director: the end of the ladder.
    Director,
}

/// Why a ticket is in a person's queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum QueueReason {
    /// The report says nothing that could be dispatched.
    EmptyReport,
    /// The customer answered 部分解决.
    PartlySolved,
    /// A second answer contradicts the first.
    ContradictingAnswers,
    /// Nobody accepted in as many rounds as the rules allow.
    RoundsExhausted,
    /// Nobody could be assigned for too long; dispatched as soon as somebody can.
    NobodyAvailable,
    /// Nobody accepted an offer.
    NobodyAccepted,
    /// The engineer accepted and stays silent.
    OwnerSilent,
    /// Somebody sent it up.
    Escalated,
    /// The rules have a person decide who goes.
    ApprovalNeeded,
}

/// A place in a named person's queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueueEntry {
    /// Whose queue.
    pub role: QueueRole,
    /// The person, where the area names one.
    pub person: Option<StaffId>,
    /// Why it is there.
    pub reason: QueueReason,
    /// When it goes on to the next person of the path.
    pub due: Timestamp,
}

/// Where a report goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// It says enough to be dispatched; a person is told when nobody has it by then.
    Dispatch {
        /// By when.
        due: Timestamp,
    },
    /// It waits for an agent's call.
    CallBack(QueueEntry),
}

/// How an assignment came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The dispatcher or a person chose the engineer.
    Choice,
    /// The engineer accepted the offer with this number.
    Offer(u32),
    /// The engineer took it over from another.
    Transfer,
}

/// Why an assignment or offer was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WithdrawReason {
    /// A person said so.
    ByHand,
    /// It goes to somebody else in the same step.
    Reassigned,
    /// It is offered to several in the same step.
    OfferedInstead,
    /// The ticket ended: cancelled, merged, resolved by phone.
    TicketEnded,
    /// The ticket went up.
    Escalated,
}

/// Why a job stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// 等配件.
    WaitingForParts,
    /// 等客户.
    WaitingForCustomer,
    /// 客户不在.
    CustomerAbsent,
    /// 等审批.
    WaitingForApproval,
}

/// How a fault was put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResolutionMethod {
    /// On the telephone.
    ByPhone,
    /// Over the network.
    Remotely,
    /// On site.
    OnSite,
    /// It went away by itself.
    ByItself,
}

/// A part that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The firm's code for it.
    pub code: String,
    /// How many.
    pub quantity: u32,
}

/// How two tickets belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// The same fault, reported again; not dispatched of its own.
    Duplicate,
    /// The fault came back: 返修.
    RepeatVisit,
    /// One was split from the other.
    Split,
    /// They have to do with each other.
    Related,
    /// It may be the same fault: an agent is asked for a while, and then it is dispatched.
    Suspected,
}

/// What a customer answers to 完工.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 解决满意.
    Satisfied,
    /// 部分解决.
    Partial,
    /// 未解决.
    Unresolved,
}

/// Who has to be told. Delivering it is the notifier's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// The area's supervisor, where one is named.
    Supervisor(Option<StaffId>),
    /// The supervisor's deputy.
    Deputy(Option<StaffId>),
    /// The service director.
    Director(Option<StaffId>),
    /// An engineer.
    Engineer(EngineerId),
    /// The customer of the ticket.
    Customer,
    /// The agents at the counter.
    Agents,
}

/// What they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// An assignment was not accepted in time.
    NotAcceptedInTime,
    /// Nobody can be assigned.
    NobodyAvailable,
    /// The ticket is in their queue now.
    InYourQueue,
    /// The customer answered 未解决.
    Unresolved,
    /// A rating below the threshold.
    LowRating,
    /// The engineer accepted and stays silent.
    OwnerSilent,
    /// What are you doing with it?
    WhatIsTheState,
    /// The customer urges.
    Urged,
    /// The ticket was taken back, cancelled or merged.
    NoLongerYours,
    /// Please answer whether it was solved.
    PleaseConfirm,
    /// Its priority or urgency was raised.
    NowUrgent,
    /// Fewer could be asked at once than the rules want.
    FewToAsk,
}

/// One step of another system's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ImportedStep {
    /// The case was opened there.
    Opened {
        /// Whose case.
        customer: Option<CustomerId>,
        /// Where it belongs.
        outlet: Option<OutletId>,
        /// Its device.
        device: Option<DeviceId>,
        /// How much it mattered.
        priority: Priority,
    },
    /// A group or a person had it for the first time.
    Assigned {
        /// The person.
        engineer: Option<EngineerId>,
        /// The group.
        outlet: Option<OutletId>,
    },
    /// Another group or person had it.
    Reassigned {
        /// The person.
        engineer: Option<EngineerId>,
        /// The group.
        outlet: Option<OutletId>,
    },
    /// Work went on.
    Started,
    /// It waited for something.
    Held(HoldReason),
    /// It was done.
    Resolved,
    /// It was closed.
    Closed,
    /// It was opened again after it was done or closed.
    Reopened,
    /// Files were attached there. Only their names came along.
    AttachmentsNamed {
        /// How many; stays known after the names were erased.
        count: u32,
    },
}
