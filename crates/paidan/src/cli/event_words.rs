//! Events in few words, for people. Programs read the fields.

use domain::{Actor, Party, Timestamp};
use serde_json::{Map, Value};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::control::EventView;

/// What fits beside the other columns on a usual screen.
const WIDTH_MAX: usize = 72;

/// Who acted.
pub(super) fn who(actor: &Actor) -> String {
    match &actor.on_behalf_of {
        Some(other) => format!("{} for {}", party(&actor.party), party(other)),
        None => party(&actor.party),
    }
}

fn party(party: &Party) -> String {
    match party {
        Party::Anonymous => "anonymous".into(),
        Party::Customer(id) => format!("customer {id}"),
        Party::Engineer(id) => format!("engineer {id}"),
        Party::Agent(id) => format!("agent {id}"),
        Party::Supervisor(id) => format!("supervisor {id}"),
        Party::Director(id) => format!("director {id}"),
        Party::Administrator(id) => format!("administrator {id}"),
        Party::Dispatcher => "dispatcher".into(),
        Party::Gateway => "gateway".into(),
        Party::Import => "import".into(),
    }
}

/// A moment, to the second.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// What an event says: what a person said first, then its fields.
pub(super) fn words(event: &EventView) -> String {
    let Value::Object(fields) = &event.data else { return String::new() };
    let mut parts = Vec::new();
    // What comes next is told last.
    let (due, rest): (Vec<_>, Vec<_>) = fields.iter().partition(|(name, _)| *name == "due");
    for (name, value) in rest.into_iter().chain(due) {
        if name == "words" || name == "report" {
            parts.insert(0, said(value));
        } else if let Some(part) = field(name, value) {
            parts.push(part);
        }
    }
    parts.retain(|part| !part.is_empty());
    shortened(&parts.join(", "))
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

fn field(name: &str, value: &Value) -> Option<String> {
    let text = match value {
        Value::Null | Value::Bool(false) => return None,
        Value::Bool(true) => return Some(spaced(name)),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => return None,
        Value::String(text) => text.parse::<Timestamp>().map_or_else(|_| spaced(text), moment),
        Value::Array(items) if items.is_empty() => return None,
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(|item| field("", item)).collect();
            items.join(" ")
        }
        Value::Object(fields) => object(fields)?,
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
fn object(fields: &Map<String, Value>) -> Option<String> {
    // Of a decision's reason the rule; of a queue whose, why and until when.
    if let Some(rule) = fields.get("rule").and_then(Value::as_str) {
        return Some(format!("by {}", spaced(rule)));
    }
    let parts: Vec<_> = fields
        .iter()
        .filter_map(|(name, value)| match value {
            // A variant with fields of its own.
            Value::Object(_) if fields.len() == 1 => {
                let inner = field("", value).unwrap_or_default();
                Some(format!("{} {inner}", spaced(name)).trim_end().to_owned())
            }
            value => field(name, value),
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn spaced(name: &str) -> String {
    // Ids keep their underscore.
    let is_id = name.as_bytes().get(2) == Some(&b'_') && name.len() == 29;
    if is_id { name.to_owned() } else { name.replace('_', " ") }
}

fn shortened(text: &str) -> String {
    if text.width() <= WIDTH_MAX {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut width = 0;
    for letter in text.chars() {
        width += letter.width().unwrap_or(0);
        if width >= WIDTH_MAX {
            break;
        }
        short.push(letter);
    }
    format!("{}…", short.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{EngineerId, EventId, GlobalPosition, StaffId, StreamVersion};
    use serde_json::json;

    fn event(data: Value) -> EventView {
        EventView {
            position: GlobalPosition::new(7),
            version: StreamVersion::FIRST,
            id: EventId::from_u128(1),
            name: "Assigned".into(),
            occurred_at: Timestamp::from_seconds(0),
            recorded_at: Timestamp::from_seconds(0),
            actor: Actor::system(Party::Dispatcher),
            command: "dispatcher/x".into(),
            caused_by: None,
            import_batch: None,
            data,
        }
    }

    #[test]
    fn what_a_person_said_comes_first() {
        let data = json!({
            "channel": "phone", "customer": null, "has_sentence": true, "skills": [],
            "report": { "sentence": "冲床停了", "contact_phone": "13800000000" },
        });
        assert_eq!(words(&event(data)), "“冲床停了”, channel phone, has sentence");
    }

    #[test]
    fn an_assignment_says_to_whom_until_when_and_by_which_rule() {
        let engineer = EngineerId::from_u128(7).to_string();
        let data = json!({
            "due": "2026-03-01T08:30:00Z", "engineer": engineer,
            "reason": { "rule": "least_loaded", "candidates": [] },
        });
        let expected = format!("{engineer}, by least loaded, until 2026-03-01 08:30:00");
        assert_eq!(words(&event(data)), shortened(&expected));
    }

    #[test]
    fn an_imported_step_is_named_with_what_the_other_system_said() {
        let data = json!({ "step": { "held": "waiting_for_parts" }, "words": "Awaiting Vendor" });
        assert_eq!(words(&event(data)), "“Awaiting Vendor”, held waiting for parts");
        assert_eq!(words(&event(json!({ "step": "started", "words": null }))), "started");
    }

    #[test]
    fn long_words_end_where_the_screen_does_also_in_chinese() {
        let short = shortened(&"派单".repeat(40));
        assert!(short.ends_with('…'));
        assert!(short.width() <= WIDTH_MAX, "{}", short.width());
    }

    #[test]
    fn somebody_who_acts_for_another_is_told_with_both() {
        let engineer = EngineerId::from_u128(7);
        let agent = StaffId::from_u128(8);
        let mut actor = Actor::claimed(Party::Agent(agent));
        actor.on_behalf_of = Some(Party::Engineer(engineer));
        assert_eq!(who(&actor), format!("agent {agent} for engineer {engineer}"));
    }
}
