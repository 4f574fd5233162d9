//! Ten thousand uploads that nobody goes on with cost little, and one more is refused.

mod support;

use attachments::uploads::{Error, Limits, NewUpload, Status};
use support::{at, body, broken, limits, new_upload, open};

const MANY: usize = 10_000;

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("reads").count()
}

fn memory_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("reads");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("is told");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_half_open_uploads_are_bounded_in_memory_and_files() {
    // In memory where that is possible: each upload is synced five times.
    let shared_memory = std::path::Path::new("/dev/shm");
    let dir = if shared_memory.is_dir() {
        tempfile::tempdir_in(shared_memory)
    } else {
        tempfile::tempdir()
    };
    let dir = dir.expect("a directory");
    let limits = Limits { open_max: MANY, open_per_client_max: 100, ..limits() };
    let (_, uploads) = open(dir.path(), limits).await;
    let (files_before, memory_before) = (open_files(), memory_kib());
    let mut begun = Vec::new();
    for round in 0..MANY / 100 {
        let mut clients = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let uploads = uploads.clone();
            clients.spawn(async move {
                let new = NewUpload { client: format!("client {round}"), ..new_upload(1_000_000) };
                let id = uploads.create(new).await.expect("begun");
                let cut = uploads.append(id, 0, None, broken(b"some bytes")).await;
                assert!(matches!(cut, Err(Error::LineBroke { offset: 10, .. })), "{cut:?}");
                id
            });
        }
        while let Some(id) = clients.join_next().await {
            begun.push(id.expect("no client failed"));
        }
    }
    let memory_kib = memory_kib() - memory_before;
    let files = open_files() - files_before;
    eprintln!("{MANY} half-open uploads: {memory_kib} KiB more memory, {files} more open files");
    assert!(memory_kib < 64 * 1024, "{memory_kib} KiB");
    assert!(files < 100, "{files}");
    let one_more = NewUpload { client: "another".into(), ..new_upload(1) };
    let refused = uploads.create(one_more).await;
    assert!(matches!(refused, Err(Error::TooMany { open_max: MANY })), "{refused:?}");
    drop(uploads);

    let (_, uploads) = open(dir.path(), limits).await;
    assert_eq!(uploads.open_count(), MANY);
    let last = begun[MANY - 1];
    let Ok(Status::Open { offset: 10, .. }) = uploads.status(last).await else { panic!("is open") };
    uploads.append(last, 10, None, body(b"more")).await.expect("goes on");
    let expired = uploads.expire(at(3600)).await.expect("removed");
    assert_eq!(expired.unfinished, MANY as u64);
    assert_eq!(support::files(&dir.path().join("uploads")), Vec::<std::path::PathBuf>::new());
}
