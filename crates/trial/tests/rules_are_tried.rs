//! The people of a log meet the dispatcher again, under the old rules and under others.

mod day;

use std::sync::Arc;
use std::time::Duration;

use day::{Day, People};
use domain::engineer::Profile;
use domain::rules::Rules;
use domain::ticket::{Accept, Cancel, Create, Reject, Resolve};
use domain::{EngineerId, Span, TicketId, Timestamp};
use eventlog::{EventLog, ManualClock, MemoryLog};
use simulation::Options;
use trial::{Assumption, Between, Changed, Error, Report, Totals, recheck, try_rules};

const PEOPLE: People =
    People { ignored: 12, declined: 10, accepts: 8, resolves: 35, supervises: 10, rejects: 10 };
/// Nobody does anything by themselves.
const NOBODY: People =
    People { ignored: 100, declined: 0, accepts: 0, resolves: 0, supervises: 100_000, rejects: 0 };

fn begin() -> Timestamp {
    "2026-03-02T09:00:00+08:00".parse().expect("a moment")
}

fn at(minutes: u64) -> Timestamp {
    begin().plus(Duration::from_secs(60 * minutes))
}

fn since(minutes: u64) -> Between {
    Between { from: at(minutes), to: Timestamp::MAX }
}

fn day(people: People, seed: u64) -> (Day, Arc<dyn EventLog>) {
    let clock = ManualClock::new(begin());
    let log = MemoryLog::new(Arc::new(clock.clone())).expect("randomness");
    let log: Arc<dyn EventLog> = Arc::new(log);
    (Day::new(Arc::clone(&log), clock, people, seed), log)
}

/// Each tenth report is of the same fault as the one before.
fn press(number: u64) -> Create {
    let number = if number % 10 == 9 { number - 1 } else { number };
    let places = ["一号车间", "二号车间", "三号车间"];
    let place = places[usize::try_from(number % 3).expect("small")];
    Create {
        sentence: Some(format!("{number}号冲床停了")),
        contact_phone: Some(format!("138{number:08}")),
        place: Some(place.into()),
        ..Create::default()
    }
}

/// Ten hours with a report every two minutes.
fn usual_day(seed: u64) -> Arc<dyn EventLog> {
    let (mut day, log) = day(PEOPLE, seed);
    day.publish(Rules::default());
    for _ in 0..25 {
        day.engineer(Profile::default());
    }
    for number in 0..300 {
        day.report(at(2 * number), press(number));
    }
    day.pass_until(at(14 * 60));
    log
}

fn tried(log: &Arc<dyn EventLog>, rules: &Rules, between: Between) -> Report {
    try_rules(log.as_ref(), rules, between, 1_000, &mut |_, _| true).expect("it is tried")
}

fn accept_within(minutes: u32) -> Rules {
    let mut rules = Rules::default();
    rules.accept.within = Span::minutes(minutes);
    rules
}

fn only(report: &Report) -> &Changed {
    let [changed] = &*report.tickets else { panic!("{:#?}", report.tickets) };
    changed
}

#[test]
fn under_the_old_rules_the_sandbox_comes_to_what_the_log_recorded() {
    for seed in 1..=4 {
        let log = usual_day(seed);
        let rechecked =
            recheck(log.as_ref(), Between::ALWAYS, 1, &mut |_| true).expect("it is read");
        assert_eq!(rechecked.exact, rechecked.decisions, "{rechecked:?}");
        for from in [0, 171, 400] {
            let report = tried(&log, &Rules::default(), since(from));
            assert_eq!(report.recorded, report.old, "seed {seed} from {from}");
            assert_eq!(report.nearness.same_asked, report.nearness.tickets);
            assert_eq!(report.nearness.same_wait, report.nearness.tickets);
            assert!(report.old.tickets > 50 && report.old.time_outs > 5, "{:?}", report.old);
        }
    }
}

#[test]
fn the_same_rules_change_nothing() {
    let report = tried(&usual_day(1), &Rules::default(), since(120));
    assert_eq!((report.changed.tickets, &*report.tickets), (0, &[][..]));
    assert_eq!(report.old, report.new);
    // Few decisions are so clear that some seconds change nothing.
    let Totals { tickets, time_outs, .. } = report.chance;
    assert!(tickets == 0 && time_outs < report.old.time_outs, "{:?}", report.chance);
    assert_ne!(report.chance, Totals::default());
    assert_eq!(report.old_assumptions, report.new_assumptions);
}

#[test]
fn a_shorter_time_to_accept_lets_more_time_out_and_reaches_others_earlier() {
    let report = tried(&usual_day(1), &accept_within(10), since(0));
    assert!(report.new.time_outs > report.old.time_outs, "{:?}", report.new);
    assert!(report.new.assignments > report.old.assignments);
    assert!(report.changed.accepted_other > 0 && report.changed.accepted_earlier > 0);
    assert!(report.new_assumptions.count(Assumption::AnsweredAsUsual) > 0);
    assert!(report.new_assumptions.count(Assumption::AnsweredTooLate) > 0);
}

#[test]
fn without_duplicates_every_report_is_dispatched() {
    let mut rules = Rules::default();
    rules.duplicates.enabled = false;
    let report = tried(&usual_day(1), &rules, since(0));
    assert!(report.old.duplicates > 0 && report.new.duplicates == 0, "{:?}", report.old);
    assert!(report.changed.linked_otherwise >= report.old.duplicates);
    assert!(report.new.assignments > report.old.assignments);
    assert!(report.new_assumptions.count(Assumption::WorkedLikeOthers) > 0);
}

/// The first engineer accepts three tickets after four minutes each; the second, who comes then, one
/// after twenty.
fn a_quick_one_and_a_slow_one() -> (Arc<dyn EventLog>, TicketId) {
    let (mut day, log) = day(NOBODY, 1);
    day.publish(Rules::default());
    let quick = Some(day.engineer(Profile::default()));
    for number in 0..3 {
        let ticket = day.report(at(1), press(number));
        day.ask(at(5), ticket, Accept { engineer: quick });
        day.ask(at(15), ticket, Resolve::default());
    }
    day.pass_until(at(30));
    let slow = Some(day.engineer(Profile::default()));
    let ticket = day.report(at(31), press(5));
    day.ask(at(51), ticket, Accept { engineer: slow });
    day.ask(at(61), ticket, Resolve::default());
    day.pass_until(at(120));
    (log, ticket)
}

#[test]
fn whoever_accepted_after_twenty_minutes_is_too_late_when_there_are_fifteen() {
    let (log, ticket) = a_quick_one_and_a_slow_one();
    let report = tried(&log, &accept_within(15), since(0));
    let changed = only(&report);
    assert_eq!(changed.ticket, ticket);
    assert_eq!((changed.old.time_outs, changed.new.time_outs), (0, 1));
    assert_eq!(changed.old.accepted_by, Some(EngineerId::from_u128(2)));
    assert_eq!(changed.new.accepted_by, Some(EngineerId::from_u128(1)));
    // Fifteen minutes of the slow one, and four of the other, who answers as ever.
    assert_eq!(changed.accept_later_s, Some(-60));
    assert_eq!(report.new_assumptions.count(Assumption::AnsweredTooLate), 1);
    assert_eq!(report.new_assumptions.count(Assumption::AnsweredAsUsual), 1);
    // The work goes as it went, as long after the acceptance.
    let worked = |outcome: &trial::TicketOutcome| outcome.done_at.zip(outcome.accepted_at);
    let span = worked(&changed.new).map(|(done, accepted)| done.since(accepted));
    assert_eq!(span, Some(Duration::from_secs(600)));
    let spans = (report.changed.accepted_earlier, report.changed.accepted_other);
    assert_eq!(spans, (1, 1));
}

#[test]
fn a_timer_that_runs_at_the_beginning_keeps_its_rules() {
    let (log, _) = a_quick_one_and_a_slow_one();
    let report = tried(&log, &accept_within(15), since(40));
    assert_eq!((report.new.time_outs, report.changed.tickets), (0, 0), "{report:#?}");
}

#[test]
fn whoever_let_it_pass_lets_it_pass_however_long_there_is() {
    let (mut day, log) = day(NOBODY, 1);
    day.publish(accept_within(10));
    for _ in 0..2 {
        day.engineer(Profile::default());
    }
    day.report(at(1), press(1));
    day.pass_until(at(60));
    let report = tried(&log, &accept_within(20), since(0));
    assert_eq!((report.old.accepted, report.new.accepted), (0, 0));
    let changed = only(&report);
    assert!(changed.new.time_outs <= changed.old.time_outs, "{changed:#?}");
    assert!(report.new_assumptions.count(Assumption::LetPassAsThen) > 0);
}

#[test]
fn what_has_no_object_any_more_is_left_out_and_counted() {
    let (mut day, log) = day(NOBODY, 1);
    day.publish(Rules::default());
    let engineer = Some(day.engineer(Profile::default()));
    let [first, second] = [at(1), at(2)].map(|moment| day.report(moment, press(1)));
    // The second is a duplicate of the first; an agent says that it is not.
    let unlink = domain::ticket::Unlink { from: Some(first) };
    day.ask(at(3), second, unlink);
    for ticket in [first, second] {
        day.ask(at(5), ticket, Accept { engineer });
        day.ask(at(9), ticket, Resolve::default());
    }
    day.pass_until(at(30));
    let mut rules = Rules::default();
    rules.duplicates.enabled = false;
    let report = tried(&log, &rules, since(0));
    assert_eq!((report.old.duplicates, report.new.duplicates), (1, 0));
    assert_eq!(only(&report).ticket, second);
    let earlier = only(&report).old.asked_at.zip(only(&report).new.asked_at);
    assert!(earlier.is_some_and(|(old, new)| new < old), "{:#?}", report.tickets);
}

#[test]
fn without_freezing_nobody_is_frozen_after_unresolved_work() {
    let (mut day, log) = day(NOBODY, 1);
    day.publish(Rules::default());
    let engineers = [(); 3].map(|()| day.engineer(Profile::default()));
    let ticket = day.report(at(1), press(1));
    day.ask(at(2), ticket, Accept { engineer: Some(engineers[0]) });
    day.ask(at(9), ticket, Resolve::default());
    day.ask(at(20), ticket, Reject::default());
    day.ask(at(40), ticket, Cancel { words: "算了".into() });
    day.pass_until(at(60));
    let mut rules = Rules::default();
    rules.freeze.enabled = false;
    let report = tried(&log, &rules, since(0));
    assert_eq!((report.recorded.freeze_days, report.old.freeze_days), (1, 1));
    assert_eq!(report.new.freeze_days, 0);
}

#[test]
fn rules_that_are_none_are_refused_and_so_is_a_beginning_after_the_end() {
    let log = usual_day(1);
    let mut rules = Rules::default();
    rules.duplicates.ask_percent = 99;
    let refused = try_rules(log.as_ref(), &rules, since(0), 1, &mut |_, _| true);
    assert!(matches!(refused, Err(Error::Rules(_))), "{refused:?}");
    let late = try_rules(log.as_ref(), &Rules::default(), since(100_000), 1, &mut |_, _| true);
    assert!(matches!(late, Err(Error::NothingThen { .. })), "{late:?}");
    let stopped = try_rules(log.as_ref(), &Rules::default(), since(0), 1, &mut |_, _| false);
    assert!(matches!(stopped, Err(Error::Stopped)), "{stopped:?}");
}

#[test]
fn a_firm_where_everything_happens_can_be_tried_and_the_same_rules_change_nothing() {
    let mut near = [0, 0];
    for seed in 0..25 {
        let (_, log) = simulation::play(seed, Options::default()).expect("it holds");
        let log: Arc<dyn EventLog> = log;
        let events = log.read(domain::GlobalPosition::ZERO, usize::MAX).expect("memory");
        let rules = events.iter().rev().find_map(|recorded| match &recorded.event {
            domain::Event::Rules(domain::rules::RuleSetEvent::RuleSetPublished(it)) => {
                Some(it.rules.clone())
            }
            _ => None,
        });
        let rules = rules.unwrap_or_default();
        let from = begin().plus(Duration::from_secs(1));
        let report = tried(&log, &rules, Between { from, to: Timestamp::MAX });
        assert_eq!(report.changed.tickets, 0, "seed {seed}: {:#?}", report.tickets.first());
        near[0] += report.nearness.tickets;
        near[1] += report.nearness.same_accepted;
    }
    println!("{near:?}");
    // Commands were lost, late and sent twice; the sandbox has a better post.
    assert!(near[0] > 150 && near[1] * 10 >= near[0] * 7, "{near:?}");
}
