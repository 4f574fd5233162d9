//! The models as they stood at a position equal a fold of a log that ended there.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use domain::GlobalPosition;
use domain::ticket::Create;
use eventlog::EventLog;
use projector::attachments::Attachments;
use projector::directory::Directory;
use projector::engineer_load::EngineerLoad;
use projector::lifecycle::Lifecycle;
use projector::open_tickets::{CursorError, OpenTickets, PageRequest};
use projector::satisfaction::Satisfaction;
use projector::{
    AsOfError, ModelName, Projection, Projector, ProjectorOptions, ReadModels, Recount,
    SnapshotOptions, rebuild,
};
use proptest::prelude::*;

use crate::equality::settle;
use crate::firm::{CUSTOMER, ENGINEERS, Firm, WatchedLog, moves, ticket_id};

type Dumps = Vec<Vec<u8>>;

/// All dumps of a fold from zero of this log up to a position.
fn folded(log: &dyn EventLog, until: GlobalPosition) -> Dumps {
    fn dump<P: Projection>(log: &dyn EventLog, until: GlobalPosition) -> Vec<u8> {
        let rebuilt = rebuild::<P>(log, Recount::AsRecorded, until, &mut |_| {})
            .expect("a legal history folds");
        let mut dump = Vec::new();
        rebuilt.model().dump(&mut dump).expect("memory takes all");
        dump
    }
    vec![
        dump::<OpenTickets>(log, until),
        dump::<EngineerLoad>(log, until),
        dump::<Directory>(log, until),
        dump::<Satisfaction>(log, until),
        dump::<Lifecycle>(log, until),
        dump::<Attachments>(log, until),
    ]
}

fn as_of(log: &dyn EventLog, snapshots: Option<&Path>, until: GlobalPosition) -> ReadModels {
    let go_on = &mut |_| ControlFlow::Continue(());
    ReadModels::as_of(log, snapshots, until, go_on).expect("a legal history folds")
}

fn dumps(models: &ReadModels, at: GlobalPosition) -> Dumps {
    let dump = |name: ModelName| {
        let mut dump = Vec::new();
        let position = models.dump(name, &mut dump).expect("memory takes all");
        assert_eq!(position, at, "{name}");
        dump
    };
    ModelName::ALL.map(dump).into()
}

/// Lets a projector leave snapshots of where the log ends now.
fn leave_snapshots(firm: &Firm, directory: &Path) {
    let snapshots = Some(SnapshotOptions::new(directory));
    let options = ProjectorOptions { snapshots, ..ProjectorOptions::default() };
    let projector = Projector::start(firm.shared(), options).expect("it starts");
    settle(&projector, firm.head());
    projector.stop().expect("a clean end");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn as_of_equals_a_fold_of_a_log_that_ended_there_from_zero_and_from_a_snapshot(
        script in moves(10..100),
        cuts in prop::collection::btree_set(0_usize..100, 1..5),
        snapshot_at in 0_usize..100,
        within in any::<prop::sample::Index>(),
    ) {
        let directory = tempfile::tempdir().expect("a directory");
        let mut firm = Firm::new();
        let mut known = Vec::new();
        for (step, choice) in script.into_iter().enumerate() {
            if cuts.contains(&step) {
                // The log itself ends here now.
                known.push((firm.head(), folded(firm.log.as_ref(), firm.head())));
            }
            if step == snapshot_at {
                leave_snapshots(&firm, directory.path());
            }
            firm.play(choice);
        }
        let (log, head) = (firm.log.as_ref(), firm.head());
        // Between two events of one command too, where no log of this history ever ended.
        let within = GlobalPosition::new(within.index(head.get() as usize) as u64);
        known.push((within, folded(log, within)));
        known.push((head, folded(log, head)));
        for (position, expected) in known {
            let from_zero = as_of(log, None, position);
            prop_assert!(dumps(&from_zero, position) == expected, "from zero, at {}", position);
            let sooner = as_of(log, Some(directory.path()), position);
            prop_assert!(dumps(&sooner, position) == expected, "from a snapshot, at {}", position);
        }
    }
}

#[test]
fn a_snapshot_up_to_the_position_shortens_the_fold_and_a_later_one_is_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut firm = Firm::new();
    firm.step(ticket_id(0), Create::default());
    let before = firm.head();
    firm.step(ticket_id(1), Create::default());
    leave_snapshots(&firm, directory.path());
    let snapshot = firm.head();
    firm.step(ticket_id(2), Create::default());
    let earliest = |until| {
        let log = WatchedLog::new(&firm.log);
        as_of(log.as_ref(), Some(directory.path()), until);
        log.earliest()
    };
    assert_eq!(earliest(firm.head()), Some(snapshot));
    assert_eq!(earliest(snapshot), None);
    assert_eq!(earliest(before), Some(GlobalPosition::ZERO));
    let files = std::fs::read_dir(directory.path()).expect("it is there");
    assert_eq!(files.count(), ModelName::ALL.len(), "nothing was set aside");
}

#[test]
fn pages_of_one_position_do_not_go_on_at_another() {
    let mut firm = Firm::new();
    for ticket in 0..3 {
        firm.step(ticket_id(ticket), Create::default());
    }
    let head = firm.head();
    firm.step(ticket_id(3), Create::default());
    let page = |models: &ReadModels, after| {
        let request = PageRequest { after, limit: 2, now: firm.now(), ..PageRequest::default() };
        models.tickets(&request).map(|page| page.value)
    };
    let then = as_of(firm.log.as_ref(), None, head);
    let first = page(&then, None).expect("a first page");
    let again = as_of(firm.log.as_ref(), None, head);
    let rest = page(&again, first.next.clone()).expect("the position is the same");
    assert_eq!((first.tickets.len(), rest.tickets.len(), rest.next), (2, 1, None));
    let later = as_of(firm.log.as_ref(), None, firm.head());
    assert_eq!(page(&later, first.next.clone()), Err(CursorError::OtherQuestion));
    let projector =
        Projector::start(firm.shared(), ProjectorOptions::default()).expect("it starts");
    settle(&projector, firm.head());
    assert_eq!(page(projector.models(), first.next), Err(CursorError::OtherQuestion));
    let live = page(projector.models(), None).expect("a first page");
    assert_eq!(page(&later, live.next), Err(CursorError::OtherQuestion));
    projector.stop().expect("a clean end");
}

#[test]
fn an_instance_of_the_past_knows_no_person() {
    let firm = Firm::new();
    let then = as_of(firm.log.as_ref(), None, firm.head());
    assert!(then.customer(CUSTOMER).value.expect("entered").entry.entry.card.known().is_none());
    assert!(then.engineer(ENGINEERS[0]).value.expect("entered").profile.card.known().is_none());
}

#[test]
fn a_fold_that_is_broken_off_says_where_it_was() {
    let firm = Firm::new();
    let log: Arc<dyn EventLog> = firm.shared();
    let head = firm.head();
    // More than a batch is wanted, so that there is something left to break off.
    let beyond = GlobalPosition::new(head.get() + 1);
    let broken = ReadModels::as_of(log.as_ref(), None, beyond, &mut |_| ControlFlow::Break(()));
    let Err(AsOfError::BrokenOff { position, until }) = broken else { panic!("{broken:?}") };
    assert_eq!((position, until), (head, beyond));
    // Whoever breaks off at the end has everything.
    let whole = ReadModels::as_of(log.as_ref(), None, head, &mut |_| ControlFlow::Break(()));
    assert!(whole.is_ok());
}

#[test]
fn a_fold_up_to_a_position_begins_at_the_nearest_snapshot_before_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut firm = Firm::new();
    let options = || ProjectorOptions {
        snapshots: Some(SnapshotOptions {
            every_events: 1,
            earlier_every_events: 10,
            ..SnapshotOptions::new(directory.path())
        }),
        ..ProjectorOptions::default()
    };
    for round in 0..6 {
        let projector = Projector::start(firm.shared(), options()).expect("it starts");
        for ticket in 0..20 {
            firm.step(ticket_id(round * 20 + ticket), Create::default());
        }
        settle(&projector, firm.head());
        projector.stop().expect("a clean end");
    }
    let middle = GlobalPosition::new(firm.head().get() / 2);
    let log = WatchedLog::new(&firm.log);
    let models = as_of(log.as_ref(), Some(directory.path()), middle);
    assert_eq!(dumps(&models, middle), folded(firm.log.as_ref(), middle));
    // Nothing is folded where a snapshot is of just this position.
    let begun = log.earliest().unwrap_or(middle);
    assert!(begun.get() > 10 && begun <= middle, "{begun} of {middle}");
}
