//! A core that is lost and built anew from the log.

use dispatcher::{Action, Dispatcher, Fault};
use domain::ticket::{Create, Phase, QueueReason, Reject, TicketCommand};
use domain::{Command, Party};

use crate::firm::{Firm, HERE, engineer};

fn replayed(firm: &Firm, events: usize) -> Dispatcher {
    let mut core = Dispatcher::new();
    for event in &firm.world.log[..events] {
        core.replay(event).expect("a legal log");
    }
    core
}

fn asked_for(actions: &[Action]) -> Vec<(String, Command)> {
    actions.iter().map(|one| (one.id.key.clone(), one.command.clone())).collect()
}

#[test]
fn a_restart_asks_for_what_the_lost_core_had_asked_for() {
    let mut firm = Firm::with_engineers(3);
    let create = || Create { outlet: Some(HERE), ..Create::default() };
    let resolved = firm.report();
    firm.accept(resolved);
    firm.resolve(resolved);
    let late = firm.report();
    for _ in 0..3 {
        firm.file(create());
    }
    firm.world.of_ticket(resolved, Party::Anonymous, Reject::default()).expect("taken");
    firm.world.now = firm.world.now.plus(std::time::Duration::from_secs(1_800));
    // The old core reads all of it and is lost before anything is carried out.
    let read = usize::try_from(firm.core.position().get()).expect("a small log");
    let mut before = Vec::new();
    for event in &firm.world.log[read..] {
        before.extend(firm.core.on_event(event, firm.world.now).expect("a legal log"));
    }
    before.extend(firm.core.on_tick(firm.world.now));
    let mut core = replayed(&firm, firm.world.log.len());
    let after = core.resume(firm.world.now);

    let names = |actions: &[Action]| {
        let mut names: Vec<_> = asked_for(actions).into_iter().map(|(key, _)| key).collect();
        names.sort();
        names
    };
    assert_eq!(names(&before), names(&after));
    assert_eq!(after.len(), 6, "three reports, a freeze, an escalated ticket, a time-out");
    assert!(after.iter().any(|one| one.id.key == format!("timeout/{late}/1")));
    // Whichever of both is carried out first, the other changes nothing.
    for action in before.into_iter().chain(after) {
        firm.carry_out(action);
    }
    firm.restart();
    assert!(firm.world.tickets.values().all(|ticket| ticket.assignment().is_some()));
}

#[test]
fn resuming_twice_asks_once() {
    let mut firm = Firm::with_engineers(1);
    firm.file(Create { outlet: Some(HERE), ..Create::default() });
    let mut core = replayed(&firm, firm.world.log.len());
    assert_eq!(core.resume(firm.world.now).len(), 1);
    assert_eq!(core.resume(firm.world.now), []);
    // Nor does a fresh core ask for anything else.
    let one = replayed(&firm, firm.world.log.len()).resume(firm.world.now);
    let other = replayed(&firm, firm.world.log.len()).resume(firm.world.now);
    assert_eq!(one, other);
}

#[test]
fn rounds_are_counted_across_restarts() {
    let mut firm = Firm::with_engineers(9);
    let ticket = firm.report();
    for minutes in [15, 40, 20, 14] {
        firm.pass_minutes(minutes);
        firm.restart();
    }
    assert_eq!(firm.asked(ticket), [engineer(1), engineer(2), engineer(3)]);
    firm.pass_minutes(1);
    let Phase::Queued { queue } = firm.phase(ticket) else { panic!("{:?}", firm.phase(ticket)) };
    assert_eq!(queue.reason, QueueReason::RoundsExhausted);
}

#[test]
fn a_core_that_stops_at_any_event_goes_on_from_there() {
    let mut firm = Firm::with_engineers(2);
    let ticket = firm.report();
    firm.accept(ticket);
    firm.resolve(ticket);
    firm.reject(ticket);
    firm.pass_minutes(200);
    for events in 0..=firm.world.log.len() {
        let mut core = replayed(&firm, events);
        core.resume(firm.world.now);
        for event in &firm.world.log[events..] {
            core.on_event(event, firm.world.now).expect("a legal log");
        }
        assert_eq!(core.position(), firm.world.head());
    }
}

#[test]
fn known_events_change_nothing_and_missing_ones_are_found() {
    let mut firm = Firm::with_engineers(1);
    let ticket = firm.report();
    for event in firm.world.log.clone() {
        assert_eq!(firm.core.on_event(&event, firm.world.now), Ok(Vec::new()));
    }
    assert_eq!(firm.ticket(ticket).assignments, 1);
    let mut core = Dispatcher::new();
    let found = core.on_event(&firm.world.log[1], firm.world.now);
    assert!(matches!(found, Err(Fault::Gap { .. })), "{found:?}");
}

#[test]
fn damaged_history_is_refused_with_its_place() {
    let mut firm = Firm::with_engineers(1);
    firm.report();
    let assigned = firm.world.log.iter().rposition(|event| event.event.name() == "Assigned");
    let assigned = assigned.expect("assigned");
    let mut core = replayed(&firm, assigned + 1);
    let mut again = firm.world.log[assigned].clone();
    again.stamp.position = again.stamp.position.next();
    again.stamp.version = again.stamp.version.next();
    let found = core.on_event(&again, firm.world.now);
    assert!(matches!(found, Err(Fault::Corrupt(_))), "{found:?}");
    again.stream = engineer(1).into();
    let found = core.on_event(&again, firm.world.now);
    assert!(matches!(found, Err(Fault::WrongStream { .. })), "{found:?}");
}

#[test]
fn two_cores_at_once_change_nothing() {
    let mut firm = Firm::with_engineers(4);
    let mut other = replayed(&firm, 0);
    let ticket = firm.file(Create { outlet: Some(HERE), ..Create::default() });
    for minutes in [0, 30, 30, 30] {
        firm.world.now = firm.world.now.plus(std::time::Duration::from_secs(minutes * 60));
        // The other core is always first to act, this one always late.
        let mut late = Vec::new();
        for _ in 0..50 {
            for core in [&mut other, &mut firm.core] {
                let read = usize::try_from(core.position().get()).expect("a small log");
                let mut actions = Vec::new();
                for event in &firm.world.log[read..] {
                    actions.extend(core.on_event(event, firm.world.now).expect("a legal log"));
                }
                actions.extend(core.on_tick(firm.world.now));
                late.push(actions);
            }
            let carried: Vec<_> = late.drain(..).flatten().collect();
            for action in carried {
                let answer = firm.world.carry_out(&action);
                for core in [&mut firm.core, &mut other] {
                    core.on_answer(&action.id, &answer, firm.world.now);
                }
            }
            firm.world.check();
        }
    }
    let history = firm.history(ticket);
    let count = |name| history.iter().filter(|event| **event == name).count();
    assert_eq!((count("Assigned"), count("TimedOut"), count("Queued")), (3, 3, 1), "{history:?}");
}

#[test]
fn every_decision_says_what_it_was_based_on() {
    let mut firm = Firm::with_engineers(1);
    firm.report();
    let action = firm.sent.last().expect("an action");
    assert!(matches!(action.command, Command::Ticket(_, TicketCommand::Assign(_))));
    assert_eq!(action.basis.core_version, dispatcher::CORE_VERSION);
    assert_eq!(action.basis.decided_at, firm.world.now);
    // With the events up to there and that time it can be taken again.
    let events = usize::try_from(action.basis.position.get()).expect("a small log");
    let mut core = replayed(&firm, events);
    let again = core.resume(action.basis.decided_at);
    assert_eq!(asked_for(&again), asked_for(std::slice::from_ref(action)));
}
