//! What becomes of uploads that nobody finishes, and of what a dead process left.

use std::fs;
use std::sync::{Arc, Weak};

use domain::Timestamp;

use super::desk::Entry;
use super::finish::{clear, remove};
use super::offset::Offset;
use super::records::{self, Found, NewUpload, Outcome};
use super::{Error, Shared, UploadId};
use crate::files::{At, FileError, blocking};

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expired {
    /// Uploads that were never finished.
    pub unfinished: u64,
    /// The bytes that had arrived of them.
    pub bytes: u64,
    /// Notes of uploads that were finished; their bytes are in the store.
    pub finished: u64,
}

/// All uploads that have a directory.
fn directories(shared: &Shared) -> Result<Vec<UploadId>, FileError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(&shared.dir).at("list", &shared.dir)? {
        let name = entry.at("list", &shared.dir)?.file_name();
        found.extend(name.to_str().and_then(|name| name.parse::<UploadId>().ok()));
    }
    Ok(found)
}

/// Goes on with what is open after a restart. Blocks.
pub(super) fn enter_all(shared: &Shared) -> Result<(), Error> {
    for id in directories(shared)? {
        let files = shared.files(id);
        match records::read::<NewUpload>(&files.info)? {
            Found::There(info) => {
                let offset = Offset::open(&files.offset).ok().flatten();
                let entry = Entry {
                    client: info.client,
                    length: info.length,
                    // Without one, the first request to it will find it damaged.
                    offset: offset.map_or(0, |offset| offset.get()),
                    expires_at: info.expires_at,
                    turn: Weak::new(),
                };
                shared.desk.enter(id, entry);
            }
            Found::Unreadable => {
                tracing::warn!(upload.id = %id, "an upload has unreadable information; it is left");
            }
            // A process died while it made, finished or removed it.
            Found::Nothing if files.outcome.exists() => clear(shared, id)?,
            Found::Nothing => drop(remove(shared, id)?),
        }
    }
    Ok(())
}

pub(super) async fn terminate(shared: Arc<Shared>, id: UploadId) -> Result<(), Error> {
    let hold = match shared.desk.hold(id, shared.limits.take_over_within).await {
        Err(Error::NotFound { .. }) => None,
        hold => Some(hold?),
    };
    blocking(move || {
        if hold.is_none() && !shared.files(id).outcome.exists() {
            return Err(Error::NotFound { id });
        }
        remove(&shared, id)?;
        shared.desk.leave(id);
        Ok(())
    })
    .await
}

pub(super) async fn expire(shared: Arc<Shared>, now: Timestamp) -> Result<Expired, Error> {
    blocking(move || {
        let mut expired = Expired::default();
        for id in shared.desk.expired(now) {
            // Who is writing it keeps it until the next round.
            let Ok(_hold) = shared.desk.hold_if_idle(id) else { continue };
            expired.bytes += remove(&shared, id)?;
            expired.unfinished += 1;
            shared.desk.leave(id);
        }
        for id in directories(&shared)? {
            if shared.desk.is_open(id) {
                continue;
            }
            if let Found::There(outcome) = records::read::<Outcome>(&shared.files(id).outcome)?
                && outcome.expires_at <= now
            {
                remove(&shared, id)?;
                expired.finished += 1;
            }
        }
        Ok(expired)
    })
    .await
}
