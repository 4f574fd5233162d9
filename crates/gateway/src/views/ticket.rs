//! A ticket, as it is answered.

use domain::ticket::{
    Answer, Appointment, Assignment, ImportedStage, LinkKind, OpenHold, OpenOffer, OpenTransfer,
    Outcome, Phase, PhaseName, Priority, QueueEntry, Report, Resolution, Skill, Stage, Ticket,
    TicketEvent, Verb, Work,
};
use domain::{
    AreaId, Coordinates, CustomerId, DeviceId, EngineerId, OutletId, Personal, StaffId,
    StreamVersion, TicketId, TicketNumber, Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What people said: the latest of each. Nothing where nothing was said or it was erased.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub(crate) struct ReportView {
    pub(crate) sentence: Option<String>,
    pub(crate) contact_name: Option<String>,
    pub(crate) contact_phone: Option<String>,
    pub(crate) place: Option<String>,
    position: Option<Coordinates>,
    /// Its key was destroyed.
    pub(crate) erased: bool,
}

impl ReportView {
    /// Takes what an event says of it.
    pub(crate) fn apply(&mut self, event: &TicketEvent) {
        let report = match event {
            TicketEvent::Created(created) => &created.report,
            TicketEvent::DetailsAdded(added) => &added.report,
            _ => return,
        };
        let Personal::Known(report) = report else {
            self.erased = true;
            return;
        };
        let Report { sentence, contact_name, contact_phone, place, position, .. } = report;
        let later = |now: &mut Option<String>, said: &Option<String>| {
            if said.is_some() {
                now.clone_from(said);
            }
        };
        later(&mut self.sentence, sentence);
        later(&mut self.contact_name, contact_name);
        later(&mut self.contact_phone, contact_phone);
        later(&mut self.place, place);
        self.position = position.or(self.position);
    }
}

/// What only some states have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
struct InThisState {
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<QueueEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_by: Option<StaffId>,
    /// The dispatcher looked and found nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    deferred: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<OpenOffer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignment: Option<Assignment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<Stage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<OpenHold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer: Option<OpenTransfer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<TicketId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<Resolution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reminders: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    imported_stage: Option<ImportedStage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    imported_engineer: Option<EngineerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_into: Option<TicketId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
}

impl From<&Phase> for InThisState {
    fn from(phase: &Phase) -> Self {
        let nothing = Self::default();
        match phase.clone() {
            Phase::CallBack { queue } | Phase::Queued { queue } => {
                Self { queue: Some(queue), ..nothing }
            }
            Phase::Claimed { agent, due: _ } => Self { claimed_by: Some(agent), ..nothing },
            Phase::Waiting { deferred, due: _ } => Self { deferred: Some(deferred), ..nothing },
            Phase::Offered { offer } => Self { offer: Some(offer), ..nothing },
            Phase::Assigned { assignment, due: _ } => {
                Self { assignment: Some(assignment), ..nothing }
            }
            Phase::Working(Work {
                assignment,
                accepted_at,
                stage,
                hold,
                transfer,
                asked,
                due: _,
            }) => Self {
                assignment: Some(assignment),
                accepted_at: Some(accepted_at),
                stage: Some(stage),
                hold,
                transfer,
                asked: Some(asked),
                ..nothing
            },
            Phase::Duplicate { of, due: _ } => Self { duplicate_of: Some(of), ..nothing },
            Phase::Resolved { resolution, reminders, due: _ } => {
                Self { resolution: Some(resolution), reminders: Some(reminders), ..nothing }
            }
            Phase::Imported { stage, engineer, due: _ } => {
                Self { imported_stage: Some(stage), imported_engineer: engineer, ..nothing }
            }
            Phase::Closed { outcome, at } => {
                Self { outcome: Some(outcome), ended_at: Some(at), ..nothing }
            }
            Phase::Merged { into, at } => {
                Self { merged_into: Some(into), ended_at: Some(at), ..nothing }
            }
            Phase::Cancelled { at } => Self { ended_at: Some(at), ..nothing },
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
struct LinkView {
    ticket: TicketId,
    kind: LinkKind,
}

/// A ticket as it is at one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TicketView {
    id: TicketId,
    number: TicketNumber,
    version: StreamVersion,
    state: PhaseName,
    /// When something must happen next.
    due: Option<Timestamp>,
    /// What a person can do next.
    allowed: Vec<Verb>,
    created_at: Timestamp,
    customer: Option<CustomerId>,
    outlet: Option<OutletId>,
    area: Option<AreaId>,
    device: Option<DeviceId>,
    #[schema(value_type = Vec<String>)]
    skills: Vec<Skill>,
    priority: Priority,
    urgent: bool,
    level: u8,
    #[serde(flatten)]
    in_this_state: InThisState,
    assignments: u32,
    offers: u32,
    time_outs: u32,
    passed: Vec<EngineerId>,
    left_out: Vec<EngineerId>,
    helpers: Vec<EngineerId>,
    urges: u32,
    appointment: Option<Appointment>,
    links: Vec<LinkView>,
    merged_from: Vec<TicketId>,
    answer: Option<Answer>,
    last_resolution: Option<Resolution>,
    reopened: u32,
    imported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<ReportView>,
}

impl TicketView {
    /// The ticket without the words of its report.
    pub(crate) fn new(ticket: &Ticket, version: StreamVersion) -> Self {
        let state = ticket.phase.name();
        Self {
            id: ticket.id,
            number: ticket.number,
            version,
            state,
            due: ticket.due(),
            allowed: ticket.allowed(),
            created_at: ticket.created_at,
            customer: ticket.customer,
            outlet: ticket.outlet,
            area: ticket.area,
            device: ticket.device,
            skills: ticket.skills.clone(),
            priority: ticket.priority,
            urgent: ticket.urgent,
            level: ticket.level,
            in_this_state: InThisState::from(&ticket.phase),
            assignments: ticket.assignments,
            offers: ticket.offers,
            time_outs: ticket.time_outs,
            passed: ticket.passed.clone(),
            left_out: ticket.left_out.clone(),
            helpers: ticket.helpers.clone(),
            urges: ticket.urges,
            appointment: ticket.appointment,
            links: ticket
                .links
                .iter()
                .map(|(ticket, kind)| LinkView { ticket: *ticket, kind: *kind })
                .collect(),
            merged_from: ticket.merged_from.clone(),
            answer: ticket.answer,
            last_resolution: ticket.last_resolution,
            reopened: ticket.reopened,
            imported: ticket.imported,
            report: None,
        }
    }

    /// The ticket with them.
    #[must_use]
    pub(crate) fn with_report(self, report: ReportView) -> Self {
        Self { report: Some(report), ..self }
    }
}
