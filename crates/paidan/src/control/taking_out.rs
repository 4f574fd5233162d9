//! The log, taken out: into a file, or into a backup. Whoever answers writes them, so paths are
//! those of its machine and its user.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use domain::GlobalPosition;
use eventlog::{
    BackupOptions, Clock, ExportOptions, SledLog, SystemClock, VerifyProgress, backup, export,
};

use super::attachments;
use super::failure::{Failure, FailureKind};
use super::handler::{Ended, Pace, Parts, Replies};
use super::protocol::Reply;
use super::views::{BackupView, ExportView};

/// Exports the log into a file.
pub(super) fn export_log(
    log: &SledLog,
    file: &Path,
    from: Option<GlobalPosition>,
    with_keys: bool,
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    require_absolute(file)?;
    let options = ExportOptions { from, with_keys };
    let exported = with_progress(replies, |progress| export(log, file, options, progress))?;
    let exported = exported.map_err(|error| Failure::of(FailureKind::Failed, &error))?;
    tracing::info!(file = %file.display(), with_keys, "the log was exported");
    Ok(replies.send(Reply::Exported(ExportView::new(&exported, file)))?)
}

/// Brings a backup up to date.
pub(super) fn back_up(
    parts: &Parts,
    directory: &Path,
    without_attachments: bool,
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    require_absolute(directory)?;
    let options = BackupOptions::new(SystemClock.now());
    let log = parts.log.as_ref();
    let done = with_progress(replies, |progress| backup(log, directory, options, progress))?;
    let done = done.map_err(|error| Failure::of(FailureKind::Failed, &error))?;
    tracing::info!(directory = %directory.display(), log.position = done.head.position.get(), "the log was backed up");
    let carried = if without_attachments {
        None
    } else {
        Some(attachments::carry_into(parts, directory, done.head.position, replies)?)
    };
    Ok(replies.send(Reply::BackedUp(BackupView::new(&done, directory, carried)))?)
}

/// A path is not that of the server's own working directory.
fn require_absolute(path: &Path) -> Result<(), Failure> {
    if path.is_absolute() {
        return Ok(());
    }
    let message = format!("{} is no absolute path", path.display());
    Err(Failure::new(FailureKind::BadRequest, message))
}

type Progress<'a> = &'a mut dyn FnMut(VerifyProgress) -> ControlFlow<()>;

/// Tells how far it is, and breaks it off once nobody listens.
fn with_progress<T>(
    replies: &mut dyn Replies,
    work: impl FnOnce(Progress<'_>) -> T,
) -> Result<T, Ended> {
    let mut pace = Pace::new();
    let mut gone = Ok(());
    let done = work(&mut |VerifyProgress { position, total }| {
        if pace.is_due(position >= total) {
            gone = replies
                .send(Reply::Progress { done: position.get(), total: total.get() })
                .and_then(|()| replies.flush());
        }
        if gone.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    gone?;
    Ok(done)
}

/// A path as whoever asks means it, for one who works elsewhere.
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}
