//! Agents and groups: who acted, who saw it, who says so.

use serde_json::Value;

use super::{
    scalar,
    walk::{Need, Rule, Walk},
};

/// By what one of them is known: exactly one of these.
const IDENTIFIERS: [&str; 4] = ["mbox", "mbox_sha1sum", "openid", "account"];

/// How many bytes the name of an account may have.
const LONGEST_NAME: usize = 1_000;

const AGENT: &[(&str, Need, Rule)] = &[
    ("objectType", Need::Optional, scalar::text),
    ("name", Need::Optional, scalar::text),
    ("mbox", Need::Optional, scalar::mailbox),
    ("mbox_sha1sum", Need::Optional, scalar::sha1),
    ("openid", Need::Optional, scalar::iri),
    ("account", Need::Optional, account),
];

const GROUP: &[(&str, Need, Rule)] = &[
    ("objectType", Need::Required, scalar::text),
    ("name", Need::Optional, scalar::text),
    ("member", Need::Optional, members),
    ("mbox", Need::Optional, scalar::mailbox),
    ("mbox_sha1sum", Need::Optional, scalar::sha1),
    ("openid", Need::Optional, scalar::iri),
    ("account", Need::Optional, account),
];

/// An agent or a group.
pub(super) fn actor(walk: &mut Walk, value: &Value) {
    match value.get("objectType") {
        Some(Value::String(kind)) if kind == "Group" => group(walk, value),
        Some(kind) if kind != "Agent" => {
            walk.within("objectType", |walk| walk.fault("enum", "must be Agent or Group"));
        }
        _ => agent(walk, value),
    }
}

/// An agent, and no group.
pub(super) fn agent(walk: &mut Walk, value: &Value) {
    if value.get("objectType").is_some_and(|kind| kind != "Agent") {
        return walk.within("objectType", |walk| walk.fault("enum", "must be Agent"));
    }
    let Some(known) = walk.object(value, AGENT) else { return };
    match IDENTIFIERS.iter().filter(|name| known.contains_key(**name)).count() {
        0 => walk.fault("required", "must have one of mbox, mbox_sha1sum, openid and account"),
        1 => {}
        _ => walk.fault("contradiction", "must have exactly one of mbox, mbox_sha1sum, openid and account"),
    }
}

/// A group, and no agent.
pub(super) fn group(walk: &mut Walk, value: &Value) {
    if value.is_object() && value.get("objectType").is_none_or(|kind| kind != "Group") {
        return walk.within("objectType", |walk| walk.fault("enum", "must be Group"));
    }
    let Some(known) = walk.object(value, GROUP) else { return };
    match IDENTIFIERS.iter().filter(|name| known.contains_key(**name)).count() {
        0 if !known.contains_key("member") => {
            walk.within("member", |walk| walk.fault("required", "is required of a group that has no identifier"));
        }
        0 | 1 => {}
        _ => walk.fault("contradiction", "must have at most one of mbox, mbox_sha1sum, openid and account"),
    }
}

/// Who says so. It is checked, and then the server says who it was.
pub(super) fn authority(walk: &mut Walk, value: &Value) {
    actor(walk, value);
    if value.get("objectType").is_some_and(|kind| kind == "Group") {
        let members = value.get("member").and_then(Value::as_array).map_or(0, Vec::len);
        if members != 2 || IDENTIFIERS.iter().any(|name| value.get(name).is_some()) {
            walk.fault("contradiction", "a group that says so has two members and no identifier");
        }
    }
}

fn members(walk: &mut Walk, value: &Value) {
    walk.items(value, agent);
    if value.as_array().is_some_and(Vec::is_empty) {
        walk.fault("min_items", "must not be empty");
    }
}

fn account(walk: &mut Walk, value: &Value) {
    const ACCOUNT: &[(&str, Need, Rule)] =
        &[("homePage", Need::Required, scalar::iri), ("name", Need::Required, named)];
    walk.object(value, ACCOUNT);
}

fn named(walk: &mut Walk, value: &Value) {
    match walk.text(value) {
        Some("") => walk.fault("min_length", "must not be empty"),
        Some(name) if name.len() > LONGEST_NAME => {
            walk.fault("max_length", format!("must have at most {LONGEST_NAME} bytes"));
        }
        Some(name) if name.chars().any(char::is_control) => walk.fault("format", "must not have control characters"),
        _ => {}
    }
}
