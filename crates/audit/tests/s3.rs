//! Audit, collection and backup of a bucket of a real S3 server; `tests/attachments/s3` starts one.
#![cfg(feature = "s3")]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use attachments::steps::Pass;
use attachments::store::{S3Options, Verified};
use attachments::{Store, hash_text};
use audit::{Carried, Collect, Collected, Found, Options, Sources, State, carry, collect};
use domain::{ContentHash, TicketId, Timestamp};
use eventlog::{Clock, EventLog, SystemClock};
use support::{Server, content, deep, hash, log_options, report};
use tempfile::TempDir;
use tokio::runtime::Handle;

const ENDPOINT: &str = "PAIDAN_TEST_S3_ENDPOINT";
/// Two parts.
const LARGE: usize = 9 << 20;

/// A bucket of its own for each test.
struct Bucket {
    endpoint: String,
    name: &'static str,
}

impl Bucket {
    fn fresh(name: &'static str) -> Option<Self> {
        let Ok(endpoint) = std::env::var(ENDPOINT) else {
            eprintln!("skipped: no S3 server; run tests/attachments/s3");
            return None;
        };
        let bucket = Self { endpoint, name };
        bucket.ask("PUT", "", b"");
        Some(bucket)
    }

    /// Somebody who is not Paidan asks this of the server, which believes any name.
    fn ask(&self, method: &str, object: &str, body: &[u8]) {
        let host = self.endpoint.strip_prefix("http://").expect("unencrypted");
        let mut line = TcpStream::connect(host).expect("it listens");
        let (name, length) = (self.name, body.len());
        let head = format!(
            "{method} /{name}/{object} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request\r\n\
             Content-Length: {length}\r\n\r\n"
        );
        line.write_all(&[head.as_bytes(), body].concat()).expect("sent");
        let mut answer = String::new();
        line.read_to_string(&mut answer).expect("answered");
        assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    }

    fn delete(&self, hash: ContentHash) {
        self.ask("DELETE", &place(hash), b"");
    }

    fn overwrite(&self, hash: ContentHash, body: &[u8]) {
        self.ask("PUT", &place(hash), body);
    }

    fn store(&self) -> Store {
        let options = S3Options {
            endpoint: Some(self.endpoint.clone()),
            region: "us-east-1".into(),
            bucket: self.name.into(),
            access_key_id: "test".into(),
            secret_access_key: "test".into(),
        };
        Store::s3(&options).expect("makes sense")
    }
}

fn place(hash: ContentHash) -> String {
    let text = hash_text(hash);
    format!("{}/{}/{text}", &text[..2], &text[2..4])
}

/// A server whose bytes go to a bucket, and the photos that its tickets name.
struct Firm {
    server: Server,
    photos: Vec<Vec<u8>>,
    // Last, so that the log is closed before its directory goes.
    dir: TempDir,
}

impl Firm {
    async fn with(bucket: &Bucket, sizes: &[usize]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let options = log_options(dir.path());
        let server = Server::open_on(dir.path(), &options, bucket.store(), Arc::new(Pass)).await;
        let mut photos = Vec::new();
        for (number, size) in sizes.iter().enumerate() {
            let photo = content(*size, &format!("photo {number}"));
            upload(&server, &photo).await;
            let named = server.vouch(hash(&photo)).await;
            let pending =
                server.engine.begin(report(TicketId::from_u128(number as u128 + 1), named));
            pending.expect("taken").durable().await.expect("durable");
            photos.push(photo);
        }
        Self { server, photos, dir }
    }

    fn hash(&self, photo: usize) -> ContentHash {
        hash(&self.photos[photo])
    }

    async fn collect(&self, touched_before: Timestamp) -> Collected {
        let Server { log, store, uploads, .. } = &self.server;
        let (log, store, uploads) = (Arc::clone(log), store.clone(), uploads.clone());
        let runtime = Handle::current();
        let collected = tokio::task::spawn_blocking(move || {
            let clock = &SystemClock;
            let sources = Sources { log: &*log, store: &store, runtime: &runtime, clock };
            collect(sources, &uploads, Collect { touched_before, dry_run: false }, &mut ())
        });
        collected.await.expect("no panic").expect("collected")
    }

    /// Copies what the log names from one store to another.
    async fn carry(&self, from: &Store, to: &Store) -> Carried {
        let staging = tempfile::tempdir_in(self.dir.path()).expect("a directory");
        let (log, runtime) = (Arc::clone(&self.server.log), Handle::current());
        let (from, to) = (from.clone(), to.clone());
        let carried = tokio::task::spawn_blocking(move || {
            let (until, go_on) = (log.head().position, &mut |_, _| ControlFlow::Continue(()));
            carry(&*log, until, &from, &to, staging.path(), &runtime, go_on)
        });
        carried.await.expect("no panic").expect("carried")
    }
}

async fn upload(server: &Server, photo: &[u8]) {
    let id = server.begin_upload(photo.len()).await;
    server.finish_upload(id, photo).await;
}

#[tokio::test]
async fn a_deleted_object_is_missing_and_an_overwritten_one_damaged() {
    let Some(bucket) = Bucket::fresh("audited") else { return };
    let firm = Firm::with(&bucket, &[LARGE, 1_000, 2_000, 3_000]).await;
    let report = firm.server.audit(deep()).await;
    assert_eq!((report.totals.intact, report.totals.orphans, report.totals.strangers), (4, 0, 0));
    bucket.delete(firm.hash(1));
    bucket.overwrite(firm.hash(2), b"short");
    bucket.overwrite(firm.hash(3), &content(3_000, "another"));
    let report = firm.server.audit(Options::default()).await;
    assert_eq!((report.totals.missing, report.totals.damaged, report.totals.intact), (1, 1, 2));
    let report = firm.server.audit(deep()).await;
    let found: Vec<_> = report.findings.into_iter().map(|it| (it.named.hash, it.state)).collect();
    let other = Found::Hash(hash(&content(3_000, "another")));
    for expected in [
        (firm.hash(1), State::Missing),
        (firm.hash(2), State::Damaged { found: Found::Bytes(5) }),
        (firm.hash(3), State::Damaged { found: other }),
    ] {
        assert!(found.contains(&expected), "{expected:?} is not in {found:?}");
    }
    assert_eq!(found.len(), 3, "{found:?}");
}

#[tokio::test]
async fn a_bucket_loses_its_old_orphans_to_the_collection_and_nothing_else() {
    let Some(bucket) = Bucket::fresh("collected") else { return };
    let firm = Firm::with(&bucket, &[1_000]).await;
    let orphan = content(500, "orphan");
    upload(&firm.server, &orphan).await;
    let hour = Duration::from_secs(3_600);
    let now = SystemClock.now();
    let collected = firm.collect(now.minus(hour)).await;
    assert_eq!((collected.orphans, collected.young), (0, 1));
    let collected = firm.collect(now.plus(hour)).await;
    assert_eq!((collected.orphans, collected.bytes, collected.strangers), (1, 500, 0));
    assert_eq!(firm.server.store.head(hash(&orphan)).await.expect("asked"), None);
    assert_eq!(firm.server.audit(deep()).await.totals.intact, 1);
}

#[tokio::test]
async fn a_backup_takes_bytes_out_of_a_bucket_and_a_restore_puts_them_into_another() {
    let (Some(bucket), Some(other)) = (Bucket::fresh("backed-up"), Bucket::fresh("restored"))
    else {
        return;
    };
    let firm = Firm::with(&bucket, &[LARGE, 1_000, 2_000, 3_000]).await;
    bucket.delete(firm.hash(2));
    bucket.overwrite(firm.hash(3), &content(3_000, "another"));
    let backup = Store::local(firm.dir.path().join("backup")).await.expect("opens");
    let out = firm.carry(&bucket.store(), &backup).await;
    assert_eq!((out.named, out.copied, out.lost), (4, 2, 2));
    assert_eq!(out.copied_bytes, LARGE as u64 + 1_000);
    let mut lost = [firm.hash(2), firm.hash(3)];
    lost.sort();
    assert_eq!(out.lost_hashes, lost);
    assert_eq!(firm.carry(&bucket.store(), &backup).await.copied, 0);
    let back = firm.carry(&backup, &other.store()).await;
    assert_eq!((back.copied, back.lost), (2, 2));
    for photo in [0, 1] {
        let bytes = firm.photos[photo].len() as u64;
        let verified = other.store().verify(firm.hash(photo)).await.expect("verified");
        assert_eq!(verified, Verified::Intact { bytes });
    }
    assert_eq!(other.store().verify(firm.hash(2)).await.expect("asked"), Verified::Missing);
}
