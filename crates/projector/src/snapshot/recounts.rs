//! Which recount of each model is live: a file beside the snapshots, because a start has to know
//! before any fold.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io;
use std::path::PathBuf;

use domain::{GlobalPosition, RuleSetVersion, Timestamp};
use eventlog::EventLog;
use serde::{Deserialize, Serialize};

use super::store::{SnapshotError, SnapshotStore, io_error};
use crate::recount::{Recount, RecountError};

/// Swaps that are remembered.
const SWAPS_MAX: usize = 200;

/// A recount that became live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SwapRecord {
    /// The models that were swapped together, and the rules that they count the past by from then
    /// on; 0: as recorded.
    pub rules: BTreeMap<String, RuleSetVersion>,
    /// The rules that they counted it by before.
    pub before: BTreeMap<String, RuleSetVersion>,
    /// Where all of them were.
    pub position: GlobalPosition,
    /// When.
    pub at: Timestamp,
    /// How many rows were other ones than before.
    pub rows_changed: u64,
}

/// Which recount of each model is live, and how that came.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recounts {
    /// The rules that a model counts the past by; one that is not named, as recorded.
    pub models: BTreeMap<String, RuleSetVersion>,
    /// The last swaps, oldest first.
    pub swaps: VecDeque<SwapRecord>,
}

impl Recounts {
    /// The rules that a model counts the past by.
    pub fn of(&self, model: &str) -> RuleSetVersion {
        self.models.get(model).copied().unwrap_or(RuleSetVersion::SHIPPED)
    }

    /// The same, with the rules as this log has them. A log that never had them is another one;
    /// there the past is counted as it was recorded.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) fn on(&self, log: &dyn EventLog, model: &str) -> Result<Recount, SnapshotError> {
        match Recount::published(log, self.of(model)) {
            Ok(recount) => Ok(recount),
            Err(RecountError::Read { source, .. }) => Err(source.into()),
            Err(error @ (RecountError::Unknown(_) | RecountError::Wrong { .. })) => {
                tracing::warn!(
                    projection = model,
                    error = %error,
                    "{model} counts the past as it was recorded, because {error}",
                );
                Ok(Recount::AsRecorded)
            }
        }
    }

    /// The same after a swap.
    pub(crate) fn after(&self, swap: SwapRecord) -> Self {
        let mut next = self.clone();
        for (model, rules) in &swap.rules {
            if *rules == RuleSetVersion::SHIPPED {
                next.models.remove(model);
            } else {
                next.models.insert(model.clone(), *rules);
            }
        }
        next.swaps.push_back(swap);
        while next.swaps.len() > SWAPS_MAX {
            next.swaps.pop_front();
        }
        next
    }
}

impl SnapshotStore {
    fn recounts_path(&self) -> PathBuf {
        self.options().directory.join("recounts.json")
    }

    /// Which recounts are live.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn recounts(&self) -> Result<Recounts, SnapshotError> {
        let path = self.recounts_path();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Recounts::default()),
            Err(error) => return Err(io_error("read", &path)(error)),
        };
        serde_json::from_slice(&bytes).map_err(|source| SnapshotError::Recounts { path, source })
    }

    /// Keeps which recounts are live. A start sees these or those before, also after a power cut.
    ///
    /// # Errors
    /// When they could not be written; then those before hold.
    pub(crate) fn keep_recounts(&self, recounts: &Recounts) -> Result<(), SnapshotError> {
        let path = self.recounts_path();
        let bytes = serde_json::to_vec_pretty(recounts)
            .map_err(|source| SnapshotError::Recounts { path: path.clone(), source })?;
        self.put(&path, &bytes)
    }
}
