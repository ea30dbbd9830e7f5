//! Examples of requests and answers: what the tests of the product sent, and what they were answered.
//!
//! `openapi/examples.json` holds one exchange for each operation, picked and made readable by `openapi/examples.py`; a test
//! sees to it that the schemas accept every one.

use serde_json::Value;

const EXCHANGES: &str = include_str!("../../../../openapi/examples.json");

/// Shows them in the document.
pub(super) fn show(document: &mut Value) {
    let exchanges: Value = serde_json::from_str(EXCHANGES).unwrap_or_default();
    let items =
        document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(|paths| paths.values_mut());
    for operation in items.filter_map(Value::as_object_mut).flat_map(|item| item.values_mut()) {
        let Some(exchange) = operation["operationId"].as_str().and_then(|id| exchanges.get(id)) else { continue };
        put(operation.get_mut("requestBody"), &exchange["request"]);
        for (status, answer) in exchange["answers"].as_object().into_iter().flatten() {
            put(operation.pointer_mut(&format!("/responses/{status}")), answer);
        }
    }
}

/// Adds an example to each kind of content of a body.
fn put(body: Option<&mut Value>, examples: &Value) {
    let content = body.and_then(|body| body.get_mut("content")?.as_object_mut());
    for (media_type, content) in content.into_iter().flatten() {
        if let (Some(example), Some(content)) = (examples.get(media_type), content.as_object_mut()) {
            content.insert("example".into(), example.clone());
        }
    }
}
