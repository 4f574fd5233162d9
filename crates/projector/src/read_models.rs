//! The live models together, as the gateway asks them.

use std::fmt;
use std::io;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use domain::directory::{Area, Customer, Device, Outlet};
use domain::rules::RuleSet;
use domain::{
    AreaId, CivilDate, ContentHash, CustomerId, DeviceId, EngineerId, GlobalPosition, OutletId,
    StreamId, TicketId, TicketNumber, Timestamp,
};
use eventlog::{EventLog, LogIdentity};

use crate::attachments::{AttachmentCounts, AttachmentRow, Attachments};
use crate::contract::Projection;
use crate::directory::{Directory, EngineerEntry, Entry};
use crate::engineer_load::{Busiest, EngineerFilter, EngineerLoad, EngineerLoadRow};
use crate::lifecycle::{Lifecycle, LifecycleDay, LifecycleHour, LifecycleQuery};
use crate::live::{At, Live, WaitError};
use crate::open_tickets::{
    CursorError, OpenTickets, PageOf, PageRequest, QueueView, TicketCounts, TicketPage, TicketRow,
    WaitingView,
};
use crate::rebuild::{RebuildError, Rebuilt, rebuild};
use crate::recount::Recount;
use crate::runner::Lane;
use crate::satisfaction::{Satisfaction, SatisfactionQuery, SatisfactionRow};
use crate::snapshot::{Recounts, SnapshotError, SnapshotStore};

/// The name of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModelName {
    /// [`OpenTickets`].
    OpenTickets,
    /// [`EngineerLoad`].
    EngineerLoad,
    /// [`Directory`].
    Directory,
    /// [`Satisfaction`].
    Satisfaction,
    /// [`Lifecycle`].
    Lifecycle,
    /// [`Attachments`].
    Attachments,
}

/// A text that names no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a projection; there are open_tickets, engineer_load, directory, satisfaction, \
     lifecycle and attachments"
)]
pub struct UnknownModel(String);

impl ModelName {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::OpenTickets,
        Self::EngineerLoad,
        Self::Directory,
        Self::Satisfaction,
        Self::Lifecycle,
        Self::Attachments,
    ];

    /// As people write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenTickets => OpenTickets::NAME,
            Self::EngineerLoad => EngineerLoad::NAME,
            Self::Directory => Directory::NAME,
            Self::Satisfaction => Satisfaction::NAME,
            Self::Lifecycle => Lifecycle::NAME,
            Self::Attachments => Attachments::NAME,
        }
    }

    /// Does something with the model's type.
    pub fn with<W: WithModel>(self, work: W) -> W::Out {
        match self {
            Self::OpenTickets => work.run::<OpenTickets>(),
            Self::EngineerLoad => work.run::<EngineerLoad>(),
            Self::Directory => work.run::<Directory>(),
            Self::Satisfaction => work.run::<Satisfaction>(),
            Self::Lifecycle => work.run::<Lifecycle>(),
            Self::Attachments => work.run::<Attachments>(),
        }
    }

    /// The version of its fold.
    pub fn version(self) -> u32 {
        self.with(Version)
    }

    /// The rules that it depends on, as in [`Projection::INPUTS`].
    pub fn inputs(self) -> &'static [&'static str] {
        self.with(Inputs)
    }

    /// Folds the model from a log that no runner follows, counting the past by these rules, and
    /// writes its canonical dump. Says at which position.
    ///
    /// # Errors
    /// When the log cannot be folded or the writer fails.
    pub fn dump_offline(
        self,
        log: &dyn EventLog,
        recount: Recount,
        out: &mut dyn io::Write,
        progress: &mut dyn FnMut(GlobalPosition),
    ) -> Result<GlobalPosition, OfflineDumpError> {
        self.with(DumpOffline { log, recount, out, progress })
    }
}

/// Work on a model, whichever it is.
pub trait WithModel {
    /// What comes of it.
    type Out;
    /// Does it on the type of one.
    fn run<P: Projection>(self) -> Self::Out;
}

/// Work on a model in use, whichever it is.
pub trait WithLive {
    /// What comes of it.
    type Out;
    /// Does it on one.
    fn run<P: Projection>(self, live: &Arc<Live<P>>) -> Self::Out;
}

struct Version;

impl WithModel for Version {
    type Out = u32;
    fn run<P: Projection>(self) -> u32 {
        P::VERSION
    }
}

struct Inputs;

impl WithModel for Inputs {
    type Out = &'static [&'static str];
    fn run<P: Projection>(self) -> Self::Out {
        P::INPUTS
    }
}

struct DumpOffline<'a> {
    log: &'a dyn EventLog,
    recount: Recount,
    out: &'a mut dyn io::Write,
    progress: &'a mut dyn FnMut(GlobalPosition),
}

impl WithModel for DumpOffline<'_> {
    type Out = Result<GlobalPosition, OfflineDumpError>;
    fn run<P: Projection>(self) -> Self::Out {
        let until = self.log.head().position;
        let rebuilt = rebuild::<P>(self.log, self.recount, until, self.progress)?;
        rebuilt.model().dump(self.out)?;
        Ok(rebuilt.position())
    }
}

struct WriteDump<'a>(&'a mut dyn io::Write);

impl WithLive for WriteDump<'_> {
    type Out = io::Result<GlobalPosition>;
    fn run<P: Projection>(self, live: &Arc<Live<P>>) -> Self::Out {
        let At { position, value } = live.read(|model| model.dump(self.0));
        value.map(|()| position)
    }
}

struct GetRecount;

impl WithLive for GetRecount {
    type Out = Recount;
    fn run<P: Projection>(self, live: &Arc<Live<P>>) -> Recount {
        live.recount()
    }
}

struct AsLane;

impl WithLive for AsLane {
    type Out = Arc<dyn Lane>;
    fn run<P: Projection>(self, live: &Arc<Live<P>>) -> Self::Out {
        Arc::clone(live) as _
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ModelName {
    type Err = UnknownModel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|name| name.as_str() == text);
        named.ok_or_else(|| UnknownModel(text.chars().take(64).collect()))
    }
}

/// Why a model could not be dumped without a runner.
#[derive(Debug, thiserror::Error)]
pub enum OfflineDumpError {
    /// The log could not be folded.
    #[error("the log could not be folded")]
    Fold(#[from] RebuildError),
    /// The rows could not be written.
    #[error("the rows could not be written")]
    Write(#[from] io::Error),
}

/// The live models of one log. Each answer holds at the position that it states; models move on
/// one by one, so two answers may hold at different positions.
#[derive(Debug)]
pub struct ReadModels {
    identity: LogIdentity,
    /// Where they stay, if they do; pages are of that position then.
    pub(crate) as_of: Option<GlobalPosition>,
    pub(crate) open_tickets: Arc<Live<OpenTickets>>,
    pub(crate) engineer_load: Arc<Live<EngineerLoad>>,
    pub(crate) directory: Arc<Live<Directory>>,
    pub(crate) satisfaction: Arc<Live<Satisfaction>>,
    pub(crate) lifecycle: Arc<Live<Lifecycle>>,
    pub(crate) attachments: Arc<Live<Attachments>>,
}

impl ReadModels {
    /// The models from their snapshots on; empty ones where there is no snapshot that fits.
    pub(crate) fn restore(
        log: &dyn EventLog,
        store: Option<&SnapshotStore>,
    ) -> Result<Self, SnapshotError> {
        let start = Start::of(log, store)?;
        Ok(Self {
            identity: log.identity(),
            as_of: None,
            open_tickets: start.model()?,
            engineer_load: start.model()?,
            directory: start.model()?,
            satisfaction: start.model()?,
            lifecycle: start.model()?,
            attachments: start.model()?,
        })
    }

    /// Does something with a model.
    pub fn with<W: WithLive>(&self, model: ModelName, work: W) -> W::Out {
        match model {
            ModelName::OpenTickets => work.run(&self.open_tickets),
            ModelName::EngineerLoad => work.run(&self.engineer_load),
            ModelName::Directory => work.run(&self.directory),
            ModelName::Satisfaction => work.run(&self.satisfaction),
            ModelName::Lifecycle => work.run(&self.lifecycle),
            ModelName::Attachments => work.run(&self.attachments),
        }
    }

    /// A model as whoever applies events sees it.
    pub fn lane(&self, model: ModelName) -> Arc<dyn Lane> {
        self.with(model, AsLane)
    }

    /// By which rules a model counts the past.
    pub fn recount(&self, model: ModelName) -> Recount {
        self.with(model, GetRecount)
    }

    /// All of them.
    pub(crate) fn lanes(&self) -> Vec<Arc<dyn Lane>> {
        ModelName::ALL.into_iter().map(|model| self.lane(model)).collect()
    }

    /// The log that they follow.
    pub const fn identity(&self) -> LogIdentity {
        self.identity
    }

    /// The model of open tickets.
    pub const fn open_tickets(&self) -> &Arc<Live<OpenTickets>> {
        &self.open_tickets
    }

    /// The model of engineers' load.
    pub const fn engineer_load(&self) -> &Arc<Live<EngineerLoad>> {
        &self.engineer_load
    }

    /// The directory.
    pub const fn directory(&self) -> &Arc<Live<Directory>> {
        &self.directory
    }

    /// The model of satisfaction.
    pub const fn satisfaction(&self) -> &Arc<Live<Satisfaction>> {
        &self.satisfaction
    }

    /// The model of tickets' lives.
    pub const fn lifecycle(&self) -> &Arc<Live<Lifecycle>> {
        &self.lifecycle
    }

    /// The model of attachments.
    pub const fn attachments(&self) -> &Arc<Live<Attachments>> {
        &self.attachments
    }

    /// Waits until one model has a position.
    ///
    /// # Errors
    /// When it does not get there in time, or has stopped at an event.
    pub async fn wait_for(
        &self,
        model: ModelName,
        wanted: GlobalPosition,
        timeout: Duration,
    ) -> Result<(), WaitError> {
        match model {
            ModelName::OpenTickets => self.open_tickets.wait_for(wanted, timeout).await,
            ModelName::EngineerLoad => self.engineer_load.wait_for(wanted, timeout).await,
            ModelName::Directory => self.directory.wait_for(wanted, timeout).await,
            ModelName::Satisfaction => self.satisfaction.wait_for(wanted, timeout).await,
            ModelName::Lifecycle => self.lifecycle.wait_for(wanted, timeout).await,
            ModelName::Attachments => self.attachments.wait_for(wanted, timeout).await,
        }
    }

    /// A page of open tickets (`GET /tickets`).
    ///
    /// # Errors
    /// When the cursor is of another log, epoch, question or position that the models stay at.
    pub fn tickets(&self, request: &PageRequest) -> Result<At<TicketPage>, CursorError> {
        let gated = self.open_tickets.gate();
        let of = PageOf { log: self.identity, as_of: self.as_of };
        let value = gated.model.page(request, of, gated.position)?;
        Ok(At { position: gated.position, value })
    }

    /// The row of an open ticket; nothing once it has ended.
    pub fn open_ticket(&self, id: TicketId, now: Timestamp) -> At<Option<TicketRow>> {
        self.open_tickets.read(|model| model.ticket(id, now))
    }

    /// The id of the open ticket with this number.
    pub fn find_number(&self, number: TicketNumber) -> At<Option<TicketId>> {
        self.open_tickets.read(|model| model.find_number(number))
    }

    /// How many open tickets there are.
    pub fn ticket_counts(&self, now: Timestamp) -> At<TicketCounts> {
        self.open_tickets.read(|model| model.counts(now))
    }

    /// The first of the backlog (`GET /backlog/top`).
    pub fn top_backlog(&self, count: usize, now: Timestamp) -> At<Vec<TicketRow>> {
        self.open_tickets.read(|model| model.top_backlog(count, now))
    }

    /// All queues that have tickets, with at most `limit` tickets of each (`GET /queues`).
    pub fn queues(&self, limit: usize, now: Timestamp) -> At<Vec<QueueView>> {
        self.open_tickets.read(|model| model.queues(limit, now))
    }

    /// Tickets that somebody has to take, at most `limit` of them.
    pub fn waiting(&self, limit: usize, now: Timestamp) -> At<WaitingView> {
        self.open_tickets.read(|model| model.waiting(limit, now))
    }

    /// Engineers' load (`GET /engineers/load`).
    pub fn engineers_load(
        &self,
        filter: &EngineerFilter,
        now: Timestamp,
    ) -> At<Vec<EngineerLoadRow>> {
        self.engineer_load.read(|model| model.engineers(filter, now))
    }

    /// The engineers whom a board shows first, at most `limit` of them.
    pub fn busiest_engineers(&self, limit: usize, now: Timestamp) -> At<Busiest> {
        self.engineer_load.read(|model| model.busiest(limit, now))
    }

    /// One engineer's load.
    pub fn engineer_load_of(&self, id: EngineerId, now: Timestamp) -> At<Option<EngineerLoadRow>> {
        self.engineer_load.read(|model| model.engineer(id, now))
    }

    /// Satisfaction, broken down (`GET /satisfaction?by=`).
    pub fn satisfaction_by(&self, query: &SatisfactionQuery) -> At<Vec<SatisfactionRow>> {
        self.satisfaction.read(|model| model.rollup(query))
    }

    /// The hours in which something happened (`GET /lifecycle`).
    pub fn lifecycle_hours(&self, query: &LifecycleQuery) -> At<Vec<LifecycleHour>> {
        self.lifecycle.read(|model| model.hours(query))
    }

    /// What happened on a day of the firm's zone, in all and by outlet.
    pub fn lifecycle_of_day(&self, day: CivilDate) -> At<LifecycleDay> {
        self.lifecycle.read(|model| model.day(day))
    }

    /// An attachment; nothing where no event names it.
    pub fn attachment(&self, hash: ContentHash) -> At<Option<AttachmentRow>> {
        self.attachments.read(|model| model.attachment(hash))
    }

    /// What a ticket names itself, in the order in which it came.
    pub fn attachments_of(&self, ticket: TicketId) -> At<Vec<AttachmentRow>> {
        self.attachments.read(|model| model.of_ticket(ticket))
    }

    /// All attachments after a hash, at most `limit`; pages of an audit.
    pub fn attachments_after(
        &self,
        hash: Option<ContentHash>,
        limit: usize,
    ) -> At<Vec<AttachmentRow>> {
        self.attachments.read(|model| model.after(hash, limit))
    }

    /// How many attachments there are.
    pub fn attachment_counts(&self) -> At<AttachmentCounts> {
        self.attachments.read(Attachments::counts)
    }

    /// A customer.
    pub fn customer(&self, id: CustomerId) -> At<Option<Entry<Customer>>> {
        self.directory.read(|model| model.customer(id))
    }

    /// A device.
    pub fn device(&self, id: DeviceId) -> At<Option<Entry<Device>>> {
        self.directory.read(|model| model.device(id))
    }

    /// An outlet.
    pub fn outlet(&self, id: OutletId) -> At<Option<Entry<Outlet>>> {
        self.directory.read(|model| model.outlet(id))
    }

    /// An area.
    pub fn area(&self, id: AreaId) -> At<Option<Entry<Area>>> {
        self.directory.read(|model| model.area(id))
    }

    /// An engineer's entry, with name and telephone.
    pub fn engineer(&self, id: EngineerId) -> At<Option<EngineerEntry>> {
        self.directory.read(|model| model.engineer(id))
    }

    /// All outlets.
    pub fn outlets(&self) -> At<Vec<Entry<Outlet>>> {
        self.directory.read(Directory::outlets)
    }

    /// All areas.
    pub fn areas(&self) -> At<Vec<Entry<Area>>> {
        self.directory.read(Directory::areas)
    }

    /// All engineers' entries (`GET /engineers`).
    pub fn engineers(&self) -> At<Vec<EngineerEntry>> {
        self.directory.read(Directory::engineers)
    }

    /// The rules that hold (`GET /rules`).
    pub fn rules(&self) -> At<RuleSet> {
        self.directory.read(|model| model.rules().clone())
    }

    /// Drops what is known of a person, after the key was destroyed.
    pub fn forget(&self, subject: StreamId) {
        self.directory.amend(|model| model.forget(subject));
    }

    /// Writes a model's canonical dump, and says at which position. Batches wait meanwhile.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn dump(&self, model: ModelName, out: &mut dyn io::Write) -> io::Result<GlobalPosition> {
        self.with(model, WriteDump(out))
    }
}

/// Where models begin.
struct Start<'a> {
    log: &'a dyn EventLog,
    store: Option<&'a SnapshotStore>,
    recounts: Recounts,
}

impl<'a> Start<'a> {
    fn of(log: &'a dyn EventLog, store: Option<&'a SnapshotStore>) -> Result<Self, SnapshotError> {
        let recounts = store.map(SnapshotStore::recounts).transpose()?.unwrap_or_default();
        Ok(Self { log, store, recounts })
    }

    fn model<P: Projection>(&self) -> Result<Arc<Live<P>>, SnapshotError> {
        let recount = self.recounts.on(self.log, P::NAME)?;
        let begun = match self.store {
            Some(store) => store.restore::<P>(self.log, recount)?,
            None => Rebuilt::begin(recount),
        };
        Ok(Arc::new(Live::new(begun.0)))
    }
}
