//! Checking every byte of a log.

use std::path::Path;

use eventlog::{ReadError, SledLog, VerifyError, VerifyProgress, VerifyReport};

use super::failure::{Failure, FailureKind};
use super::handler::{Ended, Pace, Replies};
use super::protocol::Reply;
use super::views::{VerifyFault, VerifyView};

/// Verifies the log of a running server, index included.
pub(super) fn verify_open(log: &SledLog, replies: &mut dyn Replies) -> Result<(), Ended> {
    tell(true, replies, |progress| eventlog::verify(log, progress))
}

/// Verifies a directory that no server uses, on a copy below `scratch`.
pub(super) fn verify_at_rest(
    directory: &Path,
    scratch: &Path,
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    tell(false, replies, |progress| eventlog::verify_directory(directory, scratch, progress))
}

type Progress<'a> = &'a mut dyn FnMut(VerifyProgress);

fn tell(
    index: bool,
    replies: &mut dyn Replies,
    verify: impl FnOnce(Progress<'_>) -> Result<VerifyReport, VerifyError>,
) -> Result<(), Ended> {
    let mut pace = Pace::new();
    let mut gone = Ok(());
    let verified = verify(&mut |progress| {
        let VerifyProgress { position, total } = progress;
        // Whoever went away is told nothing more; a verification cannot be broken off.
        if gone.is_ok() && pace.is_due(position >= total) {
            gone = replies
                .send(Reply::Progress { done: position.get(), total: total.get() })
                .and_then(|()| replies.flush());
        }
    });
    gone?;
    let reply = match verified {
        Ok(report) => Reply::Verified(VerifyView::new(report, index)),
        Err(error) => match fault(&error) {
            Some(fault) => Reply::Damaged(fault),
            None => return Err(Failure::of(FailureKind::Failed, &error).into()),
        },
    };
    Ok(replies.send(reply)?)
}

/// What is wrong with the log itself; nothing where it could not be looked at.
fn fault(error: &VerifyError) -> Option<VerifyFault> {
    let (position, place) = match error {
        VerifyError::Log(ReadError::Damaged { position, place, .. }) => {
            (Some(*position), Some(place.clone()))
        }
        VerifyError::Log(ReadError::UnknownShape { position, .. }) => (Some(*position), None),
        VerifyError::Witness { position } => (Some(*position), Some("witness".into())),
        VerifyError::Index { position, .. } => (Some(*position), Some("index".into())),
        VerifyError::Store(_) => (None, Some("log".into())),
        VerifyError::WitnessUnreadable(_) => (None, Some("witness".into())),
        VerifyError::Log(ReadError::Keys { .. } | ReadError::Store { .. })
        | VerifyError::Directory(_)
        | VerifyError::Copy { .. } => return None,
    };
    Some(VerifyFault { position, place, fault: chain(error) })
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
