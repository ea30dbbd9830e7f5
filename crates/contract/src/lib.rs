//! What comes in from outside as text: read as JSON or YAML, each value with its place, and checked against a
//! published schema. All faults at once, in words for people.
//!
//! Nothing here knows HTTP: `api` checks bodies and parameters with it, `programs` and `training` their documents. What
//! every kind of document needs is here: its [`Report`], the [`digest`] of a version, and the [`Latest`] that were compiled.

mod check;
pub mod json;
mod marks;
mod number;
mod report;
mod text;
mod typed;
mod version;
mod words;
mod yaml;

pub use check::Check;
pub use marks::{Marks, Place};
pub use report::{Kind, Report, Stage};
pub use text::{Bounds, Format, Text, read};
pub use typed::typed;
pub use version::{Latest, digest};
pub use words::{child, nearest};
