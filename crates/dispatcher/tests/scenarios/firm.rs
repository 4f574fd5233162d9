//! A firm with one dispatcher: people act, the core answers, time passes.

use std::time::Duration;

use dispatcher::{Action, Dispatcher};
use domain::directory::OutletEntry;
use domain::engineer::{DutySource, EngineerCommand, Profile};
use domain::ticket::{
    Accept, Assign, Create, Phase, Reject, Resolve, Ticket, TicketCommand, TicketEvent,
};
use domain::{AreaId, EngineerId, Event, OutletId, Party, TicketId, Timestamp};

use crate::world::World;

/// Monday morning in Shanghai.
pub(crate) const MONDAY_9: &str = "2026-03-02T09:00:00+08:00";
/// More turns than any of these scenarios can need: beyond it the core runs in a circle.
const TURNS_MAX: usize = 20_000;

pub(crate) const AREA: AreaId = AreaId::from_u128(1);
pub(crate) const HERE: OutletId = OutletId::from_u128(1);
pub(crate) const NEXT_DOOR: OutletId = OutletId::from_u128(2);
pub(crate) const FAR: OutletId = OutletId::from_u128(3);

pub(crate) struct Firm {
    pub(crate) world: World,
    pub(crate) core: Dispatcher,
    /// Every action that was handed out.
    pub(crate) sent: Vec<Action>,
    next_ticket: u128,
}

pub(crate) const fn engineer(number: u128) -> EngineerId {
    EngineerId::from_u128(number)
}

impl Firm {
    /// An area with two outlets and an outlet elsewhere; nobody works there yet.
    pub(crate) fn new() -> Self {
        let mut world = World::at(MONDAY_9);
        world.area(AREA, None);
        for (outlet, area) in [(HERE, Some(AREA)), (NEXT_DOOR, Some(AREA)), (FAR, None)] {
            world.outlet(outlet, OutletEntry { area, ..OutletEntry::default() });
        }
        Self { world, core: Dispatcher::new(), sent: Vec::new(), next_ticket: 1 }
    }

    /// The same, with so many engineers on duty here.
    pub(crate) fn with_engineers(count: u128) -> Self {
        let mut firm = Self::new();
        for number in 1..=count {
            firm.hire(engineer(number), Profile { outlet: Some(HERE), ..Profile::default() });
        }
        firm
    }

    /// An engineer who is on duty at once.
    pub(crate) fn hire(&mut self, id: EngineerId, profile: Profile) {
        self.world.engineer_entry(id, profile);
        self.on_duty(id);
    }

    pub(crate) fn on_duty(&mut self, id: EngineerId) {
        self.tell(id, EngineerCommand::StartDuty(DutySource::ByHand));
    }

    pub(crate) fn off_duty(&mut self, id: EngineerId) {
        self.tell(id, EngineerCommand::EndDuty(DutySource::ByHand));
    }

    pub(crate) fn tell(&mut self, id: EngineerId, command: EngineerCommand) {
        self.world.of_engineer(id, command).expect("taken");
        self.settle();
    }

    /// A report with one sentence at the outlet here.
    pub(crate) fn report(&mut self) -> TicketId {
        self.report_with(Create { outlet: Some(HERE), ..Create::default() })
    }

    pub(crate) fn report_with(&mut self, create: Create) -> TicketId {
        let id = self.file(create);
        self.settle();
        id
    }

    /// A report that the core has not read yet.
    pub(crate) fn file(&mut self, create: Create) -> TicketId {
        let id = TicketId::from_u128(self.next_ticket);
        self.next_ticket += 1;
        let sentence = create.sentence.clone().or_else(|| Some("冲床咔哒两声就停了".into()));
        let create = Create { sentence, ..create };
        self.world.of_ticket(id, Party::Anonymous, create).expect("taken");
        id
    }

    pub(crate) fn ask(&mut self, id: TicketId, command: impl Into<TicketCommand>) {
        self.world.of_ticket(id, Party::Anonymous, command).expect("taken");
        self.settle();
    }

    pub(crate) fn accept(&mut self, id: TicketId) {
        let engineer = self.owner(id);
        self.ask(id, Accept { engineer });
    }

    pub(crate) fn resolve(&mut self, id: TicketId) {
        self.ask(id, Resolve::default());
    }

    pub(crate) fn reject(&mut self, id: TicketId) {
        self.ask(id, Reject::default());
    }

    pub(crate) fn assign_by_hand(&mut self, id: TicketId, engineer: EngineerId) {
        self.ask(id, Assign { engineer: Some(engineer), ..Assign::default() });
    }

    /// Lets the core read everything and carries out what it wants, until nothing is left.
    pub(crate) fn settle(&mut self) {
        for _ in 0..TURNS_MAX {
            let read = usize::try_from(self.core.position().get()).expect("a small log");
            let actions = match self.world.log.get(read) {
                Some(event) => self.core.on_event(event, self.world.now).expect("a legal log"),
                None if self.core.next_due().is_some_and(|due| due <= self.world.now) => {
                    self.core.on_tick(self.world.now)
                }
                None => {
                    self.world.check();
                    return;
                }
            };
            for action in actions {
                self.carry_out(action);
            }
        }
        panic!("the core does not come to rest");
    }

    pub(crate) fn carry_out(&mut self, action: Action) {
        let answer = self.world.carry_out(&action);
        self.core.on_answer(&action.id, &answer, self.world.now);
        self.sent.push(action);
    }

    /// Lets time pass; the core wakes when it wants to.
    pub(crate) fn pass(&mut self, span: Duration) {
        let end = self.world.now.plus(span);
        self.pass_until(end);
    }

    pub(crate) fn pass_minutes(&mut self, minutes: u64) {
        self.pass(Duration::from_secs(minutes * 60));
    }

    pub(crate) fn pass_to(&mut self, moment: &str) {
        self.pass_until(moment.parse().expect("a moment"));
    }

    fn pass_until(&mut self, end: Timestamp) {
        for _ in 0..TURNS_MAX {
            match self.core.next_due() {
                Some(due) if due <= end => self.world.now = due.max(self.world.now),
                _ => break,
            }
            self.settle();
        }
        self.world.now = end;
        self.settle();
        let findings = self.core.audit(end, Duration::from_secs(60));
        assert!(findings.is_empty(), "{findings:?}");
    }

    pub(crate) fn ticket(&self, id: TicketId) -> &Ticket {
        &self.world.tickets[&id]
    }

    pub(crate) fn phase(&self, id: TicketId) -> &Phase {
        &self.ticket(id).phase
    }

    /// Whose it is.
    pub(crate) fn owner(&self, id: TicketId) -> Option<EngineerId> {
        self.ticket(id).assignment().map(|live| live.engineer)
    }

    /// All that happened to a ticket, by name.
    pub(crate) fn history(&self, id: TicketId) -> Vec<&'static str> {
        let of_ticket = self.world.log.iter().filter(|event| event.stream == id.into());
        of_ticket.map(|event| event.event.name()).collect()
    }

    /// Everybody whom the dispatcher gave the ticket to, in order.
    pub(crate) fn asked(&self, id: TicketId) -> Vec<EngineerId> {
        let of_ticket = self.world.log.iter().filter(|event| event.stream == id.into());
        let assigned = of_ticket.filter_map(|event| match &event.event {
            Event::Ticket(TicketEvent::Assigned(assigned)) => Some(assigned.engineer),
            _ => None,
        });
        assigned.collect()
    }

    /// The core is lost; a new one reads the log.
    pub(crate) fn restart(&mut self) {
        self.core = Dispatcher::new();
        for event in &self.world.log {
            self.core.replay(event).expect("a legal log");
        }
        for action in self.core.resume(self.world.now) {
            self.carry_out(action);
        }
        self.settle();
    }
}
