//! A second instance, folded from zero beside the live one and put in its place.

use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc;
use std::thread;

use domain::GlobalPosition;
use eventlog::{EventLog, ReadError, RecordedEvent};

use crate::changes::Changes;
use crate::contract::{Past, Projection, ProjectionError};
use crate::live::{Gated, Live};
use crate::recount::Recount;

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
pub struct Rebuilt<P>(pub(crate) Gated<P>);

impl<P: Projection> Rebuilt<P> {
    /// Before the first event.
    pub(crate) fn begin(recount: Recount) -> Self {
        Self(Gated::begin(recount))
    }
}

impl<P> Rebuilt<P> {
    /// By which rules it counts the past.
    pub const fn recount(&self) -> &Recount {
        &self.0.recount
    }

    /// The model.
    pub const fn model(&self) -> &P {
        &self.0.model
    }

    /// The last event that it holds.
    pub const fn position(&self) -> GlobalPosition {
        self.0.position
    }
}

/// Folds a model from zero up to a position, counting the past by these rules. `progress` is told after each batch where it is.
///
/// # Errors
/// When the log cannot be read or the model does not take an event.
pub fn rebuild<P: Projection>(
    log: &dyn EventLog,
    recount: Recount,
    until: GlobalPosition,
    progress: &mut dyn FnMut(GlobalPosition),
) -> Result<Rebuilt<P>, RebuildError> {
    let mut rebuilt = Rebuilt::begin(recount);
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
                .apply(event, Past::new(log), &mut Changes::unseen())
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

/// Puts a rebuilt instance in the place of the live one, in one step and at the live one's
/// position or a later one, and gives the other one back. A model that has stopped goes on from
/// there.
///
/// # Errors
/// When the rebuilt instance cannot be brought to the live one's position; then nothing changed.
pub fn swap<P: Projection>(
    live: &Live<P>,
    mut rebuilt: Rebuilt<P>,
    log: &dyn EventLog,
) -> Result<Rebuilt<P>, RebuildError> {
    let mut gate = live.gate_to_replace();
    catch_up(&mut rebuilt, log, gate.position, &mut |_| {})?;
    let position = rebuilt.position();
    let earlier = std::mem::replace(&mut *gate, rebuilt.0);
    drop(gate);
    live.replaced(position);
    Ok(Rebuilt(earlier))
}
