//! A row of a list of tickets.

use domain::ticket::{PhaseName, Priority, Stage};
use domain::{
    AreaId, CustomerId, DeviceId, EngineerId, OutletId, StaffId, StreamVersion, TicketId,
    TicketNumber, Timestamp,
};
use projector::open_tickets::{HoldView, QueuePlace, TicketRow};
use serde::Serialize;
use utoipa::ToSchema;

/// An open ticket in a list. There is no personal text in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RowView {
    id: TicketId,
    number: TicketNumber,
    version: StreamVersion,
    state: PhaseName,
    due: Timestamp,
    overdue: bool,
    red: bool,
    flashing: bool,
    priority: Priority,
    urgent: bool,
    level: u8,
    created_at: Timestamp,
    accepted_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    customer: Option<CustomerId>,
    outlet: Option<OutletId>,
    area: Option<AreaId>,
    device: Option<DeviceId>,
    engineer: Option<EngineerId>,
    stage: Option<Stage>,
    helpers: usize,
    queue: Option<QueuePlace>,
    hold: Option<HoldView>,
    offered_to: usize,
    transfer_to: Option<EngineerId>,
    claimed_by: Option<StaffId>,
    duplicate_of: Option<TicketId>,
    assignments: u32,
    reopened: u32,
    urges: u32,
    imported: bool,
}

impl From<TicketRow> for RowView {
    fn from(row: TicketRow) -> Self {
        Self {
            id: row.id,
            number: row.number,
            version: row.version,
            state: row.phase,
            due: row.due,
            overdue: row.overdue,
            red: row.red,
            flashing: row.flashing,
            priority: row.priority,
            urgent: row.urgent,
            level: row.level,
            created_at: row.created_at,
            accepted_at: row.accepted_at,
            resolved_at: row.resolved_at,
            customer: row.customer,
            outlet: row.outlet,
            area: row.area,
            device: row.device,
            engineer: row.engineer,
            stage: row.stage,
            helpers: row.helpers,
            queue: row.queue,
            hold: row.hold,
            offered_to: row.offered_to,
            transfer_to: row.transfer_to,
            claimed_by: row.agent,
            duplicate_of: row.duplicate_of,
            assignments: row.assignments,
            reopened: row.reopened,
            urges: row.urges,
            imported: row.imported,
        }
    }
}
