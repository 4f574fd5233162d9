//! A disk that is nearly full takes no new work, and still lets people finish theirs.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crate::desk::{Desk, engineer, ticket};
use domain::ticket::{Accept, Assign, Create, Note, Resolve};
use domain::{Actor, Command, CommandId, ImportBatchId, Issuer, Origin, OutletId, Party};
use engine::{DiskReserve, DiskRoom, Engine, Error, FreeSpace, Options, Submission};
use eventlog::EventLog;

const RESERVE: DiskReserve = DiskReserve { bytes: 1_000 };

/// A disk whose room a test sets.
#[derive(Default)]
struct Disk {
    free_bytes: AtomicU64,
    asked: AtomicUsize,
    silent: std::sync::atomic::AtomicBool,
}

impl Disk {
    fn with(free_bytes: u64) -> Arc<Self> {
        Arc::new(Self { free_bytes: free_bytes.into(), ..Self::default() })
    }

    fn set(&self, free_bytes: u64) {
        self.free_bytes.store(free_bytes, Ordering::Relaxed);
    }
}

impl FreeSpace for Disk {
    fn free_bytes(&self) -> io::Result<u64> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.silent.load(Ordering::Relaxed) {
            return Err(io::Error::other("no answer"));
        }
        Ok(self.free_bytes.load(Ordering::Relaxed))
    }
}

/// A desk with two engineers and a ticket of one of them, and an engine on its log that keeps a
/// part of this disk.
fn desk(disk: &Arc<Disk>) -> (Desk, Engine) {
    let desk = Desk::new();
    desk.staff(2, 3);
    desk.on_ticket(ticket(1), report()).expect("created");
    let assign = Assign { engineer: Some(engineer(1)), ..Assign::default() };
    desk.on_ticket(ticket(1), assign).expect("assigned");
    let engine = Engine::new(desk.log.clone(), desk.clock.clone(), Options::default())
        .keeping(RESERVE, disk.clone());
    (desk, engine)
}

fn report() -> Create {
    Create { sentence: Some("漏油".into()), ..Create::default() }
}

fn reporting(number: u128) -> Command {
    Command::Ticket(ticket(number), report().into())
}

fn noting(words: &str) -> Command {
    Command::Ticket(ticket(1), Note { words: words.into(), ..Note::default() }.into())
}

#[test]
fn below_the_reserve_reports_are_refused_and_what_was_begun_is_finished() {
    let disk = Disk::with(999);
    let (desk, engine) = desk(&disk);
    let before = desk.log.head().position;
    let refused = engine.begin(desk.submission(reporting(2)));
    assert!(
        matches!(refused, Err(Error::DiskReserve { free_bytes: 999, reserve_bytes: 1_000 })),
        "{refused:?}"
    );
    assert_eq!(engine.disk_room(), DiskRoom::Reserve);
    assert_eq!(desk.log.head().position, before, "nothing was recorded");

    let run =
        |submission: Submission| engine.begin(submission).expect("taken").wait().expect("done");
    let on_ticket = |command| Command::Ticket(ticket(1), command);
    let accept = Accept { engineer: Some(engineer(1)) };
    run(desk.submission(on_ticket(accept.into())));
    run(Submission {
        actor: Actor::system(Party::Dispatcher),
        id: CommandId { issuer: Issuer::Dispatcher, key: "told/1".into() },
        ..desk.submission(noting("路上"))
    });
    let resolve = Resolve { engineer: Some(engineer(1)), ..Resolve::default() };
    run(desk.submission(on_ticket(resolve.into())));
}

#[test]
fn below_the_reserve_imports_and_entries_of_the_directory_are_refused_as_well() {
    let disk = Disk::with(999);
    let (desk, engine) = desk(&disk);
    let imported = Submission {
        origin: Origin::Import(ImportBatchId::from_u128(7)),
        ..desk.submission(noting("来自旧系统"))
    };
    let entry = domain::directory::OutletEntry { name: "浦西".into(), ..Default::default() };
    let entered = desk.submission(Command::Outlet(OutletId::from_code("puxi"), entry));
    for only_adds in [imported, entered] {
        let refused = engine.begin(only_adds);
        assert!(matches!(refused, Err(Error::DiskReserve { .. })), "{refused:?}");
    }
}

#[test]
fn below_the_floor_nothing_is_taken_until_there_is_room_again() {
    let disk = Disk::with(249);
    let (desk, engine) = desk(&disk);
    for command in [noting("一"), reporting(2)] {
        let refused = engine.begin(desk.submission(command));
        assert!(
            matches!(refused, Err(Error::DiskFull { free_bytes: 249, floor_bytes: 250 })),
            "{refused:?}"
        );
    }
    disk.set(1_000);
    desk.clock.advance(Duration::from_secs(1));
    assert_eq!(engine.disk_room(), DiskRoom::Enough);
    engine.begin(desk.submission(reporting(2))).expect("taken").wait().expect("recorded");
}

#[test]
fn a_command_that_was_applied_before_gets_its_first_result_on_a_full_disk_too() {
    let disk = Disk::with(5_000);
    let (desk, engine) = desk(&disk);
    let submission = desk.submission(reporting(2));
    let first = engine.begin(submission.clone()).expect("taken").wait().expect("recorded");
    disk.set(0);
    desk.clock.advance(Duration::from_secs(1));
    let again = engine.begin(submission).expect("known").wait().expect("its first result");
    assert!(again.repeated);
    assert_eq!(again.position, first.position);
}

#[test]
fn the_disk_is_asked_once_a_second_however_many_commands_come() {
    let disk = Disk::with(5_000);
    let (desk, engine) = desk(&disk);
    let many = || {
        for _ in 0..100 {
            let note = desk.submission(noting(&desk.fresh_key()));
            engine.begin(note).expect("taken").wait().expect("recorded");
        }
        disk.asked.load(Ordering::Relaxed)
    };
    assert_eq!(many(), 1);
    desk.clock.advance(Duration::from_millis(999));
    assert_eq!(many(), 1);
    desk.clock.advance(Duration::from_millis(1));
    assert_eq!(many(), 2);
}

#[test]
fn a_disk_that_does_not_answer_counts_as_it_was_heard_of_last() {
    let disk = Disk::with(999);
    let (desk, engine) = desk(&disk);
    assert_eq!(engine.disk_room(), DiskRoom::Reserve);
    disk.silent.store(true, Ordering::Relaxed);
    desk.clock.advance(Duration::from_secs(60));
    assert_eq!(engine.disk_room(), DiskRoom::Reserve);
    engine.begin(desk.submission(noting("还在"))).expect("taken").wait().expect("recorded");
}
