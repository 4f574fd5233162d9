//! Who can be given a ticket, and how many.

use domain::engineer::{EngineerCommand, FreezeReason, OfflineReason, Profile, UnfreezeReason};
use domain::{Command, Coordinates, Datum, EngineerId, Filter, Rejection, Timestamp};

use crate::world::*;

fn entered(profile: Profile) -> Outcome {
    given([]).when(enter(ANNA, profile))
}

fn asked(command: EngineerCommand) -> Step {
    Step { command: Command::Engineer(ANNA, command), ..freeze(ANNA) }
}

#[test]
fn two_tickets_cannot_take_the_last_place() {
    let both = given([create(), create().on(T2)]);
    let world = both.when(assign(CHEN)).then(["Assigned", "PlaceTaken"]);
    let full = Rejection::NoFreePlace { engineer: CHEN, taken: 1, capacity: 1 };
    let world = world.when(assign(CHEN).on(T2)).refused(&full);
    let world = world.when(dispatch(CHEN, 0).on(T2)).refused(&full);
    let world = world.when(offer([CHEN]).on(T2)).then(["Offered"]);
    let world = world.when(accept(CHEN).on(T2)).refused(&full);
    let world = world.when(decline(CHEN)).then(["Declined", "PlaceFreed"]);
    world.when(accept(CHEN).on(T2)).then(["Assigned", "Accepted", "PlaceTaken"]);
}

#[test]
fn a_refused_reassignment_leaves_the_first_owner_in_place() {
    let world = given([create(), create().on(T2), assign(CHEN).on(T2), assign(ANNA)]);
    let world = world.when(assign(CHEN)).refused(&Rejection::NoFreePlace {
        engineer: CHEN,
        taken: 1,
        capacity: 1,
    });
    assert_eq!(world.owner(T1), Some(ANNA));
}

#[test]
fn nobody_is_assigned_after_a_freeze_and_work_in_progress_stays() {
    let frozen = given([create(), create().on(T2), assign(ANNA), freeze(ANNA)]);
    let refused = Rejection::Frozen { engineer: ANNA, until: end_of_monday() };
    let world = frozen.when(assign(ANNA).on(T2)).refused(&refused);
    let world = world.when(offer([ANNA]).on(T2)).refused(&refused);
    world.when(accept(ANNA)).then(["Accepted"]);
    let offered_before = given([create(), offer([ANNA]), freeze(ANNA)]);
    offered_before.when(accept(ANNA)).refused(&refused);
}

#[test]
fn a_freeze_lasts_until_the_end_of_the_firms_day_or_until_it_is_lifted() {
    let frozen = given([create(), freeze(ANNA)]);
    let lifted = frozen.clone().when(unfreeze(ANNA, UnfreezeReason::Lifted)).then(["Unfrozen"]);
    lifted.when(assign(ANNA)).then(["Assigned", "PlaceTaken"]);
    let last_minute = assign(ANNA).after(hours(15) - seconds(1));
    let world = frozen
        .when(last_minute)
        .refused(&Rejection::Frozen { engineer: ANNA, until: end_of_monday() });
    world.when(assign(ANNA).after(seconds(1))).then(["Assigned", "PlaceTaken"]);
}

#[test]
fn a_second_freeze_counts_only_when_it_lasts_longer() {
    let until = |until: Timestamp| {
        let (until, reason, words) = (Some(until), FreezeReason::ByHand, String::new());
        asked(EngineerCommand::Freeze { until, reason, words })
    };
    let frozen = given([freeze(ANNA)]);
    let frozen = frozen.when(freeze_for(ANNA, T1)).then([]);
    let frozen = frozen.when(until(START.plus(hours(1)))).then([]);
    frozen.when(until(START.plus(days(2)))).then(["Frozen"]);
    given([]).when(until(START)).invalid("until");
}

#[test]
fn who_is_off_duty_on_leave_or_gone_is_not_assigned() {
    let absent = Rejection::NotOnDuty { engineer: ANNA };
    given([create(), end_duty(ANNA)]).when(assign(ANNA)).refused(&absent);
    given([create(), go_on_leave(ANNA)]).when(assign(ANNA)).refused(&absent);
    let gone = Profile { retired: true, ..Profile::default() };
    let world = given([create(), enter(ANNA, gone)]);
    let world = world.when(assign(ANNA)).refused(&Rejection::Retired { engineer: ANNA });
    world.when(start_duty(ANNA)).refused(&Rejection::Retired { engineer: ANNA });
}

#[test]
fn who_is_on_call_is_assigned_without_being_on_duty() {
    let on_call = EngineerCommand::SetOnCall { until: Some(START.plus(hours(2))) };
    let world = given([create(), end_duty(ANNA), asked(on_call.clone())]);
    let world = world.when(asked(on_call)).then([]);
    world.clone().when(assign(ANNA)).then(["Assigned", "PlaceTaken"]);
    world.when(assign(ANNA).after(hours(2))).refused(&Rejection::NotOnDuty { engineer: ANNA });
}

#[test]
fn a_leave_begins_ends_and_is_cancelled() {
    let leave = |from: u64, until: u64| {
        let (from, until) = (START.plus(hours(from)), START.plus(hours(until)));
        asked(EngineerCommand::SetLeave { from, until })
    };
    let world = given([]).when(leave(1, 2)).then(["LeaveSet"]).when(leave(1, 2)).then([]);
    let anna = world.engineer_now(ANNA);
    assert_eq!(anna.unavailable(START), None);
    assert_eq!(anna.unavailable(START.plus(hours(1))), Some(Filter::OnLeave));
    assert_eq!(anna.unavailable(START.plus(hours(2))), None);
    let world = world.when(leave(0, 0)).then(["LeaveSet"]);
    assert_eq!(world.engineer_now(ANNA).leave, None);
    world.when(leave(5, 4)).then([]);
}

#[test]
fn duty_and_presence_change_once() {
    let world = given([]).when(start_duty(ANNA)).then([]);
    let world = world.when(end_duty(ANNA)).then(["DutyEnded"]).when(end_duty(ANNA)).then([]);
    let world = world.when(asked(EngineerCommand::GoOnline)).then(["WentOnline"]);
    let world = world.when(asked(EngineerCommand::GoOnline)).then([]);
    let offline = || asked(EngineerCommand::GoOffline(OfflineReason::LeaseEnded));
    let world = world.when(offline()).then(["WentOffline"]).when(offline()).then([]);
    assert!(!world.engineer_now(ANNA).online);
    assert!(!world.engineer_now(ANNA).on_duty);
}

#[test]
fn an_engineer_who_goes_off_duty_keeps_the_work() {
    let world =
        given([create(), assign(ANNA), accept(ANNA)]).when(end_duty(ANNA)).then(["DutyEnded"]);
    assert_eq!(world.owner(T1), Some(ANNA));
    world.when(depart(ANNA)).then(["Departed"]);
}

#[test]
fn a_position_is_remembered_with_its_time() {
    let here = Coordinates::new(31.2304, 121.4737, Datum::Gcj02).expect("on the earth");
    let world =
        given([]).when(asked(EngineerCommand::Move(here)).after(minutes(7))).then(["Moved"]);
    let position = world.engineer_now(ANNA).position.expect("somewhere");
    assert_eq!((position.coordinates, position.at), (Some(here), START.plus(minutes(7))));
}

#[test]
fn an_entry_is_checked_and_the_same_entry_again_changes_nothing() {
    let good = Profile {
        code: Some("E-17".into()),
        outlet: Some(OUTLET),
        skills: vec!["立加".into()],
        name: Some("安娜".into()),
        ..Profile::default()
    };
    let world = entered(good.clone()).then(["ProfileSet"]);
    let anna = world.engineer_now(ANNA);
    assert_eq!((anna.profile.area, anna.profile.capacity), (Some(AREA), 3));
    world.when(enter(ANNA, good)).then([]);

    let nowhere = domain::OutletId::from_u128(404);
    entered(Profile { outlet: Some(nowhere), ..Profile::default() })
        .refused(&Rejection::UnknownReference { field: "outlet", stream: nowhere.into() });
    for capacity in [0, 1_001] {
        entered(Profile { capacity: Some(capacity), ..Profile::default() }).invalid("capacity");
    }
    entered(Profile { zone: Some("Mars/Base".into()), ..Profile::default() }).invalid("zone");
    entered(Profile { skills: vec![String::new()], ..Profile::default() }).invalid("skills");
    entered(Profile { name: Some("x".repeat(201)), ..Profile::default() }).invalid("name");
}

#[test]
fn fewer_places_than_are_taken_leave_none_free() {
    let both = given([create(), create().on(T2), assign(ANNA), assign(ANNA).on(T2)]);
    let fewer = Profile { capacity: Some(1), ..Profile::default() };
    let world = both.when(enter(ANNA, fewer)).then(["ProfileSet"]);
    assert_eq!(world.engineer_now(ANNA).free_places(), 0);
    world.when(decline(ANNA)).then(["Declined", "PlaceFreed"]);
}

#[test]
fn whoever_was_never_entered_is_not_found() {
    let nobody = EngineerId::from_u128(404);
    for step in [start_duty(nobody), freeze(nobody), unfreeze(nobody, UnfreezeReason::Lifted)] {
        given([]).when(step).refused(&Rejection::NotFound { stream: nobody.into() });
    }
}
