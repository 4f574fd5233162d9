//! How fast the models fold, and what a board over many open tickets costs.
//!
//! - `cargo run --release -p paidan-projector --example fold_speed -- [TICKETS]`: in memory. Each
//!   ticket is reported, assigned, accepted, departed, arrived, done and confirmed (9 events with
//!   the engineer's place); then as many stay open after their report.
//! - `… -- rebuild [EVENTS] [DIRECTORY]`: the same lives in a log on disk, below that directory; a
//!   process of its own opens it, reads it alone and folds all models from its first event, then once
//!   more as of the middle, from the first event too; then another one rebuilds them beside live ones, takes
//!   commands meanwhile, and looks back.

mod beside;
mod history;
mod on_disk;

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{TicketId, Timestamp};
use eventlog::{ManualClock, MemoryLog, RecordedEvent};
use projector::attachments::Attachments;
use projector::directory::Directory;
use projector::engineer_load::EngineerLoad;
use projector::lifecycle::Lifecycle;
use projector::open_tickets::OpenTickets;
use projector::satisfaction::{Satisfaction, SatisfactionBy, SatisfactionQuery};
use projector::{Changes, Past, Projection};

use history::History;

/// As in the binary that people run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Why nothing was measured.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 =
        status.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    (pages * 4_096) >> 20
}

fn fold<P: Projection>(model: &mut P, events: &[RecordedEvent], past: Past<'_>) -> Duration {
    let begin = Instant::now();
    for event in events {
        if let Err(error) = model.apply(event, past, &mut Changes::unseen()) {
            eprintln!("{error}");
            break;
        }
    }
    begin.elapsed()
}

fn measure<P: Projection>(events: &[RecordedEvent], past: Past<'_>) -> (P, Duration) {
    let mut model = P::empty();
    let took = fold(&mut model, events, past);
    let speed = events.len() as f64 / took.as_secs_f64();
    println!("{:<14} {:>10.0} events/s", P::NAME, speed);
    (model, took)
}

fn timed<T>(what: &str, answer: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let value = answer();
    println!("{what:<44} {:>10.3} ms", begin.elapsed().as_secs_f64() * 1e3);
    value
}

fn main() -> Result<(), Failure> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    match given.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => in_memory(100_000),
        ["rebuild"] => on_disk::rebuild(10_000_000, &std::env::temp_dir()),
        ["rebuild", events] => on_disk::rebuild(events.parse()?, &std::env::temp_dir()),
        ["rebuild", events, dir] => on_disk::rebuild(events.parse()?, dir.as_ref()),
        ["write", dir, events] => on_disk::write(dir.as_ref(), events.parse()?),
        ["fold", dir] => on_disk::fold(dir.as_ref()),
        ["beside", dir] => beside::beside(dir.as_ref()),
        [tickets] => in_memory(tickets.parse()?),
        _ => Err("say TICKETS or `rebuild`; the beginning of main.rs tells more".into()),
    }
}

fn in_memory(tickets: u64) -> Result<(), Failure> {
    let log = MemoryLog::new(Arc::new(ManualClock::new(Timestamp::from_seconds(0))))?;
    let past = Past::new(&log);
    let mut history = History::new();
    for number in 0..tickets {
        history.life(TicketId::from_u128(u128::from(number)), number);
    }
    println!("{} events of {tickets} tickets", history.events.len());
    let (mut open, a) = measure::<OpenTickets>(&history.events, past);
    let (_, b) = measure::<EngineerLoad>(&history.events, past);
    let (_, c) = measure::<Directory>(&history.events, past);
    let (satisfaction, d) = measure::<Satisfaction>(&history.events, past);
    let (_, e) = measure::<Lifecycle>(&history.events, past);
    let (_, f) = measure::<Attachments>(&history.events, past);
    let all = history.events.len() as f64 / (a + b + c + d + e + f).as_secs_f64();
    println!("{:<14} {all:>10.0} events/s, one after the other", "all six");
    let query = SatisfactionQuery { by: SatisfactionBy::Engineer, ..Default::default() };
    timed("satisfaction by engineer", || satisfaction.rollup(&query));

    history.events = Vec::new();
    for number in 0..tickets {
        history.report(TicketId::from_u128(u128::from(tickets + number)), number);
    }
    let before = resident_mib();
    let took = fold(&mut open, &history.events, past);
    let speed = history.events.len() as f64 / took.as_secs_f64();
    println!("{tickets} tickets stay open: {speed:.0} events/s, {} MiB", resident_mib() - before);
    let now = history.now.plus(Duration::from_secs(40_000));
    timed("counts", || open.counts(now));
    timed("top 10 of the backlog", || open.top_backlog(10, now));
    timed("queues", || open.queues(50, now));
    let body = timed("encode a snapshot", || open.encode())?;
    println!("{:<44} {:>10} MiB", "a snapshot's body", body.len() >> 20);
    timed("decode it", || OpenTickets::decode(&body, past))?;
    let mut dump = Vec::new();
    timed("dump", || open.dump(&mut dump))?;
    Ok(())
}
