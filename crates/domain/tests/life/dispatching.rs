//! The guard against dispatching twice, and what happens when nobody accepts.

use domain::ticket::{
    Notice, Phase, PhaseName, QueueReason, Recipient, TicketEvent, Verb, WithdrawReason,
};
use domain::{Event, Party, Rejection};

use crate::world::*;

fn told(events: &[Event]) -> Vec<(Recipient, Notice)> {
    let of = |event: &Event| match event {
        Event::Ticket(TicketEvent::Told(told)) => Some((told.whom, told.notice)),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

#[test]
fn giving_a_ticket_to_another_takes_it_from_the_first_in_the_same_append() {
    for history in [
        vec![create(), assign(ANNA)],
        vec![create(), assign(ANNA), accept(ANNA), depart(ANNA)],
        vec![create(), assign(ANNA), accept(ANNA), hold(ANNA)],
    ] {
        let outcome = given(history).when(assign(BO));
        assert_eq!(told(&outcome.events()), [(Recipient::Engineer(ANNA), Notice::NoLongerYours)]);
        let world = outcome.then(["Withdrawn", "PlaceFreed", "Told", "Assigned", "PlaceTaken"]);
        assert_eq!(world.owner(T1), Some(BO));
        world.when(accept(ANNA)).refused(&Rejection::TakenBy { winner: BO, since: START });
    }
}

#[test]
fn the_same_assignment_again_is_true_already() {
    given([create(), assign(ANNA)]).when(assign(ANNA)).then([]);
    given([create(), assign(ANNA), accept(ANNA)]).when(assign(ANNA)).then([]);
}

#[test]
fn an_offer_takes_an_assignment_that_was_not_accepted_back_in_the_same_step() {
    let world = given([create(), dispatch(ANNA, 0)]).when(offer([BO, CHEN])).then([
        "Withdrawn",
        "PlaceFreed",
        "Offered",
        "Told",
    ]);
    assert_eq!(world.owner(T1), None);
    assert_eq!(world.phase(T1), PhaseName::Offered);
}

#[test]
fn what_was_accepted_is_not_offered_around() {
    given([create(), assign(ANNA), accept(ANNA)])
        .when(offer([BO]))
        .refused(&Rejection::NotAllowed { verb: Verb::Offer, phase: PhaseName::Working });
}

#[test]
fn a_ticket_times_out_only_when_due_frees_the_place_and_tells_the_supervisor() {
    let assigned = given([create(), dispatch(ANNA, 0)]);
    assigned
        .clone()
        .when(time_out(1).after(minutes(29)))
        .refused(&Rejection::NotDue { due: START.plus(minutes(30)) });
    let outcome = assigned.when(time_out(1).after(minutes(30)));
    assert_eq!(
        told(&outcome.events()),
        [(Recipient::Supervisor(Some(SUPERVISOR)), Notice::NotAcceptedInTime)]
    );
    let world = outcome.then(["TimedOut", "PlaceFreed", "Told"]);
    let ticket = world.ticket_now(T1);
    assert_eq!((&ticket.passed[..], ticket.time_outs), (&[ANNA][..], 1));
    assert!(ticket.awaits_dispatch());
    assert_eq!(world.engineer_now(ANNA).free_places(), 2);
}

#[test]
fn late_timer_cannot_expire_a_newer_assignment() {
    let second =
        given([create(), dispatch(ANNA, 0), time_out(1).after(minutes(30)), dispatch(BO, 1)]);
    second.when(time_out(1).after(hours(1))).then([]);
}

#[test]
fn who_let_it_pass_does_not_get_it_again_in_this_round() {
    let passed = given([create(), dispatch(ANNA, 0), time_out(1).after(minutes(30))]);
    passed.clone().when(dispatch(ANNA, 1)).then([]);
    // A person may know better, and begins a round anew.
    let world = passed.when(assign(ANNA)).then(["Assigned", "PlaceTaken"]);
    assert_eq!(world.ticket_now(T1).time_outs, 0);
}

#[test]
fn time_outs_are_counted_until_somebody_accepts() {
    let world = given([
        create(),
        dispatch(ANNA, 0),
        time_out(1).after(minutes(30)),
        dispatch(BO, 1),
        time_out(2).after(minutes(30)),
        dispatch(CHEN, 2),
    ]);
    assert_eq!(world.ticket_now(T1).time_outs, 2);
    assert_eq!(world.ticket_now(T1).passed, [ANNA, BO]);
    let world = world.when(accept(CHEN)).then(["Accepted"]);
    assert_eq!(world.ticket_now(T1).time_outs, 0);
    assert!(world.ticket_now(T1).passed.is_empty());
}

#[test]
fn a_decision_on_an_earlier_state_changes_nothing() {
    let moved_on: [(&str, Vec<Step>); 7] = [
        ("assigned by hand", vec![create(), assign(BO)]),
        ("offered by hand", vec![create(), offer([BO])]),
        ("claimed", vec![create(), claim()]),
        ("resolved", vec![create(), resolve(BY_AGENT)]),
        ("cancelled", vec![create(), cancel()]),
        ("declined an offer meanwhile", vec![create(), offer([ANNA]), decline(ANNA)]),
        ("in the supervisor's queue", vec![create(), to_supervisor(None)]),
    ];
    for (why, history) in moved_on {
        let world = given(history).when(dispatch(ANNA, 0)).then([]);
        assert_ne!(world.owner(T1), Some(ANNA), "{why}");
    }
}

#[test]
fn a_late_way_to_the_supervisor_takes_nothing_from_anybody() {
    let late =
        || to_supervisor(Some(QueueReason::NobodyAvailable)).by(Party::Dispatcher).after(hours(1));
    for history in [
        vec![create(), assign(ANNA)],
        vec![create(), offer([ANNA])],
        vec![create(), claim()],
        vec![create(), assign(ANNA), accept(ANNA)],
        vec![create(), cancel()],
    ] {
        given(history).when(late()).then([]);
    }
    given([create()]).when(late()).then(["Queued", "Told"]);
}

#[test]
fn nobody_there_now_is_written_down_once_and_dispatched_as_soon_as_somebody_is() {
    let deferred = given([create()]).when(defer()).then(["DispatchDeferred"]);
    let deferred = deferred.when(defer()).then([]);
    assert_eq!(deferred.ticket_now(T1).due(), Some(START.plus(minutes(30))));
    let reason = Some(QueueReason::NobodyAvailable);
    let up = to_supervisor(reason).by(Party::Dispatcher).after(minutes(30));
    let queued = deferred.when(up).then(["Queued", "Told"]);
    assert!(queued.ticket_now(T1).awaits_dispatch());
    queued.when(dispatch(BO, 0)).then(["Assigned", "PlaceTaken"]);
}

#[test]
fn a_declined_ticket_goes_on_and_its_place_is_free() {
    let world =
        given([create(), assign(ANNA)]).when(decline(ANNA)).then(["Declined", "PlaceFreed"]);
    assert_eq!(world.ticket_now(T1).passed, [ANNA]);
    assert!(world.ticket_now(T1).awaits_dispatch());
    given([create(), assign(ANNA)])
        .when(decline(BO))
        .refused(&Rejection::NotOffered { engineer: BO });
}

#[test]
fn what_a_person_takes_back_does_not_go_straight_back() {
    for history in
        [vec![create(), assign(ANNA)], vec![create(), assign(ANNA), accept(ANNA), depart(ANNA)]]
    {
        let outcome = given(history).when(withdraw());
        assert!(outcome.events().iter().any(|event| matches!(
            event,
            Event::Ticket(TicketEvent::Withdrawn(taken)) if taken.why == WithdrawReason::ByHand
        )));
        let world = outcome.then(["Withdrawn", "PlaceFreed", "Told"]);
        world.clone().when(dispatch(ANNA, 1)).then([]);
        world.when(dispatch(BO, 1)).then(["Assigned", "PlaceTaken"]);
    }
    let world = given([create(), offer([ANNA])]).when(withdraw()).then(["OfferWithdrawn"]);
    assert!(matches!(world.ticket_now(T1).phase, Phase::Waiting { .. }));
}

#[test]
fn an_urgent_ticket_has_five_minutes_at_any_hour() {
    let urgent = domain::ticket::Create {
        sentence: Some("冒烟".into()),
        urgent: true,
        ..Default::default()
    };
    let assigned = given([step(BY_CUSTOMER, urgent), dispatch(ANNA, 0)]);
    assert_eq!(assigned.ticket_now(T1).due(), Some(START.plus(minutes(5))));
    assigned.when(time_out(1).after(minutes(5))).then(["TimedOut", "PlaceFreed", "Told"]);
}
