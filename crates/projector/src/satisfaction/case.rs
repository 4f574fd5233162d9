//! What has to be remembered of a ticket, and what each of its events adds to the counts.

use domain::ticket::{ImportedStep, TicketEvent, Verdict};
use domain::{AreaId, CivilDate, CorruptHistory, EngineerId, OutletId, Timestamp};
use eventlog::RecordedEvent;
use serde::{Deserialize, Serialize};

use super::cell::{CellKey, Count, Direction};
use crate::contract::corrupt;

/// A count, and where it goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tally {
    pub(super) key: CellKey,
    pub(super) count: Count,
}

/// The last answer, which may have to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Counted {
    key: CellKey,
    /// Nothing: silence.
    verdict: Option<Verdict>,
    stars: Option<u8>,
}

impl Counted {
    const fn tally(self, direction: Direction) -> Tally {
        let count = match self.verdict {
            Some(verdict) => Count::Answer(verdict, self.stars, direction),
            None => Count::Silence(direction),
        };
        Tally { key: self.key, count }
    }
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Case {
    created_at: Timestamp,
    outlet: Option<OutletId>,
    area: Option<AreaId>,
    /// Who did the work last; of an imported case, who has it.
    engineer: Option<EngineerId>,
    accepted: bool,
    open: bool,
    counted: Option<Counted>,
}

/// Whether an event can change the counts of a ticket that has ended.
pub(super) const fn concerns_ended(what: &TicketEvent) -> bool {
    matches!(
        what,
        TicketEvent::Accepted(_)
            | TicketEvent::Resolved(_)
            | TicketEvent::Confirmed(_)
            | TicketEvent::Rejected(_)
            | TicketEvent::AnswerRetracted(_)
            | TicketEvent::Closed(_)
            | TicketEvent::ClosedBySilence(_)
            | TicketEvent::Reopened(_)
            | TicketEvent::Imported(_)
    )
}

impl Case {
    pub(super) fn begin(event: &RecordedEvent, what: &TicketEvent) -> Result<Self, CorruptHistory> {
        let (outlet, area) = match what {
            TicketEvent::Created(created) => (created.outlet, created.area),
            TicketEvent::Imported(imported) => match imported.step {
                ImportedStep::Opened { outlet, .. } => (outlet, None),
                _ => return Err(corrupt(event, "an imported case begins by being opened")),
            },
            _ => return Err(corrupt(event, "the ticket was not created")),
        };
        Ok(Self {
            created_at: event.occurred_at,
            outlet,
            area,
            engineer: None,
            accepted: false,
            open: true,
            counted: None,
        })
    }

    pub(super) const fn is_open(&self) -> bool {
        self.open
    }

    const fn key(&self, day: CivilDate, engineer: Option<EngineerId>) -> CellKey {
        CellKey { day, area: self.area, outlet: self.outlet, engineer }
    }

    /// Follows an event that happened on this day, and says what it adds to the counts.
    pub(super) fn step(
        &mut self,
        what: &TicketEvent,
        at: Timestamp,
        day: CivilDate,
        tallies: &mut Vec<Tally>,
    ) {
        let key = self.key(day, self.engineer);
        match what {
            TicketEvent::DetailsAdded(added) => {
                self.outlet = added.outlet.or(self.outlet);
                self.area = added.area.or(self.area);
            }
            TicketEvent::Accepted(accepted) if !self.accepted => {
                self.accepted = true;
                let seconds = at.since(self.created_at).as_secs();
                let count = Count::FirstResponse(u32::try_from(seconds).unwrap_or(u32::MAX));
                tallies.push(Tally { key: self.key(day, Some(accepted.engineer)), count });
            }
            TicketEvent::Resolved(resolved) => {
                self.engineer = resolved.engineer;
                self.open = true;
                self.counted = None;
                let key = self.key(day, resolved.engineer);
                tallies.push(Tally { key, count: Count::Resolved });
            }
            TicketEvent::Confirmed(confirmed) => {
                self.open = confirmed.call_back.is_some();
                let answer =
                    Counted { key, verdict: Some(confirmed.verdict), stars: confirmed.stars };
                self.answer(answer, tallies);
            }
            TicketEvent::Rejected(rejected) => {
                self.open = true;
                let key = self.key(day, rejected.engineer);
                let verdict = Some(Verdict::Unresolved);
                self.answer(Counted { key, verdict, stars: rejected.stars }, tallies);
            }
            TicketEvent::AnswerRetracted(_) => {
                self.open = true;
                tallies.extend(self.counted.take().map(|counted| counted.tally(Direction::Back)));
            }
            TicketEvent::ClosedBySilence(_) => {
                self.open = false;
                let silence = Counted { key, verdict: None, stars: None };
                self.counted = Some(silence);
                tallies.push(silence.tally(Direction::Forth));
            }
            TicketEvent::Closed(_) => {
                self.open = false;
                tallies.push(Tally { key, count: Count::ByAgent });
            }
            TicketEvent::Reopened(_) => {
                self.open = true;
                self.counted = None;
                tallies.push(Tally { key, count: Count::Reopened });
            }
            TicketEvent::Merged(_) | TicketEvent::Cancelled(_) => self.open = false,
            TicketEvent::Imported(imported) => self.import(&imported.step, day, tallies),
            _ => {}
        }
    }

    /// Only silence gives way to an answer; an earlier answer belongs to earlier work.
    fn answer(&mut self, answer: Counted, tallies: &mut Vec<Tally>) {
        let silence = self.counted.filter(|counted| counted.verdict.is_none());
        tallies.extend(silence.map(|silence| silence.tally(Direction::Back)));
        tallies.push(answer.tally(Direction::Forth));
        self.counted = Some(answer);
    }

    fn import(&mut self, step: &ImportedStep, day: CivilDate, tallies: &mut Vec<Tally>) {
        let key = self.key(day, self.engineer);
        let count = match step {
            ImportedStep::Assigned { engineer, outlet }
            | ImportedStep::Reassigned { engineer, outlet } => {
                self.engineer = engineer.or(self.engineer);
                self.outlet = outlet.or(self.outlet);
                return;
            }
            ImportedStep::Opened { .. } | ImportedStep::Started | ImportedStep::Held(_) => return,
            ImportedStep::Resolved => Count::ImportedResolved,
            ImportedStep::Closed => {
                self.open = false;
                Count::ImportedClosed
            }
            ImportedStep::Reopened => {
                self.open = true;
                Count::ImportedReopened
            }
        };
        tallies.push(Tally { key, count });
    }
}
