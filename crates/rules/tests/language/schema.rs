use std::collections::BTreeSet;

use rules::{RuleBook, book};
use serde_json::{Value as Json, json};
use utoipa::{PartialSchema, ToSchema};

use crate::support::yaml;

/// The schema of a book as one JSON Schema document, with what it refers to beside it.
fn schema() -> Json {
    let mut parts = Vec::new();
    RuleBook::schemas(&mut parts);
    let parts: serde_json::Map<String, Json> =
        parts.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap())).collect();
    let mut whole = serde_json::to_value(RuleBook::schema()).unwrap();
    whole["components"] = json!({ "schemas": parts });
    whole
}

fn references(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(map) => {
            if let Some(Json::String(name)) = map.get("$ref") {
                found.insert(name.trim_start_matches("#/components/schemas/").to_owned());
            }
            map.values().for_each(|value| references(value, found));
        }
        Json::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let schema = schema();
    let mut found = BTreeSet::new();
    references(&schema, &mut found);
    let there: BTreeSet<String> = schema["components"]["schemas"].as_object().unwrap().keys().cloned().collect();
    assert!(found.len() > 30, "{found:?}");
    assert_eq!(found.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn the_schema_takes_what_the_types_take() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    for (name, text) in crate::programs::BOOKS {
        let errors: Vec<String> =
            validator.iter_errors(&yaml(text)).map(|error| format!("{} {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
    for wrong in [
        "{metrics: {x: {plus: [1]}}}",
        "{metrics: {x: {sum: 1}}}",
        "{metrics: {x: {value: 1, units: EUR}}}",
        "{rules: {r: {metric: a, at_leest: 5}}}",
        "{facts: {a: {type: nonsense}}}",
        "{tiers: [{requires: true}]}",
        "{nonsense: {}}",
    ] {
        assert!(!validator.is_valid(&yaml(wrong)), "{wrong}");
    }
}

#[test]
fn what_is_read_is_written_as_it_was() {
    for (name, text) in crate::programs::BOOKS {
        let read = RuleBook::read(&yaml(text)).unwrap_or_else(|faults| panic!("{name}: {faults:#?}"));
        let mut again = RuleBook::read(&serde_json::to_value(&read).unwrap())
            .unwrap_or_else(|faults| panic!("{name}: {faults:#?}"));
        // Whether an entry was written short is not written.
        let short: Vec<bool> = read.metrics.values().map(|metric: &book::Metric| metric.short).collect();
        again.metrics.values_mut().zip(short).for_each(|(metric, short)| metric.short = short);
        let short: Vec<bool> = read.rules.values().map(|rule: &book::NamedRule| rule.short).collect();
        again.rules.values_mut().zip(short).for_each(|(rule, short)| rule.short = short);
        assert_eq!(read, again, "{name}");
    }
}
