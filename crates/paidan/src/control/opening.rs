//! Opening a data directory without a server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::Engine;
use eventlog::{Clock, DirectoryError, EventLog, IndexState, OpenError, OpenReport};

use super::answers::Desk;
use super::attachments::Bytes;
use super::handler::Parts;
use crate::config::Config;
use crate::data_directory::{self, DataDirectoryError};

/// Why a directory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenFailed {
    /// Somebody has it open and does not answer.
    #[error(
        "{path} is in use by a process that does not answer at {socket}; it may be starting or \
         stopping, or another command may be at work there: try again in a moment"
    )]
    InUse {
        /// The directory.
        path: PathBuf,
        /// Where a server would answer.
        socket: PathBuf,
    },
    /// The directory, its key or its log.
    #[error(transparent)]
    Directory(#[from] DataDirectoryError),
}

/// What a directory is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To look at it; one that is not there is not made.
    Read,
    /// To record; one that is not there is made, as a server's first start does.
    Record,
}

/// A directory that is ours.
#[derive(Debug)]
pub struct Opened {
    /// What the handler works with.
    pub parts: Parts,
    /// What opening found.
    pub report: OpenReport,
}

impl Opened {
    /// What whoever opened it should know, in words.
    pub fn notices(&self) -> Vec<String> {
        let OpenReport {
            created,
            cut,
            never_acknowledged,
            index,
            clock_behind,
            clock_unconfirmed,
            ..
        } = &self.report;
        let mut notices = Vec::new();
        if *created {
            notices.push("made a new data directory".to_owned());
        }
        if let Some(cut) = cut {
            notices.push(format!(
                "cut off {} frames after position {} that were never acknowledged ({}); they were \
                 set aside",
                cut.frames,
                cut.from.get().saturating_sub(1),
                cut.why
            ));
        }
        if let Some((from, until)) = never_acknowledged {
            notices.push(format!(
                "positions {from} to {until} were on their way to the disk when the log went down \
                 and did not arrive; nobody was told that they had"
            ));
        }
        if let IndexState::Rebuilt { why, events } = index
            && !created
        {
            notices.push(format!("made the index anew, of {events} events: {why}"));
        }
        if !clock_behind.is_zero() {
            notices.push(format!(
                "the clock is {} s behind the last event; is it wrong?",
                clock_behind.as_secs()
            ));
        }
        if *clock_unconfirmed {
            notices.push(
                "the clock is more than a month after the last event; what is recorded now has \
                 that time for ever"
                    .to_owned(),
            );
        }
        notices
    }
}

/// Refuses a directory without data.
pub(super) fn require_data(directory: &Path) -> Result<(), OpenFailed> {
    if directory.join("FORMAT").exists() {
        return Ok(());
    }
    Err(DataDirectoryError::Absent(directory.to_path_buf()).into())
}

/// Opens the directory of a configuration.
///
/// # Errors
/// When there is none, somebody else has it, or anything in it is not as it should be.
pub fn open(
    config: &Config,
    purpose: Purpose,
    clock: Arc<dyn Clock>,
) -> Result<Opened, OpenFailed> {
    let opened = match purpose {
        Purpose::Read => data_directory::open(config, Arc::clone(&clock)),
        Purpose::Record => data_directory::open_or_create(config, Arc::clone(&clock)),
    };
    let (log, report) = opened.map_err(|error| match error {
        DataDirectoryError::Log {
            source: OpenError::Directory(DirectoryError::InUse { path }),
            ..
        } => OpenFailed::InUse { path, socket: config.socket() },
        error => error.into(),
    })?;
    if purpose == Purpose::Record {
        // Whoever records by hand looks at the clock of the notice; there is no server to confirm
        // it to.
        log.confirm_clock();
    }
    let log = Arc::new(log);
    let desk = Desk::at_rest(&config.data, Arc::clone(&clock));
    let shared = Arc::clone(&clock);
    let engine = Engine::new(Arc::clone(&log) as Arc<dyn EventLog>, shared, Default::default())
        .keeping(config.disk_reserve, log.clone());
    let bytes = Bytes::at_rest(config);
    let snapshots = config.data.join("snapshots");
    let engine = Arc::new(engine);
    Ok(Opened { parts: Parts { log, engine, live: None, snapshots, desk, bytes, clock }, report })
}
