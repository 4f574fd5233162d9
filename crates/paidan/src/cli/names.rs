//! Names beside ids, as the directory has them, and the firm's clock.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;

use domain::{
    AreaId, CustomerId, DeviceId, EngineerId, OutletId, StaffId, TicketId, TicketNumber, Timestamp,
    Zone,
};
use serde::Deserialize;
use words::LocalTime;

use super::CliError;
use super::reader::{Reader, read};
use super::target::Target;

/// Names are asked for again rather than kept, once there are so many.
const NAMES_MAX: usize = 10_000;

/// What people call things, and when it is there.
pub(super) struct Names {
    names: HashMap<String, String>,
    pub(super) time: LocalTime,
    /// What time it was for whoever told the names.
    pub(super) now: Timestamp,
    /// The name of the zone whose clock that is.
    pub(super) zone: String,
}

#[derive(Deserialize)]
struct RulesBody {
    rules: Firm,
}

#[derive(Deserialize)]
struct Firm {
    zone: String,
}

#[derive(Deserialize)]
struct EntryBody {
    /// Of a ticket.
    number: Option<String>,
    entry: Option<Entry>,
}

#[derive(Default, Deserialize)]
struct Entry {
    code: Option<String>,
    name: Option<String>,
    model: Option<String>,
    #[serde(default)]
    staff: Vec<Person>,
}

#[derive(Deserialize)]
struct Person {
    id: String,
    name: Option<String>,
}

/// Whether a text has the form of an id: a prefix of two letters, and 26 more.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 29 && text.as_bytes()[2] == b'_'
}

/// Where a kind of id is looked up.
fn place(id: &str) -> Option<&'static str> {
    let (kind, _) = id.split_once('_')?;
    Some(match kind {
        "ou" => "/api/v1/outlets",
        "ar" => "/api/v1/areas",
        "en" => "/api/v1/engineers",
        "cu" => "/api/v1/customers",
        "dv" => "/api/v1/devices",
        "tk" => "/api/v1/tickets",
        _ => return None,
    })
}

impl Names {
    /// No names yet, on the firm's clock.
    pub(super) fn new(reader: &mut Reader<'_>) -> Result<Self, CliError> {
        let RulesBody { rules } = read(&reader.ask(Target::new("/api/v1/rules"))?)?;
        // A log of a newer release may name a zone that this one does not know.
        let zone = Zone::or_utc(&rules.zone);
        let (zone_name, now) = (zone.name().to_owned(), reader.now());
        Ok(Self { names: HashMap::new(), zone: zone_name, time: LocalTime::new(zone), now })
    }

    /// The same names, for an answer that looks back to a moment: it is as late then.
    pub(super) fn at(self, moment: Option<Timestamp>) -> Self {
        Self { now: moment.unwrap_or(self.now), ..self }
    }

    /// Looks up what is not known yet. An id without an entry stays as it is.
    pub(super) fn learn(
        &mut self,
        reader: &mut Reader<'_>,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<(), CliError> {
        if self.names.len() > NAMES_MAX {
            self.names.clear();
        }
        let unknown: BTreeSet<String> =
            ids.into_iter().filter(|id| !self.names.contains_key(id)).collect();
        let (ids, targets): (Vec<_>, Vec<_>) = unknown
            .into_iter()
            .filter_map(|id| Some((Target::new(place(&id)?).step(&id), id)))
            .map(|(target, id)| (id, target))
            .unzip();
        for (id, body) in ids.into_iter().zip(reader.ask_all(targets)?) {
            if body.status != 200 {
                continue;
            }
            let EntryBody { number, entry } = read(&body.text)?;
            let Entry { code, name, model, staff } = entry.unwrap_or_default();
            for Person { id, name } in staff {
                self.names.extend(name.map(|name| (id, name)));
            }
            let called: Vec<String> =
                number.into_iter().chain(code).chain(name.or(model)).collect();
            if !called.is_empty() {
                self.names.insert(id, called.join(" "));
            }
        }
        Ok(())
    }

    /// What somebody or something is called: code and name, or the id where neither is known.
    pub(super) fn of(&self, id: impl Display) -> String {
        let id = id.to_string();
        self.names.get(&id).cloned().unwrap_or(id)
    }

    /// The same; nothing for nobody.
    pub(super) fn of_some(&self, id: Option<impl Display>) -> String {
        id.map(|id| self.of(id)).unwrap_or_default()
    }
}

impl Names {
    fn known(&self, id: impl Display) -> Option<String> {
        self.names.get(&id.to_string()).cloned()
    }
}

impl words::Names for Names {
    fn engineer(&self, id: EngineerId) -> Option<String> {
        self.known(id)
    }

    fn customer(&self, id: CustomerId) -> Option<String> {
        self.known(id)
    }

    fn device(&self, id: DeviceId) -> Option<String> {
        self.known(id)
    }

    fn outlet(&self, id: OutletId) -> Option<String> {
        self.known(id)
    }

    fn area(&self, id: AreaId) -> Option<String> {
        self.known(id)
    }

    fn staff(&self, id: StaffId) -> Option<String> {
        self.known(id)
    }

    fn ticket(&self, id: TicketId) -> Option<TicketNumber> {
        self.known(id)?.parse().ok()
    }
}
