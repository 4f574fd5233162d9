//! Uploads and stored bytes that a disk changed: the one mends the other, and never the other way
//! round.

mod support;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use attachments::steps::{Step, Steps};
use attachments::store::{Erase, Verified};
use attachments::uploads::{Error, UploadId, Uploads};
use attachments::{Store, hash_text};
use domain::ContentHash;
use support::{at, body, content, hash, limits, new_upload, open, open_with_steps};

const BYTES: usize = 30_000;
const INTACT: Verified = Verified::Intact { bytes: BYTES as u64 };

/// An upload of these bytes that is whole, and not finished.
async fn whole(uploads: &Uploads, bytes: &[u8]) -> UploadId {
    let id = uploads.create(new_upload(bytes.len() as u64)).await.expect("begun");
    uploads.append(id, 0, None, body(bytes)).await.expect("added");
    id
}

fn place(dir: &Path, hash: ContentHash) -> PathBuf {
    let text = hash_text(hash);
    dir.join("bytes").join(&text[..2]).join(&text[2..4]).join(text)
}

fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).expect("reads");
    bytes[7] ^= 1;
    std::fs::write(path, bytes).expect("written");
}

async fn verify(store: &Store, hash: ContentHash) -> Verified {
    store.verify(hash).await.expect("verified")
}

/// An upload of these bytes whose result is written down, and which the store could not take yet.
async fn stuck(dir: &Path, uploads: &Uploads, bytes: &[u8]) -> UploadId {
    let id = whole(uploads, bytes).await;
    let in_the_way = place(dir, hash(bytes));
    let in_the_way = in_the_way.parent().and_then(Path::parent).expect("lies in two directories");
    std::fs::write(in_the_way, "").expect("written");
    let failed = uploads.finish(id, at(1)).await;
    assert!(matches!(failed, Err(Error::Store(_))), "{failed:?}");
    std::fs::remove_file(in_the_way).expect("removed");
    id
}

#[tokio::test]
async fn the_same_bytes_uploaded_again_mend_what_a_disk_changed() {
    let dir = tempfile::tempdir().expect("a directory");
    let (store, uploads) = open(dir.path(), limits()).await;
    let bytes = content(BYTES, 1);
    let hash = hash(&bytes);
    let first = whole(&uploads, &bytes).await;
    uploads.finish(first, at(1)).await.expect("stored");
    flip(&place(dir.path(), hash));
    assert!(matches!(verify(&store, hash).await, Verified::Damaged { .. }));
    let second = whole(&uploads, &bytes).await;
    uploads.finish(second, at(2)).await.expect("stored");
    assert_eq!(verify(&store, hash).await, INTACT);
}

#[tokio::test]
async fn a_part_that_a_disk_changed_never_takes_the_place_of_bytes_that_are_whole() {
    let dir = tempfile::tempdir().expect("a directory");
    let (store, uploads) = open(dir.path(), limits()).await;
    let bytes = content(BYTES, 2);
    let id = stuck(dir.path(), &uploads, &bytes).await;
    let other = whole(&uploads, &bytes).await;
    uploads.finish(other, at(2)).await.expect("stored");
    flip(&dir.path().join("uploads").join(id.to_string()).join("part"));
    let refused = uploads.finish(id, at(3)).await;
    assert!(matches!(refused, Err(Error::Damaged { .. })), "{refused:?}");
    assert_eq!(verify(&store, hash(&bytes)).await, INTACT);
}

/// Notes each step.
#[derive(Default)]
struct Noted(Mutex<Vec<Step>>);

impl Steps for Noted {
    fn reached(&self, step: Step) {
        self.0.lock().expect("fine").push(step);
    }
}

#[tokio::test]
async fn the_name_of_bytes_that_were_taken_before_is_synced_before_anybody_is_told() {
    let dir = tempfile::tempdir().expect("a directory");
    let noted = Arc::new(Noted::default());
    let (store, uploads) = open_with_steps(dir.path(), limits(), Arc::clone(&noted) as _).await;
    let bytes = content(BYTES, 3);
    let hash = hash(&bytes);
    let id = stuck(dir.path(), &uploads, &bytes).await;
    // What a process leaves that dies between naming the bytes and syncing the name.
    let place = place(dir.path(), hash);
    std::fs::create_dir_all(place.parent().expect("lies in a directory")).expect("made");
    let part = dir.path().join("uploads").join(id.to_string()).join("part");
    std::fs::rename(part, place).expect("named");
    noted.0.lock().expect("fine").clear();
    uploads.finish(id, at(2)).await.expect("stored");
    let steps = noted.0.lock().expect("fine").clone();
    assert_eq!(steps[..2], [Step::NameSynced, Step::ReceiptWritten], "{steps:?}");
    assert_eq!(verify(&store, hash).await, INTACT);
}

#[tokio::test]
async fn an_upload_whose_bytes_were_erased_before_it_was_finished_says_so() {
    let dir = tempfile::tempdir().expect("a directory");
    let (store, uploads) = open(dir.path(), limits()).await;
    let bytes = content(BYTES, 4);
    let id = stuck(dir.path(), &uploads, &bytes).await;
    let part = dir.path().join("uploads").join(id.to_string()).join("part");
    store.put(part, hash(&bytes), BYTES as u64).await.expect("stored");
    store.erase(hash(&bytes), Erase::Always).await.expect("erased");
    let gone = uploads.finish(id, at(2)).await;
    assert!(matches!(gone, Err(Error::Erased { .. })), "{gone:?}");
}
