//! A bucket of a real S3 server as the store; `tests/attachments/s3` starts one.
#![cfg(feature = "s3")]

mod support;

use attachments::store::{Erase, Erased, Listed, Put, S3Options, Verified};
use attachments::{Store, Uploads};
use futures_util::TryStreamExt;
use jiff::tz::TimeZone;
use support::{at, body, broken, content, hash, limits, new_upload, read};

const ENDPOINT: &str = "PAIDAN_TEST_S3_ENDPOINT";
const BUCKET: &str = "paidan-test";

fn bucket() -> Option<Store> {
    let Ok(endpoint) = std::env::var(ENDPOINT) else {
        eprintln!("skipped: no S3 server; run tests/attachments/s3");
        return None;
    };
    let options = S3Options {
        endpoint: Some(endpoint),
        region: "us-east-1".into(),
        bucket: BUCKET.into(),
        access_key_id: "test".into(),
        secret_access_key: "test".into(),
    };
    Some(Store::s3(&options).expect("makes sense"))
}

#[tokio::test]
async fn an_upload_ends_in_a_bucket_in_parts_and_is_read_back() {
    let Some(store) = bucket() else { return };
    let dir = tempfile::tempdir().expect("a directory");
    let uploads = Uploads::open(dir.path(), store.clone(), limits(), TimeZone::UTC).await;
    let uploads = uploads.expect("opens");
    // Nothing, less than a part, a part, and several.
    for length in [0, 1000, 8 << 20, 20_000_000] {
        let bytes = content(length, 1);
        let id = uploads.create(new_upload(length as u64)).await.expect("begun");
        if length > 0 {
            uploads.append(id, 0, None, broken(&bytes[..length / 2])).await.expect_err("broken");
            let rest = body(&bytes[length / 2..]);
            uploads.append(id, length as u64 / 2, None, rest).await.expect("added");
        }
        let stored = uploads.finish(id, at(1)).await.expect("stored");
        assert_eq!(stored.attachment.hash, hash(&bytes));
        assert!(read(&store, hash(&bytes)).await == bytes);
        let intact = Verified::Intact { bytes: length as u64 };
        assert_eq!(store.verify(hash(&bytes)).await.expect("verified"), intact);
    }
    let bytes = content(20_000_000, 1);
    let range = store.read(hash(&bytes), Some(9_000_000..9_700_000)).await.expect("reads");
    let range: Vec<_> = range.try_collect().await.expect("reads");
    assert!(range.concat() == bytes[9_000_000..9_700_000]);
    let listed: Vec<_> = store.list().try_collect().await.expect("listed");
    let there = |one: &&Listed| matches!(one, Listed::Bytes { hash: h, .. } if *h == hash(&bytes));
    assert_eq!(listed.iter().filter(there).count(), 1);
}

#[tokio::test]
async fn a_bucket_knows_touches_and_forgets_what_is_erased() {
    let Some(store) = bucket() else { return };
    let dir = tempfile::tempdir().expect("a directory");
    let bytes = content(5000, 2);
    for expected in [Put::New, Put::Known] {
        let staged = dir.path().join("staged");
        std::fs::write(&staged, &bytes).expect("written");
        let put = store.put(staged, hash(&bytes), 5000).await;
        assert_eq!(put.expect("stored"), expected);
    }
    let touched = store.touch(hash(&bytes)).await.expect("touched").expect("is there").touched_at;
    let kept = store.erase(hash(&bytes), Erase::UnlessTouchedSince(touched)).await;
    assert_eq!(kept.expect("asked"), Erased::Touched(touched));
    let gone = store.erase(hash(&bytes), Erase::Always).await.expect("erased");
    assert_eq!(gone, Erased::Gone { bytes: 5000 });
    assert_eq!(store.head(hash(&bytes)).await.expect("asked"), None);
    assert_eq!(store.verify(hash(&bytes)).await.expect("asked"), Verified::Missing);
}
