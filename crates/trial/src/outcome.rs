//! What a run came to, ticket by ticket and in total: the same reckoning for what the log recorded and for
//! what happens in the sandbox.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dispatcher::FeedEvent;
use domain::engineer::{EngineerEvent, FreezeReason};
use domain::rules::BoardRules;
use domain::ticket::{
    ImportedStage, LinkKind, Phase, PhaseName, QueueRole, Ticket, TicketEvent, Via,
};
use domain::{EngineerId, Event, Origin, TicketId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::firm::Firm;
use crate::recheck::Between;

/// With which ticket, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TrialLink))]
pub struct Linked {
    /// Which.
    pub to: TicketId,
    /// How.
    pub kind: LinkKind,
}

/// What a ticket came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TrialOutcome))]
pub struct TicketOutcome {
    /// When it was reported.
    pub created_at: Timestamp,
    /// The ticket that the dispatcher linked it with; the last link counts.
    pub linked: Option<Linked>,
    /// Offers.
    pub offers: u32,
    /// Assignments, by the dispatcher or by hand.
    pub assignments: u32,
    /// Assignments and offers that nobody took in time.
    pub time_outs: u32,
    /// Assignments and offers that somebody declined.
    pub declined: u32,
    /// When somebody was asked for the first time.
    pub asked_at: Option<Timestamp>,
    /// Who was asked first.
    pub asked: Vec<EngineerId>,
    /// When it was accepted for the first time.
    pub accepted_at: Option<Timestamp>,
    /// Who accepted it first.
    pub accepted_by: Option<EngineerId>,
    /// How often it came into a queue of the supervisors' ladder.
    pub queued: u32,
    /// It was red: not accepted for too long.
    pub red: bool,
    /// It flashed: not 完工 for too long.
    pub flashing: bool,
    /// When it was 完工 for the first time.
    pub done_at: Option<Timestamp>,
    #[serde(skip)]
    stands: Option<PhaseName>,
    #[serde(skip)]
    unaccepted: bool,
    #[serde(skip)]
    undone: bool,
    #[serde(skip)]
    in_queue: bool,
}

/// All of it in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TrialTotals))]
pub struct Totals {
    /// Tickets that were open at the beginning, or reported after it.
    pub tickets: u64,
    /// Reports that the dispatcher linked as duplicates, and did not dispatch.
    pub duplicates: u64,
    /// Reports that an agent was asked about.
    pub suspected: u64,
    /// Reports that were linked as repeat visits.
    pub repeat_visits: u64,
    /// Offers.
    pub offers: u64,
    /// Assignments.
    pub assignments: u64,
    /// Assignments and offers that nobody took in time.
    pub time_outs: u64,
    /// Assignments and offers that somebody declined.
    pub declined: u64,
    /// Entries into queues of supervisors, deputies and directors.
    pub queued: u64,
    /// The most tickets in these queues at once.
    pub queued_peak: u64,
    /// Engineers frozen until the end of a day after 未解决, counted by day.
    pub freeze_days: u64,
    /// Tickets that were red at some time.
    pub red: u64,
    /// Tickets that flashed at some time.
    pub flashing: u64,
    /// Of the reports: accepted by the end.
    pub accepted: u64,
    /// From report to acceptance, in seconds: half are faster.
    pub accept_median_s: u64,
    /// From report to acceptance, in seconds: nine of ten are faster.
    pub accept_p90_s: u64,
    /// 完工 by the end.
    pub done: u64,
}

/// What a run comes to.
#[derive(Debug, Clone)]
pub(crate) struct Outcomes {
    between: Between,
    pub(crate) tickets: BTreeMap<TicketId, TicketOutcome>,
    in_queues: u64,
    queued_peak: u64,
    freeze_days: u64,
    board: Board,
}

/// After what a ticket is red, and flashes.
#[derive(Debug, Clone, Copy)]
struct Board {
    red_after: Duration,
    flash_after: Duration,
}

impl Outcomes {
    /// Begins with the tickets that are open, under these rules of the board.
    pub(crate) fn new<'a>(
        between: Between,
        tickets: impl Iterator<Item = &'a Arc<Ticket>>,
        board: &BoardRules,
    ) -> Self {
        let (red, flash) = (board.red_after, board.flash_after);
        let board = Board { red_after: red.duration(), flash_after: flash.duration() };
        let mut outcomes = Self {
            between,
            tickets: BTreeMap::new(),
            in_queues: 0,
            queued_peak: 0,
            freeze_days: 0,
            board,
        };
        for ticket in tickets.filter(|ticket| ticket.is_open()) {
            outcomes.open(ticket);
            outcomes.stands(ticket, between.from);
        }
        outcomes
    }

    fn open(&mut self, ticket: &Ticket) {
        self.tickets.entry(ticket.id).or_insert_with(|| TicketOutcome {
            created_at: ticket.created_at,
            linked: None,
            offers: 0,
            assignments: 0,
            time_outs: 0,
            declined: 0,
            asked_at: None,
            asked: Vec::new(),
            accepted_at: None,
            accepted_by: None,
            queued: 0,
            red: false,
            flashing: false,
            done_at: None,
            stands: None,
            unaccepted: false,
            undone: false,
            in_queue: false,
        });
    }

    /// Takes in what happened, which the firm knows already.
    pub(crate) fn event(&mut self, event: &FeedEvent, firm: &Firm) {
        let at = event.stamp.recorded_at;
        match &event.event {
            Event::Engineer(EngineerEvent::Frozen(it)) => {
                self.freeze_days += u64::from(matches!(it.reason, FreezeReason::Unresolved(_)));
            }
            Event::Ticket(what) => {
                let Some(ticket) = event.stream.ticket().and_then(|id| firm.ticket(id)) else {
                    return;
                };
                if matches!(what, TicketEvent::Created(_)) && event.origin == Origin::Live {
                    self.open(ticket);
                }
                if let Some(outcome) = self.tickets.get_mut(&ticket.id) {
                    outcome.event(what, at);
                    self.stands(ticket, at);
                }
            }
            _ => {}
        }
    }

    /// Where a ticket stands from now on.
    fn stands(&mut self, ticket: &Ticket, at: Timestamp) {
        let board = self.board;
        let Some(outcome) = self.tickets.get_mut(&ticket.id) else { return };
        outcome.until(at, board);
        let phase = ticket.phase.name();
        outcome.stands = Some(phase);
        outcome.undone =
            ticket.is_open() && !matches!(phase, PhaseName::Resolved | PhaseName::Duplicate);
        let taken = matches!(
            ticket.phase,
            Phase::Working(_)
                | Phase::Imported { stage: ImportedStage::Active | ImportedStage::Held, .. }
        );
        outcome.unaccepted = outcome.undone && !taken;
        let was_queued = std::mem::replace(&mut outcome.in_queue, is_queued(&ticket.phase));
        if outcome.in_queue && !was_queued {
            self.in_queues += 1;
            self.queued_peak = self.queued_peak.max(self.in_queues);
        } else if was_queued && !outcome.in_queue {
            self.in_queues = self.in_queues.saturating_sub(1);
        }
    }

    /// It ends here.
    pub(crate) fn end(&mut self, at: Timestamp) {
        let board = self.board;
        for outcome in self.tickets.values_mut() {
            outcome.until(at, board);
        }
    }

    pub(crate) fn totals(&self) -> Totals {
        let mut totals = Totals {
            tickets: count(self.tickets.len()),
            queued_peak: self.queued_peak,
            freeze_days: self.freeze_days,
            ..Totals::default()
        };
        let mut waits = Vec::new();
        for outcome in self.tickets.values() {
            let linked = outcome.linked.map(|linked| linked.kind);
            totals.duplicates += u64::from(linked == Some(LinkKind::Duplicate));
            totals.suspected += u64::from(linked == Some(LinkKind::Suspected));
            totals.repeat_visits += u64::from(linked == Some(LinkKind::RepeatVisit));
            totals.offers += u64::from(outcome.offers);
            totals.assignments += u64::from(outcome.assignments);
            totals.time_outs += u64::from(outcome.time_outs);
            totals.declined += u64::from(outcome.declined);
            totals.queued += u64::from(outcome.queued);
            totals.red += u64::from(outcome.red);
            totals.flashing += u64::from(outcome.flashing);
            totals.done += u64::from(outcome.done_at.is_some());
            if self.between.contains(outcome.created_at) {
                waits.extend(outcome.wait());
            }
        }
        waits.sort_unstable();
        totals.accepted = count(waits.len());
        totals.accept_median_s = percentile(&waits, 50);
        totals.accept_p90_s = percentile(&waits, 90);
        totals
    }
}

impl TicketOutcome {
    /// From report to acceptance.
    pub fn wait(&self) -> Option<Duration> {
        self.accepted_at.map(|at| at.since(self.created_at))
    }

    fn event(&mut self, event: &TicketEvent, at: Timestamp) {
        match event {
            TicketEvent::Offered(it) => {
                self.offers += 1;
                self.ask(&it.engineers, at);
            }
            TicketEvent::Assigned(it) if it.via == Via::Choice => {
                self.assignments += 1;
                self.ask(&[it.engineer], at);
            }
            TicketEvent::TimedOut(_) | TicketEvent::OfferExpired(_) => self.time_outs += 1,
            TicketEvent::Declined(_) | TicketEvent::OfferDeclined(_) => self.declined += 1,
            TicketEvent::Accepted(it) => {
                self.accepted_at.get_or_insert(at);
                self.accepted_by.get_or_insert(it.engineer);
            }
            TicketEvent::Resolved(_) => {
                self.done_at.get_or_insert(at);
            }
            TicketEvent::Queued(it) if it.entry.role != QueueRole::CallBack => self.queued += 1,
            TicketEvent::Linked(it) if it.reason.is_some() => {
                self.linked = Some(Linked { to: it.to, kind: it.kind });
            }
            _ => {}
        }
    }

    fn ask(&mut self, engineers: &[EngineerId], at: Timestamp) {
        if self.asked_at.is_none() {
            self.asked_at = Some(at);
            self.asked = engineers.to_vec();
        }
    }

    /// It stood as it stands until now.
    fn until(&mut self, at: Timestamp, board: Board) {
        let older = |span: Duration| at >= self.created_at.plus(span);
        let (red, flashing) = (older(board.red_after), older(board.flash_after));
        self.red |= self.unaccepted && red;
        self.flashing |= self.undone && flashing;
    }
}

const fn is_queued(phase: &Phase) -> bool {
    matches!(phase, Phase::Queued { .. })
}

/// The value that so many of a hundred are not above, in seconds; sorted ones.
fn percentile(sorted: &[Duration], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(rank).map_or(0, Duration::as_secs)
}

pub(crate) fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
