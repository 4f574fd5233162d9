//! Entries in the shape in which they are put, read back from what was recorded, so that what was
//! read can be changed and put again. What was erased is nothing.

use super::command::{AreaEntry, CustomerEntry, DeviceEntry, OutletEntry};
use super::event::{AreaSet, CustomerCard, CustomerSet, DevicePlace, DeviceSet, OutletSet};

impl From<&CustomerSet> for CustomerEntry {
    fn from(set: &CustomerSet) -> Self {
        let CustomerCard { name, place, position, contacts } =
            set.card.known().cloned().unwrap_or_default();
        Self { code: set.code.clone(), outlet: set.outlet, name, place, position, contacts }
    }
}

impl From<&DeviceSet> for DeviceEntry {
    fn from(set: &DeviceSet) -> Self {
        let DevicePlace { place, position } = set.place.known().cloned().unwrap_or_default();
        Self {
            code: set.code.clone(),
            customer: set.customer,
            outlet: set.outlet,
            model: set.model.clone(),
            serial: set.serial.clone(),
            skills: set.skills.clone(),
            warranty_until: set.warranty_until,
            place,
            position,
        }
    }
}

impl From<&OutletSet> for OutletEntry {
    fn from(set: &OutletSet) -> Self {
        Self {
            code: set.code.clone(),
            name: set.name.clone(),
            area: set.area,
            position: set.position,
            hours: Some(set.hours.clone()),
        }
    }
}

impl From<&AreaSet> for AreaEntry {
    fn from(set: &AreaSet) -> Self {
        Self {
            code: set.code.clone(),
            name: set.name.clone(),
            supervisor: set.supervisor,
            deputy: set.deputy,
            director: set.director,
            engineers_min: Some(set.engineers_min),
            staff: set.staff.known().cloned().unwrap_or_default(),
        }
    }
}
