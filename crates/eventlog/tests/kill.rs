//! A process that is killed loses nothing that it acknowledged, and applies nothing twice.

mod support;

use std::collections::HashSet;

use eventlog::{EventLog, SledLog, verify};
use support::writer::{self, Writer};

// What the other test kills; on its own, without a directory to write, it does nothing.
#[test]
fn writer_process() {
    writer::write_until_killed();
}

#[test]
fn every_acknowledged_event_is_there_once_after_each_kill() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("data");
    let mut acked = Vec::new();
    for run in 0..5 {
        let writer = Writer::start(&data, run, true);
        writer.wait_for(100 + 37 * run as usize);
        acked.extend(writer.kill());

        let mut options = support::options(&data);
        options.clock = std::sync::Arc::new(eventlog::SystemClock);
        let (log, report) = SledLog::open(&options).expect("opens after a kill");
        assert_eq!(report.cut, None);
        assert_eq!(writer::missing(&log, &acked), []);
        let report = verify(&log, &mut |_| {}).expect("is whole");
        let events = eventlog::conformance::read_all(&log);
        let commands: HashSet<_> = events.iter().map(|event| &event.header.command).collect();
        assert_eq!(commands.len() as u64, report.appends);
        assert_eq!(events.len() as u64, log.head().position.get());
    }
}
