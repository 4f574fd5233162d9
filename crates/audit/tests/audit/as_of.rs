//! An audit as of a position says what an audit of a log cut there would say.

use std::sync::Arc;

use audit::{AsOf, Options, Scope};
use domain::attachment::AttachmentCommand;
use domain::{CommandId, GlobalPosition, Issuer};
use eventlog::{
    Append, AppendHeader, EventLog, Expected, ManualClock, MemoryLog, MemoryOptions, NewEvent,
    RecordedEvent,
};

use crate::firm::{ANNE, BO, CHEN, Firm, audit_of, file_of, hash_of, ticket};

const POSITIONS: usize = 100;

/// Numbers that are the same at each run; the seed is printed where a test fails.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// Forty tickets with all that can happen to attachments, some of which are lost.
fn eventful() -> Firm {
    let mut firm = Firm::in_memory();
    for number in 0..40_u32 {
        let id = ticket(u128::from(number) + 1);
        firm.report(id, &[3 * number, 3 * number + 1, number % 7]);
        firm.assign(id, ANNE);
        if number.is_multiple_of(3) {
            firm.remove(id, 3 * number);
        }
        if number.is_multiple_of(4) {
            let why = "not scanned yet".into();
            firm.on_attachment(3 * number + 1, AttachmentCommand::Quarantine { why });
        }
        firm.withdraw(id);
        firm.assign(id, BO);
        if number.is_multiple_of(8) {
            firm.on_attachment(3 * number + 1, AttachmentCommand::Release);
        }
        if number % 9 == 5 {
            firm.on_attachment(3 * number, AttachmentCommand::Erase { words: String::new() });
        }
        if number % 6 == 2 {
            firm.merge(id, ticket(u128::from(number)));
        } else {
            firm.accept(id, BO);
            firm.note(id, 200 + number);
            firm.transfer(id, BO, CHEN);
        }
        if number % 5 == 1 {
            let lost = file_of(&firm.store_dir(), hash_of(3 * number + 1));
            std::fs::remove_file(lost).expect("removed");
        }
    }
    firm.settle();
    firm
}

/// A log that grows event by event, so that it can be cut anywhere.
struct Cut(MemoryLog);

impl Cut {
    fn take(&self, event: &RecordedEvent) {
        let key = event.position.to_string();
        let expected = Expected {
            stream: event.stream,
            version: self.0.stream_version(event.stream).expect("a version"),
        };
        let header = AppendHeader {
            command: CommandId { issuer: Issuer::Client("cut".into()), key: key.clone() },
            fingerprint: self.0.fingerprint(key.as_bytes()),
            ..(*event.header).clone()
        };
        let events = vec![NewEvent {
            stream: event.stream,
            id: event.id,
            occurred_at: event.occurred_at,
            subject: event.stream,
            event: event.event.clone(),
        }];
        let append = Append { header, expects: vec![expected], events, now: event.recorded_at };
        let appended = self.0.submit(append).expect("taken").wait().expect("durable");
        assert_eq!(appended.last, event.position);
    }
}

#[test]
fn a_hundred_positions_are_as_logs_that_were_cut_there() {
    let firm = eventful();
    let events = firm.log.read(GlobalPosition::ZERO, usize::MAX).expect("reads");
    let seed = 20_260_302;
    let mut dice = Dice(seed);
    let mut positions: Vec<u64> =
        (0..POSITIONS).map(|_| 1 + dice.next(events.len() as u64)).collect();
    positions.sort_unstable();
    let clock = Arc::new(ManualClock::new(events[0].recorded_at));
    let cut = Cut(MemoryLog::with(clock, &MemoryOptions::default()).expect("a log in memory"));
    let mut taken = 1;
    for position in positions {
        while taken < position {
            cut.take(&events[taken as usize]);
            taken += 1;
        }
        let as_of = AsOf::Position(GlobalPosition::new(position));
        for scope in [Scope::default(), Scope { ticket: Some(ticket(2)), ..Scope::default() }] {
            let options = Options { scope, handovers: true, ..Options::default() };
            let (before, told_before) = audit_of(&*firm.log, &firm, &Options { as_of, ..options });
            let (after, told_after) = audit_of(&cut.0, &firm, &options);
            assert!(before == after, "seed {seed}, position {position}");
            assert!(told_before == told_after, "seed {seed}, position {position}");
        }
    }
    assert!(taken > events.len() as u64 / 2, "positions were all over the log");
}

#[test]
fn a_moment_means_the_last_event_that_was_recorded_by_then() {
    let firm = eventful();
    let events = firm.log.read(GlobalPosition::ZERO, usize::MAX).expect("reads");
    let at = |as_of| audit_of(&*firm.log, &firm, &Options { as_of, ..Options::default() }).0;
    for place in [0, 1, 57, 200, events.len() - 1] {
        let moment = events[place].recorded_at;
        let last = events.iter().rfind(|event| event.recorded_at <= moment).expect("there is one");
        assert_eq!(at(AsOf::Time(moment)).as_of, last.position);
    }
    let before = events[0].recorded_at.minus(std::time::Duration::from_secs(1));
    let nothing = at(AsOf::Time(before));
    assert_eq!((nothing.as_of, nothing.totals.named), (GlobalPosition::ZERO, 0));
}
