//! A year of a real firm's tickets through the real log, counted from the log's own events: the
//! numbers are those of the file's README, which a separate script counted.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use domain::ticket::{ImportedStep, TicketEvent};
use domain::{Event, GlobalPosition, Origin, StreamVersion, TicketId};
use eventlog::{EventLog, SystemClock};
use paidan::control::{Purpose, open};
use support::{Place, real_file, real_mapping};

/// So many events are read at once.
const PAGE: usize = 4_096;

/// Of each kind of step; and how many tickets ended with a close.
fn count(place: &Place) -> (BTreeMap<&'static str, u64>, usize) {
    let opened = open(&place.config(), Purpose::Read, Arc::new(SystemClock)).expect("opened");
    let log = &opened.parts.log;
    let mut counts = BTreeMap::new();
    let mut last = BTreeMap::<TicketId, bool>::new();
    let mut after = GlobalPosition::FIRST;
    loop {
        let page = log.read(after, PAGE).expect("read");
        let Some(end) = page.last() else { break };
        after = end.position;
        for recorded in page {
            assert!(matches!(recorded.header.origin, Origin::Import(_)));
            let Event::Ticket(TicketEvent::Imported(imported)) = recorded.event else {
                panic!("{} at {}", recorded.event.name(), recorded.position);
            };
            let opens = matches!(imported.step, ImportedStep::Opened { .. });
            assert_eq!(opens, recorded.version == StreamVersion::FIRST, "{}", recorded.position);
            let name = match imported.step {
                ImportedStep::Opened { .. } => "opened",
                ImportedStep::Assigned { .. } => "assigned",
                ImportedStep::Reassigned { .. } => "reassigned",
                ImportedStep::Started => "started",
                ImportedStep::Held(_) => "held",
                ImportedStep::Resolved => "resolved",
                ImportedStep::Closed => "closed",
                ImportedStep::Reopened => "reopened",
                ImportedStep::AttachmentsNamed { .. } => "attachments_named",
            };
            *counts.entry(name).or_default() += 1;
            // A change of owner after the close leaves it closed.
            if !matches!(name, "assigned" | "reassigned") {
                let ticket = recorded.stream.ticket().expect("a ticket");
                last.insert(ticket, name == "closed");
            }
        }
    }
    (counts, last.values().filter(|closed| **closed).count())
}

#[test]
fn the_log_holds_exactly_what_the_readme_of_the_real_file_counts_and_a_repetition_adds_nothing() {
    let Some(file) = real_file() else { return };
    let place = Place::new();
    let (file, mapping) = (file.display().to_string(), real_mapping().display().to_string());
    let import = || place.json(&["import", "history", &file, "--mapping", &mapping]);

    let started = Instant::now();
    let first = import();
    println!("imported in {:?}", started.elapsed());
    assert_eq!((&first["rows"], &first["cases"]), (&141_712.into(), &24_918.into()));
    assert_eq!(first["noticed"]["by_kind"]["not_a_state"], 2);

    let started = Instant::now();
    let (counts, closed) = count(&place);
    println!("counted in {:?}", started.elapsed());
    let expected = [
        ("opened", 24_918),
        ("assigned", 24_890),
        ("reassigned", 29_076),
        ("started", 15_988),
        ("held", 6_398),
        ("resolved", 25_236),
        ("closed", 24_930),
        ("reopened", 331),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
    assert_eq!(closed, 24_918);
    let stat = place.json(&["log", "stat"]);
    let events: u64 = expected.iter().map(|(_, count)| count).sum();
    assert_eq!(stat["position"], events + 1);

    let started = Instant::now();
    let verdict = place.json(&["log", "verify"]);
    println!("verified in {:?}", started.elapsed());
    assert_eq!((&verdict["whole"], &verdict["events"]), (&true.into(), &stat["position"]));
    assert_eq!(verdict["kinds"]["ticket"]["streams"], 24_918);

    let started = Instant::now();
    let again = import();
    println!("imported again in {:?}", started.elapsed());
    assert_eq!(
        (&again["commands"]["new"], &again["commands"]["already_there"]),
        (&0.into(), &events.into())
    );
    assert_eq!(place.json(&["log", "stat"])["chain"], stat["chain"]);
}
