//! After a power cut the read models start from snapshots that are whole, or without them, and are
//! what the log says. `docs/reliability.md` has the model; it needs root and loop devices, and says so
//! where it has none.

// What starts the writing process and hears it is that of the log's own power-cut test.
#[path = "../../eventlog/tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::ticket::Create;
use domain::{Actor, Command, CommandId, Issuer, Party, TicketId};
use engine::{Engine, Submission};
use eventlog::{EventLog, SledLog, SystemClock};
use mishaps::Disk;
use projector::{ModelName, Projector, ProjectorOptions, SnapshotOptions};
use support::writer::{self, Acked};

/// Cuts, where somebody wants more than the suite has time for.
const CUTS: &str = "PAIDAN_TEST_CUTS";
const CUTS_DEFAULT: usize = 4;
const THREADS: u64 = 4;
/// Long enough for any machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn open(data: &Path) -> Arc<SledLog> {
    let mut options = support::options(data);
    options.clock = Arc::new(SystemClock);
    Arc::new(SledLog::open(&options).expect("opens").0)
}

fn projector(log: &Arc<SledLog>, data: &Path) -> Projector {
    // So many that one is being written at nearly every moment.
    let snapshots =
        SnapshotOptions { every_events: 10, ..SnapshotOptions::new(data.join("snapshots")) };
    let options = ProjectorOptions { snapshots: Some(snapshots), ..ProjectorOptions::default() };
    Projector::start(Arc::clone(log) as Arc<dyn EventLog>, options).expect("it starts")
}

// What the other test freezes; on its own, without a directory to write, it does nothing.
#[test]
fn writer_process() {
    let Some((data, run)) = writer::asked() else { return };
    let log = open(&data);
    let _projector = projector(&log, &data);
    let engine = Engine::new(
        Arc::clone(&log) as Arc<dyn EventLog>,
        Arc::new(SystemClock),
        Default::default(),
    );
    std::thread::scope(|threads| {
        for thread in 0..THREADS {
            let engine = &engine;
            threads.spawn(move || {
                for round in 0_u64.. {
                    let key = format!("{run}-{thread}-{round}");
                    let number =
                        u128::from(run) << 80 | u128::from(thread) << 40 | u128::from(round);
                    let create = Create { sentence: Some(key.clone()), ..Create::default() };
                    let command = Command::Ticket(TicketId::from_u128(number + 1), create.into());
                    let id = CommandId { issuer: Issuer::Client("suite".into()), key: key.clone() };
                    let submission =
                        Submission::live(id, command, Actor::claimed(Party::Anonymous));
                    let receipt = engine.begin(submission).expect("taken").wait().expect("durable");
                    writer::say_acked(&key, receipt.position.get());
                }
            });
        }
    });
}

/// Snapshots after a cut: how many there were, and how many of them were set aside.
struct Snapshots {
    found: usize,
    set_aside: usize,
}

fn files_ending(data: &Path, ending: &str) -> usize {
    let files = std::fs::read_dir(data.join("snapshots")).into_iter().flatten().flatten();
    files.filter(|file| file.file_name().to_string_lossy().ends_with(ending)).count()
}

fn after_cut(data: &Path, acked: &[Acked]) -> Snapshots {
    let found = files_ending(data, ".snapshot");
    let log = open(data);
    for (key, position) in acked {
        let id = CommandId { issuer: Issuer::Client("suite".into()), key: key.clone() };
        let known = log.find_command(&id).expect("reads").expect("what was acknowledged is there");
        assert_eq!(known.append.place().last.get(), *position);
    }
    let projector = projector(&log, data);
    let head = log.head().position;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime");
    for model in ModelName::ALL {
        let waited = projector.models().wait_for(model, head, PATIENCE);
        runtime.block_on(waited).unwrap_or_else(|error| panic!("{error}"));
        let (mut live, mut folded) = (Vec::new(), Vec::new());
        projector.models().dump(model, &mut live).expect("memory takes all");
        model
            .dump_offline(log.as_ref(), projector::Recount::AsRecorded, &mut folded, &mut |_| {})
            .expect("it folds");
        assert!(live == folded, "{model} is not what the log says");
    }
    projector.stop().expect("a clean end");
    Snapshots { found, set_aside: files_ending(data, ".set-aside") }
}

#[test]
fn read_models_are_what_the_log_says_after_a_power_cut_whatever_became_of_snapshots() {
    let asked = std::env::var(CUTS).ok().map(|text| text.parse().expect("a number"));
    let cuts = asked.unwrap_or(CUTS_DEFAULT);
    let Some(disk) = Disk::fresh() else { return };
    let data = disk.path().join("data");
    let (mut found, mut set_aside, mut done, mut run) = (0, 0, 0, 0);
    let mut before: Vec<Acked> = Vec::new();
    while done < cuts {
        let process = writer::start(&data, run, true);
        let mut wait_for = 30;
        for round in 0..4.min(cuts - done) {
            process.wait_for(wait_for);
            std::thread::park_timeout(Duration::from_micros(700 * (done as u64 % 7)));
            let cut = disk.cut(&process);
            let acked = [&before[..], &writer::acked(cut.said())].concat();
            let after = after_cut(&cut.path().join("data"), &acked);
            found += after.found;
            set_aside += after.set_aside;
            done += 1;
            wait_for = cut.said().len() + 40 + 23 * round;
        }
        before.extend(writer::acked(&process.kill()));
        run += 1;
    }
    eprintln!(
        "{done} cuts, {} appends acknowledged in the end; {found} snapshots were there, {set_aside} \
         of them set aside; every model equal to a fold of the log",
        before.len()
    );
    assert!(found > 0, "no snapshot was ever there, so nothing was proven of them");
}
