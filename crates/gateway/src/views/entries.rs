//! Entries of the directory in the shape in which they are put, so that what was read can be
//! changed and put back.

use domain::directory::{
    AreaEntry, AreaSet, CustomerCard, CustomerEntry, CustomerSet, DeviceEntry, DevicePlace,
    DeviceSet, OutletEntry, OutletSet,
};
use domain::engineer::{PersonCard, Profile, ProfileSet};

pub(crate) fn profile(set: &ProfileSet) -> Profile {
    // What was erased is nothing.
    let PersonCard { name, phone } = set.card.known().cloned().unwrap_or_default();
    Profile {
        code: set.code.clone(),
        outlet: set.outlet,
        skills: set.skills.clone(),
        capacity: Some(set.capacity),
        roster: set.roster.clone(),
        zone: Some(set.zone.clone()),
        retired: set.retired,
        name,
        phone,
    }
}

pub(crate) fn customer_entry(set: &CustomerSet) -> CustomerEntry {
    let CustomerCard { name, place, position, contacts } =
        set.card.known().cloned().unwrap_or_default();
    CustomerEntry { code: set.code.clone(), outlet: set.outlet, name, place, position, contacts }
}

pub(crate) fn device_entry(set: &DeviceSet) -> DeviceEntry {
    let DevicePlace { place, position } = set.place.known().cloned().unwrap_or_default();
    DeviceEntry {
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

pub(crate) fn outlet_entry(set: &OutletSet) -> OutletEntry {
    OutletEntry {
        code: set.code.clone(),
        name: set.name.clone(),
        area: set.area,
        position: set.position,
        hours: Some(set.hours.clone()),
    }
}

pub(crate) fn area_entry(set: &AreaSet) -> AreaEntry {
    AreaEntry {
        code: set.code.clone(),
        name: set.name.clone(),
        supervisor: set.supervisor,
        deputy: set.deputy,
        director: set.director,
        engineers_min: Some(set.engineers_min),
        staff: set.staff.known().cloned().unwrap_or_default(),
    }
}
