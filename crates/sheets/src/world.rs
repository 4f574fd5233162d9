//! The directory as it would be after the part of a plan that is made already.

use std::collections::HashMap;
use std::sync::Arc;

use domain::attachment::Attachment;
use domain::directory::{Area, Customer, Device, Outlet};
use domain::engineer::Engineer;
use domain::rules::RuleSet;
use domain::ticket::Ticket;
use domain::{
    Aggregates, AreaId, AttachmentId, Change, CustomerId, DeviceId, EngineerId, Event, OutletId,
    StreamId, StreamKind, TicketId,
};

use crate::sheet::Sheet;
use crate::wrong::{Place, Wrong};

/// The directory, and what the plan puts on top of it.
pub(crate) struct World<'a> {
    now: &'a dyn Aggregates,
    areas: HashMap<AreaId, Arc<Area>>,
    outlets: HashMap<OutletId, Arc<Outlet>>,
    customers: HashMap<CustomerId, Arc<Customer>>,
    /// Where the files name each entry first.
    named: HashMap<StreamId, Place>,
}

impl<'a> World<'a> {
    pub(crate) fn new(now: &'a dyn Aggregates) -> Self {
        Self {
            now,
            areas: HashMap::new(),
            outlets: HashMap::new(),
            customers: HashMap::new(),
            named: HashMap::new(),
        }
    }

    /// A row names an entry.
    pub(crate) fn name(&mut self, entry: StreamId, place: Place) {
        self.named.entry(entry).or_insert(place);
    }

    /// An entry is as this change leaves it.
    pub(crate) fn apply(&mut self, change: &Change) {
        let id = change.stream.id();
        match &change.event {
            Event::Area(event) => {
                let id = AreaId::from_u128(id);
                self.areas.insert(id, Arc::new(Area::evolve(id, event)));
            }
            Event::Outlet(event) => {
                let id = OutletId::from_u128(id);
                self.outlets.insert(id, Arc::new(Outlet::evolve(id, event)));
            }
            Event::Customer(event) => {
                let id = CustomerId::from_u128(id);
                self.customers.insert(id, Arc::new(Customer::evolve(id, event)));
            }
            // Nothing in the directory refers to these.
            Event::Engineer(_)
            | Event::Device(_)
            | Event::Ticket(_)
            | Event::Rules(_)
            | Event::Attachment(_)
            | Event::Audit(_)
            | Event::Log(_) => {}
        }
    }

    /// Whether an entry is in the directory, or is put by the plan.
    pub(crate) fn knows(&self, entry: StreamId) -> bool {
        let id = entry.id();
        match entry.kind() {
            StreamKind::Area => self.area(AreaId::from_u128(id)).is_some(),
            StreamKind::Outlet => self.outlet(OutletId::from_u128(id)).is_some(),
            StreamKind::Engineer => self.engineer(EngineerId::from_u128(id)).is_some(),
            StreamKind::Customer => self.customer(CustomerId::from_u128(id)).is_some(),
            StreamKind::Device => self.device(DeviceId::from_u128(id)).is_some(),
            StreamKind::Ticket
            | StreamKind::Rules
            | StreamKind::Attachment
            | StreamKind::Audit
            | StreamKind::Log => false,
        }
    }

    /// An entry that is referred to must be in the directory, or in a file without errors.
    pub(crate) fn require(&self, entry: StreamId, sheet: Sheet, cell: &str) -> Result<(), Wrong> {
        if self.knows(entry) {
            return Ok(());
        }
        let code = Wrong::quoted(cell);
        Err(match self.named.get(&entry) {
            Some(place) => Wrong::HasErrors { sheet, code, place: place.clone() },
            None => Wrong::NoSuch { sheet, code },
        })
    }

    /// The firm's own code of an entry, where a text is its id.
    pub(crate) fn code_of(&self, text: &str) -> Option<String> {
        let stream: StreamId = text.parse().ok()?;
        let id = stream.id();
        match stream.kind() {
            StreamKind::Area => self.area(AreaId::from_u128(id))?.entry.code.clone(),
            StreamKind::Outlet => self.outlet(OutletId::from_u128(id))?.entry.code.clone(),
            StreamKind::Customer => self.customer(CustomerId::from_u128(id))?.entry.code.clone(),
            _ => None,
        }
    }
}

impl Aggregates for World<'_> {
    fn ticket(&self, id: TicketId) -> Option<Arc<Ticket>> {
        self.now.ticket(id)
    }

    fn engineer(&self, id: EngineerId) -> Option<Arc<Engineer>> {
        self.now.engineer(id)
    }

    fn customer(&self, id: CustomerId) -> Option<Arc<Customer>> {
        self.customers.get(&id).cloned().or_else(|| self.now.customer(id))
    }

    fn device(&self, id: DeviceId) -> Option<Arc<Device>> {
        self.now.device(id)
    }

    fn outlet(&self, id: OutletId) -> Option<Arc<Outlet>> {
        self.outlets.get(&id).cloned().or_else(|| self.now.outlet(id))
    }

    fn area(&self, id: AreaId) -> Option<Arc<Area>> {
        self.areas.get(&id).cloned().or_else(|| self.now.area(id))
    }

    fn attachment(&self, id: AttachmentId) -> Option<Arc<Attachment>> {
        self.now.attachment(id)
    }

    fn rules(&self) -> Arc<RuleSet> {
        self.now.rules()
    }
}
