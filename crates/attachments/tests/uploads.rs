//! Uploads go on where they were, and every refusal says where that is.

mod support;

use std::time::Duration;

use attachments::store::Erase;
use attachments::uploads::{Algorithm, Appended, Checksum, Error, Expired, Limits, Status};
use attachments::uploads::{NewUpload, UploadId};
use bytes::Bytes;
use domain::{Coordinates, Datum};
use sha2::Digest;
use support::{at, body, broken, content, hash, limits, new_upload, open, read};

async fn offset(uploads: &attachments::Uploads, id: UploadId) -> u64 {
    match uploads.status(id).await.expect("known") {
        Status::Open { offset, .. } => offset,
        Status::Finished(stored) => stored.attachment.bytes,
    }
}

#[tokio::test]
async fn an_upload_in_pieces_is_stored_and_described() {
    let dir = tempfile::tempdir().expect("a directory");
    let (store, uploads) = open(dir.path(), limits()).await;
    let bytes = content(1_000_000, 1);
    let id = uploads.create(new_upload(1_000_000)).await.expect("begun");
    let partly = uploads.append(id, 0, None, body(&bytes[..400_000])).await.expect("added");
    assert_eq!(partly, Appended::Partly { offset: 400_000 });
    let unfinished = uploads.finish(id, at(1)).await;
    assert!(matches!(unfinished, Err(Error::NotWhole { offset: 400_000, .. })), "{unfinished:?}");
    let whole = uploads.append(id, 400_000, None, body(&bytes[400_000..])).await.expect("added");
    assert_eq!(whole, Appended::Whole { offset: 1_000_000 });
    let stored = uploads.finish(id, at(9)).await.expect("stored");
    assert_eq!(stored.attachment.hash, hash(&bytes));
    assert_eq!(stored.attachment.bytes, 1_000_000);
    assert_eq!(stored.attachment.media_type, "application/octet-stream");
    assert_eq!(stored.name, "冲床.bin");
    assert_eq!((stored.upload.begun_at, stored.upload.finished_at), (at(0), at(9)));
    assert!(read(&store, hash(&bytes)).await == bytes);
    // Asked again, later and after a restart: the same.
    assert_eq!(uploads.finish(id, at(50)).await.expect("stored"), stored);
    drop(uploads);
    let (_, uploads) = open(dir.path(), limits()).await;
    assert_eq!(uploads.finish(id, at(99)).await.expect("stored"), stored);
    assert_eq!(
        uploads.status(id).await.expect("known"),
        Status::Finished(Box::new(stored.clone()))
    );
    assert_eq!(uploads.stored(hash(&bytes)).await.expect("asked"), Some(stored));
    assert_eq!(uploads.open_count(), 0);
}

#[tokio::test]
async fn what_arrived_before_the_line_broke_counts() {
    let dir = tempfile::tempdir().expect("a directory");
    let (_, uploads) = open(dir.path(), limits()).await;
    let bytes = content(100_000, 2);
    let id = uploads.create(new_upload(100_000)).await.expect("begun");
    let cut = uploads.append(id, 0, None, broken(&bytes[..30_000])).await;
    assert!(matches!(cut, Err(Error::LineBroke { offset: 30_000, .. })), "{cut:?}");
    assert_eq!(offset(&uploads, id).await, 30_000);
    for wrong in [0, 29_999, 30_001, u64::MAX] {
        let refused = uploads.append(id, wrong, None, body(&bytes)).await;
        assert!(matches!(refused, Err(Error::OffsetMismatch { offset: 30_000, .. })), "{wrong}");
    }
    uploads.append(id, 30_000, None, body(&bytes[30_000..])).await.expect("added");
    let stored = uploads.finish(id, at(1)).await.expect("stored");
    assert_eq!(stored.attachment.hash, hash(&bytes));
}

#[tokio::test]
async fn what_arrived_counts_when_the_request_is_dropped() {
    let dir = tempfile::tempdir().expect("a directory");
    let (_, uploads) = open(dir.path(), limits()).await;
    let bytes = content(100_000, 3);
    let id = uploads.create(new_upload(100_000)).await.expect("begun");
    let (line, request) = support::line();
    let taking = uploads.clone();
    let appending = tokio::spawn(async move { taking.append(id, 0, None, request).await });
    for chunk in bytes[..50_000].chunks(10_000) {
        line.send(Ok(Bytes::copy_from_slice(chunk))).await.expect("taken");
    }
    // There is room for this one once all before were taken.
    line.send(Ok(Bytes::new())).await.expect("taken");
    appending.abort();
    assert!(appending.await.expect_err("dropped").is_cancelled());
    // The next request waits until what arrived was settled; it tells where that is.
    let error = uploads.append(id, u64::MAX, None, body(b"")).await.expect_err("no such offset");
    let Error::OffsetMismatch { offset, .. } = error else { panic!("{error:?}") };
    assert_eq!(offset, 50_000);
    uploads.append(id, offset, None, body(&bytes[offset as usize..])).await.expect("added");
    let stored = uploads.finish(id, at(1)).await.expect("stored");
    assert_eq!(stored.attachment.hash, hash(&bytes));
}

#[tokio::test]
async fn a_chunk_counts_only_with_its_checksum() {
    let dir = tempfile::tempdir().expect("a directory");
    let (_, uploads) = open(dir.path(), limits()).await;
    let bytes = content(60_000, 4);
    let id = uploads.create(new_upload(60_000)).await.expect("begun");
    let sha1 = |bytes: &[u8]| Checksum {
        algorithm: Algorithm::Sha1,
        digest: sha1::Sha1::digest(bytes).to_vec(),
    };
    let sha256 = |bytes: &[u8]| Checksum {
        algorithm: Algorithm::Sha256,
        digest: sha2::Sha256::digest(bytes).to_vec(),
    };
    uploads.append(id, 0, Some(sha1(&bytes[..20_000])), body(&bytes[..20_000])).await.expect("ok");
    for wrong in [sha1(b"other"), sha256(b"other"), Checksum { digest: vec![], ..sha1(b"") }] {
        let refused = uploads.append(id, 20_000, Some(wrong), body(&bytes[20_000..])).await;
        assert!(
            matches!(refused, Err(Error::ChecksumMismatch { offset: 20_000, .. })),
            "{refused:?}"
        );
        assert_eq!(offset(&uploads, id).await, 20_000);
    }
    // A line that breaks leaves nothing that could have been checked.
    let all = sha256(&bytes[20_000..]);
    let cut = uploads.append(id, 20_000, Some(all.clone()), broken(&bytes[20_000..50_000])).await;
    assert!(matches!(cut, Err(Error::LineBroke { offset: 20_000, .. })), "{cut:?}");
    uploads.append(id, 20_000, Some(all), body(&bytes[20_000..])).await.expect("ok");
    let stored = uploads.finish(id, at(1)).await.expect("stored");
    assert_eq!(stored.attachment.hash, hash(&bytes));
}

#[tokio::test]
async fn lengths_that_lie_are_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let small = Limits { file_bytes_max: 50_000, ..limits() };
    let (_, uploads) = open(dir.path(), small).await;
    let too_large = uploads.create(new_upload(50_001)).await;
    assert!(matches!(too_large, Err(Error::TooLarge { bytes_max: 50_000 })));
    // More than announced: what was announced is there, and whole.
    let bytes = content(30_000, 5);
    let id = uploads.create(new_upload(20_000)).await.expect("begun");
    let longer = uploads.append(id, 0, None, body(&bytes)).await;
    let Err(Error::LongerThanDeclared { length: 20_000, offset: 20_000 }) = longer else {
        panic!("{longer:?}")
    };
    // No length at all: bounded all the same.
    let id = uploads.create(new_upload(None)).await.expect("begun");
    let longer = uploads.append(id, 0, None, body(&content(60_000, 6))).await;
    assert!(matches!(longer, Err(Error::TooLarge { bytes_max: 50_000 })), "{longer:?}");
    let open_ended = uploads.finish(id, at(1)).await;
    assert!(matches!(open_ended, Err(Error::NotWhole { length: None, .. })), "{open_ended:?}");
    let conflict = uploads.declare_length(id, 10).await;
    assert!(matches!(conflict, Err(Error::LengthConflict { .. })), "{conflict:?}");
    uploads.declare_length(id, 50_000).await.expect("fits");
    uploads.declare_length(id, 50_000).await.expect("the same again");
    assert!(uploads.declare_length(id, 49_999).await.is_err());
    let stored = uploads.finish(id, at(1)).await.expect("stored");
    assert_eq!(stored.attachment.bytes, 50_000);
}

#[tokio::test]
async fn a_second_request_takes_over_from_one_whose_line_is_dead() {
    let dir = tempfile::tempdir().expect("a directory");
    let (_, uploads) = open(dir.path(), limits()).await;
    let bytes = content(100_000, 7);
    let id = uploads.create(new_upload(100_000)).await.expect("begun");
    let (line, request) = support::line();
    let taking = uploads.clone();
    let dead = tokio::spawn(async move { taking.append(id, 0, None, request).await });
    line.send(Ok(Bytes::copy_from_slice(&bytes[..10_000]))).await.expect("taken");
    line.send(Ok(Bytes::new())).await.expect("taken");
    // The client comes back and asks to go on from where it does not know yet.
    let error = uploads.append(id, u64::MAX, None, body(b"")).await.expect_err("no such offset");
    assert!(matches!(error, Error::OffsetMismatch { offset: 10_000, .. }), "{error:?}");
    let taken_over = dead.await.expect("ended");
    assert!(matches!(taken_over, Err(Error::TakenOver { offset: 10_000 })), "{taken_over:?}");
    uploads.append(id, 10_000, None, body(&bytes[10_000..])).await.expect("added");
    let stored = uploads.finish(id, at(1)).await.expect("stored");
    assert_eq!(stored.attachment.hash, hash(&bytes));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_of_one_upload_never_interleave() {
    let dir = tempfile::tempdir().expect("a directory");
    let (_, uploads) = open(dir.path(), limits()).await;
    let bytes = content(300_000, 8);
    let id = uploads.create(new_upload(300_000)).await.expect("begun");
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (uploads, bytes) = (uploads.clone(), bytes.clone());
        writers.spawn(async move {
            let mut offset = 0;
            // Each failure says where to go on; each round but the last moves or loses to another.
            for _ in 0..10_000 {
                let rest = body(&bytes[offset as usize..]);
                match uploads.append(id, offset, None, rest).await {
                    Ok(_) => return,
                    Err(
                        Error::OffsetMismatch { offset: at, .. } | Error::TakenOver { offset: at },
                    ) => {
                        offset = at;
                        tokio::task::yield_now().await;
                    }
                    Err(error) => panic!("{error:?}"),
                }
            }
            panic!("nobody gets on");
        });
    }
    while let Some(done) = writers.join_next().await {
        done.expect("no writer failed");
    }
    let stored = uploads.finish(id, at(1)).await.expect("stored");
    assert_eq!(stored.attachment.hash, hash(&bytes));
}

#[tokio::test]
async fn uploads_whose_time_is_over_go_and_bytes_in_the_store_stay() {
    let dir = tempfile::tempdir().expect("a directory");
    let (store, uploads) = open(dir.path(), limits()).await;
    let open_one = uploads.create(new_upload(10)).await.expect("begun");
    uploads.append(open_one, 0, None, body(b"12345")).await.expect("added");
    let finished = uploads.create(new_upload(5)).await.expect("begun");
    uploads.append(finished, 0, None, body(b"whole")).await.expect("added");
    uploads.finish(finished, at(1)).await.expect("stored");
    let later = NewUpload { expires_at: at(7200), ..new_upload(1) };
    let later = uploads.create(later).await.expect("begun");
    assert_eq!(uploads.expire(at(3599)).await.expect("asked"), Expired::default());
    let expired = uploads.expire(at(3600)).await.expect("removed");
    assert_eq!(expired, Expired { unfinished: 1, bytes: 5, finished: 1 });
    for id in [open_one, finished] {
        assert!(matches!(uploads.status(id).await, Err(Error::NotFound { .. })));
        assert!(matches!(
            uploads.append(id, 0, None, body(b"")).await,
            Err(Error::NotFound { .. })
        ));
    }
    assert_eq!(offset(&uploads, later).await, 0);
    uploads.terminate(later).await.expect("given up");
    assert!(matches!(uploads.terminate(later).await, Err(Error::NotFound { .. })));
    assert!(read(&store, hash(b"whole")).await == b"whole");
    let left = support::files(&dir.path().join("uploads"));
    assert_eq!(left.len(), 1, "the receipt: {left:?}");
}

#[tokio::test]
async fn erased_bytes_are_not_vouched_for() {
    let dir = tempfile::tempdir().expect("a directory");
    let (store, uploads) = open(dir.path(), limits()).await;
    let id = uploads.create(new_upload(4)).await.expect("begun");
    uploads.append(id, 0, None, body(b"gone")).await.expect("added");
    uploads.finish(id, at(1)).await.expect("stored");
    store.erase(hash(b"gone"), Erase::Always).await.expect("erased");
    uploads.forget(hash(b"gone")).await.expect("forgotten");
    assert!(matches!(uploads.finish(id, at(2)).await, Err(Error::Erased { .. })));
    assert!(matches!(uploads.status(id).await, Err(Error::Erased { .. })));
    assert_eq!(uploads.stored(hash(b"gone")).await.expect("asked"), None);
}

#[tokio::test]
async fn clients_and_the_disk_have_bounds() {
    let dir = tempfile::tempdir().expect("a directory");
    let few = Limits { open_max: 3, open_per_client_max: 2, ..limits() };
    let (_, uploads) = open(dir.path(), few).await;
    let other = NewUpload { client: "other".into(), ..new_upload(1) };
    let first = uploads.create(new_upload(1)).await.expect("one");
    uploads.create(new_upload(1)).await.expect("two");
    assert!(matches!(uploads.create(new_upload(1)).await, Err(Error::TooManyOfClient { .. })));
    uploads.create(other.clone()).await.expect("of another");
    assert!(matches!(uploads.create(other).await, Err(Error::TooMany { .. })));
    uploads.terminate(first).await.expect("given up");
    uploads.create(new_upload(1)).await.expect("there is room again");
    let long = NewUpload { by: "x".repeat(257), ..new_upload(1) };
    assert!(matches!(uploads.create(long).await, Err(Error::TooLong { field: "by", .. })));

    let dir = tempfile::tempdir().expect("a directory");
    let free = rustix::fs::statvfs(dir.path()).expect("asked");
    let half = free.f_bavail * free.f_frsize / 2;
    let careful = Limits { disk_reserve_bytes: half, file_bytes_max: u64::MAX, ..limits() };
    let (_, uploads) = open(dir.path(), careful).await;
    let third = half / 3 * 2;
    let first = uploads.create(new_upload(third)).await.expect("there is room");
    // The first has not come yet, and still has its room.
    assert!(matches!(uploads.create(new_upload(third)).await, Err(Error::NoRoom)));
    uploads.terminate(first).await.expect("given up");
    uploads.create(new_upload(third)).await.expect("there is room again");
}

#[tokio::test]
async fn a_file_in_one_piece_takes_the_same_way() {
    let dir = tempfile::tempdir().expect("a directory");
    let (store, uploads) = open(dir.path(), limits()).await;
    let bytes = content(700_000, 9);
    for length in [None, Some(700_000)] {
        let stored = uploads.put_stream(new_upload(length), || at(2), body(&bytes)).await;
        assert_eq!(stored.expect("stored").attachment.hash, hash(&bytes));
    }
    let short = uploads.put_stream(new_upload(700_001), || at(2), body(&bytes)).await;
    assert!(matches!(short, Err(Error::NotWhole { offset: 700_000, .. })), "{short:?}");
    let cut = uploads.put_stream(new_upload(700_000), || at(2), broken(&bytes[..9])).await;
    assert!(matches!(cut, Err(Error::LineBroke { .. })), "{cut:?}");
    assert!(read(&store, hash(&bytes)).await == bytes);
    // What they leave is taken away behind them.
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while uploads.open_count() > 0 || support::files(&dir.path().join("uploads")).len() > 1 {
        assert!(tokio::time::Instant::now() < deadline, "something stays");
        tokio::task::yield_now().await;
    }
    let empty = uploads.put_stream(new_upload(0), || at(2), body(b"")).await.expect("stored");
    assert_eq!(empty.attachment.bytes, 0);
}

#[tokio::test]
async fn the_newest_upload_of_the_same_bytes_is_told_of() {
    let dir = tempfile::tempdir().expect("a directory");
    let (_, uploads) = open(dir.path(), limits()).await;
    for (by, now) in [("first", 10), ("newest", 30), ("late", 20)] {
        let new = NewUpload { by: by.into(), ..new_upload(4) };
        uploads.put_stream(new, || at(now), body(b"same")).await.expect("stored");
    }
    let told = uploads.stored(hash(b"same")).await.expect("asked").expect("is there");
    assert_eq!(told.upload.by, "newest");
}

#[tokio::test]
async fn a_photo_tells_its_size_and_what_its_camera_claims() {
    let dir = tempfile::tempdir().expect("a directory");
    let (_, uploads) = open(dir.path(), limits()).await;
    let photo = support::photo::jpeg(64, 48, support::photo::exif(6));
    let new = NewUpload { name: "../IMG_0001.exe".into(), ..new_upload(None) };
    let stored = uploads.put_stream(new, || at(1), body(&photo)).await.expect("stored");
    assert_eq!(stored.attachment.media_type, "image/jpeg");
    assert_eq!(stored.name, "IMG_0001.exe");
    assert_eq!((stored.media.width, stored.media.height), (Some(64), Some(48)));
    let taken = "2026-03-01T08:30:05.25+08:00".parse().expect("a moment");
    assert_eq!(stored.claims.taken_at, Some(taken));
    let there = Coordinates::new(31.2304, 121.4737, Datum::Wgs84).expect("on the earth");
    assert!(stored.claims.position.expect("claimed").distance_m(there) < 1.0);
}

#[tokio::test]
async fn damaged_files_beside_an_upload_are_told_and_nothing_panics() {
    let dir = tempfile::tempdir().expect("a directory");
    let (_, uploads) = open(dir.path(), limits()).await;
    let of = |id: UploadId| dir.path().join("uploads").join(id.to_string());
    let [short, offsets, info] = [1, 2, 3].map(|_| uploads.create(new_upload(10)));
    let (short, offsets, info) =
        (short.await.expect("1"), offsets.await.expect("2"), info.await.expect("3"));
    uploads.append(short, 0, None, body(b"12345")).await.expect("added");
    std::fs::write(of(short).join("part"), "123").expect("cut");
    std::fs::write(of(offsets).join("offset"), "nonsense").expect("damaged");
    std::fs::write(of(info).join("info.json"), "{").expect("damaged");
    drop(uploads);
    let (_, uploads) = open(dir.path(), limits()).await;
    let damaged = uploads.append(short, 5, None, body(b"67890")).await;
    assert!(matches!(damaged, Err(Error::Damaged { .. })), "{damaged:?}");
    let damaged = uploads.append(offsets, 0, None, body(b"1234567890")).await;
    assert!(matches!(damaged, Err(Error::Damaged { .. })), "{damaged:?}");
    assert!(matches!(uploads.status(info).await, Err(Error::NotFound { .. })));
    uploads.expire(at(9999)).await.expect("removes what it can read");
    assert!(!of(short).exists() && !of(offsets).exists());
}
