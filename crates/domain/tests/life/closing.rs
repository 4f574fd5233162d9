//! Silence, closing, opening again, cancelling.

use domain::ticket::{Close, Notice, Outcome, Phase, PhaseName, Recipient, TicketEvent, Verb};
use domain::{Event, Party, Rejection};

use crate::world::*;

fn done() -> World {
    given([create(), assign(ANNA), accept(ANNA), resolve(Party::Engineer(ANNA))])
}

fn silent() -> World {
    done()
        .when(remind(1).after(hours(24)))
        .then(["Reminded", "Told"])
        .when(remind(2).after(hours(24)))
        .then(["Reminded", "Told"])
        .when(close_by_silence().after(hours(24)))
        .then(["ClosedBySilence"])
}

#[test]
fn silence_is_reminded_twice_and_closes_after_72_hours_never_early() {
    assert_eq!(done().ticket_now(T1).due(), Some(START.plus(hours(24))));
    let closes = START.plus(hours(72));
    let world = done()
        .when(remind(1).after(hours(23)))
        .refused(&Rejection::NotDue { due: START.plus(hours(24)) });
    let world = world.when(remind(2)).then([]);
    let outcome = world.when(remind(1).after(hours(1)));
    assert!(matches!(
        &outcome.events()[..],
        [_, Event::Ticket(TicketEvent::Told(told))]
            if told.whom == Recipient::Customer && told.notice == Notice::PleaseConfirm
    ));
    let world = outcome.then(["Reminded", "Told"]);
    let world = world.when(remind(1)).then([]);
    assert_eq!(world.ticket_now(T1).due(), Some(START.plus(hours(48))));
    let world = world.when(remind(2).after(hours(24))).then(["Reminded", "Told"]);
    assert_eq!(world.ticket_now(T1).due(), Some(closes));
    let world = world.when(remind(3).after(hours(23))).then([]);
    let world = world.when(close_by_silence()).refused(&Rejection::NotDue { due: closes });
    let world = world.when(close_by_silence().after(hours(1))).then(["ClosedBySilence"]);
    assert!(matches!(
        world.ticket_now(T1).phase,
        Phase::Closed { outcome: Outcome::BySilence, at } if at == closes
    ));
    world.when(close_by_silence()).then([]);
}

#[test]
fn silence_is_no_answer() {
    assert_eq!(silent().ticket_now(T1).answer, None);
    answered_before_silence_is_never_closed_by_it();
}

fn answered_before_silence_is_never_closed_by_it() {
    let answered = done().when(confirm()).then(["Confirmed"]);
    let world = answered.when(close_by_silence().after(days(4))).then([]);
    assert!(matches!(
        world.ticket_now(T1).phase,
        Phase::Closed { outcome: Outcome::Satisfied, .. }
    ));
}

#[test]
fn the_first_real_answer_after_silence_counts_for_seven_days() {
    let world = silent().when(confirm().after(days(7))).then(["Confirmed"]);
    assert!(matches!(
        world.ticket_now(T1).phase,
        Phase::Closed { outcome: Outcome::Satisfied, .. }
    ));
    let world = silent().when(confirm_partly()).then(["Confirmed"]);
    assert_eq!(world.phase(T1), PhaseName::CallBack);
    let world = silent().when(reject()).then(["Rejected", "Escalated", "Told"]);
    assert_eq!(world.ticket_now(T1).left_out, [ANNA]);

    let until = START.plus(days(10));
    for late in [confirm(), reject()] {
        silent().when(late.after(days(7) + seconds(1))).refused(&Rejection::TooLate { until });
    }
}

#[test]
fn a_closed_ticket_is_opened_again_within_seven_days() {
    let closed = done().when(confirm()).then(["Confirmed"]);
    let world = closed.clone().when(reopen().after(days(7))).then(["Reopened"]);
    let ticket = world.ticket_now(T1);
    assert!(ticket.awaits_dispatch());
    assert_eq!((ticket.reopened, ticket.answer), (1, None));
    world
        .when(reopen())
        .refused(&Rejection::NotAllowed { verb: Verb::Reopen, phase: PhaseName::Waiting });
    closed
        .when(reopen().after(days(7) + seconds(1)))
        .refused(&Rejection::TooLate { until: START.plus(days(7)) });
    silent().when(reopen()).then(["Reopened"]);
    given([create(), cancel()]).when(reopen()).then(["Reopened"]);
}

#[test]
fn an_agent_closes_only_with_a_reason_and_only_what_nobody_works_on() {
    given([create_empty()]).when(close()).then(["Closed"]);
    given([create_empty()]).when(step(BY_AGENT, Close::default())).invalid("words");
    for history in [
        vec![create()],
        vec![create(), assign(ANNA)],
        vec![create(), assign(ANNA), accept(ANNA)],
        vec![create(), resolve(BY_AGENT)],
    ] {
        let world = given(history);
        let phase = world.phase(T1);
        world.when(close()).refused(&Rejection::NotAllowed { verb: Verb::Close, phase });
    }
}

#[test]
fn a_customer_cancels_and_whoever_had_it_is_free_and_told() {
    given([create()]).when(cancel()).then(["Cancelled"]);
    given([create(), offer([ANNA, BO])]).when(cancel()).then(["OfferWithdrawn", "Cancelled"]);
    for history in
        [vec![create(), assign(ANNA)], vec![create(), assign(ANNA), accept(ANNA), depart(ANNA)]]
    {
        let outcome = given(history).when(cancel());
        assert!(outcome.events().iter().any(|event| matches!(
            event,
            Event::Ticket(TicketEvent::Told(told))
                if told.whom == Recipient::Engineer(ANNA) && told.notice == Notice::NoLongerYours
        )));
        let world = outcome.then(["Withdrawn", "PlaceFreed", "Told", "Cancelled"]);
        assert_eq!(world.engineer_now(ANNA).free_places(), 2);
        world
            .when(cancel())
            .refused(&Rejection::NotAllowed { verb: Verb::Cancel, phase: PhaseName::Cancelled });
    }
}
