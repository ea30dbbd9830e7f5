//! Reading a text, whatever it is written in.

use kernel::Fault;
use serde_json::Value;

use crate::{Marks, Place, json, yaml};

/// What a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON (RFC 8259), in which no object has a name twice.
    Json,
    /// YAML 1.2, of which this is taken: maps with scalar keys, lists, texts, numbers in decimals, `true`, `false`,
    /// `null`, anchors and aliases. One document.
    Yaml,
}

/// How much a text may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes.
    pub bytes: usize,
    /// How deep maps and lists may stand in each other.
    pub depth: usize,
    /// Values in all, what aliases stand for counted each time.
    pub values: usize,
    /// Bytes of a name in a map.
    pub name: usize,
}

/// A text as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// What it holds.
    pub value: Value,
    /// Where each value stands.
    pub marks: Marks,
    /// What is not taken although the rest could be read, such as a name that is there twice.
    pub faults: Vec<Fault>,
}

/// Reads a text.
///
/// # Errors
/// The fault at which reading stopped, with its line and column.
pub fn read(bytes: &[u8], format: Format, bounds: &Bounds) -> Result<Text, Fault> {
    if bytes.len() > bounds.bytes {
        let words = format!("has {} bytes; at most {} are read", bytes.len(), bounds.bytes);
        return Err(at(Place::START, "too_large", words));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).map(String::from_utf8_lossy).unwrap_or_default();
        at(end_of(&valid), "encoding", "is not UTF-8")
    })?;
    match format {
        Format::Json => json::read(text, bounds),
        Format::Yaml => yaml::read(text, bounds),
    }
}

/// A fault of the text as a whole, at a place.
pub(crate) fn at(place: Place, code: &str, detail: impl Into<String>) -> Fault {
    Fault::at("", code, detail).in_text(place.line, place.column)
}

pub(crate) fn too_deep(place: Place, bounds: &Bounds) -> Fault {
    at(place, "too_deep", format!("is nested more than {} levels deep", bounds.depth))
}

pub(crate) fn too_many(place: Place, bounds: &Bounds) -> Fault {
    at(place, "too_large", format!("holds more than {} values, aliases counted", bounds.values))
}

pub(crate) fn long_name(place: Place, bounds: &Bounds) -> Fault {
    at(place, "too_long", format!("has a name of more than {} bytes", bounds.name))
}

/// The place after a text.
fn end_of(text: &str) -> Place {
    text.chars().fold(Place::START, after)
}

/// The place after a character at a place.
pub(crate) fn after(place: Place, character: char) -> Place {
    if character == '\n' {
        Place { line: place.line.saturating_add(1), column: 1 }
    } else {
        Place { column: place.column.saturating_add(1), ..place }
    }
}
