//! A firm on a log, with a store of attachments beside it.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use attachments::{Store, hash_text};
use audit::{Class, Finding, Handover, NeverArrived, Options, Report, Sink, Sources, Stray, audit};
use domain::attachment::{
    AttachmentCommand, Claims, MediaFacts, NewAttachment, Standing, UploadFacts, UploadVia, Vouched,
};
use domain::directory::{AreaEntry, OutletEntry};
use domain::engineer::{DutySource, EngineerCommand, Profile};
use domain::ticket::{
    Accept, AcceptTransfer, Assign, Confirm, Create, Merge, Note, Reject, RemoveAttachment, Reopen,
    Resolve, TicketCommand, Transfer, Withdraw,
};
use domain::{
    Actor, AreaId, Command, CommandId, ContentHash, EngineerId, GlobalPosition, Issuer, OutletId,
    Party, StaffId, TicketId, Timestamp,
};
use engine::{Engine, Pending, Submission};
use eventlog::{EventLog, ManualClock, MemoryLog, MemoryOptions};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) const ANNE: EngineerId = EngineerId::from_u128(0xA);
pub(crate) const BO: EngineerId = EngineerId::from_u128(0xB);
pub(crate) const CHEN: EngineerId = EngineerId::from_u128(0xC);
const AGENT: StaffId = StaffId::from_u128(0x51);
const OUTLET: OutletId = OutletId::from_u128(0x62);

pub(crate) const fn ticket(number: u128) -> TicketId {
    TicketId::from_u128(number)
}

pub(crate) struct Firm {
    pub(crate) dir: TempDir,
    pub(crate) clock: ManualClock,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) engine: Engine,
    pub(crate) runtime: Runtime,
    pub(crate) store: Store,
    commands: AtomicU64,
    in_flight: Vec<Pending>,
}

/// All that a sink was told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) findings: Vec<Finding>,
    pub(crate) never_arrived: Vec<NeverArrived>,
    pub(crate) strays: Vec<Stray>,
    pub(crate) handovers: Vec<Handover>,
}

impl Sink for Told {
    fn finding(&mut self, finding: &Finding) -> ControlFlow<()> {
        self.findings.push(finding.clone());
        ControlFlow::Continue(())
    }

    fn stray(&mut self, stray: &Stray) -> ControlFlow<()> {
        self.strays.push(stray.clone());
        ControlFlow::Continue(())
    }

    fn never_arrived(&mut self, file: &NeverArrived) -> ControlFlow<()> {
        self.never_arrived.push(file.clone());
        ControlFlow::Continue(())
    }

    fn handover(&mut self, handover: &Handover) -> ControlFlow<()> {
        self.handovers.push(handover.clone());
        ControlFlow::Continue(())
    }
}

impl Told {
    pub(crate) fn of(&self, class: Class) -> Vec<ContentHash> {
        let of_class = self.findings.iter().filter(|finding| finding.state.class() == class);
        of_class.map(|finding| finding.named.hash).collect()
    }
}

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

pub(crate) fn bytes_of(number: u32) -> Vec<u8> {
    format!("照片 {number} ").repeat(1 + number as usize % 7).into_bytes()
}

pub(crate) fn hash_of(number: u32) -> ContentHash {
    ContentHash(*blake3::hash(&bytes_of(number)).as_bytes())
}

/// Where bytes with this hash lie below the directory of a store.
pub(crate) fn file_of(store: &Path, hash: ContentHash) -> PathBuf {
    let text = hash_text(hash);
    store.join(&text[..2]).join(&text[2..4]).join(text)
}

impl Firm {
    pub(crate) fn in_memory() -> Self {
        let clock = ManualClock::new(Timestamp::from_seconds(1_772_413_200));
        let log = MemoryLog::with(Arc::new(clock.clone()), &MemoryOptions::default());
        Self::on(Arc::new(log.expect("a log in memory")), clock)
    }

    pub(crate) fn on(log: Arc<dyn EventLog>, clock: ManualClock) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let runtime = runtime();
        let store = runtime.block_on(Store::local(dir.path().join("attachments"))).expect("opens");
        let engine = Engine::new(Arc::clone(&log), Arc::new(clock.clone()), Default::default());
        let commands = AtomicU64::new(0);
        let mut firm =
            Self { dir, clock, log, engine, runtime, store, commands, in_flight: Vec::new() };
        firm.furnish();
        firm
    }

    fn furnish(&mut self) {
        let area = AreaId::from_u128(0x61);
        self.run(Command::Area(area, AreaEntry { name: "东区".into(), ..AreaEntry::default() }));
        let entry =
            OutletEntry { name: "浦东".into(), area: Some(area), ..OutletEntry::default() };
        self.run(Command::Outlet(OUTLET, entry));
        for engineer in [ANNE, BO, CHEN] {
            let profile =
                Profile { outlet: Some(OUTLET), capacity: Some(1_000), ..Profile::default() };
            self.run(Command::Engineer(engineer, EngineerCommand::Put(profile)));
            let duty = EngineerCommand::StartDuty(DutySource::ByHand);
            self.run(Command::Engineer(engineer, duty));
        }
    }

    fn run(&mut self, command: Command) {
        self.run_by(Party::Agent(AGENT), command);
    }

    pub(crate) fn run_by(&mut self, by: Party, command: Command) {
        let key = self.commands.fetch_add(1, Ordering::Relaxed).to_string();
        let id = CommandId { issuer: Issuer::Client("firm".into()), key };
        let text = format!("{command:?}");
        self.clock.advance(std::time::Duration::from_millis(10));
        let begun = self.engine.begin(Submission::live(id, command, Actor::claimed(by)));
        self.in_flight.push(begun.unwrap_or_else(|error| panic!("{text}: {error}")));
        if self.in_flight.len() >= 500 {
            self.settle();
        }
    }

    /// Waits until everything is durable and allowed.
    pub(crate) fn settle(&mut self) {
        for pending in self.in_flight.drain(..) {
            pending.wait().expect("a legal command");
        }
    }

    pub(crate) fn step(&mut self, ticket: TicketId, command: impl Into<TicketCommand>) {
        self.run(Command::Ticket(ticket, command.into()));
    }

    pub(crate) fn step_by(
        &mut self,
        by: EngineerId,
        id: TicketId,
        command: impl Into<TicketCommand>,
    ) {
        self.run_by(Party::Engineer(by), Command::Ticket(id, command.into()));
    }

    pub(crate) fn on_attachment(&mut self, number: u32, command: AttachmentCommand) {
        self.run_by(Party::Gateway, Command::Attachment(hash_of(number), command));
    }

    /// Puts bytes where the store has them, and vouches for them.
    pub(crate) fn photo(&self, number: u32) -> NewAttachment {
        let (bytes, hash) = (bytes_of(number), hash_of(number));
        let file = file_of(&self.store_dir(), hash);
        std::fs::create_dir_all(file.parent().expect("below the store")).expect("made");
        std::fs::write(file, &bytes).expect("written");
        let upload = UploadFacts {
            by: Party::Anonymous,
            via: UploadVia::Tus,
            begun_at: Timestamp::from_seconds(1_772_000_000),
            finished_at: Timestamp::from_seconds(1_772_000_009),
        };
        let vouched = Vouched {
            upload,
            media: MediaFacts::default(),
            claims: Claims::default(),
            standing: Standing::Clear,
        };
        NewAttachment {
            hash,
            bytes: bytes.len() as u64,
            media_type: "image/jpeg".into(),
            name: "现场.jpg".into(),
            vouched: Some(vouched),
        }
    }

    pub(crate) fn store_dir(&self) -> PathBuf {
        self.dir.path().join("attachments")
    }

    pub(crate) fn report(&mut self, id: TicketId, photos: &[u32]) {
        let attachments = photos.iter().map(|number| self.photo(*number)).collect();
        let sentence = Some("冲床停了".into());
        let create = Create { outlet: Some(OUTLET), sentence, attachments, ..Create::default() };
        self.step(id, create);
    }

    pub(crate) fn note(&mut self, id: TicketId, photo: u32) {
        let attachments = vec![self.photo(photo)];
        self.step(id, Note { words: "又一张".into(), attachments });
    }

    pub(crate) fn assign(&mut self, id: TicketId, engineer: EngineerId) {
        self.step(id, Assign { engineer: Some(engineer), ..Assign::default() });
    }

    pub(crate) fn withdraw(&mut self, id: TicketId) {
        self.step(id, Withdraw {});
    }

    pub(crate) fn accept(&mut self, id: TicketId, engineer: EngineerId) {
        self.step_by(engineer, id, Accept::default());
    }

    pub(crate) fn transfer(&mut self, id: TicketId, from: EngineerId, to: EngineerId) {
        self.step_by(from, id, Transfer { to: Some(to) });
        self.step_by(to, id, AcceptTransfer::default());
    }

    pub(crate) fn resolve(&mut self, id: TicketId, engineer: EngineerId) {
        self.step_by(engineer, id, Resolve { words: "换了保险".into(), ..Resolve::default() });
    }

    /// The customer answers 未解决, which sends it up a level.
    pub(crate) fn reject(&mut self, id: TicketId) {
        self.step(id, Reject { words: "还是不行".into(), ..Reject::default() });
    }

    pub(crate) fn confirm(&mut self, id: TicketId) {
        self.step(id, Confirm::default());
    }

    pub(crate) fn reopen(&mut self, id: TicketId) {
        self.step(id, Reopen { words: "又坏了".into() });
    }

    pub(crate) fn merge(&mut self, id: TicketId, into: TicketId) {
        self.step(id, Merge { into: Some(into) });
    }

    pub(crate) fn remove(&mut self, id: TicketId, photo: u32) {
        let hash = Some(hash_of(photo));
        self.step(id, RemoveAttachment { hash, words: "别人的脸".into() });
    }

    pub(crate) fn head(&mut self) -> GlobalPosition {
        self.settle();
        self.log.head().position
    }

    pub(crate) fn audit(&mut self, options: &Options) -> (Report, Told) {
        self.settle();
        audit_of(&*self.log, self, options)
    }
}

/// An audit of a log against a firm's store. How long it took is nobody's business here.
pub(crate) fn audit_of(log: &dyn EventLog, firm: &Firm, options: &Options) -> (Report, Told) {
    let sources =
        Sources { log, store: &firm.store, runtime: firm.runtime.handle(), clock: &firm.clock };
    let mut told = Told::default();
    let report = audit(sources, options, &mut told).expect("an audit");
    told.strays.sort();
    (report, told)
}
