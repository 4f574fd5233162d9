//! A store of objects elsewhere, such as S3.
//!
//! An object appears whole or not at all when its last part was taken. Objects cannot be given
//! another date, so touches are small objects of their own.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use domain::{ContentHash, Timestamp};
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart};

use super::{Error, Put, failed, head_of};
use crate::files::{At, FileError, blocking, remove_if_there};
use crate::hash::location;

/// Where touches lie.
pub(super) const TOUCHES: &str = "touched";

/// The size of a part; S3 takes no smaller one (5 MiB) and no more than 10,000 of them.
const PART_BYTES: usize = 8 * 1024 * 1024;
/// So many parts are under way at once, and so in memory.
const PARTS_AT_ONCE: usize = 2;

fn touch_location(hash: ContentHash) -> object_store::path::Path {
    format!("{TOUCHES}/{}", location(hash)).into()
}

/// What lies there with the right size is trusted: such stores check what they keep (S3 has
/// checksums), and sending it again would cost as much as sending it first.
pub(super) async fn put(
    objects: &Arc<dyn ObjectStore>,
    staged: PathBuf,
    hash: ContentHash,
    bytes: u64,
) -> Result<Put, Error> {
    let place = location(hash).into();
    let there = match objects.head(&place).await {
        Ok(meta) => Some(meta.size),
        Err(object_store::Error::NotFound { .. }) => None,
        Err(error) => return Err(failed("look for bytes")(error)),
    };
    let how = match there {
        Some(there) if there == bytes => {
            touch(objects, hash).await?;
            Put::Known
        }
        there => {
            send(&**objects, &staged, hash, bytes).await?;
            let stored = objects.head(&place).await.map_err(failed("look for what was put"))?;
            if stored.size != bytes {
                return Err(Error::WrongSize { expected: bytes, found: stored.size });
            }
            if there.is_some() { Put::Mended } else { Put::New }
        }
    };
    blocking(move || -> Result<_, Error> { Ok(remove_if_there(&staged)?) }).await?;
    Ok(how)
}

async fn send(
    objects: &dyn ObjectStore,
    staged: &Path,
    hash: ContentHash,
    bytes: u64,
) -> Result<(), Error> {
    let place = &location(hash).into();
    let path = staged.to_owned();
    let file = blocking(move || match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::NotThere { hash }),
        opened => Ok(opened.at("open", &path)?),
    });
    let (mut file, first) = next_part(file.await?, staged).await?;
    // One that fits needs no parts, and an empty one can have none.
    if bytes <= first.len() as u64 {
        check(bytes, first.len() as u64)?;
        objects.put(place, PutPayload::from(first)).await.map_err(failed("put bytes"))?;
        return Ok(());
    }
    let parts = objects.put_multipart(place).await.map_err(failed("begin to put bytes"))?;
    let mut parts = WriteMultipart::new_with_chunk_size(parts, PART_BYTES);
    let mut sent = 0;
    let mut part = first;
    while !part.is_empty() {
        sent += part.len() as u64;
        parts.put(part);
        if let Err(error) = parts.wait_for_capacity(PARTS_AT_ONCE).await {
            abort(parts).await;
            return Err(failed("put a part of the bytes")(error));
        }
        (file, part) = match next_part(file, staged).await {
            Ok(next) => next,
            Err(error) => {
                abort(parts).await;
                return Err(error);
            }
        };
    }
    if let Err(error) = check(bytes, sent) {
        abort(parts).await;
        return Err(error);
    }
    parts.finish().await.map_err(failed("put the last part of the bytes"))?;
    Ok(())
}

/// Parts that were sent in vain cost money until they are taken back.
async fn abort(parts: WriteMultipart) {
    if let Err(error) = parts.abort().await {
        tracing::warn!(%error, "parts of an attachment stay in the store, unused");
    }
}

fn check(expected: u64, found: u64) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::WrongSize { expected, found }) }
}

async fn next_part(mut file: File, path: &Path) -> Result<(File, Bytes), Error> {
    let path = path.to_owned();
    blocking(move || {
        let mut part = Vec::with_capacity(PART_BYTES);
        let read = Read::by_ref(&mut file).take(PART_BYTES as u64).read_to_end(&mut part);
        let read: Result<_, FileError> = read.at("read", &path);
        read?;
        Ok((file, part.into()))
    })
    .await
}

pub(super) async fn touch(objects: &Arc<dyn ObjectStore>, hash: ContentHash) -> Result<(), Error> {
    let put = objects.put(&touch_location(hash), PutPayload::default()).await;
    put.map(drop).map_err(failed("touch bytes"))
}

pub(super) async fn touched_at(
    objects: &Arc<dyn ObjectStore>,
    hash: ContentHash,
) -> Result<Option<Timestamp>, Error> {
    match objects.head(&touch_location(hash)).await {
        Ok(meta) => Ok(Some(head_of(&meta).touched_at)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(failed("look for a touch")(error)),
    }
}

pub(super) async fn erase(objects: &Arc<dyn ObjectStore>, hash: ContentHash) -> Result<(), Error> {
    // The touch first: one without bytes would never be found again.
    for place in [touch_location(hash), location(hash).into()] {
        match objects.delete(&place).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(failed("erase bytes")(error)),
        }
    }
    Ok(())
}
