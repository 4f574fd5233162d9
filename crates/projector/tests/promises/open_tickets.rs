//! Red, flashing, the backlog's top and the queues, as people read them off the board.

use domain::ticket::{
    Accept, Assign, Cancel, Claim, Confirm, Create, EscalateQueue, Hold, HoldReason, Import,
    ImportedStep, Link, LinkKind, PhaseName, Priority, QueueReason, QueueRole, Reject, Reopen,
    Resolve, Return, ToSupervisor, Verdict,
};
use domain::{Party, Span, TicketId, Timestamp};
use projector::open_tickets::{
    CursorError, PageRequest, QueueName, Sort, TICKETS_PAGE_MAX, TicketFilter,
};
use projector::{Projector, ProjectorOptions};

use crate::equality::settle;
use crate::firm::{
    AGENT, CUSTOMER, DEPUTY, ENGINEERS, Firm, OUTLETS, START, SUPERVISOR, hours, minutes, ticket_id,
};

const T1: TicketId = ticket_id(1);
const T2: TicketId = ticket_id(2);
const T3: TicketId = ticket_id(3);
const T4: TicketId = ticket_id(4);

/// The models as they are now.
fn board<T>(firm: &Firm, look: impl FnOnce(&projector::ReadModels) -> T) -> T {
    let projector =
        Projector::start(firm.shared(), ProjectorOptions::default()).expect("it starts");
    settle(&projector, firm.head());
    let seen = look(projector.models());
    projector.stop().expect("a clean end");
    seen
}

/// Red and flashing at a moment.
fn lights(firm: &Firm, ticket: TicketId, now: Timestamp) -> (bool, bool) {
    board(firm, |models| {
        let row = models.open_ticket(ticket, now).value.expect("it is open");
        let counts = models.ticket_counts(now).value;
        let all = firm.state.tickets.values().filter(|ticket| ticket.is_open()).count();
        if all == 1 {
            assert_eq!((counts.red, counts.flashing), (row.red.into(), row.flashing.into()));
        }
        (row.red, row.flashing)
    })
}

fn report() -> Create {
    Create { outlet: Some(OUTLETS[0]), ..Create::default() }
}

fn assign(firm: &mut Firm, ticket: TicketId) {
    firm.step(ticket, Assign { engineer: Some(ENGINEERS[0]), ..Assign::default() });
}

fn accept(firm: &mut Firm, ticket: TicketId) {
    assign(firm, ticket);
    firm.step(ticket, Accept { engineer: Some(ENGINEERS[0]) });
}

fn second_before(moment: Timestamp) -> Timestamp {
    moment.minus(std::time::Duration::from_secs(1))
}

#[test]
fn a_ticket_is_red_two_hours_and_flashes_a_day_after_it_was_reported() {
    let mut firm = Firm::new();
    firm.step(T1, report());
    let (red, flashing) = (START.plus(hours(2)), START.plus(hours(24)));
    assert_eq!(lights(&firm, T1, second_before(red)), (false, false));
    assert_eq!(lights(&firm, T1, red), (true, false));
    assert_eq!(lights(&firm, T1, second_before(flashing)), (true, false));
    assert_eq!(lights(&firm, T1, flashing), (true, true));
    firm.clock.set(red);
    // Somebody has it, but has not accepted it.
    assign(&mut firm, T1);
    assert_eq!(lights(&firm, T1, red), (true, false));
    firm.step(T1, Accept { engineer: Some(ENGINEERS[0]) });
    assert_eq!(lights(&firm, T1, red), (false, false));
    assert_eq!(lights(&firm, T1, flashing), (false, true));
    // Standing still does not stop the age.
    let reason = Some(HoldReason::WaitingForParts);
    firm.step(T1, Hold { reason, ..Hold::default() });
    assert_eq!(lights(&firm, T1, flashing), (false, true));
    firm.step(T1, Return { engineer: None, words: "不会".into() });
    assert_eq!(lights(&firm, T1, red), (true, false), "nobody has accepted it any more");
}

#[test]
fn a_ticket_that_waits_for_the_customers_answer_neither_is_red_nor_flashes() {
    let mut firm = Firm::new();
    firm.step(T1, report());
    accept(&mut firm, T1);
    firm.step(T1, Resolve::default());
    let later = START.plus(hours(48));
    assert_eq!(lights(&firm, T1, later), (false, false));
    let customer = Party::Customer(CUSTOMER);
    let verdict = Some(Verdict::Partial);
    firm.step_by(customer, T1, Confirm { verdict, ..Confirm::default() });
    assert_eq!(lights(&firm, T1, later), (false, false), "it was done; an agent calls");
    firm.step(T1, Claim { agent: Some(AGENT) });
    assert_eq!(lights(&firm, T1, later), (false, false));
    // Somebody goes again.
    accept(&mut firm, T1);
    assert_eq!(lights(&firm, T1, later), (false, true));
    firm.step(T1, Resolve::default());
    firm.step_by(customer, T1, Reject::default());
    assert_eq!(lights(&firm, T1, later), (true, true), "未解决 is not done");
}

#[test]
fn thresholds_are_those_of_the_rules_that_hold() {
    let mut firm = Firm::new();
    firm.step(T1, report());
    firm.publish(|rules| {
        rules.board.red_after = Span::minutes(10);
        rules.board.flash_after = Span::minutes(20);
    });
    assert_eq!(lights(&firm, T1, START.plus(minutes(9))), (false, false));
    assert_eq!(lights(&firm, T1, START.plus(minutes(10))), (true, false));
    assert_eq!(lights(&firm, T1, START.plus(minutes(20))), (true, true));
}

#[test]
fn a_duplicate_is_not_in_the_backlog_but_what_it_repeats_is() {
    let mut firm = Firm::new();
    firm.step(T1, report());
    firm.step(T2, report());
    firm.step(T2, Link { to: Some(T1), kind: Some(LinkKind::Duplicate), reason: None });
    let later = START.plus(hours(48));
    assert_eq!(lights(&firm, T1, later), (true, true));
    assert_eq!(lights(&firm, T2, later), (false, false));
    let top = board(&firm, |models| models.top_backlog(10, later).value);
    assert_eq!(top.iter().map(|row| row.id).collect::<Vec<_>>(), [T1]);
}

#[test]
fn the_backlogs_top_is_overdue_first_then_by_priority_then_by_age() {
    let mut firm = Firm::new();
    let mut expected = Vec::new();
    // Overdue in the end, in the order in which they are to stand: the urgent one first, then by
    // priority, then the older one.
    let late = [
        (10, Priority::Low, true),
        (11, Priority::Critical, false),
        (12, Priority::Normal, false),
        (13, Priority::Normal, false),
        (14, Priority::Low, false),
    ];
    for (number, priority, urgent) in late {
        firm.step(ticket_id(number), Create { priority, urgent, ..report() });
        firm.clock.advance(minutes(1));
        expected.push(ticket_id(number));
    }
    // These are accepted, so that nothing is due for hours, whatever they are.
    let in_time = [
        (20, Priority::Normal, true),
        (21, Priority::Critical, false),
        (22, Priority::High, false),
        (23, Priority::High, false),
    ];
    for (number, priority, urgent) in in_time {
        firm.step(ticket_id(number), Create { priority, urgent, ..report() });
        accept(&mut firm, ticket_id(number));
        firm.clock.advance(minutes(1));
        expected.push(ticket_id(number));
    }
    // Waits for the customer: not in it at all.
    firm.step(ticket_id(30), Create { urgent: true, ..report() });
    firm.step(ticket_id(30), Resolve::default());
    let now = firm.now().plus(hours(1));
    board(&firm, |models| {
        let ids = |count| {
            let rows = models.top_backlog(count, now).value;
            rows.iter().map(|row| row.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(100), expected);
        for count in 0..expected.len() {
            assert_eq!(ids(count), expected[..count]);
        }
        let rows = models.top_backlog(100, now).value;
        assert!(rows[..5].iter().all(|row| row.overdue));
        assert!(rows[5..].iter().all(|row| !row.overdue));
        let counts = models.ticket_counts(now).value;
        assert_eq!((counts.open, counts.backlog, counts.overdue), (10, 9, 5));
    });
}

#[test]
fn the_top_is_the_same_when_thousands_are_overdue() {
    let mut firm = Firm::new();
    for number in 0..1_100_u128 {
        let priority = if number == 700 { Priority::High } else { Priority::Normal };
        firm.step(TicketId::from_u128(number), Create { priority, ..report() });
    }
    let top = board(&firm, |models| models.top_backlog(3, START.plus(hours(9))).value);
    let ids: Vec<_> = top.iter().map(|row| row.id.as_u128()).collect();
    assert_eq!(ids, [700, 0, 1]);
}

#[test]
fn queues_name_the_person_the_reason_and_when_it_goes_on() {
    let mut firm = Firm::new();
    firm.step(T1, Create::default());
    firm.step(T2, report());
    firm.step(T2, ToSupervisor { reason: Some(QueueReason::RoundsExhausted) });
    firm.step(T3, report());
    firm.step(T3, Claim { agent: Some(AGENT) });
    let opened = ImportedStep::Opened {
        customer: None,
        outlet: None,
        device: None,
        priority: Priority::Normal,
    };
    firm.step(T4, Import { step: Some(opened), ..Import::default() });
    board(&firm, |models| {
        let queues = models.queues(10, firm.now()).value;
        let seen: Vec<_> = (queues.iter())
            .map(|queue| (queue.queue, queue.person, queue.total, queue.overdue))
            .collect();
        assert_eq!(
            seen,
            [
                (QueueName::CallBack, None, 1, 0),
                (QueueName::Claimed, Some(AGENT), 1, 0),
                (QueueName::Supervisor, Some(SUPERVISOR), 1, 0),
                (QueueName::Imported, None, 1, 0),
            ]
        );
        assert_eq!(queues[0].tickets[0].reason, Some(QueueReason::EmptyReport));
        assert_eq!(queues[2].tickets[0].reason, Some(QueueReason::RoundsExhausted));
        assert_eq!(queues[2].tickets[0].due, firm.now().plus(minutes(30)));
        assert_eq!(queues[2].tickets[0].id, T2);
        let late = models.queues(0, firm.now().plus(hours(30))).value;
        assert!(late.iter().all(|queue| queue.overdue == 1 && queue.tickets.is_empty()));
    });
    firm.clock.advance(minutes(30));
    firm.step_by(Party::Dispatcher, T2, EscalateQueue {});
    board(&firm, |models| {
        let mine = TicketFilter { person: Some(DEPUTY), ..TicketFilter::default() };
        let request = PageRequest { filter: mine, limit: 10, ..PageRequest::default() };
        let page = models.tickets(&request).expect("no cursor").value;
        assert_eq!(page.tickets.len(), 1);
        assert_eq!(page.tickets[0].queue.map(|place| place.role), Some(QueueRole::Deputy));
    });
}

#[test]
fn a_ticket_leaves_when_it_ends_and_comes_back_whole_when_it_is_opened_again() {
    let mut firm = Firm::new();
    firm.step(T1, Create { customer: Some(CUSTOMER), urgent: true, ..report() });
    firm.clock.advance(minutes(7));
    accept(&mut firm, T1);
    let before = board(&firm, |models| models.open_ticket(T1, firm.now()).value.expect("open"));
    firm.step(T1, Cancel { words: "好了".into() });
    board(&firm, |models| {
        assert_eq!(models.open_ticket(T1, firm.now()).value, None);
        assert_eq!(models.ticket_counts(firm.now()).value, Default::default());
    });
    firm.clock.advance(hours(5));
    firm.step(T1, Reopen::default());
    board(&firm, |models| {
        let row = models.open_ticket(T1, firm.now()).value.expect("open again");
        assert_eq!(row.phase, PhaseName::Waiting);
        assert_eq!(row.reopened, 1);
        assert_eq!(
            (row.number, row.created_at, row.accepted_at, row.customer, row.urgent),
            (before.number, before.created_at, before.accepted_at, before.customer, true)
        );
        assert_eq!(models.find_number(row.number).value, Some(T1));
    });
}

#[test]
fn the_first_acceptance_stays_when_somebody_else_accepts_later() {
    let mut firm = Firm::new();
    firm.step(T1, report());
    firm.clock.advance(minutes(7));
    accept(&mut firm, T1);
    firm.step(T1, Return { engineer: None, words: "不会".into() });
    firm.clock.advance(minutes(7));
    let engineer = Some(ENGINEERS[1]);
    firm.step(T1, Assign { engineer, ..Assign::default() });
    firm.step(T1, Accept { engineer });
    let row = board(&firm, |models| models.open_ticket(T1, firm.now()).value.expect("open"));
    assert_eq!(row.accepted_at, Some(START.plus(minutes(7))));
    assert_eq!(row.engineer, engineer);
}

#[test]
fn pages_follow_each_other_and_refuse_a_foreign_cursor() {
    let mut firm = Firm::new();
    for number in 0..7 {
        firm.step(ticket_id(number), report());
        firm.clock.advance(minutes(1));
    }
    let request = PageRequest { limit: 3, now: firm.now(), ..PageRequest::default() };
    let cursor = board(&firm, |models| {
        let first = models.tickets(&request).expect("no cursor").value;
        assert_eq!(first.tickets.len(), 3);
        first.next.expect("there is more")
    });
    // One of the first page ends, and a new one comes: the second page is what it was.
    firm.step(ticket_id(1), Cancel { words: "好了".into() });
    firm.step(ticket_id(9), report());
    board(&firm, |models| {
        let second = PageRequest { after: Some(cursor.clone()), ..request.clone() };
        let rows = models.tickets(&second).expect("its own cursor").value.tickets;
        assert_eq!(
            rows.iter().map(|row| row.id).collect::<Vec<_>>(),
            [ticket_id(3), ticket_id(4), ticket_id(5)]
        );
        let other = PageRequest { sort: Sort::Newest, ..second.clone() };
        assert_eq!(models.tickets(&other), Err(CursorError::OtherQuestion));
        let wrong = PageRequest { after: Some("…".into()), ..request.clone() };
        assert_eq!(models.tickets(&wrong), Err(CursorError::Malformed));
        let all = PageRequest { limit: usize::MAX, ..request.clone() };
        let page = models.tickets(&all).expect("no cursor").value;
        assert!(page.tickets.len() <= TICKETS_PAGE_MAX && page.next.is_none());
    });
    board(&Firm::new(), |models| {
        let foreign = PageRequest { after: Some(cursor.clone()), ..request.clone() };
        assert_eq!(models.tickets(&foreign), Err(CursorError::OtherLog));
    });
}

#[test]
fn a_row_reads_as_json_with_the_names_of_the_api() {
    let mut firm = Firm::new();
    firm.step(T1, report());
    let row = board(&firm, |models| models.open_ticket(T1, firm.now()).value.expect("open"));
    let json = serde_json::to_value(&row).expect("JSON");
    assert_eq!(json["id"], T1.to_string());
    assert_eq!(json["phase"], "waiting");
    assert_eq!(json["priority"], "normal");
    assert_eq!(json["created_at"], START.to_string());
    assert_eq!(json["queue"], serde_json::Value::Null);
}
