//! A value as its type.

use std::fmt::Display;

use kernel::Fault;
use serde::{Deserialize, Deserializer};
use serde_path_to_error::Segment;

use crate::child;

/// A value as its type: what a schema cannot say is told here, such as that there is no such country.
///
/// # Errors
/// The first fault, with its place.
pub fn typed<'de, T: Deserialize<'de>, D: Deserializer<'de, Error: Display>>(value: D) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = error.path().iter().fold(String::new(), |pointer, segment| match segment {
            Segment::Seq { index } => format!("{pointer}/{index}"),
            Segment::Map { key } => child(&pointer, key),
            Segment::Enum { .. } | Segment::Unknown => pointer,
        });
        Fault::at(&pointer, "not_valid", error.into_inner().to_string())
    })
}
