//! Whether the bytes of an attachment may be shown.

use domain::ContentHash;

use super::known::{Known, State};
use crate::problem::{Kind, Problem};

/// Refuses what is not to be shown, and says why. What was taken out of view is shown to whoever
/// asks for it by that.
pub(super) fn may_be_shown(known: &Known, also_removed: bool) -> Result<(), Problem> {
    let problem = |kind, detail: String| {
        Err(Problem::new(kind, detail).with("hash", known.row.attachment.hash))
    };
    match known.state {
        State::Shown => Ok(()),
        State::Removed if also_removed => Ok(()),
        State::Removed => problem(
            Kind::AttachmentRemoved,
            "it was taken out of view; `?removed=true` shows it all the same".to_owned(),
        ),
        State::Quarantined => {
            let why = known.row.quarantined.as_deref().unwrap_or_default();
            problem(
                Kind::AttachmentQuarantined,
                format!("it is in quarantine: {why}; it is shown once it is released"),
            )
        }
        State::Erased => problem(
            Kind::AttachmentGone,
            "its bytes were erased on purpose, and nothing brings them back".to_owned(),
        ),
        State::Missing => Err(missing(known)),
    }
}

/// An event names bytes that are not there.
fn missing(known: &Known) -> Problem {
    let attachment = &known.row.attachment;
    let what = known.name().map_or_else(|| attachment.hash.to_string(), str::to_owned);
    let problem = Problem::new(
        Kind::AttachmentMissing,
        format!(
            "{what} ({} bytes) is named by an event, and its bytes are not in the store; tell \
             whoever runs the server, and upload it again where you have it",
            attachment.bytes
        ),
    );
    let problem = match known.name() {
        Some(name) => problem.with("name", name),
        None => problem,
    };
    problem
        .with("hash", attachment.hash)
        .with("bytes", attachment.bytes)
        .with("by", known.link.by)
        .with("at", known.link.recorded_at)
}

/// No event names it, so there is nothing to show, whatever may lie in the store.
pub(super) fn nobody_names(hash: ContentHash) -> Problem {
    Problem::new(Kind::NotFound, format!("no event names an attachment {hash}; check the hash"))
}
