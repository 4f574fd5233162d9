//! The models follow the log: whoever writes can wait, a projection that fails stops alone, and
//! the runner ends cleanly.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::ticket::{Create, TicketCommand, TicketEvent};
use domain::{Event, GlobalPosition, Party, StreamKind, StreamVersion};
use eventlog::{EventLog, RecordedEvent};
use projector::engineer_load::EngineerLoad;
use projector::open_tickets::OpenTickets;
use projector::{
    BodyError, Changes, Lane, Live, ModelName, Past, Projection, ProjectionError, Projector,
    ProjectorOptions, Recount, Runner, RunnerOptions, TakeLine, WaitError, rebuild, swap,
};

use crate::equality::{PATIENCE, block_on, settle};
use crate::firm::{Firm, WatchedLog, ticket_id};

fn started(firm: &Firm) -> Projector {
    Projector::start(firm.shared(), ProjectorOptions::default()).expect("it starts")
}

fn created() -> TicketEvent {
    let mut other = Firm::new();
    other.step(ticket_id(1), Create::default());
    let events = other.log.read_stream(ticket_id(1).into(), StreamVersion::ZERO, 1);
    match events.expect("readable").pop().map(|event| event.event) {
        Some(Event::Ticket(event)) => event,
        other => panic!("{other:?}"),
    }
}

fn illegal() -> TicketEvent {
    TicketEvent::Departed(domain::ticket::event::Departed { number: 9, due: crate::firm::START })
}

#[test]
fn whoever_wrote_reads_it_once_the_position_is_reached() {
    let mut firm = Firm::new();
    let projector = started(&firm);
    for ticket in 0..20 {
        let command = TicketCommand::from(Create::default());
        let command = domain::Command::Ticket(ticket_id(ticket), command);
        let position = firm.submit(Party::Anonymous, &command).expect("legal");
        let models = projector.models();
        block_on(models.wait_for(ModelName::OpenTickets, position, PATIENCE)).expect("in time");
        let answer = models.open_ticket(ticket_id(ticket), firm.now());
        assert!(answer.position >= position);
        assert!(answer.value.is_some());
    }
    projector.stop().expect("a clean end");
}

#[test]
fn a_wait_for_what_never_comes_ends_in_time_and_says_where_the_model_is() {
    let firm = Firm::new();
    let projector = started(&firm);
    settle(&projector, firm.head());
    let wanted = firm.head().plus(5);
    let waited = block_on(projector.models().wait_for(
        ModelName::Satisfaction,
        wanted,
        Duration::from_millis(1),
    ));
    let lagging = WaitError::Lagging { name: "satisfaction", position: firm.head(), wanted };
    assert_eq!(waited, Err(lagging.clone()));
    let text = lagging.to_string();
    assert!(text.contains("ask again"), "{text}");
    projector.stop().expect("a clean end");
}

#[test]
fn a_projection_that_fails_stops_alone_and_names_the_event() {
    let mut firm = Firm::new();
    firm.step(ticket_id(0), Create::default());
    let good = firm.head();
    // A departure of a ticket that nobody has: no decision leads to it.
    firm.smuggle(ticket_id(0).into(), illegal());
    let bad = firm.head();
    let projector = started(&firm);
    let models = projector.models();
    let waited = block_on(models.wait_for(ModelName::OpenTickets, bad, PATIENCE));
    assert!(matches!(waited, Err(WaitError::Faulted { position, .. }) if position == bad));
    // Nor does it take up again what comes later.
    firm.smuggle(ticket_id(1).into(), created());
    let last = firm.head();
    for model in ModelName::ALL.into_iter().filter(|model| *model != ModelName::OpenTickets) {
        block_on(models.wait_for(model, last, PATIENCE)).expect("it goes on");
    }

    let status = projector.status();
    assert!(status.running);
    assert_eq!(status.log_error, None);
    for projection in status.projections {
        match projection.fault {
            Some(fault) => {
                assert_eq!((projection.name, projection.lag), ("open_tickets", 2));
                assert_eq!((fault.position, fault.event), (bad, "Departed"));
                assert_eq!(fault.stream, ticket_id(0).into());
            }
            None => assert_eq!(projection.lag, 0),
        }
    }
    let before = models.open_ticket(ticket_id(0), firm.now());
    assert_eq!(before.position, good, "it answers as of before the event");
    assert!(before.value.is_some());
    projector.stop().expect("a clean end");
}

/// Panics on each event of a ticket.
struct Clumsy(usize);

impl Projection for Clumsy {
    const NAME: &'static str = "clumsy";
    const VERSION: u32 = 1;
    const INPUTS: &'static [&'static str] = &[];

    fn empty() -> Self {
        Self(0)
    }
    fn apply(
        &mut self,
        event: &RecordedEvent,
        _past: Past<'_>,
        _changes: &mut Changes<'_>,
    ) -> Result<(), ProjectionError> {
        assert!(event.event.kind() != StreamKind::Ticket, "a bug");
        self.0 += 1;
        Ok(())
    }
    fn rows(&self) -> usize {
        self.0
    }
    fn lines(&self, _take: &mut TakeLine<'_>) -> io::Result<()> {
        Ok(())
    }
    fn encode(&self) -> Result<Vec<u8>, BodyError> {
        Ok(Vec::new())
    }
    fn decode(_body: &[u8], _past: Past<'_>) -> Result<Self, BodyError> {
        Ok(Self(0))
    }
}

#[test]
fn a_panic_in_one_projection_leaves_the_others_running() {
    let mut firm = Firm::new();
    let (clumsy, load) = (Arc::new(Live::<Clumsy>::default()), Arc::new(Live::default()));
    let lanes: Vec<Arc<dyn Lane>> =
        vec![Arc::clone(&clumsy) as _, Arc::<Live<EngineerLoad>>::clone(&load) as _];
    let runner = Runner::start(firm.shared(), lanes, RunnerOptions::default()).expect("a thread");
    let good = firm.head();
    firm.step(ticket_id(0), Create::default());
    block_on(load.wait_for(firm.head(), PATIENCE)).expect("it goes on");
    let waited = block_on(clumsy.wait_for(firm.head(), PATIENCE));
    assert!(matches!(waited, Err(WaitError::Faulted { .. })), "{waited:?}");
    assert_eq!(clumsy.progress().position, good);
    runner.stop().expect("a clean end");
}

#[test]
fn a_model_that_stopped_goes_on_once_a_rebuilt_one_is_in_its_place() {
    let mut firm = Firm::new();
    let clumsy = Arc::new(Live::<Clumsy>::default());
    let lanes: Vec<Arc<dyn Lane>> = vec![Arc::clone(&clumsy) as _];
    let runner = Runner::start(firm.shared(), lanes, RunnerOptions::default()).expect("a thread");
    let good = firm.head();
    firm.step(ticket_id(0), Create::default());
    assert!(block_on(clumsy.wait_for(firm.head(), PATIENCE)).is_err());
    let log = firm.log.as_ref();
    let refused = rebuild::<Clumsy>(log, Recount::AsRecorded, GlobalPosition::ZERO, &mut |_| {})
        .expect("nothing yet");
    swap(&clumsy, refused, log).expect("it folds to where the live one is");
    assert_eq!(clumsy.progress().position, good);
    assert_eq!(clumsy.read(Clumsy::rows).value, usize::try_from(good.get()).expect("few"));
    runner.stop().expect("a clean end");
}

#[test]
fn a_rebuild_beside_the_live_model_tells_how_far_it_is_and_replaces_it() {
    let mut firm = Firm::new();
    let projector = started(&firm);
    for ticket in 0..200 {
        firm.step(ticket_id(ticket), Create::default());
    }
    settle(&projector, firm.head());
    let live = projector.models().open_tickets();
    let mut seen = Vec::new();
    let log = firm.log.as_ref();
    let half = GlobalPosition::new(firm.head().get() / 2);
    let rebuilt = rebuild::<OpenTickets>(log, Recount::AsRecorded, half, &mut |at| seen.push(at))
        .expect("it folds");
    assert_eq!(rebuilt.position(), half);
    assert_eq!(seen.last(), Some(&half));
    assert!(rebuilt.model().rows() < 200);
    swap(live, rebuilt, log).expect("it catches up");
    assert_eq!(live.progress().position, firm.head());
    assert_eq!(live.read(OpenTickets::rows).value, 200);
    firm.step(ticket_id(201), Create::default());
    settle(&projector, firm.head());
    assert_eq!(live.read(OpenTickets::rows).value, 201);
    projector.stop().expect("a clean end");
}

#[test]
fn each_answer_holds_at_the_position_that_it_states() {
    let mut firm = Firm::new();
    let projector = started(&firm);
    let models = Arc::clone(projector.models());
    let until = firm.head().plus(300);
    let from = firm.head();
    let reader = std::thread::spawn(move || {
        let mut last = GlobalPosition::ZERO;
        while last < until {
            let answer = models.ticket_counts(crate::firm::START);
            let expected = answer.position.get().saturating_sub(from.get());
            assert_eq!(answer.value.open, expected, "at {}", answer.position);
            assert!(answer.position >= last, "answers never go back");
            last = answer.position;
        }
    });
    // An empty report is one event, so that the number of tickets tells the position.
    for ticket in 0..=255 {
        firm.step(ticket_id(ticket), Create::default());
    }
    for ticket in 0..44 {
        let id = domain::TicketId::from_u128(0x8000 + ticket);
        firm.step(id, Create::default());
    }
    assert_eq!(firm.head(), until);
    reader.join().expect("every answer held");
    projector.stop().expect("a clean end");
}

#[test]
fn a_dump_without_a_runner_equals_the_live_one() {
    let mut firm = Firm::new();
    firm.step(ticket_id(0), Create::default());
    let projector = started(&firm);
    settle(&projector, firm.head());
    for name in ModelName::ALL {
        let (mut live, mut offline) = (Vec::new(), Vec::new());
        let at = projector.models().dump(name, &mut live).expect("memory takes all");
        let log: &dyn EventLog = firm.log.as_ref();
        let folded = name
            .dump_offline(log, Recount::AsRecorded, &mut offline, &mut |_| {})
            .expect("it folds");
        assert_eq!((at, &live), (folded, &offline), "{name}");
        assert!(live.ends_with(b"\n"));
        let rows = live.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        for row in rows {
            serde_json::from_slice::<serde_json::Value>(row).expect("a line of JSON");
        }
        assert_eq!(name.as_str().parse(), Ok(name));
    }
    let unknown = "tickets".parse::<ModelName>().expect_err("no such model");
    assert!(unknown.to_string().contains("open_tickets"), "{unknown}");
    projector.stop().expect("a clean end");
}

#[test]
fn a_rebuild_names_the_event_that_it_stops_at() {
    let mut firm = Firm::new();
    firm.step(ticket_id(0), Create::default());
    firm.smuggle(ticket_id(0).into(), illegal());
    let rebuilt =
        rebuild::<OpenTickets>(firm.log.as_ref(), Recount::AsRecorded, firm.head(), &mut |_| {});
    let error = rebuilt.expect_err("it cannot be folded");
    assert!(error.to_string().contains(&firm.head().to_string()), "{error}");
}

#[test]
fn a_damaged_event_stops_the_fold_before_it_and_a_mended_log_is_read_on() {
    let mut firm = Firm::new();
    for ticket in 0..6 {
        firm.step(ticket_id(ticket), Create::default());
    }
    let bad = GlobalPosition::new(firm.head().get() - 2);
    let before = GlobalPosition::new(bad.get() - 1);
    let log = WatchedLog::new(&firm.log);
    log.damage(Some(bad));
    let live = Arc::new(Live::<OpenTickets>::default());
    let lanes: Vec<Arc<dyn Lane>> = vec![Arc::clone(&live) as _];
    let options =
        RunnerOptions { retry_after: Duration::from_millis(1), ..RunnerOptions::default() };
    let runner = Runner::start(Arc::clone(&log) as _, lanes, options).expect("a thread");
    block_on(live.wait_for(before, PATIENCE)).expect("what lies before is folded");
    let told = || runner.status().log_error.is_some_and(|why| why.contains("it was damaged"));
    block_on(async {
        let until_told = async {
            while !told() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, until_told).await.expect("the status tells why");
    });
    assert_eq!(live.progress(), projector::Progress { position: before, fault: None });
    log.damage(None);
    block_on(live.wait_for(firm.head(), PATIENCE)).expect("the rest is folded");
    runner.stop().expect("a clean end");
}

/// Waits at its first event until it is let go.
struct Slow(u64);

/// How many steps of the fold are allowed; a test that uses it runs in a process of its own.
static LET_GO: AtomicBool = AtomicBool::new(false);

impl Projection for Slow {
    const NAME: &'static str = "slow";
    const VERSION: u32 = 1;
    const INPUTS: &'static [&'static str] = &[];

    fn empty() -> Self {
        Self(0)
    }
    fn apply(
        &mut self,
        event: &RecordedEvent,
        _past: Past<'_>,
        _changes: &mut Changes<'_>,
    ) -> Result<(), ProjectionError> {
        while !LET_GO.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        assert_eq!(event.position.get(), self.0 + 1, "no event is passed over");
        self.0 += 1;
        Ok(())
    }
    fn rows(&self) -> usize {
        0
    }
    fn lines(&self, _take: &mut TakeLine<'_>) -> io::Result<()> {
        Ok(())
    }
    fn encode(&self) -> Result<Vec<u8>, BodyError> {
        Ok(Vec::new())
    }
    fn decode(_body: &[u8], _past: Past<'_>) -> Result<Self, BodyError> {
        Ok(Self(0))
    }
}

#[test]
fn a_new_model_catches_up_beside_the_others_and_holds_nobody_back() {
    let mut firm = Firm::new();
    for ticket in 0..4_200 {
        firm.step(domain::TicketId::from_u128(0x9000 + ticket), Create::default());
    }
    // One has all that there is, the other nothing.
    let load = Arc::new(Live::<EngineerLoad>::default());
    let old: Vec<Arc<dyn Lane>> = vec![Arc::<Live<EngineerLoad>>::clone(&load) as _];
    let runner = Runner::start(firm.shared(), old, RunnerOptions::default()).expect("a thread");
    block_on(load.wait_for(firm.head(), PATIENCE)).expect("it follows");
    runner.stop().expect("a clean end");

    let slow = Arc::new(Live::<Slow>::default());
    let lanes: Vec<Arc<dyn Lane>> =
        vec![Arc::<Live<EngineerLoad>>::clone(&load) as _, Arc::clone(&slow) as _];
    let runner = Runner::start(firm.shared(), lanes, RunnerOptions::default()).expect("a thread");
    firm.step(ticket_id(0), Create::default());
    block_on(load.wait_for(firm.head(), PATIENCE)).expect("it is not held back");
    assert_eq!(slow.progress().position, GlobalPosition::ZERO);
    LET_GO.store(true, Ordering::Release);
    block_on(slow.wait_for(firm.head(), PATIENCE)).expect("it catches up");
    firm.step(ticket_id(1), Create::default());
    block_on(slow.wait_for(firm.head(), PATIENCE)).expect("it goes on with the others");
    assert_eq!(slow.read(|model| model.0).value, firm.head().get());
    runner.stop().expect("a clean end");
}
