//! The suite that every backend passes: each check is one promise of [`EventLog`], by name.
//!
//! A backend's tests implement [`Backend`] and call [`conformance_tests!`](crate::conformance_tests).

use std::sync::Arc;
use std::time::Duration;

use domain::engineer::{EngineerEvent, WentOnline};
use domain::ticket::TicketEvent;
use domain::ticket::event::Noted;
use domain::{
    Actor, CommandId, EngineerId, Event, EventId, GlobalPosition, Issuer, Origin, Party, Personal,
    StreamId, StreamVersion, TicketId, Timestamp, Words,
};

use crate::codec::{decode_payload, encode_payload};
use crate::{
    Append, AppendError, AppendHeader, ChainHash, Clock, EventLog, Expected, ManualClock, NewEvent,
    RECORD_BYTES_MAX, RecordedEvent, SubmitError,
};

/// When the checks begin.
const START: Timestamp = Timestamp::from_seconds(1_790_000_000);

/// A kind of log under test, and the knobs that the checks need.
pub trait Backend {
    /// A new log; the one before is gone.
    fn fresh(&mut self, clock: ManualClock, queue_appends_max: usize) -> Arc<dyn EventLog>;

    /// Closes the log and opens it again; `None` when nothing survives that. The caller has
    /// dropped its own handle.
    fn reopen(&mut self) -> Option<Arc<dyn EventLog>>;

    /// Nothing becomes durable until [`Backend::release`].
    fn hold(&self);

    /// What was held back becomes durable.
    fn release(&self);

    /// The next sync fails; what is held is tried now.
    fn fail_sync(&self);
}

/// Makes a test of each check: `conformance_tests!(expression that makes the backend);`.
#[macro_export]
macro_rules! conformance_tests {
    ($backend:expr) => {
        $crate::conformance_tests!(@each $backend;
            an_append_to_several_streams_is_all_or_nothing,
            a_stream_without_events_is_a_condition,
            a_wrong_expected_version_is_refused_with_the_actual_one,
            expected_versions_include_what_is_queued,
            a_repeated_command_gets_its_first_result_while_it_is_queued,
            a_repeated_command_gets_its_first_result_once_it_is_durable,
            a_repeated_command_gets_its_first_result_after_reopening,
            another_command_under_a_known_id_shows_the_first_fingerprint,
            keys_of_different_issuers_never_meet,
            positions_and_versions_start_at_one_and_have_no_gaps,
            readers_see_durable_events_only,
            a_failed_sync_poisons_the_log,
            a_poisoned_log_that_was_reopened_tells_what_became_of_a_command,
            a_full_queue_refuses_and_takes_again_later,
            recorded_times_never_go_back,
            a_clock_that_jumped_stops_appends_until_it_is_confirmed,
            what_is_too_large_is_refused_and_nothing_is_written,
            malformed_appends_are_refused,
            nobody_else_writes_to_the_logs_own_stream,
            events_read_back_as_they_were_written,
            facts_are_read_without_what_is_personal_on_tickets_and_attachments,
            a_stream_is_read_in_pages,
            the_chain_has_a_value_at_every_position,
            destroyed_keys_erase_what_they_sealed_and_keep_the_chain,
            no_reader_skips_an_event_while_many_write,
        );
    };
    (@each $backend:expr; $($name:ident,)*) => {
        $(#[test]
        fn $name() {
            $crate::conformance::$name(&mut $backend);
        })*
    };
}

fn fresh(backend: &mut dyn Backend) -> (Arc<dyn EventLog>, ManualClock) {
    let clock = ManualClock::new(START);
    (backend.fresh(clock.clone(), 1_024), clock)
}

/// The stream of a ticket.
pub fn ticket(number: u128) -> StreamId {
    TicketId::from_u128(number).into()
}

/// The stream of an engineer.
pub fn engineer(number: u128) -> StreamId {
    EngineerId::from_u128(number).into()
}

/// A note on a ticket, or an engineer who goes online.
pub fn event_for(stream: StreamId, number: u128, text: &str) -> NewEvent {
    let event: Event = if stream.engineer().is_some() {
        EngineerEvent::WentOnline(WentOnline {}).into()
    } else {
        let words = Personal::Known(Words::from(text.to_owned()));
        TicketEvent::Noted(Noted { attachments: Vec::new(), words }).into()
    };
    NewEvent { stream, id: EventId::from_u128(number), occurred_at: START, subject: stream, event }
}

/// An append of a client under this key: one event for each of these streams, which are expected
/// at these versions.
pub fn append(log: &dyn EventLog, key: &str, now: Timestamp, to: &[(StreamId, u64)]) -> Append {
    let mut expects: Vec<Expected> = Vec::new();
    for (stream, version) in to {
        if !expects.iter().any(|expected| expected.stream == *stream) {
            expects.push(Expected { stream: *stream, version: StreamVersion::new(*version) });
        }
    }
    Append {
        header: AppendHeader {
            command: CommandId { issuer: Issuer::Client("suite".into()), key: key.into() },
            fingerprint: log.fingerprint(key.as_bytes()),
            actor: Actor::claimed(Party::Engineer(EngineerId::from_u128(9))),
            caused_by: None,
            origin: Origin::Live,
            basis: None,
        },
        expects,
        events: to
            .iter()
            .enumerate()
            .map(|(place, (stream, _))| event_for(*stream, place as u128, key))
            .collect(),
        now,
    }
}

fn write(log: &dyn EventLog, key: &str, to: &[(StreamId, u64)]) -> crate::Appended {
    submit(log, append(log, key, START, to)).wait().expect("it becomes durable")
}

fn submit(log: &dyn EventLog, append: Append) -> crate::PendingAppend {
    log.submit(append).expect("the append is taken")
}

/// All events, read in small pages.
pub fn read_all(log: &dyn EventLog) -> Vec<RecordedEvent> {
    let mut events: Vec<RecordedEvent> = Vec::new();
    loop {
        let after = events.last().map_or(GlobalPosition::ZERO, |event| event.position);
        let page = log.read(after, 7).expect("the log reads");
        if page.is_empty() {
            return events;
        }
        events.extend(page);
    }
}

#[expect(missing_docs, reason = "the names of the checks say what they check")]
mod checks {
    use super::*;

    pub fn an_append_to_several_streams_is_all_or_nothing(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        write(&*log, "first", &[(ticket(1), 0)]);
        let before = log.head();
        let refused = log.submit(append(&*log, "both", START, &[(engineer(1), 0), (ticket(1), 0)]));
        assert!(matches!(refused, Err(SubmitError::WrongExpectedVersion { .. })), "{refused:?}");
        assert_eq!(log.head(), before);
        assert_eq!(log.stream_version(engineer(1)).expect("reads"), StreamVersion::ZERO);

        let taken = write(&*log, "both again", &[(engineer(1), 0), (ticket(1), 1)]);
        assert_eq!(taken.last.get() - taken.first.get(), 1);
        assert_eq!(
            taken.versions,
            [(engineer(1), StreamVersion::new(1)), (ticket(1), StreamVersion::new(2))]
        );
    }

    pub fn a_stream_without_events_is_a_condition(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        write(&*log, "first", &[(engineer(1), 0)]);
        let mut wanted = append(&*log, "on condition", START, &[(ticket(1), 0)]);
        wanted.expects.push(Expected { stream: engineer(1), version: StreamVersion::ZERO });
        let refused = log.submit(wanted.clone());
        assert!(matches!(refused, Err(SubmitError::WrongExpectedVersion { .. })), "{refused:?}");
        wanted.expects[1].version = StreamVersion::new(1);
        let taken = submit(&*log, wanted).wait().expect("durable");
        assert_eq!(taken.versions, [(ticket(1), StreamVersion::new(1))]);
        assert_eq!(log.stream_version(engineer(1)).expect("reads"), StreamVersion::new(1));
    }

    pub fn a_wrong_expected_version_is_refused_with_the_actual_one(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        write(&*log, "first", &[(ticket(1), 0), (ticket(1), 0)]);
        match log.submit(append(&*log, "late", START, &[(ticket(1), 1)])) {
            Err(SubmitError::WrongExpectedVersion { stream, expected, actual }) => {
                assert_eq!(stream, ticket(1));
                assert_eq!((expected.get(), actual.get()), (1, 2));
            }
            other => panic!("it must be refused: {other:?}"),
        }
    }

    pub fn expected_versions_include_what_is_queued(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        backend.hold();
        let first = submit(&*log, append(&*log, "first", START, &[(ticket(1), 0)]));
        assert_eq!(log.stream_version(ticket(1)).expect("reads"), StreamVersion::new(1));
        let second = submit(&*log, append(&*log, "second", START, &[(ticket(1), 1)]));
        assert_eq!(second.place().first, first.place().last.next());
        backend.release();
        first.wait().expect("durable");
        second.wait().expect("durable");
    }

    pub fn a_repeated_command_gets_its_first_result_while_it_is_queued(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        backend.hold();
        let wanted = append(&*log, "once", START, &[(ticket(1), 0)]);
        let first = submit(&*log, wanted.clone());
        let known = match log.submit(wanted) {
            Err(SubmitError::KnownCommand { known, .. }) => known,
            other => panic!("it must be known: {other:?}"),
        };
        assert_eq!(known.append.place(), first.place());
        backend.release();
        assert_eq!(known.append.wait().expect("durable"), first.wait().expect("durable"));
    }

    pub fn a_repeated_command_gets_its_first_result_once_it_is_durable(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        let wanted = append(&*log, "once", START, &[(engineer(2), 0), (ticket(1), 0)]);
        let first = submit(&*log, wanted.clone()).wait().expect("durable");
        write(&*log, "another", &[(ticket(1), 1)]);
        match log.submit(wanted.clone()) {
            Err(SubmitError::KnownCommand { known, .. }) => {
                assert_eq!(known.append.wait().expect("durable"), first);
            }
            other => panic!("it must be known: {other:?}"),
        }
        let found = log.find_command(&wanted.header.command).expect("reads").expect("is known");
        assert_eq!(found.append.place(), &first);
        assert_eq!(found.fingerprint, wanted.header.fingerprint);
    }

    pub fn a_repeated_command_gets_its_first_result_after_reopening(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        let wanted = append(&*log, "once", START, &[(engineer(2), 0), (ticket(1), 0)]);
        let first = submit(&*log, wanted.clone()).wait().expect("durable");
        drop(log);
        let Some(log) = backend.reopen() else { return };
        match log.submit(wanted) {
            Err(SubmitError::KnownCommand { known, .. }) => {
                assert_eq!(known.append.wait().expect("durable"), first);
            }
            other => panic!("it must be known: {other:?}"),
        }
    }

    pub fn another_command_under_a_known_id_shows_the_first_fingerprint(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        let first = append(&*log, "once", START, &[(ticket(1), 0)]);
        submit(&*log, first.clone()).wait().expect("durable");
        let mut other = first.clone();
        other.header.fingerprint = log.fingerprint(b"other content");
        match log.submit(other.clone()) {
            Err(SubmitError::KnownCommand { known, .. }) => {
                assert_eq!(known.fingerprint, first.header.fingerprint);
                assert_ne!(known.fingerprint, other.header.fingerprint);
            }
            result => panic!("it must be known: {result:?}"),
        }
    }

    pub fn keys_of_different_issuers_never_meet(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        let issuers = [
            Issuer::Client("a".into()),
            Issuer::Client("b".into()),
            Issuer::Dispatcher,
            Issuer::Gateway,
            Issuer::Import("a".into()),
        ];
        for (place, issuer) in issuers.into_iter().enumerate() {
            let mut wanted = append(&*log, "same key", START, &[(ticket(place as u128), 0)]);
            wanted.header.command.issuer = issuer;
            submit(&*log, wanted).wait().expect("durable");
        }
    }

    pub fn positions_and_versions_start_at_one_and_have_no_gaps(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        for round in 0..20 {
            let streams = [(ticket(round % 3), round as u64 / 3), (engineer(1), round as u64)];
            write(&*log, &format!("round {round}"), &streams);
        }
        let events = read_all(&*log);
        assert_eq!(events.len(), 41);
        let mut versions = std::collections::HashMap::new();
        for (place, event) in events.iter().enumerate() {
            assert_eq!(event.position.get(), place as u64 + 1);
            let version = versions.entry(event.stream).or_insert(0);
            *version += 1;
            assert_eq!(event.version.get(), *version);
        }
        assert_eq!(events[0].stream, StreamId::LOG);
    }

    pub fn readers_see_durable_events_only(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        let head = log.head();
        let mut watch = log.watch();
        backend.hold();
        let pending = submit(&*log, append(&*log, "held", START, &[(ticket(1), 0)]));
        assert_eq!(log.head(), head);
        assert!(log.read(head.position, 10).expect("reads").is_empty());
        let page = log.read_stream(ticket(1), StreamVersion::ZERO, 10).expect("reads");
        assert!(page.is_empty());
        assert!(!watch.has_changed().expect("the log is there"));
        backend.release();
        let appended = pending.wait().expect("durable");
        assert_eq!(*watch.borrow_and_update(), appended.last);
        assert_eq!(log.head().position, appended.last);
        assert_eq!(log.read(head.position, 10).expect("reads").len(), 1);
        let page = log.read_stream(ticket(1), StreamVersion::ZERO, 10).expect("reads");
        assert_eq!(page.len(), 1);
    }

    pub fn a_failed_sync_poisons_the_log(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        write(&*log, "good", &[(ticket(1), 0)]);
        let head = log.head();
        backend.hold();
        let first = submit(&*log, append(&*log, "lost 1", START, &[(ticket(1), 1)]));
        let second = submit(&*log, append(&*log, "lost 2", START, &[(ticket(1), 2)]));
        backend.fail_sync();
        assert_eq!(first.wait(), Err(AppendError::OutcomeUnknown));
        assert_eq!(second.wait(), Err(AppendError::OutcomeUnknown));
        let refused = log.submit(append(&*log, "later", START, &[(ticket(2), 0)]));
        assert!(matches!(refused, Err(SubmitError::Poisoned)), "{refused:?}");
        assert_eq!(log.head(), head);
        assert_eq!(read_all(&*log).len(), 2);
    }

    pub fn a_poisoned_log_that_was_reopened_tells_what_became_of_a_command(
        backend: &mut dyn Backend,
    ) {
        let (log, _) = fresh(backend);
        backend.hold();
        let wanted = append(&*log, "unsure", START, &[(ticket(1), 0)]);
        let pending = submit(&*log, wanted.clone());
        backend.fail_sync();
        assert_eq!(pending.wait(), Err(AppendError::OutcomeUnknown));
        drop(log);
        let Some(log) = backend.reopen() else { return };
        let repeated = match log.submit(wanted) {
            Ok(pending) => pending.wait().expect("durable"),
            Err(SubmitError::KnownCommand { known, .. }) => known.append.wait().expect("durable"),
            Err(error) => panic!("it must be taken or known: {error}"),
        };
        let events = read_all(&*log);
        let there = events.iter().filter(|event| event.stream == ticket(1)).count();
        assert_eq!(there, 1);
        assert_eq!(repeated.versions, [(ticket(1), StreamVersion::FIRST)]);
    }

    pub fn a_full_queue_refuses_and_takes_again_later(backend: &mut dyn Backend) {
        let log = backend.fresh(ManualClock::new(START), 4);
        backend.hold();
        let mut pending = Vec::new();
        for place in 0..4 {
            let wanted = append(&*log, &format!("{place}"), START, &[(ticket(place), 0)]);
            pending.push(submit(&*log, wanted));
        }
        let one_more = append(&*log, "one more", START, &[(ticket(9), 0)]);
        let refused = log.submit(one_more.clone());
        assert!(matches!(refused, Err(SubmitError::QueueFull)), "{refused:?}");
        backend.release();
        for append in pending {
            append.wait().expect("durable");
        }
        submit(&*log, one_more).wait().expect("durable");
    }

    pub fn recorded_times_never_go_back(backend: &mut dyn Backend) {
        let (log, clock) = fresh(backend);
        write(&*log, "now", &[(ticket(1), 0)]);
        clock.jump(START.minus(Duration::from_secs(3_600)));
        let back = append(&*log, "back", clock.now(), &[(ticket(1), 1)]);
        let appended = submit(&*log, back).wait().expect("durable");
        assert_eq!(appended.recorded_at, START);
        let events = read_all(&*log);
        assert!(events.windows(2).all(|pair| pair[0].recorded_at <= pair[1].recorded_at));
    }

    pub fn a_clock_that_jumped_stops_appends_until_it_is_confirmed(backend: &mut dyn Backend) {
        let (log, clock) = fresh(backend);
        let later = START.plus(Duration::from_secs(86_400));
        clock.jump(later);
        let wanted = append(&*log, "tomorrow", later, &[(ticket(1), 0)]);
        match log.submit(wanted.clone()) {
            Err(SubmitError::ClockJumped { from, to }) => assert_eq!((from, to), (START, later)),
            other => panic!("it must be refused: {other:?}"),
        }
        assert_eq!(log.confirm_clock(), later);
        let appended = submit(&*log, wanted).wait().expect("durable");
        assert_eq!(appended.recorded_at, later);
    }

    pub fn what_is_too_large_is_refused_and_nothing_is_written(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        let before = log.head();
        let mut wanted = append(&*log, "large", START, &[(ticket(1), 0)]);
        wanted.events[0] = event_for(ticket(1), 1, &"x".repeat(RECORD_BYTES_MAX));
        let refused = log.submit(wanted);
        assert!(matches!(refused, Err(SubmitError::RecordTooLarge { .. })), "{refused:?}");

        let mut wanted = append(&*log, "many", START, &[(ticket(1), 0); 5]);
        for event in &mut wanted.events {
            *event = event_for(ticket(1), 1, &"x".repeat(RECORD_BYTES_MAX - 1_000));
        }
        let refused = log.submit(wanted.clone());
        assert!(matches!(refused, Err(SubmitError::AppendTooLarge { .. })), "{refused:?}");
        assert_eq!(log.head(), before);
        wanted.events.truncate(4);
        submit(&*log, wanted).wait().expect("four of them fit");
        assert_eq!(read_all(&*log).len(), 5);
    }

    pub fn malformed_appends_are_refused(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        let good = append(&*log, "good", START, &[(ticket(1), 0)]);
        let bad = |change: fn(&mut Append)| {
            let mut wanted = good.clone();
            change(&mut wanted);
            let refused = log.submit(wanted);
            assert!(matches!(refused, Err(SubmitError::Malformed(_))), "{refused:?}");
        };
        bad(|append| append.events.clear());
        bad(|append| append.expects.clear());
        bad(|append| append.expects.push(append.expects[0]));
        bad(|append| append.expects[0].version = StreamVersion::new(u64::MAX));
        bad(|append| append.events[0].event = EngineerEvent::WentOnline(WentOnline {}).into());
        bad(|append| append.header.command.key.clear());
        bad(|append| append.header.command.key = "k".repeat(256));
        bad(|append| append.header.command.issuer = Issuer::Client("c".repeat(65)));
        submit(&*log, good).wait().expect("durable");
    }

    pub fn nobody_else_writes_to_the_logs_own_stream(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        let mut wanted = append(&*log, "own", START, &[(StreamId::LOG, 1)]);
        wanted.events[0].event = read_all(&*log)[0].event.clone();
        let refused = log.submit(wanted);
        assert!(matches!(refused, Err(SubmitError::Malformed(_))), "{refused:?}");
    }

    /// Hands in every sample, each as an append of its own to the stream of its kind.
    fn submit_samples(log: &dyn EventLog) -> Vec<(Append, crate::PendingAppend)> {
        let events = crate::samples::all().into_iter().flat_map(|shape| {
            let key = move |place: usize| format!("{} {place}", shape.name);
            shape.events.into_iter().enumerate().map(move |(place, event)| (key(place), event))
        });
        events
            .filter(|(_, event)| event.kind() != domain::StreamKind::Log)
            .map(|(key, event)| {
                let stream = StreamId::new(event.kind(), 1);
                let version = log.stream_version(stream).expect("reads");
                let mut wanted = append(log, &key, START, &[(ticket(0), 0)]);
                wanted.expects = vec![Expected { stream, version }];
                wanted.events[0].stream = stream;
                wanted.events[0].event = event;
                let pending = submit(log, wanted.clone());
                (wanted, pending)
            })
            .collect()
    }

    pub fn events_read_back_as_they_were_written(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        for (wanted, pending) in submit_samples(&*log) {
            let appended = pending.wait().expect("durable");
            let before = GlobalPosition::new(appended.first.get() - 1);
            let read = log.read(before, 1).expect("reads").remove(0);
            assert_eq!(read.position, appended.first);
            assert_eq!(*read.header, wanted.header);
            assert_eq!(read.id, wanted.events[0].id);
            assert_eq!(read.occurred_at, wanted.events[0].occurred_at);
            assert_eq!(read.event, wanted.events[0].event);
        }
    }

    pub fn facts_are_read_without_what_is_personal_on_tickets_and_attachments(
        backend: &mut dyn Backend,
    ) {
        let (log, _) = fresh(backend);
        for (_, pending) in submit_samples(&*log) {
            pending.wait().expect("durable");
        }
        let all = read_all(&*log);
        let facts = log.read_facts(GlobalPosition::ZERO, all.len() + 1).expect("reads");
        assert_eq!(facts.len(), all.len());
        let mut left_out = 0;
        for (whole, facts) in all.into_iter().zip(facts) {
            let mut encoded = encode_payload(&whole.event).expect("encodes");
            let closed = matches!(
                whole.event.kind(),
                domain::StreamKind::Ticket | domain::StreamKind::Attachment
            );
            if closed && encoded.personal.is_some() {
                encoded.personal = None;
                left_out += 1;
            }
            let event = decode_payload(&encoded).expect("decodes");
            assert_eq!(facts, RecordedEvent { event, ..whole });
        }
        assert!(left_out > 10, "only {left_out} samples have a personal part");
    }

    pub fn a_stream_is_read_in_pages(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        for round in 0..10 {
            write(&*log, &format!("{round}"), &[(ticket(1), round), (ticket(2), round)]);
        }
        let mut versions = Vec::new();
        loop {
            let after = StreamVersion::new(versions.len() as u64);
            let page = log.read_stream(ticket(1), after, 3).expect("reads");
            if page.is_empty() {
                break;
            }
            assert!(page.iter().all(|event| event.stream == ticket(1)));
            versions.extend(page.iter().map(|event| event.version.get()));
        }
        assert_eq!(versions, (1..=10).collect::<Vec<u64>>());
        let none = log.read_stream(ticket(77), StreamVersion::ZERO, 3).expect("reads");
        assert!(none.is_empty());
        let past = log.read_stream(ticket(1), StreamVersion::new(u64::MAX), 3).expect("reads");
        assert!(past.is_empty());
    }

    pub fn the_chain_has_a_value_at_every_position(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        for round in 0..5 {
            write(&*log, &format!("{round}"), &[(ticket(1), round), (ticket(2), round)]);
        }
        let head = log.head();
        assert_eq!(log.chain_at(GlobalPosition::ZERO).expect("reads"), ChainHash::start());
        let values: Vec<ChainHash> = (0..=head.position.get())
            .map(|position| log.chain_at(GlobalPosition::new(position)).expect("reads"))
            .collect();
        assert_eq!(values.last(), Some(&head.chain));
        let different: std::collections::HashSet<_> = values.iter().collect();
        assert_eq!(different.len(), values.len());
        assert!(log.chain_at(head.position.next()).is_err());
    }

    pub fn destroyed_keys_erase_what_they_sealed_and_keep_the_chain(backend: &mut dyn Backend) {
        let (log, _) = fresh(backend);
        let first = write(&*log, "erased", &[(ticket(1), 0)]);
        write(&*log, "kept", &[(ticket(2), 0)]);
        let head = log.head();
        assert_eq!(log.destroy_keys(ticket(1)).expect("destroyed"), 1);
        assert_eq!(log.destroy_keys(ticket(1)).expect("again"), 0);
        write(&*log, "after", &[(ticket(1), 1)]);
        let words: Vec<_> = read_all(&*log)[1..]
            .iter()
            .map(|event| match &event.event {
                Event::Ticket(TicketEvent::Noted(noted)) => {
                    noted.words.known().map(|words| words.text.clone())
                }
                other => panic!("only notes were written: {other:?}"),
            })
            .collect();
        assert_eq!(words, [None, Some("kept".into()), Some("after".into())]);
        assert_eq!(log.chain_at(head.position).expect("reads"), head.chain);
        assert_eq!(first.first.get(), 2);
    }

    pub fn no_reader_skips_an_event_while_many_write(backend: &mut dyn Backend) {
        const WRITERS: u128 = 4;
        const APPENDS: u64 = 60;
        let (log, _) = fresh(backend);
        let last = 1 + 2 * APPENDS * WRITERS as u64;
        std::thread::scope(|threads| {
            for writer in 0..WRITERS {
                let log = &log;
                threads.spawn(move || {
                    for round in 0..APPENDS {
                        let key = format!("{writer} {round}");
                        write(&**log, &key, &[(ticket(writer), round), (engineer(writer), round)]);
                    }
                });
            }
            for _ in 0..2 {
                let log = &log;
                threads.spawn(move || {
                    let runtime =
                        tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
                    let mut watch = log.watch();
                    let mut seen = 0;
                    while seen < last {
                        for event in log.read(GlobalPosition::new(seen), 50).expect("reads") {
                            seen += 1;
                            assert_eq!(event.position.get(), seen);
                        }
                        let wait = watch.wait_for(|durable| durable.get() > seen || seen == last);
                        runtime.block_on(wait).expect("the log is there");
                    }
                });
            }
        });
        assert_eq!(log.head().position.get(), last);
    }
}

pub use checks::*;
