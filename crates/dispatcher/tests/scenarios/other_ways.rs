//! Rules that give some tickets another way, and points that say who goes.

use domain::directory::OutletEntry;
use domain::engineer::{EngineerCommand, Profile};
use domain::rules::{Condition, DispatchBy, RuleException, Rules, Test};
use domain::ticket::{Create, Details, Phase, QueueReason, QueueRole};
use domain::{AreaId, Coordinates, Datum, DeviceId, EngineerId, Rule, Span, TicketId};

use crate::firm::{AREA, FAR, Firm, HERE, NEXT_DOOR, engineer};

const ELSEWHERE: AreaId = AreaId::from_u128(9);
const PRESS: DeviceId = DeviceId::from_u128(1);

/// Tickets for which this holds are dispatched in this way.
fn dispatched(when: Test, by: DispatchBy) -> RuleException {
    RuleException { dispatch_by: Some(by), ..RuleException::of(Condition::Is(when)) }
}

fn online(firm: &mut Firm, count: u128) {
    for number in 1..=count {
        firm.tell(engineer(number), EngineerCommand::GoOnline);
        let near = Coordinates::new(31.0, 121.0, Datum::Wgs84).expect("on the earth");
        firm.tell(engineer(number), EngineerCommand::Move(near));
    }
}

fn at(outlet: domain::OutletId) -> Create {
    let position = Coordinates::new(31.01, 121.0, Datum::Wgs84);
    Create { outlet: Some(outlet), position: position.ok(), ..Create::default() }
}

fn offered_to(firm: &Firm, id: TicketId) -> Vec<EngineerId> {
    match firm.phase(id) {
        Phase::Offered { offer } => offer.engineers.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_area_offers_while_another_assigns() {
    let mut firm = Firm::with_engineers(12);
    firm.world.area(ELSEWHERE, None);
    firm.world.outlet(FAR, OutletEntry { area: Some(ELSEWHERE), ..OutletEntry::default() });
    firm.hire(engineer(99), Profile { outlet: Some(FAR), ..Profile::default() });
    firm.world.publish(|rules| {
        rules.urgent.position_within = Span::hours(8);
        rules.exceptions = vec![dispatched(Test::AreaIn(vec![AREA]), DispatchBy::Offer)];
    });
    online(&mut firm, 12);
    let there = firm.report_with(at(FAR));
    assert_eq!(firm.owner(there), Some(engineer(99)));
    let here = firm.report_with(at(HERE));
    assert_eq!(offered_to(&firm, here).len(), 3);
    // As many rounds as of assignments, then the supervisor: never a loop.
    firm.pass_minutes(8 * 60);
    let Phase::Queued { queue } = firm.phase(here) else { panic!("{:?}", firm.phase(here)) };
    assert_eq!(queue.reason, QueueReason::RoundsExhausted);
    firm.pass_minutes(24 * 60);
    assert_eq!((firm.ticket(here).offers, firm.ticket(here).assignments), (3, 0));
}

#[test]
fn those_who_were_asked_in_peace_are_asked_again_once_it_is_urgent() {
    let mut firm = Firm::with_engineers(3);
    firm.world.publish(|rules| {
        rules.exceptions = vec![dispatched(Test::AreaIn(vec![AREA]), DispatchBy::Offer)];
    });
    online(&mut firm, 3);
    let due = |firm: &Firm, id| firm.ticket(id).due().expect("an offer ends");
    let ticket = firm.report_with(at(HERE));
    let urgent = || Details { urgent: Some(true), ..Details::default() };
    assert_eq!(due(&firm, ticket), firm.world.now.plus(Span::minutes(30).duration()));
    firm.pass_minutes(10);
    firm.ask(ticket, urgent());
    assert_eq!(firm.ticket(ticket).offers, 2);
    assert_eq!(due(&firm, ticket), firm.world.now.plus(Span::minutes(5).duration()));
    // Who has hardly any time left anyway is not rung again, and the offer ends when it ends.
    let other = firm.report_with(Create { sentence: Some("刀库异响".into()), ..at(HERE) });
    let ends = due(&firm, other);
    firm.pass_minutes(26);
    firm.ask(other, urgent());
    assert_eq!((firm.ticket(other).offers, due(&firm, other)), (1, ends));
    firm.pass_minutes(5);
    assert!(!matches!(firm.phase(other), Phase::Offered { .. }), "{:?}", firm.phase(other));
}

#[test]
fn where_nobody_can_be_asked_an_offer_becomes_an_assignment() {
    let mut firm = Firm::with_engineers(2);
    firm.world.publish(|rules| {
        rules.exceptions = vec![dispatched(Test::AreaIn(vec![AREA]), DispatchBy::Offer)];
    });
    let ticket = firm.report_with(at(HERE));
    assert!(firm.owner(ticket).is_some());
}

#[test]
fn a_person_decides_who_goes_to_devices_of_a_model_unless_it_is_urgent() {
    let mut firm = Firm::with_engineers(2);
    firm.world.device_of(PRESS, Some("GK-800"));
    firm.world.publish(|rules| {
        let model = Test::DeviceModelIn(vec!["gk-800".into()]);
        let when = Condition::Is(model);
        rules.duplicates.enabled = false;
        rules.exceptions = vec![RuleException {
            dispatch_by: Some(DispatchBy::Approval),
            queue_path: Some(vec![QueueRole::Deputy, QueueRole::Director]),
            ..RuleException::of(when)
        }];
    });
    let of_press = || Create { device: Some(PRESS), ..at(HERE) };
    let ticket = firm.report_with(of_press());
    let Phase::Queued { queue } = firm.phase(ticket) else { panic!("{:?}", firm.phase(ticket)) };
    assert_eq!((queue.reason, queue.role), (QueueReason::ApprovalNeeded, QueueRole::Deputy));
    firm.assign_by_hand(ticket, engineer(2));
    assert_eq!(firm.owner(ticket), Some(engineer(2)));
    // Who does not accept does not have it for ever, and again a person decides.
    firm.pass_minutes(30);
    assert_eq!(firm.owner(ticket), None);
    assert!(matches!(firm.phase(ticket), Phase::Queued { .. }));
    online(&mut firm, 2);
    let urgent = firm.report_with(Create { urgent: true, ..of_press() });
    assert_eq!(offered_to(&firm, urgent).len(), 2);
    let other = firm.report_with(at(HERE));
    assert!(firm.owner(other).is_some());
}

#[test]
fn an_approval_that_comes_to_apply_stops_what_waits_for_somebody_free() {
    let mut firm = Firm::new();
    let ticket = firm.report_with(at(HERE));
    firm.pass_minutes(30);
    firm.world.publish(|rules| {
        rules.exceptions = vec![dispatched(Test::AreaIn(vec![AREA]), DispatchBy::Approval)];
    });
    firm.hire(engineer(1), Profile { outlet: Some(HERE), ..Profile::default() });
    firm.ask(ticket, Details { sentence: Some("又响了".into()), ..Details::default() });
    assert_eq!(firm.owner(ticket), None);
    assert!(matches!(firm.phase(ticket), Phase::Queued { .. }));
}

/// Whom a report at an outlet goes to, of one far away with a free hand and one near with a full
/// one.
fn chosen(points: impl FnOnce(&mut Rules)) -> EngineerId {
    let mut firm = Firm::new();
    firm.world.publish(points);
    for (number, outlet, km) in [(1, HERE, 30.0), (2, NEXT_DOOR, 2.0)] {
        let capacity = Some(if number == 1 { 5 } else { 3 });
        let profile = Profile { outlet: Some(outlet), capacity, ..Profile::default() };
        firm.hire(engineer(number), profile);
        firm.tell(engineer(number), EngineerCommand::GoOnline);
        let away = Coordinates::new(31.01 + km / 111.195, 121.0, Datum::Wgs84);
        firm.tell(engineer(number), EngineerCommand::Move(away.expect("on the earth")));
    }
    let ticket = firm.report_with(at(HERE));
    firm.owner(ticket).expect("somebody goes")
}

#[test]
fn the_rules_give_points_for_outlet_places_and_distance() {
    assert_eq!(chosen(|_| {}), engineer(1), "of the outlet");
    let no_outlet = |rules: &mut Rules| rules.candidates.same_outlet = 0;
    assert_eq!(chosen(no_outlet), engineer(1), "more free places");
    let near = |rules: &mut Rules| {
        rules.candidates.same_outlet = 0;
        rules.candidates.kilometre = 100;
    };
    assert_eq!(chosen(near), engineer(2), "2,800 points nearer, two places of 1,000 less");
    let far = |rules: &mut Rules| {
        rules.candidates.same_outlet = 0;
        rules.candidates.kilometre = 50;
    };
    assert_eq!(chosen(far), engineer(1));
}

#[test]
fn among_equals_whoever_has_waited_longest_goes() {
    let mut firm = Firm::with_engineers(3);
    let mut went = Vec::new();
    for _ in 0..6 {
        let ticket = firm.report();
        went.push(firm.owner(ticket).expect("somebody goes"));
        firm.accept(ticket);
        firm.resolve(ticket);
        firm.pass_minutes(60);
    }
    let turn = [1, 2, 3].map(engineer);
    assert_eq!(went, [turn, turn].concat());
    let reason = &firm.world.log.iter().rev().find_map(|event| match &event.event {
        domain::Event::Ticket(domain::ticket::TicketEvent::Assigned(it)) => Some(&it.reason),
        _ => None,
    });
    assert_eq!(reason.expect("it was assigned").rule, Rule::LeastLoaded);
}
