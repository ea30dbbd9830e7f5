//! What differs between two documents, told in rules: "Gold: revenue at least 100,000 → 120,000 EUR".
//!
//! Entries of a list are the same when they have the same name, or test the same metric; so that a tier which is put
//! between two others is one tier more, not a change of all that follow.

use std::collections::BTreeMap;

use database::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::ProgramDocument;

/// One difference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProgramChange)]
pub struct Change {
    /// What became of it.
    pub kind: ChangeKind,
    /// Where it stands: a JSON Pointer into the later document; for what was removed, into the earlier.
    #[schema(max_length = 2000, example = "/tiers/1/requires/at_least")]
    pub pointer: String,
    /// The difference in words.
    #[schema(max_length = 4000, example = "Gold: revenue at least 100,000 → 120,000 EUR")]
    pub words: String,
    /// What stood there; null for what was added.
    #[schema(required = true, value_type = Value)]
    pub before: Option<Value>,
    /// What stands there; null for what was removed.
    #[schema(required = true, value_type = Value)]
    pub after: Option<Value>,
}

/// What became of a part of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProgramChangeKind)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
}

/// All differences, in the order of the sections.
///
/// # Errors
/// When a document cannot be written as JSON.
pub fn diff(before: &ProgramDocument, after: &ProgramDocument) -> Result<Vec<Change>> {
    let json = |document| serde_json::to_value(document).map_err(|error| Error::Internal(error.to_string()));
    Ok(diff_of_values(&json(before)?, &json(after)?))
}

/// The same of documents of another kind, as JSON.
pub fn diff_of_values(before: &Value, after: &Value) -> Vec<Change> {
    let mut diff = Diff { units: units(&[before, after]), changes: Vec::new() };
    diff.compare(&Place::default(), before, after);
    diff.changes
}

struct Diff {
    /// The units of facts and metrics, by name.
    units: BTreeMap<String, String>,
    changes: Vec<Change>,
}

/// Where in the documents something stands: for machines in both, and for people.
#[derive(Debug, Clone, Default)]
struct Place {
    before: String,
    after: String,
    words: Vec<String>,
    /// The metric that is tested here.
    metric: Option<String>,
}

impl Place {
    fn field(&self, name: &str) -> Self {
        let pointer = |at: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        let mut place = Self { before: pointer(&self.before), after: pointer(&self.after), ..self.clone() };
        place.words.push(name.replace('_', " "));
        place
    }

    /// An entry of a list, called as it calls itself.
    fn entry(&self, before: usize, after: usize, name: Option<&str>) -> Self {
        let (before, after) = (format!("{}/{before}", self.before), format!("{}/{after}", self.after));
        let mut words = self.words.clone();
        words.push(name.map_or_else(|| format!("#{}", after.rsplit('/').next().unwrap_or_default()), str::to_owned));
        Self { before, after, words, metric: self.metric.clone() }
    }
}

impl Diff {
    fn compare(&mut self, place: &Place, before: &Value, after: &Value) {
        match (before, after) {
            _ if before == after => {}
            (Value::Object(before), Value::Object(after)) => self.compare_fields(place, before, after),
            (Value::Array(before), Value::Array(after)) => self.compare_entries(place, before, after),
            _ => self.tell(place, Some(before), Some(after)),
        }
    }

    fn compare_fields(&mut self, place: &Place, before: &Map<String, Value>, after: &Map<String, Value>) {
        let mut place = place.clone();
        if let (Some(metric), true) =
            (before.get("metric").and_then(Value::as_str), before.get("metric") == after.get("metric"))
        {
            place.metric = Some(metric.to_owned());
            if place.words.last().is_none_or(|word| word != metric) {
                place.words.push(metric.to_owned());
            }
        }
        for (name, value) in after {
            match before.get(name) {
                Some(old) => self.compare(&place.field(name), old, value),
                None => self.tell(&place.field(name), None, Some(value)),
            }
        }
        for (name, value) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
            self.tell(&place.field(name), Some(value), None);
        }
    }

    fn compare_entries(&mut self, place: &Place, before: &[Value], after: &[Value]) {
        let (old, new) = (named(before), named(after));
        for (at, (name, value)) in new.iter().enumerate() {
            match old.iter().position(|(other, _)| other == name) {
                Some(was) => {
                    let (own, old) = (place.entry(was, at, Some(name)), old.get(was).map(|(_, value)| *value));
                    old.into_iter().for_each(|old| self.compare(&own, old, value));
                }
                None => self.tell(&place.entry(at, at, Some(name)), None, Some(value)),
            }
        }
        for (at, (name, value)) in old.iter().enumerate() {
            if !new.iter().any(|(other, _)| other == name) {
                self.tell(&place.entry(at, at, Some(name)), Some(value), None);
            }
        }
    }

    fn tell(&mut self, place: &Place, before: Option<&Value>, after: Option<&Value>) {
        let (kind, pointer) = match (before, after) {
            (None, _) => (ChangeKind::Added, &place.after),
            (_, None) => (ChangeKind::Removed, &place.before),
            _ => (ChangeKind::Changed, &place.after),
        };
        let words = self.words(place, before, after);
        let (before, after) = (before.cloned(), after.cloned());
        self.changes.push(Change { kind, pointer: pointer.clone(), words, before, after });
    }

    fn words(&self, place: &Place, before: Option<&Value>, after: Option<&Value>) -> String {
        let unit = place.metric.as_ref().and_then(|metric| self.units.get(metric));
        let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
        let what = match (before, after) {
            (Some(before), Some(after)) => format!("{} → {}{unit}", shown(before), shown(after)),
            (None, Some(after)) => format!("{}{unit} (new)", shown(after)),
            (Some(before), None) => format!("{}{unit} (gone)", shown(before)),
            (None, None) => String::new(),
        };
        let subject = subject(place);
        let name = after.or(before).map(own_name).filter(|name| subject.ends_with(name));
        // What is added or removed whole and has said its name needs no more.
        match name {
            Some(_) if before.is_none() => format!("{subject} (new)"),
            Some(_) if after.is_none() => format!("{subject} (gone)"),
            _ => format!("{subject} {what}"),
        }
    }
}

/// The subject of a sentence: what people call the place.
fn subject(place: &Place) -> String {
    // Words that say how rules are nested, which nobody says aloud.
    const SILENT: [&str; 7] = ["requires", "benefits", "all", "any", "of", "value", "components"];
    let words: Vec<&str> = place.words.iter().map(String::as_str).collect();
    let (head, rest) = match words.as_slice() {
        ["tiers", tier, rest @ ..] => ((*tier).to_owned(), rest),
        [section @ ("metrics" | "scores" | "rules" | "facts" | "tables" | "examples" | "regions"), name, rest @ ..] => {
            (format!("{} {name}", section.strip_suffix('s').unwrap_or(section)), rest)
        }
        [section, rest @ ..] => ((*section).to_owned(), rest),
        [] => return "the document".into(),
    };
    let rest: Vec<&str> = rest.iter().copied().filter(|word| !SILENT.contains(word)).collect();
    let mut head = head;
    if let Some(first) = head.get(..1).map(str::to_uppercase) {
        head.replace_range(..1, &first);
    }
    if rest.is_empty() { head } else { format!("{head}: {}", rest.join(" ")) }
}

/// Entries with what tells them from each other: a name, the metric that they test, or themselves.
fn named(entries: &[Value]) -> Vec<(String, &Value)> {
    let mut seen = BTreeMap::new();
    let mut unique = |name: String| {
        let times = seen.entry(name.clone()).and_modify(|times| *times += 1).or_insert(1);
        if *times == 1 { name } else { format!("{name} ({times})") }
    };
    entries.iter().map(|entry| (unique(own_name(entry)), entry)).collect()
}

fn own_name(entry: &Value) -> String {
    let text = |member: &str| entry.get(member).and_then(Value::as_str).map(str::to_owned);
    text("name").or_else(|| text("metric")).unwrap_or_else(|| shown(entry))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Number(number) => grouped(&number.to_string()),
        Value::String(text) => grouped(text),
        Value::Null => "nothing".into(),
        Value::Bool(truth) => if *truth { "yes" } else { "no" }.into(),
        Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// A number with commas between its thousands; any other text as it is.
fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, rest) = digits.find('.').map_or((digits, ""), |dot| digits.split_at(dot));
    let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() < 4 || !number(whole) || !number(rest.strip_prefix('.').unwrap_or(rest)) {
        return text.to_owned();
    }
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    format!("{sign}{out}{rest}")
}

fn units(documents: &[&Value]) -> BTreeMap<String, String> {
    let mut units = BTreeMap::new();
    for section in documents.iter().flat_map(|document| [document.get("facts"), document.get("metrics")]).flatten() {
        for (name, entry) in section.as_object().into_iter().flatten() {
            if let Some(unit) = entry.get("unit").and_then(Value::as_str) {
                units.insert(name.clone(), unit.to_owned());
            }
        }
    }
    units
}

#[cfg(test)]
mod tests;
