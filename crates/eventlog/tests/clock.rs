//! Recorded times never go back and never run ahead unnoticed, whatever the clock shows: back,
//! forward, frozen, while the log is open and across a restart.

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use eventlog::conformance::{append, read_all, ticket};
use eventlog::{Clock, EventLog, ManualClock, OpenReport, SledLog, SubmitError};
use support::{START, options};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// As the log allows the wall clock to run ahead of the time that passed.
const JUMP_MAX: Duration = Duration::from_secs(5 * 60);

fn opened(dir: &Path, now: Timestamp) -> (SledLog, OpenReport, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(now));
    let mut options = options(dir);
    options.clock = clock.clone();
    let (log, report) = SledLog::open(&options).expect("opens");
    (log, report, clock)
}

/// Appends one event at the time that the clock shows; when it was recorded.
fn write(log: &SledLog, clock: &ManualClock) -> Result<Timestamp, SubmitError> {
    let head = log.head().position.get();
    let wanted = append(log, &format!("key {head}"), clock.now(), &[(ticket(head.into()), 0)]);
    Ok(log.submit(wanted)?.wait().expect("durable").recorded_at)
}

fn never_goes_back(log: &SledLog) {
    let times: Vec<_> = read_all(log).iter().map(|event| event.recorded_at).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn a_clock_that_is_set_back_or_stands_still_takes_no_recorded_time_with_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let (log, _, clock) = opened(dir.path(), START);
    clock.advance(DAY);
    let noon = write(&log, &clock).expect("recorded");
    assert_eq!(noon, START.plus(DAY));
    for back in [Duration::from_secs(1), DAY, YEAR] {
        clock.jump(noon.minus(back));
        assert_eq!(write(&log, &clock).expect("recorded"), noon);
        assert_eq!(write(&log, &clock).expect("and while it stands still"), noon);
    }
    // Set right again it is no jump, although it went forward by a year.
    clock.advance(YEAR);
    let right = noon.plus(Duration::from_secs(60));
    clock.jump(right);
    assert_eq!(write(&log, &clock).expect("recorded"), right);
    never_goes_back(&log);
}

#[test]
fn a_clock_that_jumps_forward_stops_the_log_until_it_is_confirmed_or_set_right() {
    let dir = tempfile::tempdir().expect("a directory");
    let (log, _, clock) = opened(dir.path(), START);
    clock.jump(START.plus(JUMP_MAX));
    write(&log, &clock).expect("as much as a time server corrects at once");
    clock.jump(START.plus(YEAR));
    let refused = write(&log, &clock);
    assert!(matches!(refused, Err(SubmitError::ClockJumped { .. })), "{refused:?}");
    // Set right: nothing happened.
    clock.jump(START.plus(JUMP_MAX));
    write(&log, &clock).expect("recorded");
    clock.jump(START.plus(YEAR));
    assert!(write(&log, &clock).is_err());
    log.confirm_clock();
    assert_eq!(write(&log, &clock).expect("recorded"), START.plus(YEAR));
    never_goes_back(&log);
}

#[test]
fn a_restart_while_the_clock_is_a_year_back_says_so_and_records_the_last_time() {
    let dir = tempfile::tempdir().expect("a directory");
    let (log, _, clock) = opened(dir.path(), START);
    let last = write(&log, &clock).expect("recorded");
    drop(log);
    let (log, report, clock) = opened(dir.path(), START.minus(YEAR));
    assert_eq!((report.clock_behind, report.clock_unconfirmed), (YEAR, false));
    assert_eq!(write(&log, &clock).expect("recorded"), last);
    clock.advance(DAY);
    assert_eq!(write(&log, &clock).expect("recorded"), last);
    // Set right while it is open.
    let right = last.plus(Duration::from_secs(60));
    clock.jump(right);
    assert_eq!(write(&log, &clock).expect("recorded"), right);
    never_goes_back(&log);
}

#[test]
fn a_restart_while_the_clock_is_a_year_ahead_records_nothing_until_that_is_confirmed() {
    let dir = tempfile::tempdir().expect("a directory");
    let (log, _, clock) = opened(dir.path(), START);
    let last = write(&log, &clock).expect("recorded");
    drop(log);
    let ahead = START.plus(YEAR);
    let (log, report, clock) = opened(dir.path(), ahead);
    assert!(report.clock_unconfirmed);
    let refused = write(&log, &clock);
    let Err(SubmitError::ClockJumped { from, to }) = refused else { panic!("{refused:?}") };
    assert_eq!((from, to), (last, ahead));
    drop(log);
    // It was wrong: set right, it goes on as if nothing had been.
    let (log, report, clock) = opened(dir.path(), START.plus(DAY));
    assert!(!report.clock_unconfirmed);
    assert_eq!(write(&log, &clock).expect("recorded"), START.plus(DAY));
    drop(log);
    // It was right: the server was off for a year.
    let (log, _, clock) = opened(dir.path(), ahead);
    assert!(write(&log, &clock).is_err());
    assert_eq!(log.confirm_clock(), ahead);
    assert_eq!(write(&log, &clock).expect("recorded"), ahead);
    never_goes_back(&log);
}

#[test]
fn a_server_that_was_off_for_a_month_needs_no_confirmation() {
    let dir = tempfile::tempdir().expect("a directory");
    let (log, _, _) = opened(dir.path(), START);
    drop(log);
    let (log, report, clock) = opened(dir.path(), START.plus(31 * DAY));
    assert!(!report.clock_unconfirmed);
    assert_eq!(write(&log, &clock).expect("recorded"), START.plus(31 * DAY));
}
