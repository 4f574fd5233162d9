//! A server that dies between any two steps of upload, sync, append and answer: no event names bytes
//! that are not there, and a client that comes back ends with exactly one link.

mod support;

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use attachments::steps::{Step, Steps};
use attachments::store::{Listed, Verified};
use domain::attachment::AttachmentEvent;
use domain::ticket::TicketEvent;
use domain::{Event, GlobalPosition, TicketId};
use eventlog::{EventLog, SyncPolicy};
use futures_util::TryStreamExt;
use mishaps::{Deadly, Lived};
use support::{Server, content, hash, log_options, report};

const DIR: &str = "PAIDAN_TEST_KILLED_DIR";
const TICKET: TicketId = TicketId::from_u128(7);
const BYTES: usize = 30_000;

/// Steps of the log and of the answer; those of the upload are the store's own.
const OF_THE_LOG: [&str; 5] =
    ["Vouched", "LogWritten", "LogSynced", "AppendQueued", "AppendDurable"];

/// Dies at a step of the upload.
struct Mortal(Arc<Deadly>);

impl Steps for Mortal {
    fn reached(&self, step: Step) {
        self.0.passes(&format!("{step:?}"));
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

/// Uploads bytes, or goes on where an earlier run of the client was, which noted the upload.
async fn upload(dir: &Path, server: &Server, content: &[u8]) {
    let note = dir.join("the-clients-note");
    let id = match std::fs::read_to_string(&note) {
        Ok(id) => id.parse().expect("was written whole"),
        Err(_) => {
            let id = server.begin_upload(content.len()).await;
            std::fs::write(&note, id.to_string()).expect("noted");
            id
        }
    };
    server.finish_upload(id, content).await;
}

// What the other test starts; on its own it does nothing.
#[tokio::test]
async fn dying_server() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let dir = Path::new(&dir);
    let deadly = Arc::new(Deadly::asked());
    let mut options = log_options(dir);
    options.sync = Arc::new(Around(Arc::clone(&deadly)));
    let steps = Arc::new(Mortal(Arc::clone(&deadly)));
    let server = Server::open_with(dir, &options, steps).await;
    let content = content(BYTES, "photo");
    upload(dir, &server, &content).await;
    let submission = report(TICKET, server.vouch(hash(&content)).await);
    deadly.passes("Vouched");
    let pending = server.engine.begin(submission).expect("taken");
    deadly.passes("AppendQueued");
    pending.durable().await.expect("durable");
    deadly.passes("AppendDurable");
    std::fs::write(dir.join("the-client-was-told"), "").expect("noted");
}

/// Runs a server that dies at a step, or never.
fn run(dir: &Path, dies_at: Option<usize>) -> Lived {
    mishaps::live("dying_server", &[(DIR, dir.to_str().expect("is text"))], dies_at)
}

/// How many tickets and links name the bytes; they must be there and right where any does.
async fn links(dir: &Path) -> (usize, usize) {
    let Server { log, store, .. } = Server::open(dir).await;
    let events = log.read(GlobalPosition::ZERO, 1_000).expect("reads");
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
        let Lived { steps, died } = run(dir.path(), Some(dies_at));
        seen.extend(steps);
        let found = links(dir.path()).await;
        assert!(found == (0, 0) || found == (1, 1), "died at {dies_at}: {found:?}");
        let told = dir.path().join("the-client-was-told").exists();
        assert!(!told || found == (1, 1), "died at {dies_at}, and the client was told");
        // The client that comes back.
        run(dir.path(), None);
        assert_eq!(links(dir.path()).await, (1, 1), "died at {dies_at}");
        let store = Server::open(dir.path()).await.store;
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
