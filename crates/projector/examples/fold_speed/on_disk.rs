//! All models from the first event of a log on disk, as a start without snapshots does it.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use domain::{
    Actor, CommandId, GlobalPosition, Issuer, Origin, Party, StreamKind, StreamVersion, TicketId,
};
use eventlog::keys::MasterKey;
use eventlog::{
    Append, AppendHeader, EventLog, Expected, Fingerprint, NewEvent, OpenOptions, RecordedEvent,
    SledLog, SystemClock,
};
use projector::ReadModels;

use crate::Failure;
use crate::history::History;

/// Appends that wait while the log is filled.
const FILLED_AT_ONCE: usize = 4_096;
/// Events that a reader asks for at once.
const PAGE: usize = 1_024;

/// Fills a log below this directory, and lets another process read and fold it.
pub(crate) fn rebuild(events: u64, dir: &Path) -> Result<(), Failure> {
    let dir = tempfile::tempdir_in(dir)?;
    let again = |what: &str, more: &[&str]| -> Result<(), Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        let status = command.arg(what).arg(dir.path()).args(more).stdin(Stdio::null()).status()?;
        if status.success() { Ok(()) } else { Err(format!("{what} ended with {status}").into()) }
    };
    again("write", &[&events.to_string()])?;
    println!(
        "| events | opened, s | memory, MiB | read, events/s | all models, events/s | of reading \
         | memory, MiB | as of the middle, s | memory, MiB |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    again("fold", &[])?;
    println!();
    again("beside", &[])
}

pub(crate) fn open(dir: &Path) -> Result<SledLog, Failure> {
    let options = OpenOptions::new(dir, MasterKey::from_bytes([7; 32]), Arc::new(SystemClock));
    Ok(SledLog::open(&options)?.0)
}

/// Writes whole tickets until there are so many events.
pub(crate) fn write(dir: &Path, events: u64) -> Result<(), Failure> {
    let log = open(dir)?;
    let mut history = History::new();
    let mut pending = VecDeque::new();
    let (mut written, mut tickets) = (0, 0);
    while written < events {
        let mut left = std::mem::take(&mut history.events).into_iter().peekable();
        while let Some(first) = left.next() {
            // A place is taken and freed in the append of the ticket that it is for.
            let is_place = |event: &RecordedEvent| event.stream.kind() == StreamKind::Engineer;
            let place = left.next_if(|next| first.stream.ticket().is_some() && is_place(next));
            let both: Vec<_> = std::iter::once(first).chain(place).collect();
            written += both.len() as u64;
            pending.push_back(log.submit(append(both))?);
            if pending.len() == FILLED_AT_ONCE
                && let Some(oldest) = pending.pop_front()
            {
                oldest.wait()?;
            }
        }
        history.life(TicketId::from_u128(u128::from(tickets)), tickets);
        tickets += 1;
    }
    for append in pending {
        append.wait()?;
    }
    log.close();
    Ok(())
}

fn append(events: Vec<RecordedEvent>) -> Append {
    let now = events[0].recorded_at;
    let key = format!("{:016}", events[0].position.get());
    let header = AppendHeader {
        fingerprint: Fingerprint([0; 16]),
        command: CommandId { issuer: Issuer::Client("speed".into()), key },
        actor: Actor::system(Party::Dispatcher),
        caused_by: None,
        origin: Origin::Live,
        basis: None,
    };
    let before = |version: StreamVersion| StreamVersion::new(version.get() - 1);
    let expects = events
        .iter()
        .map(|event| Expected { stream: event.stream, version: before(event.version) })
        .collect();
    let events = events
        .into_iter()
        .map(|event| NewEvent {
            stream: event.stream,
            id: event.id,
            occurred_at: event.occurred_at,
            subject: event.stream,
            event: event.event,
        })
        .collect();
    Append { header, expects, events, now }
}

/// Reads the facts of all events, and says where the last one is.
pub(crate) fn read_all(log: &dyn EventLog) -> Result<GlobalPosition, Failure> {
    let mut seen = GlobalPosition::ZERO;
    while let Some(last) = log.read_facts(seen, PAGE)?.last() {
        seen = last.position;
    }
    Ok(seen)
}

/// Prints the row of a log that is there.
pub(crate) fn fold(dir: &Path) -> Result<(), Failure> {
    let begun = Instant::now();
    let log = open(dir)?;
    let opened = begun.elapsed().as_secs_f64();
    let opened_memory = peak_memory_mib()?;
    let begun = Instant::now();
    let seen = read_all(&log)?;
    let read = seen.get() as f64 / begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let models = ReadModels::at_rest(&log, &dir.join("no snapshots"), &mut |_| {})?;
    let folded = seen.get() as f64 / begun.elapsed().as_secs_f64();
    let at = models.ticket_counts(log.head().recorded_at).position;
    if at != seen {
        return Err(format!("the models stopped at {at} of {seen}").into());
    }
    let memory = peak_memory_mib()?;
    // Beside the models of the head, as in a server that is asked to look back.
    let middle = GlobalPosition::new(seen.get() / 2);
    let begun = Instant::now();
    let past = ReadModels::as_of(&log, None, middle, &mut |_| ControlFlow::Continue(()))?;
    let as_of = begun.elapsed().as_secs_f64();
    let at = past.ticket_counts(log.head().recorded_at).position;
    if at != middle {
        return Err(format!("the models stopped at {at} of {middle}").into());
    }
    println!(
        "| {seen} | {opened:.2} | {opened_memory:.0} | {read:.0} | {folded:.0} | {:.2} \
         | {memory:.0} | {as_of:.2} | {:.0} |",
        folded / read,
        peak_memory_mib()?,
    );
    drop(models);
    Ok(())
}

pub(crate) fn peak_memory_mib() -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmHWM")?;
    Ok(kib.parse::<f64>()? / 1024.0)
}
