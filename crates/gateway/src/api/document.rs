//! The document: OpenAPI 3.1, written down from the operations and the types that they name.

use std::collections::BTreeMap;

use domain::{CODE_CHARS_MAX, Event};
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::operation::{Class, Operation, Tag, kinds_of_lines, to_value};
use super::routes::Described;
use super::{attachments, problems};
use crate::headers::sent_party;
use crate::params::CODE_PATTERN;
use crate::problem::Kind;
use crate::views::{EventView, LogView, TicketView};

const ABOUT: &str = "Dispatch of field-service tickets 派单. Every change is an event in an \
append-only log; what a receipt tells survives a power cut.\n\n\
**Commands** (`POST`, `PUT`) take `Idempotency-Key`: the same key with the same content is applied \
once and answered again. **Reads** say in `position` where they hold; with `min_position` they \
wait for it, and with `as_of` some answer as it stood at a position or moment, by what was known or had happened by then. **Refusals** are `application/problem+json` (RFC 9457) with a stable `type` and a \
`detail` that says what to do. There are no accounts yet: who acts is claimed in `Paidan-Actor`, \
and the server listens on loopback only.\n\n\
Any address may also answer 404 `no-route`, 405 `method-not-allowed` with `Allow`, and commands \
404 `unknown-verb`. Conventions and a day of each role with curl: `docs/api.md`.";

/// The whole document.
pub(super) fn of(operations: Vec<Described>) -> Value {
    let schemas = schemas(&operations);
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut responses = Map::new();
    for (method, path, operation) in &operations {
        for (status, kinds) in problems::by_status(operation.class) {
            responses
                .entry(problems::response_name(operation.class, status))
                .or_insert_with(|| problems::response(operation.class, &kinds));
        }
        let item = paths.entry(path.clone()).or_default();
        item.insert((*method).to_owned(), written(path, operation, &schemas));
    }
    let examples = problems::examples(&schemas);
    let tags: Vec<_> = Tag::ALL
        .iter()
        .map(|(_, name, about)| json!({"name": name, "description": about}))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Paidan",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The server that this document came from."}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "examples": examples,
            "parameters": parameters(),
            "headers": headers(),
        },
    })
}

fn reference(of: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{of}/{name}")})
}

fn written(path: &str, operation: &Operation, schemas: &Map<String, Value>) -> Value {
    let Operation { class, tag, id, summary, description, parameters, body, answers, .. } =
        operation;
    let Operation { taken: also_taken, given, .. } = operation;
    let mut all: Vec<_> = named_in(path).map(|name| reference("parameters", name)).collect();
    all.extend(parameters.iter().cloned());
    let taken: &[&str] = match class {
        Class::Load | Class::Bulk => {
            &["IdempotencyKey", "PaidanClient", "PaidanActor", "PaidanOnBehalfOf"]
        }
        class if class.is_command() => &[
            "IdempotencyKey",
            "PaidanClient",
            "PaidanActor",
            "PaidanOnBehalfOf",
            "PaidanOccurredAt",
            "IfMatch",
        ],
        Class::Stream => &["LastEventId"],
        _ => &[],
    };
    all.extend(taken.iter().chain(*also_taken).map(|name| reference("parameters", name)));

    let mut responses = Map::new();
    for answer in answers {
        let mut headers = Map::new();
        if class.is_versioned() {
            headers.insert("ETag".into(), reference("headers", "ETag"));
        }
        if class.is_command() {
            headers.insert("Idempotency-Key".into(), reference("headers", "IdempotencyKey"));
        }
        headers.extend(
            given.iter().map(|(name, key)| ((*name).to_owned(), reference("headers", key))),
        );
        if *class == Class::Report {
            headers.insert("Location".into(), reference("headers", "Location"));
        }
        let content = answer.content(schemas);
        let mut written = json!({"description": answer.about, "headers": headers});
        if !answer.media.is_empty() {
            written["content"] = content;
        }
        responses.insert(answer.status.to_string(), written);
    }
    for status in problems::by_status(*class).into_keys() {
        let name = problems::response_name(*class, status);
        responses.insert(status.to_string(), reference("responses", &name));
    }

    let mut written = json!({
        "operationId": id,
        "tags": [tag.name()],
        "summary": summary,
        "parameters": all,
        "responses": responses,
    });
    if let Some(description) = description {
        written["description"] = description.clone().into();
    }
    if let Some(body) = body {
        // No body is an empty one, where nothing is required.
        let required =
            |name: &String| schemas.get(name).is_some_and(|of| !of["required"].is_null());
        let schema = match &body.schema {
            Some(name) => reference("schemas", name),
            None => json!({"type": "string"}),
        };
        let mut content = json!({"schema": schema});
        if !body.example.is_null() {
            content["example"] = body.example.clone();
        }
        written["requestBody"] = json!({
            // A file can be empty; nothing says so better than no body.
            "required": body.schema.as_ref().map_or(!body.example.is_null(), required),
            "content": {body.media: content},
        });
    }
    written
}

/// The parameters of an address.
fn named_in(path: &str) -> impl Iterator<Item = &'static str> {
    const PLACES: [(&str, &str); 9] = [
        ("/attachments/{hash}", "Attachment"),
        ("/uploads/{id}", "Upload"),
        ("/tickets/{id}", "Ticket"),
        ("/engineers/{id}", "Engineer"),
        ("/outlets/{id}", "Outlet"),
        ("/areas/{id}", "Area"),
        ("/customers/{id}", "Customer"),
        ("/devices/{id}", "Device"),
        ("/directory/{sheet}", "Sheet"),
    ];
    PLACES.iter().filter(move |(place, _)| path.contains(place)).map(|(_, name)| *name)
}

fn parameters() -> Value {
    let mut parameters = Map::new();
    let mut header = |key: &str, name: &str, about: &str, schema: Value| {
        let parameter = json!({
            "name": name, "in": "header", "required": false, "description": about, "schema": schema,
        });
        parameters.insert(key.to_owned(), parameter);
    };
    let visible = |max: usize, example: &str| {
        json!({
            "type": "string", "minLength": 1, "maxLength": max,
            "pattern": "^[!-~]([ -~]*[!-~])?$", "examples": [example],
        })
    };
    header(
        "IdempotencyKey",
        "Idempotency-Key",
        "Names the command: the same key and content are applied at most once, and answered with \
         the first result. Another content under the same key is refused. Made and returned where \
         absent. Up to 255 bytes of UTF-8.",
        visible(255, "report-2026-03-01-17"),
    );
    header(
        "PaidanClient",
        "Paidan-Client",
        "Names the client; keys of different clients never meet. Up to 64 bytes of UTF-8.",
        visible(64, "counter-3"),
    );
    let party = reference("schemas", "Actor");
    header("PaidanActor", "Paidan-Actor", "Who acts; anonymous where absent.", party.clone());
    header("PaidanOnBehalfOf", "Paidan-On-Behalf-Of", "For whom.", party);
    header(
        "PaidanOccurredAt",
        "Paidan-Occurred-At",
        "When it really happened (RFC 3339), for what was done without signal.",
        // Not `date-time`: generators that make dates of it cannot put those into a header.
        json!({"type": "string", "format": "rfc-3339", "examples": ["2026-03-01T08:30:00+08:00"]}),
    );
    header(
        "IfMatch",
        "If-Match",
        "Only if it is at this version, as the `ETag` has it; else 412 with the current one.",
        json!({"type": "string", "pattern": "^[\"][0-9]{1,19}[\"]$", "examples": ["\"7\""],
        }),
    );
    header(
        "LastEventId",
        "Last-Event-ID",
        "The cursor of the last message that was seen; goes before `after`.",
        reference("schemas", "Cursor"),
    );
    let mut place = |key: &str, about: String, schema: Value| {
        let parameter = json!({
            "name": "id", "in": "path", "required": true, "description": about, "schema": schema,
        });
        parameters.insert(key.to_owned(), parameter);
    };
    place(
        "Ticket",
        "A ticket's id, or the number that people call it.".into(),
        json!({"anyOf": [reference("schemas", "TicketId"), reference("schemas", "TicketNumber")]}),
    );
    let mut entry = |key: &str, id: &str| {
        let about =
            format!("The id, or the firm's own code for it: up to {CODE_CHARS_MAX} characters");
        let code = json!({"type": "string", "pattern": CODE_PATTERN, "examples": ["E7"]});
        let schema = json!({"anyOf": [reference("schemas", id), code]});
        place(key, about, schema);
    };
    for (key, id) in [
        ("Engineer", "EngineerId"),
        ("Outlet", "OutletId"),
        ("Area", "AreaId"),
        ("Customer", "CustomerId"),
        ("Device", "DeviceId"),
    ] {
        entry(key, id);
    }
    let sheet = json!({
        "name": "sheet", "in": "path", "required": true, "description": "Which sheet it is.",
        "schema": reference("schemas", "Sheet"),
    });
    parameters.insert("Sheet".into(), sheet);
    attachments::parameters(&mut parameters);
    Value::Object(parameters)
}

fn headers() -> Value {
    let tag = json!({"type": "string", "pattern": "^\"[0-9]+\"$"});
    let mut headers = json!({
        "ETag": {
            "description": "The version of what was read or changed, for `If-Match`.",
            "required": true,
            "schema": tag,
        },
        "VersionThere": {
            "description": "The version that there is, where something is there.",
            "required": false,
            "schema": tag,
        },
        "IdempotencyKey": {
            "description": "The key of this command, sent or made: to repeat it when in doubt.",
            "required": true,
            "schema": {"type": "string"},
        },
        "KeyWhereKnown": {
            "description": "The key of this command, unless that is what could not be read.",
            "required": false,
            "schema": {"type": "string"},
        },
        "Location": {
            "description": "Where the new ticket is.",
            "required": true,
            "schema": {"type": "string", "pattern": "^/api/v1/tickets/tk_[0-9a-z]{26}$"},
        },
        "RetryAfter": {
            "description": "Seconds after which to come again, where that helps.",
            "required": false,
            "schema": {"type": "integer", "minimum": 0},
        },
    });
    if let Some(headers) = headers.as_object_mut() {
        attachments::headers(headers);
    }
    headers
}

fn schemas(operations: &[Described]) -> Map<String, Value> {
    let mut named: Vec<_> =
        operations.iter().flat_map(|(_, _, operation)| operation.named.iter().cloned()).collect();
    // What refusals, headers and addresses refer to.
    for (name, schema) in [
        (TicketView::name(), TicketView::schema as fn() -> _),
        (LogView::name(), LogView::schema),
        (EventView::name(), EventView::schema),
    ] {
        named.push((name.into_owned(), schema()));
    }
    TicketView::schemas(&mut named);
    EventView::schemas(&mut named);
    domain::add_schemas(&mut named);
    let events = Event::schemas(&mut named);

    let mut schemas = Map::new();
    for (name, schema) in named {
        let schema = bounded(to_value(&schema));
        debug_assert!(
            schemas.get(&name).is_none_or(|before| *before == schema),
            "two types are called {name}"
        );
        schemas.insert(name, schema);
    }
    schemas.insert("Actor".into(), sent_party());
    schemas.insert("Cursor".into(), cursor());
    told(&mut schemas, &events);
    let refused: Vec<_> = kinds_of_lines()
        .into_iter()
        .map(|kind| reference("schemas", &problems::schema_name(kind)))
        .collect();
    if let Some(answer) = schemas.get_mut("BulkAnswer") {
        answer["properties"]["problem"]["oneOf"] = refused.into();
    }
    for kind in Kind::ALL {
        schemas.insert(problems::schema_name(*kind), problems::schema(*kind));
    }
    schemas
}

fn cursor() -> Value {
    json!({
        "type": "string",
        "description": "A place in a certain log: its id, epoch and position, or a bare position.",
        "pattern": "^([0-9a-f]{32}:[0-9]{1,19}:)?[0-9]{1,19}$",
        "examples": ["0"],
    })
}

/// What an event carries follows from its type.
fn told(schemas: &mut Map<String, Value>, events: &[&str]) {
    let Some(mut head) = schemas.remove("Event") else { return };
    for field in ["type", "data"] {
        if let Some(fields) = head["properties"].as_object_mut() {
            fields.remove(field);
        }
        if let Some(required) = head["required"].as_array_mut() {
            required.retain(|name| name != field);
        }
    }
    schemas.insert("EventHead".into(), head);
    let (mut choices, mut mapping) = (Vec::new(), Map::new());
    for name in events {
        let whole = format!("{name}Event");
        let choice = reference("schemas", &whole);
        mapping.insert((*name).to_owned(), choice["$ref"].clone());
        choices.push(choice);
        let content = json!({
            "type": "object",
            "required": ["type", "data"],
            "properties": {
                "type": {"type": "string", "const": name},
                "data": reference("schemas", name),
            },
        });
        schemas.insert(whole, json!({"allOf": [reference("schemas", "EventHead"), content]}));
    }
    let event = json!({
        "description": "One event: what happened, when, by whom and why.",
        "oneOf": choices,
        "discriminator": {"propertyName": "type", "mapping": mapping},
    });
    schemas.insert("Event".into(), event);
}

/// With the bounds that follow from the format of a number.
fn bounded(mut schema: Value) -> Value {
    // utoipa writes `u-int32`.
    if let Some(format) = schema["format"].as_str().and_then(|format| format.strip_prefix("u-")) {
        schema["format"] = format!("u{format}").into();
    }
    let bounds = match schema["format"].as_str() {
        Some("uint8") => Some((0, i64::from(u8::MAX))),
        Some("uint16") => Some((0, i64::from(u16::MAX))),
        Some("uint32") => Some((0, i64::from(u32::MAX))),
        Some("int32") => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
        _ => None,
    };
    if let (Some((least, most)), Some(schema)) = (bounds, schema.as_object_mut()) {
        schema.entry("minimum").or_insert(least.into());
        schema.entry("maximum").or_insert(most.into());
    }
    match &mut schema {
        Value::Object(fields) => {
            for (name, field) in fields {
                if !matches!(name.as_str(), "example" | "examples" | "default") {
                    *field = bounded(field.take());
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = bounded(item.take())),
        _ => {}
    }
    schema
}
