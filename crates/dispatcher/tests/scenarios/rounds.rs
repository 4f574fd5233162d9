//! Assignments and offers that nobody accepts.

use domain::ServiceHours;
use domain::directory::OutletEntry;
use domain::ticket::{Offer, Phase, QueueReason, QueueRole};

use crate::firm::{AREA, Firm, HERE, engineer};

#[test]
fn an_assignment_that_is_not_accepted_goes_to_somebody_else_and_the_supervisor_is_told() {
    let mut firm = Firm::with_engineers(2);
    let ticket = firm.report();
    firm.pass_minutes(29);
    assert_eq!(firm.asked(ticket), [engineer(1)]);
    firm.pass_minutes(1);
    assert_eq!(firm.asked(ticket), [engineer(1), engineer(2)]);
    assert_eq!(firm.history(ticket), ["Created", "Assigned", "TimedOut", "Told", "Assigned"]);
}

#[test]
fn after_the_last_round_it_is_in_the_supervisors_queue_and_climbs_to_the_director() {
    let mut firm = Firm::with_engineers(9);
    let ticket = firm.report();
    firm.pass_minutes(90);
    assert_eq!(firm.asked(ticket), [engineer(1), engineer(2), engineer(3)]);
    let Phase::Queued { queue } = *firm.phase(ticket) else { panic!("{:?}", firm.phase(ticket)) };
    assert_eq!((queue.role, queue.reason), (QueueRole::Supervisor, QueueReason::RoundsExhausted));
    assert!(queue.due > firm.world.now);
    firm.pass_minutes(24 * 60);
    let Phase::Queued { queue } = *firm.phase(ticket) else { panic!("{:?}", firm.phase(ticket)) };
    assert_eq!(queue.role, QueueRole::Director);
    assert_eq!(firm.asked(ticket).len(), 3, "never a loop");
    assert_eq!(firm.core.next_due(), None);
}

#[test]
fn when_all_have_let_it_pass_the_supervisor_gets_it_when_due() {
    let mut firm = Firm::with_engineers(1);
    let ticket = firm.report();
    firm.pass_minutes(60);
    assert_eq!(firm.asked(ticket), [engineer(1)]);
    let Phase::Queued { queue } = *firm.phase(ticket) else { panic!("{:?}", firm.phase(ticket)) };
    assert_eq!(queue.reason, QueueReason::NobodyAvailable);
}

#[test]
fn a_person_who_assigns_begins_a_new_round() {
    let mut firm = Firm::with_engineers(3);
    let ticket = firm.report();
    firm.pass_minutes(90);
    firm.assign_by_hand(ticket, engineer(2));
    firm.pass_minutes(30);
    assert_eq!(firm.asked(ticket).len(), 5);
    assert_ne!(firm.owner(ticket), Some(engineer(2)));
}

#[test]
fn an_offer_that_nobody_takes_is_dispatched_to_somebody_else() {
    let mut firm = Firm::with_engineers(3);
    let ticket = firm.report();
    let engineers = vec![engineer(1), engineer(2)];
    firm.ask(ticket, Offer { engineers, ..Offer::default() });
    assert!(matches!(firm.phase(ticket), Phase::Offered { .. }));
    firm.pass_minutes(30);
    assert_eq!(firm.owner(ticket), Some(engineer(3)));
}

#[test]
fn at_night_the_clock_stands_still_except_for_urgent_tickets() {
    let mut firm = Firm::with_engineers(2);
    let weekly = "Mon-Sun 08:00-18:00".parse().expect("hours");
    let hours = ServiceHours::new("Asia/Shanghai", weekly, Vec::new()).expect("service hours");
    let entry = OutletEntry { area: Some(AREA), hours: Some(hours), ..OutletEntry::default() };
    firm.world.outlet(HERE, entry);
    firm.pass_to("2026-03-02T17:50:00+08:00");
    let calm = firm.report();
    let create = domain::ticket::Create { outlet: Some(HERE), urgent: true, ..Default::default() };
    let urgent = firm.report_with(create);
    let first = firm.owner(calm);
    firm.pass_to("2026-03-03T08:19:00+08:00");
    assert_eq!(firm.owner(calm), first, "ten minutes yesterday, nineteen today");
    assert_eq!(firm.asked(urgent).len(), 2, "five minutes each, at any hour");
    firm.pass_to("2026-03-03T08:20:00+08:00");
    assert_ne!(firm.owner(calm), first);
    assert_eq!(firm.asked(calm).len(), 2);
}
