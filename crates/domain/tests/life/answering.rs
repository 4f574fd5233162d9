//! The customer's answer: 解决满意, 部分解决, 未解决; taken back, given by the wrong person, given
//! twice.

use domain::engineer::UnfreezeReason;
use domain::ticket::{
    Confirm, Notice, Outcome, Phase, PhaseName, QueueReason, QueueRole, Recipient, Reject,
    TicketEvent, Verb, Verdict,
};
use domain::{Event, Party, Rejection};

use crate::world::*;

fn resolved() -> Vec<Step> {
    vec![create(), assign(ANNA), accept(ANNA), resolve(Party::Engineer(ANNA))]
}

fn answered(answer: Step) -> World {
    let mut steps = resolved();
    steps.push(answer);
    given(steps)
}

fn told(outcome: &crate::world::Outcome) -> Vec<(Recipient, Notice)> {
    let of = |event: &Event| match event {
        Event::Ticket(TicketEvent::Told(told)) => Some((told.whom, told.notice)),
        _ => None,
    };
    outcome.events().iter().filter_map(of).collect()
}

#[test]
fn a_satisfied_answer_closes_the_ticket() {
    let world = given(resolved()).when(confirm()).then(["Confirmed"]);
    let ticket = world.ticket_now(T1);
    assert!(matches!(ticket.phase, Phase::Closed { outcome: Outcome::Satisfied, .. }));
    assert_eq!(
        ticket.answer.map(|answer| (answer.verdict, answer.stars)),
        Some((Verdict::Satisfied, None))
    );
    world.when(confirm().after(days(300))).then([]);
}

#[test]
fn a_partly_solved_ticket_is_called_back_about_within_a_day_without_a_freeze() {
    let world = given(resolved()).when(confirm_partly()).then(["Confirmed"]);
    let Phase::CallBack { queue } = world.ticket_now(T1).phase else { panic!("no call-back") };
    assert_eq!((queue.role, queue.reason), (QueueRole::CallBack, QueueReason::PartlySolved));
    assert_eq!(queue.due, START.plus(hours(24)));
    assert!(world.engineer_now(ANNA).frozen.is_none());
    world.clone().when(confirm_partly()).then([]);
    // An agent who took it in hand and did not get to it leaves it where it was.
    let claimed = world.clone().when(claim()).then(["Claimed"]);
    let back = claimed.when(end_claim().after(hours(1))).then(["ClaimEnded"]);
    assert_eq!(back.phase(T1), PhaseName::CallBack);
    let closed = world.when(close()).then(["Closed"]);
    assert!(matches!(closed.ticket_now(T1).phase, Phase::Closed { outcome: Outcome::ByAgent, .. }));
}

#[test]
fn an_unsolved_ticket_goes_up_in_place_without_whoever_resolved_it() {
    let before = given(resolved());
    let (number, customer) = (before.ticket_now(T1).number, before.ticket_now(T1).customer);
    let outcome = before.when(reject());
    assert_eq!(told(&outcome), [(Recipient::Supervisor(Some(SUPERVISOR)), Notice::Unresolved)]);
    let world = outcome.then(["Rejected", "Escalated", "Told"]);
    let ticket = world.ticket_now(T1);
    assert_eq!((ticket.number, ticket.customer), (number, customer));
    assert_eq!((ticket.level, &ticket.left_out[..]), (1, &[ANNA][..]));
    assert!(ticket.awaits_dispatch());

    let left_out = Rejection::LeftOut { engineer: ANNA };
    let world = world.when(assign(ANNA)).refused(&left_out).when(reject()).then([]);
    let world = world.when(dispatch(ANNA, 1)).then([]);
    let next = given([]).when(create()).then(["Created"]);
    next.when(assign(ANNA)).then(["Assigned", "PlaceTaken"]);
    // For good: also when the next one is not solved either, and after the day is over.
    let again = world
        .when(assign(BO).after(days(2)))
        .then(["Assigned", "PlaceTaken"])
        .when(accept(BO))
        .then(["Accepted"])
        .when(transfer(BO, ANNA))
        .refused(&left_out)
        .when(resolve(Party::Engineer(BO)))
        .then(["Resolved", "PlaceFreed"])
        .when(reject())
        .then(["Rejected", "Escalated", "Told"]);
    assert_eq!(again.ticket_now(T1).level, 2);
    assert_eq!(again.ticket_now(T1).left_out, [ANNA, BO]);
    again.when(assign(ANNA)).refused(&left_out);
}

#[test]
fn an_unsolved_ticket_that_nobody_resolved_by_name_leaves_nobody_out() {
    let world =
        given([create(), resolve(BY_AGENT)]).when(reject()).then(["Rejected", "Escalated", "Told"]);
    assert!(world.ticket_now(T1).left_out.is_empty());
    assert_eq!(world.ticket_now(T1).level, 1);
}

#[test]
fn an_answer_is_taken_back_within_ten_minutes() {
    let world = answered(reject()).when(retract().after(minutes(10))).then(["AnswerRetracted"]);
    let ticket = world.ticket_now(T1);
    assert!(matches!(ticket.phase, Phase::Resolved { resolution, .. } if resolution.at == START));
    assert_eq!((ticket.level, ticket.left_out.len(), ticket.answer), (0, 0, None));
    assert_eq!(ticket.due(), Some(START.plus(hours(24))));
    world
        .clone()
        .when(retract())
        .refused(&Rejection::NotAllowed { verb: Verb::RetractAnswer, phase: PhaseName::Resolved });
    world.when(confirm()).then(["Confirmed"]);
    let late = retract().after(minutes(10) + seconds(1));
    answered(reject()).when(late).refused(&Rejection::TooLate { until: START.plus(minutes(10)) });
}

#[test]
fn taking_an_answer_back_frees_and_tells_the_next_engineer_however_far_they_are() {
    for (history, expected) in [
        (vec![offer([BO])], vec!["OfferWithdrawn", "AnswerRetracted"]),
        (vec![assign(BO)], vec!["Withdrawn", "PlaceFreed", "Told", "AnswerRetracted"]),
        (
            vec![assign(BO), accept(BO), depart(BO)],
            vec!["Withdrawn", "PlaceFreed", "Told", "AnswerRetracted"],
        ),
        (
            vec![assign(BO), accept(BO), hold(BO)],
            vec!["Withdrawn", "PlaceFreed", "Told", "AnswerRetracted"],
        ),
        (vec![claim()], vec!["AnswerRetracted"]),
        (vec![to_supervisor(None)], vec!["AnswerRetracted"]),
    ] {
        let mut world = answered(reject());
        for next in history {
            world.run(&next).expect("a legal step");
        }
        let outcome = world.when(retract().after(minutes(5)));
        let names: Vec<_> = outcome.events().iter().map(Event::name).collect();
        assert_eq!(names, expected);
        assert_eq!(outcome.world.phase(T1), PhaseName::Resolved);
    }
}

#[test]
fn there_must_be_an_answer_to_take_back() {
    given([create()]).when(retract()).refused(&Rejection::NoAnswer);
    answered(confirm_partly()).when(retract()).refused(&Rejection::NoAnswer);
}

#[test]
fn stars_are_1_to_5_or_absent_and_never_made_up() {
    for stars in [0, 6, 255] {
        let wrong = Confirm { stars: Some(stars), ..Confirm::default() };
        given(resolved()).when(step(BY_CUSTOMER, wrong)).invalid("stars");
        let wrong = Reject { stars: Some(stars), ..Reject::default() };
        given(resolved()).when(step(BY_CUSTOMER, wrong)).invalid("stars");
    }
    let as_reject = Confirm { verdict: Some(Verdict::Unresolved), ..Confirm::default() };
    given(resolved()).when(step(BY_CUSTOMER, as_reject)).invalid("verdict");
}

#[test]
fn a_rating_below_three_stars_goes_to_the_director() {
    let director = (Recipient::Director(Some(DIRECTOR)), Notice::LowRating);
    for stars in 1..=5 {
        let rated = Confirm { stars: Some(stars), ..Confirm::default() };
        let outcome = given(resolved()).when(step(BY_CUSTOMER, rated));
        assert_eq!(told(&outcome).contains(&director), stars < 3, "{stars} stars");
        let rated = Reject { stars: Some(stars), ..Reject::default() };
        let outcome = given(resolved()).when(step(BY_CUSTOMER, rated));
        assert_eq!(told(&outcome).contains(&director), stars < 3, "{stars} stars");
    }
}

#[test]
fn an_answer_from_an_engineers_login_is_flagged_and_not_counted() {
    let five = Confirm { stars: Some(5), ..Confirm::default() };
    let world = given(resolved()).when(step(Party::Engineer(ANNA), five)).then(["AnswerFlagged"]);
    assert_eq!(world.phase(T1), PhaseName::Resolved);
    assert_eq!(world.ticket_now(T1).answer, None);
    let world = world.when(reject().by(Party::Engineer(BO))).then(["AnswerFlagged"]);
    assert_eq!(world.phase(T1), PhaseName::Resolved);
    // The customer's own answer still counts.
    let world = world.when(reject()).then(["Rejected", "Escalated", "Told"]);
    world.when(confirm().by(Party::Engineer(ANNA))).then(["AnswerFlagged"]);
}

#[test]
fn there_must_be_work_to_answer() {
    for answer in [confirm(), reject(), confirm().by(Party::Engineer(ANNA))] {
        let Step { ref command, .. } = answer;
        let domain::Command::Ticket(_, asked) = command else { panic!("about a ticket") };
        let refused = Rejection::NotAllowed { verb: asked.verb(), phase: PhaseName::Waiting };
        given([create()]).when(answer).refused(&refused);
    }
}

#[test]
fn the_first_answer_binds_and_one_that_contradicts_it_goes_to_an_agent() {
    let agents = [(Recipient::Agents, Notice::InYourQueue)];
    let satisfied = answered(confirm());
    let outcome = satisfied.when(reject().after(days(1)));
    assert_eq!(told(&outcome), agents);
    let world = outcome.then(["AnswerContradicted", "Queued", "Told"]);
    let ticket = world.ticket_now(T1);
    assert_eq!(ticket.answer.map(|answer| answer.verdict), Some(Verdict::Satisfied));
    assert_eq!((ticket.level, ticket.left_out.len()), (0, 0));
    let queue = ticket.queue().copied().expect("an agent looks at it");
    assert_eq!(
        (queue.role, queue.reason),
        (QueueRole::CallBack, QueueReason::ContradictingAnswers)
    );
    assert!(!ticket.awaits_dispatch());
    // Nobody is sent out because an agent had no time.
    let claimed = world.clone().when(claim()).then(["Claimed"]);
    let back = claimed.when(end_claim().after(hours(1))).then(["ClaimEnded"]);
    assert!(!back.ticket_now(T1).awaits_dispatch());
    world.when(close()).then(["Closed"]);
}

#[test]
fn a_contradiction_is_heard_wherever_the_first_answer_has_led_the_ticket() {
    let partly = answered(confirm_partly());
    let world = partly.when(reject()).then(["AnswerContradicted", "Told"]);
    assert_eq!(world.phase(T1), PhaseName::CallBack);
    let unsolved = answered(reject());
    let world = unsolved.clone().when(confirm()).then(["AnswerContradicted", "Told"]);
    assert!(world.ticket_now(T1).awaits_dispatch());
    let mut working = unsolved;
    for next in [assign(BO), accept(BO)] {
        working.run(&next).expect("a legal step");
    }
    let world = working.when(confirm()).then(["AnswerContradicted", "Told"]);
    assert_eq!(world.owner(T1), Some(BO));
}

#[test]
fn a_contradiction_counts_for_as_long_as_the_ticket_could_be_opened_again() {
    let until = START.plus(days(7));
    answered(confirm())
        .when(reject().after(days(7) + seconds(1)))
        .refused(&Rejection::TooLate { until });
}

#[test]
fn the_next_work_has_an_answer_of_its_own() {
    let world = given([
        create(),
        resolve(Party::Engineer(ANNA)),
        reject(),
        assign(BO),
        accept(BO),
        resolve(Party::Engineer(BO)),
    ]);
    assert_eq!(world.ticket_now(T1).answer, None);
    let world = world.when(confirm()).then(["Confirmed"]);
    assert!(!world.ticket_now(T1).is_open());
    world
        .when(retract())
        .refused(&Rejection::NotAllowed { verb: Verb::RetractAnswer, phase: PhaseName::Closed });
}

#[test]
fn taking_an_answer_back_ends_a_freeze_that_the_answer_began_and_no_other() {
    let retracted = || unfreeze(ANNA, UnfreezeReason::AnswerRetracted(T1));
    given([create(), freeze_for(ANNA, T1)]).when(retracted()).then(["Unfrozen"]);
    given([create(), freeze_for(ANNA, T2)]).when(retracted()).then([]);
    given([create(), freeze(ANNA)]).when(retracted()).then([]);
    given([freeze(ANNA)]).when(unfreeze(ANNA, UnfreezeReason::Lifted)).then(["Unfrozen"]);
    given([]).when(unfreeze(ANNA, UnfreezeReason::Lifted)).then([]);
}
