//! A made-up history: tickets from report to answer, with the engineers' places.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::engineer::{
    EngineerEvent, PersonCard, PlaceFreed, PlaceFreedReason, PlaceTaken, ProfileSet,
};
use domain::ticket::event::{Accepted, Arrived, Assigned, Confirmed, Created, Departed, Resolved};
use domain::ticket::{
    Channel, Entry, Priority, Report, ResolutionMethod, TicketEvent, Verdict, Via,
};
use domain::{
    Actor, AreaId, CommandId, DispatchReason, EngineerId, Event, EventId, GlobalPosition, Issuer,
    Origin, OutletId, Party, Personal, Rule, RuleSetVersion, StreamId, StreamVersion, TicketId,
    Timestamp, WeeklyHours, Words,
};
use eventlog::{AppendHeader, Fingerprint, RecordedEvent};

const ENGINEERS: u64 = 300;
const OUTLETS: u64 = 30;

/// Grows by whole tickets; whoever has no room takes the events out meanwhile.
pub(crate) struct History {
    pub(crate) events: Vec<RecordedEvent>,
    versions: HashMap<StreamId, StreamVersion>,
    header: Arc<AppendHeader>,
    position: u64,
    pub(crate) now: Timestamp,
}

impl History {
    /// The engineers, and nothing else yet.
    pub(crate) fn new() -> Self {
        let command = CommandId { issuer: Issuer::Dispatcher, key: "speed".into() };
        let header = AppendHeader {
            command,
            fingerprint: Fingerprint([0; 16]),
            actor: Actor::system(Party::Dispatcher),
            caused_by: None,
            origin: Origin::Live,
            basis: None,
        };
        let mut history = Self {
            events: Vec::new(),
            versions: HashMap::new(),
            header: Arc::new(header),
            position: 0,
            now: Timestamp::from_seconds(1_772_413_200),
        };
        for number in 0..ENGINEERS {
            let profile = ProfileSet {
                code: None,
                outlet: Some(OutletId::from_u128(u128::from(number % OUTLETS))),
                area: None,
                skills: Vec::new(),
                capacity: 100,
                roster: WeeklyHours::default(),
                zone: "Asia/Shanghai".into(),
                retired: false,
                card: Personal::Known(PersonCard { name: None, phone: None }),
            };
            let engineer = EngineerId::from_u128(u128::from(number));
            history.push(engineer, EngineerEvent::ProfileSet(profile));
        }
        history
    }

    fn push(&mut self, stream: impl Into<StreamId>, event: impl Into<Event>) {
        let stream = stream.into();
        let version = self.versions.entry(stream).or_default();
        *version = version.next();
        self.position += 1;
        self.now = self.now.plus(Duration::from_secs(1));
        self.events.push(RecordedEvent {
            position: GlobalPosition::new(self.position),
            stream,
            version: *version,
            id: EventId::from_u128(u128::from(self.position)),
            occurred_at: self.now,
            recorded_at: self.now,
            header: Arc::clone(&self.header),
            event: event.into(),
        });
    }

    /// A report.
    pub(crate) fn report(&mut self, ticket: TicketId, number: u64) {
        let due = self.now.plus(Duration::from_secs(1_800 + number % 100_000));
        self.push(
            ticket,
            TicketEvent::from(Created {
                channel: Channel::Api,
                customer: None,
                outlet: Some(OutletId::from_u128(u128::from(number % OUTLETS))),
                area: Some(AreaId::from_u128(u128::from(number % OUTLETS / 10))),
                device: None,
                skills: Vec::new(),
                priority: if number.is_multiple_of(9) { Priority::High } else { Priority::Normal },
                urgent: number.is_multiple_of(50),
                has_sentence: true,
                has_place: false,
                entry: Entry::Dispatch { due },
                attachments: Vec::new(),
                report: Personal::Known(Report::default()),
            }),
        );
    }

    /// A ticket from report to answer.
    pub(crate) fn life(&mut self, ticket: TicketId, number: u64) {
        let engineer = EngineerId::from_u128(u128::from(number % ENGINEERS));
        let reason = DispatchReason::plain(Rule::LeastLoaded, RuleSetVersion::SHIPPED);
        let due = self.now.plus(Duration::from_secs(14_400));
        self.report(ticket, number);
        let assigned = Assigned { number: 1, engineer, via: Via::Choice, due, reason };
        self.push(ticket, TicketEvent::from(assigned));
        let taken = EngineerEvent::PlaceTaken(PlaceTaken { ticket, assignment: 1 });
        self.push(engineer, taken);
        self.push(ticket, TicketEvent::from(Accepted { number: 1, engineer, due }));
        self.push(ticket, TicketEvent::from(Departed { number: 1, due }));
        self.push(ticket, TicketEvent::from(Arrived { number: 1, due }));
        let resolved = Resolved {
            number: Some(1),
            engineer: Some(engineer),
            method: ResolutionMethod::OnSite,
            fault_type: None,
            cause: None,
            parts: Vec::new(),
            due,
            closes_at: due,
            attachments: Vec::new(),
            words: Personal::Known(Words::default()),
        };
        self.push(ticket, TicketEvent::from(resolved));
        let why = PlaceFreedReason::Resolved;
        let freed = EngineerEvent::PlaceFreed(PlaceFreed { ticket, assignment: 1, why });
        self.push(engineer, freed);
        let confirmed = Confirmed {
            verdict: Verdict::Satisfied,
            stars: Some(5),
            call_back: None,
            attachments: Vec::new(),
            words: Personal::Known(Words::default()),
        };
        self.push(ticket, TicketEvent::from(confirmed));
    }
}
