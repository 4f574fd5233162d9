//! The auditor finds what a broken driver would leave behind.

use std::time::Duration;

use dispatcher::{Finding, Problem};
use domain::ticket::Create;

use crate::firm::{Firm, HERE};

const TOLERANCE: Duration = Duration::from_secs(60);

#[test]
fn a_timer_that_nobody_served_is_found() {
    let mut firm = Firm::with_engineers(1);
    let ticket = firm.report();
    let due = firm.ticket(ticket).due().expect("a due time");
    assert_eq!(firm.core.audit(due.plus(TOLERANCE), TOLERANCE), []);
    let late = due.plus(TOLERANCE).plus(TOLERANCE);
    let problem = Problem::Overdue { due };
    assert_eq!(firm.core.audit(late, TOLERANCE), [Finding { ticket, problem }]);
}

#[test]
fn an_action_that_nobody_answers_is_found() {
    let mut firm = Firm::with_engineers(1);
    let ticket = firm.file(Create { outlet: Some(HERE), ..Create::default() });
    let event = firm.world.log.last().expect("an event");
    assert_eq!(firm.core.on_event(event, firm.world.now).expect("a legal log").len(), 1);
    let later = firm.world.now.plus(Duration::from_secs(600));
    let problem = Problem::Unanswered { since: firm.world.now };
    assert_eq!(firm.core.audit(later, TOLERANCE), [Finding { ticket, problem }]);
}

#[test]
fn the_directors_queue_waits_for_a_person() {
    let mut firm = Firm::with_engineers(0);
    firm.report();
    firm.pass_minutes(7 * 24 * 60);
    assert_eq!(firm.core.audit(firm.world.now, TOLERANCE), []);
}
