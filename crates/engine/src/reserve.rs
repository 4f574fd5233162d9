//! Stops taking new work before the disk is full, so that the work that is there can be finished.
//!
//! A disk that is truly full fails a sync, and then nothing more is recorded until a restart. Two
//! lines stand before that. Below the reserve nothing is taken that only adds: reports, imports,
//! entries of the directory. Below its floor, a quarter of it, nothing is taken at all. How much
//! is free is asked at most once a second, so the floor has to hold what a second can bring.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use domain::attachment::AttachmentCommand;
use domain::engineer::EngineerCommand;
use domain::ticket::Verb;
use domain::{Command, Origin};

use crate::submission::{Error, Submission};

/// How often the disk is asked at most.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// Tells how much of the log's disk is free. A port: tests set it.
pub trait FreeSpace: Send + Sync + 'static {
    /// Bytes that are free.
    ///
    /// # Errors
    /// When the system does not say.
    fn free_bytes(&self) -> io::Result<u64>;
}

impl FreeSpace for eventlog::SledLog {
    fn free_bytes(&self) -> io::Result<u64> {
        Self::free_bytes(self)
    }
}

/// How much of the disk is kept for finishing what was begun. Zero keeps nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskReserve {
    /// With fewer bytes free, nothing is taken that only adds.
    pub bytes: u64,
}

impl Default for DiskReserve {
    /// 256 MiB: a ticket needs some 2 KiB from report to answer, so three quarters of it finish a
    /// hundred thousand; the last quarter holds what the queue and one second can bring.
    fn default() -> Self {
        Self { bytes: 256 * 1024 * 1024 }
    }
}

impl DiskReserve {
    /// With fewer bytes free, nothing is taken at all.
    pub const fn floor_bytes(self) -> u64 {
        self.bytes / 4
    }

    const fn room(self, free_bytes: u64) -> DiskRoom {
        if free_bytes < self.floor_bytes() {
            DiskRoom::None
        } else if free_bytes < self.bytes {
            DiskRoom::Reserve
        } else {
            DiskRoom::Enough
        }
    }
}

/// What the disk has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskRoom {
    /// For everything.
    Enough,
    /// For finishing what was begun.
    Reserve,
    /// For nothing more.
    None,
}

/// The reserve of a disk, and what was last heard of it.
pub(crate) struct Watch {
    reserve: DiskReserve,
    space: Arc<dyn FreeSpace>,
    asked: Option<Duration>,
    free_bytes: u64,
}

impl Watch {
    pub(crate) fn new(reserve: DiskReserve, space: Arc<dyn FreeSpace>) -> Self {
        Self { reserve, space, asked: None, free_bytes: u64::MAX }
    }

    /// What there is room for, at this time of the clock that never jumps.
    pub(crate) fn room(&mut self, now: Duration) -> DiskRoom {
        if self.asked.is_none_or(|asked| now.saturating_sub(asked) >= ASKED_EVERY) {
            self.asked = Some(now);
            self.ask();
        }
        self.reserve.room(self.free_bytes)
    }

    fn ask(&mut self) {
        match self.space.free_bytes() {
            Ok(free_bytes) => {
                let before = self.reserve.room(self.free_bytes);
                self.free_bytes = free_bytes;
                match self.reserve.room(free_bytes) {
                    room if room == before => {}
                    DiskRoom::Enough => tracing::info!(free_bytes, "the disk has room again"),
                    DiskRoom::Reserve => tracing::error!(
                        free_bytes,
                        reserve_bytes = self.reserve.bytes,
                        "the disk is nearly full: no new reports are taken; make room on it"
                    ),
                    DiskRoom::None => tracing::error!(
                        free_bytes,
                        floor_bytes = self.reserve.floor_bytes(),
                        "the disk is full: nothing more is taken; make room on it"
                    ),
                }
            }
            // What was last heard still counts: a disk that does not answer is no reason to
            // refuse work, and a write that fails is dealt with by the log.
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the disk does not say how much room there is"
            ),
        }
    }

    /// Refuses what there is no room for.
    pub(crate) fn admit(&mut self, now: Duration, submission: &Submission) -> Result<(), Error> {
        let free_bytes = self.free_bytes_at(now);
        match self.reserve.room(free_bytes) {
            DiskRoom::None => {
                Err(Error::DiskFull { free_bytes, floor_bytes: self.reserve.floor_bytes() })
            }
            DiskRoom::Reserve if only_adds(submission) => {
                Err(Error::DiskReserve { free_bytes, reserve_bytes: self.reserve.bytes })
            }
            DiskRoom::Reserve | DiskRoom::Enough => Ok(()),
        }
    }

    fn free_bytes_at(&mut self, now: Duration) -> u64 {
        self.room(now);
        self.free_bytes
    }
}

/// Whether a command only makes work, or fills the disk without helping anybody to finish theirs.
fn only_adds(submission: &Submission) -> bool {
    if matches!(submission.origin, Origin::Import(_)) {
        return true;
    }
    match &submission.command {
        Command::Ticket(_, command) => command.verb() == Verb::Create,
        // Duty, leave, presence and position are what tickets are finished with.
        Command::Engineer(_, command) => matches!(command, EngineerCommand::Put(_)),
        Command::Customer(..) | Command::Device(..) | Command::Outlet(..) | Command::Area(..) => {
            true
        }
        // Rules may be what lets people finish sooner, and are few.
        Command::PublishRules(_) => false,
        // Erasing makes room, and a scanner's verdict keeps bytes from being shown. Who looked at
        // what can wait.
        Command::Attachment(_, command) => matches!(command, AttachmentCommand::RecordReads(_)),
        // One a day, and the one that tells of a loss.
        Command::RecordAudit(_) => false,
    }
}
