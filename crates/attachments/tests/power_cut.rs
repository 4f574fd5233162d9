//! A power cut loses nothing that was answered: neither bytes that are stored, nor what arrived of
//! an upload. Needs root and loop devices, and says so where it has none.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use attachments::Store;
use attachments::store::Verified;
use attachments::uploads::{Appended, Limits, Status, UploadId};
use domain::Timestamp;
use mishaps::{Disk, Process, say};
use support::{at, body, content, hash, limits, new_upload, open, read};

const DIR: &str = "PAIDAN_TEST_POWER_CUT_DIR";
/// What the writer does.
const DOES: &str = "PAIDAN_TEST_POWER_CUT_DOES";
/// Uploads, several at a time.
const UPLOAD: &str = "upload";
/// Puts bytes into the store, and nothing after that.
const PUT_ONE: &str = "put one";
/// Writes and names files without a sync, to show that the harness notices.
const PLAINLY: &str = "write plainly";
const BYTES: usize = 50_000;
const CUTS: usize = 6;
const WRITERS: u8 = 3;

fn small() -> Limits {
    Limits { sync_bytes: 20_000, ..limits() }
}

/// Many contents, told apart by two numbers.
fn numbered(writer: u8, round: u8) -> Vec<u8> {
    let mut bytes = content(BYTES, writer);
    bytes[0] = round;
    bytes
}

// What the tests freeze; on its own it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writer_process() {
    let Some(dir) = std::env::var_os(DIR).map(PathBuf::from) else { return };
    let does = std::env::var(DOES).expect("is set");
    if does == PUT_ONE {
        let bytes = numbered(0, 0);
        let staged = dir.join("staged");
        std::fs::write(&staged, &bytes).expect("written");
        let store = Store::local(dir.join("bytes")).await.expect("opens");
        store.put(staged, hash(&bytes), BYTES as u64).await.expect("stored");
        say("stored 0 0 -");
        // Nothing may happen behind it that would sync what it left out.
        std::thread::park();
    }
    if does == PLAINLY {
        for round in 0..=u8::MAX {
            let bytes = numbered(0, round);
            let name = attachments::hash_text(hash(&bytes));
            std::fs::write(dir.join("new"), &bytes).expect("written");
            std::fs::rename(dir.join("new"), dir.join(&name)).expect("named");
            say(&format!("stored 0 {round} {name}"));
        }
        return;
    }
    let (_, uploads) = open(&dir, small()).await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let uploads = uploads.clone();
        writers.spawn(async move {
            for round in 0..=u8::MAX {
                let bytes = numbered(writer, round);
                let id = uploads.create(new_upload(BYTES as u64)).await.expect("begun");
                say(&format!("0 {writer} {round} {id}"));
                let half = uploads.append(id, 0, None, body(&bytes[..30_000])).await;
                assert_eq!(half.expect("added"), Appended::Partly { offset: 30_000 });
                say(&format!("30000 {writer} {round} {id}"));
                uploads.append(id, 30_000, None, body(&bytes[30_000..])).await.expect("added");
                say(&format!("50000 {writer} {round} {id}"));
                uploads.finish(id, at(1)).await.expect("stored");
                say(&format!("stored {writer} {round} {id}"));
            }
        });
    }
    writers.join_all().await;
}

fn start(dir: &Path, does: &str) -> Process {
    Process::start("writer_process", &[(DIR, dir.to_str().expect("is text")), (DOES, does)])
}

/// What was answered last of each upload: an offset, or that it is stored; and its id.
type Answered = BTreeMap<(u8, u8), (String, String)>;

fn answered(said: &[String]) -> Answered {
    let lines = said.iter().map(|line| {
        let [how, writer, round, id] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let number = |text: &str| text.parse().expect("a number");
        ((number(writer), number(round)), (how.to_owned(), id.to_owned()))
    });
    lines.collect()
}

/// What is lost of what was answered.
async fn lost(dir: &Path, answered: &Answered) -> Vec<String> {
    let mut lost = Vec::new();
    let (store, uploads) = open(dir, small()).await;
    for ((writer, round), (how, id)) in answered {
        let bytes = numbered(*writer, *round);
        let id: UploadId = id.parse().expect("an id");
        if how == "stored" {
            if store.head(hash(&bytes)).await.expect("asked").is_none() {
                lost.push(format!("{writer} {round}: the bytes"));
            } else if read(&store, hash(&bytes)).await != bytes {
                lost.push(format!("{writer} {round}: what the bytes were"));
            }
        }
        match uploads.status(id).await {
            Ok(Status::Finished(_)) => {}
            Ok(Status::Open { offset, .. }) => {
                // That it is closed need not survive: whoever finishes it again gets the same bytes.
                let told =
                    if how == "stored" { BYTES as u64 } else { how.parse().expect("an offset") };
                if offset < told {
                    lost.push(format!("{writer} {round}: {offset} of {how}"));
                    continue;
                }
                let rest = body(&bytes[offset as usize..]);
                uploads.append(id, offset, None, rest).await.expect("goes on");
                let stored = uploads.finish(id, Timestamp::MAX).await.expect("stored");
                if stored.attachment.hash != hash(&bytes) {
                    lost.push(format!("{writer} {round}: what had arrived"));
                }
            }
            Err(error) => lost.push(format!("{writer} {round}: {error:?}")),
        }
    }
    lost
}

#[tokio::test]
async fn everything_that_was_answered_survives_a_power_cut() {
    let Some(disk) = Disk::fresh() else { return };
    let data = disk.path().join("data");
    let process = start(&data, UPLOAD);
    let mut checked = 0;
    for round in 0..CUTS {
        process.wait_for(10 + 65 * round);
        std::thread::park_timeout(Duration::from_micros(1_700 * round as u64));
        let cut = disk.cut(&process);
        let answered = answered(cut.said());
        let lost = lost(&cut.path().join("data"), &answered).await;
        assert!(lost.is_empty(), "of {} uploads, at cut {round}: {lost:?}", answered.len());
        checked += answered.len();
    }
    eprintln!("{CUTS} cuts, {checked} times an upload was looked for");
}

#[tokio::test]
async fn bytes_are_in_the_store_once_put_answers_whatever_follows() {
    let Some(disk) = Disk::fresh() else { return };
    let process = start(disk.path(), PUT_ONE);
    process.wait_for(1);
    let cut = disk.cut(&process);
    let store = Store::local(cut.path().join("bytes")).await.expect("opens");
    let bytes = numbered(0, 0);
    let intact = Verified::Intact { bytes: BYTES as u64 };
    assert_eq!(store.verify(hash(&bytes)).await.expect("verified"), intact);
}

#[tokio::test]
async fn the_harness_notices_when_nothing_is_synced() {
    let Some(disk) = Disk::fresh() else { return };
    let process = start(disk.path(), PLAINLY);
    process.wait_for(40);
    let cut = disk.cut(&process);
    let answered = answered(cut.said());
    let lost = answered.values().filter(|(_, name)| {
        std::fs::read(cut.path().join(name)).map_or(0, |bytes| bytes.len()) != BYTES
    });
    assert!(lost.count() > 0, "without a sync nothing was lost, so the harness proves nothing");
}
