//! Rebuilds of read models: beside the live ones of a running server, or of a directory at rest,
//! where both sides are folded from the log.

use projector::{
    Comparison, Detail, Projection, RebuildPlan, Recount, WithModel, Workbench, WorkbenchError,
    compare_folds, rebuild,
};
use serde::{Deserialize, Serialize};

use super::failure::{Failure, FailureKind};
use super::handler::{Ended, Parts, Replies};
use super::projections::{live_recount, named, with_progress};
use super::protocol::Reply;

/// What is wanted of a rebuild.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RebuildRequest {
    /// Begin one. At rest it is folded and compared at once.
    Begin {
        /// What it is to do.
        plan: RebuildPlan,
        /// Rows that are told where it is compared at once.
        rows_max: u32,
    },
    /// How far it is.
    View,
    /// Let it rest.
    Pause,
    /// Let it go on.
    Resume,
    /// Drop it.
    Cancel,
    /// What differs, compared anew.
    Compare {
        /// Rows that are told.
        rows_max: u32,
    },
    /// Put it in the place of the live models.
    Swap {
        /// Only where no more rows differ.
        rows_max: Option<u64>,
    },
    /// Put those back that were live before.
    SwapBack,
}

fn failed(error: &WorkbenchError) -> Ended {
    let kind = match error {
        WorkbenchError::None => FailureKind::NotFound,
        WorkbenchError::Plan(_) | WorkbenchError::Rules(_) => FailureKind::BadRequest,
        _ => FailureKind::Failed,
    };
    Failure::of(kind, error).into()
}

fn detail(rows_max: u32) -> Detail {
    Detail { rows_max: usize::try_from(rows_max).unwrap_or(usize::MAX), explain: true }
}

pub(super) fn answer(
    parts: &Parts,
    request: RebuildRequest,
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    let Some(live) = &parts.live else { return at_rest(parts, request, replies) };
    let bench = live.workbench().as_ref();
    match request {
        RebuildRequest::Begin { plan, .. } => bench.begin(plan).map(drop),
        RebuildRequest::View => Ok(()),
        RebuildRequest::Pause => bench.pause(),
        RebuildRequest::Resume => bench.resume(),
        RebuildRequest::Cancel => bench.cancel(),
        RebuildRequest::Compare { rows_max } => {
            let compared = bench.compare(detail(rows_max)).map_err(|error| failed(&error))?;
            return tell(&compared, replies);
        }
        RebuildRequest::Swap { rows_max } => return swapped(bench.swap(rows_max), bench, replies),
        RebuildRequest::SwapBack => return swapped(bench.swap_back(), bench, replies),
    }
    .map_err(|error| failed(&error))?;
    Ok(replies.send(Reply::Rebuild(bench.view().map(Box::new)))?)
}

fn swapped(
    outcome: Result<projector::SwapRecord, WorkbenchError>,
    bench: &Workbench,
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    let record = outcome.map_err(|error| failed(&error))?;
    replies.send(Reply::Swapped(Box::new(record)))?;
    Ok(replies.send(Reply::Rebuild(bench.view().map(Box::new)))?)
}

fn tell(compared: &[Comparison], replies: &mut dyn Replies) -> Result<(), Ended> {
    for comparison in compared {
        replies.send(Reply::Compared(Box::new(comparison.clone())))?;
    }
    Ok(())
}

/// Folds both sides and compares them. Nothing is kept.
fn at_rest(parts: &Parts, request: RebuildRequest, replies: &mut dyn Replies) -> Result<(), Ended> {
    let RebuildRequest::Begin { plan, rows_max } = request else {
        let message = "no server runs on this directory, so no rebuild lies beside a live model; \
                       `paidan projection rebuild` folds both and compares them";
        return Err(Failure::new(FailureKind::NeedsServer, message).into());
    };
    if plan.models.is_empty() {
        return Err(Failure::new(FailureKind::BadRequest, "name the projections to rebuild").into());
    }
    for name in &plan.models {
        let name = named(name)?;
        let live = live_recount(parts, name)?;
        let next = plan.rules.recount(parts.log.as_ref(), live.clone());
        let next = next.map_err(|error| failed(&error.into()))?;
        let compared = name.with(Folds { parts, live, next, detail: detail(rows_max), replies })?;
        tell(&[compared], replies)?;
        replies.flush()?;
    }
    Ok(())
}

struct Folds<'a> {
    parts: &'a Parts,
    live: Recount,
    next: Recount,
    detail: Detail,
    replies: &'a mut dyn Replies,
}

impl WithModel for Folds<'_> {
    type Out = Result<Comparison, Ended>;

    fn run<P: Projection>(self) -> Self::Out {
        let Self { parts, live, next, detail, replies } = self;
        let log = parts.log.as_ref();
        let until = eventlog::EventLog::head(log).position;
        let fold_failed = |error| failed(&WorkbenchError::Fold(error));
        let live =
            with_progress(until, replies, |progress| rebuild::<P>(log, live, until, progress))?
                .map_err(fold_failed)?;
        let next =
            with_progress(until, replies, |progress| rebuild::<P>(log, next, until, progress))?
                .map_err(fold_failed)?;
        compare_folds(&live, &next, log, detail).map_err(fold_failed)
    }
}
