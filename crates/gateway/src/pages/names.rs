//! What things are called, from the directory.

use std::collections::HashMap;

use domain::{
    AreaId, CustomerId, DeviceId, EngineerId, OutletId, Personal, StaffId, TicketId, TicketNumber,
};
use projector::directory::Directory;
use words::Names;

/// The directory's names, and the numbers of tickets that were looked up.
pub(crate) struct DirectoryNames<'a> {
    directory: &'a Directory,
    staff: HashMap<StaffId, String>,
    tickets: &'a HashMap<TicketId, TicketNumber>,
}

impl<'a> DirectoryNames<'a> {
    /// The names that the directory has now.
    pub(crate) fn new(
        directory: &'a Directory,
        tickets: &'a HashMap<TicketId, TicketNumber>,
    ) -> Self {
        // Whoever has a post stands in the entry of the area.
        let cards = directory.areas().into_iter().flat_map(|area| match area.entry.entry.staff {
            Personal::Known(cards) => cards,
            Personal::Erased => Vec::new(),
        });
        let staff = cards.filter_map(|card| Some((card.id, card.name?))).collect();
        Self { directory, staff, tickets }
    }
}

impl Names for DirectoryNames<'_> {
    fn engineer(&self, id: EngineerId) -> Option<String> {
        let profile = self.directory.engineer(id)?.profile;
        profile.card.known().and_then(|card| card.name.clone()).or(profile.code)
    }

    fn customer(&self, id: CustomerId) -> Option<String> {
        let entry = self.directory.customer(id)?.entry.entry;
        entry.card.known().and_then(|card| card.name.clone()).or(entry.code)
    }

    fn device(&self, id: DeviceId) -> Option<String> {
        let entry = self.directory.device(id)?.entry.entry;
        let what: Vec<_> = [entry.model, entry.serial].into_iter().flatten().collect();
        if what.is_empty() { entry.code } else { Some(what.join(" ")) }
    }

    fn outlet(&self, id: OutletId) -> Option<String> {
        Some(self.directory.outlet(id)?.entry.entry.name)
    }

    fn area(&self, id: AreaId) -> Option<String> {
        Some(self.directory.area(id)?.entry.entry.name)
    }

    fn staff(&self, id: StaffId) -> Option<String> {
        self.staff.get(&id).cloned()
    }

    fn ticket(&self, id: TicketId) -> Option<TicketNumber> {
        self.tickets.get(&id).copied()
    }
}
