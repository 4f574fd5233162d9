//! Uploads that go on where they were, after a broken line or a killed process.
//!
//! An upload is a directory: `info` says what it is, `part` has what arrived, `offset` how much of
//! that was synced, `outcome` what it came to. `records` are the small files, `part` the bytes,
//! `append` adds them, `finish` takes them to the store, `desk` knows which are open.
//!
//! What was confirmed to a client survives a power cut. Bytes that came with a checksum count only
//! once it matched. Nobody writes an upload beside another. Finishing happens once, however often it
//! is asked for and wherever the process died before. Memory and files are bounded by [`Limits`];
//! what passes its time is removed by [`Uploads::expire`], which somebody has to call.

mod append;
mod checksum;
mod desk;
mod error;
mod expire;
mod finish;
mod id;
mod limits;
mod offset;
mod one_piece;
mod part;
mod records;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use domain::{ContentHash, Timestamp};
use futures_util::Stream;
use jiff::tz::TimeZone;
use parking_lot::Mutex;

use crate::files::{At, blocking, free_bytes, make_dir, remove_if_there, sync_dir, to_its_end};
use crate::hash::hash_text;
use crate::steps::{Pass, Step, Steps};
use crate::store::Store;
use desk::{Desk, Entry};
use offset::Offset;
use records::Found;

pub use checksum::{Algorithm, Checksum};
pub use error::Error;
pub use expire::Expired;
pub use id::{ParseUploadIdError, UploadId};
pub use limits::{FACT_BYTES_MAX, Limits};
pub use one_piece::Untold;
pub use records::{NewUpload, Stored, UploadFacts};

/// A declared name may be longer than a safe one, but not without end.
const NAME_BYTES_MAX: usize = 4096;

/// Where an upload is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// More is to come, or it is to be finished.
    Open {
        /// How much has arrived, synced.
        offset: u64,
        /// How much is to come in all.
        length: Option<u64>,
        /// From then on it may be removed.
        expires_at: Timestamp,
    },
    /// Its bytes are in the store.
    Finished(Box<Stored>),
}

/// How far an upload came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// More is to come.
    Partly {
        /// How much has arrived, synced.
        offset: u64,
    },
    /// All has arrived; [`Uploads::finish`] it.
    Whole {
        /// How much has arrived, synced.
        offset: u64,
    },
}

/// Takes in uploads. Cheap to clone; clones are one. At most one of them may have a directory.
#[derive(Clone)]
pub struct Uploads(Arc<Shared>);

struct Shared {
    dir: PathBuf,
    store: Store,
    limits: Limits,
    zone: TimeZone,
    desk: Desk,
    /// Held while a receipt is written.
    receipts: Mutex<()>,
    steps: Arc<dyn Steps>,
}

/// The files of one upload.
struct Files {
    dir: PathBuf,
    info: PathBuf,
    part: PathBuf,
    offset: PathBuf,
    outcome: PathBuf,
    /// Where a record is written before it has its name.
    beside: PathBuf,
}

impl Shared {
    fn files(&self, id: UploadId) -> Files {
        let dir = self.dir.join(id.to_string());
        Files {
            info: dir.join("info.json"),
            part: dir.join("part"),
            offset: dir.join("offset"),
            outcome: dir.join("outcome.json"),
            beside: dir.join("record.new"),
            dir,
        }
    }

    fn receipt(&self, hash: ContentHash) -> PathBuf {
        let text = hash_text(hash);
        self.dir.join("receipts").join(&text[..2]).join(format!("{text}.json"))
    }
}

impl Uploads {
    /// Takes in uploads in this directory, and goes on with those that are open in it. Cameras that
    /// do not say in which zone their clock runs have it in `zone`.
    ///
    /// # Errors
    /// When the directory cannot be made or read.
    pub async fn open(
        dir: impl Into<PathBuf>,
        store: Store,
        limits: Limits,
        zone: TimeZone,
    ) -> Result<Self, Error> {
        Self::open_with_steps(dir, store, limits, zone, Arc::new(Pass)).await
    }

    /// For tests only.
    #[doc(hidden)]
    pub async fn open_with_steps(
        dir: impl Into<PathBuf>,
        store: Store,
        limits: Limits,
        zone: TimeZone,
        steps: Arc<dyn Steps>,
    ) -> Result<Self, Error> {
        let (dir, desk, receipts) = (dir.into(), Desk::new(limits.hashers_max), Mutex::default());
        let shared = Shared { dir, store, limits, zone, desk, receipts, steps };
        blocking(move || {
            make_dir(&shared.dir)?;
            expire::enter_all(&shared)?;
            Ok(Self(Arc::new(shared)))
        })
        .await
    }

    /// Begins an upload, which survives a power cut once this answers.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::TooMany`], [`Error::TooManyOfClient`], [`Error::NoRoom`] when
    /// it cannot be taken, [`Error::TooLong`] when something that is said of it is too long.
    pub async fn create(&self, new: NewUpload) -> Result<UploadId, Error> {
        let limits = &self.0.limits;
        for (field, text, bytes_max) in [
            ("name", &new.name, NAME_BYTES_MAX),
            ("by", &new.by, FACT_BYTES_MAX),
            ("via", &new.via, FACT_BYTES_MAX),
            ("client", &new.client, FACT_BYTES_MAX),
        ] {
            if text.len() > bytes_max {
                return Err(Error::TooLong { field, bytes_max });
            }
        }
        if new.length.is_some_and(|length| length > limits.file_bytes_max) {
            return Err(Error::TooLarge { bytes_max: limits.file_bytes_max });
        }
        let free_in_store = self.0.store.free_bytes().await?.unwrap_or(u64::MAX);
        let shared = Arc::clone(&self.0);
        blocking(move || {
            let free_bytes = free_bytes(&shared.dir)?.min(free_in_store);
            let id = UploadId::random().map_err(Error::Random)?;
            let entry = Entry {
                client: new.client.clone(),
                length: new.length,
                offset: 0,
                expires_at: new.expires_at,
                turn: std::sync::Weak::new(),
            };
            // Entered before its directory is there, so that nobody takes that for a leftover.
            shared.desk.admit(id, entry, &shared.limits, free_bytes)?;
            let made = make(&shared, id, &new);
            if made.is_err() {
                shared.desk.leave(id);
            }
            made.map(|()| id)
        })
        .await
    }

    /// Where an upload is.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Erased`] when its bytes have gone since.
    pub async fn status(&self, id: UploadId) -> Result<Status, Error> {
        let open = self.0.desk.with(id, |entry| Status::Open {
            offset: entry.offset,
            length: entry.length,
            expires_at: entry.expires_at,
        });
        match open {
            Some(open) => Ok(open),
            None => Ok(Status::Finished(Box::new(finish::finished(&self.0, id).await?))),
        }
    }

    /// What the client calls the file of an upload that is open.
    ///
    /// # Errors
    /// When what is known of the upload cannot be read.
    pub async fn declared_name(&self, id: UploadId) -> Result<Option<String>, Error> {
        let info = self.0.files(id).info;
        blocking(move || match records::read::<NewUpload>(&info)? {
            Found::There(info) => Ok(Some(info.name)),
            Found::Nothing | Found::Unreadable => Ok(None),
        })
        .await
    }

    /// Says how long a file will be whose length was not known. Saying the same again is fine.
    ///
    /// # Errors
    /// [`Error::LengthConflict`] when another length was said, or more has arrived;
    /// [`Error::TooLarge`].
    pub async fn declare_length(&self, id: UploadId, length: u64) -> Result<(), Error> {
        if length > self.0.limits.file_bytes_max {
            return Err(Error::TooLarge { bytes_max: self.0.limits.file_bytes_max });
        }
        let hold = self.0.desk.hold(id, self.0.limits.take_over_within).await?;
        let shared = Arc::clone(&self.0);
        blocking(move || {
            let _hold = hold;
            let known = shared.desk.with(id, |entry| (entry.length, entry.offset));
            let (known, offset) = known.ok_or(Error::NotFound { id })?;
            if known == Some(length) {
                return Ok(());
            }
            if known.is_some() || offset > length {
                return Err(Error::LengthConflict { length: known, offset });
            }
            let files = shared.files(id);
            let Found::There(info) = records::read::<NewUpload>(&files.info)? else {
                return Err(Error::Damaged { id });
            };
            let info = NewUpload { length: Some(length), ..info };
            records::write(&files.info, &files.beside, &info)?;
            shared.desk.with(id, |entry| entry.length = Some(length));
            Ok(())
        })
        .await
    }

    /// Adds what a stream brings behind the first `offset` bytes. Whoever else writes this upload
    /// is asked to let go of it first, since a line that died is noticed late.
    ///
    /// What arrived counts, also when the stream fails or this future is dropped; with a checksum
    /// all of it counts or nothing.
    ///
    /// # Errors
    /// Each variant of [`Error`] that has an `offset` says where to go on.
    pub async fn append<S, E>(
        &self,
        id: UploadId,
        offset: u64,
        checksum: Option<Checksum>,
        stream: S,
    ) -> Result<Appended, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let offset = append::append(&self.0, id, offset, checksum, stream).await?;
        let length = self.0.desk.with(id, |entry| entry.length).flatten();
        let whole = length == Some(offset);
        Ok(if whole { Appended::Whole { offset } } else { Appended::Partly { offset } })
    }

    /// Takes an upload that is whole to the store. Once this answers, its bytes are there and
    /// survive a power cut. It goes on when this future is dropped, and asking again answers the
    /// same.
    ///
    /// # Errors
    /// [`Error::NotWhole`] when something is missing; [`Error::Erased`] when its bytes have gone
    /// since it was finished.
    pub async fn finish(&self, id: UploadId, now: Timestamp) -> Result<Stored, Error> {
        to_its_end(finish::finish(Arc::clone(&self.0), id, now)).await
    }

    /// Gives an upload up. Bytes that are in the store stay there.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn terminate(&self, id: UploadId) -> Result<(), Error> {
        to_its_end(expire::terminate(Arc::clone(&self.0), id)).await
    }

    /// Removes uploads whose time is over, save those that are being written.
    ///
    /// # Errors
    /// When the directory cannot be read or written.
    pub async fn expire(&self, now: Timestamp) -> Result<Expired, Error> {
        to_its_end(expire::expire(Arc::clone(&self.0), now)).await
    }

    /// What is known of bytes that were uploaded, from the newest upload of them.
    ///
    /// # Errors
    /// When what is known cannot be read.
    pub async fn stored(&self, hash: ContentHash) -> Result<Option<Stored>, Error> {
        let path = self.0.receipt(hash);
        blocking(move || match records::read::<Stored>(&path)? {
            Found::There(stored) => Ok(Some(stored)),
            Found::Nothing => Ok(None),
            Found::Unreadable => {
                tracing::warn!(path = %path.display(), "a receipt of an upload is unreadable");
                Ok(None)
            }
        })
        .await
    }

    /// Forgets what is known of bytes, once they were erased or collected.
    ///
    /// # Errors
    /// When the receipt cannot be removed.
    pub async fn forget(&self, hash: ContentHash) -> Result<(), Error> {
        let shared = Arc::clone(&self.0);
        blocking(move || {
            let _one_at_a_time = shared.receipts.lock();
            remove_if_there(&shared.receipt(hash))?;
            Ok(())
        })
        .await
    }

    /// How many uploads are open.
    pub fn open_count(&self) -> usize {
        self.0.desk.len()
    }
}

fn make(shared: &Shared, id: UploadId, new: &NewUpload) -> Result<(), Error> {
    let files = shared.files(id);
    make_dir(&files.dir)?;
    File::create(&files.part).at("make", &files.part)?;
    Offset::create(&files.offset)?;
    sync_dir(&files.dir)?;
    shared.steps.reached(Step::UploadMade);
    records::write(&files.info, &files.beside, new)?;
    shared.steps.reached(Step::InfoWritten);
    Ok(())
}
