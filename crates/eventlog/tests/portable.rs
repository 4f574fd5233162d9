//! Exports bring the same log back, in a new epoch, or are refused.

mod support;

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use domain::{Epoch, GlobalPosition};
use eventlog::conformance::{append, read_all, ticket};
use eventlog::keys::{KeyRingError, MasterKey};
use eventlog::{
    DirectoryError, EventLog, ExportError, ExportOptions, Exported, ImportError, PartError,
    RebuildError, Rebuilt, RecordedEvent, SledLog, export, import, verify_directory,
};
use mishaps::Numbers;
use proptest::prelude::*;
use support::{START, assert_brought_back, fill, master_key, open, options, rebuild};

const WITH_KEYS: ExportOptions = ExportOptions { from: None, with_keys: true };

fn exported(log: &SledLog, file: &Path, options: ExportOptions) -> Exported {
    export(log, file, options, &mut |_| ControlFlow::Continue(())).expect("exported")
}

fn imported(files: &[PathBuf], to: &Path) -> Result<Rebuilt, ImportError> {
    import(files, to, &master_key(), &rebuild(), &mut |_| {})
}

/// A log, what is in it, and its export with keys.
fn example(appends: u64) -> (tempfile::TempDir, Vec<RecordedEvent>, PathBuf) {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("log.part");
    let log = open(&dir.path().join("data"));
    fill(&log, appends);
    exported(&log, &file, WITH_KEYS);
    let truth = read_all(&log);
    (dir, truth, file)
}

#[test]
fn an_export_brings_back_the_same_log_in_a_new_epoch() {
    let (dir, truth, file) = example(1_200);
    let old = open(&dir.path().join("data"));
    let to = dir.path().join("new");
    let rebuilt = imported(&[file], &to).expect("imported");
    verify_directory(&to, dir.path(), &mut |_| {}).expect("whole at rest");
    let new = open(&to);
    assert_brought_back(&new, &truth);
    assert_eq!(new.identity().log_id, old.identity().log_id);
    assert_eq!(new.identity().epoch, old.identity().epoch.next());
    assert_eq!((rebuilt.kept, rebuilt.kept_chain), (old.head().position, old.head().chain));
    assert_eq!((new.head(), new.identity()), (rebuilt.head, rebuilt.identity));
    assert_eq!(new.chain_at(rebuilt.kept).expect("reads"), old.head().chain);
}

#[test]
fn a_command_from_before_the_export_gets_its_first_result() {
    let (dir, truth, file) = example(300);
    let to = dir.path().join("new");
    imported(&[file], &to).expect("imported");
    let new = open(&to);
    let again = append(&new, "fill 7", START, &[(ticket(7), 0)]);
    let known = new.find_command(&again.header.command).expect("reads").expect("known");
    assert_eq!(known.fingerprint, again.header.fingerprint);
    let first = known.append.wait().expect("durable").first;
    assert_eq!(truth[first.get() as usize - 1].header.command, again.header.command);
    fill(&new, 10);
}

#[test]
fn without_keys_what_is_sealed_reads_as_erased_and_new_keys_have_new_numbers() {
    let (dir, truth, _) = example(50);
    let file = dir.path().join("bare.part");
    exported(&open(&dir.path().join("data")), &file, ExportOptions::default());
    let to = dir.path().join("new");
    let rebuilt = imported(&[file], &to).expect("imported");
    assert_eq!(rebuilt.keys.live, 0);
    assert_eq!(rebuilt.keys.destroyed, 50);
    let new = open(&to);
    assert_eq!(new.chain_at(rebuilt.kept).expect("reads"), rebuilt.kept_chain);
    let events = read_all(&new);
    assert_eq!(events.len(), truth.len() + 1);
    assert!(events.iter().zip(&truth).skip(1).all(|(new, old)| new.event != old.event));
    assert!(format!("{:?}", events[1].event).contains("Erased"), "{:?}", events[1].event);
    fill(&new, 3);
    assert_eq!(new.keys().last_number().0, 53);
}

#[test]
fn parts_that_continue_each_other_make_one_log() {
    let dir = tempfile::tempdir().expect("a directory");
    let (first, second) = (dir.path().join("1.part"), dir.path().join("2.part"));
    let log = open(&dir.path().join("data"));
    fill(&log, 200);
    let before = exported(&log, &first, WITH_KEYS).head.position;
    fill(&log, 100);
    let from = Some(before.next());
    let part = exported(&log, &second, ExportOptions { from, with_keys: true });
    assert_eq!((part.first, part.head), (before.next(), log.head()));
    let truth = read_all(&log);
    drop(log);
    let to = dir.path().join("new");
    let alone = imported(std::slice::from_ref(&second), &to).expect_err("its beginning is missing");
    assert!(matches!(alone, ImportError::NotNext { next: GlobalPosition::FIRST, .. }), "{alone:?}");
    let turned = imported(&[second.clone(), first.clone()], &to).expect_err("in another order");
    assert!(matches!(turned, ImportError::NotNext { .. }), "{turned:?}");
    imported(&[first.clone(), second], &to).expect("imported");
    assert_brought_back(&open(&to), &truth);

    let other = open(&dir.path().join("other"));
    fill(&other, 300);
    let foreign = dir.path().join("foreign.part");
    exported(&other, &foreign, ExportOptions { from, with_keys: false });
    let other = imported(&[first, foreign], &dir.path().join("x")).expect_err("of another log");
    let named = matches!(other, ImportError::OtherLog { .. } | ImportError::NotNext { .. });
    assert!(named, "{other:?}");
}

#[test]
fn nothing_is_exported_from_after_the_end_or_over_another_file() {
    let (dir, truth, file) = example(10);
    let log = open(&dir.path().join("data"));
    let mut on = |_| ControlFlow::Continue(());
    let again = export(&log, &file, WITH_KEYS, &mut on).expect_err("it is there");
    assert!(matches!(again, ExportError::Part(PartError::Exists { .. })), "{again:?}");
    let from = Some(GlobalPosition::new(truth.len() as u64 + 1));
    let after = ExportOptions { from, with_keys: false };
    let late = export(&log, &dir.path().join("y"), after, &mut on).expect_err("nothing is there");
    assert!(matches!(late, ExportError::AfterTheEnd { .. }), "{late:?}");
    let broken = export(&log, &dir.path().join("z"), WITH_KEYS, &mut |_| ControlFlow::Break(()));
    assert!(matches!(broken, Err(ExportError::BrokenOff)), "{broken:?}");
    let left: Vec<_> = fs::read_dir(dir.path()).expect("reads").collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_directory_with_a_log_takes_no_import_and_another_master_key_opens_none() {
    let (dir, _, file) = example(10);
    let data = dir.path().join("data");
    let before = open(&data).head();
    let refused = imported(std::slice::from_ref(&file), &data).expect_err("it holds a log");
    assert!(matches!(refused, ImportError::Rebuild(RebuildError::NotEmpty { .. })), "{refused:?}");
    assert_eq!(open(&data).head(), before);
    let (other, to) = (MasterKey::from_bytes([1; 32]), dir.path().join("new"));
    let refused = import(std::slice::from_ref(&file), &to, &other, &rebuild(), &mut |_| {});
    let wrong = |error: &ImportError| {
        let keys = ImportError::Rebuild(RebuildError::Keys(KeyRingError::WrongMasterKey {
            path: to.join("keys/ring"),
        }));
        format!("{error:?}") == format!("{keys:?}")
    };
    assert!(refused.as_ref().is_err_and(wrong), "{refused:?}");
    imported(&[file], &to).expect("with the right key");
}

#[test]
fn an_epoch_that_was_before_is_refused_and_a_later_one_taken() {
    let (dir, _, file) = example(10);
    let to = dir.path().join("new");
    let with = |epoch| eventlog::RebuildOptions { epoch: Some(Epoch::new(epoch)), ..rebuild() };
    let files = [file];
    let refused = import(&files, &to, &master_key(), &with(1), &mut |_| {}).expect_err("it was");
    assert!(matches!(refused, ImportError::Rebuild(RebuildError::Epoch { .. })), "{refused:?}");
    import(&files, &to, &master_key(), &with(9), &mut |_| {}).expect("imported");
    assert_eq!(open(&to).identity().epoch, Epoch::new(9));
}

#[test]
fn an_unfinished_import_is_not_served_and_a_second_try_starts_over() {
    let (dir, truth, file) = example(30);
    let to = dir.path().join("new");
    imported(std::slice::from_ref(&file), &to).expect("imported");
    // As it is when the process dies right before the end.
    fs::write(to.join("UNFINISHED"), "").expect("written");
    fs::remove_file(to.join("FORMAT")).expect("removed");
    let refused = SledLog::open(&options(&to)).expect_err("unfinished");
    let is_named = |error: &eventlog::OpenError| {
        matches!(error, eventlog::OpenError::Directory(DirectoryError::Unfinished { .. }))
    };
    assert!(is_named(&refused), "{refused:?}");
    imported(&[file], &to).expect("imported");
    assert_brought_back(&open(&to), &truth);
}

/// The offset and position of the fault that must be named.
#[track_caller]
fn fault(refused: Result<Rebuilt, ImportError>, what: &str) -> (u64, u64) {
    match refused {
        Err(ImportError::Part(PartError::Damaged { offset, position, .. })) => {
            (offset, position.get())
        }
        Err(ImportError::Part(PartError::NotAPart { .. })) => (0, 1),
        other => panic!("{what}: {other:?}"),
    }
}

#[test]
fn a_cut_or_flipped_export_is_refused_and_the_place_is_named() {
    let (dir, truth, file) = example(4_000);
    let good = fs::read(&file).expect("reads");
    let (bad, to) = (dir.path().join("bad.part"), dir.path().join("new"));
    let mut numbers = Numbers(5);
    let places: Vec<_> = (0..60).map(|_| numbers.below(good.len() as u64) as usize).collect();
    let edges =
        [0, 1, 7, 8, 9, 10, 143, 144, 150, good.len() - 81, good.len() - 80, good.len() - 1];
    let mut positions = Vec::new();
    for place in edges.into_iter().chain(places) {
        let mut flipped = good.clone();
        flipped[place] ^= 1 << numbers.below(8);
        for (bytes, what) in [(&good[..place], "cut"), (&flipped[..], "flipped")] {
            fs::write(&bad, bytes).expect("written");
            let refused = imported(std::slice::from_ref(&bad), &to);
            let (offset, position) = fault(refused, &format!("{what} at {place}"));
            assert!(offset as usize <= place, "{what} at {place}: {offset}");
            assert!(position <= truth.len() as u64 + 1, "{what} at {place}: {position}");
            positions.push(position);
            let left = if to.exists() { support::files(&to) } else { Vec::new() };
            assert!(left.iter().all(|path| path.ends_with("lock")), "{left:?}");
        }
    }
    // The faults lie all over the log, so not every one of them is that of its beginning.
    positions.sort_unstable();
    positions.dedup();
    assert!(positions.len() > 2, "{positions:?}");
    let mut longer = good;
    longer.push(0);
    fs::write(&bad, longer).expect("written");
    fault(imported(&[bad], &to), "longer");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn any_log_comes_back_from_any_parts(
        stretches in prop::collection::vec(1_u64..400, 1..4),
        erased in prop::collection::vec(0_u128..100, 0..4),
    ) {
        let dir = tempfile::tempdir().expect("a directory");
        let log = open(&dir.path().join("data"));
        let mut files = Vec::new();
        for (place, appends) in stretches.into_iter().enumerate() {
            let from = (place > 0).then(|| log.head().position.next());
            fill(&log, appends);
            if let Some(subject) = erased.get(place) {
                log.destroy_keys(ticket(*subject)).expect("destroyed");
            }
            files.push(dir.path().join(format!("{place}.part")));
            exported(&log, &files[place], ExportOptions { from, with_keys: true });
        }
        let truth = read_all(&log);
        drop(log);
        let to = dir.path().join("new");
        imported(&files, &to).expect("imported");
        assert_brought_back(&open(&to), &truth);
    }
}
