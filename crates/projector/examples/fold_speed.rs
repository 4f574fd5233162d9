//! How fast the models fold, and what a board over many open tickets costs.
//!
//! `cargo run --release -p paidan-projector --example fold_speed -- [TICKETS]`
//!
//! Each ticket is reported, assigned, accepted, departed, arrived, done and confirmed (9 events
//! with the engineer's place); then as many stay open after their report.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::engineer::{EngineerEvent, PlaceFreed, PlaceFreedReason, PlaceTaken, ProfileSet};
use domain::ticket::event::{Accepted, Arrived, Assigned, Confirmed, Created, Departed, Resolved};
use domain::ticket::{
    Channel, Entry, Priority, Report, ResolutionMethod, TicketEvent, Verdict, Via,
};
use domain::{
    Actor, AreaId, CommandId, DispatchReason, EngineerId, Event, EventId, GlobalPosition, Issuer,
    Origin, OutletId, Party, Personal, Rule, RuleSetVersion, StreamId, StreamVersion, TicketId,
    Timestamp, WeeklyHours,
};
use eventlog::{AppendHeader, Fingerprint, ManualClock, MemoryLog, RecordedEvent};
use projector::directory::Directory;
use projector::engineer_load::EngineerLoad;
use projector::lifecycle::Lifecycle;
use projector::open_tickets::OpenTickets;
use projector::satisfaction::{Satisfaction, SatisfactionBy, SatisfactionQuery};
use projector::{Past, Projection};

const ENGINEERS: u64 = 300;
const OUTLETS: u64 = 30;

struct History {
    events: Vec<RecordedEvent>,
    versions: std::collections::HashMap<StreamId, StreamVersion>,
    header: Arc<AppendHeader>,
    position: u64,
    now: Timestamp,
}

impl History {
    fn new() -> Self {
        let command = CommandId { issuer: Issuer::Dispatcher, key: "speed".into() };
        let header = AppendHeader {
            command,
            fingerprint: Fingerprint([0; 16]),
            actor: Actor::system(Party::Dispatcher),
            caused_by: None,
            origin: Origin::Live,
            basis: None,
        };
        Self {
            events: Vec::new(),
            versions: std::collections::HashMap::new(),
            header: Arc::new(header),
            position: 0,
            now: Timestamp::from_seconds(1_772_413_200),
        }
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

    fn report(&mut self, ticket: TicketId, number: u64) {
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

    fn life(&mut self, ticket: TicketId, number: u64) {
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
            words: Personal::Erased,
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
            words: Personal::Erased,
        };
        self.push(ticket, TicketEvent::from(confirmed));
    }
}

fn history(tickets: u64) -> History {
    let mut history = History::new();
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
            card: Personal::Erased,
        };
        let engineer = EngineerId::from_u128(u128::from(number));
        history.push(engineer, EngineerEvent::ProfileSet(profile));
    }
    for number in 0..tickets {
        history.life(TicketId::from_u128(u128::from(number)), number);
    }
    history
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 =
        status.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    (pages * 4_096) >> 20
}

fn fold<P: Projection>(model: &mut P, events: &[RecordedEvent], past: Past<'_>) -> Duration {
    let begin = Instant::now();
    for event in events {
        if let Err(error) = model.apply(event, past) {
            eprintln!("{error}");
            break;
        }
    }
    begin.elapsed()
}

fn measure<P: Projection>(events: &[RecordedEvent], past: Past<'_>) -> (P, Duration) {
    let mut model = P::empty();
    let took = fold(&mut model, events, past);
    let speed = events.len() as f64 / took.as_secs_f64();
    println!("{:<14} {:>10.0} events/s", P::NAME, speed);
    (model, took)
}

fn timed<T>(what: &str, answer: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let value = answer();
    println!("{what:<44} {:>10.3} ms", begin.elapsed().as_secs_f64() * 1e3);
    value
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tickets: u64 = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let log = MemoryLog::new(Arc::new(ManualClock::new(Timestamp::from_seconds(0))))?;
    let past = Past::new(&log);
    let mut history = history(tickets);
    println!("{} events of {tickets} tickets", history.events.len());
    let (mut open, a) = measure::<OpenTickets>(&history.events, past);
    let (_, b) = measure::<EngineerLoad>(&history.events, past);
    let (_, c) = measure::<Directory>(&history.events, past);
    let (satisfaction, d) = measure::<Satisfaction>(&history.events, past);
    let (_, e) = measure::<Lifecycle>(&history.events, past);
    let all = history.events.len() as f64 / (a + b + c + d + e).as_secs_f64();
    println!("{:<14} {all:>10.0} events/s, one after the other", "all five");
    let query = SatisfactionQuery { by: SatisfactionBy::Engineer, ..Default::default() };
    timed("satisfaction by engineer", || satisfaction.rollup(&query));

    history.events = Vec::new();
    for number in 0..tickets {
        history.report(TicketId::from_u128(u128::from(tickets + number)), number);
    }
    let before = resident_mib();
    let took = fold(&mut open, &history.events, past);
    let speed = history.events.len() as f64 / took.as_secs_f64();
    println!("{tickets} tickets stay open: {speed:.0} events/s, {} MiB", resident_mib() - before);
    let now = history.now.plus(Duration::from_secs(40_000));
    timed("counts", || open.counts(now));
    timed("top 10 of the backlog", || open.top_backlog(10, now));
    timed("queues", || open.queues(50, now));
    let body = timed("encode a snapshot", || open.encode())?;
    println!("{:<44} {:>10} MiB", "a snapshot's body", body.len() >> 20);
    timed("decode it", || OpenTickets::decode(&body, past))?;
    let mut dump = Vec::new();
    timed("dump", || open.dump(&mut dump))?;
    Ok(())
}
