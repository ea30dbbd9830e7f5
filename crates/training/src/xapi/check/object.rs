//! What was acted on: an activity, somebody, or another statement.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    agent, scalar, substatement,
    walk::{Need, Rule, Walk},
};

/// The lists of components that a kind of interaction may have.
const INTERACTIONS: [(&str, &[&str]); 10] = [
    ("choice", &["choices"]),
    ("fill-in", &[]),
    ("likert", &["scale"]),
    ("long-fill-in", &[]),
    ("matching", &["source", "target"]),
    ("numeric", &[]),
    ("other", &[]),
    ("performance", &["steps"]),
    ("sequencing", &["choices"]),
    ("true-false", &[]),
];

const DEFINITION: &[(&str, Need, Rule)] = &[
    ("name", Need::Optional, scalar::language_map),
    ("description", Need::Optional, scalar::language_map),
    ("type", Need::Optional, scalar::iri),
    ("moreInfo", Need::Optional, scalar::iri),
    ("interactionType", Need::Optional, scalar::text),
    ("correctResponsesPattern", Need::Optional, |walk, value| walk.items(value, scalar::text)),
    ("choices", Need::Optional, components),
    ("scale", Need::Optional, components),
    ("source", Need::Optional, components),
    ("target", Need::Optional, components),
    ("steps", Need::Optional, components),
    ("extensions", Need::Optional, scalar::extensions),
];

/// The object of a statement.
pub(super) fn object(walk: &mut Walk, value: &Value) {
    let kind = value.get("objectType").and_then(Value::as_str);
    if kind == Some("SubStatement") { substatement(walk, value) } else { object_below(walk, value) }
}

/// The object of a statement within another.
pub(super) fn object_below(walk: &mut Walk, value: &Value) {
    match value.get("objectType").map(Value::as_str) {
        None | Some(Some("Activity")) => activity(walk, value),
        Some(Some("Agent")) => agent::agent(walk, value),
        Some(Some("Group")) => agent::group(walk, value),
        Some(Some("StatementRef")) => reference(walk, value),
        Some(Some("SubStatement")) => {
            walk.fault("not_allowed", "must not be a statement within a statement within one")
        }
        Some(_) => walk.within("objectType", |walk| {
            walk.fault("enum", "must be Activity, Agent, Group, SubStatement or StatementRef");
        }),
    }
}

/// A statement that is elsewhere.
pub(super) fn reference(walk: &mut Walk, value: &Value) {
    const REFERENCE: &[(&str, Need, Rule)] =
        &[("objectType", Need::Required, scalar::text), ("id", Need::Required, scalar::uuid)];
    walk.object(value, REFERENCE);
    if value.get("objectType").is_some_and(|kind| kind != "StatementRef") {
        walk.within("objectType", |walk| walk.fault("enum", "must be StatementRef"));
    }
}

pub(super) fn activity(walk: &mut Walk, value: &Value) {
    const ACTIVITY: &[(&str, Need, Rule)] = &[
        ("objectType", Need::Optional, scalar::text),
        ("id", Need::Required, scalar::iri),
        ("definition", Need::Optional, definition),
    ];
    walk.object(value, ACTIVITY);
    if value.get("objectType").is_some_and(|kind| kind != "Activity") {
        walk.within("objectType", |walk| walk.fault("enum", "must be Activity"));
    }
}

fn definition(walk: &mut Walk, value: &Value) {
    let Some(members) = walk.object(value, DEFINITION) else { return };
    let lists = ["choices", "scale", "source", "target", "steps"];
    let kind = members.get("interactionType").and_then(Value::as_str);
    let allowed = match kind.map(|kind| INTERACTIONS.iter().find(|(known, _)| *known == kind)) {
        Some(None) => {
            return walk.within("interactionType", |walk| walk.fault("enum", "is no kind of interaction"));
        }
        Some(Some((_, allowed))) => *allowed,
        None => {
            let is_one = members.contains_key("correctResponsesPattern");
            if is_one || lists.iter().any(|list| members.contains_key(*list)) {
                walk.within("interactionType", |walk| walk.fault("required", "is required of an interaction"));
            }
            return;
        }
    };
    for list in lists.iter().filter(|list| members.contains_key(**list) && !allowed.contains(list)) {
        walk.within(list, |walk| walk.fault("contradiction", "is not of this kind of interaction"));
    }
}

fn components(walk: &mut Walk, value: &Value) {
    const COMPONENT: &[(&str, Need, Rule)] =
        &[("id", Need::Required, scalar::text), ("description", Need::Optional, scalar::language_map)];
    walk.items(value, |walk, component| {
        walk.object(component, COMPONENT);
    });
    let mut seen = HashSet::new();
    let mut ids = value.as_array().into_iter().flatten().filter_map(|one| one.get("id")?.as_str());
    if !ids.all(|id| seen.insert(id)) {
        walk.fault("repeated", "must have each id once");
    }
}
