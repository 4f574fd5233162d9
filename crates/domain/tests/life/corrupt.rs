//! History that cannot have happened is named, never folded in silence.

use std::sync::Arc;

use domain::engineer::{EngineerEvent, PlaceFreed, PlaceFreedReason, PlaceTaken};
use domain::ticket::event::{
    Accepted, Arrived, Assigned, Cancelled, Offered, Queued, Reminded, Resumed, TimedOut,
};
use domain::ticket::{QueueEntry, QueueReason, QueueRole, TicketEvent, Via};
use domain::{Event, GlobalPosition, Personal, Stamp, StreamId, StreamVersion};

use crate::world::*;

/// What the fold says of one more event of this stream.
pub(crate) fn why(world: &World, stream: impl Into<StreamId>, event: impl Into<Event>) -> String {
    let position = GlobalPosition::new(world.history.len() as u64 + 1);
    let stamp = Stamp {
        position,
        version: StreamVersion::new(99),
        occurred_at: world.now,
        recorded_at: world.now,
    };
    let recorded = Recorded { stream: stream.into(), stamp, event: event.into() };
    let corrupt = world.state.clone().apply(&recorded).expect_err("it cannot have happened");
    assert_eq!(corrupt.position, position);
    assert_eq!(corrupt.event, recorded.event.name());
    corrupt.to_string()
}

fn ticket(world: &World, event: impl Into<TicketEvent>) -> String {
    why(world, T1, event.into())
}

fn assigned(number: u32) -> Assigned {
    let reason = least_loaded(BO);
    Assigned { number, engineer: BO, via: Via::Choice, due: START, reason }
}

#[test]
fn a_ticket_is_never_assigned_twice() {
    let world = given([create(), assign(ANNA)]);
    assert!(ticket(&world, assigned(2)).contains("assigned already"));
    let gap = given([create()]);
    assert!(ticket(&gap, assigned(2)).contains("without gaps"));
}

#[test]
fn what_is_said_of_an_assignment_is_said_of_the_live_one() {
    let world = given([create(), assign(ANNA), withdraw(), assign(BO)]);
    let late = TimedOut { number: 1, engineer: ANNA, due: START };
    assert!(ticket(&world, late).contains("not live"));
    assert!(ticket(&world, Accepted { number: 1, engineer: ANNA, due: START }).contains("another"));
    let working = world.when(accept(BO)).then(["Accepted"]);
    assert!(ticket(&working, Arrived { number: 1, due: START }).contains("not live"));
    assert!(ticket(&working, Resumed { number: 1, due: START }).contains("not live"));
}

#[test]
fn nothing_takes_a_ticket_from_its_owner_without_ending_the_assignment() {
    let entry = QueueEntry {
        role: QueueRole::Supervisor,
        person: None,
        reason: QueueReason::Escalated,
        due: START,
    };
    let offered = Offered { number: 1, engineers: vec![BO], due: START, reason: least_loaded(BO) };
    for history in
        [vec![create(), assign(ANNA)], vec![create(), assign(ANNA), accept(ANNA), hold(ANNA)]]
    {
        let world = given(history);
        assert!(ticket(&world, Cancelled { words: Personal::Erased }).contains("not ended"));
        assert!(ticket(&world, Queued { entry }).contains("not ended"));
        assert!(ticket(&world, offered.clone()).contains("not ended"));
    }
}

#[test]
fn a_reminder_needs_something_to_answer() {
    let world = given([create()]);
    assert!(ticket(&world, Reminded { number: 1, due: START }).contains("does not wait"));
}

#[test]
fn a_history_begins_with_a_report_or_an_entry() {
    let world = given([]);
    assert!(ticket(&world, Reminded { number: 1, due: START }).contains("not created"));
    let taken = PlaceTaken { ticket: T1, assignment: 1 };
    let nobody = domain::EngineerId::from_u128(404);
    assert!(why(&world, nobody, EngineerEvent::from(taken)).contains("no entry"));
    let world = given([create()]);
    let Event::Ticket(created) = world.history.last().expect("a report").event.clone() else {
        panic!("a report")
    };
    assert!(ticket(&world, created).contains("exists already"));
}

#[test]
fn a_place_is_taken_once_and_freed_once() {
    let world = given([create(), assign(ANNA)]);
    let taken = EngineerEvent::from(PlaceTaken { ticket: T1, assignment: 1 });
    assert!(why(&world, ANNA, taken).contains("taken already"));
    let freed = |assignment| {
        let why = PlaceFreedReason::TimedOut;
        EngineerEvent::from(PlaceFreed { ticket: T1, assignment, why })
    };
    assert!(why(&world, ANNA, freed(2)).contains("not taken"));
    assert!(why(&world, BO, freed(1)).contains("not taken"));
}

#[test]
fn states_are_shared_until_they_change() {
    let world = given([create()]);
    let before = Arc::clone(world.state.tickets.get(&T1).expect("reported"));
    let world = world.when(urge()).then(["Urged", "Told"]);
    assert_eq!((before.urges, world.ticket_now(T1).urges), (0, 1));
}
