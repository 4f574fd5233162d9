//! Who gets a new ticket.

use domain::engineer::{EngineerCommand, Profile};
use domain::ticket::{
    Claim, Create, Decline, Details, EndClaim, Escalate, Phase, Priority, QueueReason, TicketEvent,
    Withdraw,
};
use domain::{Event, Filter, ImportBatchId, Origin, Party, Rule, StaffId};

use crate::firm::{FAR, Firm, HERE, NEXT_DOOR, engineer};

fn profile(outlet: domain::OutletId) -> Profile {
    Profile { outlet: Some(outlet), ..Profile::default() }
}

#[test]
fn a_report_is_assigned_at_once_with_the_reason() {
    let mut firm = Firm::with_engineers(2);
    firm.hire(engineer(9), profile(FAR));
    let ticket = firm.report();
    assert_eq!(firm.owner(ticket), Some(engineer(1)));
    let assigned = firm.world.log.iter().find_map(|event| match &event.event {
        Event::Ticket(TicketEvent::Assigned(assigned)) => Some(assigned),
        _ => None,
    });
    let reason = &assigned.expect("assigned").reason;
    assert_eq!(reason.rule, Rule::LeastLoaded);
    assert_eq!(reason.candidates_total, 2);
    assert_eq!(reason.candidates[0].engineer, engineer(1));
    let elsewhere = reason.filtered.iter().find(|count| count.filter == Filter::OtherArea);
    assert_eq!(elsewhere.map(|count| count.engineers), Some(1));
    let action = firm.sent.last().expect("an action");
    assert_eq!(action.id.key, format!("assign/{ticket}/1"));
    assert_eq!(action.caused_by, Some(action.basis.position));
}

#[test]
fn the_outlet_comes_before_the_area_and_the_area_before_nobody() {
    let mut firm = Firm::new();
    firm.hire(engineer(1), profile(NEXT_DOOR));
    firm.hire(engineer(2), Profile { capacity: Some(1), ..profile(HERE) });
    firm.hire(engineer(3), profile(FAR));
    let [first, second] = [firm.report(), firm.report()];
    assert_eq!(firm.owner(first), Some(engineer(2)));
    assert_eq!(firm.owner(second), Some(engineer(1)));
}

#[test]
fn a_ticket_of_an_unknown_place_goes_to_anybody() {
    let mut firm = Firm::new();
    firm.hire(engineer(3), profile(FAR));
    let ticket = firm.report_with(Create::default());
    assert_eq!(firm.owner(ticket), Some(engineer(3)));
}

#[test]
fn an_empty_report_is_not_dispatched() {
    let mut firm = Firm::with_engineers(1);
    let ticket = firm.report_with(Create { sentence: Some(" ".into()), ..Create::default() });
    assert!(matches!(firm.phase(ticket), Phase::CallBack { .. }));
    firm.ask(ticket, Details { place: Some("一号车间".into()), ..Details::default() });
    assert_eq!(firm.owner(ticket), Some(engineer(1)));
}

#[test]
fn only_who_has_the_skills_is_asked() {
    let mut firm = Firm::with_engineers(3);
    let skilled = Profile { skills: vec!["laser".into()], ..profile(NEXT_DOOR) };
    firm.hire(engineer(4), skilled);
    let create = Create { outlet: Some(HERE), skills: vec!["laser".into()], ..Create::default() };
    let ticket = firm.report_with(create);
    assert_eq!(firm.owner(ticket), Some(engineer(4)));
}

#[test]
fn a_burst_of_reports_is_spread_and_no_place_is_asked_for_twice() {
    let mut firm = Firm::with_engineers(40);
    firm.settle();
    let create = || Create { outlet: Some(HERE), ..Create::default() };
    let tickets: Vec<_> = (0..100).map(|_| firm.file(create())).collect();
    // The core reads all reports before a single answer or event of its own comes back.
    let read = usize::try_from(firm.core.position().get()).expect("a small log");
    let mut actions = Vec::new();
    for event in &firm.world.log[read..] {
        actions.extend(firm.core.on_event(event, firm.world.now).expect("a legal log"));
    }
    assert_eq!(actions.len(), 100);
    for action in actions {
        firm.carry_out(action);
    }
    firm.settle();
    assert!(tickets.iter().all(|ticket| firm.asked(*ticket).len() == 1));
    let loads: Vec<_> = firm.world.engineers.values().map(|one| one.places.len()).collect();
    assert!(loads.iter().all(|load| (2..=3).contains(load)), "{loads:?}");
    assert_eq!(firm.sent.len(), 100, "nothing was tried twice");
}

#[test]
fn urgent_tickets_come_first_then_priority_then_age() {
    let mut firm = Firm::new();
    let here = |create: Create| Create { outlet: Some(HERE), ..create };
    let old = firm.report_with(here(Create::default()));
    firm.pass_minutes(1);
    let high = firm.report_with(here(Create { priority: Priority::High, ..Create::default() }));
    firm.pass_minutes(1);
    let urgent = firm.report_with(here(Create { urgent: true, ..Create::default() }));
    let one_place = Profile { capacity: Some(1), ..profile(HERE) };
    for (number, expected) in [(1, urgent), (2, high), (3, old)] {
        firm.hire(engineer(number), one_place.clone());
        assert_eq!(firm.owner(expected), Some(engineer(number)));
    }
}

#[test]
fn nobody_there_is_recorded_once_with_the_reasons_and_the_supervisor_told_when_due() {
    let mut firm = Firm::with_engineers(1);
    firm.off_duty(engineer(1));
    let ticket = firm.report();
    firm.pass_minutes(29);
    assert_eq!(firm.history(ticket), ["Created", "DispatchDeferred"]);
    firm.pass_minutes(1);
    let Phase::Queued { queue } = firm.phase(ticket) else { panic!("{:?}", firm.phase(ticket)) };
    assert_eq!(queue.reason, QueueReason::NobodyAvailable);
    firm.on_duty(engineer(1));
    assert_eq!(firm.owner(ticket), Some(engineer(1)), "the queue does not end the search");
}

#[test]
fn whoever_becomes_available_gets_what_waits() {
    let late = |firm: &Firm| firm.world.now.plus(std::time::Duration::from_secs(600));
    type Step = fn(&mut Firm, domain::Timestamp);
    let ways: [(&str, Step, Step); 5] = [
        (
            "leave over",
            |firm, until| {
                let from = firm.world.now;
                firm.tell(engineer(1), EngineerCommand::SetLeave { from, until });
            },
            |firm, _| firm.pass_minutes(10),
        ),
        (
            "freeze over",
            |firm, until| firm.tell(engineer(1), freeze(until)),
            |firm, _| firm.pass_minutes(10),
        ),
        (
            "freeze lifted",
            |firm, until| firm.tell(engineer(1), freeze(until)),
            |firm, _| {
                let why = domain::engineer::UnfreezeReason::Lifted;
                firm.tell(engineer(1), EngineerCommand::Unfreeze(why));
            },
        ),
        (
            "on call",
            |firm, _| firm.off_duty(engineer(1)),
            |firm, until| {
                firm.tell(engineer(1), EngineerCommand::SetOnCall { until: Some(until) });
            },
        ),
        (
            "another entry",
            |firm, _| firm.world.engineer_entry(engineer(1), profile(FAR)),
            |firm, _| {
                firm.world.engineer_entry(engineer(1), profile(NEXT_DOOR));
                firm.settle();
            },
        ),
    ];
    for (name, make_busy, make_free) in ways {
        let mut firm = Firm::with_engineers(1);
        let until = late(&firm);
        make_busy(&mut firm, until);
        let ticket = firm.report();
        assert_eq!(firm.owner(ticket), None, "{name}");
        make_free(&mut firm, until);
        assert_eq!(firm.owner(ticket), Some(engineer(1)), "{name}");
    }
}

fn freeze(until: domain::Timestamp) -> EngineerCommand {
    let reason = domain::engineer::FreezeReason::ByHand;
    EngineerCommand::Freeze { until: Some(until), reason, words: String::new() }
}

#[test]
fn a_freed_place_goes_to_the_next_ticket() {
    let mut firm = Firm::new();
    firm.hire(engineer(1), Profile { capacity: Some(1), ..profile(HERE) });
    let [first, second] = [firm.report(), firm.report()];
    assert_eq!((firm.owner(first), firm.owner(second)), (Some(engineer(1)), None));
    firm.accept(first);
    firm.resolve(first);
    assert_eq!(firm.owner(second), Some(engineer(1)));
}

#[test]
fn an_outlet_that_moves_to_the_area_brings_its_engineers() {
    let mut firm = Firm::new();
    firm.hire(engineer(3), profile(FAR));
    let ticket = firm.report();
    assert_eq!(firm.owner(ticket), None);
    let area = Some(crate::firm::AREA);
    firm.world.outlet(FAR, domain::directory::OutletEntry { area, ..Default::default() });
    firm.settle();
    assert_eq!(firm.owner(ticket), Some(engineer(3)));
}

#[test]
fn who_declined_is_not_asked_again_in_this_round() {
    let mut firm = Firm::with_engineers(2);
    let ticket = firm.report();
    firm.ask(ticket, Decline { engineer: Some(engineer(1)), ..Decline::default() });
    assert_eq!(firm.asked(ticket), [engineer(1), engineer(2)]);
    firm.ask(ticket, Decline { engineer: Some(engineer(2)), ..Decline::default() });
    assert_eq!(firm.asked(ticket), [engineer(1), engineer(2)]);
    assert!(matches!(firm.phase(ticket), Phase::Waiting { deferred: true, .. }));
}

#[test]
fn a_claimed_ticket_is_left_alone_and_withdrawing_dispatches_again() {
    let mut firm = Firm::with_engineers(1);
    firm.off_duty(engineer(1));
    let ticket = firm.report();
    firm.ask(ticket, Claim { agent: Some(StaffId::from_u128(1)) });
    firm.on_duty(engineer(1));
    assert!(matches!(firm.phase(ticket), Phase::Claimed { .. }));
    firm.ask(ticket, EndClaim {});
    assert_eq!(firm.owner(ticket), Some(engineer(1)));
    firm.hire(engineer(2), profile(HERE));
    firm.ask(ticket, Withdraw {});
    assert_eq!(firm.owner(ticket), Some(engineer(2)));
}

#[test]
fn imported_history_leads_to_nothing() {
    let mut firm = Firm::with_engineers(2);
    let sent = firm.sent.len();
    let origin = Origin::Import(ImportBatchId::from_u128(1));
    let opened = domain::ticket::ImportedStep::Opened {
        customer: None,
        outlet: Some(HERE),
        device: None,
        priority: Priority::Normal,
    };
    let id = domain::TicketId::from_u128(77);
    let import = domain::ticket::Import { step: Some(opened), words: String::new() };
    let command = domain::Command::Ticket(id, import.into());
    firm.world.ask_as(Party::Import, origin, &command).expect("taken");
    firm.pass_minutes(3 * 24 * 60);
    assert_eq!(firm.sent.len(), sent);
    assert!(matches!(firm.phase(id), Phase::Imported { .. }));
    // Until a person takes it in hand: from then on it is a ticket like any other.
    firm.assign_by_hand(id, engineer(1));
    firm.pass_minutes(31);
    assert_eq!(firm.asked(id), [engineer(1), engineer(2)]);
}

#[test]
fn what_one_append_does_in_several_steps_leads_to_one_decision() {
    let mut firm = Firm::with_engineers(3);
    let ticket = firm.report();
    let sent = firm.sent.len();
    // Withdrawn, told and assigned in one append: nobody is looked for in between.
    firm.assign_by_hand(ticket, engineer(3));
    assert_eq!(firm.sent.len(), sent);
    firm.ask(ticket, Escalate::default());
    assert_eq!(firm.sent.len(), sent + 1);
}
