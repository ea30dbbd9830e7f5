//! Whether a statement is one, as xAPI 1.0.3 (part two) wants it. All faults, each with its place.

mod agent;
mod context;
mod object;
mod result;
mod scalar;
mod walk;

use serde_json::{Map, Value};

pub use scalar::{is_iri, is_uuid, timestamp};
pub(crate) use walk::Walk;

use super::VOIDED;
use walk::{Need, Rule};

/// What a statement may have.
const STATEMENT: &[(&str, Need, Rule)] = &[
    ("id", Need::Optional, scalar::uuid),
    ("actor", Need::Required, agent::actor),
    ("verb", Need::Required, verb),
    ("object", Need::Required, object::object),
    ("result", Need::Optional, result::result),
    ("context", Need::Optional, context::context),
    ("timestamp", Need::Optional, scalar::time),
    ("stored", Need::Optional, scalar::time),
    ("authority", Need::Optional, agent::authority),
    ("version", Need::Optional, scalar::version),
    ("attachments", Need::Optional, context::attachments),
];

/// What a statement within another may not have.
const NOT_BELOW: [&str; 4] = ["id", "stored", "version", "authority"];

/// Checks a statement.
pub(super) fn statement(walk: &mut Walk, value: &Value) {
    let Some(members) = walk.object(value, STATEMENT) else { return };
    relations(walk, members);
}

/// Checks a statement within another.
fn substatement(walk: &mut Walk, value: &Value) {
    const SUB: &[(&str, Need, Rule)] = &[
        ("objectType", Need::Required, |_, _| {}),
        ("actor", Need::Required, agent::actor),
        ("verb", Need::Required, verb),
        ("object", Need::Required, object::object_below),
        ("result", Need::Optional, result::result),
        ("context", Need::Optional, context::context),
        ("timestamp", Need::Optional, scalar::time),
        ("attachments", Need::Optional, context::attachments),
    ];
    let Some(members) = walk.object_but(value, SUB, &NOT_BELOW) else { return };
    relations(walk, members);
}

fn verb(walk: &mut Walk, value: &Value) {
    const VERB: &[(&str, Need, Rule)] =
        &[("id", Need::Required, scalar::iri), ("display", Need::Optional, scalar::language_map)];
    walk.object(value, VERB);
}

/// What members say of each other.
fn relations(walk: &mut Walk, members: &Map<String, Value>) {
    let object = members.get("object").and_then(Value::as_object);
    let kind = object.and_then(|object| object.get("objectType")).and_then(Value::as_str);
    let kind = kind.unwrap_or("Activity");
    let verb = members.get("verb").and_then(|verb| verb.get("id")).and_then(Value::as_str);
    if verb == Some(VOIDED) && object.is_some() && kind != "StatementRef" {
        walk.within("object", |walk| {
            walk.fault("contradiction", "must be a StatementRef: that statement is taken back");
        });
    }
    let Some(context) = members.get("context").and_then(Value::as_object) else { return };
    for name in ["revision", "platform"] {
        if kind != "Activity" && context.contains_key(name) {
            walk.within("context", |walk| {
                walk.within(name, |walk| {
                    walk.fault("contradiction", "is there for an object that is an Activity alone")
                });
            });
        }
    }
}

/// Whether a value is an agent or an identified group, as queries name one.
pub fn is_agent(value: &Value) -> bool {
    let mut walk = Walk::new("");
    agent::actor(&mut walk, value);
    walk.faults().is_empty() && super::names::identifier(value).is_some()
}

#[cfg(test)]
mod tests;
