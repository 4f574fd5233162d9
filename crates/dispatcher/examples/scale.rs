//! What a million open tickets cost the core: memory, start, timers, one event, one decision.
//! `docs/benchmarks-dispatcher.md` has the figures.

use std::time::{Duration, Instant};

use dispatcher::{Dispatcher, FeedEvent};
use domain::engineer::{DutySource, DutyStarted, PersonCard, ProfileSet};
use domain::ticket::event::{Accepted, Assigned, Created};
use domain::ticket::{Channel, Entry, Priority, Report, TicketEvent, Via};
use domain::{
    DispatchReason, EngineerId, Event, GlobalPosition, Origin, Personal, Rule, RuleSetVersion,
    Stamp, StreamId, StreamVersion, TicketId, Timestamp, WeeklyHours,
};

const BEGIN: Timestamp = Timestamp::from_seconds(1_780_000_000);
const SAMPLES: u32 = 2_000;
const ENGINEERS: u128 = 5_000;

/// Events in the order of the log.
#[derive(Default)]
struct Feed {
    position: u64,
}

impl Feed {
    fn next(&mut self, stream: StreamId, version: u64, event: impl Into<Event>) -> FeedEvent {
        self.position += 1;
        // A report each 8.6 seconds: ten thousand a day.
        let at = BEGIN.plus(Duration::from_millis(self.position));
        let stamp = Stamp {
            position: GlobalPosition::new(self.position),
            version: StreamVersion::new(version),
            occurred_at: at,
            recorded_at: at,
        };
        FeedEvent { stream, stamp, origin: Origin::Live, event: event.into() }
    }

    fn report(&mut self, id: TicketId) -> FeedEvent {
        let due = BEGIN.plus(Duration::from_secs(86_400 + self.position % 3_600));
        let report = Report {
            sentence: Some(format!("第{}号机有异响", self.position)),
            ..Report::default()
        };
        let created = Created {
            channel: Channel::default(),
            customer: None,
            outlet: None,
            area: None,
            device: None,
            skills: Vec::new(),
            priority: Priority::Normal,
            urgent: false,
            has_sentence: true,
            has_place: false,
            entry: Entry::Dispatch { due },
            attachments: Vec::new(),
            report: Personal::Known(report),
        };
        self.next(id.into(), 1, Event::Ticket(TicketEvent::Created(created)))
    }

    /// Three events: reported, assigned, accepted; the owner's clock is the timer.
    fn ticket(&mut self, number: u128) -> [FeedEvent; 3] {
        let (id, engineer) = (TicketId::from_u128(number), EngineerId::from_u128(1 << 64 | number));
        let due = BEGIN.plus(Duration::from_secs(86_400 + self.position % 3_600));
        let reason = DispatchReason::plain(Rule::LeastLoaded, RuleSetVersion::SHIPPED);
        let assigned = Assigned { number: 1, engineer, via: Via::Choice, due, reason };
        let accepted = Accepted { number: 1, engineer, due };
        [
            self.report(id),
            self.next(id.into(), 2, Event::Ticket(assigned.into())),
            self.next(id.into(), 3, Event::Ticket(accepted.into())),
        ]
    }

    fn engineer(&mut self, number: u128) -> [FeedEvent; 2] {
        let id = EngineerId::from_u128(number);
        let set = ProfileSet {
            code: None,
            outlet: None,
            area: None,
            skills: Vec::new(),
            capacity: 3,
            roster: WeeklyHours::default(),
            zone: "Asia/Shanghai".into(),
            retired: false,
            card: Personal::Known(PersonCard::default()),
        };
        let started = DutyStarted { source: DutySource::ByHand };
        [
            self.next(id.into(), 1, Event::Engineer(set.into())),
            self.next(id.into(), 2, Event::Engineer(started.into())),
        ]
    }
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or_default() * 4_096
}

/// A core with so many tickets that somebody works on, and how long its events took to fold.
fn with_tickets(count: u128) -> (Dispatcher, Feed, Duration) {
    let (mut core, mut feed, mut folding) = (Dispatcher::new(), Feed::default(), Duration::ZERO);
    for number in 1..=count {
        let events = feed.ticket(number);
        let begun = Instant::now();
        for event in &events {
            core.replay(event).expect("a legal log");
        }
        folding += begun.elapsed();
    }
    (core, feed, folding)
}

/// The median time of one event that is new to the core: a report that nobody can be found for.
fn one_event(core: &mut Dispatcher, feed: &mut Feed) -> Duration {
    let mut times: Vec<Duration> = (0..SAMPLES)
        .map(|sample| {
            let event = feed.report(TicketId::from_u128(1 << 100 | u128::from(sample)));
            let begun = Instant::now();
            core.on_event(&event, event.stamp.recorded_at).expect("a legal log");
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1_000_000);
    let (mut few, mut few_feed, _) = with_tickets(10_000);
    let of_few = one_event(&mut few, &mut few_feed);
    drop(few);

    let before = resident_bytes();
    let (mut core, mut feed, folding) = with_tickets(count);
    let grown = resident_bytes().saturating_sub(before);
    println!("{count} open tickets, {} timers", core.timers());
    println!("memory: {} bytes a ticket", u128::from(grown) / count.max(1));
    let events = count * 3;
    println!("fold: {:.2} s for {events} events", folding.as_secs_f64());
    let begun = Instant::now();
    let actions = core.resume(BEGIN.plus(Duration::from_secs(60))).len();
    println!("resume: {:.0} ms, {actions} actions", begun.elapsed().as_secs_f64() * 1e3);
    let begun = Instant::now();
    let audited = core.audited(BEGIN.plus(Duration::from_secs(60)));
    let took = begun.elapsed().as_secs_f64() * 1e3;
    println!("audit: {took:.0} ms for {} open tickets", audited.open_tickets);
    let of_many = one_event(&mut core, &mut feed);
    println!(
        "one event: {of_few:?} with 10,000 open, {of_many:?} with {count}: ratio {:.2}",
        of_many.as_secs_f64() / of_few.as_secs_f64()
    );

    // All timers are due at once; each tick hands out what fits.
    let late = BEGIN.plus(Duration::from_secs(2 * 86_400));
    let begun = Instant::now();
    let mut sent = 0;
    while core.next_due().is_some_and(|due| due <= late) {
        let actions = core.on_tick(late);
        if actions.is_empty() {
            break;
        }
        sent += actions.len();
    }
    let took = begun.elapsed().as_secs_f64();
    println!("due timers: {sent} in {took:.2} s, {:.0} a second", sent as f64 / took);
    drop(core);

    let (mut core, mut feed) = (Dispatcher::new(), Feed::default());
    for number in 1..=ENGINEERS {
        for event in feed.engineer(number) {
            core.replay(&event).expect("a legal log");
        }
    }
    // What the start owes is done before anything is measured.
    while !core.resume(BEGIN).is_empty() {}
    let decided = one_event(&mut core, &mut feed);
    println!("a decision among {ENGINEERS} engineers, all of whom could go: {decided:?} (median)");
}
