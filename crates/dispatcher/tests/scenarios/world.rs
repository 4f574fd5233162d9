//! A log, the aggregates that it folds into, and commands that are decided on them: what the real
//! engine does, in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use dispatcher::{Action, Answer, FeedEvent};
use domain::attachment::{
    Attachment, Claims, MediaFacts, NewAttachment, Standing, UploadFacts, UploadVia, Vouched,
};
use domain::directory::{
    Area, AreaEntry, Customer, CustomerEntry, Device, DeviceEntry, Outlet, OutletEntry,
};
use domain::engineer::{Engineer, EngineerCommand, EngineerEvent, Profile};
use domain::rules::{DispatchBy, RuleSet, RuleSetEvent, Rules};
use domain::ticket::{Phase, Ticket, TicketCommand, TicketEvent};
use domain::{
    Actor, Aggregates, AreaId, AttachmentId, Change, Command, CommandId, ContentHash, Context,
    CustomerId, DeviceId, EngineerId, Event, GlobalPosition, Origin, OutletId, Party, Rejection,
    Rule, Stamp, StreamId, StreamVersion, TicketId, Timestamp, decide,
};

#[derive(Default)]
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) log: Vec<FeedEvent>,
    pub(crate) tickets: BTreeMap<TicketId, Arc<Ticket>>,
    pub(crate) engineers: BTreeMap<EngineerId, Arc<Engineer>>,
    customers: HashMap<CustomerId, Arc<Customer>>,
    devices: HashMap<DeviceId, Arc<Device>>,
    outlets: HashMap<OutletId, Arc<Outlet>>,
    areas: HashMap<AreaId, Arc<Area>>,
    rules: Arc<RuleSet>,
    versions: HashMap<StreamId, StreamVersion>,
    applied: HashMap<CommandId, (Command, GlobalPosition)>,
    /// Tickets that a person told apart, until a person thinks again.
    told_apart: BTreeSet<(TicketId, TicketId)>,
    /// Time-outs of each ticket since somebody took it or a person decided.
    time_outs: HashMap<TicketId, u32>,
}

impl Aggregates for World {
    fn ticket(&self, id: TicketId) -> Option<Arc<Ticket>> {
        self.tickets.get(&id).cloned()
    }
    fn engineer(&self, id: EngineerId) -> Option<Arc<Engineer>> {
        self.engineers.get(&id).cloned()
    }
    fn customer(&self, id: CustomerId) -> Option<Arc<Customer>> {
        self.customers.get(&id).cloned()
    }
    fn device(&self, id: DeviceId) -> Option<Arc<Device>> {
        self.devices.get(&id).cloned()
    }
    fn outlet(&self, id: OutletId) -> Option<Arc<Outlet>> {
        self.outlets.get(&id).cloned()
    }
    fn area(&self, id: AreaId) -> Option<Arc<Area>> {
        self.areas.get(&id).cloned()
    }
    fn attachment(&self, _: AttachmentId) -> Option<Arc<Attachment>> {
        None
    }
    fn rules(&self) -> Arc<RuleSet> {
        Arc::clone(&self.rules)
    }
}

/// So many pictures that nothing else names, from this number on.
pub(crate) fn photos(from: u64, count: u64) -> Vec<NewAttachment> {
    let photo = |number: u64| {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_le_bytes());
        let upload = UploadFacts {
            by: Party::Anonymous,
            via: UploadVia::Put,
            begun_at: Timestamp::default(),
            finished_at: Timestamp::default(),
        };
        let vouched = Vouched {
            upload,
            media: MediaFacts { width: None, height: None, duration_ms: None },
            claims: Claims { taken_at: None, position: None },
            standing: Standing::Quarantined { why: "not scanned yet".into() },
        };
        NewAttachment {
            hash: ContentHash(hash),
            bytes: 1_000,
            media_type: "image/jpeg".into(),
            name: "现场.jpg".into(),
            vouched: Some(vouched),
        }
    };
    (from..from + count).map(photo).collect()
}

impl World {
    pub(crate) fn at(now: &str) -> Self {
        Self { now: now.parse().expect("a moment"), ..Self::default() }
    }

    /// What a person asks for.
    pub(crate) fn ask(&mut self, party: Party, command: &Command) -> Result<usize, Rejection> {
        self.ask_as(party, Origin::Live, command)
    }

    pub(crate) fn ask_as(
        &mut self,
        party: Party,
        origin: Origin,
        command: &Command,
    ) -> Result<usize, Rejection> {
        let context = Context { now: self.now, actor: Actor::system(party), origin };
        let changes = decide(self, command, &context)?;
        let count = changes.len();
        self.check_links(party, &changes);
        self.record(changes, origin);
        Ok(count)
    }

    /// What the dispatcher asks for, as the real engine answers it.
    pub(crate) fn carry_out(&mut self, action: &Action) -> Answer {
        if let Some((command, position)) = self.applied.get(&action.id) {
            return if *command == action.command {
                Answer::Done { position: *position }
            } else {
                Answer::DecidedAlready
            };
        }
        match self.ask(Party::Dispatcher, &action.command) {
            Err(rejection) => Answer::Rejected((&rejection).into()),
            Ok(0) => Answer::Nothing,
            Ok(_) => {
                let position = self.head();
                self.applied.insert(action.id.clone(), (action.command.clone(), position));
                Answer::Done { position }
            }
        }
    }

    pub(crate) fn head(&self) -> GlobalPosition {
        GlobalPosition::new(self.log.len() as u64)
    }

    fn record(&mut self, changes: Vec<Change>, origin: Origin) {
        for Change { stream, event, .. } in changes {
            let version = self.versions.entry(stream).or_default();
            *version = version.next();
            let stamp = Stamp {
                position: GlobalPosition::new(self.log.len() as u64 + 1),
                version: *version,
                occurred_at: self.now,
                recorded_at: self.now,
            };
            self.fold(stream, &event, &stamp);
            self.log.push(FeedEvent { stream, stamp, origin, event });
        }
    }

    fn fold(&mut self, stream: StreamId, event: &Event, stamp: &Stamp) {
        match event {
            Event::Ticket(event) => {
                let id = stream.ticket().expect("a ticket's stream");
                self.check_ticket_event(id, event);
                match self.tickets.get_mut(&id) {
                    None => {
                        let ticket = Ticket::begin(id, event, stamp).expect("a beginning");
                        self.tickets.insert(id, Arc::new(ticket));
                    }
                    Some(ticket) => {
                        Arc::make_mut(ticket).evolve(event, stamp).expect("a legal history");
                    }
                }
            }
            Event::Engineer(event) => {
                let id = stream.engineer().expect("an engineer's stream");
                match self.engineers.get_mut(&id) {
                    None => {
                        let engineer = Engineer::begin(id, event, stamp).expect("a beginning");
                        self.engineers.insert(id, Arc::new(engineer));
                    }
                    Some(engineer) => {
                        if let EngineerEvent::PlaceTaken(_) = event {
                            assert!(engineer.free_places() > 0, "{id} was given too much");
                        }
                        Arc::make_mut(engineer).evolve(event, stamp).expect("a legal history");
                    }
                }
            }
            Event::Customer(event) => {
                let id = CustomerId::from_u128(stream.id());
                self.customers.insert(id, Arc::new(Customer::evolve(id, event)));
            }
            Event::Device(event) => {
                let id = DeviceId::from_u128(stream.id());
                self.devices.insert(id, Arc::new(Device::evolve(id, event)));
            }
            Event::Outlet(event) => {
                let id = OutletId::from_u128(stream.id());
                self.outlets.insert(id, Arc::new(Outlet::evolve(id, event)));
            }
            Event::Area(event) => {
                let id = AreaId::from_u128(stream.id());
                self.areas.insert(id, Arc::new(Area::evolve(id, event)));
            }
            Event::Rules(RuleSetEvent::RuleSetPublished(published)) => {
                let (version, rules) = (published.version, published.rules.clone());
                self.rules = Arc::new(RuleSet { version, rules });
            }
            Event::Log(_) | Event::Attachment(_) | Event::Audit(_) => {}
        }
    }

    /// What must hold whenever tickets are linked or told apart.
    fn check_links(&mut self, party: Party, changes: &[Change]) {
        for change in changes {
            let (Some(id), Event::Ticket(event)) = (change.stream.ticket(), &change.event) else {
                continue;
            };
            match event {
                TicketEvent::Linked(linked) if party == Party::Dispatcher => {
                    let (ticket, other) = (&self.tickets[&id], &self.tickets[&linked.to]);
                    let reason = linked.reason.as_ref().expect("the dispatcher says why");
                    assert_eq!(reason.candidates[0].ticket, linked.to);
                    assert!(!self.told_apart.contains(&(id, linked.to)), "{id} was told apart");
                    assert!(ticket.assignment().is_none(), "{id} is somebody's");
                    assert!(ticket.assignments == 0, "somebody was asked for {id}");
                    assert!(other.number < ticket.number, "{id} is the first of both");
                    if linked.due.is_some() {
                        let within = self.rules.rules.duplicates.within.duration();
                        assert!(ticket.created_at.since(other.created_at) <= within, "{id}");
                        assert!(other.is_open(), "{id} waits for nothing");
                    }
                }
                TicketEvent::Linked(linked) => {
                    self.told_apart.remove(&(id, linked.to));
                }
                TicketEvent::Unlinked(unlinked) if party != Party::Dispatcher => {
                    self.told_apart.insert((id, unlinked.from));
                }
                TicketEvent::Assigned(assigned) if assigned.reason.rule == Rule::LeastLoaded => {
                    let phase = &self.tickets[&id].phase;
                    assert!(!matches!(phase, Phase::Duplicate { .. }), "{id} went out beside it");
                }
                _ => {}
            }
        }
    }

    /// What must hold whenever something happens to a ticket.
    fn check_ticket_event(&mut self, id: TicketId, event: &TicketEvent) {
        let rounds = self.time_outs.entry(id).or_default();
        match event {
            TicketEvent::TimedOut(_) | TicketEvent::OfferExpired(_) => {
                *rounds += 1;
                let rules = self.rules.rules.rounds();
                let max = rules.usual.max(rules.urgent);
                assert!(*rounds <= max, "{id} was not accepted {rounds} times in one round");
            }
            TicketEvent::Accepted(_)
            | TicketEvent::Escalated(_)
            | TicketEvent::Reopened(_)
            | TicketEvent::MarkedUrgent(_) => *rounds = 0,
            TicketEvent::DetailsAdded(added) if added.urgent == Some(true) => *rounds = 0,
            TicketEvent::Offered(offered) if offered.reason.rule == Rule::NearestOnline => {
                let ticket = &self.tickets[&id];
                let mut ways = self.rules.rules.exceptions.iter();
                let by_rule = ways.any(|way| way.dispatch_by == Some(DispatchBy::Offer));
                assert!(ticket.urgent || by_rule, "{id} is not urgent and was offered around");
                for who in &offered.engineers {
                    assert!(!ticket.passed.contains(who), "{who} was asked twice for {id}");
                    assert!(!ticket.left_out.contains(who), "{who} was asked for {id} again");
                    assert!(self.engineers[who].freeze_at(self.now).is_none(), "{who} is frozen");
                }
            }
            TicketEvent::Offered(offered) if offered.reason.rule == Rule::ByHand => *rounds = 0,
            TicketEvent::Assigned(assigned) if assigned.reason.rule == Rule::ByHand => *rounds = 0,
            TicketEvent::Assigned(assigned) if assigned.reason.rule == Rule::LeastLoaded => {
                let (who, ticket) = (assigned.engineer, &self.tickets[&id]);
                let engineer = &self.engineers[&who];
                assert!(!ticket.passed.contains(&who), "{who} was asked twice in a round of {id}");
                assert!(!ticket.left_out.contains(&who), "{who} was asked for {id} again");
                assert!(engineer.freeze_at(self.now).is_none(), "{who} is frozen, got {id}");
                // Skills are not looked at: the log takes a decision that knew an earlier entry.
                assert_eq!(engineer.unavailable(self.now), None, "{who} got {id}");
            }
            _ => {}
        }
    }

    /// What must hold at any time.
    pub(crate) fn check(&self) {
        let mut places = BTreeMap::<(EngineerId, TicketId, u32), u32>::new();
        for ticket in self.tickets.values() {
            assert_eq!(ticket.is_open(), ticket.due().is_some(), "{} has no next step", ticket.id);
            let mut first = ticket;
            let mut steps = 0..self.tickets.len();
            while let Phase::Duplicate { of, .. } = &first.phase {
                assert!(steps.next().is_some(), "{} is a duplicate of itself", ticket.id);
                first = &self.tickets[of];
            }
            if let Some(live) = ticket.assignment() {
                *places.entry((live.engineer, ticket.id, live.number)).or_default() += 1;
            }
        }
        for engineer in self.engineers.values() {
            for place in &engineer.places {
                let taken = places.remove(&(engineer.id, place.ticket, place.assignment));
                assert_eq!(taken, Some(1), "{} keeps a place for nothing", engineer.id);
            }
        }
        assert!(places.is_empty(), "assignments without a place: {places:?}");
    }

    pub(crate) fn area(&mut self, id: AreaId, engineers_min: Option<u16>) {
        let entry = AreaEntry { name: "片区".into(), engineers_min, ..AreaEntry::default() };
        self.ask(Party::Gateway, &Command::Area(id, entry)).expect("an area");
    }

    pub(crate) fn outlet(&mut self, id: OutletId, entry: OutletEntry) {
        let entry = OutletEntry { name: "网点".into(), ..entry };
        self.ask(Party::Gateway, &Command::Outlet(id, entry)).expect("an outlet");
    }

    pub(crate) fn device(&mut self, id: DeviceId) {
        self.device_of(id, None);
    }

    /// One of this model.
    pub(crate) fn device_of(&mut self, id: DeviceId, model: Option<&str>) {
        let model = model.map(str::to_owned);
        let command = Command::Device(id, DeviceEntry { model, ..DeviceEntry::default() });
        self.ask(Party::Gateway, &command).expect("a device");
    }

    pub(crate) fn customer(&mut self, id: CustomerId) {
        let command = Command::Customer(id, CustomerEntry::default());
        self.ask(Party::Gateway, &command).expect("a customer");
    }

    pub(crate) fn engineer_entry(&mut self, id: EngineerId, profile: Profile) {
        self.of_engineer(id, EngineerCommand::Put(profile)).expect("an engineer");
    }

    pub(crate) fn publish(&mut self, change: impl FnOnce(&mut Rules)) {
        let mut rules = self.rules.rules.clone();
        change(&mut rules);
        self.ask(Party::Gateway, &Command::PublishRules(rules)).expect("rules");
    }

    pub(crate) fn of_engineer(
        &mut self,
        id: EngineerId,
        command: EngineerCommand,
    ) -> Result<usize, Rejection> {
        self.ask(Party::Gateway, &Command::Engineer(id, command))
    }

    pub(crate) fn of_ticket(
        &mut self,
        id: TicketId,
        party: Party,
        command: impl Into<TicketCommand>,
    ) -> Result<usize, Rejection> {
        self.ask(party, &Command::Ticket(id, command.into()))
    }
}
