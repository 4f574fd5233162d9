//! Many lines that brought some bytes, say nothing more and stay open.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Method;
use futures_util::future::{join, join_all, pending};
use futures_util::{StreamExt, stream};
use gateway::{AttachmentConfig, Config};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::Semaphore;

use super::uploads::{more, offset, tus};
use super::{PNG, Pair};
use crate::world::{World, upload_limits};

const LINES: usize = 1_000;
const OF_EACH_CLIENT: usize = 20;
/// The file of the bytes, and that of the offset.
const FILES_OF_LINE: usize = 2;
/// What others open meanwhile: threads, read models.
const FILES_OF_OTHERS: usize = 64;
/// With what a line needs in a debug build, and the stacks of threads that write.
const MEMORY_KIB_OF_LINE: usize = 128;
/// No test takes so long: these lines end when the clock of tokio is told so.
const SILENT_AT_MOST: Duration = Duration::from_secs(3_600);

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("reads").count()
}

fn memory_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("reads");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("is told");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
}

/// Shells start a test with 1,024 files, which are too few for this one.
fn allow_open_files() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).expect("may be raised");
}

async fn begin(world: &World, number: usize) -> String {
    let client = format!("client {}", number / OF_EACH_CLIENT);
    let asked = tus(world, Method::POST, "/api/v1/uploads").header("upload-length", "1000000");
    let begun = asked.header("paidan-client", &client).send().await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    begun.header("location").to_owned()
}

/// Ten bytes, then a word to the test, and nothing more.
fn silent(arrived: Arc<Semaphore>) -> Body {
    let some = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"some bytes")) });
    Body::from_stream(some.chain(stream::once(async move {
        arrived.add_permits(1);
        pending().await
    })))
}

#[tokio::test]
async fn a_thousand_silent_lines_cost_little_hold_nobody_up_and_keep_what_came() {
    allow_open_files();
    // Room for one more, which is somebody else's.
    let attachments = AttachmentConfig {
        silent_at_most: SILENT_AT_MOST,
        arriving_max: LINES + 1,
        ..AttachmentConfig::default()
    };
    let world = World::limited(Config { attachments, ..Config::default() }, upload_limits());
    let begun = stream::iter(0..LINES).map(|number| begin(&world, number)).buffered(50);
    let begun: Vec<_> = begun.collect().await;
    let (files_before, memory_before) = (open_files(), memory_kib());

    let arrived = Arc::new(Semaphore::new(0));
    let lines = begun.iter().map(|at| more(&world, at, 0, silent(Arc::clone(&arrived))).send());
    let others = async {
        let all = tokio::time::timeout(Duration::from_secs(60), arrived.acquire_many(LINES as u32));
        all.await.expect("in time").expect("never closed").forget();
        let files = open_files().saturating_sub(files_before);
        assert!(files <= LINES * FILES_OF_LINE + FILES_OF_OTHERS, "{files} more open files");
        let Pair { hash, .. } = world.ticket_with("冲床.png", PNG).await;
        assert_eq!(&world.content(&hash).send().await.bytes[..], PNG);
        let memory_kib = memory_kib().saturating_sub(memory_before);
        assert!(memory_kib < LINES * MEMORY_KIB_OF_LINE, "{memory_kib} KiB more memory");
        eprintln!("{LINES} silent lines: {files} more open files, {memory_kib} KiB more memory");
        tokio::time::pause();
        tokio::time::advance(SILENT_AT_MOST).await;
    };
    let (ended, ()) = join(join_all(lines), others).await;
    tokio::time::resume();
    for reply in ended {
        assert_eq!(reply.problem(), (408, "body-not-received"), "{}", reply.body);
        assert_eq!(reply.body["offset"], 10);
    }
    let files = open_files().saturating_sub(files_before);
    assert!(files <= FILES_OF_OTHERS, "{files} files stay open");
    assert_eq!(world.attachments().uploads.open_count(), LINES);
    for at in begun {
        assert_eq!(offset(&world, &at).await.header("upload-offset"), "10");
    }
}
