//! What has to be remembered of a ticket, and what each of its events adds to the counts.

use domain::ticket::{ImportedStep, TicketEvent, Verdict};
use domain::{AreaId, CorruptHistory, EngineerId, OutletId, Timestamp};
use eventlog::RecordedEvent;
use serde::{Deserialize, Serialize};

use super::firm_rules::HeldRules;
use super::tally::{About, Count, Direction, Rating, Tally};
use crate::contract::corrupt;

/// The last answer, which may have to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Counted<W> {
    when: W,
    about: About,
    /// Nothing: silence.
    rating: Option<Rating>,
}

impl<W: Copy> Counted<W> {
    const fn tally(self, direction: Direction) -> Tally<W> {
        let count = match self.rating {
            Some(rating) => Count::Answer(rating, direction),
            None => Count::Silence(direction),
        };
        Tally { when: self.when, about: self.about, count }
    }
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Case<W> {
    created_at: Timestamp,
    outlet: Option<OutletId>,
    area: Option<AreaId>,
    /// Who did the work last; of an imported case, who has it.
    engineer: Option<EngineerId>,
    accepted: bool,
    open: bool,
    counted: Option<Counted<W>>,
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

impl<W: Copy> Case<W> {
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

    /// The report itself.
    pub(super) const fn created(&self, when: W) -> Tally<W> {
        Tally { when, about: self.about(None), count: Count::Created }
    }

    const fn about(&self, engineer: Option<EngineerId>) -> About {
        About { area: self.area, outlet: self.outlet, engineer }
    }

    /// Follows an event that happened in this span, and says what it adds to the counts.
    pub(super) fn step(
        &mut self,
        what: &TicketEvent,
        at: Timestamp,
        when: W,
        rules: &HeldRules,
        tallies: &mut Vec<Tally<W>>,
    ) {
        let about = self.about(self.engineer);
        match what {
            TicketEvent::DetailsAdded(added) => {
                self.outlet = added.outlet.or(self.outlet);
                self.area = added.area.or(self.area);
            }
            TicketEvent::Accepted(accepted) if !self.accepted => {
                self.accepted = true;
                let seconds = at.since(self.created_at).as_secs();
                let count = Count::FirstResponse(u32::try_from(seconds).unwrap_or(u32::MAX));
                let about = self.about(Some(accepted.engineer));
                tallies.push(Tally { when, about, count });
            }
            TicketEvent::Resolved(resolved) => {
                self.engineer = resolved.engineer;
                self.open = true;
                self.counted = None;
                let about = self.about(resolved.engineer);
                tallies.push(Tally { when, about, count: Count::Resolved });
            }
            TicketEvent::Confirmed(confirmed) => {
                self.open = confirmed.call_back.is_some();
                let (verdict, stars) = (confirmed.verdict, confirmed.stars);
                let rating = Some(Rating { verdict, stars, low: rules.is_low(stars) });
                self.answer(Counted { when, about, rating }, tallies);
            }
            TicketEvent::Rejected(rejected) => {
                self.open = true;
                let about = self.about(rejected.engineer);
                let (verdict, stars) = (Verdict::Unresolved, rejected.stars);
                let rating = Some(Rating { verdict, stars, low: rules.is_low(stars) });
                self.answer(Counted { when, about, rating }, tallies);
            }
            TicketEvent::AnswerRetracted(_) => {
                self.open = true;
                tallies.extend(self.counted.take().map(|counted| counted.tally(Direction::Back)));
            }
            TicketEvent::ClosedBySilence(_) => {
                self.open = false;
                let silence = Counted { when, about, rating: None };
                self.counted = Some(silence);
                tallies.push(silence.tally(Direction::Forth));
            }
            TicketEvent::Closed(_) => {
                self.open = false;
                tallies.push(Tally { when, about, count: Count::ByAgent });
            }
            TicketEvent::Reopened(_) => {
                self.open = true;
                self.counted = None;
                tallies.push(Tally { when, about, count: Count::Reopened });
            }
            TicketEvent::Merged(_) | TicketEvent::Cancelled(_) => self.open = false,
            TicketEvent::Imported(imported) => self.import(&imported.step, when, tallies),
            _ => {}
        }
    }

    /// Only silence gives way to an answer; an earlier answer belongs to earlier work.
    fn answer(&mut self, answer: Counted<W>, tallies: &mut Vec<Tally<W>>) {
        let silence = self.counted.filter(|counted| counted.rating.is_none());
        tallies.extend(silence.map(|silence| silence.tally(Direction::Back)));
        tallies.push(answer.tally(Direction::Forth));
        self.counted = Some(answer);
    }

    fn import(&mut self, step: &ImportedStep, when: W, tallies: &mut Vec<Tally<W>>) {
        let about = self.about(self.engineer);
        let count = match step {
            ImportedStep::Assigned { engineer, outlet }
            | ImportedStep::Reassigned { engineer, outlet } => {
                self.engineer = engineer.or(self.engineer);
                self.outlet = outlet.or(self.outlet);
                return;
            }
            ImportedStep::Opened { .. }
            | ImportedStep::Started
            | ImportedStep::Held(_)
            | ImportedStep::AttachmentsNamed { .. } => return,
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
        tallies.push(Tally { when, about, count });
    }
}
