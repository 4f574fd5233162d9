//! The collection takes only what it may.

use std::ops::ControlFlow;
use std::time::{Duration, SystemTime};

use attachments::uploads::{Limits, Uploads};
use audit::{Collect, Collected, Sink, Sources, Stray, collect};
use domain::attachment::AttachmentCommand;
use domain::{ContentHash, Timestamp};
use eventlog::{Clock, SystemClock};

use crate::firm::{Firm, Told, file_of, hash_of, ticket};

/// An hour ago by the file system's clock, which is the machine's.
fn an_hour_ago() -> Timestamp {
    SystemClock.now().minus(Duration::from_secs(3_600))
}

/// Makes bytes as old as if they had been put a day ago.
fn age(firm: &Firm, number: u32) {
    let file =
        std::fs::File::options().write(true).open(file_of(&firm.store_dir(), hash_of(number)));
    let day = Duration::from_secs(86_400);
    file.and_then(|file| file.set_modified(SystemTime::now() - day)).expect("dated");
}

fn is_there(firm: &Firm, number: u32) -> bool {
    file_of(&firm.store_dir(), hash_of(number)).exists()
}

fn run(firm: &mut Firm, dry_run: bool) -> (Collected, Vec<ContentHash>) {
    firm.settle();
    let zone = jiff::tz::TimeZone::UTC;
    let dir = firm.dir.path().join("uploads");
    let opened = Uploads::open(dir, firm.store.clone(), Limits::default(), zone);
    let uploads = firm.runtime.block_on(opened).expect("opens");
    let sources = Sources {
        log: &*firm.log,
        store: &firm.store,
        runtime: firm.runtime.handle(),
        clock: &firm.clock,
    };
    let how = Collect { touched_before: an_hour_ago(), dry_run };
    let mut told = Told::default();
    let collected = collect(sources, &uploads, how, &mut told).expect("collected");
    let hash = |stray: &Stray| match stray {
        Stray::Orphan { hash, .. } => Some(*hash),
        Stray::Stranger { .. } => None,
    };
    (collected, told.strays.iter().filter_map(hash).collect())
}

/// 1 is named; 2 is an old orphan, 3 a young one, 4 an old one that is touched.
fn with_orphans() -> Firm {
    let mut firm = Firm::in_memory();
    firm.report(ticket(1), &[1]);
    for number in [2, 3, 4] {
        firm.photo(number);
    }
    for number in [1, 2, 4] {
        age(&firm, number);
    }
    let touched = firm.runtime.block_on(firm.store.touch(hash_of(4)));
    touched.expect("touched").expect("is there");
    firm
}

#[test]
fn it_takes_what_nobody_names_and_nobody_touched() {
    let mut firm = with_orphans();
    std::fs::write(firm.store_dir().join("readme.txt"), "x").expect("written");
    let (collected, told) = run(&mut firm, false);
    assert_eq!(told, [hash_of(2)]);
    assert_eq!((collected.orphans, collected.young, collected.strangers), (1, 2, 1));
    assert!(!is_there(&firm, 2), "an old orphan goes");
    assert!(is_there(&firm, 1), "what an event names stays, however old");
    assert!(is_there(&firm, 3) && is_there(&firm, 4), "what is young or was touched stays");
    assert!(firm.store_dir().join("readme.txt").exists(), "a stranger's file is not ours");
    assert_eq!(run(&mut firm, false).0.orphans, 0);
}

#[test]
fn a_dry_run_tells_the_same_and_removes_nothing() {
    let mut firm = with_orphans();
    let (collected, told) = run(&mut firm, true);
    assert_eq!((collected.orphans, told), (1, vec![hash_of(2)]));
    assert!(is_there(&firm, 2));
}

#[test]
fn an_erasure_that_was_cut_off_is_brought_to_its_end() {
    let mut firm = with_orphans();
    firm.on_attachment(1, AttachmentCommand::Erase { words: String::new() });
    let (collected, _) = run(&mut firm, true);
    assert!(collected.erased == 1 && is_there(&firm, 1));
    let (collected, _) = run(&mut firm, false);
    assert_eq!(collected.erased, 1);
    assert!(!is_there(&firm, 1));
}

/// Names the orphan while it is being told.
struct Toucher<'a>(&'a Firm);

impl Sink for Toucher<'_> {
    fn stray(&mut self, _stray: &Stray) -> ControlFlow<()> {
        let file = file_of(&self.0.store_dir(), hash_of(2));
        let file = std::fs::File::options().write(true).open(file).expect("is there");
        file.set_modified(SystemTime::now()).expect("dated");
        ControlFlow::Continue(())
    }
}

#[test]
fn bytes_that_are_touched_between_look_and_removal_stay() {
    let mut firm = with_orphans();
    firm.settle();
    let dir = firm.dir.path().join("uploads");
    let opened = Uploads::open(dir, firm.store.clone(), Limits::default(), jiff::tz::TimeZone::UTC);
    let uploads = firm.runtime.block_on(opened).expect("opens");
    let sources = Sources {
        log: &*firm.log,
        store: &firm.store,
        runtime: firm.runtime.handle(),
        clock: &firm.clock,
    };
    let how = Collect { touched_before: an_hour_ago(), dry_run: false };
    let collected = collect(sources, &uploads, how, &mut Toucher(&firm));
    assert_eq!(collected.expect("collected").orphans, 0);
    assert!(is_there(&firm, 2));
}
