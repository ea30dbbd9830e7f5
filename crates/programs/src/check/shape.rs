//! Has a value the shape of a document? The rule book's sections are read entry by entry, the rest by its schema.

use kernel::Fault;
use rules::RuleBook;
use serde_json::{Map, Value, json};

use crate::{ProgramDocument, schema};

/// What a value turned out to be.
pub(super) struct Shape {
    /// The document, if all of it has the right shape.
    pub document: Option<ProgramDocument>,
    /// The rule book, if its sections have the right shape.
    pub book: Option<RuleBook>,
    pub faults: Vec<Fault>,
}

impl Shape {
    pub fn of(value: &Value) -> Self {
        let mut faults = match schema::outline() {
            Ok(check) => check.faults(value),
            Err(words) => vec![Fault::at("", "internal", words)],
        };
        let book = match RuleBook::read(&book(value)) {
            Ok(book) => Some(book),
            Err(found) => {
                faults.extend(found.into_iter().map(Fault::from));
                None
            }
        };
        let document =
            if faults.is_empty() { contract::typed(value).map_err(|fault| faults.push(fault)).ok() } else { None };
        Self { document, book, faults }
    }
}

/// The sections of the rule book, with that of each tier which belongs to it.
fn book(value: &Value) -> Value {
    let mut sections = Map::new();
    for name in RuleBook::SECTIONS {
        if let Some(section) = value.get(name) {
            sections.insert(name.to_owned(), section.clone());
        }
    }
    // Whether tiers are a list is in the schema, and so are their names: it is not told twice.
    match value.get("tiers").and_then(Value::as_array) {
        Some(tiers) => {
            let rung = |tier: &Value| match tier.get("requires") {
                Some(requires) => json!({"name": name(tier), "requires": requires}),
                None => json!({"name": name(tier)}),
            };
            sections.insert("tiers".to_owned(), tiers.iter().map(rung).collect());
        }
        None => drop(sections.remove("tiers")),
    }
    Value::Object(sections)
}

fn name(tier: &Value) -> &str {
    tier.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// The document without its rule book, if the rest has the right shape: what contradicts itself there is told although
/// the rules are faulty.
pub(super) fn rest(value: &Value) -> Option<ProgramDocument> {
    let mut rest = value.as_object()?.clone();
    rest.retain(|name, _| name == "tiers" || !RuleBook::SECTIONS.contains(&name.as_str()));
    for tier in rest.get_mut("tiers").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(tier) = tier.as_object_mut() {
            tier.remove("requires");
        }
    }
    serde_json::from_value(Value::Object(rest)).ok()
}
