//! What an owner does between acceptance and 完工: give back, hand over, hold, agree on a visit,
//! take a helper.

use domain::ticket::{
    AddHelper, Appoint, Hold, HoldReason, Notice, PhaseName, Recipient, Return, TicketEvent, Verb,
};
use domain::{Actor, Assurance, Command, Context, Event, Origin, Party, Rejection, Timestamp};

use crate::world::*;

fn working() -> World {
    given([create(), assign(ANNA), accept(ANNA)])
}

#[test]
fn giving_back_needs_a_reason_frees_the_place_and_leaves_the_engineer_out_of_this_round() {
    working().when(step(Party::Engineer(ANNA), Return::default())).invalid("words");
    let world = working().when(give_back(ANNA)).then(["Returned", "PlaceFreed"]);
    assert_eq!(world.ticket_now(T1).passed, [ANNA]);
    assert!(world.ticket_now(T1).awaits_dispatch());
    world
        .when(give_back(ANNA))
        .refused(&Rejection::NotAllowed { verb: Verb::Return, phase: PhaseName::Waiting });
}

#[test]
fn only_the_owner_speaks_for_the_work() {
    let refused = Rejection::NotYours { engineer: BO, owner: ANNA };
    for wrong in [give_back(BO), transfer(BO, CHEN), depart(BO), arrive(BO), hold(BO)] {
        working().when(wrong).refused(&refused);
    }
    working().when(resolve(Party::Engineer(BO))).refused(&refused);
    // An agent may say it for the owner.
    working().when(depart(ANNA).by(BY_AGENT)).then(["Departed"]);
}

#[test]
fn whoever_acts_for_an_engineer_speaks_as_that_engineer() {
    let context = |engineer| Context {
        now: START,
        actor: Actor {
            party: Party::Administrator(AGENT),
            assurance: Assurance::Authenticated,
            on_behalf_of: Some(Party::Engineer(engineer)),
        },
        origin: Origin::Live,
    };
    let wrong = Rejection::NotYours { engineer: BO, owner: ANNA };
    for said in [depart(ANNA), arrive(ANNA), hold(ANNA), resolve(BY_AGENT)] {
        let command: Command = said.command;
        let as_bo = working().submit_in(&command, &context(BO));
        assert_eq!(as_bo.expect_err("Bo does not own it"), wrong);
        working().submit_in(&command, &context(ANNA)).expect("Anna owns it");
    }
}

#[test]
fn a_transfer_stays_with_the_sender_until_the_receiver_accepts() {
    let asked = working().when(transfer(ANNA, BO)).then(["TransferRequested"]);
    assert_eq!(asked.owner(T1), Some(ANNA));
    assert_eq!(asked.engineer_now(BO).places, []);
    let asked = asked.when(transfer(ANNA, BO)).then([]);
    asked.clone().when(depart(ANNA)).then(["Departed"]);
    asked.clone().when(accept_transfer(CHEN)).refused(&Rejection::NotOffered { engineer: CHEN });
    let taken = asked.when(accept_transfer(BO).after(minutes(5))).then([
        "Transferred",
        "PlaceFreed",
        "PlaceTaken",
    ]);
    assert_eq!(taken.owner(T1), Some(BO));
    assert_eq!(taken.ticket_now(T1).assignments, 2);
    taken.when(accept_transfer(BO)).then([]);
}

#[test]
fn a_transfer_that_nobody_answers_expires_and_the_sender_keeps_it() {
    let asked = working().when(transfer(ANNA, BO)).then(["TransferRequested"]);
    let due = START.plus(minutes(30));
    assert_eq!(asked.ticket_now(T1).due(), Some(due));
    asked.clone().when(end_transfer(1).after(minutes(29))).refused(&Rejection::NotDue { due });
    let kept = asked.when(end_transfer(1).after(minutes(30))).then(["TransferEnded"]);
    assert_eq!(kept.owner(T1), Some(ANNA));
    kept.clone().when(end_transfer(1)).then([]);
    kept.when(accept_transfer(BO)).refused(&Rejection::NotOffered { engineer: BO });
}

#[test]
fn a_colleague_says_no_to_a_transfer_at_once() {
    let asked = working().when(transfer(ANNA, BO)).then(["TransferRequested"]);
    let no = end_transfer(1).by(Party::Engineer(BO));
    assert_eq!(asked.when(no).then(["TransferEnded"]).owner(T1), Some(ANNA));
}

#[test]
fn the_end_of_an_earlier_transfer_does_not_end_a_later_one() {
    let twice = working()
        .when(transfer(ANNA, BO))
        .then(["TransferRequested"])
        .when(transfer(ANNA, CHEN).after(minutes(20)))
        .then(["TransferRequested"]);
    let late = end_transfer(1).after(minutes(10));
    twice.when(late).refused(&Rejection::NotDue { due: START.plus(minutes(50)) });
}

#[test]
fn a_receiver_without_a_place_is_refused_when_asked_and_when_accepting() {
    let no_place = Rejection::NoFreePlace { engineer: CHEN, taken: 1, capacity: 1 };
    let full = working()
        .when(create().on(T2))
        .then(["Created"])
        .when(assign(CHEN).on(T2))
        .then(["Assigned", "PlaceTaken"]);
    full.when(transfer(ANNA, CHEN)).refused(&no_place);

    let filled_meanwhile = given([
        create(),
        assign(ANNA),
        accept(ANNA),
        transfer(ANNA, CHEN),
        create().on(T2),
        assign(CHEN).on(T2),
    ]);
    let world = filled_meanwhile.when(accept_transfer(CHEN)).refused(&no_place);
    assert_eq!(world.owner(T1), Some(ANNA));
}

#[test]
fn a_transfer_names_a_colleague_who_can_take_it() {
    working().when(transfer(ANNA, ANNA)).invalid("to");
    working().when(step(Party::Engineer(ANNA), domain::ticket::Transfer::default())).invalid("to");
    let off = given([create(), assign(ANNA), accept(ANNA), end_duty(BO)]);
    off.when(transfer(ANNA, BO)).refused(&Rejection::NotOnDuty { engineer: BO });
    let frozen = given([create(), assign(ANNA), accept(ANNA), transfer(ANNA, BO), freeze(BO)]);
    frozen
        .when(accept_transfer(BO))
        .refused(&Rejection::Frozen { engineer: BO, until: end_of_monday() });
}

#[test]
fn a_hold_needs_a_reason_and_comes_back_after_a_day_by_itself() {
    working().when(step(Party::Engineer(ANNA), Hold::default())).invalid("reason");
    let held = working().when(hold(ANNA)).then(["Held"]);
    assert_eq!(held.phase(T1), PhaseName::OnHold);
    assert_eq!(held.ticket_now(T1).due(), Some(START.plus(hours(24))));
    let early = resume().by(Party::Dispatcher).after(hours(23));
    held.clone().when(early).refused(&Rejection::NotDue { due: START.plus(hours(24)) });
    let world = held.when(resume().by(Party::Dispatcher).after(hours(24))).then(["Resumed"]);
    assert_eq!(world.phase(T1), PhaseName::Working);
    assert_eq!(world.owner(T1), Some(ANNA));
    // The timer may come again, and after a person was faster.
    world.when(resume().by(Party::Dispatcher)).then([]);
}

#[test]
fn a_hold_has_the_date_that_was_said_and_a_person_ends_it_early() {
    let until = START.plus(days(3));
    let with_date =
        Hold { reason: Some(HoldReason::CustomerAbsent), until: Some(until), ..Hold::default() };
    let held = working().when(step(Party::Engineer(ANNA), with_date.clone())).then(["Held"]);
    assert_eq!(held.ticket_now(T1).due(), Some(until));
    let same = step(Party::Engineer(ANNA), with_date).after(hours(1));
    let held = held.when(same).then([]);
    let held = held.when(hold(ANNA)).then(["Held"]);
    held.when(resume()).then(["Resumed"]);
    for far in [START, START.plus(days(91)), Timestamp::MAX] {
        let parked =
            Hold { reason: Some(HoldReason::WaitingForParts), until: Some(far), ..Hold::default() };
        working().when(step(Party::Engineer(ANNA), parked)).invalid("until");
    }
}

#[test]
fn the_same_hold_without_a_date_again_does_not_prolong_it() {
    let held = working().when(hold(ANNA)).then(["Held"]);
    let world = held.when(hold(ANNA).after(hours(2))).then([]);
    assert_eq!(world.ticket_now(T1).due(), Some(START.plus(hours(24))));
}

#[test]
fn a_question_to_a_colleague_ends_in_time_also_on_hold() {
    let both = given([create(), assign(ANNA), accept(ANNA), hold(ANNA), transfer(ANNA, BO)]);
    assert_eq!(both.ticket_now(T1).due(), Some(START.plus(minutes(30))));
    let kept = both.clone().when(end_transfer(1).after(minutes(30))).then(["TransferEnded"]);
    assert_eq!(kept.ticket_now(T1).due(), Some(START.plus(hours(24))));
    let taken = both.when(accept_transfer(BO)).then(["Transferred", "PlaceFreed", "PlaceTaken"]);
    assert_eq!(taken.phase(T1), PhaseName::OnHold);
}

#[test]
fn a_visit_is_agreed_changed_and_missed() {
    let window = |from: Timestamp, until: Timestamp| {
        step(BY_AGENT, Appoint { from: Some(from), until: Some(until), words: String::new() })
    };
    working().when(step(BY_AGENT, Appoint::default())).invalid("from");
    working().when(window(START.plus(hours(2)), START.plus(hours(1)))).invalid("until");
    working().when(window(START.minus(hours(2)), START)).invalid("until");
    working().when(window(START.plus(hours(1)), Timestamp::MAX)).invalid("until");

    let agreed = working().when(appoint(hours(2))).then(["Appointed"]);
    let agreed = agreed.when(appoint(hours(2))).then([]);
    let changed = agreed.when(appoint(hours(3))).then(["Appointed"]);
    changed
        .clone()
        .when(miss_appointment().after(hours(4)))
        .refused(&Rejection::NotDue { due: START.plus(hours(5)) });
    let missed =
        changed.when(miss_appointment().after(hours(5))).then(["AppointmentMissed", "Told"]);
    missed.when(miss_appointment()).then([]);
}

#[test]
fn a_visit_is_not_missed_when_somebody_is_there() {
    let there = given([create(), assign(ANNA), accept(ANNA), appoint(hours(1)), arrive(ANNA)]);
    there.when(miss_appointment().after(hours(9))).then([]);
}

#[test]
fn a_visit_ends_with_the_work_that_it_was_agreed_for() {
    let done = given([create(), assign(ANNA), accept(ANNA), appoint(days(2))])
        .when(resolve_as(Party::Engineer(ANNA), domain::ticket::ResolutionMethod::Remotely))
        .then(["Resolved", "PlaceFreed"]);
    assert_eq!(done.ticket_now(T1).appointment, None);
}

#[test]
fn a_helper_never_owns_and_an_owner_never_helps() {
    working().when(add_helper(ANNA)).invalid("engineer");
    let helped = working().when(add_helper(BO)).then(["HelperAdded"]);
    assert_eq!(helped.ticket_now(T1).helpers, [BO]);
    assert_eq!(helped.owner(T1), Some(ANNA));
    assert_eq!(helped.engineer_now(BO).places, []);
    let helped = helped.when(add_helper(BO)).then([]);
    helped.clone().when(depart(BO)).refused(&Rejection::NotYours { engineer: BO, owner: ANNA });
    let given_over = helped.clone().when(assign(BO)).then([
        "Withdrawn",
        "PlaceFreed",
        "Told",
        "Assigned",
        "PlaceTaken",
    ]);
    assert!(given_over.ticket_now(T1).helpers.is_empty());
    let handed_over = helped
        .clone()
        .when(transfer(ANNA, BO))
        .then(["TransferRequested"])
        .when(accept_transfer(BO))
        .then(["Transferred", "PlaceFreed", "PlaceTaken"]);
    assert!(handed_over.ticket_now(T1).helpers.is_empty());
    let alone = helped.when(remove_helper(BO)).then(["HelperRemoved"]);
    alone.when(remove_helper(BO)).then([]);
}

#[test]
fn a_frozen_engineer_may_help_and_one_who_left_may_not() {
    let frozen = given([create(), assign(ANNA), accept(ANNA), freeze(BO)]);
    frozen.when(add_helper(BO)).then(["HelperAdded"]);
    let gone = domain::engineer::Profile { retired: true, ..Default::default() };
    let world = given([create(), assign(ANNA), accept(ANNA), enter(BO, gone)]);
    let add = AddHelper { engineer: Some(BO) };
    world.when(step(BY_AGENT, add)).refused(&Rejection::Retired { engineer: BO });
}

#[test]
fn urging_counts_and_reaches_whoever_has_the_ticket() {
    let outcome = working().when(urge());
    let told = |events: &[Event]| match events {
        [Event::Ticket(TicketEvent::Urged(urged)), Event::Ticket(TicketEvent::Told(told))] => {
            (urged.count, told.whom, told.notice)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(told(&outcome.events()), (1, Recipient::Engineer(ANNA), Notice::Urged));
    let again = outcome.then(["Urged", "Told"]).when(urge());
    assert_eq!(told(&again.events()).0, 2);
    let nobodys = given([create()]).when(urge());
    assert_eq!(told(&nobodys.events()), (1, Recipient::Agents, Notice::Urged));
}

#[test]
fn a_note_says_something() {
    working().when(note(" ")).invalid("words");
    working().when(note("门口有狗")).then(["Noted"]);
    working().when(note(&"x".repeat(8_193))).invalid("words");
}
