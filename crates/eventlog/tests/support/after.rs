//! What has to be so in a log after whatever happened to its writer.

use std::collections::HashMap;

use domain::{CommandId, Issuer};
use eventlog::conformance::read_all;
use eventlog::{EventLog, SledLog, verify};

use super::writer::{self, Acked};

/// Events of each append that the writers of the tests make.
pub const EVENTS_PER_APPEND: usize = 2;

/// Checks that all that was acknowledged is there, at its place and once; that what was not is
/// absent or wholly there; that positions and versions have no gaps and each thread's appends are
/// in its order; and that the chain is whole. Says how many appends there are.
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
        // Of a writer; what `fill` wrote has no such key.
        if let CommandId { issuer: Issuer::Client(_), key } = command
            && let Some((thread, round)) = key.rsplit_once('-')
        {
            assert_eq!(together, EVENTS_PER_APPEND, "{key} is there in part, or twice");
            let round: u64 = round.parse().expect("a number");
            let last = rounds.insert(thread, round);
            assert!(last.is_none_or(|last| last < round), "{key} is out of order");
            appends += 1;
        }
        for event in &events[at..at + together] {
            let version = versions.entry(event.stream).or_insert(0);
            *version += 1;
            assert_eq!(event.version.get(), *version, "versions of {} have a gap", event.stream);
        }
        at += together;
    }
    assert!(appends as u64 <= report.appends);
    appends
}
