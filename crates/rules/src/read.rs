//! Reading a book from JSON, entry by entry, so that one fault does not hide the next entry's.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::{
    Fault,
    book::{MonthDay, RuleBook},
    fault::{below, nearest, unknown},
};

const SECTIONS: [&str; 8] =
    ["fiscal_year_start", "facts", "tables", "metrics", "scores", "rules", "eligibility", "tiers"];

impl RuleBook {
    /// The sections of a book, as a program document names them.
    pub const SECTIONS: [&str; 8] = SECTIONS;

    /// Reads a book, and tells the faults of shape of all of its entries at once.
    ///
    /// # Errors
    /// Each entry that has an unknown key, an unknown construct or a value of the wrong kind.
    pub fn read(json: &Json) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let empty = Map::new();
        let sections = json.as_object().unwrap_or_else(|| {
            faults.push(Fault::error("", "type", "is not a map of sections"));
            &empty
        });
        for name in sections.keys().filter(|name| !SECTIONS.contains(&name.as_str())) {
            let words = unknown("section", name, SECTIONS.into_iter());
            faults.push(Fault::error(below("", name), "unknown_field", words));
        }
        let book = Self {
            fiscal_year_start: sections
                .get("fiscal_year_start")
                .and_then(|it| entry::<MonthDay>(it, "/fiscal_year_start", &mut faults)),
            facts: section(sections, "facts", &mut faults),
            tables: section(sections, "tables", &mut faults),
            metrics: section(sections, "metrics", &mut faults),
            scores: section(sections, "scores", &mut faults),
            rules: section(sections, "rules", &mut faults),
            eligibility: list(sections, "eligibility", "is not a list of criteria", &mut faults),
            tiers: list(sections, "tiers", "is not a list, lowest tier first", &mut faults),
        };
        if faults.is_empty() { Ok(book) } else { Err(faults) }
    }
}

fn section<T: DeserializeOwned>(
    sections: &Map<String, Json>,
    name: &str,
    faults: &mut Vec<Fault>,
) -> BTreeMap<String, T> {
    let pointer = below("", name);
    match sections.get(name) {
        None => BTreeMap::new(),
        Some(Json::Object(entries)) => entries
            .iter()
            .filter_map(|(key, json)| Some((key.clone(), entry(json, &below(&pointer, key), faults)?)))
            .collect(),
        Some(_) => {
            faults.push(Fault::error(pointer, "type", "is not a map by name"));
            BTreeMap::new()
        }
    }
}

fn list<T: DeserializeOwned>(
    sections: &Map<String, Json>,
    name: &str,
    otherwise: &str,
    faults: &mut Vec<Fault>,
) -> Vec<T> {
    let pointer = below("", name);
    match sections.get(name) {
        None => Vec::new(),
        Some(Json::Array(entries)) => {
            entries.iter().enumerate().filter_map(|(at, json)| entry(json, &below(&pointer, at), faults)).collect()
        }
        Some(_) => {
            faults.push(Fault::error(pointer, "type", otherwise));
            Vec::new()
        }
    }
}

fn entry<T: DeserializeOwned>(json: &Json, pointer: &str, faults: &mut Vec<Fault>) -> Option<T> {
    use serde_path_to_error::Segment;
    let failed = match serde_path_to_error::deserialize(json) {
        Ok(read) => return Some(read),
        Err(failed) => failed,
    };
    let mut place = pointer.to_owned();
    for segment in failed.path() {
        place = match segment {
            Segment::Seq { index } => below(&place, index),
            Segment::Map { key } => below(&place, key),
            Segment::Enum { .. } | Segment::Unknown => place,
        };
    }
    faults.push(Fault::error(place, "shape", helpful(failed.inner().to_string())));
    None
}

/// Adds the nearest of the names that are expected to serde's words about one that is not.
fn helpful(words: String) -> String {
    let mut quoted = words.split('`').skip(1).step_by(2);
    let is_unknown = words.starts_with("unknown ");
    let near = quoted.next().filter(|_| is_unknown).and_then(|wrong| nearest(wrong, quoted)).map(str::to_owned);
    match near {
        Some(near) => format!("{words}; did you mean `{near}`?"),
        None => words,
    }
}
