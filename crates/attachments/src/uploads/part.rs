//! The bytes of an upload that have arrived.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;

use super::checksum::{Checking, Checksum};
use super::desk::Hold;
use super::offset::Offset;
use super::{Error, Shared, UploadId};
use crate::files::{At, FileError, free_bytes};
use crate::steps::Step;

/// An open part, to which bytes are added. Whatever becomes of it, bytes that were synced count,
/// and bytes under a checksum count only once that matched.
pub(super) struct Part {
    shared: Arc<Shared>,
    id: UploadId,
    file: File,
    path: PathBuf,
    confirmed: Offset,
    /// How long the file is.
    written: u64,
    /// Of all that is written; none where what arrived before a restart was not hashed.
    hasher: Option<blake3::Hasher>,
    checking: Option<(Checking, Option<blake3::Hasher>)>,
    /// A sync failed, so what is not confirmed may be anything.
    doubtful: bool,
    /// Let go of last.
    _hold: Hold,
}

impl Part {
    /// Opens the part for bytes that begin at `offset`. What lies behind what was confirmed is cut
    /// off. Blocks.
    pub(super) fn open(
        shared: Arc<Shared>,
        id: UploadId,
        hold: Hold,
        offset: u64,
        checksum: Option<Checksum>,
    ) -> Result<Self, Error> {
        let path = shared.files(id).part;
        let confirmed = Offset::open(&shared.files(id).offset)?.ok_or(Error::Damaged { id })?;
        let at = confirmed.get();
        if at != offset {
            return Err(Error::OffsetMismatch { given: offset, offset: at });
        }
        let mut file = File::options().write(true).open(&path).at("open", &path)?;
        let there = file.metadata().at("look at", &path)?.len();
        if there < at {
            return Err(Error::Damaged { id });
        }
        if there > at {
            file.set_len(at).at("cut", &path)?;
        }
        file.seek(SeekFrom::Start(at)).at("go on with", &path)?;
        let hasher = shared.desk.take_hasher(id, at);
        let checking = checksum.map(|checksum| (Checking::new(checksum), hasher.clone()));
        let written = at;
        let doubtful = false;
        let _hold = hold;
        Ok(Self { shared, id, file, path, confirmed, written, hasher, checking, doubtful, _hold })
    }

    pub(super) const fn written(&self) -> u64 {
        self.written
    }

    /// Adds bytes. Blocks.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        // What a failed write left lies behind `written`, where the next opening cuts it off.
        self.file.write_all(bytes).at("write", &self.path)?;
        self.written += bytes.len() as u64;
        self.shared.steps.reached(Step::PartGrown);
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
        if let Some((checking, _)) = &mut self.checking {
            checking.update(bytes);
        } else if self.written - self.confirmed.get() >= self.shared.limits.sync_bytes {
            self.confirm()?;
            // A length that was not declared could not be set aside.
            if free_bytes(&self.shared.dir)? < self.shared.limits.disk_reserve_bytes {
                return Err(Error::NoRoom);
            }
        }
        Ok(())
    }

    /// Ends the adding: what was written counts from now on, or, where it does not have its
    /// checksum, is gone. Answers the offset. Blocks.
    pub(super) fn end(mut self) -> Result<u64, Error> {
        if let Some((checking, before)) = self.checking.take() {
            let algorithm = checking.algorithm();
            if !checking.matches() {
                self.hasher = before;
                self.written = self.confirmed.get();
                self.file.set_len(self.written).at("cut", &self.path)?;
                return Err(Error::ChecksumMismatch { algorithm, offset: self.written });
            }
        }
        self.confirm()?;
        Ok(self.written)
    }

    /// Ends it where the line broke. Blocks.
    pub(super) fn end_early(mut self) -> Result<u64, Error> {
        self.settle()?;
        Ok(self.confirmed.get())
    }

    /// Lets count what may count.
    fn settle(&mut self) -> Result<(), FileError> {
        if let Some((_, before)) = self.checking.take() {
            self.hasher = before;
            self.written = self.confirmed.get();
        }
        if self.doubtful { Ok(()) } else { self.confirm() }
    }

    /// Syncs what is written and says so.
    fn confirm(&mut self) -> Result<(), FileError> {
        if self.written == self.confirmed.get() {
            return Ok(());
        }
        self.doubtful = true;
        self.file.sync_data().at("sync", &self.path)?;
        self.shared.steps.reached(Step::PartSynced);
        self.confirmed.set(self.written)?;
        self.doubtful = false;
        let offset = self.written;
        self.shared.desk.with(self.id, |entry| entry.offset = offset);
        self.shared.steps.reached(Step::OffsetConfirmed);
        Ok(())
    }
}

impl Drop for Part {
    /// The request may have been dropped at any moment; what arrived still counts.
    fn drop(&mut self) {
        if let Err(error) = self.settle() {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, upload.id = %self.id, "what arrived last could not be kept");
        }
        if let Some(hasher) = self.hasher.take()
            && hasher.count() == self.confirmed.get()
        {
            self.shared.desk.keep_hasher(self.id, hasher);
        }
    }
}
