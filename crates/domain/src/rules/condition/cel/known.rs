//! What an expression can ask of a ticket, and what is answered.

use cel::common::types::{CelBool, CelInt, CelString};
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as NoSuchName;

use super::super::Facts;
use super::read::Program;
use crate::calendar::{CivilDate, Zone};
use crate::id::{AreaId, OutletId};
use crate::likeness::Said;
use crate::ticket::{Channel, Priority};

/// The names that an expression can use, as people are told them.
pub const CEL_VARIABLES: &str = "images, urgent, priority (low, normal, high, critical), channel, \
                                 area, outlet, device_model, hour, weekday, date, description";

/// What something in an expression is. Only like can be compared with like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int,
    Priority,
    /// A text within the expression: of whatever kind it stands beside.
    Text,
    Channel,
    Area,
    Outlet,
    DeviceModel,
    Date,
    Description,
}

impl Kind {
    /// What stands under this name.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "urgent" => Self::Bool,
            "images" | "hour" | "weekday" => Self::Int,
            "priority" | "low" | "normal" | "high" | "critical" => Self::Priority,
            "channel" => Self::Channel,
            "area" => Self::Area,
            "outlet" => Self::Outlet,
            "device_model" => Self::DeviceModel,
            "date" => Self::Date,
            "description" => Self::Description,
            _ => return None,
        })
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Priority => "priority",
            Self::Text => "text",
            Self::Channel => "channel",
            Self::Area => "area",
            Self::Outlet => "outlet",
            Self::DeviceModel => "device_model",
            Self::Date => "date",
            Self::Description => "description",
        }
    }

    /// Whether one can be less than another.
    pub(super) const fn has_order(self) -> bool {
        matches!(self, Self::Int | Self::Priority | Self::Date)
    }

    /// How a text reads that is compared with this; nothing: this is never so, but like the example.
    pub(super) fn text(self, text: &str) -> Result<String, &'static str> {
        match self {
            Self::Channel => channel(text).map(str::to_owned).ok_or("\"phone\""),
            // Empty: it belongs to none.
            Self::Area | Self::Outlet if text.is_empty() => Ok(String::new()),
            Self::Area => {
                let area = text.parse().map(|id: AreaId| id.to_string());
                area.map_err(|_| "\"ar_01jd3nqz5e8y6b000000000000\"")
            }
            Self::Outlet => {
                let outlet = text.parse().map(|id: OutletId| id.to_string());
                outlet.map_err(|_| "\"ou_01jd3nqz5e8y6b000000000000\"")
            }
            Self::Date => {
                let date = text.parse().map(|date: CivilDate| date.to_string());
                date.map_err(|_| "\"2026-10-01\"")
            }
            Self::DeviceModel => Ok(plain(text)),
            Self::Description => Ok(Said::of(text).into_text()),
            Self::Bool | Self::Int | Self::Priority | Self::Text => Ok(text.to_owned()),
        }
    }
}

/// Models are compared without regard to capitals and what stands around them, as `device_model_in` does.
fn plain(model: &str) -> String {
    model.trim().to_lowercase()
}

fn channel(name: &str) -> Option<&'static str> {
    let name: serde::de::value::StrDeserializer<'_, NoSuchName> = name.into_deserializer();
    Channel::deserialize(name).ok().map(channel_name)
}

const fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Api => "api",
        Channel::Page => "page",
        Channel::Phone => "phone",
        Channel::Chat => "chat",
        Channel::OnSite => "on_site",
        Channel::Import => "import",
    }
}

/// What is known of a ticket, under the names of an expression. A name without an answer is not
/// known: what depends on it fails, which CEL carries through `&&`, `||` and `?:` as conditions do.
pub(super) struct Known<'a> {
    pub(super) program: &'a Program,
    pub(super) facts: &'a Facts<'a>,
    pub(super) zone: &'a str,
}

impl Known<'_> {
    fn zone(&self) -> Zone {
        Zone::or_utc(self.zone)
    }
}

impl VariableResolver for Known<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        let int = |number: i64| CowVal::owned(CelInt::from(number));
        let bool = |is: bool| CowVal::owned(CelBool::from(is));
        let text = |text: String| CowVal::owned(CelString::from(text));
        let rank = |priority: Priority| int(priority as i64);
        let facts = self.facts;
        Some(match name {
            "images" => int(facts.images.into()),
            "urgent" => bool(facts.urgent),
            "priority" => rank(facts.priority),
            "low" => rank(Priority::Low),
            "normal" => rank(Priority::Normal),
            "high" => rank(Priority::High),
            "critical" => rank(Priority::Critical),
            "channel" => CowVal::owned(CelString::from(channel_name(facts.channel))),
            "area" => text(facts.area.map(|id| id.to_string()).unwrap_or_default()),
            "outlet" => text(facts.outlet.map(|id| id.to_string()).unwrap_or_default()),
            "device_model" => text(facts.device_model.map(plain).unwrap_or_default()),
            "hour" => int(self.zone().time_of_day(facts.now).0.into()),
            "weekday" => int(self.zone().weekday(facts.now).into()),
            "date" => text(self.zone().civil_date(facts.now).to_string()),
            "description" => {
                let said = facts.said.filter(|_| facts.said_all)?;
                CowVal::owned(CelString::from(said.text()))
            }
            says => {
                let words = self.program.words(says)?;
                let said = facts.said.filter(|said| said.first_of(words).is_some());
                if said.is_none() && !(facts.said_all && facts.said.is_some()) {
                    return None;
                }
                bool(said.is_some())
            }
        })
    }
}
