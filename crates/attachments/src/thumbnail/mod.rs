//! Small images of large ones, made by few threads and kept for the next who asks.
//!
//! What an image claims is checked before a pixel is decoded. A thumbnail carries no metadata: it
//! is made of pixels alone, turned as the camera was held. Thumbnails are derived data; their
//! directory may be deleted at any time.

mod cache;
mod draw;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use domain::ContentHash;
use futures_util::TryStreamExt;
use tokio::sync::Semaphore;

use crate::files::{CutOff, FileError, blocking};
use crate::store::{self, Store};
use cache::Cache;

/// How much thumbnails may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// So many are made at once. Each takes a core, and memory as the next two say.
    pub workers: usize,
    /// So many more may wait.
    pub waiting_max: usize,
    /// An image may have at most so many bytes: a photo of 50 megapixels has 25 million.
    pub source_bytes_max: u64,
    /// An image may have at most so many pixels: those of today's phones, 50 million, and room.
    pub pixels_max: u64,
    /// Decoding may take at most so much memory, in bytes: as many pixels with four bytes each.
    pub decoder_bytes_max: u64,
    /// The sides of a thumbnail are at most so long, in pixels, whatever is asked for.
    pub side_px_max: u32,
    /// The thumbnails that are kept have at most so many bytes.
    pub cache_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            workers: 2,
            waiting_max: 64,
            source_bytes_max: 64 << 20,
            pixels_max: 64_000_000,
            decoder_bytes_max: 256 << 20,
            side_px_max: 1024,
            cache_bytes_max: 256 << 20,
        }
    }
}

/// Why there is no thumbnail.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is of a type that cannot be shown small (415).
    #[error("no thumbnail can be made of {media_type}; show a sign for its kind")]
    Unsupported {
        /// Sniffed from the bytes.
        media_type: &'static str,
    },
    /// It has, or claims to have, more pixels than are decoded (413).
    #[error("an image of {width} by {height} pixels is too large to be shown small")]
    TooManyPixels {
        /// As its header says.
        width: u32,
        /// As its header says.
        height: u32,
    },
    /// The file is too large (413).
    #[error("an image of {bytes} bytes is too large to be shown small")]
    TooManyBytes {
        /// As many it has.
        bytes: u64,
    },
    /// Its pixels cannot be decoded (422).
    #[error("the image is damaged, or takes too much memory")]
    Undecodable(#[source] image::ImageError),
    /// Too many wait (503).
    #[error("too many thumbnails are being made; ask again in a moment")]
    Busy,
    /// The bytes cannot be read (404 where they are not there).
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The cache failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The runtime stops.
    #[error(transparent)]
    CutOff(#[from] CutOff),
}

/// How a thumbnail is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Where nothing can be seen through.
    Jpeg,
    /// Where something can.
    Png,
}

impl Format {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// An image made small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// How it is stored.
    pub format: Format,
    /// A few kilobytes.
    pub bytes: Bytes,
}

/// Makes thumbnails, a few at once. Cheap to clone.
#[derive(Clone)]
pub struct Thumbnails(Arc<Pool>);

struct Pool {
    store: Store,
    limits: Limits,
    cache: Cache,
    admitted: Arc<Semaphore>,
    workers: Arc<Semaphore>,
}

impl Thumbnails {
    /// Makes them of what lies in this store, and keeps them in this directory.
    ///
    /// # Errors
    /// When the directory cannot be made or read.
    pub async fn open(
        dir: impl Into<PathBuf>,
        store: Store,
        limits: Limits,
    ) -> Result<Self, Error> {
        let dir = dir.into();
        let cache =
            blocking(move || -> Result<_, Error> { Ok(Cache::open(dir, limits.cache_bytes_max)?) });
        let workers = limits.workers.max(1);
        Ok(Self(Arc::new(Pool {
            store,
            limits,
            cache: cache.await?,
            admitted: Arc::new(Semaphore::new(workers.saturating_add(limits.waiting_max))),
            workers: Arc::new(Semaphore::new(workers)),
        })))
    }

    /// The image under this hash with sides of at most `side_px` pixels, which is rounded up to a
    /// power of two so that a few sizes serve all who ask. Smaller images stay as they are.
    ///
    /// # Errors
    /// As the variants say.
    pub async fn thumbnail(&self, hash: ContentHash, side_px: u32) -> Result<Thumbnail, Error> {
        let most = self.0.limits.side_px_max.max(1);
        let side_px = side_px.clamp(16.min(most), most).checked_next_power_of_two();
        let side_px = side_px.unwrap_or(most).min(most);
        let admitted = Arc::clone(&self.0.admitted).try_acquire_owned();
        let admitted = admitted.map_err(|_| Error::Busy)?;
        if let Some(known) = self.known(hash, side_px).await? {
            return Ok(known);
        }
        // The pool is never closed, so an error cannot come.
        let worker = Arc::clone(&self.0.workers).acquire_owned().await.map_err(|_| Error::Busy)?;
        // Somebody may have asked for the same while we waited.
        if let Some(known) = self.known(hash, side_px).await? {
            return Ok(known);
        }
        let source = self.source(hash).await?;
        let pool = Arc::clone(&self.0);
        blocking(move || {
            // Who asked may be gone, but the work is still done; it counts until it ends.
            let _at_work = (admitted, worker);
            let thumbnail = draw::draw(&source, side_px, &pool.limits)?;
            if let Err(error) = pool.cache.keep(hash, side_px, &thumbnail) {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "a thumbnail could not be kept; it is made again");
            }
            Ok(thumbnail)
        })
        .await
    }

    async fn known(&self, hash: ContentHash, side_px: u32) -> Result<Option<Thumbnail>, Error> {
        let pool = Arc::clone(&self.0);
        blocking(move || Ok(pool.cache.find(hash, side_px))).await
    }

    async fn source(&self, hash: ContentHash) -> Result<Vec<u8>, Error> {
        let head = self.0.store.head(hash).await?.ok_or(store::Error::NotThere { hash })?;
        if head.bytes > self.0.limits.source_bytes_max {
            return Err(Error::TooManyBytes { bytes: head.bytes });
        }
        let mut source = Vec::with_capacity(usize::try_from(head.bytes).unwrap_or(0));
        let mut chunks = self.0.store.read(hash, Some(0..head.bytes)).await?;
        while let Some(chunk) = chunks.try_next().await? {
            source.extend_from_slice(&chunk);
        }
        Ok(source)
    }
}
