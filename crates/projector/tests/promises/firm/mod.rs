//! A small firm on a log in memory: commands are decided by the domain, so that what the models
//! fold is always legal history, in the bytes and with the sealing that a log has.

mod photos;
mod script;
mod watched_log;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::attachment::Attachment;
use domain::directory::{
    Area, AreaEntry, Contact, Customer, CustomerEntry, Device, DeviceEntry, Outlet, OutletEntry,
    StaffCard,
};
use domain::engineer::{DutySource, Engineer, EngineerCommand, Profile};
use domain::rules::{RuleSet, RuleSetEvent, Rules};
use domain::ticket::{Ticket, TicketCommand};
use domain::{
    Actor, Aggregates, AreaId, AttachmentId, Change, Command, CommandId, Context, CustomerId,
    DeviceId, EngineerId, Event, EventId, GlobalPosition, Issuer, Origin, OutletId, Party,
    Rejection, StaffId, Stamp, StreamId, TicketId, Timestamp, decide,
};
use eventlog::{
    Append, AppendHeader, EventLog, Expected, ManualClock, MemoryLog, MemoryOptions, NewEvent,
    RecordedEvent,
};

pub(crate) use photos::photo;
pub(crate) use script::{moves, ticket_id};
pub(crate) use watched_log::WatchedLog;

pub(crate) const AREA: AreaId = AreaId::from_u128(0x61);
pub(crate) const OUTLETS: [OutletId; 2] = [OutletId::from_u128(0x62), OutletId::from_u128(0x63)];
pub(crate) const CUSTOMER: CustomerId = CustomerId::from_u128(0x64);
pub(crate) const DEVICE: DeviceId = DeviceId::from_u128(0x65);
pub(crate) const ENGINEERS: [EngineerId; 3] =
    [EngineerId::from_u128(0xA), EngineerId::from_u128(0xB), EngineerId::from_u128(0xC)];
pub(crate) const AGENT: StaffId = StaffId::from_u128(0x51);
pub(crate) const SUPERVISOR: StaffId = StaffId::from_u128(0x52);
pub(crate) const DEPUTY: StaffId = StaffId::from_u128(0x53);
pub(crate) const DIRECTOR: StaffId = StaffId::from_u128(0x54);

/// What stands in every name, telephone number, address and word that the firm records.
pub(crate) const SECRET: &str = "机密";

/// Monday, 2 March 2026, 09:00 in Shanghai.
pub(crate) const START: Timestamp = Timestamp::from_seconds(1_772_413_200);

pub(crate) const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

pub(crate) const fn hours(count: u64) -> Duration {
    minutes(count * 60)
}

pub(crate) fn secret(what: &str) -> Option<String> {
    Some(format!("{SECRET}{what}"))
}

/// The aggregates, folded from the log.
#[derive(Default)]
pub(crate) struct Fold {
    pub(crate) tickets: BTreeMap<TicketId, Arc<Ticket>>,
    pub(crate) engineers: BTreeMap<EngineerId, Arc<Engineer>>,
    customers: BTreeMap<CustomerId, Arc<Customer>>,
    devices: BTreeMap<DeviceId, Arc<Device>>,
    outlets: BTreeMap<OutletId, Arc<Outlet>>,
    areas: BTreeMap<AreaId, Arc<Area>>,
    pub(crate) rules: Arc<RuleSet>,
    pub(crate) attachments: BTreeMap<AttachmentId, Arc<Attachment>>,
}

pub(crate) struct Firm {
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) clock: ManualClock,
    pub(crate) state: Fold,
    folded: GlobalPosition,
    commands: u64,
}

impl Firm {
    /// One area, two outlets, a customer with a device, three engineers on duty.
    pub(crate) fn new() -> Self {
        Self::with(&MemoryOptions::default())
    }

    pub(crate) fn with(options: &MemoryOptions) -> Self {
        let clock = ManualClock::new(START);
        let log = MemoryLog::with(Arc::new(clock.clone()), options).expect("a log in memory");
        let mut firm = Self {
            log: Arc::new(log),
            clock,
            state: Fold::default(),
            folded: GlobalPosition::ZERO,
            commands: 0,
        };
        firm.furnish();
        firm
    }

    pub(crate) fn shared(&self) -> Arc<dyn EventLog> {
        Arc::clone(&self.log) as _
    }

    pub(crate) fn head(&self) -> GlobalPosition {
        self.log.head().position
    }

    pub(crate) fn now(&self) -> Timestamp {
        use eventlog::Clock;
        self.clock.now()
    }

    fn furnish(&mut self) {
        let area = AreaEntry {
            name: "东区".into(),
            supervisor: Some(SUPERVISOR),
            deputy: Some(DEPUTY),
            director: Some(DIRECTOR),
            staff: vec![StaffCard { id: SUPERVISOR, name: secret("主管"), phone: secret("1") }],
            ..AreaEntry::default()
        };
        let contact = Contact {
            name: secret("联系人").unwrap_or_default(),
            phone: secret("2"),
            roles: Vec::new(),
        };
        let customer = CustomerEntry {
            name: secret("客户"),
            place: secret("地址"),
            contacts: vec![contact],
            ..CustomerEntry::default()
        };
        let device = DeviceEntry {
            customer: Some(CUSTOMER),
            outlet: Some(OUTLETS[0]),
            place: secret("车间"),
            ..DeviceEntry::default()
        };
        self.must(Command::Area(AREA, area));
        for outlet in OUTLETS {
            let entry =
                OutletEntry { name: "网点".into(), area: Some(AREA), ..OutletEntry::default() };
            self.must(Command::Outlet(outlet, entry));
        }
        self.must(Command::Customer(CUSTOMER, customer));
        self.must(Command::Device(DEVICE, device));
        for engineer in ENGINEERS {
            let profile = Profile {
                outlet: Some(OUTLETS[0]),
                capacity: Some(4),
                name: secret("师傅"),
                phone: secret("3"),
                ..Profile::default()
            };
            self.must(Command::Engineer(engineer, EngineerCommand::Put(profile)));
            let duty = EngineerCommand::StartDuty(DutySource::ByHand);
            self.must(Command::Engineer(engineer, duty));
        }
    }

    fn must(&mut self, command: Command) {
        self.submit(Party::Administrator(AGENT), &command).expect("a legal command");
    }

    /// Decides a command now and records what follows; says where the log ends then.
    pub(crate) fn submit(
        &mut self,
        by: Party,
        command: &Command,
    ) -> Result<GlobalPosition, Rejection> {
        self.submit_late(by, command, Duration::ZERO)
    }

    /// As [`Firm::submit`], of something that happened some time ago.
    pub(crate) fn submit_late(
        &mut self,
        by: Party,
        command: &Command,
        ago: Duration,
    ) -> Result<GlobalPosition, Rejection> {
        let now = self.now();
        let context =
            Context { now: now.minus(ago), actor: Actor::claimed(by), origin: Origin::Live };
        let changes = decide(self, command, &context)?;
        if !changes.is_empty() {
            self.append(changes, now.minus(ago));
        }
        Ok(self.head())
    }

    /// Takes a step of a ticket, which must be legal.
    pub(crate) fn step(&mut self, ticket: TicketId, command: impl Into<TicketCommand>) {
        self.step_by(Party::Agent(AGENT), ticket, command);
    }

    pub(crate) fn step_by(
        &mut self,
        by: Party,
        ticket: TicketId,
        command: impl Into<TicketCommand>,
    ) {
        let command = Command::Ticket(ticket, command.into());
        self.submit(by, &command).unwrap_or_else(|rejection| panic!("{command:?}: {rejection}"));
    }

    pub(crate) fn publish(&mut self, change: impl FnOnce(&mut Rules)) {
        let mut rules = self.state.rules.rules.clone();
        change(&mut rules);
        self.must(Command::PublishRules(rules));
    }

    /// Records an event that no decision led to.
    pub(crate) fn smuggle(&mut self, stream: StreamId, event: impl Into<Event>) {
        let change = Change { stream, subject: stream, event: event.into() };
        self.record(vec![change], self.now());
    }

    fn append(&mut self, changes: Vec<Change>, occurred_at: Timestamp) {
        self.record(changes, occurred_at);
        for event in self.log.read(self.folded, usize::MAX).expect("the log is readable") {
            self.state.apply(&event);
            self.folded = event.position;
        }
    }

    fn record(&mut self, changes: Vec<Change>, occurred_at: Timestamp) {
        self.commands += 1;
        let key = self.commands.to_string();
        let mut expects: Vec<Expected> = Vec::new();
        for change in &changes {
            if expects.iter().all(|expected| expected.stream != change.stream) {
                let version = self.log.stream_version(change.stream).expect("a version");
                expects.push(Expected { stream: change.stream, version });
            }
        }
        let events = changes.into_iter().zip(1_u128..).map(|(change, place)| NewEvent {
            stream: change.stream,
            id: EventId::from_u128(u128::from(self.commands) << 16 | place),
            occurred_at,
            subject: change.subject,
            event: change.event,
        });
        let append = Append {
            header: AppendHeader {
                fingerprint: self.log.fingerprint(key.as_bytes()),
                command: CommandId { issuer: Issuer::Client("firm".into()), key },
                actor: Actor::claimed(Party::Agent(AGENT)),
                caused_by: None,
                origin: Origin::Live,
                basis: None,
            },
            expects,
            events: events.collect(),
            now: self.now(),
        };
        self.log.submit(append).expect("a legal append").wait().expect("it is durable");
    }
}

impl Fold {
    fn apply(&mut self, recorded: &RecordedEvent) {
        let number = recorded.stream.id();
        let stamp = Stamp {
            position: recorded.position,
            version: recorded.version,
            occurred_at: recorded.occurred_at,
            recorded_at: recorded.recorded_at,
        };
        match &recorded.event {
            Event::Log(_) => {}
            Event::Ticket(event) => {
                let id = TicketId::from_u128(number);
                match self.tickets.get_mut(&id) {
                    Some(ticket) => Arc::make_mut(ticket).evolve(event, &stamp).expect("legal"),
                    None => {
                        let ticket = Ticket::begin(id, event, &stamp).expect("legal");
                        self.tickets.insert(id, Arc::new(ticket));
                    }
                }
            }
            Event::Engineer(event) => {
                let id = EngineerId::from_u128(number);
                match self.engineers.get_mut(&id) {
                    Some(engineer) => {
                        Arc::make_mut(engineer).evolve(event, &stamp).expect("legal");
                    }
                    None => {
                        let engineer = Engineer::begin(id, event, &stamp).expect("legal");
                        self.engineers.insert(id, Arc::new(engineer));
                    }
                }
            }
            Event::Customer(event) => {
                let id = CustomerId::from_u128(number);
                self.customers.insert(id, Arc::new(Customer::evolve(id, event)));
            }
            Event::Device(event) => {
                let id = DeviceId::from_u128(number);
                self.devices.insert(id, Arc::new(Device::evolve(id, event)));
            }
            Event::Outlet(event) => {
                let id = OutletId::from_u128(number);
                self.outlets.insert(id, Arc::new(Outlet::evolve(id, event)));
            }
            Event::Area(event) => {
                let id = AreaId::from_u128(number);
                self.areas.insert(id, Arc::new(Area::evolve(id, event)));
            }
            Event::Rules(RuleSetEvent::RuleSetPublished(published)) => {
                let (version, rules) = (published.version, published.rules.clone());
                self.rules = Arc::new(RuleSet { version, rules });
            }
            Event::Attachment(event) => {
                let id = AttachmentId::from_u128(number);
                match self.attachments.get_mut(&id) {
                    Some(attachment) => {
                        Arc::make_mut(attachment).evolve(event, &stamp).expect("legal");
                    }
                    None => {
                        let attachment = Attachment::begin(id, event, &stamp).expect("legal");
                        self.attachments.insert(id, Arc::new(attachment));
                    }
                }
            }
            Event::Audit(_) => {}
        }
    }
}

impl Aggregates for Firm {
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
