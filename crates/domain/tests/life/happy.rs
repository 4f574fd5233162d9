//! From the report to the customer's answer without a hitch.

use domain::Party;
use domain::ticket::{Outcome, Phase, PhaseName, Stage};

use crate::world::*;

#[test]
fn a_ticket_goes_from_report_to_a_satisfied_answer() {
    let world = given([]).when(create()).then(["Created"]);
    let world = world.when(claim()).then(["Claimed"]);
    let world = world.when(details("一楼冲床")).then(["DetailsAdded"]);
    let world = world.when(end_claim().by(BY_AGENT)).then(["ClaimEnded"]);
    let world = world.when(dispatch(ANNA, 0)).then(["Assigned", "PlaceTaken"]);
    let world = world.when(accept(ANNA).after(minutes(4))).then(["Accepted"]);
    let world = world.when(appoint(hours(2))).then(["Appointed"]);
    let world = world.when(depart(ANNA).after(hours(1))).then(["Departed"]);
    let world = world.when(arrive(ANNA).after(hours(1))).then(["Arrived"]);
    let world = world.when(resolve(Party::Engineer(ANNA))).then(["Resolved", "PlaceFreed"]);
    let world = world.when(confirm().after(minutes(20))).then(["Confirmed"]);

    let ticket = world.ticket_now(T1);
    assert!(
        matches!(ticket.phase, Phase::Closed { outcome: Outcome::Satisfied, at } if at == world.now)
    );
    assert!(!ticket.is_open());
    assert_eq!(ticket.last_resolution.and_then(|done| done.engineer), Some(ANNA));
    assert_eq!(world.engineer_now(ANNA).free_places(), 2);
}

#[test]
fn departing_and_arriving_may_be_skipped() {
    let world = given([create(), assign(ANNA), accept(ANNA)]);
    let arrived = world.clone().when(arrive(ANNA)).then(["Arrived"]);
    assert!(
        matches!(arrived.ticket_now(T1).phase, Phase::Working(work) if work.stage == Stage::Arrived)
    );
    let done = world.when(resolve(Party::Engineer(ANNA))).then(["Resolved", "PlaceFreed"]);
    assert_eq!(done.phase(T1), PhaseName::Resolved);
}

#[test]
fn departing_after_arriving_changes_nothing() {
    let there = given([create(), assign(ANNA), accept(ANNA), arrive(ANNA)]);
    there.when(depart(ANNA)).then([]);
}
