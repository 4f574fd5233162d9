//! The one rebuild that there is, as it stands.

use std::time::Duration;

use domain::GlobalPosition;

use super::bench::Bench;
use super::job::{Compared, RebuildPhase, RebuildPlan, RebuildView};
use crate::compare::Comparison;
use crate::read_models::ModelName;
use crate::snapshot::SwapRecord;

/// What the workbench knows.
#[derive(Default)]
pub(super) struct State {
    pub(super) job: Option<Job>,
    /// Tells a job from those before.
    pub(super) jobs: u64,
    /// The process ends; a fold keeps how far it is and ends too.
    pub(super) is_closing: bool,
}

/// A rebuild.
pub(super) struct Job {
    pub(super) id: u64,
    pub(super) plan: RebuildPlan,
    pub(super) names: Vec<ModelName>,
    pub(super) phase: RebuildPhase,
    /// The models; nothing while somebody works on them.
    pub(super) benches: Option<Vec<Box<dyn Bench>>>,
    pub(super) position: GlobalPosition,
    /// Where and when the fold began or went on.
    pub(super) since: (GlobalPosition, Duration),
    pub(super) wants_pause: bool,
    pub(super) compared: Option<Compared>,
    pub(super) why: Option<String>,
    pub(super) swap: Option<SwapRecord>,
}

impl State {
    pub(super) fn put(&mut self, job: Job) {
        self.jobs += 1;
        self.job = Some(Job { id: self.jobs, ..job });
    }

    /// The job with this id, while it is the one.
    pub(super) fn job(&mut self, id: u64) -> Option<&mut Job> {
        self.job.as_mut().filter(|job| job.id == id)
    }
}

impl Job {
    pub(super) fn new(
        plan: RebuildPlan,
        names: Vec<ModelName>,
        benches: Vec<Box<dyn Bench>>,
    ) -> Self {
        let position = least(&benches);
        Self {
            id: 0,
            plan,
            names,
            phase: RebuildPhase::Folding,
            benches: Some(benches),
            position,
            since: (position, Duration::ZERO),
            wants_pause: false,
            compared: None,
            why: None,
            swap: None,
        }
    }

    pub(super) fn view(&self, now: Duration, head: GlobalPosition) -> RebuildView {
        let (from, since) = self.since;
        let done = self.position.get().saturating_sub(from.get());
        let millis = u64::try_from(now.saturating_sub(since).as_millis()).unwrap_or(u64::MAX);
        let is_folding = self.phase == RebuildPhase::Folding;
        let events_per_s =
            done.saturating_mul(1_000).checked_div(millis).filter(|rate| is_folding && *rate > 0);
        let left = head.get().saturating_sub(self.position.get());
        RebuildView {
            models: self.plan.models.clone(),
            rules: self.plan.rules.name(),
            share: self.plan.share,
            phase: self.phase,
            position: self.position,
            head,
            events_per_s,
            seconds_left: events_per_s.map(|rate| left.div_ceil(rate)),
            rows_changed: self
                .compared
                .as_ref()
                .map(|compared| compared.iter().map(Comparison::rows_changed).sum())
                .or(self.swap.as_ref().map(|swap| swap.rows_changed)),
            why: self.why.clone(),
            swap: self.swap.clone(),
        }
    }
}

/// The last event that all of them have.
pub(super) fn least(benches: &[Box<dyn Bench>]) -> GlobalPosition {
    benches.iter().map(|bench| bench.position()).min().unwrap_or_default()
}
