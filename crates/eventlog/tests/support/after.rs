//! What has to be so in a log after whatever happened to its writer.

use std::collections::HashMap;

use domain::{CommandId, Issuer};
use eventlog::conformance::{event_for, read_all};
use eventlog::{EventLog, SledLog, verify};

use super::writer::{self, Acked};

/// Events of each append that the writers of the tests make.
pub const EVENTS_PER_APPEND: usize = 2;

/// Checks that all that was acknowledged is there, at its place and once; that what was not is
/// absent or wholly there; that it says what was written, so that keys open what they sealed; that
/// positions and versions have no gaps and each thread's appends are in its order; and that the
/// chain is whole. Says how many appends there are.
pub fn check(log: &SledLog, acked: &[Acked]) -> usize {
    assert_eq!(writer::missing(log, acked), [], "acknowledged, and missing or elsewhere");
    let report = verify(log, &mut |_| {}).expect("the chain is whole");
    let events = read_all(log);
    assert_eq!(events.len() as u64, log.head().position.get());

    let mut versions = HashMap::new();
    let mut rounds: HashMap<&str, u64> = HashMap::new();
    let mut appends = 0;
    let mut at = 0;
    while let Some(event) = events.get(at) {
        assert_eq!(event.position.get(), at as u64 + 1, "positions have a gap");
        let command = &event.header.command;
        let together = events[at..].iter().take_while(|next| next.header.command == *command);
        let together = together.count();
        // What `fill` wrote has no such key.
        let of_writer = match command {
            CommandId { issuer: Issuer::Client(_), key } => key.rsplit_once('-'),
            CommandId { .. } => None,
        };
        if let Some((thread, round)) = of_writer {
            let key = &command.key;
            assert_eq!(together, EVENTS_PER_APPEND, "{key} is there in part, or twice");
            let round: u64 = round.parse().expect("a number");
            let last = rounds.insert(thread, round);
            assert!(last.is_none_or(|last| last < round), "{key} is out of order");
            appends += 1;
        }
        for (place, event) in events[at..at + together].iter().enumerate() {
            if of_writer.is_some() {
                // Its words are sealed, so the key that opens them is there as well.
                let written = event_for(event.stream, place as u128, &command.key);
                assert_eq!(event.event, written.event, "{} says something else", command.key);
            }
            let version = versions.entry(event.stream).or_insert(0);
            *version += 1;
            assert_eq!(event.version.get(), *version, "versions of {} have a gap", event.stream);
        }
        at += together;
    }
    assert!(appends as u64 <= report.appends);
    appends
}
