//! A second instance, folded from zero beside the live one, compared with it and put in its
//! place.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::mpsc;
use std::thread;

use domain::GlobalPosition;
use eventlog::{EventLog, ReadError, RecordedEvent};
use serde::Serialize;

use crate::contract::{Past, Projection, ProjectionError};
use crate::live::{Gated, Live};

/// Events that are read at once.
const BATCH: usize = 1_024;
/// Batches that are read ahead of the fold.
const BATCHES_AHEAD: usize = 4;

/// Why a model could not be folded or compared.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The log could not be read.
    #[error("the log could not be read")]
    Read(#[from] ReadError),
    /// The model does not take an event.
    #[error("the fold stopped at position {position}")]
    Apply {
        /// The event.
        position: GlobalPosition,
        /// What is wrong.
        #[source]
        source: ProjectionError,
    },
    /// The thread that reads ahead could not be started.
    #[error("no thread could be started to read the log")]
    Thread(#[source] io::Error),
    /// The instances cannot be brought to one position.
    #[error(
        "the live model is at position {live}, before the rebuilt one at {rebuilt}; wait until it \
         has caught up, or rebuild up to its position"
    )]
    Ahead {
        /// Where the live one is.
        live: GlobalPosition,
        /// Where the rebuilt one is.
        rebuilt: GlobalPosition,
    },
    /// A dump failed.
    #[error("the rows could not be written for the comparison")]
    Dump(#[source] io::Error),
}

/// An instance of its own, at a position.
#[derive(Debug)]
pub struct Rebuilt<P>(Gated<P>);

impl<P> Rebuilt<P> {
    /// The model.
    pub const fn model(&self) -> &P {
        &self.0.model
    }

    /// The last event that it holds.
    pub const fn position(&self) -> GlobalPosition {
        self.0.position
    }
}

/// Folds a model from zero up to a position. `progress` is told after each batch where it is.
///
/// # Errors
/// When the log cannot be read or the model does not take an event.
pub fn rebuild<P: Projection>(
    log: &dyn EventLog,
    until: GlobalPosition,
    progress: &mut dyn FnMut(GlobalPosition),
) -> Result<Rebuilt<P>, RebuildError> {
    let mut rebuilt = Rebuilt(Gated::empty());
    catch_up(&mut rebuilt, log, until, progress)?;
    Ok(rebuilt)
}

/// Folds a model further, up to a position.
///
/// # Errors
/// As [`rebuild`].
pub fn catch_up<P: Projection>(
    rebuilt: &mut Rebuilt<P>,
    log: &dyn EventLog,
    until: GlobalPosition,
    progress: &mut dyn FnMut(GlobalPosition),
) -> Result<(), RebuildError> {
    let gated = &mut rebuilt.0;
    read_ahead(log, gated.position, until, |events| {
        for event in &events {
            gated
                .apply(event, Past::new(log))
                .map_err(|source| RebuildError::Apply { position: event.position, source })?;
        }
        progress(gated.position);
        Ok(ControlFlow::Continue(()))
    })
}

/// Reads the facts of events in batches on a thread of its own while `take` works on the ones
/// before, until it breaks off.
///
/// # Errors
/// When the log cannot be read, or whatever `take` says.
pub fn read_ahead(
    log: &dyn EventLog,
    after: GlobalPosition,
    until: GlobalPosition,
    mut take: impl FnMut(Vec<RecordedEvent>) -> Result<ControlFlow<()>, RebuildError>,
) -> Result<(), RebuildError> {
    if after >= until {
        return Ok(());
    }
    thread::scope(|scope| {
        let (send, batches) = mpsc::sync_channel(BATCHES_AHEAD);
        let read = move || {
            let mut after = after;
            while after < until {
                let left = usize::try_from(until.get() - after.get()).unwrap_or(BATCH);
                let batch = log.read_facts(after, left.min(BATCH));
                let last = match &batch {
                    Ok(events) => events.last().map(|event| event.position),
                    Err(_) => None,
                };
                // Nobody listens any more once the fold has failed.
                if send.send(batch).is_err() {
                    return;
                }
                let Some(last) = last else { return };
                after = last;
            }
        };
        thread::Builder::new()
            .name("projector-read".into())
            .spawn_scoped(scope, read)
            .map_err(RebuildError::Thread)?;
        for batch in batches {
            if take(batch?)?.is_break() {
                break;
            }
        }
        Ok(())
    })
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Where both were.
    pub position: GlobalPosition,
    /// How many lines the live dump has.
    pub lines: u64,
    /// The first line that differs; nothing: the dumps are equal, byte for byte.
    pub difference: Option<Difference>,
}

/// A line that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Counted from 1.
    pub line: u64,
    /// As the live model has it; nothing where it has fewer lines.
    pub live: Option<String>,
    /// As the rebuilt one has it.
    pub rebuilt: Option<String>,
}

/// Brings a rebuilt instance to the live one's position and compares their dumps. Batches wait
/// meanwhile.
///
/// # Errors
/// When the instances cannot be brought to one position, or a dump fails.
pub fn compare<P: Projection>(
    live: &Live<P>,
    rebuilt: &mut Rebuilt<P>,
    log: &dyn EventLog,
) -> Result<Comparison, RebuildError> {
    let gated = live.gate();
    let position = gated.position;
    catch_up(rebuilt, log, position, &mut |_| {})?;
    if rebuilt.position() > position {
        return Err(RebuildError::Ahead { live: position, rebuilt: rebuilt.position() });
    }
    let mut dump = Vec::new();
    gated.model.dump(&mut dump).map_err(RebuildError::Dump)?;
    drop(gated);
    let lines = || dump.split_inclusive(|byte| *byte == b'\n');
    let mut against = Against { lines: lines(), line: Vec::new(), number: 0, difference: None };
    rebuilt.model().dump(&mut against).map_err(RebuildError::Dump)?;
    Ok(Comparison { position, lines: lines().count() as u64, difference: against.finish() })
}

/// Puts a rebuilt instance in the place of the live one, in one step and at the live one's
/// position or a later one. A model that has stopped goes on from there.
///
/// # Errors
/// When the rebuilt instance cannot be brought to the live one's position; then nothing changed.
pub fn swap<P: Projection>(
    live: &Live<P>,
    mut rebuilt: Rebuilt<P>,
    log: &dyn EventLog,
) -> Result<(), RebuildError> {
    live.replace(|gated| {
        catch_up(&mut rebuilt, log, gated.position, &mut |_| {})?;
        Ok(rebuilt.0)
    })
}

/// Compares line by line what is written to it.
struct Against<'a, L: Iterator<Item = &'a [u8]>> {
    lines: L,
    line: Vec<u8>,
    number: u64,
    difference: Option<Difference>,
}

impl<'a, L: Iterator<Item = &'a [u8]>> Against<'a, L> {
    fn line(&mut self) {
        let written = std::mem::take(&mut self.line);
        self.number += 1;
        let live = self.lines.next();
        if self.difference.is_none() && live != Some(&written) {
            self.difference = Some(Difference {
                line: self.number,
                live: live.map(text),
                rebuilt: Some(text(&written)),
            });
        }
    }

    fn finish(mut self) -> Option<Difference> {
        if !self.line.is_empty() {
            self.line();
        }
        let (line, live) = (self.number + 1, self.lines.next().map(text));
        let missing = live.map(|live| Difference { line, live: Some(live), rebuilt: None });
        self.difference.or(missing)
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end().to_owned()
}

impl<'a, L: Iterator<Item = &'a [u8]>> Write for Against<'a, L> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.line();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
