//! Nothing that happens to tickets, or to their log, separates them from their attachments.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use audit::{Class, Options, Sources, Stray, audit, carry};
use domain::{ContentHash, Timestamp};
use eventlog::keys::MasterKey;
use eventlog::{
    BackupOptions, EventLog, ExportOptions, ManualClock, OpenOptions, RebuildOptions, SledLog,
    backup, export, import, restore,
};

use crate::firm::{ANNE, BO, CHEN, Firm, Told, file_of, hash_of, ticket};

const TICKETS: u32 = 1_000;

fn key() -> MasterKey {
    MasterKey::from_bytes([7; 32])
}

fn open(dir: &Path, clock: &ManualClock) -> Arc<SledLog> {
    let options = OpenOptions::new(dir, key(), Arc::new(clock.clone()));
    Arc::new(SledLog::open(&options).expect("opens").0)
}

/// From hand to hand, and on the way up; every fifth is merged into the one before.
fn live(firm: &mut Firm, number: u32) {
    let id = ticket(u128::from(number) + 1);
    firm.report(id, &[3 * number, 3 * number + 1]);
    firm.assign(id, ANNE);
    firm.note(id, 3 * number + 2);
    firm.withdraw(id);
    if number % 5 == 4 {
        return firm.merge(id, ticket(u128::from(number)));
    }
    firm.assign(id, BO);
    firm.accept(id, BO);
    if number % 5 == 3 {
        // It stays open for the one that comes next.
        return;
    }
    if number.is_multiple_of(2) {
        firm.transfer(id, BO, CHEN);
        firm.resolve(id, CHEN);
    } else {
        firm.resolve(id, BO);
    }
    firm.reject(id);
    firm.assign(id, ANNE);
    firm.accept(id, ANNE);
    firm.resolve(id, ANNE);
    firm.confirm(id);
    if number.is_multiple_of(3) {
        firm.reopen(id);
        // Whoever did not solve it is left out.
        firm.assign(id, if number.is_multiple_of(2) { BO } else { CHEN });
    }
}

fn deep() -> Options {
    Options { deep: true, handovers: true, ..Options::default() }
}

#[test]
fn three_thousand_of_three_thousand_stay_intact_and_twelve_losses_are_named_exactly() {
    let clock = ManualClock::new(Timestamp::from_seconds(1_772_413_200));
    let place = tempfile::tempdir().expect("a directory");
    let log = open(&place.path().join("data"), &clock);
    let mut firm = Firm::on(log.clone(), clock.clone());
    for number in 0..TICKETS {
        live(&mut firm, number);
    }
    let (report, told) = firm.audit(&deep());
    assert_eq!((report.totals.named, report.totals.intact), (3_000, 3_000));
    assert!(report.is_whole() && report.findings.is_empty() && told.strays.is_empty());
    let handovers = report.handovers.expect("asked for");
    assert_eq!((handovers.handovers, handovers.complete), (1_900, 1_900));

    let through_export = exported_and_imported(&log, place.path(), &clock);
    let sources = |log| Sources {
        log,
        store: &firm.store,
        runtime: firm.runtime.handle(),
        clock: &firm.clock,
    };
    let again = audit(sources(&*through_export), &deep(), &mut ()).expect("an audit");
    assert_eq!(again.totals, report.totals);
    let (restored, store) = backed_up_and_restored(&firm, &log, place.path(), &clock);
    let there = Sources { store: &store, ..sources(&*restored) };
    let again = audit(there, &deep(), &mut ()).expect("an audit");
    assert_eq!(again.totals, report.totals);

    losses_are_named_exactly(&mut firm);
}

fn exported_and_imported(log: &SledLog, place: &Path, clock: &ManualClock) -> Arc<SledLog> {
    let (file, to) = (place.join("log.part"), place.join("imported"));
    let options = ExportOptions { from: None, with_keys: true };
    let go_on = &mut |_| std::ops::ControlFlow::Continue(());
    export(log, &file, options, go_on).expect("exported");
    let options = RebuildOptions { clock: Arc::new(clock.clone()), epoch: None };
    import(&[file], &to, &key(), &options, &mut |_| {}).expect("imported");
    open(&to, clock)
}

fn backed_up_and_restored(
    firm: &Firm,
    log: &SledLog,
    place: &Path,
    clock: &ManualClock,
) -> (Arc<SledLog>, attachments::Store) {
    use attachments::Store;
    use std::ops::ControlFlow::Continue;
    let (kept, to) = (place.join("backup"), place.join("restored"));
    let now = Timestamp::from_seconds(1_772_500_000);
    let done =
        backup(log, &kept, BackupOptions::new(now), &mut |_| Continue(())).expect("a backup");
    let runtime = firm.runtime.handle();
    let of_backup = runtime.block_on(Store::local(kept.join("attachments"))).expect("opens");
    let head = done.head.position;
    let carried =
        carry(log, head, &firm.store, &of_backup, &kept, runtime, &mut |_, _| Continue(()));
    let carried = carried.expect("carried");
    assert_eq!((carried.named, carried.copied, carried.lost), (3_000, 3_000, 0));
    let again = carry(log, head, &firm.store, &of_backup, &kept, runtime, &mut |_, _| Continue(()));
    assert_eq!(again.expect("carried").copied, 0, "the same bytes are copied once");

    let options = RebuildOptions { clock: Arc::new(clock.clone()), epoch: None };
    restore(&kept, &to, &key(), None, &options, &mut |_| {}).expect("restored");
    let restored = open(&to, clock);
    let store = runtime.block_on(Store::local(to.join("attachments"))).expect("opens");
    let head = restored.head().position;
    let carried =
        carry(&*restored, head, &of_backup, &store, &to, runtime, &mut |_, _| Continue(()));
    assert_eq!(carried.expect("carried").copied, 3_000);
    (restored, store)
}

/// Damages 5 files, deletes 7, adds 4 strangers.
fn losses_are_named_exactly(firm: &mut Firm) {
    let place = |number| file_of(&firm.store_dir(), hash_of(number));
    let (damaged, deleted) = ([10, 500, 999, 1_500, 2_998], [1, 7, 8, 1_234, 2_000, 2_500, 2_999]);
    for number in damaged {
        let mut bytes = fs::read(place(number)).expect("reads");
        bytes[3] ^= 1;
        fs::write(place(number), bytes).expect("written");
    }
    deleted.iter().for_each(|number| fs::remove_file(place(*number)).expect("removed"));
    let strangers = ["a/photo.jpg", "lost+found.txt", "ab/cd/0000", "notes/.DS_Store"];
    for path in strangers {
        let path = firm.store_dir().join(path);
        fs::create_dir_all(path.parent().expect("in the store")).expect("made");
        fs::write(path, "x").expect("written");
    }
    let (report, told) = firm.audit(&deep());
    let set = |hashes: Vec<ContentHash>| hashes.into_iter().collect::<BTreeSet<_>>();
    let expected = |numbers: &[u32]| numbers.iter().map(|number| hash_of(*number)).collect();
    assert_eq!(set(told.of(Class::Damaged)), expected(&damaged));
    assert_eq!(set(told.of(Class::Missing)), expected(&deleted));
    let found: BTreeSet<_> = told.strays.iter().map(path_of).collect();
    assert_eq!(found, strangers.into_iter().map(str::to_owned).collect());
    let totals = report.totals;
    assert_eq!((totals.named, totals.intact, totals.damaged, totals.missing), (3_000, 2_988, 5, 7));
    assert_eq!((totals.orphans, totals.strangers, report.findings.len()), (0, 4, 12));
    assert!(told.findings.iter().all(|finding| finding.named.links.len() == 1));
    shallow_sees_sizes_only(firm);
}

fn path_of(stray: &Stray) -> String {
    match stray {
        Stray::Stranger { path, .. } => path.clone(),
        Stray::Orphan { hash, .. } => panic!("{hash} is named by an event"),
    }
}

fn shallow_sees_sizes_only(firm: &mut Firm) {
    let (report, _): (_, Told) = firm.audit(&Options::default());
    assert_eq!((report.totals.damaged, report.totals.missing), (0, 7));
}
