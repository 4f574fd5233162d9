//! What had happened by a moment equals a fold of a log that somebody cut by hand: each stream
//! before its first event that was later.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use domain::ticket::{Create, Note};
use domain::{Command, CommandId, Event, GlobalPosition, Issuer, Party, StreamId, Timestamp};
use eventlog::{Append, AppendHeader, EventLog, Expected, ManualClock, MemoryLog, NewEvent};
use projector::{AsOfError, HappenedBy, ModelName, ReadModels};
use proptest::prelude::*;

use crate::firm::{AGENT, Firm, START, hours, minutes, moves, ticket_id};

/// All but attachments.
const MODELS: [ModelName; 5] = [
    ModelName::OpenTickets,
    ModelName::EngineerLoad,
    ModelName::Directory,
    ModelName::Satisfaction,
    ModelName::Lifecycle,
];

fn dumps(models: &ReadModels) -> Vec<String> {
    let dump = |name: ModelName| {
        let mut dump = Vec::new();
        models.dump(name, &mut dump).expect("memory takes all");
        let dump = String::from_utf8(dump).expect("JSON");
        // A ticket's number is that of its position, and rules hold from one on; a log that was cut
        // has others.
        let lines = dump.lines().map(|line| match line.split_once(',') {
            Some((place, rest))
                if ["{\"number\":", "{\"from\":"].iter().any(|name| place.starts_with(name)) =>
            {
                rest
            }
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    MODELS.map(dump).into()
}

fn happened_by(firm: &Firm, moment: Timestamp) -> ReadModels {
    let go_on = &mut |_| ControlFlow::Continue(());
    ReadModels::happened_by(firm.log.as_ref(), None, moment, firm.head(), go_on).expect("it folds")
}

/// A log of those events alone, each recorded when it was.
fn cut_by_hand(firm: &Firm, moment: Timestamp) -> MemoryLog {
    let clock = ManualClock::new(START);
    let cut = MemoryLog::new(Arc::new(clock.clone())).expect("a log");
    let mut latest: BTreeMap<StreamId, Timestamp> = BTreeMap::new();
    for event in firm.log.read(GlobalPosition::ZERO, usize::MAX).expect("readable") {
        let latest = latest.entry(event.stream).or_insert(event.occurred_at);
        *latest = event.occurred_at.max(*latest);
        if *latest > moment || matches!(event.event, Event::Log(_)) {
            continue;
        }
        clock.set(event.recorded_at);
        let key = event.position.to_string();
        let version = cut.stream_version(event.stream).expect("a version");
        assert_eq!(version.next(), event.version, "each stream is cut to a beginning");
        let append = Append {
            header: AppendHeader {
                fingerprint: cut.fingerprint(key.as_bytes()),
                command: CommandId { issuer: Issuer::Client("scissors".into()), key },
                ..event.header.as_ref().clone()
            },
            expects: vec![Expected { stream: event.stream, version }],
            events: vec![NewEvent {
                stream: event.stream,
                id: event.id,
                occurred_at: event.occurred_at,
                subject: event.stream,
                event: event.event,
            }],
            now: event.recorded_at,
        };
        cut.submit(append).expect("a legal append").wait().expect("it is durable");
    }
    cut
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_had_happened_equals_a_fold_of_a_log_that_was_cut_by_hand(
        script in moves(10..100),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..5),
    ) {
        let mut firm = Firm::new();
        script.into_iter().for_each(|choice| firm.play(choice));
        let events = firm.log.read_facts(GlobalPosition::ZERO, usize::MAX).expect("readable");
        for pick in picks {
            let moment = events[pick.index(events.len())].occurred_at;
            for moment in [moment, moment.minus(Duration::from_micros(1))] {
                let found = happened_by(&firm, moment);
                let cut = cut_by_hand(&firm, moment);
                let go_on = &mut |_| ControlFlow::Continue(());
                let wanted = ReadModels::as_of(&cut, None, cut.head().position, go_on);
                let wanted = wanted.expect("it folds");
                prop_assert_eq!(dumps(&found), dumps(&wanted), "by {}", moment);
                prop_assert_eq!(found.ticket_counts(moment).position, firm.head());
            }
        }
    }
}

#[test]
fn what_is_recorded_late_had_happened_and_what_follows_on_it_had_not() {
    let mut firm = Firm::new();
    firm.clock.advance(hours(5));
    let create = |id, ago, firm: &mut Firm| {
        let command = Command::Ticket(id, Create::default().into());
        firm.submit_late(Party::Agent(AGENT), &command, ago).expect("legal");
    };
    create(ticket_id(0), hours(4), &mut firm);
    create(ticket_id(1), minutes(0), &mut firm);
    // Told to have been before the report that it is about.
    let note = Command::Ticket(
        ticket_id(1),
        Note { words: "早就坏了".into(), attachments: Vec::new() }.into(),
    );
    firm.submit_late(Party::Agent(AGENT), &note, hours(4)).expect("legal");
    let moment = firm.now().minus(hours(3));
    let then = happened_by(&firm, moment);
    let is_open = |id| then.open_ticket(id, moment).value.is_some();
    assert_eq!([ticket_id(0), ticket_id(1)].map(is_open), [true, false]);
    let known = ReadModels::as_of(firm.log.as_ref(), None, GlobalPosition::ZERO, &mut |_| {
        ControlFlow::Continue(())
    });
    assert!(known.expect("it folds").open_ticket(ticket_id(0), moment).value.is_none());

    let events = firm.log.read_facts(GlobalPosition::ZERO, usize::MAX).expect("readable");
    let mut happened = HappenedBy::new(moment);
    let counted: Vec<_> = events
        .iter()
        .filter(|event| event.stream.ticket().is_some() && happened.counts(event))
        .map(|event| event.stream)
        .collect();
    assert_eq!(counted, [StreamId::from(ticket_id(0))]);
}

#[test]
fn a_fold_of_what_had_happened_can_be_broken_off() {
    let mut firm = Firm::new();
    for _ in 0..1_100 {
        firm.publish(|rules| rules.candidates.same_outlet += 1);
    }
    let broken =
        ReadModels::happened_by(firm.log.as_ref(), None, firm.now(), firm.head(), &mut |_| {
            ControlFlow::Break(())
        });
    let Err(AsOfError::BrokenOff { position, until }) = broken else { panic!("{broken:?}") };
    assert!(position < until && until == firm.head());
}
