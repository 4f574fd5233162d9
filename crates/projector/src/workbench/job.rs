//! What a rebuild is to do, and how far it is: as it is kept for a restart, and as it is told.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use domain::rules::Rules;
use domain::{GlobalPosition, RuleSetVersion};
use eventlog::EventLog;
use serde::{Deserialize, Serialize};

use crate::compare::Comparison;
use crate::read_models::ModelName;
use crate::recount::{Recount, RecountError, RecountName};
use crate::snapshot::SwapRecord;

/// The rules that a rebuild counts the past by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RebuildRules {
    /// Each model's own: the rebuilt one is to be equal.
    Same,
    /// A published set; 0: as recorded.
    Published(RuleSetVersion),
    /// A set that nobody has published. What is rebuilt by it is compared and never swapped in.
    Tried(Box<Rules>),
}

impl RebuildRules {
    /// The recount that they ask for, where the live model has another.
    ///
    /// # Errors
    /// When a version was never published, rules could not take effect, or the log cannot be read.
    pub fn recount(&self, log: &dyn EventLog, live: Recount) -> Result<Recount, RecountError> {
        match self {
            Self::Same => Ok(live),
            Self::Published(version) => Recount::published(log, *version),
            Self::Tried(rules) => {
                rules.check().map_err(|problems| RecountError::Wrong {
                    problems: problems.iter().map(ToString::to_string).collect(),
                })?;
                Ok(Recount::Tried(Arc::new((**rules).clone())))
            }
        }
    }
}

impl RebuildRules {
    /// Which recount they ask for.
    pub const fn name(&self) -> RecountName {
        match self {
            Self::Same => RecountName::AsLive,
            Self::Published(RuleSetVersion::SHIPPED) => RecountName::AsRecorded,
            Self::Published(version) => RecountName::Published(*version),
            Self::Tried(_) => RecountName::Tried,
        }
    }
}

/// What a rebuild is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RebuildPlan {
    /// Which models.
    pub models: Vec<String>,
    /// By which rules.
    pub rules: RebuildRules,
    /// The share of one core's time that it takes, in percent, 1 to 100. Under 100 it folds on one
    /// thread and rests after each batch; with 100 it takes all cores.
    pub share: u8,
}

/// How far a rebuild is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RebuildPhase {
    /// The log is being folded.
    Folding,
    /// Somebody has stopped it for now.
    Paused,
    /// It is at the log's end and is being compared.
    Comparing,
    /// It can be swapped in.
    Ready,
    /// It is live; the one before can come back at once.
    Swapped,
    /// It cannot go on.
    Failed,
}

impl fmt::Display for RebuildPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Folding => "being folded",
            Self::Paused => "paused",
            Self::Comparing => "being compared",
            Self::Ready => "ready",
            Self::Swapped => "live",
            Self::Failed => "at an end",
        })
    }
}

/// A rebuild as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RebuildView {
    /// Which models.
    pub models: Vec<String>,
    /// By which rules.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "rules 3 from the beginning"))]
    pub rules: RecountName,
    /// The share of one core's time that it takes, in percent.
    pub share: u8,
    /// How far it is.
    pub phase: RebuildPhase,
    /// The last event that all of its models have.
    pub position: GlobalPosition,
    /// The log's end.
    pub head: GlobalPosition,
    /// Events in a second, since it began or went on.
    pub events_per_s: Option<u64>,
    /// How many seconds it takes from here, at that rate.
    pub seconds_left: Option<u64>,
    /// Rows that differ, once it was compared.
    pub rows_changed: Option<u64>,
    /// Why it cannot go on.
    pub why: Option<String>,
    /// When it became live.
    pub swap: Option<SwapRecord>,
}

/// A rebuild as it is kept for a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptJob {
    pub(super) plan: RebuildPlan,
    pub(super) paused: bool,
    /// Set once it is live; then what lies beside is what was live before.
    pub(super) swap: Option<SwapRecord>,
}

/// Why something cannot be done with a rebuild.
#[derive(Debug, thiserror::Error)]
pub enum WorkbenchError {
    /// There is none.
    #[error("no rebuild was begun; begin one with `paidan projection rebuild`")]
    None,
    /// Another one is there.
    #[error("a rebuild of {models} is {phase} already; cancel it, or wait for it")]
    Taken {
        /// Of which models.
        models: String,
        /// How far it is.
        phase: RebuildPhase,
    },
    /// It is not that far, or further.
    #[error("the rebuild is {phase}; {advice}")]
    NotNow {
        /// How far it is.
        phase: RebuildPhase,
        /// What to do.
        advice: &'static str,
    },
    /// A model is named that is none, none is named, or the share is no share.
    #[error("{0}")]
    Plan(String),
    /// Nobody published these rules.
    #[error(
        "these rules are not published: what people are shown counts by rules that the log holds; \
         publish them, and rebuild by their version"
    )]
    NotPublished,
    /// More rows differ than whoever swaps allows.
    #[error("{rows} rows differ, and the swap is allowed up to {allowed}; nothing was swapped")]
    TooManyRows {
        /// How many differ.
        rows: u64,
        /// How many may.
        allowed: u64,
    },
    /// The rules.
    #[error(transparent)]
    Rules(#[from] RecountError),
    /// The fold.
    #[error(transparent)]
    Fold(#[from] crate::rebuild::RebuildError),
    /// What is kept for a restart.
    #[error(transparent)]
    Snapshots(#[from] crate::snapshot::SnapshotError),
    /// The system gives no thread.
    #[error("no thread could be started for the rebuild")]
    Thread(#[source] std::io::Error),
}

/// Where a rebuild keeps how far it is.
pub(super) fn directory(snapshots: &std::path::Path) -> PathBuf {
    snapshots.join("rebuild")
}

/// The models that a plan names.
pub(super) fn named(plan: &RebuildPlan) -> Result<Vec<ModelName>, WorkbenchError> {
    if plan.models.is_empty() {
        return Err(WorkbenchError::Plan("name the projections to rebuild".into()));
    }
    if !(1..=100).contains(&plan.share) {
        return Err(WorkbenchError::Plan(format!(
            "{} is no share of a core's time; give 1 to 100 percent",
            plan.share
        )));
    }
    let mut names = Vec::new();
    for name in &plan.models {
        let name = name
            .parse()
            .map_err(|unknown: crate::UnknownModel| WorkbenchError::Plan(unknown.to_string()))?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// A rebuild's comparison, one for each of its models.
pub(super) type Compared = Arc<Vec<Comparison>>;
