//! A swap: all models of a rebuild take the place of the live ones, in one step that a crash cannot
//! halve.

use std::collections::BTreeMap;

use domain::{GlobalPosition, RuleSetVersion};

use super::bench::{Bench, Held};
use super::job::{KeptJob, RebuildPhase, WorkbenchError};
use super::{Shared, Workbench};
use crate::compare::{Comparison, Detail};
use crate::snapshot::SwapRecord;

/// Before a swap it is only asked how much differs.
const ONLY_COUNTED: Detail = Detail { rows_max: 0, explain: false };

impl Workbench {
    /// Puts all rebuilt models in the place of the live ones, in one step: each reader sees the old
    /// ones or the new ones. After a swap it puts those back that were live before.
    ///
    /// `rows_max` forbids it where more rows differ; they are counted anew before the swap.
    ///
    /// # Errors
    /// When the rebuild is not that far or counts by rules that are not published, too many rows
    /// differ, or the swap cannot be written down; then nothing has changed.
    pub fn swap(&self, rows_max: Option<u64>) -> Result<SwapRecord, WorkbenchError> {
        self.swap_from(RebuildPhase::Ready, "wait until it is ready", rows_max)
    }

    /// Puts those back that were live before a swap, as [`Workbench::swap`] does it.
    ///
    /// # Errors
    /// When nothing was swapped, or it cannot be written down; then nothing has changed.
    pub fn swap_back(&self) -> Result<SwapRecord, WorkbenchError> {
        self.swap_from(RebuildPhase::Swapped, "nothing was swapped", None)
    }

    fn swap_from(
        &self,
        phase: RebuildPhase,
        advice: &'static str,
        rows_max: Option<u64>,
    ) -> Result<SwapRecord, WorkbenchError> {
        let (id, mut benches) = self.shared.take(&[phase], advice)?;
        let swapped = self.shared.swap(&mut benches, phase, rows_max);
        self.shared.give_back(id, benches, |job| {
            if let Ok(record) = &swapped {
                job.phase = if phase == RebuildPhase::Ready {
                    RebuildPhase::Swapped
                } else {
                    RebuildPhase::Ready
                };
                // What was compared had the other one as the live one.
                job.compared = None;
                job.swap = (phase == RebuildPhase::Ready).then(|| record.clone());
            }
        });
        swapped
    }
}

impl Shared {
    fn swap(
        &self,
        benches: &mut [Box<dyn Bench>],
        from: RebuildPhase,
        rows_max: Option<u64>,
    ) -> Result<SwapRecord, WorkbenchError> {
        let (plan, names, back) = {
            let state = self.state.lock();
            let job = state.job.as_ref().ok_or(WorkbenchError::None)?;
            (job.plan.clone(), job.names.clone(), job.swap.clone())
        };
        let log = self.log.as_ref();
        let mut compared = Vec::with_capacity(benches.len());
        for bench in benches.iter_mut() {
            compared.push(bench.compare(log, ONLY_COUNTED)?);
        }
        let rows_changed: u64 = compared.iter().map(Comparison::rows_changed).sum();
        if let Some(allowed) = rows_max
            && rows_changed > allowed
        {
            return Err(WorkbenchError::TooManyRows { rows: rows_changed, allowed });
        }
        let mut rules = BTreeMap::new();
        let mut before = BTreeMap::new();
        for (name, bench) in names.iter().zip(benches.iter()) {
            let live = bench.live_recount().version().ok_or(WorkbenchError::NotPublished)?;
            let next = match (&back, from) {
                (Some(swap), RebuildPhase::Swapped) => {
                    swap.before.get(name.as_str()).copied().unwrap_or_default()
                }
                _ => {
                    let recount = plan.rules.recount(log, bench.live_recount())?;
                    recount.version().ok_or(WorkbenchError::NotPublished)?
                }
            };
            before.insert(name.as_str().to_owned(), live);
            rules.insert(
                name.as_str().to_owned(),
                if name.inputs().is_empty() { RuleSetVersion::SHIPPED } else { next },
            );
        }
        let store = self.live_store()?;
        if let Some(store) = &store {
            // A start after the swap begins from here.
            for bench in benches.iter() {
                bench.save(store, log)?;
            }
        }
        for bench in benches.iter_mut() {
            bench.catch_up(log)?;
        }
        // Readers wait from here on, for as long as some last events and a write to disk take.
        let mut held: Vec<Box<dyn Held + '_>> =
            benches.iter_mut().map(|bench| bench.hold()).collect();
        let mut position = GlobalPosition::ZERO;
        for model in &mut held {
            position = position.max(model.catch_up(log)?);
        }
        let at = self.clock.now();
        let record = SwapRecord { rules, before, position, at, rows_changed };
        if let Some(store) = &store {
            store.keep_recounts(&store.recounts()?.after(record.clone()))?;
        }
        for model in &mut held {
            model.swap();
        }
        held.into_iter().for_each(Held::let_go);
        tracing::info!(
            log.position = position.get(),
            "swapped {} in at position {position}; {rows_changed} rows are other ones",
            plan.models.join(", "),
        );
        let swap = (from == RebuildPhase::Ready).then(|| record.clone());
        self.keep(&KeptJob { plan, paused: false, swap })?;
        Ok(record)
    }
}
