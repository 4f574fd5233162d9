//! How the directory follows the log, and how it finds its entries again after a start.

use std::io;

use dashmap::DashMap;
use domain::directory::{Area, Customer, Device, Outlet};
use domain::engineer::{EngineerEvent, LastPosition, Moved};
use domain::rules::{RuleSet, RuleSetEvent};
use domain::{
    AreaId, CustomerId, DeviceId, EngineerId, Event, OutletId, Personal, StreamId, StreamVersion,
};
use eventlog::RecordedEvent;

use super::{Directory, EngineerEntry, Entry};
use crate::body::{BodyError, BodyReader, BodyWriter};
use crate::changes::Changes;
use crate::contract::{Past, Projection, ProjectionError, corrupt};
use crate::dump::TakeLine;

/// Where an engineer's entry stands in the log: the stream's version, and those of the last entry
/// and move.
type EngineerPlace = (EngineerId, StreamVersion, StreamVersion, Option<StreamVersion>);

impl Directory {
    fn engineer_event(
        &mut self,
        event: &RecordedEvent,
        what: &EngineerEvent,
    ) -> Result<(), ProjectionError> {
        let Some(id) = event.stream.engineer() else {
            return Err(corrupt(event, "an engineer's event is in another kind of stream").into());
        };
        match (self.engineers.get_mut(&id), what) {
            (Some(mut entry), EngineerEvent::ProfileSet(profile)) => {
                entry.profile.clone_from(profile);
                (entry.version, entry.set_at) = (event.version, event.version);
            }
            (Some(mut entry), EngineerEvent::Moved(moved)) => {
                entry.position = Some(last_position(event, moved));
                (entry.version, entry.moved_at) = (event.version, Some(event.version));
            }
            (Some(mut entry), _) => entry.version = event.version,
            (None, EngineerEvent::ProfileSet(profile)) => {
                let entry = EngineerEntry {
                    id,
                    version: event.version,
                    profile: profile.clone(),
                    position: None,
                    set_at: event.version,
                    moved_at: None,
                };
                self.engineers.insert(id, entry);
            }
            (None, _) => return Err(corrupt(event, "the engineer has no entry yet").into()),
        }
        Ok(())
    }

    /// Applies one of the events that hold a whole entry.
    fn set(&mut self, event: &RecordedEvent) {
        let (number, version) = (event.stream.id(), event.version);
        match &event.event {
            Event::Customer(what) => {
                let id = CustomerId::from_u128(number);
                let entry = Customer::evolve(id, what);
                self.customers.insert(id, Entry { version, entry });
            }
            Event::Device(what) => {
                let id = DeviceId::from_u128(number);
                let entry = Device::evolve(id, what);
                self.devices.insert(id, Entry { version, entry });
            }
            Event::Outlet(what) => {
                let id = OutletId::from_u128(number);
                let entry = Outlet::evolve(id, what);
                self.outlets.insert(id, Entry { version, entry });
            }
            Event::Area(what) => {
                let id = AreaId::from_u128(number);
                let entry = Area::evolve(id, what);
                self.areas.insert(id, Entry { version, entry });
            }
            Event::Rules(RuleSetEvent::RuleSetPublished(published)) => {
                self.rules = RuleSet { version: published.version, rules: published.rules.clone() };
                self.rules_at = Some(version);
            }
            Event::Log(_)
            | Event::Ticket(_)
            | Event::Engineer(_)
            | Event::Attachment(_)
            | Event::Audit(_) => {}
        }
    }

    /// Where entries and rules stand in the log.
    fn places(&self) -> Vec<(StreamId, StreamVersion)> {
        fn of<K, T>(rows: &DashMap<K, Entry<T>>) -> impl Iterator<Item = (StreamId, StreamVersion)>
        where
            K: Copy + Eq + std::hash::Hash + Into<StreamId>,
        {
            rows.iter().map(|row| ((*row.key()).into(), row.version))
        }
        let mut places: Vec<_> = of(&self.areas)
            .chain(of(&self.outlets))
            .chain(of(&self.customers))
            .chain(of(&self.devices))
            .chain(self.rules_at.map(|version| (StreamId::RULES, version)))
            .collect();
        places.sort_unstable();
        places
    }

    fn recall_engineer(&mut self, place: EngineerPlace, past: Past<'_>) -> Result<(), BodyError> {
        let (id, version, set_at, moved_at) = place;
        let read = |at| past.at(id.into(), at)?.ok_or(GONE);
        let Event::Engineer(EngineerEvent::ProfileSet(profile)) = read(set_at)?.event else {
            return Err(GONE);
        };
        let position = match moved_at.map(read).transpose()? {
            None => None,
            Some(event) => match &event.event {
                Event::Engineer(EngineerEvent::Moved(moved)) => Some(last_position(&event, moved)),
                _ => return Err(GONE),
            },
        };
        self.engineers
            .insert(id, EngineerEntry { id, version, profile, position, set_at, moved_at });
        Ok(())
    }
}

const GONE: BodyError = BodyError::Shape("it names an event that the log does not have");

const fn last_position(event: &RecordedEvent, moved: &Moved) -> LastPosition {
    let coordinates = match moved.position {
        Personal::Known(coordinates) => Some(coordinates),
        Personal::Erased => None,
    };
    LastPosition { coordinates, at: event.occurred_at }
}

impl Projection for Directory {
    const NAME: &'static str = "directory";
    const VERSION: u32 = 2;
    // It shows the rules, and counts nothing by them.
    const INPUTS: &'static [&'static str] = &[];

    fn empty() -> Self {
        Self::default()
    }

    fn apply(
        &mut self,
        event: &RecordedEvent,
        _past: Past<'_>,
        changes: &mut Changes<'_>,
    ) -> Result<(), ProjectionError> {
        if event.event.kind() != event.stream.kind() {
            return Err(corrupt(event, "the event is in another kind of stream").into());
        }
        match &event.event {
            Event::Engineer(what) => self.engineer_event(event, what)?,
            _ => self.set(event),
        }
        self.tell(event, changes);
        Ok(())
    }

    fn rows(&self) -> usize {
        let directory = self.customers.len() + self.devices.len();
        directory + self.outlets.len() + self.areas.len() + self.engineers.len()
    }

    fn lines(&self, take: &mut TakeLine<'_>) -> io::Result<()> {
        self.rows_as_lines(take)
    }

    fn encode(&self) -> Result<Vec<u8>, BodyError> {
        let mut body = BodyWriter::default();
        body.rows(self.places().into_iter())?;
        let mut engineers: Vec<EngineerPlace> = (self.engineers.iter())
            .map(|row| (row.id, row.version, row.set_at, row.moved_at))
            .collect();
        engineers.sort_unstable();
        body.rows(engineers.into_iter())?;
        Ok(body.finish())
    }

    fn decode(body: &[u8], past: Past<'_>) -> Result<Self, BodyError> {
        let mut body = BodyReader::new(body);
        let mut model = Self::default();
        body.rows(|(stream, version): (StreamId, StreamVersion)| {
            let event = past.at(stream, version)?.ok_or(GONE)?;
            model.set(&event);
            Ok(())
        })?;
        body.rows(|place: EngineerPlace| model.recall_engineer(place, past))?;
        body.finish()?;
        Ok(model)
    }
}
