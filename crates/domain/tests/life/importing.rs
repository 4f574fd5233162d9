//! Cases of another system: their history moves states, and nothing else.

use domain::ticket::{
    HoldReason, Import, ImportedStage, ImportedStep, Outcome, Phase, PhaseName, Verb,
};
use domain::{EngineerId, OutletId, Party, Rejection};

use crate::world::*;

fn stage(world: &World) -> (ImportedStage, Option<EngineerId>) {
    match world.ticket_now(T1).phase {
        Phase::Imported { stage, engineer, .. } => (stage, engineer),
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn an_imported_history_moves_through_its_stages() {
    let group = OutletId::from_code("group 9");
    let who = EngineerId::from_code("resolver 4");
    let world = given([]).when(import(opened_elsewhere())).then(["Imported"]);
    assert_eq!(stage(&world), (ImportedStage::Open, None));
    assert!(world.ticket_now(T1).imported);
    let to = ImportedStep::Assigned { engineer: Some(who), outlet: Some(group) };
    let world = world.when(import(to)).then(["Imported"]);
    assert_eq!(stage(&world), (ImportedStage::Open, Some(who)));
    assert_eq!(world.ticket_now(T1).outlet, Some(group));
    let world = world.when(import(ImportedStep::Started)).then(["Imported"]);
    assert_eq!(stage(&world).0, ImportedStage::Active);
    let held = ImportedStep::Held(HoldReason::WaitingForCustomer);
    let world = world.when(import(held)).then(["Imported"]);
    assert_eq!(stage(&world).0, ImportedStage::Held);
    let again = ImportedStep::Reassigned { engineer: None, outlet: None };
    let world = world.when(import(again)).then(["Imported"]);
    assert_eq!(stage(&world), (ImportedStage::Held, Some(who)));
    let world = world.when(import(ImportedStep::Resolved)).then(["Imported"]);
    assert_eq!(stage(&world).0, ImportedStage::Resolved);
    assert_eq!(world.ticket_now(T1).last_resolution.and_then(|done| done.engineer), Some(who));
    let world = world.when(import(ImportedStep::Closed)).then(["Imported"]);
    assert!(matches!(world.ticket_now(T1).phase, Phase::Closed { outcome: Outcome::Imported, .. }));
    let late = import(ImportedStep::Reassigned { engineer: None, outlet: None });
    let world = world.when(late).then(["Imported"]);
    assert_eq!(world.phase(T1), PhaseName::Closed);
    let world = world.when(import(ImportedStep::Reopened)).then(["Imported"]);
    assert_eq!((stage(&world).0, world.ticket_now(T1).reopened), (ImportedStage::Active, 1));
}

#[test]
fn an_imported_case_takes_nobodys_place() {
    let to = ImportedStep::Assigned { engineer: Some(ANNA), outlet: None };
    let world = given([import(opened_elsewhere())]).when(import(to)).then(["Imported"]);
    assert_eq!(world.engineer_now(ANNA).places, []);
    assert_eq!(world.owner(T1), None);
    assert!(!world.ticket_now(T1).awaits_dispatch());
}

#[test]
fn a_case_begins_by_being_opened_once() {
    given([]).when(import(ImportedStep::Started)).invalid("step");
    given([]).when(step(Party::Import, Import::default())).invalid("step");
    given([import(opened_elsewhere())])
        .when(import(opened_elsewhere()))
        .refused(&Rejection::AlreadyExists { stream: T1.into() });
}

#[test]
fn live_tickets_are_not_overwritten_by_an_import() {
    let not_allowed = |phase| Rejection::NotAllowed { verb: Verb::Import, phase };
    given([create()])
        .when(import(ImportedStep::Resolved))
        .refused(&not_allowed(PhaseName::Waiting));
    let closed = given([create(), resolve(BY_AGENT), confirm()]);
    closed
        .when(import(ImportedStep::Reopened))
        .refused(&Rejection::AlreadyExists { stream: T1.into() });
    let taken_over = given([import(opened_elsewhere()), assign(ANNA)]);
    taken_over.when(import(ImportedStep::Closed)).refused(&not_allowed(PhaseName::Assigned));
}

#[test]
fn an_open_case_is_looked_at_a_day_after_the_import_and_can_be_carried_on() {
    let world = given([import(opened_elsewhere())]);
    assert_eq!(world.ticket_now(T1).due(), Some(START.plus(hours(24))));
    // Nobody has entered its customer or its group into the directory, and need not.
    world.clone().when(details("还在响")).then(["DetailsAdded"]);
    world.clone().when(to_supervisor(None)).then(["Queued", "Told"]);
    world.clone().when(close()).then(["Closed"]);
    world.when(assign(ANNA)).then(["Assigned", "PlaceTaken"]);
}

#[test]
fn names_of_files_move_no_state_and_are_counted_as_they_are_written() {
    let named = |count, words: &str| {
        let taken = Some(ImportedStep::AttachmentsNamed { count });
        step(Party::Import, Import { step: taken, words: words.into() })
    };
    let world = given([import(opened_elsewhere()), import(ImportedStep::Closed)]);
    let after = world.clone().when(named(2, "铭牌.jpg\n照片/异响.mp4")).then(["Imported"]);
    assert_eq!(after.phase(T1), PhaseName::Closed);
    world.clone().when(named(2, "a.jpg")).invalid("step.count");
    world.clone().when(named(0, "")).invalid("step.count");
    world.clone().when(named(2, "a.jpg\n ")).invalid("words");
    world.when(named(51, &["a.jpg"; 51].join("\n"))).invalid("words");
}
