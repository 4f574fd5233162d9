//! Everything that time leads to, apart from rounds.

use std::time::Duration;

use domain::ticket::{
    Appoint, Arrive, Cancel, Claim, Create, Hold, HoldReason, Link, LinkKind, Phase, QueueReason,
    QueueRole, Reopen, Transfer, Work,
};
use domain::{StaffId, TicketId};

use crate::firm::{Firm, HERE, engineer};

fn counted(firm: &Firm, ticket: TicketId, name: &str) -> usize {
    firm.history(ticket).iter().filter(|event| **event == name).count()
}

fn working(firm: &Firm, ticket: TicketId) -> Work {
    match firm.phase(ticket) {
        Phase::Working(work) => *work,
        phase => panic!("{phase:?}"),
    }
}

#[test]
fn a_hold_ends_by_itself() {
    let mut firm = Firm::with_engineers(1);
    let ticket = firm.report();
    firm.accept(ticket);
    let hold = Hold { reason: Some(HoldReason::WaitingForParts), ..Hold::default() };
    firm.ask(ticket, hold.clone());
    firm.pass_minutes(24 * 60);
    assert_eq!(working(&firm, ticket).hold, None);
    firm.ask(ticket, hold);
    firm.pass_minutes(24 * 60);
    assert_eq!(counted(&firm, ticket, "Resumed"), 2, "a second hold ends as the first");
}

#[test]
fn a_silent_owner_is_asked_then_the_supervisor_is_told_and_the_ticket_stays() {
    let mut firm = Firm::with_engineers(2);
    let ticket = firm.report();
    firm.accept(ticket);
    firm.pass_minutes(4 * 60);
    assert!(working(&firm, ticket).asked);
    firm.pass_minutes(60);
    assert_eq!(counted(&firm, ticket, "SilenceReported"), 1);
    assert_eq!(firm.owner(ticket), Some(engineer(1)));
    firm.pass_minutes(5 * 60);
    assert_eq!(counted(&firm, ticket, "SilenceReported"), 2);
}

#[test]
fn a_transfer_that_is_not_taken_ends_also_while_on_hold() {
    for on_hold in [false, true] {
        let mut firm = Firm::with_engineers(2);
        let ticket = firm.report();
        firm.accept(ticket);
        firm.ask(ticket, Transfer { to: Some(engineer(2)) });
        if on_hold {
            let reason = Some(HoldReason::CustomerAbsent);
            firm.ask(ticket, Hold { reason, ..Hold::default() });
        }
        firm.pass_minutes(30);
        assert_eq!(working(&firm, ticket).transfer, None);
        assert_eq!(firm.owner(ticket), Some(engineer(1)));
    }
}

#[test]
fn a_claim_that_leads_to_nothing_ends() {
    let mut firm = Firm::new();
    let ticket = firm.report();
    firm.ask(ticket, Claim { agent: Some(StaffId::from_u128(1)) });
    firm.pass_minutes(15);
    assert!(matches!(firm.phase(ticket), Phase::Waiting { .. }));
}

fn visit(firm: &Firm, from_minutes: u64, until_minutes: u64) -> Appoint {
    let at = |minutes: u64| Some(firm.world.now.plus(Duration::from_secs(minutes * 60)));
    Appoint { from: at(from_minutes), until: at(until_minutes), words: String::new() }
}

#[test]
fn a_visit_that_nobody_makes_is_recorded_each_time_it_was_agreed() {
    let mut firm = Firm::with_engineers(1);
    let ticket = firm.report();
    firm.accept(ticket);
    firm.ask(ticket, visit(&firm, 60, 120));
    firm.pass_minutes(121);
    assert_eq!(counted(&firm, ticket, "AppointmentMissed"), 1);
    firm.ask(ticket, visit(&firm, 60, 120));
    firm.pass_minutes(121);
    assert_eq!(counted(&firm, ticket, "AppointmentMissed"), 2);
}

#[test]
fn a_visit_that_was_made_is_not_missed_whatever_comes_after() {
    let mut firm = Firm::with_engineers(2);
    let ticket = firm.report();
    firm.accept(ticket);
    firm.ask(ticket, visit(&firm, 60, 240));
    firm.pass_minutes(90);
    firm.ask(ticket, Arrive::default());
    firm.resolve(ticket);
    firm.reject(ticket);
    firm.pass_minutes(240);
    assert_eq!(counted(&firm, ticket, "AppointmentMissed"), 0);
}

#[test]
fn the_customer_is_reminded_twice_then_it_is_closed_by_silence() {
    let mut firm = Firm::with_engineers(2);
    let ticket = firm.report();
    firm.accept(ticket);
    firm.resolve(ticket);
    firm.pass_minutes(72 * 60);
    assert_eq!(counted(&firm, ticket, "Reminded"), 2);
    assert_eq!(counted(&firm, ticket, "ClosedBySilence"), 1);
    // A week later it is still known, and dispatched like a new one.
    firm.pass_minutes(6 * 24 * 60);
    firm.ask(ticket, Reopen::default());
    assert_eq!(firm.ticket(ticket).assignments, 2);
    firm.accept(ticket);
    firm.resolve(ticket);
    firm.pass_minutes(72 * 60);
    assert_eq!(counted(&firm, ticket, "Reminded"), 4);
    assert_eq!(firm.core.open_tickets(), 0);
}

#[test]
fn changed_rules_move_no_reminder_that_is_due() {
    let mut firm = Firm::with_engineers(1);
    let ticket = firm.report();
    firm.accept(ticket);
    firm.resolve(ticket);
    firm.world.publish(|rules| rules.close.remind_after.clear());
    // Due after a day by the old rules; the new ones allow nothing before three days.
    firm.pass_minutes(71 * 60);
    assert!(matches!(firm.phase(ticket), Phase::Resolved { .. }));
    let tries = firm.sent.iter().filter(|one| one.id.key.starts_with("close-by-silence")).count();
    assert_eq!(tries, 1);
    firm.pass_minutes(61);
    assert!(matches!(firm.phase(ticket), Phase::Closed { .. }));
}

#[test]
fn an_empty_report_climbs_the_ladder_to_the_director() {
    let mut firm = Firm::new();
    let ticket = firm.report_with(Create { sentence: Some(" ".into()), ..Create::default() });
    firm.pass_minutes(24 * 60);
    let Phase::Queued { queue } = firm.phase(ticket) else { panic!("{:?}", firm.phase(ticket)) };
    assert_eq!((queue.role, queue.reason), (QueueRole::Director, QueueReason::EmptyReport));
    assert_eq!(counted(&firm, ticket, "Queued"), 3);
}

fn duplicate(firm: &mut Firm) -> (TicketId, TicketId) {
    let [first, second] = [firm.report(), firm.report()];
    let link = Link { to: Some(first), kind: Some(LinkKind::Duplicate), reason: None };
    firm.ask(second, link);
    assert!(matches!(firm.phase(second), Phase::Duplicate { .. }));
    (first, second)
}

#[test]
fn a_duplicate_is_not_dispatched_and_a_person_looks_at_it_when_its_time_is_over() {
    let mut firm = Firm::with_engineers(2);
    let (first, second) = duplicate(&mut firm);
    firm.accept(first);
    firm.resolve(first);
    firm.pass_minutes(24 * 60);
    let Phase::Queued { queue } = firm.phase(second) else { panic!("{:?}", firm.phase(second)) };
    assert_eq!((queue.role, queue.reason), (QueueRole::Supervisor, QueueReason::Escalated));
    assert_eq!(firm.owner(second), None);
}

#[test]
fn cancelling_the_first_releases_its_duplicates_also_across_a_restart() {
    for restarts in [false, true] {
        let mut firm = Firm::with_engineers(2);
        let (first, second) = duplicate(&mut firm);
        let cancel = Cancel { words: "已恢复".into() };
        firm.world.of_ticket(first, domain::Party::Anonymous, cancel).expect("taken");
        if restarts {
            firm.restart();
        }
        firm.settle();
        assert!(firm.owner(second).is_some(), "{:?}", firm.history(second));
    }
}

#[test]
fn a_ticket_that_is_opened_again_after_it_was_forgotten_goes_to_a_person() {
    let mut firm = Firm::with_engineers(1);
    let ticket = firm.report_with(Create { outlet: Some(HERE), ..Create::default() });
    firm.ask(ticket, Cancel::default());
    firm.pass_minutes(9 * 24 * 60);
    firm.report();
    firm.world.publish(|rules| rules.close.reopen_within = domain::Span::days(30));
    firm.ask(ticket, Reopen::default());
    let Phase::Queued { queue } = firm.phase(ticket) else { panic!("{:?}", firm.phase(ticket)) };
    assert_eq!(queue.reason, QueueReason::Escalated);
    firm.restart();
    assert_eq!(counted(&firm, ticket, "Queued"), 1);
}
