//! Events as the API tells them, in words for people.

use domain::{Actor, Assurance, Event, GlobalPosition, StreamId, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use words::{Language, Said, Speaker};

use super::names::Names;

/// What is shown of an event.
#[derive(Debug, Deserialize)]
pub(super) struct EventRow {
    pub(super) position: GlobalPosition,
    pub(super) stream: StreamId,
    #[serde(rename = "type")]
    name: String,
    pub(super) occurred_at: Timestamp,
    pub(super) recorded_at: Timestamp,
    actor: Who,
    data: Value,
}

/// Who acted, in the form of the API: `engineer:en_…`.
#[derive(Debug, Deserialize)]
struct Who {
    party: String,
    assurance: Assurance,
    on_behalf_of: Option<String>,
}

/// An event in words.
pub(super) struct Told {
    /// What it is about.
    pub(super) stream: String,
    /// Who acted.
    pub(super) who: String,
    /// What happened, and what people said with it.
    pub(super) what: String,
}

impl EventRow {
    /// The ids in it that may have names.
    pub(super) fn ids(&self) -> Vec<String> {
        fn within(value: &Value, ids: &mut Vec<String>) {
            match value {
                Value::String(text) => ids.push(text.clone()),
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
        ids.retain(|text| super::names::is_id(text));
        ids
    }

    /// The event in a language, with the names that are known.
    pub(super) fn told(&self, language: Language, names: &Names) -> Told {
        let speaker = Speaker::new(language, &names.time, names);
        let what = match Event::read(&self.name, &self.data) {
            Some(Ok(event)) => {
                let sentence = speaker.event(&event, self.occurred_at);
                match sentence.said {
                    Some(Said::Words(words)) => format!("{} “{}”", sentence.what, words.trim()),
                    Some(Said::Erased) | None => sentence.what,
                }
            }
            // A newer release wrote it; its name is what there is to say.
            Some(Err(_)) | None => self.name.clone(),
        };
        Told { stream: speaker.stream(self.stream), who: self.actor.told(&speaker), what }
    }
}

impl Who {
    fn told(&self, speaker: &Speaker<'_>) -> String {
        // A role that this release does not know is shown as it is written.
        let Ok(party) = self.party.parse() else { return self.party.clone() };
        let on_behalf_of = self.on_behalf_of.as_deref().and_then(|party| party.parse().ok());
        speaker.actor(&Actor { party, assurance: self.assurance, on_behalf_of })
    }
}
