//! Which of the files in the index's directory make up the index.

use std::path::Path;
use std::sync::Arc;

use domain::GlobalPosition;

use super::run::{self, Run};
use super::{IndexError, format};

/// The runs that follow each other from the first position on; all other files are removed.
pub(super) fn open_all(directory: &Path) -> Result<(Vec<Arc<Run>>, Option<String>), IndexError> {
    let io = |doing| move |source| run::failed(doing, directory, source);
    std::fs::create_dir_all(directory).map_err(io("create"))?;
    let mut runs = Vec::new();
    let mut thrown_away = None;
    for entry in std::fs::read_dir(directory).map_err(io("list"))? {
        let path = entry.map_err(io("list"))?.path();
        match path.extension().and_then(|ending| ending.to_str()) {
            Some(format::FINISHED) => {}
            Some(format::UNFINISHED) => {
                remove(&path)?;
                continue;
            }
            _ => continue,
        }
        match Run::open(&path) {
            Ok(run) => runs.push(run),
            Err(error @ IndexError::Damaged { .. }) => {
                remove(&path)?;
                thrown_away = Some(error.to_string());
            }
            Err(error) => return Err(error),
        }
    }
    // The widest first of those that begin together.
    runs.sort_by_key(|run| (run.extent.first, std::cmp::Reverse(run.extent.until.position)));
    let mut kept: Vec<Arc<Run>> = Vec::new();
    for run in runs {
        let until = kept.last().map_or(GlobalPosition::ZERO, |run| run.extent.until.position);
        let of_the_same =
            kept.first().is_none_or(|first| first.extent.until.log_id == run.extent.until.log_id);
        if run.extent.first == until.next() && of_the_same {
            kept.push(Arc::new(run));
            continue;
        }
        if run.extent.until.position > until {
            thrown_away
                .get_or_insert_with(|| format!("nothing leads up to {}", run.path().display()));
        }
        remove(run.path())?;
    }
    Ok((kept, thrown_away))
}

fn remove(path: &Path) -> Result<(), IndexError> {
    std::fs::remove_file(path).map_err(|source| run::failed("remove", path, source))
}
