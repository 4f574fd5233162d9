//! What the tests share.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

pub mod photo;

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

use attachments::steps::{Pass, Steps};
use attachments::uploads::{Limits, NewUpload};
use attachments::{Store, Uploads};
use bytes::Bytes;
use domain::{ContentHash, Timestamp};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use jiff::tz::TimeZone;

/// Limits that leave the machine's disk out of it.
pub fn limits() -> Limits {
    Limits { disk_reserve_bytes: 0, ..Limits::default() }
}

/// A store and its uploads, in one directory.
pub async fn open(dir: &Path, limits: Limits) -> (Store, Uploads) {
    open_with_steps(dir, limits, Arc::new(Pass)).await
}

pub async fn open_with_steps(
    dir: &Path,
    limits: Limits,
    steps: Arc<dyn Steps>,
) -> (Store, Uploads) {
    let store = Store::local_with_steps(dir.join("bytes"), Arc::clone(&steps)).await;
    let store = store.expect("the store opens");
    let uploads = dir.join("uploads");
    let zone = TimeZone::UTC;
    let uploads = Uploads::open_with_steps(uploads, store.clone(), limits, zone, steps).await;
    (store, uploads.expect("the uploads open"))
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

/// An upload by one client that begins at zero and has an hour.
pub fn new_upload(length: impl Into<Option<u64>>) -> NewUpload {
    NewUpload {
        length: length.into(),
        name: "冲床.bin".into(),
        by: "customer:1".into(),
        via: "test".into(),
        client: "client".into(),
        begun_at: at(0),
        expires_at: at(3600),
    }
}

/// Bytes that look like no format and never repeat.
pub fn content(bytes: usize, seed: u8) -> Vec<u8> {
    let mut content = vec![0; bytes];
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[seed]);
    hasher.finalize_xof().fill(&mut content);
    content
}

pub fn hash(bytes: &[u8]) -> ContentHash {
    ContentHash(*blake3::hash(bytes).as_bytes())
}

/// Bytes as a request brings them.
pub fn body(bytes: &[u8]) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
    let chunks: Vec<_> =
        bytes.chunks(10_000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    stream::iter(chunks)
}

/// Bytes after which the line breaks.
pub fn broken(bytes: &[u8]) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + use<> {
    let broken = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    body(bytes)
        .map(|chunk| Ok(chunk.unwrap_or_default()))
        .chain(stream::once(async move { Err(broken()) }))
}

pub async fn read(store: &Store, hash: ContentHash) -> Vec<u8> {
    let chunks = store.read(hash, None).await.expect("is there");
    let chunks: Vec<_> = chunks.try_collect().await.expect("reads");
    chunks.concat()
}

/// All files below a directory.
pub fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten() {
        let path = entry.expect("reads").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// A line over which bytes are sent one by one, and which stays open.
pub fn line() -> (
    tokio::sync::mpsc::Sender<Result<Bytes, Infallible>>,
    impl Stream<Item = Result<Bytes, Infallible>> + Send,
) {
    let (line, mut request) = tokio::sync::mpsc::channel(1);
    (line, stream::poll_fn(move |context| request.poll_recv(context)))
}
