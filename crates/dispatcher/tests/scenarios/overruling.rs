//! People and duplicates: who is asked, who is faster, and whose word holds.

use dispatcher::Answer;
use domain::ticket::{
    Accept, Assign, Cancel, Create, Link, LinkKind, Phase, Reopen, Resolve, Unlink, Withdraw,
};
use domain::{Party, Rejection, StaffId, TicketId};

use crate::duplicates::{LATHE, PRESS, WORDS, by, firm, links, of, pair, suspicion};
use crate::firm::{Firm, engineer};

const AGENT: Party = Party::Agent(StaffId::from_u128(1));

fn as_agent(firm: &mut Firm, id: TicketId, command: impl Into<domain::ticket::TicketCommand>) {
    firm.world.of_ticket(id, AGENT, command).expect("taken");
    firm.settle();
}

#[test]
fn an_agent_is_asked_for_five_minutes_and_then_it_is_dispatched() {
    let mut firm = firm();
    let (_, second) = suspicion(&mut firm);
    assert_eq!(firm.history(second), ["Created", "Linked", "Told"]);
    firm.pass(std::time::Duration::from_secs(299));
    assert_eq!(firm.owner(second), None);
    firm.pass(std::time::Duration::from_secs(1));
    assert!(firm.owner(second).is_some());
    assert_eq!(links(&firm, second), []);
}

#[test]
fn an_agent_is_asked_once_whatever_else_it_may_be() {
    let mut firm = firm();
    let first = firm.report_with(by("13800000001", "一号车间", WORDS));
    let other = firm.report_with(Create { device: Some(PRESS), ..by("", "", WORDS) });
    assert!(firm.owner(other).is_some());
    let second = by("13800000002", "一号车间", "冲床咔哒");
    let second = firm.report_with(Create { device: Some(PRESS), ..second });
    let asked = links(&firm, second);
    assert_eq!(asked.len(), 1, "{:?}", firm.history(second));
    assert!(asked[0].0 == first || asked[0].0 == other);
    as_agent(&mut firm, second, Unlink { from: Some(asked[0].0) });
    assert!(firm.owner(second).is_some());
}

#[test]
fn what_an_agent_answers_holds() {
    for restarts in [false, true] {
        let mut firm = firm();
        let (first, second) = suspicion(&mut firm);
        let yes = Link { to: Some(first), kind: Some(LinkKind::Duplicate), reason: None };
        as_agent(&mut firm, second, yes);
        if restarts {
            firm.restart();
        }
        firm.pass_minutes(60);
        assert_eq!(firm.owner(second), None);
        assert_eq!(links(&firm, second), [(first, LinkKind::Duplicate)]);

        let (first, second) = pair(&mut firm);
        as_agent(&mut firm, second, Unlink { from: Some(first) });
        if restarts {
            firm.restart();
        }
        assert!(firm.owner(second).is_some(), "{:?}", firm.history(second));
        firm.ask(second, Withdraw {});
        assert_eq!(links(&firm, second), []);
        let key = format!("duplicate/{second}/{first}");
        let tries = firm.sent.iter().filter(|action| action.id.key == key);
        assert_eq!(tries.count(), 1, "nothing is asked for that was said");
    }
}

#[test]
fn an_agent_links_what_the_rules_would_dispatch() {
    let mut firm = firm();
    let first = firm.report_with(of(PRESS, WORDS));
    let second = firm.report_with(of(LATHE, WORDS));
    let link = Link { to: Some(first), kind: Some(LinkKind::Duplicate), reason: None };
    as_agent(&mut firm, second, link);
    firm.pass_minutes(60);
    assert_eq!(firm.owner(second), None);
}

#[test]
fn nobody_who_has_an_urgent_fault_waits_for_an_answer() {
    let mut firm = firm();
    firm.report_with(by("13800000001", "一号车间", WORDS));
    let urgent = Create { urgent: true, ..by("13800000002", "一号车间", WORDS) };
    let second = firm.report_with(urgent);
    assert!(firm.owner(second).is_some());
}

#[test]
fn a_person_who_was_faster_keeps_the_ticket() {
    let mut firm = firm();
    firm.report_with(of(PRESS, WORDS));
    let second = firm.file(of(PRESS, WORDS));
    let read = usize::try_from(firm.core.position().get()).expect("a small log");
    let event = firm.world.log[read].clone();
    let actions = firm.core.on_event(&event, firm.world.now).expect("a legal log");
    let hand = Assign { engineer: Some(engineer(4)), ..Default::default() };
    firm.world.of_ticket(second, AGENT, hand).expect("taken");
    for action in actions {
        firm.carry_out(action);
    }
    firm.settle();
    assert_eq!(firm.owner(second), Some(engineer(4)));
    firm.ask(second, Accept { engineer: Some(engineer(4)) });
    assert_eq!(links(&firm, second), []);
}

#[test]
fn a_link_that_is_refused_keeps_nobody_from_going() {
    let mut firm = firm();
    let first = firm.report_with(of(PRESS, WORDS));
    firm.accept(first);
    let second = firm.file(of(PRESS, WORDS));
    // Somebody is done while the core still decides on the state before.
    let read = usize::try_from(firm.core.position().get()).expect("a small log");
    let event = firm.world.log[read].clone();
    let actions = firm.core.on_event(&event, firm.world.now).expect("a legal log");
    assert_eq!(actions[0].id.key, format!("duplicate/{second}/{first}"));
    firm.world.of_ticket(first, AGENT, Resolve::default()).expect("taken");
    for action in actions {
        firm.carry_out(action);
    }
    firm.settle();
    assert!(firm.owner(second).is_some(), "{:?}", firm.history(second));
}

#[test]
fn cancelling_the_first_makes_the_next_one_the_first() {
    for restarts in [false, true] {
        let mut firm = firm();
        let (first, second) = pair(&mut firm);
        let third = firm.report_with(of(PRESS, WORDS));
        firm.world.of_ticket(first, AGENT, Cancel::default()).expect("taken");
        if restarts {
            firm.restart();
        }
        firm.settle();
        assert!(firm.owner(second).is_some(), "{:?}", firm.history(second));
        assert_eq!(links(&firm, third), [(second, LinkKind::Duplicate)]);
    }
}

#[test]
fn a_first_ticket_that_is_opened_again_at_once_keeps_those_that_wait_for_it() {
    let mut firm = firm();
    let (first, second) = pair(&mut firm);
    firm.world.of_ticket(first, AGENT, Cancel::default()).expect("taken");
    firm.world.of_ticket(first, AGENT, Reopen::default()).expect("taken");
    firm.settle();
    assert_eq!(links(&firm, second), [(first, LinkKind::Duplicate)]);
    firm.pass_minutes(24 * 60);
    assert!(matches!(firm.phase(second), Phase::Queued { .. }), "{:?}", firm.history(second));
}

#[test]
fn a_link_that_the_log_would_not_have_is_not_asked_for_again() {
    let mut firm = firm();
    let first = firm.report_with(of(PRESS, WORDS));
    let second = firm.file(of(PRESS, WORDS));
    let read = usize::try_from(firm.core.position().get()).expect("a small log");
    let event = firm.world.log[read].clone();
    let actions = firm.core.on_event(&event, firm.world.now).expect("a legal log");
    let refused = Answer::Rejected((&Rejection::LinkChain { ticket: first, of: second }).into());
    firm.core.on_answer(&actions[0].id, &refused, firm.world.now);
    firm.settle();
    assert!(firm.owner(second).is_some(), "{:?}", firm.history(second));
}
