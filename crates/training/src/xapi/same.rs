//! Whether two statements say the same. What the server sets does not count, nor how activities and verbs are described,
//! nor in which order a group's members stand (xAPI 1.0.3, part two, 2.3.1).

use std::fmt::Write;

use serde_json::{Map, Value};

/// What the server sets, or may set.
const SET_HERE: [&str; 5] = ["id", "authority", "stored", "timestamp", "version"];

/// A digest of all that may not differ.
pub(super) fn digest(statement: &Map<String, Value>) -> String {
    let mut text = String::new();
    let members = statement.iter().filter(|(name, _)| !SET_HERE.contains(&name.as_str()));
    object(&mut text, members, "");
    identity::secret_digest(&text)
}

fn write(out: &mut String, value: &Value, within: &str) {
    match value {
        Value::Object(members) => {
            let described = |name: &str| match within {
                "verb" => name == "display",
                "extensions" => false,
                _ => name == "definition" && members.contains_key("id"),
            };
            // What is said by leaving it out.
            let implied = |name: &str, value: &Value| {
                name == "objectType"
                    && within != "extensions"
                    && (value == "Agent" || value == "Activity")
                    && !(within == "object" && value == "Agent")
            };
            let kept = members.iter().filter(|(name, value)| !described(name) && !implied(name, value));
            object(out, kept, within);
        }
        Value::Array(items) => list(out, items, within),
        Value::String(text) if within == "mbox" => out.push_str(&quoted(&mailbox(text))),
        Value::Number(number) => match number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e15) {
            Some(whole) => drop(write!(out, "{whole:.0}")),
            None => drop(write!(out, "{number}")),
        },
        other => drop(write!(out, "{other}")),
    }
}

fn object<'v>(out: &mut String, members: impl Iterator<Item = (&'v String, &'v Value)>, within: &str) {
    let mut members: Vec<_> = members.collect();
    members.sort_by_key(|(name, _)| *name);
    out.push('{');
    for (name, value) in members {
        out.push_str(&quoted(name));
        out.push(':');
        write(out, value, if within == "extensions" { within } else { name });
        out.push(',');
    }
    out.push('}');
}

fn list(out: &mut String, items: &[Value], within: &str) {
    let mut texts: Vec<String> = Vec::new();
    for item in items {
        let mut text = String::new();
        write(&mut text, item, within);
        texts.push(text);
    }
    if within == "member" {
        texts.sort_unstable();
    }
    out.push('[');
    out.push_str(&texts.join(","));
    out.push(']');
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// An address whose domain is in lower case, as it does not matter there.
pub(super) fn mailbox(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_lowercase()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(value: Value) -> String {
        digest(value.as_object().unwrap())
    }

    #[test]
    fn what_does_not_count_does_not_count() {
        let one = json!({
            "actor": {"objectType": "Group", "member": [{"mbox": "mailto:a@x.example"}, {"mbox": "mailto:b@x.example"}]},
            "verb": {"id": "https://v.example", "display": {"en": "did"}},
            "object": {"id": "https://o.example", "definition": {"name": {"en": "It"}}},
            "result": {"score": {"raw": 7}}
        });
        let other = json!({
            "id": "x", "stored": "y", "authority": {}, "version": "1.0.1",
            "actor": {"objectType": "Group", "member": [
                {"mbox": "mailto:b@X.example", "objectType": "Agent"}, {"mbox": "mailto:a@x.example"}
            ]},
            "object": {"objectType": "Activity", "id": "https://o.example"},
            "verb": {"id": "https://v.example"},
            "result": {"score": {"raw": 7.0}}
        });
        assert_eq!(of(one), of(other));
    }

    #[test]
    fn what_counts_counts() {
        let of_duration = |text: &str| of(json!({"result": {"duration": text}}));
        assert_ne!(of_duration("PT60S"), of_duration("PT1M"));
        let of_extension =
            |value: Value| of(json!({"result": {"extensions": {"https://x.example/definition": value}}}));
        assert_ne!(of_extension(json!({"id": 1, "definition": 1})), of_extension(json!({"id": 1, "definition": 2})));
        assert_ne!(of(json!({"object": {"objectType": "Agent"}})), of(json!({"object": {}})));
    }
}
