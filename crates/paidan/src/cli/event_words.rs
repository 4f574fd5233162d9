//! Events in few words, for people. Programs read the fields.

use domain::{GlobalPosition, StreamId, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::names::Names;
use super::table::shortened;

/// What fits beside the other columns on a usual screen.
const WIDTH_MAX: usize = 72;

/// What is shown of an event.
#[derive(Debug, Deserialize)]
pub(super) struct EventRow {
    pub(super) position: GlobalPosition,
    pub(super) stream: StreamId,
    #[serde(rename = "type")]
    pub(super) name: String,
    pub(super) occurred_at: Timestamp,
    pub(super) recorded_at: Timestamp,
    pub(super) actor: Who,
    data: Value,
}

/// Who acted, in the form of the API: `engineer:en_…`.
#[derive(Debug, Deserialize)]
pub(super) struct Who {
    party: String,
    on_behalf_of: Option<String>,
}

impl EventRow {
    /// The ids in it that may have names.
    pub(super) fn ids(&self) -> Vec<String> {
        fn within(value: &Value, ids: &mut Vec<String>) {
            match value {
                Value::String(text) if is_id(text) => ids.push(text.clone()),
                Value::Array(items) => items.iter().for_each(|item| within(item, ids)),
                Value::Object(fields) => fields.values().for_each(|field| within(field, ids)),
                _ => {}
            }
        }
        let parties = [Some(&self.actor.party), self.actor.on_behalf_of.as_ref()];
        let id = |party: &String| Some(party.split_once(':')?.1.to_owned());
        let mut ids: Vec<_> = parties.into_iter().flatten().filter_map(id).collect();
        ids.push(self.stream.to_string());
        within(&self.data, &mut ids);
        ids
    }
}

/// Who acted.
pub(super) fn who(actor: &Who, names: &Names) -> String {
    match &actor.on_behalf_of {
        Some(other) => format!("{} for {}", party(&actor.party, names), party(other, names)),
        None => party(&actor.party, names),
    }
}

fn party(party: &str, names: &Names) -> String {
    match party.split_once(':') {
        Some((kind, id)) => format!("{kind} {}", names.of(id)),
        None => party.to_owned(),
    }
}

/// A moment on UTC's clock, to the second.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// What an event says: what a person said first, then its fields.
pub(super) fn words(event: &EventRow, names: &Names) -> String {
    let Value::Object(fields) = &event.data else { return String::new() };
    let mut parts = Vec::new();
    // What comes next is told last.
    let (due, rest): (Vec<_>, Vec<_>) = fields.iter().partition(|(name, _)| *name == "due");
    for (name, value) in rest.into_iter().chain(due) {
        if name == "words" || name == "report" {
            parts.insert(0, said(value));
        } else if let Some(part) = field(name, value, names) {
            parts.push(part);
        }
    }
    parts.retain(|part| !part.is_empty());
    shortened(&parts.join(", "), WIDTH_MAX)
}

/// What a person said, in quotation marks.
fn said(value: &Value) -> String {
    let text = ["sentence", "text", "place"]
        .into_iter()
        .find_map(|name| value.get(name).and_then(Value::as_str))
        .or(value.as_str())
        .unwrap_or_default();
    let text = text.trim();
    if text.is_empty() { String::new() } else { format!("“{text}”") }
}

fn field(name: &str, value: &Value, names: &Names) -> Option<String> {
    let text = match value {
        Value::Null | Value::Bool(false) => return None,
        Value::Bool(true) => return Some(spaced(name)),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => return None,
        Value::String(text) => match text.parse::<Timestamp>() {
            Ok(at) => names.time.to_second(at),
            Err(_) if is_id(text) => names.of(text),
            Err(_) => spaced(text),
        },
        Value::Array(items) if items.is_empty() => return None,
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(|item| field("", item, names)).collect();
            items.join(" ")
        }
        Value::Object(fields) => object(fields, names)?,
    };
    // A name that the value says by itself is left out: `en_…`, `waiting_for_parts`.
    match (name, value) {
        ("", _) | ("engineer" | "step" | "customer" | "outlet" | "device" | "area", _) => {
            Some(text)
        }
        (_, Value::Object(_)) => Some(text),
        ("due", _) => Some(format!("until {text}")),
        _ => Some(format!("{} {text}", spaced(name))),
    }
}

/// The part of an object that says most.
fn object(fields: &Map<String, Value>, names: &Names) -> Option<String> {
    // Of a decision's reason the rule; of a queue whose, why and until when.
    if let Some(rule) = fields.get("rule").and_then(Value::as_str) {
        return Some(format!("by {}", spaced(rule)));
    }
    let parts: Vec<_> = fields
        .iter()
        .filter_map(|(name, value)| match value {
            // A variant with fields of its own.
            Value::Object(_) if fields.len() == 1 => {
                let inner = field("", value, names).unwrap_or_default();
                Some(format!("{} {inner}", spaced(name)).trim_end().to_owned())
            }
            value => field(name, value, names),
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

fn is_id(text: &str) -> bool {
    text.len() == 29 && text.as_bytes()[2] == b'_'
}
