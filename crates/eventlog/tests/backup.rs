//! A backup grows by what is new, is good whenever a run ends, and comes back.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use domain::Epoch;
use eventlog::conformance::{read_all, ticket};
use eventlog::{
    BackedUp, BackupError, BackupOptions, EventLog, ImportError, RestoreError, Restored, SledLog,
    backup, restore,
};
use mishaps::Numbers;
use support::{START, assert_brought_back, copy_dir, files, fill, master_key, open, rebuild};

fn run_with(log: &SledLog, to: &Path, segment_events_max: u64) -> Result<BackedUp, BackupError> {
    let options = BackupOptions { segment_events_max, ..BackupOptions::new(START) };
    backup(log, to, options, &mut |_| ControlFlow::Continue(()))
}

fn run(log: &SledLog, to: &Path) -> BackedUp {
    run_with(log, to, 1_000_000).expect("backed up")
}

fn restored(from: &Path, to: &Path) -> Result<Restored, RestoreError> {
    restore(from, to, &master_key(), None, &rebuild(), &mut |_| {})
}

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a directory") }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

fn segments(backup: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let read = |path: PathBuf| (path.clone(), fs::read(path).expect("reads"));
    files(&backup.join("segments")).into_iter().map(read).collect()
}

#[test]
fn a_second_run_adds_only_what_is_new_and_both_states_come_back() {
    let place = Place::new();
    let (log, kept) = (open(&place.at("data")), place.at("backup"));
    fill(&log, 500);
    let first = run(&log, &kept);
    assert_eq!((first.before.get(), first.head, first.segments), (0, log.head(), 1));
    let (before, early) = (segments(&kept), read_all(&log));
    copy_dir(&kept, &place.at("early"));
    fill(&log, 300);
    let second = run(&log, &kept);
    assert_eq!((second.before, second.head), (first.head.position, log.head()));
    let after = segments(&kept);
    assert_eq!(after.len(), 2);
    assert!(before.iter().all(|(path, bytes)| after.get(path) == Some(bytes)));
    let third = run(&log, &kept);
    assert_eq!((third.before, third.added_bytes), (third.head.position, 0));
    assert_eq!(segments(&kept), after);
    let truth = read_all(&log);
    drop(log);
    restored(&kept, &place.at("new")).expect("restored");
    assert_brought_back(&open(&place.at("new")), &truth);
    restored(&place.at("early"), &place.at("old")).expect("restored");
    assert_brought_back(&open(&place.at("old")), &early);
}

#[test]
fn a_run_that_was_broken_off_leaves_the_backup_as_its_manifest_says() {
    let place = Place::new();
    let (log, kept) = (open(&place.at("data")), place.at("backup"));
    fill(&log, 360);
    let truth = read_all(&log);
    let options = BackupOptions { segment_events_max: 45, ..BackupOptions::new(START) };
    let mut numbers = Numbers(11);
    let mut good = 0;
    for round in 0..6 {
        // At a position, because how many events lie in a frame is the machine's choice.
        let until = good as u64 + 1 + numbers.below(150);
        let broken = backup(&log, &kept, options, &mut |done| {
            if done.position.get() < until {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        // Garbage, as a run that was killed leaves it.
        fs::write(kept.join("segments/00000000000000000009-00000000000000000010.part"), "half")
            .expect("written");
        fs::write(kept.join("keys/0000009999.ring"), "half").expect("written");
        fs::write(kept.join("MANIFEST.new"), "half").expect("written");
        let to = place.at(&format!("round {round}"));
        match restored(&kept, &to) {
            Ok(back) => {
                let position = back.rebuilt.kept.get() as usize;
                assert!(position >= good, "{position} < {good}");
                good = position;
                assert_brought_back(&open(&to), &truth[..position]);
            }
            Err(RestoreError::NotABackup { .. }) => assert_eq!(good, 0),
            Err(error) => panic!("round {round}: {error:?}"),
        }
        if broken.is_ok() {
            break;
        }
    }
    assert!(good > 0, "no run came to the end of a segment");
    let last = run_with(&log, &kept, 45).expect("backed up");
    assert_eq!(last.head, log.head());
    assert_eq!(segments(&kept).len(), last.segments);
    assert_eq!(files(&kept.join("keys")).len(), 1);
    restored(&kept, &place.at("all")).expect("restored");
    assert_brought_back(&open(&place.at("all")), &truth);
}

#[test]
fn an_erasure_reaches_the_backup_with_the_next_run() {
    let place = Place::new();
    let (log, kept) = (open(&place.at("data")), place.at("backup"));
    fill(&log, 100);
    run(&log, &kept);
    let early = files(&kept.join("keys"));
    let slot = {
        let ring = fs::read(&early[0]).expect("reads");
        let mut slots = ring.chunks(128).skip(1);
        let id = ticket(3).id().to_le_bytes();
        slots.find(|slot| slot[2..18] == id).expect("its key").to_vec()
    };
    assert_eq!(log.destroy_keys(ticket(3)).expect("destroyed"), 1);
    let again = run(&log, &kept);
    assert_eq!((again.added_bytes, again.keys.destroyed), (0, 1));
    for path in files(&kept) {
        let bytes = fs::read(&path).expect("reads");
        assert!(!bytes.windows(128).any(|window| window == slot), "{}", path.display());
    }
    let truth = read_all(&log);
    assert!(truth.iter().any(|event| format!("{:?}", event.event).contains("Erased")));
    drop(log);
    restored(&kept, &place.at("new")).expect("restored");
    assert_brought_back(&open(&place.at("new")), &truth);
}

#[test]
fn keys_that_a_newer_ring_has_destroyed_stay_destroyed() {
    let place = Place::new();
    let (log, kept) = (open(&place.at("data")), place.at("backup"));
    fill(&log, 100);
    run(&log, &kept);
    log.destroy_keys(ticket(3)).expect("destroyed");
    fill(&log, 10);
    let truth = read_all(&log);
    drop(log);
    let ring = place.at("data").join("keys/ring");
    let back =
        restore(&kept, &place.at("new"), &master_key(), Some(&ring), &rebuild(), &mut |_| {});
    assert_eq!(back.expect("restored").erased_since, 1);
    assert_brought_back(&open(&place.at("new")), &truth[..101]);
}

#[test]
fn two_restores_never_open_the_same_epoch() {
    let place = Place::new();
    let (log, kept) = (open(&place.at("data")), place.at("backup"));
    fill(&log, 20);
    run(&log, &kept);
    drop(log);
    for (name, epoch) in [("first", 2), ("second", 3)] {
        let back = restored(&kept, &place.at(name)).expect("restored");
        assert!(back.epoch_noted);
        assert_eq!(back.rebuilt.identity.epoch, Epoch::new(epoch));
        assert_eq!(open(&place.at(name)).identity().epoch, Epoch::new(epoch));
    }
}

#[test]
fn a_restored_log_goes_on_with_its_backup_and_the_old_one_is_told_apart() {
    let place = Place::new();
    let (log, kept) = (open(&place.at("data")), place.at("backup"));
    fill(&log, 50);
    run(&log, &kept);
    restored(&kept, &place.at("new")).expect("restored");
    let new = open(&place.at("new"));
    fill(&new, 30);
    run(&new, &kept);
    fill(&log, 80);
    let refused = run_with(&log, &kept, 100).expect_err("it went another way");
    assert!(matches!(refused, BackupError::OtherHistory { .. }), "{refused:?}");
    let other = open(&place.at("other"));
    let refused = run_with(&other, &kept, 100).expect_err("another log");
    assert!(matches!(refused, BackupError::OtherLog { .. }), "{refused:?}");
    let truth = read_all(&new);
    restored(&kept, &place.at("third")).expect("restored");
    assert_brought_back(&open(&place.at("third")), &truth);
}

#[test]
fn a_directory_of_something_else_is_not_written_to() {
    let place = Place::new();
    let log = open(&place.at("data"));
    let home = place.at("home");
    fs::create_dir(&home).expect("made");
    fs::write(home.join("letter.txt"), "Dear").expect("written");
    let refused = run_with(&log, &home, 100).expect_err("it is no backup");
    assert!(matches!(refused, BackupError::NotABackup { .. }), "{refused:?}");
    let refused = restored(&home, &place.at("new")).expect_err("it is no backup");
    assert!(matches!(refused, RestoreError::NotABackup { .. }), "{refused:?}");
}

#[test]
fn each_flipped_bit_and_cut_of_a_backup_is_refused_or_harmless() {
    let place = Place::new();
    let (log, kept) = (open(&place.at("data")), place.at("backup"));
    fill(&log, 300);
    run(&log, &kept);
    fill(&log, 100);
    run(&log, &kept);
    let truth = read_all(&log);
    drop(log);
    let mut numbers = Numbers(3);
    for path in files(&kept) {
        let name = path.strip_prefix(&kept).expect("below").to_path_buf();
        let good = fs::read(&path).expect("reads");
        if good.is_empty() {
            continue;
        }
        for round in 0..12 {
            let mut bytes = good.clone();
            let at = numbers.below(good.len() as u64) as usize;
            if round % 3 == 0 {
                bytes.truncate(at)
            } else {
                bytes[at] ^= 1 << numbers.below(8)
            }
            let (spoiled, to) = (place.at("spoiled"), place.at("new"));
            copy_dir(&kept, &spoiled);
            fs::write(spoiled.join(&name), bytes).expect("written");
            match restored(&spoiled, &to) {
                // The manifest's last line end says nothing.
                Ok(_) => assert_brought_back(&open(&to), &truth),
                Err(RestoreError::Import(ImportError::Part(_) | ImportError::Rebuild(_)))
                | Err(RestoreError::Manifest(_)) => {}
                Err(error) => panic!("{} at {at}: {error:?}", name.display()),
            }
            for dir in [spoiled, to] {
                drop(fs::remove_dir_all(dir));
            }
        }
    }
}
