//! Read models: which there are, and one rebuild at a time beside them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::rules::Rules;
use domain::{GlobalPosition, RuleSetVersion};
use projector::{
    Comparison, Detail, ModelName, RebuildPlan, RebuildRules, RebuildView, RecountError,
    RecountName, Workbench, WorkbenchError,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Gateway;
use crate::answer::Answer;
use crate::board::bad;
use crate::body::JsonBody;
use crate::params::Asked;
use crate::problem::{Kind, Problem};

/// Rows that a comparison tells over HTTP.
const ROWS_MAX: usize = 1_000;

/// A read model.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProjectionRow {
    #[schema(value_type = String, example = "satisfaction")]
    pub(crate) name: &'static str,
    /// Of its fold.
    pub(crate) version: u32,
    /// The rules that it depends on.
    pub(crate) inputs: &'static [&'static str],
    /// By which rules it counts the past.
    #[schema(value_type = String, example = "as recorded")]
    pub(crate) recount: RecountName,
    pub(crate) position: GlobalPosition,
    /// Events that it is behind.
    pub(crate) lag: u64,
    pub(crate) rows: u64,
    /// The event that it stopped at, and why.
    pub(crate) stopped: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ProjectionsAnswer {
    projections: Vec<ProjectionRow>,
}

/// `GET /projections`.
pub(crate) async fn list(State(gateway): State<Arc<Gateway>>) -> Answer {
    let projections = gateway.projections().await?;
    Ok(Json(ProjectionsAnswer { projections }).into_response())
}

/// A rebuild that is to begin.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RebuildAsked {
    /// Which read models.
    models: Vec<String>,
    /// The version of published rules that the past is counted by; 0: as it was recorded. Where
    /// neither this nor `rules` is given, as the live models count it.
    version: Option<RuleSetVersion>,
    /// Rules that nobody has published, to compare; they never become live.
    rules: Option<Box<Rules>>,
    /// The share of a core's time, in percent; 50 where absent, and with 100 all cores.
    #[schema(minimum = 1, maximum = 100)]
    share: Option<u8>,
}

/// `POST /projections/rebuild`.
pub(crate) async fn begin(State(gateway): State<Arc<Gateway>>, body: JsonBody) -> Answer {
    let RebuildAsked { models, version, rules, share } = body.read()?;
    let rules = match (version, rules) {
        (Some(_), Some(_)) => {
            let problem = "give the version of published rules, or rules, and not both";
            let detail = format!("version: {problem}");
            let refused = Problem::new(Kind::Invalid, detail).with("field", "version");
            return Err(refused.with("problem", problem));
        }
        (Some(version), None) => RebuildRules::Published(version),
        (None, Some(rules)) => RebuildRules::Tried(rules),
        (None, None) => RebuildRules::Same,
    };
    let plan = RebuildPlan { models, rules, share: share.unwrap_or(50) };
    gateway.with_rebuild(move |bench| bench.begin(plan).map(Some)).await
}

/// `GET /projections/rebuild`.
pub(crate) async fn view(State(gateway): State<Arc<Gateway>>) -> Answer {
    gateway.with_rebuild(|bench| bench.view().map(Some).ok_or(WorkbenchError::None)).await
}

/// `POST /projections/rebuild/pause`.
pub(crate) async fn pause(State(gateway): State<Arc<Gateway>>) -> Answer {
    gateway.with_rebuild(|bench| bench.pause().map(|()| bench.view())).await
}

/// `POST /projections/rebuild/resume`.
pub(crate) async fn resume(State(gateway): State<Arc<Gateway>>) -> Answer {
    gateway.with_rebuild(|bench| bench.resume().map(|()| bench.view())).await
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RebuildCancelled {
    /// It is gone; what is live stays so.
    cancelled: bool,
}

/// `POST /projections/rebuild/cancel`.
pub(crate) async fn cancel(State(gateway): State<Arc<Gateway>>) -> Answer {
    gateway
        .at_workbench(|bench| bench.cancel().map(|()| RebuildCancelled { cancelled: true }))
        .await
}

/// The query of a comparison.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompareAsked {
    /// Rows that are told, those that differ most first; 100 where absent.
    #[schema(maximum = 1_000)]
    rows: Option<u32>,
    /// Whether the events are looked for that explain these rows, for which the log is folded
    /// again; they are where absent.
    explain: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ComparisonAnswer {
    /// Rows that differ in all models together.
    rows_changed: u64,
    comparisons: Vec<Comparison>,
}

/// `GET /projections/rebuild/comparison`.
pub(crate) async fn compare(
    State(gateway): State<Arc<Gateway>>,
    Asked(asked): Asked<CompareAsked>,
) -> Answer {
    let rows_max = asked.rows.map_or(100, |rows| usize::try_from(rows).unwrap_or(usize::MAX));
    if rows_max > ROWS_MAX {
        return Err(bad(format_args!("rows: {rows_max} are too many; write up to {ROWS_MAX}")));
    }
    let detail = Detail { rows_max, explain: asked.explain != Some(false) };
    let compared = move |bench: &Workbench| {
        let comparisons = bench.compare(detail)?;
        Ok(ComparisonAnswer {
            rows_changed: comparisons.iter().map(Comparison::rows_changed).sum(),
            comparisons: comparisons.to_vec(),
        })
    };
    gateway.at_workbench(compared).await
}

/// What a swap is bound to.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SwapAsked {
    /// Only where no more rows differ.
    at_most: Option<u64>,
}

/// `POST /projections/rebuild/swap`.
pub(crate) async fn swap(State(gateway): State<Arc<Gateway>>, body: JsonBody) -> Answer {
    let SwapAsked { at_most } = body.read()?;
    gateway.at_workbench(move |bench| bench.swap(at_most)).await
}

/// `POST /projections/rebuild/swap-back`.
pub(crate) async fn swap_back(State(gateway): State<Arc<Gateway>>) -> Answer {
    gateway.at_workbench(Workbench::swap_back).await
}

impl Gateway {
    /// The read models, as they are.
    pub(crate) async fn projections(&self) -> Result<Vec<ProjectionRow>, Problem> {
        let (models, head) = (Arc::clone(&self.ports().read_models), self.ports().log.head());
        self.on_own_thread(move || {
            let row = |name: ModelName| {
                let lane = models.lane(name);
                let progress = lane.progress();
                ProjectionRow {
                    name: name.as_str(),
                    version: lane.version(),
                    inputs: name.inputs(),
                    recount: models.recount(name).name(),
                    position: progress.position,
                    lag: head.position.get().saturating_sub(progress.position.get()),
                    rows: lane.rows() as u64,
                    stopped: progress.fault.map(|fault| {
                        format!("position {} ({}): {}", fault.position, fault.event, fault.why)
                    }),
                }
            };
            ModelName::ALL.into_iter().map(row).collect()
        })
        .await
    }

    async fn with_rebuild(
        &self,
        work: impl FnOnce(&Workbench) -> Result<Option<RebuildView>, WorkbenchError> + Send + 'static,
    ) -> Answer {
        self.at_workbench(|bench| work(bench)?.ok_or(WorkbenchError::None)).await
    }

    /// Does something at the workbench, on a thread that may take the time.
    async fn at_workbench<T: Serialize + Send + 'static>(
        &self,
        work: impl FnOnce(&Workbench) -> Result<T, WorkbenchError> + Send + 'static,
    ) -> Answer {
        let Some(bench) = self.ports().rebuilds.clone() else {
            let detail = "no model is live here; run `paidan projection rebuild` on the directory";
            return Err(Problem::new(Kind::NotFound, detail));
        };
        let done = self.on_own_thread(move || work(&bench)).await??;
        Ok(Json(done).into_response())
    }
}

impl From<WorkbenchError> for Problem {
    fn from(error: WorkbenchError) -> Self {
        let detail = error.to_string();
        match error {
            WorkbenchError::None => Self::new(Kind::NotFound, detail),
            WorkbenchError::Taken { .. }
            | WorkbenchError::NotNow { .. }
            | WorkbenchError::NotPublished => Self::new(Kind::RebuildState, detail),
            WorkbenchError::TooManyRows { rows, allowed } => {
                Self::new(Kind::TooManyRows, detail).with("rows", rows).with("allowed", allowed)
            }
            WorkbenchError::Plan(problem) => {
                let detail = format!("models: {problem}");
                Self::new(Kind::Invalid, detail).with("field", "models").with("problem", problem)
            }
            WorkbenchError::Rules(RecountError::Wrong { problems }) => {
                Self::new(Kind::InvalidRules, detail).with("problems", problems)
            }
            WorkbenchError::Rules(error) => {
                let problem = error.to_string();
                let detail = format!("version: {problem}");
                Self::new(Kind::Invalid, detail).with("field", "version").with("problem", problem)
            }
            error @ (WorkbenchError::Fold(_)
            | WorkbenchError::Snapshots(_)
            | WorkbenchError::Thread(_)) => Self::failure(
                Kind::StoreFailed,
                "the log or what lies beside it could not be used; nothing that is live changed",
                &error,
            ),
        }
    }
}
