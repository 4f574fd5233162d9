//! Bytes lie under their hash once `put` answers, and until somebody erases them. The same holds
//! for a directory and for any other store.

mod support;

use std::path::Path;
use std::sync::Arc;

use attachments::Store;
use attachments::store::{CHUNK_BYTES_MAX, Erase, Erased, Error, Listed, Put, Verified};
use domain::{ContentHash, Timestamp};
use futures_util::TryStreamExt;
use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use support::{content, hash, read};

fn staged(dir: &Path, bytes: &[u8]) -> std::path::PathBuf {
    let path = dir.join("staged");
    std::fs::write(&path, bytes).expect("written");
    path
}

async fn put(store: &Store, dir: &Path, bytes: &[u8]) -> ContentHash {
    let hash = hash(bytes);
    let path = staged(dir, bytes);
    store.put(&path, hash, bytes.len() as u64).await.expect("stored");
    assert!(!path.exists(), "the staged file is taken");
    hash
}

/// Runs a test on both kinds of stores.
async fn on_both(test: impl AsyncFn(Store, &Path)) {
    let dir = tempfile::tempdir().expect("a directory");
    let local = Store::local(dir.path().join("store")).await.expect("opens");
    test(local, dir.path()).await;
    test(Store::remote(Arc::new(InMemory::new())), dir.path()).await;
}

#[tokio::test]
async fn what_was_put_is_read_back_whole_and_in_ranges() {
    on_both(async |store, dir| {
        for length in [0, 1, CHUNK_BYTES_MAX, CHUNK_BYTES_MAX + 1, 20 << 20] {
            let bytes = content(length, 1);
            let hash = put(&store, dir, &bytes).await;
            assert!(read(&store, hash).await == bytes, "{length} bytes");
            let head = store.head(hash).await.expect("asked").expect("is there");
            assert_eq!(head.bytes, length as u64);
            let intact = Verified::Intact { bytes: length as u64 };
            assert_eq!(store.verify(hash).await.expect("verified"), intact);
        }
        let bytes = content(1_000_000, 2);
        let hash = put(&store, dir, &bytes).await;
        for range in [0..1, 999_999..1_000_000, 300_000..900_000, 7..7] {
            let chunks = store.read(hash, Some(range.clone())).await.expect("reads");
            let chunks: Vec<_> = chunks.try_collect().await.expect("reads");
            assert!(chunks.iter().all(|chunk| chunk.len() <= CHUNK_BYTES_MAX));
            let (start, end) = (range.start as usize, range.end as usize);
            assert!(chunks.concat() == bytes[start..end], "{range:?}");
        }
        let beyond = store.read(hash, Some(1..1_000_001)).await.err();
        assert!(matches!(beyond, Some(Error::OutOfRange { bytes: 1_000_000, .. })), "{beyond:?}");
    })
    .await;
}

#[tokio::test]
async fn the_same_bytes_are_stored_once() {
    on_both(async |store, dir| {
        let bytes = content(5000, 3);
        let hash = hash(&bytes);
        for expected in [Put::New, Put::Known, Put::Known] {
            let path = staged(dir, &bytes);
            assert_eq!(store.put(&path, hash, 5000).await.expect("stored"), expected);
            assert!(!path.exists());
        }
        let listed: Vec<_> = store.list().try_collect().await.expect("listed");
        assert_eq!(listed.len(), 1, "{listed:?}");
    })
    .await;
}

#[tokio::test]
async fn a_file_that_was_taken_before_is_not_missed() {
    on_both(async |store, dir| {
        let hash = put(&store, dir, b"four").await;
        let taken = dir.join("staged");
        assert_eq!(store.put(&taken, hash, 4).await.expect("is there"), Put::Known);
        store.erase(hash, Erase::Always).await.expect("erased");
        let gone = store.put(&taken, hash, 4).await;
        assert!(matches!(gone, Err(Error::NotThere { .. })), "{gone:?}");
    })
    .await;
}

#[tokio::test]
async fn a_file_of_another_size_is_not_taken() {
    on_both(async |store, dir| {
        let bytes = content(5000, 4);
        for announced in [0, 4999, 5001, 100 << 20] {
            let refused = store.put(staged(dir, &bytes), hash(&bytes), announced).await;
            assert!(matches!(refused, Err(Error::WrongSize { .. })), "{announced}: {refused:?}");
            assert_eq!(store.head(hash(&bytes)).await.expect("asked"), None);
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_damaged_or_missing_is_told_and_the_same_bytes_mend_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::local(dir.path().join("store")).await.expect("opens");
    let bytes = content(70_000, 5);
    let hash = put(&store, dir.path(), &bytes).await;
    let file = support::files(&dir.path().join("store")).pop().expect("the one");
    let mut flipped = bytes.clone();
    flipped[69_999] ^= 1;
    std::fs::write(&file, &flipped).expect("damaged");
    let damaged = Verified::Damaged { found: support::hash(&flipped), bytes: 70_000 };
    assert_eq!(store.verify(hash).await.expect("verified"), damaged);
    let again = store.put(staged(dir.path(), &bytes), hash, 70_000).await;
    assert_eq!(again.expect("stored"), Put::Known, "as far as its size says");
    assert!(read(&store, hash).await == bytes);

    std::fs::write(&file, &bytes[..69_000]).expect("cut");
    let mended = store.put(staged(dir.path(), &bytes), hash, 70_000).await;
    assert_eq!(mended.expect("stored"), Put::Mended);
    assert!(read(&store, hash).await == bytes);

    std::fs::remove_file(&file).expect("removed");
    assert_eq!(store.verify(hash).await.expect("verified"), Verified::Missing);
    assert!(matches!(store.read(hash, None).await.err(), Some(Error::NotThere { .. })));
    assert_eq!(store.touch(hash).await.expect("asked"), None);
}

#[tokio::test]
async fn a_file_that_gets_shorter_while_it_is_read_ends_with_an_error() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::local(dir.path().join("store")).await.expect("opens");
    let hash = put(&store, dir.path(), &content(1_000_000, 5)).await;
    let mut chunks = store.read(hash, None).await.expect("reads");
    chunks.try_next().await.expect("the first").expect("the first");
    let file = support::files(&dir.path().join("store")).pop().expect("the one");
    std::fs::File::options().write(true).open(file).and_then(|f| f.set_len(300_000)).expect("cut");
    let rest: Result<Vec<_>, _> = chunks.try_collect().await;
    assert!(matches!(rest, Err(Error::WrongSize { expected: 1_000_000, found: 300_000 })));
}

#[tokio::test]
async fn bytes_that_somebody_touched_are_not_collected() {
    on_both(async |store, dir| {
        let hash = put(&store, dir, b"about to be named").await;
        let before = store.head(hash).await.expect("asked").expect("is there").touched_at;
        let after = Timestamp::from_micros(before.as_micros() + 1);
        let touched = store.touch(hash).await.expect("touched").expect("is there").touched_at;
        assert!(touched > before);
        let kept = store.erase(hash, Erase::UnlessTouchedSince(after)).await.expect("asked");
        assert_eq!(kept, Erased::Touched(touched));
        let later = Timestamp::from_micros(touched.as_micros() + 1);
        let gone = store.erase(hash, Erase::UnlessTouchedSince(later)).await.expect("erased");
        assert_eq!(gone, Erased::Gone { bytes: 17 });
        assert_eq!(store.head(hash).await.expect("asked"), None);
    })
    .await;
}

#[tokio::test]
async fn erasing_leaves_nothing_and_can_be_repeated() {
    on_both(async |store, dir| {
        let hash = put(&store, dir, b"a person's photo").await;
        store.touch(hash).await.expect("touched");
        assert_eq!(
            store.erase(hash, Erase::Always).await.expect("erased"),
            Erased::Gone { bytes: 16 }
        );
        assert_eq!(store.erase(hash, Erase::Always).await.expect("asked"), Erased::NothingThere);
        let left: Vec<_> = store.list().try_collect().await.expect("listed");
        assert_eq!(left, []);
    })
    .await;
}

#[tokio::test]
async fn strangers_are_listed_as_such() {
    let dir = tempfile::tempdir().expect("a directory");
    let root = dir.path().join("store");
    let store = Store::local(&root).await.expect("opens");
    let hash = put(&store, dir.path(), b"ours").await;
    std::fs::write(root.join("note.txt"), "theirs").expect("written");
    std::fs::create_dir_all(root.join("aa/bb")).expect("made");
    // A hash in the wrong place is none of ours either.
    let misplaced = format!("aa/bb/{}", attachments::hash_text(hash));
    std::fs::write(root.join(&misplaced), "ours").expect("written");
    let mut strangers = Vec::new();
    let mut ours = Vec::new();
    let listed: Vec<_> = store.list().try_collect().await.expect("listed");
    for found in listed {
        match found {
            Listed::Bytes { hash, .. } => ours.push(hash),
            Listed::Stranger { path, .. } => strangers.push(path),
        }
    }
    strangers.sort();
    assert_eq!(ours, [hash]);
    assert_eq!(strangers, [misplaced, "note.txt".to_owned()]);
}

#[tokio::test]
async fn an_object_of_another_size_is_replaced_in_a_remote_store_too() {
    let dir = tempfile::tempdir().expect("a directory");
    let objects = Arc::new(InMemory::new());
    let store = Store::remote(Arc::clone(&objects) as _);
    let bytes = content(9_000_000, 6);
    let hash = put(&store, dir.path(), &bytes).await;
    let text = attachments::hash_text(hash);
    let place = format!("{}/{}/{text}", &text[..2], &text[2..4]).into();
    objects.put(&place, "short".into()).await.expect("damaged");
    let mended = store.put(staged(dir.path(), &bytes), hash, 9_000_000).await;
    assert_eq!(mended.expect("stored"), Put::Mended);
    assert!(read(&store, hash).await == bytes);
}
