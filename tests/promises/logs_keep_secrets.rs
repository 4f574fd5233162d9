//! Logs say what happens, in fields that stay the same, and nothing that people said.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::firm::Firm;
use crate::running::{Process, paidan};

/// Stands in every name, number, address and word of the ticket below.
const SECRETS: [&str; 6] =
    ["13812349876", "密语冲床", "密语联系人", "密语街", "密语师傅", "密语修好了"];

/// Ours; what other crates say at the level `trace` has fields of its own.
const OURS: [&str; 8] =
    ["paidan", "gateway", "engine", "eventlog", "projector", "dispatcher", "domain", "demo"];

/// A ticket's life, told at the level `trace` as JSON.
fn told() -> Vec<Map<String, Value>> {
    let data = tempfile::tempdir().expect("a directory");
    let lines = data.path().join("stderr");
    let mut command = paidan(
        &data.path().join("data"),
        &["serve", "--listen", "127.0.0.1:0", "--log-format", "json"],
    );
    command.env("PAIDAN_LOG", "trace").stderr(File::create(&lines).expect("a file"));
    let server = Process::run(&mut command);
    let client = server.client();
    let firm = Firm::enter(&client, 1, 5);
    let [phone, sentence, name, place, engineer, words] = SECRETS;
    let entry = json!({"name": engineer, "phone": phone, "outlet": firm.outlet, "capacity": 5});
    client.put("/api/v1/engineers/E1", entry).expect(200);
    let contact = json!({"name": name, "phone": phone, "roles": ["reports"]});
    let customer = json!({"name": name, "place": place, "contacts": [contact]});
    client.put("/api/v1/customers/C1", customer).expect(200);
    let report = json!({
        "sentence": sentence, "contact_name": name, "contact_phone": phone, "place": place,
        "outlet": firm.outlet,
    });
    let id = client.post("/api/v1/tickets", report).expect(201).text("/id").to_owned();
    client.ticket_once(&id, "assigned");
    let me = client.acting_as(format!("engineer:{}", firm.engineers[0]));
    me.post(&format!("/api/v1/tickets/{id}/accept"), json!({})).expect(200);
    me.post(&format!("/api/v1/tickets/{id}/note"), json!({"words": words})).expect(200);
    me.post(&format!("/api/v1/tickets/{id}/resolve"), json!({"words": words})).expect(200);
    client.post(&format!("/api/v1/tickets/{id}/reject"), json!({"words": words})).expect(200);
    // Refusals and what cannot be read are told of too.
    assert_eq!(me.post(&format!("/api/v1/tickets/{id}/accept"), json!({})).status, 409);
    let unread = json!({"sentence": sentence, "colour": words});
    assert_eq!(client.post("/api/v1/tickets", unread).status, 422);
    server.kill();

    let text = std::fs::read_to_string(lines).expect("readable");
    for secret in SECRETS {
        let said = text.lines().find(|line| line.contains(secret));
        assert_eq!(said, None, "{secret}");
    }
    let object = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
    text.lines().map(object).collect()
}

#[test]
fn no_line_has_what_people_said_and_every_field_is_in_the_table() {
    let told = told();
    let is_ours = |line: &&Map<String, Value>| {
        let target = line["target"].as_str().unwrap_or_default();
        OURS.contains(&target.split("::").next().unwrap_or_default())
    };
    let mut fields = BTreeSet::new();
    let mut spans = BTreeSet::new();
    for line in told.iter().filter(is_ours) {
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line:?}");
        let own = ["timestamp", "level", "target", "message", "spans"];
        fields.extend(line.keys().filter(|key| !own.contains(&key.as_str())).cloned());
        for span in line.get("spans").and_then(Value::as_array).into_iter().flatten() {
            let span = span.as_object().expect("an object");
            spans.extend(span["name"].as_str().map(str::to_owned));
            fields.extend(span.keys().filter(|key| *key != "name").cloned());
        }
    }
    for span in ["request", "command", "log.commit", "projection.batch", "dispatch.attempt"] {
        assert!(spans.contains(span), "{span} in {spans:?}");
    }
    for field in ["http.route", "ticket.id", "command.id", "attempt", "log.position"] {
        assert!(fields.contains(field), "{field} in {fields:?}");
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/observability.md");
    let docs = std::fs::read_to_string(docs).expect("readable");
    let row = |line: &str| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    let table: BTreeSet<String> = docs.lines().filter_map(row).collect();
    let missing: Vec<_> = fields.union(&spans).filter(|name| !table.contains(*name)).collect();
    assert!(missing.is_empty(), "not in docs/observability.md: {missing:?}");
}
