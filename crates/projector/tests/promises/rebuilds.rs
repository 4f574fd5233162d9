//! Rebuilds beside the live models: told, paused, taken up again after a restart, swapped in and
//! back in one step.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use domain::rules::Rules;
use domain::ticket::event::Departed;
use domain::ticket::{Accept, Assign, Confirm, Create, Resolve, TicketEvent, Verdict};
use domain::{GlobalPosition, Party, RuleSetVersion};
use eventlog::EventLog;
use projector::satisfaction::SatisfactionQuery;
use projector::{
    ModelName, Projector, ProjectorOptions, ReadModels, RebuildPhase, RebuildPlan, RebuildRules,
    RebuildView, SnapshotOptions, Workbench, WorkbenchError,
};

use crate::equality::{PATIENCE, settle};
use crate::firm::{CUSTOMER, ENGINEERS, Firm, OUTLETS, WatchedLog, minutes, ticket_id};

/// Waits for what another thread does; a test that waits in vain has failed.
fn wait(mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "it never came");
        std::thread::yield_now();
    }
}

fn start(log: Arc<dyn EventLog>, snapshots: Option<&Path>) -> Projector {
    let snapshots = snapshots.map(SnapshotOptions::new);
    let options = ProjectorOptions { snapshots, ..ProjectorOptions::default() };
    Projector::start(log, options).expect("it starts")
}

fn plan(models: &[&str], rules: RebuildRules) -> RebuildPlan {
    RebuildPlan { models: models.iter().map(ToString::to_string).collect(), rules, share: 100 }
}

fn view(bench: &Workbench) -> RebuildView {
    bench.view().expect("a rebuild")
}

fn until(bench: &Workbench, phase: RebuildPhase) {
    wait(|| view(bench).phase == phase);
}

/// A ticket that is done and gets three stars.
fn rated(firm: &mut Firm, number: u8) {
    let (ticket, engineer) = (ticket_id(number), Some(ENGINEERS[0]));
    firm.step(ticket, Create { outlet: Some(OUTLETS[0]), ..Create::default() });
    firm.step(ticket, Assign { engineer, ..Assign::default() });
    firm.step(ticket, Accept { engineer });
    firm.clock.advance(minutes(30));
    firm.step(ticket, Resolve::default());
    let answer =
        Confirm { verdict: Some(Verdict::Satisfied), stars: Some(3), ..Confirm::default() };
    firm.step_by(Party::Customer(CUSTOMER), ticket, answer);
}

/// Three tickets with three stars, and then rules by which that is few. The version of those.
fn stricter(firm: &mut Firm) -> RuleSetVersion {
    for number in 0..3 {
        rated(firm, number);
    }
    firm.publish(|rules| rules.board.low_stars = 4);
    firm.state.rules.version
}

fn low(models: &ReadModels) -> u64 {
    let rows = models.satisfaction_by(&SatisfactionQuery::default()).value;
    rows.iter().map(|row| row.low).sum()
}

fn dumps(models: &ReadModels) -> Vec<Vec<u8>> {
    let dump = |name| {
        let mut dump = Vec::new();
        models.dump(name, &mut dump).expect("memory takes all");
        dump
    };
    ModelName::ALL.map(dump).into()
}

const COUNTING: [&str; 2] = ["satisfaction", "lifecycle"];

#[test]
fn a_rebuild_by_published_rules_is_compared_swapped_in_and_back() {
    let mut firm = Firm::new();
    let version = stricter(&mut firm);
    let projector = start(firm.shared(), None);
    settle(&projector, firm.head());
    let (models, bench) = (projector.models(), projector.workbench());
    let before = dumps(models);
    assert_eq!(low(models), 0);
    bench.begin(plan(&COUNTING, RebuildRules::Published(version))).expect("nothing is there");
    until(bench, RebuildPhase::Ready);
    let told = view(bench);
    assert_eq!((told.position, told.head), (firm.head(), firm.head()));
    assert!(told.rows_changed.is_some_and(|rows| rows > 0));
    assert_eq!(low(models), 0, "nothing is live yet");
    let compared = bench.comparison().expect("it is ready");
    assert_eq!(compared.len(), 2);
    assert!(compared.iter().all(|found| !found.equal));

    let refused = bench.swap(Some(0)).expect_err("more rows differ than are allowed");
    assert!(matches!(refused, WorkbenchError::TooManyRows { allowed: 0, .. }), "{refused}");
    assert_eq!(low(models), 0);

    // Events go on coming between comparison and swap.
    rated(&mut firm, 7);
    settle(&projector, firm.head());
    assert_eq!(low(models), 1, "the new one is answered under the new rules");
    let swap = bench.swap(None).expect("it is ready");
    assert_eq!((swap.position, low(models)), (firm.head(), 4));
    assert_eq!(models.satisfaction().progress().position, firm.head());
    assert_eq!(view(bench).phase, RebuildPhase::Swapped);

    rated(&mut firm, 8);
    settle(&projector, firm.head());
    assert_eq!(low(models), 5, "it goes on from there");
    bench.swap_back().expect("the one before is there");
    assert_eq!(low(models), 2);
    assert_eq!(view(bench).phase, RebuildPhase::Ready);
    assert!(matches!(bench.swap_back(), Err(WorkbenchError::NotNow { .. })));
    assert_ne!(dumps(models), before, "two tickets more");
    projector.stop().expect("a clean end");
}

#[test]
fn a_rebuild_by_the_same_rules_is_equal_byte_for_byte() {
    let mut firm = Firm::new();
    stricter(&mut firm);
    let projector = start(firm.shared(), None);
    settle(&projector, firm.head());
    let bench = projector.workbench();
    let all = ModelName::ALL.map(ModelName::as_str);
    bench.begin(plan(&all, RebuildRules::Same)).expect("nothing is there");
    until(bench, RebuildPhase::Ready);
    let compared = bench.comparison().expect("it is ready");
    assert_eq!(compared.len(), all.len());
    assert!(compared.iter().all(|found| found.equal && found.rows.is_empty()), "{compared:?}");
    let before = dumps(projector.models());
    bench.swap(Some(0)).expect("nothing differs");
    assert_eq!(dumps(projector.models()), before);
    projector.stop().expect("a clean end");
}

#[test]
fn rules_that_nobody_published_are_compared_and_never_swapped_in() {
    let mut firm = Firm::new();
    rated(&mut firm, 0);
    let projector = start(firm.shared(), None);
    settle(&projector, firm.head());
    let bench = projector.workbench();
    let mut rules = Rules::default();
    rules.board.low_stars = 5;
    let tried = RebuildRules::Tried(Box::new(rules));
    bench.begin(plan(&["satisfaction"], tried)).expect("nothing is there");
    until(bench, RebuildPhase::Ready);
    assert!(!bench.comparison().expect("it is ready")[0].equal);
    assert!(matches!(bench.swap(None), Err(WorkbenchError::NotPublished)));
    assert_eq!(low(projector.models()), 0);
    projector.stop().expect("a clean end");
}

#[test]
fn one_rebuild_at_a_time_and_a_cancelled_one_makes_room() {
    let mut firm = Firm::new();
    rated(&mut firm, 0);
    let projector = start(firm.shared(), None);
    settle(&projector, firm.head());
    let bench = projector.workbench();
    assert!(matches!(bench.cancel(), Err(WorkbenchError::None)));
    bench.begin(plan(&["lifecycle"], RebuildRules::Same)).expect("nothing is there");
    let second = bench.begin(plan(&["lifecycle"], RebuildRules::Same));
    assert!(matches!(second, Err(WorkbenchError::Taken { .. })), "{second:?}");
    bench.cancel().expect("it is there");
    assert!(bench.view().is_none());
    bench.begin(plan(&["lifecycle"], RebuildRules::Same)).expect("there is room");
    until(bench, RebuildPhase::Ready);
    for (models, share) in [(vec![], 100), (vec!["tickets"], 100), (vec!["lifecycle"], 0)] {
        bench.cancel().ok();
        let bad = RebuildPlan { share, ..plan(&models, RebuildRules::Same) };
        assert!(matches!(bench.begin(bad), Err(WorkbenchError::Plan(_))), "{models:?} {share}");
    }
    let unknown = RebuildRules::Published(RuleSetVersion::new(50));
    let unknown = bench.begin(plan(&["lifecycle"], unknown));
    assert!(matches!(unknown, Err(WorkbenchError::Rules(_))), "{unknown:?}");
    projector.stop().expect("a clean end");
}

#[test]
fn a_paused_rebuild_rests_until_it_is_resumed_also_after_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut firm = Firm::new();
    let version = stricter(&mut firm);
    for number in 10..200 {
        firm.step(ticket_id(number), Create::default());
    }
    let log = WatchedLog::new(&firm.log);
    let projector = start(Arc::clone(&log) as _, Some(directory.path()));
    settle(&projector, firm.head());
    let bench = projector.workbench();
    // So gentle that it rests a long while after its first batch.
    let gentle = RebuildPlan { share: 1, ..plan(&COUNTING, RebuildRules::Published(version)) };
    bench.begin(gentle).expect("nothing is there");
    bench.pause().expect("it is folding");
    wait(|| matches!(view(bench).phase, RebuildPhase::Paused | RebuildPhase::Ready));
    let at = view(bench);
    projector.stop().expect("a clean end");

    let projector = start(Arc::clone(&log) as _, Some(directory.path()));
    settle(&projector, firm.head());
    let bench = projector.workbench();
    if at.phase == RebuildPhase::Paused {
        assert_eq!((view(bench).phase, view(bench).position), (at.phase, at.position));
        bench.resume().expect("it is paused");
    }
    until(bench, RebuildPhase::Ready);
    bench.swap(None).expect("it is ready");
    assert_eq!(low(projector.models()), 3);
    projector.stop().expect("a clean end");
}

#[test]
fn a_swap_outlives_a_restart_and_so_does_the_way_back() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut firm = Firm::new();
    let version = stricter(&mut firm);
    let projector = start(firm.shared(), Some(directory.path()));
    settle(&projector, firm.head());
    let bench = projector.workbench();
    bench.begin(plan(&COUNTING, RebuildRules::Published(version))).expect("nothing is there");
    until(bench, RebuildPhase::Ready);
    bench.swap(None).expect("it is ready");
    projector.stop().expect("a clean end");

    let projector = start(firm.shared(), Some(directory.path()));
    settle(&projector, firm.head());
    assert_eq!(low(projector.models()), 3);
    let bench = projector.workbench();
    assert_eq!(view(bench).phase, RebuildPhase::Swapped);
    bench.swap_back().expect("what was live before is there");
    assert_eq!(low(projector.models()), 0);
    projector.stop().expect("a clean end");

    // Without its snapshots it is folded from zero, by the same rules.
    for entry in std::fs::read_dir(directory.path()).expect("it is there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "snapshot") {
            std::fs::remove_file(path).expect("it can be removed");
        }
    }
    let projector = start(firm.shared(), Some(directory.path()));
    settle(&projector, firm.head());
    assert_eq!(low(projector.models()), 0);
    projector.stop().expect("a clean end");
}

#[test]
fn readers_see_the_old_models_or_the_new_ones_and_nothing_else() {
    let mut firm = Firm::new();
    let version = stricter(&mut firm);
    let projector = start(firm.shared(), None);
    settle(&projector, firm.head());
    let bench = projector.workbench();
    bench.begin(plan(&COUNTING, RebuildRules::Published(version))).expect("nothing is there");
    until(bench, RebuildPhase::Ready);
    let head = firm.head();
    let (models, done) = (Arc::clone(projector.models()), Arc::new(AtomicBool::new(false)));
    let ended = Arc::clone(&done);
    let reader = std::thread::spawn(move || {
        let mut seen = std::collections::BTreeSet::new();
        while !ended.load(Ordering::Relaxed) {
            let answer = models.satisfaction_by(&SatisfactionQuery::default());
            assert_eq!(answer.position, head, "answers never go back");
            seen.insert(answer.value.iter().map(|row| row.low).sum::<u64>());
        }
        seen
    });
    for _ in 0..25 {
        bench.swap(None).expect("it is ready");
        std::thread::yield_now();
        bench.swap_back().expect("it was swapped");
    }
    done.store(true, Ordering::Relaxed);
    let seen = reader.join().expect("every answer was whole");
    assert!(seen.iter().all(|low| [0, 3].contains(low)), "{seen:?}");
    projector.stop().expect("a clean end");
}

#[test]
fn an_event_that_cannot_be_folded_ends_the_rebuild_and_is_named() {
    let mut firm = Firm::new();
    rated(&mut firm, 0);
    let log = WatchedLog::new(&firm.log);
    let projector = start(Arc::clone(&log) as _, None);
    settle(&projector, firm.head());
    log.damage(Some(GlobalPosition::new(4)));
    let bench = projector.workbench();
    bench.begin(plan(&["satisfaction"], RebuildRules::Same)).expect("nothing is there");
    until(bench, RebuildPhase::Failed);
    assert!(view(bench).why.is_some_and(|why| !why.is_empty()));
    log.damage(None);
    bench.begin(plan(&["satisfaction"], RebuildRules::Same)).expect("a failed one makes room");
    until(bench, RebuildPhase::Ready);
    projector.stop().expect("a clean end");
}

#[test]
fn a_rebuild_is_never_ahead_of_live_models_that_lag_or_have_stopped() {
    let mut firm = Firm::new();
    rated(&mut firm, 0);
    let good = firm.head();
    let illegal = TicketEvent::Departed(Departed { number: 9, due: firm.now() });
    // Nobody departs before the ticket is theirs: open tickets stop there.
    firm.smuggle(ticket_id(0).into(), illegal);
    let projector = start(firm.shared(), None);
    let bench = projector.workbench();
    bench.begin(plan(&["open_tickets"], RebuildRules::Same)).expect("nothing is there");
    until(bench, RebuildPhase::Ready);
    assert!(view(bench).position <= good);
    bench.swap(Some(0)).expect("both are as of before the event");
    projector.stop().expect("a clean end");
}

#[test]
fn what_a_rebuild_keeps_goes_with_it_however_much_there_is() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut firm = Firm::new();
    rated(&mut firm, 0);
    let options = ProjectorOptions {
        snapshots: Some(SnapshotOptions {
            earlier_every_events: 1,
            ..SnapshotOptions::new(directory.path())
        }),
        ..ProjectorOptions::default()
    };
    let projector = Projector::start(firm.shared(), options).expect("it starts");
    settle(&projector, firm.head());
    let bench = projector.workbench();
    let gentle = RebuildPlan { share: 1, ..plan(&COUNTING, RebuildRules::Same) };
    bench.begin(gentle).expect("nothing is there");
    bench.pause().ok();
    wait(|| matches!(view(bench).phase, RebuildPhase::Paused | RebuildPhase::Ready));
    let kept = directory.path().join("rebuild");
    assert!(kept.join("job.json").exists());
    // As an earlier release may have left it.
    std::fs::create_dir_all(kept.join("earlier")).expect("made");
    bench.cancel().expect("it is there");
    assert!(!kept.exists());
    projector.stop().expect("a clean end");
}
