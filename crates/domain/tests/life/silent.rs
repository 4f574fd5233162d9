//! An owner who accepted and stays silent is asked, then the supervisor is told.

use domain::Rejection;
use domain::ticket::{Notice, Recipient, TicketEvent};

use crate::world::*;

fn working() -> World {
    given([create(), assign(ANNA), accept(ANNA)])
}

fn told(outcome: &Outcome) -> (Recipient, Notice) {
    match outcome.events().last() {
        Some(domain::Event::Ticket(TicketEvent::Told(told))) => (told.whom, told.notice),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_silent_owner_is_asked_then_the_supervisor_is_told_and_the_ticket_stays() {
    let due = START.plus(hours(4));
    working().when(ask_owner(1).after(hours(3))).refused(&Rejection::NotDue { due });
    let asked = working().when(ask_owner(1).after(hours(4)));
    assert_eq!(told(&asked), (Recipient::Engineer(ANNA), Notice::WhatIsTheState));
    let asked = asked.then(["OwnerAsked", "Told"]);
    let asked = asked.when(ask_owner(1)).then([]);
    let due = START.plus(hours(5));
    assert_eq!(asked.ticket_now(T1).due(), Some(due));
    let asked = asked.when(report_silence(1)).refused(&Rejection::NotDue { due });
    let reported = asked.when(report_silence(1).after(hours(1)));
    assert_eq!(told(&reported), (Recipient::Supervisor(Some(SUPERVISOR)), Notice::OwnerSilent));
    let reported = reported.then(["SilenceReported", "Told"]);
    assert_eq!(reported.owner(T1), Some(ANNA));
    let reported = reported.when(report_silence(1)).then([]);
    reported.when(ask_owner(1).after(hours(4))).then(["OwnerAsked", "Told"]);
}

#[test]
fn whatever_the_owner_does_moves_the_clock() {
    let asked = working().when(ask_owner(1).after(hours(4))).then(["OwnerAsked", "Told"]);
    for (sign, name) in [
        (depart(ANNA), "Departed"),
        (arrive(ANNA), "Arrived"),
        (hold(ANNA), "Held"),
        (transfer(ANNA, BO), "TransferRequested"),
    ] {
        let heard = asked.clone().when(sign).then([name]);
        heard.when(report_silence(1).after(hours(1))).then([]);
    }
}

#[test]
fn a_visit_moves_the_clock_to_its_beginning() {
    let visit_first = given([create(), appoint(hours(20)), assign(ANNA), accept(ANNA)]);
    let accepted_first = working().when(appoint(hours(20))).then(["Appointed"]);
    for world in [visit_first, accepted_first] {
        assert_eq!(world.ticket_now(T1).due(), Some(START.plus(hours(24))));
        world
            .when(ask_owner(1).after(hours(23)))
            .refused(&Rejection::NotDue { due: START.plus(hours(24)) });
    }
}

#[test]
fn nobody_is_asked_on_hold_or_while_a_colleague_is_asked() {
    let held = working().when(hold(ANNA)).then(["Held"]);
    held.when(ask_owner(1).after(hours(5))).then([]);
    let asked = working().when(transfer(ANNA, BO)).then(["TransferRequested"]);
    asked.when(ask_owner(1).after(hours(5))).then([]);
}

#[test]
fn a_late_question_does_not_reach_the_next_owner() {
    let next = working()
        .when(assign(BO))
        .then(["Withdrawn", "PlaceFreed", "Told", "Assigned", "PlaceTaken"])
        .when(accept(BO))
        .then(["Accepted"]);
    let next = next.when(ask_owner(1).after(hours(9))).then([]);
    next.when(ask_owner(2)).then(["OwnerAsked", "Told"]);
}
