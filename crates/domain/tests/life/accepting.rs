//! One owner: of those who accept at the same moment exactly one gets the ticket.

use domain::engineer::Profile;
use domain::ticket::{Accept, Decline, Offer, PhaseName, Via};
use domain::{DispatchReason, EngineerId, Party, Rejection, Rule, RuleSetVersion, Timestamp};

use crate::world::*;

#[test]
fn of_many_who_accept_an_offer_one_wins_and_the_others_are_told_who_and_since_when() {
    let many: Vec<_> = (1..=200).map(|number| EngineerId::from_u128(0x1000 + number)).collect();
    let mut world = given([create()]);
    for id in &many {
        let profile = Profile { capacity: Some(1), ..Profile::default() };
        world.run(&enter(*id, profile)).expect("a good entry");
    }
    let to_all = Offer { engineers: many.clone(), ..Offer::default() };
    let mut world = world.when(step(BY_AGENT, to_all)).then(["Offered"]);
    let mut winners = Vec::new();
    for id in many.iter().rev() {
        world.now = world.now.plus(seconds(1));
        match world.run(&accept(*id)) {
            Ok(_) => winners.push((*id, world.now)),
            Err(Rejection::TakenBy { winner, since }) => {
                assert_eq!([(winner, since)], winners[..], "{id} is told another winner");
            }
            Err(other) => panic!("{id}: {other}"),
        }
    }
    assert_eq!(winners, [(many[199], START.plus(seconds(1)))]);
}

#[test]
fn an_accepted_offer_becomes_an_assignment_with_its_place_in_one_append() {
    let offered = given([create(), offer([ANNA, BO])]);
    let world = offered.when(accept(BO)).then(["Assigned", "Accepted", "PlaceTaken"]);
    let assignment = world.ticket_now(T1).assignment().copied().expect("Bo has it");
    assert_eq!((assignment.engineer, assignment.via), (BO, Via::Offer(1)));
}

#[test]
fn the_winner_who_lost_the_reply_and_asks_again_is_told_yes() {
    let accepted = given([create(), offer([ANNA, BO]), accept(ANNA)]);
    accepted.clone().when(accept(ANNA)).then([]);
    accepted
        .when(accept(BO).after(minutes(1)))
        .refused(&Rejection::TakenBy { winner: ANNA, since: START });
}

#[test]
fn somebody_who_was_not_asked_cannot_accept() {
    given([create(), offer([ANNA])])
        .when(accept(CHEN))
        .refused(&Rejection::NotOffered { engineer: CHEN });
    given([create(), assign(ANNA)])
        .when(accept(CHEN))
        .refused(&Rejection::TakenBy { winner: ANNA, since: START });
}

#[test]
fn an_agent_accepts_for_an_engineer_by_name_and_nobody_accepts_without_one() {
    let assigned = given([create(), assign(ANNA)]);
    assigned.clone().when(step(BY_AGENT, Accept { engineer: Some(ANNA) })).then(["Accepted"]);
    assigned.when(step(Party::Anonymous, Accept::default())).invalid("engineer");
}

#[test]
fn opening_or_calling_does_not_count_and_a_late_acceptance_before_the_timer_does() {
    let world = given([create(), dispatch(ANNA, 0)]);
    let world = world.when(accept(ANNA).after(minutes(45))).then(["Accepted"]);
    world.when(time_out(1)).then([]);
}

#[test]
fn an_engineer_off_duty_may_take_an_offer_but_not_beyond_the_places() {
    let off_duty = given([create(), end_duty(ANNA), offer([ANNA])]);
    off_duty.when(accept(ANNA)).then(["Assigned", "Accepted", "PlaceTaken"]);

    let full = given([create(), create().on(T2), assign(CHEN).on(T2), offer([CHEN])]);
    full.when(accept(CHEN)).refused(&Rejection::NoFreePlace {
        engineer: CHEN,
        taken: 1,
        capacity: 1,
    });
}

#[test]
fn an_offer_goes_to_nobody_who_is_frozen_left_out_or_gone() {
    given([create(), freeze(ANNA)])
        .when(offer([BO, ANNA]))
        .refused(&Rejection::Frozen { engineer: ANNA, until: end_of_monday() });
    let without_anna = given([create(), resolve(Party::Engineer(ANNA)), reject()]);
    without_anna.when(offer([ANNA])).refused(&Rejection::LeftOut { engineer: ANNA });
    let gone = Profile { retired: true, ..Profile::default() };
    given([create(), enter(ANNA, gone)])
        .when(offer([ANNA]))
        .refused(&Rejection::Retired { engineer: ANNA });
}

#[test]
fn an_offer_names_1_to_500_engineers_until_a_sensible_time() {
    given([create()]).when(step(BY_AGENT, Offer::default())).invalid("engineers");
    let many = (0..501).map(EngineerId::from_u128).collect();
    given([create()])
        .when(step(BY_AGENT, Offer { engineers: many, ..Offer::default() }))
        .invalid("engineers");
    for until in [START, Timestamp::MAX, START.plus(days(91))] {
        let parked = Offer { engineers: vec![ANNA], until: Some(until), ..Offer::default() };
        given([create()]).when(step(BY_AGENT, parked)).invalid("until");
    }
}

#[test]
fn a_reason_is_as_short_as_the_record_promises() {
    let candidate = domain::Candidate { engineer: ANNA, score: 1 };
    let long = DispatchReason {
        candidates: vec![candidate; 11],
        ..DispatchReason::plain(Rule::LeastLoaded, RuleSetVersion::SHIPPED)
    };
    let assign = domain::ticket::Assign { engineer: Some(ANNA), reason: Some(long), after: None };
    given([create()]).when(step(BY_AGENT, assign)).invalid("reason.candidates");
}

#[test]
fn the_same_offer_again_rings_nobody_twice() {
    let offered = given([create(), offer([ANNA, BO])]);
    offered.clone().when(offer([BO, ANNA, BO]).after(minutes(3))).then([]);
    offered.when(offer([BO])).then(["OfferWithdrawn", "Offered"]);
}

#[test]
fn an_offer_that_all_decline_ends_with_the_last_of_them() {
    let world = given([create(), offer([ANNA, BO])]);
    let world = world.when(decline(ANNA)).then(["OfferDeclined"]);
    assert_eq!(world.phase(T1), PhaseName::Offered);
    let world = world.when(decline(BO)).then(["OfferDeclined", "OfferExpired"]);
    assert!(world.ticket_now(T1).awaits_dispatch());
    assert_eq!(world.ticket_now(T1).passed, [ANNA, BO]);
    world.when(decline(BO)).refused(&Rejection::NotAllowed {
        verb: domain::ticket::Verb::Decline,
        phase: PhaseName::Waiting,
    });
}

#[test]
fn an_offer_expires_when_due_and_those_who_let_it_pass_are_remembered() {
    let offered = given([create(), offer([ANNA, BO])]);
    offered
        .clone()
        .when(expire_offer(1).after(minutes(29)))
        .refused(&Rejection::NotDue { due: START.plus(minutes(30)) });
    let world = offered.when(expire_offer(1).after(minutes(30))).then(["OfferExpired"]);
    assert_eq!(world.ticket_now(T1).passed, [ANNA, BO]);
    assert_eq!(world.ticket_now(T1).time_outs, 1);
    world.when(expire_offer(1)).then([]);
}

#[test]
fn a_late_end_of_an_offer_cannot_end_a_newer_one() {
    let again = given([
        create(),
        offer([ANNA]),
        expire_offer(1).after(minutes(30)),
        offer([BO]).after(minutes(1)),
    ]);
    again.when(expire_offer(1).after(hours(2))).then([]);
}

#[test]
fn who_accepted_already_is_told_to_return_instead_of_declining() {
    let working = given([create(), assign(ANNA), accept(ANNA)]);
    working.clone().when(decline(ANNA)).invalid("engineer");
    let by_hand = Decline { engineer: Some(BO), words: String::new() };
    working.when(step(BY_AGENT, by_hand)).refused(&Rejection::NotOffered { engineer: BO });
}
