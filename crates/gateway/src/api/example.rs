//! Examples of answers, made from the examples of their parts: always complete, never outdated.

use serde_json::{Map, Value};

/// Recursion ends here; no schema of ours is as deep.
const DEPTH_MAX: usize = 16;

/// A value that fits a schema.
pub(super) fn of(schema: &Value, schemas: &Map<String, Value>) -> Value {
    within(schema, schemas, DEPTH_MAX)
}

fn within(schema: &Value, schemas: &Map<String, Value>, depth: usize) -> Value {
    if depth == 0 {
        return Value::Null;
    }
    let inner = |schema: &Value| within(schema, schemas, depth - 1);
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return schemas.get(name).map_or(Value::Null, inner);
    }
    for said in [&schema["example"], &schema["examples"][0], &schema["const"]] {
        if !said.is_null() {
            return said.clone();
        }
    }
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(part) = inner(part) {
                whole.extend(part);
            }
        }
        return Value::Object(whole);
    }
    for choice in ["oneOf", "anyOf"] {
        let choices = schema[choice].as_array().into_iter().flatten();
        if let Some(first) = choices.into_iter().find(|choice| choice["type"] != "null") {
            return inner(first);
        }
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().find(|of| **of != "null").cloned().unwrap_or_default(),
        only => only.clone(),
    };
    match types.as_str() {
        Some("object") => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            let field = |(name, schema): (&String, &Value)| (name.clone(), inner(schema));
            properties.map(field).collect::<Map<_, _>>().into()
        }
        Some("array") => {
            let least = schema["minItems"].as_u64().unwrap_or(1);
            let most = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
            (0..least.max(1).min(most)).map(|_| inner(&schema["items"])).collect()
        }
        Some("boolean") => true.into(),
        Some("integer" | "number") => schema["minimum"].as_i64().unwrap_or(0).max(1).into(),
        Some("string") => "…".into(),
        _ => Value::Null,
    }
}
