//! Reading a book from JSON, entry by entry, so that one fault does not hide the next entry's.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::{
    Fault,
    book::{MonthDay, RuleBook},
    fault::{below, unknown},
};

const SECTIONS: [&str; 7] = ["fiscal_year_start", "facts", "tables", "metrics", "scores", "rules", "tiers"];

impl RuleBook {
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
            tiers: tiers(sections, &mut faults),
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

fn tiers<T: DeserializeOwned>(sections: &Map<String, Json>, faults: &mut Vec<Fault>) -> Vec<T> {
    match sections.get("tiers") {
        None => Vec::new(),
        Some(Json::Array(entries)) => {
            entries.iter().enumerate().filter_map(|(at, json)| entry(json, &below("/tiers", at), faults)).collect()
        }
        Some(_) => {
            faults.push(Fault::error("/tiers", "type", "is not a list, lowest tier first"));
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
    faults.push(Fault::error(place, "shape", failed.inner().to_string()));
    None
}
