//! A server that dies between any two steps of upload, sync, append and answer: no event names bytes
//! that are not there, and a client that comes back ends with exactly one link.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs::File;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use attachments::steps::{Pass, Step, Steps};
use attachments::store::{Listed, Verified};
use attachments::uploads::{Limits, NewUpload, Status, UploadId};
use attachments::{Store, Uploads};
use domain::attachment::{
    AttachmentEvent, Claims, MediaFacts, NewAttachment, Standing, UploadFacts, UploadVia, Vouched,
};
use domain::ticket::{Create, TicketEvent};
use domain::{
    Actor, Command, CommandId, ContentHash, Event, GlobalPosition, Issuer, Party, TicketId,
    Timestamp,
};
use engine::{Engine, Submission};
use eventlog::keys::MasterKey;
use eventlog::{EventLog, OpenOptions, SledLog, SyncPolicy, SystemClock};
use futures_util::{TryStreamExt, stream};
use jiff::tz::TimeZone;

const DIR: &str = "PAIDAN_TEST_KILLED_DIR";
const DIES_AT: &str = "PAIDAN_TEST_KILLED_DIES_AT";
const NEVER: usize = 0;
const BYTES: usize = 30_000;

/// Steps of the log and of the answer; those of the upload are the store's own.
const OF_THE_LOG: [&str; 5] =
    ["Vouched", "LogWritten", "LogSynced", "AppendQueued", "AppendDurable"];

/// Counts steps, says each, and dies at one of them.
struct Deadly {
    dies_at: usize,
    steps: AtomicUsize,
}

impl Deadly {
    fn passes(&self, step: &str) {
        println!("step {step}");
        if self.steps.fetch_add(1, Ordering::SeqCst) + 1 == self.dies_at {
            std::process::abort();
        }
    }
}

impl Steps for Deadly {
    fn reached(&self, step: Step) {
        self.passes(&format!("{step:?}"));
    }
}

/// The log's sync with a step on each side of it.
struct Around(Arc<Deadly>);

impl SyncPolicy for Around {
    fn sync(&self, file: &File) -> std::io::Result<()> {
        self.0.passes("LogWritten");
        file.sync_data()?;
        self.0.passes("LogSynced");
        Ok(())
    }
}

fn content() -> Vec<u8> {
    let mut content = vec![0; BYTES];
    blake3::Hasher::new().update(b"photo").finalize_xof().fill(&mut content);
    content
}

fn hash() -> ContentHash {
    ContentHash(*blake3::hash(&content()).as_bytes())
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn log_options(dir: &Path) -> OpenOptions {
    OpenOptions::new(dir.join("data"), MasterKey::from_bytes([7; 32]), Arc::new(SystemClock))
}

async fn open_bytes(dir: &Path, steps: Arc<dyn Steps>) -> (Store, Uploads) {
    let store = Store::local_with_steps(dir.join("bytes"), Arc::clone(&steps)).await;
    let store = store.expect("the store opens");
    let limits = Limits { disk_reserve_bytes: 0, ..Limits::default() };
    let (uploads, zone) = (dir.join("uploads"), TimeZone::UTC);
    let uploads = Uploads::open_with_steps(uploads, store.clone(), limits, zone, steps).await;
    (store, uploads.expect("the uploads open"))
}

/// Uploads bytes, or goes on where an earlier run of the client was, which noted the upload.
async fn upload(dir: &Path, uploads: &Uploads) {
    let note = dir.join("the-clients-note");
    let id = match std::fs::read_to_string(&note) {
        Ok(id) => id.parse::<UploadId>().expect("was written whole"),
        Err(_) => {
            let new = NewUpload {
                length: Some(BYTES as u64),
                name: "冲床.bin".into(),
                by: "anonymous".into(),
                via: "tus".into(),
                client: "client".into(),
                begun_at: at(0),
                expires_at: at(3_600),
            };
            let id = uploads.create(new).await.expect("begun");
            std::fs::write(&note, id.to_string()).expect("noted");
            id
        }
    };
    if let Status::Open { offset, .. } = uploads.status(id).await.expect("it is there") {
        let rest = content().split_off(usize::try_from(offset).expect("small"));
        if !rest.is_empty() {
            let body = stream::iter([Ok::<_, Infallible>(rest.into())]);
            uploads.append(id, offset, None, body).await.expect("added");
        }
        uploads.finish(id, at(1)).await.expect("stored");
    }
}

/// The report that names the bytes, vouched for as the gateway does it.
async fn report(store: &Store, uploads: &Uploads) -> Submission {
    let head = store.touch(hash()).await.expect("asked").expect("an upload that ended is there");
    let stored = uploads.stored(hash()).await.expect("asked").expect("its receipt is there");
    assert_eq!(head.bytes, stored.attachment.bytes);
    let attachment = NewAttachment {
        hash: hash(),
        bytes: head.bytes,
        media_type: stored.attachment.media_type,
        name: stored.name,
        vouched: Some(Vouched {
            upload: UploadFacts {
                by: Party::Anonymous,
                via: UploadVia::Tus,
                begun_at: stored.upload.begun_at,
                finished_at: stored.upload.finished_at,
            },
            media: MediaFacts::default(),
            claims: Claims::default(),
            standing: Standing::Clear,
        }),
    };
    let create = Create {
        sentence: Some("冲床咔哒两声就停了".into()),
        attachments: vec![attachment],
        ..Create::default()
    };
    let id = CommandId { issuer: Issuer::Client("client".into()), key: "report".into() };
    let command = Command::Ticket(TicketId::from_u128(7), create.into());
    Submission::live(id, command, Actor::claimed(Party::Anonymous))
}

// What the other test starts; on its own it does nothing.
#[tokio::test]
async fn dying_server() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let dir = Path::new(&dir);
    let dies_at = std::env::var(DIES_AT).expect("is set").parse().expect("a number");
    let deadly = Arc::new(Deadly { dies_at, steps: AtomicUsize::new(0) });
    let mut options = log_options(dir);
    options.sync = Arc::new(Around(Arc::clone(&deadly)));
    let log = Arc::new(SledLog::open(&options).expect("the log opens").0);
    let engine = Engine::new(log, Arc::new(SystemClock), Default::default());
    let (store, uploads) = open_bytes(dir, Arc::clone(&deadly) as _).await;
    upload(dir, &uploads).await;
    let submission = report(&store, &uploads).await;
    deadly.passes("Vouched");
    let pending = engine.begin(submission).expect("taken");
    deadly.passes("AppendQueued");
    pending.durable().await.expect("durable");
    deadly.passes("AppendDurable");
    std::fs::write(dir.join("the-client-was-told"), "").expect("noted");
}

/// Runs a server that dies at a step; says which steps there were, and whether it died.
fn run(dir: &Path, dies_at: usize) -> (Vec<String>, bool) {
    let output = Process::new(std::env::current_exe().expect("has a path"))
        .args(["dying_server", "--exact", "--nocapture"])
        .env(DIR, dir)
        .env(DIES_AT, dies_at.to_string())
        .stderr(Stdio::null())
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let steps = said.lines().filter_map(|line| line.split("step ").nth(1)).map(str::to_owned);
    (steps.collect(), !output.status.success())
}

/// How many tickets and links name the bytes; they must be there and right where any does.
async fn links(dir: &Path) -> (usize, usize) {
    let (log, _) = SledLog::open(&log_options(dir)).expect("the log opens");
    let events = log.read(GlobalPosition::ZERO, 1_000).expect("reads");
    let (store, _) = open_bytes(dir, Arc::new(Pass)).await;
    let (mut created, mut linked) = (0, 0);
    for event in &events {
        let named = match &event.event {
            Event::Ticket(TicketEvent::Created(it)) => {
                created += 1;
                it.attachments.iter().map(|attachment| attachment.hash).collect()
            }
            Event::Attachment(AttachmentEvent::AttachmentLinked(it)) => {
                linked += 1;
                vec![it.attachment.hash]
            }
            _ => Vec::new(),
        };
        for hash in named {
            let verified = store.verify(hash).await.expect("verified");
            assert_eq!(verified, Verified::Intact { bytes: BYTES as u64 });
        }
    }
    (created, linked)
}

#[tokio::test]
async fn whatever_step_a_server_dies_at_no_event_names_missing_bytes_and_there_is_one_link() {
    let mut seen = BTreeSet::new();
    for dies_at in 1.. {
        let dir = tempfile::tempdir().expect("a directory");
        let (steps, died) = run(dir.path(), dies_at);
        assert!(!died || steps.len() >= dies_at, "it died of something else: {steps:?}");
        seen.extend(steps);
        let found = links(dir.path()).await;
        assert!(found == (0, 0) || found == (1, 1), "died at {dies_at}: {found:?}");
        let told = dir.path().join("the-client-was-told").exists();
        assert!(!told || found == (1, 1), "died at {dies_at}, and the client was told");
        // The client that comes back.
        let (steps, died_again) = run(dir.path(), NEVER);
        assert!(!died_again, "after dying at {dies_at}: {steps:?}");
        assert_eq!(links(dir.path()).await, (1, 1), "died at {dies_at}");
        let (store, _) = open_bytes(dir.path(), Arc::new(Pass)).await;
        let listed: Vec<_> = store.list().try_collect().await.expect("listed");
        assert!(matches!(listed[..], [Listed::Bytes { .. }]), "died at {dies_at}: {listed:?}");
        if !died {
            break;
        }
    }
    let of_uploads = Step::ALL.iter().map(|step| format!("{step:?}"));
    let all: BTreeSet<_> = of_uploads.chain(OF_THE_LOG.map(str::to_owned)).collect();
    assert_eq!(seen, all, "a step was never reached");
}
