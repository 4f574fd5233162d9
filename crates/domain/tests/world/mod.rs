//! A small firm in memory: it holds the aggregates, decides commands on them, folds what follows
//! and looks after every step whether the promises that always hold still do.

#![allow(dead_code, reason = "each test file uses what it needs of this")]

pub(crate) mod erase;
mod photos;
mod steps;
pub(crate) mod timers;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use domain::attachment::Attachment;
use domain::directory::{
    Area, AreaEntry, Customer, CustomerEntry, Device, DeviceEntry, Outlet, OutletEntry,
};
use domain::engineer::{DutySource, Engineer, EngineerCommand, Profile};
use domain::rules::{RuleSet, RuleSetEvent};
use domain::ticket::{PhaseName, Ticket};
use domain::{
    Actor, Aggregates, AreaId, AttachmentId, Change, Command, ContentHash, Context, CorruptHistory,
    CustomerId, DeviceId, EngineerId, Event, GlobalPosition, Origin, OutletId, Party, Rejection,
    StaffId, Stamp, StreamId, StreamVersion, TicketId, Timestamp, decide,
};

use erase::erased;
pub(crate) use photos::*;
pub(crate) use steps::*;

pub(crate) const T1: TicketId = TicketId::from_u128(0x71);
pub(crate) const T2: TicketId = TicketId::from_u128(0x72);
pub(crate) const T3: TicketId = TicketId::from_u128(0x73);
/// Three engineers of one outlet: two places, two places, one place.
pub(crate) const ANNA: EngineerId = EngineerId::from_u128(0xA);
pub(crate) const BO: EngineerId = EngineerId::from_u128(0xB);
pub(crate) const CHEN: EngineerId = EngineerId::from_u128(0xC);
pub(crate) const AGENT: StaffId = StaffId::from_u128(0x51);
pub(crate) const OTHER_AGENT: StaffId = StaffId::from_u128(0x52);
pub(crate) const SUPERVISOR: StaffId = StaffId::from_u128(0x53);
pub(crate) const DEPUTY: StaffId = StaffId::from_u128(0x54);
pub(crate) const DIRECTOR: StaffId = StaffId::from_u128(0x55);
pub(crate) const AREA: AreaId = AreaId::from_u128(0x61);
pub(crate) const OUTLET: OutletId = OutletId::from_u128(0x62);
pub(crate) const CUSTOMER: CustomerId = CustomerId::from_u128(0x63);
pub(crate) const DEVICE: DeviceId = DeviceId::from_u128(0x64);

/// Monday, 2 March 2026, 09:00 in Shanghai.
pub(crate) const START: Timestamp = Timestamp::from_seconds(1_772_413_200);

pub(crate) const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

pub(crate) const fn minutes(count: u64) -> Duration {
    seconds(count * 60)
}

pub(crate) const fn hours(count: u64) -> Duration {
    minutes(count * 60)
}

pub(crate) const fn days(count: u64) -> Duration {
    hours(count * 24)
}

/// The longest hold, and what is heard of it a little later; nothing may be due after that.
const LATEST_DUE: Duration = days(92);

/// An event as the log would keep it.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) stream: StreamId,
    pub(crate) stamp: Stamp,
    pub(crate) event: Event,
}

/// The aggregates, folded from events and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fold {
    pub(crate) tickets: BTreeMap<TicketId, Arc<Ticket>>,
    pub(crate) engineers: BTreeMap<EngineerId, Arc<Engineer>>,
    customers: BTreeMap<CustomerId, Arc<Customer>>,
    devices: BTreeMap<DeviceId, Arc<Device>>,
    outlets: BTreeMap<OutletId, Arc<Outlet>>,
    areas: BTreeMap<AreaId, Arc<Area>>,
    rules: Arc<RuleSet>,
    attachments: BTreeMap<AttachmentId, Arc<Attachment>>,
}

impl Fold {
    pub(crate) fn apply(&mut self, recorded: &Recorded) -> Result<(), CorruptHistory> {
        let Recorded { stream, stamp, event } = recorded;
        let id = stream.id();
        match event {
            Event::Log(_) => {}
            Event::Ticket(event) => {
                let id = TicketId::from_u128(id);
                match self.tickets.get_mut(&id) {
                    Some(ticket) => Arc::make_mut(ticket).evolve(event, stamp)?,
                    None => {
                        let begun = Arc::new(Ticket::begin(id, event, stamp)?);
                        self.tickets.insert(id, begun);
                    }
                }
            }
            Event::Engineer(event) => {
                let id = EngineerId::from_u128(id);
                match self.engineers.get_mut(&id) {
                    Some(engineer) => Arc::make_mut(engineer).evolve(event, stamp)?,
                    None => {
                        let begun = Arc::new(Engineer::begin(id, event, stamp)?);
                        self.engineers.insert(id, begun);
                    }
                }
            }
            Event::Customer(event) => {
                let id = CustomerId::from_u128(id);
                self.customers.insert(id, Arc::new(Customer::evolve(id, event)));
            }
            Event::Device(event) => {
                let id = DeviceId::from_u128(id);
                self.devices.insert(id, Arc::new(Device::evolve(id, event)));
            }
            Event::Outlet(event) => {
                let id = OutletId::from_u128(id);
                self.outlets.insert(id, Arc::new(Outlet::evolve(id, event)));
            }
            Event::Area(event) => {
                let id = AreaId::from_u128(id);
                self.areas.insert(id, Arc::new(Area::evolve(id, event)));
            }
            Event::Rules(RuleSetEvent::RuleSetPublished(published)) => {
                self.rules = Arc::new(RuleSet {
                    version: published.version,
                    rules: published.rules.clone(),
                });
            }
            Event::Attachment(event) => {
                let id = AttachmentId::from_u128(id);
                match self.attachments.get_mut(&id) {
                    Some(attachment) => Arc::make_mut(attachment).evolve(event, stamp)?,
                    None => {
                        let begun = Arc::new(Attachment::begin(id, event, stamp)?);
                        self.attachments.insert(id, begun);
                    }
                }
            }
            Event::Audit(_) => {}
        }
        Ok(())
    }

    /// What is folded from these events.
    pub(crate) fn of(history: &[Recorded]) -> Self {
        let mut fold = Self::default();
        for recorded in history {
            fold.apply(recorded).unwrap_or_else(|corrupt| panic!("{corrupt}"));
        }
        fold
    }
}

/// The firm at a moment.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) state: Fold,
    pub(crate) history: Vec<Recorded>,
    versions: BTreeMap<StreamId, StreamVersion>,
    /// What the tickets' streams name, collected from the events as they are; only ever more.
    named: BTreeMap<TicketId, BTreeSet<ContentHash>>,
    /// Every key was destroyed as soon as something was sealed with it.
    forgets: bool,
}

impl Aggregates for World {
    fn ticket(&self, id: TicketId) -> Option<Arc<Ticket>> {
        self.state.tickets.get(&id).cloned()
    }
    fn engineer(&self, id: EngineerId) -> Option<Arc<Engineer>> {
        self.state.engineers.get(&id).cloned()
    }
    fn customer(&self, id: CustomerId) -> Option<Arc<Customer>> {
        self.state.customers.get(&id).cloned()
    }
    fn device(&self, id: DeviceId) -> Option<Arc<Device>> {
        self.state.devices.get(&id).cloned()
    }
    fn outlet(&self, id: OutletId) -> Option<Arc<Outlet>> {
        self.state.outlets.get(&id).cloned()
    }
    fn area(&self, id: AreaId) -> Option<Arc<Area>> {
        self.state.areas.get(&id).cloned()
    }
    fn attachment(&self, id: AttachmentId) -> Option<Arc<Attachment>> {
        self.state.attachments.get(&id).cloned()
    }
    fn rules(&self) -> Arc<RuleSet> {
        Arc::clone(&self.state.rules)
    }
}

impl World {
    /// Nobody and nothing yet, by the rules that ship.
    pub(crate) fn empty() -> Self {
        Self {
            now: START,
            state: Fold::default(),
            history: Vec::new(),
            versions: BTreeMap::new(),
            named: BTreeMap::new(),
            forgets: false,
        }
    }

    /// The same firm with everything personal erased, so far and from now on.
    pub(crate) fn forgetful(&self) -> Self {
        let mut history = self.history.clone();
        for recorded in &mut history {
            recorded.event = erased(&recorded.event);
        }
        Self { state: Fold::of(&history), history, forgets: true, ..self.clone() }
    }

    /// One area, one outlet, one customer with a device, three engineers on duty.
    pub(crate) fn furnished() -> Self {
        let mut world = Self::empty();
        let area = AreaEntry {
            name: "东区".into(),
            supervisor: Some(SUPERVISOR),
            deputy: Some(DEPUTY),
            director: Some(DIRECTOR),
            ..AreaEntry::default()
        };
        let outlet =
            OutletEntry { name: "浦东".into(), area: Some(AREA), ..OutletEntry::default() };
        let customer = CustomerEntry { name: Some("永辉".into()), ..CustomerEntry::default() };
        let device = DeviceEntry {
            customer: Some(CUSTOMER),
            outlet: Some(OUTLET),
            model: Some("GK-800".into()),
            skills: vec!["立加".into()],
            ..DeviceEntry::default()
        };
        let mut commands = vec![
            Command::Area(AREA, area),
            Command::Outlet(OUTLET, outlet),
            Command::Customer(CUSTOMER, customer),
            Command::Device(DEVICE, device),
        ];
        for (id, capacity) in [(ANNA, 2), (BO, 2), (CHEN, 1)] {
            let profile =
                Profile { outlet: Some(OUTLET), capacity: Some(capacity), ..Profile::default() };
            commands.push(Command::Engineer(id, EngineerCommand::Put(profile)));
            let duty = EngineerCommand::StartDuty(DutySource::ByHand);
            commands.push(Command::Engineer(id, duty));
        }
        for command in commands {
            world
                .submit(Party::Administrator(AGENT), &command)
                .unwrap_or_else(|rejection| panic!("furnishing: {rejection}"));
        }
        world
    }

    /// Decides a command now, and folds what follows.
    pub(crate) fn submit(
        &mut self,
        by: Party,
        command: &Command,
    ) -> Result<Vec<Change>, Rejection> {
        let context = Context { now: self.now, actor: Actor::claimed(by), origin: Origin::Live };
        self.submit_in(command, &context)
    }

    pub(crate) fn submit_in(
        &mut self,
        command: &Command,
        context: &Context,
    ) -> Result<Vec<Change>, Rejection> {
        let changes = decide(self, command, context)?;
        for change in &changes {
            self.record(change);
        }
        self.check_promises();
        Ok(changes)
    }

    fn record(&mut self, change: &Change) {
        assert_eq!(change.stream.kind(), change.event.kind(), "an event in a foreign stream");
        let version = self.versions.get(&change.stream).copied().unwrap_or_default().next();
        self.versions.insert(change.stream, version);
        let stamp = Stamp {
            position: GlobalPosition::new(self.history.len() as u64 + 1),
            version,
            occurred_at: self.now,
            recorded_at: self.now,
        };
        let event = if self.forgets { erased(&change.event) } else { change.event.clone() };
        let recorded = Recorded { stream: change.stream, stamp, event };
        self.state.apply(&recorded).unwrap_or_else(|corrupt| panic!("{corrupt}\n{recorded:?}"));
        if let Event::Ticket(event) = &recorded.event {
            let named = self.named.entry(TicketId::from_u128(recorded.stream.id())).or_default();
            named.extend(named_by(event).iter().map(|attachment| attachment.hash));
        }
        self.history.push(recorded);
    }

    pub(crate) fn run(&mut self, step: &Step) -> Result<Vec<Change>, Rejection> {
        self.now = self.now.plus(step.after);
        self.submit(step.by, &step.command)
    }

    /// What holds after every command, whatever it was.
    pub(crate) fn check_promises(&self) {
        let mut live = BTreeSet::new();
        for (id, ticket) in &self.state.tickets {
            assert_eq!(ticket.is_open(), ticket.due().is_some(), "{id} is open without a due time");
            assert_eq!(ticket.is_open(), ticket.phase.name().is_open(), "{id}");
            let forgotten = self.now.plus(LATEST_DUE);
            assert!(ticket.due().is_none_or(|due| due < forgotten), "{id} is parked for good");
            if let Some(assignment) = ticket.assignment() {
                live.insert((assignment.engineer, *id, assignment.number));
                let owner = assignment.engineer;
                assert!(!ticket.passed.contains(&owner), "{owner} let {id} pass and owns it");
                assert!(!ticket.helpers.contains(&owner), "{owner} owns {id} and helps with it");
                assert!(!ticket.left_out.contains(&owner), "{owner} owns {id}, though left out");
            }
        }
        let mut taken = BTreeSet::new();
        for (id, engineer) in &self.state.engineers {
            for place in &engineer.places {
                assert!(taken.insert((*id, place.ticket, place.assignment)), "a place twice");
            }
        }
        assert_eq!(taken, live, "places and live assignments differ");
        for (id, named) in &self.named {
            let held: BTreeSet<_> =
                self.ticket_now(*id).attachments.iter().map(|held| held.hash).collect();
            assert_eq!(&held, named, "{id} lost an attachment, or has one that nothing named");
            for hash in named {
                let linked = self.state.attachments.get(&AttachmentId::from(*hash));
                assert!(linked.is_some(), "{id} names {hash}, which was never linked");
            }
        }
    }

    pub(crate) fn ticket_now(&self, id: TicketId) -> &Ticket {
        self.state.tickets.get(&id).unwrap_or_else(|| panic!("{id} was never created"))
    }

    pub(crate) fn phase(&self, id: TicketId) -> PhaseName {
        self.ticket_now(id).phase.name()
    }

    pub(crate) fn owner(&self, id: TicketId) -> Option<EngineerId> {
        self.ticket_now(id).assignment().map(|assignment| assignment.engineer)
    }

    pub(crate) fn engineer_now(&self, id: EngineerId) -> &Engineer {
        self.state.engineers.get(&id).unwrap_or_else(|| panic!("{id} was never entered"))
    }

    /// Lets a command follow what was given.
    pub(crate) fn when(mut self, step: Step) -> Outcome {
        let answer = self.run(&step);
        Outcome { world: self, answer, step }
    }
}

/// A furnished world in which these steps were taken, each with success.
pub(crate) fn given(steps: impl IntoIterator<Item = Step>) -> World {
    let mut world = World::furnished();
    for step in steps {
        world.run(&step).unwrap_or_else(|rejection| panic!("given {step:?}: {rejection}"));
    }
    world
}

/// What a command led to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) world: World,
    answer: Result<Vec<Change>, Rejection>,
    step: Step,
}

impl Outcome {
    /// The names of the events, in their order. None: it was true already, or came late.
    #[track_caller]
    pub(crate) fn then<const N: usize>(self, names: [&str; N]) -> World {
        let found: Vec<_> = self.events().iter().map(Event::name).collect();
        assert_eq!(found, names, "after {:?}", self.step);
        self.world
    }

    /// The rejection, and nothing changed.
    #[track_caller]
    pub(crate) fn refused(self, expected: &Rejection) -> World {
        match &self.answer {
            Err(rejection) => assert_eq!(rejection, expected, "after {:?}", self.step),
            Ok(changes) => panic!("{:?} led to {changes:?}", self.step),
        }
        self.world
    }

    /// A field was refused.
    #[track_caller]
    pub(crate) fn invalid(self, named: &str) -> World {
        match &self.answer {
            Err(Rejection::Invalid { field, .. }) => assert_eq!(*field, named),
            other => panic!("{:?} led to {other:?}", self.step),
        }
        self.world
    }

    #[track_caller]
    pub(crate) fn events(&self) -> Vec<Event> {
        match &self.answer {
            Ok(changes) => changes.iter().map(|change| change.event.clone()).collect(),
            Err(rejection) => panic!("{:?}: {rejection}", self.step),
        }
    }
}

/// The midnight in Shanghai that ends the day of [`START`].
pub(crate) fn end_of_monday() -> Timestamp {
    START.plus(hours(15))
}
