//! What is left of a damaged directory comes back up to the first gap, and what is missing is said
//! exactly. The damaged directory is never touched.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::GlobalPosition;
use eventlog::conformance::{read_all, ticket};
use eventlog::{
    EventLog, PositionRange, RecordedEvent, SalvageError, SalvageOptions, Salvaged, SledLog,
    WitnessFound, salvage, verify_directory,
};
use mishaps::Numbers;
use support::{assert_brought_back, copy_dir, files, fill, open, options, rebuild};

fn salvaged(from: &Path, to: &Path) -> Result<Salvaged, SalvageError> {
    salvage(from, to, &SalvageOptions { rebuild: rebuild(), ring: None }, &mut |_| {})
}

/// A closed directory, what is in it, and the frames of it by first position: place and length.
struct Closed {
    dir: tempfile::TempDir,
    truth: Vec<RecordedEvent>,
}

impl Closed {
    fn new(groups: u64) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let log = open(&dir.path().join("data"));
        for _ in 0..groups {
            fill(&log, 40);
        }
        let truth = read_all(&log);
        drop(log);
        Self { dir, truth }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn to(&self) -> PathBuf {
        self.dir.path().join("new")
    }

    fn last(&self) -> u64 {
        self.truth.len() as u64
    }

    fn db(&self) -> Vec<u8> {
        fs::read(self.data().join("log/db")).expect("reads")
    }

    fn damage(&self, bytes: &[u8]) {
        fs::write(self.data().join("log/db"), bytes).expect("written");
    }

    /// Salvages, checks that the result is the truth up to what was kept and nothing of the
    /// damaged directory changed.
    #[track_caller]
    fn salvage(&self) -> Salvaged {
        let before = contents(&self.data());
        let found = salvaged(&self.data(), &self.to()).expect("salvaged");
        assert!(before == contents(&self.data()), "the damaged directory was touched");
        verify_directory(&self.to(), self.dir.path(), &mut |_| {}).expect("whole at rest");
        let (log, report) = SledLog::open(&options(&self.to())).expect("opens");
        assert_eq!(report.identity, found.rebuilt.identity);
        assert_brought_back(&log, &self.truth[..found.rebuilt.kept.get() as usize]);
        fill(&log, 5);
        found
    }
}

fn contents(dir: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let read = |path: PathBuf| {
        let changed = fs::metadata(&path).expect("is there").modified().expect("has a time");
        (path.clone(), (fs::read(&path).expect("reads"), changed))
    };
    files(dir).into_iter().map(read).collect()
}

/// Where frames begin that hold this position: magic, then the first position, then the count.
fn copies_of(db: &[u8], position: u64) -> Vec<(usize, u64, u64)> {
    let number = |at: usize| u64::from_le_bytes(db[at..at + 8].try_into().expect("eight"));
    let count = |at: usize| u64::from(u32::from_le_bytes(db[at..at + 4].try_into().expect("four")));
    let frames = (0..db.len() - 104).filter(|at| db[*at..].starts_with(b"PDF\x01"));
    let places = frames.map(|at| (at, number(at + 8), number(at + 8) + count(at + 16) - 1));
    places.filter(|(_, first, last)| (*first..=*last).contains(&position)).collect()
}

fn range(from: u64, until: u64) -> PositionRange {
    PositionRange { from: GlobalPosition::new(from), until: GlobalPosition::new(until) }
}

#[test]
fn a_whole_directory_comes_back_whole() {
    let closed = Closed::new(5);
    let found = closed.salvage();
    assert_eq!(found.rebuilt.kept.get(), closed.last());
    assert!(matches!(found.witness, WitnessFound::Saw(_)));
    assert_eq!((found.lost, found.unreadable, found.set_aside), (None, vec![], vec![]));
    assert_eq!((found.keys_lost, found.never_acknowledged), (vec![], None));
}

#[test]
fn a_log_of_many_segments_comes_back_whole_with_frames_of_all_sizes() {
    let dir = tempfile::tempdir().expect("a directory");
    let (data, to) = (dir.path().join("data"), dir.path().join("new"));
    let log = open(&data);
    for appends in [1, 7, 16_000, 3, 90] {
        fill(&log, appends);
    }
    let (truth, head) = (read_all(&log), log.head());
    drop(log);
    let bytes = fs::metadata(data.join("log/db")).expect("is there").len();
    assert!(bytes > 8 * 1024 * 1024, "{bytes} bytes are one segment");
    let found = salvaged(&data, &to).expect("salvaged");
    assert_eq!((found.rebuilt.kept, found.rebuilt.kept_chain), (head.position, head.chain));
    assert!(found.lost.is_none() && found.unreadable.is_empty(), "{found:?}");
    assert_brought_back(&open(&to), &truth);
}

#[test]
fn a_frame_is_found_wherever_it_lies_in_the_file() {
    let closed = Closed::new(1);
    let db = closed.db();
    let (at, ..) = copies_of(&db, 20)[0];
    // The file is looked through in pieces of 8 MiB: right before the end of one, across it, at it.
    for before in [0, 1, 3, 30, 1_000] {
        let mut shifted = vec![0; 8 * 1024 * 1024 - at - before];
        shifted.extend_from_slice(&db);
        closed.damage(&shifted);
        let found = salvaged(&closed.data(), &closed.to()).expect("salvaged");
        assert_eq!(found.rebuilt.kept.get(), closed.last(), "{before}");
        fs::remove_dir_all(closed.to()).expect("removed");
    }
}

#[test]
fn a_missing_middle_is_named_to_the_position_and_what_follows_is_set_aside() {
    let closed = Closed::new(6);
    let mut db = closed.db();
    let copies = copies_of(&db, 101);
    let (_, first, last) = copies[0];
    for (at, ..) in &copies {
        db[*at + 200] ^= 0x10;
    }
    closed.damage(&db);
    let found = closed.salvage();
    assert_eq!(found.rebuilt.kept.get(), first - 1);
    assert_eq!(found.lost, Some(range(first, closed.last())));
    assert_eq!(found.unreadable, [range(first, last)]);
    assert_eq!(found.set_aside, [range(last + 1, closed.last())]);
    let aside = files(&closed.to().join("cut"));
    assert!(!aside.is_empty());
    assert!(aside[0].ends_with(format!("{:020}.frame", last + 1)), "{aside:?}");
}

#[test]
fn an_end_that_is_gone_is_told_with_what_the_witness_knew() {
    let closed = Closed::new(6);
    let mut db = closed.db();
    let first = copies_of(&db, 150)[0].1;
    for position in first..=closed.last() {
        for (at, ..) in copies_of(&db, position) {
            db[at..at + 88].fill(0);
        }
    }
    closed.damage(&db);
    let found = closed.salvage();
    assert_eq!(found.rebuilt.kept.get(), first - 1);
    assert_eq!(found.lost, Some(range(first, closed.last())));
    assert_eq!(found.unreadable, [range(first, closed.last())]);
    assert_eq!(found.set_aside, []);
}

#[test]
fn without_a_witness_what_is_left_comes_back_and_nothing_is_claimed() {
    let closed = Closed::new(2);
    fs::remove_file(closed.data().join("witness")).expect("removed");
    let found = closed.salvage();
    assert_eq!((found.witness, found.lost), (WitnessFound::Missing, None));
    fs::remove_dir_all(closed.to()).expect("removed");
    fs::write(closed.data().join("witness"), [0xaa; 5_000]).expect("written");
    assert_eq!(closed.salvage().witness, WitnessFound::Damaged);
}

#[test]
fn flipped_bytes_and_a_cut_file_give_back_a_beginning_of_the_truth() {
    let closed = Closed::new(8);
    let (good, mut numbers) = (closed.db(), Numbers(17));
    let used = good.iter().rposition(|byte| *byte != 0).expect("bytes") as u64;
    let mut kept = Vec::new();
    for round in 0..10 {
        let mut db = good.clone();
        if round % 2 == 0 {
            db.truncate(numbers.below(used) as usize);
        } else {
            for _ in 0..20 {
                db[numbers.below(used) as usize] ^= 1 << numbers.below(8);
            }
        }
        closed.damage(&db);
        match salvaged(&closed.data(), &closed.to()) {
            Err(SalvageError::NoBeginning { .. }) => {
                assert!(files(&closed.to()).iter().all(|path| path.ends_with("lock")));
                continue;
            }
            Err(error) => panic!("round {round}: {error:?}"),
            Ok(_) => fs::remove_dir_all(closed.to()).expect("removed"),
        }
        let found = closed.salvage();
        let position = found.rebuilt.kept.get();
        kept.push(position);
        let lost = (position < closed.last()).then(|| range(position + 1, closed.last()));
        assert_eq!(found.lost, lost, "round {round}");
        let named: u64 =
            found.unreadable.iter().chain(&found.set_aside).map(|range| range.count()).sum();
        assert_eq!(named, closed.last() - position, "round {round}");
        fs::remove_dir_all(closed.to()).expect("removed");
    }
    assert!(kept.iter().any(|position| *position < closed.last()), "no damage did any: {kept:?}");
}

#[test]
fn frames_that_were_replaced_since_are_not_taken() {
    // A copy of the directory goes another way after position 41; both ways end up in one file.
    let closed = Closed::new(1);
    let other = closed.dir.path().join("other");
    copy_dir(&closed.data(), &other);
    let log = open(&other);
    fill(&log, 100);
    let truth = read_all(&log);
    drop(log);
    let log = open(&closed.data());
    let version = log.stream_version(ticket(1)).expect("reads").get();
    let wanted =
        eventlog::conformance::append(&log, "another way", support::START, &[(ticket(1), version)]);
    log.submit(wanted).expect("taken").wait().expect("durable");
    drop(log);
    let mut both = closed.db();
    both.extend(fs::read(other.join("log/db")).expect("reads"));
    // The witness of the shorter way knows which one it is.
    closed.damage(&both);
    let found = salvaged(&closed.data(), &closed.to()).expect("salvaged");
    assert_eq!((found.rebuilt.kept.get(), found.lost), (42, None));
    // Without it the longer one is the better guess.
    fs::remove_file(closed.data().join("witness")).expect("removed");
    fs::remove_dir_all(closed.to()).expect("removed");
    let found = salvaged(&closed.data(), &closed.to()).expect("salvaged");
    assert_eq!(found.rebuilt.kept.get(), truth.len() as u64);
}

#[test]
fn keys_that_cannot_be_read_are_named_and_what_they_sealed_reads_as_erased() {
    let closed = Closed::new(3);
    let ring = closed.data().join("keys/ring");
    let mut bytes = fs::read(&ring).expect("reads");
    bytes[5 * 128 + 50] ^= 1;
    bytes.truncate(90 * 128);
    fs::write(&ring, &bytes).expect("written");
    let found = salvaged(&closed.data(), &closed.to()).expect("salvaged");
    let lost: Vec<_> = found.keys_lost.iter().map(|number| number.0).collect();
    let expected: Vec<u64> = std::iter::once(5).chain(90..=100).collect();
    assert_eq!(lost, expected);
    assert_eq!((found.rebuilt.keys.live, found.rebuilt.keys.destroyed), (88, 12));
    let events = read_all(&open(&closed.to()));
    assert_eq!(events.len() as u64, closed.last() + 1);
    let erased = events.iter().filter(|event| format!("{:?}", event.event).contains("Erased"));
    assert_eq!(erased.count(), 13);
}

#[test]
fn without_a_ring_nothing_is_salvaged_unless_another_copy_is_named() {
    let closed = Closed::new(1);
    let (ring, copy) = (closed.data().join("keys/ring"), closed.dir.path().join("ring"));
    fs::rename(&ring, &copy).expect("moved");
    let refused = salvaged(&closed.data(), &closed.to()).expect_err("there is no ring");
    assert!(matches!(refused, SalvageError::Ring(_)), "{refused:?}");
    let options = SalvageOptions { rebuild: rebuild(), ring: Some(copy) };
    salvage(&closed.data(), &closed.to(), &options, &mut |_| {}).expect("salvaged");
    assert_brought_back(&open(&closed.to()), &closed.truth);
}

#[test]
fn a_directory_in_use_or_without_a_beginning_is_refused() {
    let closed = Closed::new(2);
    let log = open(&closed.data());
    let refused = salvaged(&closed.data(), &closed.to()).expect_err("it is in use");
    assert!(matches!(refused, SalvageError::InUse { .. }), "{refused:?}");
    drop(log);
    let inside = closed.data().join("new");
    let refused = salvaged(&closed.data(), &inside).expect_err("it is inside");
    assert!(matches!(refused, SalvageError::SameDirectory { .. }), "{refused:?}");
    let mut db = closed.db();
    for (at, ..) in copies_of(&db, 1) {
        db[at] = 0;
    }
    closed.damage(&db);
    let refused = salvaged(&closed.data(), &closed.to()).expect_err("its beginning is gone");
    let first = GlobalPosition::new(2);
    let named = matches!(refused, SalvageError::NoBeginning { first: found, .. } if found == first);
    assert!(named, "{refused:?}");
}
