//! A rebuild of all models beside live ones, commands while it goes on, and looking back, over a log
//! on disk.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use domain::ticket::Create;
use domain::{Actor, Command, CommandId, GlobalPosition, Issuer, Party, TicketId};
use engine::{Engine, Submission};
use eventlog::{EventLog, SystemClock};
use projector::{
    ModelName, Projector, ProjectorOptions, ReadModels, RebuildPhase, RebuildPlan, RebuildRules,
    SnapshotOptions,
};

use crate::Failure;
use crate::on_disk::{open, peak_memory_mib, read_all};

/// Threads that send commands, each one after the other.
const SENDERS: u64 = 4;
/// Each waits so long between two: some hundred commands in a second, many times a busy firm's.
const PAUSE: Duration = Duration::from_millis(10);
/// For so long.
const SENDING: Duration = Duration::from_secs(20);
/// Positions of the past that are asked for.
const LOOKS: u64 = 100;

/// Prints the rows of a log that is there.
pub(crate) fn beside(dir: &Path) -> Result<(), Failure> {
    let log: Arc<dyn EventLog> = Arc::new(open(dir)?);
    let head = log.head().position;
    let begun = Instant::now();
    read_all(log.as_ref())?;
    let read = head.get() as f64 / begun.elapsed().as_secs_f64();

    let snapshots = dir.join("snapshots");
    let options = ProjectorOptions {
        snapshots: Some(SnapshotOptions::new(&snapshots)),
        ..ProjectorOptions::default()
    };
    let projector = Projector::start(Arc::clone(&log), options)?;
    let begun = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    for model in ModelName::ALL {
        let wait = projector.models().wait_for(model, head, Duration::from_secs(3_600));
        runtime.block_on(wait)?;
    }
    let followed = head.get() as f64 / begun.elapsed().as_secs_f64();
    let live_memory = peak_memory_mib()?;

    let begun = Instant::now();
    begin(&projector, 100)?;
    while phase(&projector) == Some(RebuildPhase::Folding) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let rebuilt = head.get() as f64 / begun.elapsed().as_secs_f64();
    println!(
        "| events | read, events/s | live models from the start, events/s | memory, MiB | rebuilt \
         beside them, events/s | of reading | memory, MiB |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n\
         | {head} | {read:.0} | {followed:.0} | {live_memory:.0} | {rebuilt:.0} | {:.2} | {:.0} |\n",
        rebuilt / read,
        peak_memory_mib()?,
    );
    projector.workbench().cancel()?;

    println!(
        "| while | commands | p50, ms | p99, ms | most, ms | p99 of idle |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |"
    );
    let mut idle = None;
    for share in [0, 100, 50, 25, 0] {
        if share > 0 {
            begin(&projector, share)?;
        }
        let mut taken = send(&log)?;
        let is_folding = phase(&projector) == Some(RebuildPhase::Folding);
        let p99 = percentile(&mut taken, 0.99);
        let idle = *idle.get_or_insert(p99);
        let what = match share {
            0 => "nothing is rebuilt".to_owned(),
            share if is_folding => format!("a rebuild takes {share}% of a core"),
            share => format!("a rebuild takes {share}% of a core, and ends before"),
        };
        println!(
            "| {what} | {} | {:.2} | {p99:.2} | {:.2} | {:.2} |",
            taken.len(),
            percentile(&mut taken, 0.5),
            percentile(&mut taken, 1.0),
            p99 / idle,
        );
        if share > 0 {
            projector.workbench().cancel()?;
        }
    }

    let mut taken = Vec::new();
    let mut position = 1_u64;
    for _ in 0..LOOKS {
        position = position.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let until = GlobalPosition::new((position >> 16) % head.get());
        let begun = Instant::now();
        let go_on = &mut |_| ControlFlow::Continue(());
        let models = ReadModels::as_of(log.as_ref(), Some(&snapshots), until, go_on)?;
        let now = log.head().recorded_at;
        let (counts, top) = (models.ticket_counts(now), models.top_backlog(10, now));
        taken.push(begun.elapsed().as_secs_f64() * 1e3);
        if counts.position != until || top.position != until {
            return Err(format!("the models stopped before {until}").into());
        }
    }
    println!(
        "\n| a board as of a position at random | p50, ms | p99, ms | most, ms | memory, MiB |\n\
         | ---: | ---: | ---: | ---: | ---: |\n\
         | {LOOKS} | {:.0} | {:.0} | {:.0} | {:.0} |",
        percentile(&mut taken, 0.5),
        percentile(&mut taken, 0.99),
        percentile(&mut taken, 1.0),
        peak_memory_mib()?,
    );
    projector.stop()?;
    Ok(())
}

fn begin(projector: &Projector, share: u8) -> Result<(), Failure> {
    let models = ModelName::ALL.iter().map(ToString::to_string).collect();
    let plan = RebuildPlan { models, rules: RebuildRules::Same, share };
    projector.workbench().begin(plan)?;
    Ok(())
}

fn phase(projector: &Projector) -> Option<RebuildPhase> {
    projector.workbench().view().map(|view| view.phase)
}

/// Reports, each from its submission until it is durable, in milliseconds.
fn send(log: &Arc<dyn EventLog>) -> Result<Vec<f64>, Failure> {
    let clock = Arc::new(SystemClock);
    let engine = Engine::new(Arc::clone(log), clock, engine::Options::default());
    let (over, run) = (AtomicBool::new(false), log.head().position.get());
    let one = |sender: u64| -> Result<Vec<f64>, engine::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime without drivers needs nothing of the system");
        let mut taken = Vec::new();
        for turn in 0_u64.. {
            if over.load(Ordering::Relaxed) {
                break;
            }
            let key = format!("{run}/{sender}/{turn}");
            let id = CommandId { issuer: Issuer::Client("speed".into()), key };
            let number = u128::from(run) << 64 | u128::from(sender) << 48 | u128::from(turn);
            let ticket = TicketId::from_u128(1 << 127 | number);
            let command = Command::Ticket(ticket, Create::default().into());
            let begun = Instant::now();
            let submission = Submission::live(id, command, Actor::system(Party::Gateway));
            let pending = engine.begin(submission)?;
            runtime.block_on(pending.durable())?;
            taken.push(begun.elapsed().as_secs_f64() * 1e3);
            std::thread::sleep(PAUSE);
        }
        Ok(taken)
    };
    let all = std::thread::scope(|scope| {
        let one = &one;
        let senders: Vec<_> = (0..SENDERS).map(|sender| scope.spawn(move || one(sender))).collect();
        std::thread::sleep(SENDING);
        over.store(true, Ordering::Relaxed);
        senders.into_iter().map(|sender| sender.join()).collect::<Vec<_>>()
    });
    let mut taken = Vec::new();
    for one in all {
        taken.extend(one.map_err(|_panic| "a sender panicked")??);
    }
    Ok(taken)
}

fn percentile(taken: &mut [f64], of: f64) -> f64 {
    taken.sort_by(f64::total_cmp);
    let rank = (taken.len() as f64 * of).ceil() as usize;
    taken.get(rank.clamp(1, taken.len().max(1)) - 1).copied().unwrap_or(f64::NAN)
}
