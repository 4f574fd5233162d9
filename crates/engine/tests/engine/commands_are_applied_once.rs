//! A command id is applied at most once, and each answer tells what is durable.

use crate::desk::{Desk, engineer, id, ticket};
use domain::ticket::{Accept, Assign, Create, Note, PhaseName};
use domain::{Actor, Command, Issuer, Origin, Party, Rejection, StreamVersion, Timestamp};
use engine::{Error, Submission};
use eventlog::{Clock as _, EventLog, MemoryOptions};

fn create() -> Command {
    let create =
        Create { sentence: Some("冲床咔哒两声就停了".into()), ..Create::default() };
    Command::Ticket(ticket(1), create.into())
}

fn note(words: &str) -> Command {
    Command::Ticket(ticket(1), Note { words: words.into(), ..Note::default() }.into())
}

fn live(key: &str, command: Command) -> Submission {
    Submission::live(id(key), command, Actor::claimed(Party::Anonymous))
}

#[test]
fn a_repeated_command_gets_its_first_result_and_adds_nothing() {
    let desk = Desk::new();
    let first = desk.engine.begin(live("k", create())).expect("begun").wait().expect("created");
    let head = desk.log.head();
    desk.on_ticket(ticket(1), Note { words: "又响了".into(), ..Note::default() }).expect("noted");
    let again = desk.engine.begin(live("k", create())).expect("begun").wait().expect("repeated");
    assert!(again.repeated && !first.repeated);
    assert_eq!((again.version, again.position), (first.version, first.position));
    assert_eq!(desk.log.head().position, head.position.next());
}

#[test]
fn a_repetition_waits_for_the_first_to_be_durable() {
    let desk = Desk::new();
    desk.log.hold();
    let first = desk.engine.begin(live("k", create())).expect("begun");
    let again = desk.engine.begin(live("k", create())).expect("begun");
    desk.log.fail_sync();
    assert!(matches!(first.wait(), Err(Error::OutcomeUnknown)));
    assert!(matches!(again.wait(), Err(Error::OutcomeUnknown)));
}

#[test]
fn the_same_id_with_another_content_is_a_conflict() {
    let desk = Desk::new();
    desk.run(create()).expect("created");
    desk.engine.begin(live("k", note("一"))).expect("begun").wait().expect("noted");
    let other = desk.engine.begin(live("k", note("二")));
    assert!(matches!(other, Err(Error::IdReused { .. })));
}

#[test]
fn one_clients_key_never_meets_anothers() {
    let desk = Desk::new();
    desk.run(create()).expect("created");
    desk.engine.begin(live("k", note("一"))).expect("begun").wait().expect("noted");
    let mut other = live("k", note("二"));
    other.id.issuer = Issuer::Client("another".into());
    assert!(!desk.engine.begin(other).expect("begun").wait().expect("noted").repeated);
}

#[test]
fn a_rejection_binds_nothing_so_the_same_id_may_succeed_later() {
    let desk = Desk::new();
    let early = desk.engine.begin(live("k", note("一"))).expect("begun").wait();
    assert!(matches!(
        early,
        Err(Error::Rejected(rejected)) if matches!(rejected.rejection, Rejection::NotFound { .. })
    ));
    desk.run(create()).expect("created");
    desk.engine.begin(live("k", note("一"))).expect("begun").wait().expect("noted");
}

#[test]
fn nobody_is_told_of_a_winner_that_a_power_cut_could_undo() {
    let desk = Desk::new();
    desk.staff(2, 1);
    desk.run(create()).expect("created");
    let assign = Assign { engineer: Some(engineer(1)), ..Assign::default() };
    desk.on_ticket(ticket(1), assign).expect("assigned");
    desk.log.hold();
    let accept = |number, key: &str| {
        let accept = Accept { engineer: Some(engineer(number)) };
        live(key, Command::Ticket(ticket(1), accept.into()))
    };
    let winner = desk.engine.begin(accept(1, "a")).expect("begun");
    let loser = desk.engine.begin(accept(2, "b")).expect("begun");
    let retry = desk.engine.begin(accept(1, "c")).expect("begun");
    desk.log.fail_sync();
    for pending in [winner, loser, retry] {
        assert!(matches!(pending.wait(), Err(Error::OutcomeUnknown)));
    }
}

#[test]
fn a_failed_sync_discards_what_was_decided_on_top() {
    let desk = Desk::new();
    desk.log.hold();
    let created = desk.engine.begin(live("k", create())).expect("begun");
    desk.log.fail_sync();
    assert!(matches!(created.wait(), Err(Error::OutcomeUnknown)));
    assert!(matches!(desk.run(note("一")), Err(Error::Log(_) | Error::Rejected(_))));
    assert!(desk.run(create()).is_err());
    assert!(desk.engine.ticket(ticket(1)).expect("readable").is_none());
}

#[test]
fn a_condition_on_the_version_is_checked_against_what_is_queued() {
    let desk = Desk::new();
    desk.run(create()).expect("created");
    desk.log.hold();
    let first = desk.engine.begin(live("a", note("一"))).expect("begun");
    let mut stale = live("b", note("二"));
    stale.if_version = Some(StreamVersion::FIRST);
    let Err(Error::VersionMismatch { actual, .. }) = desk.engine.begin(stale) else {
        panic!("the version has gone on");
    };
    assert_eq!(actual, StreamVersion::new(2));
    desk.log.release();
    first.wait().expect("noted");
}

#[test]
fn a_full_queue_refuses_and_records_nothing() {
    let options = MemoryOptions { queue_appends_max: 1, ..MemoryOptions::default() };
    let desk = Desk::with(&options);
    desk.run(create()).expect("created");
    desk.log.hold();
    let first = desk.engine.begin(live("a", note("一"))).expect("begun");
    assert!(matches!(desk.engine.begin(live("b", note("二"))), Err(Error::Busy)));
    // Before anything is decided: the rules would say that there is no such ticket.
    let nowhere = Command::Ticket(ticket(2), Note { words: "三".into(), ..Note::default() }.into());
    assert!(matches!(desk.engine.begin(live("c", nowhere)), Err(Error::Busy)));
    desk.log.release();
    first.wait().expect("noted");
    let retried = desk.engine.begin(live("b", note("二"))).expect("begun").wait().expect("noted");
    assert_eq!(retried.version, StreamVersion::new(3));
}

#[test]
fn what_happened_earlier_keeps_its_time_and_times_that_cannot_be_are_refused() {
    let desk = Desk::new();
    let mut earlier = live("a", create());
    earlier.occurred_at = Some(Timestamp::from_seconds(1_699_990_000));
    desk.engine.begin(earlier).expect("begun").wait().expect("created");
    let events = desk.log.read_stream(ticket(1).into(), StreamVersion::ZERO, 10).expect("read");
    assert_eq!(events[0].occurred_at, Timestamp::from_seconds(1_699_990_000));
    assert!(events[0].recorded_at > events[0].occurred_at);
    let mut later = live("b", note("一"));
    later.occurred_at = Some(Timestamp::from_seconds(1_700_009_000));
    assert!(matches!(desk.engine.begin(later), Err(Error::ImplausibleTime { .. })));
    let mut long_ago = live("c", note("一"));
    long_ago.occurred_at = Some(Timestamp::from_seconds(0));
    assert!(matches!(desk.engine.begin(long_ago), Err(Error::ImplausibleTime { .. })));
    assert_eq!(events[0].header.origin, Origin::Live);
}

#[test]
fn a_receipt_tells_what_can_be_done_next() {
    let desk = Desk::new();
    let receipt = desk.run(create()).expect("created");
    let state = receipt.ticket.expect("a ticket");
    assert_eq!(state.phase, PhaseName::Waiting);
    assert_eq!(state.number.position(), receipt.position);
    assert!(state.allowed.contains(&domain::ticket::Verb::Assign));
    assert!(!state.allowed.contains(&domain::ticket::Verb::Accept));
}

#[test]
fn a_wrong_clock_that_was_set_right_is_forgotten() {
    let desk = Desk::new();
    desk.run(create()).expect("created");
    let right = desk.clock.now();
    desk.clock.jump(right.plus(std::time::Duration::from_secs(7_200)));
    let refused = desk.run(note("一"));
    assert!(matches!(refused, Err(Error::Log(eventlog::SubmitError::ClockJumped { .. }))));
    desk.clock.jump(right);
    desk.run(note("二")).expect("the clock is right again, so everything is taken");
}
