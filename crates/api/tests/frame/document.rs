//! What the OpenAPI document must be.

use std::collections::BTreeSet;

use contract::Check;
use serde_json::Value;

fn document() -> Value {
    serde_json::to_value(api::Published::new(false).unwrap()).unwrap()
}

fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let methods = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (format!("{method} {path}"), operation.clone()))
    });
    methods.collect()
}

#[test]
fn operations_say_all_that_they_must() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (route, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{id} is there twice");
        assert!(id.starts_with(char::is_lowercase) && id.chars().all(char::is_alphanumeric), "{id}");
        for field in ["summary", "description"] {
            assert!(!operation[field].as_str().unwrap_or_default().is_empty(), "{route} lacks {field}");
        }
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{route} needs one tag");
        assert!(operation["security"].is_array(), "{route} does not say who may");
        assert!(operation["responses"].as_object().unwrap().keys().any(|status| status.starts_with('4')), "{route}");
        if route.starts_with("patch") {
            let headers: Vec<_> = operation["parameters"].as_array().unwrap().iter().map(|p| &p["name"]).collect();
            assert!(headers.iter().any(|name| *name == "If-Match"), "{route}");
        }
        let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
        if route.starts_with("get /v1/") && answer.as_str().is_some_and(|name| name.ends_with("List")) {
            // A handler's `Query<…>` is documented only when `params(…)` names it too.
            let known: Vec<_> = operation["parameters"].as_array().into_iter().flatten().map(|p| &p["name"]).collect();
            assert!(known.iter().any(|name| *name == "limit"), "{route} does not document its query");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{route} does not describe {}", parameter["name"]);
        }
    }
    let tags: BTreeSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].clone().to_string()).collect();
    let used: BTreeSet<_> = operations(&document).iter().map(|(_, one)| one["tags"][0].to_string()).collect();
    assert_eq!(tags, used);
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn each_document_shows_its_own_version() {
    let published = api::Published::new(false).unwrap();
    for (path, shown) in [("/openapi.json", published.value()), ("/openapi-3.0.json", published.older().value())] {
        let answer = &published.value()["paths"][path]["get"]["responses"]["200"];
        assert_eq!(answer["content"]["application/json"]["example"]["openapi"], shown["openapi"], "{path}");
    }
}

#[test]
fn every_body_has_an_example_that_its_schema_accepts() {
    let document = document();
    let mut checked = 0;
    walk(&document, "#", &mut |content, at| {
        let Some(schema) = content.get("schema").filter(|_| at.contains("/content/")) else { return };
        let named = content["examples"].as_object().into_iter().flatten().map(|(_, example)| &example["value"]);
        let examples: Vec<_> = content.get("example").into_iter().chain(named).collect();
        assert!(!examples.is_empty(), "{at} has no example");
        let check = Check::new(schema, &document["components"]).unwrap();
        for example in examples {
            assert!(check.faults(example).is_empty(), "{at}: {:?}", check.faults(example));
            checked += 1;
        }
    });
    assert!(checked > 300, "{checked}");
}

#[test]
fn every_text_has_a_bound() {
    let document = document();
    walk(&document, "#", &mut |schema, at| {
        let kinds: Vec<_> = match &schema["type"] {
            Value::Array(kinds) => kinds.clone(),
            kind => vec![kind.clone()],
        };
        if kinds.iter().any(|kind| kind == "string") {
            let bounded = ["maxLength", "format", "enum", "pattern", "const"].iter().any(|one| !schema[one].is_null());
            assert!(bounded, "{at} has no bound");
        }
        if kinds.iter().any(|kind| kind == "array") {
            assert!(!schema["maxItems"].is_null(), "{at} has no bound");
        }
    });
}

#[test]
fn requests_refuse_unknown_fields() {
    let document = document();
    for (route, operation) in operations(&document) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let Some(name) = schema.as_str().and_then(|at| at.rsplit('/').next()) else { continue };
        let schema = &document["components"]["schemas"][name];
        assert_eq!(schema["additionalProperties"], false, "{route}: {name}");
        for (field, schema) in schema["properties"].as_object().unwrap() {
            assert!(
                schema["description"].is_string() || schema["$ref"].is_string() || schema["oneOf"].is_array(),
                "{name}.{field}"
            );
        }
    }
}

fn walk(value: &Value, at: &str, visit: &mut impl FnMut(&Value, &str)) {
    match value {
        Value::Object(fields) => {
            // An example is no schema, though it may look like one.
            if !at.ends_with("/properties") {
                visit(value, at);
            }
            for (name, inner) in fields.iter().filter(|(name, _)| !matches!(name.as_str(), "example" | "examples")) {
                walk(inner, &format!("{at}/{}", name.replace('/', "~1")), visit);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| walk(inner, &format!("{at}/{index}"), visit));
        }
        _ => {}
    }
}
