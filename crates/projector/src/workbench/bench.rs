//! One model of a rebuild: the live one, and the instance that is folded beside it.

use std::sync::Arc;

use domain::GlobalPosition;
use eventlog::{EventLog, RecordedEvent};
use parking_lot::RwLockWriteGuard;

use crate::changes::Changes;
use crate::compare::{Comparison, Detail, compare};
use crate::contract::{Past, Projection};
use crate::live::{Gated, Live};
use crate::read_models::WithLive;
use crate::rebuild::{RebuildError, Rebuilt, catch_up};
use crate::recount::Recount;
use crate::snapshot::{SnapshotError, SnapshotStore};

/// A model of a rebuild, whichever it is.
pub(super) trait Bench: Send {
    /// Where the instance beside is.
    fn position(&self) -> GlobalPosition;
    /// Where the live one is.
    fn live_position(&self) -> GlobalPosition;
    /// By which rules the live one counts the past.
    fn live_recount(&self) -> Recount;
    /// Folds what the instance does not have yet.
    fn apply(&mut self, events: &[RecordedEvent], past: Past<'_>) -> Result<(), RebuildError>;
    /// Keeps how far the instance is.
    fn save(&self, store: &SnapshotStore, log: &dyn EventLog) -> Result<(), SnapshotError>;
    /// Removes the snapshot of what lies beside.
    fn discard(&self, store: &SnapshotStore) -> Result<(), SnapshotError>;
    /// Brings both to one position and compares them.
    fn compare(&mut self, log: &dyn EventLog, detail: Detail) -> Result<Comparison, RebuildError>;
    /// Brings the instance to where the live one is, without anybody waiting.
    fn catch_up(&mut self, log: &dyn EventLog) -> Result<(), RebuildError>;
    /// Holds the live model: its readers wait until it is let go.
    fn hold(&mut self) -> Box<dyn Held + '_>;
}

/// A live model that is held for a swap, and whose readers wait.
pub(super) trait Held {
    /// Brings the instance to where the live one is.
    fn catch_up(&mut self, log: &dyn EventLog) -> Result<GlobalPosition, RebuildError>;
    /// Puts the instance in the place of the live one, which stays on the bench.
    fn swap(&mut self);
    /// Lets readers go on.
    fn let_go(self: Box<Self>);
}

struct Model<P> {
    live: Arc<Live<P>>,
    beside: Rebuilt<P>,
}

/// The work that puts a model on the bench.
pub(super) struct Begin<'a> {
    pub(super) log: &'a dyn EventLog,
    pub(super) recount: Recount,
    /// Where an earlier attempt left how far it was.
    pub(super) store: Option<&'a SnapshotStore>,
}

impl WithLive for Begin<'_> {
    type Out = Result<Box<dyn Bench>, SnapshotError>;

    fn run<P: Projection>(self, live: &Arc<Live<P>>) -> Self::Out {
        let beside = match self.store {
            Some(store) => store.restore(self.log, self.recount)?,
            None => Rebuilt::begin(self.recount),
        };
        Ok(Box::new(Model::<P> { live: Arc::clone(live), beside }))
    }
}

impl<P: Projection> Bench for Model<P> {
    fn position(&self) -> GlobalPosition {
        self.beside.position()
    }

    fn live_position(&self) -> GlobalPosition {
        self.live.progress().position
    }

    fn live_recount(&self) -> Recount {
        self.live.recount()
    }

    fn apply(&mut self, events: &[RecordedEvent], past: Past<'_>) -> Result<(), RebuildError> {
        let has = self.beside.position();
        for event in events.iter().filter(|event| event.position > has) {
            self.beside
                .0
                .apply(event, past, &mut Changes::unseen())
                .map_err(|source| RebuildError::Apply { position: event.position, source })?;
        }
        Ok(())
    }

    fn save(&self, store: &SnapshotStore, log: &dyn EventLog) -> Result<(), SnapshotError> {
        store.save_rebuilt(&self.beside, log).map(drop)
    }

    fn discard(&self, store: &SnapshotStore) -> Result<(), SnapshotError> {
        // What counts as the live one does shares its file.
        if *self.beside.recount() == self.live.recount() {
            return Ok(());
        }
        store.remove::<P>(self.beside.recount())
    }

    fn compare(&mut self, log: &dyn EventLog, detail: Detail) -> Result<Comparison, RebuildError> {
        compare(&self.live, &mut self.beside, log, detail)
    }

    fn catch_up(&mut self, log: &dyn EventLog) -> Result<(), RebuildError> {
        catch_up(&mut self.beside, log, self.live.progress().position, &mut |_| {})
    }

    fn hold(&mut self) -> Box<dyn Held + '_> {
        let Self { live, beside } = self;
        Box::new(HeldModel { gate: live.gate_to_replace(), live, beside })
    }
}

struct HeldModel<'a, P: Projection> {
    live: &'a Live<P>,
    gate: RwLockWriteGuard<'a, Gated<P>>,
    beside: &'a mut Rebuilt<P>,
}

impl<P: Projection> Held for HeldModel<'_, P> {
    fn catch_up(&mut self, log: &dyn EventLog) -> Result<GlobalPosition, RebuildError> {
        catch_up(self.beside, log, self.gate.position, &mut |_| {})?;
        Ok(self.beside.position())
    }

    fn swap(&mut self) {
        std::mem::swap(&mut *self.gate, &mut self.beside.0);
    }

    fn let_go(self: Box<Self>) {
        let Self { live, gate, .. } = *self;
        let position = gate.position;
        drop(gate);
        live.replaced(position);
    }
}
