//! A year of a real firm's tickets, counted by two programs that know nothing of each other: the
//! numbers here are those of the file's own README, which a separate script counted.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use domain::CommandId;
use paidan::import::{
    DrySink, ImportCommand, Mapping, Options, Outcome, Report, Settled, Sink, SinkError, Source,
    StepCounts, import_history,
};

/// The file, from `PAIDAN_SHARED_DATA` or a `shared/data` beside one of the directories above.
fn real_file() -> Option<PathBuf> {
    const NAME: &str = "incident_event_log.csv.gz";
    let named = std::env::var_os("PAIDAN_SHARED_DATA").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|directory| directory.join("shared/data"));
    let found = named.into_iter().chain(above).map(|place| place.join(NAME)).find(|p| p.is_file());
    if found.is_none() {
        println!("skipped: {NAME} is in no shared/data above, nor in PAIDAN_SHARED_DATA");
    }
    found
}

fn mapping() -> Mapping {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/incident_event_log.toml");
    Mapping::load(&path).expect("the example is right")
}

/// Remembers ids as a log does.
#[derive(Default)]
struct RememberingSink {
    known: HashSet<CommandId>,
}

impl Sink for RememberingSink {
    fn submit(&mut self, command: ImportCommand) -> Result<Vec<Settled>, SinkError> {
        let outcome =
            if self.known.insert(command.id) { Outcome::New } else { Outcome::AlreadyThere };
        Ok(vec![Settled { line: command.line, outcome }])
    }

    fn finish(&mut self) -> Result<Vec<Settled>, SinkError> {
        Ok(Vec::new())
    }
}

fn import(file: &Path, sink: &mut dyn Sink) -> Report {
    let source = Source::open(file, |file, _| file).expect("the file opens");
    import_history(&mapping(), source, sink, Options::default()).expect("the file is imported")
}

#[test]
fn the_real_file_gives_exactly_the_counts_of_its_readme() {
    let Some(file) = real_file() else { return };
    let report = import(&file, &mut DrySink);
    let expected = StepCounts {
        opened: 24_918,
        assigned: 24_890,
        reassigned: 29_076,
        started: 15_988,
        held: 6_398,
        resolved: 25_236,
        closed: 24_930,
        reopened: 331,
        attachments_named: 0,
    };
    assert_eq!(report.steps, expected);
    assert_eq!((report.rows, report.cases, report.cases_closed), (141_712, 24_918, 24_918));
    assert_eq!(report.skipped.total, 0);
    let noticed: Vec<_> = report.noticed.by_kind.into_iter().collect();
    // The README counts two changes to `-100` and one row older than the row before. That five
    // cases were opened after their first row was written, it does not mention.
    let known = [("not_a_state", 2), ("opened_after_first_row", 5), ("time_went_back", 1)];
    assert_eq!(noticed, known);
}

#[test]
fn importing_the_real_file_again_adds_nothing() {
    let Some(file) = real_file() else { return };
    let mut sink = RememberingSink::default();
    let first = import(&file, &mut sink);
    assert_eq!((first.commands.new, first.commands.already_there), (151_767, 0));
    let second = import(&file, &mut sink);
    assert_eq!((second.commands.new, second.commands.already_there), (0, 151_767));
    assert_eq!(second.steps, first.steps);
}
