//! A model in use: behind a gate, so that each answer holds at one stated position.
//!
//! The runner takes the gate's write side for a batch, a query its read side. Whoever wrote
//! something waits until the model has its position.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::rules::RuleSetEvent;
use domain::{Event, GlobalPosition, RuleSetVersion, StreamId};
use eventlog::RecordedEvent;
use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use serde::Serialize;
use tokio::sync::watch;

use crate::changes::Changes;
use crate::contract::{Past, Projection, ProjectionError};
use crate::recount::Recount;

/// An answer, and the position that it holds at: all events up to there, and none after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct At<T> {
    /// Where.
    pub position: GlobalPosition,
    /// The answer.
    pub value: T,
}

/// The event that a projection failed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where.
    pub position: GlobalPosition,
    /// Whose event.
    pub stream: StreamId,
    /// The event's name.
    pub event: &'static str,
    /// What is wrong.
    pub why: String,
}

/// How far a model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The last event that it holds.
    pub position: GlobalPosition,
    /// The event that it stopped at.
    pub fault: Option<Arc<Fault>>,
}

/// Why a model does not have a position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WaitError {
    /// Not yet.
    #[error(
        "{name} is at position {position} and was asked for {wanted}; ask again after a moment, \
         or without a smallest position"
    )]
    Lagging {
        /// The model.
        name: &'static str,
        /// Where it is.
        position: GlobalPosition,
        /// What was asked for.
        wanted: GlobalPosition,
    },
    /// Never, until it is rebuilt.
    #[error(
        "{name} stopped at position {position} ({why}); it answers as of before that event until \
         it is rebuilt"
    )]
    Faulted {
        /// The model.
        name: &'static str,
        /// The event that it stopped at.
        position: GlobalPosition,
        /// What is wrong.
        why: String,
    },
}

/// What lies behind the gate.
#[derive(Debug)]
pub(crate) struct Gated<P> {
    pub(crate) position: GlobalPosition,
    pub(crate) rule_set: RuleSetVersion,
    /// By which rules it counts the past.
    pub(crate) recount: Recount,
    pub(crate) model: P,
}

impl<P: Projection> Gated<P> {
    pub(crate) fn begin(recount: Recount) -> Self {
        // What depends on no rules is the same whichever hold.
        let recount = if P::INPUTS.is_empty() { Recount::AsRecorded } else { recount };
        Self {
            position: GlobalPosition::ZERO,
            rule_set: RuleSetVersion::SHIPPED,
            model: recount.at_first().map_or_else(P::empty, P::begin),
            recount,
        }
    }

    pub(crate) fn apply(
        &mut self,
        event: &RecordedEvent,
        past: Past<'_>,
        changes: &mut Changes<'_>,
    ) -> Result<(), ProjectionError> {
        self.model.apply(&self.recount.seen(event), past, changes)?;
        self.position = event.position;
        if let Event::Rules(RuleSetEvent::RuleSetPublished(published)) = &event.event {
            self.rule_set = published.version;
        }
        Ok(())
    }
}

/// A model in use.
#[derive(Debug)]
pub struct Live<P> {
    gate: RwLock<Gated<P>>,
    progress: watch::Sender<Progress>,
    /// The position of the newest snapshot.
    saved: AtomicU64,
}

impl<P: Projection> Default for Live<P> {
    fn default() -> Self {
        Self::new(Gated::begin(Recount::AsRecorded))
    }
}

impl<P: Projection> Live<P> {
    pub(crate) fn new(gated: Gated<P>) -> Self {
        let progress = Progress { position: gated.position, fault: None };
        // It comes from a snapshot, or from nothing, which is where a start would begin too.
        let saved = AtomicU64::new(gated.position.get());
        Self { gate: RwLock::new(gated), progress: watch::Sender::new(progress), saved }
    }

    /// The position of the newest snapshot; zero where there is none.
    pub fn saved(&self) -> GlobalPosition {
        GlobalPosition::new(self.saved.load(Ordering::Relaxed))
    }

    pub(crate) fn set_saved(&self, position: GlobalPosition) {
        self.saved.store(position.get(), Ordering::Relaxed);
    }

    /// By which rules it counts the past.
    pub fn recount(&self) -> Recount {
        self.gate.read().recount.clone()
    }

    /// Asks the model. Batches wait meanwhile, so the question should not take long.
    pub fn read<T>(&self, question: impl FnOnce(&P) -> T) -> At<T> {
        let gated = self.gate.read();
        At { position: gated.position, value: question(&gated.model) }
    }

    /// How far the model is.
    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Changes with each batch.
    pub fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Waits until the model has a position, for whoever reads what they wrote.
    ///
    /// # Errors
    /// When it does not get there in time, or has stopped at an event.
    pub async fn wait_for(
        &self,
        wanted: GlobalPosition,
        timeout: Duration,
    ) -> Result<(), WaitError> {
        let mut progress = self.progress.subscribe();
        let there = progress.wait_for(|now| now.position >= wanted || now.fault.is_some());
        // The sender lives as long as `self`, so waiting ends with a value or not in time.
        let _in_time = tokio::time::timeout(timeout, there).await.is_ok();
        let Progress { position, fault } = self.progress();
        match fault {
            _ if position >= wanted => Ok(()),
            Some(fault) => Err(WaitError::Faulted {
                name: P::NAME,
                position: fault.position,
                why: fault.why.clone(),
            }),
            None => Err(WaitError::Lagging { name: P::NAME, position, wanted }),
        }
    }

    pub(crate) fn gate(&self) -> RwLockReadGuard<'_, Gated<P>> {
        self.gate.read()
    }

    /// Changes what is no part of the fold: personal data that was erased.
    pub(crate) fn amend(&self, change: impl FnOnce(&mut P)) {
        change(&mut self.gate.write().model);
    }

    /// States a later position: what lies between does not count for this instance. One that
    /// stopped at an event stays there.
    pub(crate) fn pass(&self, position: GlobalPosition) {
        self.progress.send_modify(|progress| {
            if progress.fault.is_none() {
                self.gate.write().position = position;
                progress.position = position;
            }
        });
    }

    /// Applies what the model does not have yet. After a fault nothing more is applied.
    pub(crate) fn apply_batch(&self, events: &[RecordedEvent], past: Past<'_>) {
        if self.progress.borrow().fault.is_some() {
            return;
        }
        let span = tracing::debug_span!(
            "projection.batch",
            projection = P::NAME,
            log.position = events.last().map_or(0, |last| last.position.get()),
            events = events.len(),
        );
        let _entered = span.enter();
        let mut gated = self.gate.write();
        let mut fault = None;
        for event in events {
            if event.position <= gated.position {
                continue;
            }
            // One model's mistake must not take the others down.
            let applied = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                gated.apply(event, past, &mut Changes::unseen())
            }));
            let why = match applied {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => chain_of(&error),
                Err(_panic) => "the projection panicked".into(),
            };
            fault = Some(Arc::new(Fault {
                position: event.position,
                stream: event.stream,
                event: event.event.name(),
                why,
            }));
            break;
        }
        let position = gated.position;
        drop(gated);
        tracing::trace!("applied");
        if let Some(fault) = &fault {
            tracing::error!(
                projection = P::NAME,
                log.position = fault.position.get(),
                stream = %fault.stream,
                event = fault.event,
                why = fault.why,
                "projection {} stopped at position {}; the others go on",
                P::NAME,
                fault.position,
            );
        }
        self.progress.send_replace(Progress { position, fault });
    }

    /// Holds the model for whoever puts another instance in its place.
    pub(crate) fn gate_to_replace(&self) -> RwLockWriteGuard<'_, Gated<P>> {
        self.gate.write()
    }

    /// Tells that another instance was put in its place. It has not stopped anywhere.
    pub(crate) fn replaced(&self, position: GlobalPosition) {
        self.progress.send_replace(Progress { position, fault: None });
    }
}

/// An error with all that caused it.
pub(crate) fn chain_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
