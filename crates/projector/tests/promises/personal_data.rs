//! Nothing personal is in a dump or a snapshot; a person who was erased is erased here too.

use std::fs;

use domain::engineer::EngineerCommand;
use domain::ticket::{Cancel, Create, Note};
use domain::{Command, Coordinates, Datum, Party, Personal};
use eventlog::EventLog;
use projector::{ModelName, Projector, ProjectorOptions, SnapshotOptions};

use crate::equality::settle;
use crate::firm::{
    AGENT, AREA, CUSTOMER, DEVICE, ENGINEERS, Firm, SECRET, photo, secret, ticket_id,
};

/// A firm in which every personal field has been filled.
fn talkative() -> Firm {
    let mut firm = Firm::new();
    for ticket in 0..2 {
        let report = Create {
            customer: Some(CUSTOMER),
            device: Some(DEVICE),
            sentence: secret("坏了"),
            contact_name: secret("人"),
            contact_phone: secret("5"),
            place: secret("街"),
            attachments: vec![photo(1), photo(3)],
            ..Create::default()
        };
        firm.step(ticket_id(ticket), report);
        let words = secret("话").unwrap_or_default();
        firm.step(ticket_id(ticket), Note { words, ..Note::default() });
    }
    firm.step(ticket_id(1), Cancel { words: secret("好了").unwrap_or_default() });
    let here = Coordinates::new(31.5, 121.25, Datum::Wgs84).expect("on the earth");
    let moved = Command::Engineer(ENGINEERS[0], EngineerCommand::Move(here));
    firm.submit(Party::Administrator(AGENT), &moved).expect("legal");
    firm
}

fn options(directory: &std::path::Path) -> ProjectorOptions {
    let snapshots = Some(SnapshotOptions::new(directory));
    ProjectorOptions { snapshots, ..ProjectorOptions::default() }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn no_personal_text_is_in_a_dump_or_a_snapshot() {
    let firm = talkative();
    let directory = tempfile::tempdir().expect("a directory");
    let projector = Projector::start(firm.shared(), options(directory.path())).expect("it starts");
    settle(&projector, firm.head());
    // The directory knows them, so the search below would find them.
    let engineer = projector.models().engineer(ENGINEERS[0]).value.expect("it is entered");
    let shown = serde_json::to_string(&engineer).expect("JSON");
    assert!(holds(shown.as_bytes(), SECRET) && holds(shown.as_bytes(), "121.25"), "{shown}");
    for name in ModelName::ALL {
        let mut dump = Vec::new();
        projector.models().dump(name, &mut dump).expect("memory takes all");
        assert!(!holds(&dump, SECRET), "{name}");
        assert!(!holds(&dump, "121.25"), "{name}");
    }
    projector.stop().expect("a clean end");
    let files = fs::read_dir(directory.path()).expect("it is there");
    let mut count = 0;
    for file in files {
        let bytes = fs::read(file.expect("a file").path()).expect("readable");
        assert!(!holds(&bytes, SECRET));
        // Longitudes are stored as ten-millionths of a degree.
        assert!(!bytes.windows(4).any(|window| window == 1_212_500_000_i32.to_le_bytes()));
        count += 1;
    }
    assert_eq!(count, ModelName::ALL.len());
}

#[test]
fn names_are_read_from_the_log_again_after_a_start_from_a_snapshot() {
    let firm = talkative();
    let directory = tempfile::tempdir().expect("a directory");
    let start = || Projector::start(firm.shared(), options(directory.path())).expect("it starts");
    let projector = start();
    settle(&projector, firm.head());
    let before = projector.models().engineers().value;
    let customer = projector.models().customer(CUSTOMER);
    projector.stop().expect("a clean end");

    let projector = start();
    let models = projector.models();
    assert_eq!(models.engineers().value, before);
    assert_eq!(models.customer(CUSTOMER), customer);
    assert!(customer.value.expect("entered").entry.entry.card.known().is_some());
    assert!(before[0].profile.card.known().is_some() && before[0].position.is_some());
    projector.stop().expect("a clean end");
}

#[test]
fn a_person_who_was_erased_is_erased_at_once_and_after_a_start() {
    let firm = talkative();
    let directory = tempfile::tempdir().expect("a directory");
    let start = || Projector::start(firm.shared(), options(directory.path())).expect("it starts");
    let projector = start();
    settle(&projector, firm.head());
    let subjects = [CUSTOMER.into(), ENGINEERS[0].into(), AREA.into()];
    let erased = |projector: &Projector| {
        let models = projector.models();
        let customer = models.customer(CUSTOMER).value.expect("entered").entry.entry;
        let device = models.device(DEVICE).value.expect("entered").entry.entry;
        let area = models.area(AREA).value.expect("entered").entry.entry;
        let engineer = models.engineer(ENGINEERS[0]).value.expect("entered");
        [
            customer.card == Personal::Erased,
            device.place == Personal::Erased,
            area.staff == Personal::Erased,
            engineer.profile.card == Personal::Erased,
            engineer.position.is_some_and(|last| last.coordinates.is_none()),
        ]
    };
    assert_eq!(erased(&projector), [false; 5]);
    let dump = |projector: &Projector| {
        let mut dump = Vec::new();
        let name = ModelName::Directory;
        projector.models().dump(name, &mut dump).expect("memory takes all");
        dump
    };
    let before = dump(&projector);
    for subject in subjects {
        firm.log.destroy_keys(subject).expect("destroyed");
        projector.models().forget(subject);
    }
    assert_eq!(erased(&projector), [true; 5]);
    assert_eq!(dump(&projector), before, "a dump is the same after an erasure");
    // Others are still known.
    let other = projector.models().engineer(ENGINEERS[1]).value.expect("entered");
    assert!(other.profile.card.known().is_some());
    projector.stop().expect("a clean end");

    let projector = start();
    assert_eq!(erased(&projector), [true; 5]);
    assert_eq!(dump(&projector), before);
    projector.stop().expect("a clean end");
}
