//! Which fields of an entry change, in the shape in which people put it.

use std::collections::BTreeMap;

use domain::directory::{
    AreaEntry, AreaEvent, CustomerEntry, CustomerEvent, DeviceEntry, DeviceEvent, OutletEntry,
    OutletEvent,
};
use domain::engineer::{EngineerCommand, EngineerEvent, Profile, ProfileSet};
use domain::{Aggregates, Command, Event};
use serde::Serialize;
use serde_json::Value;

use crate::report::FieldChange;
use crate::world::World;

/// Fields by name; those of a field that has fields are `hours.weekly` and the like.
type Fields = BTreeMap<String, Value>;

/// The fields that differ between the entry that a command puts, as it is now, and an event that
/// the command leads to. Nothing where there is no entry yet.
pub(crate) fn between(
    world: &World<'_>,
    command: &Command,
    event: &Event,
) -> Option<Vec<FieldChange>> {
    let mut before = now(world, command)?;
    let mut after = of_event(event);
    let names: Vec<_> = before.keys().chain(after.keys()).cloned().collect();
    let mut changes: Vec<FieldChange> = Vec::new();
    for field in names {
        let before = before.remove(&field).unwrap_or_default();
        let after = after.remove(&field).unwrap_or_default();
        if before != after {
            let (before, after) = (readable(world, before), readable(world, after));
            changes.push(FieldChange { field, before, after });
        }
    }
    Some(changes)
}

fn now(world: &World<'_>, command: &Command) -> Option<Fields> {
    Some(match command {
        Command::Area(id, _) => fields(AreaEntry::from(&world.area(*id)?.entry)),
        Command::Outlet(id, _) => fields(OutletEntry::from(&world.outlet(*id)?.entry)),
        Command::Customer(id, _) => fields(CustomerEntry::from(&world.customer(*id)?.entry)),
        Command::Device(id, _) => fields(DeviceEntry::from(&world.device(*id)?.entry)),
        Command::Engineer(id, EngineerCommand::Put(_)) => of_profile(&world.engineer(*id)?.profile),
        Command::Engineer(..)
        | Command::Ticket(..)
        | Command::PublishRules(_)
        | Command::Attachment(..)
        | Command::RecordAudit(_) => return None,
    })
}

fn of_event(event: &Event) -> Fields {
    match event {
        Event::Area(AreaEvent::AreaSet(set)) => fields(AreaEntry::from(set)),
        Event::Outlet(OutletEvent::OutletSet(set)) => fields(OutletEntry::from(set)),
        Event::Customer(CustomerEvent::CustomerSet(set)) => fields(CustomerEntry::from(set)),
        Event::Device(DeviceEvent::DeviceSet(set)) => fields(DeviceEntry::from(set)),
        Event::Engineer(EngineerEvent::ProfileSet(set)) => of_profile(set),
        Event::Engineer(_)
        | Event::Ticket(_)
        | Event::Rules(_)
        | Event::Attachment(_)
        | Event::Audit(_)
        | Event::Log(_) => Fields::new(),
    }
}

/// With the area, which follows from the outlet and can change alone.
fn of_profile(set: &ProfileSet) -> Fields {
    let mut fields = fields(Profile::from(set));
    fields.insert("area".to_owned(), serde_json::to_value(set.area).unwrap_or_default());
    fields
}

fn fields(entry: impl Serialize) -> Fields {
    let mut fields = Fields::new();
    if let Ok(Value::Object(entry)) = serde_json::to_value(entry) {
        for (name, value) in entry {
            match value {
                Value::Object(inner) => {
                    let inner = inner.into_iter();
                    fields.extend(inner.map(|(part, value)| (format!("{name}.{part}"), value)));
                }
                value => {
                    fields.insert(name, value);
                }
            }
        }
    }
    fields
}

/// References by code, which people know, where there is one.
fn readable(world: &World<'_>, value: Value) -> Value {
    match &value {
        Value::String(text) => world.code_of(text).map_or(value, Value::String),
        _ => value,
    }
}
