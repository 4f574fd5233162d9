//! The directory's dump: what is not personal of it.

use std::io;

use domain::directory::{Area, Customer, Device};
use domain::{AreaId, CustomerId, DeviceId, EngineerId, Event, OutletId, Personal};
use eventlog::RecordedEvent;
use serde::Serialize;

use super::{Directory, EngineerEntry, Entry, in_order};
use crate::changes::Changes;
use crate::dump::{Table, TakeLine, line};

static RULES: Table = Table::keyed("rules", &[]);
static AREAS: Table = Table::keyed("area", &["id"]);
static OUTLETS: Table = Table::keyed("outlet", &["id"]);
static CUSTOMERS: Table = Table::keyed("customer", &["id"]);
static DEVICES: Table = Table::keyed("device", &["id"]);
static ENGINEERS: Table = Table::keyed("engineer", &["id"]);

/// A row, with the name of its table.
#[derive(Serialize)]
struct Line<R> {
    kind: &'static str,
    #[serde(flatten)]
    row: R,
}

fn of<R>(table: &'static Table, row: R) -> Line<R> {
    Line { kind: table.name, row }
}

fn area(mut entry: Entry<Area>) -> Line<Entry<Area>> {
    entry.entry.entry.staff = Personal::Erased;
    of(&AREAS, entry)
}

fn customer(mut entry: Entry<Customer>) -> Line<Entry<Customer>> {
    entry.entry.entry.card = Personal::Erased;
    of(&CUSTOMERS, entry)
}

fn device(mut entry: Entry<Device>) -> Line<Entry<Device>> {
    entry.entry.entry.place = Personal::Erased;
    of(&DEVICES, entry)
}

fn engineer(mut entry: EngineerEntry) -> Line<EngineerEntry> {
    entry.forget();
    of(&ENGINEERS, entry)
}

impl Directory {
    pub(super) fn rows_as_lines(&self, take: &mut TakeLine<'_>) -> io::Result<()> {
        line(take, &RULES, &of(&RULES, &self.rules))?;
        for entry in in_order(&self.areas) {
            line(take, &AREAS, &area(entry))?;
        }
        for entry in in_order(&self.outlets) {
            line(take, &OUTLETS, &of(&OUTLETS, entry))?;
        }
        for entry in in_order(&self.customers) {
            line(take, &CUSTOMERS, &customer(entry))?;
        }
        for entry in in_order(&self.devices) {
            line(take, &DEVICES, &device(entry))?;
        }
        for entry in in_order(&self.engineers) {
            line(take, &ENGINEERS, &engineer(entry))?;
        }
        Ok(())
    }

    /// Says which line an event has changed.
    pub(super) fn tell(&self, event: &RecordedEvent, changes: &mut Changes<'_>) {
        let number = event.stream.id();
        match &event.event {
            Event::Rules(_) => {
                changes.row(&RULES, &[(); 0], || Some(of(&RULES, self.rules.clone())));
            }
            Event::Area(_) => {
                let id = AreaId::from_u128(number);
                changes.row(&AREAS, &[id], || self.area(id).map(area));
            }
            Event::Outlet(_) => {
                let id = OutletId::from_u128(number);
                changes.row(&OUTLETS, &[id], || self.outlet(id).map(|entry| of(&OUTLETS, entry)));
            }
            Event::Customer(_) => {
                let id = CustomerId::from_u128(number);
                changes.row(&CUSTOMERS, &[id], || self.customer(id).map(customer));
            }
            Event::Device(_) => {
                let id = DeviceId::from_u128(number);
                changes.row(&DEVICES, &[id], || self.device(id).map(device));
            }
            Event::Engineer(_) => {
                let id = EngineerId::from_u128(number);
                changes.row(&ENGINEERS, &[id], || self.engineer(id).map(engineer));
            }
            Event::Log(_) | Event::Ticket(_) | Event::Attachment(_) | Event::Audit(_) => {}
        }
    }
}
