//! Bytes under their hash, in a directory or in any store that `object_store` reaches.
//!
//! Once `put` answers, the bytes are there under their hash and survive a power cut. Nothing but
//! [`Store::erase`] deletes. Bytes are streamed in chunks of at most [`CHUNK_BYTES_MAX`] and never
//! whole in memory. Who names bytes, and whether anybody does, is others' matter.

mod local;
mod read;
mod remote;
#[cfg(feature = "s3")]
mod s3;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use domain::{ContentHash, Timestamp};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use object_store::local::LocalFileSystem;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use tokio::sync::RwLock;

use crate::files::{self, CutOff, FileError, blocking};
use crate::hash::{at_location, hash_text, location};
use crate::steps::{Pass, Steps};

pub use read::CHUNK_BYTES_MAX;
#[cfg(feature = "s3")]
pub use s3::S3Options;

/// Hashes are spread over so many locks, so that one who erases holds up few others.
const LOCKS: usize = 64;

/// Why the store could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There are no such bytes.
    #[error("there are no bytes under {}; they were erased, or never arrived", hash_text(*hash))]
    NotThere {
        /// The hash they would have.
        hash: ContentHash,
    },
    /// A range that does not lie within the bytes.
    #[error("bytes {} to {} were asked for, and there are {bytes}", range.start, range.end)]
    OutOfRange {
        /// What was asked for.
        range: Range<u64>,
        /// What there is.
        bytes: u64,
    },
    /// What was handed in, or what arrived, is not as long as it was said to be. Nothing was
    /// stored; upload again.
    #[error("{found} bytes where {expected} were to be stored; upload them again")]
    WrongSize {
        /// As many were announced.
        expected: u64,
        /// As many there were.
        found: u64,
    },
    /// A file or directory failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The store behind failed.
    #[error("could not {doing} in the store of attachments")]
    Backend {
        /// What was attempted.
        doing: &'static str,
        /// Why it failed.
        #[source]
        source: object_store::Error,
    },
    /// The runtime stops.
    #[error(transparent)]
    CutOff(#[from] CutOff),
}

pub(crate) fn failed(doing: &'static str) -> impl Fn(object_store::Error) -> Error + Copy {
    move |source| Error::Backend { doing, source }
}

/// What is known of bytes without reading them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many there are.
    pub bytes: u64,
    /// When they were put or touched last, by the clock of the file system or the store.
    pub touched_at: Timestamp,
}

/// How `put` went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// The bytes are new.
    New,
    /// They were there already, as far as their size says. In a directory the new ones took their
    /// place all the same.
    Known,
    /// What was there had another size, so it was damaged; now it is whole.
    Mended,
}

/// What hashing all bytes found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// They have the hash under which they lie.
    Intact {
        /// How many there are.
        bytes: u64,
    },
    /// They have another hash.
    Damaged {
        /// The hash that they have.
        found: ContentHash,
        /// How many there are.
        bytes: u64,
    },
    /// There are none.
    Missing,
}

/// Which bytes are to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erase {
    /// These, whoever may want them: the log says so.
    Always,
    /// These, unless somebody put or touched them at this moment or later.
    UnlessTouchedSince(Timestamp),
}

/// How erasing went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// They are gone, and stay gone after a power cut.
    Gone {
        /// How many there were.
        bytes: u64,
    },
    /// Somebody touched them at this moment, so they stay.
    Touched(Timestamp),
    /// There were none.
    NothingThere,
}

/// Something that lies in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// Bytes under a hash.
    Bytes {
        /// The hash.
        hash: ContentHash,
        /// Their size, and when they were put; [`Store::head`] also knows of later touches.
        head: Head,
    },
    /// Something that this store did not put there.
    Stranger {
        /// Where it lies.
        path: String,
        /// How large it is.
        bytes: u64,
    },
}

/// Bytes, a chunk at a time.
pub type Chunks = BoxStream<'static, Result<Bytes, Error>>;

/// Keeps bytes under their hash. Cheap to clone; clones are one store.
#[derive(Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    /// The directory, where it is one.
    dir: Option<Arc<Path>>,
    /// Shared by those who rely on bytes, alone for who erases them: nobody is told that bytes are
    /// there while they go.
    locks: Arc<[RwLock<()>; LOCKS]>,
    steps: Arc<dyn Steps>,
}

impl Store {
    /// The store in this directory, which is made where it is missing.
    ///
    /// # Errors
    /// When it cannot be made or opened.
    pub async fn local(dir: impl Into<PathBuf>) -> Result<Self, Error> {
        Self::local_with_steps(dir, Arc::new(Pass)).await
    }

    /// For tests only.
    #[doc(hidden)]
    pub async fn local_with_steps(
        dir: impl Into<PathBuf>,
        steps: Arc<dyn Steps>,
    ) -> Result<Self, Error> {
        let dir = dir.into();
        blocking(move || {
            files::make_dir(&dir)?;
            let staging = dir.join(local::STAGING);
            files::make_dir(&staging)?;
            local::clear(&staging)?;
            let objects =
                LocalFileSystem::new_with_prefix(&dir).map_err(failed("open the directory"))?;
            Ok(Self::new(Arc::new(objects), Some(dir.into()), steps))
        })
        .await
    }

    /// Bytes in any other store.
    pub fn remote(objects: Arc<dyn ObjectStore>) -> Self {
        Self::new(objects, None, Arc::new(Pass))
    }

    fn new(objects: Arc<dyn ObjectStore>, dir: Option<Arc<Path>>, steps: Arc<dyn Steps>) -> Self {
        let locks = Arc::new(std::array::from_fn(|_| RwLock::new(())));
        Self { objects, dir, locks, steps }
    }

    fn lock(&self, hash: ContentHash) -> &RwLock<()> {
        &self.locks[usize::from(hash.0[0]) % LOCKS]
    }

    /// Takes a file that has this hash and so many bytes; whoever hands it in has hashed it. The
    /// file is gone afterwards. Repeating it after a failure or a crash is safe, also where the file
    /// is gone by then.
    ///
    /// # Errors
    /// [`Error::WrongSize`] when the file is longer or shorter; [`Error::NotThere`] when there is
    /// neither the file nor what it became; otherwise when something failed,
    /// and then the bytes may or may not be there.
    pub async fn put(
        &self,
        staged: impl Into<PathBuf>,
        hash: ContentHash,
        bytes: u64,
    ) -> Result<Put, Error> {
        let staged = staged.into();
        let _relied_on = self.lock(hash).read().await;
        match self.dir.clone() {
            Some(dir) => {
                let steps = Arc::clone(&self.steps);
                blocking(move || local::put(&dir, &staged, hash, bytes, &*steps)).await
            }
            None => remote::put(&self.objects, staged, hash, bytes).await,
        }
    }

    /// What is known of these bytes; nothing when they are not there.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn head(&self, hash: ContentHash) -> Result<Option<Head>, Error> {
        let Some(mut head) = self.object(hash).await?.map(|meta| head_of(&meta)) else {
            return Ok(None);
        };
        if self.dir.is_none()
            && let Some(touch) = remote::touched_at(&self.objects, hash).await?
        {
            head.touched_at = head.touched_at.max(touch);
        }
        Ok(Some(head))
    }

    async fn object(&self, hash: ContentHash) -> Result<Option<ObjectMeta>, Error> {
        match self.objects.head(&location(hash).into()).await {
            Ok(meta) => Ok(Some(meta)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed("look for bytes")(error)),
        }
    }

    /// Remembers that somebody is about to name these bytes, so that the collection of orphans
    /// leaves them. Answers what is known of them; nothing when they are not there.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn touch(&self, hash: ContentHash) -> Result<Option<Head>, Error> {
        let _relied_on = self.lock(hash).read().await;
        match self.dir.clone() {
            Some(dir) => {
                let there = blocking(move || local::touch(&dir, hash)).await?;
                if !there {
                    return Ok(None);
                }
            }
            None => {
                if self.object(hash).await?.is_none() {
                    return Ok(None);
                }
                remote::touch(&self.objects, hash).await?;
            }
        }
        self.head(hash).await
    }

    /// The bytes of a range, or all, in chunks.
    ///
    /// # Errors
    /// [`Error::NotThere`]; [`Error::OutOfRange`] when the range ends behind the last byte or
    /// before it begins. A stream that ends early says so with an error.
    pub async fn read(
        &self,
        hash: ContentHash,
        range: Option<Range<u64>>,
    ) -> Result<Chunks, Error> {
        read::read(&*self.objects, hash, range).await
    }

    /// Hashes all bytes that lie under this hash.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn verify(&self, hash: ContentHash) -> Result<Verified, Error> {
        read::verify(&*self.objects, hash).await
    }

    /// Deletes bytes. This is the only function that does; the log has to know of it first.
    ///
    /// # Errors
    /// When the store cannot be written; the bytes may or may not be gone.
    pub async fn erase(&self, hash: ContentHash, which: Erase) -> Result<Erased, Error> {
        let _alone = self.lock(hash).write().await;
        let Some(head) = self.head(hash).await? else { return Ok(Erased::NothingThere) };
        if let Erase::UnlessTouchedSince(since) = which
            && head.touched_at >= since
        {
            return Ok(Erased::Touched(head.touched_at));
        }
        match self.dir.clone() {
            Some(dir) => blocking(move || local::erase(&dir, hash)).await?,
            None => remote::erase(&self.objects, hash).await?,
        }
        Ok(Erased::Gone { bytes: head.bytes })
    }

    /// All that lies in the store, in no order. Bytes that come or go meanwhile may be there or
    /// not.
    pub fn list(&self) -> impl Stream<Item = Result<Listed, Error>> + Send + 'static {
        self.objects.list(None).filter_map(async |found| match found {
            Err(error) => Some(Err(failed("list what is there")(error))),
            Ok(meta) => listed(&meta).map(Ok),
        })
    }

    /// What is free for us, in bytes; nothing where the store does not say.
    ///
    /// # Errors
    /// When the file system cannot be asked.
    pub async fn free_bytes(&self) -> Result<Option<u64>, Error> {
        let Some(dir) = self.dir.clone() else { return Ok(None) };
        blocking(move || Ok(Some(files::free_bytes(&dir)?))).await
    }
}

fn head_of(meta: &ObjectMeta) -> Head {
    let touched_at = Timestamp::from_micros(meta.last_modified.timestamp_micros());
    Head { bytes: meta.size, touched_at }
}

fn listed(meta: &ObjectMeta) -> Option<Listed> {
    let path = meta.location.as_ref();
    if let Some(hash) = at_location(path) {
        return Some(Listed::Bytes { hash, head: head_of(meta) });
    }
    let ours = [local::STAGING, remote::TOUCHES]
        .iter()
        .any(|own| path.strip_prefix(own).is_some_and(|rest| rest.starts_with('/')));
    (!ours).then(|| Listed::Stranger { path: path.to_owned(), bytes: meta.size })
}
