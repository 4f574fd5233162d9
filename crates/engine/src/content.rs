//! What makes two commands the same.

use domain::Command;
use serde_json::Value;

/// Bytes that are equal for commands of equal content.
///
/// Fields without a value are left out, so that a release that adds an optional field still
/// recognises commands that were sent before it.
pub fn canonical(command: &Command) -> Vec<u8> {
    let mut value = serde_json::to_value(command)
        .expect("commands have string keys and finite numbers, which JSON can always hold");
    prune(&mut value);
    serde_json::to_vec(&value).expect("a value of JSON can be written as JSON")
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn prune(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(prune);
            fields.retain(|_, field| !says_nothing(field));
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::attachment::{Claims, MediaFacts, Standing, UploadFacts, UploadVia, Vouched};
    use domain::ticket::{Create, Note};
    use domain::{ContentHash, NewAttachment, Party, TicketId, Timestamp};

    fn content(command: impl Into<domain::ticket::TicketCommand>) -> Vec<u8> {
        canonical(&Command::Ticket(TicketId::from_u128(1), command.into()))
    }

    #[test]
    fn other_words_are_another_content() {
        let note = |words: &str| content(Note { words: words.into(), ..Note::default() });
        assert_eq!(note("冲床停了"), note("冲床停了"));
        assert_ne!(note("冲床停了"), note("冲床又停了"));
    }

    #[test]
    fn what_the_store_knows_of_an_attachment_takes_no_part() {
        let vouched = Vouched {
            upload: UploadFacts {
                by: Party::Anonymous,
                via: UploadVia::Tus,
                begun_at: Timestamp::from_seconds(1),
                finished_at: Timestamp::from_seconds(2),
            },
            media: MediaFacts::default(),
            claims: Claims::default(),
            standing: Standing::Quarantined { why: "not scanned yet".into() },
        };
        let note = |name: &str, vouched: Option<Vouched>| {
            let photo = NewAttachment {
                hash: ContentHash([7; 32]),
                bytes: 5,
                media_type: "image/jpeg".into(),
                name: name.into(),
                vouched,
            };
            content(Note { attachments: vec![photo], ..Note::default() })
        };
        assert_eq!(note("a.jpg", None), note("a.jpg", Some(vouched)));
        assert_ne!(note("a.jpg", None), note("b.jpg", None));
    }

    #[test]
    fn fields_without_a_value_take_no_part() {
        let text = String::from_utf8(content(Create::default())).expect("JSON is UTF-8");
        assert!(!text.contains("sentence"), "{text}");
    }
}
