//! Facts: what a reading asks of what is given, each under a name that a book can have.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde_json::{Map, Value as Json, json};

use super::is_number;
use crate::cases::{Supported, Unsupported, given};

/// What kind of thing is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Number,
    Text,
    Date,
    List,
    People,
}

/// What is given, and what a reading asks of it.
pub struct Facts {
    given: Map<String, Json>,
    asked: BTreeMap<(String, Kind), String>,
    taken: BTreeSet<String>,
}

impl Facts {
    pub fn new(given: &Map<String, Json>) -> Self {
        Self { given: given.clone(), asked: BTreeMap::new(), taken: BTreeSet::new() }
    }

    /// The book's name of what stands at a path.
    pub fn ask(&mut self, path: &str, kind: Kind) -> String {
        let key = (path.to_owned(), kind);
        if let Some(name) = self.asked.get(&key) {
            return name.clone();
        }
        let name = self.name(path);
        self.asked.insert(key, name.clone());
        name
    }

    /// A name that a book can have and nothing else has yet, as like the foreign one as can be.
    pub fn name(&mut self, foreign: &str) -> String {
        let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
        let plain: String = foreign.chars().map(letter).take(48).collect();
        let starts = plain.starts_with(|first: char| first.is_ascii_lowercase());
        let reserved = ["as_of", "row", "outer", "score", "true", "false"].contains(&plain.as_str());
        let plain = if starts && !reserved { plain } else { format!("the_{plain}") };
        let free = (1_u32..).map(|at| if at == 1 { plain.clone() } else { format!("{plain}_{at}") });
        let name = free.into_iter().find(|name| !self.taken.contains(name)).unwrap_or_default();
        self.taken.insert(name.clone());
        name
    }

    /// What is given at a path: a key as it is written, or steps from map to map.
    pub fn given(&self, path: &str) -> Option<&Json> {
        fn reach<'j>(map: &'j Map<String, Json>, path: &str) -> Option<&'j Json> {
            map.get(path).or_else(|| {
                let mut steps = path.match_indices('.');
                steps.find_map(|(at, _)| reach(map.get(path.get(..at)?)?.as_object()?, path.get(at + 1..)?))
            })
        }
        reach(&self.given, path).filter(|found| !found.is_null())
    }

    /// The one number that is given, if it is one alone.
    pub fn only_number(&self) -> Option<&str> {
        let mut numbers = self.given.iter().filter(|(_, value)| value.is_number());
        match (numbers.next(), numbers.next()) {
            (Some((name, _)), None) => Some(name),
            _ => None,
        }
    }

    /// The day of the evaluation.
    pub fn day(&self) -> NaiveDate {
        given::day_of(&self.given)
    }

    /// The book's section of facts.
    pub fn declared(&self) -> Json {
        let each = self.asked.iter().map(|((path, kind), name)| {
            let mut fact = match kind {
                Kind::Number => json!({"type": "number", "default": 0}),
                Kind::Text => json!({"type": "text"}),
                Kind::Date => json!({"type": "date"}),
                Kind::List => json!({"type": "list", "of": "text", "default": []}),
                Kind::People => json!({"type": "people", "default": {}}),
            };
            if let Some(fact) = fact.as_object_mut() {
                fact.insert("description".to_owned(), json!(path));
            }
            (name.clone(), fact)
        });
        Json::Object(each.collect())
    }

    /// The facts, as the book declares them.
    pub fn read(&self) -> Supported<Json> {
        let mut facts = Map::new();
        for ((path, kind), name) in &self.asked {
            let Some(given) = self.given(path) else { continue };
            let wrong = |needed: &str| Unsupported::new(format!("given: {path} is {given}, where {needed} is needed"));
            let value = match kind {
                Kind::Number => number(given).ok_or_else(|| wrong("a number"))?,
                Kind::Text => text(given).ok_or_else(|| wrong("a text"))?,
                Kind::Date => given.as_str().map(|_| given.clone()).ok_or_else(|| wrong("a date"))?,
                Kind::List => list(given).ok_or_else(|| wrong("a list of texts"))?,
                Kind::People => people(given).ok_or_else(|| wrong("people with their certificates"))?,
            };
            facts.insert(name.clone(), value);
        }
        Ok(Json::Object(facts))
    }
}

fn number(given: &Json) -> Option<Json> {
    match given {
        Json::Bool(it) => Some(json!(u8::from(*it))),
        other if is_number(other) => Some(other.clone()),
        _ => None,
    }
}

fn text(given: &Json) -> Option<Json> {
    match given {
        Json::String(_) => Some(given.clone()),
        Json::Number(_) | Json::Bool(_) => Some(json!(given.to_string())),
        _ => None,
    }
}

fn list(given: &Json) -> Option<Json> {
    match given {
        Json::Array(items) => items.iter().map(text).collect::<Option<Vec<_>>>().map(Json::Array),
        Json::String(_) => Some(json!([given])),
        _ => None,
    }
}

/// People by name with what they hold, or a list of people with a name.
fn people(given: &Json) -> Option<Json> {
    let mut all = Map::new();
    match given {
        Json::Object(people) => {
            for (name, held) in people {
                all.insert(name.clone(), certificates(held)?);
            }
        }
        Json::Array(people) => {
            for (at, person) in people.iter().enumerate() {
                let name = person.get("name").or_else(|| person.get("id")).and_then(Json::as_str);
                let name = name.map_or_else(|| format!("person {}", at + 1), str::to_owned);
                all.insert(name, certificates(person)?);
            }
        }
        _ => return None,
    }
    Some(Json::Object(all))
}

fn certificates(held: &Json) -> Option<Json> {
    match held {
        Json::Array(held) => held.iter().map(certificate).collect::<Option<Vec<_>>>().map(Json::Array),
        Json::Object(person) => {
            let held = ["holds", "certificates", "certs", "certifications"].iter().find_map(|key| person.get(*key))?;
            certificates(held).filter(|_| held.is_array())
        }
        _ => None,
    }
}

fn certificate(held: &Json) -> Option<Json> {
    let Json::Object(fields) = held else { return held.as_str().map(|_| held.clone()) };
    let of = |keys: &[&str]| keys.iter().find_map(|key| fields.get(*key)).filter(|found| !found.is_null());
    let mut read = Map::new();
    read.insert("certificate".to_owned(), of(&["certificate", "cert", "name", "id"])?.clone());
    for (name, keys) in [
        ("valid_from", &["valid_from", "from", "earned"][..]),
        ("valid_to", &["valid_to", "valid_until", "to", "until", "expires", "expired"]),
        ("counts_until", &["counts_until"]),
    ] {
        if let Some(day) = of(keys) {
            read.insert(name.to_owned(), day.clone());
        }
    }
    Some(Json::Object(read))
}
