//! The loop around the core, with ports in memory and a clock that only the test moves.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use dispatcher::{
    Action, Answer, Commands, Dispatcher, DriveError, Feed, FeedError, FeedEvent, Found, Options,
    Role, Status, SubmitError, Wait, drive,
};
use domain::directory::OutletEntry;
use domain::engineer::{DutySource, EngineerCommand, Profile};
use domain::ticket::{Create, Phase};
use domain::{GlobalPosition, Party, TicketId, Timestamp};
use tokio::sync::{Notify, oneshot, watch};

use crate::firm::{AREA, HERE, engineer};
use crate::world::World;

/// How commands are answered.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Well,
    /// So often busy before anything is taken.
    Busy(usize),
    /// As after a failed sync.
    Poisoned,
    /// Nothing is answered until the mood changes.
    Silent,
}

/// The world behind its ports.
struct Shared {
    world: Mutex<World>,
    grown: Notify,
    clock: watch::Sender<Timestamp>,
    mood: watch::Sender<Mood>,
    attempts: AtomicUsize,
    at_once: AtomicUsize,
    at_once_max: AtomicUsize,
    status: Status,
}

impl Shared {
    fn new(engineers: u128) -> Arc<Self> {
        let mut world = World::at("2026-03-02T09:00:00+08:00");
        world.area(AREA, None);
        world.outlet(HERE, OutletEntry { area: Some(AREA), ..OutletEntry::default() });
        for number in 1..=engineers {
            let capacity = Some(100);
            let profile = Profile { outlet: Some(HERE), capacity, ..Profile::default() };
            world.engineer_entry(engineer(number), profile);
            let duty = EngineerCommand::StartDuty(DutySource::ByHand);
            world.of_engineer(engineer(number), duty).expect("taken");
        }
        let clock = watch::Sender::new(world.now);
        Arc::new(Self {
            world: Mutex::new(world),
            grown: Notify::new(),
            clock,
            mood: watch::Sender::new(Mood::Well),
            attempts: AtomicUsize::new(0),
            at_once: AtomicUsize::new(0),
            at_once_max: AtomicUsize::new(0),
            status: Status::default(),
        })
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("nobody panicked")
    }

    fn report(&self, number: u128) -> TicketId {
        let id = TicketId::from_u128(number);
        let create = Create { outlet: Some(HERE), ..Create::default() };
        self.world().of_ticket(id, Party::Anonymous, create).expect("taken");
        self.grown.notify_waiters();
        id
    }

    fn pass(&self, span: Duration) {
        let now = self.world().now.plus(span);
        self.world().now = now;
        self.clock.send_replace(now);
    }

    fn phase(&self, id: TicketId) -> Phase {
        self.world().tickets[&id].phase.clone()
    }

    /// Waits, with a bound, until something holds.
    async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..100_000 {
            if holds(self) {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("never: {what}; {:?}", self.status.snapshot());
    }

    fn count(&self, name: &str) -> usize {
        self.world().log.iter().filter(|event| event.event.name() == name).count()
    }
}

struct LogFeed(Arc<Shared>);

impl Feed for LogFeed {
    async fn head(&mut self) -> Result<GlobalPosition, FeedError> {
        Ok(self.0.world().head())
    }

    async fn next(&mut self, after: GlobalPosition) -> Result<Vec<FeedEvent>, FeedError> {
        loop {
            let grown = self.0.grown.notified();
            let read = usize::try_from(after.get()).map_err(|_| FeedError::Closed)?;
            let page: Vec<_> = self.0.world().log.iter().skip(read).take(7).cloned().collect();
            if !page.is_empty() {
                return Ok(page);
            }
            grown.await;
        }
    }
}

impl Commands for Shared {
    async fn submit(&self, action: &Action) -> Result<Answer, SubmitError> {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        let at_once = self.at_once.fetch_add(1, Ordering::Relaxed) + 1;
        self.at_once_max.fetch_max(at_once, Ordering::Relaxed);
        let mut mood = self.mood.subscribe();
        let known = mood.wait_for(|mood| *mood != Mood::Silent).await.map(|mood| *mood);
        tokio::task::yield_now().await;
        self.at_once.fetch_sub(1, Ordering::Relaxed);
        match known {
            Ok(Mood::Busy(left)) if left > 0 => {
                self.mood.send_replace(Mood::Busy(left - 1));
                Err(SubmitError::Busy)
            }
            Ok(Mood::Poisoned) => {
                Err(SubmitError::OutcomeUnknown(Box::new(std::io::Error::other("a failed sync"))))
            }
            Ok(_) => {
                let answer = self.world().carry_out(action);
                self.grown.notify_waiters();
                Ok(answer)
            }
            Err(_) => Err(SubmitError::Closed),
        }
    }
}

/// One of several dispatchers, who acts only while it leads.
struct Seat {
    shared: Arc<Shared>,
    role: watch::Receiver<Role>,
    status: Status,
}

impl Commands for Seat {
    fn role(&self) -> watch::Receiver<Role> {
        self.role.clone()
    }

    async fn submit(&self, action: &Action) -> Result<Answer, SubmitError> {
        self.shared.submit(action).await
    }
}

/// A dispatcher whose role the test says.
fn seat(shared: &Arc<Shared>, role: Role) -> (watch::Sender<Role>, Arc<Seat>, Running) {
    let roles = watch::Sender::new(role);
    let (shared, status) = (Arc::clone(shared), Status::default());
    let seat = Arc::new(Seat { shared, role: roles.subscribe(), status });
    let (stop, stopped) = oneshot::channel();
    let here = Arc::clone(&seat);
    let task = tokio::spawn(async move {
        let feed = LogFeed(Arc::clone(&here.shared));
        let stopped = async move { drop(stopped.await) };
        let (wait, options) = (&*here.shared, Options::default());
        drive(Dispatcher::new(), feed, &*here, wait, &here.status, options, stopped).await
    });
    (roles, seat, Running { stop, task })
}

impl Wait for Shared {
    fn now(&self) -> Timestamp {
        *self.clock.borrow()
    }

    async fn until(&self, moment: Timestamp) {
        let mut clock = self.clock.subscribe();
        if clock.wait_for(|now| *now >= moment).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// A driver that runs beside the test until it is dropped or stopped.
struct Running {
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<Result<(), DriveError>>,
}

fn start(shared: &Arc<Shared>, options: Options) -> Running {
    let (stop, stopped) = oneshot::channel();
    let shared = Arc::clone(shared);
    let task = tokio::spawn(async move {
        let feed = LogFeed(Arc::clone(&shared));
        let stopped = async move { drop(stopped.await) };
        let (ports, status) = (&*shared, &shared.status);
        drive(Dispatcher::new(), feed, ports, ports, status, options, stopped).await
    });
    Running { stop, task }
}

impl Running {
    async fn stop(self) -> Result<(), DriveError> {
        self.stop.send(()).expect("it runs");
        self.task.await.expect("no panic")
    }
}

/// Runs a test on one thread.
fn on_a_runtime(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(test);
}

#[test]
fn reports_are_dispatched_and_timers_served() {
    on_a_runtime(async {
        let shared = Shared::new(3);
        let before = shared.report(1);
        let running = start(&shared, Options::default());
        let assigned =
            |id| move |shared: &Shared| matches!(shared.phase(id), Phase::Assigned { .. });
        shared.until("what was there is assigned", assigned(before)).await;
        let after = shared.report(2);
        shared.until("what comes is assigned", assigned(after)).await;
        shared.pass(Duration::from_secs(1_800));
        shared.until("both time out", |shared| shared.count("TimedOut") == 2).await;
        shared.until("both are assigned again", |shared| shared.count("Assigned") == 4).await;
        let seen = |shared: &Shared| {
            let status = shared.status.snapshot();
            status.position == shared.world().head() && status.in_flight == 0
        };
        shared.until("all is read", seen).await;
        let status = shared.status.snapshot();
        assert!(status.caught_up);
        assert_eq!((status.open_tickets, status.timers, status.actions), (2, 2, 6));
        assert_eq!((status.rejections, status.not_taken), (0, 0));
        assert_eq!(status.next_due, Some(shared.now().plus(Duration::from_secs(1_800))));
        running.stop().await.expect("a clean stop");
    });
}

#[test]
fn no_more_actions_are_on_their_way_than_allowed() {
    on_a_runtime(async {
        let shared = Shared::new(20);
        for number in 1..=300 {
            shared.report(number);
        }
        let options = Options { in_flight_max: 5, ..Options::default() };
        let running = start(&shared, options);
        shared.until("all are assigned", |shared| shared.count("Assigned") == 300).await;
        running.stop().await.expect("a clean stop");
        assert_eq!(shared.at_once_max.load(Ordering::Relaxed), 5);
        let mut loads = BTreeMap::<usize, usize>::new();
        for engineer in shared.world().engineers.values() {
            *loads.entry(engineer.places.len()).or_default() += 1;
        }
        assert_eq!(loads, BTreeMap::from([(15, 20)]), "spread evenly");
    });
}

#[test]
fn a_busy_log_is_tried_again_with_pauses() {
    on_a_runtime(async {
        let shared = Shared::new(1);
        shared.mood.send_replace(Mood::Busy(3));
        shared.report(1);
        let running = start(&shared, Options::default());
        for (attempts, pause) in [(1, 50), (2, 100), (3, 200)] {
            let tried = move |shared: &Shared| shared.attempts.load(Ordering::Relaxed) == attempts;
            shared.until("an attempt", tried).await;
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert!(tried(&shared), "no attempt before the pause is over");
            shared.pass(Duration::from_millis(pause));
        }
        shared.until("it is assigned", |shared| shared.count("Assigned") == 1).await;
        running.stop().await.expect("a clean stop");
    });
}

#[test]
fn after_all_attempts_the_core_tries_later() {
    on_a_runtime(async {
        let shared = Shared::new(1);
        shared.mood.send_replace(Mood::Busy(2));
        shared.report(1);
        let running = start(&shared, Options { attempts_max: 2, ..Options::default() });
        shared.until("the first attempt", |shared| shared.mood.borrow().eq(&Mood::Busy(1))).await;
        shared.pass(Duration::from_millis(50));
        shared.until("the second attempt", |shared| shared.mood.borrow().eq(&Mood::Busy(0))).await;
        shared.pass(Duration::from_millis(100));
        shared.until("given up", |shared| shared.status.snapshot().not_taken == 1).await;
        assert_eq!(shared.count("Assigned"), 0);
        shared.pass(Duration::from_secs(30));
        shared.until("it is assigned", |shared| shared.count("Assigned") == 1).await;
        running.stop().await.expect("a clean stop");
    });
}

#[test]
fn an_unknown_outcome_stops_the_driver_and_a_new_one_goes_on() {
    on_a_runtime(async {
        let shared = Shared::new(1);
        shared.mood.send_replace(Mood::Poisoned);
        let ticket = shared.report(1);
        let running = start(&shared, Options::default());
        let error = running.task.await.expect("no panic").expect_err("stopped");
        let DriveError::Submit { id, source: SubmitError::OutcomeUnknown(_) } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(id.key, format!("assign/{ticket}/1"));
        shared.mood.send_replace(Mood::Well);
        let running = start(&shared, Options::default());
        shared.until("it is assigned", |shared| shared.count("Assigned") == 1).await;
        running.stop().await.expect("a clean stop");
    });
}

#[test]
fn a_stop_waits_for_what_is_on_its_way_and_begins_nothing() {
    on_a_runtime(async {
        let shared = Shared::new(1);
        shared.mood.send_replace(Mood::Silent);
        shared.report(1);
        let running = start(&shared, Options::default());
        shared.until("it is sent", |shared| shared.attempts.load(Ordering::Relaxed) == 1).await;
        running.stop.send(()).expect("it runs");
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(!running.task.is_finished());
        shared.report(2);
        shared.mood.send_replace(Mood::Well);
        running.task.await.expect("no panic").expect("a clean stop");
        assert_eq!(shared.count("Assigned"), 1);
    });
}

#[test]
fn a_log_that_cannot_be_followed_stops_the_driver_with_the_reason() {
    on_a_runtime(async {
        let shared = Shared::new(1);
        let running = start(&shared, Options::default());
        shared.until("it runs", |shared| shared.status.snapshot().caught_up).await;
        shared.report(1);
        shared.until("it is assigned", |shared| shared.count("Assigned") == 1).await;
        let mut twice = shared.world().log.last().cloned().expect("an event");
        twice.stamp.position = twice.stamp.position.next();
        shared.world().log.push(twice);
        shared.grown.notify_waiters();
        let error = running.task.await.expect("no panic").expect_err("stopped");
        assert!(matches!(error, DriveError::Fault(_)), "{error:?}");
    });
}

fn knows_all(seat: &Arc<Seat>) -> impl Fn(&Shared) -> bool {
    let seat = Arc::clone(seat);
    move |shared| {
        let now = seat.status.snapshot();
        now.caught_up && now.position == shared.world().head()
    }
}

#[test]
fn a_standby_sends_nothing_and_does_what_is_missing_once_it_is_to_act() {
    on_a_runtime(async {
        let shared = Shared::new(2);
        shared.report(1);
        let (roles, standby, running) = seat(&shared, Role::Standby);
        shared.report(2);
        shared.until("it follows", knows_all(&standby)).await;
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(shared.attempts.load(Ordering::Relaxed), 0);
        assert_eq!(standby.status.snapshot().role, Role::Standby);
        roles.send_replace(Role::Leader);
        shared.until("both are assigned", |shared| shared.count("Assigned") == 2).await;
        // What becomes due while nobody acts is done late, and once.
        roles.send_replace(Role::Standby);
        shared.until("it steps back", |_| standby.status.snapshot().role == Role::Standby).await;
        shared.pass(Duration::from_secs(3_600));
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(shared.count("TimedOut"), 0);
        roles.send_replace(Role::Leader);
        shared.until("both are assigned again", |shared| shared.count("Assigned") == 4).await;
        assert_eq!(shared.count("TimedOut"), 2);
        running.stop().await.expect("a clean stop");
    });
}

#[test]
fn however_often_the_lead_changes_every_ticket_is_assigned_once() {
    on_a_runtime(async {
        let shared = Shared::new(5);
        let (first_roles, first, one) = seat(&shared, Role::Leader);
        let (second_roles, second, other) = seat(&shared, Role::Standby);
        for number in 1..=200 {
            shared.report(number);
            for _ in 0..number % 7 {
                tokio::task::yield_now().await;
            }
            // Both, one, the other, none.
            let led = |leads: bool| if leads { Role::Leader } else { Role::Standby };
            first_roles.send_replace(led(number % 4 < 2));
            second_roles.send_replace(led(number % 4 == 0 || number % 4 == 2));
        }
        first_roles.send_replace(Role::Standby);
        second_roles.send_replace(Role::Leader);
        shared.until("all are assigned", |shared| shared.count("Assigned") >= 200).await;
        shared.until("the first knows", knows_all(&first)).await;
        shared.until("the second knows", knows_all(&second)).await;
        assert_eq!(shared.count("Assigned"), 200);
        assert_eq!(shared.count("TimedOut"), 0);
        one.stop().await.expect("a clean stop");
        other.stop().await.expect("a clean stop");
    });
}

#[test]
fn the_auditor_looks_all_the_time_and_finds_what_stays_undone() {
    on_a_runtime(async {
        let shared = Shared::new(1);
        let found = |shared: &Shared| shared.status.audited().map(|audited| audited.found);
        let nothing = |shared: &Shared| found(shared) == Some(Found::default());
        let running = start(&shared, Options::default());
        shared.until("it looked", nothing).await;
        shared.mood.send_replace(Mood::Silent);
        let ticket = shared.report(1);
        shared.until("it is sent", |shared| shared.attempts.load(Ordering::Relaxed) == 1).await;
        // It looks once a minute; what is not answered for three is found.
        for _ in 0..5 {
            shared.pass(Duration::from_secs(60));
            let now = shared.now();
            let looked =
                move |shared: &Shared| shared.status.audited().is_some_and(|a| a.at == now);
            shared.until("it looked again", looked).await;
        }
        let audited = shared.status.audited().expect("it looked");
        assert_eq!(audited.found, Found { unanswered: 1, ..Found::default() });
        assert_eq!(audited.findings[0].ticket, ticket);
        shared.mood.send_replace(Mood::Well);
        shared.until("it is assigned", |shared| shared.count("Assigned") == 1).await;
        shared.pass(Duration::from_secs(60));
        shared.until("nothing is found any more", nothing).await;
        running.stop().await.expect("a clean stop");
    });
}

#[test]
fn the_auditor_of_a_standby_finds_what_nobody_does() {
    on_a_runtime(async {
        let shared = Shared::new(1);
        let ticket = shared.report(1);
        let (_roles, standby, running) = seat(&shared, Role::Standby);
        shared.until("it follows", knows_all(&standby)).await;
        shared.pass(Duration::from_secs(86_400));
        let found =
            |_: &Shared| standby.status.audited().is_some_and(|audited| audited.found.overdue == 1);
        shared.until("it is found", found).await;
        assert_eq!(standby.status.audited().expect("it looked").findings[0].ticket, ticket);
        running.stop().await.expect("a clean stop");
    });
}
