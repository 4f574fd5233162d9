//! What lies on disk of a rebuild: what it is to do, and snapshots of how far it is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::job::KeptJob;
use crate::snapshot::{SnapshotError, SnapshotStore, io_error};

fn job_path(directory: &Path) -> PathBuf {
    directory.join("job.json")
}

/// The rebuild that an earlier process left.
pub(super) fn job(directory: &Path) -> Result<Option<KeptJob>, SnapshotError> {
    let path = job_path(directory);
    match fs::read(&path) {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(job) => Ok(Some(job)),
            Err(source) => Err(SnapshotError::Rebuild { path, source }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error("read", &path)(error)),
    }
}

/// Keeps what a rebuild is to do.
pub(super) fn keep_job(store: &SnapshotStore, job: &KeptJob) -> Result<(), SnapshotError> {
    let path = job_path(&store.options().directory);
    let bytes = serde_json::to_vec_pretty(job)
        .map_err(|source| SnapshotError::Rebuild { path: path.clone(), source })?;
    store.put(&path, &bytes)
}

/// Removes all that was kept. The job goes first: snapshots without one are of no use to anybody.
pub(super) fn clear(directory: &Path) -> Result<(), SnapshotError> {
    let job = job_path(directory);
    for removed in [fs::remove_file(&job), fs::remove_dir_all(directory)] {
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_error("remove", directory)(error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
