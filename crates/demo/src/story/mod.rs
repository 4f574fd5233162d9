//! What people do, as a pure core: it is told what happened and plans what somebody does about it.
//!
//! It knows what the people in it know: what the feed says, and who they are. It never decides
//! whether something is possible; whoever carries an act out looks at the buttons that the server
//! offers. All chance comes from [`Dice`], by the number of the report and not by its id, which is
//! another in every run.

mod arrivals;
mod customers;
mod desk;
mod engineers;
mod phones;

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ticket::{PhaseName, TicketCommand};
use domain::{EngineerId, Party, TicketId, Timestamp};

use crate::act::{Act, EngineerStep, Expects, Planned, Press, Send};
use crate::agenda::Agenda;
use crate::dice::{Dice, Draw};
use crate::firm::{DeviceType, Firm, TYPES};
use crate::local::Day;
use crate::seen::{Assigned, FeedEvent, Happening, OnEngineer, OnTicket};
use engineers::Worker;

/// When every story begins: Monday 2026-03-02 06:00 in Shanghai.
pub const BEGIN: Timestamp = Timestamp::from_seconds(1_772_402_400);

/// So long after its end a case can still be opened again by somebody here.
const REMEMBERED: Duration = Duration::from_secs(4 * 86_400);

/// What people remember of a report.
#[derive(Debug)]
struct Case {
    ticket: TicketId,
    /// Counts the reports; draws are named by it.
    nth: u64,
    customer: Option<usize>,
    device: Option<usize>,
    urgent: bool,
    created_at: Timestamp,
    /// Who had it last.
    owner: Option<EngineerId>,
    /// How often it was 完工.
    resolved: u64,
    /// It waits for the customer's answer.
    answer_awaited: bool,
    /// How often it was in somebody's queue.
    queued: u64,
    ended: Option<Timestamp>,
}

impl Case {
    fn kind(&self, firm: &Firm) -> Option<&'static DeviceType> {
        self.device.and_then(|device| TYPES.get(firm.devices.get(device)?.kind))
    }

    /// Who speaks for the customer.
    fn customer(&self, firm: &Firm) -> Party {
        let customer = self.customer.and_then(|index| firm.customers.get(index));
        customer.map_or(Party::Anonymous, |customer| Party::Customer(customer.id))
    }
}

/// A story that goes on day after day.
#[derive(Debug)]
pub struct Story {
    firm: Firm,
    dice: Dice,
    agenda: Agenda,
    /// By id, which is only ever looked up: its order is another in every run.
    cases: BTreeMap<TicketId, Case>,
    reports: u64,
    workers: Vec<Worker>,
}

/// What is to be done by whoever carries the story out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A button.
    Press(Press),
    /// Somebody is sent.
    Send(Send),
    /// Something about an engineer.
    Engineer(EngineerId, Party, EngineerStep),
}

impl Story {
    /// The story of a seed. It begins at [`BEGIN`].
    pub fn new(seed: u64) -> Self {
        let (firm, dice) = (Firm::new(), Dice::new(seed));
        let workers = (0..firm.engineers.len()).map(|index| Worker::new(dice, index)).collect();
        let mut story = Self {
            firm,
            dice,
            agenda: Agenda::default(),
            cases: BTreeMap::new(),
            reports: 0,
            workers,
        };
        story.plan(BEGIN, BEGIN, Act::NewDay);
        story
    }

    /// Who there is.
    pub const fn firm(&self) -> &Firm {
        &self.firm
    }

    /// When somebody does something next.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.agenda.next_at()
    }

    /// How much the story remembers: cases and what is planned.
    pub fn remembered(&self) -> (usize, usize) {
        (self.cases.len(), self.agenda.len())
    }

    /// The next step whose time has come.
    pub fn take(&mut self, now: Timestamp) -> Option<Step> {
        while let Some(act) = self.agenda.take(now) {
            match act {
                Act::NewDay => self.begin_day(now),
                Act::Press(press) => return Some(Step::Press(press)),
                Act::Send(send) => return Some(Step::Send(send)),
                Act::Engineer { engineer, by, step } => {
                    if self.phone_does(engineer, step, now) {
                        return Some(Step::Engineer(engineer, by, step));
                    }
                }
            }
        }
        None
    }

    /// Takes an event in, and plans what it leads to.
    ///
    /// # Errors
    /// When the event is not what the API says it is.
    pub fn on_event(&mut self, event: &FeedEvent, now: Timestamp) -> Result<(), serde_json::Error> {
        match event.happening()? {
            Happening::Ticket(ticket, OnTicket::Created(created)) => {
                self.reports += 1;
                let case = Case {
                    ticket,
                    nth: self.reports,
                    customer: created.customer.and_then(|id| self.firm.customer(id)),
                    device: created.device.and_then(|id| self.firm.device(id)),
                    urgent: created.urgent,
                    created_at: event.recorded_at,
                    owner: None,
                    resolved: 0,
                    answer_awaited: false,
                    queued: 0,
                    ended: None,
                };
                self.on_created(&case, &created, now);
                self.cases.insert(ticket, case);
            }
            Happening::Ticket(ticket, what) => {
                // Taken out while it is looked at, so that plans may be made meanwhile.
                if let Some(mut case) = self.cases.remove(&ticket) {
                    self.on_ticket(&mut case, what, now);
                    self.cases.insert(ticket, case);
                }
            }
            Happening::Engineer(engineer, OnEngineer::Frozen { until }) => {
                self.on_frozen(engineer, until, event.position.get(), now);
            }
            Happening::Engineer(engineer, OnEngineer::LeaveSet { from, until }) => {
                if let Some(worker) = self.worker(engineer) {
                    worker.away = Some((from, until));
                }
            }
            Happening::Engineer(_, OnEngineer::Other) | Happening::Other => {}
        }
        Ok(())
    }

    fn on_ticket(&mut self, case: &mut Case, what: OnTicket, now: Timestamp) {
        match what {
            OnTicket::Claimed => self.on_claimed(case, now),
            OnTicket::Offered { number, engineers } => {
                self.on_offered(case, number, &engineers, now);
            }
            OnTicket::Assigned(assigned) => {
                case.owner = Some(assigned.engineer);
                self.on_assigned(case, assigned, now);
            }
            OnTicket::Accepted(Assigned { number, engineer: owner })
            | OnTicket::Transferred { number, to: owner } => {
                case.owner = Some(owner);
                self.on_accepted(case, number, owner, now);
            }
            OnTicket::Departed { number } => self.on_departed(case, number, now),
            OnTicket::Arrived { number } => self.on_arrived(case, number, now),
            OnTicket::Held { number } => self.on_held(case, number, now),
            OnTicket::Resumed { number } => self.on_resumed(case, number, now),
            OnTicket::TransferRequested { number, to } => {
                self.on_transfer_requested(case, number, to, now);
            }
            OnTicket::OwnerAsked { number } => self.on_owner_asked(case, number, now),
            OnTicket::Resolved => {
                case.resolved += 1;
                case.answer_awaited = true;
                self.on_resolved(case, now);
            }
            OnTicket::Reminded { number } => self.on_reminded(case, number, now),
            OnTicket::Confirmed { call_back } => {
                case.answer_awaited = false;
                if call_back {
                    self.on_partly_solved(case, now);
                } else {
                    case.ended = Some(now);
                    self.on_satisfied(case, now);
                }
            }
            OnTicket::Rejected => {
                case.answer_awaited = false;
                self.on_rejected(case, now);
            }
            OnTicket::Queued { role, person } => {
                case.queued += 1;
                self.on_queued(case, role, person, now);
            }
            OnTicket::Reopened => case.ended = None,
            OnTicket::Ended => case.ended = Some(now),
            OnTicket::DetailsAdded { device, urgent } => {
                case.device = device.and_then(|id| self.firm.device(id)).or(case.device);
                case.urgent = urgent.unwrap_or(case.urgent);
            }
            OnTicket::Created(_) | OnTicket::Other => {}
        }
    }

    /// Nobody was free to be sent: it is tried again later.
    pub fn nobody_free(&mut self, send: Send, now: Timestamp) {
        const TRIES_MAX: u32 = 3;
        let Some(case) = self.cases.get(&send.ticket) else { return };
        let mut draw = self.dice.draw("nobody free", &[case.nth, send.tries.into()]);
        if send.tries < TRIES_MAX {
            let again = Send { tries: send.tries + 1, ..send };
            self.plan(now.plus(draw.minutes(20, 60)), now, Act::Send(again));
        }
    }

    /// A day begins: what nobody remembers is forgotten, and people wake up with new faults.
    fn begin_day(&mut self, now: Timestamp) {
        let before = now.minus(REMEMBERED);
        self.cases.retain(|_, case| case.ended.is_none_or(|ended| ended > before));
        let day = Day::of(now);
        self.plan_reports(day, now);
        self.plan_duties(day, now);
        self.plan(day.next().at_minute(0), now, Act::NewDay);
    }

    fn plan(&mut self, at: Timestamp, now: Timestamp, act: Act) {
        self.agenda.enter(Planned { at, act }, now);
    }

    /// Plans a button, whatever is seen then.
    fn press(
        &mut self,
        at: Timestamp,
        now: Timestamp,
        case: &Case,
        by: Party,
        command: impl Into<TicketCommand>,
    ) {
        self.press_if(at, now, case, by, command, Expects::default());
    }

    /// Plans a button that is pressed if the ticket is as expected.
    fn press_if(
        &mut self,
        at: Timestamp,
        now: Timestamp,
        case: &Case,
        by: Party,
        command: impl Into<TicketCommand>,
        expects: Expects,
    ) {
        let command = Box::new(command.into());
        let press = Press { ticket: Some(case.ticket), by, command, expects };
        self.plan(at, now, Act::Press(press));
    }

    fn draw(&self, question: &str, case: &Case, number: u64) -> Draw {
        self.dice.draw(question, &[case.nth, number])
    }
}

/// As long as it is in this state.
const fn in_state(state: PhaseName) -> Expects {
    Expects { assignment: None, state: Some(state) }
}
