//! What becomes urgent: by the rule, or because somebody says so.

use domain::rules::{Cel, Condition, Finding, Met, RuleException, Test};
use domain::ticket::{
    Details, MarkUrgent, Notice, Offer, PhaseName, Priority, Recipient, TicketEvent,
};
use domain::{EngineerId, Event, Party, Rejection, Span};

use crate::world::*;

fn mark() -> Step {
    let met = Met { at: "all[0].says".into(), found: Finding::Says("停机".into()) };
    step(Party::Dispatcher, MarkUrgent { met: vec![met], ..MarkUrgent::default() })
}

fn say(urgent: bool) -> Step {
    step(BY_AGENT, Details { urgent: Some(urgent), ..Details::default() })
}

fn offer_urgently(engineers: &[EngineerId], after: u32) -> Step {
    let offer = Offer { engineers: engineers.to_vec(), after: Some(after), ..Offer::default() };
    step(Party::Dispatcher, offer)
}

fn told(events: &[Event]) -> Vec<(Recipient, Notice)> {
    let of = |event: &Event| match event {
        Event::Ticket(TicketEvent::Told(told)) => Some((told.whom, told.notice)),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

#[test]
fn the_rule_marks_a_ticket_once_until_somebody_is_there() {
    let marked = given([create()]).when(mark()).then(["MarkedUrgent"]);
    assert!(marked.ticket_now(T1).urgent);
    marked.when(mark()).then([]);
    let on_site = [create(), assign(ANNA), accept(ANNA), arrive(ANNA)];
    given(on_site).when(mark()).then([]);
    given([create(), resolve(BY_AGENT)]).when(mark()).then([]);
    given([create(), cancel()]).when(mark()).then([]);
}

#[test]
fn a_persons_word_wins_over_the_rule() {
    let calm = given([create()]).when(say(false)).then(["DetailsAdded"]);
    let calm = calm.when(say(false)).then([]);
    let calm = calm.when(mark()).then([]);
    assert!(!calm.ticket_now(T1).urgent);
    let overruled = given([create(), mark()]).when(say(false)).then(["DetailsAdded"]);
    let overruled = overruled.when(mark()).then([]);
    assert!(!overruled.ticket_now(T1).urgent);
    assert!(overruled.when(say(true)).then(["DetailsAdded"]).ticket_now(T1).urgent);
}

#[test]
fn what_was_accepted_is_raised_and_the_owner_told() {
    for (becomes, name) in [(mark(), "MarkedUrgent"), (say(true), "DetailsAdded")] {
        let outcome = given([create(), assign(ANNA), accept(ANNA)]).when(becomes);
        assert_eq!(told(&outcome.events()), [(Recipient::Engineer(ANNA), Notice::NowUrgent)]);
        let world = outcome.then([name, "Told"]);
        assert_eq!(world.ticket_now(T1).priority, Priority::Critical);
        assert_eq!(world.owner(T1), Some(ANNA), "it stays with whoever has it");
    }
}

#[test]
fn a_dispatch_that_was_not_accepted_is_withdrawn_and_offered_in_one_step() {
    let urgent = given([create(), dispatch(ANNA, 0), mark()]);
    let world = urgent.when(offer_urgently(&[BO, CHEN, ANNA], 1)).then([
        "Withdrawn",
        "PlaceFreed",
        "Offered",
    ]);
    assert_eq!(world.phase(T1), PhaseName::Offered);
    world.when(accept(BO)).then(["Assigned", "Accepted", "PlaceTaken"]);
}

#[test]
fn the_supervisor_is_told_when_fewer_can_be_asked_than_the_rules_want() {
    let outcome = given([create(), mark()]).when(offer_urgently(&[ANNA, BO], 0));
    let notices: Vec<_> = told(&outcome.events()).into_iter().map(|(_, notice)| notice).collect();
    assert_eq!(notices, [Notice::FewToAsk]);
    given([create(), mark()]).when(offer_urgently(&[ANNA, BO, CHEN], 0)).then(["Offered"]);
}

#[test]
fn an_urgent_offer_that_comes_late_takes_nothing_from_anybody() {
    for history in [
        vec![create()],
        vec![create(), mark(), assign(ANNA)],
        vec![create(), mark(), dispatch(ANNA, 0), accept(ANNA)],
        vec![create(), mark(), claim()],
        vec![create(), mark(), offer([ANNA])],
        vec![create(), mark(), cancel()],
    ] {
        given(history).when(offer_urgently(&[BO], 0)).then([]);
    }
}

#[test]
fn whoever_had_it_is_told_that_it_is_gone_unless_they_are_asked_again() {
    let has_it = || given([create(), mark(), dispatch(ANNA, 0)]);
    let gone = (Recipient::Engineer(ANNA), Notice::NoLongerYours);
    let says = |to: &[EngineerId]| told(&has_it().when(offer_urgently(to, 1)).events());
    assert!(says(&[BO]).contains(&gone));
    assert!(!says(&[ANNA, BO]).contains(&gone));
}

#[test]
fn the_dispatcher_offers_to_nobody_who_went_home_meanwhile() {
    given([create(), mark(), end_duty(BO)])
        .when(offer_urgently(&[BO], 0))
        .refused(&Rejection::NotOnDuty { engineer: BO });
}

fn exception(test: Test, within: u32) -> RuleException {
    RuleException {
        accept_within: Some(Span::minutes(within)),
        ..RuleException::of(Condition::Is(test))
    }
}

#[test]
fn an_expression_changes_time_outs_where_it_holds_and_not_where_it_cannot_be_known() {
    let exceptions = vec![
        exception(Test::Cel(Cel::new("images / 0 == 1")), 3),
        exception(Test::Cel(Cel::new("priority >= high && channel != \"page\"")), 11),
    ];
    let rules = domain::rules::Rules { exceptions, ..Default::default() };
    assert_eq!(rules.check(), Ok(()));
    let command = domain::Command::PublishRules(rules);
    let publish = Step { by: BY_SUPERVISOR, after: seconds(0), command };
    for (priority, within) in [(Priority::Critical, 11), (Priority::High, 11), (Priority::Low, 30)]
    {
        let important = Details { priority: Some(priority), ..Details::default() };
        let history = [publish.clone(), create(), step(BY_AGENT, important), dispatch(ANNA, 0)];
        let world = given(history);
        assert_eq!(world.ticket_now(T1).due(), Some(START.plus(minutes(within))), "{priority:?}");
    }
}

#[test]
fn an_exception_changes_the_time_outs_of_the_tickets_that_it_names_and_the_first_wins() {
    let exceptions = vec![
        exception(Test::PriorityAtLeast(Priority::Critical), 7),
        exception(Test::PriorityAtLeast(Priority::High), 11),
    ];
    let rules = domain::rules::Rules { exceptions, ..Default::default() };
    let publish = Step {
        by: BY_SUPERVISOR,
        after: seconds(0),
        command: domain::Command::PublishRules(rules),
    };
    for (priority, within) in [(Priority::Critical, 7), (Priority::High, 11), (Priority::Low, 30)] {
        let important = Details { priority: Some(priority), ..Details::default() };
        let history = [publish.clone(), create(), step(BY_AGENT, important), dispatch(ANNA, 0)];
        let world = given(history);
        assert_eq!(world.ticket_now(T1).due(), Some(START.plus(minutes(within))));
    }
    // A timer that runs keeps the rules that it was started under.
    let world = given([create(), dispatch(ANNA, 0), publish]);
    assert_eq!(world.ticket_now(T1).due(), Some(START.plus(minutes(30))));
}
