//! 未解决: up a level, without the engineer, who is frozen for the day.

use domain::Command;
use domain::engineer::{EngineerCommand, FreezeReason, Profile, UnfreezeReason};
use domain::ticket::RetractAnswer;

use crate::firm::{AREA, Firm, HERE, engineer};

#[test]
fn the_ticket_goes_up_to_somebody_else_and_the_engineer_is_frozen_for_the_day() {
    let mut firm = Firm::with_engineers(2);
    let ticket = firm.report();
    firm.accept(ticket);
    firm.resolve(ticket);
    let before = firm.sent.len();
    firm.reject(ticket);
    assert_eq!(firm.ticket(ticket).level, 1);
    assert_eq!(firm.owner(ticket), Some(engineer(2)));
    let frozen = firm.world.engineers[&engineer(1)].frozen.expect("frozen");
    assert_eq!(frozen.reason, FreezeReason::Unresolved(ticket));
    assert_eq!(frozen.until, "2026-03-03T00:00:00+08:00".parse().expect("a moment"));
    assert!(matches!(
        firm.sent[before].command,
        Command::Engineer(_, EngineerCommand::Freeze { .. })
    ));
    // Not dispatched for the rest of the day, and again in the morning.
    let others: Vec<_> = (0..3).map(|_| firm.report()).collect();
    assert!(others.iter().all(|other| firm.owner(*other) != Some(engineer(1))));
    firm.pass_to("2026-03-03T00:00:00+08:00");
    assert!(others.iter().any(|other| firm.owner(*other) == Some(engineer(1))));
}

#[test]
fn taking_the_answer_back_ends_the_freeze() {
    let mut firm = Firm::with_engineers(2);
    let ticket = firm.report();
    firm.accept(ticket);
    firm.resolve(ticket);
    firm.reject(ticket);
    firm.pass_minutes(5);
    firm.ask(ticket, RetractAnswer {});
    assert_eq!(firm.world.engineers[&engineer(1)].frozen, None);
    assert_eq!(firm.ticket(ticket).level, 0);
}

#[test]
fn a_freeze_for_two_tickets_lasts_while_one_answer_stands() {
    let mut firm = Firm::with_engineers(2);
    firm.off_duty(engineer(2));
    let [one, two] = [firm.report(), firm.report()];
    for ticket in [one, two] {
        firm.accept(ticket);
        firm.resolve(ticket);
    }
    firm.reject(one);
    firm.reject(two);
    firm.ask(one, RetractAnswer {});
    let frozen = firm.world.engineers[&engineer(1)].frozen.expect("frozen");
    assert_eq!(frozen.reason, FreezeReason::Unresolved(two));
    firm.ask(two, RetractAnswer {});
    assert_eq!(firm.world.engineers[&engineer(1)].frozen, None);
}

#[test]
fn a_supervisor_who_lifts_the_freeze_has_the_last_word() {
    let mut firm = Firm::with_engineers(2);
    let ticket = firm.report();
    firm.accept(ticket);
    firm.resolve(ticket);
    firm.reject(ticket);
    firm.tell(engineer(1), EngineerCommand::Unfreeze(UnfreezeReason::Lifted));
    firm.restart();
    firm.pass_minutes(10);
    assert_eq!(firm.world.engineers[&engineer(1)].frozen, None);
    // The ticket itself stays with somebody else.
    assert_eq!(firm.owner(ticket), Some(engineer(2)));
}

#[test]
fn the_area_keeps_the_engineers_that_it_needs() {
    let mut firm = Firm::with_engineers(3);
    firm.world.area(AREA, Some(2));
    let tickets: Vec<_> = (0..2).map(|_| firm.report()).collect();
    for ticket in &tickets {
        firm.accept(*ticket);
        firm.resolve(*ticket);
    }
    for ticket in &tickets {
        firm.reject(*ticket);
    }
    let frozen = |number| firm.world.engineers[&engineer(number)].frozen.is_some();
    assert_eq!((frozen(1), frozen(2), frozen(3)), (true, false, false));
}

#[test]
fn a_firm_can_do_without_freezing() {
    let mut firm = Firm::with_engineers(3);
    firm.world.publish(|rules| rules.freeze.enabled = false);
    let ticket = firm.report();
    firm.accept(ticket);
    firm.resolve(ticket);
    firm.reject(ticket);
    assert_eq!(firm.world.engineers[&engineer(1)].frozen, None);
    assert_eq!(firm.owner(ticket), Some(engineer(2)));
}

#[test]
fn an_engineer_alone_in_the_area_is_not_frozen() {
    let mut firm = Firm::new();
    firm.hire(engineer(1), Profile { outlet: Some(HERE), ..Profile::default() });
    let ticket = firm.report();
    firm.accept(ticket);
    firm.resolve(ticket);
    firm.reject(ticket);
    assert_eq!(firm.world.engineers[&engineer(1)].frozen, None);
    assert_eq!(firm.owner(ticket), None, "but does not get the same ticket again");
}

#[test]
fn after_a_stop_over_midnight_nobody_is_frozen_for_yesterday() {
    let mut firm = Firm::with_engineers(2);
    let ticket = firm.report();
    firm.accept(ticket);
    firm.resolve(ticket);
    let reject = domain::ticket::Reject::default();
    firm.world.of_ticket(ticket, domain::Party::Anonymous, reject).expect("taken");
    firm.world.now = "2026-03-03T07:00:00+08:00".parse().expect("a moment");
    firm.restart();
    assert_eq!(firm.world.engineers[&engineer(1)].frozen, None);
    assert_eq!(firm.owner(ticket), Some(engineer(2)));
}
