//! JSON. Its values are read by the library; where they stand is found by walking the text once more.

mod scan;
mod unique;

use kernel::Fault;
use serde_json::Value;

use crate::{
    Bounds, Place, Text,
    text::{at, too_deep},
};

pub use unique::from_slice;

/// Reads a text with the places of its values.
pub(crate) fn read(text: &str, bounds: &Bounds) -> Result<Text, Fault> {
    let value = from_slice(text.as_bytes()).map_err(|error| at(place_of(text, &error), "syntax", words(&error)))?;
    if depth(&value) > bounds.depth {
        return Err(too_deep(Place::START, bounds));
    }
    let (marks, faults) = scan::scan(text, bounds)?;
    Ok(Text { value, marks, faults })
}

/// What is wrong, without the place.
pub fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// How deep objects and arrays stand in each other.
pub fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// The library counts bytes in a line, from 0 at its end; people count characters.
fn place_of(text: &str, error: &serde_json::Error) -> Place {
    let line = u32::try_from(error.line()).unwrap_or(u32::MAX).max(1);
    let upto = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let characters = upto.char_indices().take_while(|(at, _)| *at < error.column()).count();
    Place { line, column: u32::try_from(characters).unwrap_or(u32::MAX).max(1) }
}
