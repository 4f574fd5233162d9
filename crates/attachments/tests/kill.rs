//! A process that dies between any two steps leaves nothing that lies: the store has only bytes
//! that have their hash, receipts name only bytes that are there, and the client that comes back
//! ends with its bytes stored once.

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use attachments::steps::{Pass, Step, Steps};
use attachments::store::{Listed, Verified};
use attachments::uploads::{Algorithm, Appended, Checksum, Error, Limits, Status, UploadId};
use attachments::{Store, Uploads};
use futures_util::TryStreamExt;
use mishaps::{Deadly, Lived};
use sha2::Digest;
use support::{at, body, content, hash, limits, new_upload, open_with_steps, read};

const DIR: &str = "PAIDAN_TEST_KILL_DIR";
const BYTES: usize = 40_000;
const PIECE: usize = 15_000;

/// Dies at one of the steps.
struct Mortal(Deadly);

impl Steps for Mortal {
    fn reached(&self, step: Step) {
        self.0.passes(&format!("{step:?}"));
    }
}

fn small() -> Limits {
    Limits { sync_bytes: 9_000, ..limits() }
}

/// A client that notes what it was told, and goes on from there.
async fn client(dir: &Path, uploads: &Uploads) {
    let bytes = content(BYTES, 1);
    let note = dir.join("the-clients-note");
    let noted = std::fs::read_to_string(&note).ok();
    let id = match noted.map(|id| id.parse::<UploadId>().expect("was written whole")) {
        Some(id) => id,
        None => {
            let id = uploads.create(new_upload(BYTES as u64)).await.expect("begun");
            std::fs::write(&note, id.to_string()).expect("noted");
            id
        }
    };
    loop {
        let offset = match uploads.status(id).await.expect("what was answered is there") {
            Status::Open { offset, .. } => offset as usize,
            Status::Finished(_) => break,
        };
        let piece = &bytes[offset..(offset + PIECE).min(BYTES)];
        // The second piece has a checksum.
        let checksum = (PIECE..2 * PIECE).contains(&offset).then(|| Checksum {
            algorithm: Algorithm::Sha1,
            digest: sha1::Sha1::digest(piece).to_vec(),
        });
        let added = uploads.append(id, offset as u64, checksum, body(piece)).await;
        if let Appended::Whole { .. } = added.expect("added") {
            break;
        }
    }
    let stored = uploads.finish(id, at(1)).await.expect("stored");
    assert_eq!(stored.attachment.hash, hash(&bytes));
    std::fs::write(dir.join("the-client-was-told"), "").expect("noted");
}

// What the others start; on its own it does nothing.
#[tokio::test]
async fn dying_process() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let steps = Arc::new(Mortal(Deadly::asked()));
    let (_, uploads) = open_with_steps(Path::new(&dir), small(), steps).await;
    client(Path::new(&dir), &uploads).await;
}

/// Runs a client that dies at a step.
fn run(dir: &Path, dies_at: usize) -> Lived {
    mishaps::live("dying_process", &[(DIR, dir.to_str().expect("is text"))], Some(dies_at))
}

/// What must hold at any moment.
async fn check(dir: &Path, store: &Store, uploads: &Uploads) {
    let listed: Vec<_> = store.list().try_collect().await.expect("listed");
    for found in &listed {
        let Listed::Bytes { hash, head } = found else { panic!("{found:?}") };
        let intact = Verified::Intact { bytes: head.bytes };
        assert_eq!(store.verify(*hash).await.expect("verified"), intact);
    }
    let hash = hash(&content(BYTES, 1));
    let told = dir.join("the-client-was-told").exists();
    let receipt = uploads.stored(hash).await.expect("asked");
    if told || receipt.is_some() {
        assert!(read(store, hash).await == content(BYTES, 1));
    }
}

#[tokio::test]
async fn whatever_step_a_process_dies_at_the_bytes_are_stored_once() {
    let mut seen = BTreeSet::new();
    let mut deaths = 0;
    for first in 1.. {
        let dir = tempfile::tempdir().expect("a directory");
        let Lived { steps, died } = run(dir.path(), first);
        seen.extend(steps);
        if !died {
            break;
        }
        // The one that comes back dies as well, each time a little later, until it gets through.
        for second in (1..).step_by(2) {
            deaths += 1;
            let again = tempfile::tempdir().expect("a directory");
            copy(dir.path(), again.path());
            let died = run(again.path(), second).died;
            let (store, uploads) = open_with_steps(again.path(), small(), Arc::new(Pass)).await;
            check(again.path(), &store, &uploads).await;
            client(again.path(), &uploads).await;
            check(again.path(), &store, &uploads).await;
            let listed: Vec<_> = store.list().try_collect().await.expect("listed");
            assert_eq!(listed.len(), 1, "died at {first}, then {second}: {listed:?}");
            let id = std::fs::read_to_string(again.path().join("the-clients-note")).expect("noted");
            let files = support::files(&again.path().join("uploads").join(id));
            assert!(files.len() == 1 && files[0].ends_with("outcome.json"), "{files:?}");
            uploads.expire(at(9999)).await.expect("removed");
            let left = support::files(&again.path().join("uploads"));
            assert_eq!(left.len(), 1, "the receipt: {left:?}");
            if !died {
                break;
            }
        }
    }
    let all: BTreeSet<_> = Step::ALL.iter().map(|step| format!("{step:?}")).collect();
    assert_eq!(seen, all, "a step was never reached");
    eprintln!("{deaths} pairs of deaths");
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status();
    assert!(copied.expect("cp runs").success());
}

#[tokio::test]
async fn bytes_without_their_checksum_do_not_come_back_after_a_restart() {
    let dir = tempfile::tempdir().expect("a directory");
    let (_, uploads) = open_with_steps(dir.path(), small(), Arc::new(Pass)).await;
    let id = uploads.create(new_upload(10)).await.expect("begun");
    uploads.append(id, 0, None, body(b"12345")).await.expect("added");
    // What a process leaves that dies before it has all that the checksum is of.
    let part = dir.path().join("uploads").join(id.to_string()).join("part");
    std::fs::write(&part, b"12345???").expect("written");
    drop(uploads);
    let (store, uploads) = open_with_steps(dir.path(), small(), Arc::new(Pass)).await;
    let early = uploads.append(id, 8, None, body(b"90")).await;
    assert!(matches!(early, Err(Error::OffsetMismatch { offset: 5, .. })), "{early:?}");
    uploads.append(id, 5, None, body(b"67890")).await.expect("added");
    uploads.finish(id, at(1)).await.expect("stored");
    assert!(read(&store, hash(b"1234567890")).await == b"1234567890");
}
