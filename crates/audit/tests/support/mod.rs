//! A server without its HTTP: log, engine, store and uploads in one directory, and what a client
//! asks of it.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

use attachments::steps::{Pass, Steps};
use attachments::uploads::{Limits, NewUpload, Status, UploadId};
use attachments::{Store, Uploads};
use audit::{Options, Report, Sources, audit};
use domain::attachment::{
    Claims, MediaFacts, NewAttachment, Standing, UploadFacts, UploadVia, Vouched,
};
use domain::ticket::Create;
use domain::{Actor, Command, CommandId, ContentHash, Issuer, Party, TicketId, Timestamp};
use engine::{Engine, Submission};
use eventlog::keys::MasterKey;
use eventlog::{OpenOptions, SledLog, SystemClock};
use futures_util::stream;
use jiff::tz::TimeZone;
use tokio::runtime::Handle;

/// An audit of everything that hashes every byte.
pub fn deep() -> Options {
    Options { deep: true, ..Options::default() }
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

/// Bytes that look like no format, and others for each name.
pub fn content(bytes: usize, name: &str) -> Vec<u8> {
    let mut content = vec![0; bytes];
    blake3::Hasher::new().update(name.as_bytes()).finalize_xof().fill(&mut content);
    content
}

pub fn hash(bytes: &[u8]) -> ContentHash {
    ContentHash(*blake3::hash(bytes).as_bytes())
}

pub fn log_options(dir: &Path) -> OpenOptions {
    let mut options =
        OpenOptions::new(dir.join("data"), MasterKey::from_bytes([7; 32]), Arc::new(SystemClock));
    options.cache_bytes = 16 * 1024 * 1024;
    options
}

pub struct Server {
    pub log: Arc<SledLog>,
    pub engine: Engine,
    pub store: Store,
    pub uploads: Uploads,
}

impl Server {
    pub async fn open(dir: &Path) -> Self {
        Self::open_with(dir, &log_options(dir), Arc::new(Pass)).await
    }

    pub async fn open_with(dir: &Path, options: &OpenOptions, steps: Arc<dyn Steps>) -> Self {
        let store = Store::local_with_steps(dir.join("bytes"), Arc::clone(&steps)).await;
        Self::open_on(dir, options, store.expect("the store opens"), steps).await
    }

    pub async fn open_on(
        dir: &Path,
        options: &OpenOptions,
        store: Store,
        steps: Arc<dyn Steps>,
    ) -> Self {
        let log = Arc::new(SledLog::open(options).expect("the log opens").0);
        let engine = Engine::new(Arc::clone(&log) as _, Arc::new(SystemClock), Default::default());
        let limits = Limits { disk_reserve_bytes: 0, ..Limits::default() };
        let (uploads, zone) = (dir.join("uploads"), TimeZone::UTC);
        let uploads = Uploads::open_with_steps(uploads, store.clone(), limits, zone, steps).await;
        Self { log, engine, store, uploads: uploads.expect("the uploads open") }
    }

    /// Looks at every attachment that an event names.
    pub async fn audit(&self, options: Options) -> Report {
        let (log, store, runtime) = (Arc::clone(&self.log), self.store.clone(), Handle::current());
        let audited = tokio::task::spawn_blocking(move || {
            let clock = &SystemClock;
            let sources = Sources { log: &*log, store: &store, runtime: &runtime, clock };
            audit(sources, &options, &mut ())
        });
        audited.await.expect("no panic").expect("audited")
    }

    pub async fn begin_upload(&self, bytes: usize) -> UploadId {
        let new = NewUpload {
            length: Some(bytes as u64),
            name: "冲床.bin".into(),
            by: "anonymous".into(),
            via: "tus".into(),
            client: "client".into(),
            begun_at: at(0),
            expires_at: at(3_600),
        };
        self.uploads.create(new).await.expect("begun")
    }

    /// Sends what is missing of an upload, and has it stored.
    pub async fn finish_upload(&self, id: UploadId, content: &[u8]) {
        if let Status::Open { offset, .. } = self.uploads.status(id).await.expect("it is there") {
            let rest = content[usize::try_from(offset).expect("small")..].to_vec();
            if !rest.is_empty() {
                let body = stream::iter([Ok::<_, Infallible>(rest.into())]);
                self.uploads.append(id, offset, None, body).await.expect("added");
            }
            self.uploads.finish(id, at(1)).await.expect("stored");
        }
    }

    /// Vouches for bytes as the gateway does it.
    pub async fn vouch(&self, hash: ContentHash) -> NewAttachment {
        let head = self.store.touch(hash).await.expect("asked");
        let head = head.expect("an upload that ended is there");
        let stored = self.uploads.stored(hash).await.expect("asked");
        assert_eq!(stored.expect("its receipt is there").attachment.bytes, head.bytes);
        vouched(hash, head.bytes)
    }
}

pub fn vouched(hash: ContentHash, bytes: u64) -> NewAttachment {
    let upload = UploadFacts {
        by: Party::Anonymous,
        via: UploadVia::Tus,
        begun_at: at(0),
        finished_at: at(1),
    };
    NewAttachment {
        hash,
        bytes,
        media_type: "application/octet-stream".into(),
        name: "冲床.bin".into(),
        vouched: Some(Vouched {
            upload,
            media: MediaFacts::default(),
            claims: Claims::default(),
            standing: Standing::Clear,
        }),
    }
}

/// The report of a ticket has this id.
pub fn report_id(ticket: TicketId) -> CommandId {
    CommandId { issuer: Issuer::Client("client".into()), key: format!("report {ticket}") }
}

/// A report that names one attachment.
pub fn report(ticket: TicketId, attachment: NewAttachment) -> Submission {
    let create = Create {
        sentence: Some("冲床咔哒两声就停了".into()),
        attachments: vec![attachment],
        ..Create::default()
    };
    let command = Command::Ticket(ticket, create.into());
    Submission::live(report_id(ticket), command, Actor::claimed(Party::Anonymous))
}
