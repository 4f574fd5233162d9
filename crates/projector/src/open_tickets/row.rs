//! One open ticket: what the domain's fold needs to go on, and what is shown.

use domain::rules::BoardRules;
use domain::ticket::{
    Answer, Appointment, Channel, PhaseName, Priority, Stage, Ticket, Undo, Verdict,
};
use domain::{
    AreaId, CustomerId, DeviceId, EngineerId, OutletId, StreamVersion, TicketId, TicketNumber,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use super::index::Keys;
use super::phase::{StoredImportedStage, StoredPhase, StoredResolution};
use super::queues::{QueueKey, QueueName};
use super::view::{HoldView, QueuePlace, TicketRow};

/// The row. Skills, links, merged tickets, attachments and who let it pass are left out: neither the domain's
/// fold of what is shown here nor a query depends on them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) number: TicketNumber,
    pub(super) id: TicketId,
    version: StreamVersion,
    created_at: Timestamp,
    pub(super) accepted_at: Option<Timestamp>,
    customer: Option<CustomerId>,
    pub(super) outlet: Option<OutletId>,
    pub(super) area: Option<AreaId>,
    device: Option<DeviceId>,
    pub(super) priority: Priority,
    pub(super) urgent: bool,
    has_sentence: bool,
    has_place: bool,
    pub(super) imported: bool,
    level: u8,
    assignments: u32,
    offers: u32,
    urges: u32,
    reopened: u32,
    phase: StoredPhase,
    /// As the domain has it, so that it cannot differ.
    due: Timestamp,
    rare: Option<Box<Rare>>,
}

/// What most open tickets do not have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Rare {
    helpers: Vec<EngineerId>,
    appointment: Option<StoredAppointment>,
    answer: Option<StoredAnswer>,
    last_resolution: Option<StoredResolution>,
}

/// [`Appointment`], stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct StoredAppointment {
    from: Timestamp,
    until: Timestamp,
    missed: bool,
}

/// [`Answer`], stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct StoredAnswer {
    verdict: Verdict,
    stars: Option<u8>,
    at: Timestamp,
    undo: Option<(Timestamp, StoredResolution)>,
}

impl Rare {
    fn of(ticket: &Ticket) -> Option<Box<Self>> {
        let rare = Self {
            helpers: ticket.helpers.clone(),
            appointment: ticket.appointment.map(|Appointment { from, until, missed }| {
                StoredAppointment { from, until, missed }
            }),
            answer: ticket.answer.map(|Answer { verdict, stars, at, undo }| StoredAnswer {
                verdict,
                stars,
                at,
                undo: undo.map(|Undo { until, resolution }| (until, resolution.into())),
            }),
            last_resolution: ticket.last_resolution.map(Into::into),
        };
        (rare != Self::default()).then(|| Box::new(rare))
    }
}

impl Row {
    /// Nothing for a ticket that has ended.
    pub(super) fn of(
        ticket: &Ticket,
        accepted_at: Option<Timestamp>,
        version: StreamVersion,
    ) -> Option<Self> {
        Some(Self {
            phase: StoredPhase::of(&ticket.phase)?,
            due: ticket.due()?,
            number: ticket.number,
            id: ticket.id,
            version,
            created_at: ticket.created_at,
            accepted_at,
            customer: ticket.customer,
            outlet: ticket.outlet,
            area: ticket.area,
            device: ticket.device,
            priority: ticket.priority,
            urgent: ticket.urgent,
            has_sentence: ticket.has_sentence,
            has_place: ticket.has_place,
            imported: ticket.imported,
            level: ticket.level,
            assignments: ticket.assignments,
            offers: ticket.offers,
            urges: ticket.urges,
            reopened: ticket.reopened,
            rare: Rare::of(ticket),
        })
    }

    /// The ticket, without what rows leave out.
    pub(super) fn ticket(&self) -> Ticket {
        let rare = self.rare.as_deref();
        Ticket {
            id: self.id,
            number: self.number,
            created_at: self.created_at,
            customer: self.customer,
            outlet: self.outlet,
            area: self.area,
            device: self.device,
            skills: Vec::new(),
            priority: self.priority,
            // Neither changes what the next event makes of the row.
            channel: Channel::default(),
            urgent_said: false,
            urgent: self.urgent,
            has_sentence: self.has_sentence,
            has_place: self.has_place,
            level: self.level,
            phase: self.phase.phase(),
            assignments: self.assignments,
            offers: self.offers,
            time_outs: 0,
            passed: Vec::new(),
            left_out: Vec::new(),
            helpers: rare.map(|rare| rare.helpers.clone()).unwrap_or_default(),
            urges: self.urges,
            appointment: rare.and_then(|rare| rare.appointment).map(
                |StoredAppointment { from, until, missed }| Appointment { from, until, missed },
            ),
            links: Vec::new(),
            told_apart: Vec::new(),
            merged_from: Vec::new(),
            attachments: Vec::new(),
            answer: rare.and_then(|rare| rare.answer).map(|answer| Answer {
                verdict: answer.verdict,
                stars: answer.stars,
                at: answer.at,
                undo: answer
                    .undo
                    .map(|(until, resolution)| Undo { until, resolution: resolution.into() }),
            }),
            last_resolution: rare.and_then(|rare| rare.last_resolution).map(Into::into),
            reopened: self.reopened,
            imported: self.imported,
        }
    }

    pub(super) const fn phase(&self) -> &StoredPhase {
        &self.phase
    }

    pub(super) fn phase_name(&self) -> PhaseName {
        match &self.phase {
            StoredPhase::CallBack(_) => PhaseName::CallBack,
            StoredPhase::Claimed { .. } => PhaseName::Claimed,
            StoredPhase::Waiting { .. } => PhaseName::Waiting,
            StoredPhase::Offered { .. } => PhaseName::Offered,
            StoredPhase::Assigned(..) => PhaseName::Assigned,
            StoredPhase::Working(work) if work.hold.is_some() => PhaseName::OnHold,
            StoredPhase::Working(_) => PhaseName::Working,
            StoredPhase::Queued(_) => PhaseName::Queued,
            StoredPhase::Duplicate { .. } => PhaseName::Duplicate,
            StoredPhase::Resolved { .. } => PhaseName::Resolved,
            StoredPhase::Imported { .. } => PhaseName::Imported,
        }
    }

    /// Whose it is, or whose work waits for the customer's answer.
    pub(super) fn engineer(&self) -> Option<EngineerId> {
        match &self.phase {
            StoredPhase::Assigned(assignment, _) => Some(assignment.engineer),
            StoredPhase::Working(work) => Some(work.assignment.engineer),
            StoredPhase::Resolved { resolution, .. } => resolution.engineer,
            StoredPhase::Imported { engineer, .. } => *engineer,
            _ => None,
        }
    }

    /// The work is done, and what is left is to ask or call the customer.
    fn is_done(&self) -> bool {
        match &self.phase {
            StoredPhase::Resolved { .. }
            | StoredPhase::Imported { stage: StoredImportedStage::Resolved, .. } => true,
            StoredPhase::CallBack(_) | StoredPhase::Claimed { .. } | StoredPhase::Queued(_) => {
                let answer = self.rare.as_ref().and_then(|rare| rare.answer);
                answer.is_some_and(|answer| answer.verdict == Verdict::Partial)
            }
            _ => false,
        }
    }

    /// Belongs to the backlog: not 完工. A duplicate does not: the ticket that it repeats does.
    fn is_undone(&self) -> bool {
        !self.is_done() && !matches!(self.phase, StoredPhase::Duplicate { .. })
    }

    /// Nobody has accepted it, or whoever had has given it back.
    fn is_unaccepted(&self) -> bool {
        let taken = matches!(
            self.phase,
            StoredPhase::Working(_)
                | StoredPhase::Imported {
                    stage: StoredImportedStage::Active | StoredImportedStage::Held,
                    ..
                }
        );
        !taken && self.is_undone()
    }

    fn queue(&self) -> Option<QueueKey> {
        match &self.phase {
            StoredPhase::CallBack(entry) | StoredPhase::Queued(entry) => {
                Some(QueueKey { queue: entry.role.into(), person: entry.person })
            }
            StoredPhase::Claimed { agent, .. } => {
                Some(QueueKey { queue: QueueName::Claimed, person: Some(*agent) })
            }
            StoredPhase::Imported { .. } => {
                Some(QueueKey { queue: QueueName::Imported, person: None })
            }
            _ => None,
        }
    }

    pub(super) fn keys(&self) -> Keys {
        Keys {
            created_at: self.created_at,
            due: self.due,
            phase: self.phase_name(),
            outlet: self.outlet,
            area: self.area,
            engineer: self.engineer(),
            priority: self.priority,
            urgent: self.urgent,
            queue: self.queue(),
            undone: self.is_undone(),
            unaccepted: self.is_unaccepted(),
        }
    }

    pub(super) fn view(&self, now: Timestamp, board: &BoardRules) -> TicketRow {
        let rare = self.rare.as_deref();
        let work = match &self.phase {
            StoredPhase::Working(work) => Some(work),
            _ => None,
        };
        let due = self.due;
        let older_than = |span: domain::Span| self.created_at <= now.minus(span.duration());
        TicketRow {
            id: self.id,
            number: self.number,
            version: self.version,
            phase: self.phase_name(),
            customer: self.customer,
            outlet: self.outlet,
            area: self.area,
            device: self.device,
            engineer: self.engineer(),
            stage: work.map(|work| Stage::from(work.stage)),
            helpers: rare.map_or(0, |rare| rare.helpers.len()),
            priority: self.priority,
            urgent: self.urgent,
            level: self.level,
            created_at: self.created_at,
            accepted_at: self.accepted_at,
            resolved_at: rare
                .filter(|_| self.is_done())
                .and_then(|rare| rare.last_resolution)
                .map(|resolution| resolution.at),
            due,
            queue: match &self.phase {
                StoredPhase::CallBack(entry) | StoredPhase::Queued(entry) => Some(QueuePlace {
                    role: entry.role,
                    person: entry.person,
                    reason: entry.reason,
                }),
                _ => None,
            },
            hold: work.and_then(|work| work.hold).map(|(reason, until)| HoldView { reason, until }),
            offered_to: match &self.phase {
                StoredPhase::Offered { engineers, .. } => engineers.len(),
                _ => 0,
            },
            transfer_to: work.and_then(|work| work.transfer).map(|(to, _)| to),
            agent: match &self.phase {
                StoredPhase::Claimed { agent, .. } => Some(*agent),
                _ => None,
            },
            duplicate_of: match &self.phase {
                StoredPhase::Duplicate { of, .. } => Some(*of),
                _ => None,
            },
            assignments: self.assignments,
            reopened: self.reopened,
            urges: self.urges,
            imported: self.imported,
            overdue: self.is_undone() && due < now,
            red: self.is_unaccepted() && older_than(board.red_after),
            flashing: self.is_undone() && older_than(board.flash_after),
        }
    }
}
