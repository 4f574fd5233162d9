//! What queries of open tickets answer with.

use domain::ticket::{HoldReason, PhaseName, Priority, QueueReason, QueueRole, Stage};
use domain::{
    AreaId, CustomerId, DeviceId, EngineerId, OutletId, StaffId, StreamVersion, TicketId,
    TicketNumber, Timestamp,
};
use serde::Serialize;

/// An open ticket, as lists show it. There is no personal text in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TicketRow {
    /// Its id.
    pub id: TicketId,
    /// Its number for people.
    pub number: TicketNumber,
    /// The version of its stream.
    pub version: StreamVersion,
    /// Where it stands.
    pub phase: PhaseName,
    /// Of whom.
    pub customer: Option<CustomerId>,
    /// Which outlet.
    pub outlet: Option<OutletId>,
    /// Which area.
    pub area: Option<AreaId>,
    /// Which device.
    pub device: Option<DeviceId>,
    /// Whose it is, or whose work waits for the customer's answer.
    pub engineer: Option<EngineerId>,
    /// How far the owner is.
    pub stage: Option<Stage>,
    /// How many help.
    pub helpers: usize,
    /// How much it matters.
    pub priority: Priority,
    /// Whether it is urgent.
    pub urgent: bool,
    /// How often it went up.
    pub level: u8,
    /// When it was reported.
    pub created_at: Timestamp,
    /// When it was accepted for the first time.
    pub accepted_at: Option<Timestamp>,
    /// When it was done, while that stands.
    pub resolved_at: Option<Timestamp>,
    /// When something must happen next.
    pub due: Timestamp,
    /// Whose queue it is in.
    pub queue: Option<QueuePlace>,
    /// Why it stands still.
    pub hold: Option<HoldView>,
    /// To how many it is offered.
    pub offered_to: usize,
    /// Who was asked to take it over.
    pub transfer_to: Option<EngineerId>,
    /// The agent who has it in hand.
    pub agent: Option<StaffId>,
    /// The ticket that it repeats.
    pub duplicate_of: Option<TicketId>,
    /// How many assignments there have been.
    pub assignments: u32,
    /// How often it was opened again.
    pub reopened: u32,
    /// How often the customer urged.
    pub urges: u32,
    /// It comes from another system.
    pub imported: bool,
    /// Not 完工, and its due time has passed.
    pub overdue: bool,
    /// Nobody has accepted it so long after it was reported.
    pub red: bool,
    /// Not 完工 so long after it was reported.
    pub flashing: bool,
}

/// A place in a queue; the due time is the ticket's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueuePlace {
    /// Whose queue.
    pub role: QueueRole,
    /// The person, where the area names one.
    pub person: Option<StaffId>,
    /// Why it is there.
    pub reason: QueueReason,
}

/// Why work stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldView {
    /// Why.
    pub reason: HoldReason,
    /// Until when.
    pub until: Timestamp,
}

/// How many open tickets there are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct TicketCounts {
    /// All.
    pub open: u64,
    /// Not 完工.
    pub backlog: u64,
    /// Not 完工, and the due time has passed.
    pub overdue: u64,
    /// Not accepted so long after they were reported.
    pub red: u64,
    /// Not 完工 so long after they were reported.
    pub flashing: u64,
    /// By state; only those that have tickets, as in the other lists.
    pub phases: Vec<PhaseCount>,
    /// By priority.
    pub priorities: Vec<PriorityCount>,
    /// By outlet.
    pub outlets: Vec<OutletCount>,
    /// By area.
    pub areas: Vec<AreaCount>,
}

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident { $field:ident: $type:ty })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        pub struct $name {
            /// Of which.
            pub $field: $type,
            /// How many.
            pub tickets: u64,
        }
    )*};
}

counts! {
    /// Open tickets in one state.
    PhaseCount { phase: PhaseName }
    /// Open tickets of one priority.
    PriorityCount { priority: Priority }
    /// Open tickets of one outlet, or of none.
    OutletCount { outlet: Option<OutletId> }
    /// Open tickets of one area, or of none.
    AreaCount { area: Option<AreaId> }
}
