//! What is not as it should be is refused with a clear error, or put right and said.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use domain::ticket::TicketEvent;
use domain::{Event, GlobalPosition, StreamId, StreamVersion};
use eventlog::conformance::{append, read_all, ticket};
use eventlog::keys::{KeyRingError, MasterKey};
use eventlog::{
    DirectoryError, EventLog, IndexState, LostWitness, OpenError, OpenReport, ReadError, SledLog,
    TailError, VerifyError, verify, verify_directory,
};
use support::{START, copy_dir, fill, open, options};

fn closed_log(appends: u64) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    fill(&open(dir.path()), appends);
    dir
}

fn refused(dir: &Path) -> OpenError {
    match SledLog::open(&options(dir)) {
        Ok((_, report)) => panic!("it must be refused, but: {report:?}"),
        Err(error) => error,
    }
}

fn opened(dir: &Path) -> (SledLog, OpenReport) {
    SledLog::open(&options(dir)).expect("opens")
}

#[test]
fn a_new_log_begins_with_its_own_creation() {
    let dir = tempfile::tempdir().expect("a directory");
    let (log, report) = opened(dir.path());
    assert!(report.created);
    assert_eq!(report.head.position, GlobalPosition::FIRST);
    assert_eq!(read_all(&log)[0].stream, StreamId::LOG);
    drop(log);
    let (log, again) = opened(dir.path());
    assert!(!again.created);
    assert_eq!(again.identity, report.identity);
    assert_eq!(again.index, IndexState::Current);
    drop(log);
}

#[test]
fn a_second_server_is_told_that_the_directory_is_in_use() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = open(dir.path());
    let error = refused(dir.path());
    assert!(matches!(error, OpenError::Directory(DirectoryError::InUse { .. })), "{error:?}");
    drop(first);
    opened(dir.path());
}

#[test]
fn what_a_process_killed_while_it_opened_left_half_made_is_cleared_away() {
    let dir = closed_log(20);
    drop(opened(dir.path()));
    let log = dir.path().join("log");
    let snapshot = fs::read_dir(&log)
        .expect("listed")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.to_string_lossy().contains("snap."))
        .expect("sled makes a snapshot when it opens a log");
    let bytes = fs::read(&snapshot).expect("read");
    for (name, length) in [
        // The same snapshot again, nothing of it yet, and all but its last byte.
        (format!("{}.generating", snapshot.display()), 0),
        (format!("{}.generating", snapshot.display()), bytes.len() - 1),
        (log.join("snap.7FFFFFFFFFFFFFFF.generating").display().to_string(), bytes.len() / 2),
    ] {
        fs::write(&name, &bytes[..length]).expect("written");
        let (log, report) = opened(dir.path());
        assert_eq!((report.head.position.get(), report.cut), (21, None), "{name}: {length} bytes");
        assert_eq!(read_all(&log).len(), 21);
        assert!(!Path::new(&name).exists());
    }
}

#[test]
fn a_process_killed_before_the_store_had_a_file_leaves_a_directory_that_opens() {
    let dir = tempfile::tempdir().expect("a directory");
    drop(open(dir.path()));
    let conf = fs::read(dir.path().join("log/conf")).expect("read");
    for length in 0..conf.len() {
        let fresh = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(fresh.path().join("log/blobs")).expect("made");
        fs::write(fresh.path().join("log/conf"), &conf[..length]).expect("written");
        let (_, report) = opened(fresh.path());
        assert!(report.created, "{length} bytes");
    }
}

#[test]
fn a_directory_of_a_newer_release_is_refused() {
    let dir = closed_log(3);
    fs::write(dir.path().join("FORMAT"), "paidan data directory\nformat 2\n").expect("written");
    let error = refused(dir.path());
    assert!(
        matches!(error, OpenError::Directory(DirectoryError::NewerFormat { found: 2, .. })),
        "{error:?}"
    );
}

#[test]
fn a_log_whose_format_is_unknown_is_refused() {
    let dir = closed_log(3);
    fs::remove_file(dir.path().join("FORMAT")).expect("removed");
    let error = refused(dir.path());
    assert!(
        matches!(error, OpenError::Directory(DirectoryError::UnknownFormat { .. })),
        "{error:?}"
    );
}

#[test]
fn a_creation_that_was_cut_short_goes_on() {
    let dir = tempfile::tempdir().expect("a directory");
    drop(open(dir.path()));
    fs::remove_file(dir.path().join("FORMAT")).expect("removed");
    fs::remove_file(dir.path().join("witness")).expect("removed");
    let (log, report) = opened(dir.path());
    assert_eq!(report.head.position, GlobalPosition::FIRST);
    fill(&log, 3);
}

#[test]
fn another_master_key_is_refused() {
    let dir = closed_log(3);
    let mut options = options(dir.path());
    options.master_key = MasterKey::from_bytes([8; 32]);
    let error = SledLog::open(&options).map(drop).expect_err("it must be refused");
    assert!(matches!(error, OpenError::Keys(KeyRingError::WrongMasterKey { .. })), "{error:?}");
}

#[test]
fn a_key_ring_that_is_older_than_the_log_is_refused() {
    let dir = closed_log(10);
    let ring = dir.path().join("keys/ring");
    let old = fs::read(&ring).expect("reads");
    fill(&open(dir.path()), 10);
    fs::write(&ring, old).expect("written");
    let error = refused(dir.path());
    assert!(matches!(error, OpenError::KeysMissing { .. }), "{error:?}");
}

#[test]
fn a_log_that_lost_its_end_is_refused() {
    let dir = closed_log(50);
    let early = tempfile::tempdir().expect("a directory");
    copy_dir(dir.path(), early.path());
    fill(&open(dir.path()), 50);
    fs::remove_dir_all(dir.path().join("log")).expect("removed");
    copy_dir(&early.path().join("log"), &dir.path().join("log"));
    let error = refused(dir.path());
    match error {
        OpenError::Tail(TailError::ShorterThanWitness { found, durable }) => {
            assert_eq!((found.get(), durable.get()), (51, 101));
        }
        other => panic!("it must name the lost end: {other:?}"),
    }
    let scratch = tempfile::tempdir().expect("a directory");
    let verified = verify_directory(dir.path(), scratch.path(), &mut |_| {});
    assert!(matches!(verified, Err(VerifyError::Witness { .. })), "{verified:?}");
}

#[test]
fn a_log_with_other_events_than_were_durable_is_refused() {
    let (dir, other) = (closed_log(20), closed_log(30));
    fs::remove_dir_all(dir.path().join("log")).expect("removed");
    copy_dir(&other.path().join("log"), &dir.path().join("log"));
    let error = refused(dir.path());
    assert!(matches!(error, OpenError::Tail(TailError::ChainDiffers { .. })), "{error:?}");
}

#[test]
fn a_lost_witness_is_refused_unless_it_is_to_be_replaced() {
    let dir = closed_log(20);
    for damage in [false, true] {
        let path = dir.path().join("witness");
        if damage {
            fs::write(&path, [0; 9_000]).expect("written");
        } else {
            fs::remove_file(&path).expect("removed");
        }
        let error = refused(dir.path());
        assert!(
            matches!(error, OpenError::WitnessMissing { .. } | OpenError::Witness(_)),
            "{error:?}"
        );
        let mut options = options(dir.path());
        options.lost_witness = LostWitness::Replace;
        let (_, report) = SledLog::open(&options).expect("opens");
        assert!(report.witness_replaced);
        assert_eq!(report.verified_events, 21);
        opened(dir.path());
    }
}

#[test]
fn a_tail_that_was_never_acknowledged_is_cut_off_and_said() {
    let dir = closed_log(20);
    let later = tempfile::tempdir().expect("a directory");
    copy_dir(dir.path(), later.path());
    // A frame that stands alone behind a gap: the one before it never reached the disk.
    let stray = {
        let log = open(later.path());
        fill(&log, 10);
        log.head().position.get()
    };
    let value = {
        let db = sled_at(later.path());
        let (key, value) = db.last().expect("reads").expect("is there");
        let key = u64::from_be_bytes(key.as_ref().try_into().expect("is a position"));
        assert!(key <= stray);
        value
    };
    {
        let db = sled_at(dir.path());
        db.insert(30_u64.to_be_bytes(), value).expect("inserted");
        db.flush().expect("flushed");
    }
    let (log, report) = opened(dir.path());
    let cut = report.cut.expect("it says what it cut off");
    assert_eq!((cut.from.get(), cut.frames), (22, 1));
    assert_eq!(fs::read_dir(&cut.set_aside).expect("is there").count(), 1);
    assert_eq!(log.head().position.get(), 21);
    fill(&log, 5);
    drop(log);
    let (log, report) = opened(dir.path());
    assert_eq!(report.cut, None);
    assert_eq!(verify(&log, &mut |_| {}).expect("is whole").events, 26);
}

#[test]
fn a_commit_that_did_not_arrive_is_said() {
    let dir = closed_log(20);
    let before = tempfile::tempdir().expect("a directory");
    copy_dir(dir.path(), before.path());
    let sync = support::GatedSync::new();
    let mut held = options(dir.path());
    held.sync = sync.clone();
    let (log, _) = SledLog::open(&held).expect("opens");
    sync.fail();
    let wanted = append(&log, "on its way", START, &[(ticket(500), 0)]);
    let pending = log.submit(wanted).expect("taken");
    assert_eq!(pending.wait(), Err(eventlog::AppendError::OutcomeUnknown));
    drop(log);
    // Keys and attempt were noted, and of the commit itself nothing reached the disk.
    for file in ["witness", "keys/ring"] {
        fs::copy(dir.path().join(file), before.path().join(file)).expect("copied");
    }
    let (_, report) = opened(before.path());
    assert_eq!(report.head.position.get(), 21);
    let lost = GlobalPosition::new(22);
    assert_eq!(report.never_acknowledged, Some((lost, lost)));
}

fn sled_at(dir: &Path) -> sled::Db {
    sled::Config::new()
        .path(dir.join("log"))
        .segment_size(8 * 1024 * 1024)
        .flush_every_ms(None)
        .open()
        .expect("opens")
}

#[test]
fn a_frame_that_is_missing_from_the_middle_is_named() {
    let dir = closed_log(0);
    {
        let log = open(dir.path());
        for _ in 0..10 {
            fill(&log, 1);
        }
    }
    {
        let db = sled_at(dir.path());
        db.remove(5_u64.to_be_bytes()).expect("removed").expect("was there");
        db.flush().expect("flushed");
    }
    fs::remove_dir_all(dir.path().join("index")).expect("removed");
    match refused(dir.path()) {
        OpenError::Read(ReadError::Damaged { position, .. }) => assert_eq!(position.get(), 5),
        other => panic!("it must name the gap: {other:?}"),
    }
    let scratch = tempfile::tempdir().expect("a directory");
    match verify_directory(dir.path(), scratch.path(), &mut |_| {}) {
        Err(VerifyError::Log(ReadError::Damaged { position, .. })) => {
            assert_eq!(position.get(), 5);
        }
        other => panic!("it must name the gap: {other:?}"),
    }
    assert_eq!(fs::read_dir(scratch.path()).expect("is there").count(), 0, "the copy is removed");
}

/// The last file of an index.
fn run(index: &Path) -> PathBuf {
    let files = fs::read_dir(index).expect("is there").map(|entry| entry.expect("an entry").path());
    files.max().expect("has a run")
}

#[test]
fn a_rebuilt_index_answers_as_the_old_one_did() {
    let dir = closed_log(300);
    let answers = |log: &SledLog| {
        let streams: Vec<_> = (0..100)
            .map(|number| {
                let events = log.read_stream(ticket(number), StreamVersion::ZERO, 100);
                events.expect("reads").iter().map(|event| event.position).collect::<Vec<_>>()
            })
            .collect();
        let commands: Vec<_> = read_all(log)
            .iter()
            .map(|event| {
                let known = log.find_command(&event.header.command).expect("reads");
                let known = known.expect("is known");
                (known.fingerprint, known.append.place().clone())
            })
            .collect();
        (streams, commands)
    };
    let before = answers(&opened(dir.path()).0);
    let index = dir.path().join("index");
    let other = closed_log(10);
    let damages: [(&str, &dyn Fn()); 4] = [
        ("missing", &|| fs::remove_dir_all(&index).expect("removed")),
        ("no index at all", &|| fs::write(run(&index), [0x5a; 20_000]).expect("written")),
        ("cut short", &|| {
            let bytes = fs::read(run(&index)).expect("reads");
            fs::write(run(&index), &bytes[..bytes.len() / 3]).expect("written");
        }),
        ("of another log", &|| {
            fs::remove_dir_all(&index).expect("removed");
            copy_dir(&other.path().join("index"), &index);
        }),
    ];
    for (what, damage) in damages {
        damage();
        let (log, report) = opened(dir.path());
        assert!(
            matches!(report.index, IndexState::Rebuilt { events: 301, .. }),
            "{what}: {:?}",
            report.index
        );
        assert_eq!(answers(&log), before, "{what}");
        verify(&log, &mut |_| {}).expect("agrees with the log");
    }
}

#[test]
fn an_index_that_is_behind_catches_up() {
    let dir = closed_log(20);
    let index = dir.path().join("index");
    let old = tempfile::tempdir().expect("a directory");
    copy_dir(&index, old.path());
    fill(&open(dir.path()), 30);
    fs::remove_dir_all(&index).expect("removed");
    copy_dir(old.path(), &index);
    let (log, report) = opened(dir.path());
    assert_eq!(report.index, IndexState::CaughtUp(30));
    verify(&log, &mut |_| {}).expect("agrees with the log");
}

#[test]
fn a_raised_epoch_is_an_event_and_stays() {
    let dir = closed_log(5);
    let (log, before) = opened(dir.path());
    drop(log);
    let mut options = options(dir.path());
    options.raise_epoch = true;
    let (log, raised) = SledLog::open(&options).expect("opens");
    assert_eq!(raised.identity.log_id, before.identity.log_id);
    assert_eq!(raised.identity.epoch, before.identity.epoch.next());
    assert_eq!(log.head().position.get(), 7);
    drop(log);
    let (log, after) = opened(dir.path());
    assert_eq!(after.identity, raised.identity);
    let own = log.read_stream(StreamId::LOG, StreamVersion::ZERO, 10).expect("reads");
    assert_eq!(own.len(), 2);
}

#[test]
fn destroyed_keys_stay_destroyed_after_reopening() {
    let dir = closed_log(5);
    let ring = dir.path().join("keys/ring");
    let subject = ticket(1);
    {
        let log = open(dir.path());
        let before = fs::read(&ring).expect("reads");
        assert_eq!(log.destroy_keys(subject).expect("destroyed"), 1);
        let after = fs::read(&ring).expect("reads");
        assert_eq!(before.len(), after.len());
        // Where it stood; elsewhere a byte before a slot of zeros looks like this small number.
        let id = subject.id().to_le_bytes();
        let place = before.windows(16).position(|window| window == id).expect("it has a key");
        assert_ne!(after[place..place + 16], id, "it is left");
    }
    let (log, _) = opened(dir.path());
    let erased = read_all(&log)
        .iter()
        .filter(|event| match &event.event {
            Event::Ticket(TicketEvent::Noted(noted)) => noted.words.known().is_none(),
            _ => false,
        })
        .map(|event| event.stream)
        .collect::<Vec<_>>();
    assert_eq!(erased, [subject]);
    verify(&log, &mut |_| {}).expect("the chain still verifies");
}

#[test]
fn a_closed_log_refuses_appends_and_still_reads() {
    let dir = closed_log(5);
    let log = open(dir.path());
    log.close();
    let refused = log.submit(append(&log, "late", START, &[(ticket(1), 1)]));
    assert!(matches!(refused, Err(eventlog::SubmitError::Closed)), "{refused:?}");
    assert_eq!(read_all(&log).len(), 6);
}

#[test]
fn a_directory_at_rest_verifies_and_is_left_as_it_was() {
    let dir = closed_log(200);
    let read = |dir: &Path| {
        support::files(dir)
            .into_iter()
            .map(|path| (path.clone(), fs::read(path).expect("reads")))
            .collect::<Vec<_>>()
    };
    let before = read(dir.path());
    let scratch = tempfile::tempdir().expect("a directory");
    let mut last = 0;
    let report = verify_directory(dir.path(), scratch.path(), &mut |progress| {
        last = progress.position.get();
    })
    .expect("is whole");
    assert_eq!((report.events, last), (201, 201));
    assert_eq!(report.kinds.iter().map(|kind| kind.events).sum::<u64>(), 201);
    assert!(read(dir.path()) == before, "the directory changed");
    let (log, _) = opened(dir.path());
    let again = verify(&log, &mut |_| {}).expect("is whole");
    assert_eq!(again.head, report.head);
    let stat = eventlog::stat(&log).expect("counts");
    assert_eq!((stat.head, stat.appends), (report.head, report.appends));
}
