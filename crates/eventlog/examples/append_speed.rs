//! How many appends a second become durable, at several numbers of them waiting at once.
//!
//! `cargo run --release -p paidan-eventlog --features conformance --example append_speed --
//! <directory> [appends] [sealed | plain] [cache MiB]`

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use domain::Timestamp;
use eventlog::conformance::{append, engineer, ticket};
use eventlog::keys::MasterKey;
use eventlog::{Clock, EventLog, OpenOptions, SledLog, SystemClock};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("give a directory")?;
    let appends: u64 = arguments.next().map_or(Ok(200_000), |number| number.parse())?;
    let sealed = arguments.next().as_deref() != Some("plain");
    let clock = Arc::new(SystemClock);
    let cache_mib: u64 = arguments.next().map_or(Ok(1_024), |number| number.parse())?;
    let mut options = OpenOptions::new(&directory, MasterKey::from_bytes([7; 32]), clock);
    options.cache_bytes = cache_mib * 1024 * 1024;
    let started = Instant::now();
    let (log, report) = SledLog::open(&options)?;
    println!("opened in {:?}: {:?}", started.elapsed(), report.index);
    for waiting in [1, 16, 64, 256, 1_024] {
        let count = if waiting == 1 { appends / 20 } else { appends };
        let started = Instant::now();
        let mut pending = VecDeque::with_capacity(waiting);
        let base = u128::from(log.head().position.get()) << 32;
        for number in 0..count {
            // A new ticket, and after it nine more events on it.
            let id = base + u128::from(number / 10);
            let (stream, version) =
                if sealed { (ticket(id), number % 10) } else { (engineer(id), number % 10) };
            let now = SystemClock.now().max(Timestamp::MIN);
            let wanted = append(&log, &format!("{base}-{number}"), now, &[(stream, version)]);
            pending.push_back(log.submit(wanted)?);
            if pending.len() >= waiting
                && let Some(first) = pending.pop_front()
            {
                first.wait()?;
            }
        }
        for append in pending {
            append.wait()?;
        }
        let seconds = started.elapsed().as_secs_f64();
        println!(
            "{waiting:>5} waiting: {:>8.0} appends/s, {} MiB resident",
            count as f64 / seconds,
            resident_mib()
        );
    }
    let started = Instant::now();
    let mut seen = domain::GlobalPosition::ZERO;
    loop {
        let page = log.read(seen, 1_000)?;
        let Some(last) = page.last() else { break };
        seen = last.position;
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("read {seen} events: {:.0} events/s", seen.get() as f64 / seconds);
    let started = Instant::now();
    log.close();
    println!("closed in {:?}", started.elapsed());
    Ok(())
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kib.unwrap_or_default() / 1024
}
