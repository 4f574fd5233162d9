//! Aggregates as they are, what is queued included: kept at hand, bounded, and loaded from the
//! log where they are not.

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::sync::Arc;

use domain::attachment::Attachment;
use domain::directory::{Area, Customer, Device, Outlet};
use domain::engineer::Engineer;
use domain::rules::RuleSet;
use domain::ticket::Ticket;
use domain::{
    Aggregates, AreaId, AttachmentId, AuditEvent, CorruptHistory, CustomerId, DeviceId, EngineerId,
    Event, OutletId, Stamp, StreamId, StreamVersion, TicketId,
};
use eventlog::{EventLog, ReadError};
use lru::LruCache;

use crate::submission::Error;

/// So many events of a stream are read at once.
const PAGE: usize = 256;

/// An aggregate of any kind.
#[derive(Debug, Clone)]
pub enum State {
    /// A ticket.
    Ticket(Arc<Ticket>),
    /// An engineer.
    Engineer(Arc<Engineer>),
    /// A customer.
    Customer(Arc<Customer>),
    /// A device.
    Device(Arc<Device>),
    /// An outlet.
    Outlet(Arc<Outlet>),
    /// An area.
    Area(Arc<Area>),
    /// The rules.
    Rules(Arc<RuleSet>),
    /// An attachment.
    Attachment(Arc<Attachment>),
    /// Nothing is decided on what audits found.
    Audit,
}

impl State {
    /// The aggregate after its next event; its first where there is none yet.
    ///
    /// # Errors
    /// When the event cannot follow.
    pub fn after(
        before: Option<Self>,
        stream: StreamId,
        event: &Event,
        stamp: &Stamp,
    ) -> Result<Self, CorruptHistory> {
        let id = stream.id();
        Ok(match (before, event) {
            (None, Event::Ticket(event)) => {
                Self::Ticket(Arc::new(Ticket::begin(TicketId::from_u128(id), event, stamp)?))
            }
            (Some(Self::Ticket(mut ticket)), Event::Ticket(event)) => {
                Arc::make_mut(&mut ticket).evolve(event, stamp)?;
                Self::Ticket(ticket)
            }
            (None, Event::Engineer(event)) => {
                Self::Engineer(Arc::new(Engineer::begin(EngineerId::from_u128(id), event, stamp)?))
            }
            (Some(Self::Engineer(mut engineer)), Event::Engineer(event)) => {
                Arc::make_mut(&mut engineer).evolve(event, stamp)?;
                Self::Engineer(engineer)
            }
            (_, Event::Customer(event)) => {
                Self::Customer(Arc::new(Customer::evolve(CustomerId::from_u128(id), event)))
            }
            (_, Event::Device(event)) => {
                Self::Device(Arc::new(Device::evolve(DeviceId::from_u128(id), event)))
            }
            (_, Event::Outlet(event)) => {
                Self::Outlet(Arc::new(Outlet::evolve(OutletId::from_u128(id), event)))
            }
            (_, Event::Area(event)) => {
                Self::Area(Arc::new(Area::evolve(AreaId::from_u128(id), event)))
            }
            (before, Event::Rules(event)) => {
                let mut rules = match before {
                    Some(Self::Rules(rules)) => rules,
                    _ => Arc::default(),
                };
                Arc::make_mut(&mut rules).apply(event);
                Self::Rules(rules)
            }
            (None, Event::Attachment(event)) => {
                let id = AttachmentId::from_u128(id);
                Self::Attachment(Arc::new(Attachment::begin(id, event, stamp)?))
            }
            (Some(Self::Attachment(mut attachment)), Event::Attachment(event)) => {
                Arc::make_mut(&mut attachment).evolve(event, stamp)?;
                Self::Attachment(attachment)
            }
            (_, Event::Audit(AuditEvent::AttachmentsAudited(_))) => Self::Audit,
            (_, event) => {
                return Err(CorruptHistory {
                    event: event.name(),
                    position: stamp.position,
                    why: "it belongs to another kind of stream",
                });
            }
        })
    }
}

#[derive(Debug, Clone)]
struct Held {
    version: StreamVersion,
    state: State,
}

/// Aggregates at hand.
pub(crate) struct States {
    held: LruCache<StreamId, Held>,
}

impl States {
    pub(crate) fn new(aggregates_max: NonZeroUsize) -> Self {
        Self { held: LruCache::new(aggregates_max) }
    }

    /// Forgets everything, as after a failed sync.
    pub(crate) fn clear(&mut self) {
        self.held.clear();
    }

    /// The aggregate and its version, what is queued included.
    pub(crate) fn get(
        &mut self,
        log: &dyn EventLog,
        stream: StreamId,
    ) -> Result<(StreamVersion, Option<State>), Error> {
        if let Some(held) = self.held.get(&stream) {
            return Ok((held.version, Some(held.state.clone())));
        }
        let read = |source: ReadError| Error::Read { stream, source };
        let target = log.stream_version(stream).map_err(read)?;
        let (mut version, mut state) = (StreamVersion::ZERO, None);
        while version < target {
            let events = log.read_stream(stream, version, PAGE).map_err(read)?;
            // The rest is queued: too much went through here for this stream to be still at hand.
            // Once it is durable it can be read.
            let Some(last) = events.last() else { return Err(Error::Busy) };
            version = last.version;
            for recorded in &events {
                let stamp = Stamp {
                    position: recorded.position,
                    version: recorded.version,
                    occurred_at: recorded.occurred_at,
                    recorded_at: recorded.recorded_at,
                };
                let next = State::after(state, stream, &recorded.event, &stamp)
                    .map_err(|source| Error::Corrupt { stream, source })?;
                state = Some(next);
            }
        }
        if let Some(state) = &state {
            self.held.put(stream, Held { version, state: state.clone() });
        }
        Ok((version, state))
    }

    /// Takes an event that was queued.
    pub(crate) fn apply(
        &mut self,
        log: &dyn EventLog,
        stream: StreamId,
        event: &Event,
        stamp: &Stamp,
    ) -> Result<(), Error> {
        let before = match self.held.pop(&stream) {
            Some(held) => Some(held.state),
            None if stamp.version == StreamVersion::FIRST => None,
            None => self.get(log, stream)?.1,
        };
        let state = State::after(before, stream, event, stamp)
            .map_err(|source| Error::Corrupt { stream, source })?;
        self.held.put(stream, Held { version: stamp.version, state });
        Ok(())
    }
}

/// Aggregates by a function that gets the state of a stream. `domain` asks for what it needs and
/// knows of no failure; the first one is kept here, and the decision is thrown away with it.
pub struct View<G> {
    get: G,
    failure: RefCell<Option<Error>>,
}

impl<G: Fn(StreamId) -> Result<Option<State>, Error>> View<G> {
    /// Aggregates that this function gets.
    pub const fn new(get: G) -> Self {
        Self { get, failure: RefCell::new(None) }
    }

    /// The first failure to load something that the decision asked for.
    pub fn failure(self) -> Option<Error> {
        self.failure.into_inner()
    }

    fn state(&self, stream: StreamId) -> Option<State> {
        match (self.get)(stream) {
            Ok(state) => state,
            Err(error) => {
                self.failure.borrow_mut().get_or_insert(error);
                None
            }
        }
    }
}

macro_rules! look_up {
    ($($name:ident($id:ty) -> $kind:ident;)*) => {
        $(fn $name(&self, id: $id) -> Option<Arc<$kind>> {
            match self.state(id.into()) {
                Some(State::$kind(found)) => Some(found),
                _ => None,
            }
        })*
    };
}

impl<G: Fn(StreamId) -> Result<Option<State>, Error>> Aggregates for View<G> {
    look_up! {
        ticket(TicketId) -> Ticket;
        engineer(EngineerId) -> Engineer;
        customer(CustomerId) -> Customer;
        device(DeviceId) -> Device;
        outlet(OutletId) -> Outlet;
        area(AreaId) -> Area;
        attachment(AttachmentId) -> Attachment;
    }

    fn rules(&self) -> Arc<RuleSet> {
        match self.state(StreamId::RULES) {
            Some(State::Rules(rules)) => rules,
            _ => Arc::default(),
        }
    }
}
