//! Shapes that every generator of clients understands, made of those that the code gives.
//!
//! What breaks generators: alternatives of different shapes, and texts that stand beside a reference instead of around
//! it. Alternatives exist in the language of rules alone, which has a schema of its own (`GET /v1/schemas/program`).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Where all schemas stand.
pub(super) const SCHEMAS: &str = "/components/schemas";

/// Reshapes all schemas of the document, and leaves away those that nothing refers to any more.
pub(super) fn simplify(document: &mut Value) {
    if let Some(schemas) = document.pointer_mut(SCHEMAS).and_then(Value::as_object_mut) {
        schemas.values_mut().for_each(simplify_schema);
    }
    let reached = reached(document);
    if let Some(schemas) = document.pointer_mut(SCHEMAS).and_then(Value::as_object_mut) {
        schemas.retain(|name, _| reached.contains(name));
    }
}

fn simplify_schema(schema: &mut Value) {
    let Value::Object(members) = schema else { return };
    if let Some(Value::Array(alternatives)) = members.remove("oneOf") {
        // What is left out of something optional is for the server to say.
        members.remove("default");
        for (name, value) in one_of(alternatives) {
            // What is said of the whole says more than what is said of one.
            members.entry(name).or_insert(value);
        }
    }
    for (name, inner) in members.iter_mut() {
        match (name.as_str(), inner) {
            ("properties", Value::Object(fields)) => fields.values_mut().for_each(simplify_schema),
            ("oneOf" | "allOf" | "anyOf", Value::Array(parts)) => parts.iter_mut().for_each(simplify_schema),
            ("items" | "additionalProperties", inner) => simplify_schema(inner),
            _ => {}
        }
    }
}

/// Alternatives as something simpler: something or null, one of several plain types, or anything.
fn one_of(mut alternatives: Vec<Value>) -> Map<String, Value> {
    if alternatives.len() == 2 && alternatives.contains(&json!({"type": "null"})) {
        let mut members = Map::new();
        for one in alternatives.iter_mut().filter_map(Value::as_object_mut) {
            members.extend(one.remove_entry("description"));
        }
        members.insert("oneOf".into(), alternatives.into());
        return members;
    }
    merged(&alternatives).unwrap_or_else(anything)
}

/// Plain types as one schema with several types; each bound speaks of one type alone.
fn merged(alternatives: &[Value]) -> Option<Map<String, Value>> {
    let (mut types, mut members) = (Vec::new(), Map::new());
    for one in alternatives {
        let plain = ["string", "number", "integer", "boolean"].iter().any(|plain| one["type"] == *plain);
        if !plain || one.get("enum").is_some() || types.contains(&one["type"]) {
            return None;
        }
        types.push(one["type"].clone());
        let bounds = one.as_object()?.iter().filter(|(name, _)| *name != "type" && *name != "description");
        members.extend(bounds.map(|(name, bound)| (name.clone(), bound.clone())));
    }
    members.insert("type".into(), types.into());
    Some(members)
}

fn anything() -> Map<String, Value> {
    let text = "Any JSON that the language of rules knows: `GET /v1/schemas/program` has its grammar.";
    Map::from_iter([("description".into(), text.into())])
}

/// The names of the schemas that operations and webhooks refer to, directly or by way of others.
fn reached(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Value> = Vec::new();
    open.extend(document.get("paths").into_iter().chain(document.get("webhooks")));
    open.extend(document.get("components").and_then(|components| components.get("responses")));
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => {
                open.extend(members.values());
                let at = members.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix('#'));
                let Some(name) = at.and_then(|at| at.strip_prefix(SCHEMAS)).map(|name| name.trim_start_matches('/'))
                else {
                    continue;
                };
                if found.insert(name.to_owned()) {
                    open.extend(document.pointer(SCHEMAS).and_then(|schemas| schemas.get(name)));
                }
            }
            _ => {}
        }
    }
    found
}
