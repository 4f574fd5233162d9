//! Answers that are refusals, come late, twice or never.

use dispatcher::{Action, Answer};
use domain::ticket::{Accept, Create, Phase};
use domain::{Filter, Party, Rejection};

use crate::firm::{Firm, HERE, engineer};

/// A report for which the core has just handed an action out.
fn reported(firm: &mut Firm) -> (domain::TicketId, Action) {
    let id = firm.file(Create { outlet: Some(HERE), ..Create::default() });
    let event = firm.world.log.last().expect("an event");
    let mut actions = firm.core.on_event(event, firm.world.now).expect("a legal log");
    assert_eq!(actions.len(), 1);
    (id, actions.remove(0))
}

fn no_free_place(number: u128) -> Answer {
    let engineer = engineer(number);
    Answer::Rejected((&Rejection::NoFreePlace { engineer, taken: 3, capacity: 3 }).into())
}

fn chosen(action: &Action) -> domain::EngineerId {
    match &action.command {
        domain::Command::Ticket(_, domain::ticket::TicketCommand::Assign(assign)) => {
            assign.engineer.expect("an engineer")
        }
        command => panic!("{command:?}"),
    }
}

#[test]
fn a_place_that_was_taken_meanwhile_is_asked_of_the_next_at_once() {
    let mut firm = Firm::with_engineers(3);
    let (_, first) = reported(&mut firm);
    assert_eq!(chosen(&first), engineer(1));
    firm.core.on_answer(&first.id, &no_free_place(1), firm.world.now);
    let second = firm.core.on_tick(firm.world.now);
    assert_eq!((second.len(), chosen(&second[0])), (1, engineer(2)));
    assert_eq!(second[0].id, first.id, "the same assignment, decided again");
}

#[test]
fn who_was_refused_is_left_out_until_something_is_heard_of_them() {
    let mut firm = Firm::with_engineers(1);
    let (ticket, first) = reported(&mut firm);
    firm.core.on_answer(&first.id, &no_free_place(1), firm.world.now);
    let deferred = firm.core.on_tick(firm.world.now);
    assert_eq!(deferred[0].id.key, format!("defer/{ticket}/1"));
    let domain::Command::Ticket(_, domain::ticket::TicketCommand::Defer(defer)) =
        &deferred[0].command
    else {
        panic!("{deferred:?}")
    };
    let reason = defer.reason.as_ref().expect("a reason");
    assert_eq!(reason.filtered[0].filter, Filter::NoFreePlace);
    for action in deferred {
        firm.carry_out(action);
    }
    firm.settle();
    assert_eq!(firm.sent.len(), 1, "no second attempt for nothing");
    // Nothing is heard: tried again all the same, once a minute and not more.
    firm.pass_minutes(1);
    assert_eq!(firm.owner(ticket), Some(engineer(1)));
}

#[test]
fn refusals_are_not_repeated_in_a_circle() {
    let mut firm = Firm::with_engineers(5);
    let (ticket, first) = reported(&mut firm);
    let mut open = vec![first];
    let mut attempts = 0;
    let end = firm.world.now.plus(std::time::Duration::from_secs(1_500));
    while firm.world.now < end {
        for action in std::mem::take(&mut open) {
            attempts += 1;
            let answer = match &action.command {
                domain::Command::Ticket(_, domain::ticket::TicketCommand::Assign(assign)) => {
                    let engineer = assign.engineer.expect("an engineer");
                    Answer::Rejected((&Rejection::NotOnDuty { engineer }).into())
                }
                _ => Answer::Rejected((&Rejection::NotFound { stream: ticket.into() }).into()),
            };
            firm.core.on_answer(&action.id, &answer, firm.world.now);
        }
        firm.world.now = firm.core.next_due().expect("a timer").max(firm.world.now);
        open = firm.core.on_tick(firm.world.now);
    }
    // Five engineers once a minute each for 25 minutes, and some deferrals in between.
    assert!(attempts <= 25 * 6 + 10, "{attempts}");
}

#[test]
fn late_and_repeated_answers_change_nothing() {
    let mut firm = Firm::with_engineers(2);
    let (ticket, action) = reported(&mut firm);
    let answer = firm.world.carry_out(&action);
    firm.settle();
    for answer in [answer, Answer::NotTaken, no_free_place(1), Answer::Nothing] {
        firm.core.on_answer(&action.id, &answer, firm.world.now);
    }
    firm.settle();
    firm.ask(ticket, Accept { engineer: Some(engineer(1)) });
    assert_eq!(firm.asked(ticket), [engineer(1)]);
    assert_eq!(firm.core.unanswered(), 0);
}

#[test]
fn an_answer_before_its_events_keeps_the_ticket_and_the_place() {
    let mut firm = Firm::with_engineers(1);
    let (ticket, action) = reported(&mut firm);
    let answer = firm.world.carry_out(&action);
    firm.core.on_answer(&action.id, &answer, firm.world.now);
    assert_eq!(firm.core.on_tick(firm.world.now), []);
    firm.settle();
    assert_eq!(firm.owner(ticket), Some(engineer(1)));
    assert_eq!(firm.core.unanswered(), 0);
}

#[test]
fn an_answer_that_never_comes_is_asked_for_again_under_the_same_name() {
    for carried_out in [false, true] {
        let mut firm = Firm::with_engineers(1);
        let (ticket, action) = reported(&mut firm);
        if carried_out {
            firm.world.carry_out(&action);
        }
        firm.pass_minutes(3);
        assert_eq!(firm.asked(ticket), [engineer(1)]);
        let again = firm.sent.iter().filter(|sent| sent.id == action.id).count();
        assert_eq!(again, usize::from(!carried_out));
    }
}

#[test]
fn what_could_not_be_taken_is_tried_later() {
    let mut firm = Firm::with_engineers(1);
    let (ticket, action) = reported(&mut firm);
    firm.core.on_answer(&action.id, &Answer::NotTaken, firm.world.now);
    assert_eq!(firm.core.on_tick(firm.world.now), []);
    firm.pass_minutes(1);
    assert_eq!(firm.owner(ticket), Some(engineer(1)));
}

#[test]
fn somebody_who_assigns_by_hand_is_faster_than_a_decision_on_its_way() {
    let mut firm = Firm::with_engineers(2);
    let (ticket, action) = reported(&mut firm);
    firm.assign_by_hand(ticket, engineer(2));
    assert_eq!(firm.world.carry_out(&action), Answer::Nothing);
    firm.core.on_answer(&action.id, &Answer::Nothing, firm.world.now);
    firm.settle();
    assert_eq!(firm.asked(ticket), [engineer(2)]);
    // The place that was reserved for it is free again.
    let others: Vec<_> = (0..3).map(|_| firm.report()).collect();
    let first = others.iter().filter(|other| firm.owner(**other) == Some(engineer(1))).count();
    assert!(first >= 2, "{first}");
}

#[test]
fn a_decision_that_was_taken_before_is_not_taken_again() {
    let mut firm = Firm::with_engineers(2);
    let (ticket, action) = reported(&mut firm);
    firm.core.on_answer(&action.id, &Answer::DecidedAlready, firm.world.now);
    assert_eq!(firm.core.on_tick(firm.world.now), [], "its event is on its way");
    firm.world.carry_out(&action);
    firm.settle();
    assert!(matches!(firm.phase(ticket), Phase::Assigned { .. }));
    assert_eq!(firm.sent.len(), 0);
    let unknown = domain::CommandId { issuer: domain::Issuer::Dispatcher, key: "nothing".into() };
    firm.core.on_answer(&unknown, &Answer::Nothing, firm.world.now);
    firm.world.of_ticket(ticket, Party::Anonymous, Accept { engineer: Some(engineer(1)) }).ok();
    firm.settle();
}

#[test]
fn what_is_asked_next_stays_on_its_way_while_the_rest_of_what_led_to_it_is_heard() {
    let mut firm = Firm::with_engineers(2);
    let (_, assign) = reported(&mut firm);
    firm.carry_out(assign);
    firm.settle();
    firm.world.now = firm.world.now.plus(std::time::Duration::from_secs(30 * 60));
    let carried_out = |firm: &mut Firm, action: &Action| {
        let answer = firm.world.carry_out(action);
        assert!(matches!(answer, Answer::Done { .. }), "{answer:?}");
        firm.core.on_answer(&action.id, &answer, firm.world.now);
    };
    let hear = |firm: &mut Firm| {
        let next = usize::try_from(firm.core.position().get()).expect("small");
        let event = firm.world.log[next].clone();
        (event.event.name(), firm.core.on_event(&event, firm.world.now).expect("a legal log"))
    };
    // The time-out is answered before any of its events is heard.
    let time_out = firm.core.on_tick(firm.world.now);
    carried_out(&mut firm, &time_out[0]);
    let (name, next) = hear(&mut firm);
    assert_eq!((name, next.len(), chosen(&next[0])), ("TimedOut", 1, engineer(2)));
    carried_out(&mut firm, &next[0]);
    for rest in ["PlaceFreed", "Told"] {
        assert_eq!(hear(&mut firm).0, rest);
        assert_eq!(firm.core.unanswered(), 1, "{rest} is no event of the assignment");
    }
    assert_eq!(hear(&mut firm).0, "Assigned");
    assert_eq!(firm.core.unanswered(), 0);
}
