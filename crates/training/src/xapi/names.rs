//! Whom and what a statement is about, as one line of text each: by that it is found.

use std::collections::BTreeSet;

use serde_json::Value;

use super::same;

/// How somebody or something is part of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// The actor or the object, or a member of such a group.
    Agent,
    /// The same, or whoever else is named.
    Related,
    /// The object.
    Activity,
    /// The same, or whatever else is named.
    RelatedActivity,
    /// The verb.
    Verb,
    /// The registration.
    Registration,
}

/// Somebody or something that a statement names.
pub(super) type Name = (Part, String);

/// A digest that finds what has the name.
pub(super) fn key((part, name): &Name) -> String {
    identity::secret_digest(&format!("{part:?} {name}"))
}

/// Everything that a statement names, but who says so.
pub(super) fn of(statement: &Value) -> Vec<Name> {
    let mut names = BTreeSet::new();
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    names.extend(text(statement.pointer("/verb/id")).map(|verb| (Part::Verb, verb)));
    let registration = text(statement.pointer("/context/registration"));
    names.extend(registration.map(|id| (Part::Registration, id.to_ascii_lowercase())));
    add_agents(&mut names, statement.get("actor"), &[Part::Agent, Part::Related]);
    let object = statement.get("object");
    match object.and_then(|object| object.get("objectType")).and_then(Value::as_str) {
        Some("Agent" | "Group") => add_agents(&mut names, object, &[Part::Agent, Part::Related]),
        Some("SubStatement") => {
            let below = object.unwrap_or(&Value::Null);
            add_agents(&mut names, below.get("actor"), &[Part::Related]);
            match below.pointer("/object/objectType").and_then(Value::as_str) {
                Some("Agent" | "Group") => add_agents(&mut names, below.get("object"), &[Part::Related]),
                None | Some("Activity") => {
                    names.extend(text(below.pointer("/object/id")).map(|id| (Part::RelatedActivity, id)));
                }
                Some(_) => {}
            }
            add_context(&mut names, below);
        }
        None | Some("Activity") => {
            let id = text(object.and_then(|object| object.get("id")));
            names.extend(id.into_iter().flat_map(|id| [(Part::Activity, id.clone()), (Part::RelatedActivity, id)]));
        }
        Some(_) => {}
    }
    add_context(&mut names, statement);
    names.into_iter().collect()
}

fn add_context(names: &mut BTreeSet<Name>, statement: &Value) {
    for place in ["/context/instructor", "/context/team"] {
        add_agents(names, statement.pointer(place), &[Part::Related]);
    }
    let kinds = statement.pointer("/context/contextActivities").and_then(Value::as_object);
    for activities in kinds.into_iter().flat_map(|kinds| kinds.values()) {
        let listed = activities.as_array().map_or(std::slice::from_ref(activities), Vec::as_slice);
        let ids = listed.iter().filter_map(|one| one.get("id")?.as_str());
        names.extend(ids.map(|id| (Part::RelatedActivity, id.to_owned())));
    }
}

/// An agent, or a group with its members.
fn add_agents(names: &mut BTreeSet<Name>, value: Option<&Value>, parts: &[Part]) {
    let Some(value) = value else { return };
    let members = value.get("member").and_then(Value::as_array).into_iter().flatten();
    for name in std::iter::once(value).chain(members).filter_map(identifier) {
        names.extend(parts.iter().map(|part| (*part, name.clone())));
    }
}

/// By what an agent or a group is known.
pub(super) fn identifier(agent: &Value) -> Option<String> {
    let text = |name: &str| agent.get(name).and_then(Value::as_str);
    let account = || {
        let of = |name: &str| agent.pointer(&format!("/account/{name}")).and_then(Value::as_str);
        Some(format!("account:{}\n{}", of("homePage")?, of("name")?))
    };
    let known = text("mbox").map(same::mailbox);
    let known = known.or_else(|| text("mbox_sha1sum").map(|sum| format!("sha1:{}", sum.to_ascii_lowercase())));
    known.or_else(|| text("openid").map(|id| format!("openid:{id}"))).or_else(account)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn strict_and_broad_names_differ() {
        let statement = json!({
            "actor": {"objectType": "Group", "member": [{"mbox": "mailto:a@X.example"}]},
            "verb": {"id": "https://v.example"},
            "object": {"objectType": "SubStatement", "actor": {"openid": "https://b.example"},
                "verb": {"id": "https://w.example"}, "object": {"id": "https://below.example"}},
            "context": {"team": {"objectType": "Group", "account": {"homePage": "https://h.example", "name": "t"}},
                "contextActivities": {"parent": {"id": "https://up.example"}}}
        });
        let lines: Vec<String> = of(&statement).into_iter().map(|(part, name)| format!("{part:?} {name}")).collect();
        assert_eq!(
            lines,
            [
                "Agent mailto:a@x.example",
                "Related account:https://h.example\nt",
                "Related mailto:a@x.example",
                "Related openid:https://b.example",
                "RelatedActivity https://below.example",
                "RelatedActivity https://up.example",
                "Verb https://v.example",
            ]
        );
    }
}
