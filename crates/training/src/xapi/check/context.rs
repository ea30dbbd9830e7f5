//! Around what was done: with whom, as part of what, and what is attached.

use serde_json::Value;

use super::{
    agent, object, scalar,
    walk::{Need, Rule, Walk},
};

pub(super) fn context(walk: &mut Walk, value: &Value) {
    const CONTEXT: &[(&str, Need, Rule)] = &[
        ("registration", Need::Optional, scalar::uuid),
        ("instructor", Need::Optional, agent::actor),
        ("team", Need::Optional, agent::group),
        ("contextActivities", Need::Optional, activities),
        ("revision", Need::Optional, scalar::text),
        ("platform", Need::Optional, scalar::text),
        ("language", Need::Optional, scalar::language),
        ("statement", Need::Optional, object::reference),
        ("extensions", Need::Optional, scalar::extensions),
    ];
    walk.object(value, CONTEXT);
}

fn activities(walk: &mut Walk, value: &Value) {
    const KINDS: &[(&str, Need, Rule)] = &[
        ("parent", Need::Optional, one_or_several),
        ("grouping", Need::Optional, one_or_several),
        ("category", Need::Optional, one_or_several),
        ("other", Need::Optional, one_or_several),
    ];
    walk.object(value, KINDS);
}

fn one_or_several(walk: &mut Walk, value: &Value) {
    match value {
        Value::Array(_) => walk.items(value, object::activity),
        one => object::activity(walk, one),
    }
}

/// Whether the bytes are there, where nothing says where they are, is seen when all the parts of a request are.
pub(super) fn attachments(walk: &mut Walk, value: &Value) {
    const ATTACHMENT: &[(&str, Need, Rule)] = &[
        ("usageType", Need::Required, scalar::iri),
        ("display", Need::Required, scalar::language_map),
        ("description", Need::Optional, scalar::language_map),
        ("contentType", Need::Required, scalar::media_type),
        ("length", Need::Required, scalar::length),
        ("sha2", Need::Required, scalar::sha2),
        ("fileUrl", Need::Optional, scalar::iri),
    ];
    walk.items(value, |walk, attachment| {
        walk.object(attachment, ATTACHMENT);
    });
}
