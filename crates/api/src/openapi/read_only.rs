//! Which fields of a resource the server alone sets: those that no request which answers the resource takes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::shapes::SCHEMAS;

/// Marks them `readOnly`. Not in events: webhooks send those, and what is sent is not read-only.
pub(super) fn mark(document: &mut Value) {
    let mut taken = taken(document);
    taken.remove("Event");
    let Some(schemas) = document.pointer_mut(SCHEMAS).and_then(Value::as_object_mut) else { return };
    for (resource, taken) in taken {
        let fields = schemas.get_mut(&resource).and_then(|schema| schema.get_mut("properties"));
        let Some(fields) = fields.and_then(Value::as_object_mut).filter(|fields| fields.contains_key("id")) else {
            continue;
        };
        for (name, field) in fields {
            if let Some(field) = field.as_object_mut().filter(|_| !taken.contains(name)) {
                field.insert("readOnly".into(), true.into());
            }
        }
    }
}

/// The fields that requests take, by the resource that they answer.
fn taken(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut taken: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let items = document["paths"].as_object().into_iter().flat_map(|paths| paths.values());
    for operation in items.filter_map(Value::as_object).flat_map(|item| item.values()) {
        let request = schema_of(&operation["requestBody"]);
        let fields = request.and_then(|name| document.pointer(SCHEMAS)?.get(name)?.get("properties")?.as_object());
        let answers = operation["responses"].as_object().into_iter().flatten();
        for (_, answer) in answers.filter(|(status, _)| status.starts_with('2')) {
            let Some(resource) = schema_of(answer) else { continue };
            taken
                .entry(resource.to_owned())
                .or_default()
                .extend(fields.into_iter().flatten().map(|(name, _)| name.clone()));
        }
    }
    taken
}

/// The name of the schema that a body refers to.
fn schema_of(body: &Value) -> Option<&str> {
    let reference = body.pointer("/content/application~1json/schema/$ref")?;
    reference.as_str()?.strip_prefix('#')?.strip_prefix(SCHEMAS).map(|name| name.trim_start_matches('/'))
}
