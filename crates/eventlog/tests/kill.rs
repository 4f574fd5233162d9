//! A process that is killed loses nothing that it acknowledged, and applies nothing twice.

mod support;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use eventlog::SystemClock;
use mishaps::Numbers;
use support::after;
use support::writer;

/// Kills, where somebody wants more than the suite has time for.
const KILLS: &str = "PAIDAN_TEST_KILLS";
/// The moments of a run differ anyway, because the machine does.
const SEED: &str = "PAIDAN_TEST_SEED";
const KILLS_DEFAULT: u64 = 200;
/// The suite's kills end then, however many there were; those that were asked for do not.
const SUITE_TIME: Duration = Duration::from_secs(15);
/// Directories at once: a round waits for the disk more than it computes.
const LANES: u64 = 4;
/// So many kills are on one directory before a new one is begun: the check reads all of it.
const KILLS_PER_DIRECTORY: u64 = 12;

// What the other tests kill; on its own, without a directory to write, it does nothing.
#[test]
fn writer_process() {
    writer::write_until_killed();
}

/// Kills a writer at some moment: while it opens the log, or after some appends and microseconds.
fn kill_once(data: &Path, round: u64, numbers: &mut Numbers) -> Vec<writer::Acked> {
    let process = writer::start(data, round, true);
    let moment = Duration::from_micros(numbers.below(4_000));
    if numbers.below(4) == 0 {
        // An opening takes some tens of milliseconds, of which the tail's check and the index's
        // catching up are a part.
        std::thread::park_timeout(moment * 15);
    } else {
        process.wait_for(1 + numbers.below(60) as usize);
        std::thread::park_timeout(moment);
    }
    writer::acked(&process.kill())
}

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    kills: u64,
    before_an_answer: u64,
    acknowledged: usize,
    /// Stored although nobody was told.
    unacknowledged: usize,
}

/// Kills writers of one directory after the other, and checks after each kill.
fn lane(seed: u64, more: &(dyn Fn() -> bool + Sync)) -> Seen {
    let mut numbers = Numbers(seed);
    let mut seen = Seen::default();
    let mut begin_another = more();
    while begin_another {
        let dir = tempfile::tempdir().expect("a directory");
        let data = dir.path().join("data");
        let mut acked = Vec::new();
        let mut there = 0;
        for round in 0..KILLS_PER_DIRECTORY {
            let before = acked.len();
            acked.extend(kill_once(&data, round, &mut numbers));
            seen.before_an_answer += u64::from(acked.len() == before);

            let mut options = support::options(&data);
            options.clock = Arc::new(SystemClock);
            let (log, report) = support::open_when_free(&options)
                .unwrap_or_else(|error| panic!("seed {seed}, kill {}: {error:?}", seen.kills));
            assert_eq!(report.cut, None, "seed {seed}, kill {}", seen.kills);
            there = after::check(&log, &acked);
            seen.kills += 1;
            begin_another = more();
            if !begin_another {
                break;
            }
        }
        seen.acknowledged += acked.len();
        seen.unacknowledged += there - acked.len();
    }
    seen
}

#[test]
fn every_acknowledged_event_is_there_once_and_in_order_after_each_of_many_kills() {
    let number = |name| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    let asked: Option<u64> = number(KILLS);
    let kills = asked.unwrap_or(KILLS_DEFAULT);
    let seed: u64 = number(SEED).unwrap_or(42);
    let begun = Instant::now();
    let taken = AtomicU64::new(0);
    let more = || {
        (asked.is_some() || begun.elapsed() < SUITE_TIME)
            && taken.fetch_add(1, Ordering::Relaxed) < kills
    };
    let seen = std::thread::scope(|threads| {
        let lanes: Vec<_> = (0..LANES)
            .map(|lane_number| {
                threads.spawn({
                    let more = &more;
                    move || lane(seed + lane_number, more)
                })
            })
            .collect();
        lanes.into_iter().map(|lane| lane.join().expect("no panic")).fold(
            Seen::default(),
            |all, one| Seen {
                kills: all.kills + one.kills,
                before_an_answer: all.before_an_answer + one.before_an_answer,
                acknowledged: all.acknowledged + one.acknowledged,
                unacknowledged: all.unacknowledged + one.unacknowledged,
            },
        )
    });
    eprintln!(
        "{} kills in {:.1} s (seed {seed}), {} of them before the first answer; {} appends \
         acknowledged, all there; {} more that were stored without an answer",
        seen.kills,
        begun.elapsed().as_secs_f64(),
        seen.before_an_answer,
        seen.acknowledged,
        seen.unacknowledged
    );
    assert!(seen.kills >= kills.min(LANES) && seen.acknowledged > 0, "{seen:?}");
}
