//! Reading bytes: a range in chunks, or all of them against their hash.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use domain::ContentHash;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::{
    GetOptions, GetRange, GetResult, GetResultPayload, ObjectStore, ObjectStoreExt,
};

use super::{Chunks, Error, Verified, failed};
use crate::files::{At, blocking};
use crate::hash::location;

/// No chunk is larger, in bytes. Smaller ones cost a change of threads more often.
pub const CHUNK_BYTES_MAX: usize = 256 * 1024;

async fn get(
    objects: &dyn ObjectStore,
    hash: ContentHash,
    range: Option<Range<u64>>,
) -> Result<GetResult, Error> {
    let range = range.map(GetRange::Bounded);
    let options = GetOptions { range, ..GetOptions::default() };
    objects.get_opts(&location(hash).into(), options).await.map_err(|error| match error {
        object_store::Error::NotFound { .. } => Error::NotThere { hash },
        error => failed("read bytes")(error),
    })
}

pub(super) async fn read(
    objects: &dyn ObjectStore,
    hash: ContentHash,
    range: Option<Range<u64>>,
) -> Result<Chunks, Error> {
    // The size first: stores differ in what they do with a range that is too long or empty.
    let whole = match objects.head(&location(hash).into()).await {
        Ok(meta) => meta.size,
        Err(object_store::Error::NotFound { .. }) => return Err(Error::NotThere { hash }),
        Err(error) => return Err(failed("look for bytes")(error)),
    };
    let range = range.unwrap_or(0..whole);
    if range.end > whole || range.start > range.end {
        return Err(Error::OutOfRange { range, bytes: whole });
    }
    if range.is_empty() {
        return Ok(stream::empty().boxed());
    }
    let found = get(objects, hash, Some(range.clone())).await?;
    let chunks = match found.payload {
        GetResultPayload::File(file, path) => of_file(file, path, range.clone()),
        GetResultPayload::Stream(stream) => {
            let stream = stream.map_err(failed("read bytes"));
            stream.map_ok(|bytes| stream::iter(small(bytes)).map(Ok)).try_flatten().boxed()
        }
    };
    Ok(counted(chunks, range.end - range.start))
}

/// Chunks of the size that is promised, whatever a store hands over.
fn small(mut bytes: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || {
        let next = bytes.len().min(CHUNK_BYTES_MAX);
        (next > 0).then(|| bytes.split_to(next))
    })
}

/// Ends with an error where fewer or more bytes come than are expected.
fn counted(chunks: Chunks, expected: u64) -> Chunks {
    stream::try_unfold((chunks, 0), move |(mut chunks, found)| async move {
        match chunks.try_next().await? {
            None if found == expected => Ok(None),
            Some(chunk) if found + chunk.len() as u64 <= expected => {
                let found = found + chunk.len() as u64;
                Ok(Some((chunk, (chunks, found))))
            }
            _ => Err(Error::WrongSize { expected, found }),
        }
    })
    .boxed()
}

fn of_file(file: File, path: PathBuf, range: Range<u64>) -> Chunks {
    stream::try_unfold((file, path, range), |(mut file, path, mut range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        blocking(move || {
            let wanted = (range.end - range.start).min(CHUNK_BYTES_MAX as u64);
            let mut chunk = Vec::with_capacity(CHUNK_BYTES_MAX);
            file.seek(SeekFrom::Start(range.start))
                .and_then(|_| Read::by_ref(&mut file).take(wanted).read_to_end(&mut chunk))
                .at("read", &path)?;
            range.start += chunk.len() as u64;
            // Somebody made the file shorter; `counted` says so.
            let end = chunk.is_empty();
            Ok((!end).then(|| (Bytes::from(chunk), (file, path, range))))
        })
        .await
    })
    .boxed()
}

pub(super) async fn verify(
    objects: &dyn ObjectStore,
    hash: ContentHash,
) -> Result<Verified, Error> {
    let found = match get(objects, hash, None).await {
        Err(Error::NotThere { .. }) => return Ok(Verified::Missing),
        found => found?,
    };
    let (found, bytes) = match found.payload {
        GetResultPayload::File(file, path) => {
            blocking(move || -> Result<_, Error> { hash_file(file, &path) }).await?
        }
        GetResultPayload::Stream(mut stream) => {
            let mut hasher = blake3::Hasher::new();
            while let Some(chunk) = stream.try_next().await.map_err(failed("read bytes"))? {
                hasher.update(&chunk);
            }
            (ContentHash(*hasher.finalize().as_bytes()), hasher.count())
        }
    };
    let intact = found == hash;
    Ok(if intact { Verified::Intact { bytes } } else { Verified::Damaged { found, bytes } })
}

fn hash_file(file: File, path: &Path) -> Result<(ContentHash, u64), Error> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file).at("read", path)?;
    Ok((ContentHash(*hasher.finalize().as_bytes()), hasher.count()))
}
