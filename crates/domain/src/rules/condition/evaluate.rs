//! Whether a condition holds for a ticket, and what in it did.

use serde::{Deserialize, Serialize};

use super::{Condition, Test, step};
use crate::calendar::Zone;
use crate::id::{AreaId, OutletId};
use crate::likeness::Said;
use crate::ticket::{Channel, Priority, Ticket};
use crate::time::Timestamp;

/// What is known of a ticket.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The description, as far as it is known.
    pub said: Option<&'a Said>,
    /// It is known to its end: nothing of it is sealed or erased.
    pub said_all: bool,
    /// How many images came with it.
    pub images: u32,
    /// Whether it is urgent.
    pub urgent: bool,
    /// How much it matters.
    pub priority: Priority,
    /// How it came in.
    pub channel: Channel,
    /// Its area.
    pub area: Option<AreaId>,
    /// Its outlet.
    pub outlet: Option<OutletId>,
    /// The model of its device.
    pub device_model: Option<&'a str>,
    /// The time.
    pub now: Timestamp,
}

impl<'a> Facts<'a> {
    /// What is known of a ticket with a device of this model, apart from what was said of it.
    pub fn of(ticket: &Ticket, device_model: Option<&'a str>, now: Timestamp) -> Self {
        Self {
            said: None,
            said_all: false,
            images: u32::try_from(ticket.images()).unwrap_or(u32::MAX),
            urgent: ticket.urgent,
            priority: ticket.priority,
            channel: ticket.channel,
            area: ticket.area,
            outlet: ticket.outlet,
            device_model,
            now,
        }
    }
}

/// Something in a condition that held, where in it, and for what reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Met {
    /// Where in the condition, such as `all[0].says`.
    pub at: String,
    /// What was found.
    pub found: Finding,
}

/// What was found of a ticket. Stored shape: a new variant goes to the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The description says this word of the rule.
    Says(String),
    /// There were so many images.
    Images(u32),
    /// It was urgent, or not.
    Urgent(bool),
    /// It mattered so much.
    Priority(Priority),
    /// It came in this way.
    Channel(Channel),
    /// It belongs to this area.
    Area(AreaId),
    /// It belongs to this outlet.
    Outlet(OutletId),
    /// Its device is of this model.
    DeviceModel(String),
    /// The time was within the hours.
    WithinHours,
    /// Nothing of what must not be so was so.
    NoneOf,
    /// This expression of the rule was true: its beginning.
    Cel(String),
}

/// A condition may ask for what is not known: then neither it nor its opposite holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Yes,
    No,
    Unknown,
}

impl Condition {
    /// How many findings are told at most.
    pub const MET_MAX: usize = 20;

    /// What in it holds for the ticket, by the clock of this zone; nothing: it does not hold, or
    /// that is not known.
    pub fn met(&self, facts: &Facts<'_>, zone: &str) -> Option<Vec<Met>> {
        let mut met = Vec::new();
        let holds = self.judge("", facts, zone, &mut met) == Truth::Yes;
        met.truncate(Self::MET_MAX);
        holds.then_some(met)
    }

    /// Whether it holds for the ticket.
    pub fn holds(&self, facts: &Facts<'_>, zone: &str) -> bool {
        self.judge("", facts, zone, &mut Vec::new()) == Truth::Yes
    }

    fn judge(&self, path: &str, facts: &Facts<'_>, zone: &str, met: &mut Vec<Met>) -> Truth {
        let Some((name, parts)) = self.parts() else {
            let Self::Is(test) = self else { return Truth::Unknown };
            return match test.judge(facts, zone) {
                Ok(found) => {
                    met.push(Met { at: step(path, test.name()), found });
                    Truth::Yes
                }
                Err(truth) => truth,
            };
        };
        let path = step(path, name);
        let before = met.len();
        let mut judged = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            judged.push(part.judge(&format!("{path}[{index}]"), facts, zone, met));
            if matches!(self, Self::Any(_)) && judged.ends_with(&[Truth::Yes]) {
                break;
            }
        }
        let is = |truth: Truth| judged.contains(&truth);
        let truth = match self {
            Self::All(_) if is(Truth::No) => Truth::No,
            Self::All(_) if is(Truth::Unknown) => Truth::Unknown,
            Self::All(_) => Truth::Yes,
            Self::Not(_) if is(Truth::Yes) => Truth::No,
            Self::Not(_) if is(Truth::Unknown) => Truth::Unknown,
            Self::Not(_) => Truth::Yes,
            _ if is(Truth::Yes) => Truth::Yes,
            _ if is(Truth::Unknown) => Truth::Unknown,
            _ => Truth::No,
        };
        let is_not = matches!(self, Self::Not(_));
        if truth != Truth::Yes || is_not {
            met.truncate(before);
        }
        if truth == Truth::Yes && is_not {
            met.push(Met { at: path, found: Finding::NoneOf });
        }
        truth
    }
}

impl Test {
    fn judge(&self, facts: &Facts<'_>, zone: &str) -> Result<Finding, Truth> {
        fn one_of<T: PartialEq + Copy>(list: &[T], one: Option<T>) -> Option<T> {
            one.filter(|one| list.contains(one))
        }
        let same =
            |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
        let found = match self {
            Self::Says(words) => {
                let word = facts.said.and_then(|said| said.first_of(words));
                if word.is_none() && !(facts.said_all && facts.said.is_some()) {
                    return Err(Truth::Unknown);
                }
                word.map(|word| Finding::Says(word.to_owned()))
            }
            Self::ImagesAtLeast(least) => {
                (facts.images >= *least).then_some(Finding::Images(facts.images))
            }
            Self::Urgent(urgent) => {
                (facts.urgent == *urgent).then_some(Finding::Urgent(facts.urgent))
            }
            Self::PriorityAtLeast(least) => {
                (facts.priority >= *least).then_some(Finding::Priority(facts.priority))
            }
            Self::ChannelIn(list) => one_of(list, Some(facts.channel)).map(Finding::Channel),
            Self::AreaIn(list) => one_of(list, facts.area).map(Finding::Area),
            Self::OutletIn(list) => one_of(list, facts.outlet).map(Finding::Outlet),
            Self::DeviceModelIn(list) => {
                let model = facts.device_model;
                let model = model.filter(|model| list.iter().any(|one| same(one, model)));
                model.map(|model| Finding::DeviceModel(model.to_owned()))
            }
            Self::Cel(cel) => match cel.holds(facts, zone) {
                Some(holds) => holds.then(|| Finding::Cel(cel.told())),
                None => return Err(Truth::Unknown),
            },
            Self::WithinHours(hours) => {
                hours.is_open_in(&Zone::or_utc(zone), facts.now).then_some(Finding::WithinHours)
            }
        };
        found.ok_or(Truth::No)
    }
}

#[cfg(test)]
mod tests;
