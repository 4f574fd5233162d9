//! Putting entries into the directory. The same entry again changes nothing.

use serde::Serialize;

use super::command::{AreaEntry, CustomerEntry, DeviceEntry, OutletEntry};
use super::event::{
    AreaEvent, AreaSet, Contact, ContactRole, CustomerCard, CustomerEvent, CustomerSet,
    DeviceEvent, DevicePlace, DeviceSet, OutletEvent, OutletSet,
};
use crate::calendar::ServiceHours;
use crate::decision::{Aggregates, Change};
use crate::id::{AreaId, CustomerId, DeviceId, OutletId};
use crate::limits;
use crate::rejection::Rejection;

macro_rules! entries {
    ($($(#[$doc:meta])* $name:ident: $id:ty = $set:ident | $event:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        pub struct $name {
            /// Its id.
            pub id: $id,
            /// Its entry.
            #[serde(flatten)]
            pub entry: $set,
        }

        impl $name {
            /// The entry as this event leaves it.
            pub fn evolve(id: $id, event: &$event) -> Self {
                match event {
                    $event::$set(entry) => Self { id, entry: entry.clone() },
                }
            }
        }
    )*};
}

entries! {
    /// A customer as they are now.
    Customer: CustomerId = CustomerSet | CustomerEvent;
    /// A device as it is now.
    Device: DeviceId = DeviceSet | DeviceEvent;
    /// An outlet as it is now.
    Outlet: OutletId = OutletSet | OutletEvent;
    /// An area as it is now.
    Area: AreaId = AreaSet | AreaEvent;
}

fn known_outlet(aggregates: &dyn Aggregates, outlet: Option<OutletId>) -> Result<(), Rejection> {
    match outlet {
        Some(id) if aggregates.outlet(id).is_none() => {
            Err(Rejection::UnknownReference { field: "outlet", stream: id.into() })
        }
        _ => Ok(()),
    }
}

fn known_customer(
    aggregates: &dyn Aggregates,
    customer: Option<CustomerId>,
) -> Result<(), Rejection> {
    match customer {
        Some(id) if aggregates.customer(id).is_none() => {
            Err(Rejection::UnknownReference { field: "customer", stream: id.into() })
        }
        _ => Ok(()),
    }
}

fn short(fields: &[(&'static str, &Option<String>)]) -> Result<(), Rejection> {
    fields.iter().try_for_each(|(field, value)| match value {
        Some(value) => limits::name(field, value),
        None => Ok(()),
    })
}

pub(crate) fn put_customer(
    aggregates: &dyn Aggregates,
    id: CustomerId,
    entry: &CustomerEntry,
) -> Result<Vec<Change>, Rejection> {
    known_outlet(aggregates, entry.outlet)?;
    short(&[("code", &entry.code), ("name", &entry.name), ("place", &entry.place)])?;
    limits::list("contacts", entry.contacts.len())?;
    for contact in &entry.contacts {
        limits::name("contacts.name", &contact.name)?;
        short(&[("contacts.phone", &contact.phone)])?;
        if contact.roles.len() > ContactRole::ALL.len() {
            return Err(Rejection::invalid("contacts.roles", "name each role once"));
        }
    }
    let said =
        |contact: &Contact| contact.name.len() + contact.phone.as_ref().map_or(0, String::len);
    limits::list_bytes("contacts", entry.contacts.iter().map(said).sum())?;
    let set = CustomerSet {
        code: limits::said(&entry.code),
        outlet: entry.outlet,
        card: CustomerCard {
            name: limits::said(&entry.name),
            place: limits::said(&entry.place),
            position: entry.position,
            contacts: entry.contacts.clone(),
        }
        .into(),
    };
    let before = aggregates.customer(id);
    Ok(changed(before.as_ref().map(|now| &now.entry), &set)
        .then(|| Change::own(id, CustomerEvent::CustomerSet(set)))
        .into_iter()
        .collect())
}

pub(crate) fn put_device(
    aggregates: &dyn Aggregates,
    id: DeviceId,
    entry: &DeviceEntry,
) -> Result<Vec<Change>, Rejection> {
    known_outlet(aggregates, entry.outlet)?;
    known_customer(aggregates, entry.customer)?;
    short(&[
        ("code", &entry.code),
        ("model", &entry.model),
        ("serial", &entry.serial),
        ("place", &entry.place),
    ])?;
    limits::names("skills", &entry.skills)?;
    let set = DeviceSet {
        code: limits::said(&entry.code),
        customer: entry.customer,
        outlet: entry.outlet,
        model: limits::said(&entry.model),
        serial: limits::said(&entry.serial),
        skills: entry.skills.clone(),
        warranty_until: entry.warranty_until,
        place: DevicePlace { place: limits::said(&entry.place), position: entry.position }.into(),
    };
    let before = aggregates.device(id);
    // A device stands at its customer's, so the customer's key seals where.
    let subject = entry.customer.map_or_else(|| id.into(), Into::into);
    Ok(changed(before.as_ref().map(|now| &now.entry), &set)
        .then(|| Change { subject, ..Change::own(id, DeviceEvent::DeviceSet(set)) })
        .into_iter()
        .collect())
}

pub(crate) fn put_outlet(
    aggregates: &dyn Aggregates,
    id: OutletId,
    entry: &OutletEntry,
) -> Result<Vec<Change>, Rejection> {
    if let Some(area) = entry.area.filter(|area| aggregates.area(*area).is_none()) {
        return Err(Rejection::UnknownReference { field: "area", stream: area.into() });
    }
    required_name(&entry.name)?;
    short(&[("code", &entry.code)])?;
    let set = OutletSet {
        code: limits::said(&entry.code),
        name: entry.name.trim().to_owned(),
        area: entry.area,
        position: entry.position,
        hours: entry
            .hours
            .clone()
            .unwrap_or_else(|| ServiceHours::always(&aggregates.rules().rules.zone)),
    };
    let before = aggregates.outlet(id);
    Ok(changed(before.as_ref().map(|now| &now.entry), &set)
        .then(|| Change::own(id, OutletEvent::OutletSet(set)))
        .into_iter()
        .collect())
}

pub(crate) fn put_area(
    aggregates: &dyn Aggregates,
    id: AreaId,
    entry: &AreaEntry,
) -> Result<Vec<Change>, Rejection> {
    required_name(&entry.name)?;
    short(&[("code", &entry.code)])?;
    limits::list("staff", entry.staff.len())?;
    for card in &entry.staff {
        short(&[("staff.name", &card.name), ("staff.phone", &card.phone)])?;
    }
    let said = |value: &Option<String>| value.as_ref().map_or(0, String::len);
    let together = entry.staff.iter().map(|card| said(&card.name) + said(&card.phone)).sum();
    limits::list_bytes("staff", together)?;
    let set = AreaSet {
        code: limits::said(&entry.code),
        name: entry.name.trim().to_owned(),
        supervisor: entry.supervisor,
        deputy: entry.deputy,
        director: entry.director,
        engineers_min: entry
            .engineers_min
            .unwrap_or_else(|| aggregates.rules().rules.freeze.engineers_min),
        staff: entry.staff.clone().into(),
    };
    let before = aggregates.area(id);
    Ok(changed(before.as_ref().map(|now| &now.entry), &set)
        .then(|| Change::own(id, AreaEvent::AreaSet(set)))
        .into_iter()
        .collect())
}

fn required_name(name: &str) -> Result<(), Rejection> {
    if name.trim().is_empty() {
        return Err(Rejection::invalid("name", "is required, so that people can choose it"));
    }
    limits::name("name", name)
}

fn changed<T: PartialEq>(before: Option<&T>, after: &T) -> bool {
    before != Some(after)
}
