//! The directory: customers, devices, outlets, areas, engineers' entries, and the rule set.
//!
//! Names, telephones and places are personal. They are kept in memory only: a dump leaves them
//! out, and a snapshot holds nothing but which event of a stream set an entry. That event is read
//! from the log again when the snapshot is loaded, so a key that was destroyed meanwhile has
//! erased the person here too.

mod entry;
mod fold;
mod lines;

use dashmap::DashMap;
use domain::directory::{Area, Customer, Device, Outlet};
use domain::rules::RuleSet;
use domain::{
    AreaId, CustomerId, DeviceId, EngineerId, OutletId, Personal, StreamId, StreamVersion,
};

pub use entry::{EngineerEntry, Entry};

/// The model.
#[derive(Debug, Default)]
pub struct Directory {
    customers: DashMap<CustomerId, Entry<Customer>>,
    devices: DashMap<DeviceId, Entry<Device>>,
    outlets: DashMap<OutletId, Entry<Outlet>>,
    areas: DashMap<AreaId, Entry<Area>>,
    engineers: DashMap<EngineerId, EngineerEntry>,
    rules: RuleSet,
    /// Where they were published; nowhere, the shipped ones.
    rules_at: Option<StreamVersion>,
}

impl Directory {
    /// A customer.
    pub fn customer(&self, id: CustomerId) -> Option<Entry<Customer>> {
        self.customers.get(&id).map(|entry| entry.clone())
    }

    /// A device.
    pub fn device(&self, id: DeviceId) -> Option<Entry<Device>> {
        self.devices.get(&id).map(|entry| entry.clone())
    }

    /// An outlet.
    pub fn outlet(&self, id: OutletId) -> Option<Entry<Outlet>> {
        self.outlets.get(&id).map(|entry| entry.clone())
    }

    /// An area.
    pub fn area(&self, id: AreaId) -> Option<Entry<Area>> {
        self.areas.get(&id).map(|entry| entry.clone())
    }

    /// An engineer's entry.
    pub fn engineer(&self, id: EngineerId) -> Option<EngineerEntry> {
        self.engineers.get(&id).map(|entry| entry.clone())
    }

    /// All outlets, by id.
    pub fn outlets(&self) -> Vec<Entry<Outlet>> {
        in_order(&self.outlets)
    }

    /// All areas, by id.
    pub fn areas(&self) -> Vec<Entry<Area>> {
        in_order(&self.areas)
    }

    /// All engineers' entries, by id.
    pub fn engineers(&self) -> Vec<EngineerEntry> {
        in_order(&self.engineers)
    }

    /// The rules that hold.
    pub const fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Drops what is known of a person whose key was destroyed: of a customer the card and the
    /// places of the devices, of an engineer the card and the position, of an area its people.
    pub fn forget(&mut self, subject: StreamId) {
        for mut entry in self.customers.iter_mut() {
            if StreamId::from(*entry.key()) == subject {
                entry.entry.entry.card = Personal::Erased;
            }
        }
        for mut device in self.devices.iter_mut() {
            let sealed_by = device
                .entry
                .entry
                .customer
                .map_or_else(|| StreamId::from(device.entry.id), StreamId::from);
            if sealed_by == subject {
                device.entry.entry.place = Personal::Erased;
            }
        }
        for mut entry in self.areas.iter_mut() {
            if StreamId::from(*entry.key()) == subject {
                entry.entry.entry.staff = Personal::Erased;
            }
        }
        for mut entry in self.engineers.iter_mut() {
            if StreamId::from(*entry.key()) == subject {
                entry.forget();
            }
        }
    }

    /// Drops what is known of all people.
    pub(crate) fn forget_everybody(&mut self) {
        for mut entry in self.customers.iter_mut() {
            entry.entry.entry.card = Personal::Erased;
        }
        for mut device in self.devices.iter_mut() {
            device.entry.entry.place = Personal::Erased;
        }
        for mut entry in self.areas.iter_mut() {
            entry.entry.entry.staff = Personal::Erased;
        }
        for mut entry in self.engineers.iter_mut() {
            entry.forget();
        }
    }
}

fn in_order<K, V>(rows: &DashMap<K, V>) -> Vec<V>
where
    K: Ord + Copy + std::hash::Hash,
    V: Clone,
{
    let mut rows: Vec<(K, V)> = rows.iter().map(|row| (*row.key(), row.value().clone())).collect();
    rows.sort_unstable_by_key(|(key, _)| *key);
    rows.into_iter().map(|(_, row)| row).collect()
}
