//! Rebuilds beside the live models: folded, compared, swapped in and back, while everything goes on.
//!
//! One at a time. It sends nothing: models are folds, and nothing else is done with the events. How
//! far it is lies beside the snapshots, so that a restart goes on from there. A swap is written down
//! before anybody sees it: after a crash all of its models are the new ones, or all the old ones.

mod bench;
mod fold;
mod job;
mod kept;
mod state;
mod swap;

use std::sync::Arc;
use std::thread::JoinHandle;

use eventlog::{Clock, EventLog};
use parking_lot::{Condvar, Mutex};

use crate::compare::{Comparison, Detail};
use crate::live::chain_of;
use crate::read_models::{ModelName, ReadModels};
use crate::recount::Recount;
use crate::snapshot::{SnapshotOptions, SnapshotStore, SwapRecord};
use bench::{Begin, Bench};
use job::KeptJob;
pub use job::{RebuildPhase, RebuildPlan, RebuildRules, RebuildView, WorkbenchError};
use state::{Job, State, least};

/// Where rebuilds are made.
pub struct Workbench {
    shared: Arc<Shared>,
    /// The last thread that folded; one that ended is harmless to wait for.
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    log: Arc<dyn EventLog>,
    models: Arc<ReadModels>,
    snapshots: Option<SnapshotOptions>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Tells a resting fold that something is wanted of it.
    wanted: Condvar,
}

impl std::fmt::Debug for Workbench {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workbench").field("rebuild", &self.view()).finish()
    }
}

impl Workbench {
    /// A workbench for these models; a rebuild that an earlier process left goes on.
    /// One that cannot go on is left alone: nothing that is live is concerned.
    pub(crate) fn open(
        log: Arc<dyn EventLog>,
        models: Arc<ReadModels>,
        snapshots: Option<SnapshotOptions>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (state, wanted) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { log, models, snapshots, clock, state, wanted });
        let workbench = Self { shared, thread: Mutex::new(None) };
        let gone_on = match workbench.shared.kept_job() {
            Ok(Some(kept)) => workbench.go_on_from(kept),
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = gone_on {
            let why = chain_of(&error);
            tracing::warn!(why, "a rebuild that was begun before cannot go on: {why}");
        }
        workbench
    }

    /// The rebuild that is there.
    pub fn view(&self) -> Option<RebuildView> {
        let (now, head) = (self.shared.clock.monotonic(), self.shared.log.head().position);
        self.shared.state.lock().job.as_ref().map(|job| job.view(now, head))
    }

    /// What the comparison found, once there is one.
    ///
    /// # Errors
    /// When there is no rebuild, or it is not that far.
    pub fn comparison(&self) -> Result<Arc<Vec<Comparison>>, WorkbenchError> {
        let state = self.shared.state.lock();
        let job = state.job.as_ref().ok_or(WorkbenchError::None)?;
        job.compared.clone().ok_or(WorkbenchError::NotNow {
            phase: job.phase,
            advice: "it is compared once the whole log is folded",
        })
    }

    /// Begins a rebuild. One that is live, or failed, makes room.
    ///
    /// # Errors
    /// When another one is there, the plan names what is not there, or no thread can be had.
    pub fn begin(&self, plan: RebuildPlan) -> Result<RebuildView, WorkbenchError> {
        let names = job::named(&plan)?;
        let mut state = self.shared.state.lock();
        if let Some(job) = &state.job
            && !matches!(job.phase, RebuildPhase::Swapped | RebuildPhase::Failed)
        {
            let models = job.plan.models.join(", ");
            return Err(WorkbenchError::Taken { models, phase: job.phase });
        }
        self.shared.clear(&mut state)?;
        let plan = RebuildPlan { models: names.iter().map(ToString::to_string).collect(), ..plan };
        let benches = self.shared.benches(&names, &plan.rules, None)?;
        self.shared.keep(&KeptJob { plan: plan.clone(), paused: false, swap: None })?;
        state.put(Job::new(plan, names, benches));
        self.fold(&mut state)?;
        drop(state);
        self.view().ok_or(WorkbenchError::None)
    }

    /// Lets the fold rest until [`Workbench::resume`]; it does not wait for that.
    ///
    /// # Errors
    /// When nothing is being folded.
    pub fn pause(&self) -> Result<(), WorkbenchError> {
        let mut state = self.shared.state.lock();
        let job = state.job.as_mut().ok_or(WorkbenchError::None)?;
        match job.phase {
            RebuildPhase::Folding => {
                job.wants_pause = true;
                self.shared.wanted.notify_all();
                Ok(())
            }
            RebuildPhase::Paused => Ok(()),
            phase => {
                let advice = "only what is being folded can be paused";
                Err(WorkbenchError::NotNow { phase, advice })
            }
        }
    }

    /// Goes on with a fold that was paused.
    ///
    /// # Errors
    /// When none is, or no thread can be had.
    pub fn resume(&self) -> Result<(), WorkbenchError> {
        let mut state = self.shared.state.lock();
        let job = state.job.as_mut().ok_or(WorkbenchError::None)?;
        match job.phase {
            RebuildPhase::Paused => {}
            // Asked for before the pause was reached.
            RebuildPhase::Folding => {
                job.wants_pause = false;
                return Ok(());
            }
            phase => {
                let advice = "only what was paused can be resumed";
                return Err(WorkbenchError::NotNow { phase, advice });
            }
        }
        self.shared.keep(&KeptJob { plan: job.plan.clone(), paused: false, swap: None })?;
        self.fold(&mut state)
    }

    /// Drops the rebuild and all that was kept of it. What is live stays so; what was live before a
    /// swap cannot come back at once any more.
    ///
    /// # Errors
    /// When there is none, or what was kept cannot be removed.
    pub fn cancel(&self) -> Result<(), WorkbenchError> {
        let mut state = self.shared.state.lock();
        if state.job.is_none() {
            return Err(WorkbenchError::None);
        }
        self.shared.clear(&mut state)?;
        // A fold that goes on finds no job and ends.
        self.shared.wanted.notify_all();
        Ok(())
    }

    /// Compares again, at the position where both are now.
    ///
    /// # Errors
    /// When the rebuild is not that far, or the comparison fails.
    pub fn compare(&self, detail: Detail) -> Result<Arc<Vec<Comparison>>, WorkbenchError> {
        let advice = "it is compared once the whole log is folded";
        let phases = [RebuildPhase::Ready, RebuildPhase::Swapped];
        let (id, mut benches) = self.shared.take(&phases, advice)?;
        let log = self.shared.log.as_ref();
        let compared: Result<Vec<_>, _> =
            benches.iter_mut().map(|bench| bench.compare(log, detail)).collect();
        let compared = compared.map(Arc::new);
        self.shared.give_back(id, benches, |job| {
            job.compared = compared.as_ref().ok().cloned();
        });
        Ok(compared?)
    }

    /// Starts the thread that folds.
    fn fold(&self, state: &mut State) -> Result<(), WorkbenchError> {
        let Some(job) = &mut state.job else { return Ok(()) };
        job.phase = RebuildPhase::Folding;
        job.wants_pause = false;
        job.since = (job.position, self.shared.clock.monotonic());
        let benches = job.benches.take().unwrap_or_default();
        let (shared, id, plan) = (Arc::clone(&self.shared), job.id, job.plan.clone());
        let thread = std::thread::Builder::new()
            .name("rebuild".into())
            .spawn(move || shared.work(id, &plan, benches))
            .map_err(WorkbenchError::Thread)?;
        *self.thread.lock() = Some(thread);
        Ok(())
    }

    /// Goes on where an earlier process was.
    fn go_on_from(&self, kept: KeptJob) -> Result<(), WorkbenchError> {
        let names = job::named(&kept.plan)?;
        let mut state = self.shared.state.lock();
        if let Some(swap) = kept.swap {
            // What lies beside the live ones is what was live before: its snapshots are there.
            let benches = self.shared.benches_before(&names, &swap)?;
            let mut job = Job::new(kept.plan, names, benches);
            (job.phase, job.swap) = (RebuildPhase::Swapped, Some(swap));
            state.put(job);
            return Ok(());
        }
        let store = self.shared.rebuild_store()?;
        let benches = self.shared.benches(&names, &kept.plan.rules, store.as_ref())?;
        let mut job = Job::new(kept.plan, names, benches);
        tracing::info!(
            log.position = job.position.get(),
            "the rebuild of {} goes on from position {}",
            job.plan.models.join(", "),
            job.position,
        );
        if kept.paused {
            job.phase = RebuildPhase::Paused;
            state.put(job);
            return Ok(());
        }
        state.put(job);
        self.fold(&mut state)
    }

    /// Ends a fold, which keeps how far it is. Blocks until that is done.
    pub fn close(&self) {
        self.shared.state.lock().is_closing = true;
        self.shared.wanted.notify_all();
        let thread = self.thread.lock().take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!(
                "the thread of the rebuild panicked; nothing that is live is concerned"
            );
        }
    }
}

impl Drop for Workbench {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    /// Made once there is something to keep.
    fn rebuild_store(&self) -> Result<Option<SnapshotStore>, WorkbenchError> {
        let Some(snapshots) = &self.snapshots else { return Ok(None) };
        let directory = job::directory(&snapshots.directory);
        // Nobody asks for the past of what is not live.
        let earlier_every_events = u64::MAX;
        let options = SnapshotOptions { directory, earlier_every_events, ..snapshots.clone() };
        Ok(Some(SnapshotStore::open(options)?))
    }

    fn live_store(&self) -> Result<Option<SnapshotStore>, WorkbenchError> {
        Ok(self.snapshots.clone().map(SnapshotStore::open).transpose()?)
    }

    fn benches(
        &self,
        names: &[ModelName],
        rules: &RebuildRules,
        store: Option<&SnapshotStore>,
    ) -> Result<Vec<Box<dyn Bench>>, WorkbenchError> {
        let bench = |name: &ModelName| {
            let live = self.models.recount(*name);
            let recount = rules.recount(self.log.as_ref(), live)?;
            let begin = Begin { log: self.log.as_ref(), recount, store };
            Ok(self.models.with(*name, begin)?)
        };
        names.iter().map(bench).collect()
    }

    /// What was live before a swap, from the snapshots that it left.
    fn benches_before(
        &self,
        names: &[ModelName],
        swap: &SwapRecord,
    ) -> Result<Vec<Box<dyn Bench>>, WorkbenchError> {
        let store = self.live_store()?;
        let bench = |name: &ModelName| {
            let before = swap.before.get(name.as_str()).copied().unwrap_or_default();
            let recount = Recount::published(self.log.as_ref(), before)?;
            let begin = Begin { log: self.log.as_ref(), recount, store: store.as_ref() };
            Ok(self.models.with(*name, begin)?)
        };
        names.iter().map(bench).collect()
    }

    /// Takes the models to work on them, where the rebuild is that far.
    fn take(
        &self,
        phases: &[RebuildPhase],
        advice: &'static str,
    ) -> Result<(u64, Vec<Box<dyn Bench>>), WorkbenchError> {
        let mut state = self.state.lock();
        let job = state.job.as_mut().ok_or(WorkbenchError::None)?;
        let phase = job.phase;
        if !phases.contains(&phase) {
            return Err(WorkbenchError::NotNow { phase, advice });
        }
        let benches = job.benches.take().ok_or(WorkbenchError::NotNow {
            phase,
            advice: "somebody compares or swaps it just now; try again",
        })?;
        Ok((job.id, benches))
    }

    /// Gives the models back; nobody wants them any more where the job was cancelled meanwhile.
    fn give_back(&self, id: u64, benches: Vec<Box<dyn Bench>>, change: impl FnOnce(&mut Job)) {
        if let Some(job) = self.state.lock().job(id) {
            job.position = least(&benches);
            job.benches = Some(benches);
            change(job);
        }
    }

    fn kept_job(&self) -> Result<Option<KeptJob>, WorkbenchError> {
        let Some(snapshots) = &self.snapshots else { return Ok(None) };
        Ok(kept::job(&job::directory(&snapshots.directory))?)
    }

    fn keep(&self, job: &KeptJob) -> Result<(), WorkbenchError> {
        if let Some(store) = self.rebuild_store()? {
            kept::keep_job(&store, job)?;
        }
        Ok(())
    }

    /// Drops the job and all that was kept of it.
    fn clear(&self, state: &mut State) -> Result<(), WorkbenchError> {
        if let Some(snapshots) = &self.snapshots {
            kept::clear(&job::directory(&snapshots.directory))?;
        }
        let benches = state.job.take().and_then(|job| job.benches);
        if let Some(store) = self.live_store()? {
            // A swap left it for the way back.
            benches.into_iter().flatten().try_for_each(|bench| bench.discard(&store))?;
        }
        Ok(())
    }

    fn fail(&self, id: u64, why: &dyn std::error::Error) {
        let why = chain_of(why);
        tracing::error!(why, "the rebuild cannot go on: {why}");
        if let Some(job) = self.state.lock().job(id) {
            (job.phase, job.why) = (RebuildPhase::Failed, Some(why));
        }
    }
}
