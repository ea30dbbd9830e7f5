//! The document for tools that know OpenAPI 3.0.3 and nothing newer: the same, as far as it can say it.

use serde_json::{Map, Value, json};

use crate::problem;

/// What a schema of 3.0.3 does not know, and loses.
const UNKNOWN: [&str; 5] = ["propertyNames", "patternProperties", "examples", "$comment", "contentEncoding"];

const JSON: &str = "application/json";

/// The document as one of OpenAPI 3.0.3. Webhooks are left away, and null is `nullable`.
pub(super) fn of(document: &Value) -> Value {
    let mut older = document.clone();
    if let Some(members) = older.as_object_mut() {
        members.insert("openapi".into(), "3.0.3".into());
        members.remove("webhooks");
    }
    if let Some(license) = older.pointer_mut("/info/license").and_then(Value::as_object_mut) {
        license.remove("identifier");
        license.insert("url".into(), "https://www.apache.org/licenses/LICENSE-2.0".into());
    }
    if let Some(schemas) = older.pointer_mut(super::shapes::SCHEMAS).and_then(Value::as_object_mut) {
        schemas.values_mut().for_each(schema);
    }
    walk(&mut older);
    older
}

/// Finds the schemas that stand in operations. Clients read problems as the one kind of error that there is, and know of
/// one media type.
fn walk(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members.iter_mut() {
                match name.as_str() {
                    "schema" => schema(inner),
                    "schemas" | "example" | "examples" => {}
                    "content" => {
                        plain_json(inner);
                        walk(inner);
                    }
                    "requestBody" => {
                        without_examples(inner);
                        walk(inner);
                    }
                    "responses" => {
                        let _ = inner.as_object_mut().and_then(|answers| answers.remove("304"));
                        walk(inner);
                    }
                    _ => walk(inner),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(walk),
        _ => {}
    }
}

fn plain_json(content: &mut Value) {
    let Some(content) = content.as_object_mut() else { return };
    if let Some(problem) = content.remove(problem::MEDIA_TYPE) {
        content.insert(JSON.into(), problem);
    }
    if content.contains_key(JSON) {
        content.retain(|media_type, _| media_type == JSON);
    }
    content.values_mut().filter_map(Value::as_object_mut).for_each(first_example);
}

/// openapi-generator warns of every example of a request that is no text.
fn without_examples(body: &mut Value) {
    let content = body.get_mut("content").and_then(Value::as_object_mut);
    for media_type in content.into_iter().flatten().filter_map(|(_, media_type)| media_type.as_object_mut()) {
        media_type.remove("example");
    }
}

/// Of several examples the first: generators know one.
fn first_example(media_type: &mut Map<String, Value>) {
    let examples = media_type.remove("examples");
    let first = examples.and_then(|examples| examples.as_object()?.values().next()?.get("value").cloned());
    if let Some(first) = first {
        media_type.insert("example".into(), first);
    }
}

fn schema(value: &mut Value) {
    if let Value::Bool(anything) = value {
        *value = if *anything { json!({}) } else { json!({"not": {}}) };
    }
    let Value::Object(members) = value else { return };
    for name in ["allOf", "anyOf", "oneOf"] {
        members.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten().for_each(schema);
    }
    for name in ["items", "additionalProperties", "not"] {
        members.get_mut(name).filter(|inner| inner.is_object()).into_iter().for_each(schema);
    }
    members.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten().for_each(|(_, one)| schema(one));
    one_example(members);
    members.retain(|name, _| !UNKNOWN.contains(&name.as_str()));
    if let Some(only) = members.remove("const") {
        members.insert("enum".into(), json!([only]));
    }
    exclusive(members, "exclusiveMinimum", "minimum");
    exclusive(members, "exclusiveMaximum", "maximum");
    null_in_types(members);
    null_among_alternatives(members);
    apart_from_its_reference(members);
}

fn one_example(members: &mut Map<String, Value>) {
    let first = members.get("examples").and_then(|examples| examples.get(0)).cloned();
    if let Some(first) = first {
        members.entry("example").or_insert(first);
    }
}

fn exclusive(members: &mut Map<String, Value>, exclusive: &str, bound: &str) {
    if let Some(value) = members.get(exclusive).filter(|value| value.is_number()).cloned() {
        members.insert(bound.into(), value);
        members.insert(exclusive.into(), true.into());
    }
}

/// `type: [string, null]` is a nullable text; several other types are no type at all.
fn null_in_types(members: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = members.get("type").cloned() else { return };
    let others: Vec<_> = types.iter().filter(|one| *one != "null").cloned().collect();
    if others.len() < types.len() {
        members.insert("nullable".into(), true.into());
    }
    match others.as_slice() {
        [only] => members.insert("type".into(), only.clone()),
        _ => members.remove("type"),
    };
}

fn null_among_alternatives(members: &mut Map<String, Value>) {
    for name in ["oneOf", "anyOf"] {
        let Some(Value::Array(alternatives)) = members.get_mut(name) else { continue };
        let before = alternatives.len();
        alternatives.retain(|one| one["type"] != "null");
        if alternatives.len() == before {
            continue;
        }
        let left = std::mem::take(alternatives);
        members.remove(name);
        members.insert("nullable".into(), true.into());
        members.insert(if left.len() == 1 { "allOf" } else { name }.into(), left.into());
    }
}

/// What stands beside a reference is not read: the reference gets a place of its own.
fn apart_from_its_reference(members: &mut Map<String, Value>) {
    if members.len() > 1
        && let Some(reference) = members.remove("$ref")
    {
        members.insert("allOf".into(), json!([{"$ref": reference}]));
    }
}
