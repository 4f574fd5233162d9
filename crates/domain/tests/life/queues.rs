//! A ticket in a person's queue has that person's name and a due time, and goes up the ladder.

use domain::rules::{Condition, DispatchBy, RuleException, Test};
use domain::ticket::{
    Claim, Details, Offer, PhaseName, Priority, QueueReason, QueueRole, Recipient, TicketEvent,
};
use domain::{Event, Party, Rejection, StaffId};

use crate::world::*;

fn queue(world: &World) -> (QueueRole, Option<StaffId>, QueueReason) {
    let entry = world.ticket_now(T1).queue().copied().expect("in a queue");
    (entry.role, entry.person, entry.reason)
}

#[test]
fn the_ladder_goes_from_supervisor_to_deputy_to_director_and_ends_there() {
    let reason = QueueReason::RoundsExhausted;
    let world = given([create()]).when(to_supervisor(Some(reason))).then(["Queued", "Told"]);
    assert_eq!(queue(&world), (QueueRole::Supervisor, Some(SUPERVISOR), reason));
    let due = START.plus(minutes(30));
    let world = world.when(escalate_queue().after(minutes(29))).refused(&Rejection::NotDue { due });
    let outcome = world.when(escalate_queue().after(minutes(1)));
    assert!(matches!(
        &outcome.events()[1],
        Event::Ticket(TicketEvent::Told(told)) if told.whom == Recipient::Deputy(Some(DEPUTY))
    ));
    let world = outcome.then(["Queued", "Told"]);
    assert_eq!(queue(&world), (QueueRole::Deputy, Some(DEPUTY), reason));
    let world = world.when(escalate_queue().after(minutes(30))).then(["Queued", "Told"]);
    assert_eq!(queue(&world), (QueueRole::Director, Some(DIRECTOR), reason));
    let end = world.ticket_now(T1).due();
    let world = world.when(escalate_queue().after(days(3))).then([]);
    assert_eq!(queue(&world), (QueueRole::Director, Some(DIRECTOR), reason));
    assert_eq!(world.ticket_now(T1).due(), end, "it stays overdue for all to see");
}

#[test]
fn a_call_back_that_nobody_makes_goes_to_the_supervisor() {
    let empty = given([create_empty()]);
    let world = empty.when(escalate_queue().after(minutes(30))).then(["Queued", "Told"]);
    // Nobody knows its area, so nobody can be named; the role stands.
    assert_eq!(queue(&world), (QueueRole::Supervisor, None, QueueReason::EmptyReport));
    let partly = given([create(), resolve(BY_AGENT), confirm_partly()]);
    let world = partly.when(escalate_queue().after(hours(24))).then(["Queued", "Told"]);
    assert_eq!(queue(&world), (QueueRole::Supervisor, Some(SUPERVISOR), QueueReason::PartlySolved));
}

#[test]
fn a_post_that_is_not_filled_is_somebody_elses() {
    let mut world = World::furnished();
    let area = domain::directory::AreaEntry {
        name: "东区".into(),
        director: Some(DIRECTOR),
        ..Default::default()
    };
    world.submit(BY_AGENT, &domain::Command::Area(AREA, area)).expect("a good entry");
    let world =
        world.when(create()).then(["Created"]).when(to_supervisor(None)).then(["Queued", "Told"]);
    assert_eq!(queue(&world), (QueueRole::Supervisor, Some(DIRECTOR), QueueReason::Escalated));
}

#[test]
fn whoever_has_a_ticket_in_the_queue_assigns_it_by_hand() {
    let world = given([create(), to_supervisor(None)]);
    let assigned = world.when(assign(ANNA).by(BY_SUPERVISOR)).then(["Assigned", "PlaceTaken"]);
    assert_eq!(assigned.phase(T1), PhaseName::Assigned);
}

#[test]
fn a_late_queue_timer_changes_nothing_once_somebody_acted() {
    let assigned = given([create(), to_supervisor(None), assign(ANNA)]);
    assigned.when(escalate_queue().after(hours(2))).then([]);
}

#[test]
fn an_agent_has_a_ticket_in_hand_alone_and_for_a_while() {
    let claimed = given([create()]).when(claim()).then(["Claimed"]);
    let until = START.plus(minutes(15));
    claimed
        .clone()
        .when(claim().by(Party::Agent(OTHER_AGENT)))
        .refused(&Rejection::ClaimedBy { agent: AGENT, until });
    claimed.clone().when(claim().after(minutes(5))).then([]);
    claimed.clone().when(end_claim().after(minutes(14))).refused(&Rejection::NotDue { due: until });
    let world = claimed.when(end_claim().after(minutes(15))).then(["ClaimEnded"]);
    assert!(world.ticket_now(T1).awaits_dispatch());
    given([create()]).when(step(Party::Anonymous, Claim::default())).invalid("agent");
}

#[test]
fn going_up_takes_the_ticket_from_whoever_has_it() {
    let world = given([create(), assign(ANNA), accept(ANNA)]).when(escalate()).then([
        "Withdrawn",
        "PlaceFreed",
        "Told",
        "Escalated",
        "Told",
    ]);
    assert_eq!(world.ticket_now(T1).level, 1);
    assert_eq!(world.ticket_now(T1).time_outs, 0);
    let without = domain::ticket::Escalate { without: Some(ANNA) };
    let world = given([create(), assign(ANNA)]).when(step(BY_SUPERVISOR, without)).then([
        "Withdrawn",
        "PlaceFreed",
        "Told",
        "Escalated",
        "Told",
    ]);
    world.when(assign(ANNA)).refused(&Rejection::LeftOut { engineer: ANNA });
}

/// Rules by which tickets of this priority have another way.
fn other_way(exception: RuleException) -> Step {
    let rules = domain::rules::Rules { exceptions: vec![exception], ..Default::default() };
    let command = domain::Command::PublishRules(rules);
    Step { by: BY_SUPERVISOR, after: seconds(0), command }
}

fn important() -> Condition {
    Condition::Is(Test::PriorityAtLeast(Priority::High))
}

fn with_priority(priority: Priority) -> Step {
    step(BY_AGENT, Details { priority: Some(priority), ..Details::default() })
}

#[test]
fn the_rules_say_whose_queues_some_tickets_go_through() {
    use QueueRole::{Deputy, Director, Supervisor};
    let up = || escalate_queue().after(minutes(30));
    let usual = || vec![Supervisor, Deputy, Director];
    for (path, priority, through) in [
        (vec![Director], Priority::High, vec![Director, Director]),
        (vec![Supervisor, Director], Priority::Critical, vec![Supervisor, Director]),
        (vec![Deputy, Director], Priority::High, vec![Deputy, Director]),
        (vec![Director], Priority::Normal, usual()),
        (usual(), Priority::High, usual()),
    ] {
        let queue_path = Some(path);
        let way = other_way(RuleException { queue_path, ..RuleException::of(important()) });
        let mut world = given([way, create(), with_priority(priority), to_supervisor(None)]);
        for role in through {
            assert_eq!(queue(&world).0, role);
            world.run(&up()).expect("its time has come");
        }
    }
}

#[test]
fn a_path_that_changes_while_somebody_has_the_ticket_goes_on_upwards() {
    let queue_path = Some(vec![QueueRole::Director]);
    let way = other_way(RuleException { queue_path, ..RuleException::of(important()) });
    let world = given([create(), with_priority(Priority::High), to_supervisor(None), way]);
    let world = world.when(escalate_queue().after(minutes(30))).then(["Queued", "Told"]);
    assert_eq!(queue(&world).0, QueueRole::Director);
}

#[test]
fn the_dispatcher_offers_what_is_not_urgent_only_where_the_rules_say_so() {
    let after = |after| Offer { after: Some(after), ..Offer::default() };
    let offered_after =
        |count| step(Party::Dispatcher, Offer { engineers: vec![ANNA, BO], ..after(count) });
    let offered = || offered_after(0);
    let dispatch_by = Some(DispatchBy::Offer);
    let way = || other_way(RuleException { dispatch_by, ..RuleException::of(important()) });
    given([create()]).when(offered()).then([]);
    given([way(), create()]).when(offered()).then([]);
    let high = || with_priority(Priority::High);
    given([way(), create(), high()]).when(offered()).then(["Offered"]);
    // What somebody got meanwhile stays theirs.
    given([way(), create(), high(), assign(ANNA)]).when(offered_after(1)).then([]);
    given([way(), create(), high(), claim()]).when(offered()).then([]);
}
