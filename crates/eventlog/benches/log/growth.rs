//! For each size, a process writes that many events and is killed as `kill -9` does it; another
//! opens the log, reads all of it back, decoded, and appends on top of it at 64 waiting.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use domain::GlobalPosition;
use eventlog::{EventLog, ReadError, RecordedEvent};

use crate::cell::{self, Subject};
use crate::paidan::Paidan;
use crate::{Failure, Options, again};

pub(crate) const OPTIONS: [&str; 3] = ["events", "kind", "dir"];

const WAITING: usize = 64;
const LASTS: Duration = Duration::from_secs(5);
/// Appends that wait while the log is filled.
const FILLED_AT_ONCE: usize = 4_096;
/// Events that a reader asks for at once.
const PAGE: usize = 1_000;

pub(crate) fn table(options: &Options) -> Result<(), Failure> {
    let kind = options.text("kind", "plain");
    println!(
        "| events, {kind} | MB on disk | opened after kill -9, s | memory, MiB | read back, events/s \
         | without words | memory, MiB | appends/s on top | p99, ms | processor, µs |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    for events in options.text("events", "10000,1000000,10000000").split(',') {
        let dir = tempfile::tempdir_in(options.dir())?;
        let mut writer = again("write", dir.path(), &[kind, events])?;
        let mut said = String::new();
        BufReader::new(writer.stdout.as_mut().ok_or("no output")?).read_line(&mut said)?;
        writer.kill()?;
        writer.wait()?;
        // What the system still has to write would be in the way of what is measured.
        if !Command::new("sync").status()?.success() {
            return Err("the disk could not be synced".into());
        }
        let reader = again("open", dir.path(), &[kind])?.wait_with_output()?;
        if said.trim() != "written" || !reader.status.success() {
            return Err(format!("{events} events could not be written or read").into());
        }
        println!("| {events} | {}", String::from_utf8(reader.stdout)?.trim());
    }
    Ok(())
}

/// `write DIRECTORY KIND EVENTS`: writes them, says so, and waits to be killed.
pub(crate) fn write(arguments: impl Iterator<Item = String>) -> Result<(), Failure> {
    let given: Vec<String> = arguments.collect();
    let [dir, kind, events] = given.as_slice() else {
        return Err("write DIRECTORY KIND EVENTS".into());
    };
    let mut log = Paidan::open(Path::new(dir), kind.parse()?)?;
    let mut pending = VecDeque::new();
    for number in 0..events.parse()? {
        pending.push_back(log.submit(number)?);
        if pending.len() == FILLED_AT_ONCE
            && let Some(oldest) = pending.pop_front()
        {
            Paidan::wait(oldest)?;
        }
    }
    pending.into_iter().try_for_each(Paidan::wait)?;
    println!("written");
    loop {
        std::thread::park();
    }
}

/// `open DIRECTORY KIND`: prints the rest of a row.
pub(crate) fn open(arguments: impl Iterator<Item = String>) -> Result<(), Failure> {
    let given: Vec<String> = arguments.collect();
    let [dir, kind] = given.as_slice() else {
        return Err("open DIRECTORY KIND".into());
    };
    let (dir, kind) = (Path::new(dir), kind.parse()?);
    let on_disk = cell::bytes_on_disk(dir)?;
    let begun = Instant::now();
    let paidan = Paidan::open(dir, kind)?;
    let opened = begun.elapsed();
    let opened_memory = cell::peak_memory_mib()?;
    let read_back = per_second(|after| paidan.log().read(after, PAGE))?;
    let facts = per_second(|after| paidan.log().read_facts(after, PAGE))?;
    let read_memory = cell::peak_memory_mib()?;
    let appended = cell::run(paidan, WAITING, LASTS, dir)?;
    println!(
        "{:.0} | {:.2} | {opened_memory:.0} | {read_back:.0} | {facts:.0} | {read_memory:.0} | {:.0} | {:.2} | {:.1} |",
        on_disk as f64 / 1e6,
        opened.as_secs_f64(),
        appended.per_second,
        appended.p99_ms,
        appended.processor_us,
    );
    Ok(())
}

/// Reads everything, page after page.
fn per_second(
    page: impl Fn(GlobalPosition) -> Result<Vec<RecordedEvent>, ReadError>,
) -> Result<f64, Failure> {
    let begun = Instant::now();
    let mut seen = GlobalPosition::ZERO;
    while let Some(last) = page(seen)?.last() {
        seen = last.position;
    }
    Ok(seen.get() as f64 / begun.elapsed().as_secs_f64())
}
