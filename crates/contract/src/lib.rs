//! What comes in from outside as text: read as JSON or YAML, each value with its place, and checked against a
//! published schema. All faults at once, in words for people.
//!
//! Nothing here knows HTTP: `api` checks bodies and parameters with it, `programs` its documents.

mod check;
pub mod json;
mod marks;
mod number;
mod text;
mod words;
mod yaml;

pub use check::Check;
pub use marks::{Marks, Place};
pub use text::{Bounds, Format, Text, read};
pub use words::{child, nearest};
