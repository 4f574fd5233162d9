//! The API's document is complete and fits what is answered.

use std::collections::BTreeSet;

use axum::http::Method;
use domain::ticket::Verb;
use serde_json::Value;

use crate::world::World;

async fn document(world: &World) -> Value {
    let reply = world.request(Method::GET, "/openapi.json").send().await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["content-type"], "application/json");
    reply.body
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of = |(path, item): (&String, &Value)| {
        let item = item.as_object().expect("operations").clone();
        item.into_iter().map(|(method, operation)| (method, path.clone(), operation)).collect()
    };
    paths.iter().map(of).collect::<Vec<Vec<_>>>().concat()
}

/// Calls `with` for each place that a document refers to.
fn references(value: &Value, with: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_str() {
                    Some(place) if name == "$ref" => with(place),
                    _ => references(field, with),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, with)),
        _ => {}
    }
}

#[tokio::test]
async fn everything_that_the_document_refers_to_is_in_it() {
    let document = document(&World::new()).await;
    let mut seen = 0;
    references(&document, &mut |place| {
        seen += 1;
        let pointer = place.strip_prefix('#').expect("a place in this document");
        assert!(document.pointer(pointer).is_some(), "{place}");
    });
    assert!(seen > 500, "{seen}");
}

#[tokio::test]
async fn every_verb_of_a_ticket_is_an_operation_of_its_own() {
    let document = document(&World::new()).await;
    for verb in Verb::ALL.iter().filter(|verb| **verb != Verb::Create) {
        let path = format!("/api/v1/tickets/{{id}}/{}", verb.as_str());
        let operation = &document["paths"][&path]["post"];
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{path}");
        assert!(operation["requestBody"]["content"]["application/json"]["example"].is_object());
    }
}

#[tokio::test]
async fn operations_have_names_of_their_own_and_say_how_they_refuse() {
    let document = document(&World::new()).await;
    let operations = operations(&document);
    let names: BTreeSet<_> =
        operations.iter().filter_map(|(.., operation)| operation["operationId"].as_str()).collect();
    assert_eq!(names.len(), operations.len());
    for (method, path, operation) in &operations {
        let answers = operation["responses"].as_object().expect("answers");
        assert!(answers.keys().any(|status| status.starts_with('2')), "{method} {path}");
        if path.starts_with("/api/") {
            assert!(answers.keys().any(|status| status.starts_with('4')), "{method} {path}");
        }
    }
}

/// Ids in the examples of bodies name nobody here; a body that could not be read says so before
/// anybody is looked for.
#[tokio::test]
async fn the_example_of_every_body_can_be_read() {
    let world = World::new();
    let (_, engineer) = world.firm().await;
    let ticket = world.ticket().await;
    for (method, path, operation) in operations(&document(&world).await) {
        let example = &operation["requestBody"]["content"]["application/json"]["example"];
        if example.is_null() {
            continue;
        }
        let id = if path.contains("/engineers/") { &engineer } else { &ticket };
        let id = match path.as_str() {
            path if path.contains("/tickets/") || path.contains("/engineers/") => id,
            _ => "X-1",
        };
        let at = path.replace("{id}", id);
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
        let reply = world.request(method, &at).json(example).send().await;
        let kind = reply.body["type"].as_str().unwrap_or_default();
        assert!(!kind.ends_with("wrong-body") && reply.status != 400, "{at}: {}", reply.body);
        assert!(reply.status < 500, "{at}: {}", reply.body);
        assert!(
            operation["responses"].get(reply.status.to_string()).is_some(),
            "{at} answers {} and does not say so",
            reply.status
        );
    }
}

#[tokio::test]
async fn the_docs_page_comes_from_here_and_loads_nothing_from_elsewhere() {
    let world = World::new();
    let page = world.request(Method::GET, "/docs/").send().await;
    assert_eq!(page.status, 200);
    let policy = page.headers["content-security-policy"].to_str().expect("a policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("http"), "{policy}");
    for file in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        let file = world.request(Method::GET, &format!("/docs/{file}")).send().await;
        assert_eq!(file.status, 200);
    }
    let initializer = world.request(Method::GET, "/docs/swagger-initializer.js").send().await;
    assert!(initializer.body.to_string().contains("/openapi.json"));
    let nothing = world.request(Method::GET, "/docs/passwd").send().await;
    assert_eq!(nothing.status, 404);
}
