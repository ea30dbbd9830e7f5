//! The formats in which a statement is answered.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// How much of a statement is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = XapiFormat)]
pub enum Format {
    /// Of people, activities and verbs only what identifies them.
    Ids,
    /// As it came.
    #[default]
    Exact,
    /// Each text in one language, chosen by `Accept-Language`.
    Canonical,
}

/// What identifies people, and what of them else is no text for people.
const OF_AGENTS: [&str; 6] = ["objectType", "mbox", "mbox_sha1sum", "openid", "account", "member"];

impl Format {
    /// The statement in this format; `languages` are those of the reader, best first.
    pub(super) fn show(self, mut statement: Value, languages: &[String]) -> Value {
        match self {
            Self::Exact => {}
            Self::Ids => ids(&mut statement),
            Self::Canonical => translate(&mut statement, languages),
        }
        statement
    }
}

/// The languages that a reader wants (RFC 9110, 12.5.4), best first.
pub(super) fn languages(header: Option<&str>) -> Vec<String> {
    let mut wanted: Vec<(i64, String)> = Vec::new();
    for part in header.unwrap_or_default().split(',').take(50) {
        let mut fields = part.split(';').map(str::trim);
        let tag = fields.next().unwrap_or_default().to_ascii_lowercase();
        let weight = fields.find_map(|field| field.strip_prefix("q=")?.parse::<f64>().ok()).unwrap_or(1.0);
        if !tag.is_empty() && weight > 0.0 {
            #[allow(clippy::cast_possible_truncation, reason = "a weight is from 0 to 1")]
            wanted.push(((-weight * 1_000.0) as i64, tag));
        }
    }
    wanted.sort_by_key(|(weight, _)| *weight);
    wanted.into_iter().map(|(_, tag)| tag).collect()
}

fn ids(statement: &mut Value) {
    let Some(members) = statement.as_object_mut() else { return };
    for (name, value) in members.iter_mut() {
        match (name.as_str(), value) {
            ("verb", Value::Object(verb)) => verb.retain(|name, _| name == "id"),
            ("actor" | "authority", agent) => agent_alone(agent),
            ("object", object) => match object.get("objectType").and_then(Value::as_str) {
                Some("Agent" | "Group") => agent_alone(object),
                Some("SubStatement") => ids(object),
                _ => activity_alone(object),
            },
            ("context", Value::Object(context)) => context_alone(context),
            _ => {}
        }
    }
}

fn context_alone(context: &mut Map<String, Value>) {
    for name in ["instructor", "team"] {
        context.get_mut(name).into_iter().for_each(agent_alone);
    }
    let kinds = context.get_mut("contextActivities").and_then(Value::as_object_mut);
    let lists = kinds.into_iter().flat_map(|kinds| kinds.values_mut()).filter_map(Value::as_array_mut);
    lists.flatten().for_each(activity_alone);
}

fn activity_alone(activity: &mut Value) {
    activity.as_object_mut().into_iter().for_each(|activity| drop(activity.remove("definition")));
}

fn agent_alone(agent: &mut Value) {
    let Some(members) = agent.as_object_mut() else { return };
    members.retain(|name, _| OF_AGENTS.contains(&name.as_str()));
    let is_identified = OF_AGENTS.iter().skip(1).take(4).any(|name| members.contains_key(*name));
    if is_identified {
        members.remove("member");
    }
    members.get_mut("member").and_then(Value::as_array_mut).into_iter().flatten().for_each(agent_alone);
}

/// Leaves one language in each text of verbs and activities.
fn translate(value: &mut Value, languages: &[String]) {
    let Some(members) = value.as_object_mut() else {
        return value.as_array_mut().into_iter().flatten().for_each(|item| translate(item, languages));
    };
    for (name, value) in members.iter_mut() {
        match (name.as_str(), value) {
            ("extensions", _) => {}
            ("display" | "name" | "description", Value::Object(texts)) => choose(texts, languages),
            (_, value) => translate(value, languages),
        }
    }
}

fn choose(texts: &mut Map<String, Value>, languages: &[String]) {
    let fits = |tag: &str, wanted: &str| {
        let tag = tag.to_ascii_lowercase();
        wanted == "*" || tag == wanted || tag.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('-'))
    };
    let wanted = languages.iter().find_map(|wanted| texts.keys().find(|tag| fits(tag, wanted)));
    if let Some(best) = wanted.or_else(|| texts.keys().next()).cloned() {
        texts.retain(|tag, _| *tag == best);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_text_is_in_the_best_language_that_there_is() {
        let statement = json!({"verb": {"id": "v", "display": {"de": "tat", "en-US": "did", "fr": "fit"}}});
        let shown = |header: &str| Format::Canonical.show(statement.clone(), &languages(Some(header)));
        let of = |header: &str| shown(header)["verb"]["display"].clone();
        assert_eq!(of("en;q=0.5, fr"), json!({"fr": "fit"}));
        assert_eq!(of("it, en"), json!({"en-US": "did"}));
        assert_eq!(of("it"), json!({"de": "tat"}));
    }

    #[test]
    fn ids_are_what_identifies() {
        let statement = json!({
            "actor": {"objectType": "Group", "name": "We", "member": [{"name": "A", "mbox": "mailto:a@x.example"}]},
            "verb": {"id": "v", "display": {"de": "tat"}},
            "object": {"id": "o", "definition": {"name": {"de": "Es"}}}
        });
        assert_eq!(
            Format::Ids.show(statement, &[]),
            json!({
                "actor": {"objectType": "Group", "member": [{"mbox": "mailto:a@x.example"}]},
                "verb": {"id": "v"}, "object": {"id": "o"}
            })
        );
    }
}
